//! The file of read models: what marks it as ours, and the tables in it.
//!
//! Everything in it can be folded again from the log. So a read model whose version has changed is dropped and begins
//! before the first event, and a damaged file may simply be deleted.

use crate::progress::Standing;
use crate::sql::{execute, statements};
use crate::{Name, OpenError};
use eventstore::{LeafHash, Position};
use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags, OptionalExtension, Transaction, TransactionBehavior};
use std::fs::{self, File, OpenOptions};
use std::io::{ErrorKind, Read};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::time::Duration;

statements! {
    include_str!("schema.sql");
    IDENTITY = "identity",
    WRITER_SETTINGS = "writer_settings",
    READER_SETTINGS = "reader_settings",
    CHECKPOINT = "checkpoint",
    BEGIN = "begin",
    MOVE_CHECKPOINT = "move_checkpoint",
    EMPTY_WRITE_AHEAD_LOG = "empty_write_ahead_log",
    ATTACH_BESIDE = "attach_beside",
    TABLES = "tables",
    DROP_LIVE = "drop_live",
    COPY_BESIDE = "copy_beside",
    BEGIN_READ = "begin_read",
    END_READ = "end_read",
}

/// What the engine writes at the beginning of each of its files.
const MAGIC: &[u8; 16] = b"SQLite format 3\0";
const HEADER_LEN: usize = 100;
/// Where the header has the format, and then what marks the file, each in four bytes.
const FORMAT_AT: usize = 60;
const APPLICATION_AT: usize = 68;
/// As in the statement `identity`: "CFRM".
const APPLICATION: u32 = 0x4346_524d;
const FORMAT: u32 = 1;

// A writer waits for another one, which there should not be.
const WRITER_BUSY_TIMEOUT: Duration = Duration::from_secs(5);
// A reader waits only while the file is recovered after a crash, and it may hold up a thread of the runtime.
const READER_BUSY_TIMEOUT: Duration = Duration::from_millis(250);
const STATEMENTS_CACHED: usize = 64;

/// Opens the file for writing, making it if there is none, with tables for the read models of `names`.
///
/// # Errors
/// [`OpenError`]; a file that isn't ours is not touched.
pub(crate) fn open(path: &Path, names: &[Name]) -> Result<(Connection, Vec<Standing>), OpenError> {
    let new = !exists(path)?;
    if new {
        // Rows hold personal data, so the file is for its owner alone.
        let made = OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).open(path);
        made.map_err(|error| io(path, error))?;
    }
    let refused = |error: rusqlite::Error| match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
            OpenError::Damaged { path: path.to_owned() }
        }
        Some(_) | None => io(path, error),
    };
    let mut connection = connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE).map_err(refused)?;
    let standings = prepare(&mut connection, new, names).map_err(refused)?;
    Ok((connection, standings))
}

