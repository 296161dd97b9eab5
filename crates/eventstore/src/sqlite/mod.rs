//! A log in a directory, on SQLite.
//!
//! Shape: `log.db` holds the log, `lock` is held by the one process that writes it, `log.seal` says what a closed log
//! was byte by byte. One thread writes, one moves pages from the write-ahead log, a few connections read.
//!
//! Cost: one flush per append; the rows of an append fall at the end of their table, except one per command and one
//! per stream touched. Bounds: the queues, pools and the write-ahead log have named maxima. Ordering: the writer's
//! thread.

mod commands;
mod connection;
mod consumer;
mod files;
mod inspect;
mod open;
mod pool;
mod raw;
mod reader;
mod rows;
mod seal;
mod seen;
mod sql;
mod transaction;
mod verify;
mod wal;
mod writer;

use std::{
    path::Path,
    sync::{Arc, Mutex, PoisonError},
    thread::JoinHandle,
};

use async_trait::async_trait;
use tokio::sync::{mpsc, oneshot, watch};

pub use connection::Durability;

use self::{
    commands::Place,
    inspect::Inspection,
    pool::Pool,
    writer::{Advance, Request, Shared, Writer},
};
use crate::{
    AppendError, Batch, Checkpoint, CheckpointError, CommandKey, EventStore, FaultKind, Finding, Head,
    OpenError, Position, Record, StoreFault, Subscription,
    checkpoint::check_consumer,
    subscription::{Feed, PageSource},
};

// More look-ups than this leave the caller's thread; fewer cost less than the hop.
const INLINE_LOOKUPS_MAX: usize = 256;

/// A log in a directory. Clones share it; the last one to go closes it, but [`EventStore::close`] is the proper end.
#[derive(Clone, Debug)]
pub struct SqliteStore {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    reading: Arc<Reading>,
    shared: Arc<Shared>,
    writing: Option<Writing>,
}

/// What subscriptions need, so that they do not keep the writer alive.
#[derive(Debug)]
struct Reading {
    marketplace: Arc<str>,
    pool: Arc<Pool>,
}

