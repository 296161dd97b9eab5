//! What happens to disputes.

use super::{
    AppealGround, ContentHash, Decision, FeeBearer, Finality, Opening, SettledBy, Shares, WithdrawnBy,
};
use crate::event::event_group;
use crate::id::{ContractId, DisputeId, MilestoneId, PartyId};
use crate::ledger::JournalEntry;
use crate::money::Money;
use crate::personal::Personal;
use crate::proposal::{Party, Salt};
use crate::stream::StreamId;
use crate::text::Prose;
use crate::time::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

event_group! {
    /// Events of a dispute.
    DisputeEvent {
        /// One side claims, or a refund was refused.
        Opened(DisputeOpened) = "dispute.opened", 1;
        /// The other side answered; both negotiate.
        Responded(DisputeResponded) = "dispute.responded", 1;
        /// One side offers to settle.
        SettlementOffered(SettlementOffered) = "dispute.settlement_offered", 1;
        /// It goes to support.
        Escalated(DisputeEscalated) = "dispute.escalated", 1;
        /// A side handed in evidence.
        EvidenceSubmitted(EvidenceSubmitted) = "dispute.evidence_submitted", 1;
        /// The mediator asks.
        QuestionAsked(DisputeQuestionAsked) = "dispute.question_asked", 1;
        /// No more evidence is heard before the recommendation.
        EvidenceSealed(EvidenceSealed) = "dispute.evidence_sealed", 1;
        /// The mediator recommends a split.
        RecommendationIssued(RecommendationIssued) = "dispute.recommendation_issued", 1;
        /// One side accepts it.
        RecommendationAccepted(RecommendationAccepted) = "dispute.recommendation_accepted", 1;
        /// One side did not, or said nothing: the next rung is arbitration.
        ArbitrationOffered(ArbitrationOffered) = "dispute.arbitration_offered", 1;
        /// One side paid for arbitration.
        FeePaid(ArbitrationFeePaid) = "dispute.fee_paid", 1;
        /// Both sides paid: an arbitrator decides.
        ArbitrationBegun(ArbitrationBegun) = "dispute.arbitration_begun", 1;
        /// Staff let a deadline pass.
        DeadlineMissed(DeadlineMissed) = "dispute.deadline_missed", 1;
        /// Both sides agree.
        Settled(DisputeSettled) = "dispute.settled", 1;
        /// It is decided.
        Decided(DisputeDecided) = "dispute.decided", 1;
        /// Who lost has it looked at again.
        Appealed(DisputeAppealed) = "dispute.appealed", 1;
        /// Nothing more can be said against the decision.
        Finalized(DisputeFinalized) = "dispute.finalized", 1;
        /// One side wants to give it up where both have to.
        WithdrawalProposed(WithdrawalProposed) = "dispute.withdrawal_proposed", 1;
        /// It was given up.
        Withdrawn(DisputeWithdrawn) = "dispute.withdrawn", 1;
        /// What was paid for arbitration goes to whom it belongs.
        FeesSettled(ArbitrationFeesSettled) = "dispute.fees_settled", 1;
        /// It rests while a chargeback is open.
        Suspended(DisputeSuspended) = "dispute.suspended", 1;
        /// It goes on where it rested.
        Resumed(DisputeResumed) = "dispute.resumed", 1;
    }
}

/// Payload of `dispute.opened`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DisputeOpened {
    /// The dispute.
    pub dispute_id: DisputeId,
    /// The contract.
    pub contract_id: ContractId,
    /// The milestone whose money is disputed.
    pub milestone_id: MilestoneId,
    /// Who opened it.
    pub opener: PartyId,
    /// Who answers.
    pub respondent: PartyId,
    /// Which side opened it.
    pub opened_by: Party,
    /// What is divided between the two: escrow, or what was released of it, before fees.
    pub disputed: Money,
    /// What the opener wants of that, and the most that a recommendation or a decision gives it.
    pub claim: Money,
    /// How it began.
    pub opening: Opening,
}

/// Payload of `dispute.responded`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DisputeResponded {
    /// The dispute.
    pub dispute_id: DisputeId,
    /// What the respondent says.
    pub answer: Personal<Prose>,
    /// From when on either side may take it to support.
    pub escalates_from: Timestamp,
    /// When it goes there by itself.
    pub negotiates_until: Timestamp,
}

/// Payload of `dispute.settlement_offered`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SettlementOffered {
    /// The dispute.
    pub dispute_id: DisputeId,
    /// Counts the dispute's offers from 1; the last one stands.
    pub number: u16,
    /// Which side offers it.
    pub author: Party,
    /// How it would divide what is disputed.
    pub shares: Shares,
}

