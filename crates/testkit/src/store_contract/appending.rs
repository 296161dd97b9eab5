//! Appending, and finding again what was appended.

use std::sync::Arc;

use eventstore::{AppendError, Batch, EventStore, FaultKind, PAGE_MAX, Position};

use super::{record, store_of, unchanged};
use crate::{
    records::{Event, FIRST_INSTANT, MARKETPLACE, View, command_key, sound},
    store_model::{Model, Outcome},
};

/// An empty log answers every question with nothing.
pub async fn an_empty_log_is_empty<S: EventStore>(make: impl Fn() -> S) {
    let store = make();
    assert_eq!(&**store.marketplace(), MARKETPLACE);
    Model::default().compare(&store, &["order".into()], &[command_key(1)]).await;
    assert_eq!(store.checkpoint("board").await, Ok(None));
    assert_eq!(*store.watch_head().borrow(), Position::START);
}

/// Every field and every byte of a payload, text or not, is read as it was appended.
pub async fn what_was_appended_comes_back_byte_for_byte<S: EventStore>(make: impl Fn() -> S) {
    let (store, mut view) = (make(), View::default());
    let every_byte: Vec<u8> = (0..=u8::MAX).rev().cycle().take(70_000).collect();
    let payloads = [b"{ \"a\" :1.0, \"a\":1.00 }".to_vec(), Vec::new(), every_byte];
    let events: Vec<_> = (1..)
        .zip(payloads.clone())
        .map(|(command, payload)| Event { payload, ..Event::new(command, &["order", "caf\u{e9}"]) })
        .collect();
    let batch = record(&store, &mut view, &events).await;
    let read = sound(store.read(Position::START, PAGE_MAX).await);
    assert_eq!(read.iter().map(|record| record.payload().to_vec()).collect::<Vec<_>>(), payloads);
    for (read, appended) in read.iter().zip(batch.records()) {
        assert_eq!(read.header(), appended.header());
        assert_eq!((read.bytes(), read.leaf()), (appended.bytes(), appended.leaf()));
    }
    assert_eq!(store.head().await, Ok(batch.head()));
}

/// Of two batches on one head the second is told the head that it lost to.
pub async fn a_lost_head_changes_nothing<S: EventStore>(make: impl Fn() -> S) {
    let (store, view, records) = store_of(&make, 3).await;
    let mut stale = View::default();
    stale.adopt(&sound(Batch::new(
        Position::START,
        records[0].header().recorded_at,
        vec![Arc::clone(&records[0])],
    )));
    let lost = unchanged(&store, stale.batch(&[Event::new(9, &["order"])])).await;
    assert_eq!(lost, AppendError::LostHead { head: view.head() });

    let mut ahead = view.clone();
    ahead.adopt(&view.batch(&[Event::new(9, &["order"])]));
    let lost = unchanged(&store, ahead.batch(&[Event::new(10, &["order"])])).await;
    assert_eq!(lost, AppendError::LostHead { head: view.head() });
}

/// A command that is in the log, or comes apart within the batch, is an alarm.
pub async fn a_repeated_command_changes_nothing<S: EventStore>(make: impl Fn() -> S) {
    let (store, view, _) = store_of(&make, 2).await;
    let repeated =
        unchanged(&store, view.batch(&[Event::new(3, &["order"]), Event::new(1, &["order"])])).await;
    assert_eq!(repeated, AppendError::KeyTaken { key: command_key(1) });

    let scattered = [3, 4, 3].map(|command| Event::new(command, &["order"]));
    let scattered = unchanged(&store, view.batch(&scattered)).await;
    assert_eq!(scattered, AppendError::KeyTaken { key: command_key(3) });

    let adjacent = [3, 3, 4].map(|command| Event::new(command, &["order"]));
    assert_eq!(store.append(view.batch(&adjacent)).await, Ok(()));
}

/// A revision that is taken, or that leaves one out, is an alarm.
pub async fn a_revision_that_does_not_follow_changes_nothing<S: EventStore>(make: impl Fn() -> S) {
    let (store, view, _) = store_of(&make, 3).await;
    for (stream, pretended) in [("order", 2), ("order", 4), ("invoice", 1)] {
        let mut mistaken = view.clone();
        mistaken.pretend(stream, pretended);
        let events = [Event::new(9, &["delivery"]), Event::new(9, &[stream])];
        let taken = unchanged(&store, mistaken.batch(&events)).await;
        assert_eq!(taken, AppendError::RevisionTaken { stream: stream.into(), revision: pretended + 1 });
    }
}

