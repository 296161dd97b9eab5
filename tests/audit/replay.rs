//! What the log is said to have been as of each position, instant and date, against sums made here from the entries.

use std::collections::BTreeMap;
use std::sync::Arc;

use audit::as_of::{
    AsOf, AsOfError, At, Day, LedgerAt, LedgerWalk, account_at, contract_at, ledger_at, resolve,
};
use audit::replay::{Balance, Subject, Timeline};
use domain::contract::EscrowEvent;
use domain::deposit::DepositEvent;
use domain::id::{ContractId, PartyId};
use domain::ledger::{AccountCode, JournalEntry, LedgerAccount, Line, Normal, Side};
use domain::money::Currency;
use domain::refund::RefundEvent;
use domain::{Event, StreamId};
use eventstore::{Batch, EventStore, MemoryStore, Position, Record};
use proptest::prelude::*;
use proptest::test_runner::Config;

use crate::history::{Fact, Hired, History};
use crate::steps::HOW;
use crate::written::{MARKETPLACE, Written, append, runtime};

const DAY: i64 = 24 * 60 * 60 * 1_000_000;

/// A marketplace in which a few contracts were funded, worked on, paid out or not, in any order.
#[derive(Clone, Debug)]
pub(crate) struct Story {
    currencies: Vec<Currency>,
    /// Contract, milestone or whole contract, and which way the next step goes.
    moves: Vec<(usize, usize, usize)>,
}

impl Story {
    pub(crate) fn any() -> impl Strategy<Value = Self> {
        let currency = prop::sample::select(vec![Currency::USD, Currency::JPY, Currency::KWD]);
        // A contract's end is one of many steps, or nothing would happen before it.
        let part = prop_oneof![9 => 0..3_usize, 1 => Just(3)];
        let moves = prop::collection::vec((0..8_usize, part, 0..HOW), 0..60);
        (prop::collection::vec(currency, 1..4), moves)
            .prop_map(|(currencies, moves)| Self { currencies, moves })
    }

    pub(crate) fn told(&self) -> (Vec<Fact>, Vec<Hired>) {
        let mut history = History::new();
        let hired: Vec<Hired> =
            self.currencies.iter().map(|currency| history.hire(["2500", "401", "7"], *currency)).collect();
        for (contract, part, how) in &self.moves {
            history.step(&hired[contract % hired.len()], *part, *how);
        }
        (history.facts, hired)
    }
}

pub(crate) fn stored(facts: &[Fact]) -> MemoryStore {
    let store = MemoryStore::new(MARKETPLACE);
    runtime().block_on(append(&store, facts));
    store
}

/// The same log, in which each event took effect as many days from its recording as `days` says of its position.
fn effective(store: &MemoryStore, days: impl Fn(u64) -> i64) -> MemoryStore {
    let moved = MemoryStore::new(MARKETPLACE);
    runtime().block_on(async {
        let records = store.read(Position::START, usize::MAX).await.unwrap();
        for batch in records.chunk_by(|one, next| one.header().recorded_at == next.header().recorded_at) {
            let after = Position::new(batch[0].position().get() - 1);
            let reseal = |record: &Arc<Record>| {
                let mut header = record.header().clone();
                header.effective_at += days(header.position.get()) * DAY;
                Arc::new(Record::seal(header, record.payload()))
            };
            let at = batch[0].header().recorded_at;
            moved.append(Batch::new(after, at, batch.iter().map(reseal).collect()).unwrap()).await.unwrap();
        }
    });
    moved
}

fn at(store: &dyn EventStore, as_of: AsOf) -> At {
    runtime().block_on(resolve(store, as_of, None)).unwrap()
}

fn position(store: &dyn EventStore, position: usize) -> At {
    at(store, AsOf::Position(Position::new(position as u64)))
}

fn ledger(store: &dyn EventStore, at: At) -> LedgerAt {
    runtime().block_on(ledger_at(store, at, &|_, _| {})).unwrap()
}

/// Every line of the entries of `facts`.
fn lines(facts: &[Fact]) -> impl Iterator<Item = &Line> {
    facts.iter().filter_map(|fact| fact.event.journal_entry()).flat_map(JournalEntry::lines)
}

