//! Logs that hold, and what is said of them.

use std::collections::BTreeSet;
use std::sync::Mutex;

use domain::Event;
use domain::ledger::AccountCode;
use domain::money::Currency;
use eventstore::{MemoryStore, Position, SqliteStore};

use proptest::prelude::*;
use proptest::test_runner::Config;

use crate::history::History;
use crate::replay::{Story, stored};
use crate::written::{MARKETPLACE, Written, append, runtime, verify};

#[test]
fn a_log_that_the_rules_wrote_holds() {
    for facts in [History::short(), History::long(), History::eventful()] {
        let report = Written::new(&facts).verify();
        assert!(report.holds(), "{}", report.text());
        assert_eq!(report.events, facts.len() as u64);
        assert_eq!(report.head.get(), report.events);
    }
}

#[test]
fn in_an_eventful_history_everything_happens() {
    let facts = History::eventful();
    let happened: BTreeSet<&str> = facts.iter().map(|fact| fact.event.event_type().0).collect();
    let all = Event::types().map(|(name, _)| name);
    let missing: Vec<&str> = all.filter(|name| !happened.contains(name)).collect();
    assert_eq!(missing, ["process.command_refused"], "no rule decides that");
}

proptest! {
    #![proptest_config(Config { cases: 48, failure_persistence: None, ..Config::default() })]

    #[test]
    fn whatever_happens_by_the_rules_the_log_holds(story in Story::any()) {
        let (facts, _) = story.told();
        let report = verify(&runtime(), &stored(&facts)).unwrap();
        prop_assert!(report.holds(), "{}", report.text());
    }
}

#[test]
fn the_trial_balance_is_that_of_what_happened() {
    let report = Written::new(&History::short()).verify();
    let balance = |account, currency| {
        let line = report.balances.iter().find(|line| line.account == account && line.currency == currency);
        line.map(|line| (line.debits, line.credits))
    };
    // 2,500.00 + 400.01 + 0.07, funded with 15 % on top and released; 10 % and 20 % tax on it are the talent's fee.
    assert_eq!(balance(AccountCode::Escrow, Currency::USD), Some((290_008, 290_008)));
    assert_eq!(balance(AccountCode::ClientFeeHeld, Currency::USD), Some((43_501, 43_501)));
    assert_eq!(balance(AccountCode::ProviderClearing, Currency::USD), Some((333_509, 0)));
    assert_eq!(balance(AccountCode::TalentOnHold, Currency::USD), Some((0, 255_207)));
    assert_eq!(balance(AccountCode::FeeRevenue, Currency::KWD), None);
    assert_eq!((report.contracts, report.milestones), (2, 6));
}

#[test]
fn a_log_without_events_holds() {
    let written = Written::new(&[]);
    let report = written.verify();
    assert!(report.holds(), "{}", report.text());
    assert_eq!((report.events, report.head, report.head_leaf), (0, Position::START, None));
}

#[test]
fn the_report_is_short_text_and_plain_json() {
    let report = Written::new(&History::long()).verify();
    let text = report.text();
    assert!(text.lines().count() <= 25, "{text}");
    for said in ["1023 events", "23 contracts", "69 milestones", "all holds", "1100 Provider clearing", "KWD"]
    {
        assert!(text.contains(said), "{said} in {text}");
    }
    let json = serde_json::to_value(&report).unwrap();
    assert_eq!(json["marketplace"], MARKETPLACE);
    assert_eq!(json["head"], 1023);
    assert_eq!(json["head_leaf"].as_str().unwrap().len(), 64);
    assert_eq!(json["findings"], serde_json::json!([]));
}

#[test]
fn a_log_in_memory_and_one_beside_its_writer_are_verified_alike() {
    let facts = History::short();
    let closed = Written::new(&facts).verify();
    let memory = MemoryStore::new(MARKETPLACE);
    let directory = tempfile::tempdir().unwrap();
    let reports = runtime().block_on(async {
        append(&memory, &facts).await;
        let writer = SqliteStore::open(directory.path(), MARKETPLACE).unwrap();
        append(&writer, &facts).await;
        let beside = SqliteStore::open_read_only(directory.path()).unwrap();
        [
            audit::verify(&memory, &|_, _| {}).await.unwrap(),
            audit::verify(&writer, &|_, _| {}).await.unwrap(),
            audit::verify(&beside, &|_, _| {}).await.unwrap(),
        ]
    });
    assert_eq!(reports, [closed.clone(), closed.clone(), closed]);
}

#[test]
fn progress_is_told_up_to_the_head_in_both_passes() {
    let written = Written::new(&History::long());
    let told = Mutex::new(Vec::new());
    let progress = |passed: Position, head: Position| told.lock().unwrap().push((passed.get(), head.get()));
    runtime().block_on(audit::verify(&written.open(), &progress)).unwrap();
    let told = told.into_inner().unwrap();
    assert!(told.iter().all(|(passed, head)| passed <= head && *head == 1023), "{told:?}");
    // The second pass begins after the first has come to the head.
    let ended = told.iter().position(|(passed, head)| passed == head).unwrap();
    assert!(told[ended..].iter().any(|(passed, _)| *passed < 1023), "{told:?}");
    assert_eq!(told.last(), Some(&(1023, 1023)));
}
