//! `bench`: what this machine and this build can do, each figure beside what bounds it, in one run.
//!
//! Shape: a [`Measure`] makes its own store in the scratch folder, takes turns with what it is compared with, and gives
//! one [`Figure`] or two. Absolute figures differ from machine to machine and from hour to hour; the ratios are what is
//! held to, and the few limits of time and memory that are generous anywhere.
//!
//! Bounds: each side of a comparison runs for the seconds that were asked for, and every measure removes its files. All
//! together take some three minutes; those on logs of a million events take minutes each, and have to be named.

mod append;
mod bulk;
mod disk;
mod http;
mod journey;
mod lateness;
mod live;
mod query;
mod reactions;
mod replay;
mod report;
mod sample;
mod scratch;
mod start;

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
/// What takes this long won't come to an end any more.
const BROKEN_OFF_AFTER: Duration = Duration::from_mins(10);

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
    /// A process that works off what waits for it.
    Reactions,
    /// Timers, while this many others are pending.
    Timers(u64),
    /// How soon what was recorded is seen.
    Live,
    /// A server that starts on a log of this many events.
    Start(u64),
}

impl Measure {
    const ALL: [Self; 18] = [
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
        Self::Reactions,
        Self::Timers(10_000),
        Self::Live,
        Self::Start(50_000),
        Self::Timers(1_000_000),
        Self::Start(1_000_000),
    ];

    /// Whether it takes minutes, and is left out unless it is asked for by its whole name.
    const fn is_large(self) -> bool {
        matches!(self, Self::Timers(1_000_000..) | Self::Start(1_000_000..))
    }

    /// Whether it is asked for.
    fn is_wanted(self, only: Option<&str>) -> bool {
        let name = self.name();
        if self.is_large() { only == Some(&*name) } else { only.is_none_or(|part| name.contains(part)) }
    }

    fn name(self) -> String {
        match self {
            Self::Disk => "disk".to_owned(),
            Self::Insert => "insert".to_owned(),
            Self::Append(callers) => format!("append {callers}"),
            Self::Commands => "commands".to_owned(),
            Self::Http(exchange) => format!("http {}", exchange.name()),
            Self::Replay => "replay".to_owned(),
            Self::Query => "query".to_owned(),
            Self::Reactions => "reactions".to_owned(),
            Self::Timers(pending) => format!("timers {pending}"),
            Self::Live => "live".to_owned(),
            Self::Start(events) => format!("start {events}"),
        }
    }

    /// Measures for `time` on each side of the comparison, in a folder that nobody else uses.
    async fn take(self, dir: &Path, time: Duration) -> Result<Vec<Figure>, Failure> {
        let figure = match self {
            Self::Disk => disk::flushes(dir, time).await?,
            Self::Insert => disk::inserts(dir, time).await?,
            Self::Append(callers) => append::measure(dir, callers, time).await?,
            Self::Commands => journey::measure(dir, time).await?,
            Self::Http(exchange) => http::measure(exchange, dir, time).await?,
            Self::Replay => replay::measure(dir, time).await?,
            Self::Query => query::measure(dir, time).await?,
            Self::Reactions => reactions::measure(dir, time).await?,
            Self::Timers(pending) => lateness::measure(dir, pending).await?,
            Self::Live => return live::measure(dir, time).await,
            Self::Start(events) => return start::measure(dir, events).await,
        };
        Ok(vec![figure.named(self.name())])
    }
}

/// Measures and prints. A floor that isn't reached is an answer like any other, so the exit code is 0 all the same.
pub(crate) async fn run(options: BenchOptions) -> Result<ExitCode, Failure> {
    if !SECONDS.contains(&options.seconds) {
        return Err(format!("--seconds takes {} to {}", SECONDS.start(), SECONDS.end()).into());
    }
    let only = options.only.as_deref();
    let measures: Vec<_> = Measure::ALL.into_iter().filter(|measure| measure.is_wanted(only)).collect();
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
        figures.extend(measure.take(dir.path(), time).await?);
    }
    Ok(Report::of(figures, time))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_takes_minutes_is_measured_only_when_it_is_named() {
        let wanted = |only| Measure::ALL.into_iter().filter(|measure| measure.is_wanted(only)).count();
        assert_eq!(wanted(None), Measure::ALL.len() - 2);
        assert_eq!((wanted(Some("timers")), wanted(Some("timers 1000000"))), (1, 1));
    }
}
