//! Input that no command can be made of, or that the rules refuse: each is told by its code and field, and the log
//! stays exactly as it was.

use crate::journey::{Journey, People, Step, WHOLE};
use crate::log::fingerprint;
use crate::node::{Node, Store};
use serde_json::{Value, json};

/// Contracts that were brought this far.
struct Market {
    store: Store,
    node: Node,
    people: People,
    /// A proposal that waits for an offer.
    proposed: Journey,
    /// A contract whose milestones have no money.
    agreed: Journey,
    /// Another party's contract.
    foreign: Journey,
}

impl Market {
    async fn open() -> Self {
        let store = Store::new();
        let node = Node::start(&store);
        let people = People::of(&node);
        let mut proposed = Journey::new("proposed", &["100.00"], WHOLE);
        proposed.run_to(&people, Step::SubmitProposal).await;
        let mut agreed = Journey::new("agreed", &["100.00"], WHOLE);
        agreed.run_to(&people, Step::AcceptOffer).await;
        let others = People { client: node.person("client", "asha"), talent: node.person("talent", "kenji") };
        let mut foreign = Journey::new("foreign", &["100.00"], WHOLE);
        foreign.run_to(&others, Step::AcceptOffer).await;
        Self { store, node, people, proposed, agreed, foreign }
    }

