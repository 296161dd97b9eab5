//! Where in the log an answer stands: a position, and how it was asked for.
//!
//! Cost: an instant is resolved by reading as many single records as the number of positions has binary digits.

use std::fmt;
use std::str::FromStr;

use domain::Timestamp;
use domain::codec::CodecError;
use eventstore::{EventStore, Micros, Position, Record, StoreFault};
use serde::{Serialize, Serializer};
use thiserror::Error;

const MICROS_PER_DAY: Micros = 24 * 60 * 60 * 1_000_000;

/// Which state of the log is asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AsOf {
    /// The newest.
    #[default]
    Head,
    /// After the event at this position; [`Position::START`] is before the first.
    Position(Position),
    /// After the last event that was recorded at or before this instant.
    RecordedAt(Micros),
}

impl FromStr for AsOf {
    type Err = AsOfMalformed;

    /// Reads a position (digits only) or an instant (RFC 3339).
    fn from_str(text: &str) -> Result<Self, AsOfMalformed> {
        if !text.is_empty() && text.bytes().all(|c| c.is_ascii_digit()) {
            return text
                .parse()
                .map(|number| Self::Position(Position::new(number)))
                .map_err(|_| AsOfMalformed);
        }
        Timestamp::parse(text).map(|instant| Self::RecordedAt(instant.micros())).ok_or(AsOfMalformed)
    }
}

/// A text is neither a position nor an instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("expected a position such as 42 or an instant such as 2026-03-31T23:59:59Z")]
pub struct AsOfMalformed;

/// An accounting date: a calendar day in UTC. Text, and JSON: `2026-03-31`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(i64);

impl Day {
    /// The day that the instant falls on.
    pub const fn of(instant: Micros) -> Self {
        Self(instant.div_euclid(MICROS_PER_DAY))
    }
}

impl FromStr for Day {
    type Err = DayMalformed;

    fn from_str(text: &str) -> Result<Self, DayMalformed> {
        let midnight = Timestamp::parse(&format!("{text}T00:00:00Z"));
        let day = midnight.map(|instant| Self::of(instant.micros())).ok_or(DayMalformed)?;
        if day.to_string() == text { Ok(day) } else { Err(DayMalformed) }
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let midnight = Timestamp::from_micros(self.0.saturating_mul(MICROS_PER_DAY)).to_string();
        f.write_str(midnight.split_once('T').map_or(&midnight, |(date, _)| date))
    }
}

impl Serialize for Day {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

/// A text is no date.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("expected a date such as 2026-03-31")]
pub struct DayMalformed;

/// The place in the log that an answer is about. Asked again with this position, the answer is the same for ever.
///
/// JSON: `{"position": 42, "recorded_at": "2026-03-31T12:00:00.000000Z", "effective_on": null}`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct At {
    /// The last event that counts; [`Position::START`] when none does.
    #[serde(serialize_with = "number")]
    pub position: Position,
    /// When that event was recorded; `None` when none counts.
    #[serde(serialize_with = "instant_if_any")]
    pub recorded_at: Option<Micros>,
    /// The last accounting date whose entries count, `None` for all of them. It concerns money only: what isn't money
    /// is as of the position.
    pub effective_on: Option<Day>,
}

impl At {
    /// Whether an entry that took effect at `effective_at` counts.
    pub(crate) fn counts(&self, effective_at: Micros) -> bool {
        self.effective_on.is_none_or(|last| Day::of(effective_at) <= last)
    }
}

/// Why there is no answer as of a place in the log.
#[derive(Debug, Error)]
pub enum AsOfError {
    /// Nothing is recorded there yet.
    #[error("the log ends at position {head}, before position {asked}; ask for {head} or an earlier one")]
    BeyondHead {
        /// The position asked for.
        asked: Position,
        /// The newest one.
        head: Position,
    },
    /// No event of the stream was ever recorded.
    #[error("there is no {stream} in this log; check the id, and that it is the right marketplace's log")]
    Unknown {
        /// The stream, such as `contract/ctr_…`.
        stream: String,
    },
    /// The stream begins later.
    #[error("{stream} begins at position {begins}; as of position {asked} it did not exist")]
    NotYet {
        /// The stream, such as `contract/ctr_…`.
        stream: String,
        /// Its first event.
        begins: Position,
        /// The position asked for.
        asked: Position,
    },
    /// More facts than are held at once.
    #[error("{stream} has more than {max} facts; export the log instead")]
    TooMany {
        /// The stream, such as `contract/ctr_…`.
        stream: String,
        /// The bound.
        max: usize,
    },
    /// An event is not what its type says.
    #[error("the event at position {position} can't be read; counterfoil verify says more")]
    Unreadable {
        /// Where it stands.
        position: Position,
        /// What is wrong with it.
        source: CodecError,
    },
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreFault),
}

