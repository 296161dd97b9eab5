//! `dev --demo`: ninety days of a marketplace, in which everybody who holds a token finds something.

use crate::books::{Books, head};
use crate::node::{Node, Store};
use crate::process::{plain, run};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

fn demo(store: &Store, seed: &str) -> Node {
    let demo = ["--demo", "--seed", seed, "--clock-start", "2030-01-01T00:00:00Z"];
    Node::spawn(store, plain(), None, &demo).unwrap()
}

/// What `role` is shown once the read models have seen all.
async fn shown(node: &Node, role: &str, query: &str) -> Value {
    let query = format!("query($after: Position) {{ it: {query} }}");
    let seen = node.persona(role).see(&query, json!({"after": head(node).await})).await;
    seen["it"].clone()
}

fn words(rows: &Value, field: &str) -> BTreeSet<String> {
    rows["nodes"].as_array().unwrap().iter().map(|row| row[field].as_str().unwrap().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn everybody_finds_something_and_the_books_hold() {
    let store = Store::new();
    let node = demo(&store, "1");
    let contracts = "contracts(first: 20, afterPosition: $after) { nodes { milestones { status } } }";
    let contracts = shown(&node, "client", contracts).await;
    let all_three = json!([{"status": "RELEASED"}, {"status": "SUBMITTED"}, {"status": "FUNDED"}]);
    let mut milestones = contracts["nodes"].as_array().unwrap().iter().map(|row| &row["milestones"]);
    assert!(milestones.any(|milestones| *milestones == all_three), "{contracts}");
    let payouts = "payouts(first: 20, afterPosition: $after) { nodes { status } }";
    let own = words(&shown(&node, "talent", payouts).await, "status");
    assert_eq!(own, ["HELD", "PAID"].map(str::to_owned).into());
    let accounts = shown(&node, "talent", "accounts(after: $after) { currency free { minorUnits } }").await;
    assert_eq!(accounts[1], json!({"currency": "USD", "free": {"minorUnits": 1_276_000}}));
    let attention = "attention(first: 20, afterPosition: $after) { nodes { kind } }";
    assert!(words(&shown(&node, "finance", attention).await, "kind").contains("PAYOUT_REVIEW"));
    let pauses = shown(&node, "admin", "pauses(after: $after) { what }").await;
    assert_eq!(pauses, json!([{"what": "refunding"}]));
    // What was paused on purpose is shown to whoever watches the node, and makes it no less ready.
    let ready = node.http().get(node.url("/readyz")).send().await.unwrap();
    assert_eq!(ready.status(), 200);
    assert_eq!(ready.json::<Value>().await.unwrap()["paused"], json!({"processes": ["refunding"]}));
    assert_eq!(Books::of(&node).await, Books::of_report(&store.verified()));
}

#[test]
fn one_seed_makes_one_log_in_any_time_zone_locale_and_number_of_threads() {
    let log = |seed: &str, environment: &[(&str, &str)]| {
        let store = Store::new();
        let demo = ["--demo", "--seed", seed, "--clock-start", "2030-01-01T00:00:00Z"];
        Node::spawn_in(&store, plain(), None, &demo, environment).unwrap().stop();
        run(&["export", "--format", "jsonl", "--data", &store.path()]).stdout
    };
    let elsewhere = [("TZ", "Asia/Tokyo"), ("LC_ALL", "de_DE.UTF-8"), ("TOKIO_WORKER_THREADS", "1")];
    let here = [("TZ", "UTC"), ("LC_ALL", "C"), ("TOKIO_WORKER_THREADS", "4")];
    let (first, again, other) = (log("7", &here), log("7", &elsewhere), log("8", &here));
    assert!(first.lines().count() > 1_000, "{} events", first.lines().count());
    assert!(first == again, "the same seed");
    assert!(first != other, "another seed");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_start_goes_on_with_the_same_demo() {
    let store = Store::new();
    demo(&store, "1").stop();
    let before = store.verified();
    let node = demo(&store, "1");
    let jobs = "jobs(first: 100, afterPosition: $after) { nodes { title } }";
    let titles = shown(&node, "talent", jobs).await["nodes"].as_array().unwrap().len();
    assert_eq!(titles, words(&shown(&node, "talent", jobs).await, "title").len(), "no job twice");
    let events = |report: &Value| report["events"].as_u64().unwrap();
    assert!(events(&store.verified()) - events(&before) < 10, "only what fell due meanwhile");
}

/// Debits less credits in minor units, by code and currency, as a bookkeeper's tool adds them up.
fn added_up(csv: &str) -> BTreeMap<(String, String), i64> {
    let mut sums = BTreeMap::new();
    for line in csv.lines().skip(1) {
        let fields: Vec<&str> = line.split(',').map(|field| field.trim().trim_matches('"')).collect();
        let code = fields[0].split(':').find_map(|part| part.split_once('-')).unwrap().0.to_owned();
        let currency = fields[1].strip_suffix("MINOR").unwrap().to_owned();
        *sums.entry((code, currency)).or_default() += fields[2].parse::<i64>().unwrap();
    }
    sums.retain(|_, minor| *minor != 0);
    sums
}

fn tool(variable: &str, name: &str, arguments: &[&str]) -> String {
    let program = std::env::var_os(variable).unwrap_or_else(|| panic!("{variable}: run cargo xtask test"));
    let program = if name.is_empty() { program.into() } else { std::path::Path::new(&program).join(name) };
    let output =
        std::process::Command::new(program).args(arguments).env("LC_ALL", "C.UTF-8").output().unwrap();
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{arguments:?}: {out}{err}");
    out.into_owned()
}

#[test]
fn hledger_and_beancount_come_to_the_demos_balances() {
    let store = Store::new();
    demo(&store, "1").stop();
    let report = store.verified();
    let signed = |row: &Value| row["debits"].as_i64().unwrap() - row["credits"].as_i64().unwrap();
    let key = |row: &Value| ["account", "currency"].map(|field| row[field].as_str().unwrap().to_owned());
    let rows = report["balances"].as_array().unwrap().iter().filter(|row| signed(row) != 0);
    let ours: BTreeMap<(String, String), i64> = rows.map(|row| (key(row).into(), signed(row))).collect();
    let exported = |format: &str| {
        let file = store.data().with_extension(format).display().to_string();
        let ended = run(&["export", "--format", format, "--data", &store.path(), "--output", &file]);
        assert_eq!(ended.code, Some(0), "{ended:?}");
        file
    };
    let journal = exported("hledger");
    tool("COUNTERFOIL_HLEDGER", "", &["-f", &journal, "check", "--strict"]);
    let balance =
        ["-f", &journal, "balance", "--strict", "--flat", "--no-total", "--layout=bare", "-O", "csv"];
    assert_eq!(added_up(&tool("COUNTERFOIL_HLEDGER", "", &balance)), ours);
    let ledger = exported("beancount");
    assert_eq!(tool("COUNTERFOIL_BEANCOUNT", "bean-check", &[&ledger]), "");
    let query = "select account, currency, sum(number) group by account, currency";
    let answer = tool("COUNTERFOIL_BEANCOUNT", "bean-query", &["-f", "csv", &ledger, query]);
    assert_eq!(added_up(&answer), ours);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_contract_folded_from_the_log_stands_as_the_read_model_shows_it() {
    let store = Store::new();
    let node = demo(&store, "1");
    let position = head(&node).await;
    let fields = "status milestones { id status escrowHeld { minorUnits } }";
    let live = format!("contracts(first: 25, afterPosition: $after) {{ nodes {{ id {fields} }} }}");
    let live = shown(&node, "finance", &live).await;
    let contracts = live["nodes"].as_array().unwrap();
    assert!(contracts.len() == 25, "{} contracts", contracts.len());
    for contract in contracts {
        let id = &contract["id"];
        let query = format!(
            "query($id: ContractId!, $at: Position) {{ contract(id: $id, asOf: {{position: $at}}) {{ id {fields} }} }}"
        );
        let then = node.persona("finance").see(&query, json!({"id": id, "at": position})).await;
        assert_eq!(then["contract"], *contract);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_is_replayed_in_its_only_currency_or_it_is_asked_which_is_meant() {
    let store = Store::new();
    let node = demo(&store, "1");
    let replay = |party: &str, more: &[&str]| {
        let path = store.path();
        let arguments = ["replay", "account", party, "--data", &path];
        run(&[&arguments, more].concat())
    };
    let noor = replay(&node.person("talent", "noor").party().await, &[]);
    assert_eq!(noor.code, Some(0), "{noor:?}");
    assert!(noor.stdout.lines().next().unwrap().ends_with("/EUR"), "{noor:?}");
    let talent = node.persona("talent").party().await;
    let several = replay(&talent, &[]);
    assert_eq!(several.code, Some(2), "{several:?}");
    assert!(several.stderr.contains("has accounts in EUR, USD; choose one with --currency"), "{several:?}");
    assert_eq!(replay(&talent, &["--currency", "USD"]).code, Some(0));
    let nobody = replay(&node.person("talent", "nobody").party().await, &[]);
    assert_eq!(nobody.code, Some(2), "{nobody:?}");
    assert!(nobody.stderr.contains("has no account in this log"), "{nobody:?}");
}
