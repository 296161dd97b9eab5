//! The one writer of a log.
//!
//! Shape: a thread that owns the lock and the writing connection, fed through a bounded queue. Cost: one flush per
//! append. Ordering: requests are served one by one in the order of their arrival; an append is announced after its
//! commit and before its answer.
//!
//! The first error that leaves the fate of a write open, or that says the disk can't be trusted, stops the writer:
//! from then on everything is refused until the store is opened again.

use std::{
    sync::{Arc, Mutex, OnceLock, PoisonError},
    thread,
};

use rusqlite::Connection;
use tokio::sync::{mpsc, oneshot};

use super::{
    commands::CommandIndex,
    connection::{Durability, leave_write_ahead_log, value},
    files::{Files, Lock},
    open::Opened,
    raw::RawFile,
    reader, seal, sql,
    transaction::{self, Failure},
    wal::WalBound,
};
use crate::{
    AppendError, Batch, Checkpoint, CheckpointError, FaultKind, Head, StoreFault, subscription::Feed,
};

// Callers beyond this wait for room: a queue is no place to store unacknowledged work.
const REQUESTS_MAX: usize = 64;

// Closing puts commands into their table in transactions of this size, or twice that many rows, and bounds the
// write-ahead log after each: in a long log every row is on a page of its own.
const COMMANDS_AT_CLOSE: usize = 2_048;
const WRITTEN_AT_CLOSE: usize = 2 * COMMANDS_AT_CLOSE * 4_096;

/// What the writer and everybody else of this process know of the log.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) feed: Feed,
    /// What the table of commands may lack; `None` if another process writes.
    pub(super) commands: Option<Arc<CommandIndex>>,
    head: Mutex<Head>,
    stopped: OnceLock<StoreFault>,
}

impl Shared {
    pub(super) fn new(head: Head, commands: Option<Arc<CommandIndex>>) -> Self {
        Self { feed: Feed::new(head.position), commands, head: Mutex::new(head), stopped: OnceLock::new() }
    }

