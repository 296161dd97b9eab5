//! The books as other tools get them, read back by a small parser of our own.

use std::collections::{BTreeMap, BTreeSet};

use audit::as_of::AsOf;
use audit::export::{AccountFilter, Format, Selection, account_name, commodity_name, export};
use domain::id::PartyId;
use domain::ledger::{AccountCode, Book, JournalEntry, LedgerAccount, Line};
use domain::money::Currency;
use eventstore::{EventStore, Position};
use proptest::prelude::*;
use proptest::test_runner::Config;
use serde_json::Value;

use crate::history::{Fact, Hired, History};
use crate::replay::{Story, stored};
use crate::written::{Written, runtime};

const JOURNALS: [Format; 3] = [Format::Hledger, Format::Ledger, Format::Beancount];
const FORMATS: [Format; 5] = [Format::Hledger, Format::Ledger, Format::Beancount, Format::Csv, Format::Jsonl];

pub(crate) fn exported(store: &dyn EventStore, selection: &Selection, format: Format) -> String {
    let mut out = Vec::new();
    runtime().block_on(export(store, selection, format, &mut out, &|_, _| {})).unwrap();
    String::from_utf8(out).unwrap()
}

pub(crate) fn whole(facts: &[Fact]) -> Selection {
    Selection::whole(Position::new(facts.len() as u64))
}

/// Balances by account and commodity as the tools name them, debits positive, without those of zero.
pub(crate) type Balances = BTreeMap<(String, String), i128>;

/// What the entries of `facts` come to.
pub(crate) fn expected<'a>(lines: impl Iterator<Item = &'a Line>) -> Balances {
    let mut sums = Balances::new();
    for line in lines {
        let key = (account_name(line.account), commodity_name(line.currency));
        *sums.entry(key).or_default() += i128::from(line.signed());
    }
    sums.retain(|_, sum| *sum != 0);
    sums
}

pub(crate) fn lines(facts: &[Fact]) -> impl Iterator<Item = &Line> {
    facts.iter().filter_map(|fact| fact.event.journal_entry()).flat_map(JournalEntry::lines)
}

/// Account, minor units, commodity.
type Posting = (String, i128, String);

/// A journal, read by nobody's rules but those of the few forms that we write.
#[derive(Debug, Default)]
struct Parsed {
    declared: Vec<String>,
    /// Position, and the postings.
    transactions: Vec<(u64, Vec<Posting>)>,
}

impl Parsed {
    fn read(journal: &str) -> Self {
        let mut parsed = Self::default();
        for line in journal.lines().filter(|line| !line.is_empty() && !line.starts_with(';')) {
            let words: Vec<&str> = line.split_whitespace().collect();
            match words[..] {
                ["account", name] | [_, "open", name] => parsed.declared.push(name.to_owned()),
                ["commodity" | "format" | "tag" | "option", ..] | [_, "commodity", _] => {}
                [_, "*", ..] => parsed.transactions.push((0, Vec::new())),
                ["position:", number] | [";", "position:", number] => {
                    parsed.transactions.last_mut().unwrap().0 = number.trim_matches('"').parse().unwrap();
                }
                [";", ..] => {}
                [tag, _] if tag.ends_with(':') => {}
                [account, minor, commodity] => {
                    let posting = (account.to_owned(), minor.parse().unwrap(), commodity.to_owned());
                    parsed.transactions.last_mut().unwrap().1.push(posting);
                }
                _ => panic!("{line}"),
            }
        }
        parsed
    }

    fn balances(&self) -> Balances {
        let mut sums = Balances::new();
        for (account, minor, commodity) in self.transactions.iter().flat_map(|(_, postings)| postings) {
            *sums.entry((account.clone(), commodity.clone())).or_default() += minor;
        }
        sums.retain(|_, sum| *sum != 0);
        sums
    }

    /// Every transaction balances, is of one book, and every account in use is declared once and in order.
    fn check(&self) {
        for (position, postings) in &self.transactions {
            let mut sums: BTreeMap<&str, i128> = BTreeMap::new();
            for (_, minor, commodity) in postings {
                *sums.entry(commodity).or_default() += minor;
            }
            assert!(!postings.is_empty() && sums.values().all(|sum| *sum == 0), "{position}: {postings:?}");
            let books: BTreeSet<&str> =
                postings.iter().filter_map(|(account, ..)| account.split(':').nth(1)).collect();
            assert_eq!(books.len(), 1, "{position}: {postings:?}");
        }
        let used: BTreeSet<&String> = self
            .transactions
            .iter()
            .flat_map(|(_, postings)| postings)
            .map(|(account, ..)| account)
            .collect();
        let declared: BTreeSet<&String> = self.declared.iter().collect();
        assert_eq!(declared, used);
        assert_eq!(declared.len(), self.declared.len(), "each once");
    }
}

