//! Refunds of a milestone: the client asks and the talent agrees, or says nothing; or the talent gives the money back.

use super::{
    Contract, EscrowEvent, MILESTONE_TRANSITIONS, Milestone, MilestoneEvent, MilestoneRefundRequested,
    MilestoneStatus, RefundRequestWithdrawn,
};
use crate::command::CommandKind;
use crate::context::{Context, Role};
use crate::event::Event;
use crate::id::{ContractId, MilestoneId};
use crate::personal::Personal;
use crate::refund;
use crate::refusal::{Code, Refusal};
use crate::stream::States;
use crate::text::Prose;
use crate::timer::{TimerKind, guard};
use crate::transition::consult;
use serde::Serialize;

/// Asks for a milestone's money back.
#[derive(Clone, Debug, Serialize)]
pub struct RequestRefund {
    /// The contract.
    pub contract_id: ContractId,
    /// The milestone.
    pub milestone_id: MilestoneId,
    /// Why; the talent reads it.
    pub reasons: Prose,
}

/// Agrees to a refund that the client asked for.
#[derive(Clone, Debug, Serialize)]
pub struct AgreeRefund {
    /// The contract.
    pub contract_id: ContractId,
    /// The milestone.
    pub milestone_id: MilestoneId,
}

/// Agrees to a refund that the talent says nothing to, when its timer is due.
#[derive(Clone, Debug, Serialize)]
pub struct AutoAgreeRefund {
    /// The contract.
    pub contract_id: ContractId,
    /// The milestone.
    pub milestone_id: MilestoneId,
    /// The revision that set the timer.
    pub epoch: u64,
}

/// Takes a refund request back.
#[derive(Clone, Debug, Serialize)]
pub struct WithdrawRefundRequest {
    /// The contract.
    pub contract_id: ContractId,
    /// The milestone.
    pub milestone_id: MilestoneId,
}

/// Gives a milestone's money back, unasked.
#[derive(Clone, Debug, Serialize)]
pub struct RefundMilestone {
    /// The contract.
    pub contract_id: ContractId,
    /// The milestone.
    pub milestone_id: MilestoneId,
}

pub(crate) fn request(command: &RequestRefund, states: &States, cx: &Context) -> Result<Vec<Event>, Refusal> {
    let (contract, milestone, role) = named(states, command.contract_id, command.milestone_id, cx)?;
    let (kind, to) = (CommandKind::RequestRefund, MilestoneStatus::RefundRequested);
    consult(MILESTONE_TRANSITIONS, Some(milestone.status()), kind, role, to)?;
    Ok(vec![asked(contract, milestone, Some(&command.reasons), cx)])
}

/// The fact that a milestone's money is asked back, by the client in words or by an agreed end.
pub(crate) fn asked(
    contract: &Contract,
    milestone: &Milestone,
    reasons: Option<&Prose>,
    cx: &Context,
) -> Event {
    Event::Milestone(MilestoneEvent::RefundRequested(MilestoneRefundRequested {
        contract_id: contract.id,
        milestone_id: milestone.id,
        reasons: reasons.cloned().map(Personal::Clear),
        answer_by: cx.now.plus_days(contract.windows.refund_answer_days),
    }))
}

pub(crate) fn agree(command: &AgreeRefund, states: &States, cx: &Context) -> Result<Vec<Event>, Refusal> {
    let (contract, milestone, role) = named(states, command.contract_id, command.milestone_id, cx)?;
    refunded(contract, milestone, states, (CommandKind::AgreeRefund, role), cx)
}

pub(crate) fn auto(command: &AutoAgreeRefund, states: &States, cx: &Context) -> Result<Vec<Event>, Refusal> {
    let contract = states.contract(command.contract_id)?;
    let kind = TimerKind::AutoAgreeRefund(command.milestone_id);
    guard(&contract.timers(), kind, command.epoch, cx.now)?;
    let milestone = contract.milestone(command.milestone_id)?;
    refunded(contract, milestone, states, (CommandKind::AutoAgreeRefund, Role::System), cx)
}

