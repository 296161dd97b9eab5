//! A store that fails when it is told to: before, instead of or after what it is asked to do.

use async_trait::async_trait;
use eventstore::{
    AppendError, Batch, Checkpoint, CheckpointError, CommandKey, EventStore, FaultKind, Finding, Head, Position,
    Record, StoreFault, Subscription,
};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::watch;

/// What the next append comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum AppendFault {
    /// There is no space; nothing is written.
    Full,
    /// The store doesn't know whether it was written, and it was.
    UnknownWritten,
    /// The store doesn't know whether it was written, and it wasn't.
    UnknownLost,
    /// It takes its time.
    Slow,
}

/// A store as one node sees it.
pub(crate) struct Flaky {
    inner: Arc<dyn EventStore>,
    next_append: Mutex<Option<AppendFault>>,
    /// Operations until the node dies; 0 for a node that lives on.
    fuse: AtomicU32,
    dead: AtomicBool,
}

impl Flaky {
    pub(crate) fn new(inner: Arc<dyn EventStore>) -> Arc<Self> {
        Arc::new(Self { inner, next_append: Mutex::new(None), fuse: AtomicU32::new(0), dead: AtomicBool::new(false) })
    }

    /// Has the next append fail.
    pub(crate) fn fail_append(&self, fault: AppendFault) {
        *self.next_append.lock().unwrap_or_else(PoisonError::into_inner) = Some(fault);
    }

    /// Has the node die after `operations` more of its operations on the store: from there on it reaches nothing.
    pub(crate) fn die_after(&self, operations: u32) {
        self.fuse.store(operations.max(1), Ordering::SeqCst);
    }

    /// Takes every fault back that has not come yet.
    pub(crate) fn heal(&self) {
        self.fuse.store(0, Ordering::SeqCst);
        *self.next_append.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// Whether a fault waits to happen, or the node is dead.
    pub(crate) fn is_troubled(&self) -> bool {
        self.dead.load(Ordering::SeqCst)
            || self.fuse.load(Ordering::SeqCst) > 0
            || self.next_append.lock().unwrap_or_else(PoisonError::into_inner).is_some()
    }

    fn step(&self) -> Result<(), StoreFault> {
        let left = self.fuse.load(Ordering::SeqCst);
        if left > 0 {
            self.fuse.store(left - 1, Ordering::SeqCst);
            if left == 1 {
                self.dead.store(true, Ordering::SeqCst);
            }
        }
        if self.dead.load(Ordering::SeqCst) {
            return Err(StoreFault::new(FaultKind::Closed, "the node is dead"));
        }
        Ok(())
    }
}

#[async_trait]
impl EventStore for Flaky {
    fn marketplace(&self) -> &Arc<str> {
        self.inner.marketplace()
    }

    async fn head(&self) -> Result<Head, StoreFault> {
        self.step()?;
        self.inner.head().await
    }

    async fn append(&self, batch: Batch) -> Result<(), AppendError> {
        self.step().map_err(AppendError::Refused)?;
        let fault = self.next_append.lock().unwrap_or_else(PoisonError::into_inner).take();
        let unknown = || AppendError::Unknown(StoreFault::new(FaultKind::Io, "the flush failed"));
        match fault {
            None => self.inner.append(batch).await,
            Some(AppendFault::Full) => {
                Err(AppendError::Refused(StoreFault::new(FaultKind::Full, "the disk is full")))
            }
            Some(AppendFault::UnknownWritten) => {
                self.inner.append(batch).await?;
                Err(unknown())
            }
            Some(AppendFault::UnknownLost) => Err(unknown()),
            Some(AppendFault::Slow) => {
                for _ in 0..100 {
                    tokio::task::yield_now().await;
                }
                self.inner.append(batch).await
            }
        }
    }

    async fn read(&self, after: Position, limit: usize) -> Result<Vec<Arc<Record>>, StoreFault> {
        self.step()?;
        self.inner.read(after, limit).await
    }

    async fn read_stream(&self, stream: &str, after_revision: u64) -> Result<Vec<Arc<Record>>, StoreFault> {
        self.step()?;
        self.inner.read_stream(stream, after_revision).await
    }

    async fn stream_revisions(&self, streams: &[Arc<str>]) -> Result<Vec<u64>, StoreFault> {
        self.step()?;
        self.inner.stream_revisions(streams).await
    }

    async fn find_commands(&self, keys: &[CommandKey]) -> Result<Vec<Vec<Arc<Record>>>, StoreFault> {
        self.step()?;
        self.inner.find_commands(keys).await
    }

    fn subscribe(&self, after: Position) -> Subscription {
        self.inner.subscribe(after)
    }

    fn watch_head(&self) -> watch::Receiver<Position> {
        self.inner.watch_head()
    }

    async fn checkpoint(&self, consumer: &str) -> Result<Option<Checkpoint>, StoreFault> {
        self.step()?;
        self.inner.checkpoint(consumer).await
    }

    async fn advance(
        &self,
        consumer: &str,
        from: Option<Checkpoint>,
        to: Checkpoint,
    ) -> Result<(), CheckpointError> {
        self.step().map_err(CheckpointError::Fault)?;
        self.inner.advance(consumer, from, to).await
    }

    async fn close(&self) {}

    async fn inspect(&self, progress: &(dyn Fn(Position) + Sync)) -> Result<Vec<Finding>, StoreFault> {
        self.inner.inspect(progress).await
    }
}