/// Debits and credits by row and currency.
fn sums<'a>(lines: impl Iterator<Item = &'a Line>) -> BTreeMap<(AccountCode, Currency), (i128, i128)> {
    let mut sums: BTreeMap<_, (i128, i128)> = BTreeMap::new();
    for line in lines {
        let sum = sums.entry((line.account.code(), line.currency)).or_default();
        match line.side {
            Side::Debit => sum.0 += i128::from(line.minor),
            Side::Credit => sum.1 += i128::from(line.minor),
        }
    }
    sums
}

/// What each account holds on its usual side.
pub(crate) fn held<'a>(lines: impl Iterator<Item = &'a Line>) -> BTreeMap<(LedgerAccount, Currency), i128> {
    let mut held = BTreeMap::new();
    for line in lines {
        let sign = match (line.side, line.account.code().normal()) {
            (Side::Debit, Normal::Debit) | (Side::Credit, Normal::Credit) => 1,
            (Side::Debit, Normal::Credit) | (Side::Credit, Normal::Debit) => -1,
        };
        *held.entry((line.account, line.currency)).or_insert(0) += sign * i128::from(line.minor);
    }
    held
}

fn rows(ledger: &LedgerAt) -> BTreeMap<(AccountCode, Currency), (i128, i128)> {
    ledger.balances.iter().map(|row| ((row.account, row.currency), (row.debits, row.credits))).collect()
}

fn map(balances: &[Balance]) -> BTreeMap<(LedgerAccount, Currency), i128> {
    balances.iter().map(|balance| ((balance.account, balance.currency), balance.minor)).collect()
}

fn contracts(facts: &[Fact], id: ContractId) -> BTreeMap<(LedgerAccount, Currency), i128> {
    held(lines(facts).filter(|line| line.account.kept().contract == Some(id)))
}

fn partys(facts: &[Fact], party: PartyId, currency: Currency) -> BTreeMap<(LedgerAccount, Currency), i128> {
    held(lines(facts).filter(|line| line.account.kept().party == Some(party) && line.currency == currency))
}

/// Where the first fact of `stream` stands.
fn begins(facts: &[Fact], stream: &StreamId) -> Option<usize> {
    facts.iter().position(|fact| fact.event.streams().contains(stream)).map(|index| index + 1)
}

fn not_yet(error: &AsOfError) -> bool {
    matches!(error, AsOfError::NotYet { .. })
}

