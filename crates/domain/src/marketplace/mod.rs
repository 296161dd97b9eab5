//! The marketplace itself: its policy, in versions, what an operator has paused, and which read models one had rebuilt.

pub(crate) mod pause;
pub(crate) mod publish_policy;
pub(crate) mod rebuild;

pub use pause::{PauseProcess, PauseRail, ResumeProcess, ResumeRail};
pub use publish_policy::PublishPolicy;
pub use rebuild::RebuildReadModel;

use crate::command::CommandKind;
use crate::context::Role;
use crate::event::{Event, event_group};
use crate::policy::Policy;
use crate::process::ProcessName;
use crate::refusal::Refusal;
use crate::stream::StreamId;
use crate::text::Title;
use crate::transition::Transition;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

event_group! {
    /// Events of the marketplace.
    MarketplaceEvent {
        /// A version of the policy is in force from here on.
        PolicyPublished(PolicyPublished) = "marketplace.policy_published", 1;
        /// A process does nothing until it is resumed.
        ProcessPaused(ProcessPaused) = "marketplace.process_paused", 1;
        /// It goes on from where it stands.
        ProcessResumed(ProcessResumed) = "marketplace.process_resumed", 1;
        /// No provider is called on a rail until it is resumed.
        RailPaused(RailPaused) = "marketplace.rail_paused", 1;
        /// Calls that waited are made.
        RailResumed(RailResumed) = "marketplace.rail_resumed", 1;
        /// A read model is to be folded anew. Whether it was is no fact of the log: its rows follow from it either way.
        ReadModelRebuildRequested(ReadModelRebuildRequested) = "marketplace.read_model_rebuild_requested", 1;
    }
}

/// Payload of `marketplace.policy_published`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PolicyPublished {
    /// Counts from 1.
    pub version: u32,
    /// The policy.
    pub policy: Policy,
}

/// Payload of `marketplace.process_paused`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ProcessPaused {
    /// Which process.
    pub process: ProcessName,
    /// Why.
    pub reason: Title,
}

/// Payload of `marketplace.process_resumed`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ProcessResumed {
    /// Which process.
    pub process: ProcessName,
}

/// Payload of `marketplace.rail_paused`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RailPaused {
    /// Which rail.
    pub rail: String,
    /// Why.
    pub reason: Title,
}

/// Payload of `marketplace.rail_resumed`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RailResumed {
    /// Which rail.
    pub rail: String,
}

/// Payload of `marketplace.read_model_rebuild_requested`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ReadModelRebuildRequested {
    /// Which read model.
    pub name: String,
    /// Why.
    pub reason: Title,
}

impl MarketplaceEvent {
    pub(crate) fn streams(&self) -> Vec<StreamId> {
        match self {
            Self::PolicyPublished(_)
            | Self::ProcessPaused(_)
            | Self::ProcessResumed(_)
            | Self::RailPaused(_)
            | Self::RailResumed(_)
            | Self::ReadModelRebuildRequested(_) => vec![StreamId::Marketplace],
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
    operate(CommandKind::PublishPolicy, &[Role::System]),
    operate(CommandKind::PauseProcess, &[Role::Admin]),
    operate(CommandKind::ResumeProcess, &[Role::Admin]),
    operate(CommandKind::PauseRail, &[Role::Admin]),
    operate(CommandKind::ResumeRail, &[Role::Admin]),
    operate(CommandKind::RebuildReadModel, &[Role::Admin]),
];

const fn operate(command: CommandKind, actors: &'static [Role]) -> Transition<MarketplaceStatus> {
    Transition { from: &[MarketplaceStatus::Open], command, actors, to: MarketplaceStatus::Open }
}

/// A marketplace with the policy in force, and what is paused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Marketplace {
    /// The policy's version, from 1.
    pub version: u32,
    /// The policy.
    pub policy: Policy,
    /// The versions before it, the first first.
    superseded: Vec<Policy>,
    /// The processes that do nothing.
    pub paused_processes: BTreeSet<ProcessName>,
    /// The rails on which no provider is called.
    pub paused_rails: BTreeSet<String>,
}

impl Marketplace {
    /// The policy of a version, which a contract has pinned.
    ///
    /// # Errors
    /// `NOT_FOUND` for a version that was never published.
    pub fn policy_of(&self, version: u32) -> Result<&Policy, Refusal> {
        if version == self.version {
            return Ok(&self.policy);
        }
        let index = usize::try_from(version).ok().and_then(|version| version.checked_sub(1));
        index.and_then(|index| self.superseded.get(index)).ok_or_else(|| Refusal::not_found("policy"))
    }

    pub(crate) fn evolve(state: Option<Self>, event: &Event) -> Option<Self> {
        let Event::Marketplace(event) = event else {
            return state;
        };
        if let MarketplaceEvent::PolicyPublished(e) = event {
            let Some(mut marketplace) = state else {
                return Some(Self {
                    version: e.version,
                    policy: e.policy.clone(),
                    superseded: Vec::new(),
                    paused_processes: BTreeSet::new(),
                    paused_rails: BTreeSet::new(),
                });
            };
            let superseded = std::mem::replace(&mut marketplace.policy, e.policy.clone());
            marketplace.superseded.push(superseded);
            marketplace.version = e.version;
            return Some(marketplace);
        }
        let mut marketplace = state?;
        match event {
            MarketplaceEvent::PolicyPublished(_) | MarketplaceEvent::ReadModelRebuildRequested(_) => {}
            MarketplaceEvent::ProcessPaused(e) => drop(marketplace.paused_processes.insert(e.process)),
            MarketplaceEvent::ProcessResumed(e) => drop(marketplace.paused_processes.remove(&e.process)),
            MarketplaceEvent::RailPaused(e) => drop(marketplace.paused_rails.insert(e.rail.clone())),
            MarketplaceEvent::RailResumed(e) => drop(marketplace.paused_rails.remove(&e.rail)),
        }
        Some(marketplace)
    }
}
