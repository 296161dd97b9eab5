//! Drives processes, timers and the sandbox one step at a time under a clock that is put forward by hand, so that the
//! same commands under the same seed make the same log.
//!
//! Ordering: whatever a command leads to is wholly done before the next one is given: the processes in their order,
//! each in the order of the log, then the provider's reports, then what is due, in due order. Nothing runs beside.

use crate::clock::Clock;
use crate::due::Timers;
use crate::pauses::Known;
use crate::process::{Process, Runner};
use crate::rail::{Deliver, Reporter, Webhook};
use crate::{Engine, SimulatedClock};
use async_trait::async_trait;
use domain::Timestamp;
use eventstore::{Checkpoint, Position, StoreFault};
use std::sync::Arc;

/// Records that are read at once.
const PAGE: usize = 256;

/// The processes, timers and provider of an engine, driven by hand.
pub struct Stepper {
    engine: Engine,
    clock: Arc<SimulatedClock>,
    provider: Arc<dyn Reporter>,
    runners: Vec<Stepped>,
    timers: Timers,
    known: Known,
}

/// A process and how far it is.
struct Stepped {
    runner: Runner,
    saved: Option<Checkpoint>,
    at: Option<Checkpoint>,
}

impl Stepper {
    /// Takes `processes` and the timers of `engine` in hand. They must not run beside.
    ///
    /// # Errors
    /// When a checkpoint can't be read, or isn't one of this log.
    pub async fn begin(
        engine: Engine,
        clock: Arc<SimulatedClock>,
        provider: Arc<dyn Reporter>,
        processes: Vec<Arc<dyn Process>>,
    ) -> Result<Self, StoreFault> {
        let mut runners = Vec::new();
        for process in processes {
            let (runner, saved) = Runner::begin(engine.clone(), process).await?;
            runners.push(Stepped { runner, saved, at: saved });
        }
        let timers = Timers::begin(engine.clone()).await?;
        Ok(Self { engine, clock, provider, runners, timers, known: Known::default() })
    }

    /// Does everything that follows from what is recorded, until nothing follows any more now.
    ///
    /// # Errors
    /// A fault of the store.
    pub async fn settle(&mut self) -> Result<(), StoreFault> {
        loop {
            self.known.look(self.engine.store()).await?;
            let pauses = self.known.pauses();
            let mut busy = false;
            for stepped in &mut self.runners {
                busy |= !stepped.runner.is_paused(&pauses) && stepped.catch_up(&self.engine).await?;
            }
            busy |= self.provider.report_due(&self.engine).await > 0;
            busy |= self.timers.catch_up().await?;
            if !busy && !self.fire().await? {
                return Ok(());
            }
        }
    }

    /// Fires the first timer that is due, unless timers are paused.
    async fn fire(&self) -> Result<bool, StoreFault> {
        if Timers::is_paused(&self.known.pauses()) { Ok(false) } else { self.timers.fire_next().await }
    }

    /// Puts the clock forward to `instant`, stopping wherever something is due on the way.
    ///
    /// # Errors
    /// A fault of the store.
    pub async fn advance_to(&mut self, instant: Timestamp) -> Result<(), StoreFault> {
        loop {
            self.settle().await?;
            let timer = if Timers::is_paused(&self.known.pauses()) { None } else { self.timers.next()? };
            let next = timer.into_iter().chain(self.provider.next_report().await).min();
            match next.filter(|next| *next <= instant && *next > self.clock.now()) {
                Some(next) => self.clock.advance_to(next),
                None => break,
            }
        }
        self.clock.advance_to(instant);
        self.settle().await
    }

    /// Saves how far the processes are, so that they can run by themselves from here on.
    ///
    /// # Errors
    /// A fault of the store.
    pub async fn finish(mut self) -> Result<(), StoreFault> {
        for stepped in &mut self.runners {
            stepped.runner.save(&mut stepped.saved, stepped.at).await?;
        }
        Ok(())
    }
}

impl Stepped {
    /// Reacts to everything that is recorded. Says whether there was anything.
    async fn catch_up(&mut self, engine: &Engine) -> Result<bool, StoreFault> {
        let mut any = false;
        loop {
            let page = engine.store().read(self.position(), PAGE).await?;
            if page.is_empty() {
                return Ok(any);
            }
            any = true;
            for record in page {
                let at = Checkpoint::at(&record);
                self.runner.step(record).await?;
                self.at = Some(at);
            }
        }
    }

    fn position(&self) -> Position {
        self.runner.start(self.at)
    }
}

/// The sandbox's reports go straight to the engine, as if they had come over HTTP.
#[async_trait]
impl Deliver for Engine {
    async fn deliver(&self, webhook: &Webhook) -> bool {
        self.receive_webhook("sandbox", webhook).await.is_ok()
    }
}