    /// The head as the writer knows it.
    pub(super) fn head(&self) -> Result<Head, StoreFault> {
        self.usable()?;
        Ok(*self.head.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Stops all writing for good; the first reason is the one that is told.
    pub(super) fn stop(&self, reason: &StoreFault) {
        tracing::error!(%reason, "the log has stopped: nothing is accepted until it is opened again");
        let _ = self.stopped.set(reason.clone());
    }

    pub(super) fn usable(&self) -> Result<(), StoreFault> {
        match self.stopped.get() {
            Some(reason) => {
                Err(StoreFault::new(FaultKind::Stopped, format!("the log stopped earlier: {reason}")))
            }
            None => Ok(()),
        }
    }
}

/// Something for the writer to do, and where to answer.
#[derive(Debug)]
pub(super) enum Request {
    Append { batch: Batch, reply: oneshot::Sender<Result<(), AppendError>> },
    Advance { change: Advance, reply: oneshot::Sender<Result<(), CheckpointError>> },
    Durability { reply: oneshot::Sender<Result<Durability, StoreFault>> },
    Close { reply: oneshot::Sender<()> },
}

/// A consumer's checkpoint to be moved.
#[derive(Debug)]
pub(super) struct Advance {
    pub(super) consumer: String,
    pub(super) from: Option<Checkpoint>,
    pub(super) to: Checkpoint,
}

/// The state of the writing thread.
#[derive(Debug)]
pub(super) struct Writer {
    files: Files,
    lock: Lock,
    raw: Arc<RawFile>,
    connection: Connection,
    marketplace: Arc<str>,
    shared: Arc<Shared>,
    head: Head,
    commands: Arc<CommandIndex>,
    wal: WalBound,
    sealed: bool,
}

impl Writer {
    /// Takes over an open log.
    pub(super) fn new(opened: Opened, shared: Arc<Shared>) -> Result<Self, StoreFault> {
        let Opened { files, lock, raw, connection, marketplace, head, commands } = opened;
        let wal = WalBound::start(&files, Arc::clone(&shared))?;
        let sealed = files.seal().exists();
        Ok(Self { files, lock, raw, connection, marketplace, shared, head, commands, wal, sealed })
    }

    /// Starts the thread; answers with its queue.
    pub(super) fn spawn(self) -> std::io::Result<(mpsc::Sender<Request>, thread::JoinHandle<()>)> {
        let (sender, requests) = mpsc::channel(REQUESTS_MAX);
        let thread =
            thread::Builder::new().name("log-writer".to_owned()).spawn(move || self.run(requests))?;
        Ok((sender, thread))
    }

    // A caller that no longer waits is no reason not to have done what it asked: hence the ignored replies.
    fn run(mut self, mut requests: mpsc::Receiver<Request>) {
        let mut closing = Vec::new();
        while let Some(request) = requests.blocking_recv() {
            match request {
                Request::Append { batch, reply } => {
                    let _ = reply.send(self.append(&batch));
                    self.bound_wal(&batch);
                }
                Request::Advance { change, reply } => {
                    let _ = reply.send(self.advance(&change));
                }
                Request::Durability { reply } => {
                    let _ = reply.send(Durability::of(&self.connection).map_err(StoreFault::from));
                }
                Request::Close { reply } => {
                    // What was accepted before is still served; then the queue ends.
                    requests.close();
                    closing.push(reply);
                }
            }
        }
        self.finish();
        for reply in closing {
            let _ = reply.send(());
        }
    }

    fn append(&mut self, batch: &Batch) -> Result<(), AppendError> {
        self.shared.usable().map_err(AppendError::Refused)?;
        batch.admit(&self.marketplace, self.head)?;
        self.unseal().map_err(AppendError::Refused)?;
        let mut stored = 0;
        transaction::write(&self.connection, |connection| {
            self.commands.admit(connection, batch)?;
            transaction::insert_batch(connection, batch)?;
            stored = self.commands.store(connection, batch.commands().count())?;
            Ok(())
        })
        .map_err(|failure| match failure {
            Failure::Declined(reason) => reason,
            Failure::Refused(fault) => AppendError::Refused(self.judge(fault)),
            Failure::Unknown(fault) => {
                self.shared.stop(&fault);
                AppendError::Unknown(fault)
            }
        })?;
        self.commands.appended(batch, stored);
        self.head = batch.head();
        *self.shared.head.lock().unwrap_or_else(PoisonError::into_inner) = self.head;
        self.shared.feed.announce(batch);
        Ok(())
    }

    fn advance(&mut self, change: &Advance) -> Result<(), CheckpointError> {
        self.shared.usable()?;
        self.unseal()?;
        let Advance { consumer, from, to } = change;
        transaction::write(&self.connection, |connection| {
            transaction::advance(connection, consumer, *from, *to)
        })
        .map_err(|failure| match failure {
            Failure::Declined(reason) => reason,
            Failure::Refused(fault) => CheckpointError::Fault(self.judge(fault)),
            Failure::Unknown(fault) => {
                self.shared.stop(&fault);
                CheckpointError::Fault(fault)
            }
        })
    }

    /// Stops the writer for a fault that makes the disk suspect, though nothing was written.
    fn judge(&self, fault: StoreFault) -> StoreFault {
        match fault.kind {
            FaultKind::Io | FaultKind::Damaged => self.shared.stop(&fault),
            FaultKind::Full
            | FaultKind::ReadOnly
            | FaultKind::Closed
            | FaultKind::Stopped
            | FaultKind::Misuse
            | FaultKind::Engine => {}
        }
        fault
    }

    /// Removes the seal, durably, before the first write: while it exists the file is what it says.
    fn unseal(&mut self) -> Result<(), StoreFault> {
        if self.sealed {
            seal::remove(&self.files)?;
            self.sealed = false;
        }
        Ok(())
    }

    fn bound_wal(&mut self, batch: &Batch) {
        if self.shared.usable().is_ok()
            && let Err(fault) = self.wal.after_append(&self.connection, batch.bytes())
        {
            self.judge(fault);
        }
    }

    /// Puts every command into the table, so that a closed log needs no look at its records when it is opened.
    fn complete_index(&mut self) -> Result<(), StoreFault> {
        let Some(head) = reader::newest(&self.connection, self.head.position)? else {
            return Ok(());
        };
        while self.commands.close_run(head) > 0 {
            self.unseal()?;
            let mut stored = 0;
            transaction::write::<StoreFault>(&self.connection, |connection| {
                stored = self.commands.store(connection, COMMANDS_AT_CLOSE)?;
                Ok(())
            })
            .map_err(|failure| match failure {
                Failure::Declined(fault) | Failure::Refused(fault) => fault,
                Failure::Unknown(fault) => {
                    self.shared.stop(&fault);
                    fault
                }
            })?;
            self.commands.committed(stored);
            self.wal.after_append(&self.connection, WRITTEN_AT_CLOSE)?;
        }
        Ok(())
    }

    /// Puts the files in order and gives up the lock. After an error nothing is moved that might be needed to
    /// recover.
    fn finish(mut self) {
        if self.shared.usable().is_ok()
            && let Err(fault) = self.complete_index()
        {
            let fault = self.judge(fault);
            tracing::warn!(%fault, "the index of commands is completed at the next start");
        }
        let Self { files, lock, raw, connection, shared, wal, sealed, .. } = self;
        wal.stop();
        let sound = shared.usable().is_ok();
        if sound {
            let truncated: rusqlite::Result<i64> = value(&connection, sql::CHECKPOINT_TRUNCATE);
            if let Err(error) = truncated {
                tracing::warn!(%error, "the write-ahead log could not be emptied; it is read at the next start");
            }
        } else if let Err(error) = leave_write_ahead_log(&connection) {
            tracing::warn!(%error, "closing may write back pages of the write-ahead log");
        }
        drop(connection);
        if sound
            && !sealed
            && let Err(fault) = seal::write(&files)
        {
            tracing::warn!(%fault, "the log is closed without a seal");
        }
        drop(raw);
        drop(lock);
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::{
        Position, SqliteStore,
        sample::{MARKETPLACE, batch, record},
        sqlite::open,
    };

    fn writer(directory: &Path) -> Writer {
        let opened = open::for_writing(directory, MARKETPLACE).unwrap();
        let shared = Arc::new(Shared::new(opened.head, Some(Arc::clone(&opened.commands))));
        Writer::new(opened, shared).unwrap()
    }

    /// Makes the next commit fail, as far as the engine is concerned, by a reference that leads nowhere.
    fn break_commits(writer: &Writer) {
        let defect = "pragma foreign_keys = on;
            create temp table parent (id integer primary key);
            create temp table child (id integer references parent (id) deferrable initially deferred);
            create temp trigger defect after insert on main.batch begin insert into child values (1); end;";
        writer.connection.execute_batch(defect).unwrap();
    }

    #[test]
    fn a_failed_commit_is_unknown_and_stops_everything() {
        let directory = tempfile::tempdir().unwrap();
        let mut writer = writer(directory.path());
        writer.append(&batch(0, 2)).unwrap();
        break_commits(&writer);
        assert!(matches!(writer.append(&batch(2, 1)), Err(AppendError::Unknown(_))));
        let stopped = |fault: StoreFault| assert_eq!(fault.kind, FaultKind::Stopped);
        stopped(writer.shared.head().unwrap_err());
        let to = Checkpoint::at(&record(1));
        let advance = Advance { consumer: "board".to_owned(), from: None, to };
        match (writer.append(&batch(2, 1)), writer.advance(&advance)) {
            (Err(AppendError::Refused(append)), Err(CheckpointError::Fault(advance))) => {
                stopped(append);
                stopped(advance);
            }
            other => panic!("{other:?}"),
        }
        writer.finish();
        assert!(!directory.path().join("log.seal").exists(), "a log that stopped is not sealed");
        let reopened = open::for_writing(directory.path(), MARKETPLACE).unwrap();
        assert_eq!(reopened.head.position, Position::new(2));
    }

    #[test]
    fn a_full_disk_refuses_the_batch_and_nothing_else() {
        let directory = tempfile::tempdir().unwrap();
        let mut writer = writer(directory.path());
        writer.append(&batch(0, 2)).unwrap();
        writer.connection.execute_batch("pragma max_page_count = 20").unwrap();
        let refused = writer.append(&batch(2, 500)).unwrap_err();
        assert!(matches!(refused, AppendError::Refused(fault) if fault.kind == FaultKind::Full));
        assert_eq!(writer.shared.head().unwrap().position, Position::new(2));
        writer.connection.execute_batch("pragma max_page_count = 100000").unwrap();
        writer.append(&batch(2, 500)).unwrap();
        writer.finish();
        assert_eq!(SqliteStore::compare_seal(directory.path()), Ok(Vec::new()));
    }

    #[test]
    fn the_reported_settings_are_those_in_force() {
        let directory = tempfile::tempdir().unwrap();
        let writer = writer(directory.path());
        assert_eq!(Durability::of(&writer.connection).unwrap(), Durability::required());
        writer.connection.execute_batch("pragma synchronous = normal").unwrap();
        assert_ne!(Durability::of(&writer.connection).unwrap(), Durability::required());
    }
}
