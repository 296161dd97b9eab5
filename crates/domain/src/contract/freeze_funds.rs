//! FreezeFunds and UnfreezeFunds: while compliance has frozen a milestone's money, nothing of it moves and its clocks
//! stand still. What was due in the meantime happens when it is unfrozen.

use super::approve_milestone::released;
use super::refund_milestone::sent_back;
use super::{
    Contract, FundsFrozen, FundsUnfrozen, MILESTONE_TRANSITIONS, Milestone, MilestoneEvent, MilestoneStatus,
};
use crate::command::CommandKind;
use crate::context::{Context, Role};
use crate::event::Event;
use crate::id::{ContractId, MilestoneId};
use crate::personal::Personal;
use crate::refusal::{Code, Refusal};
use crate::stream::States;
use crate::text::Prose;
use crate::transition::consult;
use serde::Serialize;

/// Freezes the money that a milestone holds.
#[derive(Clone, Debug, Serialize)]
pub struct FreezeFunds {
    /// The contract.
    pub contract_id: ContractId,
    /// The milestone.
    pub milestone_id: MilestoneId,
    /// Why.
    pub reason: Prose,
}

/// Has the money that a milestone holds move again.
#[derive(Clone, Debug, Serialize)]
pub struct UnfreezeFunds {
    /// The contract.
    pub contract_id: ContractId,
    /// The milestone.
    pub milestone_id: MilestoneId,
}

pub(crate) fn freeze(command: &FreezeFunds, states: &States, cx: &Context) -> Result<Vec<Event>, Refusal> {
    let (contract, milestone) = overseen(states, (command.contract_id, command.milestone_id), cx)?;
    let stands = milestone.status();
    let (kind, role) = (CommandKind::FreezeFunds, Role::Compliance);
    consult(MILESTONE_TRANSITIONS, Some(stands), kind, role, stands)?;
    if milestone.is_frozen() {
        return Err(Refusal::new(Code::AlreadyRecorded, "the milestone's money is frozen already"));
    }
    Ok(vec![frozen(contract, milestone, &command.reason)])
}

/// The fact that a milestone's money is frozen.
pub(super) fn frozen(contract: &Contract, milestone: &Milestone, reason: &Prose) -> Event {
    Event::Milestone(MilestoneEvent::FundsFrozen(FundsFrozen {
        contract_id: contract.id,
        milestone_id: milestone.id,
        reason: Personal::Clear(reason.clone()),
    }))
}

pub(crate) fn unfreeze(
    command: &UnfreezeFunds,
    states: &States,
    cx: &Context,
) -> Result<Vec<Event>, Refusal> {
    let (contract, milestone) = overseen(states, (command.contract_id, command.milestone_id), cx)?;
    if !milestone.is_frozen() {
        return Err(Refusal::new(Code::WrongState, "the milestone's money is not frozen"));
    }
    let stands = milestone.status();
    let (kind, role) = (CommandKind::UnfreezeFunds, Role::Compliance);
    let mut events = vec![Event::Milestone(MilestoneEvent::FundsUnfrozen(FundsUnfrozen {
        contract_id: contract.id,
        milestone_id: milestone.id,
        ends_at: milestone.resumed(&contract.windows, cx.now),
    }))];
    if stands == MilestoneStatus::Approved {
        consult(MILESTONE_TRANSITIONS, Some(stands), kind, role, MilestoneStatus::Released)?;
        events.push(released(contract, milestone, milestone.rest(), cx)?);
    } else if stands == MilestoneStatus::Funded && contract.is_end_agreed() {
        events.extend(sent_back(contract, milestone, states, (kind, role), cx)?);
    } else {
        consult(MILESTONE_TRANSITIONS, Some(stands), kind, role, stands)?;
    }
    Ok(events)
}

/// A milestone for somebody of the house who is no party to its contract.
fn overseen<'a>(
    states: &'a States,
    (contract, milestone): (ContractId, MilestoneId),
    cx: &Context,
) -> Result<(&'a Contract, &'a Milestone), Refusal> {
    let contract = states.contract(contract)?;
    contract.is_foreign_to(&cx.actor)?;
    let milestone = contract.milestone(milestone).map_err(|refusal| refusal.at("milestoneId"))?;
    Ok((contract, milestone))
}

#[cfg(test)]
mod tests {
    use crate::contract::{
        AgreeEnd, AgreeRefund, ApproveMilestone, AutoApproveMilestone, ContractStatus, MilestoneStatus,
        RefundMilestone, RequestEnd,
    };
    use crate::ledger::AccountCode;
    use crate::refusal::Code;
    use crate::scenario::working::{FREEZE, UNFREEZE};
    use crate::scenario::{
        CLIENT, COMPLIANCE, CONTRACT, Given, SYSTEM, TALENT, approve, contract, funded_contract, given,
        milestone, now, request_refund, submit_work, usd, work,
    };
    use crate::timer::TimerKind;
    use crate::{Command, Role};

    const TALENT_AS_COMPLIANCE: crate::scenario::Who =
        crate::scenario::Who::Person(2, &[Role::Talent, Role::Compliance]);
    const REVIEW: TimerKind = TimerKind::AutoApproveMilestone(milestone(1));

    fn submitted() -> Given {
        given(funded_contract(usd(250_000))).and([work()])
    }

