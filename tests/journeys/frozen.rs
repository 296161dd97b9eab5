//! Money that compliance has frozen: whoever approves the work has approved it, and nothing moves until it is unfrozen.

use crate::books::Books;
use crate::journey::{Journey, People, Step};
use crate::log::{counted, entries};
use crate::node::{Node, Store};
use crate::seasons::{done, shows, until};
use serde_json::{Value, json};

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

async fn stands(people: &People, journey: &Journey, expected: Value) {
    let query = "query($id: ContractId!) { contract(id: $id) { milestones { status isFrozen escrowHeld { amount } } } }";
    let expected = json!({"contract": {"milestones": [expected]}});
    shows(&people.client, query, json!({"id": journey.ids.contract}), expected).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn work_that_is_approved_while_its_money_is_frozen_is_paid_once_it_is_unfrozen() {
    let store = Store::new();
    let node = Node::start_still(&store, None).unwrap();
    let people = People::of(&node);
    let compliance = node.persona("compliance");
    let mut journey = Journey::new("suspicious", &["1000.00"], STEPS);
    journey.run(&people).await.unwrap();
    let mut freeze = journey.milestone(0);
    freeze["reason"] = "A tip from the bank.".into();
    done(&compliance, "freezeFunds", freeze).await;

    done(&people.client, "approveMilestone", journey.milestone(0)).await;
    let held =
        |status: &str| json!({"status": status, "isFrozen": true, "escrowHeld": {"amount": "1000.00"}});
    stands(&people, &journey, held("APPROVED")).await;
    // Neither the review's window nor that of the earnings moves anything.
    node.put_forward(30).await.unwrap();
    until(&store, "settlement.recorded", 1).await;
    stands(&people, &journey, held("APPROVED")).await;
    let books = Books::of(&node).await;
    assert_eq!(["2110", "2115", "2200", "2210"].map(|code| books.balance(code)), [100_000, 15_000, 0, 0]);

    let mut unfreeze = journey.milestone(0);
    unfreeze["idempotencyKey"] = "in-vain".into();
    for caller in [&people.client, &people.talent, &node.persona("finance")] {
        let answer = caller.give("unfreezeFunds", &unfreeze).await.unwrap();
        assert_eq!(answer.told(), "failed FORBIDDEN");
    }
    done(&compliance, "unfreezeFunds", journey.milestone(0)).await;
    let released = json!({"status": "RELEASED", "isFrozen": false, "escrowHeld": {"amount": "0.00"}});
    stands(&people, &journey, released).await;
    let books = Books::of(&node).await;
    assert_eq!(["2110", "2115", "2200", "2210"].map(|code| books.balance(code)), [0, 0, 0, 88_000]);

    node.put_forward(6).await.unwrap();
    until(&store, "earnings.cleared", 1).await;
    let books = Books::of(&node).await;
    assert_eq!(["2200", "2210"].map(|code| books.balance(code)), [88_000, 0]);
    books.assert_closed();
    assert_eq!(counted(&entries(&store).await)["escrow.released"], 1);
    assert_eq!(books, Books::of_report(&store.verified()));
}
