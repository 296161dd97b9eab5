//! The committer's loop: the queue on one side, the store on the other.

use super::COMMANDS_QUEUED_MAX;
use super::batch::Draft;
use super::cache::Cache;
use super::decide::{Step, cold, decide};
use super::outcome::{Cause, ExecuteError, Receipt};
use crate::clock::Clock;
use crate::entropy::Entropy;
use crate::failpoint;
use crate::fold::fold;
use domain::process::ProcessEvent;
use domain::stream::Folded;
use domain::{Actor, Code, Command, Event, Refusal, StreamId};
use eventstore::{AppendError, CommandKey, EventStore, FaultKind, Head, Record, RequestMac, StoreFault};
use futures_util::stream::{self, StreamExt, TryStreamExt};
use std::collections::{HashSet, VecDeque};
use std::pin::Pin;
use std::sync::Arc;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::sleep;

/// Most commands that are looked up and decided in one go, so that a finished append is never left waiting long.
const COMMANDS_PER_STEP_MAX: usize = 256;

/// How far the clock may be behind the head's instant. A smaller step back is absorbed: time stands still meanwhile.
const CLOCK_BEHIND_MAX_MICROS: i64 = 5_000_000;

/// Most cold streams that are read at once.
const LOADS_MAX: usize = 16;

/// A command with everything that its record will say of its origin.
#[derive(Clone)]
pub(crate) struct Request {
    pub(crate) actor: Actor,
    pub(crate) command: Command,
    pub(crate) key: CommandKey,
    pub(crate) mac: RequestMac,
    pub(crate) cause: Option<Cause>,
}

pub(super) type Waiter = oneshot::Sender<Result<Receipt, ExecuteError>>;

/// A request and who waits for its outcome.
pub(super) struct Job {
    pub(super) request: Request,
    pub(super) waiter: Waiter,
}

/// The committer's queue, from outside.
pub(crate) struct Handle {
    queue: mpsc::Sender<Message>,
    failure: watch::Receiver<Option<String>>,
}

enum Message {
    Job(Box<Job>),
    Stop(oneshot::Sender<()>),
}

impl Handle {
    pub(crate) async fn submit(&self, request: Request) -> Result<Receipt, ExecuteError> {
        let key = request.key;
        let (waiter, outcome) = oneshot::channel();
        self.queue.try_send(Message::Job(Box::new(Job { request, waiter }))).map_err(
            |error| match error {
                mpsc::error::TrySendError::Full(_) => ExecuteError::Overloaded,
                mpsc::error::TrySendError::Closed(_) => stopped(),
            },
        )?;
        // A committer that ends without an answer may have appended the command.
        outcome.await.unwrap_or(Err(ExecuteError::Unknown(key)))
    }

    pub(crate) fn failure(&self) -> watch::Receiver<Option<String>> {
        self.failure.clone()
    }

    pub(crate) async fn stop(&self) {
        let (done, stopped) = oneshot::channel();
        if self.queue.send(Message::Stop(done)).await.is_ok() {
            let _ = stopped.await;
        }
    }
}

fn stopped() -> ExecuteError {
    ExecuteError::Fault(StoreFault::new(FaultKind::Stopped, "the committer has stopped"))
}

type Append = Pin<Box<dyn Future<Output = Result<(), AppendError>> + Send>>;

/// The committer itself; lives in a task of its own.
pub(crate) struct Committer {
    store: Arc<dyn EventStore>,
    clock: Arc<dyn Clock>,
    entropy: Entropy,
    cache: Cache,
    /// The head with everything decided so far.
    head: Head,
    /// Arrived, not yet decided.
    backlog: VecDeque<Job>,
    /// Being appended.
    appending: Option<(Draft, Append)>,
    /// Decided on top of it.
    draft: Option<Draft>,
    failure: watch::Sender<Option<String>>,
}

impl Committer {
    /// Starts the committer of `store` in a task of its own.
    pub(crate) async fn spawn(
        store: Arc<dyn EventStore>,
        clock: Arc<dyn Clock>,
        entropy: Entropy,
        cache_bytes: usize,
    ) -> Result<Handle, StoreFault> {
        let head = store.head().await?;
        let (queue, inbox) = mpsc::channel(COMMANDS_QUEUED_MAX);
        let (failure, failed) = watch::channel(None);
        let committer = Self {
            store,
            clock,
            entropy,
            cache: Cache::new(cache_bytes),
            head,
            backlog: VecDeque::new(),
            appending: None,
            draft: None,
            failure,
        };
        tokio::spawn(committer.run(inbox));
        Ok(Handle { queue, failure: failed })
    }

