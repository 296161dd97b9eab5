//! Moving commits from the write-ahead log into the log's file, and keeping the former small.
//!
//! Shape: a thread moves pages beside the writer and never makes it wait. Only when the write-ahead log has outgrown
//! its bound does the writer itself move what is left and start the file over. Both live in the process that holds
//! the lock; no other ever moves pages.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
        mpsc::{Receiver, SyncSender, sync_channel},
    },
    thread,
};

use rusqlite::Connection;

use super::{
    connection::{Access, connect},
    files::Files,
    sql,
    writer::Shared,
};
use crate::{FaultKind, StoreFault};

// A frame of the write-ahead log is a page behind a header of 24 bytes.
const FRAME_BYTES: u64 = 4_096 + 24;
const WAL_BYTES_MAX: u64 = 64 * 1024 * 1024;
const WAL_FRAMES_MAX: u64 = WAL_BYTES_MAX / FRAME_BYTES;
// Pages are moved once this many wait: often enough to leave the writer little, seldom enough to share flushes.
const FRAMES_WAITING: u64 = 2_000;
// How long readers that stood in the way are left alone.
const FRAMES_POSTPONED: u64 = 2_000;
// How often the thread is asked to look; waking it for each append would cost more than looking.
const APPENDS_PER_LOOK: u32 = 64;
const BYTES_PER_LOOK: usize = 1024 * 1024;

/// The writer's side: tells the thread when to look, and acts when the bound is reached.
#[derive(Debug)]
pub(super) struct WalBound {
    signal: SyncSender<()>,
    thread: thread::JoinHandle<()>,
    frames: Arc<AtomicU64>,
    limit: u64,
    appends: u32,
    bytes: usize,
}

impl WalBound {
    /// Starts the thread on a connection of its own.
    pub(super) fn start(files: &Files, shared: Arc<Shared>) -> Result<Self, StoreFault> {
        let (signal, signals) = sync_channel(1);
        let frames = Arc::new(AtomicU64::new(0));
        let connection = connect(&files.log(), Access::Write)?;
        let checkpointer = Checkpointer {
            connection,
            frames: Arc::clone(&frames),
            shared,
        };
        let thread = thread::Builder::new()
            .name("log-checkpointer".to_owned())
            .spawn(move || checkpointer.run(&signals))?;
        Ok(Self {
            signal,
            thread,
            frames,
            limit: WAL_FRAMES_MAX,
            appends: 0,
            bytes: 0,
        })
    }

    /// Counts an append; if the bound is reached, starts the write-ahead log over.
    pub(super) fn after_append(&mut self, connection: &Connection, bytes: usize) -> Result<(), StoreFault> {
        self.appends += 1;
        self.bytes += bytes;
        if self.appends >= APPENDS_PER_LOOK || self.bytes >= BYTES_PER_LOOK {
            (self.appends, self.bytes) = (0, 0);
            // A full channel says that the thread has been asked already.
            let _ = self.signal.try_send(());
        }
        let frames = self.frames.load(Ordering::Relaxed);
        if frames >= self.limit {
            self.start_over(connection, frames)?;
        }
        Ok(())
    }

    fn start_over(&mut self, connection: &Connection, frames: u64) -> Result<(), StoreFault> {
        let (busy, ..) = checkpoint(connection, sql::CHECKPOINT_RESTART).or_else(contended)?;
        if busy {
            let bytes = frames * FRAME_BYTES;
            tracing::warn!(bytes, "readers keep the write-ahead log from starting over");
            self.limit = frames + FRAMES_POSTPONED;
        } else {
            self.limit = WAL_FRAMES_MAX;
            self.frames.store(0, Ordering::Relaxed);
        }
        Ok(())
    }

    /// Ends the thread and waits for it.
    pub(super) fn stop(self) {
        drop(self.signal);
        if self.thread.join().is_err() {
            tracing::error!("the thread that moves pages into the log's file panicked");
        }
    }
}

/// Whether somebody stood in the way, the frames in the write-ahead log, and those of them already moved.
fn checkpoint(connection: &Connection, statement: &str) -> Result<(bool, u64, u64), StoreFault> {
    let count = |stored: i64| u64::try_from(stored).unwrap_or(0);
    let row = connection.prepare_cached(statement)?.query_row([], |row| {
        Ok((row.get::<_, i64>(0)? != 0, count(row.get(1)?), count(row.get(2)?)))
    })?;
    Ok(row)
}

/// Having to wait for somebody, or for space, is no reason to stop: the commits stay in the write-ahead log.
fn contended(fault: StoreFault) -> Result<(bool, u64, u64), StoreFault> {
    match fault.kind {
        FaultKind::Engine | FaultKind::Full => Ok((true, 0, 0)),
        FaultKind::Io
        | FaultKind::ReadOnly
        | FaultKind::Damaged
        | FaultKind::Closed
        | FaultKind::Stopped
        | FaultKind::Misuse => Err(fault),
    }
}

struct Checkpointer {
    connection: Connection,
    frames: Arc<AtomicU64>,
    shared: Arc<Shared>,
}

impl Checkpointer {
    fn run(self, signals: &Receiver<()>) {
        while signals.recv().is_ok() && self.shared.usable().is_ok() {
            if let Err(fault) = self.look().or_else(|fault| contended(fault).map(|_| ())) {
                self.shared.stop(&fault);
            }
        }
    }

    fn look(&self) -> Result<(), StoreFault> {
        let (_, frames, moved) = checkpoint(&self.connection, sql::CHECKPOINT_STATE)?;
        self.frames.store(frames, Ordering::Relaxed);
        if frames.saturating_sub(moved) >= FRAMES_WAITING {
            let (_, frames, _) = checkpoint(&self.connection, sql::CHECKPOINT_PASSIVE)?;
            self.frames.store(frames, Ordering::Relaxed);
        }
        Ok(())
    }
}
