//! A store so simple that it is plainly right: a list of batches, searched from the start for every question.

use std::sync::Arc;

use eventstore::{AppendError, Batch, CommandKey, EventStore, FaultKind, Head, Position, Record};

use crate::records::sound;

/// The model.
#[derive(Debug, Default)]
pub(crate) struct Model {
    records: Vec<Arc<Record>>,
}

/// How an append should end, without what is worded by the store.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Appended,
    LostHead(Head),
    RevisionTaken,
    KeyTaken,
    Refused(FaultKind),
    Unknown,
}

impl From<Result<(), AppendError>> for Outcome {
    fn from(result: Result<(), AppendError>) -> Self {
        match result {
            Ok(()) => Self::Appended,
            Err(AppendError::LostHead { head }) => Self::LostHead(head),
            Err(AppendError::RevisionTaken { .. }) => Self::RevisionTaken,
            Err(AppendError::KeyTaken { .. }) => Self::KeyTaken,
            Err(AppendError::Refused(fault)) => Self::Refused(fault.kind),
            Err(AppendError::Unknown(_)) => Self::Unknown,
        }
    }
}

impl Model {
    pub(crate) fn head(&self) -> Head {
        self.records.last().map_or(Head::EMPTY, |last| Head {
            position: last.position(),
            recorded_at: last.header().recorded_at,
        })
    }

    /// Every way in which `batch` may end; more than one when it breaks two rules at once.
    pub(crate) fn append(&mut self, batch: &Batch) -> Vec<Outcome> {
        if batch.after() != self.head().position {
            return vec![Outcome::LostHead(self.head())];
        }
        let before = self.records.len();
        let mut outcomes = Vec::new();
        for record in batch.records() {
            let header = record.header();
            let key = header.command_key;
            let adjacent = self.records.len() > before
                && self.records.last().is_some_and(|last| last.header().command_key == key);
            if !adjacent && !self.command(key).is_empty() {
                outcomes.push(Outcome::KeyTaken);
            }
            if header.memberships.iter().any(|held| held.revision != self.revision(&held.stream) + 1) {
                outcomes.push(Outcome::RevisionTaken);
            }
            self.records.push(Arc::clone(record));
        }
        if outcomes.is_empty() {
            return vec![Outcome::Appended];
        }
        self.records.truncate(before);
        outcomes
    }

    fn revision(&self, stream: &str) -> u64 {
        self.stream(stream).len() as u64
    }

    fn stream(&self, stream: &str) -> Vec<Arc<Record>> {
        self.select(|record| record.header().revision_in(stream).is_some())
    }

    fn command(&self, key: CommandKey) -> Vec<Arc<Record>> {
        self.select(|record| record.header().command_key == key)
    }

    fn select(&self, wanted: impl Fn(&Record) -> bool) -> Vec<Arc<Record>> {
        self.records.iter().filter(|record| wanted(record)).cloned().collect()
    }

    /// Asks `store` everything that can be asked, about `streams` and `keys` among others, and compares.
    pub(crate) async fn compare<S: EventStore>(&self, store: &S, streams: &[Arc<str>], keys: &[CommandKey]) {
        assert_eq!(store.head().await, Ok(self.head()));
        for page in [1, 7, usize::MAX] {
            assert_eq!(read_all(store, page).await, self.records, "in pages of {page}");
        }
        let revisions: Vec<_> = streams.iter().map(|stream| self.revision(stream)).collect();
        assert_eq!(store.stream_revisions(streams).await, Ok(revisions));
        for stream in streams {
            let held = self.stream(stream);
            for after in [0, 1, held.len() as u64, held.len() as u64 + 1] {
                let wanted = held.get(usize::try_from(after).unwrap_or(usize::MAX)..).unwrap_or_default();
                assert_eq!(
                    store.read_stream(stream, after).await.as_deref(),
                    Ok(wanted),
                    "{stream} after {after}"
                );
            }
        }
        let commands: Vec<_> = keys.iter().map(|key| self.command(*key)).collect();
        assert_eq!(store.find_commands(keys).await, Ok(commands));
        assert_eq!(store.inspect(&|_| ()).await, Ok(Vec::new()));
    }
}

/// The whole log, in pages of at most `page` records.
pub(crate) async fn read_all<S: EventStore>(store: &S, page: usize) -> Vec<Arc<Record>> {
    let mut records: Vec<Arc<Record>> = Vec::new();
    loop {
        let after = records.last().map_or(Position::START, |last| last.position());
        let next = sound(store.read(after, page).await);
        if next.is_empty() {
            return records;
        }
        assert!(next.len() <= page, "a page is never longer than was asked for");
        records.extend(next);
    }
}