pub(crate) fn withdraw(
    command: &WithdrawRefundRequest,
    states: &States,
    cx: &Context,
) -> Result<Vec<Event>, Refusal> {
    let (contract, milestone, role) = named(states, command.contract_id, command.milestone_id, cx)?;
    let prior =
        milestone.prior().ok_or_else(|| Refusal::new(Code::WrongState, "nobody asked for a refund"))?;
    if contract.is_end_agreed() {
        return Err(Refusal::new(Code::WrongState, "the end is agreed, and this refund is part of it"));
    }
    let kind = CommandKind::WithdrawRefundRequest;
    consult(MILESTONE_TRANSITIONS, Some(milestone.status()), kind, role, prior)?;
    Ok(vec![Event::Milestone(MilestoneEvent::RefundRequestWithdrawn(RefundRequestWithdrawn {
        contract_id: contract.id,
        milestone_id: milestone.id,
    }))])
}

pub(crate) fn give_back(
    command: &RefundMilestone,
    states: &States,
    cx: &Context,
) -> Result<Vec<Event>, Refusal> {
    let (contract, milestone, role) = named(states, command.contract_id, command.milestone_id, cx)?;
    refunded(contract, milestone, states, (CommandKind::RefundMilestone, role), cx)
}

/// The contract and milestone that a party names, and the role it acts with.
pub(crate) fn named<'a>(
    states: &'a States,
    contract: ContractId,
    milestone: MilestoneId,
    cx: &Context,
) -> Result<(&'a Contract, &'a Milestone, Role), Refusal> {
    let contract = states.contract(contract)?;
    let side = contract.side(&cx.actor)?;
    let milestone = contract.milestone(milestone).map_err(|refusal| refusal.at("milestoneId"))?;
    Ok((contract, milestone, side.role()))
}

/// All that a milestone holds goes back to where it came from, unless it is frozen.
pub(super) fn refunded(
    contract: &Contract,
    milestone: &Milestone,
    states: &States,
    by: (CommandKind, Role),
    cx: &Context,
) -> Result<Vec<Event>, Refusal> {
    milestone.not_frozen()?;
    sent_back(contract, milestone, states, by, cx)
}