/// Finds the place that `as_of` means.
///
/// # Errors
/// [`AsOfError::BeyondHead`], or a fault of the store.
pub async fn resolve(
    store: &dyn EventStore,
    as_of: AsOf,
    effective_on: Option<Day>,
) -> Result<At, AsOfError> {
    let head = store.head().await?;
    let (position, recorded_at) = match as_of {
        AsOf::Head => (head.position, Some(head.recorded_at)),
        AsOf::Position(asked) if asked > head.position => {
            return Err(AsOfError::BeyondHead { asked, head: head.position });
        }
        AsOf::Position(asked) => (asked, None),
        AsOf::RecordedAt(instant) => (last_recorded(store, instant, head.position).await?, None),
    };
    let recorded_at = match recorded_at.filter(|_| position == head.position) {
        _ if position == Position::START => None,
        Some(known) => Some(known),
        None => Some(record_at(store, position).await?.header().recorded_at),
    };
    Ok(At { position, recorded_at, effective_on })
}

/// The last position recorded at or before `instant`. Instants never fall along the log, so halving finds it.
async fn last_recorded(
    store: &dyn EventStore,
    instant: Micros,
    head: Position,
) -> Result<Position, StoreFault> {
    let (mut before, mut after) = (0, head.get() + 1);
    while after - before > 1 {
        let middle = before + (after - before) / 2;
        if record_at(store, Position::new(middle)).await?.header().recorded_at <= instant {
            before = middle;
        } else {
            after = middle;
        }
    }
    Ok(Position::new(before))
}

async fn record_at(store: &dyn EventStore, position: Position) -> Result<std::sync::Arc<Record>, StoreFault> {
    let after = Position::new(position.get().saturating_sub(1));
    let page = store.read(after, 1).await?;
    page.into_iter().next().ok_or_else(|| crate::pages::ended(position))
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands over a reference to the field")]
pub(crate) fn number<S: Serializer>(position: &Position, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_u64(position.get())
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands over a reference to the field")]
pub(crate) fn instant<S: Serializer>(instant: &Micros, to: S) -> Result<S::Ok, S::Error> {
    to.collect_str(&Timestamp::from_micros(*instant))
}

#[expect(clippy::ref_option, reason = "serde hands over a reference to the field")]
fn instant_if_any<S: Serializer>(instant: &Option<Micros>, to: S) -> Result<S::Ok, S::Error> {
    instant.map(|instant| Timestamp::from_micros(instant).to_string()).serialize(to)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_a_position_and_rfc_3339_is_an_instant() {
        assert_eq!("42".parse(), Ok(AsOf::Position(Position::new(42))));
        assert_eq!("1970-01-01T00:00:01Z".parse(), Ok(AsOf::RecordedAt(1_000_000)));
        for text in ["", "-1", "4 2", "1970-01-01", "yesterday", "99999999999999999999"] {
            assert_eq!(text.parse::<AsOf>(), Err(AsOfMalformed), "{text}");
        }
    }

    #[test]
    fn a_day_is_one_of_the_calendar_and_reads_back() {
        for text in ["1970-01-01", "1969-12-31", "2024-02-29", "2026-03-31"] {
            assert_eq!(text.parse::<Day>().map(|day| day.to_string()), Ok(text.to_owned()));
        }
        for text in ["", "2026-02-29", "2026-3-1", "20260301", "2026-03-31T00:00:00Z", "2026-03-31 "] {
            assert_eq!(text.parse::<Day>(), Err(DayMalformed), "{text}");
        }
    }

    #[test]
    fn the_last_microsecond_of_a_day_belongs_to_it() {
        assert_eq!(Day::of(-1).to_string(), "1969-12-31");
        assert_eq!(Day::of(MICROS_PER_DAY - 1), Day::of(0));
        assert_ne!(Day::of(MICROS_PER_DAY), Day::of(0));
    }
}
