//! Webhooks: only those of the provider are taken, and each once.

use crate::books::Books;
use crate::journey::{Journey, People, Step, WHOLE};
use crate::log::{Fingerprint, counted, entries, fingerprint};
use crate::node::{Node, Store};
use crate::seasons::until;
use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Longest wait for the node's own processes to come to rest, in steps.
const STEPS_MAX: usize = 1_000;
const STEP: Duration = Duration::from_millis(20);
/// Steps without a new event that count as rest.
const QUIET_STEPS: usize = 10;

/// Another hand that signs as the provider does.
struct Provider<'a> {
    node: &'a Node,
    secret: Vec<u8>,
}

impl<'a> Provider<'a> {
    fn of(node: &'a Node, store: &Store) -> Self {
        let text = std::fs::read_to_string(store.data().join("secrets/webhook.key")).unwrap();
        Self { node, secret: hex::decode(text.trim()).unwrap() }
    }

    /// Sends `body` under `id`, signed `age` seconds ago with `secret`; the status of the answer.
    async fn send_signed(&self, id: &str, body: &str, age: i64, secret: &[u8]) -> u16 {
        let timestamp = (now() - age).to_string();
        let key = hmac::Key::new(hmac::HMAC_SHA256, secret);
        let tag = hmac::sign(&key, format!("{id}.{timestamp}.{body}").as_bytes());
        let signature = format!("v1,{}", STANDARD.encode(tag.as_ref()));
        self.send_as_is(
            &[("webhook-id", id), ("webhook-timestamp", &timestamp), ("webhook-signature", &signature)],
            body,
        )
        .await
    }

    async fn send(&self, id: &str, body: &str) -> u16 {
        self.send_signed(id, body, 0, &self.secret).await
    }

    async fn send_as_is(&self, headers: &[(&str, &str)], body: &str) -> u16 {
        let mut request = self.node.http().post(self.node.url("/webhooks/sandbox"));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.body(body.to_owned()).send().await.unwrap().status().as_u16()
    }
}

#[expect(clippy::disallowed_methods, reason = "a provider outside of the node has a clock of its own")]
fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    i64::try_from(since.as_secs()).unwrap()
}

fn captured(deposit: &str, payment: &str, minor: i64) -> String {
    json!({"type": "payment.captured", "reference": deposit, "payment": payment, "amount": {"minor": minor, "currency": "USD"}})
        .to_string()
}

/// A contract whose first milestone is funded, and the id of its deposit.
async fn funded(node: &Node) -> (Journey, String) {
    let people = People::of(node);
    let mut journey = Journey::new("site", &["2500.00", "100.00"], WHOLE);
    journey.run_to(&people, Step::AwaitFunds(0)).await;
    let deposit = deposit(&people, &journey, 0).await["id"].as_str().unwrap().to_owned();
    (journey, deposit)
}

async fn deposit(people: &People, journey: &Journey, place: usize) -> Value {
    let query =
        "query($id: ContractId!) { contract(id: $id) { milestones { deposit { id status failure } } } }";
    let mut seen = people.client.see(query, json!({"id": journey.ids.contract})).await;
    seen["contract"]["milestones"][place]["deposit"].take()
}

/// The log, once the node's own processes have come to rest.
async fn rested(store: &Store) -> Fingerprint {
    let (mut last, mut quiet) = (fingerprint(store).await, 0);
    for _ in 0..STEPS_MAX {
        tokio::time::sleep(STEP).await;
        let next = fingerprint(store).await;
        quiet = if next == last { quiet + 1 } else { 0 };
        last = next;
        if quiet == QUIET_STEPS {
            return last;
        }
    }
    panic!("the log never rests")
}

