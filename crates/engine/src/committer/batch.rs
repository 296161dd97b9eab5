//! A batch in the making: records with their positions, and who waits for which of them.

use super::outcome::{ExecuteError, Receipt};
use super::run::{Job, Waiter};
use eventstore::{Batch, BatchError, CommandKey, Head, Position, Record, RequestMac};
use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

/// A batch takes no further command beyond this many events; the largest decision stays far below the rest of the
/// store's bound.
pub(super) const EVENTS_TARGET: usize = 4_096;
/// A batch takes no further command beyond this many bytes of records.
pub(super) const BYTES_TARGET: usize = 8 * 1024 * 1024;

/// Decided commands that go to the store together.
pub(super) struct Draft {
    /// The head that the batch follows.
    pub(super) after: Position,
    /// The instant of all its events, µs.
    pub(super) recorded_at: i64,
    pub(super) records: Vec<Arc<Record>>,
    bytes: usize,
    decided: Vec<Decided>,
    by_key: HashMap<CommandKey, usize>,
}

/// A decided command: the job, in case it must be decided again, and who else waits for it.
struct Decided {
    job: Job,
    repeats: Vec<Waiter>,
    records: Range<usize>,
    /// What its callers are told once its events are durable: a receipt, or the refusal that they record.
    refusal: Option<domain::Refusal>,
}

impl Draft {
    pub(super) fn new(after: Position, recorded_at: i64) -> Self {
        Self {
            after,
            recorded_at,
            records: Vec::new(),
            bytes: 0,
            decided: Vec::new(),
            by_key: HashMap::new(),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.decided.is_empty()
    }

    pub(super) fn is_full(&self) -> bool {
        self.records.len() >= EVENTS_TARGET || self.bytes >= BYTES_TARGET
    }

    pub(super) fn commands(&self) -> usize {
        self.decided.len()
    }

    pub(super) fn next_position(&self) -> Position {
        self.records
            .last()
            .map_or(self.after, |record| record.position())
            .next()
    }

    pub(super) fn head(&self) -> Head {
        let position = self.records.last().map_or(self.after, |record| record.position());
        Head {
            position,
            recorded_at: self.recorded_at,
        }
    }

    /// Adds a decided command with its sealed records.
    pub(super) fn push(&mut self, job: Job, records: Vec<Arc<Record>>, refusal: Option<domain::Refusal>) {
        let start = self.records.len();
        self.bytes += records.iter().map(|record| record.bytes().len()).sum::<usize>();
        self.records.extend(records);
        self.by_key.insert(job.request.key, self.decided.len());
        let records = start..self.records.len();
        self.decided.push(Decided {
            job,
            repeats: Vec::new(),
            records,
            refusal,
        });
    }

    /// The request that this batch already holds under the key.
    pub(super) fn find(&self, key: &CommandKey) -> Option<RequestMac> {
        self.by_key
            .get(key)
            .map(|index| self.decided[*index].job.request.mac)
    }

    /// Lets another caller wait for the command that this batch holds under the key.
    pub(super) fn join(&mut self, key: &CommandKey, waiter: Waiter) {
        if let Some(index) = self.by_key.get(key) {
            self.decided[*index].repeats.push(waiter);
        }
    }

    pub(super) fn to_batch(&self) -> Result<Batch, BatchError> {
        Batch::new(self.after, self.recorded_at, self.records.clone())
    }

    /// The events are durable: tells everybody who waits.
    pub(super) fn acknowledge(self) {
        for decided in self.decided {
            let records = &self.records[decided.records.clone()];
            let answer = |repeated| match &decided.refusal {
                Some(refusal) => Err(ExecuteError::Refused(refusal.clone())),
                None => Ok(Receipt::new(records.to_vec(), repeated)),
            };
            decided
                .repeats
                .into_iter()
                .for_each(|waiter| drop(waiter.send(answer(true))));
            drop(decided.job.waiter.send(answer(false)));
        }
    }

    /// The events did not, or may not have, come to be: tells everybody who waits.
    pub(super) fn fail(self, error: impl Fn(CommandKey) -> ExecuteError) {
        for decided in self.decided {
            let key = decided.job.request.key;
            decided
                .repeats
                .into_iter()
                .for_each(|waiter| drop(waiter.send(Err(error(key)))));
            drop(decided.job.waiter.send(Err(error(key))));
        }
    }

    /// The commands, in order, to be decided again; those who only repeated one come after it, under the same key.
    pub(super) fn into_jobs(self) -> impl Iterator<Item = Job> {
        self.decided.into_iter().flat_map(|decided| {
            let request = decided.job.request.clone();
            let repeats = decided.repeats.into_iter().map(move |waiter| Job {
                request: request.clone(),
                waiter,
            });
            std::iter::once(decided.job).chain(repeats)
        })
    }
}
