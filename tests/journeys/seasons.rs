//! What happens by itself as time goes by, seen from outside: earnings clear, work approves itself, money goes out and
//! comes back, contracts end. The clock stands still until the test puts it forward.

use crate::graphql::Caller;
use crate::journey::{Journey, People, Step};
use crate::log::{counted, entries};
use crate::node::{Node, Store};
use crate::process::run;
use aws_lc_rs::digest::{SHA256, digest};
use serde_json::{Value, json};
use std::time::Duration;

/// How often something that happens by itself is looked for, and how long between two looks.
const LOOKS_MAX: usize = 1_500;
const PAUSE: Duration = Duration::from_millis(20);

/// Waits until there are so many events of a type.
pub(crate) async fn until(store: &Store, event_type: &str, expected: usize) {
    for _ in 0..LOOKS_MAX {
        if counted(&entries(store).await).get(event_type).copied().unwrap_or_default() >= expected {
            return;
        }
        tokio::time::sleep(PAUSE).await;
    }
    let types: Vec<String> = entries(store).await.into_iter().map(|entry| entry.event_type).collect();
    panic!("{expected} of {event_type} never came: {types:?}");
}

/// Waits until the query is answered so.
pub(crate) async fn shows(caller: &Caller, query: &str, variables: Value, expected: Value) {
    let mut seen = Value::Null;
    for _ in 0..LOOKS_MAX {
        seen = caller.see(query, variables.clone()).await;
        if seen == expected {
            return;
        }
        tokio::time::sleep(PAUSE).await;
    }
    assert_eq!(seen, expected);
}

/// Two milestones funded, of which one is approved and one submitted, and a third that is funded.
const STEPS: &[Step] = &[
    Step::CreateJob,
    Step::SubmitJob,
    Step::SubmitProposal,
    Step::MakeOffer,
    Step::AcceptOffer,
    Step::Fund(0),
    Step::AwaitFunds(0),
    Step::Fund(1),
    Step::AwaitFunds(1),
    Step::Fund(2),
    Step::AwaitFunds(2),
    Step::SubmitWork(0),
    Step::Approve(0),
    Step::SubmitWork(1),
];

/// Gives a command that must succeed, under a key made of what it says, and returns the entity that it changed.
pub(crate) async fn done(caller: &Caller, mutation: &str, mut input: Value) -> Value {
    let said = digest(&SHA256, input.to_string().as_bytes());
    input["idempotencyKey"] = format!("{mutation}/{}", hex::encode(said)).into();
    caller.give(mutation, &input).await.unwrap().done().entity
}

async fn statuses(people: &People, journey: &Journey) -> String {
    let query = "query($id: ContractId!) { contract(id: $id) { status milestones { status } } }";
    let seen = people.client.see(query, json!({"id": journey.ids.contract})).await;
    let contract = &seen["contract"];
    let milestones = contract["milestones"].as_array().unwrap().iter();
    let milestones: Vec<_> = milestones.map(|milestone| milestone["status"].as_str().unwrap()).collect();
    format!("{} {}", contract["status"].as_str().unwrap(), milestones.join(" "))
}

