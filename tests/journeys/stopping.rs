//! SIGTERM: an orderly end, in the middle of work.

use crate::graphql::{Answer, Gone};
use crate::journey::{Journey, People, Step, WHOLE};
use crate::loss::{Acknowledged, lost};
use crate::node::{Node, Store};
use futures_util::future::join_all;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

const WORKERS: usize = 16;
/// Acknowledgements before the node is asked to end.
const WORK: usize = 200;
/// How long an end may take.
const END_WITHIN: Duration = Duration::from_secs(10);

/// Drafts jobs until the node is gone, and returns what was acknowledged.
async fn draft_until_gone(people: &People, worker: usize, total: &AtomicUsize) -> Vec<Acknowledged> {
    let mut acknowledged = Vec::new();
    for n in 0.. {
        let journey = Journey::new(&format!("job-{worker}-{n}"), &["1.00"], WHOLE);
        let command = journey.command(Step::CreateJob).unwrap();
        match people.client.give_briefly(command.mutation, &command.input).await {
            Ok(Answer::Done(done)) => {
                acknowledged.push(Acknowledged::new(&command, &done));
                total.fetch_add(1, Ordering::SeqCst);
            }
            // A node that is stopping may say that it does nothing more.
            Ok(answer) => assert!(answer.is_undecided(), "{answer:?}"),
            Err(Gone) => break,
        }
    }
    acknowledged
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_asked_to_end_under_load_ends_well_and_loses_nothing() {
    let store = Store::new();
    let node = Node::start(&store);
    let people = People::of(&node);
    let total = AtomicUsize::new(0);
    let working = join_all((0..WORKERS).map(|worker| draft_until_gone(&people, worker, &total)));
    let ending = async {
        while total.load(Ordering::SeqCst) < WORK {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        let asked = Instant::now();
        node.terminate();
        let ended = tokio::task::spawn_blocking(move || node.ended());
        (ended.await.unwrap(), asked.elapsed())
    };
    let (acknowledged, (status, took)) = tokio::join!(working, ending);
    assert!(status.success(), "{status}");
    assert!(took < END_WITHIN, "{took:?}");
    let node = Node::start(&store);
    let acknowledged: Vec<_> = acknowledged.into_iter().flatten().collect();
    assert_eq!(lost(&People::of(&node), &acknowledged).await, [""; 0]);
    store.verified();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_idle_node_with_open_connections_ends_well() {
    let store = Store::new();
    let node = Node::start(&store);
    let client = node.persona("client");
    client.see("{ viewer { party } }", serde_json::Value::Null).await;
    node.stop();
}
