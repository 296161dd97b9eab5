mod as_of;

use super::cast::TALENTS;
use super::stories::STORIES;
use super::{DAYS, Stage, fill};
use domain::codec::decode;
use domain::contract::{Contract, ContractStatus, MilestoneStatus};
use domain::deposit::{Deposit, DepositStatus};
use domain::dispute::{Dispute, DisputeStatus};
use domain::ledger::AccountCode;
use domain::payout::PayoutStatus;
use domain::refund::{Refund, RefundStatus};
use domain::transition::Transition;
use domain::treasury::Cash;
use domain::{State, States, Timestamp, contract, deposit, dispute, job, payout, proposal, refund};
use engine::due::DueTable;
use engine::rail::{Sandbox, SandboxProvider, WebhookSecret};
use engine::step::Stepper;
use engine::{CACHE_BYTES_DEFAULT, Config, Engine, Entropy, RequestSecret, SimulatedClock};
use eventstore::{EventStore, MemoryStore, Position, Record};
use std::collections::BTreeSet;
use std::fmt::Debug;
use std::sync::Arc;

/// 2026-01-01, a Thursday.
const START: Timestamp = Timestamp::from_micros(1_767_225_600_000_000);

async fn filled(seed: u64) -> Vec<Arc<Record>> {
    let dir = tempfile::tempdir().unwrap();
    let store: Arc<dyn EventStore> = Arc::new(MemoryStore::new("main"));
    let clock = Arc::new(SimulatedClock::new(START, 0));
    let secret = WebhookSecret::new(&[1; 32]);
    let provider = Arc::new(SandboxProvider::open(dir.path(), clock.clone(), secret.clone()).unwrap());
    let config = Config {
        clock: clock.clone(),
        entropy: Entropy::seeded(seed),
        request_secret: RequestSecret::new(&[2; 32]),
        cache_bytes: CACHE_BYTES_DEFAULT,
        rails: vec![Arc::new(Sandbox::new(provider.clone(), vec![secret]))],
        due: DueTable::open(&dir.path().join("due.db")).unwrap(),
    };
    let engine = Engine::start(store.clone(), config).await.unwrap();
    let processes = engine::process::all();
    let stepper = Stepper::begin(engine.clone(), clock.clone(), provider, processes).await.unwrap();
    let until = START.plus_days(DAYS);
    let mut stage = Stage { engine, clock, stepper, issuer: "test", until };
    fill(&mut stage, seed).await.unwrap();
    store.read(Position::START, eventstore::PAGE_MAX).await.unwrap()
}

fn folded(records: &[Arc<Record>]) -> States {
    let mut states = States::default();
    for record in records {
        let header = record.header();
        let event = decode(&header.event_type, header.schema_version, record.payload()).unwrap();
        states.evolve(&event, Timestamp::from_micros(header.recorded_at));
    }
    states
}

/// What `pick` finds in all states, printed.
fn found<T: Debug>(states: &States, pick: impl Fn(&State) -> Vec<T>) -> BTreeSet<String> {
    let all = states.folded().iter().filter_map(|folded| folded.state.as_deref());
    all.flat_map(pick).map(|status| format!("{status:?}")).collect()
}

/// Every state that a table leads to, printed.
fn known<S: Debug>(table: &[Transition<S>]) -> BTreeSet<String> {
    table.iter().map(|row| format!("{:?}", row.to)).collect()
}

/// The states but those in which nothing stays: a call is answered before the next step.
fn without<S: Debug>(mut states: BTreeSet<String>, passing: &[S]) -> BTreeSet<String> {
    for state in passing {
        assert!(states.remove(&format!("{state:?}")), "{state:?}");
    }
    states
}

