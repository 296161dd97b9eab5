//! The marketplace itself: its policy, in versions.

pub(crate) mod publish_policy;

pub use publish_policy::PublishPolicy;

use crate::command::CommandKind;
use crate::context::Role;
use crate::event::{Event, event_group};
use crate::policy::Policy;
use crate::stream::StreamId;
use crate::transition::Transition;
use serde::{Deserialize, Serialize};

event_group! {
    /// Events of the marketplace.
    MarketplaceEvent {
        /// A version of the policy is in force from here on.
        PolicyPublished(PolicyPublished) = "marketplace.policy_published", 1;
    }
}

/// Payload of `marketplace.policy_published`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicyPublished {
    /// Counts from 1.
    pub version: u32,
    /// The policy.
    pub policy: Policy,
}

impl MarketplaceEvent {
    pub(crate) fn streams(&self) -> Vec<StreamId> {
        match self {
            Self::PolicyPublished(_) => vec![StreamId::Marketplace],
        }
    }
}

/// What can be done to a marketplace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MarketplaceStatus {
    /// It has a policy.
    Open,
}

/// The marketplace's table.
pub const TRANSITIONS: &[Transition<MarketplaceStatus>] = &[
    Transition {
        from: &[],
        command: CommandKind::PublishPolicy,
        actors: &[Role::System],
        to: MarketplaceStatus::Open,
    },
    Transition {
        from: &[MarketplaceStatus::Open],
        command: CommandKind::PublishPolicy,
        actors: &[Role::System],
        to: MarketplaceStatus::Open,
    },
];

/// A marketplace with the policy in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Marketplace {
    /// The policy's version, from 1.
    pub version: u32,
    /// The policy.
    pub policy: Policy,
}

impl Marketplace {
    pub(crate) fn evolve(state: Option<Self>, event: &Event) -> Option<Self> {
        match event {
            Event::Marketplace(MarketplaceEvent::PolicyPublished(e)) => {
                Some(Self { version: e.version, policy: e.policy.clone() })
            }
            Event::Job(_)
            | Event::Proposal(_)
            | Event::Contract(_)
            | Event::Milestone(_)
            | Event::Escrow(_)
            | Event::Deposit(_)
            | Event::Process(_) => state,
        }
    }
}
