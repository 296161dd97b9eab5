//! Who may have acted in a dispute.

use super::{expect, person, system};
use crate::dispute::{
    Decision, Dispute, DisputeEvent, DisputeSettled, Finality, Opening, SettledBy, WithdrawnBy,
};
use crate::refusal::Refusal;
use crate::stream::States;

pub(super) fn disputant(event: &DisputeEvent, states: &States, actor: &str) -> Result<(), Refusal> {
    if let DisputeEvent::Opened(e) = event {
        return match e.opening {
            Opening::Claimed { .. } => person(actor, &[e.opener]),
            Opening::Refused { .. } => person(actor, &[e.respondent]),
        };
    }
    let dispute = states.dispute(event.dispute_id())?;
    let either = || person(actor, &[dispute.opener, dispute.respondent]);
    match event {
        DisputeEvent::Responded(_) => person(actor, &[dispute.respondent]),
        DisputeEvent::SettlementOffered(e) => person(actor, &[dispute.party(e.author)]),
        DisputeEvent::Escalated(_) => system(actor).or_else(|_| either()),
        DisputeEvent::EvidenceSubmitted(e) => person(actor, &[dispute.party(e.author)]),
        DisputeEvent::QuestionAsked(e) => person(actor, &[e.mediator]),
        DisputeEvent::RecommendationIssued(e) => person(actor, &[e.mediator]),
        DisputeEvent::RecommendationAccepted(e) => person(actor, &[dispute.party(e.side)]),
        DisputeEvent::ArbitrationOffered(e) => match e.rejected_by {
            Some(side) => person(actor, &[dispute.party(side)]),
            None => system(actor),
        },
        DisputeEvent::FeePaid(e) => {
            expect(e.payer == dispute.party(e.side), actor, "the party on the side that pays")?;
            person(actor, &[e.payer])
        }
        DisputeEvent::ArbitrationBegun(_) => either(),
        DisputeEvent::Settled(e) => settler(e, dispute, actor),
        DisputeEvent::Decided(e) => match &e.decision {
            Decision::Default | Decision::SolePayer(_) | Decision::Recommendation => system(actor),
            Decision::SmallClaim { arbitrator, .. } | Decision::Award { arbitrator, .. } => {
                person(actor, &[*arbitrator])
            }
        },
        DisputeEvent::Appealed(e) => person(actor, &[dispute.party(e.side)]),
        DisputeEvent::Finalized(e) => match &e.finality {
            Finality::Unchallenged | Finality::AppealLapsed => system(actor),
            Finality::Appeal { reviewer, .. } => person(actor, &[*reviewer]),
        },
        DisputeEvent::WithdrawalProposed(e) => person(actor, &[dispute.party(e.side)]),
        DisputeEvent::Withdrawn(e) => match (e.by, dispute.withdrawal_by) {
            (WithdrawnBy::Both, Some(side)) => person(actor, &[dispute.party(side.other())]),
            (WithdrawnBy::Opener | WithdrawnBy::Both, _) => person(actor, &[dispute.opener]),
        },
        // It follows from what ends the ladder, whose actor is checked there; and how it began is judged above.
        DisputeEvent::FeesSettled(_) | DisputeEvent::Opened(_) => Ok(()),
        DisputeEvent::EvidenceSealed(_)
        | DisputeEvent::DeadlineMissed(_)
        | DisputeEvent::Suspended(_)
        | DisputeEvent::Resumed(_) => system(actor),
    }
}

fn settler(e: &DisputeSettled, dispute: &Dispute, actor: &str) -> Result<(), Refusal> {
    match e.by {
        SettledBy::Concession => person(actor, &[dispute.respondent]),
        SettledBy::Offer(_) => {
            let other = dispute.offer.map(|offer| dispute.party(offer.author.other()));
            person(actor, other.as_slice())
        }
        SettledBy::Recommendation => person(actor, &[dispute.opener, dispute.respondent]),
    }
}
