//! Foreign oracles: hledger and beancount read our books by their strictest rules, and come to our balances, account by
//! account, in minor units.

use std::path::{Path, PathBuf};
use std::process::Command;

use audit::export::{Format, Selection};
use domain::ledger::Book;
use tempfile::TempDir;

use crate::export::{Balances, expected, exported, lines, whole};
use crate::history::{Fact, History};
use crate::replay::stored;

/// What xtask found or installed.
fn named(variable: &str) -> PathBuf {
    match std::env::var_os(variable) {
        Some(path) => PathBuf::from(path),
        None => panic!("{variable} names no tool: run cargo xtask test"),
    }
}

/// What the tool prints, which must succeed. It runs blind to its user's settings, and in another zone than ours.
#[track_caller]
fn run(program: &Path, arguments: &[&str]) -> String {
    let mut command = Command::new(program);
    command.args(arguments).env_remove("LEDGER_FILE").env("TZ", "Pacific/Kiritimati");
    // hledger reads files in the locale's encoding.
    let output = command.env("LC_ALL", "C.UTF-8").output().unwrap();
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{} {arguments:?}: {out}{err}", program.display());
    out.into_owned()
}

/// The export in a file, as a tool reads it.
struct Exported {
    directory: TempDir,
    name: &'static str,
}

impl Exported {
    fn new(facts: &[Fact], selection: &Selection, (format, name): (Format, &'static str)) -> Self {
        let directory = tempfile::tempdir().unwrap();
        std::fs::write(directory.path().join(name), exported(&stored(facts), selection, format)).unwrap();
        Self { directory, name }
    }

    fn path(&self) -> String {
        self.directory.path().join(self.name).display().to_string()
    }

    fn append(&self, text: &str) {
        let old = std::fs::read_to_string(self.path()).unwrap();
        std::fs::write(self.path(), old + text).unwrap();
    }
}

/// The rows of a tool's CSV: account, commodity, minor units.
fn balances(csv: &str) -> Balances {
    let row = |line: &str| {
        let fields: Vec<&str> = line.split(',').map(|field| field.trim().trim_matches('"')).collect();
        ((fields[0].to_owned(), fields[1].to_owned()), fields[2].parse::<i128>().unwrap())
    };
    csv.lines().skip(1).map(row).filter(|(_, minor)| *minor != 0).collect()
}

fn hledger(file: &str, arguments: &[&str]) -> String {
    let all = [&["-f", file], arguments].concat();
    run(&named("COUNTERFOIL_HLEDGER"), &all)
}

fn by_hledger(file: &str) -> Balances {
    hledger(file, &["check", "--strict"]);
    balances(&hledger(file, &["balance", "--strict", "--flat", "--no-total", "--layout=bare", "-O", "csv"]))
}

fn by_beancount(file: &str) -> Balances {
    let tools = named("COUNTERFOIL_BEANCOUNT");
    let complaints = run(&tools.join("bean-check"), &[file]);
    assert_eq!(complaints, "");
    let query = "select account, currency, sum(number) group by account, currency";
    balances(&run(&tools.join("bean-query"), &["-f", "csv", file, query]))
}

const HLEDGER: (Format, &str) = (Format::Hledger, "books.journal");
const BEANCOUNT: (Format, &str) = (Format::Beancount, "books.beancount");

#[test]
fn hledger_comes_to_our_balances_account_by_account() {
    let facts = History::eventful();
    let file = Exported::new(&facts, &whole(&facts), HLEDGER);
    assert_eq!(by_hledger(&file.path()), expected(lines(&facts)));
}

#[test]
fn beancount_comes_to_our_balances_account_by_account() {
    let facts = History::eventful();
    let file = Exported::new(&facts, &whole(&facts), BEANCOUNT);
    assert_eq!(by_beancount(&file.path()), expected(lines(&facts)));
}

#[test]
fn both_read_one_book_and_a_part_of_the_log_by_itself() {
    let facts = History::eventful();
    let (from, to) = (300, 900);
    for book in [Book::Trust, Book::Corporate] {
        let selection = Selection {
            after: eventstore::Position::new(from as u64),
            to: eventstore::Position::new(to as u64),
            book: Some(book),
            ..whole(&facts)
        };
        let ours = expected(lines(&facts[from..to]).filter(|line| line.account.code().book() == book));
        assert_eq!(by_hledger(&Exported::new(&facts, &selection, HLEDGER).path()), ours);
        assert_eq!(by_beancount(&Exported::new(&facts, &selection, BEANCOUNT).path()), ours);
    }
}

#[test]
fn both_read_what_somebody_with_a_strange_name_recorded() {
    let mut facts = History::short();
    for fact in &mut facts {
        fact.actor = "a\n2026-01-01 * \"b\", ; c\\\r\t(é)".to_owned();
    }
    let ours = expected(lines(&facts));
    assert_eq!(by_hledger(&Exported::new(&facts, &whole(&facts), HLEDGER).path()), ours);
    assert_eq!(by_beancount(&Exported::new(&facts, &whole(&facts), BEANCOUNT).path()), ours);
}

#[test]
fn both_read_a_log_without_money() {
    let facts = &History::short()[..5];
    assert!(by_hledger(&Exported::new(facts, &whole(facts), HLEDGER).path()).is_empty());
    assert!(by_beancount(&Exported::new(facts, &whole(facts), BEANCOUNT).path()).is_empty());
}

/// The tools would notice: a minor unit too few, an account or a commodity that was never declared.
#[test]
fn both_find_what_is_wrong_with_a_journal() {
    let facts = History::short();
    let (assets, owed) = ("Assets:Trust:1100-Provider-clearing", "Liabilities:Trust:2700-Due-to-platform");
    for (to, minor, commodity) in
        [(owed, -1_000_000_000_000_000_i64, "USDMINOR"), ("Liabilities:Trust:2999", -1, "USDMINOR")]
    {
        let postings = format!(
            "  {assets}  {} USDMINOR\n  {to}  {minor} {commodity}\n",
            minor.abs() + i64::from(to == owed)
        );
        let file = Exported::new(&facts, &whole(&facts), HLEDGER);
        file.append(&format!("\n2026-09-21 * forged\n{postings}"));
        let mut check = Command::new(named("COUNTERFOIL_HLEDGER"));
        let found = check.args(["-f", &file.path(), "check", "--strict"]).output().unwrap();
        assert!(!found.status.success(), "{postings}");
        let file = Exported::new(&facts, &whole(&facts), BEANCOUNT);
        file.append(&format!("\n2026-09-21 * \"forged\"\n{postings}"));
        let check = named("COUNTERFOIL_BEANCOUNT").join("bean-check");
        let found = Command::new(check).arg(file.path()).output().unwrap();
        assert!(!found.status.success(), "{postings}");
    }
}
