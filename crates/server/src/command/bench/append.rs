//! Commands of one event each, through the committer and onto the disk: `createJob`, which reads one warm stream.

use super::report::{Figure, Measured};
use super::sample::{Caller, Callers, take_turns};
use super::{MARKETPLACE, disk};
use crate::wire::Failure;
use domain::id::PartyId;
use domain::job::CreateJob;
use domain::text::Text;
use domain::{Actor, Role};
use engine::due::DueTable;
use engine::rail::Rail;
use engine::{CACHE_BYTES_DEFAULT, Config, Engine, Entropy, IdempotencyKey, RequestSecret, SystemClock};
use eventstore::{EventStore, SqliteStore};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// How much longer than a plain insert a lone command may take.
const LONE_AT_MOST: f64 = 2.0;
/// How many times as many events as plain inserts [`FLOOR_CALLERS`] must get onto the disk.
const SHARED_AT_LEAST: f64 = 8.0;
const FLOOR_CALLERS: usize = 64;

/// As many callers as are asked for, beside the plain insert.
pub(super) async fn measure(dir: &Path, callers: usize, time: Duration) -> Result<Figure, Failure> {
    let log = Log::open(dir).await?;
    let mut creates =
        Callers((0..callers).map(|number| Creates::new(&log.engine, number)).collect::<Result<_, _>>()?);
    let (commands, inserts) = take_turns(&mut creates, &mut disk::inserter(dir)?, time).await?;
    let note = format!("createJob, records of {} bytes on average", log.average_bytes().await?);
    log.close().await;
    let figure = Figure::new("events", Measured::steps(commands)).noted(note);
    let inserts = Measured::steps(inserts);
    Ok(match callers {
        1 => figure.slower_than("insert", inserts, LONE_AT_MOST),
        FLOOR_CALLERS => figure.beside("insert", inserts, Some(SHARED_AT_LEAST)),
        _ => figure.beside("insert", inserts, None),
    })
}

/// A log with its engine, and nothing that reads along.
pub(super) struct Log {
    pub(super) engine: Engine,
    pub(super) store: Arc<dyn EventStore>,
}

impl Log {
    pub(super) async fn open(dir: &Path) -> Result<Self, Failure> {
        Self::with(dir, Vec::new(), DueTable::in_memory()?).await
    }

    /// The same with rails, and the table of what is due.
    pub(super) async fn with(dir: &Path, rails: Vec<Arc<dyn Rail>>, due: DueTable) -> Result<Self, Failure> {
        let store: Arc<dyn EventStore> = Arc::new(SqliteStore::open(&dir.join("log"), MARKETPLACE)?);
        let config = Config {
            clock: Arc::new(SystemClock),
            entropy: Entropy::system().map_err(|_| "the system has no randomness to give")?,
            request_secret: RequestSecret::new(&[0x5a; 32]),
            cache_bytes: CACHE_BYTES_DEFAULT,
            rails,
            due,
        };
        Ok(Self { engine: Engine::start(store.clone(), config).await?, store })
    }

    /// Of the newest records, so that it costs the same however long the log is.
    async fn average_bytes(&self) -> Result<usize, Failure> {
        let head = self.store.head().await?.position;
        let newest = self.store.read(head.get().saturating_sub(100).into(), 100).await?;
        let bytes: usize = newest.iter().map(|record| record.bytes().len()).sum();
        Ok(bytes / newest.len().max(1))
    }

    pub(super) async fn close(self) {
        self.engine.stop().await;
        self.store.close().await;
    }
}

/// The `number`-th caller, in one role.
pub(super) fn person(number: usize, role: Role) -> Actor {
    let party = PartyId::from_u128((1 << 64) + 2 * number as u128 + u128::from(role == Role::Talent));
    Actor::Person { party, roles: vec![role] }
}

/// What a client writes about a job, of a common length.
pub(super) fn job() -> Result<CreateJob, Failure> {
    Ok(CreateJob {
        title: Text::parse("Rebuild our booking site")?,
        description: Text::parse(
            "The old one is slow on phones. Details by message; the milestones say what we expect.",
        )?,
        headcount: 1,
    })
}

struct Creates {
    engine: Engine,
    client: Actor,
    given: u64,
}

impl Creates {
    fn new(engine: &Engine, number: usize) -> Result<Self, Failure> {
        // A job that can't be written is found here rather than amid the measuring.
        job()?;
        Ok(Self { engine: engine.clone(), client: person(number, Role::Client), given: 0 })
    }
}

impl Caller for Creates {
    async fn step(&mut self) -> Result<usize, Failure> {
        self.given += 1;
        let key = IdempotencyKey::parse(&format!("create/{}", self.given))?;
        self.engine.submit(self.client.clone(), job()?.into(), &key).await?;
        Ok(1)
    }
}
