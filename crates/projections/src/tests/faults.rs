//! What halts a read model, and what it leaves alone.

use super::house::{House, folded, reach};
use super::log::{Log, OPENING};
use super::market::Market;
use super::pages::drafted;
use crate::event_page::EventPage;
use crate::writer::Writer;
use crate::{HaltReason, Name, Position, ReadModels, Waited};
use domain::id::JobId;
use domain::job::{JobEvent, JobSubmitted};
use domain::{Event, Timestamp};
use eventstore::EventStore;
use std::sync::Arc;
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(30);

/// An event that fits no row.
fn misfit() -> Event {
    Event::Job(JobEvent::Submitted(JobSubmitted { job_id: JobId::from_u128(99), expires_at: Some(OPENING) }))
}

/// Where each read model that has halted stands, and why.
async fn halts(models: &ReadModels, position: Position) -> Vec<(Name, u64, HaltReason)> {
    for name in Name::ALL {
        let waited = models.wait_for(&[*name], position, PATIENCE).await;
        assert!(!matches!(waited, Waited::Stale { .. }), "{name}: {waited:?}");
    }
    let halted = models.status(OPENING).into_iter();
    halted.filter_map(|status| Some((status.name, status.position.get(), status.halted?))).collect()
}

/// Starts a worker on the log and answers with what it halted on the way to its head.
async fn halts_on(log: &Log, models: &ReadModels) -> Vec<(Name, u64, HaltReason)> {
    halts_before(log.head(), log, models).await
}

async fn halts_before(position: Position, log: &Log, models: &ReadModels) -> Vec<(Name, u64, HaltReason)> {
    let worker = models.start(Arc::new(log.store.clone())).unwrap();
    let halts = halts(models, position).await;
    worker.stop().await;
    halts
}

#[tokio::test]
async fn an_event_that_fits_no_row_halts_only_the_read_model_that_it_is_for() {
    let (mut log, house) = (Log::new(), House::new());
    log.append(&[drafted(1), drafted(2), misfit(), drafted(3)]).await;
    let models = house.open();
    let found = halts_on(&log, &models).await;
    let [(Name::JobBoard, 2, HaltReason::Poison { position, event_type, .. })] = found.as_slice() else {
        panic!("{found:?}")
    };
    assert_eq!((position.get(), event_type.as_str()), (3, "job.submitted"));
}

#[tokio::test]
async fn what_was_in_front_of_the_failing_event_is_in_the_rows_and_nothing_after_it() {
    let (mut log, house) = (Log::new(), House::new());
    log.append(&[drafted(1), drafted(2), misfit(), drafted(3)]).await;
    let models = house.open();
    halts_on(&log, &models).await;
    let there = |id| models.job(JobId::from_u128(id)).unwrap().is_some();
    assert_eq!([1, 2, 3].map(there), [true, true, false]);
}

#[tokio::test]
async fn an_unreadable_event_halts_the_read_models_that_read_its_noun() {
    let (mut log, house) = (Log::new(), House::new());
    log.append(&[drafted(1)]).await;
    log.append_raw(vec![(("job.created", 1), vec!["job/x".into()], b"{}".to_vec())]).await;
    log.append(&[drafted(2)]).await;
    let models = house.open();
    let names: Vec<_> = halts_on(&log, &models).await.into_iter().map(|halt| (halt.0, halt.1)).collect();
    assert_eq!(names, [(Name::JobBoard, 1), (Name::AccountBalances, 1), (Name::PayoutDesk, 1)]);
}

#[tokio::test]
async fn the_reason_for_a_halt_never_quotes_the_event() {
    let (mut log, house) = (Log::new(), House::new());
    let payload = br#"{"job_id":"canary-secret","title":{"clear":"canary-secret"}}"#.to_vec();
    log.append_raw(vec![(("job.created", 1), vec!["job/x".into()], payload)]).await;
    let models = house.open();
    let halts = halts_on(&log, &models).await;
    assert!(!halts.is_empty());
    for (_, _, reason) in halts {
        assert!(!format!("{reason} {reason:?}").contains("canary"), "{reason}");
    }
}

#[tokio::test]
async fn an_event_of_a_newer_program_halts_what_would_have_to_know_it() {
    let (mut log, house) = (Log::new(), House::new());
    log.append_raw(vec![(("job.created", 9), vec!["job/x".into()], b"{}".to_vec())]).await;
    let models = house.open();
    let halts = halts_on(&log, &models).await;
    let names: Vec<_> = halts.iter().map(|halt| halt.0).collect();
    assert_eq!(names, [Name::JobBoard, Name::AccountBalances, Name::PayoutDesk]);
}

#[tokio::test]
async fn a_halted_read_model_tries_again_with_the_next_worker() {
    let (mut log, house) = (Log::new(), House::new());
    log.append(&[drafted(1), misfit()]).await;
    let models = house.open();
    assert_eq!(halts_on(&log, &models).await.len(), 1);
    // The row that was missing, as a corrected program would have made it.
    house.tamper("insert into job_board (id, client, headcount, status, created_at) select x'00000000000000000000000000000063', client, headcount, status, created_at from job_board");
    assert_eq!(halts_on(&log, &models).await, []);
    assert!(models.job(JobId::from_u128(99)).unwrap().unwrap().opened_at.is_some());
}

#[tokio::test]
async fn the_others_go_on_while_one_has_halted() {
    let mut market = Market::open().await;
    let house = House::new();
    market.log.append(&[misfit()]).await;
    let models = house.open();
    let worker = models.start(Arc::new(market.log.store.clone())).unwrap();
    assert_eq!(halts(&models, market.log.head()).await.len(), 1);
    let contract = market.agree(&[100]).await;
    let others = [Name::ProposalInbox, Name::ContractBoard, Name::AccountBalances, Name::PayoutDesk];
    assert_eq!(models.wait_for(&others, market.log.head(), PATIENCE).await, Waited::Reached);
    worker.stop().await;
    assert!(models.contract(contract).unwrap().is_some());
}

