//! Whatever is changed in a stored log is found, and where; and damage is an error, never another answer.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use eventstore::{
    Checkpoint, EventStore, Finding,
    FindingCode::{
        self, BackPointerMismatch, BatchMismatch, CheckpointMismatch, CommandIndexMismatch, CommandScattered,
        EventIdRepeated, IdentityDiffers, LeafMismatch, MarketplaceMismatch, PositionMismatch,
        RecordMalformed, RecordMissing, RecordedAtMismatch, RequestMismatch, RevisionMismatch, RowUnreadable,
        SchemaDiffers, SealDamaged, SealMismatch, StreamIndexMismatch, StructureDamaged,
    },
    Header, OpenError, Position, Record, SqliteStore,
};
use rusqlite::{Connection, types::Value};
use testkit::records::{Event, MARKETPLACE, View, command_key};

use crate::scratch::{Scratch, append, raw, records};

/// A closed log of seven records in six batches, with a consumer.
async fn closed_log(scratch: &Scratch) -> PathBuf {
    let (directory, mut view) = (scratch.directory(), View::default());
    let store = SqliteStore::open(&directory, MARKETPLACE).unwrap();
    append(&store, &mut view, 1..5).await;
    let batch = view.batch(&[
        Event::new(5, &["buyer", "order"]),
        Event::new(5, &["order", "invoice"]),
    ]);
    store.append(batch.clone()).await.unwrap();
    view.adopt(&batch);
    append(&store, &mut view, 6..7).await;
    let third = Checkpoint::at(&records(&store).await[2]);
    store.advance("board", None, third).await.unwrap();
    store.close().await;
    directory
}

/// The same, without the seal and the triggers, open to change behind the store's back, beside a reader.
async fn exposed_log(scratch: &Scratch) -> (Connection, SqliteStore) {
    let directory = closed_log(scratch).await;
    fs::remove_file(directory.join("log.seal")).unwrap();
    let connection = raw(&directory);
    let mut statement = connection
        .prepare("select name from sqlite_schema where type = 'trigger'")
        .unwrap();
    let triggers: Vec<String> = statement
        .query_map([], |row| row.get(0))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    drop(statement);
    for trigger in triggers {
        connection
            .execute_batch(&format!("drop trigger {trigger}"))
            .unwrap();
    }
    (connection, SqliteStore::open_read_only(&directory).unwrap())
}

/// What is found, apart from the triggers that a test has dropped.
async fn findings(store: &SqliteStore) -> Vec<Finding> {
    let mut findings = store.inspect(&|_| ()).await.unwrap();
    findings.retain(|finding| finding.code != SchemaDiffers || !finding.detail.contains("_is_never_"));
    findings
}

fn bytes_of(value: &Value) -> Vec<u8> {
    match value {
        Value::Integer(integer) => integer.to_be_bytes().to_vec(),
        Value::Blob(bytes) => bytes.clone(),
        Value::Null | Value::Real(_) | Value::Text(_) => panic!("{value:?} is not stored in a log"),
    }
}

/// `value` with one bit of its byte `index` turned.
fn flipped(value: &Value, index: usize) -> Value {
    let mut bytes = bytes_of(value);
    bytes[index] ^= 1 << (index % 8);
    match value {
        Value::Integer(_) => Value::Integer(i64::from_be_bytes(bytes.try_into().unwrap())),
        Value::Null | Value::Real(_) | Value::Text(_) | Value::Blob(_) => Value::Blob(bytes),
    }
}

/// A table, its columns (the key first), and the columns that name the first and the last position of a row. Texts
/// are marked: they are read and written as bytes, since a damaged one may be no text.
struct Table {
    name: &'static str,
    columns: &'static [Column],
    about: &'static str,
}

struct Column {
    name: &'static str,
    is_text: bool,
}

const fn plain(name: &'static str) -> Column {
    Column { name, is_text: false }
}

const fn text(name: &'static str) -> Column {
    Column { name, is_text: true }
}

const TABLES: [Table; 6] = [
    Table {
        name: "meta",
        columns: &[text("name"), text("value")],
        about: "0, 0",
    },
    Table {
        name: "event",
        columns: &[
            plain("position"),
            plain("record"),
            plain("leaf"),
            plain("previous"),
        ],
        about: "position, position",
    },
    Table {
        name: "batch",
        columns: &[
            plain("first_position"),
            plain("last_position"),
            plain("recorded_at"),
        ],
        about: "first_position, last_position",
    },
    Table {
        name: "stream_head",
        columns: &[text("stream"), plain("revision"), plain("position")],
        about: "position, position",
    },
    Table {
        name: "command",
        columns: &[plain("key"), plain("position")],
        about: "position, position",
    },
    Table {
        name: "consumer",
        columns: &[text("name"), plain("position"), plain("leaf"), plain("digest")],
        about: "position, position",
    },
];