/// A batch of another marketplace, or recorded before the head, is refused.
pub async fn a_batch_of_another_log_or_an_earlier_time_changes_nothing<S: EventStore>(make: impl Fn() -> S) {
    let store = make();
    let foreign = unchanged(&store, View::of("other").batch(&[Event::new(1, &["order"])])).await;
    assert_eq!(Outcome::from(Err(foreign)), Outcome::Refused(FaultKind::Misuse));

    let (store, view, _) = store_of(&make, 1).await;
    let events = [Event::new(2, &["order"])];
    let earlier = unchanged(&store, view.batch_at(FIRST_INSTANT, &events)).await;
    assert_eq!(Outcome::from(Err(earlier)), Outcome::Refused(FaultKind::Misuse));
    assert_eq!(
        store.append(view.batch_at(view.head().recorded_at, &events)).await,
        Ok(()),
        "the same instant will do"
    );
}

/// One record, recorded once, has a revision in every stream that it belongs to.
pub async fn a_record_is_found_in_each_of_its_streams<S: EventStore>(make: impl Fn() -> S) {
    let (store, mut view) = (make(), View::default());
    let batch = [
        Event::new(1, &["order", "buyer"]),
        Event::new(1, &["invoice", "order", "buyer"]),
        Event::new(2, &["buyer", "invoice"]),
    ];
    let first = record(&store, &mut view, &batch).await;
    let second = record(&store, &mut view, &[Event::new(3, &["order", "invoice"])]).await;
    let all: Vec<_> = first.records().iter().chain(second.records()).cloned().collect();
    for (stream, places) in [("order", vec![0, 1, 3]), ("buyer", vec![0, 1, 2]), ("invoice", vec![1, 2, 3])] {
        let held: Vec<_> = places.into_iter().map(|place| Arc::clone(&all[place])).collect();
        assert_eq!(store.read_stream(stream, 0).await.as_ref(), Ok(&held), "{stream}");
        assert_eq!(store.read_stream(stream, 2).await.as_deref(), Ok(&held[2..]), "{stream}");
        let revisions: Vec<_> =
            held.iter().filter_map(|record| record.header().revision_in(stream)).collect();
        assert_eq!(revisions, [1, 2, 3], "{stream}");
    }
    let asked: Vec<Arc<str>> = vec!["invoice".into(), "absent".into(), "order".into()];
    assert_eq!(store.stream_revisions(&asked).await, Ok(vec![3, 0, 3]));
}

/// The answer about many commands keeps the order of the keys, the unknown among them.
pub async fn commands_are_found_in_the_order_of_the_question<S: EventStore>(make: impl Fn() -> S) {
    let (store, mut view) = (make(), View::default());
    let events = [1, 1, 1, 2].map(|command| Event::new(command, &["order"]));
    let batch = record(&store, &mut view, &events).await;
    let unknown: Vec<_> = (100..1_000).map(command_key).collect();
    let keys: Vec<_> = [command_key(2)].into_iter().chain(unknown).chain([command_key(1)]).collect();
    let found = sound(store.find_commands(&keys).await);
    assert_eq!(found.len(), keys.len());
    assert_eq!(found.first().map(Vec::as_slice), Some(&batch.records()[3..]));
    assert_eq!(found.last().map(Vec::as_slice), Some(&batch.records()[..3]));
    assert!(found[1..found.len() - 1].iter().all(Vec::is_empty));
}

/// A page starts after the position asked for and is as long as asked for, or ends with the log.
pub async fn a_page_is_bounded_and_contiguous<S: EventStore>(make: impl Fn() -> S) {
    let (store, _, records) = store_of(&make, 9).await;
    for after in 0..=10 {
        for limit in 0..=10 {
            let page = sound(store.read(Position::new(after as u64), limit).await);
            let wanted: Vec<_> = records.iter().skip(after).take(limit).cloned().collect();
            assert_eq!(page, wanted, "{limit} after {after}");
        }
    }
}