    /// Each input, as this role, is answered as told, and nothing is written.
    async fn refuses(&self, role: &str, mutation: &str, cases: &[(&str, Value)]) {
        let before = fingerprint(&self.store).await;
        for (told, input) in cases {
            let mut input = input.clone();
            if input.get("idempotencyKey").is_none() {
                input["idempotencyKey"] = "bad/1".into();
            }
            let answer = self.people.with_role(role).give(mutation, &input).await.unwrap();
            assert_eq!(answer.told(), *told, "{input}");
            assert_eq!(fingerprint(&self.store).await, before, "{input}");
        }
        self.store.verified();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn amounts_that_are_no_prices_are_refused() {
    let market = Market::open().await;
    let offer = |amounts: &[(&str, &str)]| {
        let milestones: Vec<_> = amounts
            .iter()
            .map(|(amount, currency)| json!({"title": "Part", "amount": {"amount": amount, "currency": currency}}))
            .collect();
        json!({"proposalId": market.proposed.ids.proposal, "milestones": milestones})
    };
    let one = |amount: &str, currency: &str| offer(&[(amount, currency)]);
    let at = |code: &str| format!("refused {code} at milestones[0].amount");
    let cases = [
        (at("AMOUNT_NOT_POSITIVE"), one("0", "USD")),
        (at("AMOUNT_NOT_POSITIVE"), one("0.00", "USD")),
        (at("AMOUNT_NEGATIVE"), one("-1.00", "USD")),
        (at("AMOUNT_TOO_PRECISE"), one("1.001", "USD")),
        (at("AMOUNT_TOO_PRECISE"), one("1.5", "JPY")),
        (at("AMOUNT_TOO_PRECISE"), one("1.0001", "KWD")),
        (at("AMOUNT_TOO_LARGE"), one("10000000000000.01", "USD")),
        (at("AMOUNT_TOO_LARGE"), one(&"9".repeat(400), "USD")),
        // The amount fits; what the client would pay, fee included, doesn't.
        (at("AMOUNT_TOO_LARGE"), one("10000000000000.00", "USD")),
        (at("AMOUNT_MALFORMED"), one("1e3", "USD")),
        (at("AMOUNT_MALFORMED"), one("1,000", "USD")),
        (at("AMOUNT_MALFORMED"), one("NaN", "USD")),
        (at("AMOUNT_MALFORMED"), one("", "USD")),
        (at("CURRENCY_UNKNOWN"), one("1", "ZZZ")),
        (at("CURRENCY_UNKNOWN"), one("1", "usd")),
        (
            "refused CURRENCY_MISMATCH at milestones[1].amount".to_owned(),
            offer(&[("1", "USD"), ("1", "EUR")]),
        ),
        (
            "refused AMOUNT_TOO_LARGE at milestones[1].amount".to_owned(),
            offer(&[("8000000000000", "USD"), ("8000000000000", "USD")]),
        ),
        ("refused COUNT_OUT_OF_RANGE at milestones".to_owned(), offer(&[])),
        ("refused COUNT_OUT_OF_RANGE at milestones".to_owned(), offer(&[("1", "USD"); 51])),
    ];
    let cases = cases.each_ref().map(|(told, input)| (told.as_str(), input.clone()));
    market.refuses("client", "makeOffer", &cases).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn texts_and_counts_out_of_bounds_are_refused() {
    let market = Market::open().await;
    let job = |title: &str, description: &str| json!({"title": title, "description": description});
    let staffed = |headcount: i64| json!({"title": "T", "description": "D", "headcount": headcount});
    let keyed = |key: &str| json!({"title": "T", "description": "D", "idempotencyKey": key});
    market
        .refuses(
            "client",
            "createJob",
            &[
                ("refused TEXT_EMPTY at title", job(" ", "D")),
                ("refused TEXT_EMPTY at description", job("T", "")),
                ("refused TEXT_TOO_LONG at title", job(&"x".repeat(201), "D")),
                ("refused TEXT_TOO_LONG at description", job("T", &"x".repeat(10_001))),
                ("refused TEXT_MALFORMED at title", job("T\u{0}", "D")),
                ("refused COUNT_OUT_OF_RANGE at headcount", staffed(0)),
                ("refused COUNT_OUT_OF_RANGE at headcount", staffed(101)),
                ("refused COUNT_OUT_OF_RANGE at headcount", staffed(-1)),
                ("refused COUNT_OUT_OF_RANGE at headcount", staffed(70_000)),
                ("failed BAD_USER_INPUT", staffed(5_000_000_000)),
                ("refused IDEMPOTENCY_KEY_MALFORMED at idempotencyKey", keyed("")),
                ("refused IDEMPOTENCY_KEY_MALFORMED at idempotencyKey", keyed("with a space")),
                ("refused IDEMPOTENCY_KEY_MALFORMED at idempotencyKey", keyed(&"k".repeat(129))),
            ],
        )
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn ids_that_are_malformed_absent_foreign_or_of_something_else_are_refused() {
    let market = Market::open().await;
    let (agreed, foreign) = (&market.agreed.ids, &market.foreign.ids);
    let fund = |contract: &str, milestone: &str| json!({"contractId": contract, "milestoneId": milestone, "paymentMethod": "pm_card"});
    market
        .refuses(
            "client",
            "fundMilestone",
            &[
                ("failed ID_MALFORMED", fund("", &agreed.milestones[0])),
                ("failed ID_MALFORMED", fund("ctr_", &agreed.milestones[0])),
                ("failed ID_MALFORMED", fund("ctr_' or 1=1 --", &agreed.milestones[0])),
                ("failed ID_MALFORMED", fund(&agreed.job, &agreed.milestones[0])),
                ("failed ID_MALFORMED", fund(&agreed.contract.to_uppercase(), &agreed.milestones[0])),
                ("failed NOT_FOUND", fund("ctr_00000000000000000000000000", &agreed.milestones[0])),
                ("failed NOT_FOUND", fund(&foreign.contract, &foreign.milestones[0])),
                ("failed NOT_FOUND", fund(&agreed.contract, &foreign.milestones[0])),
            ],
        )
        .await;
    let propose = |job: &str| json!({"jobId": job, "coverLetter": "I can."});
    market
        .refuses(
            "talent",
            "submitProposal",
            &[
                ("failed NOT_FOUND", propose("job_00000000000000000000000000")),
                ("failed ID_MALFORMED", propose(&agreed.contract)),
                ("refused JOB_FULL at jobId", propose(&agreed.job)),
            ],
        )
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn card_numbers_are_no_payment_methods() {
    let market = Market::open().await;
    let ids = &market.agreed.ids;
    let fund = |method: &str| json!({"contractId": ids.contract, "milestoneId": ids.milestones[0], "paymentMethod": method});
    market
        .refuses(
            "client",
            "fundMilestone",
            &[
                ("refused TEXT_MALFORMED at paymentMethod", fund("4242424242424242")),
                ("refused TEXT_EMPTY at paymentMethod", fund("")),
                ("refused TEXT_TOO_LONG at paymentMethod", fund(&"x".repeat(65))),
            ],
        )
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_used_for_another_request_is_a_mismatch() {
    let market = Market::open().await;
    let used = market.agreed.command(Step::CreateJob).unwrap();
    let mut title = used.input.clone();
    title["title"] = "Something else".into();
    let mut headcount = used.input.clone();
    headcount["headcount"] = 2.into();
    let mismatch = "failed IDEMPOTENCY_MISMATCH";
    market.refuses("client", "createJob", &[(mismatch, title), (mismatch, headcount)]).await;
    let submit = json!({"jobId": market.proposed.ids.job, "idempotencyKey": used.input["idempotencyKey"]});
    market.refuses("client", "submitJob", &[(mismatch, submit)]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_is_its_callers_own() {
    let market = Market::open().await;
    let used = market.agreed.command(Step::CreateJob).unwrap();
    let own = market.people.client.give("createJob", &used.input).await.unwrap().done();
    let other = market.node.person("client", "somebody else");
    let others = other.give("createJob", &used.input).await.unwrap().done();
    assert!(own.event_ids.iter().all(|id| !others.event_ids.contains(id)));
}
