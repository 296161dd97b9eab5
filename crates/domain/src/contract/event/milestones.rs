//! What happens to the work on milestones, and to the prices agreed for it.

use crate::event::event_group;
use crate::id::{ContractId, LotId, MilestoneId, WorkId};
use crate::money::Money;
use crate::personal::Personal;
use crate::proposal::Party;
use crate::stream::StreamId;
use crate::text::{Prose, Title};
use crate::time::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

event_group! {
    /// Work on milestones.
    MilestoneEvent {
        /// It became part of the contract.
        Agreed(MilestoneAgreed) = "milestone.agreed", 1;
        /// The talent handed in work.
        WorkSubmitted(WorkSubmitted) = "milestone.work_submitted", 1;
        /// The client sent it back.
        ChangesRequested(ChangesRequested) = "milestone.changes_requested", 1;
        /// The client approved it, or the review window ran out.
        Approved(MilestoneApproved) = "milestone.approved", 1;
        /// The client wants the money back.
        RefundRequested(MilestoneRefundRequested) = "milestone.refund_requested", 1;
        /// The client thought better of it.
        RefundRequestWithdrawn(RefundRequestWithdrawn) = "milestone.refund_request_withdrawn", 1;
        /// It came to nothing before it was funded.
        Cancelled(MilestoneCancelled) = "milestone.cancelled", 1;
        /// One side proposes it for a contract that is under way.
        Proposed(MilestoneProposed) = "milestone.proposed", 1;
        /// The other side agreed to it.
        ProposalAgreed(MilestoneProposalAgreed) = "milestone.proposal_agreed", 1;
        /// One side wants to do without it.
        DropProposed(MilestoneDropProposed) = "milestone.drop_proposed", 1;
        /// Its proposer thought better of it, or both sides want to do without it.
        Dropped(MilestoneDropped) = "milestone.dropped", 1;
        /// An amendment changed what was agreed.
        Revised(MilestoneRevised) = "milestone.revised", 1;
        /// The client approved a part of the work.
        PartiallyReleased(MilestonePartiallyReleased) = "milestone.partially_released", 1;
        /// The client pays before the work is handed in.
        ReleasedEarly(MilestoneReleasedEarly) = "milestone.released_early", 1;
        /// The client wants its money to fund another milestone.
        MoveProposed(FundsMoveProposed) = "milestone.move_proposed", 1;
        /// That comes to nothing.
        MoveDropped(FundsMoveDropped) = "milestone.move_dropped", 1;
        /// Nothing of its money moves, and its clocks stand still.
        FundsFrozen(FundsFrozen) = "milestone.funds_frozen", 1;
        /// Its money moves again, and its clocks go on.
        FundsUnfrozen(FundsUnfrozen) = "milestone.funds_unfrozen", 1;
        /// The client pays the talent beyond what was agreed, once the deposit is confirmed.
        BonusPromised(BonusPromised) = "milestone.bonus_promised", 1;
        /// The earnings of a release stay on hold.
        EarningsFrozen(EarningsFrozen) = "milestone.earnings_frozen", 1;
        /// The earnings of a release go on to clear.
        EarningsUnfrozen(EarningsUnfrozen) = "milestone.earnings_unfrozen", 1;
    }
}

/// Payload of `milestone.agreed`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct MilestoneAgreed {
    /// The contract.
    pub contract_id: ContractId,
    /// The milestone.
    pub milestone_id: MilestoneId,
    /// Counts the contract's milestones from 1.
    pub number: u16,
    /// One line.
    pub title: Personal<Title>,
    /// What escrow will hold.
    pub amount: Money,
}

/// Payload of `milestone.work_submitted`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct WorkSubmitted {
    /// The contract.
    pub contract_id: ContractId,
    /// The milestone.
    pub milestone_id: MilestoneId,
    /// This hand-in.
    pub work_id: WorkId,
    /// What the talent says about it.
    pub note: Personal<Prose>,
    /// When it counts as approved if the client says nothing.
    pub review_ends_at: Timestamp,
}

/// Payload of `milestone.changes_requested`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ChangesRequested {
    /// The contract.
    pub contract_id: ContractId,
    /// The milestone.
    pub milestone_id: MilestoneId,
    /// The hand-in that was sent back.
    pub work_id: WorkId,
    /// Why.
    pub reasons: Personal<Prose>,
}

/// Payload of `milestone.approved`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct MilestoneApproved {
    /// The contract.
    pub contract_id: ContractId,
    /// The milestone.
    pub milestone_id: MilestoneId,
    /// The hand-in that was approved.
    pub work_id: WorkId,
}

/// Payload of `milestone.refund_requested`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct MilestoneRefundRequested {
    /// The contract.
    pub contract_id: ContractId,
    /// The milestone.
    pub milestone_id: MilestoneId,
    /// Why, where a client asked for it; an agreed end asks for it without words.
    pub reasons: Option<Personal<Prose>>,
    /// When it is agreed if the talent says nothing.
    pub answer_by: Timestamp,
}

/// Payload of `milestone.refund_request_withdrawn`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RefundRequestWithdrawn {
    /// The contract.
    pub contract_id: ContractId,
    /// The milestone.
    pub milestone_id: MilestoneId,
}

/// Payload of `milestone.cancelled`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct MilestoneCancelled {
    /// The contract.
    pub contract_id: ContractId,
    /// The milestone.
    pub milestone_id: MilestoneId,
}

/// Payload of `milestone.proposed`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct MilestoneProposed {
    /// The contract.
    pub contract_id: ContractId,
    /// The milestone.
    pub milestone_id: MilestoneId,
    /// Counts the contract's milestones from 1.
    pub number: u16,
    /// One line.
    pub title: Personal<Title>,
    /// What escrow will hold.
    pub amount: Money,
    /// Which side proposes it; the other agrees.
    pub proposer: Party,
}