    async fn run(mut self, mut inbox: mpsc::Receiver<Message>) {
        let mut arrived = Vec::with_capacity(COMMANDS_PER_STEP_MAX);
        let mut stopping: Option<oneshot::Sender<()>> = None;
        while self.failure.borrow().is_none() {
            self.prepare().await;
            self.launch();
            let idle = self.appending.is_none() && self.backlog.is_empty() && self.draft.is_none();
            if idle && stopping.is_some() {
                break;
            }
            let room = self.backlog.len() < COMMANDS_PER_STEP_MAX && stopping.is_none();
            let more = !self.backlog.is_empty() && !self.draft.as_ref().is_some_and(Draft::is_full);
            tokio::select! {
                biased;
                result = finished(&mut self.appending) => self.appended(result),
                count = inbox.recv_many(&mut arrived, COMMANDS_PER_STEP_MAX), if room => {
                    if count == 0 { break }
                    for message in arrived.drain(..) {
                        match message {
                            Message::Job(job) => self.backlog.push_back(*job),
                            Message::Stop(done) => stopping = Some(done),
                        }
                    }
                }
                () = std::future::ready(()), if more => {}
            }
        }
        self.abandon(&mut inbox);
        if let Some(done) = stopping {
            let _ = done.send(());
        }
    }

    /// Decides what waits, on top of what is being appended, until the draft is full.
    async fn prepare(&mut self) {
        if self.backlog.is_empty() || self.draft.as_ref().is_some_and(Draft::is_full) {
            return;
        }
        let mut jobs: Vec<Job> = {
            let count = self.backlog.len().min(COMMANDS_PER_STEP_MAX);
            self.backlog.drain(..count).collect()
        };
        let known = match self.known(&jobs).await {
            Ok(known) => known,
            Err(fault) => return refuse_all(jobs, &fault),
        };
        jobs = answer_repeats(jobs, known);
        if let Err(fault) = self.warm(&jobs).await {
            // Whichever job needs what can't be read is told when its turn comes; the others need not suffer.
            tracing::error!(%fault, "a stream can't be read");
        }
        let mut jobs = VecDeque::from(jobs);
        while let Some(job) = jobs.pop_front() {
            if self.draft.as_ref().is_some_and(Draft::is_full) {
                jobs.push_front(job);
                break;
            }
            self.step(job).await;
        }
        for job in jobs.into_iter().rev() {
            self.backlog.push_front(job);
        }
    }

    /// What the log already holds under each job's key.
    async fn known(&mut self, jobs: &[Job]) -> Result<Vec<Vec<Arc<Record>>>, StoreFault> {
        let keys: Vec<_> = jobs.iter().map(|job| job.request.key).collect();
        self.store.find_commands(&keys).await
    }

    /// Loads the cold streams of all jobs together: first the primary ones, then what those lead to.
    async fn warm(&mut self, jobs: &[Job]) -> Result<(), StoreFault> {
        for _ in 0..2 {
            let cold: HashSet<StreamId> =
                jobs.iter().flat_map(|job| cold(&job.request, &mut self.cache)).collect();
            if cold.is_empty() {
                return Ok(());
            }
            self.load(cold).await?;
        }
        Ok(())
    }

    async fn load(&mut self, cold: impl IntoIterator<Item = StreamId>) -> Result<(), StoreFault> {
        let store = self.store.clone();
        let loads = cold.into_iter().map(|stream| {
            let store = store.clone();
            async move {
                let records = store.read_stream(&stream.to_string(), 0).await?;
                fold(stream, &records)
            }
        });
        let folded: Vec<Folded> = stream::iter(loads).buffer_unordered(LOADS_MAX).try_collect().await?;
        for folded in folded {
            // A stream that was touched meanwhile is in the cache, and newer there.
            if self.cache.get(&folded.stream).is_none() {
                self.cache.put(folded);
            }
        }
        Ok(())
    }

