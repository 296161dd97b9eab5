//! IssueRecommendation and its answers: support says how it would divide what is disputed. Only both sides together
//! make it binding.

use super::{
    ArbitrationOffered, Dispute, DisputeEvent, DisputeStatus, RecommendationAccepted, RecommendationIssued,
    Rung, SettledBy, by_party, by_role, by_timer,
};
use crate::command::CommandKind;
use crate::context::{Context, Role};
use crate::event::Event;
use crate::id::DisputeId;
use crate::money::Money;
use crate::personal::Personal;
use crate::policy::DisputeRules;
use crate::proposal::Party;
use crate::refusal::{Code, Refusal};
use crate::stream::States;
use crate::text::Prose;
use crate::time::Timestamp;
use crate::timer::TimerKind;
use serde::Serialize;

/// Recommends how to divide what is disputed.
#[derive(Clone, Debug, Serialize)]
pub struct IssueRecommendation {
    /// The dispute.
    pub dispute_id: DisputeId,
    /// What the client should get.
    pub client_share: Money,
    /// Why; both sides read it.
    pub reasons: Prose,
}

/// Accepts the recommendation.
#[derive(Clone, Debug, Serialize)]
pub struct AcceptRecommendation {
    /// The dispute.
    pub dispute_id: DisputeId,
}

/// Rejects the recommendation.
#[derive(Clone, Debug, Serialize)]
pub struct RejectRecommendation {
    /// The dispute.
    pub dispute_id: DisputeId,
}

/// Takes silence for a no, when its timer is due.
#[derive(Clone, Debug, Serialize)]
pub struct LapseRecommendation {
    /// The dispute.
    pub dispute_id: DisputeId,
    /// The revision that set the timer.
    pub epoch: u64,
}

pub(crate) fn issue(
    command: &IssueRecommendation,
    states: &States,
    cx: &Context,
) -> Result<Vec<Event>, Refusal> {
    let mediator = cx.actor.person_as(Role::Support)?;
    let by = (CommandKind::IssueRecommendation, Role::Support);
    let dispute = by_role(states, command.dispute_id, by, DisputeStatus::Recommended)?;
    dispute.neutral(mediator, Rung::Mediation)?;
    if !dispute.evidence.is_sealed {
        return Err(Refusal::new(Code::WrongState, "both sides can still hand in evidence"));
    }
    let shares = dispute.divided(command.client_share).map_err(|refusal| refusal.at("clientShare"))?;
    Ok(vec![Event::Dispute(DisputeEvent::RecommendationIssued(RecommendationIssued {
        dispute_id: dispute.id,
        mediator,
        shares,
        reasons: Personal::Clear(command.reasons.clone()),
        answer_by: cx.now.plus_days(dispute.rules(states)?.answer_days),
    }))])
}

pub(crate) fn accept(
    command: &AcceptRecommendation,
    states: &States,
    cx: &Context,
) -> Result<Vec<Event>, Refusal> {
    let (kind, id) = (CommandKind::AcceptRecommendation, command.dispute_id);
    let (dispute, side) = by_party(states, id, (kind, DisputeStatus::Recommended), cx)?;
    if dispute.accepted_by == Some(side) {
        return Err(Refusal::new(Code::AlreadyRecorded, "this side has accepted the recommendation"));
    }
    let accepted = RecommendationAccepted { dispute_id: dispute.id, side };
    let mut events = vec![Event::Dispute(DisputeEvent::RecommendationAccepted(accepted))];
    if let Some(shares) = dispute.recommended.filter(|_| dispute.accepted_by.is_some()) {
        dispute.can((kind, side.role()), DisputeStatus::Settled)?;
        events.extend(dispute.settled(SettledBy::Recommendation, shares, states, cx)?);
    }
    Ok(events)
}

pub(crate) fn reject(
    command: &RejectRecommendation,
    states: &States,
    cx: &Context,
) -> Result<Vec<Event>, Refusal> {
    let by = (CommandKind::RejectRecommendation, DisputeStatus::ArbitrationOffered);
    let (dispute, side) = by_party(states, command.dispute_id, by, cx)?;
    offered(dispute, Some(side), states, cx)
}

pub(crate) fn lapse(
    command: &LapseRecommendation,
    states: &States,
    cx: &Context,
) -> Result<Vec<Event>, Refusal> {
    let timer = (TimerKind::LapseRecommendation, command.epoch);
    let dispute = by_timer(states, command.dispute_id, timer, DisputeStatus::ArbitrationOffered, cx)?;
    offered(dispute, None, states, cx)
}

/// The next rung: both pay for arbitration, or for a small claim the documents decide.
fn offered(
    dispute: &Dispute,
    rejected_by: Option<Party>,
    states: &States,
    cx: &Context,
) -> Result<Vec<Event>, Refusal> {
    let (fee, due_at) = dispute.arbitration(dispute.rules(states)?, cx.now);
    let offered = ArbitrationOffered { dispute_id: dispute.id, rejected_by, fee, due_at };
    Ok(vec![Event::Dispute(DisputeEvent::ArbitrationOffered(offered))])
}

impl Dispute {
    /// What each side pays for arbitration that is offered at `now`, and until when; without a fee, when the decision
    /// on the documents is due.
    pub(crate) fn arbitration(&self, rules: &DisputeRules, now: Timestamp) -> (Option<Money>, Timestamp) {
        let multiple = i128::from(rules.small_claim_multiple);
        let pays = |fee: &Money| i128::from(self.disputed.minor()) >= i128::from(fee.minor()) * multiple;
        let fee = rules.arbitration_fee(self.disputed.currency()).filter(pays);
        let days = if fee.is_some() { rules.arbitration_days } else { rules.award_days };
        (fee, now.plus_days(days))
    }
}
