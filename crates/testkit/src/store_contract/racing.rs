//! Several writers of one log.

use std::sync::Arc;

use eventstore::{AppendError, Batch, EventStore, Head, PAGE_MAX};
use proptest::{
    collection::vec,
    prelude::*,
    test_runner::{Config, TestRunner},
};

use crate::{
    records::{Event, View, command_key, sound},
    store_model::{Model, Outcome, read_all},
};

/// However many append at once, every acknowledged batch is in the log exactly once and nothing else is.
pub async fn racing_writers_each_win_their_own_positions<S: EventStore>(make: impl Fn() -> S) {
    const WRITERS: u64 = 4;
    const APPENDS: u64 = 25;
    let store = Arc::new(make());
    let writers: Vec<_> = (0..WRITERS)
        .map(|writer| {
            let store = Arc::clone(&store);
            tokio::spawn(async move {
                for append in 0..APPENDS {
                    contend(&*store, writer * APPENDS + append).await;
                }
            })
        })
        .collect();
    for writer in writers {
        sound(writer.await);
    }
    let mut keys: Vec<_> =
        read_all(&*store, 7).await.iter().map(|record| record.header().command_key).collect();
    keys.sort_unstable();
    let mut wanted: Vec<_> = (0..WRITERS * APPENDS).map(command_key).collect();
    wanted.sort_unstable();
    assert_eq!(keys, wanted);
    assert_eq!(store.inspect(&|_| ()).await, Ok(Vec::new()));
}

/// Appends one event of `command`, deciding again after every lost head.
async fn contend<S: EventStore>(store: &S, command: u64) {
    let mut view = View::default();
    loop {
        for record in sound(store.read(view.head().position, PAGE_MAX).await) {
            let (after, at) = (view.head().position, record.header().recorded_at);
            view.adopt(&sound(Batch::new(after, at, vec![record])));
        }
        // Gives the others a chance to append between the look and the append.
        tokio::task::yield_now().await;
        match store.append(view.batch(&[Event::new(command, &["order"])])).await {
            Ok(()) => return,
            Err(AppendError::LostHead { head }) => assert!(head.position > view.head().position),
            Err(
                error @ (AppendError::RevisionTaken { .. }
                | AppendError::KeyTaken { .. }
                | AppendError::Unknown(_)
                | AppendError::Refused(_)),
            ) => panic!("{error}"),
        }
    }
}

/// One attempt of one of several writers.
#[derive(Clone, Debug)]
struct Attempt {
    writer: usize,
    /// Whether the writer looks at the log first.
    looks: bool,
    /// A stream that it mistakes the revision of.
    mistaken: Option<usize>,
    events: Vec<(u64, Vec<usize>)>,
}

const STREAMS: [&str; 4] = ["order", "invoice", "buyer", "seller"];
const COMMANDS: u64 = 24;

fn attempt() -> impl Strategy<Value = Attempt> {
    let streams = proptest::sample::subsequence((0..STREAMS.len()).collect::<Vec<_>>(), 1..=3);
    let events = vec((0..COMMANDS, streams.prop_shuffle()), 1..4);
    (0..3_usize, prop::bool::weighted(0.7), prop::option::weighted(0.1, 0..STREAMS.len()), events)
        .prop_map(|(writer, looks, mistaken, events)| Attempt { writer, looks, mistaken, events })
}

/// Any interleaving of writers with fresh and stale views, repeated commands and mistaken revisions ends as a plain
/// list of batches says.
pub fn interleaved_writers_leave_what_the_model_says<S: EventStore>(make: impl Fn() -> S) {
    let runtime = sound(tokio::runtime::Builder::new_current_thread().enable_all().build());
    let mut runner = TestRunner::new(Config { cases: 64, failure_persistence: None, ..Config::default() });
    let interleaving = vec(attempt(), 1..24);
    let outcome = runner.run(&interleaving, |attempts| {
        runtime.block_on(interleave(&make(), &attempts));
        Ok(())
    });
    outcome.unwrap_or_else(|failure| panic!("{failure}"));
}

async fn interleave<S: EventStore>(store: &S, attempts: &[Attempt]) {
    let (mut model, mut current) = (Model::default(), View::default());
    let mut views: [View; 3] = std::array::from_fn(|_| View::default());
    for attempt in attempts {
        let view = &mut views[attempt.writer];
        if attempt.looks {
            view.clone_from(&current);
        }
        if let Some(stream) = attempt.mistaken {
            view.pretend(STREAMS[stream], 40);
        }
        let event = |(command, streams): &(u64, Vec<usize>)| {
            Event::new(*command, &streams.iter().map(|stream| STREAMS[*stream]).collect::<Vec<_>>())
        };
        let batch = view.batch(&attempt.events.iter().map(event).collect::<Vec<_>>());
        let allowed = model.append(&batch);
        let outcome = Outcome::from(store.append(batch.clone()).await);
        assert!(allowed.contains(&outcome), "{outcome:?} is none of {allowed:?}");
        if outcome == Outcome::Appended {
            current.adopt(&batch);
        }
    }
    assert_eq!(model.head(), Head { ..current.head() });
    let streams = STREAMS.map(Arc::from);
    model.compare(store, &streams, &(0..COMMANDS).map(command_key).collect::<Vec<_>>()).await;
}
