//! Records for the tests of this crate; the suites have richer ones.

use std::{borrow::Cow, sync::Arc};

use uuid::Uuid;

use crate::{Batch, BatchError, CommandKey, Header, Membership, Micros, Position, Record, RequestMac};

pub(crate) const MARKETPLACE: &str = "acme";
pub(crate) const INSTANT: Micros = 1_795_000_000_000_000;

/// The header of the record at `position` in a log of one stream, with a command of its own.
pub(crate) fn header(position: u64) -> Header {
    let mut key = [7; 32];
    key[..8].copy_from_slice(&position.to_be_bytes());
    Header {
        marketplace: Arc::from(MARKETPLACE),
        position: Position::new(position),
        event_id: Uuid::from_u128(u128::from(position)),
        event_type: Cow::Borrowed("sample.recorded"),
        schema_version: 1,
        recorded_at: INSTANT,
        effective_at: INSTANT,
        command_key: CommandKey::from_bytes(key),
        request_mac: RequestMac::from_bytes([9; 32]),
        actor: Arc::from("user:ada"),
        correlation: Uuid::nil(),
        causation: None,
        memberships: vec![Membership { stream: Arc::from("order"), revision: position }],
    }
}

/// The record of that header.
pub(crate) fn record(position: u64) -> Arc<Record> {
    Arc::new(Record::seal(header(position), b"{}"))
}

/// The batch of `records` after `after`.
pub(crate) fn batch_of(after: u64, records: Vec<Arc<Record>>) -> Result<Batch, BatchError> {
    Batch::new(Position::new(after), INSTANT, records)
}

/// The batch of the `count` records that follow `after`.
pub(crate) fn batch(after: u64, count: u64) -> Batch {
    batch_of(after, (after + 1..=after + count).map(record).collect()).unwrap()
}
