//! The worker: reads the log and has every read model follow it.
//!
//! Shape: a thread of its own, which waits for nothing but the file; a task beside it reads ahead. What arrives during
//! a commit is put together and becomes the next one. Models that stand at different positions take turns until they
//! stand at the same one, and from there on share every page.
//!
//! Bounds: pages of fewer than twice [`PAGE_MAX`] records, one of them being applied, one waiting and one being read.
//!
//! A read model that was rebuilt is put in its place between two commits.
//!
//! Faults: an event that can't be applied halts its model. A log or a file that is damaged halts all of them. Anything
//! else that the file system or an engine refuses is tried again every [`RETRY_DELAY`], from the last commit.

use crate::event_page::EventPage;
use crate::progress::Standing;
use crate::read_models::Place;
use crate::rebuild::Swap;
use crate::writer::Writer;
use crate::{HaltReason, Name};
use eventstore::{
    Checkpoint, CheckpointError, EventStore, FaultKind, PAGE_MAX, Position, Record, StoreFault,
    confirm_checkpoint,
};
use rusqlite::ErrorCode;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::thread::{Builder, JoinHandle};
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::sync::{mpsc, watch};

/// How long after a fault it is tried again.
const RETRY_DELAY: Duration = Duration::from_secs(1);

type Records = Vec<Arc<Record>>;

/// A running worker. When it ends it leaves the file whole, without a write-ahead log unless somebody still reads it.
/// Dropping it tells the worker to stop and does not wait.
#[derive(Debug)]
pub struct WorkerHandle {
    stop: watch::Sender<bool>,
    thread: Option<JoinHandle<()>>,
}

impl WorkerHandle {
    /// Lets the worker finish the commit that it is at, and waits for its end.
    pub async fn stop(mut self) {
        self.stop.send_replace(true);
        let Some(thread) = self.thread.take() else { return };
        if !matches!(tokio::task::spawn_blocking(move || thread.join()).await, Ok(Ok(()))) {
            tracing::error!("the worker of the read models panicked");
        }
    }
}

impl Drop for WorkerHandle {
    fn drop(&mut self) {
        self.stop.send_replace(true);
    }
}

/// What stopped the worker on its way.
enum Fault {
    Log(StoreFault),
    File(rusqlite::Error),
}

impl From<rusqlite::Error> for Fault {
    fn from(error: rusqlite::Error) -> Self {
        Self::File(error)
    }
}

impl From<StoreFault> for Fault {
    fn from(fault: StoreFault) -> Self {
        Self::Log(fault)
    }
}

/// What a fault asks for.
enum Remedy {
    /// The log was closed: there is nothing more to do.
    End,
    /// Nothing can be trusted any more.
    HaltAll(HaltReason),
    /// It may pass.
    TryAgain,
}

impl Fault {
    fn remedy(&self) -> Remedy {
        match self {
            Self::Log(fault) => match fault.kind {
                FaultKind::Closed => Remedy::End,
                FaultKind::Damaged => Remedy::HaltAll(HaltReason::Log(fault.clone())),
                FaultKind::Io
                | FaultKind::Full
                | FaultKind::ReadOnly
                | FaultKind::Stopped
                | FaultKind::Misuse
                | FaultKind::Engine => {
                    tracing::error!(%fault, "the log can't be read for the read models; trying again");
                    Remedy::TryAgain
                }
            },
            Self::File(error) if is_damage(error) => Remedy::HaltAll(HaltReason::File(error.to_string())),
            Self::File(error) => {
                tracing::error!(%error, "the read models can't be written; trying again");
                Remedy::TryAgain
            }
        }
    }
}

fn is_damage(error: &rusqlite::Error) -> bool {
    matches!(error.sqlite_error_code(), Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase))
}

/// Starts the worker on a thread of its own.
///
/// # Errors
/// What the operating system says if it can't give one.
pub(crate) fn start(
    store: Arc<dyn EventStore>,
    writer: Writer,
    place: Place,
    swaps: mpsc::Receiver<Swap>,
) -> std::io::Result<WorkerHandle> {
    let (stop, stopped) = watch::channel(false);
    let worker = Worker { store, writer, place, runtime: Handle::current(), stopped, swaps };
    let thread = Builder::new().name("read-models".to_owned()).spawn(move || worker.run_and_close())?;
    Ok(WorkerHandle { stop, thread: Some(thread) })
}

