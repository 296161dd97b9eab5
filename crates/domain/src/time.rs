//! Instants as integer microseconds since the Unix epoch, UTC; days are calendar days of 24 hours.

use std::fmt;

/// An instant, in µs since 1970-01-01T00:00:00Z. Printed and read as RFC 3339 with six decimals.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct Timestamp(i64);

/// Microseconds in a minute.
const MINUTE: i64 = 60_000_000;
/// Microseconds in a day.
const DAY: i64 = 24 * 60 * MINUTE;

impl Timestamp {
    /// The instant `micros` µs after the epoch.
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// µs since the epoch.
    pub const fn micros(self) -> i64 {
        self.0
    }

    /// The same time of day, `days` calendar days later.
    #[must_use]
    pub const fn plus_days(self, days: u16) -> Self {
        Self(self.0.saturating_add(days as i64 * DAY))
    }

    /// `minutes` later.
    #[must_use]
    pub const fn plus_minutes(self, minutes: u16) -> Self {
        Self(self.0.saturating_add(minutes as i64 * MINUTE))
    }

    /// Reads RFC 3339; precision beyond a microsecond is cut off. `None` when it isn't an instant.
    pub fn parse(text: &str) -> Option<Self> {
        text.parse::<jiff::Timestamp>().ok().map(|t| Self(t.as_microsecond()))
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match jiff::Timestamp::from_microsecond(self.0) {
            Ok(t) => write!(f, "{t:.6}"),
            Err(_) => write!(f, "{} µs", self.0),
        }
    }
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_print_with_six_decimals_and_read_back() {
        let t = Timestamp::from_micros(1_700_000_000_000_001);
        assert_eq!(t.to_string(), "2023-11-14T22:13:20.000001Z");
        assert_eq!(Timestamp::parse(&t.to_string()), Some(t));
    }

    #[test]
    fn a_day_is_twenty_four_hours() {
        assert_eq!(Timestamp::from_micros(0).plus_days(1).micros(), 86_400_000_000);
    }
}