impl Column {
    fn read(&self) -> String {
        if self.is_text {
            format!("cast({} as blob)", self.name)
        } else {
            self.name.to_owned()
        }
    }

    fn parameter(&self, number: u8) -> String {
        if self.is_text {
            format!("cast(?{number} as text)")
        } else {
            format!("?{number}")
        }
    }
}

/// One stored value.
struct Cell {
    table: &'static Table,
    column: &'static Column,
    key: Value,
    value: Value,
    about: std::ops::RangeInclusive<i64>,
}

impl Cell {
    fn all(connection: &Connection) -> Vec<Self> {
        let read = |(table, column): (&'static Table, &'static Column)| {
            let (key, value) = (table.columns[0].read(), column.read());
            let query = format!("select {key}, {value}, {} from {}", table.about, table.name);
            let mut statement = connection.prepare(&query).unwrap();
            let cells = statement.query_map([], |row| {
                let (key, value, about) = (row.get(0)?, row.get(1)?, row.get(2)?..=row.get(3)?);
                Ok(Self {
                    table,
                    column,
                    key,
                    value,
                    about,
                })
            });
            cells.unwrap().map(Result::unwrap).collect::<Vec<_>>()
        };
        let columns = |table: &'static Table| table.columns.iter().map(move |column| (table, column));
        TABLES.iter().flat_map(columns).flat_map(read).collect()
    }

    /// Writes `value` in the row that now has the key `key`.
    fn write(&self, connection: &Connection, key: &Value, value: &Value) -> rusqlite::Result<usize> {
        let key_column = &self.table.columns[0];
        let update = format!(
            "update {} set {} = {} where {} = {}",
            self.table.name,
            self.column.name,
            self.column.parameter(1),
            key_column.name,
            key_column.parameter(2)
        );
        connection.execute(&update, (value, key))
    }

    /// The key of its row once `value` is written.
    fn key_with<'a>(&'a self, value: &'a Value) -> &'a Value {
        if std::ptr::eq(self.column, &raw const self.table.columns[0]) {
            value
        } else {
            &self.key
        }
    }

    /// Whether `finding` tells where this cell is.
    fn is_located_by(&self, finding: &Finding) -> bool {
        let at = finding
            .position
            .map_or(0, |position| i64::try_from(position.get()).unwrap());
        match self.table.name {
            "meta" => matches!(finding.code, IdentityDiffers | MarketplaceMismatch),
            "consumer" => finding.code == CheckpointMismatch || finding.detail.contains("consumers"),
            _ => self.about.contains(&at),
        }
    }
}

#[tokio::test]
async fn every_byte_of_every_stored_value_is_watched() {
    let scratch = Scratch::new();
    let (connection, store) = exposed_log(&scratch).await;
    assert_eq!(
        findings(&store).await,
        [],
        "an exposed log is sound until something is changed"
    );
    let mut tried = 0;
    for cell in Cell::all(&connection) {
        for index in 0..bytes_of(&cell.value).len() {
            let value = flipped(&cell.value, index);
            // A key that becomes another row's key can't be stored.
            if cell.write(&connection, &cell.key, &value).is_err() {
                continue;
            }
            tried += 1;
            let found = findings(&store).await;
            let (table, column, about) = (cell.table.name, cell.column.name, &cell.about);
            let located = found.iter().any(|finding| cell.is_located_by(finding));
            assert!(
                located,
                "byte {index} of {table}.{column} about {about:?}: {found:#?}"
            );
            assert_eq!(cell.write(&connection, cell.key_with(&value), &cell.value), Ok(1));
        }
    }
    assert_eq!(findings(&store).await, [], "and every change was undone");
    assert!(tried > 2_000, "{tried}");
}

/// Changes an exposed log by `change`, and looks for a finding of `code` about `position`.
async fn change(change: &str, code: FindingCode, position: Option<u64>) {
    let scratch = Scratch::new();
    let (connection, store) = exposed_log(&scratch).await;
    connection.execute_batch(change).unwrap();
    let found = findings(&store).await;
    let wanted = |finding: &Finding| finding.code == code && finding.position == position.map(Position::new);
    assert!(found.iter().any(wanted), "{change}: {found:#?}");
}

