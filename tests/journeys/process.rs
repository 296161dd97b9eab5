//! The binary, run to its end or as a child that is ended by whoever started it.

use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

/// How long a child may take to end once it was told to, or has told us that it will.
const END_WITHIN: Duration = Duration::from_secs(30);
const PAUSE: Duration = Duration::from_millis(5);

/// The binary as users get it.
pub(crate) fn plain() -> PathBuf {
    named("COUNTERFOIL_BIN")
}

/// The binary with failpoints compiled in.
pub(crate) fn with_failpoints() -> PathBuf {
    named("COUNTERFOIL_FAILPOINTS_BIN")
}

fn named(variable: &str) -> PathBuf {
    match std::env::var_os(variable) {
        Some(path) => PathBuf::from(path),
        None => panic!("{variable} names no binary: run cargo xtask test"),
    }
}

/// A command on the plain binary, blind to the settings of whoever runs the tests.
pub(crate) fn counterfoil(arguments: &[&str]) -> Command {
    command(plain(), arguments)
}

/// A command on `binary`.
pub(crate) fn command(binary: PathBuf, arguments: &[&str]) -> Command {
    let mut command = Command::new(binary);
    let settings = std::env::vars_os().map(|(name, _)| name);
    for name in settings.filter(|name| name.to_string_lossy().starts_with("COUNTERFOIL_")) {
        command.env_remove(name);
    }
    command.env_remove("FAILPOINTS").args(arguments).stdin(Stdio::null());
    command
}

/// What a command came to.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// Runs the plain binary to its end.
pub(crate) fn run(arguments: &[&str]) -> Ended {
    let output = counterfoil(arguments).output().unwrap();
    Ended {
        code: output.status.code(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

/// A child process. Dropped, it is killed: it and no other.
pub(crate) struct Owned(pub(crate) Child);

impl Owned {
    /// Waits for the child's end.
    pub(crate) fn wait(&mut self) -> ExitStatus {
        let started = Instant::now();
        loop {
            if let Some(status) = self.0.try_wait().unwrap() {
                return status;
            }
            assert!(started.elapsed() < END_WITHIN, "the process doesn't end: {}", self.0.id());
            std::thread::sleep(PAUSE);
        }
    }

    /// Asks the child to end.
    pub(crate) fn terminate(&self) {
        let id = self.0.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
    }
}

impl Drop for Owned {
    fn drop(&mut self) {
        // It may have ended already, and was waited for then; its id is still this child's.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
