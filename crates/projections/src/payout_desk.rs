//! The payout desk: payouts, the accounts that they come from, what needs a person, and what an operator has paused.

mod account;
mod attention;
mod dispute;
mod pause;
mod query;

pub use account::{AccountRow, HoldRow};
pub use attention::{AttentionKey, AttentionKind, AttentionRow};
pub use pause::{PauseKind, PauseRow};
pub use query::{PayoutFilter, PayoutRow};

use crate::columns::{Named, key, personal};
use crate::read_model::{ApplyError, ReadModel, found};
use crate::sql::{execute, statements};
use domain::deposit::{PaymentMethod, ProviderWord};
use domain::ledger::JournalEntry;
use domain::payout::{PayoutEvent, PayoutKey, PayoutRequested, PayoutStatus, Resolution};
use domain::{Event, Timestamp};
use rusqlite::Connection;

pub(crate) const MODEL: ReadModel = ReadModel {
    version: 2,
    schema: SCHEMA,
    drop: DROP,
    // Any event may carry an entry, and no line of a party's may be missed.
    reads: |_| true,
    apply,
    #[cfg(test)]
    statements: (STATEMENTS, STATEMENTS_WRITTEN),
};

statements! {
    include_str!("payout_desk.sql");
    SCHEMA = "schema",
    DROP = "drop",
    REQUESTED = "requested",
    MOVED = "moved",
    POST = "post",
    HOLD_PLACED = "hold_placed",
    HOLD_RELEASED = "hold_released",
    PAYOUT_ATTENTION = "payout_attention",
    REVIEW_ATTENTION = "review_attention",
    HELD_ATTENTION = "held_attention",
    LAPSING_ATTENDED = "lapsing_attended",
    REFUND_REQUESTED = "refund_requested",
    REFUND_OVER = "refund_over",
    REFUND_ATTENTION = "refund_attention",
    DEPOSIT_ATTENTION = "deposit_attention",
    DISPUTE_OPENED = "dispute_opened",
    DISPUTE_ATTENTION = "dispute_attention",
    DISPUTE_OVER = "dispute_over",
    ATTENDED = "attended",
    PAUSED = "paused",
    RESUMED = "resumed",
    PAYOUT = "payout",
    PAYOUTS = "payouts",
    PAYOUTS_OF_PARTY = "payouts_of_party",
    PAYOUTS_OF_STATUS = "payouts_of_status",
    PAYOUTS_OF_PARTY_AND_STATUS = "payouts_of_party_and_status",
    PAYOUTS_TO_REVIEW = "payouts_to_review",
    PAYOUTS_OF_PARTY_TO_REVIEW = "payouts_of_party_to_review",
    ACCOUNT = "account",
    ACCOUNTS = "accounts",
    HOLDS = "holds",
    HELD = "held",
    ATTENTION = "attention",
    PAUSES = "pauses",
}

fn apply(on: &Connection, event: &Event, at: Timestamp) -> Result<(), ApplyError> {
    match event {
        Event::Marketplace(event) => pause::apply(on, event, at)?,
        Event::Deposit(event) => attention::on_deposit(on, event, at)?,
        Event::Refund(event) => attention::on_refund(on, event, at)?,
        Event::Account(event) => account::apply(on, event, at)?,
        Event::Payout(event) => on_payout(on, event, at)?,
        Event::Dispute(event) => dispute::apply(on, event, at)?,
        // Of these only the entries matter.
        Event::Job(_)
        | Event::Proposal(_)
        | Event::Contract(_)
        | Event::Milestone(_)
        | Event::Escrow(_)
        | Event::Settlement(_)
        | Event::Process(_) => {}
    }
    let lines = event.journal_entry().into_iter().flat_map(JournalEntry::lines);
    lines.into_iter().try_for_each(|line| account::post(on, line))
}

/// Where an event leads a payout, and what it says beside.
struct Move<'a> {
    status: PayoutStatus,
    waiting_for_cash: bool,
    attempt: Option<u16>,
    retry_at: Option<Timestamp>,
    escalates_at: Option<Timestamp>,
    failure: Option<&'a ProviderWord>,
    rejection: Option<String>,
}

impl Move<'_> {
    const fn to(status: PayoutStatus) -> Self {
        Self {
            status,
            waiting_for_cash: false,
            attempt: None,
            retry_at: None,
            escalates_at: None,
            failure: None,
            rejection: None,
        }
    }

    /// Whether the amount stays reserved on the account: until it is posted, or comes to nothing.
    const fn reserves(&self) -> bool {
        match self.status {
            PayoutStatus::Requested | PayoutStatus::Held => true,
            PayoutStatus::Failed => self.retry_at.is_some(),
            PayoutStatus::Approved
            | PayoutStatus::Submitted
            | PayoutStatus::InTransit
            | PayoutStatus::NeedsAttention
            | PayoutStatus::Paid
            | PayoutStatus::Returned
            | PayoutStatus::Reversed
            | PayoutStatus::Cancelled
            | PayoutStatus::Rejected => false,
        }
    }
}

