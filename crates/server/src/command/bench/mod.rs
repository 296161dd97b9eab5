//! `bench`: what this machine and this build can do, each figure beside what bounds it, in one run.
//!
//! Shape: a [`Measure`] makes its own store in the scratch folder, takes turns with what it is compared with, and gives
//! a [`Figure`]. Absolute figures differ from machine to machine and from hour to hour; the ratios are what is held to.
//!
//! Bounds: each side of a comparison runs for the seconds that were asked for, and every measure removes its files.

mod append;
mod disk;
mod http;
mod journey;
mod query;
mod replay;
mod report;
mod sample;
mod scratch;

use crate::options::BenchOptions;
use crate::shutdown;
use crate::wire::Failure;
use report::{Figure, Report};
use scratch::Scratch;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

/// The marketplace of every log that is measured.
const MARKETPLACE: &str = "bench";
/// Bounds on `--seconds`: shorter measures nothing, longer fills the disk.
const SECONDS: std::ops::RangeInclusive<f64> = 0.05..=60.0;

/// What can be measured.
#[derive(Clone, Copy)]
enum Measure {
    /// The disk alone.
    Disk,
    /// One durable insert for each event, without us.
    Insert,
    /// Commands of one event each, by this many callers.
    Append(usize),
    /// A marketplace's commands in process.
    Commands,
    /// Something over HTTP.
    Http(http::Exchange),
    /// Reading the log from its beginning.
    Replay,
    /// A page of jobs through the schema, in process.
    Query,
}

impl Measure {
    const ALL: [Self; 12] = [
        Self::Disk,
        Self::Insert,
        Self::Append(1),
        Self::Append(16),
        Self::Append(64),
        Self::Append(256),
        Self::Commands,
        Self::Http(http::Exchange::Journey),
        Self::Http(http::Exchange::CreateJob),
        Self::Http(http::Exchange::Jobs),
        Self::Replay,
        Self::Query,
    ];

    fn name(self) -> String {
        match self {
            Self::Disk => "disk".to_owned(),
            Self::Insert => "insert".to_owned(),
            Self::Append(callers) => format!("append {callers}"),
            Self::Commands => "commands".to_owned(),
            Self::Http(exchange) => format!("http {}", exchange.name()),
            Self::Replay => "replay".to_owned(),
            Self::Query => "query".to_owned(),
        }
    }

    /// Measures for `time` on each side of the comparison, in a folder that nobody else uses.
    async fn take(self, dir: &Path, time: Duration) -> Result<Figure, Failure> {
        let figure = match self {
            Self::Disk => disk::flushes(dir, time).await?,
            Self::Insert => disk::inserts(dir, time).await?,
            Self::Append(callers) => append::measure(dir, callers, time).await?,
            Self::Commands => journey::measure(dir, time).await?,
            Self::Http(exchange) => http::measure(exchange, dir, time).await?,
            Self::Replay => replay::measure(dir, time).await?,
            Self::Query => query::measure(dir, time).await?,
        };
        Ok(figure.named(self.name()))
    }
}

/// Measures and prints. A floor that isn't reached is an answer like any other, so the exit code is 0 all the same.
pub(crate) async fn run(options: BenchOptions) -> Result<ExitCode, Failure> {
    if !SECONDS.contains(&options.seconds) {
        return Err(format!("--seconds takes {} to {}", SECONDS.start(), SECONDS.end()).into());
    }
    let wanted = |measure: &Measure| options.only.as_deref().is_none_or(|part| measure.name().contains(part));
    let measures: Vec<_> = Measure::ALL.into_iter().filter(wanted).collect();
    if measures.is_empty() {
        let names: Vec<_> = Measure::ALL.iter().map(|measure| measure.name()).collect();
        return Err(format!("no figure has that in its name; there are {}", names.join(", ")).into());
    }
    let scratch = Scratch::within(&options.scratch.clone().unwrap_or_else(|| PathBuf::from(".")))?;
    let report = tokio::select! {
        report = take_all(&measures, &scratch, Duration::from_secs_f64(options.seconds)) => report?,
        () = shutdown::asked() => return Err("it was interrupted".into()),
    };
    if options.json {
        println!("{}", serde_json::to_string(&report)?);
    } else {
        print!("{}", report.text());
    }
    Ok(ExitCode::SUCCESS)
}

async fn take_all(measures: &[Measure], scratch: &Scratch, time: Duration) -> Result<Report, Failure> {
    if cfg!(debug_assertions) {
        eprintln!("This is a debug build: its figures say nothing about a release.");
    }
    let mut figures = Vec::with_capacity(measures.len());
    for (number, measure) in (1..).zip(measures) {
        eprintln!("{number} of {}: {}", measures.len(), measure.name());
        let dir = Scratch::within(scratch.path())?;
        figures.push(measure.take(dir.path(), time).await?);
    }
    Ok(Report::of(figures, time))
}
