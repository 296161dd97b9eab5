//! The end of a contract: one side asks, the other agrees or says nothing; what is unfunded is cancelled, what is held
//! without work goes back, and when nothing is held any more the contract has ended.

use super::cancel_contract::cancelled;
use super::refund_milestone::{asked, refunded};
use super::{
    Contract, ContractEnded, ContractEvent, ContractStatus, EndAgreed, EndRequested, EndWithdrawn,
    MILESTONE_TRANSITIONS, Milestone, MilestoneStatus, TRANSITIONS,
};
use crate::command::CommandKind;
use crate::context::{Context, Role};
use crate::event::Event;
use crate::id::ContractId;
use crate::refusal::{Code, Refusal};
use crate::stream::States;
use crate::timer::{TimerKind, guard};
use crate::transition::consult;
use serde::Serialize;

/// Asks for the contract's end.
#[derive(Clone, Debug, Serialize)]
pub struct RequestEnd {
    /// The contract.
    pub contract_id: ContractId,
}

/// Takes the request back.
#[derive(Clone, Debug, Serialize)]
pub struct WithdrawEnd {
    /// The contract.
    pub contract_id: ContractId,
}

/// Agrees to the end that the other side asked for.
#[derive(Clone, Debug, Serialize)]
pub struct AgreeEnd {
    /// The contract.
    pub contract_id: ContractId,
}

/// Agrees to an end that the other side says nothing to, when its timer is due.
#[derive(Clone, Debug, Serialize)]
pub struct AutoAgreeEnd {
    /// The contract.
    pub contract_id: ContractId,
    /// The revision that set the timer.
    pub epoch: u64,
}

/// Ends a contract whose end is agreed and that holds nothing any more.
#[derive(Clone, Debug, Serialize)]
pub struct SettleEnd {
    /// The contract.
    pub contract_id: ContractId,
    /// The revision that set the timer.
    pub epoch: u64,
}

pub(crate) fn request(command: &RequestEnd, states: &States, cx: &Context) -> Result<Vec<Event>, Refusal> {
    let contract = states.contract(command.contract_id)?;
    let requester = contract.side(&cx.actor)?;
    moves(contract, (CommandKind::RequestEnd, requester.role()), ContractStatus::Ending)?;
    Ok(vec![Event::Contract(ContractEvent::EndRequested(EndRequested {
        contract_id: contract.id,
        requester,
        answer_by: cx.now.plus_days(contract.windows.end_answer_days),
    }))])
}

pub(crate) fn withdraw(command: &WithdrawEnd, states: &States, cx: &Context) -> Result<Vec<Event>, Refusal> {
    let contract = states.contract(command.contract_id)?;
    let side = contract.side(&cx.actor)?;
    moves(contract, (CommandKind::WithdrawEnd, side.role()), contract.resumable())?;
    match contract.end_requester() {
        Some(requester) if requester == side => {}
        Some(_) => {
            return Err(Refusal::new(Code::WrongSide, "the side that asked for the end takes it back"));
        }
        None => return Err(Refusal::new(Code::WrongState, "the end is agreed already")),
    }
    let withdrawn = EndWithdrawn { contract_id: contract.id };
    Ok(vec![Event::Contract(ContractEvent::EndWithdrawn(withdrawn))])
}

pub(crate) fn agree(command: &AgreeEnd, states: &States, cx: &Context) -> Result<Vec<Event>, Refusal> {
    let contract = states.contract(command.contract_id)?;
    let side = contract.side(&cx.actor)?;
    let by = (CommandKind::AgreeEnd, side.role());
    moves(contract, by, ContractStatus::Ending)?;
    match contract.end_requester() {
        Some(requester) if requester != side => agreed(contract, states, by, cx),
        Some(_) => Err(Refusal::new(Code::WrongSide, "the other side agrees to the end")),
        None => Err(Refusal::new(Code::WrongState, "the end is agreed already")),
    }
}

pub(crate) fn auto(command: &AutoAgreeEnd, states: &States, cx: &Context) -> Result<Vec<Event>, Refusal> {
    let contract = states.contract(command.contract_id)?;
    guard(&contract.timers(), TimerKind::AutoAgreeEnd, command.epoch, cx.now)?;
    let by = (CommandKind::AutoAgreeEnd, Role::System);
    moves(contract, by, ContractStatus::Ending)?;
    agreed(contract, states, by, cx)
}

pub(crate) fn settle(command: &SettleEnd, states: &States, cx: &Context) -> Result<Vec<Event>, Refusal> {
    let contract = states.contract(command.contract_id)?;
    guard(&contract.timers(), TimerKind::SettleEnd, command.epoch, cx.now)?;
    let terminated = contract.status() == ContractStatus::Terminating;
    let to = if terminated { ContractStatus::Terminated } else { ContractStatus::Ended };
    moves(contract, (CommandKind::SettleEnd, Role::System), to)?;
    Ok(vec![Event::Contract(ContractEvent::Ended(ContractEnded { contract_id: contract.id }))])
}

fn moves(contract: &Contract, (kind, role): (CommandKind, Role), to: ContractStatus) -> Result<(), Refusal> {
    consult(TRANSITIONS, Some(contract.status()), kind, role, to)
}

/// The end is agreed: what becomes of each milestone.
fn agreed(
    contract: &Contract,
    states: &States,
    by: (CommandKind, Role),
    cx: &Context,
) -> Result<Vec<Event>, Refusal> {
    let mut events = vec![Event::Contract(ContractEvent::EndAgreed(EndAgreed { contract_id: contract.id }))];
    for milestone in &contract.milestones {
        events.extend(wound_up(contract, milestone, states, by, cx)?);
    }
    Ok(events)
}