proptest! {
    #![proptest_config(Config { cases: 24, failure_persistence: None, ..Config::default() })]

    #[test]
    fn as_of_every_position_the_balances_are_the_sums_of_the_entries_so_far(story in Story::any()) {
        let (facts, hired) = story.told();
        let store = stored(&facts);
        let mut talents: Vec<_> = lines(&facts).filter_map(|l| Some((l.account.kept().party?, l.currency))).collect();
        talents.sort_unstable();
        talents.dedup();
        for place in 0..=facts.len() {
            let (at, so_far) = (position(&store, place), &facts[..place]);
            let ledger = ledger(&store, at);
            prop_assert_eq!(rows(&ledger), sums(lines(so_far)));
            prop_assert_eq!(ledger.at.position.get(), place as u64);
            prop_assert_eq!(ledger.at.recorded_at, so_far.last().map(|fact| fact.at));
            for Hired { contract: id, .. } in &hired {
                let answer = runtime().block_on(contract_at(&store, *id, at));
                if begins(&facts, &StreamId::Contract(*id)).unwrap() > place {
                    prop_assert!(answer.is_err_and(|error| not_yet(&error)));
                } else {
                    let answer = answer.unwrap();
                    prop_assert_eq!(map(&answer.balances), contracts(so_far, *id));
                    for balance in &answer.balances {
                        prop_assert_eq!(balance.minor, i128::from(answer.contract.held(balance.account)));
                    }
                }
            }
            for (party, currency) in &talents {
                let answer = runtime().block_on(account_at(&store, *party, *currency, at));
                if begins(&facts, &StreamId::Account(*party, *currency)).unwrap() > place {
                    prop_assert!(answer.is_err_and(|error| not_yet(&error)));
                } else {
                    prop_assert_eq!(map(&answer.unwrap().balances), partys(so_far, *party, *currency));
                }
            }
        }
    }

    #[test]
    fn as_of_a_date_only_what_took_effect_by_then_counts(story in Story::any(), day in 0..5_i64) {
        let (facts, hired) = story.told();
        let offset = |position: u64| i64::try_from(position % 5).unwrap() - 2;
        let store = effective(&stored(&facts), offset);
        let first = facts[0].at - facts[0].at.rem_euclid(DAY);
        let last = Day::of(first + (day - 2) * DAY);
        let counted: Vec<Fact> = facts
            .iter()
            .zip(1..)
            .filter(|(fact, place)| Day::of(fact.at + offset(*place) * DAY) <= last)
            .map(|(fact, _)| fact.clone())
            .collect();
        let at = runtime().block_on(resolve(&store, AsOf::Head, Some(last))).unwrap();
        let ledger = ledger(&store, at);
        prop_assert_eq!(rows(&ledger), sums(lines(&counted)));
        prop_assert_eq!(ledger.at.effective_on, Some(last));
        prop_assert_eq!(ledger.entries, counted.iter().filter(|f| f.event.journal_entry().is_some()).count() as u64);
        for Hired { contract: id, .. } in &hired {
            let answer = runtime().block_on(contract_at(&store, *id, at)).unwrap();
            prop_assert_eq!(map(&answer.balances), contracts(&counted, *id));
            let whole = runtime().block_on(contract_at(&store, *id, At { effective_on: None, ..at })).unwrap();
            prop_assert_eq!(answer.contract, whole.contract, "what isn't money is as of the position");
        }
    }

    #[test]
    fn stepping_through_a_contract_stops_where_asking_at_each_position_does(story in Story::any()) {
        let (facts, hired) = story.told();
        let store = stored(&facts);
        for Hired { contract: id, .. } in &hired {
            let whole = at(&store, AsOf::Head);
            let mut timeline =
                runtime().block_on(Timeline::read(&store, Subject::Contract(*id), whole)).unwrap();
            let mut shown = Vec::new();
            while let Some(step) = timeline.next().transpose().unwrap() {
                let place = position(&store, usize::try_from(step.fact.position.get()).unwrap());
                let answer = runtime().block_on(contract_at(&store, *id, place)).unwrap();
                prop_assert_eq!(timeline.state().and_then(|state| state.as_contract()), Some(&answer.contract));
                prop_assert_eq!(&step.balances, &answer.balances);
                let fact = &facts[usize::try_from(step.fact.position.get()).unwrap() - 1];
                prop_assert_eq!(&*step.fact.actor, fact.actor.as_str());
                prop_assert_eq!(step.fact.recorded_at, fact.at);
                prop_assert_eq!(step.fact.event_type.as_str(), fact.event.event_type().0);
                prop_assert_eq!(step.fact.entry.as_ref(), fact.event.journal_entry());
                shown.push(step.fact.position.get());
            }
            prop_assert_eq!(shown, about(&facts, *id));
        }
    }
}

/// The positions of all that is about a contract: its own events, and those of its deposits, their refunds, and its
/// disputes.
fn about(facts: &[Fact], id: ContractId) -> Vec<u64> {
    let mut streams = vec![StreamId::Contract(id)];
    for fact in facts {
        match &fact.event {
            Event::Deposit(DepositEvent::Requested(e)) if e.contract_id == id => {
                streams.push(StreamId::Deposit(e.deposit_id));
            }
            Event::Refund(RefundEvent::Requested(e))
                if streams.contains(&StreamId::Deposit(e.deposit_id)) =>
            {
                streams.push(StreamId::Refund(e.refund_id));
            }
            Event::Escrow(EscrowEvent::Frozen(e)) if e.contract_id == id => {
                streams.push(StreamId::Dispute(e.dispute_id));
            }
            _ => {}
        }
    }
    let about = facts.iter().zip(1_u64..);
    let about = about.filter(|(fact, _)| fact.event.streams().iter().any(|stream| streams.contains(stream)));
    about.map(|(_, position)| position).collect()
}

/// The types of all facts of a subject.
fn types(facts: &[Fact], subject: Subject) -> Vec<String> {
    let store = stored(facts);
    let timeline = runtime().block_on(Timeline::read(&store, subject, at(&store, AsOf::Head))).unwrap();
    timeline.map(|step| step.unwrap().fact.event_type).collect()
}

