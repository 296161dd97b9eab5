//! Opening a file: one of ours, none, or something else.

use super::house::{House, folded};
use super::market::Market;
use crate::{OpenError, ReadModels};
use rusqlite::Connection;
use std::fs;
use std::os::unix::fs::PermissionsExt;

#[test]
fn a_new_file_is_for_its_owner_alone() {
    let house = House::new();
    house.open();
    assert_eq!(fs::metadata(house.path()).unwrap().permissions().mode() & 0o777, 0o600);
}

#[test]
fn a_file_of_ours_opens_again() {
    let house = House::new();
    house.open();
    let before = house.dump();
    house.open();
    assert_eq!(house.dump(), before);
}

#[test]
fn an_empty_file_becomes_ours() {
    let house = House::new();
    fs::write(house.path(), b"").unwrap();
    house.open();
    assert!(!house.dump().is_empty());
}

#[test]
fn a_text_is_not_ours_and_stays_as_it_is() {
    let house = House::new();
    fs::write(house.path(), "my notes").unwrap();
    assert!(matches!(ReadModels::open(&house.path()), Err(OpenError::Foreign { .. })));
    assert_eq!(fs::read(house.path()).unwrap(), b"my notes");
}

#[test]
fn another_programs_database_is_not_ours_and_stays_as_it_is() {
    let house = House::new();
    Connection::open(house.path())
        .unwrap()
        .execute_batch("create table theirs (a); insert into theirs values (1)")
        .unwrap();
    let before = fs::read(house.path()).unwrap();
    assert!(matches!(ReadModels::open(&house.path()), Err(OpenError::Foreign { .. })));
    assert_eq!(fs::read(house.path()).unwrap(), before);
    let beside = fs::read_dir(house.path().parent().unwrap()).unwrap().count();
    assert_eq!(beside, 1, "files were left beside it");
}

#[test]
fn a_directory_is_not_ours() {
    let house = House::new();
    fs::create_dir(house.path()).unwrap();
    assert!(matches!(ReadModels::open(&house.path()), Err(OpenError::Foreign { .. })));
}

#[test]
fn a_missing_directory_is_not_made() {
    let house = House::new();
    let nowhere = house.path().join("read.db");
    assert!(matches!(ReadModels::open(&nowhere), Err(OpenError::Io { .. })));
}

#[test]
fn another_format_is_named() {
    let house = House::new();
    house.open();
    house.tamper("pragma user_version = 9");
    // The header is in the write-ahead log until the last connection is closed, which the line above did.
    assert!(matches!(ReadModels::open(&house.path()), Err(OpenError::Format { found: 9, known: 1, .. })));
}

#[tokio::test]
async fn a_damaged_file_is_named_as_such() {
    let mut market = Market::open().await;
    market.journey().await;
    let (models, house) = folded(&market.log).await;
    drop(models);
    let mut bytes = fs::read(house.path()).unwrap();
    bytes[100..].fill(0xa5);
    fs::write(house.path(), bytes).unwrap();
    assert!(matches!(ReadModels::open(&house.path()), Err(OpenError::Damaged { .. })));
}

#[tokio::test]
async fn a_stopped_worker_leaves_one_file_though_it_was_queried() {
    let mut market = Market::open().await;
    market.journey().await;
    let house = House::new();
    let (models, worker) = house.follow(&market.log).await;
    let query = || models.trial_balance().unwrap();
    let beside = || fs::read_dir(house.path().parent().unwrap()).unwrap().count() - 1;
    let before = query();
    assert_ne!(beside(), 0, "the write-ahead log is there while the worker runs");
    worker.stop().await;
    assert_eq!(beside(), 0);
    assert_eq!(query(), before);
}