#[tokio::test(flavor = "multi_thread")]
async fn forged_stale_malformed_and_unknown_ones_are_refused() {
    let store = Store::new();
    let node = Node::start(&store);
    let (_, deposit) = funded(&node).await;
    let provider = Provider::of(&node, &store);
    let before = rested(&store).await;
    let body = captured(&deposit, "pay_other", 287_500);
    let secret = provider.secret.clone();
    assert_eq!(provider.send_signed("msg_1", &body, 0, &[7; 32]).await, 401, "wrong secret");
    assert_eq!(provider.send_signed("msg_1", &body, 600, &secret).await, 401, "ten minutes old");
    assert_eq!(provider.send_signed("msg_1", &body, -600, &secret).await, 401, "ten minutes early");
    assert_eq!(provider.send_as_is(&[], &body).await, 401, "unsigned");
    let unknown = captured("dep_00000000000000000000000000", "pay_other", 1);
    assert_eq!(provider.send("msg_2", &unknown).await, 404, "unknown deposit");
    for (n, body) in [
        "",
        "{}",
        "[]",
        &captured(&deposit, "pay_other", 0),
        &captured(&deposit, "pay_other", -1),
        &captured(&deposit, "", 1),
    ]
    .into_iter()
    .enumerate()
    {
        assert_eq!(provider.send(&format!("msg_bad_{n}"), body).await, 400, "{body}");
    }
    let elsewhere = node.http().post(node.url("/webhooks/nobody")).header("webhook-id", "m");
    let elsewhere = elsewhere.header("webhook-timestamp", "1").header("webhook-signature", "v1,AAAA");
    assert_eq!(elsewhere.send().await.unwrap().status(), 404, "unknown rail");
    assert_eq!(fingerprint(&store).await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_oversized_one_is_refused() {
    let store = Store::new();
    let node = Node::start(&store);
    let provider = Provider::of(&node, &store);
    let before = fingerprint(&store).await;
    assert_eq!(provider.send("msg_1", &" ".repeat(64 * 1024 + 1)).await, 413);
    assert_eq!(fingerprint(&store).await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_one_again_has_no_effect_whether_by_its_id_or_by_its_payment() {
    let store = Store::new();
    let node = Node::start(&store);
    let (_, deposit) = funded(&node).await;
    let provider = Provider::of(&node, &store);
    rested(&store).await;
    let second = captured(&deposit, "pay_second", 500);
    assert_eq!(provider.send("msg_2", &second).await, 204);
    until(&store, "refund.confirmed", 1).await;
    rested(&store).await;
    let once = fingerprint(&store).await;
    for id in ["msg_2", "msg_2", "msg_3"] {
        assert_eq!(provider.send(id, &second).await, 204, "{id}");
    }
    assert_eq!(fingerprint(&store).await, once);
    let other = captured(&deposit, "pay_third", 500);
    assert_eq!(provider.send("msg_2", &other).await, 400, "another message under a used id");
    assert_eq!(fingerprint(&store).await, once);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_payment_for_a_deposit_is_kept_apart_and_goes_back() {
    let store = Store::new();
    let node = Node::start(&store);
    let (journey, deposit) = funded(&node).await;
    let provider = Provider::of(&node, &store);
    assert_eq!(provider.send("msg_2", &captured(&deposit, "pay_second", 287_500)).await, 204);
    until(&store, "refund.confirmed", 1).await;
    let books = Books::of(&node).await;
    assert_eq!(books.turnover("2600"), (287_500, 287_500));
    assert_eq!(books.turnover("2400"), (287_500, 287_500));
    assert_eq!((books.balance("2110"), books.balance("1100")), (250_000, 287_500));
    books.assert_closed();
    assert_eq!(journey.status(&node.persona("client"), 0).await.unwrap(), "FUNDED");
    assert_eq!(Books::of_report(&store.verified()), books);
}

/// A milestone paid for with `method`: the journey, once its log has come to rest.
async fn paid_with(node: &Node, store: &Store, method: &str) -> (People, Journey) {
    let people = People::of(node);
    let mut journey = Journey::new("site", &["2500.00"], WHOLE);
    journey.run_to(&people, Step::AcceptOffer).await;
    let mut fund = journey.command(Step::Fund(0)).unwrap();
    fund.input["paymentMethod"] = method.into();
    people.client.give(fund.mutation, &fund.input).await.unwrap().done();
    rested(store).await;
    (people, journey)
}

#[tokio::test(flavor = "multi_thread")]
async fn too_little_money_is_unidentified_funds_nothing_and_goes_back() {
    let store = Store::new();
    let node = Node::start(&store);
    let (people, journey) = paid_with(&node, &store, "pm_short").await;
    until(&store, "refund.confirmed", 1).await;
    let books = Books::of(&node).await;
    assert_eq!(books.turnover("2600"), (287_499, 287_499));
    assert_eq!((books.balance("2110"), books.balance("1100")), (0, 0));
    assert_eq!(journey.status(&people.client, 0).await.unwrap(), "AGREED", "it can be funded anew");
    let counts = counted(&entries(&store).await);
    assert_eq!((counts.get("escrow.funded"), counts.get("deposit.unmatched")), (None, Some(&1)));
    store.verified();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_that_reports_twice_funds_once() {
    let store = Store::new();
    let node = Node::start(&store);
    let (people, journey) = paid_with(&node, &store, "pm_twice").await;
    assert_eq!(journey.status(&people.client, 0).await.unwrap(), "FUNDED");
    assert_eq!(Books::of(&node).await.balance("1100"), 287_500);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_never_came_is_asked_for_and_funds_once() {
    let store = Store::new();
    let node = Node::start(&store);
    let (people, journey) = paid_with(&node, &store, "pm_timeout").await;
    assert_eq!(journey.status(&people.client, 0).await.unwrap(), "FUNDED");
    let counts = counted(&entries(&store).await);
    assert_eq!(counts["deposit.attempt_started"], 1);
    assert_eq!(Books::of(&node).await.balance("1100"), 287_500);
}

#[tokio::test(flavor = "multi_thread")]
async fn declined_and_failed_deposits_can_be_tried_again() {
    let store = Store::new();
    let node = Node::start(&store);
    for (method, failure) in
        [("pm_declined", "card_declined"), ("pm_insufficient_funds", "insufficient_funds")]
    {
        let people = People::of(&node);
        let mut journey = Journey::new(method, &["2500.00"], WHOLE);
        journey.run_to(&people, Step::AcceptOffer).await;
        let mut fund = journey.command(Step::Fund(0)).unwrap().under(method);
        fund.input["paymentMethod"] = method.into();
        people.client.give(fund.mutation, &fund.input).await.unwrap().done();
        rested(&store).await;
        let failed = deposit(&people, &journey, 0).await;
        assert_eq!((&failed["status"], &failed["failure"]), (&json!("FAILED"), &json!(failure)));
        journey.run(&people).await.unwrap();
    }
    assert_eq!(Books::of(&node).await.balance("2210"), 440_000);
}
