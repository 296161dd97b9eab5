//! What happens to deposits.

use super::{PaymentMethod, ProviderObject, ProviderWord};
use crate::event::event_group;
use crate::id::{ContractId, DepositId, MilestoneId, PartyId, RefundId};
use crate::ledger::JournalEntry;
use crate::money::Money;
use crate::stream::StreamId;
use crate::time::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

event_group! {
    /// Events of a deposit.
    DepositEvent {
        /// The client asked for it.
        Requested(DepositRequested) = "deposit.requested", 1;
        /// The one call to the provider was claimed.
        AttemptStarted(DepositAttemptStarted) = "deposit.attempt_started", 1;
        /// The provider took the order.
        Acknowledged(DepositAcknowledged) = "deposit.acknowledged", 1;
        /// The provider captured the money.
        Confirmed(DepositConfirmed) = "deposit.confirmed", 1;
        /// The provider will not capture it.
        Failed(DepositFailed) = "deposit.failed", 1;
        /// Money came without a purpose, or too late for it.
        Unmatched(DepositUnmatched) = "deposit.unmatched", 1;
        /// What was unmatched goes back to the client.
        Refunded(DepositRefunded) = "deposit.refunded", 1;
    }
}

/// Payload of `deposit.requested`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DepositRequested {
    /// The deposit, and our reference at the provider.
    pub deposit_id: DepositId,
    /// The contract.
    pub contract_id: ContractId,
    /// The milestone that it funds.
    pub milestone_id: MilestoneId,
    /// Who pays.
    pub client: PartyId,
    /// The milestone's amount with the client's charge on top.
    pub amount: Money,
    /// The rail that takes the money.
    pub rail: String,
    /// The provider's token of the instrument.
    pub payment_method: PaymentMethod,
    /// When it fails if nobody confirms it.
    pub expires_at: Timestamp,
}

/// Payload of `deposit.attempt_started`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DepositAttemptStarted {
    /// The deposit.
    pub deposit_id: DepositId,
    /// The idempotency key under which the provider is called, the same for every repetition.
    pub provider_key: String,
    /// The rail that takes the money.
    pub rail: String,
    /// What is ordered from the provider.
    pub amount: Money,
    /// The provider's token of the instrument.
    pub payment_method: PaymentMethod,
}

/// Payload of `deposit.acknowledged`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DepositAcknowledged {
    /// The deposit.
    pub deposit_id: DepositId,
    /// The rail.
    pub rail: String,
    /// The provider's id of the payment.
    pub provider_object: ProviderObject,
}

/// Payload of `deposit.confirmed`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DepositConfirmed {
    /// The deposit.
    pub deposit_id: DepositId,
    /// The rail.
    pub rail: String,
    /// The provider's id of the payment.
    pub provider_object: ProviderObject,
    /// What was captured.
    pub captured: Money,
}

/// Payload of `deposit.failed`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DepositFailed {
    /// The deposit.
    pub deposit_id: DepositId,
    /// The contract.
    pub contract_id: ContractId,
    /// The milestone, which can be funded anew.
    pub milestone_id: MilestoneId,
    /// The provider's word for why, such as `card_declined`.
    pub reason: ProviderWord,
}

/// Payload of `deposit.unmatched`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DepositUnmatched {
    /// The deposit whose reference the money carries.
    pub deposit_id: DepositId,
    /// The contract.
    pub contract_id: ContractId,
    /// The milestone that it does not fund.
    pub milestone_id: MilestoneId,
    /// The rail.
    pub rail: String,
    /// The provider's id of the payment.
    pub provider_object: ProviderObject,
    /// What is unmatched.
    pub amount: Money,
    /// The entry.
    pub entry: JournalEntry,
}

/// Payload of `deposit.refunded`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DepositRefunded {
    /// The deposit whose reference the money carried.
    pub deposit_id: DepositId,
    /// The provider's id of the payment.
    pub provider_object: ProviderObject,
    /// The refund that takes it back.
    pub refund_id: RefundId,
    /// All that was unmatched of the payment.
    pub amount: Money,
    /// The entry.
    pub entry: JournalEntry,
}

impl DepositEvent {
    /// The deposit that it is about.
    pub const fn deposit_id(&self) -> DepositId {
        match self {
            Self::Requested(e) => e.deposit_id,
            Self::AttemptStarted(e) => e.deposit_id,
            Self::Acknowledged(e) => e.deposit_id,
            Self::Confirmed(e) => e.deposit_id,
            Self::Failed(e) => e.deposit_id,
            Self::Unmatched(e) => e.deposit_id,
            Self::Refunded(e) => e.deposit_id,
        }
    }

    pub(crate) fn streams(&self) -> Vec<StreamId> {
        match self {
            Self::Requested(e) => vec![StreamId::Deposit(e.deposit_id), StreamId::Contract(e.contract_id)],
            Self::AttemptStarted(e) => vec![StreamId::Deposit(e.deposit_id)],
            Self::Refunded(e) => vec![StreamId::Deposit(e.deposit_id)],
            Self::Acknowledged(e) => vec![
                StreamId::Deposit(e.deposit_id),
                StreamId::Provider(e.rail.clone(), e.provider_object.clone()),
            ],
            Self::Confirmed(e) => vec![
                StreamId::Deposit(e.deposit_id),
                StreamId::Provider(e.rail.clone(), e.provider_object.clone()),
            ],
            Self::Failed(e) => vec![StreamId::Deposit(e.deposit_id), StreamId::Contract(e.contract_id)],
            Self::Unmatched(e) => vec![
                StreamId::Deposit(e.deposit_id),
                StreamId::Contract(e.contract_id),
                StreamId::Provider(e.rail.clone(), e.provider_object.clone()),
            ],
        }
    }

    /// The entry of the one that moves money by itself; a confirmation's is that of the escrow it funds.
    pub const fn journal_entry(&self) -> Option<&JournalEntry> {
        match self {
            Self::Unmatched(e) => Some(&e.entry),
            Self::Refunded(e) => Some(&e.entry),
            Self::Requested(_)
            | Self::AttemptStarted(_)
            | Self::Acknowledged(_)
            | Self::Confirmed(_)
            | Self::Failed(_) => None,
        }
    }
}
