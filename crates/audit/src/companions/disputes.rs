//! What follows from the events of a dispute, and from the award that ends it.

use domain::contract::{AwardApplied, MilestoneStatus};
use domain::dispute::{Decision, Dispute, DisputeEvent, SettledBy};
use domain::id::DisputeId;
use domain::proposal::Party;
use domain::{States, StreamId};

use super::companion::Companion;
use super::follows::{Awaited, asked_back, contract, sent_back};

/// The companion that an event of a dispute can be.
pub(super) const fn of_dispute(event: &DisputeEvent) -> Option<Companion> {
    match event {
        DisputeEvent::Opened(e) => Some(Companion::Disputed(e.milestone_id)),
        DisputeEvent::ArbitrationBegun(e) => Some(Companion::ArbitrationBegun(e.dispute_id)),
        DisputeEvent::Settled(e) => Some(Companion::DisputeSettled(e.dispute_id)),
        DisputeEvent::FeesSettled(e) => Some(Companion::FeesSettled(e.dispute_id)),
        DisputeEvent::Responded(_)
        | DisputeEvent::SettlementOffered(_)
        | DisputeEvent::Escalated(_)
        | DisputeEvent::EvidenceSubmitted(_)
        | DisputeEvent::QuestionAsked(_)
        | DisputeEvent::EvidenceSealed(_)
        | DisputeEvent::RecommendationIssued(_)
        | DisputeEvent::RecommendationAccepted(_)
        | DisputeEvent::ArbitrationOffered(_)
        | DisputeEvent::FeePaid(_)
        | DisputeEvent::DeadlineMissed(_)
        | DisputeEvent::Decided(_)
        | DisputeEvent::Appealed(_)
        | DisputeEvent::Finalized(_)
        | DisputeEvent::WithdrawalProposed(_)
        | DisputeEvent::Withdrawn(_)
        | DisputeEvent::Suspended(_)
        | DisputeEvent::Resumed(_) => None,
    }
}

/// Whether a command may begin with an event of a dispute that can also follow from another: its opening, a settlement
/// by one side's word, and the fees that the executed award settles.
pub(super) fn begins(event: &DisputeEvent) -> bool {
    match event {
        DisputeEvent::Settled(e) => e.by != SettledBy::Recommendation,
        DisputeEvent::FeesSettled(e) => e.bearer.is_some(),
        DisputeEvent::Opened(_) => true,
        DisputeEvent::Responded(_)
        | DisputeEvent::SettlementOffered(_)
        | DisputeEvent::Escalated(_)
        | DisputeEvent::EvidenceSubmitted(_)
        | DisputeEvent::QuestionAsked(_)
        | DisputeEvent::EvidenceSealed(_)
        | DisputeEvent::RecommendationIssued(_)
        | DisputeEvent::RecommendationAccepted(_)
        | DisputeEvent::ArbitrationOffered(_)
        | DisputeEvent::ArbitrationBegun(_)
        | DisputeEvent::FeePaid(_)
        | DisputeEvent::DeadlineMissed(_)
        | DisputeEvent::Decided(_)
        | DisputeEvent::Appealed(_)
        | DisputeEvent::Finalized(_)
        | DisputeEvent::WithdrawalProposed(_)
        | DisputeEvent::Withdrawn(_)
        | DisputeEvent::Suspended(_)
        | DisputeEvent::Resumed(_) => false,
    }
}

/// Whether an award is executed alone: what was paid for arbitration is settled first.
pub(super) fn applies_alone(e: &AwardApplied, states: &States) -> bool {
    dispute(states, e.dispute_id).is_some_and(|dispute| dispute.fees_held() == 0)
}

/// What must follow an event of a dispute at once.
pub(super) fn after_dispute(event: &DisputeEvent, states: &States) -> Option<Awaited> {
    if let DisputeEvent::Opened(e) = event {
        return Some(Awaited::from([Companion::Frozen(e.milestone_id, e.dispute_id)]));
    }
    let dispute = dispute(states, event.dispute_id())?;
    let fees = (dispute.fees_held() > 0).then_some(Companion::FeesSettled(dispute.id));
    let awaited = match event {
        DisputeEvent::Withdrawn(_) => {
            let unfrozen = Companion::Unfrozen(dispute.milestone_id, dispute.id);
            let contract = contract(states, dispute.contract_id)?;
            let prior = contract.milestone(dispute.milestone_id).ok()?.prior();
            let to_work = matches!(prior, Some(MilestoneStatus::Funded | MilestoneStatus::ChangesRequested));
            let asked = to_work.then(|| asked_back(contract, dispute.milestone_id)).flatten();
            fees.into_iter().chain([unfrozen]).chain(asked).collect()
        }
        DisputeEvent::RecommendationAccepted(_) => {
            let both = dispute.accepted_by.map(|_| Companion::DisputeSettled(dispute.id));
            both.into_iter().collect()
        }
        DisputeEvent::FeePaid(e) => {
            let both = dispute.paid.side(Party::other(e.side)) > 0;
            both.then_some(Companion::ArbitrationBegun(dispute.id)).into_iter().collect()
        }
        DisputeEvent::Settled(_) => fees.into_iter().collect(),
        DisputeEvent::Decided(e) => match e.decision {
            Decision::SolePayer(_) => fees.into_iter().collect(),
            Decision::Default
            | Decision::Recommendation
            | Decision::SmallClaim { .. }
            | Decision::Award { .. } => Awaited::new(),
        },
        DisputeEvent::FeesSettled(e) => {
            let award = e.bearer.map(|_| Companion::AwardApplied(dispute.id));
            award.into_iter().collect()
        }
        DisputeEvent::Opened(_)
        | DisputeEvent::Responded(_)
        | DisputeEvent::SettlementOffered(_)
        | DisputeEvent::Escalated(_)
        | DisputeEvent::EvidenceSubmitted(_)
        | DisputeEvent::QuestionAsked(_)
        | DisputeEvent::EvidenceSealed(_)
        | DisputeEvent::RecommendationIssued(_)
        | DisputeEvent::ArbitrationOffered(_)
        | DisputeEvent::ArbitrationBegun(_)
        | DisputeEvent::DeadlineMissed(_)
        | DisputeEvent::Appealed(_)
        | DisputeEvent::Finalized(_)
        | DisputeEvent::WithdrawalProposed(_)
        | DisputeEvent::Suspended(_)
        | DisputeEvent::Resumed(_) => Awaited::new(),
    };
    Some(awaited)
}

/// What an award sends back goes the way that it came.
pub(super) fn after_award(e: &AwardApplied, states: &States) -> Option<Awaited> {
    let Some(back) = &e.refund else { return Some(Awaited::new()) };
    sent_back((back.refund_id, back.deposit_id), back.amount, states)
}

fn dispute(states: &States, id: DisputeId) -> Option<&Dispute> {
    states.state(&StreamId::Dispute(id))?.as_dispute()
}
