//! What the nouns of money tell, and what commands on them answer, to those whom the table lets pass.

use super::house::{CLIENT, House, STRANGER, TALENT};
use super::*;
use serde_json::{Value, json};

pub(super) fn as_role(party: PartyId, role: Role) -> Caller {
    Caller::Person { party, roles: vec![role] }
}

impl House {
    /// The data of an answer without errors.
    pub(super) async fn data(&self, caller: &Caller, document: &str) -> Value {
        let response = serde_json::to_value(self.ask(caller, document).await).unwrap();
        assert_eq!(response["errors"], Value::Null, "{document}");
        response["data"].clone()
    }

    /// The code that an answer is refused with.
    pub(super) async fn code(&self, caller: &Caller, document: &str) -> Value {
        let response = serde_json::to_value(self.ask(caller, document).await).unwrap();
        response["errors"][0]["extensions"]["code"].clone()
    }
}

#[tokio::test]
async fn a_milestone_tells_its_dispute_its_refund_and_its_earnings() {
    let house = House::open().await;
    let document = format!(
        r#"{{ contract(id: "{}") {{ milestones {{
            status escrowFrozen {{ amount }} refundRequest {{ reasons }}
            dispute {{ id status }} refunds {{ id status amount {{ amount }} }} lots {{ clearedAt }}
        }} }} }}"#,
        house.contract
    );
    let data = house.data(&as_role(CLIENT, Role::Client), &document).await;
    let [paid, disputed, refunded] = &data["contract"]["milestones"].as_array().unwrap()[..] else {
        panic!("{data}")
    };
    assert_eq!(paid["status"], "RELEASED");
    assert!(paid["lots"][0]["clearedAt"].is_string(), "{paid}");
    assert_eq!(disputed["status"], "DISPUTED");
    assert_eq!(disputed["escrowFrozen"]["amount"], "20000.00");
    assert_eq!(disputed["refundRequest"]["reasons"], "some text");
    assert_eq!(disputed["dispute"], json!({"id": house.dispute.to_string(), "status": "NEGOTIATION"}));
    assert_eq!(refunded["status"], "REFUNDED");
    assert_eq!(refunded["refunds"][0]["id"], house.refund.to_string());
}

#[tokio::test]
async fn a_contract_as_of_an_earlier_place_is_as_it_stood_there() {
    let house = House::open().await;
    let caller = as_role(TALENT, Role::Talent);
    let asked = "status milestones { status title } balances { account } asOf { position }";
    let document = format!(
        r#"{{ contract(id: "{}", asOf: {{ position: {} }}) {{ {asked} }} }}"#,
        house.contract, house.agreed_at
    );
    let then = house.data(&caller, &document).await;
    let milestone = json!({"status": "AGREED", "title": "some text"});
    assert_eq!(
        then["contract"],
        json!({
            "status": "CREATED",
            "milestones": [milestone, milestone, milestone],
            "balances": [],
            "asOf": {"position": house.agreed_at.get()},
        })
    );
    let before = document.replace(&format!("position: {} }}", house.agreed_at), "position: 1 }");
    assert_eq!(house.data(&caller, &before).await["contract"], Value::Null);
    let beyond = document.replace(&format!("position: {} }}", house.agreed_at), "position: 1000000 }");
    assert_eq!(house.code(&caller, &beyond).await, "BAD_USER_INPUT");
}

