//! What happens to contracts, milestones and their money.

use crate::event::event_group;
use crate::id::{
    ContractId, DepositId, DisputeId, JobId, LotId, MilestoneId, PartyId, ProposalId, RefundId, WorkId,
};
use crate::ledger::{ClientCharge, FeeQuote, JournalEntry, Slice};
use crate::money::{Currency, Money};
use crate::personal::Personal;
use crate::policy::Windows;
use crate::proposal::{Party, TermsHash};
use crate::stream::StreamId;
use crate::text::{Prose, Title};
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

event_group! {
    /// A contract's existence and terms.
    ContractEvent {
        /// An offer was accepted.
        Created(ContractCreated) = "contract.created", 1;
        /// It came to nothing before anybody funded it.
        Cancelled(ContractCancelled) = "contract.cancelled", 1;
        /// One side wants it to end.
        EndRequested(EndRequested) = "contract.end_requested", 1;
        /// That side thought better of it.
        EndWithdrawn(EndWithdrawn) = "contract.end_withdrawn", 1;
        /// The other side agreed, or said nothing.
        EndAgreed(EndAgreed) = "contract.end_agreed", 1;
        /// It has ended; nothing is held.
        Ended(ContractEnded) = "contract.ended", 1;
    }
}

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
    }
}

event_group! {
    /// Money of milestones; each event carries its journal entry.
    EscrowEvent {
        /// A deposit became escrow.
        Funded(EscrowFunded) = "escrow.funded", 1;
        /// Escrow became earnings and fees.
        Released(EscrowReleased) = "escrow.released", 1;
        /// Escrow is on its way back to the client.
        Refunded(EscrowRefunded) = "escrow.refunded", 1;
        /// Escrow is frozen for a dispute.
        Frozen(EscrowFrozen) = "escrow.frozen", 1;
        /// Escrow thaws.
        Unfrozen(EscrowUnfrozen) = "escrow.unfrozen", 1;
        /// Earnings of a release can be paid out.
        EarningsCleared(EarningsCleared) = "earnings.cleared", 1;
    }
}

/// Payload of `contract.created`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContractCreated {
    /// The contract.
    pub contract_id: ContractId,
    /// The job that hired.
    pub job_id: JobId,
    /// The proposal that led here.
    pub proposal_id: ProposalId,
    /// Who pays.
    pub client: PartyId,
    /// Who works.
    pub talent: PartyId,
    /// The one currency of the contract.
    pub currency: Currency,
    /// What both sides agreed to.
    pub terms_hash: TermsHash,
    /// The fees, fixed.
    pub fees: FeeQuote,
    /// The windows, fixed.
    pub windows: Windows,
    /// The policy version that both come from.
    pub policy_version: u32,
    /// When it is cancelled if nothing is funded.
    pub unfunded_until: Timestamp,
}

/// Payload of `milestone.agreed`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
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
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
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
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
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
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MilestoneApproved {
    /// The contract.
    pub contract_id: ContractId,
    /// The milestone.
    pub milestone_id: MilestoneId,
    /// The hand-in that was approved.
    pub work_id: WorkId,
}

/// Payload of `escrow.funded`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EscrowFunded {
    /// The contract.
    pub contract_id: ContractId,
    /// The milestone.
    pub milestone_id: MilestoneId,
    /// Where the money came from.
    pub deposit_id: DepositId,
    /// What escrow holds.
    pub amount: Money,
    /// What is held beside it, for fee and tax.
    pub charge: ClientCharge,
    /// The entry.
    pub entry: JournalEntry,
}

/// Payload of `escrow.released`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EscrowReleased {
    /// The contract.
    pub contract_id: ContractId,
    /// The milestone.
    pub milestone_id: MilestoneId,
    /// Who earns.
    pub talent: PartyId,
    /// The lot of earnings that this makes.
    pub lot_id: LotId,
    /// How the released amount divides.
    pub slice: Slice,
    /// When the lot clears.
    pub clears_at: Timestamp,
    /// The entry.
    pub entry: JournalEntry,
}

/// Payload of `contract.cancelled`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContractCancelled {
    /// The contract.
    pub contract_id: ContractId,
    /// The job that gets its place back.
    pub job_id: JobId,
}

/// Payload of `contract.end_requested`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EndRequested {
    /// The contract.
    pub contract_id: ContractId,
    /// Which side wants it to end.
    pub requester: Party,
    /// When the end is agreed if the other side says nothing.
    pub answer_by: Timestamp,
}

