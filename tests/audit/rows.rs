//! Every byte of every stored value, changed behind the store's back and put back afterwards.

use std::ops::RangeInclusive;

use eventstore::{Position, SqliteStore};
use rusqlite::Connection;
use rusqlite::types::{Value, ValueRef};

use crate::history::History;
use crate::written::{Random, Written};

/// A column, how its rows are found, and the positions that a row is about.
struct Column {
    table: &'static str,
    key: &'static str,
    name: &'static str,
    /// First and last position, as expressions on the row; none where the row is about the end of the log.
    about: Option<(&'static str, &'static str)>,
}

const fn column(
    table: &'static str,
    key: &'static str,
    name: &'static str,
    about: Option<(&'static str, &'static str)>,
) -> Column {
    Column { table, key, name, about }
}

const AT: Option<(&str, &str)> = Some(("position", "position"));
const SPAN: Option<(&str, &str)> = Some(("first_position", "last_position"));
/// Where a batch begins and ends is also about the one before it and the one behind it.
const BORDER: Option<(&str, &str)> = Some((
    "(select coalesce(max(b.first_position), 1) from batch b where b.first_position < batch.first_position)",
    "last_position + 1",
));

/// Every column of the file but those of `meta`.
const COLUMNS: &[Column] = &[
    column("event", "position", "position", AT),
    column("event", "position", "record", AT),
    column("event", "position", "leaf", AT),
    column("event", "position", "previous", AT),
    column("batch", "first_position", "first_position", BORDER),
    column("batch", "first_position", "last_position", BORDER),
    column("batch", "first_position", "recorded_at", SPAN),
    column("stream_head", "stream", "stream", AT),
    column("stream_head", "stream", "revision", AT),
    column("stream_head", "stream", "position", AT),
    column("command", "key", "key", AT),
    column("command", "key", "position", AT),
    column("consumer", "name", "name", None),
    column("consumer", "name", "position", None),
    column("consumer", "name", "leaf", None),
    column("consumer", "name", "digest", None),
];

/// One stored value.
struct Cell {
    column: &'static Column,
    key: Value,
    value: Value,
    about: Option<RangeInclusive<u64>>,
}

fn cells(raw: &Connection) -> Vec<Cell> {
    let of_column = |column: &'static Column| {
        let (first, last) = column.about.unwrap_or(("0", "0"));
        let Column { table, key, name, .. } = column;
        let mut statement =
            raw.prepare(&format!("select {key}, {name}, {first}, {last} from {table}")).unwrap();
        let cell = |row: &rusqlite::Row<'_>| {
            let position = |index| row.get(index).map(i64::unsigned_abs);
            let about = position(2)?..=position(3)?;
            Ok(Cell { column, key: row.get(0)?, value: row.get(1)?, about: column.about.map(|_| about) })
        };
        statement.query_map([], cell).unwrap().map(Result::unwrap).collect::<Vec<_>>()
    };
    COLUMNS.iter().flat_map(of_column).collect()
}

impl Cell {
    fn bytes(&self) -> Vec<u8> {
        match ValueRef::from(&self.value) {
            ValueRef::Integer(number) => number.to_be_bytes().to_vec(),
            ValueRef::Text(bytes) | ValueRef::Blob(bytes) => bytes.to_vec(),
            ValueRef::Null | ValueRef::Real(_) => panic!("no table has such values"),
        }
    }

    /// The value of these bytes, and the expression that stores it: bytes that are no text can only be cast to it.
    fn of_bytes(&self, bytes: Vec<u8>) -> (Value, &'static str) {
        match &self.value {
            Value::Integer(_) => (Value::Integer(i64::from_be_bytes(bytes.try_into().unwrap())), "?1"),
            Value::Text(_) => (Value::Blob(bytes), "cast(?1 as text)"),
            Value::Blob(_) => (Value::Blob(bytes), "?1"),
            Value::Null | Value::Real(_) => panic!("no table has such values"),
        }
    }

    /// Changes one byte, runs `look`, and changes it back. A change that would make two rows one is not possible in a
    /// table, so another one is made instead; `None` if none is possible.
    fn flipped<T>(&self, raw: &Connection, index: usize, mask: u8, look: impl FnOnce() -> T) -> Option<T> {
        let Column { table, key, name, .. } = self.column;
        let is_key = name == key;
        for mask in (1..=u8::MAX).cycle().skip(usize::from(mask) - 1).take(255) {
            let mut bytes = self.bytes();
            bytes[index] ^= mask;
            let (value, expression) = self.of_bytes(bytes);
            let update = format!("update {table} set {name} = {expression} where {key} = ?2");
            if raw.prepare_cached(&update).unwrap().execute((&value, &self.key)).is_ok() {
                let outcome = look();
                let (place, now_at) = if is_key { (expression, &value) } else { ("?1", &self.key) };
                let restore = format!("update {table} set {name} = ?2 where {key} = {place}");
                let restored = raw.prepare_cached(&restore).unwrap().execute((now_at, &self.value)).unwrap();
                assert_eq!(restored, 1, "{table}.{name}");
                return Some(outcome);
            }
        }
        None
    }

