//! Throw-away directories with a store in them.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
};

use eventstore::{EventStore, Record, SqliteStore};
use rusqlite::Connection;
use tempfile::TempDir;
use testkit::records::{Event, MARKETPLACE, View};

/// Room for stores, gone when dropped.
#[derive(Debug)]
pub(crate) struct Scratch {
    root: TempDir,
    made: AtomicU32,
}

impl Scratch {
    pub(crate) fn new() -> Self {
        Self { root: tempfile::tempdir().unwrap(), made: AtomicU32::new(0) }
    }

    /// Makes empty stores, each in a directory of its own.
    pub(crate) fn maker() -> impl Fn() -> SqliteStore {
        let scratch = Self::new();
        move || SqliteStore::open(&scratch.directory(), MARKETPLACE).unwrap()
    }

    /// A directory that does not exist yet.
    pub(crate) fn directory(&self) -> PathBuf {
        self.root.path().join(self.made.fetch_add(1, Ordering::Relaxed).to_string())
    }

    /// A copy of `directory` as it is now, without the lock: what a crash leaves, or a backup.
    pub(crate) fn copy(&self, directory: &Path) -> PathBuf {
        let copy = self.directory();
        fs::create_dir(&copy).unwrap();
        for (name, content) in contents(directory) {
            if name != "lock" && name != "log.db-shm" {
                fs::write(copy.join(name), content.0).unwrap();
            }
        }
        copy
    }
}

/// A file's bytes, printed as their number.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Content(Vec<u8>);

impl std::fmt::Debug for Content {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} bytes", self.0.len())
    }
}

/// Every file of a directory with its bytes.
pub(crate) fn contents(directory: &Path) -> BTreeMap<String, Content> {
    let entries = fs::read_dir(directory).unwrap().map(Result::unwrap);
    let named = |entry: fs::DirEntry| {
        (entry.file_name().into_string().unwrap(), Content(fs::read(entry.path()).unwrap()))
    };
    entries.filter(|entry| entry.path().is_file()).map(named).collect()
}

/// The log's file, opened behind the store's back, quick and without regard for durability.
pub(crate) fn raw(directory: &Path) -> Connection {
    let connection = Connection::open(directory.join("log.db")).unwrap();
    connection.execute_batch("pragma synchronous = off").unwrap();
    connection
}

/// Appends one event for each of `commands`, each a batch of its own.
pub(crate) async fn append(store: &SqliteStore, view: &mut View, commands: std::ops::Range<u64>) {
    for command in commands {
        let streams: &[&str] = if command % 3 == 0 { &["order", "invoice"] } else { &["order"] };
        let batch = view.batch(&[Event::new(command, streams)]);
        store.append(batch.clone()).await.unwrap();
        view.adopt(&batch);
    }
}

/// The whole log.
pub(crate) async fn records(store: &SqliteStore) -> Vec<Arc<Record>> {
    store.read(0.into(), usize::MAX).await.unwrap()
}
