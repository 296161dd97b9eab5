//! The policy in a file: told what is wrong with it, and published once.

use crate::node::{Node, Store};
use crate::process::{plain, run};
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// What a node logs of each key that a published policy changes.
const TOLD: &str = "a new version of the policy is in force";

/// A file with the default policy, one text of it replaced.
fn policy(directory: &TempDir, old: &str, new: &str) -> PathBuf {
    let printed = run(&["policy", "print"]);
    assert_eq!((printed.code, printed.stdout.matches(old).count()), (Some(0), 1), "{old}");
    let file = directory.path().join("policy.toml");
    std::fs::write(&file, printed.stdout.replace(old, new)).unwrap();
    file
}

fn check(file: &Path) -> (Option<i32>, String) {
    let ended = run(&["policy", "check", file.to_str().unwrap()]);
    (ended.code, ended.stdout)
}

#[test]
fn a_file_is_checked_before_anybody_lives_by_it() {
    let directory = tempfile::tempdir().unwrap();
    let (code, told) = check(&policy(&directory, "review_days = 14", "review_days = 14"));
    assert_eq!(code, Some(0), "{told}");
    assert!(told.ends_with("policy.toml is the default policy\n"), "{told}");
    let (code, told) = check(&policy(&directory, "review_days = 14", "review_days = 10"));
    assert_eq!(code, Some(0), "{told}");
    assert!(told.ends_with("differs from the default in\n  windows.review_days: 14 → 10\n"), "{told}");
    let (code, told) = check(&policy(&directory, "review_days = 14", "reveiw_days = 10"));
    assert_eq!(code, Some(1), "{told}");
    assert!(
        told.contains("windows.reveiw_days: there is no such key; did you mean windows.review_days?"),
        "{told}"
    );
    assert_eq!(check(&directory.path().join("absent.toml")).0, Some(2));
}

#[test]
fn a_policy_that_differs_is_published_once_and_told() {
    let directory = tempfile::tempdir().unwrap();
    let file = policy(&directory, "review_days = 14", "review_days = 10");
    let arguments = ["--policy", file.to_str().unwrap()];
    let store = Store::new();
    for start in 1..=2 {
        let node = Node::spawn(&store, plain(), None, &arguments).unwrap();
        drop(node);
        let logged = store.logged();
        assert_eq!(logged.matches(TOLD).count(), 1, "after start {start}: {logged}");
        assert!(logged.contains("windows.review_days: 14 → 10"), "{logged}");
    }
    store.verified();
}

#[test]
fn a_node_does_not_start_on_a_file_that_is_no_policy() {
    let directory = tempfile::tempdir().unwrap();
    let file = policy(&directory, "review_days = 14", "review_days = 0");
    let store = Store::new();
    let ended = Node::spawn(&store, plain(), None, &["--policy", file.to_str().unwrap()]);
    assert_eq!(ended.err().and_then(|status| status.code()), Some(2));
    assert!(store.logged().contains("windows.review_days: expected 1 to 3650"), "{}", store.logged());
    assert!(!store.data().exists(), "nothing was written");
}
