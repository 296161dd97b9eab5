//! A simulator that tries to break the rules: the real engine under a seeded scheduler, many marketplaces and people,
//! stores, providers, clocks and nodes that fail, and a model of its own that reads every event.
//!
//! Shape: a run is a list of [`Step`]s, drawn from a seed or read; each is a value of its own, so that a list that fails
//! can be shortened. Ordering: one thing at a time, on one thread, so a run in memory replays exactly.
//! See docs/simulator.md.

mod coverage;
mod flaky;
mod model;
mod moves;
mod people;
mod provider;
mod steps;
mod world;

pub use coverage::{Coverage, Fault};
pub use steps::{Act, Step};
pub use world::{Breach, StoreKind};

use eventstore::EventStore;
use std::sync::{Arc, Mutex, PoisonError};
use world::World;

/// What a run is made of.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// Seeds everything that isn't a step: ids, and what the provider does.
    pub seed: u64,
    /// Where the logs are kept.
    pub store: StoreKind,
    /// How many marketplaces there are.
    pub worlds: usize,
    /// Whether every step and event is printed.
    pub tell: bool,
}

/// What became of a run.
#[derive(Debug)]
pub struct Outcome {
    /// What was reached.
    pub coverage: Coverage,
    /// Microseconds that passed in all marketplaces together.
    pub simulated: i64,
    /// How many steps were done.
    pub steps: usize,
    /// What broke, and at which step; the number of steps where it broke at the end.
    pub breach: Option<(usize, Breach)>,
}

/// Runs `steps`, and then heals everything and has it converge.
pub fn run(settings: Settings, steps: &[Step]) -> Outcome {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build();
    match runtime {
        Ok(runtime) => runtime.block_on(play(settings, steps)),
        Err(error) => Outcome {
            coverage: Coverage::default(),
            simulated: 0,
            steps: 0,
            breach: Some((0, error.to_string())),
        },
    }
}

async fn play(settings: Settings, steps: &[Step]) -> Outcome {
    let coverage = Arc::new(Mutex::new(Coverage::default()));
    let mut worlds: Vec<World> = Vec::new();
    let (mut done, mut breach, mut began) = (0, None, Vec::new());
    for number in 0..settings.worlds {
        let seed = settings.seed.wrapping_add(u64::try_from(number).unwrap_or_default() << 32);
        match World::open(number, seed, settings, coverage.clone()).await {
            Ok(world) => {
                began.push(world.now());
                worlds.push(world);
            }
            Err(broken) => breach = Some((0, broken)),
        }
    }
    for step in steps {
        let Some(world) = worlds.get_mut(step.world).filter(|_| breach.is_none()) else { continue };
        if settings.tell {
            println!("{step}");
        }
        if let Err(broken) = world.step(*step).await {
            breach = Some((done, broken));
            break;
        }
        done += 1;
    }
    let passed = |(world, began): (&World, &domain::Timestamp)| world.now().micros() - began.micros();
    let simulated = worlds.iter().zip(&began).map(passed).sum();
    for world in worlds.iter_mut().filter(|_| breach.is_none()) {
        if let Err(broken) = world.converge().await {
            breach = Some((done, broken));
            break;
        }
    }
    let coverage = coverage.lock().unwrap_or_else(PoisonError::into_inner).clone();
    Outcome { coverage, simulated, steps: done, breach }
}

/// The log of each marketplace after `steps`, for whoever reads their books; nothing heals before.
///
/// # Errors
/// The rule that was broken.
pub async fn logs(settings: Settings, steps: &[Step]) -> Result<Vec<Arc<dyn EventStore>>, Breach> {
    let coverage = Arc::new(Mutex::new(Coverage::default()));
    let mut logs = Vec::new();
    for number in 0..settings.worlds {
        let seed = settings.seed.wrapping_add(u64::try_from(number).unwrap_or_default() << 32);
        let mut world = World::open(number, seed, settings, coverage.clone()).await?;
        for step in steps.iter().filter(|step| step.world == number) {
            world.step(*step).await?;
        }
        logs.push(world.log());
    }
    Ok(logs)
}

/// The shortest list found that still breaks: leaves out ever smaller parts, as long as what is left fails.
pub fn shrink(settings: Settings, steps: &[Step]) -> Vec<Step> {
    let fails = |steps: &[Step]| run(Settings { tell: false, ..settings }, steps).breach.is_some();
    let mut kept = steps.to_vec();
    let mut part = kept.len().div_ceil(2);
    while part > 0 {
        let mut start = 0;
        while start < kept.len() {
            let end = (start + part).min(kept.len());
            let without: Vec<Step> = kept[..start].iter().chain(&kept[end..]).copied().collect();
            if fails(&without) {
                kept = without;
            } else {
                start = end;
            }
        }
        part /= 2;
    }
    kept
}
