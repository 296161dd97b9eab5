//! A job followed through the schema, with the read models as far behind as the test wants them.

use crate::auth::Caller;
use crate::http::{Execute, Resume};
use crate::schema::{Api, Parts};
use async_graphql::{Request, Response};
use audit::Auditor;
use domain::id::{JobId, PartyId};
use domain::job::{CreateJob, SubmitJob};
use domain::text::Text;
use domain::{Actor, Command, Role, StreamId, Timestamp};
use engine::due::DueTable;
use engine::{CACHE_BYTES_DEFAULT, Clock, Config, Engine, Entropy, IdempotencyKey, Receipt, RequestSecret};
use eventstore::{EventStore, MemoryStore};
use futures_util::stream::BoxStream;
use futures_util::{FutureExt, StreamExt};
use projections::{Changes, ReadModels};
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;

const CLIENT: PartyId = PartyId::from_u128(1);
/// Where the draft and its opening stand; the marketplace's policy is in front of them.
const DRAFTED: u64 = 2;
const OPENED: u64 = 3;
/// Far longer than anything here takes; only a failing test waits for it.
const PATIENCE: Duration = Duration::from_secs(30);

struct Still;

impl Clock for Still {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(1_790_000_000_000_000)
    }
}

struct House {
    store: Arc<dyn EventStore>,
    engine: Engine,
    models: ReadModels,
    api: Api,
    _dir: TempDir,
}

impl House {
    /// Read models that follow nothing until they are started.
    async fn open() -> Self {
        let store: Arc<dyn EventStore> = Arc::new(MemoryStore::new("main"));
        let dir = tempfile::tempdir().unwrap();
        let models = ReadModels::open(&dir.path().join("read.db")).unwrap();
        let config = Config {
            clock: Arc::new(Still),
            entropy: Entropy::seeded(1),
            request_secret: RequestSecret::new(&[9; 32]),
            cache_bytes: CACHE_BYTES_DEFAULT,
            rails: Vec::new(),
            due: DueTable::in_memory().unwrap(),
        };
        let engine = Engine::start(store.clone(), config).await.unwrap();
        let changes = Changes::start(store.clone());
        let parts = Parts {
            engine: engine.clone(),
            read_models: models.clone(),
            changes,
            auditor: Auditor::new(store.clone()),
            clock: Arc::new(Still),
        };
        let api = Api::new(parts, false);
        Self { store, engine, models, api, _dir: dir }
    }

    async fn give(&self, key: &str, command: impl Into<Command>) -> Receipt {
        let actor = Actor::Person { party: CLIENT, roles: vec![Role::Client] };
        self.engine.submit(actor, command.into(), &IdempotencyKey::parse(key).unwrap()).await.unwrap()
    }

    async fn draft(&self, key: &str) -> JobId {
        let (title, description) = (Text::parse("t").unwrap(), Text::parse("d").unwrap());
        let receipt = self.give(key, CreateJob { title, description, headcount: 1 }).await;
        let job = |stream| if let StreamId::Job(id) = stream { Some(id) } else { None };
        receipt.streams().find_map(job).unwrap()
    }

    fn follow(&self, job: JobId, after: Option<u64>) -> BoxStream<'static, Response> {
        let after = after.map_or_else(String::new, |after| format!(", after: {after}"));
        let document = format!(
            r#"subscription {{ jobChanged(jobId: "{job}"{after}) {{ position job {{ status }} }} }}"#
        );
        let caller = Caller::Person { party: CLIENT, roles: vec![Role::Client] };
        self.api.subscribe(Request::new(document).data(caller).data(Resume::default()))
    }
}

/// The position and the status that are told next.
async fn state(states: &mut BoxStream<'static, Response>) -> Value {
    let response = tokio::time::timeout(PATIENCE, states.next()).await.unwrap().unwrap();
    let response = serde_json::to_value(response).unwrap();
    let change = &response["data"]["jobChanged"];
    json!([change["position"], change["job"]["status"]])
}

#[tokio::test]
async fn a_state_is_told_only_once_the_read_models_have_come_to_it_and_several_changes_as_one() {
    let house = House::open().await;
    let job_id = house.draft("draft").await;
    let mut states = house.follow(job_id, None);
    assert!(states.next().now_or_never().is_none(), "nothing is known of it yet");
    house.give("submit", SubmitJob { job_id }).await;
    let worker = house.models.start(house.store.clone()).unwrap();
    // What was asked for is the state at the first position, or a later one.
    let first = state(&mut states).await;
    assert_eq!(first[0], DRAFTED);
    assert_eq!(state(&mut states).await, json!([OPENED, "OPEN"]));
    let mut resumed = house.follow(job_id, Some(DRAFTED));
    assert_eq!(state(&mut resumed).await, json!([OPENED, "OPEN"]));
    house.draft("another").await;
    for states in [&mut states, &mut resumed] {
        assert!(states.next().now_or_never().is_none(), "the other job is none of theirs");
    }
    worker.stop().await;
}

#[tokio::test]
async fn a_change_that_the_read_models_have_not_seen_is_waited_for() {
    let house = House::open().await;
    let job_id = house.draft("draft").await;
    let worker = house.models.start(house.store.clone()).unwrap();
    let mut states = house.follow(job_id, None);
    assert_eq!(state(&mut states).await, json!([DRAFTED, "DRAFT"]));
    worker.stop().await;
    house.give("submit", SubmitJob { job_id }).await;
    let early = tokio::time::timeout(Duration::from_millis(50), states.next()).await;
    assert!(early.is_err(), "{early:?}");
    let worker = house.models.start(house.store.clone()).unwrap();
    assert_eq!(state(&mut states).await, json!([OPENED, "OPEN"]));
    worker.stop().await;
}