#[tokio::test]
async fn every_state_in_which_something_can_stay_has_its_example() {
    let records = filled(1).await;
    let states = folded(&records);
    let jobs = found(&states, |state| state.as_job().map(job::Job::status).into_iter().collect());
    assert_eq!(jobs, known(job::TRANSITIONS));
    let proposals =
        found(&states, |state| state.as_proposal().map(proposal::Proposal::status).into_iter().collect());
    assert_eq!(proposals, known(proposal::TRANSITIONS));
    let contracts =
        found(&states, |state| state.as_contract().map(contract::Contract::status).into_iter().collect());
    assert_eq!(contracts, known(contract::TRANSITIONS));
    let milestones = found(&states, |state| {
        let contract = state.as_contract();
        contract.map_or_else(Vec::new, |contract| {
            contract.milestones.iter().map(contract::Milestone::status).collect::<Vec<MilestoneStatus>>()
        })
    });
    assert_eq!(milestones, known(contract::MILESTONE_TRANSITIONS));
    let payouts = found(&states, |state| state.as_payout().map(payout::Payout::status).into_iter().collect());
    let lasting = without(known(payout::TRANSITIONS), &[PayoutStatus::Submitted]);
    assert_eq!(payouts, lasting);
    let deposits = found(&states, |state| state.as_deposit().map(Deposit::status).into_iter().collect());
    let passing = [DepositStatus::Requested, DepositStatus::Started];
    assert_eq!(deposits, without(known(deposit::TRANSITIONS), &passing));
    let refunds = found(&states, |state| state.as_refund().map(Refund::status).into_iter().collect());
    assert_eq!(refunds, without(known(refund::TRANSITIONS), &[RefundStatus::Started]));
    let disputes = found(&states, |state| state.as_dispute().map(Dispute::status).into_iter().collect());
    // What is settled or final is executed at once; nothing suspends a dispute here, where no bank takes money back.
    let passing = [DisputeStatus::Settled, DisputeStatus::Final, DisputeStatus::Suspended];
    assert_eq!(disputes, without(known(dispute::TRANSITIONS), &passing));
}

#[tokio::test]
async fn most_contracts_have_ended_and_some_money_still_waits() {
    let states = folded(&filled(1).await);
    let contracts: Vec<&Contract> =
        states.folded().iter().filter_map(|folded| folded.state.as_deref()?.as_contract()).collect();
    let stands = |status| contracts.iter().filter(|contract| contract.status() == status).count();
    assert!(stands(ContractStatus::Ended) > contracts.len() / 2, "{}", stands(ContractStatus::Ended));
    let idle = |contract: &&&Contract| {
        contract.status() == ContractStatus::Active
            && contract.milestones.iter().all(|milestone| milestone.status().is_over())
    };
    let idle = contracts.iter().filter(idle).count();
    assert!(idle * 3 < stands(ContractStatus::Active), "{idle} of {}", stands(ContractStatus::Active));
    let accounts = states.folded().iter().filter_map(|folded| folded.state.as_deref()?.as_account());
    let uncleared = accounts.filter(|account| account.balance(AccountCode::TalentOnHold) > 0).count();
    assert!(uncleared > 1, "{uncleared} talents have earned what has not cleared");
    let waiting = found(&states, |state| state.as_cash().map(Cash::waiting).into_iter().collect());
    assert!(waiting.contains("1"), "a payout waits for settled cash: {waiting:?}");
    let marketplace = states.folded().iter().find_map(|folded| folded.state.as_deref()?.as_marketplace());
    assert!(!marketplace.unwrap().paused_processes.is_empty());
}

#[tokio::test]
async fn one_seed_makes_one_log_and_two_seeds_two() {
    let bytes = |records: Vec<Arc<Record>>| -> Vec<Vec<u8>> {
        records.iter().map(|record| record.bytes().to_vec()).collect()
    };
    let (first, again, other) = (bytes(filled(1).await), bytes(filled(1).await), bytes(filled(2).await));
    assert!(first == again, "the same seed");
    assert!(first != other, "another seed");
}

#[test]
fn everybody_takes_part_and_nobody_twice_in_one_place() {
    let stories = || STORIES.iter().flat_map(|stories| stories.iter());
    let clients: BTreeSet<_> = stories().map(|story| story.client).collect();
    let talents: BTreeSet<_> = stories().map(|story| story.talent).collect();
    assert_eq!(clients.len(), 12);
    assert_eq!(talents, TALENTS.iter().copied().collect());
    let titles: BTreeSet<_> = stories().map(|story| story.title).collect();
    assert_eq!(titles.len(), stories().count(), "every job has a title of its own");
}
