//! RespondToDispute, ConcedeDispute and DefaultDispute: the respondent answers, gives in, or says nothing.

use super::{
    Decision, Dispute, DisputeEvent, DisputeResponded, DisputeStatus, SettledBy, by_party, by_timer,
};
use crate::command::CommandKind;
use crate::context::Context;
use crate::event::Event;
use crate::id::DisputeId;
use crate::personal::Personal;
use crate::proposal::Party;
use crate::refusal::{Code, Refusal};
use crate::stream::States;
use crate::text::Prose;
use crate::timer::TimerKind;
use serde::Serialize;

/// Answers a claim.
#[derive(Clone, Debug, Serialize)]
pub struct RespondToDispute {
    /// The dispute.
    pub dispute_id: DisputeId,
    /// What the respondent says; the opener reads it.
    pub answer: Prose,
}

/// Gives in to a claim.
#[derive(Clone, Debug, Serialize)]
pub struct ConcedeDispute {
    /// The dispute.
    pub dispute_id: DisputeId,
}

/// Decides for the opener because the respondent said nothing, when its timer is due.
#[derive(Clone, Debug, Serialize)]
pub struct DefaultDispute {
    /// The dispute.
    pub dispute_id: DisputeId,
    /// The revision that set the timer.
    pub epoch: u64,
}

pub(crate) fn respond(
    command: &RespondToDispute,
    states: &States,
    cx: &Context,
) -> Result<Vec<Event>, Refusal> {
    let by = (CommandKind::RespondToDispute, DisputeStatus::Negotiation);
    let (dispute, side) = by_party(states, command.dispute_id, by, cx)?;
    answers(dispute, side)?;
    let rules = dispute.rules(states)?;
    Ok(vec![Event::Dispute(DisputeEvent::Responded(DisputeResponded {
        dispute_id: dispute.id,
        answer: Personal::Clear(command.answer.clone()),
        escalates_from: cx.now.plus_days(rules.escalate_after_days),
        negotiates_until: cx.now.plus_days(rules.negotiation_days),
    }))])
}

pub(crate) fn concede(
    command: &ConcedeDispute,
    states: &States,
    cx: &Context,
) -> Result<Vec<Event>, Refusal> {
    let by = (CommandKind::ConcedeDispute, DisputeStatus::Settled);
    let (dispute, side) = by_party(states, command.dispute_id, by, cx)?;
    answers(dispute, side)?;
    dispute.settled(SettledBy::Concession, dispute.won_by(dispute.opened_by)?, states, cx)
}

pub(crate) fn default(
    command: &DefaultDispute,
    states: &States,
    cx: &Context,
) -> Result<Vec<Event>, Refusal> {
    let timer = (TimerKind::DefaultDispute, command.epoch);
    let dispute = by_timer(states, command.dispute_id, timer, DisputeStatus::Decided, cx)?;
    let shares = dispute.won_by(dispute.opened_by)?;
    Ok(vec![dispute.decided(Decision::Default, shares, states, cx)?])
}

/// That `side` is the one that answers.
fn answers(dispute: &Dispute, side: Party) -> Result<(), Refusal> {
    if side == dispute.opened_by {
        return Err(Refusal::new(Code::WrongSide, "a claim is answered by the other side"));
    }
    Ok(())
}
