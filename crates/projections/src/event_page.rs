//! A page of the log as read models take it: records with the events in them.

use domain::codec::{self, CodecError};
use domain::{Event, Timestamp};
use eventstore::{Position, Record};
use std::sync::Arc;

/// A record, and its event or what is wrong with it.
pub(crate) type Decoded = (Arc<Record>, Result<Event, String>);

/// Contiguous records, at least one, each decoded once for all read models.
pub(crate) struct EventPage {
    events: Vec<Decoded>,
}

impl EventPage {
    /// Decodes `records`; `None` if there are none.
    pub(crate) fn of(records: Vec<Arc<Record>>) -> Option<Self> {
        let decoded = |record: Arc<Record>| {
            let header = record.header();
            let event = codec::decode(&header.event_type, header.schema_version, record.payload());
            let event = event.map_err(|error| discreet(&error));
            (record, event)
        };
        (!records.is_empty()).then(|| Self { events: records.into_iter().map(decoded).collect() })
    }

    /// The records with their events, in order of position.
    pub(crate) fn events(&self) -> &[Decoded] {
        &self.events
    }

    /// The position in front of the page.
    pub(crate) fn after(&self) -> Option<Position> {
        let first = self.events.first()?.0.position();
        first.get().checked_sub(1).map(Position::new)
    }

    /// When the event at this index was recorded, if there is one.
    pub(crate) fn recorded_at(&self, index: usize) -> Option<Timestamp> {
        self.events.get(index).map(|(record, _)| recorded_at(record))
    }
}

/// What is wrong with a payload, without a word of it: the decoder's own message may quote a personal field.
fn discreet(error: &CodecError) -> String {
    match error {
        CodecError::Payload { source, .. } => {
            format!("its payload can't be read ({:?} error at byte {})", source.classify(), source.column())
        }
        CodecError::UnknownType { .. } | CodecError::Unwritable { .. } => error.to_string(),
    }
}

/// When it was recorded.
pub(crate) fn recorded_at(record: &Record) -> Timestamp {
    Timestamp::from_micros(record.header().recorded_at)
}

/// The noun of its type: the part before the dot.
pub(crate) fn noun(record: &Record) -> &str {
    let event_type = &*record.header().event_type;
    event_type.split_once('.').map_or(event_type, |(noun, _)| noun)
}
