//! Long logs, quickly: open jobs as sealed records in large batches, past the committer. What is written is what the
//! committer would have written, but for the keys, which no request stands behind.

use super::MARKETPLACE;
use super::append::{job, person};
use crate::wire::Failure;
use domain::codec::encode;
use domain::id::{EventId, JobId, TypedId};
use domain::job::{JobCreated, JobEvent, JobSubmitted};
use domain::personal::Personal;
use domain::{Event, Role, Timestamp};
use engine::{Clock, SystemClock};
use eventstore::{
    Batch, CommandKey, EventStore, Head, Header, Membership, Position, Record, RequestMac, SqliteStore,
};
use std::borrow::Cow;
use std::path::Path;
use std::sync::Arc;

/// Events of one job.
pub(super) const EVENTS_PER_JOB: u64 = 2;
/// Jobs of one append: some 4 MiB.
const JOBS_PER_BATCH: u64 = 4_096;
/// Whose jobs they are, in turn.
const CLIENTS: u64 = 1_000;

/// The only writer of a log that no engine is on.
pub(super) struct Bulk {
    store: SqliteStore,
    head: Head,
}

impl Bulk {
    pub(super) async fn open(dir: &Path) -> Result<Self, Failure> {
        let store = SqliteStore::open(&dir.join("log"), MARKETPLACE)?;
        let head = store.head().await?;
        Ok(Self { store, head })
    }

    /// Opens `count` jobs; `expires_at` says of each when it expires. Returns the log's end.
    pub(super) async fn open_jobs(
        &mut self,
        count: u64,
        mut expires_at: impl FnMut(JobId) -> Timestamp,
    ) -> Result<Position, Failure> {
        let mut left = count;
        while left > 0 {
            let jobs = left.min(JOBS_PER_BATCH);
            let batch = self.batch(jobs, &mut expires_at)?;
            let head = batch.head();
            self.store.append(batch).await?;
            (self.head, left) = (head, left - jobs);
        }
        Ok(self.head.position)
    }

    fn batch(&self, jobs: u64, expires_at: &mut impl FnMut(JobId) -> Timestamp) -> Result<Batch, Failure> {
        let after = self.head.position;
        let recorded_at = SystemClock.now().micros().max(self.head.recorded_at);
        let (job, mut position) = (job()?, after);
        let mut records = Vec::new();
        for _ in 0..jobs {
            let number = position.next().get();
            let job_id = JobId::from_u128(rising(number));
            let client = person(usize::try_from(number % CLIENTS)?, Role::Client);
            let created = JobCreated {
                job_id,
                client: client.party().ok_or("a client is a person")?,
                title: Personal::Clear(job.title.clone()),
                description: Personal::Clear(job.description.clone()),
                headcount: job.headcount,
            };
            let submitted = JobSubmitted { job_id, expires_at: Some(expires_at(job_id)) };
            let actor: Arc<str> = client.to_string().into();
            for (revision, event) in (1..).zip([JobEvent::Created(created), JobEvent::Submitted(submitted)]) {
                position = position.next();
                let written = Written { position, recorded_at, revision, actor: actor.clone() };
                records.push(written.seal(&Event::Job(event))?);
            }
        }
        Ok(Batch::new(after, recorded_at, records)?)
    }

    pub(super) async fn close(self) {
        self.store.close().await;
    }
}

/// Where an event is written.
struct Written {
    position: Position,
    recorded_at: i64,
    /// In its one stream.
    revision: u64,
    actor: Arc<str>,
}

impl Written {
    fn seal(self, event: &Event) -> Result<Arc<Record>, Failure> {
        let Self { position, recorded_at, revision, actor } = self;
        let (event_type, schema_version) = event.event_type();
        let event_id = EventId::from_u128(rising(position.get())).uuid();
        let member = |stream: domain::StreamId| Membership { stream: stream.to_string().into(), revision };
        let header = Header {
            marketplace: MARKETPLACE.into(),
            position,
            event_id,
            event_type: Cow::Borrowed(event_type),
            schema_version,
            recorded_at,
            effective_at: recorded_at,
            command_key: CommandKey::from_bytes(scattered(position)),
            request_mac: RequestMac::from_bytes(scattered(position)),
            actor,
            correlation: event_id,
            causation: None,
            memberships: event.streams().into_iter().map(member).collect(),
        };
        Ok(Arc::new(Record::seal(header, &encode(event)?)))
    }
}

/// The number of an id: they rise with time, as fresh ones do.
fn rising(number: u64) -> u128 {
    (1 << 96) + (u128::from(number) << 64)
}

/// Bytes that are as good as random where an index sorts by them, and different for each position.
fn scattered(position: Position) -> [u8; 32] {
    let mut bytes = [0x5a; 32];
    bytes[..8].copy_from_slice(&position.get().wrapping_mul(0x9e37_79b9_7f4a_7c15).to_be_bytes());
    bytes
}

#[cfg(test)]
mod tests {
    use super::super::append::Log;
    use super::*;
    use domain::job::SubmitJob;
    use domain::{Code, StreamId};
    use engine::{ExecuteError, IdempotencyKey};

    #[tokio::test(flavor = "multi_thread")]
    async fn an_engine_takes_the_jobs_for_its_own() {
        let dir = tempfile::tempdir().unwrap();
        let (mut bulk, mut ids) = (Bulk::open(dir.path()).await.unwrap(), Vec::new());
        for _ in 0..2 {
            let expires_at = |job_id| {
                ids.push(job_id);
                SystemClock.now().plus_days(1)
            };
            bulk.open_jobs(3, expires_at).await.unwrap();
        }
        bulk.close().await;
        let log = Log::open(dir.path()).await.unwrap();
        assert!(log.store.inspect(&|_| {}).await.unwrap().is_empty());
        for job_id in ids {
            let records = log.store.read_stream(&StreamId::Job(job_id).to_string(), 0).await.unwrap();
            let number = usize::try_from(records[0].position().get()).unwrap();
            let client = person(number, Role::Client);
            let key = IdempotencyKey::parse("again").unwrap();
            let refused = log.engine.submit(client, SubmitJob { job_id }.into(), &key).await.unwrap_err();
            let ExecuteError::Refused(refusal) = refused else { panic!("{refused}") };
            assert_eq!(refusal.code, Code::WrongState, "it is open already");
        }
        log.close().await;
    }
}