/// The lines of a CSV file without headings, split where they may be: none of our fields needs quotes here.
fn csv(text: &str) -> Vec<Vec<&str>> {
    assert!(!text.contains('"'));
    text.lines().skip(1).map(|line| line.split(',').collect()).collect()
}

proptest! {
    #![proptest_config(Config { cases: 24, failure_persistence: None, ..Config::default() })]

    #[test]
    fn every_format_read_back_comes_to_the_same_balances(story in Story::any()) {
        let (facts, _) = story.told();
        let store = stored(&facts);
        for format in JOURNALS {
            let parsed = Parsed::read(&exported(&store, &whole(&facts), format));
            parsed.check();
            prop_assert_eq!(parsed.balances(), expected(lines(&facts)), "{:?}", format);
        }
        let text = exported(&store, &whole(&facts), Format::Csv);
        let mut sums = Balances::new();
        for fields in csv(&text) {
            let account = account_name(LedgerAccount::parse(fields[11]).unwrap());
            let minor: i128 = fields[15].parse().unwrap();
            let signed = if fields[14] == "debit" { minor } else { -minor };
            *sums.entry((account, format!("{}MINOR", fields[16]))).or_default() += signed;
        }
        sums.retain(|_, sum| *sum != 0);
        prop_assert_eq!(sums, expected(lines(&facts)));
    }

    #[test]
    fn whatever_is_selected_transactions_are_whole(
        story in Story::any(),
        (from, to) in (0..200_usize, 0..200_usize),
        book in prop::option::of(prop::sample::select(vec![Book::Trust, Book::Corporate])),
        row in prop::option::of(prop::sample::select(AccountCode::ALL)),
        party in prop::option::of(0..8_u128),
    ) {
        let (facts, hired) = story.told();
        let store = stored(&facts);
        let (from, to) = (from.min(to).min(facts.len()), from.max(to).min(facts.len()));
        let selection = Selection {
            after: Position::new(from as u64),
            to: Position::new(to as u64),
            book,
            account: row.map(AccountFilter::Row),
            party: party.map(PartyId::from_u128),
        };
        let selected = |line: &Line| {
            book.is_none_or(|book| line.account.code().book() == book)
                && row.is_none_or(|row| line.account.code() == row)
                && party.is_none_or(|party| concerns(line, PartyId::from_u128(party), &facts, &hired))
        };
        for format in JOURNALS {
            let parsed = Parsed::read(&exported(&store, &selection, format));
            parsed.check();
            let mut whole = Vec::new();
            for (fact, position) in facts[from..to].iter().zip(from as u64 + 1..) {
                for book in [Book::Trust, Book::Corporate] {
                    let one = lines(std::slice::from_ref(fact)).filter(|l| l.account.code().book() == book);
                    let one: Vec<&Line> = one.collect();
                    if one.iter().any(|line| selected(line)) {
                        whole.push((position, one.len()));
                    }
                }
            }
            let found: Vec<_> = parsed.transactions.iter().map(|(at, lines)| (*at, lines.len())).collect();
            prop_assert_eq!(found, whole, "{:?}", format);
        }
        let text = exported(&store, &selection, Format::Csv);
        prop_assert_eq!(csv(&text).len(), lines(&facts[from..to]).filter(|line| selected(line)).count());
        let text = exported(&store, &selection, Format::Jsonl);
        let of_postings = book.is_some() || row.is_some() || party.is_some();
        let events = facts[from..to]
            .iter()
            .filter(|fact| !of_postings || lines(std::slice::from_ref(*fact)).any(selected));
        prop_assert_eq!(text.lines().count(), events.count());
    }

    #[test]
    fn the_same_log_gives_the_same_bytes(story in Story::any()) {
        let (facts, _) = story.told();
        let (store, again) = (stored(&facts), stored(&facts));
        for format in FORMATS {
            let first = exported(&store, &whole(&facts), format);
            prop_assert_eq!(&first, &exported(&again, &whole(&facts), format));
        }
    }
}

/// Whether the posting is to an account of the party or of one of its contracts.
fn concerns(line: &Line, party: PartyId, facts: &[Fact], hired: &[Hired]) -> bool {
    let its_contract = |id| {
        facts.iter().any(|fact| match &fact.event {
            domain::Event::Contract(domain::contract::ContractEvent::Created(e)) => {
                e.contract_id == id && (e.client == party || e.talent == party)
            }
            _ => false,
        })
    };
    let known = |id| hired.iter().any(|hired| hired.contract == id);
    line.account.kept().party == Some(party)
        || line.account.kept().contract.is_some_and(|id| known(id) && its_contract(id))
}

