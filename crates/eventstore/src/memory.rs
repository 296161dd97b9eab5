//! A log in memory, for tests and simulation: the same contract as the durable backends, without durability.
//!
//! Shape: the records in a vector, and the same indexes that the other backends keep. Cost: everything is under one
//! lock, held without waiting. Bounds: memory. Ordering: the lock gives it.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use async_trait::async_trait;
use tokio::sync::watch;

use crate::{
    AppendError, Batch, Checkpoint, CheckpointError, CommandKey, EventStore, Finding, Head, PAGE_BYTES_MAX,
    PAGE_MAX, Position, Record, STREAM_READ_MAX, StoreFault, Subscription,
    checkpoint::{check_consumer, matching},
    inspect::{BatchRow, CommandRow, ConsumerRow, EventRow, Inspector, StreamHeadRow},
    subscription::{Feed, PageSource},
};

/// A log in memory. Clones share it.
#[derive(Clone, Debug)]
pub struct MemoryStore {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    marketplace: Arc<str>,
    feed: Feed,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    records: Vec<Arc<Record>>,
    batches: Vec<BatchRow>,
    /// Positions of each stream's records; the revision is the index plus one.
    streams: HashMap<Arc<str>, Vec<Position>>,
    commands: HashMap<CommandKey, Position>,
    consumers: BTreeMap<String, Checkpoint>,
    closed: bool,
}

impl MemoryStore {
    /// An empty log of `marketplace`.
    pub fn new(marketplace: impl Into<Arc<str>>) -> Self {
        let inner = Inner {
            marketplace: marketplace.into(),
            feed: Feed::new(Position::START),
            state: Mutex::new(State::default()),
        };
        Self { inner: Arc::new(inner) }
    }
}

impl Inner {
    fn open(&self) -> Result<MutexGuard<'_, State>, StoreFault> {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.closed { Err(StoreFault::closed()) } else { Ok(state) }
    }
}

impl State {
    fn head(&self) -> Head {
        self.records.last().map_or(Head::EMPTY, |record| Head {
            position: record.position(),
            recorded_at: record.header().recorded_at,
        })
    }

    fn at(&self, position: Position) -> Option<&Arc<Record>> {
        let index = usize::try_from(position.get().checked_sub(1)?).ok()?;
        self.records.get(index)
    }

    fn page(&self, after: Position, limit: usize) -> Vec<Arc<Record>> {
        let skipped = usize::try_from(after.get()).unwrap_or(usize::MAX);
        let mut bytes = 0;
        let fits = |record: &&Arc<Record>| {
            let first = bytes == 0;
            bytes += record.bytes().len();
            first || bytes <= PAGE_BYTES_MAX
        };
        self.records.iter().skip(skipped).take(limit.min(PAGE_MAX)).take_while(fits).cloned().collect()
    }

    /// Says whether `batch` fits the streams and commands, before anything is changed.
    fn check(&self, batch: &Batch) -> Result<(), AppendError> {
        let mut keys = std::collections::HashSet::new();
        for (key, _) in batch.commands() {
            if self.commands.contains_key(&key) || !keys.insert(key) {
                return Err(AppendError::KeyTaken { key });
            }
        }
        let mut revisions: HashMap<&str, u64> = HashMap::new();
        for membership in batch.records().iter().flat_map(|record| &record.header().memberships) {
            let newest = revisions
                .entry(&membership.stream)
                .or_insert_with(|| self.streams.get(&membership.stream).map_or(0, |held| held.len() as u64));
            if membership.revision != *newest + 1 {
                let stream = Arc::clone(&membership.stream);
                return Err(AppendError::RevisionTaken { stream, revision: membership.revision });
            }
            *newest += 1;
        }
        Ok(())
    }

    fn push(&mut self, batch: &Batch) {
        self.batches.push(BatchRow::of(batch));
        self.commands.extend(batch.commands());
        for record in batch.records() {
            for membership in &record.header().memberships {
                self.streams.entry(Arc::clone(&membership.stream)).or_default().push(record.position());
            }
            self.records.push(Arc::clone(record));
        }
    }

    /// The same rows that a database would hold, for the same inspection.
    fn inspect(&self, inspector: &mut Inspector) {
        for (name, checkpoint) in &self.consumers {
            inspector.consumer(ConsumerRow {
                name: name.clone(),
                position: signed(checkpoint.position),
                leaf: checkpoint.leaf.as_bytes().as_slice().into(),
            });
        }
        for batch in &self.batches {
            inspector.batch(*batch);
        }
        for record in &self.records {
            inspector.event(self.row(record));
        }
        inspector.events_done();
        for (stream, positions) in &self.streams {
            let row = StreamHeadRow {
                stream: stream.to_string(),
                revision: i64::try_from(positions.len()).unwrap_or(i64::MAX),
                position: positions.last().copied().map_or(0, signed),
            };
            inspector.stream_head(&row, |_| None);
        }
        for (key, position) in &self.commands {
            let row = CommandRow { key: key.as_bytes().as_slice().into(), position: signed(*position) };
            inspector.command(&row, |_| None);
        }
    }

