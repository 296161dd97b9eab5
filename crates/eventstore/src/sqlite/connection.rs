//! Connections to the log's file, and what each kind may do.
//!
//! Shape: one connection writes, one checkpoints, a few read. Every connection refuses to follow links and to trust
//! what a schema says; only the writing kind may create side files or move the log's pages.

use std::{fmt::Write as _, os::unix::ffi::OsStrExt, path::Path, time::Duration};

use rusqlite::{Connection, ErrorCode, OpenFlags, config::DbConfig, types::FromSql};

use super::sql;
use crate::{FaultKind, Position, StoreFault};

// A writer waits for nobody but readers that stand in the way of starting the write-ahead log over.
const WRITER_BUSY_TIMEOUT: Duration = Duration::from_millis(250);

// A reader waits only while another process recovers the file after a crash.
const READER_BUSY_TIMEOUT: Duration = Duration::from_secs(5);

const STATEMENTS_CACHED: usize = 32;

/// What a connection is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Access {
    /// Appending or checkpointing, in the one process that holds the lock.
    Write,
    /// Reading beside a writer.
    Read,
    /// Reading a file that nobody writes: no lock is taken and no side file is created.
    Immutable,
}

/// Opens the file, which must exist.
pub(super) fn connect(path: &Path, access: Access) -> rusqlite::Result<Connection> {
    let common = OpenFlags::SQLITE_OPEN_NO_MUTEX
        | OpenFlags::SQLITE_OPEN_NOFOLLOW
        | OpenFlags::SQLITE_OPEN_EXRESCODE
        | OpenFlags::SQLITE_OPEN_URI;
    let (mode, parameters) = match access {
        Access::Write => (OpenFlags::SQLITE_OPEN_READ_WRITE, ""),
        Access::Read => (OpenFlags::SQLITE_OPEN_READ_ONLY, ""),
        Access::Immutable => (OpenFlags::SQLITE_OPEN_READ_ONLY, "?immutable=1"),
    };
    let connection = Connection::open_with_flags(uri(path) + parameters, mode | common)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS_CACHED);
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    // Plans are made once: none of our statements has a better one for particular values.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    match access {
        Access::Write => {
            connection.busy_timeout(WRITER_BUSY_TIMEOUT)?;
            connection.execute_batch(sql::WRITER_SETTINGS)?;
        }
        Access::Read | Access::Immutable => {
            connection.busy_timeout(READER_BUSY_TIMEOUT)?;
            leave_write_ahead_log(&connection)?;
        }
    }
    connection.execute_batch(sql::SETTINGS)?;
    Ok(connection)
}

/// Keeps closing this connection from writing pages back into the file, which the last one to close would do.
pub(super) fn leave_write_ahead_log(connection: &Connection) -> rusqlite::Result<()> {
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true).map(|_| ())
}

/// The path as a URI, whatever bytes it consists of.
fn uri(path: &Path) -> String {
    let mut uri = String::from("file:");
    for byte in path.as_os_str().as_bytes() {
        if byte.is_ascii_alphanumeric() || b"/._-".contains(byte) {
            uri.push(char::from(*byte));
        } else {
            // Writing to a string can't fail.
            let _ = write!(uri, "%{byte:02X}");
        }
    }
    uri
}

/// The one value of the one row that `statement` gives.
pub(super) fn value<T: FromSql>(connection: &Connection, statement: &str) -> rusqlite::Result<T> {
    connection.prepare_cached(statement)?.query_row([], |row| row.get(0))
}

/// Runs `read` on one state of the log, however many statements it takes.
pub(super) fn snapshot<T>(
    connection: &Connection,
    read: impl FnOnce(&Connection) -> Result<T, StoreFault>,
) -> Result<T, StoreFault> {
    connection.prepare_cached(sql::BEGIN_READ)?.execute([])?;
    let outcome = read(connection);
    let ended = connection.prepare_cached(sql::COMMIT).and_then(|mut commit| commit.execute([]));
    if ended.is_err() && !connection.is_autocommit() {
        connection.execute_batch(sql::ROLLBACK)?;
    }
    outcome
}

/// How the writing connection of an open store keeps what it acknowledges, as the engine itself reports it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Durability {
    /// The engine's journal mode: `wal`.
    pub journal_mode: String,
    /// The engine's `synchronous` setting: 2, which it calls FULL, flushes the write-ahead log at every commit.
    pub synchronous: i64,
    /// After how many pages a commit also moves pages into the file: 0, because a thread of its own does that.
    pub autocheckpoint_pages: i64,
}

impl Durability {
    /// The only settings under which a store opens for writing.
    pub(super) fn required() -> Self {
        Self { journal_mode: "wal".to_owned(), synchronous: 2, autocheckpoint_pages: 0 }
    }

    /// The settings in force on `connection`.
    pub(super) fn of(connection: &Connection) -> rusqlite::Result<Self> {
        Ok(Self {
            journal_mode: value(connection, sql::JOURNAL_MODE)?,
            synchronous: value(connection, sql::SYNCHRONOUS)?,
            autocheckpoint_pages: value(connection, sql::AUTOCHECKPOINT)?,
        })
    }
}

/// The engine's integer for a position.
pub(super) fn signed(position: Position) -> i64 {
    i64::try_from(position.get()).unwrap_or(i64::MAX)
}

/// The position in a stored integer.
pub(super) fn position(stored: i64) -> Result<Position, StoreFault> {
    u64::try_from(stored)
        .map(Position::new)
        .map_err(|_| StoreFault::damaged(format!("{stored} is stored where a position belongs")))
}

impl From<rusqlite::Error> for StoreFault {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::Error as E;
        // The tables' types exclude every value that can't be converted.
        if let E::FromSqlConversionFailure(..)
        | E::IntegralValueOutOfRange(..)
        | E::InvalidColumnType(..)
        | E::Utf8Error(..) = error
        {
            return Self::damaged(error);
        }
        let kind = match error.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => FaultKind::Full,
            Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied) => FaultKind::ReadOnly,
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => FaultKind::Damaged,
            Some(ErrorCode::SystemIoFailure | ErrorCode::CannotOpen) => FaultKind::Io,
            Some(_) | None => FaultKind::Engine,
        };
        Self::new(kind, error)
    }
}

impl From<std::io::Error> for StoreFault {
    fn from(error: std::io::Error) -> Self {
        let kind =
            if error.kind() == std::io::ErrorKind::StorageFull { FaultKind::Full } else { FaultKind::Io };
        Self::new(kind, error)
    }
}
