//! Whether an event of a deposit can have happened in this state.

use super::lawful::{agree, leads, milestone, moves};
use crate::command::CommandKind;
use crate::contract::MilestoneStatus;
use crate::deposit::{self, Deposit, DepositEvent, DepositStatus, Provider};
use crate::id::{ContractId, MilestoneId};
use crate::refusal::Refusal;
use crate::stream::States;
use crate::time::Timestamp;

pub(super) fn lawful_deposit(event: &DepositEvent, states: &States, at: Timestamp) -> Result<(), Refusal> {
    let DepositEvent::Requested(e) = event else {
        return lawful_outcome(event, states);
    };
    let (contract, milestone) = milestone(states, e.contract_id, e.milestone_id)?;
    agree(
        e.expires_at == at.plus_minutes(contract.windows.card_funding_minutes),
        "a deposit waits for the contract's window",
    )?;
    let from = states.deposit(e.deposit_id).ok().map(Deposit::status);
    let kind = CommandKind::FundMilestone;
    leads(deposit::TRANSITIONS, from, kind, DepositStatus::Requested)?;
    moves(milestone, kind, MilestoneStatus::Funding)
}

/// What became of a deposit that was requested before.
fn lawful_outcome(event: &DepositEvent, states: &States) -> Result<(), Refusal> {
    let deposit = states.deposit(event.deposit_id())?;
    let (kind, to) = match event {
        DepositEvent::Requested(_) => (CommandKind::FundMilestone, DepositStatus::Requested),
        DepositEvent::AttemptStarted(e) => {
            let ordered = (&e.rail, e.amount, &e.payment_method);
            agree(
                ordered == (&deposit.rail, deposit.amount, &deposit.payment_method),
                "what is ordered from the provider is the deposit",
            )?;
            (CommandKind::StartDepositAttempt, DepositStatus::Started)
        }
        DepositEvent::Acknowledged(e) => {
            agree(e.rail == deposit.rail, "a deposit has one rail")?;
            (CommandKind::AcknowledgeDeposit, DepositStatus::Acknowledged)
        }
        DepositEvent::Confirmed(e) => {
            agree(e.rail == deposit.rail, "a deposit has one rail")?;
            agree(deposit.is_covered_by(e.captured), "a deposit is confirmed by its whole amount")?;
            agree(!Provider::is_recorded(states, &e.rail, &e.provider_object), "a payment counts once")?;
            (CommandKind::ConfirmDeposit, DepositStatus::Confirmed)
        }
        DepositEvent::Failed(e) => {
            about(deposit, e.contract_id, e.milestone_id)?;
            (CommandKind::FailDeposit, DepositStatus::Failed)
        }
        DepositEvent::Refunded(e) => {
            let payment = deposit.payment(&e.provider_object);
            let all = payment.is_some_and(|p| p.unmatched > 0 && p.unmatched == e.amount.minor());
            agree(all, "what is unmatched of a payment goes back whole")?;
            (CommandKind::RefundDeposit, deposit.status())
        }
        DepositEvent::Unmatched(e) => {
            about(deposit, e.contract_id, e.milestone_id)?;
            agree(e.rail == deposit.rail, "a deposit has one rail")?;
            // What is left over beside a confirmed amount is of the same payment.
            let excess = deposit.status() == DepositStatus::Confirmed;
            agree(
                excess || !Provider::is_recorded(states, &e.rail, &e.provider_object),
                "a payment counts once",
            )?;
            let (_, milestone) = milestone(states, e.contract_id, e.milestone_id)?;
            agree(
                !deposit.is_awaited(milestone) || !deposit.is_covered_by(e.amount),
                "money that is awaited funds its milestone",
            )?;
            (CommandKind::ConfirmDeposit, deposit.status().after_unmatched())
        }
    };
    leads(deposit::TRANSITIONS, Some(deposit.status()), kind, to)
}

pub(super) fn about(deposit: &Deposit, contract: ContractId, milestone: MilestoneId) -> Result<(), Refusal> {
    agree(
        (deposit.contract_id, deposit.milestone_id) == (contract, milestone),
        "a deposit is for its own milestone",
    )
}