#[test]
fn refunds_and_disputes_are_part_of_their_contracts_story() {
    let mut history = History::new();
    let hired = history.hire(["2500", "401", "7"], Currency::USD);
    history.fund(&hired, 0, 0);
    history.ask_back(&hired, 0);
    history.dispute(&hired, 0);
    history.step(&hired, 0, 0);
    history.ask_back(&hired, 0);
    history.agree_refund(&hired, 0);
    for _ in 0..3 {
        history.step(&hired, 0, 5);
    }
    let types = types(&history.facts, Subject::Contract(hired.contract));
    let asked = types.iter().position(|name| name == "milestone.refund_requested").unwrap();
    assert_eq!(
        types[asked..],
        [
            "milestone.refund_requested",
            "dispute.opened",
            "escrow.frozen",
            "dispute.withdrawn",
            "escrow.unfrozen",
            "milestone.refund_requested",
            "escrow.refunded",
            "refund.requested",
            "refund.attempt_started",
            "refund.acknowledged",
            "refund.confirmed",
        ]
    );
}

#[test]
fn an_accounts_story_is_its_earnings_holds_and_payouts() {
    let (facts, hired) = crate::outgoing::paid();
    let types = types(&facts, Subject::Account(hired.talent.party().unwrap(), Currency::USD));
    assert_eq!(
        types,
        [
            "escrow.released",
            "earnings.cleared",
            "payout.requested",
            "account.hold_placed",
            "payout.held",
            "account.hold_released",
            "payout.released",
            "payout.approved",
            "payout.submitted",
            "payout.acknowledged",
            "payout.paid",
        ]
    );
}

#[test]
fn a_deposits_own_facts_are_part_of_its_contracts_story() {
    let facts = History::short();
    let store = stored(&facts);
    let Some(Event::Contract(domain::contract::ContractEvent::Created(created))) =
        facts.iter().map(|fact| &fact.event).find(|event| event.event_type().0 == "contract.created")
    else {
        panic!("a contract")
    };
    let subject = Subject::Contract(created.contract_id);
    let timeline = runtime().block_on(Timeline::read(&store, subject, at(&store, AsOf::Head))).unwrap();
    let types: Vec<String> = timeline.map(|step| step.unwrap().fact.event_type).collect();
    let funding = types.iter().position(|name| name == "deposit.requested").unwrap();
    assert_eq!(
        types[funding..funding + 5],
        [
            "deposit.requested",
            "deposit.attempt_started",
            "deposit.acknowledged",
            "deposit.confirmed",
            "escrow.funded"
        ]
    );
}

#[test]
fn a_contracts_story_ends_where_it_is_asked_to_end() {
    let (facts, hired) = three_funded();
    let store = stored(&facts);
    let begun = begins(&facts, &StreamId::Contract(hired.contract)).unwrap();
    for place in begun..=facts.len() {
        let told = told(&store, hired.contract, position(&store, place));
        let about = about(&facts[..place], hired.contract);
        assert_eq!(told, about, "as of {place}");
    }
}

#[test]
fn what_was_opened_under_a_deposit_is_part_of_the_contracts_story_too() {
    let (mut facts, hired) = three_funded();
    let requests: Vec<usize> =
        (0..facts.len()).filter(|index| facts[*index].event.event_type().0 == "deposit.requested").collect();
    let deposit = |index: usize| facts[requests[index]].event.streams()[0].clone();
    let (first, second) = (deposit(0), deposit(1));
    let before = about(&facts, hired.contract);
    // Nothing of the second deposit names the contract any more; it begins in a fact of the first.
    facts[requests[1]].streams = Some(vec![first, second]);
    let store = stored(&facts);
    assert_eq!(told(&store, hired.contract, at(&store, AsOf::Head)), before);
}

/// A contract whose three milestones are funded.
fn three_funded() -> (Vec<Fact>, Hired) {
    let mut history = History::new();
    let hired = history.hire(["2500", "401", "7"], Currency::USD);
    for index in 0..3 {
        history.fund(&hired, index, 0);
    }
    (history.facts, hired)
}

/// The positions of a contract's timeline.
fn told(store: &dyn EventStore, id: ContractId, at: At) -> Vec<u64> {
    let timeline = runtime().block_on(Timeline::read(store, Subject::Contract(id), at)).unwrap();
    timeline.map(|step| step.unwrap().fact.position.get()).collect()
}

#[test]
fn an_instant_means_the_last_event_recorded_at_or_before_it() {
    let facts = History::short();
    let store = stored(&facts);
    let resolved = |instant| {
        let at = at(&store, AsOf::RecordedAt(instant));
        (usize::try_from(at.position.get()).unwrap(), at.recorded_at)
    };
    for fact in &facts {
        for instant in [fact.at - 1, fact.at, fact.at + 1] {
            let last = facts.iter().rposition(|fact| fact.at <= instant);
            let expected = (last.map_or(0, |index| index + 1), last.map(|index| facts[index].at));
            assert_eq!(resolved(instant), expected);
        }
    }
    assert_eq!(resolved(i64::MIN), (0, None));
    assert_eq!(resolved(i64::MAX).0, facts.len());
}

