//! What is followed through the schema, with the read models as far behind as the test wants them.

use super::Followed;
use crate::auth::Caller;
use crate::http::{Execute, Resume};
use crate::read::{Staleness, settled};
use crate::schema::{Api, Parts};
use async_graphql::{Context, EmptyMutation, Object, Request, Response, Result, Schema, Subscription};
use audit::Auditor;
use domain::id::{JobId, PartyId};
use domain::job::{CreateJob, SubmitJob};
use domain::text::Text;
use domain::{Actor, Command, Role, StreamId, Timestamp};
use engine::due::DueTable;
use engine::{
    CACHE_BYTES_DEFAULT, Clock, Config, Engine, Entropy, IdempotencyKey, Position, Receipt, RequestSecret,
};
use eventstore::{EventStore, MemoryStore};
use futures_util::stream::BoxStream;
use futures_util::{FutureExt, Stream, StreamExt, TryStreamExt};
use projections::{Changes, Name, ReadModels, Rebuilds, Topic};
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
    changes: Changes,
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
            rebuilds: Rebuilds::start(models.clone()),
            changes: changes.clone(),
            auditor: Auditor::new(store.clone()),
            clock: Arc::new(Still),
        };
        let api = Api::new(parts, false);
        Self { store, engine, models, changes, api, _dir: dir }
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
        self.subscribe(Role::Client, document, Resume::default())
    }

    fn subscribe(&self, role: Role, document: String, resume: Resume) -> BoxStream<'static, Response> {
        let caller = Caller::Person { party: CLIENT, roles: vec![role] };
        self.api.subscribe(Request::new(document).data(caller).data(resume))
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

/// The first answer's code and message.
async fn refusal(mut states: BoxStream<'static, Response>) -> (Value, String) {
    let response = tokio::time::timeout(PATIENCE, states.next()).await.unwrap().unwrap();
    let response = serde_json::to_value(response).unwrap();
    let error = &response["errors"][0];
    (error["extensions"]["code"].clone(), error["message"].as_str().unwrap().to_owned())
}

#[tokio::test]
async fn a_place_that_the_log_has_not_come_to_is_refused_with_where_it_ends() {
    let house = House::open().await;
    let job_id = house.draft("draft").await;
    let worker = house.models.start(house.store.clone()).unwrap();
    let job = format!(r#"subscription {{ jobChanged(jobId: "{job_id}", after: 3) {{ position }} }}"#);
    let events = "subscription { events(after: 3) { position } }".to_owned();
    let account = r#"subscription { accountChanged(currency: "USD", after: 3) { position } }"#.to_owned();
    for (role, document) in [(Role::Client, job), (Role::Auditor, events), (Role::Talent, account)] {
        let (code, message) = refusal(house.subscribe(role, document.clone(), Resume::default())).await;
        assert_eq!(code, "BAD_USER_INPUT", "{document}");
        let told = "after: the log ends at position 2, before position 3; resume after 2 or an earlier one";
        assert_eq!(message, told, "{document}");
        // What the transport was asked for goes before what the operation says.
        let resume = Resume::after(Some(Position::new(9)));
        let (code, message) = refusal(house.subscribe(role, document, resume)).await;
        assert_eq!(code, "BAD_USER_INPUT");
        assert!(message.starts_with("Last-Event-ID: the log ends at position 2, before position 9"));
    }
    let mut at_the_end = house.follow(job_id, Some(DRAFTED));
    assert!(at_the_end.next().now_or_never().is_none(), "nothing has come after the end");
    house.give("submit", SubmitJob { job_id }).await;
    assert_eq!(state(&mut at_the_end).await, json!([OPENED, "OPEN"]));
    worker.stop().await;
}

#[tokio::test]
async fn an_account_that_never_held_money_is_followed_from_nothing() {
    let house = House::open().await;
    let worker = house.models.start(house.store.clone()).unwrap();
    let document = r#"subscription { accountChanged(currency: "USD") { position account { currency } } }"#;
    let mut accounts = house.subscribe(Role::Talent, document.to_owned(), Resume::default());
    let response = tokio::time::timeout(PATIENCE, accounts.next()).await.unwrap().unwrap();
    let response = serde_json::to_value(response).unwrap();
    assert_eq!(response["data"]["accountChanged"], json!({"position": 1, "account": null}));
    house.draft("draft").await;
    assert!(accounts.next().now_or_never().is_none(), "a job is no money");
    let unknown = document.replace("USD", "XXX");
    let (code, _) = refusal(house.subscribe(Role::Talent, unknown, Resume::default())).await;
    assert_eq!(code, "CURRENCY_UNKNOWN");
    worker.stop().await;
}

/// Something that comes from no read model, with a relation that comes from one.
struct Bare;

#[Object]
impl Bare {
    async fn relation(&self, ctx: &Context<'_>) -> Result<bool> {
        settled(ctx, &[Name::ProposalInbox], None).await.map(|_| true)
    }
}

/// A schema has to have queries.
struct Queries;

#[Object]
impl Queries {
    async fn nothing(&self) -> bool {
        true
    }
}

struct Subscriptions(JobId);

#[Subscription]
impl Subscriptions {
    async fn bare(&self, ctx: &Context<'_>) -> Result<impl Stream<Item = Result<Bare>>> {
        let followed = Followed {
            field: "Subscription.jobChanged",
            noun: "job",
            topic: Topic::Stream(StreamId::Job(self.0)),
            models: &[],
            again: None,
        };
        Ok(followed.states(ctx, None, |_| Ok(Some(Bare))).await?.map_ok(|(_, bare)| bare))
    }
}

#[tokio::test]
async fn a_relation_waits_for_the_read_model_that_it_comes_from() {
    let house = House::open().await;
    let job_id = house.draft("draft").await;
    let schema = Schema::build(Queries, EmptyMutation, Subscriptions(job_id))
        .data(house.models.clone())
        .data(house.changes.clone())
        .finish();
    let request = Request::new("subscription { bare { relation } }").data(Resume::default());
    let caller = Caller::Person { party: CLIENT, roles: vec![Role::Client] };
    let mut states = schema.execute_stream(request.data(caller).data(Arc::new(Staleness::never()))).boxed();
    let early = tokio::time::timeout(Duration::from_millis(50), states.next()).await;
    assert!(early.is_err(), "the proposals are not known yet: {early:?}");
    for submitted in [false, true] {
        if submitted {
            house.give("submit", SubmitJob { job_id }).await;
            let early = tokio::time::timeout(Duration::from_millis(50), states.next()).await;
            assert!(early.is_err(), "{early:?}");
        }
        let worker = house.models.start(house.store.clone()).unwrap();
        let told = tokio::time::timeout(PATIENCE, states.next()).await.unwrap().unwrap();
        assert_eq!(serde_json::to_value(told).unwrap(), json!({"data": {"bare": {"relation": true}}}));
        worker.stop().await;
    }
}
