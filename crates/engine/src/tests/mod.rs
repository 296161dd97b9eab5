//! The engine on the memory store: one effect per key, one winner per race, and what a failing store leads to.

mod committer;
mod failing;
mod faulty;
mod funding;
mod life;
mod policy;
mod timers;

use crate::due::DueTable;
use crate::{
    CACHE_BYTES_DEFAULT, Clock, Config, Engine, Entropy, ExecuteError, IdempotencyKey, Receipt, RequestSecret,
};
use domain::id::{ContractId, JobId, MilestoneId, PartyId, ProposalId};
use domain::job::{CreateJob, SubmitJob};
use domain::money::{Currency, Money};
use domain::proposal::{AcceptOffer, MakeOffer, OfferedMilestone, ProposalEvent, SubmitProposal};
use domain::text::Text;
use domain::{Actor, Command, Event, Role, StreamId, Timestamp};
use eventstore::{EventStore, MemoryStore, Position};
use std::sync::Arc;

/// A clock that stands still.
struct Still(i64);

impl Clock for Still {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(self.0)
    }
}

const NOW: i64 = 1_790_000_000_000_000;

fn config(seed: u64, now: i64) -> Config {
    Config {
        clock: Arc::new(Still(now)),
        entropy: Entropy::seeded(seed),
        request_secret: RequestSecret::new(&[9; 32]),
        cache_bytes: CACHE_BYTES_DEFAULT,
        rails: Vec::new(),
        due: DueTable::in_memory().unwrap(),
    }
}

fn memory() -> Arc<dyn EventStore> {
    Arc::new(MemoryStore::new("main"))
}

async fn engine_on(store: &Arc<dyn EventStore>, seed: u64) -> Engine {
    Engine::start(store.clone(), config(seed, NOW)).await.unwrap()
}

fn client() -> Actor {
    Actor::Person { party: PartyId::from_u128(1), roles: vec![Role::Client] }
}

fn talent(n: u128) -> Actor {
    Actor::Person { party: PartyId::from_u128(100 + n), roles: vec![Role::Talent] }
}

fn text<const MAX: usize>() -> Text<MAX> {
    Text::parse("some text").unwrap()
}

fn create_job(headcount: u16) -> CreateJob {
    CreateJob { title: text(), description: text(), headcount }
}

async fn give(
    engine: &Engine,
    actor: Actor,
    key: &str,
    command: impl Into<Command>,
) -> Result<Receipt, ExecuteError> {
    engine.submit(actor, command.into(), &IdempotencyKey::parse(key).unwrap()).await
}

fn find<T>(receipt: &Receipt, pick: impl Fn(StreamId) -> Option<T>) -> T {
    receipt.streams().find_map(pick).unwrap()
}

/// An open job for `headcount` people.
async fn open_job(engine: &Engine, headcount: u16) -> JobId {
    open_job_named(engine, "job", headcount).await
}

async fn open_job_named(engine: &Engine, name: &str, headcount: u16) -> JobId {
    let created = give(engine, client(), &format!("create/{name}"), create_job(headcount)).await.unwrap();
    let job_id = find(&created, |stream| if let StreamId::Job(id) = stream { Some(id) } else { None });
    give(engine, client(), &format!("open/{name}"), SubmitJob { job_id }).await.unwrap();
    job_id
}

/// A proposal of talent `n` for the job, with an open offer of one milestone; the acceptance of it.
async fn offered(engine: &Engine, job_id: JobId, n: u128) -> AcceptOffer {
    let proposed = give(
        engine,
        talent(n),
        &format!("propose/{job_id}"),
        SubmitProposal { job_id, cover_letter: text() },
    )
    .await
    .unwrap();
    let pick = |stream| {
        if let StreamId::Proposal(id) = stream { Some(id) } else { None }
    };
    let proposal_id: ProposalId = find(&proposed, pick);
    let amount = Money::new(250_000, Currency::USD).unwrap();
    let milestones = vec![OfferedMilestone { title: text(), amount }];
    let made = give(engine, client(), &format!("offer/{job_id}/{n}"), MakeOffer { proposal_id, milestones })
        .await
        .unwrap();
    let events = made.events().unwrap();
    let [Event::Proposal(ProposalEvent::OfferMade(offer))] = events.as_slice() else { panic!("one offer") };
    AcceptOffer { proposal_id, number: offer.number, terms_hash: offer.terms_hash }
}

/// A contract of one unfunded milestone of 2,500.00 with talent 0.
async fn contract(engine: &Engine, name: &str) -> (ContractId, MilestoneId) {
    let job = open_job_named(engine, name, 1).await;
    let accepted =
        give(engine, talent(0), &format!("accept/{name}"), offered(engine, job, 0).await).await.unwrap();
    let contract =
        find(&accepted, |stream| if let StreamId::Contract(id) = stream { Some(id) } else { None });
    let milestone = accepted.events().unwrap().iter().find_map(|event| match event {
        Event::Milestone(domain::contract::MilestoneEvent::Agreed(e)) => Some(e.milestone_id),
        _ => None,
    });
    (contract, milestone.unwrap())
}

/// Every event type in the log, in order.
async fn types(store: &Arc<dyn EventStore>) -> Vec<String> {
    let records = store.read(Position::START, 10_000).await.unwrap();
    records.iter().map(|record| record.header().event_type.to_string()).collect()
}

async fn count(store: &Arc<dyn EventStore>, event_type: &str) -> usize {
    types(store).await.iter().filter(|name| *name == event_type).count()
}
