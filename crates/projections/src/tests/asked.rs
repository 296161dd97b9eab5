//! Rebuilds that are asked for and go on by themselves.

use super::house::{House, PATIENCE, folded, reach};
use super::market::Market;
use crate::{Name, Position, Rebuild, RebuildError, RebuildState, Rebuilds};
use std::time::{Duration, Instant};

fn at(position: u64) -> Position {
    Position::new(position)
}

/// The rebuild of this read model, once it is neither waiting nor under way.
async fn ended(rebuilds: &Rebuilds, name: Name) -> Rebuild {
    let begun = Instant::now();
    loop {
        let rebuild = rebuilds.of(name).unwrap();
        match rebuild.state {
            RebuildState::Done | RebuildState::Failed(_) => return rebuild,
            RebuildState::Waiting | RebuildState::Running => {}
        }
        assert!(begun.elapsed() < PATIENCE, "{rebuild:?} has no end");
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

#[tokio::test]
async fn everything_that_is_asked_for_at_once_is_rebuilt_in_turn() {
    let (mut market, house) = (Market::open().await, House::new());
    market.everything().await;
    let (models, worker) = house.follow(&market.log).await;
    house.tamper("update job_board set headcount = 9; update contract_board set policy_version = 77");
    let (rebuilds, head) = (Rebuilds::start(models.clone()), market.log.head());
    for name in Name::ALL {
        assert_eq!(rebuilds.of(*name), None);
        assert_eq!(rebuilds.ask(*name, head).state, RebuildState::Waiting, "{name}");
    }
    for name in Name::ALL {
        let done =
            Rebuild { name: *name, requested_at: head, position: head, head, state: RebuildState::Done };
        assert_eq!(ended(&rebuilds, *name).await, done);
    }
    assert_eq!(rebuilds.all().len(), Name::ALL.len());
    reach(&models, head).await;
    rebuilds.stop().await;
    worker.stop().await;
    assert_eq!(house.dump(), folded(&market.log).await.1.dump());
}

#[tokio::test]
async fn a_second_request_for_what_waits_is_answered_with_it_and_starts_nothing() {
    let (mut market, house) = (Market::open().await, House::new());
    market.journey().await;
    let (models, worker) = house.follow(&market.log).await;
    let rebuilds = Rebuilds::start(models);
    // Nothing else runs on this thread before the next wait, so the first one still waits.
    let first = rebuilds.ask(Name::JobBoard, at(3));
    let second = rebuilds.ask(Name::JobBoard, at(4));
    assert_eq!(second, Rebuild { requested_at: at(4), ..first });
    assert_eq!(ended(&rebuilds, Name::JobBoard).await.state, RebuildState::Done);
    assert_eq!(rebuilds.all().len(), 1);
    worker.stop().await;
}

#[tokio::test]
async fn a_request_that_was_heard_starts_nothing_again_and_a_new_one_does() {
    let (mut market, house) = (Market::open().await, House::new());
    market.journey().await;
    let (models, worker) = house.follow(&market.log).await;
    let rebuilds = Rebuilds::start(models);
    rebuilds.ask(Name::JobBoard, at(5));
    ended(&rebuilds, Name::JobBoard).await;
    for heard in [4, 5] {
        let again = rebuilds.ask(Name::JobBoard, at(heard));
        assert_eq!((again.state, again.requested_at), (RebuildState::Done, at(5)));
    }
    assert_eq!(rebuilds.ask(Name::JobBoard, at(6)).state, RebuildState::Waiting);
    assert_eq!(ended(&rebuilds, Name::JobBoard).await.requested_at, at(6));
    worker.stop().await;
}

#[tokio::test]
async fn one_that_fails_says_why_and_may_be_asked_for_again() {
    let (mut market, house) = (Market::open().await, House::new());
    market.journey().await;
    let (models, worker) = house.follow(&market.log).await;
    let rebuilds = Rebuilds::start(models.clone());
    worker.stop().await;
    rebuilds.ask(Name::JobBoard, at(1));
    let failed = RebuildState::Failed(RebuildError::NoWorker);
    assert_eq!(ended(&rebuilds, Name::JobBoard).await.state, failed);
    let worker = models.start(std::sync::Arc::new(market.log.store.clone())).unwrap();
    rebuilds.ask(Name::JobBoard, at(2));
    assert_eq!(ended(&rebuilds, Name::JobBoard).await.state, RebuildState::Done);
    worker.stop().await;
}

#[tokio::test]
async fn a_rebuild_that_the_stop_breaks_off_leaves_no_file_and_the_rows_as_they_were() {
    let (mut market, house) = (Market::open().await, House::new());
    market.everything().await;
    let (models, worker) = house.follow(&market.log).await;
    let sound = house.dump();
    let rebuilds = Rebuilds::start(models);
    for name in Name::ALL {
        rebuilds.ask(*name, at(1));
    }
    // Lets the first one begin.
    tokio::task::yield_now().await;
    rebuilds.stop().await;
    assert_eq!(house.left_over(), Vec::<String>::new());
    worker.stop().await;
    assert_eq!(house.dump(), sound);
}

#[tokio::test]
async fn what_is_asked_for_after_the_stop_fails_at_once() {
    let rebuilds = Rebuilds::start(House::new().open());
    rebuilds.stop().await;
    let refused = RebuildState::Failed(RebuildError::NoWorker);
    assert_eq!(rebuilds.ask(Name::JobBoard, at(1)).state, refused);
}
