//! Running other programs from the workspace's root, and the two ways in which a task fails.

use std::ffi::OsStr;
use std::path::PathBuf;
use std::process::Command;

/// Why a task did not succeed.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The command line was wrong: the usage is shown and the exit code is 2.
    Usage(String),
    /// Something that was run failed, and has said why: the exit code is 1.
    Step(String),
}

/// What every task returns.
pub(crate) type Outcome = Result<(), Failure>;

/// The workspace's root directory.
pub(crate) fn root() -> PathBuf {
    let mut root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    root.pop();
    root
}

/// The cargo that started this program, about to run in the workspace's root.
pub(crate) fn cargo(arguments: &[&str]) -> Command {
    let program = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(program);
    command.args(arguments).current_dir(root());
    command
}

/// Shows the command and runs it to its end, sharing this program's terminal.
pub(crate) fn run(command: &mut Command) -> Outcome {
    let line = shown(command);
    eprintln!("$ {line}");
    match command.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(Failure::Step(format!("`{line}` failed ({status})"))),
        Err(error) => Err(Failure::Step(format!("`{line}` could not be started: {error}"))),
    }
}

/// What the command prints on standard output; its standard error goes to this program's.
pub(crate) fn output(command: &mut Command) -> Result<String, Failure> {
    let line = shown(command);
    let output = command
        .stderr(std::process::Stdio::inherit())
        .output()
        .map_err(|error| Failure::Step(format!("`{line}` could not be started: {error}")))?;
    if !output.status.success() {
        return Err(Failure::Step(format!("`{line}` failed ({})", output.status)));
    }
    String::from_utf8(output.stdout)
        .map_err(|error| Failure::Step(format!("`{line}` printed other than UTF-8: {error}")))
}

/// Refuses arguments to a task that takes none.
pub(crate) fn no_arguments(task: &str, arguments: &[String]) -> Outcome {
    match arguments.first() {
        Some(argument) => Err(Failure::Usage(format!("`{task}` takes no arguments, not `{argument}`"))),
        None => Ok(()),
    }
}

/// The command as a person would type it: the program's name, not its path, and its arguments.
fn shown(command: &Command) -> String {
    let program = PathBuf::from(command.get_program());
    let name = program.file_stem().unwrap_or(program.as_os_str()).to_owned();
    let words = std::iter::once(name.as_os_str()).chain(command.get_args());
    words.map(OsStr::to_string_lossy).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_shown_as_it_would_be_typed() {
        assert_eq!(
            shown(Command::new("/opt/rust/bin/cargo").args(["test", "--workspace"])),
            "cargo test --workspace"
        );
    }

    #[test]
    fn a_program_that_is_not_installed_fails_the_step() {
        assert!(matches!(run(&mut Command::new("counterfoil-no-such-program")), Err(Failure::Step(_))));
    }

    #[test]
    fn an_argument_that_nobody_reads_is_a_usage_error() {
        assert!(matches!(no_arguments("ci", &["--fast".to_owned()]), Err(Failure::Usage(_))));
    }
}
