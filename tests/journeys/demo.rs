//! `dev --demo`: ninety days of a marketplace, in which everybody who holds a token finds something.

use crate::books::{Books, head};
use crate::node::{Node, Store};
use crate::process::{plain, run};
use serde_json::{Value, json};
use std::collections::BTreeSet;

fn demo(store: &Store, seed: &str) -> Node {
    let demo = ["--demo", "--seed", seed, "--clock-start", "2030-01-01T00:00:00Z"];
    Node::spawn(store, plain(), None, &demo).unwrap()
}

/// What `role` is shown once the read models have seen all.
async fn shown(node: &Node, role: &str, query: &str) -> Value {
    let query = format!("query($after: Position) {{ it: {query} }}");
    let seen = node.persona(role).see(&query, json!({"after": head(node).await})).await;
    seen["it"].clone()
}

fn words(rows: &Value, field: &str) -> BTreeSet<String> {
    rows["nodes"].as_array().unwrap().iter().map(|row| row[field].as_str().unwrap().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn everybody_finds_something_and_the_books_hold() {
    let store = Store::new();
    let node = demo(&store, "1");
    let contracts = "contracts(first: 20, afterPosition: $after) { nodes { milestones { status } } }";
    let contracts = shown(&node, "client", contracts).await;
    let all_three = json!([{"status": "RELEASED"}, {"status": "SUBMITTED"}, {"status": "FUNDED"}]);
    let mut milestones = contracts["nodes"].as_array().unwrap().iter().map(|row| &row["milestones"]);
    assert!(milestones.any(|milestones| *milestones == all_three), "{contracts}");
    let payouts = "payouts(first: 20, afterPosition: $after) { nodes { status } }";
    let own = words(&shown(&node, "talent", payouts).await, "status");
    assert_eq!(own, ["HELD", "PAID"].map(str::to_owned).into());
    let accounts = shown(&node, "talent", "accounts(after: $after) { currency free { minorUnits } }").await;
    assert_eq!(accounts[1], json!({"currency": "USD", "free": {"minorUnits": 1_276_000}}));
    let attention = "attention(first: 20, afterPosition: $after) { nodes { kind } }";
    assert!(words(&shown(&node, "finance", attention).await, "kind").contains("PAYOUT_REVIEW"));
    let pauses = shown(&node, "admin", "pauses(after: $after) { what }").await;
    assert_eq!(pauses, json!([{"what": "refunding"}]));
    assert_eq!(Books::of(&node).await, Books::of_report(&store.verified()));
}

#[test]
fn one_seed_makes_one_log() {
    let log = |seed: &str| {
        let store = Store::new();
        demo(&store, seed).stop();
        run(&["export", "--format", "jsonl", "--data", &store.path()]).stdout
    };
    let (first, again, other) = (log("7"), log("7"), log("8"));
    assert!(first.lines().count() > 1_000, "{} events", first.lines().count());
    assert!(first == again, "the same seed");
    assert!(first != other, "another seed");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_start_goes_on_with_the_same_demo() {
    let store = Store::new();
    demo(&store, "1").stop();
    let before = store.verified();
    let node = demo(&store, "1");
    let jobs = "jobs(first: 100, afterPosition: $after) { nodes { title } }";
    let titles = shown(&node, "talent", jobs).await["nodes"].as_array().unwrap().len();
    assert_eq!(titles, words(&shown(&node, "talent", jobs).await, "title").len(), "no job twice");
    let events = |report: &Value| report["events"].as_u64().unwrap();
    assert!(events(&store.verified()) - events(&before) < 10, "only what fell due meanwhile");
}
