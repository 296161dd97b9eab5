//! What can be asked of the log's file.
//!
//! Shape: plain functions on a connection. Cost: a page is one sequential scan; a stream is one look-up of its head
//! and one for each record, along the back-pointers; a command is one look-up and one scan of its records. Every
//! record is hashed and compared with its leaf, so damage is an error and never an answer. Bounds: `*_MAX`.

use std::sync::Arc;

use rusqlite::{Connection, OptionalExtension, Row};

use super::{
    commands::{self, Place},
    connection::{position, signed},
    consumer, sql,
};
use crate::{
    Checkpoint, CommandKey, Head, LeafHash, PAGE_BYTES_MAX, PAGE_MAX, Position, Record, STREAM_READ_MAX,
    StoreFault, subscription::contiguous,
};

/// The newest position and its instant, by the newest batch.
pub(super) fn head(connection: &Connection) -> Result<Head, StoreFault> {
    let batch = connection
        .prepare_cached(sql::TAIL)?
        .query_row([], |row| Ok((row.get(1)?, row.get(2)?)))
        .optional()?;
    let Some((last, recorded_at)) = batch else {
        return Ok(Head::EMPTY);
    };
    Ok(Head { position: position(last)?, recorded_at })
}

/// The head, once the newest record was found where the newest batch says it is.
pub(super) fn confirmed_head(connection: &Connection, marketplace: &Arc<str>) -> Result<Head, StoreFault> {
    let head = head(connection)?;
    let last = last_event(connection)?.unwrap_or(0);
    if last != signed(head.position) {
        return Err(StoreFault::damaged(format!(
            "the batches end at {}, the records at {last}",
            head.position
        )));
    }
    if let Some(before) = head.position.get().checked_sub(1) {
        let newest = page(connection, marketplace, Position::new(before), 1)?;
        if newest.first().is_none_or(|record| record.header().recorded_at != head.recorded_at) {
            return Err(StoreFault::damaged(format!(
                "the record at {} is not of the newest batch",
                head.position
            )));
        }
    }
    Ok(head)
}

/// The highest position that any row has.
pub(super) fn last_event(connection: &Connection) -> Result<Option<i64>, StoreFault> {
    Ok(connection.prepare_cached(sql::LAST_EVENT)?.query_row([], |row| row.get(0))?)
}

/// As [`crate::EventStore::read`].
pub(super) fn page(
    connection: &Connection,
    marketplace: &Arc<str>,
    after: Position,
    limit: usize,
) -> Result<Vec<Arc<Record>>, StoreFault> {
    let limit = limit.min(PAGE_MAX);
    let mut statement = connection.prepare_cached(sql::PAGE)?;
    let mut rows = statement.query((signed(after), i64::try_from(limit).unwrap_or(i64::MAX)))?;
    let (mut records, mut bytes) = (Vec::new(), 0);
    while let Some(row) = rows.next()? {
        let record = record(row, marketplace)?;
        bytes += record.bytes().len();
        if bytes > PAGE_BYTES_MAX && !records.is_empty() {
            break;
        }
        records.push(Arc::new(record));
    }
    contiguous(after, &records)?;
    Ok(records)
}

/// Decodes the columns `position, record, leaf`, and compares them with each other.
fn record(row: &Row<'_>, marketplace: &Arc<str>) -> Result<Record, StoreFault> {
    let stored: i64 = row.get(0)?;
    let bytes = row.get_ref(1)?.as_blob().map_err(rusqlite::Error::from)?;
    let damaged = |what: &dyn std::fmt::Display| StoreFault::damaged(format!("position {stored}: {what}"));
    let record = Record::decode_shared(bytes, Some(marketplace)).map_err(|error| damaged(&error))?;
    if row.get_ref(2)?.as_blob().map_err(rusqlite::Error::from)? != record.leaf().as_bytes() {
        return Err(damaged(&"the record differs from its leaf hash"));
    }
    if signed(record.position()) != stored {
        return Err(damaged(&format!("the record says position {}", record.position())));
    }
    Ok(record)
}

/// As [`crate::EventStore::read_stream`].
pub(super) fn stream(
    connection: &Connection,
    marketplace: &Arc<str>,
    stream: &str,
    after_revision: u64,
) -> Result<Vec<Arc<Record>>, StoreFault> {
    let Some((newest, mut at)) = stream_head(connection, stream)? else {
        return Ok(Vec::new());
    };
    let wanted = usize::try_from(newest.saturating_sub(after_revision)).unwrap_or(usize::MAX);
    if wanted > STREAM_READ_MAX {
        return Err(StoreFault::misuse(format!(
            "the stream {stream} has more than {STREAM_READ_MAX} records"
        )));
    }
    let mut records = Vec::with_capacity(wanted);
    for revision in (after_revision + 1..=newest).rev() {
        let damaged =
            || StoreFault::damaged(format!("revision {revision} of {stream} is not at position {at}"));
        let mut statement = connection.prepare_cached(sql::EVENT)?;
        let mut rows = statement.query([at])?;
        let row = rows.next()?.ok_or_else(damaged)?;
        let record = record(row, marketplace)?;
        let index = record
            .header()
            .memberships
            .iter()
            .position(|membership| *membership.stream == *stream && membership.revision == revision);
        let pointers = row.get_ref(3)?.as_blob().map_err(rusqlite::Error::from)?.as_chunks::<8>().0;
        let pointer = index.and_then(|index| pointers.get(index)).ok_or_else(damaged)?;
        at = i64::from_be_bytes(*pointer);
        records.push(Arc::new(record));
    }
    records.reverse();
    Ok(records)
}