/// Payload of `milestone.proposal_agreed`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct MilestoneProposalAgreed {
    /// The contract.
    pub contract_id: ContractId,
    /// The milestone.
    pub milestone_id: MilestoneId,
}

/// Payload of `milestone.drop_proposed`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct MilestoneDropProposed {
    /// The contract.
    pub contract_id: ContractId,
    /// The milestone.
    pub milestone_id: MilestoneId,
    /// Which side wants to do without it; the other agrees.
    pub proposer: Party,
}

/// Payload of `milestone.dropped`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct MilestoneDropped {
    /// The contract.
    pub contract_id: ContractId,
    /// The milestone.
    pub milestone_id: MilestoneId,
}

/// Payload of `milestone.revised`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct MilestoneRevised {
    /// The contract.
    pub contract_id: ContractId,
    /// The milestone.
    pub milestone_id: MilestoneId,
    /// The new title, if it changes.
    pub title: Option<Personal<Title>>,
    /// The new amount, if it changes.
    pub amount: Option<Money>,
}

/// What becomes of the escrow that a partial release leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Rest {
    /// It stays for more work.
    Kept,
    /// The client wants it back.
    AskedBack,
    /// It is to fund this milestone, if the talent agrees; until then it stays.
    RolledForward(MilestoneId),
}

/// Payload of `milestone.partially_released`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct MilestonePartiallyReleased {
    /// The contract.
    pub contract_id: ContractId,
    /// The milestone.
    pub milestone_id: MilestoneId,
    /// The hand-in that was approved in part.
    pub work_id: WorkId,
    /// What of its escrow is released.
    pub amount: Money,
    /// What becomes of the rest.
    pub rest: Rest,
}

/// Payload of `milestone.released_early`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct MilestoneReleasedEarly {
    /// The contract.
    pub contract_id: ContractId,
    /// The milestone.
    pub milestone_id: MilestoneId,
}

/// Payload of `milestone.move_proposed`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FundsMoveProposed {
    /// The contract.
    pub contract_id: ContractId,
    /// The milestone whose money it is.
    pub milestone_id: MilestoneId,
    /// The milestone that is to be funded.
    pub to: MilestoneId,
    /// How much: all that the other needs.
    pub amount: Money,
}

/// Payload of `milestone.move_dropped`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FundsMoveDropped {
    /// The contract.
    pub contract_id: ContractId,
    /// The milestone whose money stays.
    pub milestone_id: MilestoneId,
}

/// Payload of `milestone.funds_frozen`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FundsFrozen {
    /// The contract.
    pub contract_id: ContractId,
    /// The milestone.
    pub milestone_id: MilestoneId,
    /// Why.
    pub reason: Personal<Prose>,
}

/// Payload of `milestone.funds_unfrozen`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FundsUnfrozen {
    /// The contract.
    pub contract_id: ContractId,
    /// The milestone.
    pub milestone_id: MilestoneId,
    /// When the window now ends that the freeze had stopped, if one was open.
    pub ends_at: Option<Timestamp>,
}

/// Payload of `milestone.bonus_promised`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct BonusPromised {
    /// The contract.
    pub contract_id: ContractId,
    /// The milestone.
    pub milestone_id: MilestoneId,
    /// Counts the contract's milestones from 1.
    pub number: u16,
    /// What it is for, in one line.
    pub title: Personal<Title>,
    /// What the talent gets, before the talent fee.
    pub amount: Money,
}

/// Payload of `milestone.earnings_frozen`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct EarningsFrozen {
    /// The contract.
    pub contract_id: ContractId,
    /// The milestone.
    pub milestone_id: MilestoneId,
    /// The lot.
    pub lot_id: LotId,
    /// Why.
    pub reason: Personal<Prose>,
}

/// Payload of `milestone.earnings_unfrozen`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct EarningsUnfrozen {
    /// The contract.
    pub contract_id: ContractId,
    /// The milestone.
    pub milestone_id: MilestoneId,
    /// The lot.
    pub lot_id: LotId,
    /// When it clears now.
    pub clears_at: Timestamp,
}

impl MilestoneEvent {
    /// The contract that the milestone belongs to.
    pub const fn contract_id(&self) -> ContractId {
        match self {
            Self::Agreed(e) => e.contract_id,
            Self::WorkSubmitted(e) => e.contract_id,
            Self::ChangesRequested(e) => e.contract_id,
            Self::Approved(e) => e.contract_id,
            Self::RefundRequested(e) => e.contract_id,
            Self::RefundRequestWithdrawn(e) => e.contract_id,
            Self::Cancelled(e) => e.contract_id,
            Self::Proposed(e) => e.contract_id,
            Self::ProposalAgreed(e) => e.contract_id,
            Self::DropProposed(e) => e.contract_id,
            Self::Dropped(e) => e.contract_id,
            Self::Revised(e) => e.contract_id,
            Self::PartiallyReleased(e) => e.contract_id,
            Self::ReleasedEarly(e) => e.contract_id,
            Self::MoveProposed(e) => e.contract_id,
            Self::MoveDropped(e) => e.contract_id,
            Self::FundsFrozen(e) => e.contract_id,
            Self::FundsUnfrozen(e) => e.contract_id,
            Self::BonusPromised(e) => e.contract_id,
            Self::EarningsFrozen(e) => e.contract_id,
            Self::EarningsUnfrozen(e) => e.contract_id,
        }
    }

    pub(crate) fn streams(&self) -> Vec<StreamId> {
        vec![StreamId::Contract(self.contract_id())]
    }
}