    #[test]
    fn compliance_freezes_what_is_held_once_and_nobody_their_own() {
        let frozen = submitted().then(COMPLIANCE, FREEZE());
        frozen.clone().when(COMPLIANCE, FREEZE()).refused(Code::AlreadyRecorded);
        submitted().when(COMPLIANCE, UNFREEZE).refused(Code::WrongState);
        submitted().when(CLIENT, FREEZE()).refused(Code::Forbidden);
        submitted().when(TALENT_AS_COMPLIANCE, FREEZE()).refused(Code::WrongSide);
        frozen.when(TALENT_AS_COMPLIANCE, UNFREEZE).refused(Code::WrongSide);
        given(contract(&[usd(1)])).when(COMPLIANCE, FREEZE()).refused(Code::WrongState);
    }

    #[test]
    fn nothing_goes_back_while_it_is_frozen() {
        let agree = AgreeRefund { contract_id: CONTRACT, milestone_id: milestone(1) };
        let give_back = RefundMilestone { contract_id: CONTRACT, milestone_id: milestone(1) };
        let asked = given(funded_contract(usd(250_000))).then(CLIENT, request_refund());
        asked.then(COMPLIANCE, FREEZE()).when(TALENT, agree).refused(Code::FundsFrozen);
        submitted().then(COMPLIANCE, FREEZE()).when(TALENT, give_back).refused(Code::FundsFrozen);
    }

    #[test]
    fn an_approval_rests_while_the_money_is_frozen_and_releases_it_once_it_is_not() {
        let rests = submitted().then(COMPLIANCE, FREEZE()).then(CLIENT, approve(milestone(1)));
        assert_eq!((rests.status(1), rests.held(1).0), (MilestoneStatus::Approved, 250_000));
        rests.clone().when(CLIENT, approve(milestone(1))).refused(Code::WrongState);
        let released = rests.then(COMPLIANCE, UNFREEZE);
        assert_eq!((released.status(1), released.held(1)), (MilestoneStatus::Released, (0, 0)));
        assert_eq!(released.balance(TALENT, AccountCode::TalentOnHold), 220_000);
        released.when(COMPLIANCE, UNFREEZE).refused(Code::WrongState);
    }

    #[test]
    fn a_review_stands_still_while_the_money_is_frozen_and_goes_on_afterwards() {
        let frozen = submitted().at(now().plus_days(4)).then(COMPLIANCE, FREEZE());
        let epoch = submitted().epoch(REVIEW);
        let auto = AutoApproveMilestone { contract_id: CONTRACT, milestone_id: milestone(1), epoch };
        frozen.clone().at(now().plus_days(14)).when(SYSTEM, auto).refused(Code::TimerStale);
        let thaws = frozen.at(now().plus_days(24)).when(COMPLIANCE, UNFREEZE);
        thaws.timer(REVIEW, now().plus_days(34));
    }

    #[test]
    fn a_review_that_begins_while_the_money_is_frozen_runs_in_full_afterwards() {
        let frozen = given(funded_contract(usd(250_000))).then(COMPLIANCE, FREEZE());
        let begun = frozen.at(now().plus_days(3)).then(TALENT, submit_work(milestone(1)));
        let thaws = begun.at(now().plus_days(5)).when(COMPLIANCE, UNFREEZE);
        thaws.timer(REVIEW, now().plus_days(19));
    }

    #[test]
    fn a_second_freeze_adds_its_own_days_only() {
        let once = submitted().then(COMPLIANCE, FREEZE()).at(now().plus_days(2)).then(COMPLIANCE, UNFREEZE);
        let twice = once.at(now().plus_days(5)).then(COMPLIANCE, FREEZE());
        twice.at(now().plus_days(6)).when(COMPLIANCE, UNFREEZE).timer(REVIEW, now().plus_days(17));
    }

    #[test]
    fn an_agreed_end_waits_for_what_is_frozen_and_sends_it_back_then() {
        let steps: [(_, Command); 3] = [
            (COMPLIANCE, FREEZE().into()),
            (TALENT, RequestEnd { contract_id: CONTRACT }.into()),
            (CLIENT, AgreeEnd { contract_id: CONTRACT }.into()),
        ];
        let start = given(funded_contract(usd(250_000)));
        let waits = steps.into_iter().fold(start, |given, (who, step)| given.then(who, step));
        assert_eq!((waits.status(1), waits.contract().timers()), (MilestoneStatus::Funded, vec![]));
        let back = waits.then(COMPLIANCE, UNFREEZE);
        assert_eq!((back.status(1), back.held(1)), (MilestoneStatus::Refunded, (0, 0)));
        assert_eq!(back.balance(CLIENT, AccountCode::RefundInTransit), 287_500);
        assert_eq!(back.contract().status(), ContractStatus::Ending);
        back.epoch(TimerKind::SettleEnd);
    }

    #[test]
    fn each_approval_releases_once_however_often_the_money_is_frozen() {
        let approved = submitted().then(CLIENT, approve(milestone(1)));
        approved.clone().when(COMPLIANCE, FREEZE()).refused(Code::WrongState);
        let again = ApproveMilestone { contract_id: CONTRACT, milestone_id: milestone(1) };
        approved.when(CLIENT, again).refused(Code::WrongState);
    }
}
