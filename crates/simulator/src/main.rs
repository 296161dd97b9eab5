//! `cargo xtask sim`: runs the simulator from a seed, or replays a list of steps.

use clap::Parser;
use simulator::{Settings, Step, StoreKind, run, shrink};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

/// Tries to break the rules, from a seed.
#[derive(Debug, Parser)]
#[command(name = "sim")]
struct Options {
    /// Where everything follows from.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How many steps.
    #[arg(long, default_value_t = 20_000)]
    steps: usize,
    /// How many marketplaces; one for every 2,500 steps unless said otherwise.
    #[arg(long)]
    worlds: Option<usize>,
    /// Where the logs are kept.
    #[arg(long, value_enum, default_value_t = Kept::Memory)]
    store: Kept,
    /// Replays the steps of this file, one a line, instead of drawing them.
    #[arg(long, value_name = "FILE")]
    replay: Option<PathBuf>,
    /// Prints every step and every event.
    #[arg(long)]
    tell: bool,
    /// Doesn't look for a shorter list of steps that fails.
    #[arg(long)]
    no_shrink: bool,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum Kept {
    Memory,
    Sqlite,
}

fn main() -> ExitCode {
    let options = Options::parse();
    let worlds = options.worlds.unwrap_or_else(|| options.steps.div_ceil(2_500).max(1));
    let store = match options.store {
        Kept::Memory => StoreKind::Memory,
        Kept::Sqlite => StoreKind::Sqlite,
    };
    let settings = Settings { seed: options.seed, store, worlds, tell: options.tell };
    let steps: Vec<Step> = match &options.replay {
        None => Step::drawn(options.seed, worlds).take(options.steps).collect(),
        Some(file) => match std::fs::read_to_string(file) {
            Ok(text) => text.lines().filter_map(Step::parse).collect(),
            Err(error) => {
                eprintln!("error: {}: {error}", file.display());
                return ExitCode::from(2);
            }
        },
    };
    let began = Instant::now();
    let outcome = run(settings, &steps);
    let took = began.elapsed().as_secs_f64();
    print!("{}", outcome.coverage);
    #[expect(clippy::cast_precision_loss, reason = "a rate")]
    let (rate, speed) = (outcome.steps as f64 / took, outcome.simulated as f64 / 1e6 / took);
    println!("\n{} steps in {took:.1} s: {rate:.0} a second, {speed:.0} simulated seconds in one", outcome.steps);
    let Some((at, breach)) = outcome.breach else {
        println!("seed {}: nothing broke", options.seed);
        return ExitCode::SUCCESS;
    };
    println!("seed {}, step {at}: {breach}", options.seed);
    if !options.no_shrink {
        let until = steps.get(..=at).unwrap_or(&steps);
        let short = shrink(settings, until);
        println!("\n{} steps are enough; replay them with --seed {} --worlds {worlds} --replay FILE:", short.len(), options.seed);
        for step in short {
            println!("{step}");
        }
    }
    ExitCode::FAILURE
}
