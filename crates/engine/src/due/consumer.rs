//! The one consumer that keeps the table and fires what is due.

use super::fold::Folds;
use super::table::DueTable;
use super::{Due, PAGE_MAX};
use crate::Engine;
use crate::committer::ExecuteError;
use crate::failpoint;
use crate::key::IdempotencyKey;
use crate::pauses::Pauses;
use domain::process::ProcessName;
use domain::timer::firing;
use domain::{Actor, Code, Refusal};
use eventstore::{Checkpoint, EventStore, FaultKind, Position, Record, StoreFault, confirm_checkpoint};
use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::sleep;

/// Most firings under way at once.
pub const FIRINGS_MAX: usize = 64;

/// Pause before a timer is fired again whose instant a batch had not reached, and how often that is tried.
const AGAIN_AFTER: Duration = Duration::from_millis(1);
const AGAIN_MAX: u32 = 100;

/// Pause after a fault that may pass.
const RETRY_AFTER: Duration = Duration::from_secs(1);

const NAME: ProcessName = ProcessName::Timers;

/// The running consumer.
pub struct TimersHandle {
    stop: watch::Sender<bool>,
    halted: watch::Receiver<Option<String>>,
    task: tokio::task::JoinHandle<()>,
}

impl TimersHandle {
    /// Tells, now and later, why it has halted, if it has. It stays so until the program starts again.
    pub fn halted(&self) -> watch::Receiver<Option<String>> {
        self.halted.clone()
    }

    /// Stops it and waits for it. Firings under way are left where they are; the next start gives them again, under
    /// the same keys.
    pub async fn stop(self) {
        self.stop.send_replace(true);
        if self.task.await.is_err() {
            tracing::error!("the timers ended by panic");
        }
    }
}

/// Starts the consumer on the engine's log, from the table's checkpoint.
///
/// # Errors
/// When the table can't be read, or is ahead of the log or of another one: remove its file to have it built anew.
pub async fn run(engine: Engine) -> Result<TimersHandle, StoreFault> {
    let mut timers = Timers::begin(engine).await?;
    let (stop, mut stopped) = watch::channel(false);
    let (halt, halted) = watch::channel(None);
    metrics::gauge!("counterfoil_process_halted", "process" => NAME.as_str()).set(0.0);
    let task = tokio::spawn(async move {
        if let Err(fault) = timers.endure(&mut stopped).await {
            tracing::error!(%fault, "the timers have halted");
            metrics::gauge!("counterfoil_process_halted", "process" => NAME.as_str()).set(1.0);
            halt.send_replace(Some(fault.to_string()));
        }
    });
    Ok(TimersHandle { stop, halted, task })
}

/// The consumer, whoever drives it.
pub(crate) struct Timers {
    engine: Engine,
    store: Arc<dyn EventStore>,
    table: Arc<DueTable>,
    folds: Folds,
    at: Option<Checkpoint>,
}

impl Timers {
    pub(crate) async fn begin(engine: Engine) -> Result<Self, StoreFault> {
        let (store, table) = (engine.store().clone(), engine.due_table().clone());
        let at = table.checkpoint()?;
        if let Some(checkpoint) = at {
            confirm_checkpoint(&*store, checkpoint).await.map_err(|error| {
                let remedy = "remove due.db to have it built anew";
                StoreFault::new(FaultKind::Damaged, format!("the table of what is due: {error}; {remedy}"))
            })?;
        }
        Ok(Self { engine, store, table, folds: Folds::new(), at })
    }

    pub(crate) fn position(&self) -> Position {
        self.at.map_or(Position::START, |checkpoint| checkpoint.position)
    }

    pub(crate) fn is_paused(pauses: &Pauses) -> bool {
        pauses.processes.contains(&NAME)
    }

    async fn endure(&mut self, stopped: &mut watch::Receiver<bool>) -> Result<(), StoreFault> {
        loop {
            match self.follow(stopped).await {
                Err(fault)
                    if matches!(
                        fault.kind,
                        FaultKind::Io | FaultKind::Engine | FaultKind::Full | FaultKind::ReadOnly
                    ) =>
                {
                    tracing::warn!(%fault, "the timers begin again");
                }
                ended => return ended,
            }
            tokio::select! {
                () = sleep(RETRY_AFTER) => {}
                () = ended(stopped) => return Ok(()),
            }
        }
    }

