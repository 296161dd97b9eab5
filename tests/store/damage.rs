//! Whatever is changed in the stored rows is found, and where.

use std::{fs, path::PathBuf, sync::Arc};

use eventstore::{
    Checkpoint, EventStore, Finding,
    FindingCode::{
        self, BackPointerMismatch, BatchMismatch, CheckpointMismatch, CommandIndexMismatch, CommandScattered,
        EventIdRepeated, IdentityDiffers, LeafMismatch, MarketplaceMismatch, PositionMismatch,
        RecordMalformed, RecordMissing, RecordedAtMismatch, RequestMismatch, RevisionMismatch, SchemaDiffers,
        StreamIndexMismatch,
    },
    Header, OpenError, Position, Record, SqliteStore,
};
use rusqlite::Connection;
use testkit::records::{Event, MARKETPLACE, View, command_key};

use crate::{
    cells::{Cell, bytes_of, flipped},
    scratch::{Scratch, append, raw, records},
};

/// A closed log of seven records in six batches, with a consumer.
async fn closed_log(scratch: &Scratch) -> PathBuf {
    let (directory, mut view) = (scratch.directory(), View::default());
    let store = SqliteStore::open(&directory, MARKETPLACE).unwrap();
    append(&store, &mut view, 1..5).await;
    let batch = view.batch(&[Event::new(5, &["buyer", "order"]), Event::new(5, &["order", "invoice"])]);
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
    let mut statement = connection.prepare("select name from sqlite_schema where type = 'trigger'").unwrap();
    let triggers: Vec<String> =
        statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect();
    drop(statement);
    for trigger in triggers {
        connection.execute_batch(&format!("drop trigger {trigger}")).unwrap();
    }
    (connection, SqliteStore::open_read_only(&directory).unwrap())
}

/// What is found, apart from the triggers that a test has dropped.
pub(crate) async fn findings(store: &SqliteStore) -> Vec<Finding> {
    let mut findings = store.inspect(&|_| ()).await.unwrap();
    findings.retain(|finding| finding.code != SchemaDiffers || !finding.detail.contains("_is_never_"));
    findings
}

#[tokio::test]
async fn every_byte_of_every_stored_value_is_watched() {
    let scratch = Scratch::new();
    let (connection, store) = exposed_log(&scratch).await;
    assert_eq!(findings(&store).await, [], "an exposed log is sound until something is changed");
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
            assert!(located, "byte {index} of {table}.{column} about {about:?}: {found:#?}");
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
    change("delete from event where position in (3, 4)", RecordMissing, Some(3)).await;
    change("delete from event where position = 7", RecordMissing, Some(7)).await;
    change("delete from event", RecordMissing, Some(1)).await;
    change("delete from batch where first_position = 2", BatchMismatch, Some(2)).await;
    change("delete from batch where first_position = 7", BatchMismatch, Some(7)).await;
    change("delete from stream_head where stream = 'buyer'", StreamIndexMismatch, Some(5)).await;
    change("delete from command where position = 4", CommandIndexMismatch, Some(4)).await;
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
    change("insert into stream_head values ('seller', 1, 3)", StreamIndexMismatch, Some(3)).await;
    change("insert into stream_head values ('seller', 1, 300)", StreamIndexMismatch, Some(300)).await;
    change("insert into command values (x'00', 3)", CommandIndexMismatch, Some(3)).await;
    change("insert into command values (x'00', 300)", CommandIndexMismatch, Some(300)).await;
    change("insert into consumer values ('relay', 3, x'00', x'00')", CheckpointMismatch, Some(3)).await;
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
    change("update event set record = substr(record, 1, 40) where position = 4", RecordMalformed, Some(4))
        .await;
    change("update event set leaf = x'' where position = 4", LeafMismatch, Some(4)).await;
    change("update event set previous = x'' where position = 4", BackPointerMismatch, Some(4)).await;
    change("update consumer set leaf = x''", CheckpointMismatch, Some(3)).await;
}

#[tokio::test]
async fn an_altered_definition_is_found() {
    let scratch = Scratch::new();
    for (alteration, name) in [
        ("drop trigger event_is_never_updated", "trigger event_is_never_updated"),
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
            (forged.bytes(), forged.leaf().as_bytes(), i64::try_from(position).unwrap()),
        )
        .unwrap();
    let found = findings(&store).await;
    let wanted =
        |finding: &Finding| finding.code == code && finding.position == Some(Position::new(position));
    assert!(found.iter().any(wanted), "{code}: {found:#?}");
    assert!(found.iter().all(|finding| finding.code != LeafMismatch), "the hash was forged too");
}

#[tokio::test]
async fn a_forged_record_that_contradicts_the_others_is_found() {
    let earlier = View::default().batch(&[Event::new(1, &["order"])]);
    let earlier_id = earlier.records()[0].header().event_id;
    forge(4, |header| header.event_id = earlier_id, EventIdRepeated).await;
    forge(4, |header| header.position = Position::new(5), PositionMismatch).await;
    forge(4, |header| header.marketplace = Arc::from("other"), MarketplaceMismatch).await;
    forge(4, |header| header.recorded_at -= 10_000_000, RecordedAtMismatch).await;
    forge(4, |header| header.recorded_at += 1, RecordedAtMismatch).await;
    forge(4, |header| header.memberships[0].revision += 1, RevisionMismatch).await;
    forge(4, |header| header.memberships[0].stream = Arc::from("seller"), RevisionMismatch).await;
    forge(4, |header| header.command_key = command_key(2), CommandScattered).await;
    forge(4, |header| header.command_key = command_key(77), CommandIndexMismatch).await;
    forge(6, |header| header.request_mac = testkit::records::request_mac(1), RequestMismatch).await;
    forge(3, |header| header.effective_at += 1, CheckpointMismatch).await;
}
