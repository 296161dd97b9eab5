//! Files beside the log put back from yesterday's copy, and the log itself: what is behind the log catches up, and what
//! is ahead of it says so and does nothing.

use crate::firings::Firings;
use crate::graphql::Caller;
use crate::journey::{Journey, People, Step};
use crate::log::{counted, entries, fingerprint, records};
use crate::node::{Node, Store};
use crate::picture::Picture;
use crate::process::run;
use crate::seasons::until;
use serde_json::Value;
use std::fs;
use std::path::PathBuf;
use std::time::Duration;

/// The files that the log makes: what is due, and the read models.
const CONSUMERS: &[&str] = &["due.db", "read.db"];

/// How often a table that follows the log is looked at, and how long between two looks.
const LOOKS_MAX: usize = 250;
const PAUSE: Duration = Duration::from_millis(20);

const STEPS: &[Step] = &[
    Step::CreateJob,
    Step::SubmitJob,
    Step::SubmitProposal,
    Step::MakeOffer,
    Step::AcceptOffer,
    Step::Fund(0),
    Step::AwaitFunds(0),
    Step::SubmitWork(0),
];

/// Files of a store that nobody has open, as they were.
struct Copy {
    of: &'static [&'static str],
    files: Vec<(PathBuf, Vec<u8>)>,
}

impl Copy {
    /// Of these files, and of what the engine may have left beside them.
    fn of(store: &Store, of: &'static [&'static str]) -> Self {
        let files =
            present(store, of).into_iter().map(|path| (path.clone(), fs::read(path).unwrap())).collect();
        Self { of, files }
    }

    fn put_back(&self, store: &Store) {
        for path in present(store, self.of) {
            fs::remove_file(path).unwrap();
        }
        for (path, bytes) in &self.files {
            fs::write(path, bytes).unwrap();
        }
    }
}

fn present(store: &Store, of: &[&str]) -> Vec<PathBuf> {
    let entries = fs::read_dir(store.data()).unwrap().map(|entry| entry.unwrap());
    let begins = |name: &str| of.iter().any(|file| name.starts_with(file));
    let wanted = entries.filter(|entry| begins(entry.file_name().to_str().unwrap()));
    wanted.map(|entry| entry.path()).collect()
}

/// What is due, as the command line tells it.
fn timers(store: &Store) -> String {
    let ended = run(&["timers", "--json", "--data", &store.path()]);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    ended.stdout
}

/// Waits until the command line tells this.
async fn due(store: &Store, expected: &str) {
    for _ in 0..LOOKS_MAX {
        if timers(store) == expected {
            return;
        }
        tokio::time::sleep(PAUSE).await;
    }
    assert_eq!(timers(store), expected);
}

/// A store on its first evening, closed: work that was handed in, a contract that nobody funds, and an open offer.
async fn first_evening() -> (Store, Vec<Journey>) {
    let store = Store::new();
    let node = Node::start_still(&store, None).unwrap();
    let people = People::of(&node);
    let ends =
        [("worked", Step::SubmitWork(0)), ("unfunded", Step::AcceptOffer), ("offered", Step::MakeOffer)];
    let mut journeys = Vec::new();
    for (name, last) in ends {
        let mut journey = Journey::new(name, &["100.00"], STEPS);
        journey.run_to(&people, last).await;
        journeys.push(journey);
    }
    node.stop();
    (store, journeys)
}

