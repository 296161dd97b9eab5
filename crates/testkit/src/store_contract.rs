//! What every store promises, as tests that any backend can be put through.
//!
//! Shape: each function takes a way to make empty stores of [`MARKETPLACE`](crate::records::MARKETPLACE) and panics
//! where a promise is broken. [`store_contract!`](crate::store_contract!) makes a test of each.
//!
//! Cost: a few hundred appends, and one log of two full batches.
#![allow(clippy::missing_panics_doc, reason = "panicking is how a broken promise is told")]

mod appending;
mod consuming;
mod racing;

use std::sync::Arc;

use eventstore::{AppendError, Batch, EventStore, PAGE_MAX, Record};

pub use self::{appending::*, consuming::*, racing::*};
use crate::{
    records::{Event, View},
    store_model::read_all,
};

/// Makes a test of each promise, for the stores that `$make` makes.
#[macro_export]
macro_rules! store_contract {
    ($make:expr) => {
        $crate::store_contract! { @tests $make;
            an_empty_log_is_empty
            what_was_appended_comes_back_byte_for_byte
            a_lost_head_changes_nothing
            a_repeated_command_changes_nothing
            a_revision_that_does_not_follow_changes_nothing
            a_batch_of_another_log_or_an_earlier_time_changes_nothing
            a_record_is_found_in_each_of_its_streams
            commands_are_found_in_the_order_of_the_question
            a_page_is_bounded_and_contiguous
            a_subscription_starts_anywhere_and_follows_the_appends
            a_subscriber_that_sleeps_misses_nothing
            a_subscription_crosses_a_page_without_a_seam
            a_closed_store_ends_its_subscriptions_and_refuses_work
            a_checkpoint_moves_only_from_where_it_is
            a_checkpoint_outside_the_log_is_refused
            a_consumer_of_another_history_is_halted
            racing_writers_each_win_their_own_positions
            a_sound_log_has_no_findings
        }

        #[test]
        fn interleaved_writers_leave_what_the_model_says() {
            $crate::store_contract::interleaved_writers_leave_what_the_model_says($make);
        }
    };
    (@tests $make:expr; $($name:ident)*) => {
        $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
        async fn $name() {
            $crate::store_contract::$name($make).await;
        })*
    };
}

/// Appends `events` to a store that `view` knows, and lets the view know.
async fn record<S: EventStore>(store: &S, view: &mut View, events: &[Event]) -> Batch {
    let batch = view.batch(events);
    assert_eq!(store.append(batch.clone()).await, Ok(()));
    view.adopt(&batch);
    batch
}

/// A store with one batch for each of `commands` commands, of one event in the stream `order`.
async fn store_of<S: EventStore>(make: &impl Fn() -> S, commands: u64) -> (S, View, Vec<Arc<Record>>) {
    let (store, mut view) = (make(), View::default());
    let mut records = Vec::new();
    for command in 1..=commands {
        records
            .extend_from_slice(record(&store, &mut view, &[Event::new(command, &["order"])]).await.records());
    }
    (store, view, records)
}

/// Refuses `batch` and shows that nothing of it is in the log.
async fn unchanged<S: EventStore>(store: &S, batch: Batch) -> AppendError {
    let (head, records) = (store.head().await, read_all(store, PAGE_MAX).await);
    let streams: Vec<Arc<str>> = vec!["order".into(), "invoice".into()];
    let revisions = store.stream_revisions(&streams).await;
    let Err(refusal) = store.append(batch).await else { panic!("the batch was appended") };
    assert_eq!(store.head().await, head);
    assert_eq!(read_all(store, PAGE_MAX).await, records);
    assert_eq!(store.stream_revisions(&streams).await, revisions);
    assert_eq!(store.inspect(&|_| ()).await, Ok(Vec::new()));
    refusal
}
