//! The whole life of money, driven one step at a time: released, cleared, paid out with a failure, a silence and a
//! return; refunded, late, and twice. The same seed makes the same log.

use super::*;
use crate::SimulatedClock;
use crate::process;
use crate::rail::{Rail, Sandbox, SandboxProvider, WebhookSecret};
use crate::step::Stepper;
use domain::contract::{AgreeRefund, ApproveMilestone, FundMilestone, RequestEnd, RequestRefund, SubmitWork};
use domain::deposit::PaymentMethod;
use domain::payout::RequestPayout;
use tempfile::TempDir;

struct World {
    store: Arc<dyn EventStore>,
    engine: Engine,
    clock: Arc<SimulatedClock>,
    stepper: Stepper,
    _dir: TempDir,
}

impl World {
    async fn begin(seed: u64) -> Self {
        let (store, dir) = (memory(), tempfile::tempdir().unwrap());
        let clock = Arc::new(SimulatedClock::new(Timestamp::from_micros(NOW), 0));
        let secret = WebhookSecret::new(&[1; 32]);
        let provider = Arc::new(SandboxProvider::open(dir.path(), clock.clone(), secret.clone()).unwrap());
        let rail: Arc<dyn Rail> = Arc::new(Sandbox::new(provider.clone(), vec![secret]));
        let config = Config { clock: clock.clone(), rails: vec![rail], ..config(seed, NOW) };
        let engine = Engine::start(store.clone(), config).await.unwrap();
        let stepper = Stepper::begin(engine.clone(), clock.clone(), provider, process::all()).await.unwrap();
        Self { store, engine, clock, stepper, _dir: dir }
    }

    async fn days(&mut self, days: u16) {
        let to = crate::Clock::now(&*self.clock).plus_days(days);
        self.stepper.advance_to(to).await.unwrap();
    }

    async fn give(&mut self, actor: Actor, key: &str, command: impl Into<Command>) -> Receipt {
        let receipt = give(&self.engine, actor, key, command).await.unwrap();
        self.stepper.settle().await.unwrap();
        receipt
    }

    async fn funded(&mut self, name: &str, token: &str) -> (ContractId, MilestoneId) {
        let (contract_id, milestone_id) = contract(&self.engine, name).await;
        let payment_method = PaymentMethod::parse(token).unwrap();
        let fund = FundMilestone { contract_id, milestone_id, rail: "sandbox", payment_method };
        self.give(client(), &format!("fund/{name}"), fund).await;
        (contract_id, milestone_id)
    }

    async fn released(&mut self, name: &str) {
        let (contract_id, milestone_id) = self.funded(name, "pm_ok").await;
        self.give(talent(0), &format!("work/{name}"), SubmitWork { contract_id, milestone_id, note: text() })
            .await;
        self.give(client(), &format!("approve/{name}"), ApproveMilestone { contract_id, milestone_id }).await;
    }

    async fn payout(&mut self, key: &str, minor: i64, token: &str) {
        let request = RequestPayout {
            party_id: PartyId::from_u128(100),
            amount: Money::new(minor, Currency::USD).unwrap(),
            rail: "sandbox",
            destination: PaymentMethod::parse(token).unwrap(),
        };
        self.give(talent(0), key, request).await;
    }

    async fn payouts(&self) -> Vec<String> {
        let types = types(&self.store).await;
        types.iter().filter_map(|name| name.strip_prefix("payout.").map(str::to_owned)).collect()
    }
}

/// A hash of everything that is recorded.
async fn digest(store: &Arc<dyn EventStore>) -> Vec<String> {
    let records = store.read(Position::START, 10_000).await.unwrap();
    records.iter().map(|record| record.leaf().to_string()).collect()
}

#[tokio::test]
async fn earnings_clear_and_are_paid_out_after_a_failure() {
    let mut world = World::begin(1).await;
    world.released("one").await;
    world.days(6).await;
    assert_eq!(count(&world.store, "earnings.cleared").await, 1);
    assert!(count(&world.store, "settlement.recorded").await > 0);
    world.payout("payout", 100_000, "ba_fails_once").await;
    assert_eq!(world.payouts().await, ["requested", "held"]);
    world.days(9).await;
    let expected = [
        "requested",
        "held",
        "released",
        "approved",
        "submitted",
        "acknowledged",
        "failed",
        "retried",
        "approved",
        "submitted",
        "acknowledged",
        "paid",
    ];
    assert_eq!(world.payouts().await, expected);
    assert_eq!(count(&world.store, "process.command_refused").await, 0);
}

