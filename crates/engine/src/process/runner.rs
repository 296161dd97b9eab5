//! Runs a process: reads the log, reacts, and moves the checkpoint behind what is wholly done.

use super::progress::Progress;
use super::{Call, CallOutcome, Process, Reaction, derivation};
use crate::Engine;
use crate::committer::ExecuteError;
use crate::failpoint;
use crate::fold::{event, fold};
use crate::pauses::Pauses;
use crate::rail::RailError;
use domain::{Actor, Command};
use eventstore::{
    Checkpoint, CheckpointError, EventStore, FaultKind, Position, Record, StoreFault, confirm_checkpoint,
};
use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::{MissedTickBehavior, interval, sleep};

/// Most reactions under way at once. One that waits for a provider holds back the checkpoint, and as many of them as
/// this hold back the process; nothing else waits for them.
pub const REACTIONS_MAX: usize = 64;

/// The checkpoint is a durable write of its own beside the log's, so it is not moved for every event.
const CHECKPOINT_EVERY: Duration = Duration::from_secs(1);

/// Pauses between two questions to a provider that doesn't answer, or to a store that fails; the last one repeats.
const RETRY_PAUSES: [Duration; 5] = [
    Duration::from_millis(50),
    Duration::from_millis(200),
    Duration::from_secs(1),
    Duration::from_secs(5),
    Duration::from_secs(30),
];

/// A running process.
pub struct ProcessHandle {
    name: &'static str,
    stop: watch::Sender<bool>,
    halted: watch::Receiver<Option<String>>,
    task: tokio::task::JoinHandle<()>,
}

impl ProcessHandle {
    /// The process's name.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// Tells, now and later, why the process has halted, if it has. It stays so until the program starts again.
    pub fn halted(&self) -> watch::Receiver<Option<String>> {
        self.halted.clone()
    }

    /// Stops the process and waits for it. Reactions under way are left where they are; the next start repeats them
    /// under the same keys.
    pub async fn stop(self) {
        self.stop.send_replace(true);
        if self.task.await.is_err() {
            tracing::error!(process = self.name, "a process ended by panic");
        }
    }
}

/// Starts `process` on the engine's log, from its checkpoint.
///
/// # Errors
/// When the checkpoint can't be read, or the log isn't the one that it was taken of.
pub async fn run(engine: Engine, process: Arc<dyn Process>) -> Result<ProcessHandle, StoreFault> {
    let name = process.name().as_str();
    let (runner, checkpoint) = Runner::begin(engine, process).await?;
    let (stop, stopped) = watch::channel(false);
    let (halt, halted) = watch::channel(None);
    metrics::gauge!("counterfoil_process_halted", "process" => name).set(0.0);
    let task = tokio::spawn(async move {
        if let Err(fault) = runner.endure(checkpoint, stopped).await {
            tracing::error!(process = name, %fault, "a process has halted");
            metrics::gauge!("counterfoil_process_halted", "process" => name).set(1.0);
            halt.send_replace(Some(fault.to_string()));
        }
    });
    Ok(ProcessHandle { name, stop, halted, task })
}

/// A process on an engine's log.
pub(crate) struct Runner {
    engine: Engine,
    process: Arc<dyn Process>,
    store: Arc<dyn EventStore>,
    /// Up to here an earlier run may have reacted already, so calls are asked about before they are made.
    head_at_start: Position,
}

impl Runner {
    /// The process, and where it stands.
    pub(crate) async fn begin(
        engine: Engine,
        process: Arc<dyn Process>,
    ) -> Result<(Self, Option<Checkpoint>), StoreFault> {
        let store = engine.store().clone();
        let checkpoint = store.checkpoint(process.name().as_str()).await?;
        if let Some(checkpoint) = checkpoint {
            confirm_checkpoint(&*store, checkpoint)
                .await
                .map_err(|error| StoreFault::new(FaultKind::Damaged, error))?;
        }
        let head_at_start = store.head().await?.position;
        Ok((Self { engine, process, store, head_at_start }, checkpoint))
    }