#[tokio::test]
async fn a_deleted_row_is_found() {
    change("delete from event where position = 1", RecordMissing, Some(1)).await;
    change(
        "delete from event where position in (3, 4)",
        RecordMissing,
        Some(3),
    )
    .await;
    change("delete from event where position = 7", RecordMissing, Some(7)).await;
    change("delete from event", RecordMissing, Some(1)).await;
    change(
        "delete from batch where first_position = 2",
        BatchMismatch,
        Some(2),
    )
    .await;
    change(
        "delete from batch where first_position = 7",
        BatchMismatch,
        Some(7),
    )
    .await;
    change(
        "delete from stream_head where stream = 'buyer'",
        StreamIndexMismatch,
        Some(5),
    )
    .await;
    change(
        "delete from command where position = 4",
        CommandIndexMismatch,
        Some(4),
    )
    .await;
    change("delete from meta", IdentityDiffers, None).await;
}

#[tokio::test]
async fn an_added_row_is_found() {
    let copy = "insert into event select 8, record, leaf, previous from event where position = 7";
    change(copy, PositionMismatch, Some(8)).await;
    change(
        "insert into event select 0, record, leaf, previous from event where position = 7",
        PositionMismatch,
        Some(0),
    )
    .await;
    change("insert into batch values (8, 9, 0)", RecordMissing, Some(8)).await;
    change(
        "insert into stream_head values ('seller', 1, 3)",
        StreamIndexMismatch,
        Some(3),
    )
    .await;
    change(
        "insert into stream_head values ('seller', 1, 300)",
        StreamIndexMismatch,
        Some(300),
    )
    .await;
    change(
        "insert into command values (x'00', 3)",
        CommandIndexMismatch,
        Some(3),
    )
    .await;
    change(
        "insert into command values (x'00', 300)",
        CommandIndexMismatch,
        Some(300),
    )
    .await;
    change(
        "insert into consumer values ('relay', 3, x'00', x'00')",
        CheckpointMismatch,
        Some(3),
    )
    .await;
}

#[tokio::test]
async fn swapped_rows_are_found() {
    let swap = |columns: &str| {
        format!(
            "create temp table other as select * from event;
             update event set ({columns}) = (select {columns} from temp.other where other.position = 5 - event.position)
             where position in (2, 3);"
        )
    };
    change(&swap("record, leaf, previous"), PositionMismatch, Some(2)).await;
    change(&swap("record"), LeafMismatch, Some(3)).await;
    change(&swap("leaf"), LeafMismatch, Some(2)).await;
    change(&swap("previous"), BackPointerMismatch, Some(3)).await;
}

#[tokio::test]
async fn a_truncated_value_is_found() {
    change(
        "update event set record = substr(record, 1, 40) where position = 4",
        RecordMalformed,
        Some(4),
    )
    .await;
    change(
        "update event set leaf = x'' where position = 4",
        LeafMismatch,
        Some(4),
    )
    .await;
    change(
        "update event set previous = x'' where position = 4",
        BackPointerMismatch,
        Some(4),
    )
    .await;
    change("update consumer set leaf = x''", CheckpointMismatch, Some(3)).await;
}

#[tokio::test]
async fn an_altered_definition_is_found() {
    let scratch = Scratch::new();
    for (alteration, name) in [
        (
            "drop trigger event_is_never_updated",
            "trigger event_is_never_updated",
        ),
        ("create index late on event (leaf)", "index late"),
        ("create table note (text text)", "table note"),
        ("alter table consumer add column note text", "table consumer"),
    ] {
        let directory = closed_log(&scratch).await;
        raw(&directory).execute_batch(alteration).unwrap();
        let store = SqliteStore::open_read_only(&directory).unwrap();
        let found = store.inspect(&|_| ()).await.unwrap();
        let wanted = |finding: &Finding| finding.code == SchemaDiffers && finding.detail.contains(name);
        assert!(found.iter().any(wanted), "{alteration}: {found:#?}");
        let refused = SqliteStore::open(&directory, MARKETPLACE).unwrap_err();
        assert!(matches!(refused, OpenError::Damaged { .. }), "{refused}");
    }
}

