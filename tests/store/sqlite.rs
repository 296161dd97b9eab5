//! What is particular to a log in a directory: the lock, other people's files, crashes, readers beside the writer.

use std::{fs, os::unix::fs::PermissionsExt, path::Path, sync::Arc};

use eventstore::{
    AppendError, Checkpoint, Durability, EventStore, FaultKind, OpenError, Position, SqliteStore,
};
use rusqlite::Connection;
use testkit::records::{Event, MARKETPLACE, View};

use crate::scratch::{Scratch, append, contents, raw, records};

fn open(directory: &Path) -> Result<SqliteStore, OpenError> {
    SqliteStore::open(directory, MARKETPLACE)
}

#[tokio::test]
async fn every_commit_is_flushed_before_it_is_acknowledged() {
    let scratch = Scratch::new();
    let store = open(&scratch.directory()).unwrap();
    let flushed = Durability { journal_mode: "wal".to_owned(), synchronous: 2, autocheckpoint_pages: 0 };
    assert_eq!(store.durability().await, Ok(flushed));
}

#[tokio::test]
async fn reopening_preserves_everything() {
    let scratch = Scratch::new();
    let (directory, mut view) = (scratch.directory(), View::default());
    let store = open(&directory).unwrap();
    append(&store, &mut view, 1..30).await;
    let written = records(&store).await;
    let checkpoint = Checkpoint::at(&written[4]);
    store.advance("board", None, checkpoint).await.unwrap();
    store.close().await;
    for _ in 0..2 {
        let store = open(&directory).unwrap();
        assert_eq!(store.head().await, Ok(view.head()));
        assert_eq!(records(&store).await, written);
        assert_eq!(store.checkpoint("board").await, Ok(Some(checkpoint)));
        assert_eq!(store.inspect(&|_| ()).await, Ok(Vec::new()));
        store.close().await;
    }
    let store = open(&directory).unwrap();
    append(&store, &mut view, 30..31).await;
    assert_eq!(records(&store).await.len(), 30);
}

#[tokio::test]
async fn dropping_the_last_handle_frees_the_store() {
    let scratch = Scratch::new();
    let directory = scratch.directory();
    let store = open(&directory).unwrap();
    let mut subscription = store.clone().subscribe(Position::START);
    drop(store);
    assert_eq!(subscription.next().await.map_err(|fault| fault.kind), Err(FaultKind::Closed));
    open(&directory).unwrap();
}

#[tokio::test]
async fn the_files_are_for_their_owner_alone() {
    let scratch = Scratch::new();
    let directory = scratch.directory().join("deep").join("down");
    let store = open(&directory).unwrap();
    append(&store, &mut View::default(), 1..3).await;
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&directory), 0o700);
    for name in contents(&directory).keys() {
        assert_eq!(mode(&directory.join(name)), 0o600, "{name}");
    }
}

#[tokio::test]
async fn a_second_writer_is_told_which_process_is_the_first() {
    let scratch = Scratch::new();
    let directory = scratch.directory();
    let store = open(&directory).unwrap();
    append(&store, &mut View::default(), 1..3).await;
    let refused = open(&directory).unwrap_err();
    let own = std::process::id();
    assert!(
        matches!(refused, OpenError::InUse { process: Some(process), .. } if process == own),
        "{refused}"
    );
    assert!(refused.to_string().contains(&format!("in use by process {own}")), "{refused}");
    store.close().await;
    open(&directory).unwrap();
}

#[tokio::test]
async fn another_marketplaces_log_is_refused_and_left_alone() {
    let scratch = Scratch::new();
    let directory = scratch.directory();
    let store = open(&directory).unwrap();
    append(&store, &mut View::default(), 1..3).await;
    store.close().await;
    let before = contents(&directory);
    let refused = SqliteStore::open(&directory, "other").unwrap_err();
    assert!(matches!(refused, OpenError::MarketplaceMismatch { .. }), "{refused}");
    assert_eq!(contents(&directory), before);
    for name in ["", &"x".repeat(65)] {
        let refused = SqliteStore::open(&directory, name).unwrap_err();
        assert!(matches!(refused, OpenError::BadMarketplace { .. }), "{refused}");
    }
}

/// Puts what `make` makes where the log should be, and shows that it is refused and stays as it is.
fn foreign(make: impl Fn(&Path)) {
    let scratch = Scratch::new();
    let directory = scratch.directory();
    fs::create_dir(&directory).unwrap();
    make(&directory);
    let before = contents(&directory);
    for refused in [open(&directory).unwrap_err(), SqliteStore::open_read_only(&directory).unwrap_err()] {
        assert!(matches!(refused, OpenError::Foreign { .. }), "{refused}");
    }
    assert_eq!(contents(&directory), before);
}

