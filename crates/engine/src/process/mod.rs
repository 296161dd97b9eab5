//! Process managers: consumers of the log that react with commands and effects.
//!
//! Shape: a process is a pure function from a recorded event to a [`Reaction`]. The runner submits its commands under
//! keys derived from the event, makes its calls, and submits what came of them; its checkpoint, kept in the log's own
//! database, follows behind what is wholly done. So after a crash everything not known to be done is done again, and
//! the keys make the repetition harmless. Bounds: [`REACTIONS_MAX`] reactions under way, one checkpoint a second.
//! Ordering: reactions start in the log's order; many may be under way at once, and a slow one delays no other.

mod funding;
mod progress;
mod runner;

pub use funding::Funding;
pub use runner::{ProcessHandle, REACTIONS_MAX, run};

use crate::committer::Cause;
use crate::key::IdempotencyKey;
use domain::deposit::{ProviderObject, ProviderWord};
use domain::id::{DepositId, EventId, TypedId};
use domain::money::Money;
use domain::{Command, Event};
use eventstore::Record;

/// A process manager.
pub trait Process: Send + Sync + 'static {
    /// The name of its checkpoint and of its actor, `system:NAME`.
    fn name(&self) -> &'static str;

    /// What `event` makes it do. Pure.
    fn react(&self, event: &Event) -> Reaction;

    /// What the outcome of a call makes it do. Pure.
    fn conclude(&self, call: &Call, outcome: &CallOutcome) -> Command;
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

/// An order to a payment provider: to capture money.
#[derive(Clone, Debug)]
pub struct Call {
    /// Our reference at the provider.
    pub deposit_id: DepositId,
    /// The provider's idempotency key, the same for every repetition.
    pub provider_key: String,
    /// The rail.
    pub rail: String,
    /// How much.
    pub amount: Money,
    /// From which instrument.
    pub payment_method: String,
}

/// What the provider said to an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CallOutcome {
    /// It took the order, under this id of its own. Whether money comes is told later, by webhook.
    Accepted {
        /// The provider's id of the payment.
        object: ProviderObject,
    },
    /// It will not capture the money.
    Declined {
        /// The provider's word for why.
        reason: ProviderWord,
    },
}

/// The key and cause of a command that follows from a record.
fn derivation(record: &Record, command: &Command) -> (IdempotencyKey, Cause) {
    let header = record.header();
    let event_id = EventId::from_uuid(header.event_id);
    let key = IdempotencyKey::derived(event_id, command.kind(), &command.primary().to_string());
    (key, Cause { event_id, correlation: header.correlation })
}
