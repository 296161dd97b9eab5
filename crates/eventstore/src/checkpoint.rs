//! How far a consumer of the log has come, in a form that notices another history.
//!
//! Shape: a position and the leaf hash that stood there. After a restore or a fork the position may still exist while
//! the leaf differs, and the consumer halts instead of skipping.

use thiserror::Error;

use crate::{
    EventStore, LeafHash, StoreFault,
    record::{Position, Record},
};

/// Most bytes of a consumer's name.
pub const CONSUMER_BYTES_MAX: usize = 128;

/// The last record that a consumer has dealt with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// Where it stands.
    pub position: Position,
    /// Its leaf hash.
    pub leaf: LeafHash,
}

impl Checkpoint {
    /// The checkpoint of a consumer that has dealt with everything up to and including `record`.
    pub fn at(record: &Record) -> Self {
        Self { position: record.position(), leaf: record.leaf() }
    }
}

/// Why a checkpoint was not accepted. Nothing was changed.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum CheckpointError {
    /// The consumer stands elsewhere: another of its kind has moved it.
    #[error("the consumer stands at {}", found.map_or(Position::START, |found| found.position))]
    Moved {
        /// Where it stands; `None` if it never advanced.
        found: Option<Checkpoint>,
    },
    /// The checkpoint is not in this log, which was restored to an earlier state, or is another one.
    #[error("the checkpoint at position {} is not in this log ({})", checkpoint.position,
        found.map_or_else(|| "it ends before".to_owned(), |leaf| format!("there the leaf is {leaf}")))]
    Diverged {
        /// The checkpoint.
        checkpoint: Checkpoint,
        /// The leaf at its position; `None` if the log has no such position.
        found: Option<LeafHash>,
    },
    /// The store failed. If the checkpoint was being written it may or may not have moved.
    #[error(transparent)]
    Fault(#[from] StoreFault),
}

/// Compares a consumer's checkpoint, kept wherever the consumer keeps it, with the log that it is about to read on.
///
/// # Errors
/// [`CheckpointError::Diverged`] if the log is shorter or has another leaf at that position.
pub async fn confirm_checkpoint<S: EventStore + ?Sized>(
    store: &S,
    checkpoint: Checkpoint,
) -> Result<(), CheckpointError> {
    let Some(before) = checkpoint.position.get().checked_sub(1) else {
        return Err(CheckpointError::Diverged { checkpoint, found: None });
    };
    let found = store.read(Position::new(before), 1).await?.first().map(|record| record.leaf());
    matching(checkpoint, found)
}

/// Accepts `checkpoint` if `found` is the leaf that it names.
pub(crate) fn matching(checkpoint: Checkpoint, found: Option<LeafHash>) -> Result<(), CheckpointError> {
    if found == Some(checkpoint.leaf) {
        return Ok(());
    }
    Err(CheckpointError::Diverged { checkpoint, found })
}

/// Refuses a consumer's name that a backend could not store.
pub(crate) fn check_consumer(consumer: &str) -> Result<(), StoreFault> {
    if (1..=CONSUMER_BYTES_MAX).contains(&consumer.len()) {
        return Ok(());
    }
    Err(StoreFault::misuse(format!("a consumer's name has 1 to {CONSUMER_BYTES_MAX} bytes")))
}
