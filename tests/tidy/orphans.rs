//! Files that nothing uses: a source that no `mod` reaches, and a text that no `include_str!` names.

use std::collections::BTreeSet;
use std::path::Path;

use proc_macro2::{TokenStream, TokenTree};
use serde_json::Value;

use crate::assert_clean;
use crate::tokens::{is_mark, is_word, macro_calls, modules, parse, string_value, words};
use crate::tree::{FILES, Files, METADATA, ending, list, made_up, members, relative, text};

/// Where sources belong to a package's targets, so that each has to be reached from one of them.
const SOURCE_DIRECTORIES: &[&str] = &["crates/", "xtask/", "tests/"];

/// Which texts are of no use unless some source includes them: the beginning and the end of their paths.
const INCLUDED_TEXTS: &[(&str, &str)] =
    &[("crates/", ".sql"), ("schemas/", ".sql"), ("schemas/errors/", ".md")];

fn unreached_sources(files: &Files, roots: &[String]) -> Vec<String> {
    let mut reached: BTreeSet<String> = BTreeSet::new();
    let mut queue: Vec<(String, bool)> = roots.iter().map(|root| (root.clone(), true)).collect();
    while let Some((path, owns_directory)) = queue.pop() {
        let Some(source) = files.get(&path) else { continue };
        if reached.insert(path.clone()) {
            let directory = child_directory(&path, owns_directory);
            declared_files(&parse(&path, source), parent(&path), &directory, &mut queue);
        }
    }
    let sources = ending(files, ".rs").map(|(path, _)| path);
    let judged =
        sources.filter(|path| SOURCE_DIRECTORIES.iter().any(|directory| path.starts_with(directory)));
    judged
        .filter(|path| !reached.contains(*path))
        .map(|path| format!("{path}: no `mod` reaches it"))
        .collect()
}

/// Adds the files that the modules of `source` may be in, and whether each owns the directory that it lies in.
///
/// `beside` is the directory of the file, `directory` the one in which its modules have their files.
fn declared_files(source: &TokenStream, beside: &str, directory: &str, found: &mut Vec<(String, bool)>) {
    for module in modules(source) {
        match (module.body, module.path) {
            (Some(body), _) => {
                let inner = join(directory, &module.name);
                declared_files(&body, &inner, &inner, found);
            }
            (None, Some(path)) => found.push((join(beside, &path), true)),
            (None, None) => {
                found.push((join(directory, &format!("{}.rs", module.name)), false));
                found.push((join(directory, &format!("{}/mod.rs", module.name)), true));
            }
        }
    }
    // Modules declared inside a macro call belong to the level that the call stands on.
    for call in macro_calls(source) {
        if modules(&call.body).iter().any(|module| module.body.is_none()) {
            declared_files(&call.body, beside, directory, found);
        }
    }
}

/// A root or a `mod.rs` owns its directory; the modules of any other file lie in a directory of its name.
fn child_directory(path: &str, owns_directory: bool) -> String {
    if owns_directory { parent(path).to_owned() } else { path.trim_end_matches(".rs").to_owned() }
}

fn unincluded_texts(files: &Files) -> Vec<String> {
    let mut included = BTreeSet::new();
    for (path, source) in ending(files, ".rs") {
        let source = parse(path, source);
        for call in macro_calls(&source) {
            if matches!(call.name.as_str(), "include_str" | "include_bytes") {
                included.extend(included_paths(path, &call.body, &words(&source), files));
            }
        }
    }
    let judged = files.keys().filter(|path| {
        INCLUDED_TEXTS.iter().any(|(beginning, end)| path.starts_with(beginning) && path.ends_with(end))
    });
    judged
        .filter(|path| !included.contains(*path))
        .map(|path| format!("{path}: no `include_str!` names it"))
        .collect()
}

/// The files that one `include_str!` of the source at `path` may mean: several if a macro fills in part of the name, in
/// which case every word of that source may be what it is filled with.
fn included_paths(path: &str, argument: &TokenStream, words: &[String], files: &Files) -> Vec<String> {
    let mut pattern = String::new();
    let mut base = parent(path).to_owned();
    written_path(argument, &mut pattern);
    if let Some(rest) = pattern.strip_prefix(MANIFEST_DIRECTORY) {
        base = package_directory(path, files);
        pattern = rest.trim_start_matches('/').to_owned();
    }
    if !pattern.contains(HOLE) {
        return vec![join(&base, &pattern)];
    }
    words.iter().map(|word| join(&base, &pattern.replace(HOLE, word))).collect()
}

/// Stands in a pattern for what a macro fills in.
const HOLE: &str = "\u{0}";

/// Stands in a pattern for the directory of the package.
const MANIFEST_DIRECTORY: &str = "\u{1}";

