//! Moving commits from the write-ahead log into the log's file, and keeping the former small.
//!
//! Shape: a thread moves pages beside the writer and never makes it wait. Only when the write-ahead log has outgrown
//! its bound does the writer itself move what is left and start the file over. Both live in the process that holds
//! the lock; no other ever moves pages.

use std::{
    sync::{
        Arc, Mutex, PoisonError,
        mpsc::{Receiver, SyncSender, TryRecvError, sync_channel},
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
// So few left to be moved that the writer does it itself and starts the file over: a flush into a file that does not
// grow takes half as long.
const FRAMES_LEFT: u64 = 400;
// How far the write-ahead log grows beyond its bound before readers that stand in the way are waited for again.
const FRAMES_POSTPONED: u64 = 2_000;
// How often the writer looks; asking after each append would cost a lone command more than it is worth.
const APPENDS_PER_LOOK: u32 = 64;
const BYTES_PER_LOOK: usize = 1024 * 1024;

/// The writer's side: looks how far the write-ahead log has grown, and has it moved.
#[derive(Debug)]
pub(super) struct WalBound {
    signal: SyncSender<()>,
    thread: thread::JoinHandle<()>,
    /// Held while pages are moved: the engine turns a second mover away instead of letting it wait.
    moving: Arc<Mutex<()>>,
    limit: u64,
    appends: u32,
    bytes: usize,
}

impl WalBound {
    /// Starts the thread on a connection of its own.
    pub(super) fn start(files: &Files, shared: Arc<Shared>) -> Result<Self, StoreFault> {
        let (signal, signals) = sync_channel(1);
        let moving = Arc::new(Mutex::new(()));
        let connection = connect(&files.log(), Access::Write)?;
        let mover = Mover { connection, moving: Arc::clone(&moving), shared };
        let thread =
            thread::Builder::new().name("log-checkpointer".to_owned()).spawn(move || mover.run(&signals))?;
        Ok(Self { signal, thread, moving, limit: WAL_FRAMES_MAX, appends: 0, bytes: 0 })
    }

    /// Counts an append, and looks from time to time.
    pub(super) fn after_append(&mut self, connection: &Connection, bytes: usize) -> Result<(), StoreFault> {
        self.appends += 1;
        self.bytes += bytes;
        if self.appends < APPENDS_PER_LOOK && self.bytes < BYTES_PER_LOOK {
            return Ok(());
        }
        (self.appends, self.bytes) = (0, 0);
        let state = checkpoint(connection, sql::CHECKPOINT_STATE)?;
        let left = state.frames.saturating_sub(state.moved);
        if state.frames >= self.limit || (state.frames >= FRAMES_WAITING && left <= FRAMES_LEFT) {
            return self.start_over(connection, state.frames);
        }
        if left >= FRAMES_WAITING {
            // A full channel says that the thread has been asked already.
            let _ = self.signal.try_send(());
        }
        Ok(())
    }

    fn start_over(&mut self, connection: &Connection, frames: u64) -> Result<(), StoreFault> {
        let _moving = self.moving.lock().unwrap_or_else(PoisonError::into_inner);
        if checkpoint(connection, sql::CHECKPOINT_RESTART)?.busy {
            let bytes = frames * FRAME_BYTES;
            tracing::warn!(bytes, "readers keep the write-ahead log from starting over");
            self.limit = frames + FRAMES_POSTPONED;
        } else {
            self.limit = WAL_FRAMES_MAX;
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

/// What the engine says about the write-ahead log.
#[derive(Clone, Copy, Debug)]
pub(super) struct WalState {
    busy: bool,
    frames: u64,
    moved: u64,
}

/// Runs one of the checkpointing statements. Having to wait for somebody, or for space, is no failure: the commits
/// stay in the write-ahead log.
pub(super) fn checkpoint(connection: &Connection, statement: &str) -> Result<WalState, StoreFault> {
    let count = |stored: i64| u64::try_from(stored).unwrap_or(0);
    let state = connection.prepare_cached(statement).and_then(|mut statement| {
        statement.query_row([], |row| {
            Ok(WalState {
                busy: row.get::<_, i64>(0)? != 0,
                frames: count(row.get(1)?),
                moved: count(row.get(2)?),
            })
        })
    });
    state.map_err(StoreFault::from).or_else(|fault| match fault.kind {
        FaultKind::Engine | FaultKind::Full => {
            tracing::warn!(%fault, "the write-ahead log could not be moved into the log's file now");
            Ok(WalState { busy: true, frames: 0, moved: 0 })
        }
        FaultKind::Io
        | FaultKind::ReadOnly
        | FaultKind::Damaged
        | FaultKind::Closed
        | FaultKind::Stopped
        | FaultKind::Misuse => Err(fault),
    })
}

/// The thread's side.
struct Mover {
    connection: Connection,
    moving: Arc<Mutex<()>>,
    shared: Arc<Shared>,
}

impl Mover {
    fn run(self, signals: &Receiver<()>) {
        self.fill_filter(signals);
        while signals.recv().is_ok() && self.shared.usable().is_ok() {
            self.move_pages();
        }
    }

    /// Tells the index of commands, once, which keys its table has, while there is nothing else to do.
    fn fill_filter(&self, signals: &Receiver<()>) {
        let Some(commands) = &self.shared.commands else { return };
        let mut last = Some(Box::default());
        while let Some(after) = last {
            match signals.try_recv() {
                Ok(()) => self.move_pages(),
                Err(TryRecvError::Empty) => {}
                Err(TryRecvError::Disconnected) => return,
            }
            last = commands.fill(&self.connection, &after).unwrap_or_else(|fault| {
                tracing::warn!(%fault, "every command's key will be looked for in the index");
                None
            });
        }
    }

    fn move_pages(&self) {
        let moving = self.moving.lock().unwrap_or_else(PoisonError::into_inner);
        if let Err(fault) = checkpoint(&self.connection, sql::CHECKPOINT_PASSIVE) {
            self.shared.stop(&fault);
        }
        drop(moving);
    }
}