#[test]
fn a_text_file_is_not_a_log() {
    foreign(|directory| fs::write(directory.join("log.db"), "dear diary").unwrap());
}

#[test]
fn another_applications_database_is_not_a_log() {
    foreign(|directory| {
        let connection = Connection::open(directory.join("log.db")).unwrap();
        connection.execute_batch("pragma journal_mode = wal; create table song (title text)").unwrap();
    });
}

#[test]
fn a_directory_is_not_a_log() {
    foreign(|directory| fs::create_dir(directory.join("log.db")).unwrap());
}

#[test]
fn a_link_to_a_log_is_not_a_log() {
    let scratch = Scratch::new();
    let target = scratch.directory();
    drop(open(&target).unwrap());
    foreign(|directory| std::os::unix::fs::symlink(target.join("log.db"), directory.join("log.db")).unwrap());
}

#[test]
fn a_file_is_not_a_directory() {
    let scratch = Scratch::new();
    let path = scratch.directory();
    fs::write(&path, "dear diary").unwrap();
    let refused = open(&path).unwrap_err();
    assert!(matches!(refused, OpenError::Foreign { .. }), "{refused}");
    assert_eq!(fs::read(&path).unwrap(), b"dear diary");
}

#[test]
fn somebody_elses_lock_file_is_left_alone() {
    let scratch = Scratch::new();
    let directory = scratch.directory();
    fs::create_dir(&directory).unwrap();
    fs::write(directory.join("lock"), "door code 1234").unwrap();
    let before = contents(&directory);
    let refused = open(&directory).unwrap_err();
    assert!(matches!(refused, OpenError::Foreign { .. }), "{refused}");
    assert_eq!(contents(&directory), before);
}

#[test]
fn a_log_of_a_later_version_is_left_alone() {
    let scratch = Scratch::new();
    let directory = scratch.directory();
    drop(open(&directory).unwrap());
    raw(&directory).execute_batch("pragma user_version = 2").unwrap();
    let before = contents(&directory);
    let refused = open(&directory).unwrap_err();
    assert!(matches!(refused, OpenError::NewerFormat { found: 2, known: 1, .. }), "{refused}");
    assert_eq!(contents(&directory), before);
}

#[test]
fn a_log_whose_file_is_gone_is_not_begun_again() {
    let scratch = Scratch::new();
    let directory = scratch.directory();
    drop(open(&directory).unwrap());
    fs::remove_file(directory.join("log.db")).unwrap();
    let refused = open(&directory).unwrap_err();
    assert!(matches!(refused, OpenError::Damaged { .. }), "{refused}");
}

#[test]
fn reading_makes_no_log() {
    let scratch = Scratch::new();
    let directory = scratch.directory();
    let refused = SqliteStore::open_read_only(&directory).unwrap_err();
    assert!(matches!(refused, OpenError::Absent { .. }), "{refused}");
    assert!(!directory.exists());
}

#[tokio::test]
async fn reading_a_closed_log_changes_no_file() {
    let scratch = Scratch::new();
    let directory = scratch.directory();
    let store = open(&directory).unwrap();
    append(&store, &mut View::default(), 1..10).await;
    store.close().await;
    let before = contents(&directory);
    let reader = SqliteStore::open_read_only(&directory).unwrap();
    assert_eq!(records(&reader).await.len(), 9);
    assert_eq!(reader.inspect(&|_| ()).await, Ok(Vec::new()));
    assert_eq!(contents(&directory), before);
    reader.close().await;
    assert_eq!(contents(&directory), before);
}