#[tokio::test]
async fn at_each_place_a_dispute_tells_what_it_told_when_it_stood_there() {
    let house = House::open().await;
    let (client, talent) = (as_role(CLIENT, Role::Client), as_role(TALENT, Role::Talent));
    let told = "status answer dueAt deadlinesMissed escalatesFrom evidenceSealedAt clientFeeHeld { amount }
        evidence { number text } questions { number } offers { number author clientShare { amount } }
        recommendation { reasons } decision { kind } appeal { ground } closedAt withdrawalBy
        outcome { clientShare { amount } }";
    let place = house.dispute;
    let offer = |share| {
        format!(
            r#"makeSettlementOffer(input: {{ disputeId: "{place}", clientShare: {share}, idempotencyKey: "#
        )
    };
    let share = |amount: &str| format!(r#"{{ amount: "{amount}", currency: "USD" }}"#);
    let accept =
        format!(r#"acceptSettlementOffer(input: {{ disputeId: "{place}", number: 2, idempotencyKey: "#);
    let mut shown = Vec::new();
    for (number, (caller, command)) in
        [(&talent, offer(share("100"))), (&client, offer(share("9000"))), (&talent, accept)]
            .into_iter()
            .enumerate()
    {
        let document =
            format!(r#"mutation {{ it: {command} "{number}" }}) {{ position dispute {{ {told} }} }} }}"#);
        let mut done = house.data(caller, &document).await["it"].take();
        shown.push((done["position"].take(), done["dispute"].take()));
    }
    let accepted = &shown[2].1;
    assert_eq!((&accepted["status"], &accepted["offers"][1]["number"]), (&json!("SETTLED"), &json!(1)));
    for (position, then) in &shown {
        let document =
            format!(r#"{{ dispute(id: "{place}", asOf: {{ position: {position} }}) {{ {told} }} }}"#);
        assert_eq!(&house.data(&client, &document).await["dispute"], then, "as of {position}");
        let by_contract = format!(
            r#"{{ contract(id: "{}", asOf: {{ position: {position} }}) {{ milestones {{ dispute {{ {told} }} }} }} }}"#,
            house.contract
        );
        let contract = house.data(&client, &by_contract).await;
        assert_eq!(&contract["contract"]["milestones"][1]["dispute"], then, "as of {position}");
    }
}

#[tokio::test]
async fn a_dispute_as_of_an_earlier_place_is_as_it_stood_there_with_its_contract() {
    let house = House::open().await;
    let caller = as_role(CLIENT, Role::Client);
    let ask = |as_of: &Value| {
        let place = format!("asOf: {{ position: {as_of} }}");
        let asked = "status asOf { position } contract { asOf { position } }";
        format!(r#"{{ dispute(id: "{}", {place}) {{ {asked} }} }}"#, house.dispute)
    };
    let withdraw = format!(
        r#"mutation {{ withdrawDispute(input: {{ disputeId: "{}", idempotencyKey: "k" }}) {{ position eventIds }} }}"#,
        house.dispute
    );
    let mut withdrawn = house.data(&caller, &withdraw).await["withdrawDispute"].take();
    let withdrawn_at = withdrawn["position"].take();
    let events = withdrawn["eventIds"].as_array().unwrap().len() as u64;
    let before = json!(withdrawn_at.as_u64().unwrap() - events);
    for (place, status) in [(before, "NEGOTIATION"), (withdrawn_at, "WITHDRAWN")] {
        let at = json!({"position": place});
        let told = house.data(&caller, &ask(&place)).await;
        assert_eq!(told["dispute"], json!({"status": status, "asOf": at, "contract": {"asOf": at}}));
    }
    let agreed = json!(house.agreed_at.get());
    assert_eq!(house.data(&caller, &ask(&agreed)).await["dispute"], Value::Null, "nobody had refused yet");
    assert_eq!(house.code(&caller, &ask(&json!(1_000_000))).await, "BAD_USER_INPUT");
}

#[tokio::test]
async fn a_timeline_is_read_in_pages_that_join_and_ends_with_what_is_held_now() {
    let house = House::open().await;
    let caller = as_role(CLIENT, Role::Client);
    let page = async |first: usize, after: Option<&str>| {
        let after = after.map_or_else(String::new, |after| format!(r#", after: "{after}""#));
        let document = format!(
            r#"{{ contract(id: "{}") {{ timeline(first: {first}{after}) {{
                nodes {{ id type balances {{ account amount {{ amount }} }} }}
                pageInfo {{ hasNextPage endCursor }}
            }} }} }}"#,
            house.contract
        );
        house.data(&caller, &document).await["contract"]["timeline"].take()
    };
    let whole = page(28, None).await;
    let facts = whole["nodes"].as_array().unwrap();
    assert_eq!(whole["pageInfo"]["hasNextPage"], false);
    assert_eq!(facts[0]["type"], "contract.created");
    let half = page(facts.len() / 2, None).await;
    let rest = page(28, half["pageInfo"]["endCursor"].as_str()).await;
    let both = [&half["nodes"], &rest["nodes"]].map(|nodes| nodes.as_array().unwrap().clone()).concat();
    assert_eq!(&both, facts);
    let held: Vec<&Value> = facts.last().unwrap()["balances"].as_array().unwrap().iter().collect();
    let frozen = held.iter().find(|held| held["account"].as_str().unwrap().starts_with("2120:")).unwrap();
    assert_eq!(frozen["amount"]["amount"], "20000.00");
}

#[tokio::test]
async fn an_account_now_and_as_of_now_tell_the_same() {
    let house = House::open().await;
    let caller = as_role(TALENT, Role::Talent);
    let asked = "available { amount } reserved { amount } free { amount } onHold { amount } holds { reason }";
    let now = house.data(&caller, &format!(r#"{{ account(currency: "USD") {{ {asked} }} }}"#)).await;
    let past =
        house.data(&caller, &format!(r#"{{ account(currency: "USD", asOf: {{}}) {{ {asked} }} }}"#)).await;
    assert_eq!(now["account"]["reserved"]["amount"], "15000.00");
    assert_eq!(now, past);
}

#[tokio::test]
async fn the_ledger_as_of_now_is_the_trial_balance() {
    let house = House::open().await;
    let caller = as_role(STRANGER, Role::Auditor);
    let rows = "code currency debits { amount } credits { amount } balance { amount }";
    let document = format!("{{ trialBalance {{ {rows} }} ledger(asOf: {{}}) {{ balances {{ {rows} }} }} }}");
    let data = house.data(&caller, &document).await;
    assert!(!data["trialBalance"].as_array().unwrap().is_empty());
    assert_eq!(data["trialBalance"], data["ledger"]["balances"]);
    let none = house.data(&caller, r#"{ ledger(asOf: { effectiveOn: "2020-01-01" }) { entries } }"#).await;
    assert_eq!(none["ledger"]["entries"], 0);
}

#[tokio::test]
async fn what_is_due_tells_when_why_and_to_whom() {
    let house = House::open().await;
    let document = "{ due { nodes { kind overdue reason targetId parties } } }";
    let data = house.data(&as_role(TALENT, Role::Talent), document).await;
    let [dispute, offer, proposal] = &data["due"]["nodes"].as_array().unwrap()[..] else { panic!("{data}") };
    assert_eq!((&offer["kind"], &proposal["kind"]), (&json!("EXPIRE_OFFER"), &json!("EXPIRE_PROPOSAL")));
    assert_eq!(dispute["kind"], "AUTO_ESCALATE_DISPUTE");
    assert_eq!(offer["overdue"], false);
    assert_eq!(offer["parties"], json!([CLIENT.to_string(), TALENT.to_string()]));
    assert!(offer["targetId"].as_str().unwrap().starts_with("prp_"), "{offer}");
    let others = format!(r#"{{ due(partyId: "{CLIENT}") {{ nodes {{ kind }} }} }}"#);
    assert_eq!(house.data(&as_role(TALENT, Role::Talent), &others).await["due"], Value::Null);
    let before = r#"{ due(before: "2020-01-01T00:00:00Z") { nodes { kind } } }"#;
    assert_eq!(house.data(&as_role(STRANGER, Role::Support), before).await["due"]["nodes"], json!([]));
}

#[tokio::test]
async fn what_is_due_is_read_in_pages_that_join() {
    let house = House::open().await;
    let support = as_role(STRANGER, Role::Support);
    let page = async |first: usize, after: Option<&str>| {
        let after = after.map_or_else(String::new, |after| format!(r#", after: "{after}""#));
        let document = format!(
            "{{ due(first: {first}{after}) {{
                nodes {{ kind stream dueAt }} pageInfo {{ hasNextPage endCursor }}
            }} }}"
        );
        house.data(&support, &document).await["due"].take()
    };
    let whole = page(100, None).await;
    let all = whole["nodes"].as_array().unwrap();
    assert!(all.len() > 1 && whole["pageInfo"]["hasNextPage"] == false, "{whole}");
    let (mut walked, mut after) = (Vec::new(), None);
    for _ in all {
        let one = page(1, after.as_deref()).await;
        walked.extend(one["nodes"].as_array().unwrap().clone());
        assert_eq!(one["pageInfo"]["hasNextPage"], walked.len() < all.len());
        after = one["pageInfo"]["endCursor"].as_str().map(str::to_owned);
    }
    assert_eq!(&walked, all);
}

#[tokio::test]
async fn a_payout_in_review_needs_a_person_until_finance_approves_it() {
    let house = House::open().await;
    let finance = as_role(STRANGER, Role::Finance);
    let queue = "{ attention { nodes { kind id } } }";
    let item = json!({"kind": "PAYOUT_REVIEW", "id": house.payout.to_string()});
    assert_eq!(house.data(&finance, queue).await["attention"]["nodes"], json!([item]));
    let approve = format!(
        r#"mutation {{ approvePayout(input: {{ payoutId: "{}", idempotencyKey: "k" }}) {{
            position payout {{ status needsReview destinationHint }} userErrors {{ code }}
        }} }}"#,
        house.payout
    );
    assert_eq!(house.code(&as_role(STRANGER, Role::Talent), &approve).await, "FORBIDDEN");
    let approved = house.data(&finance, &approve).await["approvePayout"].take();
    assert_eq!(approved["userErrors"], json!([]));
    assert_eq!(
        approved["payout"],
        json!({"status": "APPROVED", "needsReview": true, "destinationHint": "ank"})
    );
    let after = format!("{{ attention(afterPosition: {}) {{ nodes {{ id }} }} }}", approved["position"]);
    assert_eq!(house.data(&finance, &after).await["attention"]["nodes"], json!([]));
}

#[tokio::test]
async fn a_payout_that_nobody_frees_by_itself_is_listed_with_its_holds_and_what_to_do() {
    let house = House::open().await;
    let hold = format!(
        r#"mutation {{ placePayoutHold(input: {{
            partyId: "{TALENT}", currency: "USD", reason: LEGAL, idempotencyKey: "k"
        }}) {{ position }} }}"#
    );
    let placed = house.data(&as_role(STRANGER, Role::Compliance), &hold).await["placePayoutHold"].take();
    let queue = format!(
        "{{ attention(afterPosition: {}) {{ nodes {{ kind id holds reason remedy }} }} }}",
        placed["position"]
    );
    let listed = house.data(&as_role(STRANGER, Role::Finance), &queue).await;
    let [item] = &listed["attention"]["nodes"].as_array().unwrap()[..] else { panic!("{listed}") };
    assert_eq!((&item["kind"], &item["holds"]), (&json!("PAYOUT_HELD"), &json!(["LEGAL"])));
    assert_eq!(item["id"], house.payout.to_string());
    assert_eq!(item["reason"], "the account is on hold, and not every hold lapses by itself");
    assert!(item["remedy"].as_str().unwrap().contains("releasePayoutHold"), "{item}");
}

