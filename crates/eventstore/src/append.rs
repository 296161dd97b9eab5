//! The one write of the log: a batch of records onto a head.
//!
//! Shape: [`Batch`] can hold only what is consistent in itself, so a backend checks nothing but its own state: the
//! head, the streams' revisions, the command keys. Bounds: [`EVENTS_PER_BATCH_MAX`] and [`BATCH_BYTES_MAX`].

use std::sync::Arc;

use thiserror::Error;

use crate::{
    CommandKey, RecordError, StoreFault,
    record::{Micros, Position, Record},
};

// One append holds the only write lock, so its size bounds every other writer's wait.
/// Most records of one batch.
pub const EVENTS_PER_BATCH_MAX: usize = 8_192;

/// Most bytes of records of one batch.
pub const BATCH_BYTES_MAX: usize = 32 * 1024 * 1024;

/// The newest position of a log, and when it was recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// Position of the newest record; [`Position::START`] if there is none.
    pub position: Position,
    /// When that record was recorded; [`Micros::MIN`] if there is none, since every instant follows it.
    pub recorded_at: Micros,
}

impl Head {
    /// The head of a log without records.
    pub const EMPTY: Self = Self { position: Position::START, recorded_at: Micros::MIN };
}

/// Records to append together, contiguous from the head that they were decided on.
#[derive(Clone, Debug)]
pub struct Batch {
    after: Position,
    recorded_at: Micros,
    records: Arc<[Arc<Record>]>,
    bytes: usize,
}

impl Batch {
    /// Takes `records` to be appended onto the head at `after`, all recorded at `recorded_at`.
    ///
    /// # Errors
    /// [`BatchError`] if there are none or too many, or if one does not fit where it stands.
    pub fn new(after: Position, recorded_at: Micros, records: Vec<Arc<Record>>) -> Result<Self, BatchError> {
        let Some(first) = records.first() else {
            return Err(BatchError::Empty);
        };
        if records.len() > EVENTS_PER_BATCH_MAX {
            return Err(BatchError::TooMany { count: records.len() });
        }
        let marketplace = Arc::clone(&first.header().marketplace);
        let (mut position, mut bytes) = (after, 0_usize);
        let mut previous: Option<&Record> = None;
        for record in &records {
            position = position.next();
            bytes += record.bytes().len();
            let header = record.header();
            record.check().map_err(|source| BatchError::Record { position, source })?;
            if header.position != position {
                return Err(BatchError::NotContiguous { expected: position, found: header.position });
            }
            if header.recorded_at != recorded_at {
                return Err(BatchError::RecordedAt { position });
            }
            if header.marketplace != marketplace {
                return Err(BatchError::Marketplace { position });
            }
            if let Some(previous) = previous.map(Record::header)
                && previous.command_key == header.command_key
                && previous.request_mac != header.request_mac
            {
                return Err(BatchError::RequestMac { position });
            }
            previous = Some(record);
        }
        if bytes > BATCH_BYTES_MAX {
            return Err(BatchError::TooLarge { bytes });
        }
        Ok(Self { after, recorded_at, records: records.into(), bytes })
    }

    /// The head that the batch was decided on.
    pub fn after(&self) -> Position {
        self.after
    }

    /// When all its records are recorded.
    pub fn recorded_at(&self) -> Micros {
        self.recorded_at
    }

    /// Its records, in order of position.
    pub fn records(&self) -> &[Arc<Record>] {
        &self.records
    }

    /// Bytes of all its records together.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// The head of the log once the batch is appended.
    pub fn head(&self) -> Head {
        let position = self.records.last().map_or(self.after, |record| record.position());
        Head { position, recorded_at: self.recorded_at }
    }

    /// The marketplace that all its records name.
    pub fn marketplace(&self) -> Option<&Arc<str>> {
        self.records.first().map(|record| &record.header().marketplace)
    }

    /// Its records, shared.
    pub(crate) fn share(&self) -> Arc<[Arc<Record>]> {
        Arc::clone(&self.records)
    }

    /// Each command of the batch with the position of its first record, in order. A command whose records are not
    /// adjacent comes twice, and so meets its own key.
    pub(crate) fn commands(&self) -> impl Iterator<Item = (CommandKey, Position)> {
        let mut previous = None;
        self.records.iter().filter_map(move |record| {
            let key = record.header().command_key;
            (previous.replace(key) != Some(key)).then_some((key, record.position()))
        })
    }

    /// What must hold of a store before this batch may be appended to it.
    ///
    /// # Errors
    /// Nothing is written in either case: a lost head, or a batch that belongs to another log or another time.
    pub(crate) fn admit(&self, marketplace: &Arc<str>, head: Head) -> Result<(), AppendError> {
        if self.marketplace() != Some(marketplace) {
            return Err(AppendError::Refused(StoreFault::misuse(format!(
                "the batch belongs to another marketplace than {marketplace}"
            ))));
        }
        if self.after != head.position {
            return Err(AppendError::LostHead { head });
        }
        if self.recorded_at < head.recorded_at {
            return Err(AppendError::Refused(StoreFault::misuse(format!(
                "the batch was recorded at {}, before the head's {}",
                self.recorded_at, head.recorded_at
            ))));
        }
        Ok(())
    }
}

