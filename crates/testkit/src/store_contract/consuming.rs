//! Subscriptions and checkpoints.

use std::sync::Arc;

use eventstore::{
    Checkpoint, CheckpointError, EVENTS_PER_BATCH_MAX, EventStore, FaultKind, LeafHash, PAGE_MAX, Position,
    Record, Subscription, confirm_checkpoint,
};

use super::{record, store_of};
use crate::{
    records::{Event, View, sound},
    store_model::{Outcome, read_all},
};

/// Takes from `subscription`, which has delivered everything up to `after`, until `last` was delivered.
async fn take_to(subscription: &mut Subscription, after: Position, last: Position) -> Vec<Arc<Record>> {
    let mut taken: Vec<Arc<Record>> = Vec::new();
    while taken.last().map_or(after, |record| record.position()) < last {
        let next = sound(subscription.next().await);
        assert!(!next.is_empty(), "a delivery is never empty");
        taken.extend(next);
    }
    assert_eq!(subscription.position(), last);
    taken
}

/// Whatever the position, a subscription delivers all that follows it, past and future, once and in order.
pub async fn a_subscription_starts_anywhere_and_follows_the_appends<S: EventStore>(make: impl Fn() -> S) {
    let (store, mut view, mut records) = store_of(&make, 5).await;
    let mut subscriptions: Vec<_> =
        (0..=7).map(|after| (store.subscribe(Position::new(after)), Vec::new())).collect();
    // Some have caught up before the next appends, and some have not begun.
    for (subscription, taken) in subscriptions.iter_mut().take(3) {
        taken.extend(sound(subscription.next().await));
    }
    for command in 6..=12 {
        let events = [Event::new(command, &["order"]), Event::new(command, &["invoice"])];
        records.extend_from_slice(record(&store, &mut view, &events).await.records());
    }
    let head = view.head().position;
    for (after, (subscription, taken)) in subscriptions.iter_mut().enumerate() {
        let reached = taken.last().map_or(Position::new(after as u64), |record| record.position());
        taken.extend(take_to(subscription, reached, head).await);
        assert_eq!(*taken, records[after..], "from {after}");
    }
    assert_eq!(*store.watch_head().borrow(), head);
}

/// A subscriber that slept through more appends than are kept for it reads them from the store, large ones too.
pub async fn a_subscriber_that_sleeps_misses_nothing<S: EventStore>(make: impl Fn() -> S) {
    let (store, mut view, _) = store_of(&make, 1).await;
    let mut subscription = store.subscribe(Position::START);
    sound(subscription.next().await);
    for command in 2..=600 {
        let payload = if command % 200 == 0 { vec![b'x'; 400_000] } else { b"{}".to_vec() };
        record(&store, &mut view, &[Event { payload, ..Event::new(command, &["order"]) }]).await;
    }
    let missed = take_to(&mut subscription, Position::new(1), view.head().position).await;
    assert_eq!(missed, read_all(&store, PAGE_MAX).await[1..]);
    let last = record(&store, &mut view, &[Event::new(601, &["order"])]).await;
    assert_eq!(subscription.next().await.as_deref(), Ok(last.records()), "and it is awake again");
}

/// More records than one page holds are delivered without a gap between the pages.
pub async fn a_subscription_crosses_a_page_without_a_seam<S: EventStore>(make: impl Fn() -> S) {
    let (store, mut view) = (make(), View::default());
    for command in 1..=2 {
        let events = vec![Event::new(command, &["order"]); EVENTS_PER_BATCH_MAX];
        record(&store, &mut view, &events).await;
    }
    let head = view.head().position;
    assert!(head.get() > PAGE_MAX as u64, "two batches are more than a page");
    let taken = take_to(&mut store.subscribe(Position::new(3)), Position::new(3), head).await;
    let positions: Vec<_> = taken.iter().map(|record| record.position().get()).collect();
    assert_eq!(positions, (4..=head.get()).collect::<Vec<_>>());
    assert_eq!(sound(store.read(Position::START, usize::MAX).await).len(), PAGE_MAX);
}

