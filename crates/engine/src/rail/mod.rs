//! Rails: the ways to payment providers. One file each.
//!
//! A rail takes orders, answers questions about them, and proves its provider's webhooks. It decides nothing: what
//! came of an order is recorded by the process that gave it, what a webhook says by the command that it makes.

mod sandbox;
mod signature;

pub use sandbox::{Sandbox, SandboxProvider};
pub use signature::WebhookSecret;

use crate::committer::{ExecuteError, Receipt};
use crate::process::{Call, CallOutcome};
use async_trait::async_trait;
use domain::refusal::Kind;
use domain::{Code, Command, Timestamp};
use std::sync::Arc;

/// A way to a payment provider.
#[async_trait]
pub trait Rail: Send + Sync + 'static {
    /// Its name, in URLs and records.
    fn name(&self) -> &'static str;

    /// Gives an order. The provider takes one under the same key once, however often it is given.
    ///
    /// # Errors
    /// [`RailError`]: whether the provider took it is unknown.
    async fn order(&self, call: &Call) -> Result<CallOutcome, RailError>;

    /// What became of the order under a key; `None` if the provider never had it.
    ///
    /// # Errors
    /// [`RailError`]: the provider doesn't say.
    async fn find(&self, provider_key: &str) -> Result<Option<CallOutcome>, RailError>;

    /// Proves a webhook's signature and age, and reads it.
    ///
    /// # Errors
    /// [`WebhookError::Unsigned`] or [`WebhookError::Malformed`].
    fn verify(&self, webhook: &Webhook, now: Timestamp) -> Result<Signal, WebhookError>;
}

/// Sends a webhook; `true` when it was taken.
#[async_trait]
pub trait Deliver: Send + Sync + 'static {
    /// Sends it once.
    async fn deliver(&self, webhook: &Webhook) -> bool;
}

/// A provider that makes its reports when it is told to, for demonstrations and simulations.
#[async_trait]
pub trait Reporter: Send + Sync + 'static {
    /// Makes the reports that are due now, each once, and says how many were taken.
    async fn report_due(&self, deliver: &dyn Deliver) -> usize;

    /// When the next report falls due.
    async fn next_report(&self) -> Option<Timestamp>;
}

/// A provider doesn't answer, or not in a way that says anything.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct RailError(pub String);

/// A webhook as it arrived.
#[derive(Clone, Debug)]
pub struct Webhook {
    /// Names the message, the same at each delivery.
    pub id: String,
    /// Seconds since the epoch, decimal, as signed.
    pub timestamp: String,
    /// `v1,BASE64`, several separated by spaces.
    pub signature: String,
    /// The raw bytes that were signed.
    pub body: Vec<u8>,
}

/// What a proven webhook says: the command that records it, under the webhook's id.
#[derive(Debug)]
pub struct Signal {
    /// The webhook's id.
    pub id: String,
    /// What it has recorded.
    pub command: Command,
}

/// Why a webhook was not taken.
#[derive(Debug, thiserror::Error)]
pub enum WebhookError {
    /// There is no such rail.
    #[error("there is no such rail")]
    UnknownRail,
    /// The signature is missing, wrong, or too old.
    #[error("the signature is missing, wrong, or more than five minutes old")]
    Unsigned,
    /// The body isn't what the provider sends.
    #[error("the body can't be read: {0}")]
    Malformed(String),
    /// It is about nothing that we know.
    #[error("the reference is unknown")]
    UnknownReference,
    /// It can't be recorded now; send it again.
    #[error("it can't be recorded now")]
    Unavailable,
}

/// What the provider is told. A fact that was recorded before is a success: that is what the provider asks.
pub(crate) fn answer(outcome: Result<Receipt, ExecuteError>) -> Result<(), WebhookError> {
    match outcome {
        Ok(_) => Ok(()),
        Err(ExecuteError::Refused(refusal)) => match (refusal.code.kind(), refusal.code) {
            (Kind::NotFound, _) => Err(WebhookError::UnknownReference),
            (_, Code::AlreadyRecorded) => Ok(()),
            (Kind::Input | Kind::Business | Kind::Forbidden, code) => {
                // A provider contradicts what it said before; its money, if any, was recorded then.
                tracing::warn!(code = code.as_str(), "a webhook says what can't follow");
                Ok(())
            }
        },
        Err(ExecuteError::IdempotencyMismatch) => {
            Err(WebhookError::Malformed("another message had this webhook-id".to_owned()))
        }
        Err(ExecuteError::Unknown(_) | ExecuteError::Overloaded | ExecuteError::Fault(_)) => {
            Err(WebhookError::Unavailable)
        }
    }
}

/// The rails by name.
pub(crate) struct Rails(Vec<Arc<dyn Rail>>);

impl Rails {
    pub(crate) fn new(rails: Vec<Arc<dyn Rail>>) -> Self {
        Self(rails)
    }

    pub(crate) fn find(&self, name: &str) -> Option<&Arc<dyn Rail>> {
        self.0.iter().find(|rail| rail.name() == name)
    }

    pub(crate) fn first(&self) -> Option<&Arc<dyn Rail>> {
        self.0.first()
    }
}
