//! How far a process is: everything up to the checkpoint is wholly done, whatever is under way beyond it.

use eventstore::{Checkpoint, Position, Record};
use std::collections::BTreeMap;

/// What was read, and what of it is still under way.
#[derive(Debug)]
pub(super) struct Progress {
    /// The last record read.
    last: Option<Checkpoint>,
    /// Reactions under way, each with the record before it.
    under_way: BTreeMap<Position, Option<Checkpoint>>,
    /// The record before the last one read.
    before_last: Option<Checkpoint>,
}

impl Progress {
    pub(super) fn after(checkpoint: Option<Checkpoint>) -> Self {
        Self { last: checkpoint, under_way: BTreeMap::new(), before_last: checkpoint }
    }

    /// A record was read.
    pub(super) fn read(&mut self, record: &Record) {
        self.before_last = self.last.replace(Checkpoint::at(record));
    }

    /// The record just read, at `position`, has a reaction.
    pub(super) fn begin(&mut self, position: Position) {
        self.under_way.insert(position, self.before_last);
    }

    /// The reaction to the record at `position` is done.
    pub(super) fn finish(&mut self, position: Position) {
        self.under_way.remove(&position);
    }

    /// The last record before which nothing is under way.
    pub(super) fn checkpoint(&self) -> Option<Checkpoint> {
        self.under_way.first_key_value().map_or(self.last, |(_, before)| *before)
    }
}
