//! CancelPayout and RejectPayout: a payout that isn't sent comes to nothing, and its amount is free again.

use super::{PayoutCancelled, PayoutEvent, PayoutRejected, PayoutStatus, TRANSITIONS};
use crate::command::CommandKind;
use crate::context::{Context, Role};
use crate::event::Event;
use crate::id::PayoutId;
use crate::personal::Personal;
use crate::refusal::{Code, Refusal};
use crate::stream::States;
use crate::text::Prose;
use crate::transition::consult;
use serde::Serialize;

/// Takes a payout back.
#[derive(Clone, Debug, Serialize)]
pub struct CancelPayout {
    /// The payout.
    pub payout_id: PayoutId,
}

/// Refuses a payout.
#[derive(Clone, Debug, Serialize)]
pub struct RejectPayout {
    /// The payout.
    pub payout_id: PayoutId,
    /// Why; the talent reads it.
    pub reasons: Prose,
}

pub(crate) fn cancel(command: &CancelPayout, states: &States, cx: &Context) -> Result<Vec<Event>, Refusal> {
    let payout = states.payout(command.payout_id)?;
    if cx.actor.party() != Some(payout.of.party_id) {
        return Err(Refusal::not_found("payout"));
    }
    let from = Some(payout.status());
    consult(TRANSITIONS, from, CommandKind::CancelPayout, Role::Talent, PayoutStatus::Cancelled)?;
    if payout.status() == PayoutStatus::Failed && !payout.will_retry() {
        return Err(Refusal::new(Code::WrongState, "its last attempt has failed, and nothing is reserved"));
    }
    Ok(vec![Event::Payout(PayoutEvent::Cancelled(PayoutCancelled { of: payout.of }))])
}

pub(crate) fn reject(command: &RejectPayout, states: &States, cx: &Context) -> Result<Vec<Event>, Refusal> {
    let payout = states.payout(command.payout_id)?;
    payout.of.not_by_its_party(cx)?;
    let (kind, from) = (CommandKind::RejectPayout, Some(payout.status()));
    consult(TRANSITIONS, from, kind, cx.actor.role_for(kind)?, PayoutStatus::Rejected)?;
    let reasons = Personal::Clear(command.reasons.clone());
    Ok(vec![Event::Payout(PayoutEvent::Rejected(PayoutRejected { of: payout.of, reasons }))])
}
