//! A dispute that climbs every rung: a claim, mediation with evidence, a recommendation that is rejected, arbitration that
//! both sides pay for, an award, and an appeal that somebody else decides. Then the money is divided.

use crate::books::Books;
use crate::dispute::{Dispute, usd};
use crate::journey::{Journey, People, Step};
use crate::node::{Node, Store};
use crate::seasons::{done, until};
use serde_json::json;

const STEPS: &[Step] = &[
    Step::CreateJob,
    Step::SubmitJob,
    Step::SubmitProposal,
    Step::MakeOffer,
    Step::AcceptOffer,
    Step::Fund(0),
    Step::AwaitFunds(0),
    Step::SubmitWork(0),
    Step::Approve(0),
];

/// Both sides have money here: the talent has earned 440.00, and of the client 460.00 came back that its bank won't take.
async fn with_money(store: &Store, people: &People) {
    let mut earned = Journey::new("earned", &["500.00"], STEPS);
    earned.run(people).await.unwrap();
    let mut returned = Journey::new("returned", &["400.00"], STEPS);
    returned.run_to(people, Step::AcceptOffer).await;
    let mut fund = returned.milestone(0);
    fund["paymentMethod"] = "pm_norefund".into();
    done(&people.client, "fundMilestone", fund).await;
    until(store, "escrow.funded", 2).await;
    let mut ask = returned.milestone(0);
    ask["reasons"] = "We changed our plans.".into();
    done(&people.client, "requestRefund", ask).await;
    done(&people.talent, "agreeRefund", returned.milestone(0)).await;
    until(store, "refund.failed", 1).await;
}

async fn balances<const N: usize>(node: &Node, codes: [&str; N]) -> [i64; N] {
    let books = Books::of(node).await;
    codes.map(|code| books.balance(code))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dispute_climbs_to_an_appeal_that_somebody_else_decides_and_its_money_is_divided() {
    let store = Store::new();
    let node = Node::start_still(&store, None).unwrap();
    let people = People::of(&node);
    let People { client, talent } = &people;
    with_money(&store, &people).await;
    let dispute = Dispute::begin(&people, ("2000.00", "1500.00")).await;
    node.put_forward(6).await.unwrap();
    until(&store, "earnings.cleared", 1).await;
    assert_eq!(balances(&node, ["2100", "2110", "2120", "2200"]).await, [46_000, 0, 200_000, 44_000]);
    dispute.mediate((&node, &store), "500.00").await;

    dispute.give(client, "rejectRecommendation", json!({})).await;
    dispute
        .shows(
            "status arbitrationFee { amount }",
            json!({"status": "ARBITRATION_OFFERED",
        "arbitrationFee": {"amount": "300.00"}}),
        )
        .await;
    dispute.give(client, "payArbitrationFee", json!({})).await;
    dispute.give(talent, "payArbitrationFee", json!({})).await;
    dispute.stands("ARBITRATION").await;
    assert_eq!(balances(&node, ["2100", "2130", "2200"]).await, [16_000, 60_000, 14_000]);
    let (arbitrator, award) = (
        node.persona("arbitrator"),
        json!({"clientShare": usd("1000.00"),
        "feeBearer": "BOTH", "reasons": "Half of it is missing."}),
    );
    dispute.give(&arbitrator, "issueAward", award).await;
    dispute.stands("DECIDED").await;

    let appeal = json!({"ground": "NEW_EVIDENCE", "reasons": "There is a letter that nobody has read."});
    dispute.give(client, "fileAppeal", appeal).await;
    dispute.stands("APPEALED").await;
    let decision = json!({"clientShare": usd("1200.00"), "reasons": "The letter says so."});
    for judged_before in [&node.persona("support"), &arbitrator] {
        let told = dispute.refused(judged_before, "decideAppeal", decision.clone()).await;
        assert_eq!(told, "refused NOT_NEUTRAL");
    }
    dispute.give(&node.person("support", "reviewer"), "decideAppeal", decision).await;
    let outcome = json!({"kind": "APPEAL_DECIDED", "clientShare": {"amount": "1200.00"},
        "talentShare": {"amount": "800.00"}});
    let selection = "status outcome { kind clientShare { amount } talentShare { amount } }";
    dispute.shows(selection, json!({"status": "CLOSED", "outcome": outcome})).await;

    // The client gets 1,200.00 and 180.00 of its fee back on the card, and 150.00 of the arbitration; the talent 704.00 of
    // its 800.00 once that clears, and 150.00 at once. What the talent bears of the arbitration has 25.00 tax in it.
    until(&store, "refund.confirmed", 1).await;
    let held = ["2110", "2115", "2120", "2130", "2400", "2600"];
    assert_eq!(balances(&node, held).await, [0; 6]);
    assert_eq!(balances(&node, ["2100", "2200", "2210"]).await, [31_000, 29_000, 70_400]);
    assert_eq!(balances(&node, ["4100", "2500"]).await, [60_000, 5_100]);
    let books = Books::of(&node).await;
    books.assert_closed();
    assert_eq!(books, Books::of_report(&store.verified()));
}