#[derive(Debug)]
struct Writing {
    requests: Mutex<Option<mpsc::Sender<Request>>>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl SqliteStore {
    /// Opens the log of `marketplace` in `directory` for writing; makes both if they do not exist.
    ///
    /// # Errors
    /// [`OpenError`], after which the log, or whatever else was found there, is as it was before.
    pub fn open(directory: &Path, marketplace: &str) -> Result<Self, OpenError> {
        let opened = open::for_writing(directory, marketplace)?;
        let log = opened.files.log();
        let shared = Arc::new(Shared::new(opened.head, Some(Arc::clone(&opened.commands))));
        let reading = Reading {
            marketplace: Arc::clone(&opened.marketplace),
            pool: Arc::new(
                Pool::beside_writer(opened.files.clone()).map_err(|error| OpenError::io(&log, error))?,
            ),
        };
        let (requests, thread) = Writer::new(opened, Arc::clone(&shared))
            .map_err(|fault| OpenError::io(&log, fault))?
            .spawn()
            .map_err(|error| OpenError::io(&log, error))?;
        let writing = Writing { requests: Mutex::new(Some(requests)), thread: Mutex::new(Some(thread)) };
        Ok(Self { inner: Arc::new(Inner { reading: Arc::new(reading), shared, writing: Some(writing) }) })
    }

    /// Opens the log in `directory` for reading, beside a writer or without one. It never writes the log, and makes no
    /// file unless the log was left by a process that was killed.
    ///
    /// Damage within the log is not looked for here, so that [`EventStore::inspect`] can find it.
    ///
    /// # Errors
    /// [`OpenError`] if it is not a log of ours or can't be read at all.
    pub fn open_read_only(directory: &Path) -> Result<Self, OpenError> {
        let files = open::for_reading(directory)?;
        let log = files.log();
        let pool = Arc::new(Pool::read_only(files).map_err(|error| OpenError::io(&log, error))?);
        let marketplace = pool.run(verify::marketplace).map_err(|fault| open::refusal(&log, fault))?;
        let shared = Arc::new(Shared::new(Head::EMPTY, None));
        let reading = Arc::new(Reading { marketplace, pool });
        Ok(Self { inner: Arc::new(Inner { reading, shared, writing: None }) })
    }

    /// Compares the log in `directory`, closed, with its seal. Works even when the log can't be opened; a log without
    /// a seal gives no findings.
    ///
    /// # Errors
    /// A fault if the files can't be read.
    pub fn compare_seal(directory: &Path) -> Result<Vec<Finding>, StoreFault> {
        let files =
            files::Files::existing(directory).map_err(|error| StoreFault::new(FaultKind::Io, error))?;
        seal::compare(&files)
    }

    /// How the writer keeps what it acknowledges, as its connection reports it now.
    ///
    /// # Errors
    /// [`FaultKind::ReadOnly`] for a store opened for reading.
    pub async fn durability(&self) -> Result<Durability, StoreFault> {
        self.inner.request(|reply| Request::Durability { reply }).await?.map_err(|_| StoreFault::closed())?
    }
}

impl Inner {
    /// Queues a request. An error says that it was not queued; the inner one, that it was but has no answer.
    async fn request<T>(
        &self,
        request: impl FnOnce(oneshot::Sender<T>) -> Request,
    ) -> Result<Result<T, oneshot::error::RecvError>, StoreFault> {
        let Some(writing) = &self.writing else {
            return Err(StoreFault::new(FaultKind::ReadOnly, "the store is open for reading only"));
        };
        let requests = writing.requests.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let requests = requests.ok_or_else(StoreFault::closed)?;
        let (reply, answer) = oneshot::channel();
        requests.send(request(reply)).await.map_err(|_| StoreFault::closed())?;
        Ok(answer.await)
    }

    fn lost() -> StoreFault {
        StoreFault::new(FaultKind::Stopped, "the writer ended without an answer")
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.shared.feed.close();
        self.reading.pool.shut();
        if let Some(writing) = &self.writing {
            writing.requests.lock().unwrap_or_else(PoisonError::into_inner).take();
            if let Some(thread) = writing.thread.lock().unwrap_or_else(PoisonError::into_inner).take() {
                // The lock is free once the thread has ended; a panic there has been reported by the thread.
                let _ = thread.join();
            }
        }
    }
}

#[async_trait]
impl PageSource for Reading {
    async fn page(&self, after: Position, limit: usize) -> Result<Vec<Arc<Record>>, StoreFault> {
        let marketplace = Arc::clone(&self.marketplace);
        self.pool.run_apart(move |connection| reader::page(connection, &marketplace, after, limit)).await
    }
}

#[async_trait]
impl EventStore for SqliteStore {
    fn marketplace(&self) -> &Arc<str> {
        &self.inner.reading.marketplace
    }

    async fn head(&self) -> Result<Head, StoreFault> {
        if self.inner.writing.is_some() {
            return self.inner.shared.head();
        }
        let head = self.inner.reading.pool.run(reader::head)?;
        self.inner.shared.feed.observe(head.position);
        Ok(head)
    }

    async fn append(&self, batch: Batch) -> Result<(), AppendError> {
        let answer = self.inner.request(|reply| Request::Append { batch, reply }).await;
        answer.map_err(AppendError::Refused)?.unwrap_or_else(|_| Err(AppendError::Unknown(Inner::lost())))
    }

    async fn read(&self, after: Position, limit: usize) -> Result<Vec<Arc<Record>>, StoreFault> {
        self.inner.reading.page(after, limit).await
    }

    async fn read_stream(&self, stream: &str, after_revision: u64) -> Result<Vec<Arc<Record>>, StoreFault> {
        let (marketplace, stream) = (Arc::clone(self.marketplace()), stream.to_owned());
        let read = move |connection: &_| {
            connection::snapshot(connection, |connection| {
                reader::stream(connection, &marketplace, &stream, after_revision)
            })
        };
        self.inner.reading.pool.run_apart(read).await
    }

