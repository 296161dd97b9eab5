//! A store whose appends fail on demand.

use async_trait::async_trait;
use eventstore::{
    AppendError, Batch, Checkpoint, CheckpointError, CommandKey, EventStore, FaultKind, Finding, Head,
    MemoryStore, Position, Record, StoreFault, Subscription,
};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::sync::watch;

/// How an append fails.
#[derive(Clone, Copy)]
pub(super) enum Fault {
    /// Nothing is written, and the store says so.
    Refuse,
    /// The store doesn't know whether it was.
    Unknown { written: bool },
}

pub(super) struct Faulty {
    inner: MemoryStore,
    fault: Fault,
    failing: AtomicUsize,
}

impl Faulty {
    pub(super) fn new(fault: Fault) -> Arc<Self> {
        Arc::new(Self {
            inner: MemoryStore::new("main"),
            fault,
            failing: AtomicUsize::new(0),
        })
    }

    pub(super) fn fail_next(&self, appends: usize) {
        self.failing.store(appends, Ordering::SeqCst);
    }
}

#[async_trait]
impl EventStore for Faulty {
    fn marketplace(&self) -> &Arc<str> {
        self.inner.marketplace()
    }

    async fn head(&self) -> Result<Head, StoreFault> {
        self.inner.head().await
    }

    async fn append(&self, batch: Batch) -> Result<(), AppendError> {
        let left = self
            .failing
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1));
        if left.is_err() {
            return self.inner.append(batch).await;
        }
        match self.fault {
            Fault::Refuse => Err(AppendError::Refused(StoreFault::new(
                FaultKind::Full,
                "the disk is full",
            ))),
            Fault::Unknown { written } => {
                if written {
                    self.inner.append(batch).await?;
                }
                Err(AppendError::Unknown(StoreFault::new(
                    FaultKind::Io,
                    "the flush failed",
                )))
            }
        }
    }

    async fn read(&self, after: Position, limit: usize) -> Result<Vec<Arc<Record>>, StoreFault> {
        self.inner.read(after, limit).await
    }

    async fn read_stream(&self, stream: &str, after_revision: u64) -> Result<Vec<Arc<Record>>, StoreFault> {
        self.inner.read_stream(stream, after_revision).await
    }

    async fn stream_revisions(&self, streams: &[Arc<str>]) -> Result<Vec<u64>, StoreFault> {
        self.inner.stream_revisions(streams).await
    }

    async fn find_commands(&self, keys: &[CommandKey]) -> Result<Vec<Vec<Arc<Record>>>, StoreFault> {
        self.inner.find_commands(keys).await
    }

    fn subscribe(&self, after: Position) -> Subscription {
        self.inner.subscribe(after)
    }

    fn watch_head(&self) -> watch::Receiver<Position> {
        self.inner.watch_head()
    }

    async fn checkpoint(&self, consumer: &str) -> Result<Option<Checkpoint>, StoreFault> {
        self.inner.checkpoint(consumer).await
    }

    async fn advance(
        &self,
        consumer: &str,
        from: Option<Checkpoint>,
        to: Checkpoint,
    ) -> Result<(), CheckpointError> {
        self.inner.advance(consumer, from, to).await
    }

    async fn close(&self) {
        self.inner.close().await;
    }

    async fn inspect(&self, progress: &(dyn Fn(Position) + Sync)) -> Result<Vec<Finding>, StoreFault> {
        self.inner.inspect(progress).await
    }
}