/// Goes on for two weeks, in which everything that was begun on the first evening comes to its end, and work is handed
/// in once more.
async fn two_weeks(node: &Node, store: &Store, journeys: &mut Vec<Journey>) {
    let now = node.put_forward_to(14).await.unwrap();
    for event_type in ["milestone.approved", "contract.cancelled", "offer.expired"] {
        until(store, event_type, 1).await;
    }
    let mut later = Journey::new("later", &["70.00"], STEPS);
    later.run(&People::of(node)).await.unwrap();
    journeys.push(later);
    assert_eq!(Firings::settled(store, now).await.overdue, [""; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn consumers_of_yesterday_catch_up_and_no_timer_fires_twice() {
    let (store, mut journeys) = first_evening().await;
    let yesterday = Copy::of(&store, CONSUMERS);
    let node = Node::start_still(&store, None).unwrap();
    two_weeks(&node, &store, &mut journeys).await;
    let shown = Picture::of(&node, &journeys).await;
    node.stop();
    let node = Node::start_still(&store, None).unwrap();
    assert_eq!(Picture::of(&node, &journeys).await, shown, "a restart alone changes nothing");
    node.stop();
    let (told, log) = (timers(&store), fingerprint(&store).await);

    yesterday.put_back(&store);
    assert_ne!(timers(&store), told, "the copy is of another day");
    let node = Node::start_still(&store, None).unwrap();
    assert_eq!(Picture::of(&node, &journeys).await, shown);
    due(&store, &told).await;
    assert_eq!(fingerprint(&store).await, log, "nothing happened again");

    // Only what was not done yet is still to come.
    node.put_forward_to(28).await.unwrap();
    until(&store, "milestone.approved", 2).await;
    let now = node.put_forward_to(34).await.unwrap();
    until(&store, "earnings.cleared", 2).await;
    let firings = Firings::settled(&store, now).await;
    assert_eq!((firings.wrong, firings.overdue), (vec![], vec![]));
    let counts = counted(&entries(&store).await);
    let once = ["milestone.approved", "offer.expired", "contract.cancelled", "earnings.cleared"];
    assert_eq!(once.map(|event_type| counts[event_type]), [2, 1, 1, 2]);
    assert_eq!(counts.get("process.command_refused"), None);
    node.stop();
    store.verified();
}

/// A store whose log was put back to the first evening, while one of its consumers has seen what came after.
async fn ahead(behind: &'static [&'static str]) -> (Store, Vec<Journey>) {
    let (store, mut journeys) = first_evening().await;
    let yesterday = Copy::of(&store, behind);
    let node = Node::start_still(&store, None).unwrap();
    two_weeks(&node, &store, &mut journeys).await;
    node.stop();
    yesterday.put_back(&store);
    journeys.pop();
    (store, journeys)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_of_what_is_due_that_is_ahead_of_the_log_is_refused_and_built_anew_once_it_is_removed() {
    let (store, _) = ahead(&["log.db", "read.db"]).await;
    let log = fingerprint(&store).await;
    let status = Node::start_still(&store, None).err().expect("no node on a table that is ahead");
    assert_ne!(status.code(), Some(0));
    let logged = store.logged();
    assert!(logged.contains("remove due.db"), "{logged}");
    assert_eq!(fingerprint(&store).await, log, "nothing was written");

    Copy { of: &["due.db"], files: Vec::new() }.put_back(&store);
    let node = Node::start_still(&store, None).unwrap();
    let now = node.put_forward_to(14).await.unwrap();
    until(&store, "milestone.approved", 1).await;
    let firings = Firings::settled(&store, now).await;
    assert_eq!((firings.wrong, firings.overdue), (vec![], vec![]));
    node.stop();
    store.verified();
}

/// Waits until the journey's milestone is shown so.
async fn shows(journey: &Journey, caller: &Caller, expected: &str) {
    let mut seen = String::new();
    for _ in 0..LOOKS_MAX {
        seen = journey.status(caller, 0).await.unwrap();
        if seen == expected {
            return;
        }
        tokio::time::sleep(PAUSE).await;
    }
    assert_eq!(seen, expected);
}

/// Status and text of the answer to whether the node is ready.
async fn ready(node: &Node) -> (u16, String) {
    let answer = node.http().get(node.url("/readyz")).send().await.unwrap();
    (answer.status().as_u16(), answer.text().await.unwrap())
}

/// Each read model's name, and why it has halted, or null.
async fn halted(node: &Node) -> Vec<(String, Value)> {
    let seen = node.persona("auditor").see("{ readModels { name halted } }", Value::Null).await;
    let models = seen["readModels"].as_array().unwrap().iter();
    models.map(|model| (model["name"].as_str().unwrap().to_owned(), model["halted"].clone())).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn read_models_that_are_ahead_of_the_log_say_so_and_skip_nothing() {
    let (store, journeys) = ahead(&["log.db", "due.db"]).await;
    let node = Node::start_still(&store, None).unwrap();
    let (status, text) = ready(&node).await;
    assert_eq!((status, text.contains("read_models")), (503, true), "{text}");
    let stalled = halted(&node).await;
    for (name, why) in &stalled {
        assert!(why.as_str().is_some_and(|why| why.contains("is not in this log")), "{name}: {why}");
    }
    // What is written now is not shown until they are rebuilt, and then all of it is.
    let create = Journey::new("now", &["1.00"], STEPS).command(Step::CreateJob).unwrap();
    let client = node.persona("client");
    let done = client.give_briefly(create.mutation, &create.input).await.unwrap().done();
    assert_eq!(done.position, records(&store).await.len() as u64);
    let jobs = "{ jobs(filter: { mine: true }, first: 100) { nodes { title } } }";
    let titles = |seen: Value| seen["jobs"]["nodes"].to_string();
    assert!(!titles(client.see(jobs, Value::Null).await).contains("\"now\""));
    node.stop();

    for (name, _) in &stalled {
        let rebuilt = run(&["rebuild", name, "--data", &store.path()]);
        assert_eq!(rebuilt.code, Some(0), "{rebuilt:?}");
    }
    let node = Node::start_still(&store, None).unwrap();
    assert_eq!(ready(&node).await.0, 200);
    assert!(halted(&node).await.iter().all(|(_, why)| why.is_null()));
    let shown = titles(node.persona("client").see(jobs, Value::Null).await);
    assert!(shown.contains("\"now\"") && !shown.contains("\"later\""), "{shown}");
    let client = node.persona("client");
    shows(&journeys[0], &client, "SUBMITTED").await;
    node.put_forward_to(14).await.unwrap();
    shows(&journeys[0], &client, "RELEASED").await;
    node.stop();
    store.verified();
}
