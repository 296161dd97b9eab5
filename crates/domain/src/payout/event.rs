//! What happens to payouts. Each event belongs to the payout's stream and to the account's, which keeps what is
//! reserved; those that commit settled cash, or give it back, belong to its stream too.

use crate::deposit::{PaymentMethod, ProviderObject, ProviderWord};
use crate::event::event_group;
use crate::id::{PartyId, PayoutId};
use crate::ledger::JournalEntry;
use crate::money::{Currency, Money};
use crate::personal::Personal;
use crate::stream::StreamId;
use crate::text::Prose;
use crate::time::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

event_group! {
    /// Events of a payout.
    PayoutEvent {
        /// The talent asked for it; the amount is reserved on the account.
        Requested(PayoutRequested) = "payout.requested", 1;
        /// The account is on hold; money that was posted is available again, and reserved.
        Held(PayoutHeld) = "payout.held", 1;
        /// The account is not on hold any more.
        Released(PayoutReleased) = "payout.released", 1;
        /// It may be sent.
        Approved(PayoutApproved) = "payout.approved", 1;
        /// It waits for settled cash.
        Delayed(PayoutDelayed) = "payout.delayed", 1;
        /// The one call of this attempt was claimed.
        Submitted(PayoutSubmitted) = "payout.submitted", 1;
        /// The provider took the order.
        Acknowledged(PayoutAcknowledged) = "payout.acknowledged", 1;
        /// The provider hasn't said what became of it; a person looks into it.
        Escalated(PayoutEscalated) = "payout.escalated", 1;
        /// A person found out what became of it.
        Resolved(PayoutResolved) = "payout.resolved", 1;
        /// The provider has sent the money.
        Paid(PayoutPaid) = "payout.paid", 1;
        /// The provider did not send it, for certain.
        Failed(PayoutFailed) = "payout.failed", 1;
        /// It begins anew, under a new key.
        Retried(PayoutRetried) = "payout.retried", 1;
        /// The money came back.
        Returned(PayoutReturned) = "payout.returned", 1;
        /// The provider had paid it in error, and took it back.
        Reversed(PayoutReversed) = "payout.reversed", 1;
        /// What came back is the talent's again.
        Credited(PayoutCredited) = "payout.credited", 1;
        /// The talent took it back.
        Cancelled(PayoutCancelled) = "payout.cancelled", 1;
        /// Finance or compliance refused it.
        Rejected(PayoutRejected) = "payout.rejected", 1;
    }
}

/// Which payout, and whose account it comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PayoutKey {
    /// The payout, and our reference at the provider.
    pub payout_id: PayoutId,
    /// Whose money it is.
    pub party_id: PartyId,
    /// The currency of the account, which is that of the payout.
    pub currency: Currency,
}

/// What a person found out about a payout.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Resolution {
    /// The provider has it, and will report.
    InTransit,
    /// The provider never sent it.
    Failed,
}

/// Payload of `payout.requested`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PayoutRequested {
    /// Which payout.
    pub of: PayoutKey,
    /// How much.
    pub amount: Money,
    /// The rail that sends it.
    pub rail: String,
    /// The provider's token of where it goes.
    pub destination: PaymentMethod,
    /// Whether finance must approve it.
    pub review: bool,
}

/// Payload of `payout.held`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PayoutHeld {
    /// Which payout.
    pub of: PayoutKey,
    /// The entry, if it was approved before.
    pub entry: Option<JournalEntry>,
}

/// Payload of `payout.released`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PayoutReleased {
    /// Which payout.
    pub of: PayoutKey,
}

/// Payload of `payout.approved`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PayoutApproved {
    /// Which payout.
    pub of: PayoutKey,
    /// How much.
    pub amount: Money,
    /// The entry.
    pub entry: JournalEntry,
}

/// Payload of `payout.delayed`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PayoutDelayed {
    /// Which payout.
    pub of: PayoutKey,
    /// How much.
    pub amount: Money,
}

/// Payload of `payout.submitted`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PayoutSubmitted {
    /// Which payout.
    pub of: PayoutKey,
    /// Counts the attempts from 1.
    pub attempt: u16,
    /// The idempotency key of this attempt, the same for every repetition.
    pub provider_key: String,
    /// The rail that sends it.
    pub rail: String,
    /// What is ordered from the provider.
    pub amount: Money,
    /// Where it goes.
    pub destination: PaymentMethod,
    /// When a person looks into it if the provider says nothing.
    pub escalates_at: Timestamp,
}

/// Payload of `payout.acknowledged`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PayoutAcknowledged {
    /// Which payout.
    pub of: PayoutKey,
    /// The rail.
    pub rail: String,
    /// The provider's id of the payout.
    pub provider_object: ProviderObject,
    /// When a person looks into it if the provider says nothing.
    pub escalates_at: Timestamp,
}

/// Payload of `payout.escalated`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PayoutEscalated {
    /// Which payout.
    pub of: PayoutKey,
}

