//! One marketplace: the real engine on a store that fails, driven by hand, and the model that watches its log.

use crate::Settings;
mod watch;

use crate::coverage::{Coverage, Fault};
use crate::flaky::{AppendFault, Flaky};
use crate::model::Model;
use crate::moves::{self, Move};
use crate::provider::{Provider, RAIL};
use crate::steps::{Act, Step};
use domain::timer::{self, Timer};
use domain::{Actor, Command, State, StreamId, Timestamp};
use engine::due::DueTable;
use engine::step::Stepper;
use engine::{
    CACHE_BYTES_DEFAULT, Clock, Config, Engine, Entropy, ExecuteError, IdempotencyKey, Receipt,
    RequestSecret, SimulatedClock, StoreFault, process,
};
use eventstore::{EventStore, FaultKind, MemoryStore, Position, SqliteStore};
use fastrand::Rng;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Where a marketplace's log is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StoreKind {
    /// In memory.
    Memory,
    /// In a folder, by SQLite.
    Sqlite,
}

/// What broke, in words.
pub type Breach = String;

/// The first instant: 1 January 2026.
const START: Timestamp = Timestamp::from_micros(1_767_225_600_000_000);
const MINUTE: i64 = 60_000_000;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;
/// Commands of which the keys are kept to be given again.
const REMEMBERED: usize = 64;
/// A node that fails is started again this often before that is a breach.
const STARTS_MAX: usize = 20;

/// A marketplace under simulation.
pub(crate) struct World {
    number: usize,
    store: Arc<dyn EventStore>,
    nodes: Vec<Node>,
    clock: Arc<SimulatedClock>,
    provider: Arc<Provider>,
    pub(crate) model: Model,
    /// What the product's own folding makes of the same events.
    folded: HashMap<StreamId, (u64, State)>,
    seen: Position,
    given: Vec<Given>,
    /// Timers as they were set, the oldest overwritten first.
    timers: Vec<(StreamId, Timer)>,
    commands: u64,
    starts: u64,
    seed: u64,
    tell: bool,
    coverage: Arc<Mutex<Coverage>>,
    _folder: Option<tempfile::TempDir>,
}

struct Node {
    engine: Engine,
    stepper: Stepper,
    store: Arc<Flaky>,
}

/// A command that was given, and what came of it.
#[derive(Clone)]
struct Given {
    actor: Actor,
    command: Command,
    key: IdempotencyKey,
    events: Option<Vec<domain::id::EventId>>,
}

/// How a command ended, as the simulation cares.
enum Ended {
    Done(Receipt),
    Refused,
    /// Nothing is known, or nothing could be done: the node is in trouble.
    Troubled,
}

impl World {
    pub(crate) async fn open(
        number: usize,
        seed: u64,
        settings: Settings,
        coverage: Arc<Mutex<Coverage>>,
    ) -> Result<Self, Breach> {
        let name = format!("market-{number}");
        let folder = match settings.store {
            StoreKind::Memory => None,
            StoreKind::Sqlite => Some(tempfile::tempdir().map_err(told)?),
        };
        let store: Arc<dyn EventStore> = match &folder {
            None => Arc::new(MemoryStore::new(name)),
            Some(folder) => Arc::new(SqliteStore::open(folder.path(), &name).map_err(told)?),
        };
        let clock = Arc::new(SimulatedClock::new(START, 0));
        let provider = Provider::new(seed ^ 0x5eed, clock.clone(), coverage.clone());
        let mut world = Self {
            number,
            store,
            nodes: Vec::new(),
            clock,
            provider,
            model: Model::default(),
            folded: HashMap::new(),
            seen: Position::START,
            given: Vec::new(),
            timers: Vec::new(),
            commands: 0,
            starts: 0,
            seed,
            tell: settings.tell,
            coverage,
            _folder: folder,
        };
        for _ in 0..2 {
            let node = world.start().await?;
            world.nodes.push(node);
        }
        world.look().await?;
        Ok(world)
    }

    /// The instant in this marketplace.
    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Its log, whatever becomes of its nodes.
    pub(crate) fn log(&self) -> Arc<dyn EventStore> {
        self.store.clone()
    }

    fn count(&self, group: &'static str, name: impl Into<String>) {
        self.coverage.lock().unwrap_or_else(PoisonError::into_inner).count(group, name);
    }

    fn fault(&self, fault: Fault) {
        self.coverage.lock().unwrap_or_else(PoisonError::into_inner).fault(fault);
    }

