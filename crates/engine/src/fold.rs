//! From records to events and states: the one way in which everything here reads the log.

use domain::codec::decode;
use domain::stream::Folded;
use domain::{Event, Mark, State, StreamId, Timestamp};
use eventstore::{FaultKind, Record, StoreFault};
use std::sync::Arc;

/// The event of a record.
///
/// # Errors
/// A fault when it can't be read as one: the log is damaged, or a newer version wrote it.
pub(crate) fn event(record: &Record) -> Result<Event, StoreFault> {
    let header = record.header();
    decode(&header.event_type, header.schema_version, record.payload()).map_err(|error| {
        StoreFault::new(FaultKind::Damaged, format!("position {}: {error}", header.position))
    })
}

/// Goes on folding `stream` from `revision` and `state` with the records that follow.
///
/// # Errors
/// As for [`event`].
pub(crate) fn fold_on(
    stream: &StreamId,
    (mut revision, mut state): (u64, Option<State>),
    records: &[Arc<Record>],
) -> Result<(u64, Option<State>), StoreFault> {
    for record in records {
        revision += 1;
        let mark = Mark { revision, at: Timestamp::from_micros(record.header().recorded_at) };
        state = State::evolve(state, stream, &event(record)?, mark);
    }
    Ok((revision, state))
}

/// Folds a stream from its records.
///
/// # Errors
/// As for [`event`].
pub(crate) fn fold(stream: StreamId, records: &[Arc<Record>]) -> Result<Folded, StoreFault> {
    let (revision, state) = fold_on(&stream, (0, None), records)?;
    Ok(Folded { stream, revision, state: state.map(Arc::new) })
}
