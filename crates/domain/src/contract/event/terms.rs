//! What happens to a contract's terms, and to whether it goes on.

use crate::id::{ContractId, MilestoneId};
use crate::money::Money;
use crate::personal::Personal;
use crate::proposal::Party;
use crate::text::{Prose, Title};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A change of what was agreed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// A further milestone.
    Add {
        /// One line.
        title: Personal<Title>,
        /// What escrow will hold.
        amount: Money,
    },
    /// A milestone gets another title, another amount, or both.
    Revise {
        /// The milestone.
        milestone_id: MilestoneId,
        /// The new title, if it changes.
        title: Option<Personal<Title>>,
        /// The new amount, if it changes.
        amount: Option<Money>,
    },
}

/// Payload of `contract.amendment_proposed`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AmendmentProposed {
    /// The contract.
    pub contract_id: ContractId,
    /// Counts the contract's amendments from 1.
    pub number: u32,
    /// Which side proposes it; the other answers.
    pub proposer: Party,
    /// What changes, all of it or nothing.
    pub changes: Vec<Change>,
}

/// Payload of `contract.amendment_accepted`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AmendmentAccepted {
    /// The contract.
    pub contract_id: ContractId,
    /// Which amendment.
    pub number: u32,
}

/// Payload of `contract.amendment_rejected`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AmendmentRejected {
    /// The contract.
    pub contract_id: ContractId,
    /// Which amendment.
    pub number: u32,
}

/// Payload of `contract.amendment_withdrawn`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AmendmentWithdrawn {
    /// The contract.
    pub contract_id: ContractId,
    /// Which amendment.
    pub number: u32,
}

/// Why a contract begins nothing new.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PauseReason {
    /// The client wants it.
    Client,
    /// Support wants it.
    Support,
}

/// Payload of `contract.paused`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ContractPaused {
    /// The contract.
    pub contract_id: ContractId,
    /// Why.
    pub reason: PauseReason,
}

/// Payload of `contract.resumed`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ContractResumed {
    /// The contract.
    pub contract_id: ContractId,
    /// Which reason doesn't stand any more.
    pub reason: PauseReason,
}

/// Payload of `contract.termination_begun`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TerminationBegun {
    /// The contract.
    pub contract_id: ContractId,
    /// Why; both sides read it.
    pub reason: Personal<Prose>,
}

/// Payload of `contract.reopen_proposed`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ReopenProposed {
    /// The contract.
    pub contract_id: ContractId,
    /// Which side wants to go on; the other agrees.
    pub proposer: Party,
}

/// Payload of `contract.reopened`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ContractReopened {
    /// The contract.
    pub contract_id: ContractId,
}
