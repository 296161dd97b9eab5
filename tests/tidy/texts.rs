//! What must not be left in the tree: paths of one machine, unfinished code, tests that are skipped or named by habit.

use crate::assert_clean;
use crate::tokens::{attributes, functions, macro_calls, parse, words};
use crate::tree::{FILES, Files, ending, made_up};

/// Directories in which only one machine keeps its files. They are spelt in two parts so as not to be found here.
const MACHINE_DIRECTORIES: &[&str] = &[concat!("/", "home/"), concat!("/", "root/"), concat!("/", "work/")];

/// Macros that mark code as unfinished.
const UNFINISHED_MACROS: &[&str] = &["todo", "unimplemented", "dbg"];

fn machine_paths(files: &Files) -> Vec<String> {
    let mut found = Vec::new();
    for (path, text) in files {
        for (index, line) in text.lines().enumerate() {
            for directory in MACHINE_DIRECTORIES {
                if line.match_indices(directory).any(|(at, _)| begins_path(&line[..at])) {
                    found.push(format!("{path}:{}: a path of one machine, under {directory}", index + 1));
                }
            }
        }
    }
    found
}

/// Whether a path may begin after this text; in `crates/work/` the slash is in the middle of one.
fn begins_path(before: &str) -> bool {
    !before.ends_with(|last: char| last.is_alphanumeric() || "_-.})>*".contains(last))
}

fn unfinished_code(files: &Files) -> Vec<String> {
    let mut found = Vec::new();
    for (path, source) in ending(files, ".rs") {
        let calls = macro_calls(&parse(path, source)).into_iter();
        let unfinished = calls.filter(|call| UNFINISHED_MACROS.contains(&call.name.as_str()));
        found.extend(unfinished.map(|call| format!("{path}:{}: {}!", call.line, call.name)));
    }
    found
}

fn named_by_habit(files: &Files) -> Vec<String> {
    let mut found = Vec::new();
    for (path, source) in ending(files, ".rs") {
        let prefixed =
            functions(&parse(path, source)).into_iter().filter(|function| function.name.starts_with("test_"));
        found.extend(prefixed.map(|function| {
            format!("{path}:{}: {} should say what behaviour it is about", function.line, function.name)
        }));
    }
    found
}

fn skipped_tests(files: &Files) -> Vec<String> {
    let mut found = Vec::new();
    for (path, source) in ending(files, ".rs") {
        let ignoring = attributes(&parse(path, source)).into_iter().filter(|(_, content)| {
            let words = words(content);
            words.first().is_some_and(|first| first == "ignore" || first == "cfg_attr")
                && words.iter().any(|word| word == "ignore")
        });
        found.extend(ignoring.map(|(line, _)| format!("{path}:{line}: a test is skipped")));
    }
    found
}

#[test]
fn no_file_names_a_path_of_one_machine() {
    assert_clean(&machine_paths(&FILES));
}

#[test]
fn no_code_is_left_unfinished() {
    assert_clean(&unfinished_code(&FILES));
}

#[test]
fn tests_are_named_for_behaviour() {
    assert_clean(&named_by_habit(&FILES));
}

#[test]
fn no_test_is_skipped() {
    assert_clean(&skipped_tests(&FILES));
}

#[test]
fn a_path_of_one_machine_is_found_wherever_it_stands() {
    for directory in MACHINE_DIRECTORIES {
        let text = format!(
            "{directory}a\nat `{directory}a`\nfile://{directory}a\nhttps://host{directory}a crates{directory}a\n"
        );
        assert_eq!(machine_paths(&made_up(&[("README.md", &text)])).len(), 3, "{directory}");
    }
}

#[test]
fn unfinished_code_is_found_but_not_talk_of_it() {
    let source = "// todo!()\nfn f() { let a = \"dbg!(1)\"; if a { todo!() } else { vec![dbg!(1)] } }";
    let found = unfinished_code(&made_up(&[("crates/a/src/lib.rs", source)]));
    assert_eq!(found, ["crates/a/src/lib.rs:2: todo!", "crates/a/src/lib.rs:2: dbg!"]);
}

#[test]
fn a_test_named_by_habit_is_found() {
    let files = made_up(&[("tests/a/main.rs", "#[test] fn test_it() {} #[test] fn it_tests() {}")]);
    assert_eq!(named_by_habit(&files), ["tests/a/main.rs:1: test_it should say what behaviour it is about"]);
}

#[test]
fn a_skipped_test_is_found_in_each_spelling() {
    let source = "#[test]\n#[ignore]\nfn a() {}\n#[ignore = \"slow\"]\nfn b() {}\n#[cfg_attr(unix, ignore)]\nfn c() {}";
    assert_eq!(skipped_tests(&made_up(&[("tests/a/main.rs", source)])).len(), 3);
}