struct Worker {
    store: Arc<dyn EventStore>,
    writer: Writer,
    place: Place,
    runtime: Handle,
    stopped: watch::Receiver<bool>,
    swaps: mpsc::Receiver<Swap>,
}

/// What the worker does next.
enum Next {
    Apply(Records),
    Swap(Swap),
    /// Nobody reads ahead any more, or the worker was stopped.
    End,
}

impl Worker {
    fn run_and_close(mut self) {
        self.run();
        let Self { writer, place, .. } = self;
        // The last connection to go takes the write-ahead log away with it, and only one that writes can.
        place.shared().close_idle();
        writer.close();
    }

    fn run(&mut self) {
        while !self.stopped() {
            let fault = match self.attend() {
                Ok(ControlFlow::Continue(())) => continue,
                Ok(ControlFlow::Break(())) => return,
                Err(fault) => fault,
            };
            match fault.remedy() {
                Remedy::End => return,
                Remedy::HaltAll(reason) => {
                    let running: Vec<_> = self.writer.running().map(|standing| standing.name).collect();
                    for name in running {
                        self.halt(name, &reason);
                    }
                    return;
                }
                Remedy::TryAgain => self.pause(),
            }
        }
    }

    /// Follows the log until there is nothing left to do, or until a read model has to be brought level with the others:
    /// it was rebuilt.
    fn attend(&mut self) -> Result<ControlFlow<()>, Fault> {
        self.confirm()?;
        self.level()?;
        self.follow()
    }

    /// Halts every read model whose checkpoint is not in the log.
    fn confirm(&mut self) -> Result<(), Fault> {
        let begun = |standing: &&Standing| standing.position > Position::START;
        let checkpoints: Vec<_> = self.writer.running().filter(begun).map(checkpoint).collect();
        for (name, checkpoint) in checkpoints {
            match self.runtime.block_on(confirm_checkpoint(&*self.store, checkpoint)) {
                Ok(()) => {}
                Err(CheckpointError::Fault(fault)) => return Err(fault.into()),
                Err(error @ (CheckpointError::Diverged { .. } | CheckpointError::Moved { .. })) => {
                    self.halt(name, &HaltReason::Diverged(error));
                }
            }
        }
        Ok(())
    }

    /// Brings every running read model to one position. The foremost goes first, so that none is kept from what is new
    /// while another is folded anew; the others follow up to it, a page each in turn.
    fn level(&mut self) -> Result<(), Fault> {
        while !self.stopped() {
            while let Ok(swap) = self.swaps.try_recv() {
                self.swap(swap);
            }
            let mut positions: Vec<_> = self.writer.running().map(|standing| standing.position).collect();
            positions.sort_unstable_by(|one, other| other.cmp(one));
            positions.dedup();
            let [foremost, behind @ ..] = positions.as_slice() else {
                return Ok(());
            };
            if behind.is_empty() {
                return Ok(());
            }
            let end = self.turn(*foremost, PAGE_MAX)?;
            for position in behind {
                let distance = usize::try_from(end.get() - position.get()).unwrap_or(PAGE_MAX);
                self.turn(*position, distance)?;
            }
        }
        Ok(())
    }

    /// Applies one page after `after`, of at most `limit` records, and answers with its last position.
    fn turn(&mut self, after: Position, limit: usize) -> Result<Position, Fault> {
        let records = self.runtime.block_on(self.store.read(after, limit.min(PAGE_MAX)))?;
        let last = records.last().map_or(after, |last| last.position());
        self.apply(records)?;
        Ok(last)
    }

    /// Applies what is read ahead, until there is no more or a read model was rebuilt. If none is left running, waits for
    /// one that is rebuilt.
    fn follow(&mut self) -> Result<ControlFlow<()>, Fault> {
        let position = self.writer.running().map(|standing| standing.position).min();
        let mut pages = position.map(|position| self.read_ahead(position));
        loop {
            let next = self.next(pages.as_mut())?;
            if self.stopped() {
                return Ok(ControlFlow::Break(()));
            }
            match next {
                Next::Apply(records) => self.apply(records)?,
                Next::Swap(swap) => {
                    self.swap(swap);
                    return Ok(ControlFlow::Continue(()));
                }
                Next::End => return Ok(ControlFlow::Break(())),
            }
            if self.writer.running().next().is_none() {
                return Ok(ControlFlow::Continue(()));
            }
        }
    }