/// All that a milestone holds goes back to where it came from.
pub(super) fn sent_back(
    contract: &Contract,
    milestone: &Milestone,
    states: &States,
    (kind, role): (CommandKind, Role),
    cx: &Context,
) -> Result<Vec<Event>, Refusal> {
    consult(MILESTONE_TRANSITIONS, Some(milestone.status()), kind, role, MilestoneStatus::Refunded)?;
    let fact = contract.refunded(milestone.id, cx.fresh(), cx.fresh())?;
    let deposit = states.deposit(fact.deposit_id)?;
    let total = fact.amount.with_minor(fact.amount.minor() + fact.charge)?;
    let sent = refund::requested(fact.refund_id, (deposit, deposit.matched_payment()?), total, (kind, role))?;
    Ok(vec![Event::Escrow(EscrowEvent::Refunded(fact)), sent])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::State;
    use crate::ledger::AccountCode;
    use crate::scenario::{
        CLIENT, CONTRACT, PROVIDER, STRANGER, SYSTEM, TALENT, confirm_refund, contract_events, fail_refund,
        funded_contract, given, milestone, now, refund_started, request_refund, submit_work, usd, work,
    };

    const AGREE: AgreeRefund = AgreeRefund { contract_id: CONTRACT, milestone_id: milestone(1) };

    fn asked_for() -> Vec<Event> {
        let mut events = funded_contract(usd(250_000));
        let asked = given(events.clone()).when(CLIENT, request_refund()).events().to_vec();
        events.extend(asked);
        events
    }

    #[test]
    fn an_agreed_refund_takes_escrow_and_charge_back_to_the_client() {
        let outcome = given(asked_for()).when(TALENT, AGREE);
        outcome.state(|state| match state {
            State::Contract(contract) => {
                assert_eq!(contract.milestones[0].status(), MilestoneStatus::Refunded);
                assert_eq!((contract.milestones[0].escrow, contract.milestones[0].fee_held), (0, 0));
            }
            State::Account(account) => assert_eq!(account.balance(AccountCode::RefundInTransit), 287_500),
            _ => {}
        });
        given(asked_for()).and(outcome.events().to_vec()).when(TALENT, AGREE).refused(Code::WrongState);
    }

    #[test]
    fn silence_agrees_to_a_refund() {
        let epoch = contract_events(&asked_for());
        let auto = AutoAgreeRefund { contract_id: CONTRACT, milestone_id: milestone(1), epoch };
        given(asked_for()).when(SYSTEM, auto.clone()).refused(Code::TimerNotDue);
        let over = given(asked_for()).at(now().plus_days(7)).when(SYSTEM, auto);
        assert!(matches!(over.events(), [Event::Escrow(EscrowEvent::Refunded(_)), Event::Refund(_)]));
    }

    #[test]
    fn a_request_that_is_withdrawn_leaves_the_milestone_as_it_was() {
        let withdraw = WithdrawRefundRequest { contract_id: CONTRACT, milestone_id: milestone(1) };
        let outcome = given(asked_for()).when(CLIENT, withdraw);
        outcome.no_timer(TimerKind::AutoAgreeRefund(milestone(1)));
        let after = given(asked_for()).and(outcome.events().to_vec());
        after.when(TALENT, submit_work(milestone(1))).state(|_| {});
    }

    #[test]
    fn only_the_right_side_asks_agrees_and_gives_back() {
        let give_back = RefundMilestone { contract_id: CONTRACT, milestone_id: milestone(1) };
        given(asked_for()).when(CLIENT, AGREE).refused(Code::Forbidden);
        given(asked_for()).when(STRANGER, request_refund()).refused(Code::NotFound);
        given(funded_contract(usd(1))).when(TALENT, request_refund()).refused(Code::Forbidden);
        given(funded_contract(usd(1))).when(CLIENT, give_back).refused(Code::Forbidden);
    }

    #[test]
    fn a_talent_gives_back_what_was_submitted_and_a_client_does_not_ask_for_it() {
        let mut submitted = funded_contract(usd(250_000));
        submitted.push(work());
        given(submitted.clone()).when(CLIENT, request_refund()).refused(Code::WrongState);
        let give_back = RefundMilestone { contract_id: CONTRACT, milestone_id: milestone(1) };
        let outcome = given(submitted).when(TALENT, give_back);
        outcome.no_timer(TimerKind::AutoApproveMilestone(milestone(1)));
    }

    #[test]
    fn a_refund_is_sent_once_and_what_comes_back_is_the_clients_wallet() {
        let mut events = asked_for();
        events.extend(given(asked_for()).when(TALENT, AGREE).events().to_vec());
        let refund_id = events.iter().find_map(|event| match event {
            Event::Refund(event) => Some(event.refund_id()),
            _ => None,
        });
        let refund_id = refund_id.unwrap();
        events.extend(refund_started(&events, refund_id));
        let sent = given(events.clone()).when(PROVIDER, confirm_refund(refund_id)).events().to_vec();
        let after = || given(events.clone()).and(sent.clone());
        after().when(PROVIDER, confirm_refund(refund_id)).refused(Code::AlreadyRecorded);
        for history in [given(events.clone()), after()] {
            history.when(PROVIDER, fail_refund(refund_id)).state(|state| {
                if let State::Account(account) = state {
                    assert_eq!(account.balance(AccountCode::RefundInTransit), 0);
                    assert_eq!(account.balance(AccountCode::ClientWallet), 287_500);
                }
            });
        }
    }
}
