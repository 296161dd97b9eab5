//! PublishPolicy: the next version of the policy comes into force. Contracts keep the one that they pinned.

use super::{MarketplaceEvent, MarketplaceStatus, PolicyPublished, TRANSITIONS};
use crate::command::CommandKind;
use crate::context::{Context, Role};
use crate::event::Event;
use crate::policy::Policy;
use crate::refusal::Refusal;
use crate::stream::States;
use crate::transition::consult;
use serde::Serialize;

/// Publishes `policy` as the next version.
#[derive(Clone, Debug, Serialize)]
pub struct PublishPolicy {
    /// The policy.
    pub policy: Policy,
}

pub(crate) fn decide(command: &PublishPolicy, states: &States, _: &Context) -> Result<Vec<Event>, Refusal> {
    let current = states.marketplace().ok();
    consult(
        TRANSITIONS,
        current.map(|_| MarketplaceStatus::Open),
        CommandKind::PublishPolicy,
        Role::System,
        MarketplaceStatus::Open,
    )?;
    let policy = command.policy.clone().checked().map_err(|refusal| refusal.at("policy"))?;
    let version = current.map_or(1, |marketplace| marketplace.version + 1);
    Ok(vec![Event::Marketplace(MarketplaceEvent::PolicyPublished(PolicyPublished { version, policy }))])
}
