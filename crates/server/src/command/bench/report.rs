//! The figures, as an aligned table for people and as JSON for machines.

use super::sample::Sample;
use serde::{Serialize, Serializer};
use std::fmt::Write as _;
use std::time::Duration;

/// A rate and how long one took.
#[derive(Serialize)]
pub(super) struct Measured {
    per_second: f64,
    #[serde(rename = "p50_us", serialize_with = "micros")]
    p50: Duration,
    #[serde(rename = "p99_us", serialize_with = "micros")]
    p99: Duration,
}

impl Measured {
    /// Of steps: commands, requests, flushes.
    pub(super) fn steps(mut sample: Sample) -> Self {
        let per_second = sample.steps_per_second();
        Self { per_second, p50: sample.percentile(50), p99: sample.percentile(99) }
    }

    /// Of the events or rows that the steps were made of; the times are those of the steps.
    pub(super) fn events(mut sample: Sample) -> Self {
        let per_second = sample.events_per_second();
        Self { per_second, p50: sample.percentile(50), p99: sample.percentile(99) }
    }
}

/// Sizes of memory.
#[derive(Serialize)]
pub(super) struct Sizes {
    p50_bytes: u64,
    p99_bytes: u64,
}

impl Sizes {
    /// Of what was seen, at least once.
    pub(super) fn of(mut bytes: Vec<u64>) -> Self {
        bytes.sort_unstable();
        let at = |percent: usize| bytes.get(bytes.len() * percent / 100).copied().unwrap_or_default();
        Self { p50_bytes: at(50), p99_bytes: at(99) }
    }
}

/// What a figure is.
#[derive(Serialize)]
#[serde(untagged)]
enum Value {
    Times(Measured),
    Sizes(Sizes),
}

/// A time, or a size.
#[derive(Clone, Copy, PartialEq, PartialOrd, Serialize)]
pub(super) enum Amount {
    #[serde(rename = "us", serialize_with = "micros")]
    Time(Duration),
    #[serde(rename = "bytes")]
    Bytes(u64),
}

impl Amount {
    fn text(self) -> String {
        match self {
            Self::Time(duration) => time(duration),
            Self::Bytes(bytes) => mebibytes(bytes),
        }
    }
}

/// What a p99 must not exceed.
#[derive(Serialize)]
struct Limit {
    p99_at_most: Amount,
    reached: bool,
}

/// What a ratio has to reach.
#[derive(Clone, Copy, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Floor {
    /// The ratio of the rates, or more.
    AtLeast(f64),
    /// The ratio of the times, or less.
    AtMost(f64),
}

/// What a figure is compared with.
#[derive(Serialize)]
struct Comparison {
    with: &'static str,
    #[serde(flatten)]
    measured: Measured,
    ratio: f64,
    floor: Option<Floor>,
    reached: Option<bool>,
}

/// One figure.
#[derive(Serialize)]
pub(super) struct Figure {
    name: String,
    unit: &'static str,
    #[serde(flatten)]
    value: Value,
    beside: Option<Comparison>,
    limit: Option<Limit>,
    note: String,
}

impl Figure {
    /// A figure that stands alone, of so many `unit`s in a second.
    pub(super) fn new(unit: &'static str, measured: Measured) -> Self {
        Self::of(unit, Value::Times(measured))
    }

    /// A figure of so much memory.
    pub(super) fn sized(unit: &'static str, sizes: Sizes) -> Self {
        Self::of(unit, Value::Sizes(sizes))
    }

    fn of(unit: &'static str, value: Value) -> Self {
        Self { name: String::new(), unit, value, beside: None, limit: None, note: String::new() }
    }

    pub(super) fn named(self, name: String) -> Self {
        Self { name, ..self }
    }

    /// Holds its p99 to `most`, which is an amount of the same kind.
    pub(super) fn p99_within(self, most: Amount) -> Self {
        let p99 = match &self.value {
            Value::Times(measured) => Amount::Time(measured.p99),
            Value::Sizes(sizes) => Amount::Bytes(sizes.p99_bytes),
        };
        Self { limit: Some(Limit { p99_at_most: most, reached: p99 <= most }), ..self }
    }

    pub(super) fn noted(self, note: String) -> Self {
        Self { note, ..self }
    }

    /// Compares the rates; a size has none, and stays alone.
    pub(super) fn beside(self, with: &'static str, other: Measured, at_least: Option<f64>) -> Self {
        let Value::Times(own) = &self.value else { return self };
        let ratio = own.per_second / other.per_second;
        self.compared(with, other, ratio, at_least.map(Floor::AtLeast))
    }

