//! One effect per key, one winner per race, two nodes on one log, and failing appends.

use super::*;
use domain::Code;
use std::collections::HashSet;

fn refused(error: &ExecuteError) -> Code {
    match error {
        ExecuteError::Refused(refusal) => refusal.code,
        other => panic!("{other}"),
    }
}

#[tokio::test]
async fn a_repeated_command_has_one_effect_and_one_receipt() {
    let store = memory();
    let engine = engine_on(&store, 1).await;
    let tasks: Vec<_> = (0..100)
        .map(|_| {
            let engine = engine.clone();
            tokio::spawn(async move { give(&engine, client(), "same", create_job(1)).await.unwrap() })
        })
        .collect();
    let mut seen = HashSet::new();
    for task in tasks {
        let receipt = task.await.unwrap();
        seen.insert((receipt.position(), receipt.event_ids()));
    }
    assert_eq!((seen.len(), count(&store, "job.created").await), (1, 1));
}

#[tokio::test]
async fn a_repetition_after_a_restart_finds_its_receipt_in_the_log() {
    let store = memory();
    let first = give(&engine_on(&store, 1).await, client(), "k", create_job(1)).await.unwrap();
    let again = give(&engine_on(&store, 2).await, client(), "k", create_job(1)).await.unwrap();
    assert!(again.repeated && !first.repeated);
    assert_eq!(first.event_ids(), again.event_ids());
}

#[tokio::test]
async fn another_request_under_the_key_is_a_mismatch_and_writes_nothing() {
    let store = memory();
    let engine = engine_on(&store, 1).await;
    give(&engine, client(), "k", create_job(1)).await.unwrap();
    let head = store.head().await.unwrap();
    let other = give(&engine, client(), "k", create_job(2)).await.unwrap_err();
    assert!(matches!(other, ExecuteError::IdempotencyMismatch), "{other}");
    assert_eq!(store.head().await.unwrap(), head);
}

#[tokio::test]
async fn two_people_may_use_the_same_key() {
    let engine = engine_on(&memory(), 1).await;
    let job_id = open_job(&engine, 2).await;
    for n in 0..2 {
        give(&engine, talent(n), "k", SubmitProposal { job_id, cover_letter: text() }).await.unwrap();
    }
}

#[tokio::test]
async fn a_refused_command_writes_nothing_and_its_key_may_succeed_later() {
    let store = memory();
    let engine = engine_on(&store, 1).await;
    let created = give(&engine, client(), "create", create_job(1)).await.unwrap();
    let job_id = find(&created, |stream| if let StreamId::Job(id) = stream { Some(id) } else { None });
    let propose = SubmitProposal { job_id, cover_letter: text() };
    let head = store.head().await.unwrap();
    let early = give(&engine, talent(0), "propose", propose.clone()).await.unwrap_err();
    assert_eq!((refused(&early), store.head().await.unwrap()), (Code::NotFound, head));
    give(&engine, client(), "open", SubmitJob { job_id }).await.unwrap();
    give(&engine, talent(0), "propose", propose).await.unwrap();
}

#[tokio::test]
async fn a_hundred_acceptances_for_one_place_make_one_contract() {
    let store = memory();
    let engine = engine_on(&store, 1).await;
    let job = open_job(&engine, 1).await;
    let mut offers = Vec::new();
    for n in 0..100 {
        offers.push((n, offered(&engine, job, n).await));
    }
    let tasks: Vec<_> = offers
        .into_iter()
        .map(|(n, accept)| {
            let engine = engine.clone();
            tokio::spawn(async move { give(&engine, talent(n), "accept", accept).await })
        })
        .collect();
    let mut hired = 0;
    for task in tasks {
        match task.await.unwrap() {
            Ok(_) => hired += 1,
            Err(error) => assert_eq!(refused(&error), Code::JobFull),
        }
    }
    assert_eq!((hired, count(&store, "contract.created").await), (1, 1));
    assert_eq!(count(&store, "job.filled").await, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_nodes_on_one_log_never_lose_or_double_a_command() {
    let store = memory();
    let (one, other) = (engine_on(&store, 1).await, engine_on(&store, 2).await);
    let tasks: Vec<_> = (0..200)
        .map(|n| {
            let engine = if n % 2 == 0 { one.clone() } else { other.clone() };
            // Every key is sent to both nodes.
            tokio::spawn(async move { give(&engine, client(), &format!("k{}", n / 2), create_job(1)).await })
        })
        .collect();
    let mut receipts = HashSet::new();
    for task in tasks {
        receipts.insert(task.await.unwrap().unwrap().event_ids());
    }
    assert_eq!((receipts.len(), count(&store, "job.created").await), (100, 100));
    assert!(store.inspect(&|_| {}).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_refusal_never_rests_on_a_head_that_another_node_moved_on() {
    let store = memory();
    let (one, other) = (engine_on(&store, 1).await, engine_on(&store, 2).await);
    let created = give(&one, client(), "create", create_job(1)).await.unwrap();
    let job_id = find(&created, |stream| if let StreamId::Job(id) = stream { Some(id) } else { None });
    let early = give(&other, talent(0), "early", SubmitProposal { job_id, cover_letter: text() }).await;
    assert!(matches!(early, Err(ExecuteError::Refused(_))), "the job is a draft yet");
    give(&one, client(), "open", SubmitJob { job_id }).await.unwrap();
    give(&other, talent(0), "late", SubmitProposal { job_id, cover_letter: text() }).await.unwrap();
}

#[tokio::test]
async fn positions_never_run_backwards_in_time() {
    let store = memory();
    give(&engine_on(&store, 1).await, client(), "a", create_job(1)).await.unwrap();
    let earlier = Engine::start(store.clone(), config(2, NOW - 4_000_000)).await.unwrap();
    give(&earlier, client(), "b", create_job(1)).await.unwrap();
    let records = store.read(Position::START, 10).await.unwrap();
    assert!(records.is_sorted_by_key(|record| record.header().recorded_at));
}

#[tokio::test]
async fn a_clock_far_behind_the_log_is_refused() {
    let store = memory();
    give(&engine_on(&store, 1).await, client(), "a", create_job(1)).await.unwrap();
    let head = store.head().await.unwrap();
    let late = Engine::start(store.clone(), config(2, NOW - 3_600_000_000)).await.unwrap();
    let refused = give(&late, client(), "b", create_job(1)).await.unwrap_err();
    assert!(matches!(refused, ExecuteError::Fault(_)), "{refused}");
    assert_eq!(store.head().await.unwrap(), head);
}