    async fn follow(&mut self, stopped: &mut watch::Receiver<bool>) -> Result<(), StoreFault> {
        // What became of a timer may be in the log already, so nothing fires before the table has caught up with it.
        let head_at_start = self.store.head().await?.position;
        let mut subscription = self.store.subscribe(self.position());
        let mut pauses = self.engine.pauses();
        let mut under_way = FuturesUnordered::new();
        let mut rows = Vec::new();
        let clock = self.engine.clock().clone();
        loop {
            let halted = Self::is_paused(&pauses.borrow_and_update());
            let now = clock.now();
            if !halted && self.position() >= head_at_start && rows.len() < FIRINGS_MAX {
                for due in self.table.fireable(now, &rows, FIRINGS_MAX - rows.len())? {
                    rows.push(due.cursor.row);
                    under_way.push(fire(self.engine.clone(), due));
                }
            }
            // While the table is full of what is due, the next instant is of no interest.
            let next = if rows.len() < FIRINGS_MAX { self.table.next_after(now)? } else { None };
            let wake = next.unwrap_or(now.plus_days(1));
            tokio::select! {
                biased;
                () = ended(stopped) => return Ok(()),
                Some((row, fired)) = under_way.next() => {
                    rows.retain(|other| *other != row);
                    if fired? {
                        self.table.fired(row)?;
                    } else {
                        sleep(RETRY_AFTER).await;
                    }
                }
                page = subscription.next() => self.apply(&page?).await?,
                () = clock.sleep_until(wake) => {}
                Ok(()) = pauses.changed() => {}
            }
        }
    }

    /// Reads the log to its end. Says whether there was anything to read.
    pub(crate) async fn catch_up(&mut self) -> Result<bool, StoreFault> {
        let mut any = false;
        loop {
            let page = self.store.read(self.position(), PAGE_MAX).await?;
            if page.is_empty() {
                return Ok(any);
            }
            any = true;
            self.apply(&page).await?;
        }
    }

    /// Fires the first timer that is due, if there is one.
    pub(crate) async fn fire_next(&self) -> Result<bool, StoreFault> {
        let Some(due) = self.table.fireable(self.engine.now(), &[], 1)?.pop() else {
            return Ok(false);
        };
        let (row, fired) = fire(self.engine.clone(), due).await;
        if fired? {
            self.table.fired(row)?;
        }
        Ok(true)
    }

    /// When the next timer is due.
    pub(crate) fn next(&self) -> Result<Option<domain::Timestamp>, StoreFault> {
        self.table.next_after(self.engine.now())
    }

    async fn apply(&mut self, page: &[Arc<Record>]) -> Result<(), StoreFault> {
        let Some(last) = page.last() else {
            return Ok(());
        };
        let sets = self.folds.page(&self.store, page).await?;
        let to = Checkpoint::at(last);
        let table = self.table.clone();
        failpoint::kill("timers::before_commit");
        tokio::task::spawn_blocking(move || table.apply(&sets, to))
            .await
            .map_err(|error| StoreFault::new(FaultKind::Stopped, error))??;
        self.at = Some(to);
        failpoint::kill("timers::after_commit");
        Ok(())
    }
}

/// Waits until it is to stop, or nobody can tell it any more.
async fn ended(stopped: &mut watch::Receiver<bool>) {
    drop(stopped.wait_for(|stopped| *stopped).await);
}

/// Gives a timer's command. Whether its outcome is known: it was done, or refused, which for a timer is that it came
/// too late; `false` for one that has to be given again.
async fn fire(engine: Engine, due: Due) -> (i64, Result<bool, StoreFault>) {
    let row = due.cursor.row;
    let timer = due.timer();
    let Some(command) = firing(&due.stream, &timer) else {
        return (row, Ok(true));
    };
    let late = engine.now().micros().saturating_sub(due.due.micros()).max(0);
    #[expect(clippy::cast_precision_loss, reason = "a histogram")]
    metrics::histogram!("counterfoil_timers_lateness_seconds").record(late as f64 / 1e6);
    let key = IdempotencyKey::of_timer(&due.stream, &timer);
    failpoint::kill("timers::before_fire");
    let mut outcome = engine.submit(Actor::System(NAME.as_str()), command.clone(), &key).await;
    for _ in 0..AGAIN_MAX {
        // A batch has the instant at which it was begun, which may be a moment before this timer's.
        let Err(ExecuteError::Refused(Refusal { code: Code::TimerNotDue, .. })) = outcome else { break };
        sleep(AGAIN_AFTER).await;
        outcome = engine.submit(Actor::System(NAME.as_str()), command.clone(), &key).await;
    }
    failpoint::kill("timers::after_fire");
    let fired = match outcome {
        Ok(_) => {
            metrics::counter!("counterfoil_timers_fired_total", "command" => timer.kind.command().as_str())
                .increment(1);
            Ok(true)
        }
        Err(ExecuteError::Refused(refusal)) if refusal.code == Code::TimerNotDue => Ok(false),
        Err(ExecuteError::Refused(refusal)) => {
            tracing::debug!(code = refusal.code.as_str(), stream = %due.stream, "a timer came to nothing");
            Ok(true)
        }
        Err(ExecuteError::Overloaded) => Ok(false),
        Err(ExecuteError::Fault(fault)) => Err(fault),
        Err(error @ (ExecuteError::Unknown(_) | ExecuteError::IdempotencyMismatch)) => {
            Err(StoreFault::new(FaultKind::Stopped, error))
        }
    };
    (row, fired)
}