    /// Starts a node from what the log holds.
    async fn start(&mut self) -> Result<Node, Breach> {
        self.starts += 1;
        let store = Flaky::new(self.store.clone());
        let config = Config {
            clock: self.clock.clone(),
            entropy: Entropy::seeded(self.seed.wrapping_mul(31).wrapping_add(self.starts)),
            request_secret: RequestSecret::new(&[7; 32]),
            cache_bytes: CACHE_BYTES_DEFAULT,
            rails: vec![self.provider.clone()],
            due: DueTable::in_memory().map_err(told)?,
        };
        let engine = Engine::start(store.clone(), config).await.map_err(told)?;
        let (clock, provider) = (self.clock.clone(), self.provider.clone());
        let stepper = Stepper::begin(engine.clone(), clock, provider, process::all()).await.map_err(told)?;
        self.provider.reports_early_to(engine.clone());
        Ok(Node { engine, stepper, store })
    }

    async fn restart(&mut self, node: usize) -> Result<(), Breach> {
        self.nodes[node].store.die_after(1);
        let fresh = self.start().await?;
        self.nodes[node] = fresh;
        Ok(())
    }

    /// Does one step, and looks at everything that came of it.
    ///
    /// # Errors
    /// The rule that was broken.
    pub(crate) async fn step(&mut self, step: Step) -> Result<(), Breach> {
        let mut dice = Rng::with_seed(step.dice);
        let node = dice.usize(..self.nodes.len());
        match step.act {
            Act::Give => {
                if let Some(next) = moves::valid(&mut self.model, self.clock.now().micros(), &mut dice) {
                    self.give(node, next, true).await?;
                }
            }
            Act::Try => {
                if let Some(next) = moves::any(&self.model, &mut dice) {
                    self.give(node, next, false).await?;
                }
            }
            Act::Repeat => self.repeat(node, &mut dice).await?,
            Act::Race => self.race(&mut dice).await?,
            Act::Pass => self.pass(node, &mut dice).await?,
            // Seldom, so that payouts have to wait for their cash.
            Act::Settle => {
                if dice.u8(..3) == 0 {
                    self.provider.settle();
                }
                self.settle(node).await?;
            }
            Act::Trouble => self.trouble(node, &mut dice).await?,
        }
        self.look().await
    }

    fn is_behind(&self, head: i64) -> bool {
        self.clock.now().micros() < head
    }

    async fn head_instant(&self) -> Result<i64, Breach> {
        Ok(self.store.head().await.map_err(told)?.recorded_at)
    }

    /// Gives a command, and has everything done that follows from it. One that is `valid` must not be refused.
    async fn give(&mut self, node: usize, (actor, command): Move, valid: bool) -> Result<(), Breach> {
        self.commands += 1;
        let key = IdempotencyKey::parse(&format!("k{}", self.commands)).map_err(told)?;
        let kind = command.kind();
        self.count("command", kind.as_str());
        let given = Given { actor, command, key, events: None };
        let before = self.store.head().await.map_err(told)?;
        let troubled = self.nodes[node].store.is_troubled() || self.is_behind(before.recorded_at);
        match self.submit(node, &given, valid && !troubled).await? {
            Ended::Done(receipt) => self.remember(given, &receipt),
            Ended::Refused => {
                let after = self.store.head().await.map_err(told)?;
                if after.position != before.position {
                    return Err(format!("{} was refused and wrote something", kind.as_str()));
                }
            }
            Ended::Troubled => self.ask_again(node, given).await?,
        }
        self.settle(node).await
    }

    fn remember(&mut self, mut given: Given, receipt: &Receipt) {
        given.events = Some(receipt.event_ids());
        let place = usize::try_from(self.commands).unwrap_or_default() % REMEMBERED;
        match self.given.get_mut(place) {
            Some(old) => *old = given,
            None => self.given.push(given),
        }
    }

    async fn submit(&self, node: usize, given: &Given, must_do: bool) -> Result<Ended, Breach> {
        let engine = &self.nodes[node].engine;
        match engine.submit(given.actor.clone(), given.command.clone(), &given.key).await {
            Ok(receipt) => Ok(Ended::Done(receipt)),
            Err(ExecuteError::Refused(refusal)) => {
                self.count("refusal", refusal.code.as_str());
                if must_do {
                    let kind = given.command.kind().as_str();
                    return Err(format!(
                        "{kind} is lawful, and was refused: {refusal} — {:?}",
                        given.command
                    ));
                }
                Ok(Ended::Refused)
            }
            Err(ExecuteError::Fault(_) | ExecuteError::Unknown(_)) => Ok(Ended::Troubled),
            Err(error @ (ExecuteError::IdempotencyMismatch | ExecuteError::Overloaded)) => {
                Err(error.to_string())
            }
        }
    }