#[tokio::test]
async fn a_hold_a_pause_and_a_dispute_are_answered_with_what_they_changed() {
    let house = House::open().await;
    let hold = format!(
        r#"mutation {{ placePayoutHold(input: {{
            partyId: "{TALENT}", currency: "USD", reason: LEGAL, idempotencyKey: "k"
        }}) {{ account {{ holds {{ reason until }} }} }} }}"#
    );
    let placed = house.data(&as_role(STRANGER, Role::Compliance), &hold).await;
    let holds = &placed["placePayoutHold"]["account"]["holds"];
    assert_eq!(*holds, json!([{"reason": "LEGAL", "until": null}]));

    let pause = r#"mutation { pauseProcess(input: {
        process: PAYOUTS, reason: "bank outage", idempotencyKey: "k2"
    }) { pauses { kind what } } }"#;
    let paused = house.data(&as_role(STRANGER, Role::Admin), pause).await;
    let process = |what| json!({"kind": "PROCESS", "what": what});
    assert_eq!(paused["pauseProcess"]["pauses"], json!([process("payouts"), process("refunding")]));

    let withdraw = format!(
        r#"mutation {{ withdrawDispute(input: {{ disputeId: "{}", idempotencyKey: "k" }}) {{
            dispute {{ status }} userErrors {{ code }}
        }} }}"#,
        house.dispute
    );
    let wrong = house.data(&as_role(TALENT, Role::Talent), &withdraw).await;
    assert_eq!(wrong["withdrawDispute"]["userErrors"], json!([{"code": "WRONG_SIDE"}]));
    let right = house.data(&as_role(CLIENT, Role::Client), &withdraw).await;
    assert_eq!(right["withdrawDispute"]["dispute"]["status"], "WITHDRAWN");
}