/// Waits until the contract and its milestones stand so.
async fn stands(people: &People, journey: &Journey, expected: &str) {
    let mut seen = String::new();
    for _ in 0..LOOKS_MAX {
        seen = statuses(people, journey).await;
        if seen == expected {
            return;
        }
        tokio::time::sleep(PAUSE).await;
    }
    panic!("expected {expected}, found {seen}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_contract_lives_to_its_end_and_its_money_goes_out_and_back() {
    let store = Store::new();
    let node = Node::start_still(&store, None).unwrap();
    let people = People::of(&node);
    let mut journey = Journey::new("booking-site", &["2500.00", "6000.00", "1500.00"], STEPS);
    journey.run(&people).await.unwrap();
    stands(&people, &journey, "ACTIVE RELEASED SUBMITTED FUNDED").await;

    // Five days: the earnings clear, and what was captured is settled.
    node.put_forward(6).await.unwrap();
    until(&store, "earnings.cleared", 1).await;
    until(&store, "settlement.recorded", 1).await;
    let payout = done(
        &people.talent,
        "requestPayout",
        json!({"amount": {"amount": "2000.00", "currency": "USD"}, "destination": "ba_fails_once"}),
    )
    .await;
    // A week: the new payee's hold lapses; the payout fails, and is tried again an hour later.
    node.put_forward(7).await.unwrap();
    until(&store, "payout.failed", 1).await;
    node.put_forward(1).await.unwrap();
    until(&store, "payout.paid", 1).await;
    let query = "query($id: PayoutId!) { payout(id: $id) { status attempts amount { amount } } }";
    let mut seen = people.talent.see(query, json!({"id": payout["id"]})).await;
    for _ in 0..LOOKS_MAX {
        if seen["payout"]["status"] == "PAID" {
            break;
        }
        tokio::time::sleep(PAUSE).await;
        seen = people.talent.see(query, json!({"id": payout["id"]})).await;
    }
    assert_eq!(seen["payout"], json!({"status": "PAID", "attempts": 2, "amount": {"amount": "2000.00"}}));

    // Two weeks after the work was handed in, it approves itself.
    node.put_forward(1).await.unwrap();
    stands(&people, &journey, "ACTIVE RELEASED RELEASED FUNDED").await;

    // The third goes back, and the contract ends.
    let third = json!({"contractId": journey.ids.contract, "milestoneId": journey.ids.milestones[2]});
    let mut ask = third.clone();
    ask["reasons"] = "We launch without it.".into();
    done(&people.client, "requestRefund", ask).await;
    done(&people.talent, "agreeRefund", third).await;
    until(&store, "refund.confirmed", 1).await;
    done(&people.client, "requestEnd", json!({"contractId": journey.ids.contract})).await;
    done(&people.talent, "agreeEnd", json!({"contractId": journey.ids.contract})).await;
    stands(&people, &journey, "ENDED RELEASED RELEASED REFUNDED").await;

    let timers = run(&["timers", "--json", "--data", &store.path()]);
    assert_eq!(timers.code, Some(0), "{timers:?}");
    assert!(timers.stdout.contains("clearEarnings"), "{timers:?}");
    store.verified();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_answers_or_funds_lapses_and_gives_its_place_back() {
    let store = Store::new();
    let node = Node::start_still(&store, None).unwrap();
    let people = People::of(&node);
    let mut offer = Journey::new("offer", &["100.00"], STEPS);
    offer.run_to(&people, Step::MakeOffer).await;
    let mut unfunded = Journey::new("unfunded", &["100.00"], STEPS);
    unfunded.run_to(&people, Step::AcceptOffer).await;
    let due = "{ due(first: 10) { nodes { kind reason overdue parties } } }";
    let mut seen = Value::Null;
    for _ in 0..LOOKS_MAX {
        seen = people.client.see(due, Value::Null).await;
        if seen["due"]["nodes"].as_array().is_some_and(|nodes| nodes.len() == 4) {
            break;
        }
        tokio::time::sleep(PAUSE).await;
    }
    let kinds: Vec<_> = seen["due"]["nodes"].as_array().unwrap().iter().map(|due| &due["kind"]).collect();
    let expected = ["EXPIRE_OFFER", "CANCEL_UNFUNDED_CONTRACT", "EXPIRE_JOB", "EXPIRE_PROPOSAL"];
    assert_eq!(kinds, expected, "{seen}");

    node.put_forward(15).await.unwrap();
    until(&store, "offer.expired", 1).await;
    stands(&people, &unfunded, "CANCELLED CANCELLED").await;
    until(&store, "job.reopened", 1).await;
    node.put_forward(61).await.unwrap();
    until(&store, "job.expired", 2).await;
    node.stop();
    // Time goes on from where the log ends, and nothing fires twice.
    let node = Node::start_still(&store, None).unwrap();
    node.put_forward(1).await.unwrap();
    let counts = counted(&entries(&store).await);
    assert_eq!((counts["offer.expired"], counts["contract.cancelled"], counts["job.expired"]), (1, 1, 2));
    assert_eq!(counts.get("process.command_refused"), None);
    store.verified();
}

#[tokio::test(flavor = "multi_thread")]
async fn only_an_admin_puts_the_clock_forward_and_production_has_none() {
    let store = Store::new();
    let node = Node::start_still(&store, None).unwrap();
    let url = node.url("/dev/clock");
    let token = node.banner()["tokens"]["client"].as_str().unwrap().to_owned();
    for bearer in [None, Some(token)] {
        let mut request = node.http().post(&url).body(r#"{"bySeconds": 1}"#);
        if let Some(bearer) = bearer {
            request = request.bearer_auth(bearer);
        }
        assert_eq!(request.send().await.unwrap().status(), 403);
    }
    let admin = node.banner()["tokens"]["admin"].as_str().unwrap();
    let garbage = node.http().post(&url).bearer_auth(admin).body("tomorrow").send().await.unwrap();
    assert_eq!(garbage.status(), 400);
    node.stop();
    let plain = Node::start(&Store::new());
    assert_eq!(plain.http().get(plain.url("/dev/clock")).send().await.unwrap().status(), 404);
}