    /// Where to read on from after `checkpoint`.
    pub(crate) fn start(&self, checkpoint: Option<Checkpoint>) -> Position {
        checkpoint.map_or_else(|| self.process.reacts_from(), |checkpoint| checkpoint.position)
    }

    /// Whether an operator has paused it.
    pub(crate) fn is_paused(&self, pauses: &Pauses) -> bool {
        pauses.processes.contains(&self.process.name())
    }

    /// Reacts to one record, and returns when that is wholly done.
    pub(crate) async fn step(&self, record: Arc<Record>) -> Result<(), StoreFault> {
        let reaction = self.process.react(&event(&record)?);
        self.handle(record, reaction).await.map(|_| ())
    }

    /// Follows the log, and begins again from the checkpoint after a fault that may pass.
    async fn endure(
        &self,
        from: Option<Checkpoint>,
        mut stopped: watch::Receiver<bool>,
    ) -> Result<(), StoreFault> {
        let mut saved = from;
        let mut pauses = pauses();
        loop {
            let before = saved;
            match self.follow(&mut saved, &mut stopped).await {
                Err(fault)
                    if matches!(
                        fault.kind,
                        FaultKind::Io | FaultKind::Engine | FaultKind::Full | FaultKind::ReadOnly
                    ) =>
                {
                    tracing::warn!(process = self.process.name().as_str(), %fault, "a process begins again");
                    if saved != before {
                        pauses = self::pauses();
                    }
                }
                ended => return ended,
            }
            tokio::select! {
                () = sleep(pauses.next().unwrap_or_default()) => {}
                () = ended(&mut stopped) => return Ok(()),
            }
        }
    }