#[tokio::test]
async fn a_payout_comes_from_the_caller_s_own_account_and_can_be_taken_back() {
    let house = House::open().await;
    let talent = as_role(TALENT, Role::Talent);
    let free = async |after: &Value| {
        let document = format!(r#"{{ account(currency: "USD", after: {after}) {{ free {{ amount }} }} }}"#);
        house.data(&talent, &document).await["account"]["free"]["amount"].take()
    };
    let ask = |amount: &str, key: &str| {
        format!(
            r#"mutation {{ requestPayout(input: {{
                amount: {{ amount: "{amount}", currency: "USD" }}, destination: "ba_bank", idempotencyKey: "{key}"
            }}) {{ position payout {{ id party rail }} userErrors {{ code field }} }} }}"#
        )
    };
    assert_eq!(free(&json!(0)).await, "2600.00");
    let too_much = house.data(&talent, &ask("2600.01", "k1")).await["requestPayout"].take();
    assert_eq!(too_much["userErrors"], json!([{"code": "BALANCE_TOO_LOW", "field": "amount"}]));
    assert_eq!(too_much["payout"], Value::Null);
    let asked = house.data(&talent, &ask("600.00", "k2")).await["requestPayout"].take();
    assert_eq!(asked["payout"]["party"], TALENT.to_string());
    assert_eq!(asked["payout"]["rail"], "sandbox");
    assert_eq!(free(&asked["position"]).await, "2000.00");

    let cancel = format!(
        r#"mutation {{ cancelPayout(input: {{ payoutId: {}, idempotencyKey: "k3" }}) {{
            position payout {{ status }}
        }} }}"#,
        asked["payout"]["id"]
    );
    assert_eq!(house.code(&as_role(STRANGER, Role::Talent), &cancel).await, "NOT_FOUND");
    let cancelled = house.data(&talent, &cancel).await["cancelPayout"].take();
    assert_eq!(cancelled["payout"]["status"], "CANCELLED");
    assert_eq!(free(&cancelled["position"]).await, "2600.00");
}

