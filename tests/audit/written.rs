//! Histories written as logs: by the store, in a directory of their own; and altered behind its back.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use audit::Report;
use domain::StreamId;
use domain::id::{EventId, TypedId};
use eventstore::{
    Batch, Checkpoint, CommandKey, EventStore, Finding, Header, Membership, Position, Record, RequestMac,
    SqliteStore, StoreFault,
};
use rusqlite::Connection;
use rusqlite::config::DbConfig;
use tempfile::TempDir;
use tokio::runtime::Runtime;

use crate::history::Fact;

pub(crate) const MARKETPLACE: &str = "demo";

/// Nothing takes as long; a run that would never end fails instead.
const ENDLESS: Duration = Duration::from_mins(2);

pub(crate) fn runtime() -> Runtime {
    tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap()
}

/// Verifies the log in `store`.
pub(crate) fn verify(runtime: &Runtime, store: &dyn EventStore) -> Result<Report, StoreFault> {
    let verified = async { tokio::time::timeout(ENDLESS, audit::verify(store, &|_, _| {})).await };
    runtime.block_on(verified).unwrap()
}

/// A closed log in a directory.
pub(crate) struct Written {
    directory: TempDir,
    runtime: Runtime,
}

impl Written {
    /// Writes `facts` and closes the log, as a program would.
    pub(crate) fn new(facts: &[Fact]) -> Self {
        let written = Self { directory: tempfile::tempdir().unwrap(), runtime: runtime() };
        written.runtime.block_on(async {
            let store = SqliteStore::open(written.directory.path(), MARKETPLACE).unwrap();
            append(&store, facts).await;
            store.close().await;
        });
        written
    }

    pub(crate) fn path(&self) -> &Path {
        self.directory.path()
    }

    pub(crate) fn file(&self) -> PathBuf {
        self.path().join("log.db")
    }

    /// Opens the log as `verify` does.
    pub(crate) fn open(&self) -> SqliteStore {
        SqliteStore::open_read_only(self.path()).unwrap()
    }

    /// Verifies the log, opened anew.
    pub(crate) fn verify(&self) -> Report {
        self.verify_open(&self.open())
    }

    /// Verifies a log that stays open.
    pub(crate) fn verify_open(&self, store: &SqliteStore) -> Report {
        verify(&self.runtime, store).unwrap()
    }

    /// What the store itself finds.
    pub(crate) fn inspect(&self, store: &SqliteStore) -> Vec<Finding> {
        self.runtime.block_on(store.inspect(&|_| {})).unwrap()
    }

    /// A connection that may do what no program of ours does: it runs no triggers.
    pub(crate) fn raw(&self) -> Connection {
        let connection = Connection::open(self.file()).unwrap();
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER, false).unwrap();
        connection.execute_batch("pragma synchronous = off").unwrap();
        connection
    }
}

/// Appends `facts`, one batch for each instant, and moves a consumer's checkpoint to the end.
pub(crate) async fn append(store: &dyn EventStore, facts: &[Fact]) {
    let mut revisions = HashMap::new();
    let mut position = Position::START;
    for batch in facts.chunk_by(|one, next| one.at == next.at) {
        let (after, at) = (position, batch[0].at);
        let seal = |fact: &Fact| {
            position = position.next();
            Arc::new(record(fact, position, &mut revisions))
        };
        let records: Vec<Arc<Record>> = batch.iter().map(seal).collect();
        store.append(Batch::new(after, at, records).unwrap()).await.unwrap();
    }
    if facts.is_empty() {
        return;
    }
    let last = store.read(Position::new(position.get() - 1), 1).await.unwrap();
    store.advance("board", None, Checkpoint::at(&last[0])).await.unwrap();
}

/// The record of a fact, with every hash and revision as it should be.
fn record(fact: &Fact, position: Position, revisions: &mut HashMap<StreamId, u64>) -> Record {
    let streams = fact.streams.clone().unwrap_or_else(|| fact.event.streams());
    let memberships = streams.into_iter().map(|stream| {
        let revision = revisions.entry(stream.clone()).or_insert(0);
        *revision += 1;
        Membership { stream: stream.to_string().into(), revision: *revision }
    });
    let (event_type, schema_version) = fact.event.event_type();
    let header = Header {
        marketplace: MARKETPLACE.into(),
        position,
        event_id: EventId::from_u128(u128::from(position.get())).uuid(),
        event_type: event_type.into(),
        schema_version,
        recorded_at: fact.at,
        effective_at: fact.at,
        command_key: CommandKey::from_bytes(digest(fact.command, 1)),
        request_mac: RequestMac::from_bytes(digest(fact.command, 2)),
        actor: fact.actor.as_str().into(),
        correlation: EventId::from_u128(u128::from(fact.command)).uuid(),
        causation: None,
        memberships: memberships.collect(),
    };
    Record::seal(header, &fact.payload)
}

fn digest(number: u64, purpose: u8) -> [u8; 32] {
    let mut bytes = [purpose; 32];
    bytes[..8].copy_from_slice(&number.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_be_bytes());
    bytes
}

/// The same numbers in every run (SplitMix64).
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn seeded(seed: u64) -> Self {
        Self(seed)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number from 0 to less than `bound`.
    pub(crate) fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(bound).unwrap()).unwrap()
    }

    /// Bits to change in a byte, at least one.
    pub(crate) fn mask(&mut self) -> u8 {
        1 << self.below(8)
    }
}
