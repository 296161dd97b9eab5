//! Whether an event of a dispute can have happened in this state.

mod outcome;

use super::lawful::{agree, leads, milestone};
use crate::command::CommandKind;
use crate::dispute::open_dispute::claimable;
use crate::dispute::{
    self, ArbitrationOffered, Dispute, DisputeEvent, DisputeOpened, DisputeStatus, EVIDENCE_PER_SIDE_MAX,
    EvidenceSubmitted, OFFERS_MAX, Opening, QUESTIONS_MAX, RecommendationIssued, Rung, Shares, TRANSITIONS,
};
use crate::policy::DisputeRules;
use crate::proposal::Party;
use crate::refusal::Refusal;
use crate::stream::States;
use crate::time::Timestamp;

pub(super) fn lawful_dispute(event: &DisputeEvent, states: &States, at: Timestamp) -> Result<(), Refusal> {
    if let DisputeEvent::Opened(e) = event {
        return lawful_opening(e, states, at);
    }
    let dispute = states.dispute(event.dispute_id())?;
    let rules = dispute.rules(states)?;
    match event {
        DisputeEvent::Responded(e) => {
            let window = (e.escalates_from, e.negotiates_until);
            agree(window == negotiation(rules, at), "negotiation takes the policy's window")?;
            moves(dispute, CommandKind::RespondToDispute, DisputeStatus::Negotiation)
        }
        DisputeEvent::Escalated(e) => {
            let from = dispute.escalates_from().into_iter().chain(dispute.due_at()).min();
            agree(from.is_some_and(|from| from <= at), "it goes to support once negotiation had its time")?;
            agree(
                e.evidence_until == at.plus_days(rules.evidence_days),
                "evidence takes the policy's window",
            )?;
            moves(dispute, CommandKind::EscalateDispute, DisputeStatus::Mediation)
        }
        DisputeEvent::ArbitrationOffered(e) => lawful_offer_of_arbitration(e, dispute, rules, at),
        DisputeEvent::ArbitrationBegun(e) => {
            let paid = [Party::Client, Party::Talent].iter().all(|side| dispute.paid.side(*side) > 0);
            agree(paid, "arbitration begins when both sides have paid")?;
            agree(e.award_by == at.plus_days(rules.award_days), "an award takes the policy's window")?;
            moves(dispute, CommandKind::PayArbitrationFee, DisputeStatus::Arbitration)
        }
        DisputeEvent::DeadlineMissed(e) => {
            agree(
                e.extended_to == dispute.extended_to(rules, at),
                "a deadline is extended once, by its window",
            )?;
            moves(dispute, CommandKind::MissDisputeDeadline, dispute.status())
        }
        DisputeEvent::RecommendationIssued(e) => lawful_recommendation(e, dispute, rules, at),
        DisputeEvent::EvidenceSealed(e) => {
            let due = at.plus_business_days(rules.recommendation_business_days);
            agree(e.recommend_by == due, "a recommendation takes the policy's window")?;
            agree(!dispute.evidence.is_sealed, "evidence is sealed once")?;
            moves(dispute, CommandKind::SealEvidence, DisputeStatus::Mediation)
        }
        DisputeEvent::Opened(_)
        | DisputeEvent::SettlementOffered(_)
        | DisputeEvent::EvidenceSubmitted(_)
        | DisputeEvent::QuestionAsked(_)
        | DisputeEvent::RecommendationAccepted(_)
        | DisputeEvent::FeePaid(_) => lawful_word(event, dispute),
        DisputeEvent::Settled(_)
        | DisputeEvent::Decided(_)
        | DisputeEvent::Appealed(_)
        | DisputeEvent::Finalized(_)
        | DisputeEvent::WithdrawalProposed(_)
        | DisputeEvent::Withdrawn(_)
        | DisputeEvent::FeesSettled(_)
        | DisputeEvent::Suspended(_)
        | DisputeEvent::Resumed(_) => outcome::lawful_outcome(event, dispute, rules, at),
    }
}

fn lawful_opening(e: &DisputeOpened, states: &States, at: Timestamp) -> Result<(), Refusal> {
    let (contract, milestone) = milestone(states, e.contract_id, e.milestone_id)?;
    let parties = (contract.party(e.opened_by), contract.party(e.opened_by.other()));
    agree(parties == (e.opener, e.respondent), "a dispute is between the contract's parties")?;
    agree(!milestone.is_frozen(), "nothing moves while it is frozen")?;
    agree(contract.disputable(milestone)? == e.disputed, "what is disputed is all that is held")?;
    claimable(e.claim, e.disputed)?;
    let rules = dispute::rules_of(states, contract)?;
    let from = states.dispute(e.dispute_id).ok().map(Dispute::status);
    match &e.opening {
        Opening::Claimed { respond_by, .. } => {
            agree(*respond_by == at.plus_days(rules.response_days), "an answer takes the policy's window")?;
            leads(TRANSITIONS, from, CommandKind::OpenDispute, DisputeStatus::AwaitingResponse)
        }
        Opening::Refused { escalates_from, negotiates_until, .. } => {
            let whole = e.opened_by == Party::Client && e.claim == e.disputed;
            agree(whole, "a client whose request is refused wants all of it back")?;
            let window = (*escalates_from, *negotiates_until);
            agree(window == negotiation(rules, at), "negotiation takes the policy's window")?;
            leads(TRANSITIONS, from, CommandKind::RejectRefund, DisputeStatus::Negotiation)
        }
    }
}

