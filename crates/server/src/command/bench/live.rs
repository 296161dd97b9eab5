//! How soon what was recorded is seen, at half of the load that is possible: in a read model, and by a thousand
//! subscribers in this process, each of whom follows one contract.

use super::BROKEN_OFF_AFTER;
use super::append::Log;
use super::journey::{Journey, journey};
use super::report::{Amount, Figure, Measured};
use super::sample::{Caller, Callers, Sample, Subject, float};
use crate::wire::Failure;
use domain::{StreamId, Timestamp};
use engine::{Clock, Engine, SystemClock};
use eventstore::{EventStore, PAGE_MAX, Position, Record};
use projections::{Changes, Name, ReadModels, Topic, TopicChanges, Waited};
use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{Instant, Interval, interval_at};

const CALLERS: usize = 40;
/// Contracts of each caller; each contract has one subscriber.
const CONTRACTS: usize = 25;
/// The p99 until a read model has it.
const MODEL_WITHIN: Duration = Duration::from_millis(50);
/// The p99 until a subscriber is told.
const TOLD_WITHIN: Duration = Duration::from_millis(100);
/// The read model that has the contracts.
const MODEL: Name = Name::ContractBoard;
/// How long after the last command subscribers may still be told.
const SETTLING: Duration = Duration::from_secs(1);

/// All that the callers can, for `time`; then half of it, for `time`, which is what counts.
pub(super) async fn measure(dir: &Path, time: Duration) -> Result<Vec<Figure>, Failure> {
    let log = Log::open(dir).await?;
    let read_models = ReadModels::open(&dir.join("read.db"))?;
    let worker = read_models.start(log.store.clone())?;
    let (callers, contracts) = contracts(&log.engine).await?;
    let (stop, stopped) = watch::channel(false);
    let observers = Observers::start(&log, &read_models, contracts, &stopped).await?;
    let mut callers = Callers(callers);
    let most = callers.run(time).await?.steps_per_second();
    let begun = applied(&log, &read_models).await?;
    let mut paced = Callers(paced(callers.0, most / 2.0));
    let load = paced.run(time).await?.steps_per_second();
    let end = applied(&log, &read_models).await?;
    tokio::time::sleep(SETTLING).await;
    stop.send_replace(true);
    let (in_model, told) = observers.latencies(&log.store, begun, end).await?;
    worker.stop().await;
    log.close().await;
    let note = |what: &str| {
        format!(
            "from the recorded instant, so with the durable append, until {what}; {load:.0} commands/s by {CALLERS} \
             callers, who can give {most:.0}, each of which changes one of {} contracts that somebody follows",
            CALLERS * CONTRACTS
        )
    };
    let figure = |latencies| Figure::new("events", Measured::steps(Sample::of(latencies, time)));
    Ok(vec![
        figure(in_model)
            .named("live in a read model".to_owned())
            .p99_within(Amount::Time(MODEL_WITHIN))
            .noted(note("the contract board can be read")),
        figure(told)
            .named(format!("live to {} in-process subscribers", CALLERS * CONTRACTS))
            .p99_within(Amount::Time(TOLD_WITHIN))
            .noted(note("the one subscriber of the contract, in this process, is told")),
    ])
}

/// Waits until the read model has everything; returns where that is.
async fn applied(log: &Log, read_models: &ReadModels) -> Result<Position, Failure> {
    let head = log.store.head().await?.position;
    match read_models.wait_for(&[MODEL], head, BROKEN_OFF_AFTER).await {
        Waited::Reached => Ok(head),
        Waited::Stale { .. } | Waited::Halted { .. } => Err("the read models did not follow".into()),
    }
}

/// Callers with their contracts, funded, and the streams of all contracts.
async fn contracts(engine: &Engine) -> Result<(Vec<Revises>, Vec<StreamId>), Failure> {
    let fund = |caller: usize| {
        let numbers = caller * CONTRACTS..(caller + 1) * CONTRACTS;
        let mut journeys: Vec<Journey> = numbers.map(|number| journey(engine, number)).collect();
        tokio::spawn(async move {
            let mut streams = Vec::new();
            for journey in &mut journeys {
                streams.push(StreamId::Contract(journey.fund().await?));
            }
            Ok::<_, Failure>((Revises { journeys, next: 0 }, streams))
        })
    };
    let funding: Vec<_> = (0..CALLERS).map(fund).collect();
    let (mut callers, mut all) = (Vec::new(), Vec::new());
    for funded in funding {
        let (caller, streams) = funded.await??;
        callers.push(caller);
        all.extend(streams);
    }
    Ok((callers, all))
}

/// Has work handed in or sent back, one contract after the other.
struct Revises {
    journeys: Vec<Journey>,
    next: usize,
}