/// Writes the record at `position` again as if it had always been like that, hash and all.
async fn forge(position: u64, edit: impl Fn(&mut Header), code: FindingCode) {
    let scratch = Scratch::new();
    let (connection, store) = exposed_log(&scratch).await;
    let true_record = &store.read(Position::new(position - 1), 1).await.unwrap()[0];
    let mut header = true_record.header().clone();
    edit(&mut header);
    let forged = Record::seal(header, true_record.payload());
    assert_ne!(&forged, &**true_record, "the forgery says something else");
    connection
        .execute(
            "update event set record = ?1, leaf = ?2 where position = ?3",
            (
                forged.bytes(),
                forged.leaf().as_bytes(),
                i64::try_from(position).unwrap(),
            ),
        )
        .unwrap();
    let found = findings(&store).await;
    let wanted =
        |finding: &Finding| finding.code == code && finding.position == Some(Position::new(position));
    assert!(found.iter().any(wanted), "{code}: {found:#?}");
    assert!(
        found.iter().all(|finding| finding.code != LeafMismatch),
        "the hash was forged too"
    );
}

#[tokio::test]
async fn a_forged_record_that_contradicts_the_others_is_found() {
    let earlier = View::default().batch(&[Event::new(1, &["order"])]);
    let earlier_id = earlier.records()[0].header().event_id;
    forge(4, |header| header.event_id = earlier_id, EventIdRepeated).await;
    forge(4, |header| header.position = Position::new(5), PositionMismatch).await;
    forge(
        4,
        |header| header.marketplace = Arc::from("other"),
        MarketplaceMismatch,
    )
    .await;
    forge(4, |header| header.recorded_at -= 10_000_000, RecordedAtMismatch).await;
    forge(4, |header| header.recorded_at += 1, RecordedAtMismatch).await;
    forge(4, |header| header.memberships[0].revision += 1, RevisionMismatch).await;
    forge(
        4,
        |header| header.memberships[0].stream = Arc::from("seller"),
        RevisionMismatch,
    )
    .await;
    forge(4, |header| header.command_key = command_key(2), CommandScattered).await;
    forge(
        4,
        |header| header.command_key = command_key(77),
        CommandIndexMismatch,
    )
    .await;
    forge(
        6,
        |header| header.request_mac = testkit::records::request_mac(1),
        RequestMismatch,
    )
    .await;
    forge(3, |header| header.effective_at += 1, CheckpointMismatch).await;
}

/// A closed and sealed log of fifty records.
async fn sealed_log(scratch: &Scratch) -> PathBuf {
    let directory = scratch.directory();
    let store = SqliteStore::open(&directory, MARKETPLACE).unwrap();
    append(&store, &mut View::default(), 1..51).await;
    store.close().await;
    directory
}

fn flip_byte(path: &Path, offset: usize) {
    let mut bytes = fs::read(path).unwrap();
    bytes[offset] ^= 1 << (offset % 8);
    fs::write(path, bytes).unwrap();
}

/// Whether one of `findings` names a range of bytes with `offset` in it.
fn located(findings: &[Finding], offset: usize) -> bool {
    findings
        .iter()
        .filter(|finding| finding.code == SealMismatch)
        .any(|finding| {
            let numbers: Vec<usize> = finding
                .detail
                .split(' ')
                .filter_map(|word| word.parse().ok())
                .collect();
            matches!(numbers[..], [first, last] if (first..=last).contains(&offset))
        })
}

#[tokio::test]
async fn any_byte_of_a_sealed_file_is_watched() {
    let scratch = Scratch::new();
    let directory = sealed_log(&scratch).await;
    let path = directory.join("log.db");
    assert_eq!(SqliteStore::compare_seal(&directory), Ok(Vec::new()));
    let length = usize::try_from(fs::metadata(&path).unwrap().len()).unwrap();
    let sampled = (0..100).chain((100..length).step_by(length / 500));
    for offset in sampled {
        flip_byte(&path, offset);
        assert!(
            located(&SqliteStore::compare_seal(&directory).unwrap(), offset),
            "byte {offset}"
        );
        if let Ok(store) = SqliteStore::open_read_only(&directory) {
            let found = store.inspect(&|_| ()).await.unwrap();
            assert!(located(&found, offset), "byte {offset}: {found:#?}");
        }
        flip_byte(&path, offset);
    }
    assert_eq!(SqliteStore::compare_seal(&directory), Ok(Vec::new()));
}

