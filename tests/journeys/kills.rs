//! Killed again and again, at each place where it could matter, a node loses and doubles nothing: at the end
//! everything is as after a run that nobody disturbed.

use crate::graphql::Gone;
use crate::journey::{Journey, People, Step};
use crate::log::{Entry, counted, entries};
use crate::loss::lost;
use crate::node::{Node, Store};
use crate::picture::Picture;
use futures_util::future::join_all;
use serde_json::Value;
use std::collections::{BTreeMap, HashSet};
use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;

/// What abort() ends a process with.
const SIGABRT: i32 = 6;

/// The places, each with the hits that it survives in each of its lives, by store.
const PLACES: [(&str, [[usize; 4]; 2]); 7] = [
    ("append::before", [[0, 3, 9, 13], [1, 5, 12, 18]]),
    ("rail::before_call", [[0, 1, 2, 3], [0, 1, 2, 0]]),
    ("projection::before_commit", [[0, 4, 11, 15], [2, 6, 14, 17]]),
    ("webhook::before_answer", [[0, 1, 2, 3], [0, 1, 2, 0]]),
    ("append::after", [[0, 2, 7, 12], [1, 4, 10, 16]]),
    ("rail::after_call", [[0, 1, 2, 0], [0, 1, 3, 1]]),
    ("projection::after_commit", [[0, 3, 8, 13], [1, 5, 13, 17]]),
];

/// Least number of kills in one run of this suite.
const KILLS_MIN: usize = 50;

/// Journeys at a time, and in all, for one store: half as many again as the kills take, since how many events share
/// an append or a commit is left to chance.
const TOGETHER: usize = 2;
const JOURNEYS: usize = 32;

const STEPS: &[Step] = &[
    Step::CreateJob,
    Step::SubmitJob,
    Step::SubmitProposal,
    Step::MakeOffer,
    Step::AcceptOffer,
    Step::Fund(0),
    Step::Fund(1),
    Step::AwaitFunds(0),
    Step::SubmitWork(0),
    Step::RequestChanges(0),
    Step::Resubmit(0),
    Step::Approve(0),
    Step::AwaitFunds(1),
    Step::SubmitWork(1),
];

/// Where a life ends.
#[derive(Clone, Debug)]
struct Kill {
    place: &'static str,
    survived: usize,
}

impl Kill {
    fn failpoints(&self) -> String {
        match self.survived {
            0 => format!("{}=return", self.place),
            hits => format!("{}={hits}*off->return", self.place),
        }
    }
}

/// The lives of a store, one after another.
fn plan(store: usize) -> Vec<Kill> {
    let rounds = 0..PLACES[0].1[store].len();
    rounds
        .flat_map(|round| PLACES.map(|(place, hits)| Kill { place, survived: hits[store][round] }))
        .collect()
}

fn script() -> Vec<Journey> {
    let journey = |n: usize| {
        let amounts = [format!("{}.{:02}", 100 + 37 * n, 7 * n % 100), format!("{}.99", 10 + n)];
        Journey::new(&format!("journey-{n}"), &amounts.each_ref().map(String::as_str), STEPS)
    };
    (0..JOURNEYS).map(journey).collect()
}

/// Goes on with the script, as far as the node lives.
async fn go_on(node: &Node, journeys: &mut [Journey]) -> Result<(), Gone> {
    let people = People::of(node);
    for together in journeys.chunks_mut(TOGETHER) {
        let ends = join_all(together.iter_mut().map(|journey| journey.run(&people))).await;
        ends.into_iter().collect::<Result<Vec<()>, Gone>>()?;
    }
    Ok(())
}

#[track_caller]
fn killed(status: ExitStatus, kill: &Kill) {
    assert_eq!(status.signal(), Some(SIGABRT), "{kill:?} ended with {status}");
}