/// Why records are not a batch.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum BatchError {
    /// There is nothing to append.
    #[error("a batch needs at least one record")]
    Empty,
    /// Beyond [`EVENTS_PER_BATCH_MAX`].
    #[error("{count} records are more than the {EVENTS_PER_BATCH_MAX} of one batch")]
    TooMany {
        /// How many there are.
        count: usize,
    },
    /// Beyond [`BATCH_BYTES_MAX`].
    #[error("{bytes} bytes are more than the {BATCH_BYTES_MAX} of one batch")]
    TooLarge {
        /// How many there are.
        bytes: usize,
    },
    /// A record beyond the limits of the encoding.
    #[error("the record for position {position} can't be stored: {source}")]
    Record {
        /// Where it would stand.
        position: Position,
        /// What is wrong with it.
        source: RecordError,
    },
    /// A record that says it stands elsewhere.
    #[error("a record says position {found} where {expected} follows")]
    NotContiguous {
        /// The position that follows.
        expected: Position,
        /// The position in the record.
        found: Position,
    },
    /// A record with another recorded instant than its batch.
    #[error("the record for position {position} was recorded at another instant than its batch")]
    RecordedAt {
        /// Where it would stand.
        position: Position,
    },
    /// A record of another marketplace than the first one.
    #[error("the record for position {position} names another marketplace than the first one")]
    Marketplace {
        /// Where it would stand.
        position: Position,
    },
    /// A record whose request differs from the one that its command began with.
    #[error("the record for position {position} names another request under the same command key")]
    RequestMac {
        /// Where it would stand.
        position: Position,
    },
}

/// Why an append did not, or may not have, happened.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum AppendError {
    /// Somebody appended first. Nothing was written: decide again on this head.
    #[error("the log has moved on to position {}", head.position)]
    LostHead {
        /// The head now.
        head: Head,
    },
    /// The next revision of a stream is not the one in the batch. Nothing was written. With the head unchanged this
    /// can't happen to a correct caller: it is an alarm.
    #[error("revision {revision} of the stream {stream} can't follow what is stored")]
    RevisionTaken {
        /// The stream.
        stream: Arc<str>,
        /// The revision in the batch.
        revision: u64,
    },
    /// The command is already in the log, or its records in the batch are not adjacent. Nothing was written. With
    /// the head unchanged this can't happen to a correct caller: it is an alarm.
    #[error("the command {key} is already in the log")]
    KeyTaken {
        /// The command's key.
        key: CommandKey,
    },
    /// The batch may or may not be in the log. The store accepts no further append until it is opened again.
    #[error("whether the batch was written is unknown: {0}")]
    Unknown(StoreFault),
    /// Certainly not written.
    #[error("the batch was not written: {0}")]
    Refused(StoreFault),
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Header, RequestMac,
        sample::{INSTANT, batch, batch_of, header, record},
    };

    /// What is said of a batch of two whose second record has an edited header.
    fn refusal(edit: impl Fn(&mut Header)) -> BatchError {
        let mut second = header(2);
        edit(&mut second);
        batch_of(0, vec![record(1), Arc::new(Record::seal(second, b"{}"))]).unwrap_err()
    }

    #[test]
    fn a_batch_says_where_it_leads() {
        let batch = batch(4, 3);
        assert_eq!(batch.head(), Head { position: Position::new(7), recorded_at: INSTANT });
        assert_eq!(batch.bytes(), batch.records().iter().map(|record| record.bytes().len()).sum::<usize>());
    }

    #[test]
    fn a_batch_is_never_empty() {
        assert_eq!(batch_of(0, Vec::new()).unwrap_err(), BatchError::Empty);
    }

    #[test]
    fn a_batch_is_bounded_in_records_and_bytes() {
        let many: Vec<_> = (1..=EVENTS_PER_BATCH_MAX as u64 + 1).map(record).collect();
        assert_eq!(batch_of(0, many).unwrap_err(), BatchError::TooMany { count: EVENTS_PER_BATCH_MAX + 1 });
        let large = |position| Arc::new(Record::seal(header(position), &vec![0; crate::PAYLOAD_BYTES_MAX]));
        let refused = batch_of(0, (1..=33).map(large).collect()).unwrap_err();
        assert!(matches!(refused, BatchError::TooLarge { .. }), "{refused}");
    }

    #[test]
    fn a_record_must_fit_where_it_stands() {
        let position = Position::new(2);
        let elsewhere = refusal(|header| header.position = Position::new(3));
        assert_eq!(elsewhere, BatchError::NotContiguous { expected: position, found: Position::new(3) });
        assert_eq!(refusal(|header| header.recorded_at += 1), BatchError::RecordedAt { position });
        assert_eq!(
            refusal(|header| header.marketplace = Arc::from("other")),
            BatchError::Marketplace { position }
        );
        let limit = refusal(|header| header.memberships = Vec::new());
        assert!(matches!(limit, BatchError::Record { .. }), "{limit}");
    }

    #[test]
    fn one_command_is_one_request() {
        let first = header(1).command_key;
        let other = RequestMac::from_bytes([1; 32]);
        let refused = refusal(|header| (header.command_key, header.request_mac) = (first, other));
        assert_eq!(refused, BatchError::RequestMac { position: Position::new(2) });
    }
}
