//! EscalateDispute: negotiation has failed, or has taken as long as it may, and support hears both sides.

use super::{Dispute, DisputeEscalated, DisputeEvent, DisputeStatus, by_party, by_timer};
use crate::command::CommandKind;
use crate::context::Context;
use crate::event::Event;
use crate::id::DisputeId;
use crate::refusal::{Code, Refusal};
use crate::stream::States;
use crate::timer::TimerKind;
use serde::Serialize;

/// Takes a dispute to support.
#[derive(Clone, Debug, Serialize)]
pub struct EscalateDispute {
    /// The dispute.
    pub dispute_id: DisputeId,
}

/// Takes a dispute to support, when its timer is due.
#[derive(Clone, Debug, Serialize)]
pub struct AutoEscalateDispute {
    /// The dispute.
    pub dispute_id: DisputeId,
    /// The revision that set the timer.
    pub epoch: u64,
}

pub(crate) fn decide(
    command: &EscalateDispute,
    states: &States,
    cx: &Context,
) -> Result<Vec<Event>, Refusal> {
    let by = (CommandKind::EscalateDispute, DisputeStatus::Mediation);
    let (dispute, _) = by_party(states, command.dispute_id, by, cx)?;
    if let Some(from) = dispute.escalates_from().filter(|from| cx.now < *from) {
        let message = format!("negotiate until {from}: after that either side may take it to support");
        return Err(Refusal::new(Code::WrongState, message));
    }
    escalated(dispute, states, cx)
}

pub(crate) fn auto(
    command: &AutoEscalateDispute,
    states: &States,
    cx: &Context,
) -> Result<Vec<Event>, Refusal> {
    let timer = (TimerKind::AutoEscalateDispute, command.epoch);
    escalated(by_timer(states, command.dispute_id, timer, DisputeStatus::Mediation, cx)?, states, cx)
}

fn escalated(dispute: &Dispute, states: &States, cx: &Context) -> Result<Vec<Event>, Refusal> {
    Ok(vec![Event::Dispute(DisputeEvent::Escalated(DisputeEscalated {
        dispute_id: dispute.id,
        evidence_until: cx.now.plus_days(dispute.rules(states)?.evidence_days),
    }))])
}