    /// What comes first: a rebuilt read model, a page, or the end.
    fn next(
        &mut self,
        pages: Option<&mut mpsc::Receiver<Result<Records, StoreFault>>>,
    ) -> Result<Next, StoreFault> {
        let (stopped, swaps) = (&mut self.stopped, &mut self.swaps);
        let page = async {
            match pages {
                Some(pages) => pages.recv().await,
                // Whoever holds the other end being gone is as good as being told to stop.
                None => stopped.wait_for(|stopped| *stopped).await.map_or(None, |_| None),
            }
        };
        self.runtime.block_on(async {
            tokio::select! {
                biased;
                Some(swap) = swaps.recv() => Ok(Next::Swap(swap)),
                page = page => page.map_or(Ok(Next::End), |records| records.map(Next::Apply)),
            }
        })
    }

    /// Puts a rebuilt read model in the place of the live one.
    fn swap(&mut self, swap: Swap) {
        let Swap { beside, reply } = swap;
        if reply.is_closed() {
            return;
        }
        let log = (&*self.store, &self.runtime);
        let outcome = beside.take_over(&mut self.writer, self.place.shared().path(), log);
        self.publish();
        // Nobody may be waiting any more; the swap stands all the same.
        let _ = reply.send(outcome);
    }

    /// Reads on from `after` in a task, as long as the receiver is there.
    fn read_ahead(&self, after: Position) -> mpsc::Receiver<Result<Records, StoreFault>> {
        let (pages, receiver) = mpsc::channel(1);
        let (store, mut stopped) = (Arc::clone(&self.store), self.stopped.clone());
        self.runtime.spawn(async move {
            tokio::select! {
                _ = stopped.wait_for(|stopped| *stopped) => {}
                () = pages.closed() => {}
                () = collect(&*store, after, &pages) => {}
            }
        });
        receiver
    }

    fn apply(&mut self, records: Records) -> Result<(), Fault> {
        let Some(page) = EventPage::of(records) else {
            return Ok(());
        };
        self.writer.expect(&page);
        self.publish();
        let taken = self.writer.write(&page)?;
        self.publish();
        for (name, events) in taken {
            metrics::counter!("counterfoil_read_model_events_total", "name" => name.as_str())
                .increment(events);
            self.report(name);
        }
        Ok(())
    }

    fn halt(&mut self, name: Name, reason: &HaltReason) {
        self.writer.halt(name, reason);
        self.report(name);
        self.publish();
    }

    /// Says loudly that the read model has halted, if it has.
    fn report(&self, name: Name) {
        for standing in self.writer.standings().iter().filter(|standing| standing.name == name) {
            if let Some(reason) = &standing.halted {
                tracing::error!(%name, position = %standing.position, %reason, "a read model has halted");
            }
        }
    }

    fn publish(&self) {
        self.place.shared().publish(self.writer.standings());
    }

    fn stopped(&self) -> bool {
        *self.stopped.borrow()
    }

    fn pause(&mut self) {
        let stopped = self.stopped.wait_for(|stopped| *stopped);
        // Either outcome is looked at by the caller.
        let _ = self.runtime.block_on(async { tokio::time::timeout(RETRY_DELAY, stopped).await.is_ok() });
    }
}

/// Passes on everything after `after`: at once while the receiver keeps up, and put together while it does not. Ends
/// after passing on a fault.
async fn collect(store: &dyn EventStore, after: Position, pages: &mpsc::Sender<Result<Records, StoreFault>>) {
    let mut subscription = store.subscribe(after);
    let mut records = Records::new();
    loop {
        tokio::select! {
            biased;
            permit = pages.reserve(), if !records.is_empty() => match permit {
                Ok(permit) => permit.send(Ok(std::mem::take(&mut records))),
                // Nobody waits for more.
                Err(_) => return,
            },
            more = subscription.next(), if records.len() < PAGE_MAX => match more {
                Ok(more) => records.extend(more),
                Err(fault) => {
                    // What was read before the fault is applied all the same.
                    if pages.send(Ok(records)).await.is_ok() {
                        let _ = pages.send(Err(fault)).await;
                    }
                    return;
                }
            },
        }
    }
}

fn checkpoint(standing: &Standing) -> (Name, Checkpoint) {
    (standing.name, Checkpoint { position: standing.position, leaf: standing.leaf })
}
