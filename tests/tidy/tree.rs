//! The tree as the checks see it: every file's text by its path, and what Cargo says about the packages.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::LazyLock;

use serde_json::Value;
use walkdir::{DirEntry, WalkDir};

/// File texts by path relative to the workspace's root, with `/` between the parts. Bytes that are not UTF-8 are
/// replaced, since only texts are judged by their content.
pub(crate) type Files = BTreeMap<String, String>;

/// Every file that is not ignored by git's root ignore file.
pub(crate) static FILES: LazyLock<Files> = LazyLock::new(|| {
    let ignored = fs::read_to_string(root().join(".gitignore")).expect("the root has a .gitignore");
    let ignored: Vec<&str> = ignored.lines().filter_map(|line| line.strip_prefix('/')).collect();
    let kept = |entry: &DirEntry| {
        let path = relative(entry.path());
        path != ".git" && !ignored.contains(&path.as_str())
    };
    let entries = WalkDir::new(root()).into_iter().filter_entry(kept);
    let files = entries
        .map(|entry| entry.expect("the tree can be walked"))
        .filter(|entry| entry.file_type().is_file());
    // A file may vanish between being listed and being read, as an editor's temporary file does.
    let read = |entry: DirEntry| Some((relative(entry.path()), fs::read(entry.path()).ok()?));
    files.filter_map(read).map(|(path, bytes)| (path, String::from_utf8_lossy(&bytes).into_owned())).collect()
});

/// What `cargo metadata` says about the graph that is compiled on 64-bit Linux.
///
/// It is read as plain JSON: the crate that types it would turn on a feature of serde_json for every crate of ours,
/// and have each compiled twice, once for the binary and once for the tests.
pub(crate) static METADATA: LazyLock<Value> = LazyLock::new(|| {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--filter-platform", "x86_64-unknown-linux-gnu"])
        .current_dir(root())
        .output()
        .expect("cargo can be run");
    assert!(output.status.success(), "cargo metadata: {}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).expect("cargo metadata prints JSON")
});

/// The packages of the workspace, as Cargo's metadata describes them.
pub(crate) fn members(metadata: &Value) -> Vec<&Value> {
    let ids = list(&metadata["workspace_members"]);
    list(&metadata["packages"]).iter().filter(|package| ids.contains(&package["id"])).collect()
}

/// The elements of a JSON array that has to be there.
pub(crate) fn list(value: &Value) -> &[Value] {
    value.as_array().expect("cargo metadata has an array here")
}

/// A JSON string that has to be there.
pub(crate) fn text(value: &Value) -> &str {
    value.as_str().expect("cargo metadata has a string here")
}

/// The path relative to the workspace's root, in the form of the keys of [`Files`].
pub(crate) fn relative(path: &Path) -> String {
    let path = path.strip_prefix(root()).expect("the path lies in the workspace");
    path.iter().map(|part| part.to_string_lossy()).collect::<Vec<_>>().join("/")
}

/// The files whose names end in `suffix`.
pub(crate) fn ending<'a>(files: &'a Files, suffix: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
    files
        .iter()
        .filter(move |(path, _)| path.ends_with(suffix))
        .map(|(path, text)| (path.as_str(), text.as_str()))
}

/// A made-up tree for a negative control.
pub(crate) fn made_up(files: &[(&str, &str)]) -> Files {
    files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect()
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the package lies in the workspace")
}