    /// What nothing is known of is asked about after a restart, under its key.
    async fn ask_again(&mut self, node: usize, given: Given) -> Result<(), Breach> {
        let behind = self.is_behind(self.head_instant().await?);
        if behind {
            return Ok(());
        }
        self.restart(node).await?;
        self.look().await?;
        match self.submit(node, &given, false).await? {
            Ended::Done(receipt) => self.remember(given, &receipt),
            // Meanwhile the processes of the other node may have changed what was lawful.
            Ended::Refused => {}
            Ended::Troubled => return Err("a node that was started anew is in trouble".to_owned()),
        }
        Ok(())
    }

    async fn repeat(&mut self, node: usize, dice: &mut Rng) -> Result<(), Breach> {
        let Some(given) = self.given.get(dice.usize(..self.given.len().max(1))).cloned() else {
            return Ok(());
        };
        let before = self.store.head().await.map_err(told)?.position;
        let engine = &self.nodes[node].engine;
        let again = engine.submit(given.actor.clone(), given.command.clone(), &given.key).await;
        let other = moves::any(&self.model, dice).map(|(_, command)| command);
        let other = other.filter(|other| format!("{other:?}") != format!("{:?}", given.command));
        let mismatch = match other {
            Some(other) => Some(engine.submit(given.actor.clone(), other, &given.key).await),
            None => None,
        };
        match again {
            Ok(receipt) if Some(receipt.event_ids()) == given.events && receipt.repeated => {}
            Ok(_) => return Err("a repeated command had another outcome".to_owned()),
            Err(ExecuteError::Fault(_) | ExecuteError::Unknown(_)) => return self.recover(node).await,
            Err(error) => return Err(format!("a repeated command came to: {error}")),
        }
        match mismatch {
            None | Some(Err(ExecuteError::IdempotencyMismatch)) => {
                self.count("refusal", "IDEMPOTENCY_MISMATCH");
            }
            Some(Err(ExecuteError::Fault(_) | ExecuteError::Unknown(_))) => return self.recover(node).await,
            Some(_) => return Err("a key was used for two requests".to_owned()),
        }
        if self.store.head().await.map_err(told)?.position != before {
            return Err("a repeated command wrote something".to_owned());
        }
        Ok(())
    }

    /// Two nodes are given a command each at once; often the same.
    async fn race(&mut self, dice: &mut Rng) -> Result<(), Breach> {
        let now = self.clock.now().micros();
        let Some(one) = moves::valid(&mut self.model, now, dice) else { return Ok(()) };
        let other = if dice.bool() { Some(one.clone()) } else { moves::valid(&mut self.model, now, dice) };
        let Some(other) = other else { return Ok(()) };
        self.fault(Fault::Race);
        self.commands += 1;
        let key = |side| IdempotencyKey::parse(&format!("r{}{side}", self.commands)).map_err(told);
        let (left, right) = (key("a")?, key("b")?);
        let (a, b) = (&self.nodes[0].engine, &self.nodes[1].engine);
        let (first, second) = tokio::join!(
            a.submit(one.0.clone(), one.1.clone(), &left),
            b.submit(other.0.clone(), other.1.clone(), &right),
        );
        for (node, outcome) in [first, second].into_iter().enumerate() {
            if let Err(ExecuteError::Fault(_) | ExecuteError::Unknown(_)) = outcome {
                self.recover(node).await?;
            }
        }
        self.look().await?;
        let node = dice.usize(..self.nodes.len());
        self.settle(node).await
    }

    async fn pass(&mut self, node: usize, dice: &mut Rng) -> Result<(), Breach> {
        let span = match dice.u8(..10) {
            0..=3 => dice.i64(1..60) * MINUTE,
            4..=6 => dice.i64(1..24) * HOUR,
            7..=8 => dice.i64(1..8) * DAY,
            _ => dice.i64(8..20) * DAY,
        };
        let to = Timestamp::from_micros(self.clock.now().micros() + span);
        self.advance(node, to).await
    }

