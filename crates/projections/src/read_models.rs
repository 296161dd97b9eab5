//! The read models of one marketplace: opened, kept up by a worker, queried and waited for.

use crate::pool::Pool;
use crate::progress::{Standing, Status, Waited};
use crate::rebuild::{self, Desk};
use crate::worker::{self, WorkerHandle};
use crate::writer::Writer;
use crate::{Name, OpenError, QueryFault, StartError};
use domain::Timestamp;
use eventstore::{EventStore, Position};
use rusqlite::Connection;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::{Mutex as AsyncMutex, mpsc, watch};

/// The read models. Clones share them.
///
/// A query runs where it is called, without waiting for the worker: it is served by an index, and bounded by its page.
#[derive(Clone, Debug)]
pub struct ReadModels {
    shared: Arc<Shared>,
}

/// What queries, waiting and the worker have in common.
#[derive(Debug)]
pub(crate) struct Shared {
    path: PathBuf,
    pool: Pool,
    progress: watch::Sender<Vec<Standing>>,
    head: Mutex<Option<watch::Receiver<Position>>>,
    has_worker: AtomicBool,
    desk: Mutex<Option<Desk>>,
    rebuilding: Arc<AsyncMutex<()>>,
}

impl ReadModels {
    /// Opens the file at `path`, making it if there is none. A read model whose version has changed begins anew.
    ///
    /// # Errors
    /// [`OpenError`]; a file that isn't ours is not touched.
    pub fn open(path: &Path) -> Result<Self, OpenError> {
        let writer = Writer::open(path)?;
        let shared = Shared {
            path: path.to_owned(),
            pool: Pool::new(path.to_owned()),
            progress: watch::Sender::new(writer.standings().to_vec()),
            head: Mutex::default(),
            has_worker: AtomicBool::new(false),
            desk: Mutex::default(),
            rebuilding: Arc::default(),
        };
        Ok(Self { shared: Arc::new(shared) })
    }

    /// Starts the worker that has every read model follow `store`, also those that an earlier worker halted.
    ///
    /// # Panics
    /// Outside of a Tokio runtime; it needs one that has timers.
    ///
    /// # Errors
    /// [`StartError`]: there can only be one worker.
    pub fn start(&self, store: Arc<dyn EventStore>) -> Result<WorkerHandle, StartError> {
        let place = Place::take(&self.shared).ok_or(StartError::Running)?;
        let writer = Writer::open(&self.shared.path)?;
        self.shared.publish(writer.standings());
        *self.shared.head.lock().unwrap_or_else(PoisonError::into_inner) = Some(store.watch_head());
        if let Ok(_none) = self.shared.rebuilding.try_lock() {
            rebuild::remove_left_over(&self.shared.path);
        }
        // One rebuild at a time, so there is never a second swap to wait for.
        let (swaps, asked) = mpsc::channel(1);
        self.shared.set_desk(Some(Desk { store: Arc::clone(&store), swaps }));
        worker::start(store, writer, place, asked).map_err(StartError::Thread)
    }

    /// Waits until all of `models` have applied `position`, but not longer than `within`.
    pub async fn wait_for(&self, models: &[Name], position: Position, within: Duration) -> Waited {
        let judged = |standings: &Vec<Standing>| Waited::judge(standings, models, position);
        let mut progress = self.shared.progress.subscribe();
        let settled = progress.wait_for(|standings| !matches!(judged(standings), Waited::Stale { .. }));
        // Whichever comes first, the answer is how they stand now.
        let _ = tokio::time::timeout(within, settled).await.is_ok();
        judged(&self.shared.progress.borrow())
    }

    /// How far each read model is behind the log at the instant `now`.
    pub fn status(&self, now: Timestamp) -> Vec<Status> {
        let head = self.shared.head();
        self.shared.progress.borrow().iter().map(|standing| standing.status(head, now)).collect()
    }

    /// Sets the gauges from [`ReadModels::status`]; for whoever renders metrics, just before.
    pub fn record_metrics(&self, now: Timestamp) {
        for status in self.status(now) {
            status.record_metrics();
        }
    }

    pub(crate) fn shared(&self) -> &Shared {
        &self.shared
    }

    /// Runs `query` on a connection that only reads.
    pub(crate) fn query<T>(
        &self,
        query: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T, QueryFault> {
        self.shared.pool.run(query)
    }
}

impl Shared {
    /// Where the file is.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// The newest position of the log that is known here; none before a worker was started.
    pub(crate) fn head(&self) -> Position {
        let head = self.head.lock().unwrap_or_else(PoisonError::into_inner);
        head.as_ref().map_or(Position::START, |head| *head.borrow())
    }

    /// Held by whoever rebuilds a read model, as long as its file is there.
    pub(crate) fn rebuilding(&self) -> Arc<AsyncMutex<()>> {
        Arc::clone(&self.rebuilding)
    }

    /// Where to find the worker, if one is running.
    pub(crate) fn desk(&self) -> Option<Desk> {
        self.desk.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn set_desk(&self, desk: Option<Desk>) {
        *self.desk.lock().unwrap_or_else(PoisonError::into_inner) = desk;
    }

    /// Closes the connections that no query uses; the next one opens another.
    pub(crate) fn close_idle(&self) {
        self.pool.close_idle();
    }

    /// Makes known where the read models stand, to whoever waits.
    pub(crate) fn publish(&self, standings: &[Standing]) {
        self.progress.send_replace(standings.to_vec());
    }
}

/// The place of the one worker, free again once it is dropped.
#[derive(Debug)]
pub(crate) struct Place {
    shared: Arc<Shared>,
}

impl Place {
    fn take(shared: &Arc<Shared>) -> Option<Self> {
        let taken = shared.has_worker.swap(true, Ordering::AcqRel);
        (!taken).then(|| Self { shared: Arc::clone(shared) })
    }

    pub(crate) fn shared(&self) -> &Shared {
        &self.shared
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.shared.set_desk(None);
        self.shared.has_worker.store(false, Ordering::Release);
    }
}
