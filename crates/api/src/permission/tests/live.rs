//! What accounts and queues tell as they change, to those whom the table lets pass.

use super::house::{House, STRANGER, TALENT};
use super::*;
use async_graphql::Response;
use futures_util::stream::BoxStream;
use futures_util::{FutureExt, StreamExt};
use serde_json::{Value, json};
use std::time::Duration;

/// Far longer than anything here takes; only a failing test waits for it.
const PATIENCE: Duration = Duration::from_secs(30);

fn as_role(party: PartyId, role: Role) -> Caller {
    Caller::Person { party, roles: vec![role] }
}

/// What a subscription tells next, without its position.
async fn told(states: &mut BoxStream<'static, Response>, at: &str) -> Value {
    let response = tokio::time::timeout(PATIENCE, states.next()).await.unwrap().unwrap();
    let response = serde_json::to_value(response).unwrap();
    assert_eq!(response["errors"], Value::Null);
    response["data"].pointer(at).unwrap().clone()
}

impl House {
    /// The payload of a mutation that is done.
    async fn did(&self, caller: &Caller, document: &str) {
        let response = serde_json::to_value(self.ask(caller, document).await).unwrap();
        let payloads = response["data"].as_object().unwrap_or_else(|| panic!("{response}"));
        for payload in payloads.values() {
            assert_eq!(payload["userErrors"], json!([]), "{document}");
        }
    }

    /// Asks for a payout that nobody has to review.
    async fn ask_for_little(&self, key: &str) {
        let ask = format!(
            r#"mutation {{ requestPayout(input: {{
                amount: {{ amount: "600.00", currency: "USD" }}, destination: "ba_bank", idempotencyKey: "{key}"
            }}) {{ userErrors {{ code }} }} }}"#
        );
        self.did(&as_role(TALENT, Role::Talent), &ask).await;
    }

    async fn approve(&self) {
        let approve = format!(
            r#"mutation {{ approvePayout(input: {{ payoutId: "{}", idempotencyKey: "approve" }}) {{
                userErrors {{ code }}
            }} }}"#,
            self.payout
        );
        self.did(&as_role(STRANGER, Role::Finance), &approve).await;
    }
}

#[tokio::test]
async fn an_account_is_told_whenever_money_moves_there_or_is_reserved() {
    let house = House::open().await;
    let fields = "account { free { amount } inTransit { amount } holds { reason } }";
    let own = format!(r#"subscription {{ accountChanged(currency: "USD") {{ {fields} }} }}"#);
    let theirs =
        format!(r#"subscription {{ accountChanged(currency: "USD", partyId: "{TALENT}") {{ {fields} }} }}"#);
    let mut followed = [
        house.follow(&as_role(TALENT, Role::Talent), &own),
        house.follow(&as_role(STRANGER, Role::Finance), &theirs),
    ];
    let account = |free, in_transit| json!({"free": {"amount": free}, "inTransit": {"amount": in_transit}, "holds": []});
    for states in &mut followed {
        assert_eq!(told(states, "/accountChanged/account").await, account("2600.00", "0.00"));
    }
    house.ask_for_little("k").await;
    for states in &mut followed {
        assert_eq!(told(states, "/accountChanged/account").await, account("2000.00", "0.00"));
    }
    house.approve().await;
    for states in &mut followed {
        assert_eq!(told(states, "/accountChanged/account").await, account("2000.00", "15000.00"));
    }
    let mut others = house.follow(&as_role(STRANGER, Role::Talent), &theirs);
    let refused = serde_json::to_value(others.next().await.unwrap()).unwrap();
    assert_eq!(refused["errors"][0]["extensions"]["code"], "NOT_FOUND");
}

#[tokio::test]
async fn the_payouts_to_review_are_told_when_they_are_others_and_not_when_any_payout_moves() {
    let house = House::open().await;
    let document = "subscription { payoutReviewsChanged { payouts { nodes { id needsReview } } } }";
    let mut queue = house.follow(&as_role(STRANGER, Role::Finance), document);
    let at = "/payoutReviewsChanged/payouts/nodes";
    let waiting = json!([{"id": house.payout.to_string(), "needsReview": true}]);
    assert_eq!(told(&mut queue, at).await, waiting);
    house.ask_for_little("k").await;
    let same = tokio::time::timeout(Duration::from_millis(100), queue.next()).await;
    assert!(same.is_err(), "{same:?}");
    house.approve().await;
    assert_eq!(told(&mut queue, at).await, json!([]));
}

#[tokio::test]
async fn the_disputes_are_told_again_when_one_of_them_moves() {
    let house = House::open().await;
    let document = "subscription { disputesChanged { disputes { nodes { status contract { id } } } } }";
    let mut queue = house.follow(&as_role(STRANGER, Role::Arbitrator), document);
    let at = "/disputesChanged/disputes/nodes";
    let dispute = |status| json!([{"status": status, "contract": {"id": house.contract.to_string()}}]);
    assert_eq!(told(&mut queue, at).await, dispute("NEGOTIATION"));
    let withdraw = format!(
        r#"mutation {{ withdrawDispute(input: {{ disputeId: "{}", idempotencyKey: "k" }}) {{
            userErrors {{ code }}
        }} }}"#,
        house.dispute
    );
    house.did(&as_role(super::house::CLIENT, Role::Client), &withdraw).await;
    assert_eq!(told(&mut queue, at).await, dispute("WITHDRAWN"));
}

#[tokio::test]
async fn what_needs_a_person_is_told_when_something_joins_it_and_when_time_alone_does_that() {
    let house = House::open().await;
    let document = "subscription { attentionChanged { attention { nodes { kind } } } }";
    let mut queue = house.follow(&as_role(STRANGER, Role::Support), document);
    let at = "/attentionChanged/attention/nodes";
    assert_eq!(told(&mut queue, at).await, json!([{"kind": "PAYOUT_REVIEW"}]));
    house.pay_twice().await;
    let same = tokio::time::timeout(Duration::from_millis(100), queue.next()).await;
    assert!(same.is_err(), "money that came just now goes back by itself: {same:?}");
    house.wait_a_day();
    let both = json!([{"kind": "DEPOSIT_UNMATCHED"}, {"kind": "PAYOUT_REVIEW"}]);
    assert_eq!(told(&mut queue, at).await, both);
    house.approve().await;
    assert_eq!(told(&mut queue, at).await, json!([{"kind": "DEPOSIT_UNMATCHED"}]));
}

#[tokio::test]
async fn a_page_of_a_queue_has_a_size_within_bounds() {
    let house = House::open().await;
    for field in ["attentionChanged", "payoutReviewsChanged", "disputesChanged"] {
        let document = format!("subscription {{ {field}(first: 0) {{ position }} }}");
        let refused = house.follow(&as_role(STRANGER, Role::Support), &document).next().now_or_never();
        let refused = serde_json::to_value(refused.unwrap().unwrap()).unwrap();
        assert_eq!(refused["errors"][0]["extensions"]["code"], "COUNT_OUT_OF_RANGE", "{field}");
    }
}
