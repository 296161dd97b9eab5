//! Waiting for read models.

use super::house::House;
use super::market::Market;
use crate::progress::Standing;
use crate::{HaltReason, Name, Position, Waited};
use eventstore::LeafHash;
use std::sync::Arc;
use std::time::Duration;

const LONG: Duration = Duration::from_secs(30);

fn standing(name: Name, position: u64) -> Standing {
    let (position, leaf) = (Position::new(position), LeafHash::from_bytes([0; 32]));
    Standing { name, position, leaf, next_recorded_at: None, halted: None }
}

fn halted(name: Name, position: u64) -> Standing {
    let expected = Position::new(position);
    Standing { halted: Some(HaltReason::Fenced { expected }), ..standing(name, position) }
}

fn judge(standings: &[Standing], names: &[Name], position: u64) -> Waited {
    Waited::judge(standings, names, Position::new(position))
}

#[test]
fn only_the_read_models_asked_for_are_waited_for() {
    let standings = [standing(Name::JobBoard, 5), standing(Name::ContractBoard, 2)];
    assert_eq!(judge(&standings, &[Name::JobBoard], 5), Waited::Reached);
    assert_eq!(judge(&standings, &[], 5), Waited::Reached);
}

#[test]
fn the_slowest_of_them_counts() {
    let standings = [standing(Name::JobBoard, 4), standing(Name::ContractBoard, 2)];
    assert_eq!(judge(&standings, Name::ALL, 5), Waited::Stale { at: Position::new(2) });
}

#[test]
fn one_that_halted_before_the_position_will_never_reach_it() {
    let standings = [halted(Name::JobBoard, 4), standing(Name::ContractBoard, 2)];
    assert!(matches!(judge(&standings, Name::ALL, 5), Waited::Halted { name: Name::JobBoard, .. }));
}

#[test]
fn one_that_halted_afterwards_has_reached_it() {
    assert_eq!(judge(&[halted(Name::JobBoard, 4)], Name::ALL, 4), Waited::Reached);
}

#[tokio::test]
async fn a_position_that_is_not_written_yet_is_reached_once_it_is() {
    let (mut market, house) = (Market::open().await, House::new());
    let (models, worker) = house.follow(&market.log).await;
    let next = market.log.head().next();
    let waiting = tokio::spawn({
        let models = models.clone();
        async move { models.wait_for(Name::ALL, next, LONG).await }
    });
    tokio::task::yield_now().await;
    assert!(!waiting.is_finished());
    market.draft("Paint the hall").await;
    assert_eq!(waiting.await.unwrap(), Waited::Reached);
    worker.stop().await;
}

#[tokio::test]
async fn a_position_that_never_comes_is_not_waited_for_longer_than_allowed() {
    let house = House::new();
    let stale = house.open().wait_for(Name::ALL, Position::new(1), Duration::from_millis(1)).await;
    assert_eq!(stale, Waited::Stale { at: Position::START });
}

#[tokio::test]
async fn many_wait_for_one_worker() {
    let (mut market, house) = (Market::open().await, House::new());
    let models = house.open();
    let last = Position::new(3);
    let waiting: Vec<_> = (0..100)
        .map(|_| {
            let models = models.clone();
            tokio::spawn(async move { models.wait_for(Name::ALL, last, LONG).await })
        })
        .collect();
    let worker = models.start(Arc::new(market.log.store.clone())).unwrap();
    market.open_job().await;
    for one in waiting {
        assert_eq!(one.await.unwrap(), Waited::Reached);
    }
    worker.stop().await;
}
