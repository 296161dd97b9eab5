//! Documents that must stay true: what `ARCHITECTURE.md` and `CONTRIBUTING.md` name exists, and `README.md` gives the
//! commands that a newcomer types.

use std::collections::BTreeSet;

use crate::assert_clean;
use crate::tokens::{functions, parse};
use crate::tree::{FILES, Files, ending, made_up};

const ARCHITECTURE: &str = "ARCHITECTURE.md";
const ARCHITECTURE_LINES_MAX: usize = 300;

const CONTRIBUTING: &str = "CONTRIBUTING.md";
const CONTRIBUTING_LINES_MAX: usize = 120;

/// What a newcomer types first, and what a contributor does.
const README_COMMANDS: &[&str] = &["cargo run --release -- dev --demo", "cargo xtask test"];

/// Names ending so are files even without a `/`.
const FILE_ENDINGS: &[&str] = &[".rs", ".md", ".toml", ".sql"];

/// Paths and functions that the document names and the tree lacks, and lines beyond `lines_max`.
fn untrue(document: &str, lines_max: usize, files: &Files) -> Vec<String> {
    let Some(text) = files.get(document) else {
        return vec![format!("{document} does not exist")];
    };
    let mut found = Vec::new();
    let lines = text.lines().count();
    if lines > lines_max {
        found.push(format!("{document}: {lines} lines, at most {lines_max}"));
    }
    let declared: BTreeSet<String> = ending(files, ".rs")
        .flat_map(|(path, source)| functions(&parse(path, source)))
        .map(|function| function.name)
        .collect();
    for (line, code) in inline_code(text) {
        if let Some(name) = code.strip_suffix("()") {
            let name = name.rsplit("::").next().unwrap_or(name);
            if !declared.contains(name) {
                found.push(format!("{document}:{line}: there is no function `{name}`"));
            }
        } else if is_path(code) && !exists(files, code) {
            found.push(format!("{document}:{line}: there is no file or directory `{code}`"));
        }
    }
    found
}

/// What stands in single backticks outside fenced blocks, with its line.
fn inline_code(text: &str) -> Vec<(usize, &str)> {
    let mut fenced = false;
    let mut found = Vec::new();
    for (index, line) in text.lines().enumerate() {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
        } else if !fenced {
            found.extend(line.split('`').skip(1).step_by(2).map(|code| (index + 1, code)));
        }
    }
    found
}

/// Routes begin with a slash, patterns have a placeholder in angles, commands have spaces: none of them is a path here.
fn is_path(code: &str) -> bool {
    let looks_so = code.contains('/') || FILE_ENDINGS.iter().any(|ending| code.ends_with(ending));
    looks_so && !code.starts_with('/') && !code.contains("://") && !code.contains([' ', '<'])
}

fn exists(files: &Files, path: &str) -> bool {
    let path = path.trim_end_matches('/');
    let directory = format!("{path}/");
    files.contains_key(path) || files.keys().any(|file| file.starts_with(&directory))
}

fn missing_commands(files: &Files) -> Vec<String> {
    let Some(text) = files.get("README.md") else {
        return vec!["README.md does not exist".to_owned()];
    };
    let missing = README_COMMANDS.iter().filter(|command| !text.contains(**command));
    missing.map(|command| format!("README.md does not give the command `{command}`")).collect()
}

#[test]
fn what_the_architecture_names_exists() {
    assert_clean(&untrue(ARCHITECTURE, ARCHITECTURE_LINES_MAX, &FILES));
}

#[test]
fn what_the_guide_for_contributors_names_exists() {
    assert_clean(&untrue(CONTRIBUTING, CONTRIBUTING_LINES_MAX, &FILES));
}

#[test]
fn the_readme_gives_the_commands_to_run_and_to_test() {
    assert_clean(&missing_commands(&FILES));
}

#[test]
fn an_absent_architecture_is_found() {
    assert_eq!(untrue(ARCHITECTURE, 300, &made_up(&[])), ["ARCHITECTURE.md does not exist"]);
}

#[test]
fn an_architecture_of_one_line_too_many_is_found() {
    let found = untrue(ARCHITECTURE, 300, &made_up(&[(ARCHITECTURE, &"\n".repeat(301))]));
    assert_eq!(found, ["ARCHITECTURE.md: 301 lines, at most 300"]);
}

#[test]
fn a_path_or_a_test_that_does_not_exist_is_found() {
    let text = "`crates/a/src/gone.rs` and `gone.md`\n\nheld by `a::tests::books_close()` or `tests/a` `books_burn()`\n";
    let files = made_up(&[
        (ARCHITECTURE, text),
        ("tests/a/main.rs", "#[test] fn books_close() {} // fn books_burn() {}"),
    ]);
    assert_eq!(
        untrue(ARCHITECTURE, 300, &files),
        [
            "ARCHITECTURE.md:1: there is no file or directory `crates/a/src/gone.rs`",
            "ARCHITECTURE.md:1: there is no file or directory `gone.md`",
            "ARCHITECTURE.md:3: there is no function `books_burn`",
        ]
    );
}

#[test]
fn routes_patterns_commands_and_fenced_blocks_are_no_paths() {
    let text =
        "`/graphql`, `job/<id>`, `cargo run -- a/b`, `https://a/b`\n```text\nsee `gone/away.rs`\n```\n";
    assert_clean(&untrue(ARCHITECTURE, 300, &made_up(&[(ARCHITECTURE, text)])));
}

#[test]
fn a_readme_without_a_command_is_found() {
    let files = made_up(&[("README.md", "Run `cargo run --release -- dev --demo`.")]);
    assert_eq!(missing_commands(&files), ["README.md does not give the command `cargo xtask test`"]);
}