#[tokio::test]
async fn any_byte_of_the_seal_is_watched() {
    let scratch = Scratch::new();
    let directory = sealed_log(&scratch).await;
    let path = directory.join("log.seal");
    for offset in 0..fs::read(&path).unwrap().len() {
        flip_byte(&path, offset);
        let found = SqliteStore::compare_seal(&directory).unwrap();
        assert_eq!(
            found.first().map(|finding| finding.code),
            Some(SealDamaged),
            "byte {offset}"
        );
        flip_byte(&path, offset);
    }
    fs::write(&path, "").unwrap();
    assert_eq!(SqliteStore::compare_seal(&directory).unwrap().len(), 1);
    fs::remove_file(&path).unwrap();
    assert_eq!(
        SqliteStore::compare_seal(&directory),
        Ok(Vec::new()),
        "a missing seal is no finding"
    );
}

#[tokio::test]
async fn a_damaged_file_gives_errors_and_never_another_answer() {
    let scratch = Scratch::new();
    let directory = sealed_log(&scratch).await;
    fs::remove_file(directory.join("log.seal")).unwrap();
    let path = directory.join("log.db");
    let truth = records(&SqliteStore::open_read_only(&directory).unwrap()).await;
    let length = usize::try_from(fs::metadata(&path).unwrap().len()).unwrap();
    let mut noticed = 0;
    for offset in (0..length).step_by(length / 400) {
        flip_byte(&path, offset);
        if let Ok(store) = SqliteStore::open_read_only(&directory) {
            let found = store.inspect(&|_| ()).await.unwrap();
            match store.read(Position::START, usize::MAX).await {
                Ok(answer) if answer == truth => {}
                Ok(answer) => {
                    assert!(truth.starts_with(&answer), "byte {offset} gives another answer");
                    assert!(!found.is_empty(), "byte {offset} shortens the log unnoticed");
                }
                Err(fault) => assert!(!found.is_empty(), "byte {offset} is no finding, but: {fault}"),
            }
            noticed += usize::from(!found.is_empty());
        }
        flip_byte(&path, offset);
    }
    assert!(noticed > 100, "{noticed}");
}

#[tokio::test]
async fn a_truncated_file_is_refused() {
    let scratch = Scratch::new();
    let directory = sealed_log(&scratch).await;
    let whole = fs::read(directory.join("log.db")).unwrap();
    for length in (0..whole.len()).step_by(whole.len() / 60) {
        fs::write(directory.join("log.db"), &whole[..length]).unwrap();
        for refused in [
            SqliteStore::open(&directory, MARKETPLACE).unwrap_err(),
            SqliteStore::open_read_only(&directory).unwrap_err(),
        ] {
            assert!(
                matches!(refused, OpenError::Damaged { .. } | OpenError::Foreign { .. }),
                "{length} bytes: {refused}"
            );
        }
        assert_eq!(
            fs::read(directory.join("log.db")).unwrap(),
            &whole[..length],
            "and it is left alone"
        );
    }
}

#[tokio::test]
async fn a_broken_page_hides_no_more_than_what_was_on_it() {
    let scratch = Scratch::new();
    let directory = sealed_log(&scratch).await;
    fs::remove_file(directory.join("log.seal")).unwrap();
    let connection = raw(&directory);
    let page: i64 = connection
        .query_row(
            "select pageno from dbstat where name = 'event' and pagetype = 'leaf' limit 1 offset 1",
            [],
            |row| row.get(0),
        )
        .unwrap();
    connection
        .execute_batch(
            "drop trigger event_is_never_updated;
             update event set previous = x'0000000000000001' where position = 50;",
        )
        .unwrap();
    connection.close().unwrap();
    let path = directory.join("log.db");
    let mut bytes = fs::read(&path).unwrap();
    bytes[usize::try_from(page - 1).unwrap() * 4_096] = 0xff;
    fs::write(&path, bytes).unwrap();

    let store = SqliteStore::open_read_only(&directory).unwrap();
    let found = findings(&store).await;
    let of = |code| found.iter().filter(move |finding| finding.code == code);
    assert!(of(StructureDamaged).count() > 0, "{found:#?}");
    let hidden: Vec<_> = of(RowUnreadable).filter_map(|finding| finding.position).collect();
    assert!((2..20).contains(&hidden.len()), "{found:#?}");
    let behind = of(BackPointerMismatch).any(|finding| finding.position == Some(Position::new(50)));
    assert!(behind, "what is behind the page is still inspected: {found:#?}");
    assert!(store.read(Position::START, usize::MAX).await.is_err());
    let before = hidden[0].get() - 1;
    assert_eq!(
        store
            .read(Position::START, usize::try_from(before).unwrap())
            .await
            .unwrap()
            .len() as u64,
        before
    );
}
