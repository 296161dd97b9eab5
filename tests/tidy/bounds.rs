//! How long a file and a function may be, and how many arguments a function may take. The bounds are absolute.

use crate::assert_clean;
use crate::tokens::{functions, modules, parse};
use crate::tree::{FILES, Files, ending, made_up};

/// Lines of a file outside its `#[cfg(test)]` modules. A file that is all tests counts whole.
const FILE_LINES_MAX: usize = 500;

/// Lines of a function, from its keyword to its closing brace.
const FUNCTION_LINES_MAX: usize = 60;

/// Arguments of a function other than `self`.
const FUNCTION_ARGUMENTS_MAX: usize = 5;

/// Where test modules are what the file is for.
const TEST_DIRECTORIES: &[&str] = &["tests/", "crates/testkit/"];

fn long_files(files: &Files) -> Vec<String> {
    let lines = ending(files, ".rs").map(|(path, source)| (path, counted_lines(path, source)));
    let long = lines.filter(|(_, lines)| *lines > FILE_LINES_MAX);
    long.map(|(path, lines)| format!("{path}: {lines} lines, at most {FILE_LINES_MAX}")).collect()
}

fn counted_lines(path: &str, source: &str) -> usize {
    let all = source.lines().count();
    if TEST_DIRECTORIES.iter().any(|directory| path.starts_with(directory)) {
        return all;
    }
    let modules = modules(&parse(path, source));
    let tests = modules.into_iter().filter(|module| module.test).map(|module| module.lines.count());
    all - tests.sum::<usize>()
}

fn long_functions(files: &Files) -> Vec<String> {
    let mut found = Vec::new();
    for (path, source) in ending(files, ".rs") {
        for function in functions(&parse(path, source)) {
            let place = format!("{path}:{}: {}", function.line, function.name);
            if function.lines > FUNCTION_LINES_MAX {
                found.push(format!("{place} has {} lines, at most {FUNCTION_LINES_MAX}", function.lines));
            }
            if function.arguments > FUNCTION_ARGUMENTS_MAX {
                found.push(format!(
                    "{place} takes {} arguments, at most {FUNCTION_ARGUMENTS_MAX}",
                    function.arguments
                ));
            }
        }
    }
    found
}

#[test]
fn no_file_is_longer_than_the_bound() {
    assert_clean(&long_files(&FILES));
}

#[test]
fn no_function_is_longer_or_takes_more_than_the_bounds() {
    assert_clean(&long_functions(&FILES));
}

#[test]
fn a_file_of_one_line_too_many_is_found() {
    let files =
        made_up(&[("crates/a/src/lib.rs", &"//\n".repeat(501)), ("crates/a/src/b.rs", &"//\n".repeat(500))]);
    assert_eq!(long_files(&files), ["crates/a/src/lib.rs: 501 lines, at most 500"]);
}

#[test]
fn lines_of_test_modules_count_only_where_a_file_is_all_tests() {
    let source = format!("fn f() {{}}\n#[cfg(test)]\nmod tests {{\n{}}}\n", "//\n".repeat(600));
    let files = made_up(&[("crates/a/src/lib.rs", &source), ("crates/testkit/src/lib.rs", &source)]);
    assert_eq!(long_files(&files), ["crates/testkit/src/lib.rs: 604 lines, at most 500"]);
}

#[test]
fn a_function_of_one_line_too_many_is_found() {
    let function = |name: &str, body: usize| format!("fn {name}() {{\n{}}}\n", "    f();\n".repeat(body));
    let source = function("long", 59) + &function("just", 58);
    let found = long_functions(&made_up(&[("crates/a/src/lib.rs", &source)]));
    assert_eq!(found, ["crates/a/src/lib.rs:1: long has 61 lines, at most 60"]);
}

#[test]
fn a_function_of_one_argument_too_many_is_found() {
    let source = "impl A { fn many(a: A, b: A, c: A, d: A, e: A, f: A) {} fn just(&self, a: A, b: A, c: A, d: A, e: A) {} }";
    let found = long_functions(&made_up(&[("crates/a/src/lib.rs", source)]));
    assert_eq!(found, ["crates/a/src/lib.rs:1: many takes 6 arguments, at most 5"]);
}