/// Payload of `dispute.escalated`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DisputeEscalated {
    /// The dispute.
    pub dispute_id: DisputeId,
    /// Until when both sides can hand in evidence.
    pub evidence_until: Timestamp,
}

/// Payload of `dispute.evidence_submitted`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct EvidenceSubmitted {
    /// The dispute.
    pub dispute_id: DisputeId,
    /// Counts what the dispute's sides handed in, from 1.
    pub number: u16,
    /// Which side hands it in.
    pub author: Party,
    /// What it says.
    pub text: Personal<Prose>,
    /// SHA-256 of a document that is kept elsewhere.
    pub attachment: Option<ContentHash>,
    /// What keeps the hash of an erased text from being guessed.
    pub salt: Salt,
    /// SHA-256 of the salt, the text and the document's hash.
    pub content_hash: ContentHash,
}

/// Payload of `dispute.question_asked`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DisputeQuestionAsked {
    /// The dispute.
    pub dispute_id: DisputeId,
    /// Counts the dispute's questions from 1.
    pub number: u16,
    /// Who asks.
    pub mediator: PartyId,
    /// What both sides read.
    pub question: Personal<Prose>,
}

/// Payload of `dispute.evidence_sealed`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct EvidenceSealed {
    /// The dispute.
    pub dispute_id: DisputeId,
    /// When the recommendation is due.
    pub recommend_by: Timestamp,
}

/// Payload of `dispute.recommendation_issued`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RecommendationIssued {
    /// The dispute.
    pub dispute_id: DisputeId,
    /// Who recommends.
    pub mediator: PartyId,
    /// How what is disputed should be divided.
    pub shares: Shares,
    /// Why; both sides read it.
    pub reasons: Personal<Prose>,
    /// Until when both sides can accept it.
    pub answer_by: Timestamp,
}

/// Payload of `dispute.recommendation_accepted`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RecommendationAccepted {
    /// The dispute.
    pub dispute_id: DisputeId,
    /// Which side accepts it.
    pub side: Party,
}

/// Payload of `dispute.arbitration_offered`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ArbitrationOffered {
    /// The dispute.
    pub dispute_id: DisputeId,
    /// Which side rejected the recommendation; none where silence did.
    pub rejected_by: Option<Party>,
    /// What each side pays; none where the documents decide.
    pub fee: Option<Money>,
    /// Until when both can pay, or when the decision on the documents is due.
    pub due_at: Timestamp,
}

/// Payload of `dispute.fee_paid`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ArbitrationFeePaid {
    /// The dispute.
    pub dispute_id: DisputeId,
    /// Which side paid.
    pub side: Party,
    /// Who paid.
    pub payer: PartyId,
    /// How much.
    pub amount: Money,
    /// The entry.
    pub entry: JournalEntry,
}

/// Payload of `dispute.arbitration_begun`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ArbitrationBegun {
    /// The dispute.
    pub dispute_id: DisputeId,
    /// When the award is due.
    pub award_by: Timestamp,
}

/// Payload of `dispute.deadline_missed`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DeadlineMissed {
    /// The dispute.
    pub dispute_id: DisputeId,
    /// When it is due now. A deadline is extended once; after that an admin looks into it.
    pub extended_to: Option<Timestamp>,
}

/// Payload of `dispute.settled`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DisputeSettled {
    /// The dispute.
    pub dispute_id: DisputeId,
    /// The contract.
    pub contract_id: ContractId,
    /// The milestone.
    pub milestone_id: MilestoneId,
    /// How both sides agreed.
    pub by: SettledBy,
    /// How what is disputed is divided.
    pub shares: Shares,
}

/// Payload of `dispute.decided`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DisputeDecided {
    /// The dispute.
    pub dispute_id: DisputeId,
    /// How what is disputed is divided.
    pub shares: Shares,
    /// By whom or by what, and why.
    pub decision: Decision,
    /// Until when who lost can appeal.
    pub appeal_until: Timestamp,
}

/// Payload of `dispute.appealed`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DisputeAppealed {
    /// The dispute.
    pub dispute_id: DisputeId,
    /// Which side appeals.
    pub side: Party,
    /// On what ground.
    pub ground: AppealGround,
    /// Why.
    pub reasons: Personal<Prose>,
    /// When the decision stands if nobody decides the appeal.
    pub decide_by: Timestamp,
}

/// Payload of `dispute.finalized`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DisputeFinalized {
    /// The dispute.
    pub dispute_id: DisputeId,
    /// The contract.
    pub contract_id: ContractId,
    /// The milestone.
    pub milestone_id: MilestoneId,
    /// Why nothing more can be said against it.
    pub finality: Finality,
    /// How what is disputed is divided.
    pub shares: Shares,
}

/// Payload of `dispute.withdrawal_proposed`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct WithdrawalProposed {
    /// The dispute.
    pub dispute_id: DisputeId,
    /// Which side proposes it.
    pub side: Party,
}