#[test]
fn a_client_finds_the_escrow_of_its_contracts_even_when_they_are_older_than_the_selection() {
    let facts = History::short();
    let created = facts.iter().position(|fact| fact.event.event_type().0 == "contract.created").unwrap();
    let domain::Event::Contract(domain::contract::ContractEvent::Created(contract)) = &facts[created].event
    else {
        panic!("a contract")
    };
    let selection =
        Selection { after: Position::new(created as u64 + 1), party: Some(contract.client), ..whole(&facts) };
    let parsed = Parsed::read(&exported(&stored(&facts), &selection, Format::Hledger));
    // Three milestones, funded and released; the fees of each release are a transaction of the other book.
    let trust = parsed.transactions.iter().filter(|(_, postings)| postings[0].0.contains(":Trust:"));
    assert_eq!(trust.count(), 6);
    let stranger = Selection { party: Some(PartyId::from_u128(999)), ..whole(&facts) };
    assert!(Parsed::read(&exported(&stored(&facts), &stranger, Format::Hledger)).transactions.is_empty());
}

#[test]
fn json_lines_are_the_log() {
    let facts = History::short();
    let store = stored(&facts);
    let text = exported(&store, &whole(&facts), Format::Jsonl);
    let records = runtime().block_on(store.read(Position::START, facts.len())).unwrap();
    assert_eq!(text.lines().count(), facts.len());
    for (line, record) in text.lines().zip(&records) {
        let value: Value = serde_json::from_str(line).unwrap();
        assert_eq!(value["position"], record.position().get());
        assert_eq!(value["leaf"], record.leaf().to_string());
        assert_eq!(value["type"], record.header().event_type.as_ref());
        assert_eq!(value["actor"], record.header().actor.as_ref());
        let payload = std::str::from_utf8(record.payload()).unwrap();
        assert!(line.contains(&format!("\"payload\":{payload},\"leaf\"")), "{line}");
        let streams = value["streams"].as_array().unwrap();
        assert_eq!(streams.len(), record.header().memberships.len());
    }
}

#[test]
fn a_log_of_several_pages_comes_whole() {
    let mut history = History::new();
    while history.facts.len() <= 2 * 2_048 {
        let hired = history.hire(["2500", "401", "7"], Currency::USD);
        for index in 0..hired.milestones.len() {
            history.fund(&hired, index, 0);
            history.work(&hired, index);
        }
    }
    let facts = history.facts;
    let store = stored(&facts);
    let positions: Vec<u64> = exported(&store, &whole(&facts), Format::Jsonl)
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap()["position"].as_u64().unwrap())
        .collect();
    assert_eq!(positions, (1..=facts.len() as u64).collect::<Vec<_>>());
    let parsed = Parsed::read(&exported(&store, &whole(&facts), Format::Beancount));
    parsed.check();
    assert_eq!(parsed.balances(), expected(lines(&facts)));
    let head = runtime().block_on(audit::as_of::resolve(&store, AsOf::Head, None)).unwrap();
    let ledger = runtime().block_on(audit::as_of::ledger_at(&store, head, &|_, _| {})).unwrap();
    let sum: i128 = ledger.balances.iter().map(|row| row.debits).sum();
    assert_eq!(sum, lines(&facts).map(|line| i128::from(line.signed().max(0))).sum());
}

#[test]
fn a_log_on_disk_gives_the_bytes_of_one_in_memory() {
    let facts = History::eventful();
    let written = Written::new(&facts);
    for format in FORMATS {
        let disk = exported(&written.open(), &whole(&facts), format);
        assert_eq!(disk, exported(&stored(&facts), &whole(&facts), format), "{format:?}");
    }
}

#[test]
fn an_actor_of_any_characters_breaks_no_line() {
    let mut facts = History::short();
    for fact in &mut facts {
        fact.actor = "a\n2026-01-01 * \"b\", ; c\\\r\t(é)".to_owned();
    }
    let store = stored(&facts);
    for format in JOURNALS {
        let parsed = Parsed::read(&exported(&store, &whole(&facts), format));
        parsed.check();
        assert_eq!(parsed.balances(), expected(lines(&facts)), "{format:?}");
    }
    let text = exported(&store, &whole(&facts), Format::Csv);
    let quoted = "\"a\n2026-01-01 * \"\"b\"\", ; c\\\r\t(é)\"";
    assert_eq!(text.matches(quoted).count(), lines(&facts).count());
    let text = exported(&store, &whole(&facts), Format::Jsonl);
    assert_eq!(text.lines().count(), facts.len());
}

#[test]
fn accounts_have_names_of_their_own() {
    let facts = History::eventful();
    let accounts: BTreeSet<LedgerAccount> = lines(&facts).map(|line| line.account).collect();
    let names: BTreeSet<String> = accounts.iter().map(|account| account_name(*account)).collect();
    assert!(accounts.len() > 100);
    let rows: BTreeSet<AccountCode> = accounts.iter().map(|account| account.code()).collect();
    assert_eq!(rows, AccountCode::ALL.iter().copied().collect(), "the whole chart is in use");
    assert_eq!(names.len(), accounts.len());
}
