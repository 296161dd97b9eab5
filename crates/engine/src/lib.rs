//! What makes things happen: the committer that decides and appends, processes that react, rails to payment
//! providers.
//!
//! Shape: [`Engine::submit`] queues a command; one committer per log decides it at the head and appends it with
//! whatever else arrived meanwhile; processes tail the log and submit derived commands. Cost: a warm command reads
//! nothing and shares one durable append. Bounds: queue, batch, cache and reactions under way all have a named
//! maximum. Knows nothing of read models or HTTP.

#![cfg_attr(not(test), deny(clippy::wildcard_enum_match_arm))]

mod clock;
mod committer;
pub mod due;
mod entropy;
mod failpoint;
mod fold;
mod key;
mod pauses;
mod policy;
pub mod process;
pub mod rail;
pub mod step;
#[cfg(test)]
mod tests;

pub use clock::{Clock, SimulatedClock, SystemClock};
pub use committer::{CACHE_BYTES_DEFAULT, COMMANDS_QUEUED_MAX, Cause, ExecuteError, Receipt};
pub use entropy::Entropy;
pub use eventstore::{Position, StoreFault};
pub use key::{IdempotencyKey, RequestSecret};
pub use policy::Published;

use committer::{Committer, Handle, Request};
use domain::{Actor, Command, Timestamp};
use due::{Due, DueFilter, DueTable};
use eventstore::EventStore;
pub use pauses::Pauses;
use rail::{Rail, Rails, Signal, Webhook, WebhookError};
use std::sync::Arc;
use tokio::sync::watch;

/// What an engine is made of besides its store.
pub struct Config {
    /// Where "now" comes from.
    pub clock: Arc<dyn Clock>,
    /// Where fresh ids come from.
    pub entropy: Entropy,
    /// The key of the requests' HMACs; must stay the same for the life of the log.
    pub request_secret: RequestSecret,
    /// Most bytes of folded states in memory.
    pub cache_bytes: usize,
    /// The payment providers.
    pub rails: Vec<Arc<dyn Rail>>,
    /// What is due, as far as it is known.
    pub due: DueTable,
}

/// The engine of one log. Clones share it.
#[derive(Clone)]
pub struct Engine {
    inner: Arc<Inner>,
}

struct Inner {
    store: Arc<dyn EventStore>,
    committer: Handle,
    secret: RequestSecret,
    clock: Arc<dyn Clock>,
    rails: Rails,
    due: Arc<DueTable>,
    pauses: watch::Receiver<Pauses>,
}

impl Engine {
    /// Starts the committer on `store`, and gives a marketplace without a policy the default one.
    ///
    /// # Errors
    /// What the store says, or the refusal of the first policy.
    pub async fn start(store: Arc<dyn EventStore>, config: Config) -> Result<Self, ExecuteError> {
        let Config { clock, entropy, request_secret, cache_bytes, rails, due } = config;
        let committer = Committer::spawn(store.clone(), clock.clone(), entropy, cache_bytes).await?;
        let pauses = pauses::watch(&store).await?;
        let (rails, due) = (Rails::new(rails), Arc::new(due));
        let inner = Inner { store, committer, secret: request_secret, clock, rails, due, pauses };
        let engine = Self { inner: Arc::new(inner) };
        engine.open_marketplace().await?;
        Ok(engine)
    }

    /// Has `command` decided and durably appended, or refused.
    ///
    /// The same actor giving the same command under the same key gets the same receipt, for ever. Dropping the
    /// future doesn't take the command back.
    ///
    /// # Errors
    /// [`ExecuteError`]: a refusal wrote nothing; an unknown outcome must be asked about by submitting the same again.
    pub async fn submit(
        &self,
        actor: Actor,
        command: Command,
        key: &IdempotencyKey,
    ) -> Result<Receipt, ExecuteError> {
        self.submit_caused(actor, command, key, None).await
    }

    /// As [`Engine::submit`], for a command that follows from an event.
    ///
    /// # Errors
    /// As [`Engine::submit`].
    pub async fn submit_caused(
        &self,
        actor: Actor,
        command: Command,
        key: &IdempotencyKey,
        cause: Option<Cause>,
    ) -> Result<Receipt, ExecuteError> {
        let key = key.command_key(&actor);
        let mac = self.inner.secret.mac(&actor, &command)?;
        self.inner.committer.submit(Request { actor, command, key, mac, cause }).await
    }

    /// Takes in a provider's webhook: proves its signature, then records what it says.
    ///
    /// # Errors
    /// [`WebhookError`]; the provider may send it again after any of them.
    pub async fn receive_webhook(&self, rail: &str, webhook: &Webhook) -> Result<(), WebhookError> {
        let rail = self.inner.rails.find(rail).ok_or(WebhookError::UnknownRail)?;
        // A signature's age is a matter between two machines, whatever time the marketplace lives in.
        let Signal { id, command } = rail.verify(webhook, SystemClock.now())?;
        let key = IdempotencyKey::of_webhook(&id);
        let outcome = self.submit(Actor::Provider(rail.name()), command, &key).await;
        failpoint::kill("webhook::before_answer");
        rail::answer(outcome)
    }

    /// The rail that new deposits take.
    pub fn default_rail(&self) -> Option<&'static str> {
        self.inner.rails.first().map(|rail| rail.name())
    }

    /// The rail of this name, if there is one.
    pub fn rail_named(&self, name: &str) -> Option<&'static str> {
        self.inner.rails.find(name).map(|rail| rail.name())
    }

    /// The timers that are set, in the order in which they are due, as far as they are known: the table follows the
    /// log. At most `limit`, at most [`due::PAGE_MAX`].
    ///
    /// # Errors
    /// When the table can't be read.
    pub fn due(&self, filter: &DueFilter, limit: usize) -> Result<Vec<Due>, StoreFault> {
        self.inner.due.list(filter, limit)
    }

    /// The instant, as the marketplace's clock has it.
    pub fn now(&self) -> Timestamp {
        self.inner.clock.now()
    }

    /// Waits until the committer has stopped for good: an append's fate is unknown or the log contradicts it. The
    /// process must end and start again, which finds out.
    pub async fn failed(&self) -> String {
        let mut failure: watch::Receiver<Option<String>> = self.inner.committer.failure();
        loop {
            if let Some(reason) = failure.borrow_and_update().clone() {
                return reason;
            }
            if failure.changed().await.is_err() {
                return "the committer has ended".to_owned();
            }
        }
    }

    /// Stops taking commands, and returns when what was taken is answered.
    pub async fn stop(&self) {
        self.inner.committer.stop().await;
    }

    pub(crate) fn store(&self) -> &Arc<dyn EventStore> {
        &self.inner.store
    }

    pub(crate) fn clock(&self) -> &Arc<dyn Clock> {
        &self.inner.clock
    }

    pub(crate) fn due_table(&self) -> &Arc<DueTable> {
        &self.inner.due
    }

    /// What is paused, as far as this node knows: at most a moment late.
    pub fn paused(&self) -> Pauses {
        self.inner.pauses.borrow().clone()
    }

    pub(crate) fn pauses(&self) -> watch::Receiver<Pauses> {
        self.inner.pauses.clone()
    }

    pub(crate) fn rail(&self, name: &str) -> Option<&Arc<dyn Rail>> {
        self.inner.rails.find(name)
    }
}
