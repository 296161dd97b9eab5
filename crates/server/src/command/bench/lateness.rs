//! How late timers fire while many others are pending: open jobs, of which a thousand expire within a few seconds.

use super::BROKEN_OFF_AFTER;
use super::append::Log;
use super::bulk::Bulk;
use super::report::{Figure, Measured};
use super::sample::Sample;
use crate::wire::Failure;
use domain::{StreamId, Timestamp};
use engine::due::{self, DueCursor, DueFilter, DueTable};
use engine::{Clock, Engine, SystemClock};
use eventstore::Subscription;
use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// Timers that fire.
const FIRING: i64 = 1_000;
/// Over which time they are spread.
const SPREAD: Duration = Duration::from_secs(5);
/// From when they are written to when the first is due: everything has to be open again by then.
const LEAD: Duration = Duration::from_secs(5);
/// How often the table is asked whether it knows a timer.
const LOOK_EVERY: Duration = Duration::from_millis(10);

/// Writes `pending` timers that are far off, then those that fire, under the machine's clock.
pub(super) async fn measure(dir: &Path, pending: u64) -> Result<Figure, Failure> {
    let table = dir.join("due.db");
    fill(dir, &table, pending).await?;
    let mut bulk = Bulk::open(dir).await?;
    let (mut dues, spread) = (HashMap::new(), i64::try_from(SPREAD.as_micros())?);
    let first = SystemClock.now().micros() + i64::try_from(LEAD.as_micros())?;
    let mut number = 0;
    let expires_at = |job_id| {
        let due = Timestamp::from_micros(first + spread * number / FIRING);
        number += 1;
        dues.insert(Arc::<str>::from(StreamId::Job(job_id).to_string()), due);
        due
    };
    let end = bulk.open_jobs(FIRING.unsigned_abs(), expires_at).await?;
    bulk.close().await;
    let log = Log::with(dir, Vec::new(), DueTable::open(&table)?).await?;
    let timers = due::run(log.engine.clone()).await?;
    known(&log.engine, Timestamp::from_micros(first + spread * (FIRING - 1) / FIRING)).await?;
    if SystemClock.now().micros() >= first {
        return Err("the timers were due before the table knew them".into());
    }
    let fired = tokio::time::timeout(BROKEN_OFF_AFTER, fired(log.store.subscribe(end), dues));
    let latencies = fired.await.map_err(|_| "not every timer fired")??;
    timers.stop().await;
    log.close().await;
    let fired = Figure::new("timers", Measured::steps(Sample::of(latencies, SPREAD)));
    Ok(fired.noted(format!(
        "{pending} other timers pending; {FIRING} fired over {} s, and that is their rate; the times are those from \
         when one was due to the instant that its event is recorded under",
        SPREAD.as_secs()
    )))
}

/// Has a table know `pending` timers, all of them far off.
async fn fill(dir: &Path, table: &Path, pending: u64) -> Result<(), Failure> {
    let mut bulk = Bulk::open(dir).await?;
    let last = open_far_off(&mut bulk, pending).await?;
    bulk.close().await;
    let log = Log::with(dir, Vec::new(), DueTable::open(table)?).await?;
    let timers = due::run(log.engine.clone()).await?;
    known(&log.engine, last).await?;
    timers.stop().await;
    log.close().await;
    Ok(())
}

/// Opens `count` jobs that expire one after the other, long after any measuring; returns when the last one does.
pub(super) async fn open_far_off(bulk: &mut Bulk, count: u64) -> Result<Timestamp, Failure> {
    let mut due = SystemClock.now().plus_days(60);
    bulk.open_jobs(count, |_| {
        due = Timestamp::from_micros(due.micros() + 1);
        due
    })
    .await?;
    Ok(due)
}

/// Waits until the table knows a timer that is due at `due`.
pub(super) async fn known(engine: &Engine, due: Timestamp) -> Result<(), Failure> {
    let before = DueCursor { due: due.micros() - 1, row: i64::MAX };
    let filter = DueFilter { before: Some(due), after: Some(before), party: None };
    let looking = async {
        while engine.due(&filter, 1)?.is_empty() {
            tokio::time::sleep(LOOK_EVERY).await;
        }
        Ok(())
    };
    tokio::time::timeout(BROKEN_OFF_AFTER, looking).await.map_err(|_| "the table did not catch up")?
}

/// Waits until every job of `dues` has expired, and says how late each did.
async fn fired(
    mut log: Subscription,
    mut dues: HashMap<Arc<str>, Timestamp>,
) -> Result<Vec<Duration>, Failure> {
    let mut latencies = Vec::with_capacity(dues.len());
    while !dues.is_empty() {
        for record in log.next().await? {
            let header = record.header();
            if header.event_type != "job.expired" {
                continue;
            }
            let due = header.memberships.first().and_then(|first| dues.remove(&first.stream));
            let late = header.recorded_at - due.ok_or("a job expired that should not")?.micros();
            latencies.push(Duration::from_micros(u64::try_from(late)?));
        }
    }
    Ok(latencies)
}
