//! `cargo xtask test`: the binaries and tools that the suites start, then every test.

use crate::binary;
use crate::process::{self, Outcome, cargo};
use crate::tools;

/// Names the plain binary to the suites.
const BINARY_VARIABLE: &str = "COUNTERFOIL_BIN";

/// Names the binary with failpoints to the suites.
const FAILPOINTS_VARIABLE: &str = "COUNTERFOIL_FAILPOINTS_BIN";

/// Packages with tests that start the binary.
const PACKAGES_WITH_BINARY: &[&str] = &["tests", "counterfoil"];

/// Packages with tests that start other people's tools.
const PACKAGES_WITH_TOOLS: &[&str] = &["tests", SIMULATOR];

/// The package whose controls plant defects in the rules.
const SIMULATOR: &str = "simulator";

/// Runs `cargo test` on the workspace, or on the packages that the arguments choose.
pub(crate) fn run(arguments: &[String]) -> Outcome {
    let packages = chosen_packages(arguments);
    let mut command = cargo(&["test"]);
    if packages.is_empty() {
        command.arg("--workspace");
    }
    if packages.is_empty() || packages.iter().any(|package| PACKAGES_WITH_BINARY.contains(package)) {
        command.env(FAILPOINTS_VARIABLE, binary::with_failpoints()?);
        command.env(BINARY_VARIABLE, binary::plain()?);
    }
    if packages.is_empty() || packages.iter().any(|package| PACKAGES_WITH_TOOLS.contains(package)) {
        command.envs(tools::ready()?);
    }
    process::run(command.args(arguments))?;
    if packages.is_empty() || packages.contains(&SIMULATOR) {
        // Defects are compiled into the rules for this alone, never into what the other suites test.
        process::run(&mut cargo(&[
            "test",
            "--package",
            SIMULATOR,
            "--features",
            "sabotage",
            "--",
            "controls",
        ]))?;
    }
    Ok(())
}

/// The packages named by `-p NAME`, `--package NAME` and `--package=NAME`, up to the `--` before a harness's arguments.
fn chosen_packages(arguments: &[String]) -> Vec<&str> {
    let mut own = arguments.iter().map(String::as_str).take_while(|argument| *argument != "--");

    let mut packages = Vec::new();
    while let Some(argument) = own.next() {
        if matches!(argument, "-p" | "--package") {
            packages.extend(own.next());
        } else {
            packages.extend(argument.strip_prefix("--package="));
        }
    }
    packages
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &str) -> Vec<String> {
        line.split_whitespace().map(str::to_owned).collect()
    }

    #[test]
    fn packages_are_recognised_in_each_spelling() {
        assert_eq!(
            chosen_packages(&words("-p domain --package api --package=audit")),
            ["domain", "api", "audit"]
        );
    }

    #[test]
    fn without_a_package_the_whole_workspace_is_chosen() {
        assert!(chosen_packages(&words("--test journeys -- -p domain")).is_empty());
    }
}
