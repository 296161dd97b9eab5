//! What an append that fails means for those it held, for those decided on top of it, and for those it had refused.

use super::faulty::{End, Faulty};
use super::*;
use domain::Code;
use tokio::task::JoinHandle;

type Outcome = JoinHandle<Result<Receipt, ExecuteError>>;

/// An acceptance under way, and what was sent while it was: a rival's acceptance that only it stands against, a
/// repetition of it, its key with another request, and a job that has nothing to do with it.
struct Race {
    faulty: Arc<Faulty>,
    store: Arc<dyn EventStore>,
    engine: Engine,
    first: Outcome,
    rival: Outcome,
    repeat: Outcome,
    mismatch: Outcome,
    unrelated: Outcome,
}

fn spawn(engine: &Engine, actor: Actor, key: &'static str, command: impl Into<Command>) -> Outcome {
    let (engine, command) = (engine.clone(), command.into());
    tokio::spawn(async move { give(&engine, actor, key, command).await })
}

impl Race {
    async fn start() -> Self {
        let faulty = Faulty::new();
        let store: Arc<dyn EventStore> = faulty.clone();
        let engine = engine_on(&store, 1).await;
        let job = open_job(&engine, 1).await;
        let (accept, rival) = (offered(&engine, job, 0).await, offered(&engine, job, 1).await);
        faulty.shut();
        let first = spawn(&engine, talent(0), "accept", accept.clone());
        faulty.waiting(1).await;
        let repeat = spawn(&engine, talent(0), "accept", accept.clone());
        let mismatch =
            spawn(&engine, talent(0), "accept", SubmitProposal { job_id: job, cover_letter: text() });
        let rival = spawn(&engine, talent(1), "accept", rival);
        let unrelated = spawn(&engine, client(), "unrelated", create_job(1));
        // All of them are decided while the first one is under way.
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        for waiting in [&first, &rival, &repeat, &mismatch, &unrelated] {
            assert!(!waiting.is_finished(), "an answer rests on what isn't durable");
        }
        Self { faulty, store, engine, first, rival, repeat, mismatch, unrelated }
    }

    /// Ends the first append, lets all later ones through, and returns the outcomes: first, rival, repeat,
    /// mismatch, unrelated.
    async fn end(self, end: End) -> (Arc<dyn EventStore>, Engine, [Result<Receipt, ExecuteError>; 5]) {
        self.faulty.end(end);
        self.faulty.open();
        let outcomes = [
            self.first.await.unwrap(),
            self.rival.await.unwrap(),
            self.repeat.await.unwrap(),
            self.mismatch.await.unwrap(),
            self.unrelated.await.unwrap(),
        ];
        (self.store, self.engine, outcomes)
    }
}

fn code(outcome: &Result<Receipt, ExecuteError>) -> Option<Code> {
    match outcome {
        Err(ExecuteError::Refused(refusal)) => Some(refusal.code),
        _ => None,
    }
}

#[tokio::test]
async fn everybody_is_told_once_the_append_is_durable() {
    let (store, _, [first, rival, repeat, mismatch, unrelated]) = Race::start().await.end(End::Write).await;
    assert_eq!(first.unwrap().event_ids(), repeat.unwrap().event_ids());
    assert_eq!(code(&rival), Some(Code::JobFull));
    assert!(matches!(mismatch, Err(ExecuteError::IdempotencyMismatch)));
    assert!(unrelated.is_ok());
    assert_eq!(count(&store, "contract.created").await, 1);
}

#[tokio::test]
async fn who_was_refused_because_of_an_append_that_failed_is_decided_again() {
    let (store, _, [first, rival, repeat, mismatch, unrelated]) = Race::start().await.end(End::Refuse).await;
    assert!(matches!(first, Err(ExecuteError::Fault(_))));
    assert!(matches!(repeat, Err(ExecuteError::Fault(_))));
    // The place is free after all, and so is the key.
    assert!(rival.is_ok() && mismatch.is_ok() && unrelated.is_ok());
    assert_eq!(count(&store, "contract.created").await, 1);
}

#[tokio::test]
async fn after_a_lost_head_all_are_decided_again_in_their_order() {
    let (store, _, [first, rival, repeat, mismatch, unrelated]) =
        Race::start().await.end(End::LoseHead).await;
    assert_eq!(first.unwrap().event_ids(), repeat.unwrap().event_ids());
    assert_eq!(code(&rival), Some(Code::JobFull));
    assert!(matches!(mismatch, Err(ExecuteError::IdempotencyMismatch)));
    assert!(unrelated.is_ok());
    assert_eq!(count(&store, "contract.created").await, 1);
}

#[tokio::test]
async fn after_an_unknown_append_nothing_on_top_is_written_and_a_restart_finds_out() {
    for written in [true, false] {
        let (store, engine, [first, rival, repeat, mismatch, unrelated]) =
            Race::start().await.end(End::Unknown { written }).await;
        assert!(matches!((first, repeat), (Err(ExecuteError::Unknown(_)), Err(ExecuteError::Unknown(_)))));
        for on_top in [rival, mismatch, unrelated] {
            assert!(matches!(on_top, Err(ExecuteError::Fault(_))));
        }
        assert!(!engine.failed().await.is_empty());
        assert!(matches!(give(&engine, client(), "late", create_job(1)).await, Err(ExecuteError::Fault(_))));
        assert_eq!(count(&store, "contract.created").await, usize::from(written));
    }
}

#[tokio::test]
async fn a_command_whose_caller_went_away_happens_all_the_same() {
    let race = Race::start().await;
    race.unrelated.abort();
    race.faulty.end(End::Write);
    race.faulty.open();
    race.engine.stop().await;
    assert_eq!(count(&race.store, "job.created").await, 2);
}

#[tokio::test]
async fn a_stopped_engine_answers_everything_and_writes_no_more_than_it_says() {
    let store = memory();
    let engine = engine_on(&store, 1).await;
    let tasks: Vec<_> = (0..600)
        .map(|n| {
            let engine = engine.clone();
            tokio::spawn(async move { give(&engine, client(), &format!("k{n}"), create_job(1)).await })
        })
        .collect();
    tokio::task::yield_now().await;
    engine.stop().await;
    let mut done = 0;
    for task in tasks {
        match task.await.unwrap() {
            Ok(_) => done += 1,
            Err(error) => assert!(matches!(error, ExecuteError::Fault(_)), "{error}"),
        }
    }
    assert!(done > 0);
    assert_eq!(count(&store, "job.created").await, done);
}

#[tokio::test]
async fn a_cache_of_nothing_only_costs_reads() {
    let store = memory();
    let engine = Engine::start(store.clone(), Config { cache_bytes: 0, ..config(1, NOW) }).await.unwrap();
    let job = open_job(&engine, 3).await;
    for n in 0..3 {
        let accept = offered(&engine, job, n).await;
        give(&engine, talent(n), "accept", accept).await.unwrap();
    }
    assert_eq!((count(&store, "contract.created").await, count(&store, "job.filled").await), (3, 1));
    assert!(store.inspect(&|_| {}).await.unwrap().is_empty());
}
