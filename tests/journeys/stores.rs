//! Directories that the binary must not take, and addresses that it must not listen on.

use crate::journey::{Journey, People, Step, WHOLE};
use crate::node::{Node, Store};
use crate::process::{Ended, run};
use rusqlite::Connection;
use std::fs;
use std::path::Path;

fn dev(data: &str) -> Ended {
    run(&["dev", "--listen", "127.0.0.1:0", "--data", data])
}

#[track_caller]
fn refused(ended: &Ended, words: &[&str]) {
    assert_eq!(ended.code, Some(2), "{ended:?}");
    for word in words {
        assert!(ended.stderr.contains(word), "no {word} in {}", ended.stderr);
    }
    assert!(!ended.stderr.contains("panicked"), "{}", ended.stderr);
    assert_eq!(ended.stdout, "");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_in_use_is_refused_by_name_of_the_process_and_left_alone() {
    let store = Store::new();
    let node = Node::start(&store);
    let before = store.verified();
    refused(&dev(&store.path()), &["STORE_IN_USE", &node.id().to_string()]);
    assert_eq!(store.verified(), before);
    let mut journey = Journey::new("site", &["1.00"], WHOLE);
    journey.run_to(&People::of(&node), Step::SubmitJob).await;
}

#[test]
fn a_store_of_a_process_that_died_is_free() {
    let store = Store::new();
    drop(Node::start(&store));
    Node::start(&store).stop();
}

/// What somebody else may have put where the log should be: in words, and how it is made.
type Foreign = (&'static str, fn(&Path));

const FOREIGN: [Foreign; 3] = [
    ("a text", |path| fs::write(path, "Dear diary,\n").unwrap()),
    ("a longer text", |path| fs::write(path, "Dear diary,\n".repeat(1_000)).unwrap()),
    ("a database", |path| {
        let database = Connection::open(path).unwrap();
        database
            .execute_batch("create table event (position integer); insert into event values (1)")
            .unwrap();
    }),
];

#[test]
fn another_applications_file_is_refused_and_untouched() {
    for (what, make) in FOREIGN {
        let store = Store::new();
        fs::create_dir(store.data()).unwrap();
        let log = store.data().join("log.db");
        make(&log);
        let before = fs::read(&log).unwrap();
        refused(&dev(&store.path()), &["STORE_FOREIGN"]);
        let verify = run(&["verify", "--data", &store.path()]);
        refused(&verify, &["STORE_FOREIGN"]);
        assert_eq!(fs::read(&log).unwrap(), before, "{what}");
        assert!(!store.data().join("log.db-wal").exists(), "{what}");
    }
}

#[test]
fn another_marketplaces_store_is_refused() {
    let store = Store::new();
    Node::start(&store).stop();
    let before = store.verified();
    let ended = run(&["dev", "--listen", "127.0.0.1:0", "--data", &store.path(), "--marketplace", "other"]);
    refused(&ended, &["STORE_FOREIGN", "main"]);
    assert_eq!(store.verified(), before);
}

/// A store with a contract in it, closed.
async fn closed() -> Store {
    let store = Store::new();
    let node = Node::start(&store);
    let mut journey = Journey::new("site", &["1.00"], WHOLE);
    journey.run(&People::of(&node)).await.unwrap();
    node.stop();
    store
}

#[tokio::test(flavor = "multi_thread")]
async fn a_truncated_log_is_never_sound_and_never_a_panic() {
    let store = closed().await;
    let log = store.data().join("log.db");
    let whole = fs::read(&log).unwrap();
    for eighth in 0..8 {
        fs::write(&log, &whole[..whole.len() * eighth / 8]).unwrap();
        let verify = run(&["verify", "--data", &store.path()]);
        assert!(matches!(verify.code, Some(1 | 2)), "{eighth}: {verify:?}");
        assert!(!verify.stderr.contains("panicked"), "{verify:?}");
        let dev = dev(&store.path());
        refused(&dev, &["STORE_DAMAGED"]);
    }
    fs::write(&log, &whole).unwrap();
    store.verified();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edited_log_is_found_and_located() {
    let store = closed().await;
    let log = store.data().join("log.db");
    let mut bytes = fs::read(&log).unwrap();
    // The engine may have left copies of a page's content where it no longer reads.
    let letter = b"All about site.";
    let places = (0..bytes.len() - letter.len()).filter(|at| bytes[*at..].starts_with(letter));
    for place in places.collect::<Vec<_>>() {
        bytes[place] = b'B';
    }
    fs::write(&log, &bytes).unwrap();
    let verify = run(&["verify", "--data", &store.path()]);
    assert_eq!(verify.code, Some(1), "{verify:?}");
    // The policy comes first, then the job.
    assert!(verify.stdout.contains("the first at position 2"), "{}", verify.stdout);
}

#[test]
fn dev_listens_on_loopback_only() {
    let store = Store::new();
    let ended = run(&["dev", "--listen", "0.0.0.0:0", "--data", &store.path()]);
    refused(&ended, &["loopback", "serve"]);
    assert!(!store.data().exists(), "nothing was made");
}
