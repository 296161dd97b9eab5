//! How fast a process works off what waits for it: deposits that were asked for, claimed and acknowledged under a rail
//! in memory that takes every order at once.

use super::append::Log;
use super::journey::{Journey, RAIL, journeys};
use super::report::{Figure, Measured};
use super::sample::{Caller, Callers, Sample, Subject, float};
use super::{BROKEN_OFF_AFTER, disk};
use crate::wire::Failure;
use async_trait::async_trait;
use domain::Timestamp;
use domain::deposit::ProviderObject;
use engine::due::DueTable;
use engine::process::{self, Call, CallOutcome, Funding};
use engine::rail::{Rail, RailError, Signal, Webhook, WebhookError};
use eventstore::Subscription;
use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Commands that a deposit makes the process give: the claim of the call, and what came of it.
const REACTIONS: usize = 2;

/// As many deposits as are asked for in `time`, worked off; then the plain insert.
pub(super) async fn measure(dir: &Path, time: Duration) -> Result<Figure, Failure> {
    let log = Log::with(dir, vec![Arc::new(Accepts)], DueTable::in_memory()?).await?;
    let mut asking = Callers(journeys(&log.engine).map(Asks).collect());
    let waiting = asking.run(time).await?.steps();
    let ahead = log.store.head().await?.position;
    let (subscription, start) = (log.store.subscribe(ahead), Instant::now());
    let funding = process::run(log.engine.clone(), Arc::new(Funding)).await?;
    let acknowledged = tokio::time::timeout(BROKEN_OFF_AFTER, acknowledged(subscription, waiting));
    let latencies = acknowledged.await.map_err(|_| "the process did not work off what waits")??;
    let worked = Sample::of(latencies, start.elapsed());
    funding.stop().await;
    log.close().await;
    let inserts = disk::inserter(dir)?.run(time).await?;
    let reactions = worked.steps_per_second() * float(REACTIONS);
    let note = format!(
        "{waiting} deposits that waited, {reactions:.0} reactions/s: a claim and an acknowledgement each; the times \
         are those from the one to the other; the inserts came after, not in turns; DBOS did 253 and Restate 1,420 \
         such workflows/s on another day, beside which the floors are 20 and 4 times as many"
    );
    Ok(Figure::new("workflows", Measured::steps(worked))
        .beside("insert", Measured::steps(inserts), None)
        .noted(note))
}

/// Waits for `count` acknowledgements, and says of each how long after its claim it was recorded.
async fn acknowledged(mut log: Subscription, count: usize) -> Result<Vec<Duration>, Failure> {
    let (mut claimed, mut latencies) = (HashMap::new(), Vec::with_capacity(count));
    while latencies.len() < count {
        for record in log.next().await? {
            let header = record.header();
            let Some(deposit) = header.memberships.first().map(|first| first.stream.clone()) else {
                continue;
            };
            match &*header.event_type {
                "deposit.attempt_started" => {
                    claimed.insert(deposit, header.recorded_at);
                }
                "deposit.acknowledged" => {
                    let from = claimed.remove(&deposit).ok_or("an acknowledgement without a claim")?;
                    latencies.push(Duration::from_micros(u64::try_from(header.recorded_at - from)?));
                }
                _ => {}
            }
        }
    }
    Ok(latencies)
}

/// Asks for the money of one milestone after the other.
struct Asks(Journey);

impl Caller for Asks {
    async fn step(&mut self) -> Result<usize, Failure> {
        self.0.ask_for_money().await.map(|()| 1)
    }
}

/// Takes every order, and reports nothing.
struct Accepts;

#[async_trait]
impl Rail for Accepts {
    fn name(&self) -> &'static str {
        RAIL
    }

    async fn order(&self, call: &Call) -> Result<CallOutcome, RailError> {
        let object = ProviderObject::parse(&format!("bench_{}", call.provider_key));
        Ok(CallOutcome::Accepted { object: object.map_err(|refusal| RailError(refusal.to_string()))? })
    }

    async fn find(&self, _: &str) -> Result<Option<CallOutcome>, RailError> {
        Ok(None)
    }

    fn verify(&self, _: &Webhook, _: Timestamp) -> Result<Signal, WebhookError> {
        Err(WebhookError::Unsigned)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(flavor = "multi_thread")]
    async fn everything_that_waits_is_worked_off() {
        let dir = tempfile::tempdir().unwrap();
        measure(dir.path(), Duration::from_millis(50)).await.unwrap();
    }
}