    /// Decides one job.
    async fn step(&mut self, mut job: Job) {
        for draft in self.appending.as_mut().map(|(draft, _)| draft).into_iter().chain(self.draft.as_mut()) {
            match draft.join(job) {
                None => return,
                Some(other) => job = other,
            }
        }
        let mut draft = match self.draft.take() {
            Some(draft) => draft,
            None => match self.instant() {
                Ok(recorded_at) => Draft::new(self.head.position, recorded_at),
                Err(fault) => return drop(job.waiter.send(Err(fault.into()))),
            },
        };
        let mut next = Some(job);
        while let Some(job) = next.take() {
            match decide(job, &mut draft, &mut self.cache, &mut self.entropy, self.store.marketplace()) {
                Step::Drafted => self.head = draft.head(),
                Step::Refused(job, refusal) => self.refuse(&mut draft, job, refusal).await,
                Step::Fault(job, fault) => drop(job.waiter.send(Err(fault.into()))),
                Step::Cold(job, cold) => match self.load(cold).await {
                    Ok(()) => next = Some(job),
                    Err(fault) => drop(job.waiter.send(Err(fault.into()))),
                },
            }
        }
        self.draft = Some(draft).filter(|draft| !draft.is_empty());
    }

    /// A refusal may rest on what isn't durable yet, and then waits with it; or on a head that another node has moved on
    /// from, and then is decided again.
    async fn refuse(&mut self, draft: &mut Draft, job: Job, refusal: Refusal) {
        if !draft.is_empty() {
            return draft.refuse(job, refusal);
        }
        if let Some((appending, _)) = &mut self.appending {
            return appending.refuse(job, refusal);
        }
        match self.store.head().await {
            Ok(head) if head == self.head => drop(job.waiter.send(Err(refusal.into()))),
            Ok(head) => self.rewind(head, vec![job]),
            Err(fault) => drop(job.waiter.send(Err(fault.into()))),
        }
    }

    /// The instant of the next batch: now, but never before the head's.
    fn instant(&self) -> Result<i64, StoreFault> {
        let now = self.clock.now().micros();
        let behind = self.head.recorded_at.saturating_sub(now);
        if behind <= CLOCK_BEHIND_MAX_MICROS {
            return Ok(now.max(self.head.recorded_at));
        }
        metrics::counter!("counterfoil_committer_clock_refusals_total").increment(1);
        let seconds = behind / 1_000_000;
        tracing::error!(seconds, "the clock is behind the log, which takes nothing until it has caught up");
        Err(StoreFault::new(
            // It passes by itself, and nothing is wrong with the log: consumers wait for it.
            FaultKind::ReadOnly,
            format!("the clock is {seconds} s behind the log; set it right"),
        ))
    }

    /// Hands the draft to the store, if nothing is being appended.
    fn launch(&mut self) {
        if self.appending.is_some() {
            return;
        }
        let Some(draft) = self.draft.take() else { return };
        let batch = match draft.to_batch() {
            Ok(batch) => batch,
            Err(error) => {
                // Every bound was checked on the way here; whatever this is, nothing of it was written.
                let fault = StoreFault::new(FaultKind::Misuse, error);
                tracing::error!(%fault, "a batch can't be made");
                return self.not_written(draft, &fault);
            }
        };
        #[expect(clippy::cast_precision_loss, reason = "a histogram")]
        metrics::histogram!("counterfoil_committer_batch_commands").record(draft.commands() as f64);
        self.cache.next_batch();
        let store = self.store.clone();
        let early = failpoint::planted("append::defect_acknowledge_early");
        let append: Append = Box::pin(async move {
            if early {
                sleep(failpoint::HEAD_START).await;
            }
            failpoint::kill("append::before");
            store.append(batch).await
        });
        if early {
            let head = draft.head();
            draft.acknowledge();
            self.appending = Some((Draft::new(head.position, head.recorded_at), append));
            return;
        }
        self.appending = Some((draft, append));
    }

