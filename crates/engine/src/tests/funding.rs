//! The funding process with a provider that behaves, declines, fails to answer, and answers twice.

use super::*;
use crate::process::{Call, CallOutcome, Funding, Order, run};
use crate::rail::{Rail, RailError, Signal, Webhook, WebhookError};
use async_trait::async_trait;
use domain::contract::{CancelContract, FundMilestone};
use domain::deposit::{PaymentMethod, ProviderObject, ProviderWord};
use domain::marketplace::{PauseProcess, PauseRail, ResumeProcess, ResumeRail};
use domain::process::ProcessName;
use std::collections::HashMap;
use std::sync::Mutex;
use std::time::Duration;

/// A provider in memory that counts what it is asked.
#[derive(Default)]
struct Provider {
    orders: Mutex<HashMap<String, u32>>,
    questions: Mutex<u32>,
}

fn token(call: &Call) -> &str {
    match &call.order {
        Order::Capture { payment_method, .. } => payment_method,
        Order::Payout { destination, .. } => destination,
        Order::Refund { .. } => "",
    }
}

#[async_trait]
impl Rail for Provider {
    fn name(&self) -> &'static str {
        "sandbox"
    }

    async fn order(&self, call: &Call) -> Result<CallOutcome, RailError> {
        *self.orders.lock().unwrap().entry(call.provider_key.clone()).or_default() += 1;
        match token(call) {
            "pm_declined" => {
                Ok(CallOutcome::Declined { reason: ProviderWord::parse("card_declined").unwrap() })
            }
            "pm_never" => std::future::pending().await,
            "pm_timeout" => Err(RailError("no answer".to_owned())),
            _ => Ok(CallOutcome::Accepted { object: ProviderObject::parse("pay_1").unwrap() }),
        }
    }

    async fn find(&self, provider_key: &str) -> Result<Option<CallOutcome>, RailError> {
        *self.questions.lock().unwrap() += 1;
        let known = self.orders.lock().unwrap().contains_key(provider_key);
        Ok(known.then(|| CallOutcome::Accepted { object: ProviderObject::parse("pay_1").unwrap() }))
    }

    fn verify(&self, _: &Webhook, _: Timestamp) -> Result<Signal, WebhookError> {
        Err(WebhookError::Unsigned)
    }
}

async fn engine_with(store: &Arc<dyn EventStore>, seed: u64, provider: &Arc<Provider>) -> Engine {
    let rails: Vec<Arc<dyn Rail>> = vec![provider.clone()];
    Engine::start(store.clone(), Config { rails, ..config(seed, NOW) }).await.unwrap()
}

async fn fund(engine: &Engine, payment_method: &str) {
    fund_as(engine, "only", payment_method).await;
}

async fn fund_as(engine: &Engine, name: &str, payment_method: &str) {
    let (contract_id, milestone_id) = contract(engine, name).await;
    let payment_method = PaymentMethod::parse(payment_method).unwrap();
    let fund = FundMilestone { contract_id, milestone_id, rail: "sandbox", payment_method };
    give(engine, client(), &format!("fund/{name}"), fund).await.unwrap();
}

/// Waits until an event of the type is in the log.
async fn until(store: &Arc<dyn EventStore>, event_type: &str) {
    let mut head = store.watch_head();
    while count(store, event_type).await == 0 {
        tokio::time::timeout(Duration::from_secs(20), head.changed()).await.expect("it never came").unwrap();
    }
}

#[tokio::test]
async fn a_deposit_is_claimed_then_ordered_once_then_acknowledged() {
    let (store, provider) = (memory(), Arc::new(Provider::default()));
    let engine = engine_with(&store, 1, &provider).await;
    let process = run(engine.clone(), Arc::new(Funding)).await.unwrap();
    fund(&engine, "pm_ok").await;
    until(&store, "deposit.acknowledged").await;
    process.stop().await;
    let deposits: Vec<_> =
        types(&store).await.into_iter().filter(|name| name.starts_with("deposit.")).collect();
    assert_eq!(deposits, ["deposit.requested", "deposit.attempt_started", "deposit.acknowledged"]);
    assert_eq!(provider.orders.lock().unwrap().values().copied().collect::<Vec<_>>(), [1]);
    assert_eq!(*provider.questions.lock().unwrap(), 0);
}

#[tokio::test]
async fn a_declined_deposit_fails() {
    let (store, provider) = (memory(), Arc::new(Provider::default()));
    let engine = engine_with(&store, 1, &provider).await;
    let process = run(engine.clone(), Arc::new(Funding)).await.unwrap();
    fund(&engine, "pm_declined").await;
    until(&store, "deposit.failed").await;
    process.stop().await;
}

#[tokio::test]
async fn an_unknown_outcome_is_asked_about_and_not_ordered_again() {
    let (store, provider) = (memory(), Arc::new(Provider::default()));
    let engine = engine_with(&store, 1, &provider).await;
    let process = run(engine.clone(), Arc::new(Funding)).await.unwrap();
    fund(&engine, "pm_timeout").await;
    until(&store, "deposit.acknowledged").await;
    process.stop().await;
    assert_eq!(provider.orders.lock().unwrap().values().copied().collect::<Vec<_>>(), [1]);
    assert_eq!(*provider.questions.lock().unwrap(), 1);
}