    fn row(&self, record: &Record) -> EventRow {
        let before = |stream: &Arc<str>, revision: u64| {
            let index = usize::try_from(revision.checked_sub(2)?).ok()?;
            self.streams.get(stream)?.get(index).copied()
        };
        let memberships = record.header().memberships.iter();
        let previous = memberships.flat_map(|held| {
            before(&held.stream, held.revision).unwrap_or(Position::START).get().to_be_bytes()
        });
        EventRow {
            position: signed(record.position()),
            record: record.bytes().into(),
            leaf: record.leaf().as_bytes().as_slice().into(),
            previous: previous.collect(),
        }
    }
}

fn signed(position: Position) -> i64 {
    i64::try_from(position.get()).unwrap_or(i64::MAX)
}

#[async_trait]
impl PageSource for Inner {
    async fn page(&self, after: Position, limit: usize) -> Result<Vec<Arc<Record>>, StoreFault> {
        Ok(self.open()?.page(after, limit))
    }
}

#[async_trait]
impl EventStore for MemoryStore {
    fn marketplace(&self) -> &Arc<str> {
        &self.inner.marketplace
    }

    async fn head(&self) -> Result<Head, StoreFault> {
        Ok(self.inner.open()?.head())
    }

    async fn append(&self, batch: Batch) -> Result<(), AppendError> {
        let mut state = self.inner.open().map_err(AppendError::Refused)?;
        batch.admit(&self.inner.marketplace, state.head())?;
        state.check(&batch)?;
        state.push(&batch);
        // Announced under the lock, so that announcements come in the order of the appends.
        self.inner.feed.announce(&batch);
        Ok(())
    }

    async fn read(&self, after: Position, limit: usize) -> Result<Vec<Arc<Record>>, StoreFault> {
        self.inner.page(after, limit).await
    }

    async fn read_stream(&self, stream: &str, after_revision: u64) -> Result<Vec<Arc<Record>>, StoreFault> {
        let state = self.inner.open()?;
        let Some(positions) = state.streams.get(stream) else {
            return Ok(Vec::new());
        };
        let skipped = usize::try_from(after_revision).unwrap_or(usize::MAX);
        if positions.len().saturating_sub(skipped) > STREAM_READ_MAX {
            return Err(StoreFault::misuse(format!(
                "the stream {stream} has more than {STREAM_READ_MAX} records"
            )));
        }
        Ok(positions.iter().skip(skipped).filter_map(|position| state.at(*position)).cloned().collect())
    }

    async fn stream_revisions(&self, streams: &[Arc<str>]) -> Result<Vec<u64>, StoreFault> {
        let state = self.inner.open()?;
        Ok(streams
            .iter()
            .map(|stream| state.streams.get(stream).map_or(0, |held| held.len() as u64))
            .collect())
    }

    async fn find_commands(&self, keys: &[CommandKey]) -> Result<Vec<Vec<Arc<Record>>>, StoreFault> {
        let state = self.inner.open()?;
        let records = |key: &CommandKey| {
            let skipped = state.commands.get(key).and_then(|first| usize::try_from(first.get() - 1).ok());
            let held = state.records.iter().skip(skipped.unwrap_or(usize::MAX));
            held.take_while(|record| record.header().command_key == *key).cloned().collect()
        };
        Ok(keys.iter().map(records).collect())
    }

    fn subscribe(&self, after: Position) -> Subscription {
        self.inner.feed.subscribe(Arc::clone(&self.inner) as Arc<dyn PageSource>, after)
    }

    fn watch_head(&self) -> watch::Receiver<Position> {
        self.inner.feed.watch()
    }

    async fn checkpoint(&self, consumer: &str) -> Result<Option<Checkpoint>, StoreFault> {
        check_consumer(consumer)?;
        Ok(self.inner.open()?.consumers.get(consumer).copied())
    }

    async fn advance(
        &self,
        consumer: &str,
        from: Option<Checkpoint>,
        to: Checkpoint,
    ) -> Result<(), CheckpointError> {
        check_consumer(consumer)?;
        let mut state = self.inner.open()?;
        let found = state.consumers.get(consumer).copied();
        if found != from {
            return Err(CheckpointError::Moved { found });
        }
        matching(to, state.at(to.position).map(|record| record.leaf()))?;
        state.consumers.insert(consumer.to_owned(), to);
        Ok(())
    }

    async fn close(&self) {
        if let Ok(mut state) = self.inner.open() {
            state.closed = true;
        }
        self.inner.feed.close();
    }

    async fn inspect(&self, progress: &(dyn Fn(Position) + Sync)) -> Result<Vec<Finding>, StoreFault> {
        let state = self.inner.open()?;
        let head = state.head().position;
        let mut inspector = Inspector::new(Arc::clone(&self.inner.marketplace), signed(head));
        state.inspect(&mut inspector);
        progress(head);
        Ok(inspector.finish())
    }
}
