//! A batch in the making: records with their positions, and who waits for which of them.

use super::outcome::{ExecuteError, Receipt};
use super::run::{Job, Waiter};
use domain::Refusal;
use eventstore::{Batch, BatchError, CommandKey, Head, Position, Record, RequestMac};
use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

/// A batch takes no further command beyond this many events; the largest decision stays far below the rest of the
/// store's bound.
pub(super) const EVENTS_TARGET: usize = 4_096;
/// A batch takes no further command beyond this many bytes of records.
pub(super) const BYTES_TARGET: usize = 8 * 1024 * 1024;

/// Commands whose outcome rests on one append: those whose events it holds, and those that were refused because of
/// what it holds. None of them is told anything before it is durable.
pub(super) struct Draft {
    /// The head that the batch follows.
    pub(super) after: Position,
    /// The instant of all its events, µs.
    pub(super) recorded_at: i64,
    pub(super) records: Vec<Arc<Record>>,
    bytes: usize,
    entries: Vec<Entry>,
    by_key: HashMap<CommandKey, usize>,
}

/// A decided command, with its job in case it must be decided again.
struct Entry {
    job: Job,
    verdict: Verdict,
}

enum Verdict {
    /// Its events are in the batch.
    Appended {
        records: Range<usize>,
        /// The refusal that the events record, if that is what they do.
        refusal: Option<Refusal>,
        /// Others who sent the same command.
        repeats: Vec<Waiter>,
    },
    /// A rule said no, on a state that holds what is in the batch.
    Refused(Refusal),
    /// The batch holds another request under its key.
    Mismatch,
}

impl Draft {
    pub(super) fn new(after: Position, recorded_at: i64) -> Self {
        Self {
            after,
            recorded_at,
            records: Vec::new(),
            bytes: 0,
            entries: Vec::new(),
            by_key: HashMap::new(),
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.records.is_empty()
    }

    pub(super) fn is_full(&self) -> bool {
        self.records.len() >= EVENTS_TARGET || self.bytes >= BYTES_TARGET
    }

    pub(super) fn commands(&self) -> usize {
        self.by_key.len()
    }

    pub(super) fn next_position(&self) -> Position {
        self.head().position.next()
    }

    pub(super) fn head(&self) -> Head {
        let position = self.records.last().map_or(self.after, |record| record.position());
        Head { position, recorded_at: self.recorded_at }
    }

    /// Adds a decided command with its sealed records.
    pub(super) fn push(&mut self, job: Job, records: Vec<Arc<Record>>, refusal: Option<Refusal>) {
        let start = self.records.len();
        self.bytes += records.iter().map(|record| record.bytes().len()).sum::<usize>();
        self.records.extend(records);
        self.by_key.insert(job.request.key, self.entries.len());
        let verdict = Verdict::Appended { records: start..self.records.len(), refusal, repeats: Vec::new() };
        self.entries.push(Entry { job, verdict });
    }

    /// Keeps a refusal until what it may rest on is durable.
    pub(super) fn refuse(&mut self, job: Job, refusal: Refusal) {
        self.entries.push(Entry { job, verdict: Verdict::Refused(refusal) });
    }

    /// Takes a job whose key this batch holds: it waits for the same outcome, or for the mismatch to be certain.
    /// Gives the job back when the key is not here.
    pub(super) fn join(&mut self, job: Job) -> Option<Job> {
        let Some(entry) = self.by_key.get(&job.request.key).map(|index| &mut self.entries[*index]) else {
            return Some(job);
        };
        let mac: RequestMac = entry.job.request.mac;
        match &mut entry.verdict {
            Verdict::Appended { repeats, .. } if mac == job.request.mac => repeats.push(job.waiter),
            Verdict::Appended { .. } | Verdict::Refused(_) | Verdict::Mismatch => {
                self.entries.push(Entry { job, verdict: Verdict::Mismatch });
            }
        }
        None
    }

    pub(super) fn to_batch(&self) -> Result<Batch, BatchError> {
        Batch::new(self.after, self.recorded_at, self.records.clone())
    }

    /// The events are durable: tells everybody who waits.
    pub(super) fn acknowledge(self) {
        let Self { entries, records: all, .. } = self;
        for Entry { job, verdict } in entries {
            let answer = match verdict {
                Verdict::Refused(refusal) => Err(refusal.into()),
                Verdict::Mismatch => Err(ExecuteError::IdempotencyMismatch),
                Verdict::Appended { records, refusal, repeats } => {
                    let receipt = |repeated| match &refusal {
                        Some(refusal) => Err(ExecuteError::Refused(refusal.clone())),
                        None => Ok(Receipt::new(all[records.clone()].to_vec(), repeated)),
                    };
                    for waiter in repeats {
                        let _ = waiter.send(receipt(true));
                    }
                    receipt(false)
                }
            };
            let _ = job.waiter.send(answer);
        }
    }

    /// The events did not, or may not have, come to be: those who gave them are told `error`. What was refused
    /// because of them is given back, to be decided again.
    pub(super) fn fail(self, error: impl Fn(CommandKey) -> ExecuteError) -> Vec<Job> {
        let mut again = Vec::new();
        for Entry { job, verdict } in self.entries {
            match verdict {
                Verdict::Refused(_) | Verdict::Mismatch => again.push(job),
                Verdict::Appended { repeats, .. } => {
                    for waiter in repeats.into_iter().chain([job.waiter]) {
                        let _ = waiter.send(Err(error(job.request.key)));
                    }
                }
            }
        }
        again
    }

    /// All commands, in order, to be decided again; those who only repeated one come after it, under the same key.
    pub(super) fn into_jobs(self) -> impl Iterator<Item = Job> {
        self.entries.into_iter().flat_map(|Entry { job, verdict }| {
            let repeats = match verdict {
                Verdict::Appended { repeats, .. } => repeats,
                Verdict::Refused(_) | Verdict::Mismatch => Vec::new(),
            };
            let request = job.request.clone();
            let repeats = repeats.into_iter().map(move |waiter| Job { request: request.clone(), waiter });
            std::iter::once(job).chain(repeats)
        })
    }
}
