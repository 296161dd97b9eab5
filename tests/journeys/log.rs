//! The log itself, read beside the node without its help.

use crate::node::Store;
use eventstore::{EventStore, LeafHash, Position, Record, SqliteStore};
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What an event says about itself, and its payload.
pub(crate) struct Entry {
    pub(crate) event_type: String,
    pub(crate) payload: Value,
}

/// The whole log, as it is stored.
pub(crate) async fn records(store: &Store) -> Vec<Arc<Record>> {
    let log = SqliteStore::open_read_only(&store.data()).unwrap();
    log.read(Position::START, usize::MAX).await.unwrap()
}

/// The whole log.
pub(crate) async fn entries(store: &Store) -> Vec<Entry> {
    let records = records(store).await;
    let entries = records.iter().map(|record| Entry {
        event_type: record.header().event_type.to_string(),
        payload: serde_json::from_slice(record.payload()).unwrap(),
    });
    entries.collect()
}

/// How many events of each type there are.
pub(crate) fn counted(entries: &[Entry]) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for entry in entries {
        *counts.entry(entry.event_type.clone()).or_default() += 1;
    }
    counts
}

/// Every byte of the log, by the hash of each of its records: two logs with equal fingerprints are equal.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Fingerprint(Vec<LeafHash>);

/// The log as it is now.
pub(crate) async fn fingerprint(store: &Store) -> Fingerprint {
    Fingerprint(records(store).await.iter().map(|record| record.leaf()).collect())
}
