//! ExecuteAward: what was agreed or decided moves the money. The milestone is resolved, and the dispute closed.

use super::DisputeStatus;
use crate::command::CommandKind;
use crate::context::{Context, Role};
use crate::contract::{AwardApplied, EscrowEvent, MILESTONE_TRANSITIONS, MilestoneStatus};
use crate::event::Event;
use crate::id::{ContractId, MilestoneId};
use crate::refund;
use crate::refusal::{Code, Refusal};
use crate::stream::States;
use crate::timer::{TimerKind, guard};
use crate::transition::consult;
use serde::Serialize;

/// Divides a milestone's money as was agreed or decided, when its timer is due.
#[derive(Clone, Debug, Serialize)]
pub struct ExecuteAward {
    /// The contract.
    pub contract_id: ContractId,
    /// The milestone.
    pub milestone_id: MilestoneId,
    /// The contract's revision that set the timer.
    pub epoch: u64,
}

pub(crate) fn decide(command: &ExecuteAward, states: &States, cx: &Context) -> Result<Vec<Event>, Refusal> {
    let contract = states.contract(command.contract_id)?;
    let timer = TimerKind::ExecuteAward(command.milestone_id);
    guard(&contract.timers(), timer, command.epoch, cx.now)?;
    let (kind, role) = (CommandKind::ExecuteAward, Role::System);
    let milestone = contract.milestone(command.milestone_id)?;
    consult(MILESTONE_TRANSITIONS, Some(milestone.status()), kind, role, MilestoneStatus::Resolved)?;
    let undisputed = || Refusal::new(Code::WrongState, "no dispute has frozen its money");
    let dispute = states.dispute(milestone.dispute().ok_or_else(undisputed)?)?;
    dispute.can((kind, role), DisputeStatus::Closed)?;
    let shares = dispute.shares.ok_or_else(undisputed)?;
    let ids = (cx.fresh(), cx.fresh(), cx.fresh());
    let applied = contract.awarded(milestone.id, (dispute.id, shares), ids, cx.now)?;
    let refund = refunded(&applied, states, (kind, role))?;
    let fees = dispute.fees_settled(dispute.fee_bearer, states, cx)?.map(Event::Dispute);
    let applied = Event::Escrow(EscrowEvent::AwardApplied(applied));
    Ok(fees.into_iter().chain([applied]).chain(refund).collect())
}

/// What goes back to the client goes the way that it came.
fn refunded(
    applied: &AwardApplied,
    states: &States,
    by: (CommandKind, Role),
) -> Result<Option<Event>, Refusal> {
    let Some(back) = &applied.refund else { return Ok(None) };
    let deposit = states.deposit(back.deposit_id)?;
    refund::requested(back.refund_id, (deposit, deposit.matched_payment()?), back.amount, by).map(Some)
}
