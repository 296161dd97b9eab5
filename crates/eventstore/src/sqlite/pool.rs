//! Connections for reading, shared by everybody of this process.
//!
//! Shape: a connection is taken for one read and put back. Bounds: [`READERS_MAX`] long reads at a time, each on a
//! thread for blocking work; point look-ups run where they are asked, since a hop costs more than they do.
//!
//! A log that nobody writes is read without side files or locks. Every such read is checked afterwards: if a writer
//! has come meanwhile, its outcome is thrown away and it is done again on ordinary connections.

use std::{
    fs, io,
    sync::{Arc, Mutex, PoisonError},
    time::SystemTime,
};

use rusqlite::Connection;
use tokio::sync::Semaphore;

use super::{
    connection::{Access, connect},
    files::Files,
    raw::RawFile,
};
use crate::{FaultKind, StoreFault};

const READERS_MAX: u32 = 4;
const IDLE_MAX: usize = 8;

/// The reading connections of one store.
#[derive(Debug)]
pub(super) struct Pool {
    pub(super) files: Files,
    permits: Arc<Semaphore>,
    state: Mutex<State>,
    /// Held because there are connections, and given up after them.
    _raw: Arc<RawFile>,
}

#[derive(Debug)]
struct State {
    idle: Vec<Connection>,
    /// What the file looked like when it was found to have no writer; `None` once it may have one.
    quiet: Option<Fingerprint>,
    closed: bool,
}

/// Changes whenever the log's file does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Fingerprint {
    length: u64,
    modified: SystemTime,
}

impl Fingerprint {
    /// `None` if there is a write-ahead log, which means a writer, or one that was killed.
    fn of(files: &Files) -> Option<Self> {
        if files.has_write_ahead_log() {
            return None;
        }
        let found = fs::metadata(files.log()).ok()?;
        Some(Self { length: found.len(), modified: found.modified().ok()? })
    }
}

impl Pool {
    /// Connections beside a writer of this process.
    pub(super) fn beside_writer(files: Files) -> io::Result<Self> {
        Self::new(files, None)
    }

    /// Connections to a log that this process does not write.
    pub(super) fn read_only(files: Files) -> io::Result<Self> {
        let quiet = Fingerprint::of(&files);
        Self::new(files, quiet)
    }

    fn new(files: Files, quiet: Option<Fingerprint>) -> io::Result<Self> {
        let raw = RawFile::open(&files.log())?;
        let state = State { idle: Vec::new(), quiet, closed: false };
        let permits = Arc::new(Semaphore::new(READERS_MAX as usize));
        Ok(Self { files, permits, state: Mutex::new(state), _raw: raw })
    }

    /// Runs `read` here and now. It may run twice, so it must only read.
    pub(super) fn run<T>(
        &self,
        read: impl Fn(&Connection) -> Result<T, StoreFault>,
    ) -> Result<T, StoreFault> {
        loop {
            let (connection, quiet) = self.take()?;
            let outcome = read(&connection);
            if quiet.is_some() && quiet != Fingerprint::of(&self.files) {
                self.expect_writer();
                continue;
            }
            self.put(connection, quiet);
            return outcome;
        }
    }

    /// Runs `read` on a thread for blocking work.
    pub(super) async fn run_apart<T: Send + 'static>(
        self: &Arc<Self>,
        read: impl Fn(&Connection) -> Result<T, StoreFault> + Send + 'static,
    ) -> Result<T, StoreFault> {
        let pool = Arc::clone(self);
        self.apart(move || pool.run(read)).await
    }

    /// Runs `work` on a thread for blocking work, as one of the [`READERS_MAX`].
    pub(super) async fn apart<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, StoreFault> + Send + 'static,
    ) -> Result<T, StoreFault> {
        let permit = Arc::clone(&self.permits).acquire_owned().await.map_err(|_| StoreFault::closed())?;
        let outcome = tokio::task::spawn_blocking(move || {
            let outcome = work();
            drop(permit);
            outcome
        });
        outcome.await.unwrap_or_else(|error| Err(StoreFault::new(FaultKind::Engine, error)))
    }

    /// Waits for the reads under way, closes all connections and refuses every read from now on.
    pub(super) async fn close(&self) {
        let all = self.permits.acquire_many(READERS_MAX).await;
        self.permits.close();
        drop(all);
        self.shut();
    }

    /// Closes the idle connections and refuses every read from now on.
    pub(super) fn shut(&self) {
        let mut state = self.state();
        state.closed = true;
        state.idle.clear();
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take(&self) -> Result<(Connection, Option<Fingerprint>), StoreFault> {
        let quiet = {
            let mut state = self.state();
            if state.closed {
                return Err(StoreFault::closed());
            }
            if let Some(connection) = state.idle.pop() {
                return Ok((connection, state.quiet));
            }
            state.quiet
        };
        let access = if quiet.is_some() { Access::Immutable } else { Access::Read };
        Ok((connect(&self.files.log(), access)?, quiet))
    }

    fn put(&self, connection: Connection, quiet: Option<Fingerprint>) {
        let mut state = self.state();
        if !state.closed && state.quiet == quiet && state.idle.len() < IDLE_MAX {
            state.idle.push(connection);
        }
    }

    fn expect_writer(&self) {
        let mut state = self.state();
        state.quiet = None;
        state.idle.clear();
    }
}
