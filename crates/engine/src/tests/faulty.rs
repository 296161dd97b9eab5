//! A store whose appends wait for the test, and end as it says.

use async_trait::async_trait;
use eventstore::{
    AppendError, Batch, Checkpoint, CheckpointError, CommandKey, EventStore, FaultKind, Finding, Head,
    MemoryStore, Position, Record, StoreFault, Subscription,
};
use std::sync::Arc;
use tokio::sync::{Mutex, mpsc, watch};

/// How an append ends.
#[derive(Clone, Copy, Debug)]
pub(super) enum End {
    /// It is written.
    Write,
    /// Nothing is written, and the store says so.
    Refuse,
    /// Somebody else appended first.
    LoseHead,
    /// The store doesn't know whether it was written; this says whether it was.
    Unknown { written: bool },
}

/// While its gate is shut every append waits for an [`End`].
pub(super) struct Faulty {
    inner: MemoryStore,
    shut: watch::Sender<bool>,
    ends: Mutex<mpsc::UnboundedReceiver<End>>,
    say: mpsc::UnboundedSender<End>,
    waiting: watch::Sender<usize>,
}

impl Faulty {
    pub(super) fn new() -> Arc<Self> {
        let (say, ends) = mpsc::unbounded_channel();
        Arc::new(Self {
            inner: MemoryStore::new("main"),
            shut: watch::Sender::new(false),
            ends: Mutex::new(ends),
            say,
            waiting: watch::Sender::new(0),
        })
    }

    /// From here on every append waits.
    pub(super) fn shut(&self) {
        self.shut.send_replace(true);
    }

    /// Ends the append that waits, or the next one.
    pub(super) fn end(&self, end: End) {
        let _ = self.say.send(end);
    }

    /// Appends that wait now are written, and no later one waits.
    pub(super) fn open(&self) {
        self.shut.send_replace(false);
    }

    /// Returns once `appends` appends have begun to wait since the start.
    pub(super) async fn waiting(&self, appends: usize) {
        let mut waiting = self.waiting.subscribe();
        drop(waiting.wait_for(|begun| *begun >= appends).await);
    }

    async fn told(&self) -> End {
        let mut shut = self.shut.subscribe();
        if !*shut.borrow() {
            return End::Write;
        }
        self.waiting.send_modify(|begun| *begun += 1);
        let mut ends = self.ends.lock().await;
        tokio::select! {
            biased;
            Some(end) = ends.recv() => end,
            _ = shut.wait_for(|shut| !*shut) => End::Write,
        }
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
        match self.told().await {
            End::Write => self.inner.append(batch).await,
            End::Refuse => Err(AppendError::Refused(StoreFault::new(FaultKind::Full, "the disk is full"))),
            End::LoseHead => {
                Err(AppendError::LostHead { head: self.inner.head().await.map_err(AppendError::Refused)? })
            }
            End::Unknown { written } => {
                if written {
                    self.inner.append(batch).await?;
                }
                Err(AppendError::Unknown(StoreFault::new(FaultKind::Io, "the flush failed")))
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