/// After closing, subscriptions end once they have delivered what there is, and nothing more is accepted.
pub async fn a_closed_store_ends_its_subscriptions_and_refuses_work<S: EventStore>(make: impl Fn() -> S) {
    let (store, view, _) = store_of(&make, 2).await;
    let mut subscription = store.subscribe(Position::START);
    sound(subscription.next().await);
    store.close().await;
    store.close().await;
    let ended = subscription.next().await.map_err(|fault| fault.kind);
    assert_eq!(ended, Err(FaultKind::Closed));
    let refused = store.append(view.batch(&[Event::new(3, &["order"])])).await;
    assert_eq!(Outcome::from(refused), Outcome::Refused(FaultKind::Closed));
    let read = store.read(Position::START, 1).await.map_err(|fault| fault.kind);
    assert_eq!(read, Err(FaultKind::Closed));
}

/// Two of one consumer can't both move its checkpoint.
pub async fn a_checkpoint_moves_only_from_where_it_is<S: EventStore>(make: impl Fn() -> S) {
    let (store, _, records) = store_of(&make, 4).await;
    let at = |index: usize| Checkpoint::at(&records[index]);
    assert_eq!(store.advance("board", None, at(1)).await, Ok(()));
    assert_eq!(store.checkpoint("board").await, Ok(Some(at(1))));
    for stale in [None, Some(at(0)), Some(at(2))] {
        let moved = store.advance("board", stale, at(3)).await;
        assert_eq!(moved, Err(CheckpointError::Moved { found: Some(at(1)) }));
    }
    assert_eq!(store.advance("board", Some(at(1)), at(3)).await, Ok(()));
    assert_eq!(store.advance("board", Some(at(3)), at(0)).await, Ok(()), "back is a move like any other");
    assert_eq!(store.advance("relay", Some(at(3)), at(3)).await, Err(CheckpointError::Moved { found: None }));
    assert_eq!(store.checkpoint("relay").await, Ok(None), "each consumer has its own");
    assert_eq!(store.checkpoint("board").await, Ok(Some(at(0))));
    assert_eq!(store.inspect(&|_| ()).await, Ok(Vec::new()));
}

/// A checkpoint must name a position of the log and the leaf that stands there.
pub async fn a_checkpoint_outside_the_log_is_refused<S: EventStore>(make: impl Fn() -> S) {
    let (store, _, records) = store_of(&make, 2).await;
    let leaf = records[1].leaf();
    for (position, found) in [(0, None), (1, Some(records[0].leaf())), (3, None)] {
        let to = Checkpoint { position: Position::new(position), leaf };
        let refused = store.advance("board", None, to).await;
        assert_eq!(refused, Err(CheckpointError::Diverged { checkpoint: to, found }));
    }
    assert_eq!(store.checkpoint("board").await, Ok(None));
    for name in ["", &"x".repeat(129)] {
        let refused = store.advance(name, None, Checkpoint::at(&records[0])).await;
        assert!(matches!(refused, Err(CheckpointError::Fault(fault)) if fault.kind == FaultKind::Misuse));
    }
}

/// A consumer whose checkpoint is of a longer or another history is told before it reads on.
pub async fn a_consumer_of_another_history_is_halted<S: EventStore>(make: impl Fn() -> S) {
    let (store, _, records) = store_of(&make, 2).await;
    for record in &records {
        assert_eq!(confirm_checkpoint(&store, Checkpoint::at(record)).await, Ok(()));
    }
    let (longer, _, more) = store_of(&make, 3).await;
    let beyond = Checkpoint::at(&more[2]);
    assert_eq!(confirm_checkpoint(&longer, beyond).await, Ok(()));
    let refused = confirm_checkpoint(&store, beyond).await;
    assert_eq!(refused, Err(CheckpointError::Diverged { checkpoint: beyond, found: None }));

    let forged = Checkpoint { position: records[0].position(), leaf: LeafHash::from_bytes([0; 32]) };
    let refused = confirm_checkpoint(&store, forged).await;
    let found = Some(records[0].leaf());
    assert_eq!(refused, Err(CheckpointError::Diverged { checkpoint: forged, found }));
}

/// Inspecting a sound log finds nothing and comes as far as its head.
pub async fn a_sound_log_has_no_findings<S: EventStore>(make: impl Fn() -> S) {
    let (store, _, records) = store_of(&make, 20).await;
    assert_eq!(store.advance("board", None, Checkpoint::at(&records[9])).await, Ok(()));
    let passed = std::sync::Mutex::new(Position::START);
    let findings = store.inspect(&|position| *sound(passed.lock()) = position).await;
    assert_eq!(findings, Ok(Vec::new()));
    assert_eq!(*sound(passed.lock()), Position::new(20));
}
