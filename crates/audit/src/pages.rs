//! The log, page by page, up to a fixed end. Bounds: one page is held at a time.

use std::sync::Arc;

use domain::{Event, codec};
use eventstore::{EventStore, FaultKind, Position, Record, StoreFault};

use crate::at::AsOfError;

// Large enough that a page's own cost doesn't show, small enough that what is held doesn't either.
const PAGE: usize = 2_048;

/// Told `(passed, goal)` now and then by whatever reads the whole log; it may start again from the beginning.
pub type Progress<'a> = &'a (dyn Fn(Position, Position) + Sync);

/// The records after one position and up to another.
pub(crate) struct Pages<'a> {
    store: &'a dyn EventStore,
    passed: Position,
    to: Position,
}

impl<'a> Pages<'a> {
    pub(crate) fn new(store: &'a dyn EventStore, after: Position, to: Position) -> Self {
        Self { store, passed: after, to }
    }

    /// The last position that was handed out.
    pub(crate) fn passed(&self) -> Position {
        self.passed
    }

    /// The next records; empty at the end.
    pub(crate) async fn next(&mut self) -> Result<Vec<Arc<Record>>, StoreFault> {
        if self.passed >= self.to {
            return Ok(Vec::new());
        }
        let left = usize::try_from(self.to.get() - self.passed.get()).unwrap_or(usize::MAX);
        let page = self.store.read(self.passed, left.min(PAGE)).await?;
        self.passed = page.last().map(|record| record.position()).ok_or_else(|| ended(self.passed.next()))?;
        Ok(page)
    }
}

/// The log has no record where one was seen before.
pub(crate) fn ended(position: Position) -> StoreFault {
    StoreFault::new(FaultKind::Damaged, format!("the log has no record at position {position} any more"))
}

/// The event in a record.
pub(crate) fn decode(record: &Record) -> Result<Event, AsOfError> {
    let header = record.header();
    codec::decode(&header.event_type, header.schema_version, record.payload())
        .map_err(|source| AsOfError::Unreadable { position: header.position, source })
}
