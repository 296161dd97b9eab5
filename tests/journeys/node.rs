//! A node: `counterfoil dev` in a process of its own, and the people who hold tokens for it.

use crate::graphql::{Caller, Gone};
use crate::process::{self, Owned, plain, run};
use domain::Timestamp;
use serde_json::{Value, json};
use std::fs::OpenOptions;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{ChildStdout, ExitStatus, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;
use tempfile::TempDir;

/// How long a node may take to print its banner, or to die before it does.
const BANNER_WITHIN: Duration = Duration::from_mins(1);
/// How long a caller waits for an answer; far beyond what the node allows itself.
const ANSWER_WITHIN: Duration = Duration::from_secs(30);

/// When the clock of [`Node::start_still`] starts.
pub(crate) const CLOCK_START: &str = "2026-01-05T09:00:00Z";

/// A store that outlives its nodes.
pub(crate) struct Store {
    directory: TempDir,
}

impl Store {
    pub(crate) fn new() -> Self {
        Self { directory: tempfile::tempdir().unwrap() }
    }

    /// Where it is.
    pub(crate) fn data(&self) -> PathBuf {
        self.directory.path().join("data")
    }

    /// As [`Store::data`], for a command line.
    pub(crate) fn path(&self) -> String {
        self.data().to_str().unwrap().to_owned()
    }

    /// What its nodes logged.
    pub(crate) fn logged(&self) -> String {
        std::fs::read_to_string(self.log()).unwrap_or_default()
    }

    /// The report of `verify`, which must hold. It works beside a running node and without one.
    #[track_caller]
    pub(crate) fn verified(&self) -> Value {
        let ended = run(&["verify", "--json", "--data", &self.path()]);
        assert_eq!(ended.code, Some(0), "{ended:?}");
        serde_json::from_str(&ended.stdout).unwrap()
    }

    fn log(&self) -> PathBuf {
        self.directory.path().join("stderr")
    }
}

/// A running node. Dropped, its process is killed.
pub(crate) struct Node {
    process: Owned,
    banner: Value,
    http: reqwest::Client,
    data: String,
}

impl Node {
    /// Starts the plain binary.
    #[track_caller]
    pub(crate) fn start(store: &Store) -> Self {
        let started = Self::spawn(store, plain(), None, &[]);
        started.unwrap_or_else(|status| panic!("no banner, {status}: {}", store.logged()))
    }

    /// Starts the binary under a clock that stands still until [`Node::put_forward`]; failpoints, if any, are set off. The
    /// status if it ended before its banner.
    pub(crate) fn start_still(store: &Store, failpoints: Option<&str>) -> Result<Self, ExitStatus> {
        let binary = if failpoints.is_some() { process::with_failpoints() } else { plain() };
        let clock = ["--clock-speed", "0", "--clock-start", CLOCK_START];
        Self::spawn(store, binary, failpoints, &clock)
    }

    /// Puts the clock forward, and returns what it shows then; the node may be gone before it answers.
    pub(crate) async fn put_forward(&self, days: u32) -> Result<Timestamp, Gone> {
        self.set_clock(&json!({"bySeconds": days * 86_400})).await
    }

    /// Puts the clock forward to so many days after [`CLOCK_START`], unless it has gone further already.
    pub(crate) async fn put_forward_to(&self, day: u16) -> Result<Timestamp, Gone> {
        let to = Timestamp::parse(CLOCK_START).unwrap().plus_days(day);
        self.set_clock(&json!({"to": to.to_string()})).await
    }

    async fn set_clock(&self, to: &Value) -> Result<Timestamp, Gone> {
        let admin = self.banner["tokens"]["admin"].as_str().unwrap();
        let request = self.http.post(self.url("/dev/clock")).bearer_auth(admin);
        let answer = request.header("content-type", "application/json").body(to.to_string()).send().await;
        let answer = answer.map_err(|_| Gone)?;
        assert!(answer.status().is_success(), "{}", answer.status());
        let shown: Value = serde_json::from_slice(&answer.bytes().await.map_err(|_| Gone)?).unwrap();
        Ok(Timestamp::parse(shown["now"].as_str().unwrap()).unwrap())
    }

    /// Starts the binary with failpoints, set off as `failpoints` says; the status if it ended before its banner.
    pub(crate) fn start_with(store: &Store, failpoints: &str) -> Result<Self, ExitStatus> {
        Self::spawn(store, process::with_failpoints(), Some(failpoints), &[])
    }

    /// Starts `binary`.
    pub(crate) fn spawn(
        store: &Store,
        binary: PathBuf,
        failpoints: Option<&str>,
        more: &[&str],
    ) -> Result<Self, ExitStatus> {
        Self::spawn_in(store, binary, failpoints, more, &[])
    }

    /// Starts `binary` with these variables in its environment.
    pub(crate) fn spawn_in(
        store: &Store,
        binary: PathBuf,
        failpoints: Option<&str>,
        more: &[&str],
        environment: &[(&str, &str)],
    ) -> Result<Self, ExitStatus> {
        let data = store.path();
        let arguments = ["dev", "--json", "--listen", "127.0.0.1:0", "--data", &data];
        let arguments: Vec<&str> = arguments.into_iter().chain(more.iter().copied()).collect();
        let mut command = process::command(binary, &arguments);
        let log = OpenOptions::new().create(true).append(true).open(store.log()).unwrap();
        command.stdout(Stdio::piped()).stderr(log).envs(environment.iter().copied());
        if let Some(failpoints) = failpoints {
            command.env("FAILPOINTS", failpoints);
        }
        let mut process = Owned(command.spawn().unwrap());
        let banner = first_line(process.0.stdout.take().unwrap());
        if banner.is_empty() {
            return Err(process.wait());
        }
        let http = reqwest::Client::builder().timeout(ANSWER_WITHIN).build().unwrap();
        Ok(Self { process, banner: serde_json::from_str(&banner).unwrap(), http, data })
    }

    /// The banner.
    pub(crate) fn banner(&self) -> &Value {
        &self.banner
    }

    /// The id of the process.
    pub(crate) fn id(&self) -> u32 {
        self.process.0.id()
    }

    /// Whoever holds the token of this role in the banner.
    pub(crate) fn persona(&self, role: &str) -> Caller {
        let token = self.banner["tokens"][role].as_str();
        self.bearer(token.unwrap_or_else(|| panic!("no token of {role}")))
    }

    /// Somebody else, with a token of the command line.
    pub(crate) fn person(&self, role: &str, name: &str) -> Caller {
        let arguments = ["token", "--data", &self.data, "--role", role, "--subject", name];
        let ended = run(&arguments);
        assert_eq!(ended.code, Some(0), "{ended:?}");
        self.bearer(ended.stdout.trim())
    }

    /// Nobody in particular.
    pub(crate) fn guest(&self) -> Caller {
        Caller::new(self.http.clone(), self.url("/graphql"), None)
    }

    /// Whoever sends this token.
    pub(crate) fn bearer(&self, token: &str) -> Caller {
        Caller::new(self.http.clone(), self.url("/graphql"), Some(token.to_owned()))
    }

    /// The client that the callers share.
    pub(crate) fn http(&self) -> &reqwest::Client {
        &self.http
    }

    /// An address of this node.
    pub(crate) fn url(&self, path: &str) -> String {
        let graphql = self.banner["graphql"].as_str().unwrap();
        format!("{}{path}", graphql.strip_suffix("/graphql").unwrap())
    }

    /// Asks it to end.
    pub(crate) fn terminate(&self) {
        self.process.terminate();
    }

    /// How it ended, once it has.
    pub(crate) fn ended(mut self) -> ExitStatus {
        self.process.wait()
    }

    /// Asks it to end and waits until it has.
    #[track_caller]
    pub(crate) fn stop(self) {
        self.terminate();
        let status = self.ended();
        assert!(status.success(), "{status}");
    }
}

/// The first line; empty if there is none. What follows is read and dropped, so that nobody waits for a full pipe.
fn first_line(stdout: ChildStdout) -> String {
    let (banner, received) = mpsc::channel();
    thread::spawn(move || {
        let mut reader = BufReader::new(stdout);
        let mut line = String::new();
        let _ = reader.read_line(&mut line);
        let _ = banner.send(line);
        std::io::copy(&mut reader, &mut std::io::sink())
    });
    received.recv_timeout(BANNER_WITHIN).expect("a banner, or an end, within a minute")
}
