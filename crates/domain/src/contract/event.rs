//! What happens to contracts, milestones and their money.

use crate::event::event_group;
use crate::id::{ContractId, DepositId, JobId, LotId, MilestoneId, PartyId, ProposalId, WorkId};
use crate::ledger::{ClientCharge, FeeQuote, JournalEntry, Slice};
use crate::money::{Currency, Money};
use crate::personal::Personal;
use crate::policy::Windows;
use crate::proposal::TermsHash;
use crate::stream::StreamId;
use crate::text::{Prose, Title};
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

event_group! {
    /// A contract's existence and terms.
    ContractEvent {
        /// An offer was accepted.
        Created(ContractCreated) = "contract.created", 1;
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
        /// The client approved it.
        Approved(MilestoneApproved) = "milestone.approved", 1;
    }
}

event_group! {
    /// Money of milestones; each event carries its journal entry.
    EscrowEvent {
        /// A deposit became escrow.
        Funded(EscrowFunded) = "escrow.funded", 1;
        /// Escrow became earnings and fees.
        Released(EscrowReleased) = "escrow.released", 1;
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

impl ContractEvent {
    pub(crate) fn streams(&self) -> Vec<StreamId> {
        match self {
            Self::Created(e) => vec![StreamId::Contract(e.contract_id)],
        }
    }
}

impl MilestoneEvent {
    pub(crate) fn streams(&self) -> Vec<StreamId> {
        let contract_id = match self {
            Self::Agreed(e) => e.contract_id,
            Self::WorkSubmitted(e) => e.contract_id,
            Self::ChangesRequested(e) => e.contract_id,
            Self::Approved(e) => e.contract_id,
        };
        vec![StreamId::Contract(contract_id)]
    }
}

impl EscrowEvent {
    pub(crate) fn streams(&self) -> Vec<StreamId> {
        let contract_id = match self {
            Self::Funded(e) => e.contract_id,
            Self::Released(e) => e.contract_id,
        };
        vec![StreamId::Contract(contract_id)]
    }

    /// The entry, which every one of these has.
    pub const fn journal_entry(&self) -> &JournalEntry {
        match self {
            Self::Funded(e) => &e.entry,
            Self::Released(e) => &e.entry,
        }
    }
}
