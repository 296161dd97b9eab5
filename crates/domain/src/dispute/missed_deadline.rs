//! MissDisputeDeadline: staff let a deadline pass. It is extended once, for somebody else to take the case; after that
//! an admin looks into it.

use super::{DeadlineMissed, Dispute, DisputeEvent, DisputeStatus, by_timer};
use crate::context::Context;
use crate::event::Event;
use crate::id::DisputeId;
use crate::policy::DisputeRules;
use crate::refusal::Refusal;
use crate::stream::States;
use crate::time::Timestamp;
use crate::timer::TimerKind;
use serde::Serialize;

/// Records that staff let a deadline pass, when its timer is due.
#[derive(Clone, Debug, Serialize)]
pub struct MissDisputeDeadline {
    /// The dispute.
    pub dispute_id: DisputeId,
    /// The revision that set the timer.
    pub epoch: u64,
}

pub(crate) fn decide(
    command: &MissDisputeDeadline,
    states: &States,
    cx: &Context,
) -> Result<Vec<Event>, Refusal> {
    let stands = states.dispute(command.dispute_id)?.status();
    let timer = (TimerKind::MissDisputeDeadline, command.epoch);
    let dispute = by_timer(states, command.dispute_id, timer, stands, cx)?;
    let extended_to = dispute.extended_to(dispute.rules(states)?, cx.now);
    let missed = DeadlineMissed { dispute_id: dispute.id, extended_to };
    Ok(vec![Event::Dispute(DisputeEvent::DeadlineMissed(missed))])
}

impl Dispute {
    /// Until when the deadline that is missed at `now` is extended: by its own window, and never twice.
    pub(crate) fn extended_to(&self, rules: &DisputeRules, now: Timestamp) -> Option<Timestamp> {
        let until = if self.status() == DisputeStatus::Mediation {
            now.plus_business_days(rules.recommendation_business_days)
        } else {
            now.plus_days(rules.award_days)
        };
        (!self.is_extended()).then_some(until)
    }
}
