//! Values of the domain as columns, and back.
//!
//! Ids are the 16 bytes of their UUID, which sort as their texts do, and so by time; instants are µs; states are their
//! names; a personal field is the JSON of its wrapper, or null once it was erased.

use crate::proposal_inbox::OfferStatus;
use domain::Timestamp;
use domain::contract::{ContractStatus, MilestoneStatus};
use domain::deposit::{DepositStatus, ProviderWord};
use domain::dispute::DisputeStatus;
use domain::id::TypedId;
use domain::job::JobStatus;
use domain::money::{Currency, Money};
use domain::payout::PayoutStatus;
use domain::personal::Personal;
use domain::proposal::{Party, ProposalStatus};
use domain::refund::RefundStatus;
use rusqlite::Row;
use rusqlite::types::{FromSql, FromSqlError, FromSqlResult, Type, ValueRef};
use serde::de::DeserializeOwned;
use serde::de::value::{self, StrDeserializer};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The bytes under which an id is stored.
pub(crate) fn key(id: impl TypedId) -> [u8; 16] {
    id.uuid().into_bytes()
}

/// Longer, and so greater, than every stored id: where a page that goes downwards begins.
pub(crate) const ABOVE_EVERY_KEY: [u8; 17] = [0xff; 17];

/// What keys are below on a page after `after`, in descending order.
pub(crate) fn below(after: Option<impl TypedId>) -> Vec<u8> {
    after.map_or_else(|| ABOVE_EVERY_KEY.to_vec(), |id| key(id).to_vec())
}

/// The JSON of a personal field, or `None` for null.
///
/// # Errors
/// What serde_json says, for a value that can't be JSON.
pub(crate) fn personal<T: Serialize>(field: &Personal<T>) -> serde_json::Result<Option<String>> {
    match field {
        Personal::Clear(_) => serde_json::to_string(field).map(Some),
        Personal::Erased => Ok(None),
    }
}

/// A value with a fixed set of names.
pub(crate) trait Named: Sized {
    /// The stored name.
    fn name(self) -> &'static str;
    /// The value of a stored name.
    fn named(name: &str) -> Option<Self>;
}

macro_rules! named {
    ($($type:ty { $($variant:ident = $name:literal,)* })*) => {$(
        impl Named for $type {
            fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }
            fn named(name: &str) -> Option<Self> {
                match name { $($name => Some(Self::$variant),)* _ => None }
            }
        }
    )*};
}

named! {
    JobStatus {
        Draft = "draft",
        InReview = "in_review",
        Open = "open",
        Paused = "paused",
        Filled = "filled",
        Closed = "closed",
        Expired = "expired",
        Removed = "removed",
    }
    ProposalStatus {
        Draft = "draft",
        Submitted = "submitted",
        Shortlisted = "shortlisted",
        Offered = "offered",
        Accepted = "accepted",
        Declined = "declined",
        Withdrawn = "withdrawn",
        Expired = "expired",
    }
    OfferStatus {
        Open = "open",
        Superseded = "superseded",
        Withdrawn = "withdrawn",
        Declined = "declined",
        Accepted = "accepted",
        Expired = "expired",
    }
    Party { Client = "client", Talent = "talent", }
    ContractStatus {
        Created = "created",
        Active = "active",
        Paused = "paused",
        Ending = "ending",
        Ended = "ended",
        Terminating = "terminating",
        Terminated = "terminated",
        Cancelled = "cancelled",
    }
    MilestoneStatus {
        Proposed = "proposed",
        Agreed = "agreed",
        Funding = "funding",
        Funded = "funded",
        Submitted = "submitted",
        ChangesRequested = "changes_requested",
        RefundRequested = "refund_requested",
        Disputed = "disputed",
        Approved = "approved",
        Resolved = "resolved",
        Released = "released",
        Refunded = "refunded",
        Cancelled = "cancelled",
    }
    DepositStatus {
        Requested = "requested",
        Started = "started",
        Acknowledged = "acknowledged",
        Confirmed = "confirmed",
        Failed = "failed",
        Unmatched = "unmatched",
    }
    RefundStatus {
        Requested = "requested",
        Started = "started",
        Acknowledged = "acknowledged",
        NeedsAttention = "needs_attention",
        Confirmed = "confirmed",
        Failed = "failed",
    }
    DisputeStatus {
        AwaitingResponse = "awaiting_response",
        Negotiation = "negotiation",
        Mediation = "mediation",
        Recommended = "recommended",
        ArbitrationOffered = "arbitration_offered",
        Arbitration = "arbitration",
        Decided = "decided",
        Appealed = "appealed",
        Settled = "settled",
        Final = "final",
        Closed = "closed",
        Withdrawn = "withdrawn",
        Suspended = "suspended",
    }
    PayoutStatus {
        Requested = "requested",
        Held = "held",
        Approved = "approved",
        Submitted = "submitted",
        InTransit = "in_transit",
        NeedsAttention = "needs_attention",
        Paid = "paid",
        Failed = "failed",
        Returned = "returned",
        Reversed = "reversed",
        Cancelled = "cancelled",
        Rejected = "rejected",
    }
}