#[tokio::test]
async fn a_process_that_lost_its_checkpoint_repeats_without_a_second_effect() {
    let (store, provider) = (memory(), Arc::new(Provider::default()));
    let engine = engine_with(&store, 1, &provider).await;
    let process = run(engine.clone(), Arc::new(Funding)).await.unwrap();
    fund(&engine, "pm_ok").await;
    until(&store, "deposit.acknowledged").await;
    process.stop().await;
    engine.stop().await;
    // A copy of the log without the consumer's checkpoint.
    let copy = memory();
    let records = store.read(Position::START, 1_000).await.unwrap();
    copy.append(eventstore::Batch::new(Position::START, NOW, records).unwrap()).await.unwrap();
    let engine = engine_with(&copy, 2, &provider).await;
    let process = run(engine.clone(), Arc::new(Funding)).await.unwrap();
    give(&engine, client(), "another", create_job(1)).await.unwrap();
    let head = copy.head().await.unwrap().position;
    while copy.checkpoint("funding").await.unwrap().is_none_or(|checkpoint| checkpoint.position < head) {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    process.stop().await;
    assert_eq!(types(&copy).await.len(), types(&store).await.len() + 1);
    assert_eq!(provider.orders.lock().unwrap().values().copied().collect::<Vec<_>>(), [1]);
}

#[tokio::test]
async fn a_provider_that_never_answers_delays_no_other_deposit() {
    let (store, provider) = (memory(), Arc::new(Provider::default()));
    let engine = engine_with(&store, 1, &provider).await;
    let process = run(engine.clone(), Arc::new(Funding)).await.unwrap();
    fund_as(&engine, "stuck", "pm_never").await;
    for n in 0..200 {
        give(&engine, client(), &format!("noise/{n}"), create_job(1)).await.unwrap();
    }
    fund_as(&engine, "other", "pm_ok").await;
    until(&store, "deposit.acknowledged").await;
    process.stop().await;
    // The one under way holds back the checkpoint, so that the next start asks about it.
    let claimed = store.read(Position::START, 1_000).await.unwrap();
    let claimed =
        claimed.iter().find(|record| record.header().event_type == "deposit.attempt_started").unwrap();
    assert!(store.checkpoint("funding").await.unwrap().is_none_or(|at| at.position < claimed.position()));
}

#[tokio::test]
async fn a_paused_process_waits_and_goes_on_from_where_it_stood() {
    let (store, provider) = (memory(), Arc::new(Provider::default()));
    let engine = engine_with(&store, 1, &provider).await;
    let admin = || Actor::Person { party: PartyId::from_u128(9), roles: vec![Role::Admin] };
    let pause = PauseProcess { process: ProcessName::Funding, reason: text() };
    give(&engine, admin(), "pause", pause).await.unwrap();
    let mut pauses = engine.pauses();
    pauses.wait_for(|pauses| !pauses.processes.is_empty()).await.unwrap();
    let process = run(engine.clone(), Arc::new(Funding)).await.unwrap();
    fund(&engine, "pm_ok").await;
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(count(&store, "deposit.attempt_started").await, 0);
    give(&engine, admin(), "resume", ResumeProcess { process: ProcessName::Funding }).await.unwrap();
    until(&store, "deposit.acknowledged").await;
    process.stop().await;
}

#[tokio::test]
async fn a_paused_rail_is_not_called_until_it_is_resumed() {
    let (store, provider) = (memory(), Arc::new(Provider::default()));
    let engine = engine_with(&store, 1, &provider).await;
    let admin = || Actor::Person { party: PartyId::from_u128(9), roles: vec![Role::Admin] };
    give(&engine, admin(), "pause", PauseRail { rail: "sandbox", reason: text() }).await.unwrap();
    let mut pauses = engine.pauses();
    pauses.wait_for(|pauses| !pauses.rails.is_empty()).await.unwrap();
    let process = run(engine.clone(), Arc::new(Funding)).await.unwrap();
    fund(&engine, "pm_ok").await;
    until(&store, "deposit.attempt_started").await;
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert!(provider.orders.lock().unwrap().is_empty());
    give(&engine, admin(), "resume", ResumeRail { rail: "sandbox" }).await.unwrap();
    until(&store, "deposit.acknowledged").await;
    process.stop().await;
}

#[tokio::test]
async fn what_was_given_up_while_its_rail_was_paused_is_not_ordered_any_more() {
    let (store, provider) = (memory(), Arc::new(Provider::default()));
    let engine = engine_with(&store, 1, &provider).await;
    let admin = || Actor::Person { party: PartyId::from_u128(9), roles: vec![Role::Admin] };
    give(&engine, admin(), "pause", PauseRail { rail: "sandbox", reason: text() }).await.unwrap();
    engine.pauses().wait_for(|pauses| !pauses.rails.is_empty()).await.unwrap();
    let process = run(engine.clone(), Arc::new(Funding)).await.unwrap();
    let (contract_id, milestone_id) = contract(&engine, "only").await;
    let payment_method = PaymentMethod::parse("pm_ok").unwrap();
    let fund = FundMilestone { contract_id, milestone_id, rail: "sandbox", payment_method };
    give(&engine, client(), "fund", fund).await.unwrap();
    until(&store, "deposit.attempt_started").await;
    give(&engine, client(), "cancel", CancelContract { contract_id }).await.unwrap();
    give(&engine, admin(), "resume", ResumeRail { rail: "sandbox" }).await.unwrap();
    let head = store.head().await.unwrap().position;
    while store.checkpoint("funding").await.unwrap().is_none_or(|checkpoint| checkpoint.position < head) {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    process.stop().await;
    assert!(provider.orders.lock().unwrap().is_empty());
}

#[tokio::test]
async fn a_rail_that_is_gone_is_no_answer() {
    let store = memory();
    let engine = Engine::start(store.clone(), config(1, NOW)).await.unwrap();
    let process = run(engine.clone(), Arc::new(Funding)).await.unwrap();
    fund(&engine, "pm_ok").await;
    until(&store, "deposit.attempt_started").await;
    tokio::time::sleep(Duration::from_millis(100)).await;
    process.stop().await;
    assert_eq!(count(&store, "deposit.failed").await, 0);
}
