//! A file of read models for one test.

use super::log::Log;
use crate::{Name, Position, ReadModels, Waited, WorkerHandle};
use rusqlite::Connection;
use rusqlite::types::Value;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;

/// Long enough for any test's log; only a failing test waits for it.
pub(super) const PATIENCE: Duration = Duration::from_secs(30);

/// A file of read models that is removed with the test.
pub(super) struct House {
    directory: TempDir,
}

impl House {
    pub(super) fn new() -> Self {
        Self { directory: TempDir::new().unwrap() }
    }

    pub(super) fn path(&self) -> PathBuf {
        self.directory.path().join("read.db")
    }

    pub(super) fn open(&self) -> ReadModels {
        ReadModels::open(&self.path()).unwrap()
    }

    /// Read models that have applied the whole log.
    pub(super) async fn follow(&self, log: &Log) -> (ReadModels, WorkerHandle) {
        let models = self.open();
        let worker = models.start(Arc::new(log.store.clone())).unwrap();
        reach(&models, log.head()).await;
        (models, worker)
    }

    /// Every table of the file, row by row, the checkpoints too.
    pub(super) fn dump(&self) -> Vec<String> {
        dump(&self.path())
    }

    /// The files of rebuilds that are there.
    pub(super) fn left_over(&self) -> Vec<String> {
        let files = std::fs::read_dir(self.directory.path()).unwrap();
        let names = files.map(|file| file.unwrap().file_name().into_string().unwrap());
        names.filter(|name| name.contains("rebuild")).collect()
    }

    /// Changes the file behind the read models' back.
    pub(super) fn tamper(&self, statements: &str) {
        Connection::open(self.path()).unwrap().execute_batch(statements).unwrap();
    }
}

pub(super) async fn reach(models: &ReadModels, position: Position) {
    assert_eq!(models.wait_for(Name::ALL, position, PATIENCE).await, Waited::Reached);
}

/// Read models of the log as it is, without a worker.
pub(super) async fn folded(log: &Log) -> (ReadModels, House) {
    let house = House::new();
    let (models, worker) = house.follow(log).await;
    worker.stop().await;
    (models, house)
}

fn dump(path: &Path) -> Vec<String> {
    let file = Connection::open(path).unwrap();
    let mut tables =
        file.prepare("select name from sqlite_schema where type = 'table' order by name").unwrap();
    let names: Vec<String> =
        tables.query_map([], |row| row.get(0)).unwrap().collect::<Result<_, _>>().unwrap();
    let mut lines = Vec::new();
    for name in names {
        let mut rows = file.prepare(&format!("select * from {name} order by 1, 2")).unwrap();
        let columns = rows.column_count();
        let mut rows = rows.query([]).unwrap();
        while let Some(row) = rows.next().unwrap() {
            let values: Vec<Value> = (0..columns).map(|column| row.get(column).unwrap()).collect();
            lines.push(format!("{name}: {values:?}"));
        }
    }
    lines
}