#[tokio::test]
async fn an_unknown_outcome_is_asked_about_and_a_silent_provider_brings_in_a_person() {
    let mut world = World::begin(1).await;
    world.released("one").await;
    world.days(6).await;
    world.payout("asked", 1_000, "ba_timeout").await;
    world.days(8).await;
    assert_eq!(world.payouts().await.last().unwrap(), "paid");
    world.payout("silent", 1_000, "ba_never").await;
    world.days(20).await;
    assert_eq!(world.payouts().await.last().unwrap(), "escalated");
}

#[tokio::test]
async fn a_payout_that_comes_back_is_credited_and_holds_the_account() {
    let mut world = World::begin(1).await;
    world.released("one").await;
    world.days(6).await;
    world.payout("back", 1_000, "ba_returned").await;
    world.days(9).await;
    let payouts = world.payouts().await;
    assert_eq!(payouts[payouts.len() - 3..], ["paid", "returned", "credited"]);
    assert_eq!(types(&world.store).await.last().unwrap(), "account.hold_placed");
}

#[tokio::test]
async fn money_that_comes_late_or_twice_goes_back() {
    let mut world = World::begin(1).await;
    world.funded("late", "pm_late").await;
    world.days(1).await;
    let deposits: Vec<_> =
        types(&world.store).await.into_iter().filter(|name| name.starts_with("deposit.")).collect();
    let expected = [
        "deposit.requested",
        "deposit.attempt_started",
        "deposit.acknowledged",
        "deposit.failed",
        "deposit.unmatched",
        "deposit.refunded",
    ];
    assert_eq!(deposits, expected);
    assert_eq!(count(&world.store, "refund.confirmed").await, 1);
    world.funded("twice", "pm_twice").await;
    assert_eq!(count(&world.store, "escrow.funded").await, 1);
    assert_eq!(count(&world.store, "refund.requested").await, 1, "a report that comes twice is one fact");
}

#[tokio::test]
async fn an_agreed_refund_is_sent_and_the_contract_ends() {
    let mut world = World::begin(1).await;
    let (contract_id, milestone_id) = world.funded("one", "pm_ok").await;
    let ask = RequestRefund { contract_id, milestone_id, reasons: text() };
    world.give(client(), "ask", ask).await;
    world.give(talent(0), "agree", AgreeRefund { contract_id, milestone_id }).await;
    assert_eq!(count(&world.store, "refund.confirmed").await, 1);
    world.give(client(), "end", RequestEnd { contract_id }).await;
    world.days(7).await;
    assert_eq!(count(&world.store, "contract.ended").await, 1);
    let (_, other) = world.funded("norefund", "pm_norefund").await;
    let contract_id = world.last_contract().await;
    world
        .give(talent(0), "back", domain::contract::RefundMilestone { contract_id, milestone_id: other })
        .await;
    assert_eq!(count(&world.store, "refund.failed").await, 1);
}

#[tokio::test]
async fn a_refund_of_which_nothing_is_heard_brings_in_a_person_once() {
    let mut world = World::begin(1).await;
    let (contract_id, milestone_id) = world.funded("lost", "pm_lostrefund").await;
    let back = domain::contract::RefundMilestone { contract_id, milestone_id };
    world.give(talent(0), "back", back).await;
    assert_eq!(count(&world.store, "refund.escalated").await, 0);
    world.days(30).await;
    assert_eq!(count(&world.store, "refund.escalated").await, 1);
    assert_eq!(count(&world.store, "refund.confirmed").await, 0);
}

impl World {
    async fn last_contract(&self) -> ContractId {
        let records = self.store.read(Position::START, 10_000).await.unwrap();
        let streams = records.iter().flat_map(|record| record.header().memberships.clone());
        let last = streams.filter_map(|membership| match StreamId::parse(&membership.stream) {
            Some(StreamId::Contract(id)) => Some(id),
            _ => None,
        });
        last.last().unwrap()
    }
}

#[tokio::test]
async fn a_contract_that_nobody_funds_gives_its_place_back_and_the_job_expires() {
    let mut world = World::begin(1).await;
    contract(&world.engine, "one").await;
    world.days(80).await;
    assert_eq!(count(&world.store, "contract.cancelled").await, 1);
    assert_eq!(count(&world.store, "job.reopened").await, 1);
    assert_eq!(count(&world.store, "job.expired").await, 1);
}

#[tokio::test]
async fn the_same_seed_makes_the_same_log_and_another_makes_another() {
    let mut logs = Vec::new();
    for seed in [1, 1, 2] {
        let mut world = World::begin(seed).await;
        world.released("one").await;
        world.funded("late", "pm_late").await;
        world.days(6).await;
        world.payout("payout", 100_000, "ba_fails_once").await;
        world.days(30).await;
        logs.push(digest(&world.store).await);
    }
    assert_eq!(logs[0], logs[1]);
    assert_ne!(logs[0], logs[2]);
}
