//! SubmitPayout: claims the one call of an attempt, if settled cash covers it; else the payout waits for its turn.

use super::{PayoutDelayed, PayoutEvent, PayoutStatus, PayoutSubmitted, TRANSITIONS};
use crate::account::Account;
use crate::command::CommandKind;
use crate::context::{Context, Role};
use crate::event::Event;
use crate::id::PayoutId;
use crate::refusal::{Code, Refusal};
use crate::stream::States;
use crate::transition::consult;
use serde::Serialize;

/// Claims the call: only the one whose append won makes it.
#[derive(Clone, Debug, Serialize)]
pub struct SubmitPayout {
    /// The payout.
    pub payout_id: PayoutId,
}

pub(crate) fn decide(command: &SubmitPayout, states: &States, cx: &Context) -> Result<Vec<Event>, Refusal> {
    let payout = states.payout(command.payout_id)?;
    let (kind, from) = (CommandKind::SubmitPayout, Some(payout.status()));
    consult(TRANSITIONS, from, kind, Role::System, PayoutStatus::Submitted)?;
    if states.account(payout.of.party_id, payout.of.currency).is_some_and(Account::is_on_hold) {
        return Ok(vec![payout.held(kind, Role::System, cx)?]);
    }
    let cash = states.cash(payout.of.currency).cloned().unwrap_or_default();
    if !cash.covers(payout.of.payout_id, payout.amount.minor()) {
        if cash.is_waiting(payout.of.payout_id) {
            return Err(Refusal::new(Code::CashTooLow, "it waits for settled cash already"));
        }
        consult(TRANSITIONS, from, kind, Role::System, PayoutStatus::Approved)?;
        let delayed = PayoutDelayed { of: payout.of, amount: payout.amount };
        return Ok(vec![Event::Payout(PayoutEvent::Delayed(delayed))]);
    }
    let attempt = payout.attempts + 1;
    let minutes = states.marketplace()?.policy.payouts.unknown_minutes;
    Ok(vec![Event::Payout(PayoutEvent::Submitted(PayoutSubmitted {
        of: payout.of,
        attempt,
        provider_key: format!("{}-{attempt}", payout.of.payout_id),
        rail: payout.rail.clone(),
        amount: payout.amount,
        destination: payout.destination.clone(),
        escalates_at: cx.now.plus_minutes(minutes),
    }))])
}