#[tokio::test]
async fn a_reader_writes_nothing() {
    let scratch = Scratch::new();
    let (directory, mut view) = (scratch.directory(), View::default());
    let store = open(&directory).unwrap();
    append(&store, &mut view, 1..3).await;
    let reader = SqliteStore::open_read_only(&directory).unwrap();
    let refused = reader.append(view.batch(&[Event::new(9, &["order"])])).await;
    assert!(matches!(refused, Err(AppendError::Refused(fault)) if fault.kind == FaultKind::ReadOnly));
    let checkpoint = Checkpoint::at(&records(&store).await[0]);
    assert!(reader.advance("board", None, checkpoint).await.is_err());
    assert_eq!(reader.durability().await.map_err(|fault| fault.kind), Err(FaultKind::ReadOnly));
    assert_eq!(store.head().await, Ok(view.head()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reader_beside_the_writer_sees_a_prefix_that_only_grows() {
    let scratch = Scratch::new();
    let (directory, mut view) = (scratch.directory(), View::default());
    let store = open(&directory).unwrap();
    append(&store, &mut view, 1..2).await;
    let reader = SqliteStore::open_read_only(&directory).unwrap();
    let mut subscription = reader.subscribe(Position::START);
    let writing = tokio::spawn({
        let store = store.clone();
        async move {
            append(&store, &mut view, 2..400).await;
            view
        }
    });
    let mut seen = Vec::new();
    let mut findings = Vec::new();
    while !writing.is_finished() {
        let now = records(&reader).await;
        assert!(now.starts_with(&seen), "what was seen stays");
        assert!(reader.head().await.unwrap().position.get() >= now.len() as u64);
        findings.extend(reader.inspect(&|_| ()).await.unwrap());
        seen = now;
    }
    let view = writing.await.unwrap();
    assert_eq!(findings, []);
    assert_eq!(records(&reader).await, records(&store).await);
    assert_eq!(reader.head().await, Ok(view.head()));
    let mut followed = Vec::new();
    while subscription.position() < view.head().position {
        followed.extend(subscription.next().await.unwrap());
    }
    assert_eq!(followed, records(&store).await);
}

#[tokio::test]
async fn a_reader_of_a_closed_log_notices_a_writer() {
    let scratch = Scratch::new();
    let (directory, mut view) = (scratch.directory(), View::default());
    let store = open(&directory).unwrap();
    append(&store, &mut view, 1..3).await;
    store.close().await;
    let reader = SqliteStore::open_read_only(&directory).unwrap();
    assert_eq!(records(&reader).await.len(), 2);
    let store = open(&directory).unwrap();
    append(&store, &mut view, 3..9).await;
    assert_eq!(records(&reader).await.len(), 8);
    store.close().await;
    assert_eq!(records(&reader).await.len(), 8);
    assert_eq!(reader.inspect(&|_| ()).await, Ok(Vec::new()));
}

#[tokio::test]
async fn what_a_killed_process_acknowledged_is_there() {
    let scratch = Scratch::new();
    let (directory, mut view) = (scratch.directory(), View::default());
    let store = open(&directory).unwrap();
    append(&store, &mut view, 1..40).await;
    let left = scratch.copy(&directory);
    assert!(fs::metadata(left.join("log.db-wal")).unwrap().len() > 0, "nothing was put in order");
    let reader = SqliteStore::open_read_only(&left).unwrap();
    assert_eq!(records(&reader).await, records(&store).await);
    let reopened = open(&left).unwrap();
    assert_eq!(reopened.head().await, Ok(view.head()));
    assert_eq!(records(&reopened).await, records(&store).await);
    assert_eq!(reopened.inspect(&|_| ()).await, Ok(Vec::new()));
    append(&reopened, &mut view, 40..41).await;
}

/// What stands in the log's file by itself, without its write-ahead log.
async fn without_write_ahead_log(scratch: &Scratch, directory: &Path) -> usize {
    let copy = scratch.copy(directory);
    let _ = fs::remove_file(copy.join("log.db-wal"));
    records(&SqliteStore::open_read_only(&copy).unwrap()).await.len()
}

#[tokio::test]
async fn what_was_recovered_is_moved_and_flushed_before_anything_is_answered() {
    let scratch = Scratch::new();
    let directory = scratch.directory();
    let store = open(&directory).unwrap();
    append(&store, &mut View::default(), 1..40).await;
    let left = scratch.copy(&directory);
    assert_eq!(without_write_ahead_log(&scratch, &left).await, 0, "nothing was moved before");
    let reopened = open(&left).unwrap();
    assert_eq!(without_write_ahead_log(&scratch, &left).await, 39);
    assert_eq!(fs::metadata(left.join("log.db-wal")).unwrap().len(), 0);
    drop(reopened);
}

#[tokio::test]
async fn a_reader_that_keeps_the_write_ahead_log_does_not_keep_a_store_from_opening() {
    let scratch = Scratch::new();
    let (directory, mut view) = (scratch.directory(), View::default());
    let store = open(&directory).unwrap();
    append(&store, &mut view, 1..40).await;
    let left = scratch.copy(&directory);
    let reader = raw(&left);
    reader.execute_batch("begin; select max(position) from event").unwrap();
    let reopened = open(&left).unwrap();
    assert!(fs::metadata(left.join("log.db-wal")).unwrap().len() > 0, "the reader stood in the way");
    append(&reopened, &mut view, 40..41).await;
    assert_eq!(records(&reopened).await.len(), 40);
}

#[tokio::test]
async fn a_torn_write_ahead_log_loses_whole_batches_from_its_end() {
    let scratch = Scratch::new();
    let (directory, mut view) = (scratch.directory(), View::default());
    let store = open(&directory).unwrap();
    for command in 0..12 {
        let batch = view.batch(&vec![Event::new(command, &["order", "invoice"]); 3]);
        store.append(batch.clone()).await.unwrap();
        view.adopt(&batch);
    }
    let all = records(&store).await;
    let whole = fs::metadata(directory.join("log.db-wal")).unwrap().len();
    let mut survivors = Vec::new();
    for cut in (0..=whole).step_by(7_001) {
        let left = scratch.copy(&directory);
        fs::OpenOptions::new().write(true).open(left.join("log.db-wal")).unwrap().set_len(cut).unwrap();
        let reopened = open(&left).unwrap();
        let found = records(&reopened).await;
        assert!(
            all.starts_with(&found) && found.len() % 3 == 0,
            "{} records after a cut at {cut}",
            found.len()
        );
        assert_eq!(reopened.inspect(&|_| ()).await, Ok(Vec::new()));
        survivors.push(found.len());
    }
    assert!(
        survivors.is_sorted() && survivors.first() == Some(&0) && survivors.last() > Some(&30),
        "{survivors:?}"
    );
}

#[tokio::test]
async fn the_write_ahead_log_is_moved_into_the_file_while_the_store_is_open() {
    let scratch = Scratch::new();
    let (directory, mut view) = (scratch.directory(), View::default());
    let store = open(&directory).unwrap();
    let empty = fs::metadata(directory.join("log.db")).unwrap().len();
    for command in 0..24 {
        let events = vec![Event { payload: vec![b'x'; 4_000], ..Event::new(command, &["order"]) }; 1_000];
        let batch = view.batch(&events);
        store.append(batch.clone()).await.unwrap();
        view.adopt(&batch);
    }
    assert!(fs::metadata(directory.join("log.db")).unwrap().len() > empty + 8 * 1024 * 1024);
    let bound = 64 * 1024 * 1024 + 16 * 1024 * 1024;
    assert!(fs::metadata(directory.join("log.db-wal")).unwrap().len() < bound);
    assert_eq!(store.inspect(&|_| ()).await, Ok(Vec::new()));
}

#[tokio::test]
async fn nobody_updates_or_deletes_what_was_recorded() {
    let scratch = Scratch::new();
    let directory = scratch.directory();
    let store = open(&directory).unwrap();
    append(&store, &mut View::default(), 1..4).await;
    store.close().await;
    let connection = raw(&directory);
    for (change, allowed) in [
        ("update event set previous = x'00'", false),
        ("delete from event where position = 2", false),
        ("update batch set recorded_at = 0", false),
        ("delete from batch", false),
        ("update command set position = 1", false),
        ("delete from command", false),
        ("delete from stream_head", false),
        ("update meta set value = 'other'", false),
        ("delete from meta", false),
        ("update stream_head set revision = revision", true),
    ] {
        assert_eq!(connection.execute_batch(change).is_ok(), allowed, "{change}");
    }
}

#[tokio::test]
async fn a_seal_stands_exactly_while_the_log_is_as_it_was_closed() {
    let scratch = Scratch::new();
    let (directory, mut view) = (scratch.directory(), View::default());
    let seal = directory.join("log.seal");
    let store = open(&directory).unwrap();
    append(&store, &mut view, 1..3).await;
    assert!(!seal.exists());
    store.close().await;
    let text = fs::read(&seal).unwrap();
    let store = open(&directory).unwrap();
    assert!(seal.exists(), "opening writes nothing");
    store.close().await;
    assert_eq!(fs::read(&seal).unwrap(), text);
    let store = open(&directory).unwrap();
    let leaf = Checkpoint::at(&records(&store).await[0]);
    store.advance("board", None, leaf).await.unwrap();
    assert!(!seal.exists(), "a checkpoint is a write");
    store.close().await;
    assert_ne!(fs::read(&seal).unwrap(), text);
    assert_eq!(SqliteStore::compare_seal(&directory), Ok(Vec::new()));
}

#[tokio::test]
async fn one_record_is_shared_by_everybody_who_follows() {
    let scratch = Scratch::new();
    let (store, mut view) = (open(&scratch.directory()).unwrap(), View::default());
    append(&store, &mut view, 1..3).await;
    let head = view.head().position;
    let [mut first, mut second] = [store.subscribe(head), store.subscribe(head)];
    append(&store, &mut view, 3..4).await;
    let (first, second) = (first.next().await.unwrap(), second.next().await.unwrap());
    assert!(Arc::ptr_eq(&first[0], &second[0]), "nobody has read it again");
}