/// Payload of `contract.end_withdrawn`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EndWithdrawn {
    /// The contract.
    pub contract_id: ContractId,
}

/// Payload of `contract.end_agreed`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EndAgreed {
    /// The contract.
    pub contract_id: ContractId,
}

/// Payload of `contract.ended`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContractEnded {
    /// The contract.
    pub contract_id: ContractId,
}

/// Payload of `milestone.refund_requested`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
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
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefundRequestWithdrawn {
    /// The contract.
    pub contract_id: ContractId,
    /// The milestone.
    pub milestone_id: MilestoneId,
}

/// Payload of `milestone.cancelled`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MilestoneCancelled {
    /// The contract.
    pub contract_id: ContractId,
    /// The milestone.
    pub milestone_id: MilestoneId,
}

/// Payload of `escrow.refunded`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EscrowRefunded {
    /// The contract.
    pub contract_id: ContractId,
    /// The milestone.
    pub milestone_id: MilestoneId,
    /// Whose money it is.
    pub client: PartyId,
    /// The deposit that it came with.
    pub deposit_id: DepositId,
    /// The refund that takes it back.
    pub refund_id: RefundId,
    /// What leaves escrow.
    pub amount: Money,
    /// What of the charge goes back with it, in minor units.
    pub charge: i64,
    /// The entry.
    pub entry: JournalEntry,
}

/// Payload of `escrow.frozen`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EscrowFrozen {
    /// The contract.
    pub contract_id: ContractId,
    /// The milestone.
    pub milestone_id: MilestoneId,
    /// The dispute that froze it.
    pub dispute_id: DisputeId,
    /// How much.
    pub amount: Money,
    /// The entry.
    pub entry: JournalEntry,
}

/// Payload of `escrow.unfrozen`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EscrowUnfrozen {
    /// The contract.
    pub contract_id: ContractId,
    /// The milestone.
    pub milestone_id: MilestoneId,
    /// The dispute that had frozen it.
    pub dispute_id: DisputeId,
    /// How much.
    pub amount: Money,
    /// The entry.
    pub entry: JournalEntry,
}

/// Payload of `earnings.cleared`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EarningsCleared {
    /// The contract.
    pub contract_id: ContractId,
    /// The milestone that was released.
    pub milestone_id: MilestoneId,
    /// Whose earnings they are.
    pub talent: PartyId,
    /// The lot.
    pub lot_id: LotId,
    /// How much.
    pub amount: Money,
    /// The entry.
    pub entry: JournalEntry,
}

impl ContractEvent {
    /// The contract that it is about.
    pub const fn contract_id(&self) -> ContractId {
        match self {
            Self::Created(e) => e.contract_id,
            Self::Cancelled(e) => e.contract_id,
            Self::EndRequested(e) => e.contract_id,
            Self::EndWithdrawn(e) => e.contract_id,
            Self::EndAgreed(e) => e.contract_id,
            Self::Ended(e) => e.contract_id,
        }
    }

    pub(crate) fn streams(&self) -> Vec<StreamId> {
        let contract = StreamId::Contract(self.contract_id());
        match self {
            // The job counts its hires, and this is one less.
            Self::Cancelled(e) => vec![contract, StreamId::Job(e.job_id)],
            Self::Created(_)
            | Self::EndRequested(_)
            | Self::EndWithdrawn(_)
            | Self::EndAgreed(_)
            | Self::Ended(_) => vec![contract],
        }
    }
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
        }
    }

    pub(crate) fn streams(&self) -> Vec<StreamId> {
        vec![StreamId::Contract(self.contract_id())]
    }
}

impl EscrowEvent {
    /// The contract whose money it moves.
    pub const fn contract_id(&self) -> ContractId {
        match self {
            Self::Funded(e) => e.contract_id,
            Self::Released(e) => e.contract_id,
            Self::Refunded(e) => e.contract_id,
            Self::Frozen(e) => e.contract_id,
            Self::Unfrozen(e) => e.contract_id,
            Self::EarningsCleared(e) => e.contract_id,
        }
    }

    pub(crate) fn streams(&self) -> Vec<StreamId> {
        vec![StreamId::Contract(self.contract_id())]
    }

    /// The entry, which every one of these has.
    pub const fn journal_entry(&self) -> &JournalEntry {
        match self {
            Self::Funded(e) => &e.entry,
            Self::Released(e) => &e.entry,
            Self::Refunded(e) => &e.entry,
            Self::Frozen(e) => &e.entry,
            Self::Unfrozen(e) => &e.entry,
            Self::EarningsCleared(e) => &e.entry,
        }
    }
}