impl Caller for Revises {
    async fn step(&mut self) -> Result<usize, Failure> {
        let number = self.next;
        self.next = (number + 1) % self.journeys.len();
        self.journeys[number].revise().await
    }
}

/// The callers so slow that together they give `per_second` commands, none at the same instant as another.
fn paced(callers: Vec<Revises>, per_second: f64) -> Vec<Paced> {
    let period = Duration::from_secs_f64(float(callers.len()) / per_second.max(1.0));
    let start = Instant::now();
    let paced = |(caller, share)| Paced { caller, ticks: interval_at(start + period.mul_f64(share), period) };
    let count = float(callers.len());
    callers
        .into_iter()
        .enumerate()
        .map(|(number, caller)| (caller, float(number) / count))
        .map(paced)
        .collect()
}

/// A caller who gives the next command when its instant has come, not when the last one was answered.
struct Paced {
    caller: Revises,
    ticks: Interval,
}

impl Caller for Paced {
    async fn step(&mut self) -> Result<usize, Failure> {
        self.ticks.tick().await;
        self.caller.step().await
    }
}

/// Up to where somebody saw the log, and when; both rise.
type Seen = Vec<(Position, Timestamp)>;

/// Those who note what they see until they are stopped.
struct Observers {
    /// What they follow ends with the last holder.
    changes: Changes,
    model: JoinHandle<Seen>,
    followers: Vec<(StreamId, JoinHandle<Seen>)>,
}

impl Observers {
    async fn start(
        log: &Log,
        read_models: &ReadModels,
        streams: Vec<StreamId>,
        stopped: &watch::Receiver<bool>,
    ) -> Result<Self, Failure> {
        let head = log.store.head().await?.position;
        let changes = Changes::start(log.store.clone());
        let follow = |stream: StreamId| {
            let told = changes.of(Topic::Stream(stream.clone()), head);
            (stream, tokio::spawn(follow(told, stopped.clone())))
        };
        let followers = streams.into_iter().map(follow).collect();
        let model = tokio::spawn(watch_model(read_models.clone(), stopped.clone()));
        Ok(Self { changes, model, followers })
    }

    /// How long after its instant each event after `begun`, up to `end`, was seen: in the model, and by who follows
    /// its contract.
    async fn latencies(
        self,
        store: &Arc<dyn EventStore>,
        begun: Position,
        end: Position,
    ) -> Result<(Vec<Duration>, Vec<Duration>), Failure> {
        let model = self.model.await?;
        let mut followers = HashMap::new();
        for (stream, seen) in self.followers {
            followers.insert(stream.to_string(), seen.await?);
        }
        drop(self.changes);
        let (mut in_model, mut told, mut after) = (Vec::new(), Vec::new(), begun);
        while after < end {
            let page = store.read(after, PAGE_MAX).await?;
            after = page.last().map_or(end, |last| last.position());
            for record in page.iter().filter(|record| record.position() <= end) {
                in_model.push(latency(record, &model)?);
                let streams = &record.header().memberships;
                let seen = streams.iter().find_map(|member| followers.get(&*member.stream));
                told.push(latency(record, seen.ok_or("nobody follows what was changed")?)?);
            }
        }
        Ok((in_model, told))
    }
}

/// From the record's instant to when it was first seen.
fn latency(record: &Record, seen: &[(Position, Timestamp)]) -> Result<Duration, Failure> {
    let first = seen.partition_point(|(position, _)| *position < record.position());
    let (_, at) = seen.get(first).ok_or("an event was never seen")?;
    let micros = at.micros().saturating_sub(record.header().recorded_at);
    Ok(Duration::from_micros(u64::try_from(micros).unwrap_or(0)))
}

async fn follow(mut changes: TopicChanges, mut stopped: watch::Receiver<bool>) -> Seen {
    let mut seen = Seen::new();
    loop {
        tokio::select! {
            Ok(position) = changes.next() => seen.push((position, SystemClock.now())),
            _ = stopped.wait_for(|stopped| *stopped) => return seen,
        }
    }
}

async fn watch_model(read_models: ReadModels, mut stopped: watch::Receiver<bool>) -> Seen {
    let (mut seen, mut at) = (Seen::new(), Position::START);
    loop {
        tokio::select! {
            waited = read_models.wait_for(&[MODEL], at.next(), BROKEN_OFF_AFTER) => match waited {
                Waited::Reached | Waited::Stale { .. } => {}
                // What is missing then is an error of the measure.
                Waited::Halted { .. } => return seen,
            },
            _ = stopped.wait_for(|stopped| *stopped) => return seen,
        }
        let now = SystemClock.now();
        let status = read_models.status(now).into_iter().find(|status| status.name == MODEL);
        if let Some(status) = status.filter(|status| status.position > at) {
            at = status.position;
            seen.push((at, now));
        }
    }
}
