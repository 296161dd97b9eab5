//! The stored rows, as they are, for inspection.
//!
//! Every function answers with the rows that could be read, and with what the engine said if there should have been
//! more: a damaged page hides what is on it, not what is before it.

use rusqlite::{Connection, Params, Row, types::FromSql};

use super::{connection::snapshot, reader, sql};
use crate::{
    PAGE_BYTES_MAX, StoreFault,
    inspect::{BatchRow, CommandRow, ConsumerRow, EventRow, StreamHeadRow},
};

/// Most rows of one reading.
pub(super) const ROWS_MAX: usize = 4_096;

const CONSUMERS_MAX: i64 = 10_000;

/// The rows that could be read, and why there are no more, if the engine refused.
pub(super) type Rows<T> = (Vec<T>, Option<StoreFault>);

/// A consumer's row, and the digest beside it.
pub(super) type SealedConsumer = (ConsumerRow, Box<[u8]>);

/// The highest position that anything mentions, and what could not be asked.
pub(super) fn head(connection: &Connection) -> (i64, Option<StoreFault>) {
    let both = snapshot(connection, |connection| {
        Ok((scan(connection, sql::TAIL, (), batch_row), reader::last_event(connection)))
    });
    let ((tail, tail_refused), last) = match both {
        Ok(both) => both,
        Err(fault) => return (0, Some(fault)),
    };
    let batched = tail.first().map_or(0, |row| row.last.max(row.first));
    match last {
        Ok(last) => (batched.max(last.unwrap_or(0)), tail_refused),
        Err(fault) => (batched, Some(fault)),
    }
}

/// Events from position `from` up to `head`, in order, at most [`ROWS_MAX`] and about [`PAGE_BYTES_MAX`].
pub(super) fn events(connection: &Connection, from: i64, head: i64) -> Rows<EventRow> {
    let mut bytes = 0;
    let enough = |row: &EventRow| {
        bytes += row.record.len();
        bytes >= PAGE_BYTES_MAX
    };
    scan_until(connection, sql::INSPECT_EVENTS, (from, head, limit()), event_row, enough)
}

/// The event at `position`.
pub(super) fn event(connection: &Connection, position: i64) -> Result<Option<EventRow>, StoreFault> {
    let (rows, refused) = scan(connection, sql::EVENT, [position], event_row);
    refused.map_or_else(|| Ok(rows.into_iter().next()), Err)
}

/// Batches that begin from `from` to `last`, in order, at most [`ROWS_MAX`].
pub(super) fn batches(connection: &Connection, from: i64, last: i64) -> Rows<BatchRow> {
    scan(connection, sql::INSPECT_BATCHES, (from, last, limit()), batch_row)
}

/// The index of streams after the stream `after`, in order, at most [`ROWS_MAX`].
pub(super) fn streams(connection: &Connection, after: &str) -> Rows<StreamHeadRow> {
    scan(connection, sql::INSPECT_STREAMS, (after, limit()), |row| {
        Ok(StreamHeadRow { stream: row.get(0)?, revision: row.get(1)?, position: row.get(2)? })
    })
}

/// The index of commands after the key `after`, in order, at most [`ROWS_MAX`].
pub(super) fn commands(connection: &Connection, after: &[u8]) -> Rows<CommandRow> {
    scan(connection, sql::INSPECT_COMMANDS, (after, limit()), |row| {
        Ok(CommandRow { key: bytes(row, 0)?, position: row.get(1)? })
    })
}

/// The consumers.
pub(super) fn consumers(connection: &Connection) -> Rows<SealedConsumer> {
    scan(connection, sql::INSPECT_CONSUMERS, [CONSUMERS_MAX], |row| {
        let consumer = ConsumerRow { name: row.get(0)?, position: row.get(1)?, leaf: bytes(row, 2)? };
        Ok((consumer, bytes(row, 3)?))
    })
}

/// What the engine says about its own structure; "ok" if nothing is wrong.
pub(super) fn structure(connection: &Connection) -> Rows<String> {
    scan(connection, sql::STRUCTURE, (), |row| row.get(0))
}

fn scan<T>(
    connection: &Connection,
    statement: &str,
    parameters: impl Params,
    read: impl Fn(&Row<'_>) -> rusqlite::Result<T>,
) -> Rows<T> {
    scan_until(connection, statement, parameters, read, |_| false)
}

fn scan_until<T>(
    connection: &Connection,
    statement: &str,
    parameters: impl Params,
    read: impl Fn(&Row<'_>) -> rusqlite::Result<T>,
    mut enough: impl FnMut(&T) -> bool,
) -> Rows<T> {
    let mut found = Vec::new();
    let scanned = connection.prepare_cached(statement).and_then(|mut statement| {
        let mut rows = statement.query(parameters)?;
        while !found.last().is_some_and(&mut enough)
            && let Some(row) = rows.next()?
        {
            found.push(read(row)?);
        }
        Ok(())
    });
    (found, scanned.err().map(StoreFault::from))
}

fn limit() -> i64 {
    i64::try_from(ROWS_MAX).unwrap_or(i64::MAX)
}

fn event_row(row: &Row<'_>) -> rusqlite::Result<EventRow> {
    Ok(EventRow {
        position: row.get(0)?,
        record: bytes(row, 1)?,
        leaf: bytes(row, 2)?,
        previous: bytes(row, 3)?,
    })
}

fn batch_row(row: &Row<'_>) -> rusqlite::Result<BatchRow> {
    Ok(BatchRow { first: row.get(0)?, last: row.get(1)?, recorded_at: row.get(2)? })
}

fn bytes(row: &Row<'_>, column: usize) -> rusqlite::Result<Box<[u8]>> {
    Box::<[u8]>::column_result(row.get_ref(column)?).map_err(rusqlite::Error::from)
}