fn wound_up(
    contract: &Contract,
    milestone: &Milestone,
    states: &States,
    (kind, role): (CommandKind, Role),
    cx: &Context,
) -> Result<Vec<Event>, Refusal> {
    match milestone.status() {
        MilestoneStatus::Proposed | MilestoneStatus::Agreed | MilestoneStatus::Funding => {
            cancelled(contract, milestone, states, (kind, role))
        }
        // What is frozen goes back when it is unfrozen.
        MilestoneStatus::Funded if milestone.is_frozen() => Ok(Vec::new()),
        MilestoneStatus::Funded => refunded(contract, milestone, states, (kind, role), cx),
        MilestoneStatus::ChangesRequested => {
            let to = MilestoneStatus::RefundRequested;
            consult(MILESTONE_TRANSITIONS, Some(milestone.status()), kind, role, to)?;
            Ok(vec![asked(contract, milestone, None, cx)])
        }
        // What is under review or disputed keeps its clock, what is approved is released, and what is over stays so.
        MilestoneStatus::Submitted
        | MilestoneStatus::RefundRequested
        | MilestoneStatus::Disputed
        | MilestoneStatus::Approved
        | MilestoneStatus::Resolved
        | MilestoneStatus::Released
        | MilestoneStatus::Refunded
        | MilestoneStatus::Cancelled => Ok(Vec::new()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::State;
    use crate::scenario::{
        CLIENT, CONTRACT, SYSTEM, TALENT, approve, contract_events, funded_contract, given, milestone, now,
        usd, work,
    };

    const REQUEST: RequestEnd = RequestEnd { contract_id: CONTRACT };
    const AGREE: AgreeEnd = AgreeEnd { contract_id: CONTRACT };
    const WITHDRAW: WithdrawEnd = WithdrawEnd { contract_id: CONTRACT };

    fn after(mut events: Vec<Event>, steps: &[(crate::scenario::Who, crate::Command)]) -> Vec<Event> {
        for (who, command) in steps {
            let next = given(events.clone()).when(*who, command.clone()).events().to_vec();
            events.extend(next);
        }
        events
    }

    #[test]
    fn an_end_that_the_other_side_agrees_to_refunds_what_nobody_worked_on() {
        let events = after(funded_contract(usd(250_000)), &[(CLIENT, REQUEST.into())]);
        given(events.clone()).when(CLIENT, AGREE).refused(Code::WrongSide);
        given(events.clone()).when(TALENT, WITHDRAW).refused(Code::WrongSide);
        let events = after(events, &[(TALENT, AGREE.into())]);
        let contract =
            |events: &[Event]| given(events.to_vec()).into_states().contract(CONTRACT).unwrap().clone();
        assert_eq!(contract(&events).milestones[0].status(), MilestoneStatus::Refunded);
        assert_eq!(contract(&events).status(), ContractStatus::Ending);
        let [timer] = contract(&events).timers()[..] else { panic!("one timer") };
        let settle = SettleEnd { contract_id: CONTRACT, epoch: timer.epoch };
        let events = after(events, &[(SYSTEM, settle.clone().into())]);
        assert_eq!(contract(&events).status(), ContractStatus::Ended);
        assert_eq!(contract(&events).timers(), []);
        given(events).when(SYSTEM, settle).refused(Code::TimerStale);
    }

    #[test]
    fn work_under_review_keeps_its_clock_and_the_end_waits_for_it() {
        let mut events = funded_contract(usd(250_000));
        events.push(work());
        let events = after(events, &[(TALENT, REQUEST.into()), (CLIENT, AGREE.into())]);
        let outcome = given(events.clone()).when(CLIENT, approve(milestone(1)));
        outcome.timer(TimerKind::SettleEnd, now());
        let kinds: Vec<_> = given(events).into_states().contract(CONTRACT).unwrap().timers();
        let kinds: Vec<_> = kinds.into_iter().map(|timer| timer.kind).collect();
        assert_eq!(kinds, [TimerKind::AutoApproveMilestone(milestone(1))]);
    }

    #[test]
    fn what_goes_back_to_work_after_the_end_was_agreed_is_asked_back_at_once() {
        let mut events = funded_contract(usd(250_000));
        events.push(work());
        let events = after(events, &[(TALENT, REQUEST.into()), (CLIENT, AGREE.into())]);
        let outcome = given(events).when(CLIENT, crate::scenario::request_changes(milestone(1)));
        outcome.timer(TimerKind::AutoAgreeRefund(milestone(1)), now().plus_days(7));
    }

    #[test]
    fn silence_agrees_to_an_end_and_a_request_can_be_taken_back() {
        let events = after(funded_contract(usd(1)), &[(CLIENT, REQUEST.into())]);
        let auto = AutoAgreeEnd { contract_id: CONTRACT, epoch: contract_events(&events) };
        given(events.clone()).when(SYSTEM, auto.clone()).refused(Code::TimerNotDue);
        given(events.clone())
            .at(now().plus_days(7))
            .when(SYSTEM, auto.clone())
            .no_timer(TimerKind::AutoAgreeEnd);
        let withdrawn = after(events, &[(CLIENT, WITHDRAW.into())]);
        given(withdrawn.clone()).at(now().plus_days(7)).when(SYSTEM, auto).refused(Code::TimerStale);
        given(withdrawn).when(TALENT, REQUEST).state(|state| {
            if let State::Contract(contract) = state {
                assert_eq!(contract.status(), ContractStatus::Ending);
            }
        });
    }
}