fn written_path(argument: &TokenStream, pattern: &mut String) {
    let tokens: Vec<TokenTree> = argument.clone().into_iter().collect();
    for (index, token) in tokens.iter().enumerate() {
        match token {
            TokenTree::Literal(literal) => pattern.push_str(&string_value(literal).unwrap_or_default()),
            TokenTree::Punct(_) if is_mark(token, '$') => pattern.push_str(HOLE),
            TokenTree::Group(_) if index >= 2 && is_word(&tokens[index - 2], "env") => {
                pattern.push_str(MANIFEST_DIRECTORY);
            }
            TokenTree::Group(group) => written_path(&group.stream(), pattern),
            TokenTree::Punct(_) | TokenTree::Ident(_) => {}
        }
    }
}

fn package_directory(path: &str, files: &Files) -> String {
    let mut directories =
        std::iter::successors(Some(parent(path)), |inner| (!inner.is_empty()).then(|| parent(inner)));
    let package = directories.find(|directory| files.contains_key(&join(directory, "Cargo.toml")));
    package.unwrap_or_default().to_owned()
}

fn parent(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(directory, _)| directory)
}

/// The path `relative` as seen from `directory`, without `.` and `..`.
fn join(directory: &str, relative: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in directory.split('/').chain(relative.split('/')) {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            name => parts.push(name),
        }
    }
    parts.join("/")
}

/// The root file of every target of the workspace.
fn target_roots(metadata: &Value) -> Vec<String> {
    let targets = members(metadata).into_iter().flat_map(|package| list(&package["targets"]));
    targets.map(|target| relative(Path::new(text(&target["src_path"])))).collect()
}

#[test]
fn every_source_is_reached_from_a_target() {
    assert_clean(&unreached_sources(&FILES, &target_roots(&METADATA)));
}

#[test]
fn every_statement_file_and_error_page_is_included_by_a_source() {
    assert_clean(&unincluded_texts(&FILES));
}

#[test]
fn a_source_that_no_module_declares_is_found() {
    let files =
        made_up(&[("crates/a/src/lib.rs", "mod b;"), ("crates/a/src/b.rs", ""), ("crates/a/src/c.rs", "")]);
    let found = unreached_sources(&files, &["crates/a/src/lib.rs".to_owned()]);
    assert_eq!(found, ["crates/a/src/c.rs: no `mod` reaches it"]);
}

#[test]
fn a_module_mentioned_only_in_a_comment_or_a_string_is_not_declared() {
    let files = made_up(&[
        ("crates/a/src/lib.rs", "// mod b;\nconst B: &str = \"mod b;\";"),
        ("crates/a/src/b.rs", ""),
    ]);
    assert_eq!(unreached_sources(&files, &["crates/a/src/lib.rs".to_owned()]).len(), 1);
}

#[test]
fn every_way_of_declaring_a_module_reaches_its_file() {
    let files = made_up(&[
        (
            "crates/a/src/lib.rs",
            "pub mod job; mod inline { mod leaf; } #[path = \"odd/name.rs\"] mod named; all! { mod row; }",
        ),
        ("crates/a/src/job/mod.rs", "mod event;"),
        ("crates/a/src/job/event.rs", "mod group;"),
        ("crates/a/src/job/event/group.rs", ""),
        ("crates/a/src/inline/leaf.rs", ""),
        ("crates/a/src/odd/name.rs", "mod sibling;"),
        ("crates/a/src/odd/sibling.rs", ""),
        ("crates/a/src/row.rs", ""),
    ]);
    assert_clean(&unreached_sources(&files, &["crates/a/src/lib.rs".to_owned()]));
}

#[test]
fn a_text_that_nothing_includes_is_found() {
    let files = made_up(&[
        (
            "crates/a/src/lib.rs",
            "const S: &str = include_str!(\"../sql/used.sql\"); // include_str!(\"../sql/unused.sql\")",
        ),
        ("crates/a/sql/used.sql", ""),
        ("crates/a/sql/unused.sql", ""),
        ("schemas/errors/CODE.md", ""),
    ]);
    let found = ["crates/a/sql/unused.sql", "schemas/errors/CODE.md"]
        .map(|path| format!("{path}: no `include_str!` names it"));
    assert_eq!(unincluded_texts(&files), found);
}

#[test]
fn a_text_whose_name_a_macro_completes_is_included_only_if_the_name_is_written_there() {
    let source = "macro_rules! page { ($code:literal) => {
        include_str!(concat!(env!(\"CARGO_MANIFEST_DIR\"), \"/../../schemas/errors/\", $code, \".md\")) } }
        const PAGES: &[&str] = &[page!(\"USED\")];";
    let files = made_up(&[
        ("crates/a/Cargo.toml", ""),
        ("crates/a/src/page/mod.rs", source),
        ("schemas/errors/USED.md", ""),
        ("schemas/errors/UNUSED.md", ""),
    ]);
    assert_eq!(unincluded_texts(&files), ["schemas/errors/UNUSED.md: no `include_str!` names it"]);
}
