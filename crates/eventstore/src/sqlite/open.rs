//! Opening and making a log.
//!
//! Shape: look, lock, look again, make the file if there is none, confirm what it is, open it for writing, then flush
//! what a process that was killed may have left unflushed. A file is made beside its final name and renamed when it is
//! complete, so that there is never half a log.

use std::{
    fs::{self, File},
    io,
    path::Path,
    sync::Arc,
};

use rusqlite::Connection;

use super::{
    commands::CommandIndex,
    connection::{Access, Durability, connect},
    files::{Files, Lock, Presence, create_private},
    pool::Pool,
    raw::RawFile,
    reader, sql, verify, wal,
};
use crate::{FaultKind, Head, MARKETPLACE_BYTES_MAX, OpenError, StoreFault};

/// The first version of the engine without the fault by which a restarted write-ahead log could lose commits.
const ENGINE_VERSION_MIN: i32 = 3_051_003;

/// A log opened for writing.
#[derive(Debug)]
pub(super) struct Opened {
    pub(super) files: Files,
    pub(super) lock: Lock,
    /// Held because there are connections.
    pub(super) raw: Arc<RawFile>,
    pub(super) connection: Connection,
    pub(super) marketplace: Arc<str>,
    pub(super) head: Head,
    pub(super) commands: Arc<CommandIndex>,
}

/// Opens the log in `directory` for writing, making both if they do not exist.
pub(super) fn for_writing(directory: &Path, marketplace: &str) -> Result<Opened, OpenError> {
    check_engine(directory)?;
    if !(1..=MARKETPLACE_BYTES_MAX).contains(&marketplace.len()) {
        return Err(OpenError::BadMarketplace { name: marketplace.to_owned() });
    }
    let files = Files::existing_or_new(directory)?;
    let lock = Lock::acquire(&files, files.presence()?)?;
    // Another process may have made or removed the log before the lock was ours.
    if files.presence()? == Presence::Absent {
        create(&files, marketplace).map_err(|fault| OpenError::io(&files.log(), fault))?;
    }
    let raw = RawFile::open(&files.log()).map_err(|error| OpenError::io(&files.log(), error))?;
    // Looked at without the right to write, since even closing a writing connection may move pages.
    let (marketplace, head) = confirm(&files, marketplace)?;
    let connection = durable(&files)?;
    keep_recovered(&files, &connection).map_err(|fault| OpenError::io(&files.log(), fault))?;
    let commands =
        CommandIndex::recover(&connection, &marketplace).map_err(|fault| refusal(&files.log(), fault))?;
    Ok(Opened { files, lock, raw, connection, marketplace, head, commands: Arc::new(commands) })
}

/// Opens the file for writing, with commits that are flushed before they are acknowledged.
fn durable(files: &Files) -> Result<Connection, OpenError> {
    let path = files.log();
    let connection = connect(&path, Access::Write).map_err(|error| refusal(&path, error.into()))?;
    let durability = Durability::of(&connection).map_err(|error| refusal(&path, error.into()))?;
    if durability != Durability::required() {
        let message = format!("commits would not be durable under {durability:?}");
        return Err(OpenError::io(&path, StoreFault::new(FaultKind::Engine, message)));
    }
    Ok(connection)
}

/// Makes commits durable that were found in the write-ahead log: the process that made them may have died between
/// writing and flushing, and what was only in the system's memory would be answered for now and gone after a power cut.
///
/// Both steps are needed. The flush works on a full disk, and while readers keep pages from being moved. Moving them
/// writes the commits anew, which helps where a flush failed before: the system then takes the unwritten pages for
/// written, and a second flush has nothing to do.
fn keep_recovered(files: &Files, connection: &Connection) -> Result<(), StoreFault> {
    if files.has_write_ahead_log() {
        File::open(files.write_ahead_log())?.sync_all()?;
        files.sync_directory()?;
        wal::checkpoint(connection, sql::CHECKPOINT_TRUNCATE)?;
    }
    Ok(())
}

/// Finds the log in `directory` for reading, and its marketplace.
pub(super) fn for_reading(directory: &Path) -> Result<Files, OpenError> {
    check_engine(directory)?;
    let files = Files::existing(directory)?;
    match files.presence()? {
        Presence::Ours => Ok(files),
        Presence::Absent => Err(OpenError::Absent { path: files.directory }),
    }
}

fn check_engine(directory: &Path) -> Result<(), OpenError> {
    if rusqlite::version_number() >= ENGINE_VERSION_MIN {
        return Ok(());
    }
    let message = format!("SQLite {} is older than 3.51.3 and can lose commits", rusqlite::version());
    Err(OpenError::io(directory, StoreFault::new(FaultKind::Engine, message)))
}

/// Confirms that a file is sound enough to be appended to: its schema, its marketplace and its newest record.
fn confirm(files: &Files, wanted: &str) -> Result<(Arc<str>, Head), OpenError> {
    let path = files.log();
    let pool = Pool::read_only(files.clone()).map_err(|error| OpenError::io(&path, error))?;
    let refused = |fault| refusal(&path, fault);
    if let Some(difference) = pool.run(verify::schema).map_err(refused)?.into_iter().next() {
        return Err(OpenError::damaged(&path, difference));
    }
    let marketplace = pool.run(verify::marketplace).map_err(refused)?;
    if *marketplace != *wanted {
        return Err(OpenError::MarketplaceMismatch {
            path: files.directory.clone(),
            expected: wanted.to_owned(),
            found: marketplace.to_string(),
        });
    }
    let head = pool.run(|connection| reader::confirmed_head(connection, &marketplace)).map_err(refused)?;
    Ok((marketplace, head))
}

/// What a fault of the engine means while opening.
pub(super) fn refusal(path: &Path, fault: StoreFault) -> OpenError {
    match fault.kind {
        FaultKind::Damaged => OpenError::damaged(path, fault),
        FaultKind::Io
        | FaultKind::Full
        | FaultKind::ReadOnly
        | FaultKind::Closed
        | FaultKind::Stopped
        | FaultKind::Misuse
        | FaultKind::Engine => OpenError::io(path, fault),
    }
}

/// Makes an empty log, complete and durable before it gets its name.
fn create(files: &Files, marketplace: &str) -> Result<(), StoreFault> {
    let leftovers = files.unfinished();
    for leftover in &leftovers {
        match fs::remove_file(leftover) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error.into()),
            Ok(()) | Err(_) => {}
        }
    }
    let [unfinished, ..] = leftovers;
    let file = create_private(&unfinished)?;
    let connection = connect(&unfinished, Access::Write)?;
    connection.execute_batch(sql::SCHEMA)?;
    connection.execute_batch(sql::IDENTITY)?;
    connection.execute(sql::INSERT_META, (verify::MARKETPLACE, marketplace))?;
    connection.close().map_err(|(_, error)| error)?;
    file.sync_all()?;
    fs::rename(&unfinished, files.log())?;
    files.sync_directory()?;
    Ok(())
}
