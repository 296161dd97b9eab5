//! The whole journey, as the people in it see it.

use crate::books::{Books, head};
use crate::journey::{Journey, People, Step, WHOLE};
use crate::node::{Node, Store};
use serde_json::{Value, json};

const AMOUNTS: &[&str] = &["2500.00", "6000.00", "1500.00"];

/// Where everything stands, in one line: job, proposal, contract, first milestone, its newest deposit.
async fn seen(people: &People, role: &str, journey: &Journey) -> String {
    let caller = people.with_role(role);
    let after = journey.position();
    let ids = &journey.ids;
    let mut states = Vec::new();
    for (id, query, path) in [
        (
            &ids.job,
            "query($id: JobId!, $after: Position) { it: job(id: $id, after: $after) { status } }",
            "/it/status",
        ),
        (
            &ids.proposal,
            "query($id: ProposalId!, $after: Position) { it: proposal(id: $id, after: $after) { status } }",
            "/it/status",
        ),
        (
            &ids.contract,
            "query($id: ContractId!, $after: Position) { it: contract(id: $id, after: $after) { status } }",
            "/it/status",
        ),
        (
            &ids.contract,
            "query($id: ContractId!, $after: Position) { it: contract(id: $id, after: $after) { milestones { status } } }",
            "/it/milestones/0/status",
        ),
    ] {
        if id.is_empty() {
            continue;
        }
        let data = caller.see(query, json!({"id": id, "after": after})).await;
        states.push(data.pointer(path).and_then(Value::as_str).unwrap_or("absent").to_owned());
    }
    states.join(" ")
}

fn expected(step: Step) -> &'static str {
    match step {
        Step::CreateJob => "DRAFT",
        Step::SubmitJob => "OPEN",
        Step::SubmitProposal => "OPEN SUBMITTED",
        Step::MakeOffer => "OPEN OFFERED",
        Step::AcceptOffer => "FILLED ACCEPTED CREATED AGREED",
        // The sandbox may have confirmed before anybody looks.
        Step::Fund(_) => "",
        Step::AwaitFunds(_) => "FILLED ACCEPTED ACTIVE FUNDED",
        Step::SubmitWork(_) | Step::Resubmit(_) => "FILLED ACCEPTED ACTIVE SUBMITTED",
        Step::RequestChanges(_) => "FILLED ACCEPTED ACTIVE CHANGES_REQUESTED",
        Step::Approve(_) => "FILLED ACCEPTED ACTIVE RELEASED",
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_step_shows_in_the_queries_of_both_sides_after_its_position() {
    let store = Store::new();
    let node = Node::start(&store);
    let people = People::of(&node);
    let mut journey = Journey::new("booking-site", AMOUNTS, WHOLE);
    while let Some(step) = journey.next() {
        journey.advance(&people).await.unwrap();
        if matches!(step, Step::Fund(_)) {
            continue;
        }
        assert_eq!(seen(&people, "client", &journey).await, expected(step), "{step:?}");
        if step != Step::CreateJob {
            assert_eq!(seen(&people, "talent", &journey).await, expected(step), "{step:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_agreed_paid_and_earned_is_told_to_the_cent() {
    let store = Store::new();
    let node = Node::start(&store);
    let people = People::of(&node);
    let mut journey = Journey::new("booking-site", AMOUNTS, WHOLE);
    journey.run(&people).await.unwrap();
    let query = "query($id: ContractId!, $after: Position) { contract(id: $id, after: $after) {
        fees { talentFee talentFeeTax clientFee clientFeeTax }
        milestones { title status amount { amount currency } escrowHeld { amount } clientFeeHeld { amount }
            released { gross { amount } net { amount } talentFee { amount } talentFeeTax { amount }
                       clientFee { amount } clientFeeTax { amount } }
            deposit { status amount { amount currency } rail } work { note } changes { reasons } } } }";
    let variables = json!({"id": journey.ids.contract, "after": journey.position()});
    let contract = people.talent.see(query, variables).await["contract"].take();
    assert_eq!(
        contract["fees"],
        json!({"talentFee": "0.1", "talentFeeTax": "0.2", "clientFee": "0.15", "clientFeeTax": "0"})
    );
    let amount = |text: &str| json!({"amount": text});
    assert_eq!(
        contract["milestones"][0],
        json!({
            "title": "Part 0", "status": "RELEASED", "amount": {"amount": "2500.00", "currency": "USD"},
            "escrowHeld": amount("0.00"), "clientFeeHeld": amount("0.00"),
            "released": {
                "gross": amount("2500.00"), "net": amount("2200.00"),
                "talentFee": amount("250.00"), "talentFeeTax": amount("50.00"),
                "clientFee": amount("375.00"), "clientFeeTax": amount("0.00"),
            },
            "deposit": {"status": "CONFIRMED", "amount": {"amount": "2875.00", "currency": "USD"}, "rail": "sandbox"},
            "work": {"note": "booking-site is green now."},
            "changes": {"reasons": "booking-site in green, please."},
        })
    );
    assert_eq!(contract["milestones"][1]["status"], "AGREED");
    assert_eq!(contract["milestones"][2]["deposit"], Value::Null);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_books_close_and_say_who_owns_what() {
    let store = Store::new();
    let node = Node::start(&store);
    let people = People::of(&node);
    let mut journey = Journey::new("booking-site", AMOUNTS, WHOLE);
    journey.run_to(&people, Step::AwaitFunds(0)).await;
    let funded = Books::of(&node).await;
    assert_eq!(funded.balance("1100"), 287_500, "clearing");
    assert_eq!(funded.balance("2110"), 250_000, "escrow");
    assert_eq!(funded.balance("2115"), 37_500, "client fee held");

    journey.run(&people).await.unwrap();
    let released = Books::of(&node).await;
    released.assert_closed();
    for (code, cents) in [
        ("1100", 287_500),
        ("2110", 0),
        ("2115", 0),
        ("2210", 220_000),
        ("2600", 0),
        ("2700", 67_500),
        ("1500", 67_500),
        ("2500", 5_000),
        ("4100", 62_500),
    ] {
        assert_eq!(released.balance(code), cents, "{code}");
    }
    assert_eq!(Books::of_report(&store.verified()), released);
}

#[tokio::test(flavor = "multi_thread")]
async fn verify_holds_beside_the_running_node_and_after_it_stopped() {
    let store = Store::new();
    let node = Node::start(&store);
    let mut journey = Journey::new("booking-site", AMOUNTS, WHOLE);
    journey.run(&People::of(&node)).await.unwrap();
    let head = head(&node).await;
    let beside = store.verified();
    assert_eq!(beside["head"], head);
    assert_eq!((&beside["contracts"], &beside["milestones"]), (&json!(1), &json!(3)));
    node.stop();
    assert_eq!(store.verified(), beside);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_goes_on_with_what_the_one_before_it_left() {
    let store = Store::new();
    let mut journey = Journey::new("booking-site", AMOUNTS, WHOLE);
    while journey.next().is_some() {
        let node = Node::start(&store);
        journey.advance(&People::of(&node)).await.unwrap();
        node.stop();
    }
    let node = Node::start(&store);
    assert_eq!(Books::of(&node).await.balance("2210"), 220_000);
}