    fn appended(&mut self, result: Result<(), AppendError>) {
        let Some((draft, _)) = self.appending.take() else {
            return;
        };
        match result {
            Ok(()) => {
                failpoint::kill("append::after");
                metrics::counter!("counterfoil_committer_events_total").increment(draft.records.len() as u64);
                draft.acknowledge();
            }
            Err(AppendError::LostHead { head }) => {
                metrics::counter!("counterfoil_committer_lost_heads_total").increment(1);
                let again: Vec<Job> = draft.into_jobs().collect();
                self.rewind(head, again);
            }
            Err(AppendError::Refused(fault)) => {
                tracing::error!(%fault, "an append was refused; nothing of it was written");
                self.not_written(draft, &fault);
            }
            Err(alarm @ (AppendError::RevisionTaken { .. } | AppendError::KeyTaken { .. })) => {
                tracing::error!(%alarm, "the log contradicts the committer, which stops");
                let fault = StoreFault::new(FaultKind::Stopped, &alarm);
                self.give_up(draft, alarm.to_string(), |_| ExecuteError::Fault(fault.clone()));
            }
            Err(AppendError::Unknown(fault)) => {
                tracing::error!(%fault, "whether an append was written is unknown; the committer stops");
                self.give_up(draft, fault.to_string(), ExecuteError::Unknown);
            }
        }
    }

    /// The committer can't go on: nothing that it knows of the head is certain any more.
    fn give_up(&mut self, draft: Draft, reason: String, error: impl Fn(CommandKey) -> ExecuteError) {
        self.backlog.extend(draft.fail(error));
        self.failure.send_replace(Some(reason));
    }

    /// Nothing of the draft was written: its callers are told, and what was decided on top is decided again.
    fn not_written(&mut self, draft: Draft, fault: &StoreFault) {
        let head = Head { position: draft.after, recorded_at: draft.recorded_at };
        let again = draft.fail(|_| ExecuteError::Fault(fault.clone()));
        self.rewind(head, again);
    }

    /// Goes back to `head`: whatever was decided beyond it is decided again, `again` first.
    fn rewind(&mut self, head: Head, again: Vec<Job>) {
        self.cache.clear();
        self.head = head;
        let on_top = self.draft.take().into_iter().flat_map(Draft::into_jobs);
        let jobs: Vec<Job> = again.into_iter().chain(on_top).collect();
        for job in jobs.into_iter().rev() {
            self.backlog.push_front(job);
        }
    }

    /// The end: whoever still waits is told that nothing of theirs was written.
    fn abandon(&mut self, inbox: &mut mpsc::Receiver<Message>) {
        inbox.close();
        let on_top = self.draft.take().into_iter().flat_map(Draft::into_jobs);
        for job in on_top.chain(self.backlog.drain(..)) {
            let _ = job.waiter.send(Err(stopped()));
        }
        while let Ok(message) = inbox.try_recv() {
            match message {
                Message::Job(job) => drop(job.waiter.send(Err(stopped()))),
                Message::Stop(done) => drop(done.send(())),
            }
        }
    }
}

/// Answers those whose command is in the log, and returns the others.
fn answer_repeats(jobs: Vec<Job>, known: Vec<Vec<Arc<Record>>>) -> Vec<Job> {
    let mut fresh = Vec::with_capacity(jobs.len());
    for (job, records) in jobs.into_iter().zip(known) {
        match records.first().map(|record| record.header().request_mac) {
            None => fresh.push(job),
            Some(mac) if mac == job.request.mac => drop(job.waiter.send(repeated(records))),
            Some(_) => drop(job.waiter.send(Err(ExecuteError::IdempotencyMismatch))),
        }
    }
    fresh
}

/// The append's result, or never while there is none.
async fn finished(appending: &mut Option<(Draft, Append)>) -> Result<(), AppendError> {
    match appending {
        Some((_, append)) => append.await,
        None => std::future::pending().await,
    }
}

fn refuse_all(jobs: Vec<Job>, fault: &StoreFault) {
    tracing::error!(%fault, "the store can't be read");
    for job in jobs {
        let _ = job.waiter.send(Err(fault.clone().into()));
    }
}

/// The outcome of a command that the log holds: its receipt, or the refusal that was recorded for it.
fn repeated(records: Vec<Arc<Record>>) -> Result<Receipt, ExecuteError> {
    let receipt = Receipt::new(records, true);
    match receipt.events().as_deref() {
        Ok([Event::Process(ProcessEvent::CommandRefused(refused))]) => {
            let code = Code::ALL.iter().find(|code| code.as_str() == refused.code).copied();
            Err(Refusal::new(code.unwrap_or(Code::WrongState), "this was refused before").into())
        }
        Ok(_) | Err(_) => Ok(receipt),
    }
}