#[test]
fn what_is_not_recorded_yet_can_not_be_asked_for() {
    let facts = History::short();
    let store = stored(&facts);
    let beyond = AsOf::Position(Position::new(facts.len() as u64 + 1));
    let refused = runtime().block_on(resolve(&store, beyond, None)).unwrap_err();
    assert!(matches!(refused, AsOfError::BeyondHead { .. }), "{refused}");
    let empty = stored(&[]);
    assert_eq!(at(&empty, AsOf::Head).position, Position::START);
    assert_eq!(at(&empty, AsOf::Head).recorded_at, None);
    assert!(ledger(&empty, at(&empty, AsOf::Head)).balances.is_empty());
}

#[test]
fn what_never_was_is_unknown() {
    let store = stored(&History::short());
    let head = at(&store, AsOf::Head);
    let contract = runtime().block_on(contract_at(&store, ContractId::from_u128(1), head)).unwrap_err();
    assert!(matches!(contract, AsOfError::Unknown { .. }), "{contract}");
    assert!(contract.to_string().contains("contract/ctr_00000000000000000000000001"), "{contract}");
    let nobody = PartyId::from_u128(999);
    let account = runtime().block_on(account_at(&store, nobody, Currency::USD, head)).unwrap_err();
    assert!(matches!(account, AsOfError::Unknown { .. }), "{account}");
}

#[test]
fn an_answer_stays_the_same_while_the_log_grows() {
    let facts = History::long();
    let half = facts.len() / 2;
    let half = half + facts[half..].iter().position(|fact| fact.at != facts[half - 1].at).unwrap();
    let (short, long) = (stored(&facts[..half]), stored(&facts));
    assert_eq!(ledger(&short, at(&short, AsOf::Head)), ledger(&long, position(&long, half)));
}

#[test]
fn each_entry_of_the_ledger_comes_once_with_the_rows_that_it_moved() {
    let facts = History::long();
    let store = stored(&facts);
    let head = at(&store, AsOf::Head);
    runtime().block_on(async {
        let mut walk = LedgerWalk::new(&store, head);
        let mut passed = Vec::new();
        while let Some(step) = walk.next(&|_, _| {}).await.unwrap() {
            let place = usize::try_from(step.fact.position.get()).unwrap();
            let sums = sums(lines(&facts[..place]));
            let touched: Vec<_> = step.fact.lines().iter().map(|l| (l.account.code(), l.currency)).collect();
            assert!(touched.iter().all(|key| step.balances.iter().any(|r| (r.account, r.currency) == *key)));
            for row in &step.balances {
                assert!(touched.contains(&(row.account, row.currency)));
                assert_eq!((row.debits, row.credits), sums[&(row.account, row.currency)]);
            }
            passed.push(place);
        }
        let entries = facts.iter().zip(1..).filter(|(fact, _)| fact.event.journal_entry().is_some());
        assert_eq!(passed, entries.map(|(_, place)| place).collect::<Vec<_>>());
        assert_eq!(rows(&walk.ledger()), sums(lines(&facts)));
    });
}

#[test]
fn a_closed_log_on_disk_answers_as_one_in_memory_does() {
    let facts = History::long();
    let (memory, written) = (stored(&facts), Written::new(&facts));
    let disk = written.open();
    for place in [0, 1, 500, facts.len()] {
        assert_eq!(ledger(&memory, position(&memory, place)), ledger(&disk, position(&disk, place)));
    }
    for instant in [facts[0].at, facts[400].at] {
        let as_of = AsOf::RecordedAt(instant);
        assert_eq!(at(&memory, as_of), at(&disk, as_of));
    }
}

#[test]
fn an_event_that_can_not_be_read_is_named() {
    let mut facts = History::short();
    let entry = facts.iter().position(|fact| fact.event.journal_entry().is_some()).unwrap();
    facts[entry].payload = b"{}".to_vec();
    let store = stored(&facts);
    let refused = runtime().block_on(ledger_at(&store, at(&store, AsOf::Head), &|_, _| {})).unwrap_err();
    assert!(refused.to_string().contains(&format!("position {}", entry + 1)), "{refused}");
    assert_eq!(ledger(&store, position(&store, entry)).entries, 0, "up to there it can be told");
}
