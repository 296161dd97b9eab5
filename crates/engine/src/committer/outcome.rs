//! What became of a command.

use domain::codec::{CodecError, decode};
use domain::id::{EventId, TypedId};
use domain::{Event, Refusal, StreamId};
use eventstore::{CommandKey, Position, Record, StoreFault};
use std::sync::Arc;
use uuid::Uuid;

/// Three kinds of no, and the unknown. Who has to act differs, so the variants do.
#[derive(Debug, thiserror::Error)]
pub enum ExecuteError {
    /// A rule said no; nothing was written. The same command may succeed later.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The key was used for another request; nothing was written.
    #[error("the idempotency key was used for another request")]
    IdempotencyMismatch,
    /// Whether the command was appended is not known: submit the same again under the same key to learn it.
    #[error("the outcome of command {0} is unknown")]
    Unknown(CommandKey),
    /// Too many commands wait; nothing was written.
    #[error("too many commands are waiting")]
    Overloaded,
    /// Machinery failed; nothing was written.
    #[error("the store failed: {0}")]
    Fault(#[from] StoreFault),
}

/// The event that a derived command follows from.
#[derive(Clone, Copy, Debug)]
pub struct Cause {
    /// Its id.
    pub event_id: EventId,
    /// The correlation that it belongs to.
    pub correlation: Uuid,
}

/// Proof that a command's events are in the log.
#[derive(Clone, Debug)]
pub struct Receipt {
    records: Vec<Arc<Record>>,
    /// Whether the command was appended earlier, and this only repeats its receipt.
    pub repeated: bool,
}

impl Receipt {
    pub(crate) fn new(records: Vec<Arc<Record>>, repeated: bool) -> Self {
        Self { records, repeated }
    }

    /// The position of the last event.
    pub fn position(&self) -> Position {
        self.records.last().map_or(Position::START, |record| record.position())
    }

    /// The events' ids, in order.
    pub fn event_ids(&self) -> Vec<EventId> {
        self.records.iter().map(|record| EventId::from_uuid(record.header().event_id)).collect()
    }

    /// The streams that the events belong to, owners first, in order.
    pub fn streams(&self) -> impl Iterator<Item = StreamId> {
        let memberships = self.records.iter().flat_map(|record| &record.header().memberships);
        memberships.filter_map(|membership| StreamId::parse(&membership.stream))
    }

    /// The events.
    ///
    /// # Errors
    /// [`CodecError`] for what a newer version wrote.
    pub fn events(&self) -> Result<Vec<Event>, CodecError> {
        let read = |record: &Arc<Record>| {
            decode(&record.header().event_type, record.header().schema_version, record.payload())
        };
        self.records.iter().map(read).collect()
    }
}
