//! What happens to refunds.

use crate::deposit::{ProviderObject, ProviderWord};
use crate::event::event_group;
use crate::id::{DepositId, PartyId, RefundId};
use crate::ledger::JournalEntry;
use crate::money::Money;
use crate::stream::StreamId;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

event_group! {
    /// Events of a refund.
    RefundEvent {
        /// Money is to go back; the event before it in the same append carries the entry.
        Requested(RefundRequested) = "refund.requested", 1;
        /// The one call to the provider was claimed.
        AttemptStarted(RefundAttemptStarted) = "refund.attempt_started", 1;
        /// The provider took the order.
        Acknowledged(RefundAcknowledged) = "refund.acknowledged", 1;
        /// The provider has sent the money.
        Confirmed(RefundConfirmed) = "refund.confirmed", 1;
        /// The provider will not send it, or it came back: it is in the client's wallet.
        Failed(RefundFailed) = "refund.failed", 1;
        /// The provider hasn't said what became of it; a person looks into it.
        Escalated(RefundEscalated) = "refund.escalated", 1;
    }
}

/// Payload of `refund.requested`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RefundRequested {
    /// The refund, and our reference at the provider.
    pub refund_id: RefundId,
    /// The deposit that the money came with.
    pub deposit_id: DepositId,
    /// Whose money it is.
    pub client: PartyId,
    /// How much.
    pub amount: Money,
    /// The rail that took the money.
    pub rail: String,
    /// The provider's id of the payment that is refunded.
    pub payment: ProviderObject,
}

/// Payload of `refund.attempt_started`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RefundAttemptStarted {
    /// The refund.
    pub refund_id: RefundId,
    /// The idempotency key under which the provider is called, the same for every repetition.
    pub provider_key: String,
    /// The rail.
    pub rail: String,
    /// What is ordered from the provider.
    pub amount: Money,
    /// The provider's id of the payment that is refunded.
    pub payment: ProviderObject,
}

/// Payload of `refund.acknowledged`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RefundAcknowledged {
    /// The refund.
    pub refund_id: RefundId,
    /// The rail.
    pub rail: String,
    /// The provider's id of the refund.
    pub provider_object: ProviderObject,
    /// When a person looks into it if the provider says nothing.
    pub escalates_at: crate::Timestamp,
}

/// Payload of `refund.confirmed`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RefundConfirmed {
    /// The refund.
    pub refund_id: RefundId,
    /// The rail.
    pub rail: String,
    /// The provider's id of the refund.
    pub provider_object: ProviderObject,
    /// The entry.
    pub entry: JournalEntry,
}

/// Payload of `refund.failed`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RefundFailed {
    /// The refund.
    pub refund_id: RefundId,
    /// The provider's word for why.
    pub reason: ProviderWord,
    /// The entry: the money is the client's, in the wallet.
    pub entry: JournalEntry,
}

/// Payload of `refund.escalated`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RefundEscalated {
    /// The refund.
    pub refund_id: RefundId,
}

impl RefundEvent {
    /// The refund that it is about.
    pub const fn refund_id(&self) -> RefundId {
        match self {
            Self::Requested(e) => e.refund_id,
            Self::AttemptStarted(e) => e.refund_id,
            Self::Acknowledged(e) => e.refund_id,
            Self::Confirmed(e) => e.refund_id,
            Self::Failed(e) => e.refund_id,
            Self::Escalated(e) => e.refund_id,
        }
    }

    pub(crate) fn streams(&self) -> Vec<StreamId> {
        let refund = StreamId::Refund(self.refund_id());
        let provider =
            |rail: &String, object: &ProviderObject| StreamId::Provider(rail.clone(), object.clone());
        match self {
            Self::Requested(e) => vec![refund, StreamId::Deposit(e.deposit_id)],
            Self::Acknowledged(e) => vec![refund, provider(&e.rail, &e.provider_object)],
            Self::Confirmed(e) => vec![refund, provider(&e.rail, &e.provider_object)],
            Self::AttemptStarted(_) | Self::Failed(_) | Self::Escalated(_) => vec![refund],
        }
    }

    /// The entry of those that move money themselves.
    pub const fn journal_entry(&self) -> Option<&JournalEntry> {
        match self {
            Self::Confirmed(e) => Some(&e.entry),
            Self::Failed(e) => Some(&e.entry),
            Self::Requested(_) | Self::AttemptStarted(_) | Self::Acknowledged(_) | Self::Escalated(_) => None,
        }
    }
}