    /// Whether one of the findings is about this row.
    fn located(&self, mut findings: impl Iterator<Item = (Option<u64>, &'static str)>) -> bool {
        findings.any(|(position, code)| match &self.about {
            Some(about) => position.is_some_and(|position| about.contains(&position)),
            // A name that is no text any more makes its row unreadable.
            None => ["CHECKPOINT_MISMATCH", "ROW_UNREADABLE"].contains(&code),
        })
    }
}

/// A share of the work, done on a log of its own beside the other shares: much of it is waiting for other threads.
const SHARES: usize = 4;

fn shared(work: impl Fn(usize) + Sync) {
    let work = &work;
    std::thread::scope(|scope| {
        for share in 0..SHARES {
            scope.spawn(move || work(share));
        }
    });
}

#[test]
fn any_changed_byte_of_fifty_events_and_their_indexes_is_found_in_its_row() {
    let facts = History::short();
    shared(|share| {
        let written = Written::new(&facts);
        let (raw, store) = (written.raw(), written.open());
        let mut random = Random::seeded(share as u64);
        for cell in cells(&raw).iter().skip(share).step_by(SHARES) {
            for index in 0..cell.bytes().len() {
                inspect_one(&written, (&raw, &store), cell, (index, random.mask()));
            }
        }
        assert!(written.verify_open(&store).holds(), "everything was put back");
    });
}

/// Flips one byte of `cell` and has the store find it. What the store finds, `verify` hands through, as the tests
/// below show.
fn inspect_one(
    written: &Written,
    (raw, store): (&Connection, &SqliteStore),
    cell: &Cell,
    (index, mask): (usize, u8),
) {
    let findings = cell.flipped(raw, index, mask, || written.inspect(store)).unwrap();
    let found = findings.iter();
    let found = found.map(|finding| (finding.position.map(Position::get), finding.code.as_str()));
    assert!(
        cell.located(found),
        "byte {index} of {}.{} of {:?}, mask {mask}: {findings:?}",
        cell.column.table,
        cell.column.name,
        cell.about
    );
}

#[test]
fn verify_finds_a_changed_byte_in_each_value_of_fifty_events() {
    let written = Written::new(&History::short());
    let (raw, store) = (written.raw(), written.open());
    let mut random = Random::seeded(10);
    for cell in cells(&raw) {
        let judged = verify_one(&written, (&raw, &store), &cell, &mut random);
        assert!(judged || cell.bytes().is_empty());
    }
}

#[test]
fn verify_finds_two_thousand_sampled_bytes_of_a_thousand_events() {
    let facts = History::long();
    shared(|share| {
        let written = Written::new(&facts);
        let (raw, store) = (written.raw(), written.open());
        let cells = cells(&raw);
        let lengths = cells.iter().map(|cell| cell.bytes().len());
        let ends: Vec<usize> = lengths
            .scan(0, |end, length| {
                *end += length;
                Some(*end)
            })
            .collect();
        let mut random = Random::seeded(20 + share as u64);
        let mut judged = 0;
        while judged < 2_000 / SHARES {
            let at = random.below(ends[ends.len() - 1]);
            let cell = &cells[ends.partition_point(|end| *end <= at)];
            // In the last byte of a position, every other value may be another row's.
            judged += usize::from(verify_one(&written, (&raw, &store), cell, &mut random));
        }
    });
}

/// Flips one byte of `cell`, any one, and has `verify` find it. Answers whether there was one that can be flipped.
fn verify_one(
    written: &Written,
    (raw, store): (&Connection, &SqliteStore),
    cell: &Cell,
    random: &mut Random,
) -> bool {
    let length = cell.bytes().len();
    if length == 0 {
        return false;
    }
    let (index, mask) = (random.below(length), random.mask());
    let Some(report) = cell.flipped(raw, index, mask, || written.verify_open(store)) else {
        return false;
    };
    let found = report.findings.iter().map(|finding| (finding.position, finding.code));
    assert!(
        cell.located(found),
        "byte {index} of {}.{} of {:?}, mask {mask}: {}",
        cell.column.table,
        cell.column.name,
        cell.about,
        report.text()
    );
    true
}

#[test]
fn a_log_that_says_it_is_anothers_is_found() {
    let written = Written::new(&History::short());
    let raw = written.raw();
    let name: String = raw.query_row("select value from meta", [], |row| row.get(0)).unwrap();
    for index in 0..name.len() {
        let mut bytes = name.clone().into_bytes();
        bytes[index] ^= 1;
        raw.execute("update meta set value = cast(? as text)", [&bytes]).unwrap();
        let report = written.verify();
        assert!(
            report.findings.iter().any(|finding| finding.code == "MARKETPLACE_MISMATCH"),
            "{}",
            report.text()
        );
    }
    raw.execute("update meta set value = ?, name = 'marketplacf'", [&name]).unwrap();
    assert!(SqliteStore::open_read_only(written.path()).is_err());
}