/// A connection that only reads the file, which must exist.
pub(crate) fn connect_reader(path: &Path) -> rusqlite::Result<Connection> {
    let connection = connect(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    connection.busy_timeout(READER_BUSY_TIMEOUT)?;
    connection.execute_batch(READER_SETTINGS)?;
    Ok(connection)
}

/// A connection that writes the file at `path`, which must exist, and has the one at `beside` as the schema `beside`.
pub(crate) fn connect_beside(path: &Path, beside: &Path) -> rusqlite::Result<Connection> {
    let connection = connect(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    connection.busy_timeout(WRITER_BUSY_TIMEOUT)?;
    connection.execute_batch(WRITER_SETTINGS)?;
    // As bytes, since a path need not be text.
    execute(&connection, ATTACH_BESIDE, [beside.as_os_str().as_bytes()])?;
    Ok(connection)
}

/// The tables of the read models in the file.
pub(crate) fn tables(on: &Connection) -> rusqlite::Result<Vec<String>> {
    on.prepare_cached(TABLES)?.query_map([], |row| row.get(0))?.collect()
}

/// `statement` for the table of this name, which comes from our own schema.
pub(crate) fn of_table(statement: &str, table: &str) -> String {
    statement.replace("any_table", table)
}

/// Moves everything committed into the file itself, as far as nobody still reads what was there before.
pub(crate) fn empty_write_ahead_log(on: &Connection) -> rusqlite::Result<()> {
    on.query_row(EMPTY_WRITE_AHEAD_LOG, [], |_| Ok(()))
}

fn connect(path: &Path, mode: OpenFlags) -> rusqlite::Result<Connection> {
    let flags = mode | OpenFlags::SQLITE_OPEN_NO_MUTEX | OpenFlags::SQLITE_OPEN_EXRESCODE;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS_CACHED);
    // A statement keeps the plan that it was prepared with, whatever is bound to it; else it is planned at each use.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    Ok(connection)
}

/// Whether there is a file of ours, judged by its first bytes alone, so that another's is not even opened as one.
fn exists(path: &Path) -> Result<bool, OpenError> {
    let foreign = |why| Err(OpenError::Foreign { path: path.to_owned(), why });
    match fs::metadata(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(false),
        Err(error) => return Err(io(path, error)),
        Ok(found) if !found.is_file() => return foreign("it is no regular file"),
        Ok(found) if found.len() == 0 => return Ok(false),
        Ok(_) => {}
    }
    let mut header = Vec::with_capacity(HEADER_LEN);
    let file = File::open(path).map_err(|error| io(path, error))?;
    file.take(HEADER_LEN as u64).read_to_end(&mut header).map_err(|error| io(path, error))?;
    let number =
        |at: usize| header.get(at..at + 4).and_then(|four| four.try_into().ok()).map(u32::from_be_bytes);
    if !header.starts_with(MAGIC) {
        return foreign("it is not a SQLite database");
    }
    match (number(APPLICATION_AT), number(FORMAT_AT)) {
        (Some(APPLICATION), Some(FORMAT)) => Ok(true),
        (Some(APPLICATION), Some(found)) => {
            Err(OpenError::Format { path: path.to_owned(), found, known: FORMAT })
        }
        (Some(_) | None, _) => foreign("it is another program's database"),
    }
}

fn prepare(connection: &mut Connection, new: bool, names: &[Name]) -> rusqlite::Result<Vec<Standing>> {
    connection.busy_timeout(WRITER_BUSY_TIMEOUT)?;
    if new {
        // One transaction, before write-ahead logging is turned on, so that the mark is in the file itself or nothing is.
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        transaction.execute_batch(IDENTITY)?;
        transaction.commit()?;
    }
    connection.execute_batch(WRITER_SETTINGS)?;
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let standings = names.iter().map(|name| install(&transaction, *name)).collect::<Result<_, _>>()?;
    transaction.commit()?;
    Ok(standings)
}

/// Where the read model stands; if its tables are of another version, they are made anew.
fn install(on: &Transaction<'_>, name: Name) -> rusqlite::Result<Standing> {
    let model = name.model();
    let checkpoint: Option<(i64, [u8; 32])> = on
        .prepare_cached(CHECKPOINT)?
        .query_row((name.as_str(), model.version), |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    if checkpoint.is_none() {
        on.execute_batch(model.drop)?;
        on.execute_batch(model.schema)?;
        execute(on, BEGIN, (name.as_str(), model.version))?;
    }
    let (position, leaf) = checkpoint.unwrap_or((0, [0; 32]));
    let position = Position::new(u64::try_from(position).unwrap_or(0));
    let leaf = LeafHash::from_bytes(leaf);
    Ok(Standing { name, position, leaf, next_recorded_at: None, halted: None })
}

fn io(path: &Path, error: impl std::error::Error + Send + Sync + 'static) -> OpenError {
    OpenError::Io { path: path.to_owned(), source: Box::new(error) }
}
