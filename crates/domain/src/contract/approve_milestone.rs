//! ApproveMilestone: the client approves work. Approval, release, fee, tax and the lot of earnings are one append.

use super::{EscrowEvent, MILESTONE_TRANSITIONS, MilestoneApproved, MilestoneEvent, MilestoneStatus};
use crate::command::CommandKind;
use crate::context::Context;
use crate::event::Event;
use crate::id::{ContractId, MilestoneId};
use crate::refusal::{Code, Refusal};
use crate::stream::States;
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

pub(crate) fn decide(
    command: &ApproveMilestone,
    states: &States,
    cx: &Context,
) -> Result<Vec<Event>, Refusal> {
    let contract = states.contract(command.contract_id)?;
    let side = contract.side(&cx.actor)?;
    let milestone = contract.milestone(command.milestone_id).map_err(|refusal| refusal.at("milestoneId"))?;
    consult(
        MILESTONE_TRANSITIONS,
        Some(milestone.status()),
        CommandKind::ApproveMilestone,
        side.role(),
        MilestoneStatus::Released,
    )?;
    let work_id =
        milestone.work().ok_or_else(|| Refusal::new(Code::WrongState, "no work waits for review"))?;
    let rest = milestone.amount.minor() - milestone.charged.released;
    let released = contract.released(milestone.id, rest, (cx.fresh(), cx.fresh()), cx.now)?;
    Ok(vec![
        Event::Milestone(MilestoneEvent::Approved(MilestoneApproved {
            contract_id: contract.id,
            milestone_id: milestone.id,
            work_id,
        })),
        Event::Escrow(EscrowEvent::Released(released)),
    ])
}

#[cfg(test)]
mod tests {
    use crate::contract::{EscrowEvent, MilestoneStatus};
    use crate::ledger::{AccountCode, LedgerAccount};
    use crate::refusal::Code;
    use crate::scenario::{
        BOTH, CLIENT, CLIENT_AS_TALENT, CONTRACT, STRANGER, TALENT, approve, funded_contract, given,
        milestone, now, usd, work,
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
        outcome.timer(TimerKind::ClearEarnings, now().plus_days(5));
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
    fn an_approval_releases_once() {
        let done = given(reviewable()).when(CLIENT, approve(milestone(1))).events().to_vec();
        given(reviewable()).and(done).when(CLIENT, approve(milestone(1))).refused(Code::WrongState);
    }
}
