//! `cargo xtask check`: format, lints and documentation.

use crate::process::{self, Outcome, cargo, no_arguments};

const DENY_WARNINGS: &[&str] = &["--", "-D", "warnings"];

/// Fails on the first difference in format or the first warning.
pub(crate) fn run(arguments: &[String]) -> Outcome {
    no_arguments("check", arguments)?;
    process::run(&mut cargo(&["fmt", "--all", "--check"]))?;
    process::run(cargo(&["clippy", "--workspace", "--all-targets"]).args(DENY_WARNINGS))?;
    // Code between failpoints is compiled only with them; see `binary::build` for why the whole workspace is named.
    let with_failpoints = ["--workspace", "--bin", "counterfoil", "--features", "counterfoil/failpoints"];
    process::run(cargo(&["clippy"]).args(with_failpoints).args(DENY_WARNINGS))?;
    process::run(cargo(&["doc", "--workspace", "--no-deps"]).env("RUSTDOCFLAGS", "-D warnings"))
}
