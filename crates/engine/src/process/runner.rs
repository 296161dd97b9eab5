//! Runs a process: reads the log, reacts, and moves the checkpoint behind what is wholly done.

use super::{Call, CallOutcome, Process, Reaction, derivation};
use crate::Engine;
use crate::committer::ExecuteError;
use crate::failpoint;
use domain::codec::decode;
use domain::{Actor, Command, Event};
use eventstore::{Checkpoint, EventStore, Position, Record, StoreFault, Subscription, confirm_checkpoint};
use futures_util::StreamExt;
use futures_util::stream::{self, Stream};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep};

/// Most reactions under way at once. One that waits for a provider holds back the checkpoint, and beyond this many
/// the process too, but nothing else.
pub const REACTIONS_MAX: usize = 64;

/// The checkpoint is a durable write of its own beside the log's, so it is not moved for every event.
const CHECKPOINT_EVERY: Duration = Duration::from_secs(1);

/// Pauses between two questions to a provider that doesn't answer.
const RETRY_PAUSES: [Duration; 5] = [
    Duration::from_millis(50),
    Duration::from_millis(200),
    Duration::from_secs(1),
    Duration::from_secs(5),
    Duration::from_secs(30),
];

/// A running process.
pub struct ProcessHandle {
    stop: watch::Sender<bool>,
    task: tokio::task::JoinHandle<()>,
}

impl ProcessHandle {
    /// Lets the process finish what is under way at its next record, and waits for it.
    pub async fn stop(self) {
        self.stop.send_replace(true);
        if self.task.await.is_err() {
            tracing::error!("a process ended by panic");
        }
    }
}

/// Starts `process` on the engine's log, from its checkpoint.
///
/// # Errors
/// When the checkpoint can't be read, or the log isn't the one that it was taken of.
pub async fn run(engine: Engine, process: Arc<dyn Process>) -> Result<ProcessHandle, StoreFault> {
    let store = engine.store().clone();
    let checkpoint = store.checkpoint(process.name()).await?;
    if let Some(checkpoint) = checkpoint {
        confirm_checkpoint(&*store, checkpoint)
            .await
            .map_err(|error| StoreFault::new(eventstore::FaultKind::Damaged, error))?;
    }
    let (stop, stopped) = watch::channel(false);
    let head = store.head().await?.position;
    let runner = Runner {
        engine,
        process,
        store,
        head_at_start: head,
    };
    let task = tokio::spawn(async move {
        if let Err(fault) = runner.follow(checkpoint, stopped).await {
            tracing::error!(process = runner.process.name(), %fault, "a process has halted");
        }
    });
    Ok(ProcessHandle { stop, task })
}

struct Runner {
    engine: Engine,
    process: Arc<dyn Process>,
    store: Arc<dyn EventStore>,
    /// Up to here an earlier run may have reacted already, so calls are asked about before they are made.
    head_at_start: Position,
}

