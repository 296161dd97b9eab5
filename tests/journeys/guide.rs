//! The guide: its console blocks are run in one shell, as a newcomer would, against a demo of its own.

use crate::node::{Node, Store};
use crate::process::{self, plain};
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, Instant};

const GUIDE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/guide.md");
/// Where the guide's reader finds the demo.
const ADDRESS: &str = "127.0.0.1:8080";
/// What is printed after each command.
const END: &str = "end of command";
/// How long a command may take.
const ANSWER_WITHIN: Duration = Duration::from_mins(1);
/// Read models and the provider follow; what they don't show yet is asked for again, for as long as this.
const FOLLOW_WITHIN: Duration = Duration::from_secs(20);
const PAUSE: Duration = Duration::from_millis(100);

#[test]
fn the_guide_says_what_is_printed() {
    let store = Store::new();
    let demo = ["--demo", "--seed", "1", "--clock-start", "2030-01-01T00:00:00Z"];
    let node = Node::spawn(&store, plain(), None, &demo).unwrap();
    let address = node.url("").trim_start_matches("http://").to_owned();
    let folder = tempfile::tempdir().unwrap();
    std::os::unix::fs::symlink(store.data(), folder.path().join("counterfoil-dev")).unwrap();
    std::os::unix::fs::symlink(plain(), folder.path().join("counterfoil")).unwrap();
    let mut shell = Shell::open(folder.path());
    let guide = fs::read_to_string(GUIDE).unwrap();
    let examples = examples(&guide);
    assert!(examples.len() > 10, "the guide has examples: {}", examples.len());
    for Example { command, expected } in examples {
        let command = command.replace(ADDRESS, &address);
        let started = Instant::now();
        loop {
            let printed = shell.run(&command);
            if fits(&expected, &printed) {
                break;
            }
            let late = started.elapsed() > FOLLOW_WITHIN;
            assert!(
                !late,
                "$ {command}\n\nexpected:\n{}\n\nprinted:\n{}",
                expected.join("\n"),
                printed.join("\n")
            );
            thread::sleep(PAUSE);
        }
    }
}

#[test]
fn patterns_stand_for_parts_of_lines_and_for_lines() {
    let fits = |expected: &[&str], printed: &[&str]| {
        let own = |lines: &[&str]| lines.iter().map(|line| (*line).to_owned()).collect::<Vec<_>>();
        self::fits(&own(expected), &own(printed))
    };
    assert!(fits(&["a [..] c"], &["a b c"]) && fits(&["[..]"], &["anything"]) && fits(&["a[..]"], &["a"]));
    assert!(!fits(&["a [..] c"], &["a b d"]) && !fits(&["a"], &["a", "b"]) && !fits(&["a[..]"], &["ba"]));
    assert!(fits(&["a", "...", "d"], &["a", "b", "c", "d"]) && fits(&["a", "..."], &["a"]));
    assert!(!fits(&["a", "...", "d"], &["a", "b"]) && !fits(&["[..]b[..]b"], &["ab"]));
}

/// A command of the guide, and what it prints.
struct Example {
    command: String,
    expected: Vec<String>,
}

/// The commands of all console blocks.
fn examples(guide: &str) -> Vec<Example> {
    let mut examples: Vec<Example> = Vec::new();
    let mut inside = false;
    for line in guide.lines() {
        if line.starts_with("```") {
            inside = line == "```console";
        } else if inside {
            match (line.strip_prefix("$ "), examples.last_mut()) {
                (Some(command), _) => {
                    examples.push(Example { command: command.to_owned(), expected: Vec::new() });
                }
                (None, Some(example)) => example.expected.push(line.to_owned()),
                (None, None) => panic!("a block begins with a command: {line}"),
            }
        }
    }
    examples
}

/// Whether `printed` is what is expected, where `...` is any number of lines.
fn fits(expected: &[String], printed: &[String]) -> bool {
    match expected.split_first() {
        None => printed.is_empty(),
        Some((first, rest)) if first == "..." => {
            (0..=printed.len()).any(|skipped| fits(rest, &printed[skipped..]))
        }
        Some((first, rest)) => {
            printed.split_first().is_some_and(|(line, others)| line_fits(first, line) && fits(rest, others))
        }
    }
}

/// Whether a line is what is expected, where `[..]` is any text.
fn line_fits(expected: &str, line: &str) -> bool {
    match expected.split_once("[..]") {
        None => expected == line,
        Some((before, after)) => line.strip_prefix(before).is_some_and(|rest| {
            rest.char_indices().map(|(at, _)| at).chain([rest.len()]).any(|at| line_fits(after, &rest[at..]))
        }),
    }
}

/// A shell that stays open from command to command. Dropped, it ends.
struct Shell {
    process: Child,
    input: ChildStdin,
    lines: Receiver<String>,
}

impl Shell {
    /// A shell in `folder`, which is the first place where it looks for commands.
    fn open(folder: &Path) -> Self {
        let path = format!("{}:{}", folder.display(), std::env::var("PATH").unwrap());
        let mut command: Command = process::command("/bin/sh".into(), &[]);
        command.current_dir(folder).env("PATH", path).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut process = command.spawn().unwrap();
        let (output, input) = (process.stdout.take().unwrap(), process.stdin.take().unwrap());
        let (told, lines) = mpsc::channel();
        thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                if told.send(line).is_err() {
                    break;
                }
            }
        });
        let mut shell = Self { process, input, lines };
        assert!(shell.run("exec 2>&1").is_empty());
        shell
    }

    /// What `command` prints.
    fn run(&mut self, command: &str) -> Vec<String> {
        writeln!(self.input, "{command}\necho '{END}'").unwrap();
        let line = || self.lines.recv_timeout(ANSWER_WITHIN).unwrap_or_else(|_| panic!("no end: {command}"));
        std::iter::repeat_with(line).take_while(|line| line != END).collect()
    }
}

impl Drop for Shell {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