/// A row's columns, taken one after another, so that a row type reads them in the order of its statement.
pub(crate) struct Columns<'a> {
    row: &'a Row<'a>,
    next: usize,
}

impl<'a> Columns<'a> {
    /// The columns of `row`, from the first.
    pub(crate) fn of(row: &'a Row<'a>) -> Self {
        Self { row, next: 0 }
    }

    /// The next column, as it is.
    pub(crate) fn take<T: FromSql>(&mut self) -> rusqlite::Result<T> {
        let index = self.next;
        self.next += 1;
        self.row.get(index)
    }

    /// Passes by columns that say nothing, because one before them is null.
    pub(crate) fn skip(&mut self, columns: usize) {
        self.next += columns;
    }

    /// The next column as what `read` makes of its text.
    pub(crate) fn text<T>(&mut self, read: impl FnOnce(&str) -> Option<T>) -> rusqlite::Result<T> {
        let index = self.next;
        self.optional_text(read)?.ok_or_else(|| foreign(index))
    }

    /// As [`Columns::text`], for a column that may be null.
    pub(crate) fn optional_text<T>(
        &mut self,
        read: impl FnOnce(&str) -> Option<T>,
    ) -> rusqlite::Result<Option<T>> {
        let index = self.next;
        self.next += 1;
        match self.row.get_ref(index)? {
            ValueRef::Null => Ok(None),
            ValueRef::Text(bytes) => {
                let read = std::str::from_utf8(bytes).ok().and_then(read);
                read.map(Some).ok_or_else(|| foreign(index))
            }
            ValueRef::Integer(_) | ValueRef::Real(_) | ValueRef::Blob(_) => Err(foreign(index)),
        }
    }

    /// The next column as an id.
    pub(crate) fn id<T: TypedId>(&mut self) -> rusqlite::Result<T> {
        self.take::<Key>().map(|key| T::from_uuid(key.0))
    }

    /// The next column as an id, or null.
    pub(crate) fn optional_id<T: TypedId>(&mut self) -> rusqlite::Result<Option<T>> {
        Ok(self.take::<Option<Key>>()?.map(|key| T::from_uuid(key.0)))
    }

    /// The next column as an instant.
    pub(crate) fn instant(&mut self) -> rusqlite::Result<Timestamp> {
        self.take().map(Timestamp::from_micros)
    }

    /// The next column as an instant, or null.
    pub(crate) fn optional_instant(&mut self) -> rusqlite::Result<Option<Timestamp>> {
        Ok(self.take::<Option<i64>>()?.map(Timestamp::from_micros))
    }

    /// The next column as one of a fixed set of names.
    pub(crate) fn named<T: Named>(&mut self) -> rusqlite::Result<T> {
        self.text(T::named)
    }

    /// The next column as a currency.
    pub(crate) fn currency(&mut self) -> rusqlite::Result<Currency> {
        self.text(|code| Currency::parse(code).ok())
    }

    /// The next two columns as an amount: its currency, then its minor units.
    pub(crate) fn money(&mut self) -> rusqlite::Result<Money> {
        let index = self.next;
        let (currency, minor) = (self.currency()?, self.take()?);
        Money::new(minor, currency).map_err(|_| foreign(index))
    }

    /// The next column as a provider's word, or null. What was recorded is read back as it is.
    pub(crate) fn optional_word(&mut self) -> rusqlite::Result<Option<ProviderWord>> {
        self.optional_text(|word| ProviderWord::deserialize(StrDeserializer::<value::Error>::new(word)).ok())
    }

    /// The next column as JSON.
    pub(crate) fn json<T: DeserializeOwned>(&mut self) -> rusqlite::Result<T> {
        self.text(|json| serde_json::from_str(json).ok())
    }

    /// The next column as JSON, or null.
    pub(crate) fn optional_json<T: DeserializeOwned>(&mut self) -> rusqlite::Result<Option<T>> {
        self.optional_text(|json| serde_json::from_str(json).ok())
    }

    /// The next column as a personal text; `None` once it was erased.
    pub(crate) fn personal(&mut self) -> rusqlite::Result<Option<String>> {
        let read = self.optional_text(|json| serde_json::from_str::<Personal<String>>(json).ok())?;
        Ok(match read {
            Some(Personal::Clear(text)) => Some(text),
            Some(Personal::Erased) | None => None,
        })
    }
}

/// A stored value that nothing of ours wrote. What it says instead is not repeated: it may be personal.
fn foreign(index: usize) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(index, Type::Text, Box::new(FromSqlError::InvalidType))
}

struct Key(Uuid);

impl FromSql for Key {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        let bytes = value.as_blob()?;
        Uuid::from_slice(bytes)
            .map(Self)
            .map_err(|_| FromSqlError::InvalidBlobSize { expected_size: 16, blob_size: bytes.len() })
    }
}
