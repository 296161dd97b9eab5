//! Changed bytes of the log's file itself are found, and where; and damage is an error, never another answer.

use std::{
    fs,
    path::{Path, PathBuf},
};

use eventstore::{
    EventStore, Finding,
    FindingCode::{BackPointerMismatch, RowUnreadable, SealDamaged, SealMismatch, StructureDamaged},
    OpenError, Position, SqliteStore,
};
use testkit::records::{MARKETPLACE, View};

use crate::{
    damage::findings,
    scratch::{Scratch, append, raw, records},
};

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
    findings.iter().filter(|finding| finding.code == SealMismatch).any(|finding| {
        let numbers: Vec<usize> = finding.detail.split(' ').filter_map(|word| word.parse().ok()).collect();
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
        assert!(located(&SqliteStore::compare_seal(&directory).unwrap(), offset), "byte {offset}");
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
        assert_eq!(found.first().map(|finding| finding.code), Some(SealDamaged), "byte {offset}");
        flip_byte(&path, offset);
    }
    fs::write(&path, "").unwrap();
    assert_eq!(SqliteStore::compare_seal(&directory).unwrap().len(), 1);
    fs::remove_file(&path).unwrap();
    assert_eq!(SqliteStore::compare_seal(&directory), Ok(Vec::new()), "a missing seal is no finding");
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
        assert_eq!(fs::read(directory.join("log.db")).unwrap(), &whole[..length], "and it is left alone");
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
        store.read(Position::START, usize::try_from(before).unwrap()).await.unwrap().len() as u64,
        before
    );
}
