//! Timers that fire once, in order, after any stop, and under a clock that jumps.

use super::*;
use crate::SimulatedClock;
use crate::due::{DueFilter, DueTable, run};
use domain::job::InviteTalent;
use domain::marketplace::PauseProcess;
use domain::process::ProcessName;
use domain::timer::TimerKind;
use std::time::Duration;

fn clock() -> Arc<SimulatedClock> {
    Arc::new(SimulatedClock::new(Timestamp::from_micros(NOW), 0))
}

async fn engine_under(store: &Arc<dyn EventStore>, clock: &Arc<SimulatedClock>, due: DueTable) -> Engine {
    // Each engine draws other ids, as each start of a program does.
    let seed = store.head().await.unwrap().position.get();
    Engine::start(store.clone(), Config { clock: clock.clone(), due, ..config(seed, NOW) }).await.unwrap()
}

async fn in_memory(store: &Arc<dyn EventStore>, clock: &Arc<SimulatedClock>) -> Engine {
    engine_under(store, clock, DueTable::in_memory().unwrap()).await
}

/// Waits until `count` events of the type are in the log.
async fn until(store: &Arc<dyn EventStore>, event_type: &str, expected: usize) {
    let mut head = store.watch_head();
    while count(store, event_type).await < expected {
        tokio::time::timeout(Duration::from_secs(20), head.changed()).await.expect("it never came").unwrap();
    }
}