    async fn follow(
        &self,
        saved: &mut Option<Checkpoint>,
        stopped: &mut watch::Receiver<bool>,
    ) -> Result<(), StoreFault> {
        let mut subscription = self.store.subscribe(self.start(*saved));
        let mut pauses = self.engine.pauses();
        let mut progress = Progress::after(*saved);
        let mut under_way = FuturesUnordered::new();
        let mut page = Vec::<Arc<Record>>::new().into_iter();
        let mut tick = interval(CHECKPOINT_EVERY);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let waits = self.is_paused(&pauses.borrow_and_update());
            while !waits
                && under_way.len() < REACTIONS_MAX
                && let Some(record) = page.next()
            {
                let reaction = self.process.react(&event(&record)?);
                progress.read(&record);
                if !matches!(reaction, Reaction::Nothing) {
                    progress.begin(record.position());
                    under_way.push(self.handle(record, reaction));
                }
            }
            tokio::select! {
                Some(done) = under_way.next() => progress.finish(done?),
                next = subscription.next(), if page.len() == 0 && !waits => page = next?.into_iter(),
                Ok(()) = pauses.changed() => {}
                _ = tick.tick() => self.save(saved, progress.checkpoint()).await?,
                () = ended(stopped) => break,
            }
        }
        self.save(saved, progress.checkpoint()).await
    }

    pub(crate) async fn save(
        &self,
        saved: &mut Option<Checkpoint>,
        reached: Option<Checkpoint>,
    ) -> Result<(), StoreFault> {
        let Some(to) = reached.filter(|_| reached != *saved) else {
            return Ok(());
        };
        failpoint::kill("process::before_checkpoint");
        self.store.advance(self.process.name().as_str(), *saved, to).await.map_err(|error| match error {
            CheckpointError::Fault(fault) => fault,
            other @ (CheckpointError::Moved { .. } | CheckpointError::Diverged { .. }) => {
                StoreFault::new(FaultKind::Stopped, other)
            }
        })?;
        *saved = reached;
        failpoint::kill("process::after_checkpoint");
        Ok(())
    }

    /// Does what a record makes the process do, and says which record it was.
    async fn handle(&self, record: Arc<Record>, reaction: Reaction) -> Result<Position, StoreFault> {
        match reaction {
            Reaction::Nothing => {}
            Reaction::Command(command) => self.give(&record, command).await?,
            Reaction::Call(call) => {
                let ask_first = record.position() <= self.head_at_start;
                if let Some(outcome) = self.call(&call, ask_first).await? {
                    self.give(&record, call.conclude(&outcome)).await?;
                }
            }
        }
        Ok(record.position())
    }

    /// Submits a derived command until its outcome is known. A refusal is an outcome, recorded by the committer.
    async fn give(&self, record: &Record, command: Command) -> Result<(), StoreFault> {
        let (key, cause) = derivation(record, &command);
        let process = self.process.name().as_str();
        loop {
            match self.engine.submit_caused(Actor::System(process), command.clone(), &key, Some(cause)).await
            {
                Ok(_) => {
                    metrics::counter!("counterfoil_process_commands_total", "process" => process)
                        .increment(1);
                    return Ok(());
                }
                Err(ExecuteError::Refused(refusal)) => {
                    tracing::info!(process, code = refusal.code.as_str(), "a derived command was refused");
                    return Ok(());
                }
                Err(ExecuteError::Overloaded) => sleep(RETRY_PAUSES[0]).await,
                Err(ExecuteError::Fault(fault)) => return Err(fault),
                Err(error @ (ExecuteError::Unknown(_) | ExecuteError::IdempotencyMismatch)) => {
                    return Err(StoreFault::new(FaultKind::Stopped, error));
                }
            }
        }
    }

    /// Makes a call, or learns what became of it: after anything but a clear answer the provider is asked by the
    /// call's key, and the order is repeated, under the same key, only if the provider never had it.
    /// `None` if it was never made and is not wanted any more.
    async fn call(&self, call: &Call, mut ask_first: bool) -> Result<Option<CallOutcome>, StoreFault> {
        let mut pauses = pauses();
        loop {
            self.unpaused(&call.rail).await;
            match self.attempt(call, ask_first).await? {
                Ok(outcome) => return Ok(outcome),
                Err(error) => tracing::warn!(rail = call.rail, %error, "the outcome of a call is unknown"),
            }
            metrics::counter!("counterfoil_process_unknown_calls_total", "rail" => call.rail.clone())
                .increment(1);
            ask_first = true;
            sleep(pauses.next().unwrap_or_default()).await;
        }
    }

    /// Waits while an operator has paused the calls to a rail's provider.
    async fn unpaused(&self, rail: &str) {
        let mut pauses = self.engine.pauses();
        drop(pauses.wait_for(|pauses| !pauses.rails.contains(rail)).await);
    }

    async fn attempt(
        &self,
        call: &Call,
        ask_first: bool,
    ) -> Result<Result<Option<CallOutcome>, RailError>, StoreFault> {
        // The rail may be back after the next start; until then nobody knows what its provider did.
        let Some(rail) = self.engine.rail(&call.rail) else {
            return Ok(Err(RailError(format!("the rail {} is not configured", call.rail))));
        };
        if ask_first {
            match rail.find(&call.provider_key).await {
                Ok(None) => {}
                known => return Ok(known),
            }
        }
        // Much may have happened since the claim: a pause, a restart, an hour of failures.
        let records = self.store.read_stream(&call.stream().to_string(), 0).await?;
        if !call.is_wanted(fold(call.stream(), &records)?.state.as_deref()) {
            tracing::info!(rail = call.rail, "a call is not wanted any more");
            return Ok(Ok(None));
        }
        failpoint::kill("rail::before_call");
        let answer = rail.order(call).await;
        failpoint::kill("rail::after_call");
        Ok(answer.map(Some))
    }
}

/// Waits until the process is to stop, or nobody can tell it any more.
async fn ended(stopped: &mut watch::Receiver<bool>) {
    drop(stopped.wait_for(|stopped| *stopped).await);
}

/// Ever longer pauses, without end.
fn pauses() -> impl Iterator<Item = Duration> {
    RETRY_PAUSES.into_iter().chain(std::iter::repeat(RETRY_PAUSES[RETRY_PAUSES.len() - 1]))
}
