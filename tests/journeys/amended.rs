//! A contract that changes on its way: an amendment, a part that is released while the rest funds what comes next, an end
//! on which both sides agree, and a bonus after it.

use crate::books::Books;
use crate::journey::{Journey, People, Step};
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

fn usd(amount: &str) -> Value {
    json!({"amount": amount, "currency": "USD"})
}

/// Waits until contract and milestones stand so.
async fn stands(people: &People, journey: &Journey, status: &str, milestones: &[(&str, &str)]) {
    let query =
        "query($id: ContractId!) { contract(id: $id) { status milestones { status amount { amount } } } }";
    let shown = |(status, amount): &(&str, &str)| json!({"status": status, "amount": {"amount": amount}});
    let milestones: Vec<_> = milestones.iter().map(shown).collect();
    let expected = json!({"contract": {"status": status, "milestones": milestones}});
    shows(&people.client, query, json!({"id": journey.ids.contract}), expected).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_rolls_forward_costs_no_second_fee_and_a_bonus_comes_after_the_end() {
    let store = Store::new();
    let node = Node::start_still(&store, None).unwrap();
    let people = People::of(&node);
    let mut journey = Journey::new("shop", &["1000.00", "400.00"], STEPS);
    journey.run(&people).await.unwrap();
    let contract = json!({"contractId": journey.ids.contract});
    let with = |mut input: Value, more: Value| {
        input.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        input
    };

    // The second milestone grows, so that it needs what the first will leave.
    let second = &journey.ids.milestones[1];
    let changes = json!({"changes": [{"milestoneId": second, "amount": usd("600.00")}]});
    done(&people.talent, "proposeAmendment", with(contract.clone(), changes)).await;
    done(&people.client, "acceptAmendment", with(contract.clone(), json!({"number": 1}))).await;
    stands(&people, &journey, "ACTIVE", &[("SUBMITTED", "1000.00"), ("AGREED", "600.00")]).await;

    let part = json!({"amount": usd("400.00"), "rest": "ROLLED_FORWARD", "rollForwardTo": second});
    done(&people.client, "partiallyRelease", with(journey.milestone(0), part)).await;
    stands(&people, &journey, "ACTIVE", &[("FUNDED", "1000.00"), ("AGREED", "600.00")]).await;
    done(&people.talent, "agreeMove", journey.milestone(0)).await;
    // What moved is the first's no longer.
    stands(&people, &journey, "ACTIVE", &[("RELEASED", "400.00"), ("FUNDED", "600.00")]).await;
    let books = Books::of(&node).await;
    assert_eq!(["2110", "2115", "2210"].map(|code| books.balance(code)), [60_000, 9_000, 35_200]);

    done(&people.talent, "submitWork", with(journey.milestone(1), json!({"note": "The rest."}))).await;
    done(&people.client, "approveMilestone", journey.milestone(1)).await;
    done(&people.client, "requestEnd", contract.clone()).await;
    done(&people.talent, "agreeEnd", contract.clone()).await;
    let released = [("RELEASED", "400.00"), ("RELEASED", "600.00")];
    stands(&people, &journey, "ENDED", &released).await;
    let bonus = json!({"amount": usd("50.00"), "title": "Thank you.", "paymentMethod": "pm_card"});
    done(&people.client, "payBonus", with(contract, bonus)).await;
    let [first, second] = released;
    stands(&people, &journey, "ENDED", &[first, second, ("RELEASED", "50.00")]).await;

    // Of 1,050.00 the talent pays 105.00 and 21.00 tax on it; the client paid 150.00 on top, and nothing for the bonus.
    node.put_forward(6).await.unwrap();
    until(&store, "earnings.cleared", 3).await;
    until(&store, "settlement.recorded", 1).await;
    let books = Books::of(&node).await;
    let codes = ["2110", "2115", "2200", "2210", "2700", "4100", "2500"];
    assert_eq!(codes.map(|code| books.balance(code)), [0, 0, 92_400, 0, 27_600, 25_500, 2_100]);
    books.assert_closed();
    assert_eq!(books, Books::of_report(&store.verified()));
}
