//! Whether money of a milestone can have moved so in this state.

use super::deposits::about;
use super::lawful::{agree, milestone, moves, over};
use crate::command::CommandKind;
use crate::contract::{EscrowEvent, MilestoneStatus};
use crate::deposit::DepositStatus;
use crate::dispute::DisputeStatus;
use crate::id::{DisputeId, MilestoneId};
use crate::refusal::{Code, Refusal};
use crate::stream::States;
use crate::time::Timestamp;
use crate::timer::TimerKind;

pub(super) fn lawful_escrow(event: &EscrowEvent, states: &States, at: Timestamp) -> Result<(), Refusal> {
    match event {
        EscrowEvent::Funded(e) => {
            let deposit = states.deposit(e.deposit_id)?;
            about(deposit, e.contract_id, e.milestone_id)?;
            agree(
                deposit.status() == DepositStatus::Confirmed,
                "only a confirmed deposit funds a milestone",
            )?;
            let (_, milestone) = milestone(states, e.contract_id, e.milestone_id)?;
            agree(
                milestone.deposit() == Some(deposit.id),
                "a milestone is funded by the deposit that it waits for",
            )?;
            moves(milestone, CommandKind::ConfirmDeposit, MilestoneStatus::Funded)
        }
        EscrowEvent::Released(e) => {
            let (_, milestone) = milestone(states, e.contract_id, e.milestone_id)?;
            moves(milestone, CommandKind::ApproveMilestone, MilestoneStatus::Released)
        }
        EscrowEvent::Refunded(e) => {
            let (contract, milestone) = milestone(states, e.contract_id, e.milestone_id)?;
            let to = MilestoneStatus::Refunded;
            let by_end = contract.is_end_agreed() && moves(milestone, CommandKind::AgreeEnd, to).is_ok();
            if by_end {
                return Ok(());
            }
            moves(milestone, CommandKind::AgreeRefund, to)
                .or_else(|_| moves(milestone, CommandKind::RefundMilestone, to))
        }
        EscrowEvent::Frozen(e) => {
            let (_, milestone) = milestone(states, e.contract_id, e.milestone_id)?;
            disputed(states, e.dispute_id, e.milestone_id, DisputeStatus::Negotiation)?;
            moves(milestone, CommandKind::RejectRefund, MilestoneStatus::Disputed)
        }
        EscrowEvent::Unfrozen(e) => {
            let (_, milestone) = milestone(states, e.contract_id, e.milestone_id)?;
            disputed(states, e.dispute_id, e.milestone_id, DisputeStatus::Withdrawn)?;
            let to = milestone.prior().ok_or_else(|| Refusal::new(Code::WrongState, "nothing is frozen"))?;
            moves(milestone, CommandKind::WithdrawDispute, to)
        }
        EscrowEvent::EarningsCleared(e) => {
            let contract = states.contract(e.contract_id)?;
            let timer = TimerKind::ClearEarnings(e.lot_id);
            agree(over(&contract.timers(), timer, at), "earnings clear when their hold is over")
        }
    }
}

/// What freezes or thaws a milestone is its own dispute, which stands so.
fn disputed(
    states: &States,
    id: DisputeId,
    milestone: MilestoneId,
    stands: DisputeStatus,
) -> Result<(), Refusal> {
    let dispute = states.dispute(id)?;
    agree(
        dispute.milestone_id == milestone && dispute.status() == stands,
        "escrow freezes and thaws with the milestone's dispute",
    )
}
