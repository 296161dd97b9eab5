//! Foreign oracles: hledger and beancount read the books of many simulated marketplaces, all in one file, and come to our
//! balances, account by account and marketplace by marketplace.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "books that can't be made, written or read fail the test that needs them"
)]

use audit::export::{Format, Selection, account_name, commodity_name, export};
use domain::codec::decode;
use domain::ledger::JournalEntry;
use eventstore::EventStore;
use simulator::{Settings, Step, StoreKind, logs};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

/// Marketplaces whose books are read, and steps in each.
const MARKETPLACES: usize = 200;
const STEPS_EACH: usize = 120;

/// By account and commodity, debits above zero, without those of zero.
type Balances = BTreeMap<(String, String), i128>;

/// The kinds of accounts with which every account's name begins.
const KINDS: [&str; 5] = ["Assets:", "Liabilities:", "Equity:", "Income:", "Expenses:"];

/// An account's name, as that of one marketplace among many.
fn apart(name: &str, marketplace: usize) -> String {
    let (kind, rest) = name.split_once(':').expect("an account has a kind");
    format!("{kind}:M{marketplace}:{rest}")
}

/// A journal whose accounts are those of one marketplace. What it declares for all of them it declares once.
fn told_apart(journal: &str, marketplace: usize, declared: &mut BTreeSet<String>) -> String {
    let mut told = String::new();
    for line in journal.lines() {
        let names_account = |word: &&str| KINDS.iter().any(|kind| word.starts_with(kind));
        let shared =
            !line.starts_with(' ') && !line.contains(" * ") && !line.split(' ').any(|w| names_account(&w));
        if shared && !line.is_empty() && !declared.insert(line.to_owned()) {
            continue;
        }
        match line.split(' ').find(names_account) {
            Some(name) => told.push_str(&line.replacen(name, &apart(name, marketplace), 1)),
            None => told.push_str(line),
        }
        told.push('\n');
    }
    told
}

/// The books of all marketplaces in one file of a format, and what our entries come to.
async fn books(logs: &[Arc<dyn EventStore>], format: Format) -> (String, Balances) {
    let (mut file, mut ours, mut declared) = (String::new(), Balances::new(), BTreeSet::new());
    for (marketplace, log) in logs.iter().enumerate() {
        let head = log.head().await.unwrap().position;
        let mut journal = Vec::new();
        export(&**log, &Selection::whole(head), format, &mut journal, &|_, _| {}).await.unwrap();
        file += &told_apart(&String::from_utf8(journal).unwrap(), marketplace, &mut declared);
        for record in log.read(eventstore::Position::START, usize::MAX).await.unwrap() {
            let header = record.header();
            let event = decode(&header.event_type, header.schema_version, record.payload()).unwrap();
            for line in event.journal_entry().into_iter().flat_map(JournalEntry::lines) {
                let key = (apart(&account_name(line.account), marketplace), commodity_name(line.currency));
                *ours.entry(key).or_default() += i128::from(line.signed());
            }
        }
    }
    ours.retain(|_, minor| *minor != 0);
    (file, ours)
}

/// What xtask found or installed.
fn named(variable: &str) -> PathBuf {
    match std::env::var_os(variable) {
        Some(path) => PathBuf::from(path),
        None => panic!("{variable} names no tool: run cargo xtask test"),
    }
}

/// What the tool prints, which must succeed. It runs blind to its user's settings, and in another zone than ours.
fn run(program: &Path, arguments: &[&str]) -> String {
    let mut command = Command::new(program);
    command.args(arguments).env_remove("LEDGER_FILE").env("TZ", "Pacific/Kiritimati");
    // hledger reads files in the locale's encoding.
    let output = command.env("LC_ALL", "C.UTF-8").output().unwrap();
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{} {arguments:?}: {out}{err}", program.display());
    out.into_owned()
}

/// The rows of a tool's CSV: account, commodity, minor units.
fn balances(csv: &str) -> Balances {
    let row = |line: &str| {
        let fields: Vec<&str> = line.split(',').map(|field| field.trim().trim_matches('"')).collect();
        ((fields[0].to_owned(), fields[1].to_owned()), fields[2].parse::<i128>().unwrap())
    };
    csv.lines().skip(1).map(row).filter(|(_, minor)| *minor != 0).collect()
}

/// Where both differ, so that a failure can be read.
#[track_caller]
fn agree(theirs: &Balances, ours: &Balances) {
    let apart: Vec<_> = ours.iter().filter(|(key, minor)| theirs.get(*key) != Some(*minor)).take(5).collect();
    let beside: Vec<_> = theirs.keys().filter(|key| !ours.contains_key(*key)).take(5).collect();
    assert!(apart.is_empty() && beside.is_empty(), "ours alone: {apart:?}; theirs alone: {beside:?}");
}

#[tokio::test(start_paused = true)]
async fn hledger_and_beancount_come_to_our_balances_of_every_simulated_marketplace() {
    let settings = Settings { seed: 11, store: StoreKind::Memory, worlds: MARKETPLACES, tell: false };
    let steps: Vec<Step> = Step::drawn(11, MARKETPLACES).take(MARKETPLACES * STEPS_EACH).collect();
    let logs = logs(settings, &steps).await.unwrap();
    let directory = tempfile::tempdir().unwrap();
    let written = |name: &str, text: &str| {
        let path = directory.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.display().to_string()
    };

    let (journal, ours) = books(&logs, Format::Hledger).await;
    let with_money: BTreeSet<&str> = ours.keys().filter_map(|(name, _)| name.split(':').nth(1)).collect();
    assert!(with_money.len() * 4 > MARKETPLACES * 3, "money moved in {} marketplaces", with_money.len());
    let (file, hledger) = (written("books.journal", &journal), named("COUNTERFOIL_HLEDGER"));
    run(&hledger, &["-f", &file, "check", "--strict"]);
    let balance = ["balance", "--strict", "--flat", "--no-total", "--layout=bare", "-O", "csv"];
    agree(&balances(&run(&hledger, &[&["-f", &file][..], &balance].concat())), &ours);

    let (journal, ours) = books(&logs, Format::Beancount).await;
    let (file, beancount) = (written("books.beancount", &journal), named("COUNTERFOIL_BEANCOUNT"));
    assert_eq!(run(&beancount.join("bean-check"), &[&file]), "");
    let query = "select account, currency, sum(number) group by account, currency";
    agree(&balances(&run(&beancount.join("bean-query"), &["-f", "csv", &file, query])), &ours);
}
