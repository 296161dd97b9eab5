//! The developer's commands: `cargo xtask test | check | golden | bench | sim | ci`.
//!
//! Each is a short list of cargo invocations, so that a laptop and CI do the same thing. Nothing outside the standard
//! library is used: this program is compiled before anything else can be.

mod binary;
mod check;
mod diff;
mod golden;
mod process;
mod test;
mod tools;

use std::process::ExitCode;
use std::time::Instant;

use process::{Failure, Outcome};

/// One developer command: what is typed, what it does, and the function that does it with the remaining arguments.
struct Task {
    name: &'static str,
    about: &'static str,
    run: fn(&[String]) -> Outcome,
}

const TASKS: &[Task] = &[
    Task { name: "test", about: "run every test; further arguments go to `cargo test`", run: test::run },
    Task { name: "check", about: "format, lints and documentation, without a warning", run: check::run },
    Task {
        name: "golden",
        about: "compare committed generated files with what the code makes (--update writes them)",
        run: golden::run,
    },
    Task {
        name: "bench",
        about: "`counterfoil bench` in a release build; arguments are passed on",
        run: bench,
    },
    Task { name: "sim", about: "the simulator in a release build; arguments are passed on", run: sim },
    Task { name: "ci", about: "check, golden and test, as a commit must pass them", run: ci },
];

/// What `ci` does, in the order in which a mistake is cheapest to find.
const CI_STEPS: &[&str] = &["check", "golden", "test"];

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let outcome = match arguments.split_first() {
        Some((name, rest)) => run_task(name, rest),
        None => Err(Failure::Usage("a command is needed".to_owned())),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure::Usage(reason)) => {
            eprintln!("error: {reason}\n\n{}", usage());
            ExitCode::from(2)
        }
        Err(Failure::Step(reason)) => {
            eprintln!("error: {reason}");
            ExitCode::FAILURE
        }
    }
}

fn run_task(name: &str, arguments: &[String]) -> Outcome {
    match TASKS.iter().find(|task| task.name == name) {
        Some(task) => (task.run)(arguments),
        None => Err(Failure::Usage(format!("there is no command `{name}`"))),
    }
}

fn usage() -> String {
    let rows = TASKS.iter().map(|task| format!("  {:<8}{}\n", task.name, task.about));
    format!("usage: cargo xtask COMMAND [ARGUMENTS]\n\n{}", rows.collect::<String>())
}

fn bench(arguments: &[String]) -> Outcome {
    let mut command = process::cargo(&["run", "--release", "--package", "counterfoil", "--", "bench"]);
    process::run(command.args(arguments))
}

fn sim(arguments: &[String]) -> Outcome {
    let mut command = process::cargo(&["run", "--release", "--package", "simulator", "--"]);
    process::run(command.args(arguments))
}

fn ci(arguments: &[String]) -> Outcome {
    process::no_arguments("ci", arguments)?;
    let started = Instant::now();
    for step in CI_STEPS {
        let step_started = Instant::now();
        println!("==> {step}");
        run_task(step, &[])?;
        println!("==> {step} passed in {:.1} s", step_started.elapsed().as_secs_f64());
    }
    println!("==> ci passed in {:.1} s", started.elapsed().as_secs_f64());
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_command_is_a_usage_error() {
        assert!(matches!(run_task("deploy", &[]), Err(Failure::Usage(_))));
    }

    #[test]
    fn usage_names_every_command() {
        let text = usage();
        assert!(TASKS.iter().all(|task| text.contains(task.name)), "{text}");
    }

    #[test]
    fn every_step_of_ci_is_a_command() {
        assert!(CI_STEPS.iter().all(|step| TASKS.iter().any(|task| task.name == *step)));
    }
}