fn on_payout(on: &Connection, event: &PayoutEvent, at: Timestamp) -> Result<(), ApplyError> {
    let of = event.of();
    let moved = match event {
        PayoutEvent::Requested(e) => return requested(on, e, at),
        PayoutEvent::Released(_) | PayoutEvent::Retried(_) => Move::to(PayoutStatus::Requested),
        PayoutEvent::Held(_) => Move::to(PayoutStatus::Held),
        PayoutEvent::Approved(_) => Move::to(PayoutStatus::Approved),
        PayoutEvent::Delayed(_) => Move { waiting_for_cash: true, ..Move::to(PayoutStatus::Approved) },
        PayoutEvent::Submitted(e) => Move {
            attempt: Some(e.attempt),
            escalates_at: Some(e.escalates_at),
            ..Move::to(PayoutStatus::Submitted)
        },
        PayoutEvent::Acknowledged(e) => {
            Move { escalates_at: Some(e.escalates_at), ..Move::to(PayoutStatus::InTransit) }
        }
        PayoutEvent::Escalated(_) => Move::to(PayoutStatus::NeedsAttention),
        PayoutEvent::Resolved(e) => match e.resolution {
            Resolution::InTransit => Move::to(PayoutStatus::InTransit),
            // The failure itself follows in the same append.
            Resolution::Failed => return Ok(()),
        },
        PayoutEvent::Paid(_) => Move::to(PayoutStatus::Paid),
        PayoutEvent::Failed(e) => {
            Move { retry_at: e.retry_at, failure: Some(&e.reason), ..Move::to(PayoutStatus::Failed) }
        }
        PayoutEvent::Returned(e) => Move { failure: Some(&e.reason), ..Move::to(PayoutStatus::Returned) },
        PayoutEvent::Reversed(e) => Move { failure: Some(&e.reason), ..Move::to(PayoutStatus::Reversed) },
        // It stands where the money's coming back left it.
        PayoutEvent::Credited(_) => return Ok(()),
        PayoutEvent::Cancelled(_) => Move::to(PayoutStatus::Cancelled),
        PayoutEvent::Rejected(e) => {
            Move { rejection: personal(&e.reasons)?, ..Move::to(PayoutStatus::Rejected) }
        }
    };
    move_on(on, of, &moved, at)
}

fn requested(on: &Connection, e: &PayoutRequested, at: Timestamp) -> Result<(), ApplyError> {
    let row = (
        key(e.of.payout_id),
        key(e.of.party_id),
        e.of.currency.code(),
        e.amount.minor(),
        e.rail.as_str(),
        hint(&e.destination),
        PayoutStatus::Requested.name(),
        e.review,
        at.micros(),
    );
    execute(on, REQUESTED, row)?;
    attend(on, &e.of, &Move::to(PayoutStatus::Requested), at)
}

fn move_on(on: &Connection, of: &PayoutKey, to: &Move<'_>, at: Timestamp) -> Result<(), ApplyError> {
    let row = (
        key(of.payout_id),
        to.status.name(),
        to.reserves(),
        to.waiting_for_cash,
        at.micros(),
        to.retry_at.map(Timestamp::micros),
        to.escalates_at.map(Timestamp::micros),
        to.attempt,
        to.failure.map(ProviderWord::as_str),
        to.rejection.as_deref(),
    );
    found("payout", execute(on, MOVED, row)?)?;
    attend(on, of, to, at)
}

/// Has a person look into the payout from here on, if it needs one.
fn attend(on: &Connection, of: &PayoutKey, to: &Move<'_>, at: Timestamp) -> Result<(), ApplyError> {
    let id = of.payout_id.to_string();
    execute(on, ATTENDED, (id.as_str(), ""))?;
    let (statement, kind) = match to.status {
        PayoutStatus::Requested => (REVIEW_ATTENTION, AttentionKind::PayoutReview),
        PayoutStatus::NeedsAttention => (PAYOUT_ATTENTION, AttentionKind::PayoutUnknown),
        PayoutStatus::Failed if to.retry_at.is_none() => (PAYOUT_ATTENTION, AttentionKind::PayoutFailed),
        PayoutStatus::Held => (HELD_ATTENTION, AttentionKind::PayoutHeld),
        PayoutStatus::Approved if to.waiting_for_cash => (PAYOUT_ATTENTION, AttentionKind::PayoutDelayed),
        PayoutStatus::Failed
        | PayoutStatus::Approved
        | PayoutStatus::Submitted
        | PayoutStatus::InTransit
        | PayoutStatus::Paid
        | PayoutStatus::Returned
        | PayoutStatus::Reversed
        | PayoutStatus::Cancelled
        | PayoutStatus::Rejected => return Ok(()),
    };
    execute(on, statement, (key(of.payout_id), id, kind.name(), at.micros()))?;
    Ok(())
}

/// The end of a destination's token, for people to tell their destinations apart: at most four characters, and never
/// more than half of it.
fn hint(destination: &PaymentMethod) -> &str {
    let token = destination.as_str();
    token.get(token.len() - (token.len() / 2).min(4)..).unwrap_or_default()
}