/// Payload of `dispute.withdrawn`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DisputeWithdrawn {
    /// The dispute.
    pub dispute_id: DisputeId,
    /// Who gave it up.
    pub by: WithdrawnBy,
}

/// Payload of `dispute.fees_settled`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ArbitrationFeesSettled {
    /// The dispute.
    pub dispute_id: DisputeId,
    /// Who bears the fee of the arbitration; none where none took place, and all goes back.
    pub bearer: Option<FeeBearer>,
    /// What the client gets back, in minor units.
    pub client_back: i64,
    /// What the talent gets back, in minor units.
    pub talent_back: i64,
    /// Tax within what is kept, in minor units.
    pub tax: i64,
    /// The entry.
    pub entry: JournalEntry,
}

/// Payload of `dispute.suspended`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DisputeSuspended {
    /// The dispute.
    pub dispute_id: DisputeId,
}

/// Payload of `dispute.resumed`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DisputeResumed {
    /// The dispute.
    pub dispute_id: DisputeId,
}

impl DisputeEvent {
    /// The dispute that it is about.
    pub const fn dispute_id(&self) -> DisputeId {
        match self {
            Self::Opened(e) => e.dispute_id,
            Self::Responded(e) => e.dispute_id,
            Self::SettlementOffered(e) => e.dispute_id,
            Self::Escalated(e) => e.dispute_id,
            Self::EvidenceSubmitted(e) => e.dispute_id,
            Self::QuestionAsked(e) => e.dispute_id,
            Self::EvidenceSealed(e) => e.dispute_id,
            Self::RecommendationIssued(e) => e.dispute_id,
            Self::RecommendationAccepted(e) => e.dispute_id,
            Self::ArbitrationOffered(e) => e.dispute_id,
            Self::FeePaid(e) => e.dispute_id,
            Self::ArbitrationBegun(e) => e.dispute_id,
            Self::DeadlineMissed(e) => e.dispute_id,
            Self::Settled(e) => e.dispute_id,
            Self::Decided(e) => e.dispute_id,
            Self::Appealed(e) => e.dispute_id,
            Self::Finalized(e) => e.dispute_id,
            Self::WithdrawalProposed(e) => e.dispute_id,
            Self::Withdrawn(e) => e.dispute_id,
            Self::FeesSettled(e) => e.dispute_id,
            Self::Suspended(e) => e.dispute_id,
            Self::Resumed(e) => e.dispute_id,
        }
    }

    pub(crate) fn streams(&self) -> Vec<StreamId> {
        let dispute = StreamId::Dispute(self.dispute_id());
        match self {
            // The contract's milestone waits for it, and has the award executed.
            Self::Settled(e) => vec![dispute, StreamId::Contract(e.contract_id)],
            Self::Finalized(e) => vec![dispute, StreamId::Contract(e.contract_id)],
            Self::Opened(_)
            | Self::Responded(_)
            | Self::SettlementOffered(_)
            | Self::Escalated(_)
            | Self::EvidenceSubmitted(_)
            | Self::QuestionAsked(_)
            | Self::EvidenceSealed(_)
            | Self::RecommendationIssued(_)
            | Self::RecommendationAccepted(_)
            | Self::ArbitrationOffered(_)
            | Self::FeePaid(_)
            | Self::ArbitrationBegun(_)
            | Self::DeadlineMissed(_)
            | Self::Decided(_)
            | Self::Appealed(_)
            | Self::WithdrawalProposed(_)
            | Self::Withdrawn(_)
            | Self::FeesSettled(_)
            | Self::Suspended(_)
            | Self::Resumed(_) => vec![dispute],
        }
    }

    /// The entry of those that move money themselves; what is disputed moves with the contract's events.
    pub const fn journal_entry(&self) -> Option<&JournalEntry> {
        match self {
            Self::FeePaid(e) => Some(&e.entry),
            Self::FeesSettled(e) => Some(&e.entry),
            Self::Opened(_)
            | Self::Responded(_)
            | Self::SettlementOffered(_)
            | Self::Escalated(_)
            | Self::EvidenceSubmitted(_)
            | Self::QuestionAsked(_)
            | Self::EvidenceSealed(_)
            | Self::RecommendationIssued(_)
            | Self::RecommendationAccepted(_)
            | Self::ArbitrationOffered(_)
            | Self::ArbitrationBegun(_)
            | Self::DeadlineMissed(_)
            | Self::Settled(_)
            | Self::Decided(_)
            | Self::Appealed(_)
            | Self::Finalized(_)
            | Self::WithdrawalProposed(_)
            | Self::Withdrawn(_)
            | Self::Suspended(_)
            | Self::Resumed(_) => None,
        }
    }
}