/// What one side, or the mediator, adds to where it stands.
fn lawful_word(event: &DisputeEvent, dispute: &Dispute) -> Result<(), Refusal> {
    match event {
        DisputeEvent::SettlementOffered(e) => {
            let counts = e.number == dispute.offers + 1 && e.number <= OFFERS_MAX;
            agree(counts, "offers count without a gap")?;
            let shares = Shares::of(dispute.disputed, e.shares.client)?;
            agree(shares == e.shares, "shares are all that is disputed")?;
            moves(dispute, CommandKind::MakeSettlementOffer, dispute.status())
        }
        DisputeEvent::EvidenceSubmitted(e) => lawful_evidence(e, dispute),
        DisputeEvent::QuestionAsked(e) => {
            dispute.neutral(e.mediator, Rung::Mediation)?;
            dispute.hears()?;
            let counts = e.number == dispute.evidence.questions + 1 && e.number <= QUESTIONS_MAX;
            agree(counts, "questions count without a gap")?;
            moves(dispute, CommandKind::AskDisputeQuestion, DisputeStatus::Mediation)
        }
        DisputeEvent::RecommendationAccepted(e) => {
            agree(dispute.accepted_by != Some(e.side), "each side accepts once")?;
            moves(dispute, CommandKind::AcceptRecommendation, DisputeStatus::Recommended)
        }
        DisputeEvent::FeePaid(e) => {
            let owed = dispute.fee == Some(e.amount) && dispute.paid.side(e.side) == 0;
            agree(owed, "each side pays the fee once")?;
            moves(dispute, CommandKind::PayArbitrationFee, DisputeStatus::ArbitrationOffered)
        }
        DisputeEvent::Opened(_)
        | DisputeEvent::Responded(_)
        | DisputeEvent::Escalated(_)
        | DisputeEvent::EvidenceSealed(_)
        | DisputeEvent::RecommendationIssued(_)
        | DisputeEvent::ArbitrationOffered(_)
        | DisputeEvent::ArbitrationBegun(_)
        | DisputeEvent::DeadlineMissed(_)
        | DisputeEvent::Settled(_)
        | DisputeEvent::Decided(_)
        | DisputeEvent::Appealed(_)
        | DisputeEvent::Finalized(_)
        | DisputeEvent::WithdrawalProposed(_)
        | DisputeEvent::Withdrawn(_)
        | DisputeEvent::FeesSettled(_)
        | DisputeEvent::Suspended(_)
        | DisputeEvent::Resumed(_) => Ok(()),
    }
}

fn lawful_evidence(e: &EvidenceSubmitted, dispute: &Dispute) -> Result<(), Refusal> {
    dispute.hears()?;
    agree(e.number == dispute.evidence.next(), "evidence counts without a gap")?;
    agree(dispute.evidence.of(e.author) < EVIDENCE_PER_SIDE_MAX, "each side hands in so much and no more")?;
    agree(e.is_hashed(), "the hash of evidence is that of the evidence")?;
    moves(dispute, CommandKind::SubmitEvidence, dispute.status())
}

fn lawful_recommendation(
    e: &RecommendationIssued,
    dispute: &Dispute,
    rules: &DisputeRules,
    at: Timestamp,
) -> Result<(), Refusal> {
    dispute.neutral(e.mediator, Rung::Mediation)?;
    agree(dispute.evidence.is_sealed, "a recommendation follows the evidence")?;
    agree(dispute.divided(e.shares.client)? == e.shares, "shares are all that is disputed")?;
    agree(e.answer_by == at.plus_days(rules.answer_days), "an answer takes the policy's window")?;
    moves(dispute, CommandKind::IssueRecommendation, DisputeStatus::Recommended)
}

fn lawful_offer_of_arbitration(
    e: &ArbitrationOffered,
    dispute: &Dispute,
    rules: &DisputeRules,
    at: Timestamp,
) -> Result<(), Refusal> {
    let offered = (e.fee, e.due_at) == dispute.arbitration(rules, at);
    agree(offered, "arbitration costs and takes what the policy says")?;
    let rejected = e.rejected_by.is_some();
    let kind = if rejected { CommandKind::RejectRecommendation } else { CommandKind::LapseRecommendation };
    moves(dispute, kind, DisputeStatus::ArbitrationOffered)
}

fn negotiation(rules: &DisputeRules, at: Timestamp) -> (Timestamp, Timestamp) {
    (at.plus_days(rules.escalate_after_days), at.plus_days(rules.negotiation_days))
}

fn moves(dispute: &Dispute, kind: CommandKind, to: DisputeStatus) -> Result<(), Refusal> {
    leads(TRANSITIONS, Some(dispute.status()), kind, to)
}
