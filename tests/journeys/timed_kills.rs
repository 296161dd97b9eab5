//! Killed at each place where a timer could be lost or fire twice, a node that starts again lets everything that is
//! due happen, once.

use crate::graphql::Gone;
use crate::journey::{Journey, People, Step};
use crate::log::{Entry, counted, entries};
use crate::node::{Node, Store};
use crate::seasons::until;
use serde_json::json;
use std::collections::BTreeMap;
use std::os::unix::process::ExitStatusExt;

/// What abort() ends a process with.
const SIGABRT: i32 = 6;

/// Where a life ends, and after how many hits.
const KILLS: &[(&str, usize)] = &[
    ("timers::before_commit", 0),
    ("timers::after_commit", 0),
    ("timers::before_fire", 0),
    ("timers::after_fire", 0),
    ("append::before", 0),
    ("append::after", 0),
    ("timers::before_fire", 3),
    ("timers::after_fire", 3),
    ("timers::before_commit", 2),
    ("timers::after_commit", 2),
    ("rail::before_call", 0),
    ("rail::after_call", 0),
    ("webhook::before_answer", 0),
    ("process::before_checkpoint", 0),
    ("process::after_checkpoint", 0),
];

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

/// One contract whose work approves itself, one whose deposit never comes and that nobody funds, one whose refund and one
/// whose end nobody answers, and an offer that nobody answers.
async fn prepare(store: &Store) {
    let node = Node::start_still(store, None).unwrap();
    let people = People::of(&node);
    let mut worked = Journey::new("worked", &["2500.00"], STEPS);
    worked.run(&people).await.unwrap();
    let mut unfunded = Journey::new("unfunded", &["10.00", "20.00"], STEPS);
    unfunded.run_to(&people, Step::AcceptOffer).await;
    let mut fund = unfunded.command(Step::Fund(0)).unwrap();
    fund.input["paymentMethod"] = "pm_never".into();
    people.client.give(fund.mutation, &fund.input).await.unwrap().done();
    let mut unanswered = Journey::new("no-refund", &["30.00"], STEPS);
    unanswered.run_to(&people, Step::AwaitFunds(0)).await;
    let ask = json!({"contractId": unanswered.ids.contract, "milestoneId": unanswered.ids.milestones[0],
        "reasons": "We changed our plans.", "idempotencyKey": "ask"});
    people.client.give("requestRefund", &ask).await.unwrap().done();
    let mut ending = Journey::new("ending", &["40.00"], STEPS);
    ending.run_to(&people, Step::AwaitFunds(0)).await;
    let end = json!({"contractId": ending.ids.contract, "idempotencyKey": "end"});
    people.client.give("requestEnd", &end).await.unwrap().done();
    Journey::new("unanswered", &["10.00"], STEPS).run_to(&people, Step::MakeOffer).await;
    node.stop();
}

/// Lets the node live until it is killed, time going by.
async fn live(node: Node, days: u32) -> Option<i32> {
    let going: Result<(), Gone> = async {
        for _ in 0..days {
            node.put_forward(1).await?;
            tokio::time::sleep(std::time::Duration::from_millis(40)).await;
        }
        Ok(())
    }
    .await;
    if going.is_ok() {
        node.terminate();
    }
    node.ended().signal()
}

/// What must be there, how often; nothing of it twice.
fn expected() -> BTreeMap<&'static str, usize> {
    [
        ("milestone.approved", 1),
        ("escrow.released", 1),
        ("earnings.cleared", 1),
        ("contract.cancelled", 1),
        ("milestone.cancelled", 2),
        ("deposit.failed", 1),
        ("escrow.refunded", 2),
        ("refund.confirmed", 2),
        ("contract.end_agreed", 1),
        ("contract.ended", 1),
        ("job.reopened", 1),
        ("offer.expired", 1),
        ("job.expired", 2),
        ("payout.requested", 1),
        ("payout.paid", 1),
        ("account.hold_placed", 1),
        ("account.hold_released", 1),
    ]
    .into()
}

fn happened(entries: &[Entry]) -> BTreeMap<&'static str, usize> {
    let counts = counted(entries);
    expected().into_keys().map(|name| (name, counts.get(name).copied().unwrap_or_default())).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_timer_fires_once_whenever_the_node_is_killed() {
    let store = Store::new();
    prepare(&store).await;
    let mut killed = Vec::new();
    for (place, survived) in KILLS {
        let failpoints = match survived {
            0 => format!("{place}=return"),
            hits => format!("{place}={hits}*off->return"),
        };
        let ended = match Node::start_still(&store, Some(&failpoints)) {
            Err(status) => status.signal(),
            Ok(node) => live(node, 6).await,
        };
        if ended == Some(SIGABRT) {
            killed.push(*place);
        }
    }
    for place in
        ["timers::before_commit", "timers::after_commit", "timers::before_fire", "timers::after_fire"]
    {
        assert!(killed.contains(&place), "no life ended at {place}: {killed:?}");
    }
    let node = Node::start_still(&store, None).unwrap();
    let people = People::of(&node);
    for _ in 0..10 {
        node.put_forward(10).await.unwrap();
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    until(&store, "earnings.cleared", 1).await;
    let request = json!({"amount": {"amount": "2000.00", "currency": "USD"}, "destination": "ba_home",
        "idempotencyKey": "payout"});
    people.talent.give("requestPayout", &request).await.unwrap().done();
    node.put_forward(8).await.unwrap();
    until(&store, "payout.paid", 1).await;
    until(&store, "job.expired", 2).await;
    assert_eq!(happened(&entries(&store).await), expected());
    node.stop();
    store.verified();
}
