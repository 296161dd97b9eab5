//! The one call to the provider: claimed before it is made, and its outcome recorded.

use super::{
    Refund, RefundAcknowledged, RefundAttemptStarted, RefundConfirmed, RefundEscalated, RefundEvent,
    RefundFailed, RefundStatus, TRANSITIONS,
};
use crate::command::CommandKind;
use crate::context::{Context, Role};
use crate::deposit::{Provider, ProviderObject, ProviderWord};
use crate::event::Event;
use crate::id::{EntryId, RefundId};
use crate::ledger::{JournalEntry, rules};
use crate::refusal::{Code, Refusal};
use crate::stream::States;
use crate::timer::{TimerKind, guard};
use crate::transition::consult;
use serde::Serialize;

/// Claims the call: only the one whose append won makes it.
#[derive(Clone, Debug, Serialize)]
pub struct StartRefundAttempt {
    /// The refund.
    pub refund_id: RefundId,
}

/// Records that the provider took the order.
#[derive(Clone, Debug, Serialize)]
pub struct AcknowledgeRefund {
    /// The refund.
    pub refund_id: RefundId,
    /// The rail.
    pub rail: String,
    /// The provider's id of the refund.
    pub provider_object: ProviderObject,
}

/// Records that the provider has sent the money.
#[derive(Clone, Debug, Serialize)]
pub struct ConfirmRefund {
    /// The refund, our reference at the provider.
    pub refund_id: RefundId,
    /// The rail that reports.
    pub rail: String,
    /// The provider's id of the refund.
    pub provider_object: ProviderObject,
}

/// Records that the provider will not send the money, or that it came back.
#[derive(Clone, Debug, Serialize)]
pub struct FailRefund {
    /// The refund.
    pub refund_id: RefundId,
    /// The rail.
    pub rail: String,
    /// The provider's word for why.
    pub reason: ProviderWord,
}

/// Has a person look into a refund that the provider says nothing about, when its timer is due.
#[derive(Clone, Debug, Serialize)]
pub struct EscalateRefund {
    /// The refund.
    pub refund_id: RefundId,
    /// The revision that set the timer.
    pub epoch: u64,
}

pub(crate) fn start(
    command: &StartRefundAttempt,
    states: &States,
    _: &Context,
) -> Result<Vec<Event>, Refusal> {
    let refund = states.refund(command.refund_id)?;
    moves(refund, CommandKind::StartRefundAttempt, Role::System, RefundStatus::Started)?;
    Ok(vec![Event::Refund(RefundEvent::AttemptStarted(RefundAttemptStarted {
        refund_id: refund.id,
        provider_key: refund.id.to_string(),
        rail: refund.rail.clone(),
        amount: refund.amount,
        payment: refund.payment.clone(),
    }))])
}

pub(crate) fn acknowledge(
    command: &AcknowledgeRefund,
    states: &States,
    cx: &Context,
) -> Result<Vec<Event>, Refusal> {
    let refund = states.refund(command.refund_id)?;
    refund.is_on(&command.rail, &cx.actor)?;
    moves(refund, CommandKind::AcknowledgeRefund, Role::System, RefundStatus::Acknowledged)?;
    let hours = states.marketplace()?.policy.payouts.refund_transit_hours;
    Ok(vec![Event::Refund(RefundEvent::Acknowledged(RefundAcknowledged {
        refund_id: refund.id,
        rail: command.rail.clone(),
        provider_object: command.provider_object.clone(),
        escalates_at: cx.now.plus_hours(hours),
    }))])
}

pub(crate) fn confirm(command: &ConfirmRefund, states: &States, cx: &Context) -> Result<Vec<Event>, Refusal> {
    let refund = states.refund(command.refund_id)?;
    refund.is_on(&command.rail, &cx.actor)?;
    if Provider::is_recorded(states, &command.rail, &command.provider_object) {
        return Err(Refusal::new(Code::AlreadyRecorded, "this refund was recorded before"));
    }
    moves(refund, CommandKind::ConfirmRefund, Role::Provider, RefundStatus::Confirmed)?;
    Ok(vec![Event::Refund(RefundEvent::Confirmed(RefundConfirmed {
        refund_id: refund.id,
        rail: command.rail.clone(),
        provider_object: command.provider_object.clone(),
        entry: rules::refund_sent(cx.fresh(), refund.client, refund.amount)?,
    }))])
}

pub(crate) fn fail(command: &FailRefund, states: &States, cx: &Context) -> Result<Vec<Event>, Refusal> {
    let refund = states.refund(command.refund_id)?;
    refund.is_on(&command.rail, &cx.actor)?;
    let kind = CommandKind::FailRefund;
    moves(refund, kind, cx.actor.role_for(kind)?, RefundStatus::Failed)?;
    Ok(vec![Event::Refund(RefundEvent::Failed(RefundFailed {
        refund_id: refund.id,
        reason: command.reason.clone(),
        entry: refund.to_wallet(cx.fresh())?,
    }))])
}

pub(crate) fn escalate(
    command: &EscalateRefund,
    states: &States,
    cx: &Context,
) -> Result<Vec<Event>, Refusal> {
    let refund = states.refund(command.refund_id)?;
    guard(&refund.timers(), TimerKind::EscalateRefund, command.epoch, cx.now)?;
    moves(refund, CommandKind::EscalateRefund, Role::System, RefundStatus::NeedsAttention)?;
    Ok(vec![Event::Refund(RefundEvent::Escalated(RefundEscalated { refund_id: refund.id }))])
}

fn moves(refund: &Refund, kind: CommandKind, role: Role, to: RefundStatus) -> Result<(), Refusal> {
    consult(TRANSITIONS, Some(refund.status()), kind, role, to)
}

impl Refund {
    /// The entry that puts the money into the client's wallet: from transit, or from what the provider gave back.
    pub(crate) fn to_wallet(&self, entry: EntryId) -> Result<JournalEntry, Refusal> {
        match self.status() {
            RefundStatus::Confirmed => rules::refund_returned(entry, self.client, self.amount),
            RefundStatus::Requested
            | RefundStatus::Started
            | RefundStatus::Acknowledged
            | RefundStatus::NeedsAttention
            | RefundStatus::Failed => rules::refund_failed(entry, self.client, self.amount),
        }
    }
}
