//! `rebuild` through the running node: beside the live read model, while people read and write.

use crate::graphql::Caller;
use crate::journey::{Journey, People, Step, WHOLE};
use crate::log::entries;
use crate::node::{Node, Store};
use crate::process::{Ended, Owned, counterfoil, run};
use rusqlite::Connection;
use rusqlite::types::Value as Column;
use serde_json::{Value, json};
use std::fs::{self, Permissions};
use std::io::Read;
use std::os::unix::fs::PermissionsExt;
use std::process::Stdio;
use std::time::{Duration, Instant};

/// Has every rebuild take longer than it takes until progress is shown.
const SLOW: &str = "rebuild::begun=sleep(2500)";
/// Has a rebuild take longer than any test.
const ENDLESS: &str = "rebuild::begun=sleep(600000)";
const WITHIN: Duration = Duration::from_secs(30);
const PAUSE: Duration = Duration::from_millis(10);

const NAMES: [&str; 6] =
    ["job_board", "proposal_inbox", "contract_board", "dispute_desk", "account_balances", "payout_desk"];

impl Store {
    /// Every row of the read model's tables, as text, in order.
    fn rows(&self, name: &str) -> Vec<String> {
        let file = Connection::open(self.data().join("read.db")).unwrap();
        let tables =
            "select name from sqlite_schema where type = 'table' and name like ?1 || '%' order by name";
        let mut tables = file.prepare(tables).unwrap();
        let tables: Vec<String> =
            tables.query_map([name], |row| row.get(0)).unwrap().collect::<Result<_, _>>().unwrap();
        assert!(!tables.is_empty(), "{name} has no tables");
        let mut rows = Vec::new();
        for table in tables {
            let mut all = file.prepare(&format!("select * from {table}")).unwrap();
            let columns = all.column_count();
            let row = all.query_map([], |row| {
                let values: rusqlite::Result<Vec<Column>> = (0..columns).map(|at| row.get(at)).collect();
                values.map(|values| format!("{table} {values:?}"))
            });
            rows.extend(row.unwrap().map(Result::unwrap));
        }
        rows.sort();
        rows
    }

    /// Changes rows behind the node's back.
    fn damage(&self, statement: &str) {
        let file = Connection::open(self.data().join("read.db")).unwrap();
        file.busy_timeout(WITHIN).unwrap();
        assert!(file.execute(statement, []).unwrap() > 0, "{statement}");
    }

    fn side_files(&self) -> Vec<String> {
        let files = fs::read_dir(self.data()).unwrap();
        let names = files.map(|file| file.unwrap().file_name().into_string().unwrap());
        names.filter(|name| name.contains("rebuild")).collect()
    }

    fn private(&self, name: &str, content: &str) -> String {
        let path = self.data().join(name);
        fs::write(&path, content).unwrap();
        fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
        path.to_str().unwrap().to_owned()
    }
}

/// Runs `rebuild` on the store, to its end.
fn rebuild(store: &Store, arguments: &[&str]) -> Ended {
    let data = store.path();
    run(&[&["rebuild", "--data", &data], arguments].concat())
}

/// Runs `rebuild` on the store, while the test goes on.
struct Rebuilding(Owned);

impl Rebuilding {
    fn start(store: &Store, arguments: &[&str]) -> Self {
        let data = store.path();
        let mut command = counterfoil(&[&["rebuild", "--data", &data], arguments].concat());
        Self(Owned(command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()))
    }

    fn ended(mut self) -> Ended {
        let code = self.0.wait().code();
        let (mut stdout, mut stderr) = (String::new(), String::new());
        self.0.0.stdout.take().unwrap().read_to_string(&mut stdout).unwrap();
        self.0.0.stderr.take().unwrap().read_to_string(&mut stderr).unwrap();
        Ended { code, stdout, stderr }
    }
}

#[track_caller]
fn refused(ended: &Ended, words: &[&str]) {
    assert_eq!(ended.code, Some(2), "{ended:?}");
    for word in words {
        assert!(ended.stderr.contains(word), "no {word} in {}", ended.stderr);
    }
    assert_eq!(ended.stdout, "");
}

async fn rebuilds(admin: &Caller) -> Value {
    let seen = admin.see("{ rebuilds { name state position head failure } }", Value::Null).await;
    seen["rebuilds"].clone()
}

/// Waits until the one rebuild that was asked for is in this state.
async fn until(admin: &Caller, state: &str) -> Value {
    let begun = Instant::now();
    loop {
        let all = rebuilds(admin).await;
        if all[0]["state"] == state {
            return all[0].clone();
        }
        assert!(begun.elapsed() < WITHIN, "not {state}: {all}");
        tokio::time::sleep(PAUSE).await;
    }
}

