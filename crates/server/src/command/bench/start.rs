//! How long a server takes from being started on a long log to its first answered command, and what memory it then
//! has: this program as a child, killed each time, so that each start finds a store that nobody closed.

use super::append::Log;
use super::bulk::{Bulk, EVENTS_PER_JOB};
use super::lateness::{known, open_far_off};
use super::report::{Amount, Figure, Measured, Sizes};
use super::sample::Sample;
use super::{BROKEN_OFF_AFTER, MARKETPLACE};
use crate::secrets::private_dir;
use crate::wire::Failure;
use engine::due::{self, DueTable};
use projections::{Name, ReadModels, Waited};
use serde_json::{Value, json};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// How often it is started.
const STARTS: usize = 5;
/// What a start may take at ten million events.
const READY_WITHIN: Duration = Duration::from_secs(5);
/// What memory it may have then.
const RESIDENT_AT_MOST: u64 = 1 << 30;
/// How long an answer may take.
const ANSWER_WITHIN: Duration = Duration::from_secs(30);

const CREATE_JOB: &str =
    "mutation($input: CreateJobInput!) { createJob(input: $input) { position userErrors { code } } }";

/// Starts on a log of `events`, whose read models and table of what is due are up with it.
pub(super) async fn measure(dir: &Path, events: u64) -> Result<Vec<Figure>, Failure> {
    let data = dir.join("log");
    private_dir(&data)?;
    let mut bulk = Bulk::open(dir).await?;
    let last = open_far_off(&mut bulk, events / EVENTS_PER_JOB).await?;
    bulk.close().await;
    let log = Log::with(dir, Vec::new(), DueTable::open(&data.join("due.db"))?).await?;
    let timers = due::run(log.engine.clone()).await?;
    known(&log.engine, last).await?;
    timers.stop().await;
    follow(&data, &log).await?;
    log.close().await;
    let client = reqwest::Client::builder().no_proxy().timeout(ANSWER_WITHIN).build()?;
    let (mut took, mut sizes, all) = (Vec::new(), Vec::new(), Instant::now());
    for _ in 0..STARTS {
        let (data, begun) = (data.clone(), Instant::now());
        let server = tokio::task::spawn_blocking(move || Server::start(data)).await??;
        server.create_job(&client).await?;
        took.push(begun.elapsed());
        sizes.push(server.resident()?);
    }
    let started = Sample::of(took, all.elapsed());
    let note = |what: &str| {
        format!(
            "{what} of `dev` in {STARTS} starts after kill -9, on a log of {events} events, {} open jobs; the floor is \
             that of ten million events and 100,000 open contracts",
            events / EVENTS_PER_JOB
        )
    };
    Ok(vec![
        Figure::new("starts", Measured::steps(started))
            .named(format!("start {events}"))
            .p99_within(Amount::Time(READY_WITHIN))
            .noted(note("from the start of the process to its first answered command over HTTP,")),
        Figure::sized("resident", Sizes::of(sizes))
            .named(format!("memory {events}"))
            .p99_within(Amount::Bytes(RESIDENT_AT_MOST))
            .noted(note("resident memory (VmRSS) after the first command")),
    ])
}

/// Has every read model follow the log to its end.
async fn follow(data: &Path, log: &Log) -> Result<(), Failure> {
    let read_models = ReadModels::open(&data.join("read.db"))?;
    let worker = read_models.start(log.store.clone())?;
    let head = log.store.head().await?.position;
    let waited = read_models.wait_for(Name::ALL, head, BROKEN_OFF_AFTER).await;
    worker.stop().await;
    if waited == Waited::Reached { Ok(()) } else { Err("the read models did not follow".into()) }
}

/// A server that is killed when it is dropped.
struct Server {
    child: Child,
    banner: Value,
}

impl Server {
    /// Returns when it listens.
    fn start(data: PathBuf) -> Result<Self, Failure> {
        let child = Command::new(std::env::current_exe()?)
            .args(["dev", "--json", "--listen", "127.0.0.1:0", "--marketplace", MARKETPLACE, "--data"])
            .arg(data)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let mut server = Self { child, banner: Value::Null };
        let mut line = String::new();
        BufReader::new(server.child.stdout.take().ok_or("the child has no output")?).read_line(&mut line)?;
        server.banner = serde_json::from_str(&line).map_err(|_| "the server that was started ended")?;
        Ok(server)
    }

    async fn create_job(&self, client: &reqwest::Client) -> Result<(), Failure> {
        let text = |value: &Value| value.as_str().map(str::to_owned).ok_or("the banner is another");
        let input = json!({
            "title": "Rebuild our booking site",
            "description": "The old one is slow on phones.",
            "headcount": 1,
            "idempotencyKey": self.child.id().to_string(),
        });
        let body = json!({ "query": CREATE_JOB, "variables": { "input": input } });
        let request = client
            .post(text(&self.banner["graphql"])?)
            .bearer_auth(text(&self.banner["tokens"]["client"])?)
            .json(&body);
        let answer: Value = request.send().await?.json().await?;
        if answer["data"]["createJob"]["position"].is_null() {
            return Err(format!("the first command was answered with {answer}").into());
        }
        Ok(())
    }

    /// Bytes of memory that it holds now.
    fn resident(&self) -> Result<u64, Failure> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()))?;
        Ok(resident(&status).ok_or("/proc says nothing of resident memory")?)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // One that has ended already is left to be waited for all the same.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Bytes of `VmRSS` in a status of /proc.
fn resident(status: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kib: u64 = line.trim().strip_suffix(" kB")?.trim().parse().ok()?;
    Some(kib * 1_024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resident_memory_is_read_in_bytes() {
        assert_eq!(resident("Name:\tx\nVmHWM:\t  9 kB\nVmRSS:\t    2048 kB\n"), Some(2_048 * 1_024));
        assert_eq!(resident("Name:\tx\n"), None);
    }
}
