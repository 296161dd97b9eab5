//! Records for tests: what an event says is given, where it stands follows from the log that it is written for.
//!
//! Shape: [`Event`]s become a [`Batch`] on a [`View`] of a log; the view then takes the batch over. A view that was not
//! told of the newest batches is a stale one.

use std::{borrow::Cow, collections::BTreeMap, fmt, sync::Arc};

use eventstore::{Batch, CommandKey, Head, Header, Membership, Micros, Position, Record, RequestMac};
use uuid::Uuid;

/// The marketplace of every log in the suites.
pub const MARKETPLACE: &str = "acme";

/// When the first batch is recorded: in November 2026.
pub const FIRST_INSTANT: Micros = 1_795_000_000_000_000;

/// The value of a result that a test relies on.
///
/// # Panics
/// If it is an error.
#[track_caller]
pub fn sound<T, E: fmt::Debug>(result: Result<T, E>) -> T {
    result.unwrap_or_else(|error| panic!("{error:?}"))
}

/// The key of the test's command of this number.
pub fn command_key(number: u64) -> CommandKey {
    let mut bytes = [7; 32];
    bytes[..8].copy_from_slice(&number.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_be_bytes());
    bytes[24..].copy_from_slice(&number.to_be_bytes());
    CommandKey::from_bytes(bytes)
}

/// The request behind the test's command of this number.
pub fn request_mac(number: u64) -> RequestMac {
    RequestMac::from_bytes(command_key(!number).as_bytes().map(|byte| !byte))
}

/// What a test wants recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// Number of the command that causes it.
    pub command: u64,
    /// The streams that it belongs to.
    pub streams: Vec<Arc<str>>,
    /// Its payload.
    pub payload: Vec<u8>,
}

impl Event {
    /// An event of `command` in `streams`, with a payload that tells it from others.
    pub fn new(command: u64, streams: &[&str]) -> Self {
        let payload = format!("{{\"command\":{command}}}").into_bytes();
        Self { command, streams: streams.iter().map(|stream| Arc::from(*stream)).collect(), payload }
    }
}

/// What a writer knows of a log.
#[derive(Clone, Debug)]
pub struct View {
    marketplace: Arc<str>,
    head: Head,
    revisions: BTreeMap<Arc<str>, u64>,
}

impl Default for View {
    fn default() -> Self {
        Self { marketplace: Arc::from(MARKETPLACE), head: Head::EMPTY, revisions: BTreeMap::new() }
    }
}

impl View {
    /// The view of an empty log of `marketplace`.
    pub fn of(marketplace: &str) -> Self {
        Self { marketplace: Arc::from(marketplace), ..Self::default() }
    }

    /// The head that it knows.
    pub fn head(&self) -> Head {
        self.head
    }

    /// The newest revision of `stream` that it knows.
    pub fn revision(&self, stream: &str) -> u64 {
        self.revisions.get(stream).copied().unwrap_or(0)
    }

    /// Pretends another newest revision of `stream`.
    pub fn pretend(&mut self, stream: &str, revision: u64) {
        self.revisions.insert(Arc::from(stream), revision);
    }

    /// The batch that a writer with this view would append, recorded a second after the head.
    pub fn batch(&self, events: &[Event]) -> Batch {
        let recorded_at = self.head.recorded_at.max(FIRST_INSTANT) + 1_000_000;
        self.batch_at(recorded_at, events)
    }

    /// The same at another instant.
    pub fn batch_at(&self, recorded_at: Micros, events: &[Event]) -> Batch {
        let (mut position, mut revisions) = (self.head.position, self.revisions.clone());
        let mut records = Vec::new();
        for event in events {
            position = position.next();
            let header = self.header(position, recorded_at, event, &mut revisions);
            records.push(Arc::new(Record::seal(header, &event.payload)));
        }
        sound(Batch::new(self.head.position, recorded_at, records))
    }

    /// Takes over a batch that was appended.
    pub fn adopt(&mut self, batch: &Batch) {
        self.head = batch.head();
        for membership in batch.records().iter().flat_map(|record| &record.header().memberships) {
            self.revisions.insert(Arc::clone(&membership.stream), membership.revision);
        }
    }

    fn header(
        &self,
        position: Position,
        recorded_at: Micros,
        event: &Event,
        revisions: &mut BTreeMap<Arc<str>, u64>,
    ) -> Header {
        let mut membership = |stream: &Arc<str>| {
            let revision = revisions.entry(Arc::clone(stream)).or_insert(0);
            *revision += 1;
            Membership { stream: Arc::clone(stream), revision: *revision }
        };
        let command = u128::from(event.command);
        Header {
            marketplace: Arc::clone(&self.marketplace),
            position,
            event_id: Uuid::from_u128(0x019a_0000_0000_7000_8000_0000_0000_0000 + u128::from(position.get())),
            event_type: Cow::Borrowed("sample.recorded"),
            schema_version: 1,
            recorded_at,
            effective_at: recorded_at - 1_000,
            command_key: command_key(event.command),
            request_mac: request_mac(event.command),
            actor: Arc::from("user:ada"),
            correlation: Uuid::from_u128(0x1000 + command),
            causation: (event.command % 2 == 1).then(|| Uuid::from_u128(0x2000 + command)),
            memberships: event.streams.iter().map(&mut membership).collect(),
        }
    }
}