    async fn stream_revisions(&self, streams: &[Arc<str>]) -> Result<Vec<u64>, StoreFault> {
        let pool = &self.inner.reading.pool;
        if streams.len() <= INLINE_LOOKUPS_MAX {
            return pool.run(|connection| {
                connection::snapshot(connection, |connection| reader::revisions(connection, streams))
            });
        }
        let streams = streams.to_vec();
        let read = move |connection: &_| {
            connection::snapshot(connection, |connection| reader::revisions(connection, &streams))
        };
        pool.run_apart(read).await
    }

    async fn find_commands(&self, keys: &[CommandKey]) -> Result<Vec<Vec<Arc<Record>>>, StoreFault> {
        let (pool, marketplace) = (&self.inner.reading.pool, Arc::clone(self.marketplace()));
        let index = self.inner.shared.commands.as_deref();
        // Before the snapshot: what isn't remembered any more is in every later one.
        let place = |key: &CommandKey| (*key, index.map_or(Place::Table, |index| index.place(key)));
        let keys: Vec<_> = keys.iter().map(place).collect();
        if keys.iter().all(|(_, place)| matches!(place, Place::Nowhere)) {
            return pool.run(|_| Ok(vec![Vec::new(); keys.len()]));
        }
        let (inline, told) = (keys.len() <= INLINE_LOOKUPS_MAX, index.is_some());
        let read = move |connection: &_| {
            connection::snapshot(connection, |connection| {
                reader::commands(connection, &marketplace, &keys, told)
            })
        };
        if inline {
            return pool.run(read);
        }
        pool.run_apart(read).await
    }

    fn subscribe(&self, after: Position) -> Subscription {
        let source = Arc::clone(&self.inner.reading) as Arc<dyn PageSource>;
        match &self.inner.writing {
            Some(_) => self.inner.shared.feed.subscribe(source, after),
            None => Feed::poll(source, after),
        }
    }

    fn watch_head(&self) -> watch::Receiver<Position> {
        self.inner.shared.feed.watch()
    }

    async fn checkpoint(&self, consumer: &str) -> Result<Option<Checkpoint>, StoreFault> {
        check_consumer(consumer)?;
        commands::check_consumer(consumer)?;
        self.inner.reading.pool.run(|connection| reader::checkpoint(connection, consumer))
    }

    async fn advance(
        &self,
        consumer: &str,
        from: Option<Checkpoint>,
        to: Checkpoint,
    ) -> Result<(), CheckpointError> {
        check_consumer(consumer)?;
        commands::check_consumer(consumer)?;
        let change = Advance { consumer: consumer.to_owned(), from, to };
        let answer = self.inner.request(|reply| Request::Advance { change, reply }).await?;
        answer.unwrap_or_else(|_| Err(CheckpointError::Fault(Inner::lost())))
    }

    async fn close(&self) {
        self.inner.reading.pool.close().await;
        // Without an answer the writer has ended already, or there is none.
        let _ = self.inner.request(|reply| Request::Close { reply }).await;
        self.inner.shared.feed.close();
    }

    async fn inspect(&self, progress: &(dyn Fn(Position) + Sync)) -> Result<Vec<Finding>, StoreFault> {
        let Reading { pool, marketplace } = &*self.inner.reading;
        let (source, marketplace) = (Arc::clone(pool), Arc::clone(marketplace));
        let mut inspection = pool.apart(move || Inspection::begin(source, marketplace)).await?;
        loop {
            let step = pool.apart(move || {
                let passed = inspection.step()?;
                Ok((inspection, passed))
            });
            let (next, passed) = step.await?;
            match passed {
                Some(passed) => progress(Position::new(u64::try_from(passed).unwrap_or(0))),
                None => return Ok(next.finish()),
            }
            inspection = next;
        }
    }
}
