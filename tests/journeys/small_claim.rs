//! A small claim: arbitration would cost more than it is about, so an arbitrator decides from the documents, for nothing.

use crate::books::Books;
use crate::dispute::{Dispute, usd};
use crate::journey::People;
use crate::node::{Node, Store};
use crate::seasons::until;
use serde_json::{Value, json};

#[tokio::test(flavor = "multi_thread")]
async fn a_small_claim_costs_no_fee_and_its_decision_stands_once_nobody_appeals() {
    let store = Store::new();
    let node = Node::start_still(&store, None).unwrap();
    let people = People::of(&node);
    let dispute = Dispute::begin(&people, ("200.00", "120.00")).await;
    node.put_forward(3).await.unwrap();
    dispute.mediate((&node, &store), "100.00").await;
    dispute.give(&people.talent, "rejectRecommendation", json!({})).await;
    let offered = json!({"status": "ARBITRATION_OFFERED", "arbitrationFee": Value::Null});
    dispute.shows("status arbitrationFee { amount }", offered).await;
    for side in [&people.client, &people.talent] {
        assert_eq!(dispute.refused(side, "payArbitrationFee", json!({})).await, "refused WRONG_STATE");
    }

    let arbitrator = node.persona("arbitrator");
    let too_much = json!({"clientShare": usd("120.01"), "reasons": "More than was claimed."});
    let told = dispute.refused(&arbitrator, "decideSmallClaim", too_much).await;
    assert_eq!(told, "refused SHARE_OUT_OF_RANGE at clientShare");
    let decision = json!({"clientShare": usd("50.00"), "reasons": "Most of it is there."});
    dispute.give(&arbitrator, "decideSmallClaim", decision).await;
    dispute
        .shows("status decision { kind }", json!({"status": "DECIDED", "decision": {"kind": "SMALL_CLAIM"}}))
        .await;
    assert_eq!(Books::of(&node).await.balance("2120"), 20_000, "nothing moves before it stands");

    // The client gets 50.00 and 7.50 of its fee back; the talent's 150.00 cost 15.00, and 3.00 tax on it.
    node.put_forward(8).await.unwrap();
    dispute
        .shows("status outcome { kind }", json!({"status": "CLOSED", "outcome": {"kind": "UNCHALLENGED"}}))
        .await;
    until(&store, "refund.confirmed", 1).await;
    let books = Books::of(&node).await;
    let codes = ["2100", "2110", "2115", "2120", "2130", "2200", "2210", "2400", "4100", "2500"];
    assert_eq!(codes.map(|code| books.balance(code)), [0, 0, 0, 0, 0, 0, 13_200, 0, 3_750, 300]);
    books.assert_closed();
    assert_eq!(books, Books::of_report(&store.verified()));
}
