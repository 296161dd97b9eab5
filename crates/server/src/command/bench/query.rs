//! A page of twenty jobs through the schema, without HTTP: read models beside the same fields from memory.

use super::append::Log;
use super::http::fill;
use super::report::{Figure, Measured};
use super::sample::{Caller, Callers, take_turns};
use crate::wire::Failure;
use api::auth::Caller as Sender;
use api::http::Execute;
use api::schema::{Api, Parts};
use async_graphql::{EmptyMutation, EmptySubscription, Enum, ID, Object, Request, Schema, SimpleObject};
use audit::Auditor;
use engine::SystemClock;
use projections::{Changes, Name, ReadModels, Rebuilds, Waited};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// What the page must reach of the one from memory.
const READ_AT_LEAST: f64 = 0.5;
const ROWS: usize = 20;
const WAIT_MAX: Duration = Duration::from_secs(10);
const PAGE: &str = "{ jobs(first: 20) { nodes { id client title description headcount hires status createdAt \
    openedAt } pageInfo { hasNextPage endCursor } } }";

/// As many callers as there are cores on either side.
pub(super) async fn measure(dir: &Path, time: Duration) -> Result<Figure, Failure> {
    let log = Log::open(dir).await?;
    fill(&log.engine).await?;
    let read_models = ReadModels::open(&dir.join("read.db"))?;
    let worker = read_models.start(log.store.clone())?;
    let head = log.store.head().await?.position;
    if read_models.wait_for(&[Name::JobBoard], head, WAIT_MAX).await != Waited::Reached {
        return Err("the read models did not follow".into());
    }
    let changes = Changes::start(log.store.clone());
    let parts = Parts {
        engine: log.engine.clone(),
        rebuilds: Rebuilds::start(read_models.clone()),
        read_models,
        changes,
        auditor: Auditor::new(log.store.clone()),
        clock: Arc::new(SystemClock),
    };
    let read: Arc<dyn Execute> = Arc::new(Api::new(parts, false));
    let memory: Arc<dyn Execute> = Arc::new(Schema::new(Memory::new(), EmptyMutation, EmptySubscription));
    let (read, remembered) = take_turns(&mut askers(&read), &mut askers(&memory), time).await?;
    worker.stop().await;
    log.close().await;
    let figure = Figure::new("queries", Measured::steps(read));
    Ok(figure
        .beside("memory", Measured::steps(remembered), Some(READ_AT_LEAST))
        .noted("twenty jobs of nine fields, in process, as many callers as cores".to_owned()))
}

fn askers(schema: &Arc<dyn Execute>) -> Callers<Asker> {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    Callers((0..cores).map(|_| Asker(Arc::clone(schema))).collect())
}

struct Asker(Arc<dyn Execute>);

impl Caller for Asker {
    async fn step(&mut self) -> Result<usize, Failure> {
        let response = self.0.execute(Request::new(PAGE).data(Sender::Guest)).await;
        if let Some(error) = response.errors.first() {
            return Err(error.message.clone().into());
        }
        std::hint::black_box(serde_json::to_vec(&response.data)?);
        Ok(ROWS)
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Enum)]
enum Status {
    Open,
}

#[derive(Clone, SimpleObject)]
struct Job {
    id: ID,
    client: String,
    title: Option<String>,
    description: Option<String>,
    headcount: u16,
    hires: u16,
    status: Status,
    created_at: String,
    opened_at: Option<String>,
}

#[derive(Clone, SimpleObject)]
struct PageInfo {
    has_next_page: bool,
    end_cursor: Option<String>,
}

#[derive(Clone, SimpleObject)]
struct Jobs {
    nodes: Vec<Job>,
    page_info: PageInfo,
}

/// A page that is there already.
struct Memory(Jobs);

impl Memory {
    fn new() -> Self {
        let job = |number: usize| Job {
            id: format!("job_01h455vb4pex5vsknk084sn{number:03}").into(),
            client: "pty_01h455vb4pex5vsknk084sn02q".to_owned(),
            title: Some("Rebuild our booking site".to_owned()),
            description: Some(
                "The old one is slow on phones. Details by message; the milestones say what we expect."
                    .to_owned(),
            ),
            headcount: 1,
            hires: 0,
            status: Status::Open,
            created_at: "2026-11-14T22:13:20.000001Z".to_owned(),
            opened_at: Some("2026-11-14T22:13:21.000001Z".to_owned()),
        };
        let nodes: Vec<_> = (0..ROWS).map(job).collect();
        let page_info =
            PageInfo { has_next_page: true, end_cursor: nodes.last().map(|job| job.id.to_string()) };
        Self(Jobs { nodes, page_info })
    }
}

#[Object]
impl Memory {
    async fn jobs(&self, first: usize) -> Jobs {
        let mut jobs = self.0.clone();
        jobs.nodes.truncate(first);
        jobs
    }
}
