//! A log in memory for one test.

use crate::Position;
use domain::{Event, Timestamp, codec};
use eventstore::{Batch, CommandKey, EventStore, Header, Membership, MemoryStore, Record, RequestMac};
use std::collections::HashMap;
use std::sync::Arc;
use uuid::Uuid;

/// When the log begins.
pub(super) const OPENING: Timestamp = Timestamp::from_micros(1_790_000_000_000_000);

/// In µs.
pub(super) const SECOND: i64 = 1_000_000;

/// A recorded type with its version, the streams, and the payload.
pub(super) type Raw = ((&'static str, u16), Vec<String>, Vec<u8>);

/// A log in memory, to which events are appended as the engine would.
#[derive(Clone)]
pub(super) struct Log {
    pub(super) store: MemoryStore,
    revisions: HashMap<String, u64>,
    records: u64,
    now: Timestamp,
}

impl Log {
    pub(super) fn new() -> Self {
        let store = MemoryStore::new("test");
        Self { store, revisions: HashMap::new(), records: 0, now: OPENING }
    }

    pub(super) fn head(&self) -> Position {
        Position::new(self.records)
    }

    /// When the newest event was recorded.
    pub(super) fn now(&self) -> Timestamp {
        self.now
    }

    /// Lets time pass until `instant`, if it is to come.
    pub(super) fn wait_until(&mut self, instant: Timestamp) {
        self.now = self.now.max(instant);
    }

    /// Appends events in one batch, a second after the last ones.
    pub(super) async fn append(&mut self, events: &[Event]) {
        let payloads = events.iter().map(|event| {
            let streams = event.streams().iter().map(ToString::to_string).collect();
            (event.event_type(), streams, codec::encode(event).unwrap())
        });
        self.append_raw(payloads.collect()).await;
    }

    /// Appends something that may be no event at all.
    pub(super) async fn append_raw(&mut self, events: Vec<Raw>) {
        self.now = Timestamp::from_micros(self.now.micros() + SECOND);
        let after = self.head();
        let mut records = Vec::new();
        for ((event_type, schema_version), streams, payload) in events {
            self.records += 1;
            // A key for each record lets a test cut the log anywhere.
            let mut key = [0; 32];
            key[..8].copy_from_slice(&self.records.to_be_bytes());
            let header = Header {
                marketplace: Arc::clone(self.store.marketplace()),
                position: Position::new(self.records),
                event_id: Uuid::from_u128(u128::from(self.records)),
                event_type: event_type.into(),
                schema_version,
                recorded_at: self.now.micros(),
                effective_at: self.now.micros(),
                command_key: CommandKey::from_bytes(key),
                request_mac: RequestMac::from_bytes(key),
                actor: "system:test".into(),
                correlation: Uuid::nil(),
                causation: None,
                memberships: self.memberships(streams),
            };
            records.push(Arc::new(Record::seal(header, &payload)));
        }
        let batch = Batch::new(after, self.now.micros(), records).unwrap();
        self.store.append(batch).await.unwrap();
    }

    fn memberships(&mut self, streams: Vec<String>) -> Vec<Membership> {
        let membership = |stream: String| {
            let revision = self.revisions.entry(stream.clone()).or_default();
            *revision += 1;
            Membership { stream: stream.into(), revision: *revision }
        };
        streams.into_iter().map(membership).collect()
    }
}
