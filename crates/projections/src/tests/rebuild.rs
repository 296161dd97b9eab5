//! Rows follow from the log alone, however they came about.

use super::house::{House, folded, reach};
use super::log::Log;
use super::market::Market;
use super::pages::drafted;
use crate::{Name, Position, StartError};
use domain::id::JobId;
use eventstore::{Batch, EventStore, MemoryStore};
use std::sync::Arc;

/// The rows of the whole log, folded in one go.
async fn rebuilt(log: &Log) -> Vec<String> {
    folded(log).await.1.dump()
}

/// A copy of the log that ends at `position`.
async fn cut(log: &Log, position: u64) -> MemoryStore {
    let copy = MemoryStore::new("test");
    copy_on(log, &copy, position).await;
    copy
}

/// Appends what `copy` lacks up to `position`, batch by batch.
async fn copy_on(log: &Log, copy: &MemoryStore, position: u64) {
    loop {
        let head = copy.head().await.unwrap();
        let missing = usize::try_from(position - head.position.get()).unwrap();
        let mut records = log.store.read(head.position, missing).await.unwrap();
        let Some(recorded_at) = records.first().map(|first| first.header().recorded_at) else {
            return;
        };
        records.retain(|record| record.header().recorded_at == recorded_at);
        copy.append(Batch::new(head.position, recorded_at, records).unwrap()).await.unwrap();
    }
}

#[tokio::test]
async fn rows_followed_event_by_event_are_those_folded_at_once() {
    let mut market = Market::open().await;
    market.everything().await;
    let (copy, house) = (MemoryStore::new("test"), House::new());
    let models = house.open();
    let worker = models.start(Arc::new(copy.clone())).unwrap();
    for position in 1..=market.log.head().get() {
        copy_on(&market.log, &copy, position).await;
        reach(&models, copy.head().await.unwrap().position).await;
    }
    worker.stop().await;
    assert_eq!(house.dump(), rebuilt(&market.log).await);
}

#[tokio::test]
async fn a_file_left_at_any_event_is_taken_up_without_loss_or_repetition() {
    let mut market = Market::open().await;
    market.everything().await;
    let (copy, house) = (MemoryStore::new("test"), House::new());
    for position in 1..=market.log.head().get() {
        copy_on(&market.log, &copy, position).await;
        let models = house.open();
        let worker = models.start(Arc::new(copy.clone())).unwrap();
        reach(&models, copy.head().await.unwrap().position).await;
        // Dropped, neither the worker nor the file is put in order.
        drop((models, worker));
    }
    assert_eq!(house.dump(), rebuilt(&market.log).await);
}

#[tokio::test]
async fn a_file_left_at_any_event_and_folded_on_at_once_is_the_same() {
    let mut market = Market::open().await;
    market.journey().await;
    let whole = rebuilt(&market.log).await;
    for position in 1..market.log.head().get() {
        let (copy, house) = (cut(&market.log, position).await, House::new());
        let models = house.open();
        let worker = models.start(Arc::new(copy.clone())).unwrap();
        reach(&models, copy.head().await.unwrap().position).await;
        worker.stop().await;
        copy_on(&market.log, &copy, market.log.head().get()).await;
        let worker = models.start(Arc::new(copy)).unwrap();
        reach(&models, market.log.head()).await;
        worker.stop().await;
        assert_eq!(house.dump(), whole, "left at {position}");
    }
}

#[tokio::test]
async fn a_read_model_of_another_version_is_folded_anew() {
    let mut market = Market::open().await;
    market.journey().await;
    let (models, house) = folded(&market.log).await;
    let rows = house.dump();
    drop(models);
    house.tamper("update checkpoint set version = 0 where name = 'contract_board'; update contract_board set status = 'active', policy_version = 77; drop table contract_board_party;");
    let (_models, worker) = house.follow(&market.log).await;
    worker.stop().await;
    assert_eq!(house.dump(), rows);
}

#[tokio::test]
async fn read_models_at_different_positions_come_to_the_same() {
    let mut market = Market::open().await;
    market.agree(&[250_000, 30_000]).await;
    let (models, house) = folded(&market.log).await;
    drop(models);
    house.tamper("update checkpoint set version = 0 where name in ('job_board', 'account_balances')");
    let half = house.open();
    assert_eq!(
        half.status(market.log.now()).iter().map(|status| status.position).min(),
        Some(Position::START)
    );
    market.agree(&[1]).await;
    let worker = half.start(Arc::new(market.log.store.clone())).unwrap();
    reach(&half, market.log.head()).await;
    worker.stop().await;
    assert_eq!(house.dump(), rebuilt(&market.log).await);
}

#[tokio::test]
async fn a_stopped_worker_can_be_followed_by_another() {
    let mut market = Market::open().await;
    let (models, house) = folded(&market.log).await;
    market.everything().await;
    let worker = models.start(Arc::new(market.log.store.clone())).unwrap();
    reach(&models, market.log.head()).await;
    worker.stop().await;
    assert_eq!(house.dump(), rebuilt(&market.log).await);
}

#[tokio::test]
async fn there_is_one_worker_at_a_time() {
    let (market, house) = (Market::open().await, House::new());
    let (models, worker) = house.follow(&market.log).await;
    let second = models.start(Arc::new(market.log.store.clone()));
    assert!(matches!(second, Err(StartError::Running)));
    worker.stop().await;
}

#[tokio::test]
async fn more_events_than_a_page_holds_are_all_applied() {
    let mut log = Log::new();
    let events: Vec<_> = (0..8_000_u128).map(drafted).collect();
    log.append(&events).await;
    let events: Vec<_> = (8_000..16_000_u128).map(drafted).collect();
    log.append(&events).await;
    let (models, _house) = folded(&log).await;
    let positions: Vec<_> = models.status(log.now()).iter().map(|status| status.position).collect();
    assert_eq!(positions, vec![Position::new(16_000); Name::ALL.len()]);
    assert!(models.job(JobId::from_u128(15_999)).unwrap().is_some());
}