/// Tells the script in as many lives as there are kills, and one more; returns the node of the last.
async fn tell(store: &Store, journeys: &mut [Journey], kills: &[Kill]) -> Node {
    for kill in kills {
        match Node::start_with(store, &kill.failpoints()) {
            Err(status) => killed(status, kill),
            Ok(node) => match go_on(&node, journeys).await {
                Err(Gone) => killed(node.ended(), kill),
                Ok(()) => panic!("the script was told before {kill:?}: make it longer"),
            },
        }
    }
    let node = Node::start(store);
    go_on(&node, journeys).await.unwrap();
    node
}

/// Events that can be there once for each id, and the id.
const ONCE: &[(&str, &str)] = &[
    ("job.submitted", "job_id"),
    ("job.filled", "job_id"),
    ("offer.accepted", "proposal_id"),
    ("contract.created", "proposal_id"),
    ("milestone.agreed", "milestone_id"),
    ("deposit.requested", "milestone_id"),
    ("deposit.attempt_started", "deposit_id"),
    ("deposit.confirmed", "deposit_id"),
    ("escrow.funded", "milestone_id"),
    ("escrow.released", "milestone_id"),
    ("milestone.approved", "milestone_id"),
];

/// Which events are there twice, though they can't be.
fn doubled(entries: &[Entry]) -> Vec<String> {
    let mut seen = HashSet::new();
    let mut doubled = Vec::new();
    for entry in entries {
        let Some((_, field)) = ONCE.iter().find(|(event_type, _)| entry.event_type == *event_type) else {
            continue;
        };
        let id = entry.payload[field].as_str().unwrap();
        if !seen.insert((entry.event_type.as_str(), id)) {
            doubled.push(format!("{} of {id}", entry.event_type));
        }
    }
    doubled
}

/// How many events of each type there are, without those that depend on which of two messages comes first: whether
/// the provider's answer or its webhook.
fn facts(entries: &[Entry]) -> BTreeMap<String, usize> {
    let mut counts = counted(entries);
    counts.remove("deposit.acknowledged");
    counts.remove("process.command_refused");
    counts
}

async fn a_disturbed_run_ends_as_an_undisturbed_one(store_number: usize) {
    let calm = Store::new();
    let mut calm_journeys = script();
    let calm_node = tell(&calm, &mut calm_journeys, &[]).await;
    let store = Store::new();
    let mut journeys = script();
    let node = tell(&store, &mut journeys, &plan(store_number)).await;

    let acknowledged = journeys.iter().flat_map(|journey| &journey.acknowledged);
    assert_eq!(lost(&People::of(&node), acknowledged).await, [""; 0]);
    let log = entries(&store).await;
    assert_eq!(doubled(&log), [""; 0]);
    assert_eq!(facts(&log), facts(&entries(&calm).await));
    assert_eq!(Picture::of(&node, &journeys).await, Picture::of(&calm_node, &calm_journeys).await);
    assert_eq!(store.verified()["balances"], calm.verified()["balances"]);
    node.stop();
    store.verified();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_killed_everywhere_loses_and_doubles_nothing() {
    a_disturbed_run_ends_as_an_undisturbed_one(0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_killed_everywhere_at_other_moments_loses_and_doubles_nothing() {
    a_disturbed_run_ends_as_an_undisturbed_one(1).await;
}

#[test]
fn there_are_as_many_kills_as_promised() {
    assert!(plan(0).len() + plan(1).len() >= KILLS_MIN);
}

#[test]
fn an_event_that_is_there_twice_is_found() {
    let entry = |milestone: &str| Entry {
        event_type: "escrow.funded".to_owned(),
        payload: [("milestone_id".to_owned(), Value::from(milestone))].into_iter().collect(),
    };
    assert_eq!(doubled(&[entry("mil_1"), entry("mil_2")]), [""; 0]);
    assert_eq!(doubled(&[entry("mil_1"), entry("mil_1")]), ["escrow.funded of mil_1"]);
}