fn input(name: &str, key: &str) -> Value {
    json!({"name": name, "reason": "a row is wrong", "idempotencyKey": key})
}

async fn journey(node: &Node, name: &str) {
    Journey::new(name, &["2500.00", "10.00"], WHOLE).run(&People::of(node)).await.unwrap();
}

/// A read model is up to the log's head after this.
async fn followed(node: &Node) {
    let begun = Instant::now();
    loop {
        let seen = node.persona("admin").see("{ readModels { lagEvents } }", Value::Null).await;
        if seen["readModels"].as_array().unwrap().iter().all(|model| model["lagEvents"] == 0) {
            return;
        }
        assert!(begun.elapsed() < WITHIN, "{seen}");
        tokio::time::sleep(PAUSE).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_read_model_is_rebuilt_through_the_node_while_writes_go_on() {
    let store = Store::new();
    let node = Node::start_with(&store, SLOW).unwrap();
    let admin = node.persona("admin");
    journey(&node, "before").await;
    followed(&node).await;
    let sound = store.rows("contract_board");
    store.damage("update contract_board set policy_version = 77");
    assert_ne!(store.rows("contract_board"), sound);

    let rebuilding = Rebuilding::start(&store, &["contract_board", "--reason", "a version is wrong"]);
    until(&admin, "RUNNING").await;
    journey(&node, "meanwhile").await;
    assert_eq!(rebuilds(&admin).await[0]["state"], "RUNNING", "the journey was to be done meanwhile");
    let ended = rebuilding.ended();
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let done = until(&admin, "DONE").await;
    assert_eq!(ended.stdout, format!("contract_board is rebuilt, up to position {}\n", done["position"]));
    assert!(ended.stderr.starts_with("contract_board: 0 of "), "no progress: {}", ended.stderr);

    followed(&node).await;
    let rebuilt = store.rows("contract_board");
    assert!(sound.iter().all(|row| rebuilt.contains(row)), "rows of before differ: {rebuilt:#?}");
    assert_eq!(rebuilt.iter().filter(|row| row.starts_with("contract_board ")).count(), 2);
    node.stop();
    for file in ["read.db", "read.db-wal", "read.db-shm"] {
        let _ = fs::remove_file(store.data().join(file));
    }
    let node = Node::start(&store);
    followed(&node).await;
    assert_eq!(store.rows("contract_board"), rebuilt, "not what a fold from scratch gives");

    let requests = entries(&store).await.into_iter().filter(|entry| entry.event_type.contains("rebuild"));
    let requests: Vec<Value> = requests.map(|entry| entry.payload).collect();
    assert_eq!(requests, [json!({"name": "contract_board", "reason": "a version is wrong"})]);
    store.verified();
}

#[tokio::test(flavor = "multi_thread")]
async fn all_are_rebuilt_in_turn_with_a_node_and_without_one() {
    let store = Store::new();
    let node = Node::start(&store);
    journey(&node, "site").await;
    followed(&node).await;
    let sound = NAMES.map(|name| store.rows(name));
    let rebuilt = |ended: &Ended| {
        assert_eq!(ended.code, Some(0), "{ended:?}");
        let lines = ended.stdout.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        let names: Vec<Value> = lines.map(|line| line["rebuilt"].clone()).collect();
        assert_eq!(names, NAMES);
    };
    store.damage("update job_board set headcount = 9");
    rebuilt(&rebuild(&store, &["--all", "--json"]));
    assert_eq!(NAMES.map(|name| store.rows(name)), sound);
    node.stop();
    store.damage("update payout_desk_account set available = 9");
    rebuilt(&rebuild(&store, &["--all", "--json"]));
    assert_eq!(NAMES.map(|name| store.rows(name)), sound);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_an_administrator_has_a_read_model_rebuilt() {
    let store = Store::new();
    let node = Node::start(&store);
    for role in ["client", "talent", "support", "arbitrator", "finance", "auditor", "compliance"] {
        let told = node.persona(role).give("rebuildReadModel", &input("job_board", role)).await.unwrap();
        assert_eq!(told.told(), "failed FORBIDDEN", "{role}");
        let query = "{ rebuilds { name } }";
        let read = node.persona(role).send(query, Value::Null).await.unwrap();
        assert_eq!(read["errors"][0]["extensions"]["code"], "FORBIDDEN", "{role}");
    }
    let guest = node.guest().give("rebuildReadModel", &input("job_board", "k")).await.unwrap();
    assert_eq!(guest.told(), "failed UNAUTHENTICATED");
    let talent = node.banner()["tokens"]["talent"].as_str().unwrap();
    let file = store.private("talent.token", talent);
    let ended = rebuild(&store, &["job_board", "--token-file", &file]);
    refused(&ended, &["FORBIDDEN", "an administrator's token with --token-file FILE"]);
    assert!(!ended.stderr.contains(talent), "{}", ended.stderr);
    assert_eq!(rebuilds(&node.persona("admin")).await, json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_no_read_model_has_is_refused_with_those_that_there_are() {
    let store = Store::new();
    let node = Node::start(&store);
    let told = node.persona("admin").give("rebuildReadModel", &input("job_bord", "k")).await.unwrap();
    assert_eq!(told.told(), "failed NOT_FOUND");
    let said = format!("{told:?}");
    assert!(NAMES.iter().all(|name| said.contains(name)), "{said}");
    refused(&rebuild(&store, &["job_bord"]), &NAMES.map(|name| name));
    refused(&rebuild(&store, &[]), &["--all"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_says_where_it_listens_until_it_ends() {
    let store = Store::new();
    let file = store.data().join("node.json");
    let node = Node::start(&store);
    let said: Value = serde_json::from_slice(&fs::read(&file).unwrap()).unwrap();
    assert_eq!(said, json!({"process": node.id(), "url": node.url("")}));
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o077, 0);
    node.stop();
    assert!(!file.exists());
    drop(Node::start(&store));
    assert!(file.exists(), "whoever is killed takes nothing back");
    let ended = rebuild(&store, &["job_board"]);
    assert_eq!(ended.code, Some(0), "nobody holds the store: {ended:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_cannot_be_asked_is_named_with_what_to_do() {
    let store = Store::new();
    let node = Node::start(&store);
    let (url, process) = (node.url(""), node.id().to_string());
    let admin = node.banner()["tokens"]["admin"].as_str().unwrap();
    fs::remove_file(store.data().join("tokens.json")).unwrap();
    let words = ["STORE_IN_USE", &process, &url, "tokens.json", "--server URL --token-file FILE"];
    refused(&rebuild(&store, &["job_board"]), &words);
    let token = store.private("admin.token", admin);
    assert_eq!(rebuild(&store, &["job_board", "--token-file", &token]).code, Some(0));
    fs::remove_file(store.data().join("node.json")).unwrap();
    let ended = rebuild(&store, &["job_board", "--token-file", &token]);
    refused(&ended, &["STORE_IN_USE", &process, "node.json", "--server URL --token-file FILE"]);
    let elsewhere = ["job_board", "--server", &url, "--token-file", &token];
    assert_eq!(run(&[&["rebuild", "--data", "/nowhere"], &elsewhere[..]].concat()).code, Some(0));
    node.stop();
    refused(&rebuild(&store, &elsewhere), &[&url, "doesn't answer"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_killed_while_it_rebuilds_leaves_the_rows_and_clears_up_at_its_next_start() {
    let store = Store::new();
    let node = Node::start_with(&store, ENDLESS).unwrap();
    let mut journey = Journey::new("site", &["1.00"], WHOLE);
    journey.run_to(&People::of(&node), Step::AcceptOffer).await;
    followed(&node).await;
    let sound = store.rows("job_board");
    let asked =
        node.persona("admin").give("rebuildReadModel", &input("job_board", "k")).await.unwrap().done();
    until(&node.persona("admin"), "RUNNING").await;
    let begun = Instant::now();
    while store.side_files().is_empty() {
        assert!(begun.elapsed() < WITHIN, "nothing is begun");
        tokio::time::sleep(PAUSE).await;
    }
    drop(node);
    assert_ne!(store.side_files(), [""; 0], "nothing to clear up");
    let node = Node::start(&store);
    assert_eq!((store.side_files(), store.rows("job_board")), (Vec::new(), sound));
    let admin = node.persona("admin");
    assert_eq!(rebuilds(&admin).await, json!([]));
    // Whoever got no answer sends the same again, and it is done.
    let again = admin.give("rebuildReadModel", &input("job_board", "k")).await.unwrap().done();
    assert_eq!((again.position, again.event_ids), (asked.position, asked.event_ids));
    assert_eq!(until(&admin, "DONE").await["failure"], Value::Null);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_is_asked_to_end_breaks_the_rebuild_off_and_leaves_no_file_of_it() {
    let store = Store::new();
    let node = Node::start_with(&store, SLOW).unwrap();
    journey(&node, "site").await;
    let rebuilding = Rebuilding::start(&store, &["job_board"]);
    until(&node.persona("admin"), "RUNNING").await;
    // What the rebuild is at can't be broken off, and ends while the node still waits for it.
    tokio::time::sleep(Duration::from_secs(1)).await;
    node.stop();
    assert_eq!(store.side_files(), [""; 0]);
    let ended = rebuilding.ended();
    assert_eq!(ended.code, Some(2), "{ended:?}");
    assert!(ended.stderr.contains("doesn't answer"), "{}", ended.stderr);
}
