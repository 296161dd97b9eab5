//! A file of read models, or a log, that was restored from a copy.

use super::house::{House, folded, reach};
use super::log::{Log, OPENING};
use super::market::Market;
use super::pages::drafted;
use crate::{HaltReason, Name, ReadModels, Waited, WorkerHandle};
use eventstore::CheckpointError;
use std::fs;
use std::sync::Arc;

/// Starts a worker, and waits until every read model has reached the log's head or halted.
async fn started(models: &ReadModels, log: &Log) -> WorkerHandle {
    let worker = models.start(Arc::new(log.store.clone())).unwrap();
    for name in Name::ALL {
        let far = crate::Position::LAST;
        let at = if models.status(OPENING)[0].position > log.head() { far } else { log.head() };
        models.wait_for(&[*name], at, super::house::PATIENCE).await;
    }
    worker
}

#[tokio::test]
async fn a_file_of_yesterday_catches_up_without_loss_or_repetition() {
    let mut market = Market::open().await;
    market.journey().await;
    let (models, house) = folded(&market.log).await;
    let yesterday = fs::read(house.path()).unwrap();
    market.journey().await;
    let worker = models.start(Arc::new(market.log.store.clone())).unwrap();
    reach(&models, market.log.head()).await;
    worker.stop().await;
    drop(models);
    let today = house.dump();
    fs::write(house.path(), yesterday).unwrap();
    assert_ne!(house.dump(), today);
    let (_models, worker) = house.follow(&market.log).await;
    worker.stop().await;
    assert_eq!(house.dump(), today);
}

/// A log of drafts whose first three are the same in each, and the others its own.
async fn fork(own: u128, count: u128) -> Log {
    let mut log = Log::new();
    log.append(&(1..=3).map(drafted).collect::<Vec<_>>()).await;
    if count > 0 {
        log.append(&(own..own + count).map(drafted).collect::<Vec<_>>()).await;
    }
    log
}

/// Follows one log, then another; what halted there, and the rows.
async fn moved_over(from: &Log, to: &Log) -> (ReadModels, House, WorkerHandle, Vec<HaltReason>) {
    let (models, house) = folded(from).await;
    let worker = started(&models, to).await;
    let halted = models.status(OPENING).into_iter().filter_map(|status| status.halted).collect();
    (models, house, worker, halted)
}

fn diverged(reason: &HaltReason) -> Option<bool> {
    match reason {
        HaltReason::Diverged(CheckpointError::Diverged { found, .. }) => Some(found.is_some()),
        _ => None,
    }
}

#[tokio::test]
async fn a_file_of_another_history_halts_where_the_log_goes_on_beyond_it() {
    let (ours, theirs) = (fork(100, 4).await, fork(200, 9).await);
    let (_models, house, worker, halted) = moved_over(&ours, &theirs).await;
    worker.stop().await;
    assert_eq!(halted.iter().map(diverged).collect::<Vec<_>>(), vec![Some(true); Name::ALL.len()]);
    assert_eq!(house.dump(), folded(&ours).await.1.dump());
}

#[tokio::test]
async fn a_file_ahead_of_its_log_halts_and_stays_as_it_is() {
    let (longer, shorter) = (fork(100, 4).await, fork(100, 2).await);
    let (_models, house, worker, halted) = moved_over(&longer, &shorter).await;
    worker.stop().await;
    assert_eq!(halted.iter().map(diverged).collect::<Vec<_>>(), vec![Some(false); Name::ALL.len()]);
    assert_eq!(house.dump(), folded(&longer).await.1.dump());
}

#[tokio::test]
async fn a_file_whose_own_position_is_in_the_log_is_not_halted_by_what_follows() {
    let (shorter, longer) = (fork(100, 2).await, fork(100, 4).await);
    let common = fork(200, 0).await;
    for log in [&shorter, &longer] {
        let (_models, house, worker, halted) = moved_over(&common, log).await;
        worker.stop().await;
        assert_eq!(halted, []);
        assert_eq!(house.dump(), folded(log).await.1.dump());
    }
}

#[tokio::test]
async fn read_models_of_another_history_follow_the_log_that_is_there_once_they_are_rebuilt() {
    for theirs in [fork(200, 9).await, fork(100, 2).await] {
        let (models, house, worker, halted) = moved_over(&fork(100, 4).await, &theirs).await;
        assert_eq!(halted.len(), Name::ALL.len());
        let mut log = theirs;
        for name in Name::ALL {
            assert_eq!(models.rebuild(*name, |_, _| {}).await, Ok(log.head()), "{name}");
            log.append(&[drafted(u128::from(1_000 + log.head().get()))]).await;
            assert_eq!(models.wait_for(&[*name], log.head(), super::house::PATIENCE).await, Waited::Reached);
        }
        worker.stop().await;
        assert_eq!(house.dump(), folded(&log).await.1.dump());
    }
}