/// The newest revision of a stream, and its position.
fn stream_head(connection: &Connection, stream: &str) -> Result<Option<(u64, i64)>, StoreFault> {
    let head = connection
        .prepare_cached(sql::STREAM_HEAD)?
        .query_row([stream], |row| Ok((row.get::<_, i64>(0)?, row.get(1)?)))
        .optional()?;
    let Some((revision, at)) = head else {
        return Ok(None);
    };
    let revision = u64::try_from(revision)
        .map_err(|_| StoreFault::damaged(format!("{revision} is stored as a revision of {stream}")))?;
    Ok(Some((revision, at)))
}

/// As [`crate::EventStore::stream_revisions`].
pub(super) fn revisions(connection: &Connection, streams: &[Arc<str>]) -> Result<Vec<u64>, StoreFault> {
    let revision =
        |stream: &Arc<str>| Ok(stream_head(connection, stream)?.map_or(0, |(revision, _)| revision));
    streams.iter().map(revision).collect()
}

/// As [`crate::EventStore::find_commands`], for keys whose place is known. Those in the table are there if the caller was
/// `told` of what it lacks; otherwise they may be in the records alone.
pub(super) fn commands(
    connection: &Connection,
    marketplace: &Arc<str>,
    keys: &[(CommandKey, Place)],
    told: bool,
) -> Result<Vec<Vec<Arc<Record>>>, StoreFault> {
    let mut firsts = Vec::with_capacity(keys.len());
    for (key, place) in keys {
        firsts.push(match place {
            Place::Nowhere => None,
            Place::At(first) => Some(*first),
            Place::Table => commands::stored(connection, key)?,
        });
    }
    if !told && firsts.contains(&None) {
        let missing = keys.iter().zip(&firsts).filter(|(_, first)| first.is_none());
        let missing = missing.map(|((key, _), _)| *key).collect();
        let found = commands::find_unindexed(connection, marketplace, &missing)?;
        for ((key, _), first) in keys.iter().zip(&mut firsts) {
            *first = first.or_else(|| found.get(key).copied());
        }
    }
    let records = |((key, _), first): (&(CommandKey, _), Option<i64>)| match first {
        Some(first) => command(connection, marketplace, key, first),
        None => Ok(Vec::new()),
    };
    keys.iter().zip(firsts).map(records).collect()
}

/// The records of a command that begins at the position `first`.
fn command(
    connection: &Connection,
    marketplace: &Arc<str>,
    key: &CommandKey,
    first: i64,
) -> Result<Vec<Arc<Record>>, StoreFault> {
    let after = Position::new(position(first)?.get().saturating_sub(1));
    let mut statement = connection.prepare_cached(sql::PAGE)?;
    let mut rows = statement.query((signed(after), i64::try_from(PAGE_MAX).unwrap_or(i64::MAX)))?;
    let mut records = Vec::new();
    while let Some(row) = rows.next()? {
        let record = record(row, marketplace)?;
        if record.header().command_key != *key {
            break;
        }
        records.push(Arc::new(record));
    }
    if records.is_empty() {
        return Err(StoreFault::damaged(format!("position {first} holds no record of the command {key}")));
    }
    contiguous(after, &records)?;
    Ok(records)
}

/// A checkpoint at the record of `position`, if there is one.
pub(super) fn newest(connection: &Connection, position: Position) -> Result<Option<Checkpoint>, StoreFault> {
    let leaf: Option<[u8; 32]> =
        connection.prepare_cached(sql::LEAF)?.query_row([signed(position)], |row| row.get(0)).optional()?;
    let leaf = leaf.map(LeafHash::from_bytes);
    Ok(leaf.map(|leaf| Checkpoint { position, leaf }))
}

/// As [`crate::EventStore::checkpoint`].
pub(super) fn checkpoint(connection: &Connection, name: &str) -> Result<Option<Checkpoint>, StoreFault> {
    let row = connection
        .prepare_cached(sql::CONSUMER)?
        .query_row([name], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .optional()?;
    row.map(|(position, leaf, digest)| consumer::decode(name, position, leaf, digest)).transpose()
}