    /// Compares how long one takes; a size takes no time, and stays alone.
    pub(super) fn slower_than(self, with: &'static str, other: Measured, at_most: f64) -> Self {
        let Value::Times(own) = &self.value else { return self };
        let ratio = own.p50.as_secs_f64() / other.p50.as_secs_f64();
        self.compared(with, other, ratio, Some(Floor::AtMost(at_most)))
    }

    fn compared(self, with: &'static str, measured: Measured, ratio: f64, floor: Option<Floor>) -> Self {
        let reached = floor.map(|floor| match floor {
            Floor::AtLeast(least) => ratio >= least,
            Floor::AtMost(most) => ratio <= most,
        });
        Self { beside: Some(Comparison { with, measured, ratio, floor, reached }), ..self }
    }

    fn cells(&self) -> [String; COLUMNS.len()] {
        let mut cells = <[String; COLUMNS.len()]>::default();
        let shown = match &self.value {
            Value::Times(measured) => show(measured),
            Value::Sizes(sizes) => [String::new(), mebibytes(sizes.p50_bytes), mebibytes(sizes.p99_bytes)],
        };
        let own = [self.name.clone(), self.unit.to_owned()].into_iter().chain(shown);
        let beside = self.beside.iter().flat_map(|beside| {
            let (kind, floor) = match beside.floor {
                Some(Floor::AtLeast(least)) => ("", format!("≥ {least}")),
                Some(Floor::AtMost(most)) => ("p50 ", format!("≤ {most}")),
                None => ("", String::new()),
            };
            let reached = match beside.reached {
                Some(true) => "yes",
                Some(false) => "no",
                None => "",
            };
            let judged = [format!("{kind}{:.2}", beside.ratio), floor, reached.to_owned()];
            std::iter::once(beside.with.to_owned()).chain(show(&beside.measured)).chain(judged)
        });
        for (cell, text) in cells.iter_mut().zip(own.chain(beside)) {
            *cell = text;
        }
        if let Some(Limit { p99_at_most, reached }) = &self.limit {
            let reached = if *reached { "yes" } else { "no" };
            cells[FLOOR] = format!("p99 ≤ {}", p99_at_most.text());
            reached.clone_into(&mut cells[FLOOR + 1]);
        }
        cells
    }
}

fn show(measured: &Measured) -> [String; 3] {
    [grouped(measured.per_second), time(measured.p50), time(measured.p99)]
}

const COLUMNS: [&str; 12] = [
    "figure",
    "unit",
    "per second",
    "p50",
    "p99",
    "beside",
    "per second",
    "p50",
    "p99",
    "ratio",
    "floor",
    "reached",
];
/// The column of floors, before that of whether one is reached.
const FLOOR: usize = 10;
/// The columns that hold words; the others hold numbers, and stand to the right.
const WORDS: [usize; 4] = [0, 1, 5, 11];

/// All figures of a run.
#[derive(Serialize)]
pub(super) struct Report {
    version: &'static str,
    debug_build: bool,
    cores: usize,
    seconds: f64,
    figures: Vec<Figure>,
}

impl Report {
    /// The figures, each measured for `time`.
    pub(super) fn of(figures: Vec<Figure>, time: Duration) -> Self {
        Self {
            version: env!("CARGO_PKG_VERSION"),
            debug_build: cfg!(debug_assertions),
            cores: std::thread::available_parallelism().map_or(1, usize::from),
            seconds: time.as_secs_f64(),
            figures,
        }
    }

    /// The table, and what has to be known to read it.
    pub(super) fn text(&self) -> String {
        let rows: Vec<_> = std::iter::once(COLUMNS.map(str::to_owned))
            .chain(self.figures.iter().map(Figure::cells))
            .collect();
        let mut text = table(&rows);
        let build = if self.debug_build { "debug" } else { "release" };
        // Writing to a string can't fail.
        let _ = write!(
            text,
            "\nA {build} build of {} on {} cores, {} s for each side of a comparison, the sides taking turns.\n\
             The callers, and the clients of HTTP, share the cores with what they call.\n",
            self.version, self.cores, self.seconds
        );
        for figure in self.figures.iter().filter(|figure| !figure.note.is_empty()) {
            let _ = writeln!(text, "{}: {}", figure.name, figure.note);
        }
        text
    }
}

