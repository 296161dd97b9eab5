//! What disputes do to a milestone's money: it is frozen, thaws, or is divided.

use crate::dispute::Shares;
use crate::id::{ContractId, DepositId, DisputeId, LotId, MilestoneId, PartyId, RefundId};
use crate::ledger::{JournalEntry, Slice};
use crate::money::Money;
use crate::time::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Payload of `escrow.frozen`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct EscrowFrozen {
    /// The contract.
    pub contract_id: ContractId,
    /// The milestone.
    pub milestone_id: MilestoneId,
    /// The dispute that froze it.
    pub dispute_id: DisputeId,
    /// How much.
    pub amount: Money,
    /// The lots of earnings that it is, where the milestone was released; none where it is escrow.
    pub lots: Vec<LotId>,
    /// Whether what it interrupts goes on if the dispute is withdrawn. A request that was refused doesn't.
    pub resumes: bool,
    /// The entry.
    pub entry: JournalEntry,
}

/// Payload of `escrow.unfrozen`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
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

/// Payload of `escrow.award_applied`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AwardApplied {
    /// The contract.
    pub contract_id: ContractId,
    /// The milestone.
    pub milestone_id: MilestoneId,
    /// The dispute.
    pub dispute_id: DisputeId,
    /// Who gets what goes back.
    pub client: PartyId,
    /// Who earns the rest.
    pub talent: PartyId,
    /// How what was disputed is divided, before fees.
    pub shares: Shares,
    /// What was divided, and what becomes of the fees on it.
    pub division: Division,
    /// What goes back, if anything does.
    pub refund: Option<AwardRefund>,
    /// What the talent has on hold, if anything is left for them.
    pub lot: Option<AwardLot>,
    /// The entry.
    pub entry: JournalEntry,
}

/// What an award divides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Division {
    /// Escrow.
    Escrow {
        /// What the talent's share earns, as a release does.
        earned: Slice,
        /// What is left of the client's charge, which goes back, in minor units.
        charge_back: i64,
    },
    /// Earnings of releases.
    Earnings {
        /// What goes back of what was released: the client's share, and the fees and taxes on it.
        taken_back: Slice,
    },
}

/// What an award sends back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AwardRefund {
    /// The deposit that it came with.
    pub deposit_id: DepositId,
    /// The refund that takes it back.
    pub refund_id: RefundId,
    /// How much, the client's charge included.
    pub amount: Money,
}

/// What an award leaves the talent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct AwardLot {
    /// The lot of earnings that it makes.
    pub lot_id: LotId,
    /// How much, after fees.
    pub amount: Money,
    /// When it clears.
    pub clears_at: Timestamp,
}