#[tokio::test]
async fn an_end_is_told_from_when_it_is_asked_for_until_it_is_taken_back() {
    let house = House::open().await;
    let end = |mutation: &str| {
        format!(
            r#"mutation {{ {mutation}(input: {{ contractId: "{}", idempotencyKey: "{mutation}" }}) {{
                contract {{ status endRequest {{ requester agreedAt }} }} userErrors {{ code }}
            }} }}"#,
            house.contract
        )
    };
    let (client, talent) = (as_role(CLIENT, Role::Client), as_role(TALENT, Role::Talent));
    let asked = house.data(&client, &end("requestEnd")).await;
    let request = json!({"requester": "CLIENT", "agreedAt": null});
    assert_eq!(asked["requestEnd"]["contract"], json!({"status": "ENDING", "endRequest": request}));
    let wrong = house.data(&talent, &end("withdrawEnd")).await;
    assert_eq!(wrong["withdrawEnd"]["userErrors"], json!([{"code": "WRONG_SIDE"}]));
    let back = house.data(&client, &end("withdrawEnd")).await;
    assert_eq!(back["withdrawEnd"]["contract"], json!({"status": "ACTIVE", "endRequest": null}));
}

#[tokio::test]
async fn a_rail_is_paused_by_its_name_and_one_that_there_is_not_is_absent() {
    let house = House::open().await;
    let admin = as_role(STRANGER, Role::Admin);
    let pause = |rail: &str| {
        format!(
            r#"mutation {{ pauseRail(input: {{ rail: "{rail}", reason: "incident", idempotencyKey: "{rail}" }}) {{
                pauses {{ kind what reason }}
            }} }}"#
        )
    };
    assert_eq!(house.code(&admin, &pause("none")).await, "NOT_FOUND");
    let paused = house.data(&admin, &pause("sandbox")).await;
    let rail = json!({"kind": "RAIL", "what": "sandbox", "reason": "incident"});
    assert_eq!(paused["pauseRail"]["pauses"][1], rail);
}
