//! What happens to contracts, milestones and their money.

mod award;
mod milestones;
mod terms;

pub use award::{AwardApplied, AwardLot, AwardRefund, Division, EscrowFrozen, EscrowUnfrozen};
pub use milestones::{
    BonusPromised, ChangesRequested, EarningsFrozen, EarningsUnfrozen, FundsFrozen, FundsMoveDropped,
    FundsMoveProposed, FundsUnfrozen, MilestoneAgreed, MilestoneApproved, MilestoneCancelled,
    MilestoneDropProposed, MilestoneDropped, MilestoneEvent, MilestonePartiallyReleased,
    MilestoneProposalAgreed, MilestoneProposed, MilestoneRefundRequested, MilestoneReleasedEarly,
    MilestoneRevised, RefundRequestWithdrawn, Rest, WorkSubmitted,
};
pub use terms::{
    AmendmentAccepted, AmendmentProposed, AmendmentRejected, AmendmentWithdrawn, Change, ContractPaused,
    ContractReopened, ContractResumed, PauseReason, ReopenProposed, TerminationBegun,
};

use crate::event::event_group;
use crate::id::{ContractId, DepositId, JobId, LotId, MilestoneId, PartyId, ProposalId, RefundId};
use crate::ledger::{ClientCharge, FeeQuote, JournalEntry, Slice};
use crate::money::{Currency, Money};
use crate::policy::Windows;
use crate::proposal::{Party, TermsHash};
use crate::stream::StreamId;
use crate::time::Timestamp;
use schemars::JsonSchema;
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
        /// The other side agreed that it ends, and not on what becomes of the money.
        EndDisputed(EndDisputed) = "contract.end_disputed", 1;
        /// It has ended; nothing is held.
        Ended(ContractEnded) = "contract.ended", 1;
        /// One side proposes to change what was agreed.
        AmendmentProposed(AmendmentProposed) = "contract.amendment_proposed", 1;
        /// The other side agreed; the changes follow in the same append.
        AmendmentAccepted(AmendmentAccepted) = "contract.amendment_accepted", 1;
        /// The other side did not agree.
        AmendmentRejected(AmendmentRejected) = "contract.amendment_rejected", 1;
        /// Its proposer thought better of it.
        AmendmentWithdrawn(AmendmentWithdrawn) = "contract.amendment_withdrawn", 1;
        /// There is a reason to begin nothing new.
        Paused(ContractPaused) = "contract.paused", 1;
        /// A reason doesn't stand any more.
        Resumed(ContractResumed) = "contract.resumed", 1;
        /// The house ends it; what is held is frozen until it is settled.
        TerminationBegun(TerminationBegun) = "contract.termination_begun", 1;
        /// One side wants to go on after the end.
        ReopenProposed(ReopenProposed) = "contract.reopen_proposed", 1;
        /// Both sides go on.
        Reopened(ContractReopened) = "contract.reopened", 1;
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
        /// Frozen money is divided as was agreed or decided.
        AwardApplied(AwardApplied) = "escrow.award_applied", 1;
        /// Earnings of a release can be paid out.
        EarningsCleared(EarningsCleared) = "earnings.cleared", 1;
        /// Escrow of one milestone funds another.
        Moved(EscrowMoved) = "escrow.moved", 1;
        /// The talent gives released money back.
        EarningsRefunded(EarningsRefunded) = "earnings.refunded", 1;
    }
}

/// Payload of `contract.created`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
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

/// Payload of `escrow.funded`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
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
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
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
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ContractCancelled {
    /// The contract.
    pub contract_id: ContractId,
    /// The job that gets its place back.
    pub job_id: JobId,
}

/// Payload of `contract.end_requested`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct EndRequested {
    /// The contract.
    pub contract_id: ContractId,
    /// Which side wants it to end.
    pub requester: Party,
    /// When the end is agreed if the other side says nothing.
    pub answer_by: Timestamp,
}

/// Payload of `contract.end_withdrawn`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct EndWithdrawn {
    /// The contract.
    pub contract_id: ContractId,
}

