//! Whether a dispute can have ended so in this state, or been kept from its end.

use super::super::lawful::agree;
use super::moves;
use crate::command::CommandKind;
use crate::dispute::{
    ArbitrationFeesSettled, Decision, Dispute, DisputeDecided, DisputeEvent, DisputeFinalized,
    DisputeSettled, DisputeStatus, Finality, Rung, SettledBy, WithdrawnBy,
};
use crate::policy::DisputeRules;
use crate::refusal::{Code, Refusal};
use crate::time::Timestamp;

pub(super) fn lawful_outcome(
    event: &DisputeEvent,
    dispute: &Dispute,
    rules: &DisputeRules,
    at: Timestamp,
) -> Result<(), Refusal> {
    match event {
        DisputeEvent::Settled(e) => lawful_settlement(e, dispute),
        DisputeEvent::Decided(e) => {
            agree(e.appeal_until == at.plus_days(rules.appeal_days), "an appeal takes the policy's window")?;
            lawful_decision(e, dispute)
        }
        DisputeEvent::Appealed(e) => {
            agree(dispute.has_lost(e.side), "who got all that it could does not appeal")?;
            let due = at.plus_days(rules.appeal_decision_days);
            agree(e.decide_by == due, "an appeal's decision takes the policy's window")?;
            moves(dispute, CommandKind::FileAppeal, DisputeStatus::Appealed)
        }
        DisputeEvent::Finalized(e) => lawful_end(e, dispute),
        DisputeEvent::WithdrawalProposed(_) => {
            let alone = dispute.takes_both() && dispute.withdrawal_by.is_none();
            agree(alone, "what takes both sides is proposed once")?;
            moves(dispute, CommandKind::WithdrawDispute, dispute.status())
        }
        DisputeEvent::Withdrawn(e) => {
            let both = e.by == WithdrawnBy::Both;
            let proposed = dispute.withdrawal_by.is_some();
            agree(both == dispute.takes_both() && (proposed || !both), "both give up what takes both")?;
            moves(dispute, CommandKind::WithdrawDispute, DisputeStatus::Withdrawn)
        }
        DisputeEvent::FeesSettled(e) => lawful_fees(e, dispute),
        DisputeEvent::Suspended(_) => moves(dispute, CommandKind::SuspendDispute, DisputeStatus::Suspended),
        DisputeEvent::Resumed(_) => {
            let prior = dispute.prior();
            let prior = prior.ok_or_else(|| Refusal::new(Code::WrongState, "nothing was suspended"))?;
            moves(dispute, CommandKind::ResumeDispute, prior)
        }
        DisputeEvent::Opened(_)
        | DisputeEvent::Responded(_)
        | DisputeEvent::SettlementOffered(_)
        | DisputeEvent::Escalated(_)
        | DisputeEvent::EvidenceSubmitted(_)
        | DisputeEvent::QuestionAsked(_)
        | DisputeEvent::EvidenceSealed(_)
        | DisputeEvent::RecommendationIssued(_)
        | DisputeEvent::RecommendationAccepted(_)
        | DisputeEvent::ArbitrationOffered(_)
        | DisputeEvent::FeePaid(_)
        | DisputeEvent::ArbitrationBegun(_)
        | DisputeEvent::DeadlineMissed(_) => Ok(()),
    }
}

/// What was paid for an arbitration that took place is settled with its award; all else follows the end of the ladder
/// that made it needless.
fn lawful_fees(e: &ArbitrationFeesSettled, dispute: &Dispute) -> Result<(), Refusal> {
    agree(e.bearer == dispute.fee_bearer, "the award says who bears the fee")?;
    let stands = dispute.status();
    let over = match e.bearer {
        Some(_) => stands == DisputeStatus::Final,
        None => {
            matches!(stands, DisputeStatus::Settled | DisputeStatus::Decided | DisputeStatus::Withdrawn)
        }
    };
    agree(over && dispute.fees_held() > 0, "fees are settled when the ladder ends")
}

fn lawful_settlement(e: &DisputeSettled, dispute: &Dispute) -> Result<(), Refusal> {
    let own = (e.contract_id, e.milestone_id) == (dispute.contract_id, dispute.milestone_id);
    agree(own, "a dispute settles its own milestone")?;
    let (kind, shares) = match e.by {
        SettledBy::Concession => (CommandKind::ConcedeDispute, Some(dispute.won_by(dispute.opened_by)?)),
        SettledBy::Offer(number) => {
            let offer = dispute.offer.filter(|offer| offer.number == number);
            (CommandKind::AcceptSettlementOffer, offer.map(|offer| offer.shares))
        }
        SettledBy::Recommendation => (CommandKind::AcceptRecommendation, dispute.recommended),
    };
    agree(shares == Some(e.shares), "what is settled is what both sides agreed to")?;
    moves(dispute, kind, DisputeStatus::Settled)
}

fn lawful_decision(e: &DisputeDecided, dispute: &Dispute) -> Result<(), Refusal> {
    let (kind, shares) = match &e.decision {
        Decision::Default => (CommandKind::DefaultDispute, Some(dispute.won_by(dispute.opened_by)?)),
        Decision::SolePayer(side) => {
            let sole = dispute.paid.side(*side) > 0 && dispute.paid.side(side.other()) == 0;
            agree(sole, "who alone paid wins")?;
            (CommandKind::LapseArbitrationOffer, Some(dispute.won_by(*side)?))
        }
        Decision::Recommendation => {
            agree(dispute.fees_held() == 0, "a recommendation stands where nobody paid")?;
            (CommandKind::LapseArbitrationOffer, dispute.recommended)
        }
        Decision::SmallClaim { arbitrator, .. } => {
            dispute.neutral(*arbitrator, Rung::Arbitration)?;
            agree(dispute.fee.is_none(), "documents decide where there is no fee")?;
            (CommandKind::DecideSmallClaim, Some(dispute.divided(e.shares.client)?))
        }
        Decision::Award { arbitrator, .. } => {
            dispute.neutral(*arbitrator, Rung::Arbitration)?;
            (CommandKind::IssueAward, Some(dispute.divided(e.shares.client)?))
        }
    };
    agree(shares == Some(e.shares), "what is decided follows from how it is decided")?;
    moves(dispute, kind, DisputeStatus::Decided)
}

fn lawful_end(e: &DisputeFinalized, dispute: &Dispute) -> Result<(), Refusal> {
    let own = (e.contract_id, e.milestone_id) == (dispute.contract_id, dispute.milestone_id);
    agree(own, "a dispute decides on its own milestone")?;
    let appealed = dispute.status() == DisputeStatus::Appealed;
    let (kind, shares) = match &e.finality {
        Finality::Unchallenged => {
            agree(!appealed, "what was appealed was challenged")?;
            (CommandKind::FinalizeAward, dispute.shares)
        }
        Finality::AppealLapsed => {
            agree(appealed, "only an appeal lapses")?;
            (CommandKind::FinalizeAward, dispute.shares)
        }
        Finality::Appeal { reviewer, .. } => {
            dispute.neutral(*reviewer, Rung::Appeal)?;
            (CommandKind::DecideAppeal, Some(dispute.divided(e.shares.client)?))
        }
    };
    agree(shares == Some(e.shares), "what stands is what was decided")?;
    moves(dispute, kind, DisputeStatus::Final)
}
