//! Commands on the marketplace itself.

use super::super::world::World;
use crate::marketplace::{
    MarketplaceEvent, PauseProcess, PauseRail, PolicyPublished, PublishPolicy, RebuildReadModel,
    ResumeProcess, ResumeRail,
};
use crate::policy::Policy;
use crate::process::ProcessName;
use crate::scenario::{given, text};
use crate::{Command, Event};

pub(super) fn samples(_: &World) -> Vec<Command> {
    vec![
        PublishPolicy { policy: Policy::default() }.into(),
        PauseProcess { process: ProcessName::Payouts, reason: text() }.into(),
        ResumeProcess { process: ProcessName::Payouts }.into(),
        PauseRail { rail: "sandbox", reason: text() }.into(),
        ResumeRail { rail: "sandbox" }.into(),
        RebuildReadModel { name: "job_board", reason: text() }.into(),
    ]
}

/// Marketplaces whose policies lead elsewhere than the usual one.
pub(super) fn policies() -> Vec<World> {
    let begin = |name, change: fn(&mut Policy)| {
        let mut policy = Policy::default();
        change(&mut policy);
        let published = PolicyPublished { version: 2, policy };
        let published = Event::Marketplace(MarketplaceEvent::PolicyPublished(published));
        World::begin(name, given([published]))
    };
    vec![
        begin("every job is moderated", |policy| policy.hiring.moderation = true),
        begin("every payout is reviewed, no payee is new", |policy| {
            policy.payouts.review_above.clear();
            policy.payouts.new_payee_days = 0;
        }),
    ]
}
