//! ApproveMilestone: the client approves work, or the review window does. Approval, release, fee, tax and the lot of earnings are one append.

use super::{
    Contract, EscrowEvent, MILESTONE_TRANSITIONS, Milestone, MilestoneApproved, MilestoneEvent,
    MilestoneStatus,
};
use crate::command::CommandKind;
use crate::context::{Context, Role};
use crate::event::Event;
use crate::id::{ContractId, MilestoneId};
use crate::refusal::Refusal;
use crate::sabotage::{Sabotage, is_planted};
use crate::stream::States;
use crate::timer::{TimerKind, guard};
use crate::transition::consult;
use serde::Serialize;

/// Approves the work that waits for review.
#[derive(Clone, Debug, Serialize)]
pub struct ApproveMilestone {
    /// The contract.
    pub contract_id: ContractId,
    /// The milestone.
    pub milestone_id: MilestoneId,
}

/// Approves work that nobody reviewed in time, when its timer is due.
#[derive(Clone, Debug, Serialize)]
pub struct AutoApproveMilestone {
    /// The contract.
    pub contract_id: ContractId,
    /// The milestone.
    pub milestone_id: MilestoneId,
    /// The revision that set the timer.
    pub epoch: u64,
}

pub(crate) fn decide(
    command: &ApproveMilestone,
    states: &States,
    cx: &Context,
) -> Result<Vec<Event>, Refusal> {
    let contract = states.contract(command.contract_id)?;
    let side = contract.side(&cx.actor)?;
    let milestone = contract.milestone(command.milestone_id).map_err(|refusal| refusal.at("milestoneId"))?;
    approve(contract, milestone, (CommandKind::ApproveMilestone, side.role()), cx)
}

pub(crate) fn auto(
    command: &AutoApproveMilestone,
    states: &States,
    cx: &Context,
) -> Result<Vec<Event>, Refusal> {
    let contract = states.contract(command.contract_id)?;
    let kind = TimerKind::AutoApproveMilestone(command.milestone_id);
    guard(&contract.timers(), kind, command.epoch, cx.now)?;
    let milestone = contract.milestone(command.milestone_id)?;
    approve(contract, milestone, (CommandKind::AutoApproveMilestone, Role::System), cx)
}

fn approve(
    contract: &Contract,
    milestone: &Milestone,
    (kind, role): (CommandKind, Role),
    cx: &Context,
) -> Result<Vec<Event>, Refusal> {
    let frozen = milestone.is_frozen() && !is_planted(Sabotage::ReleaseWhileFrozen);
    let to = if frozen { MilestoneStatus::Approved } else { MilestoneStatus::Released };
    consult(MILESTONE_TRANSITIONS, Some(milestone.status()), kind, role, to)?;
    let work_id = milestone.reviewed()?;
    let mut events = vec![Event::Milestone(MilestoneEvent::Approved(MilestoneApproved {
        contract_id: contract.id,
        milestone_id: milestone.id,
        work_id,
    }))];
    if !frozen {
        events.push(released(contract, milestone, milestone.rest(), cx)?);
    }
    if is_planted(Sabotage::DoubleRelease) {
        events.push(released(contract, milestone, milestone.rest(), cx)?);
    }
    Ok(events)
}

/// The fact that `gross` minor units of a milestone's escrow are released now.
pub(super) fn released(
    contract: &Contract,
    milestone: &Milestone,
    gross: i64,
    cx: &Context,
) -> Result<Event, Refusal> {
    let released = contract.released(milestone.id, gross, (cx.fresh(), cx.fresh()), cx.now)?;
    Ok(Event::Escrow(EscrowEvent::Released(released)))
}

#[cfg(test)]
mod tests {
    use crate::contract::{AutoApproveMilestone, EscrowEvent, MilestoneStatus};
    use crate::ledger::{AccountCode, LedgerAccount};
    use crate::refusal::Code;
    use crate::scenario::{
        BOTH, CLIENT, CLIENT_AS_TALENT, CONTRACT, STRANGER, SYSTEM, TALENT, approve, changes_requested,
        contract_events, funded_contract, given, milestone, now, usd, work,
    };
    use crate::timer::TimerKind;
    use crate::{Event, State};

    fn reviewable() -> Vec<Event> {
        let mut events = funded_contract(usd(250_000));
        events.push(work());
        events
    }

    #[test]
    fn approval_and_release_are_one_append() {
        let outcome = given(reviewable()).when(CLIENT, approve(milestone(1)));
        let [Event::Milestone(_), Event::Escrow(EscrowEvent::Released(released))] = outcome.events() else {
            panic!("approval and release")
        };
        assert_eq!((released.slice.talent_fee, released.slice.talent_tax), (25_000, 5_000));
        assert_eq!((released.slice.client_fee, released.slice.client_tax), (37_500, 0));
        assert_eq!(released.slice.net(), 220_000);
        outcome.timer(TimerKind::ClearEarnings(released.lot_id), now().plus_days(5));
    }

    #[test]
    fn after_release_nothing_is_left_in_escrow_and_the_talent_has_the_net_on_hold() {
        given(reviewable()).when(CLIENT, approve(milestone(1))).state(|state| match state {
            State::Contract(contract) => {
                assert_eq!(contract.milestones[0].status(), MilestoneStatus::Released);
                assert_eq!(contract.held(LedgerAccount::Escrow(CONTRACT, milestone(1))), 0);
                assert_eq!(contract.held(LedgerAccount::ClientFeeHeld(CONTRACT, milestone(1))), 0);
                assert_eq!(contract.milestones[0].lots[0].on_hold, 220_000);
            }
            State::Account(account) => assert_eq!(account.balances[&AccountCode::TalentOnHold], 220_000),
            _ => {}
        });
    }

    #[test]
    fn talent_cannot_approve_own_milestone() {
        given(reviewable()).when(TALENT, approve(milestone(1))).refused(Code::Forbidden);
    }

    #[test]
    fn a_token_for_talents_does_not_approve_even_for_the_client_itself() {
        given(reviewable()).when(CLIENT_AS_TALENT, approve(milestone(1))).refused(Code::Forbidden);
    }

    #[test]
    fn a_client_elsewhere_sees_no_contract() {
        given(reviewable()).when(STRANGER, approve(milestone(1))).refused(Code::NotFound);
        given(reviewable()).when(BOTH, approve(milestone(1))).refused(Code::NotFound);
    }

    #[test]
    fn work_that_nobody_reviews_approves_itself_once_its_window_is_over() {
        let epoch = contract_events(&reviewable());
        let auto = AutoApproveMilestone { contract_id: CONTRACT, milestone_id: milestone(1), epoch };
        given(reviewable()).when(SYSTEM, auto.clone()).refused(Code::TimerNotDue);
        let over = || given(reviewable()).at(now().plus_days(14));
        let released = over().when(SYSTEM, auto.clone()).events().to_vec();
        assert!(matches!(released[..], [Event::Milestone(_), Event::Escrow(EscrowEvent::Released(_))]));
        over().and(released).when(SYSTEM, auto.clone()).refused(Code::TimerStale);
        over().and([changes_requested(), work()]).when(SYSTEM, auto).refused(Code::TimerStale);
    }

    #[test]
    fn an_approval_releases_once() {
        let done = given(reviewable()).when(CLIENT, approve(milestone(1))).events().to_vec();
        given(reviewable()).and(done).when(CLIENT, approve(milestone(1))).refused(Code::WrongState);
    }
}