    async fn advance(&mut self, node: usize, to: Timestamp) -> Result<(), Breach> {
        for _ in 0..STARTS_MAX {
            match self.nodes[node].stepper.advance_to(to).await {
                Ok(()) => return Ok(()),
                Err(fault) => self.endure(node, &fault).await?,
            }
            if self.is_behind(self.head_instant().await?) {
                self.clock.advance_to(to);
                return Ok(());
            }
        }
        Err("a node that is started anew never gets on".to_owned())
    }

    /// Has everything done that follows from what is recorded.
    async fn settle(&mut self, node: usize) -> Result<(), Breach> {
        for _ in 0..STARTS_MAX {
            match self.nodes[node].stepper.settle().await {
                Ok(()) => return Ok(()),
                Err(fault) => self.endure(node, &fault).await?,
            }
            if self.is_behind(self.head_instant().await?) {
                return Ok(());
            }
        }
        Err("a node that is started anew never settles".to_owned())
    }

    /// A fault that passes by itself is waited for; any other ends the node.
    async fn endure(&mut self, node: usize, fault: &StoreFault) -> Result<(), Breach> {
        match fault.kind {
            FaultKind::ReadOnly | FaultKind::Full => Ok(()),
            FaultKind::Io | FaultKind::Closed | FaultKind::Stopped | FaultKind::Engine => {
                self.restart(node).await
            }
            FaultKind::Damaged | FaultKind::Misuse => Err(format!("the store says: {fault}")),
        }
    }

    async fn recover(&mut self, node: usize) -> Result<(), Breach> {
        if self.is_behind(self.head_instant().await?) {
            return Ok(());
        }
        self.restart(node).await
    }

    async fn trouble(&mut self, node: usize, dice: &mut Rng) -> Result<(), Breach> {
        let store = &self.nodes[node].store;
        let fails = |store: &Flaky, fault: Fault, append: AppendFault| {
            store.fail_append(append);
            self.fault(fault);
        };
        match dice.u8(..16) {
            0 | 1 => {
                store.die_after(dice.u32(1..40));
                self.fault(Fault::Crash);
            }
            2 => fails(store, Fault::Full, AppendFault::Full),
            3 => fails(store, Fault::UnknownWritten, AppendFault::UnknownWritten),
            4 => fails(store, Fault::UnknownLost, AppendFault::UnknownLost),
            5 => fails(store, Fault::Slow, AppendFault::Slow),
            6 => {
                self.fault(Fault::Restart);
                self.nodes[node].engine.stop().await;
                self.restart(node).await?;
            }
            7 => {
                self.fault(Fault::ClockForward);
                self.clock.set(Timestamp::from_micros(self.clock.now().micros() + DAY));
                self.settle(node).await?;
            }
            8 => {
                self.fault(Fault::ClockBack);
                self.clock.set(Timestamp::from_micros(self.clock.now().micros() - HOUR));
            }
            9 => self.provider.fail(dice.u32(1..5)),
            10 => {
                for next in moves::pause_and_resume().into_iter().flatten() {
                    self.commands += 1;
                    let key = IdempotencyKey::parse(&format!("k{}", self.commands)).map_err(told)?;
                    self.count("command", next.1.kind().as_str());
                    let given = Given { actor: next.0, command: next.1, key, events: None };
                    if let Ended::Troubled = self.submit(node, &given, false).await? {
                        self.recover(node).await?;
                        self.submit(node, &given, false).await?;
                    }
                }
                self.settle(node).await?;
            }
            11..=13 => self.fire_again(node, dice).await?,
            _ => {
                if let Some(stale) = self.provider.stale_word(dice) {
                    self.fault(Fault::WebhookStale);
                    drop(self.nodes[node].engine.receive_webhook(RAIL, &stale).await);
                    self.settle(node).await?;
                }
            }
        }
        Ok(())
    }

    /// Gives the command of a timer that was set some time ago, as a node would that is behind.
    async fn fire_again(&mut self, node: usize, dice: &mut Rng) -> Result<(), Breach> {
        let Some((stream, timer)) = self.timers.get(dice.usize(..self.timers.len().max(1))).cloned() else {
            return Ok(());
        };
        let Some(command) = timer::firing(&stream, &timer) else { return Ok(()) };
        self.fault(Fault::TimerStale);
        self.commands += 1;
        let key = IdempotencyKey::parse(&format!("t{}", self.commands)).map_err(told)?;
        let given = Given { actor: Actor::System("timers"), command, key, events: None };
        if let Ended::Troubled = self.submit(node, &given, false).await? {
            return self.recover(node).await;
        }
        self.settle(node).await
    }
}

fn told(error: impl std::fmt::Display) -> Breach {
    error.to_string()
}
