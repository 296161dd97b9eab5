//! A hiring without a proposal: the client asks a talent straight away, who wants other terms, and gets them. The
//! marketplace looks at no job before it opens.

use crate::books::head;
use crate::graphql::Caller;
use crate::journey::People;
use crate::node::{Node, Store};
use crate::seasons::done;
use serde_json::{Value, json};

/// Milestones of these amounts, as an offer names them.
fn milestones(amounts: &[&str]) -> Value {
    let milestones = amounts.iter().map(
        |amount| json!({"title": format!("For {amount}"), "amount": {"amount": amount, "currency": "USD"}}),
    );
    milestones.collect()
}

/// The acceptance of the offer that the proposal shows.
fn acceptance(proposal: &Value) -> Value {
    let offer = &proposal["offer"];
    json!({"proposalId": proposal["id"], "offer": offer["number"], "termsHash": offer["termsHash"]})
}

async fn told(caller: &Caller, mutation: &str, input: &Value) -> String {
    let mut input = input.clone();
    input["idempotencyKey"] = "in-vain".into();
    caller.give(mutation, &input).await.unwrap().told()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_direct_offer_is_countered_and_the_counter_offer_makes_the_contract() {
    let store = Store::new();
    let node = Node::start(&store);
    let People { client, talent } = People::of(&node);
    let draft = json!({"title": "A logo", "description": "Round, and blue."});
    let job = done(&client, "createJob", draft).await["id"].take();
    let opened = done(&client, "submitJob", json!({"jobId": job})).await;
    assert_eq!(opened["status"], "OPEN", "nobody has to look at it first");

    let offer = json!({"jobId": job, "talent": talent.party().await, "milestones": milestones(&["300.00", "100.00"])});
    let offered = done(&client, "makeDirectOffer", offer).await;
    let number = &offered["offer"]["number"];
    assert_eq!((&offered["status"], number.as_u64()), (&json!("OFFERED"), Some(1)));
    let wanted = milestones(&["350.00", "120.00"]);
    let counter = json!({"proposalId": offered["id"], "offer": number, "milestones": wanted});
    assert_eq!(told(&client, "counterOffer", &counter).await, "refused WRONG_SIDE");
    let countered = done(&talent, "counterOffer", counter).await;
    assert_eq!(countered["offer"]["number"], 2);

    // What was countered is gone, and nobody accepts an offer of their own.
    let (first, second) = (acceptance(&offered), acceptance(&countered));
    assert_eq!(told(&client, "acceptOffer", &first).await, "refused OFFER_SUPERSEDED at offer");
    assert_eq!(told(&talent, "acceptOffer", &second).await, "refused WRONG_SIDE");
    let contract = done(&client, "acceptOffer", second).await;

    let query = "query($contract: ContractId!, $proposal: ProposalId!, $after: Position) {
        contract(id: $contract, after: $after) { status milestones { status amount { amount } } job { status } }
        proposal(id: $proposal, after: $after) { status offers { number author status } } }";
    let variables =
        json!({"contract": contract["id"], "proposal": offered["id"], "after": head(&node).await});
    let milestone = |amount: &str| json!({"status": "AGREED", "amount": {"amount": amount}});
    let offer = |number: u8, author: &str, status: &str| json!({"number": number, "author": author, "status": status});
    assert_eq!(
        talent.see(query, variables).await,
        json!({
            "contract": {"status": "CREATED", "milestones": [milestone("350.00"), milestone("120.00")],
                "job": {"status": "FILLED"}},
            "proposal": {"status": "ACCEPTED",
                "offers": [offer(2, "TALENT", "ACCEPTED"), offer(1, "CLIENT", "SUPERSEDED")]},
        })
    );
    store.verified();
}
