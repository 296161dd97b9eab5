//! The policy in force, and how another comes into force: as an event, and only if it differs.

use crate::committer::ExecuteError;
use crate::fold::fold;
use crate::{Engine, IdempotencyKey};
use domain::marketplace::PublishPolicy;
use domain::policy::Policy;
use domain::{Actor, State, StreamId};
use eventstore::{FaultKind, StoreFault};
use std::sync::Arc;

/// Who gives a marketplace its policy.
const ACTOR: Actor = Actor::System("marketplace");

/// A policy that came into force.
#[derive(Debug)]
pub struct Published {
    /// Its version.
    pub version: u32,
    /// The policy in force until then.
    pub before: Policy,
}

impl Engine {
    /// Gives a marketplace without a policy the default one.
    pub(crate) async fn open_marketplace(&self) -> Result<(), ExecuteError> {
        match self.policy_in_force().await? {
            Some(_) => Ok(()),
            None => self.publish(1, Policy::default()).await,
        }
    }

    /// Has `policy` come into force as the next version. `None`, and nothing is written, if it is in force already.
    ///
    /// # Errors
    /// The refusal of a policy that makes no sense; a mismatch when another node publishes another policy meanwhile.
    pub async fn publish_policy(&self, policy: Policy) -> Result<Option<Published>, ExecuteError> {
        let none = || StoreFault::new(FaultKind::Damaged, "the marketplace has no policy");
        let (version, before) = self.policy_in_force().await?.ok_or_else(none)?;
        if before == policy {
            return Ok(None);
        }
        let version = version + 1;
        self.publish(version, policy).await?;
        Ok(Some(Published { version, before }))
    }

    /// One key per version, so that two nodes never both publish what they take for the same one.
    async fn publish(&self, version: u32, policy: Policy) -> Result<(), ExecuteError> {
        let key = IdempotencyKey::of_policy(version);
        self.submit(ACTOR, PublishPolicy { policy }.into(), &key).await.map(|_| ())
    }

    /// The policy in force and its version, unless the marketplace has none yet.
    async fn policy_in_force(&self) -> Result<Option<(u32, Policy)>, StoreFault> {
        let name: Arc<str> = StreamId::Marketplace.to_string().into();
        let records = self.store().read_stream(&name, 0).await?;
        let folded = fold(StreamId::Marketplace, &records)?;
        let marketplace = folded.state.as_deref().and_then(State::as_marketplace);
        Ok(marketplace.map(|marketplace| (marketplace.version, marketplace.policy.clone())))
    }
}