/// Waits until the table knows so many timers.
async fn known(engine: &Engine, expected: usize) {
    for _ in 0..1_000 {
        if engine.due(&DueFilter::default(), 256).unwrap().len() == expected {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("{expected} timers were never known");
}

#[tokio::test]
async fn a_job_expires_by_itself_once_when_its_instant_comes() {
    let (store, clock) = (memory(), clock());
    let engine = in_memory(&store, &clock).await;
    let timers = run(engine.clone()).await.unwrap();
    open_job(&engine, 1).await;
    known(&engine, 1).await;
    let row = engine.due(&DueFilter::default(), 10).unwrap().remove(0);
    assert_eq!(row.due, Timestamp::from_micros(NOW).plus_days(60));
    assert_eq!(row.concerns, [PartyId::from_u128(1)]);
    clock.advance_to(Timestamp::from_micros(NOW).plus_days(60));
    until(&store, "job.expired", 1).await;
    known(&engine, 0).await;
    clock.advance_to(Timestamp::from_micros(NOW).plus_days(600));
    tokio::time::sleep(Duration::from_millis(50)).await;
    timers.stop().await;
    assert_eq!(count(&store, "job.expired").await, 1);
    assert_eq!(count(&store, "process.command_refused").await, 0);
}

#[tokio::test]
async fn an_invitation_is_due_for_those_whom_it_concerns_and_not_the_whole_job() {
    let (store, clock) = (memory(), clock());
    let engine = in_memory(&store, &clock).await;
    let timers = run(engine.clone()).await.unwrap();
    let job_id = open_job(&engine, 1).await;
    let invited = PartyId::from_u128(100);
    give(&engine, client(), "invite", InviteTalent { job_id, talent: invited }).await.unwrap();
    known(&engine, 2).await;
    let of = |party| engine.due(&DueFilter { party: Some(party), ..DueFilter::default() }, 10).unwrap();
    assert_eq!(of(PartyId::from_u128(1)).len(), 2);
    let [lapse] = &of(invited)[..] else { panic!("one timer") };
    assert_eq!(lapse.kind, TimerKind::LapseInvitation(invited));
    clock.advance_to(lapse.due);
    until(&store, "job.invitation_lapsed", 1).await;
    known(&engine, 1).await;
    timers.stop().await;
}

#[tokio::test]
async fn the_proposals_that_a_filled_job_leaves_are_closed_after_the_grace_each_once() {
    let (store, clock) = (memory(), clock());
    let engine = in_memory(&store, &clock).await;
    let job = open_job(&engine, 1).await;
    let chosen = offered(&engine, job, 0).await;
    for rival in 1..=20 {
        offered(&engine, job, rival).await;
    }
    give(&engine, talent(0), "accept", chosen).await.unwrap();
    engine.stop().await;
    for _ in 0..2 {
        let engine = in_memory(&store, &clock).await;
        let timers = run(engine.clone()).await.unwrap();
        let party = Some(PartyId::from_u128(101));
        clock.advance_to(Timestamp::from_micros(NOW).plus_days(3));
        until(&store, "proposal.closed", 20).await;
        timers.stop().await;
        assert_eq!(engine.due(&DueFilter { party, ..DueFilter::default() }, 10).unwrap(), []);
        engine.stop().await;
    }
    assert_eq!(count(&store, "proposal.closed").await, 20);
    assert_eq!(count(&store, "proposal.expired").await, 0);
    assert_eq!(count(&store, "process.command_refused").await, 0);
}

#[tokio::test]
async fn after_a_long_stop_everything_overdue_fires_in_due_order_and_once() {
    let (store, clock) = (memory(), clock());
    let engine = in_memory(&store, &clock).await;
    let mut jobs = Vec::new();
    for n in 0..20 {
        jobs.push(open_job_named(&engine, &format!("{n}"), 1).await);
        clock.advance_to(Timestamp::from_micros(NOW + (n + 1) * 1_000_000));
    }
    engine.stop().await;
    clock.advance_to(Timestamp::from_micros(NOW).plus_days(90));
    for _ in 0..2 {
        // A table that is lost is built anew from the log.
        let engine = in_memory(&store, &clock).await;
        let timers = run(engine.clone()).await.unwrap();
        until(&store, "job.expired", 20).await;
        known(&engine, 0).await;
        timers.stop().await;
        engine.stop().await;
    }
    let records = store.read(Position::START, 10_000).await.unwrap();
    let expired: Vec<String> = records
        .iter()
        .filter(|record| record.header().event_type == "job.expired")
        .map(|record| record.header().memberships[0].stream.to_string())
        .collect();
    assert_eq!(expired, jobs.iter().map(|job| format!("job/{job}")).collect::<Vec<_>>());
    assert_eq!(count(&store, "process.command_refused").await, 0);
}

#[tokio::test]
async fn a_table_of_yesterday_catches_up_and_one_of_another_log_is_refused() {
    let (store, clock, dir) = (memory(), clock(), tempfile::tempdir().unwrap());
    let (live, copy) = (dir.path().join("due.db"), dir.path().join("yesterday.db"));
    let open = |path: &std::path::Path| DueTable::open(path).unwrap();
    let engine = engine_under(&store, &clock, open(&live)).await;
    let timers = run(engine.clone()).await.unwrap();
    open_job_named(&engine, "old", 1).await;
    known(&engine, 1).await;
    timers.stop().await;
    engine.stop().await;
    drop(engine);
    std::fs::copy(&live, &copy).unwrap();
    let engine = engine_under(&store, &clock, open(&live)).await;
    let timers = run(engine.clone()).await.unwrap();
    open_job_named(&engine, "new", 1).await;
    known(&engine, 2).await;
    timers.stop().await;
    engine.stop().await;
    let engine = engine_under(&store, &clock, open(&copy)).await;
    let timers = run(engine.clone()).await.unwrap();
    known(&engine, 2).await;
    timers.stop().await;
    engine.stop().await;
    let other = memory();
    let engine = engine_under(&other, &clock, open(&live)).await;
    let refused = run(engine).await.err().unwrap().to_string();
    assert!(refused.contains("due.db"), "{refused}");
}

#[tokio::test]
async fn paused_timers_become_overdue_and_fire_when_they_are_resumed() {
    let (store, clock) = (memory(), clock());
    let engine = in_memory(&store, &clock).await;
    let admin = || Actor::Person { party: PartyId::from_u128(9), roles: vec![Role::Admin] };
    let pause = PauseProcess { process: ProcessName::Timers, reason: text() };
    give(&engine, admin(), "pause", pause).await.unwrap();
    engine.pauses().wait_for(|pauses| !pauses.processes.is_empty()).await.unwrap();
    let timers = run(engine.clone()).await.unwrap();
    open_job(&engine, 1).await;
    known(&engine, 1).await;
    clock.advance_to(Timestamp::from_micros(NOW).plus_days(61));
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(count(&store, "job.expired").await, 0);
    let resume = domain::marketplace::ResumeProcess { process: ProcessName::Timers };
    give(&engine, admin(), "resume", resume).await.unwrap();
    until(&store, "job.expired", 1).await;
    timers.stop().await;
}