fn table(rows: &[[String; COLUMNS.len()]]) -> String {
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths: Vec<_> = (0..COLUMNS.len()).map(width).collect();
    let mut text = String::new();
    for row in rows {
        let cells = row.iter().enumerate().map(|(column, cell)| {
            let width = widths[column];
            if WORDS.contains(&column) { format!("{cell:<width$}") } else { format!("{cell:>width$}") }
        });
        text.push_str(cells.collect::<Vec<_>>().join("  ").trim_end());
        text.push('\n');
    }
    text
}

/// Three significant digits or more, in thousands.
fn grouped(number: f64) -> String {
    let digits = format!("{number:.0}");
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

fn time(time: Duration) -> String {
    let micros = time.as_secs_f64() * 1e6;
    if micros < 10.0 {
        format!("{micros:.1} µs")
    } else if micros < 10_000.0 {
        format!("{micros:.0} µs")
    } else {
        format!("{:.0} ms", micros / 1e3)
    }
}

fn mebibytes(bytes: u64) -> String {
    format!("{} MiB", bytes.div_ceil(1 << 20))
}

fn micros<S: Serializer>(time: &Duration, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_f64(time.as_secs_f64() * 1e6)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn measured(per_second: f64, micros: u64) -> Measured {
        let time = Duration::from_micros(micros);
        Measured { per_second, p50: time, p99: 2 * time }
    }

    fn reached(figure: &Figure) -> Option<bool> {
        figure.beside.as_ref().and_then(|beside| beside.reached)
    }

    #[test]
    fn a_rate_reaches_its_floor_from_above_and_a_time_from_below() {
        let figure = || Figure::new("events", measured(800.0, 200));
        assert_eq!(reached(&figure().beside("x", measured(100.0, 1), Some(8.0))), Some(true));
        assert_eq!(reached(&figure().beside("x", measured(101.0, 1), Some(8.0))), Some(false));
        assert_eq!(reached(&figure().slower_than("x", measured(1.0, 100), 2.0)), Some(true));
        assert_eq!(reached(&figure().slower_than("x", measured(1.0, 99), 2.0)), Some(false));
    }

    #[test]
    fn the_table_is_aligned_and_says_what_was_reached() {
        let figures = vec![
            Figure::new("flushes", measured(5_312.4, 187)).named("disk".to_owned()),
            Figure::new("events", measured(123_456.0, 12_500)).named("append 64".to_owned()).beside(
                "insert",
                measured(8_800.0, 110),
                Some(8.0),
            ),
        ];
        let text = Report::of(figures, Duration::from_secs(3)).text();
        let lines: Vec<_> = text.lines().take(3).collect();
        assert_eq!(
            lines,
            [
                "figure     unit     per second     p50     p99  beside  per second     p50     p99  ratio  floor  reached",
                "disk       flushes       5,312  187 µs  374 µs",
                "append 64  events      123,456   12 ms   25 ms  insert       8,800  110 µs  220 µs  14.03    ≥ 8  yes",
            ]
        );
    }

    #[test]
    fn a_p99_is_held_to_its_limit_and_the_median_is_not() {
        let limit = |most| Figure::new("events", measured(1.0, 100)).p99_within(Amount::Time(most));
        let within = |micros| limit(Duration::from_micros(micros)).limit.unwrap().reached;
        assert!(within(200) && !within(199));
        let cells = limit(Duration::from_millis(50)).cells();
        assert_eq!((&*cells[FLOOR], &*cells[FLOOR + 1]), ("p99 ≤ 50 ms", "yes"));
    }

    #[test]
    fn a_size_is_shown_in_mebibytes_and_told_in_bytes() {
        let sizes = Sizes::of(vec![3 << 20, 1 << 20, (2 << 20) - 1]);
        let figure = Figure::sized("resident", sizes).p99_within(Amount::Bytes(3 << 20));
        assert_eq!(figure.cells()[2..5], ["", "2 MiB", "3 MiB"]);
        let json = serde_json::to_value(&figure).unwrap();
        assert_eq!((&json["p50_bytes"], &json["p99_bytes"]), (&((2 << 20) - 1).into(), &(3 << 20).into()));
        assert_eq!(
            json["limit"],
            serde_json::json!({ "p99_at_most": { "bytes": 3 << 20 }, "reached": true })
        );
    }

    #[test]
    fn json_has_times_in_microseconds_and_the_floor_by_its_direction() {
        let figure = Figure::new("events", measured(1.0, 150)).slower_than("insert", measured(1.0, 100), 2.0);
        let json = serde_json::to_value(&figure).unwrap();
        assert_eq!(json["p50_us"], 150.0);
        assert_eq!(json["beside"]["floor"]["at_most"], 2.0);
        assert_eq!(json["beside"]["reached"], true);
    }
}