impl Runner {
    async fn follow(
        &self,
        from: Option<Checkpoint>,
        mut stopped: watch::Receiver<bool>,
    ) -> Result<(), StoreFault> {
        let start = from.map_or(Position::START, |checkpoint| checkpoint.position);
        let done = records(self.store.subscribe(start))
            .map(|record| self.handle(record))
            .buffered(REACTIONS_MAX);
        tokio::pin!(done);
        let (mut saved, mut reached) = (from, from);
        let mut tick = interval(CHECKPOINT_EVERY);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                next = done.next() => match next {
                    Some(checkpoint) => reached = Some(checkpoint?),
                    None => break,
                },
                _ = tick.tick() => self.save(&mut saved, reached).await?,
                _ = stopped.changed() => break,
            }
        }
        self.save(&mut saved, reached).await
    }

    async fn save(
        &self,
        saved: &mut Option<Checkpoint>,
        reached: Option<Checkpoint>,
    ) -> Result<(), StoreFault> {
        let Some(to) = reached.filter(|_| reached != *saved) else {
            return Ok(());
        };
        self.store
            .advance(self.process.name(), *saved, to)
            .await
            .map_err(|error| StoreFault::new(eventstore::FaultKind::Stopped, error))?;
        *saved = reached;
        Ok(())
    }

    /// Does everything that a record makes the process do; the checkpoint may move past it when this is done.
    async fn handle(&self, record: Result<Arc<Record>, StoreFault>) -> Result<Checkpoint, StoreFault> {
        let record = record?;
        let event = read(&record)?;
        match self.process.react(&event) {
            Reaction::Nothing => {}
            Reaction::Command(command) => self.give(&record, command).await?,
            Reaction::Call(call) => {
                let ask_first = record.position() <= self.head_at_start;
                let outcome = self.call(&call, ask_first).await;
                self.give(&record, self.process.conclude(&call, &outcome)).await?;
            }
        }
        Ok(Checkpoint::at(&record))
    }

    /// Submits a derived command until its outcome is known. A refusal is an outcome, recorded by the committer.
    async fn give(&self, record: &Record, command: Command) -> Result<(), StoreFault> {
        let (key, cause) = derivation(record, &command);
        let actor = Actor::System(self.process.name());
        let since = Instant::now();
        loop {
            match self
                .engine
                .submit_caused(actor.clone(), command.clone(), &key, Some(cause))
                .await
            {
                Ok(_) => {
                    metrics::counter!("counterfoil_process_commands_total", "process" => self.process.name())
                        .increment(1);
                    return Ok(());
                }
                Err(ExecuteError::Refused(refusal)) => {
                    tracing::info!(
                        process = self.process.name(),
                        code = refusal.code.as_str(),
                        "refused"
                    );
                    return Ok(());
                }
                Err(ExecuteError::Overloaded) => sleep(RETRY_PAUSES[0]).await,
                Err(ExecuteError::Fault(fault)) if fault.kind == eventstore::FaultKind::Full => {
                    tracing::warn!(waiting = ?since.elapsed(), "the disk is full; a process waits");
                    sleep(RETRY_PAUSES[2]).await;
                }
                Err(ExecuteError::Fault(fault)) => return Err(fault),
                Err(error @ (ExecuteError::Unknown(_) | ExecuteError::IdempotencyMismatch)) => {
                    return Err(StoreFault::new(eventstore::FaultKind::Stopped, error));
                }
            }
        }
    }

    /// Makes a call, or learns what became of it: after anything but a clear answer the provider is asked by the
    /// call's key, and the order is repeated, under the same key, only if the provider never had it.
    async fn call(&self, call: &Call, mut ask_first: bool) -> CallOutcome {
        let Some(rail) = self.engine.rail(&call.rail) else {
            return CallOutcome::Declined {
                reason: "rail_unknown".to_owned(),
            };
        };
        let mut pauses = RETRY_PAUSES.into_iter();
        loop {
            let known = if ask_first {
                rail.find(&call.provider_key).await
            } else {
                Ok(None)
            };
            let answer = match known {
                Ok(Some(outcome)) => return outcome,
                Ok(None) => {
                    failpoint::kill("rail::before_call");
                    let answer = rail.order(call).await;
                    failpoint::kill("rail::after_call");
                    answer
                }
                Err(error) => Err(error),
            };
            match answer {
                Ok(outcome) => return outcome,
                Err(error) => tracing::warn!(rail = rail.name(), %error, "the outcome of a call is unknown"),
            }
            ask_first = true;
            sleep(pauses.next().unwrap_or(RETRY_PAUSES[RETRY_PAUSES.len() - 1])).await;
        }
    }
}

fn read(record: &Record) -> Result<Event, StoreFault> {
    let header = record.header();
    decode(&header.event_type, header.schema_version, record.payload())
        .map_err(|error| StoreFault::new(eventstore::FaultKind::Damaged, error))
}

/// The subscription, record by record.
fn records(subscription: Subscription) -> impl Stream<Item = Result<Arc<Record>, StoreFault>> {
    stream::unfold(subscription, |mut subscription| async move {
        let page = match subscription.next().await {
            Ok(page) => page.into_iter().map(Ok).collect::<Vec<_>>(),
            Err(fault) => vec![Err(fault)],
        };
        Some((stream::iter(page), subscription))
    })
    .flatten()
}