#[tokio::test]
async fn a_checkpoint_that_is_not_in_the_log_halts_instead_of_skipping() {
    let mut market = Market::open().await;
    market.open_job().await;
    let (models, house) = folded(&market.log).await;
    let rows = house.dump();
    let mut other = Log::new();
    other.append(&(1..=9).map(drafted).collect::<Vec<_>>()).await;
    let halts = halts_on(&other, &models).await;
    assert_eq!(halts.len(), Name::ALL.len());
    assert!(halts.iter().all(|(_, _, reason)| matches!(reason, HaltReason::Diverged(_))), "{halts:?}");
    assert_eq!(house.dump(), rows);
}

#[tokio::test]
async fn a_log_that_was_cut_short_halts_too() {
    let mut market = Market::open().await;
    market.open_job().await;
    let (models, _house) = folded(&market.log).await;
    let mut shorter = Market::open().await;
    shorter.draft("Paint the hall").await;
    let halts = halts_before(Position::LAST, &shorter.log, &models).await;
    assert_eq!(halts.len(), Name::ALL.len());
    assert!(halts.iter().all(|(_, _, reason)| matches!(reason, HaltReason::Diverged(_))), "{halts:?}");
}

/// The records of the log from the first on.
async fn page(log: &Log) -> EventPage {
    EventPage::of(log.store.read(Position::START, 1_000).await.unwrap()).unwrap()
}

#[tokio::test]
async fn a_second_worker_on_one_file_changes_nothing_and_halts() {
    let (mut market, house) = (Market::open().await, House::new());
    market.journey().await;
    let (mut first, mut second) =
        (Writer::open(&house.path()).unwrap(), Writer::open(&house.path()).unwrap());
    first.write(&page(&market.log).await).unwrap();
    let rows = house.dump();
    second.write(&page(&market.log).await).unwrap();
    assert_eq!(house.dump(), rows);
    let fenced = Some(HaltReason::Fenced { expected: Position::START });
    assert!(second.standings().iter().all(|standing| standing.halted == fenced));
}

#[tokio::test]
async fn a_worker_of_another_version_is_fenced_off() {
    let (mut market, house) = (Market::open().await, House::new());
    market.open_job().await;
    let mut writer = Writer::open(&house.path()).unwrap();
    house.tamper("update checkpoint set version = 99 where name = 'job_board'");
    writer.write(&page(&market.log).await).unwrap();
    let halted: Vec<_> = writer.standings().iter().filter(|s| s.halted.is_some()).map(|s| s.name).collect();
    assert_eq!(halted, [Name::JobBoard]);
}

#[tokio::test]
async fn a_fault_of_the_file_undoes_the_page_and_halts_nothing() {
    let (mut log, house) = (Log::new(), House::new());
    log.append(&(1..=500).map(drafted).collect::<Vec<_>>()).await;
    let mut writer = Writer::open(&house.path()).unwrap();
    let before = house.dump();
    writer.limit_pages(1);
    writer.write(&page(&log).await).unwrap_err();
    assert_eq!(house.dump(), before);
    writer.limit_pages(10_000);
    writer.write(&page(&log).await).unwrap();
    assert_eq!(house.dump(), folded(&log).await.1.dump());
}

#[tokio::test]
async fn a_fault_of_the_file_that_passes_is_got_over() {
    let (mut market, house) = (Market::open().await, House::new());
    let (models, worker) = house.follow(&market.log).await;
    house.tamper("alter table checkpoint rename to mislaid");
    let id = market.draft("Paint the hall").await;
    let waited = models.wait_for(Name::ALL, market.log.head(), Duration::from_millis(100)).await;
    assert!(matches!(waited, Waited::Stale { .. }), "{waited:?}");
    house.tamper("alter table mislaid rename to checkpoint");
    reach(&models, market.log.head()).await;
    worker.stop().await;
    assert!(models.job(id).unwrap().is_some());
}

#[tokio::test]
async fn a_closed_log_ends_the_worker_and_halts_nothing() {
    let (market, house) = (Market::open().await, House::new());
    let (models, worker) = house.follow(&market.log).await;
    market.log.store.close().await;
    worker.stop().await;
    assert!(models.status(OPENING).iter().all(|status| status.halted.is_none()));
}

#[tokio::test]
async fn a_row_that_cant_be_read_is_a_fault_without_its_content() {
    let (mut market, house) = (Market::open().await, House::new());
    let id = market.draft("canary").await;
    let (models, worker) = house.follow(&market.log).await;
    worker.stop().await;
    house.tamper("update job_board set title = 'canary'");
    let fault = models.job(id).unwrap_err();
    assert!(!fault.to_string().contains("canary"), "{fault}");
}

#[tokio::test]
async fn lag_is_counted_in_events_and_in_the_age_of_the_oldest() {
    let (mut log, house) = (Log::new(), House::new());
    log.append(&[drafted(1)]).await;
    log.append(&[misfit()]).await;
    let poisoned_at = log.now();
    log.append(&[drafted(2)]).await;
    let models = house.open();
    halts_on(&log, &models).await;
    let now = Timestamp::from_micros(poisoned_at.micros() + 90_000_000);
    let lag = |name| {
        let status = models.status(now).into_iter().find(|status| status.name == name).unwrap();
        (status.position.get(), status.head.get(), status.lag_events, status.lag_time.as_secs())
    };
    assert_eq!(lag(Name::JobBoard), (1, 3, 2, 90));
    assert_eq!(lag(Name::ContractBoard), (3, 3, 0, 0));
}
