//! Connections that only read.
//!
//! Shape: a connection is taken for one query and put back. Queries run where they are called: each is bounded by its
//! page and served by an index, and passing it to another thread would cost about as much as answering it. A reader
//! never waits for the writer, which appends to the write-ahead log beside it.
//!
//! Bounds: as many connections as threads query at once; [`IDLE_MAX`] of them are kept.

use crate::columns::key;
use crate::error::QueryFault;
use crate::schema;
use crate::sql::execute;
use domain::id::TypedId;
use rusqlite::{Connection, OptionalExtension, Params, Row};
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};

const IDLE_MAX: usize = 16;

/// The reading connections of one file.
#[derive(Debug)]
pub(crate) struct Pool {
    path: PathBuf,
    idle: Mutex<Vec<Connection>>,
}

impl Pool {
    /// Connections to the file at `path`, none opened yet.
    pub(crate) fn new(path: PathBuf) -> Self {
        Self { path, idle: Mutex::default() }
    }

    /// Runs `query` here and now.
    pub(crate) fn run<T>(
        &self,
        query: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T, QueryFault> {
        let idle = self.idle().pop();
        let connection = match idle {
            Some(connection) => connection,
            None => schema::connect_reader(&self.path)?,
        };
        // After an error the connection is dropped, in case it is what failed.
        let answer = query(&connection)?;
        let mut idle = self.idle();
        if idle.len() < IDLE_MAX {
            idle.push(connection);
        }
        Ok(answer)
    }

    /// Closes the connections that nobody uses.
    pub(crate) fn close_idle(&self) {
        self.idle().clear();
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Connection>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Runs `query` on one state of the file, however many statements it takes.
pub(crate) fn snapshot<T>(
    on: &Connection,
    query: impl FnOnce(&Connection) -> rusqlite::Result<T>,
) -> rusqlite::Result<T> {
    execute(on, schema::BEGIN_READ, [])?;
    let answer = query(on)?;
    // Dropped after an error, a connection ends its transaction too.
    execute(on, schema::END_READ, [])?;
    Ok(answer)
}

/// Those of the rows of `keys` that exist, in the order of the keys.
pub(crate) fn each<K: TypedId, T>(
    on: &Connection,
    statement: &str,
    keys: &[K],
    read: fn(&Row<'_>) -> rusqlite::Result<T>,
) -> rusqlite::Result<Vec<T>> {
    let row = |id: &K| one(on, statement, [key(*id)], read).transpose();
    snapshot(on, |_| keys.iter().filter_map(row).collect())
}

/// The row that `statement` gives, if it gives one.
pub(crate) fn one<T>(
    on: &Connection,
    statement: &str,
    params: impl Params,
    read: fn(&Row<'_>) -> rusqlite::Result<T>,
) -> rusqlite::Result<Option<T>> {
    on.prepare_cached(statement)?.query_row(params, read).optional()
}

/// The rows that `statement` gives, which bounds them.
pub(crate) fn many<T>(
    on: &Connection,
    statement: &str,
    params: impl Params,
    read: fn(&Row<'_>) -> rusqlite::Result<T>,
) -> rusqlite::Result<Vec<T>> {
    on.prepare_cached(statement)?.query_map(params, read)?.collect()
}
