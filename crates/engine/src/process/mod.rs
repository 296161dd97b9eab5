//! Process managers: consumers of the log that react with commands and effects.
//!
//! Shape: a process is a pure function from a recorded event to a [`Reaction`]. The runner submits its commands under
//! keys derived from the event, makes its calls, and submits what came of them; its checkpoint, kept in the log's own
//! database, follows behind what is wholly done. So after a crash everything not known to be done is done again, and
//! the keys make the repetition harmless. Bounds: [`REACTIONS_MAX`] reactions under way, one checkpoint a second.
//! Ordering: reactions start in the log's order; many may be under way at once, and a slow one delays no other.

mod funding;
mod payouts;
mod progress;
mod refunding;
mod runner;

pub use funding::Funding;
pub use payouts::Payouts;
pub use refunding::Refunding;
pub(crate) use runner::Runner;
pub use runner::{ProcessHandle, REACTIONS_MAX, run};

use crate::committer::Cause;
use crate::key::IdempotencyKey;
use domain::deposit::{AcknowledgeDeposit, FailDeposit, ProviderObject, ProviderWord};
use domain::id::{DepositId, EventId, PayoutId, RefundId, TypedId};
use domain::money::Money;
use domain::payout::{AcknowledgePayout, FailPayout};
use domain::process::ProcessName;
use domain::refund::{AcknowledgeRefund, FailRefund, RefundStatus};
use domain::{Command, Event, State, StreamId};
use eventstore::{Position, Record};
use std::sync::Arc;

/// A process manager.
pub trait Process: Send + Sync + 'static {
    /// The name of its checkpoint and of its actor, `system:NAME`.
    fn name(&self) -> ProcessName;

    /// What `event` makes it do. Pure.
    fn react(&self, event: &Event) -> Reaction;

    /// Where a process that has no checkpoint yet begins: what is recorded up to here is none of its business. One that
    /// comes to a marketplace which is under way says from where on it acts.
    fn reacts_from(&self) -> Position {
        Position::START
    }
}

/// Every process of a marketplace, beside the timers.
pub fn all() -> Vec<Arc<dyn Process>> {
    vec![Arc::new(Funding), Arc::new(Refunding), Arc::new(Payouts)]
}

/// What a process does about an event.
#[derive(Debug, Default)]
pub enum Reaction {
    /// Nothing.
    #[default]
    Nothing,
    /// It gives a command.
    Command(Command),
    /// It calls a payment provider.
    Call(Call),
}

/// An order to a payment provider.
#[derive(Clone, Debug)]
pub struct Call {
    /// What the provider is to do.
    pub order: Order,
    /// The provider's idempotency key, the same for every repetition.
    pub provider_key: String,
    /// The rail.
    pub rail: String,
    /// How much.
    pub amount: Money,
}

/// What a provider is to do.
#[derive(Clone, Debug)]
pub enum Order {
    /// Take money from an instrument.
    Capture {
        /// Our reference at the provider.
        deposit_id: DepositId,
        /// From which instrument.
        payment_method: String,
    },
    /// Give captured money back.
    Refund {
        /// Our reference at the provider.
        refund_id: RefundId,
        /// The provider's id of the payment.
        payment: ProviderObject,
    },
    /// Send money out.
    Payout {
        /// Our reference at the provider.
        payout_id: PayoutId,
        /// Which attempt this is.
        attempt: u16,
        /// Where to.
        destination: String,
    },
}

/// What the provider said to an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CallOutcome {
    /// It took the order, under this id of its own. What comes of it is told later, by webhook.
    Accepted {
        /// The provider's id of the payment, refund or payout.
        object: ProviderObject,
    },
    /// It will not do it.
    Declined {
        /// The provider's word for why.
        reason: ProviderWord,
    },
}

impl Call {
    /// The stream of what is ordered.
    pub(crate) fn stream(&self) -> StreamId {
        match &self.order {
            Order::Capture { deposit_id, .. } => StreamId::Deposit(*deposit_id),
            Order::Refund { refund_id, .. } => StreamId::Refund(*refund_id),
            Order::Payout { payout_id, .. } => StreamId::Payout(*payout_id),
        }
    }

    /// Whether the intent still stands: a deposit that expired, or an attempt that a person gave up, is not ordered any
    /// more. Pure.
    pub(crate) fn is_wanted(&self, state: Option<&State>) -> bool {
        match (&self.order, state) {
            (Order::Capture { .. }, Some(State::Deposit(deposit))) => deposit.status().is_pending(),
            (Order::Refund { .. }, Some(State::Refund(refund))) => {
                matches!(refund.status(), RefundStatus::Started | RefundStatus::NeedsAttention)
            }
            (Order::Payout { attempt, .. }, Some(State::Payout(payout))) => {
                payout.attempts == *attempt && payout.status().is_away()
            }
            _ => false,
        }
    }

    /// The command that records what the provider said. Pure.
    pub(crate) fn conclude(&self, outcome: &CallOutcome) -> Command {
        let rail = self.rail.clone();
        match (&self.order, outcome.clone()) {
            (Order::Capture { deposit_id, .. }, CallOutcome::Accepted { object: provider_object }) => {
                AcknowledgeDeposit { deposit_id: *deposit_id, rail, provider_object }.into()
            }
            (Order::Capture { deposit_id, .. }, CallOutcome::Declined { reason }) => {
                FailDeposit { deposit_id: *deposit_id, rail, reason }.into()
            }
            (Order::Refund { refund_id, .. }, CallOutcome::Accepted { object: provider_object }) => {
                AcknowledgeRefund { refund_id: *refund_id, rail, provider_object }.into()
            }
            (Order::Refund { refund_id, .. }, CallOutcome::Declined { reason }) => {
                FailRefund { refund_id: *refund_id, rail, reason }.into()
            }
            (Order::Payout { payout_id, attempt, .. }, CallOutcome::Accepted { object: provider_object }) => {
                AcknowledgePayout { payout_id: *payout_id, rail, attempt: *attempt, provider_object }.into()
            }
            (Order::Payout { payout_id, attempt, .. }, CallOutcome::Declined { reason }) => {
                FailPayout { payout_id: *payout_id, rail, attempt: *attempt, reason }.into()
            }
        }
    }
}

/// The key and cause of a command that follows from a record.
fn derivation(record: &Record, command: &Command) -> (IdempotencyKey, Cause) {
    let header = record.header();
    let event_id = EventId::from_uuid(header.event_id);
    let key = IdempotencyKey::derived(event_id, command.kind(), &command.primary().to_string());
    (key, Cause { event_id, correlation: header.correlation })
}
