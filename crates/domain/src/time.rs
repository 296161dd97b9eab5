//! Instants as integer microseconds since the Unix epoch, UTC; days are calendar days of 24 hours.

use std::fmt;

/// An instant, in µs since 1970-01-01T00:00:00Z. Printed and read as RFC 3339 with six decimals.
#[derive(
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    serde::Serialize,
    serde::Deserialize,
    schemars::JsonSchema,
)]
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

    /// The same time of day, `days` calendar days earlier.
    #[must_use]
    pub const fn minus_days(self, days: u16) -> Self {
        Self(self.0.saturating_sub(days as i64 * DAY))
    }

    /// The beginning of its day, UTC.
    #[must_use]
    pub const fn day_begins(self) -> Self {
        Self(self.0.div_euclid(DAY).saturating_mul(DAY))
    }

    /// `minutes` later.
    #[must_use]
    pub const fn plus_minutes(self, minutes: u16) -> Self {
        Self(self.0.saturating_add(minutes as i64 * MINUTE))
    }

    /// `hours` later.
    #[must_use]
    pub const fn plus_hours(self, hours: u16) -> Self {
        Self(self.0.saturating_add(hours as i64 * 60 * MINUTE))
    }

    /// The same time of day, `days` business days later: Saturdays and Sundays, UTC, don't count.
    #[must_use]
    pub const fn plus_business_days(self, days: u16) -> Self {
        let (mut day, time) = (self.0.div_euclid(DAY), self.0.rem_euclid(DAY));
        let mut left = days;
        while left > 0 {
            day += 1;
            // The first day of the epoch was a Thursday; 2 and 3 days later comes the weekend.
            if !matches!(day.rem_euclid(7), 2 | 3) {
                left -= 1;
            }
        }
        Self(day.saturating_mul(DAY).saturating_add(time))
    }

    /// This instant, and a share of the time from it to `later`: `per_mille` thousandths.
    #[must_use]
    pub const fn towards(self, later: Self, per_mille: u16) -> Self {
        let span = later.0.saturating_sub(self.0);
        Self(self.0.saturating_add(span / 1_000 * per_mille as i64))
    }

    /// As much later as `now` is after `since`; itself if it isn't.
    #[must_use]
    pub fn later_by(self, since: Self, now: Self) -> Self {
        Self(self.0.saturating_add(now.0.saturating_sub(since.0).max(0)))
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
    fn weekends_are_no_business_days() {
        let at = |text| Timestamp::parse(text).unwrap();
        let (friday, monday) = (at("2026-11-20T10:00:00Z"), at("2026-11-23T10:00:00Z"));
        assert_eq!(friday.plus_business_days(1), monday);
        assert_eq!(at("2026-11-21T10:00:00Z").plus_business_days(1), monday);
        assert_eq!(friday.plus_business_days(5), at("2026-11-27T10:00:00Z"));
        assert_eq!(friday.plus_business_days(0), friday);
    }

    #[test]
    fn a_clock_that_stood_still_is_due_as_much_later() {
        let at = Timestamp::from_micros;
        assert_eq!(at(100).later_by(at(30), at(70)), at(140));
        assert_eq!(at(100).later_by(at(70), at(30)), at(100));
    }

    #[test]
    fn a_day_begins_at_midnight() {
        let at = |text| Timestamp::parse(text).unwrap();
        assert_eq!(at("2026-11-20T10:00:00Z").day_begins(), at("2026-11-20T00:00:00Z"));
        assert_eq!(at("1969-12-31T10:00:00Z").day_begins(), at("1969-12-31T00:00:00Z"));
        assert_eq!(at("2026-11-20T10:00:00Z").minus_days(90), at("2026-08-22T10:00:00Z"));
    }

    #[test]
    fn a_day_is_twenty_four_hours() {
        assert_eq!(Timestamp::from_micros(0).plus_days(1).micros(), 86_400_000_000);
    }
}