/// Payload of `payout.resolved`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PayoutResolved {
    /// Which payout.
    pub of: PayoutKey,
    /// What it is.
    pub resolution: Resolution,
    /// When a person looks into it again if the provider goes on saying nothing.
    pub escalates_at: Option<Timestamp>,
}

/// Payload of `payout.paid`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PayoutPaid {
    /// Which payout.
    pub of: PayoutKey,
    /// The rail.
    pub rail: String,
    /// The provider's id of the payout.
    pub provider_object: ProviderObject,
    /// The entry.
    pub entry: JournalEntry,
}

/// Payload of `payout.failed`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PayoutFailed {
    /// Which payout.
    pub of: PayoutKey,
    /// The provider's word for why.
    pub reason: ProviderWord,
    /// When it is tried again, if it is.
    pub retry_at: Option<Timestamp>,
    /// How much is available again.
    pub amount: Money,
    /// The entry.
    pub entry: JournalEntry,
}

/// Payload of `payout.retried`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PayoutRetried {
    /// Which payout.
    pub of: PayoutKey,
}

/// Payload of `payout.returned`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PayoutReturned {
    /// Which payout.
    pub of: PayoutKey,
    /// The provider's word for why.
    pub reason: ProviderWord,
    /// What the provider kept of it, which the operator bears.
    pub cost: Money,
    /// The entry.
    pub entry: JournalEntry,
}

/// Payload of `payout.reversed`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PayoutReversed {
    /// Which payout.
    pub of: PayoutKey,
    /// The provider's word for why.
    pub reason: ProviderWord,
    /// What the provider kept of it, which the operator bears.
    pub cost: Money,
    /// The entry.
    pub entry: JournalEntry,
}

/// Payload of `payout.credited`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PayoutCredited {
    /// Which payout.
    pub of: PayoutKey,
    /// The entry.
    pub entry: JournalEntry,
}

/// Payload of `payout.cancelled`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PayoutCancelled {
    /// Which payout.
    pub of: PayoutKey,
}

/// Payload of `payout.rejected`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PayoutRejected {
    /// Which payout.
    pub of: PayoutKey,
    /// Why.
    pub reasons: Personal<Prose>,
}

impl PayoutEvent {
    /// Which payout it is about.
    pub const fn of(&self) -> &PayoutKey {
        match self {
            Self::Requested(e) => &e.of,
            Self::Held(e) => &e.of,
            Self::Released(e) => &e.of,
            Self::Approved(e) => &e.of,
            Self::Delayed(e) => &e.of,
            Self::Submitted(e) => &e.of,
            Self::Acknowledged(e) => &e.of,
            Self::Escalated(e) => &e.of,
            Self::Resolved(e) => &e.of,
            Self::Paid(e) => &e.of,
            Self::Failed(e) => &e.of,
            Self::Retried(e) => &e.of,
            Self::Returned(e) => &e.of,
            Self::Reversed(e) => &e.of,
            Self::Credited(e) => &e.of,
            Self::Cancelled(e) => &e.of,
            Self::Rejected(e) => &e.of,
        }
    }

    pub(crate) fn streams(&self) -> Vec<StreamId> {
        let of = self.of();
        let mut streams = vec![StreamId::Payout(of.payout_id), StreamId::Account(of.party_id, of.currency)];
        match self {
            Self::Acknowledged(e) => {
                streams.push(StreamId::Provider(e.rail.clone(), e.provider_object.clone()));
            }
            Self::Paid(e) => streams.extend([
                StreamId::Provider(e.rail.clone(), e.provider_object.clone()),
                StreamId::Cash(of.currency),
            ]),
            Self::Held(_)
            | Self::Delayed(_)
            | Self::Submitted(_)
            | Self::Failed(_)
            | Self::Returned(_)
            | Self::Reversed(_) => streams.push(StreamId::Cash(of.currency)),
            Self::Requested(_)
            | Self::Released(_)
            | Self::Approved(_)
            | Self::Escalated(_)
            | Self::Resolved(_)
            | Self::Retried(_)
            | Self::Credited(_)
            | Self::Cancelled(_)
            | Self::Rejected(_) => {}
        }
        streams
    }

    /// The entry of those that move money.
    pub const fn journal_entry(&self) -> Option<&JournalEntry> {
        match self {
            Self::Held(e) => e.entry.as_ref(),
            Self::Approved(e) => Some(&e.entry),
            Self::Paid(e) => Some(&e.entry),
            Self::Failed(e) => Some(&e.entry),
            Self::Returned(e) => Some(&e.entry),
            Self::Reversed(e) => Some(&e.entry),
            Self::Credited(e) => Some(&e.entry),
            Self::Requested(_)
            | Self::Released(_)
            | Self::Delayed(_)
            | Self::Submitted(_)
            | Self::Acknowledged(_)
            | Self::Escalated(_)
            | Self::Resolved(_)
            | Self::Retried(_)
            | Self::Cancelled(_)
            | Self::Rejected(_) => None,
        }
    }
}