/// Payload of `contract.end_agreed`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct EndAgreed {
    /// The contract.
    pub contract_id: ContractId,
}

/// Payload of `contract.end_disputed`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct EndDisputed {
    /// The contract.
    pub contract_id: ContractId,
}

/// Payload of `contract.ended`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ContractEnded {
    /// The contract.
    pub contract_id: ContractId,
}

/// Payload of `escrow.refunded`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
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

/// Payload of `earnings.cleared`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
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

/// Payload of `escrow.moved`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct EscrowMoved {
    /// The contract.
    pub contract_id: ContractId,
    /// The milestone whose money it was.
    pub from: MilestoneId,
    /// The milestone that it funds.
    pub to: MilestoneId,
    /// The deposit that it came with.
    pub deposit_id: DepositId,
    /// What moves from escrow to escrow.
    pub amount: Money,
    /// What of the client's charge moves with it.
    pub charge: ClientCharge,
    /// The entry.
    pub entry: JournalEntry,
}

/// Payload of `earnings.refunded`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct EarningsRefunded {
    /// The contract.
    pub contract_id: ContractId,
    /// The milestone that was released.
    pub milestone_id: MilestoneId,
    /// Who gives it back.
    pub talent: PartyId,
    /// Who gets it.
    pub client: PartyId,
    /// The deposit that the money came with.
    pub deposit_id: DepositId,
    /// The refund that takes it back.
    pub refund_id: RefundId,
    /// How much the client gets.
    pub amount: Money,
    /// What of it the platform gives back, of its fee, in minor units.
    pub talent_fee: i64,
    /// Tax on that, in minor units.
    pub talent_tax: i64,
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
            Self::EndDisputed(e) => e.contract_id,
            Self::Ended(e) => e.contract_id,
            Self::AmendmentProposed(e) => e.contract_id,
            Self::AmendmentAccepted(e) => e.contract_id,
            Self::AmendmentRejected(e) => e.contract_id,
            Self::AmendmentWithdrawn(e) => e.contract_id,
            Self::Paused(e) => e.contract_id,
            Self::Resumed(e) => e.contract_id,
            Self::TerminationBegun(e) => e.contract_id,
            Self::ReopenProposed(e) => e.contract_id,
            Self::Reopened(e) => e.contract_id,
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
            | Self::EndDisputed(_)
            | Self::Ended(_)
            | Self::AmendmentProposed(_)
            | Self::AmendmentAccepted(_)
            | Self::AmendmentRejected(_)
            | Self::AmendmentWithdrawn(_)
            | Self::Paused(_)
            | Self::Resumed(_)
            | Self::TerminationBegun(_)
            | Self::ReopenProposed(_)
            | Self::Reopened(_) => vec![contract],
        }
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
            Self::AwardApplied(e) => e.contract_id,
            Self::EarningsCleared(e) => e.contract_id,
            Self::Moved(e) => e.contract_id,
            Self::EarningsRefunded(e) => e.contract_id,
        }
    }

    pub(crate) fn streams(&self) -> Vec<StreamId> {
        let contract = StreamId::Contract(self.contract_id());
        match self {
            // It closes its dispute.
            Self::AwardApplied(e) => vec![contract, StreamId::Dispute(e.dispute_id)],
            Self::Funded(_)
            | Self::Released(_)
            | Self::Refunded(_)
            | Self::Frozen(_)
            | Self::Unfrozen(_)
            | Self::EarningsCleared(_)
            | Self::Moved(_)
            | Self::EarningsRefunded(_) => vec![contract],
        }
    }

    /// The entry, which every one of these has.
    pub const fn journal_entry(&self) -> &JournalEntry {
        match self {
            Self::Funded(e) => &e.entry,
            Self::Released(e) => &e.entry,
            Self::Refunded(e) => &e.entry,
            Self::Frozen(e) => &e.entry,
            Self::Unfrozen(e) => &e.entry,
            Self::AwardApplied(e) => &e.entry,
            Self::EarningsCleared(e) => &e.entry,
            Self::Moved(e) => &e.entry,
            Self::EarningsRefunded(e) => &e.entry,
        }
    }
}
