//! What one write transaction does.
//!
//! Shape: begin with the write lock, write, commit; anything that declines before the commit is rolled back and
//! certain, an error of the commit itself is not. Cost of an append: one row per event, one per batch, one look-up and
//! one row per stream however many of its events the batch holds, and rows of commands that were appended before.

use std::{collections::BTreeMap, sync::Arc};

use rusqlite::{Connection, OptionalExtension};

use super::{connection::signed, consumer, reader, sql};
use crate::{
    AppendError, Batch, Checkpoint, CheckpointError, FaultKind, LeafHash, Membership, StoreFault,
    checkpoint::matching, inspect::BatchRow,
};

/// Why a transaction stopped before its commit.
#[derive(Debug)]
pub(super) enum Abort<E> {
    /// What it was to write does not fit what is stored.
    Declined(E),
    /// The engine failed.
    Fault(StoreFault),
}

impl<E> From<rusqlite::Error> for Abort<E> {
    fn from(error: rusqlite::Error) -> Self {
        Self::Fault(error.into())
    }
}

/// How a transaction ended without success.
#[derive(Debug)]
pub(super) enum Failure<E> {
    /// Declined and rolled back.
    Declined(E),
    /// Not written.
    Refused(StoreFault),
    /// The commit failed in a way that leaves open whether it is on the disk.
    Unknown(StoreFault),
}

/// Runs `work` in one durable transaction.
pub(super) fn write<E>(
    connection: &Connection,
    work: impl FnOnce(&Connection) -> Result<(), Abort<E>>,
) -> Result<(), Failure<E>> {
    let run = |statement| connection.prepare_cached(statement)?.execute([]);
    run(sql::BEGIN_WRITE).map_err(|error| Failure::Refused(error.into()))?;
    if let Err(abort) = work(connection) {
        // An engine that ran out of space or failed to read may have rolled back by itself.
        let rolled_back = connection.is_autocommit() || run(sql::ROLLBACK).is_ok();
        return Err(match abort {
            Abort::Declined(reason) if rolled_back => Failure::Declined(reason),
            Abort::Fault(fault) if rolled_back => Failure::Refused(fault),
            Abort::Declined(_) | Abort::Fault(_) => {
                Failure::Unknown(StoreFault::new(FaultKind::Io, "a transaction could not be rolled back"))
            }
        });
    }
    run(sql::COMMIT).map(|_| ()).map_err(|error| failed_commit(connection, error.into()))
}

/// A commit that found no space has written no complete commit: the engine reports a failed flush as an error of
/// another kind, and the last frame of a commit is the last thing that it writes. Every other failure stays open.
fn failed_commit<E>(connection: &Connection, fault: StoreFault) -> Failure<E> {
    let rolled_back = connection.is_autocommit() || connection.execute_batch(sql::ROLLBACK).is_ok();
    if fault.kind == FaultKind::Full && rolled_back {
        return Failure::Refused(fault);
    }
    Failure::Unknown(fault)
}

/// Writes the rows of `batch`.
pub(super) fn insert_batch(connection: &Connection, batch: &Batch) -> Result<(), Abort<AppendError>> {
    let mut heads = StreamHeads::default();
    let mut insert_event = connection.prepare_cached(sql::INSERT_EVENT)?;
    let mut previous = Vec::new();
    for record in batch.records() {
        let position = signed(record.position());
        previous.clear();
        for membership in &record.header().memberships {
            let before = heads.advance(connection, membership, position)?;
            previous.extend_from_slice(&before.to_be_bytes());
        }
        insert_event.execute((position, record.bytes(), record.leaf().as_bytes(), &previous[..]))?;
    }
    heads.store(connection)?;
    let row = BatchRow::of(batch);
    connection.prepare_cached(sql::INSERT_BATCH)?.execute((row.first, row.last, row.recorded_at))?;
    Ok(())
}

/// The heads of the streams that a batch touches: read once, moved in memory, stored once.
#[derive(Default)]
struct StreamHeads {
    heads: BTreeMap<Arc<str>, StreamHead>,
}

#[derive(Default)]
struct StreamHead {
    stored: u64,
    revision: u64,
    position: i64,
}

impl StreamHeads {
    /// Moves a stream on to `position`; answers with the position of its record before, 0 for none.
    fn advance(
        &mut self,
        connection: &Connection,
        membership: &Membership,
        position: i64,
    ) -> Result<i64, Abort<AppendError>> {
        let Membership { stream, revision } = membership;
        let head = match self.heads.get_mut(stream) {
            Some(head) => head,
            // A first revision needs no look at what is stored: storing it finds out whether the stream is new.
            None if *revision == 1 => self.heads.entry(Arc::clone(stream)).or_default(),
            None => self.heads.entry(Arc::clone(stream)).or_insert(stored_head(connection, stream)?),
        };
        if *revision != head.revision + 1 {
            return Err(taken(stream, *revision));
        }
        head.revision = *revision;
        Ok(std::mem::replace(&mut head.position, position))
    }

    fn store(self, connection: &Connection) -> Result<(), Abort<AppendError>> {
        let mut statement = connection.prepare_cached(sql::MOVE_STREAM_HEAD)?;
        for (stream, head) in &self.heads {
            let moved = statement.execute((
                &**stream,
                integer(head.revision),
                head.position,
                integer(head.stored),
            ))?;
            if moved != 1 {
                return Err(taken(stream, head.revision));
            }
        }
        Ok(())
    }
}

fn stored_head(connection: &Connection, stream: &str) -> Result<StreamHead, Abort<AppendError>> {
    let row = connection
        .prepare_cached(sql::STREAM_HEAD)?
        .query_row([stream], |row| Ok((row.get::<_, i64>(0)?, row.get(1)?)))
        .optional()?;
    let (revision, position) = row.unwrap_or((0, 0));
    let revision = u64::try_from(revision).map_err(|_| {
        Abort::Fault(StoreFault::damaged(format!("{revision} is stored as a revision of {stream}")))
    })?;
    Ok(StreamHead { stored: revision, revision, position })
}

fn taken(stream: &Arc<str>, revision: u64) -> Abort<AppendError> {
    Abort::Declined(AppendError::RevisionTaken { stream: Arc::clone(stream), revision })
}

fn integer(revision: u64) -> i64 {
    i64::try_from(revision).unwrap_or(i64::MAX)
}

/// Moves a consumer's checkpoint, if it stands at `from` and `to` is in the log.
pub(super) fn advance(
    connection: &Connection,
    name: &str,
    from: Option<Checkpoint>,
    to: Checkpoint,
) -> Result<(), Abort<CheckpointError>> {
    let found = reader::checkpoint(connection, name).map_err(Abort::Fault)?;
    if found != from {
        return Err(Abort::Declined(CheckpointError::Moved { found }));
    }
    let leaf: Option<[u8; 32]> = connection
        .prepare_cached(sql::LEAF)?
        .query_row([signed(to.position)], |row| row.get(0))
        .optional()?;
    matching(to, leaf.map(LeafHash::from_bytes)).map_err(Abort::Declined)?;
    let (position, leaf, digest) = consumer::encode(name, to);
    connection.prepare_cached(sql::MOVE_CONSUMER)?.execute((name, position, leaf, digest))?;
    Ok(())
}
