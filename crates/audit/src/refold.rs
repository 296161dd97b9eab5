//! Balances, folded independent ways: summed from the entries, kept by the states of contracts, accounts and cash, and
//! added up from the refunds and payouts that are under way.

use std::collections::{BTreeMap, BTreeSet};

use domain::contract::Contract;
use domain::id::PartyId;
use domain::ledger::{AccountCode, LedgerAccount};
use domain::money::Currency;
use domain::payout::{Payout, PayoutStatus};
use domain::refund::RefundStatus;
use domain::{State, StreamId};
use eventstore::Position;

use crate::books::{Balance, Books, of_milestone};
use crate::pass::Breach;
use crate::report::code;

/// A sentence about a balance that is not what it should be, with the entry that moved it last.
pub(crate) type Difference = (Option<Position>, Breach);

/// Every balance that the books and the folded states have differently.
pub(crate) fn compare<'a>(
    books: &Books,
    states: impl Iterator<Item = (&'a StreamId, &'a State)>,
) -> Vec<Difference> {
    let (mut summed, mut folded, mut under_way) = (Sides::default(), Sides::default(), Sides::default());
    for (account, currency, balance) in books.balances() {
        summed.add(account, currency, balance);
    }
    for (stream, state) in states {
        folded.fold(stream, state);
        under_way.move_out(state);
    }
    let mut found = differences(&summed.guarded, &folded.guarded, ENTRIES);
    found.extend(differences(&summed.parties, &folded.parties, ENTRIES));
    found.extend(differences(&summed.cash, &folded.cash, ENTRIES));
    found.extend(differences(
        &summed.moving(),
        &under_way.parties,
        "of the entries, and of the refunds and payouts",
    ));
    found.extend(differences(
        &under_way.committed,
        &folded.committed,
        "of the payouts, and of the folded state",
    ));
    found.extend(differences(
        &under_way.reserved,
        &folded.reserved,
        "of the payouts, and of the folded state",
    ));
    found
}

const ENTRIES: &str = "of the entries, and of the folded state";

type Parties = BTreeMap<(PartyId, AccountCode, Currency), Balance>;

/// Balances by name, from one of the sides that are compared.
#[derive(Default)]
struct Sides {
    /// Of the accounts that contracts guard.
    guarded: BTreeMap<(LedgerAccount, Currency), Balance>,
    /// Of each party, by the row of the chart.
    parties: Parties,
    /// At the bank; an asset, so below zero as all debits are here.
    cash: BTreeMap<(AccountCode, Currency), Balance>,
    /// What payouts will take of the cash.
    committed: BTreeMap<(&'static str, Currency), Balance>,
    /// What payouts will take of each account.
    reserved: BTreeMap<(&'static str, PartyId, Currency), Balance>,
}

impl Sides {
    /// Adds a balance that was summed from the entries.
    fn add(&mut self, account: LedgerAccount, currency: Currency, balance: Balance) {
        let kept = account.kept();
        if kept.contract.is_some() {
            self.guarded.insert((account, currency), balance);
        }
        if account.code() == AccountCode::TrustBank {
            self.cash.insert((account.code(), currency), balance);
        }
        if let Some(party) = kept.party {
            let sum = self.parties.entry((party, account.code(), currency)).or_default();
            sum.minor += balance.minor;
            sum.moved_at = sum.moved_at.max(balance.moved_at);
        }
    }

    /// The balances of what is on its way to somebody.
    fn moving(&self) -> Parties {
        let moves = |code| matches!(code, AccountCode::PayoutInTransit | AccountCode::RefundInTransit);
        self.parties.iter().filter(|((_, code, _), _)| moves(*code)).map(|(key, sum)| (*key, *sum)).collect()
    }

    /// Adds the balances of a folded state.
    fn fold(&mut self, stream: &StreamId, state: &State) {
        match (state, stream) {
            (State::Contract(contract), _) => {
                let held = accounts(contract)
                    .map(|account| ((account, contract.currency), unmoved(contract.held(account))));
                self.guarded.extend(held);
            }
            (State::Account(account), StreamId::Account(party, currency)) => {
                let balances = account.balances.iter();
                self.parties
                    .extend(balances.map(|(code, minor)| ((*party, *code, *currency), unmoved(*minor))));
                self.reserved.insert((RESERVED, *party, *currency), unmoved(account.reserved()));
            }
            (State::Cash(cash), StreamId::Cash(currency)) => {
                let settled = Balance { minor: -i128::from(cash.settled), moved_at: Position::START };
                self.cash.insert((AccountCode::TrustBank, *currency), settled);
                self.committed.insert((COMMITTED, *currency), unmoved(cash.committed()));
            }
            (
                State::Account(_)
                | State::Cash(_)
                | State::Marketplace(_)
                | State::Job(_)
                | State::Proposal(_)
                | State::Deposit(_)
                | State::Refund(_)
                | State::Dispute(_)
                | State::Payout(_)
                | State::Provider(_)
                | State::Process(_),
                _,
            ) => {}
        }
    }

    /// Adds what a refund or a payout has moved on its way out, or will take.
    fn move_out(&mut self, state: &State) {
        match state {
            State::Refund(refund) => {
                if is_on_its_way(refund.status()) {
                    let key = (refund.client, AccountCode::RefundInTransit, refund.amount.currency());
                    self.parties.entry(key).or_default().minor += i128::from(refund.amount.minor());
                }
            }
            State::Payout(payout) => {
                let (party, currency, minor) =
                    (payout.of.party_id, payout.of.currency, i128::from(payout.amount.minor()));
                let (posted, sent) = stage(payout);
                if posted {
                    let key = (party, AccountCode::PayoutInTransit, currency);
                    self.parties.entry(key).or_default().minor += minor;
                }
                if sent {
                    self.committed.entry((COMMITTED, currency)).or_default().minor += minor;
                }
                if is_reserved(payout) {
                    self.reserved.entry((RESERVED, party, currency)).or_default().minor += minor;
                }
            }
            State::Marketplace(_)
            | State::Job(_)
            | State::Proposal(_)
            | State::Contract(_)
            | State::Account(_)
            | State::Deposit(_)
            | State::Dispute(_)
            | State::Cash(_)
            | State::Provider(_)
            | State::Process(_) => {}
        }
    }
}

const COMMITTED: &str = "committed cash";
const RESERVED: &str = "the reserved part";

/// A balance that no entry is known to have moved.
fn unmoved(minor: i64) -> Balance {
    Balance { minor: i128::from(minor), moved_at: Position::START }
}

const fn is_on_its_way(status: RefundStatus) -> bool {
    match status {
        RefundStatus::Requested
        | RefundStatus::Started
        | RefundStatus::Acknowledged
        | RefundStatus::NeedsAttention => true,
        RefundStatus::Confirmed | RefundStatus::Failed => false,
    }
}

/// Whether a payout's amount is posted as in transit, and whether it was sent without an outcome yet.
const fn stage(payout: &Payout) -> (bool, bool) {
    match payout.status() {
        PayoutStatus::Approved => (true, false),
        PayoutStatus::Submitted | PayoutStatus::InTransit | PayoutStatus::NeedsAttention => (true, true),
        PayoutStatus::Requested
        | PayoutStatus::Held
        | PayoutStatus::Paid
        | PayoutStatus::Failed
        | PayoutStatus::Returned
        | PayoutStatus::Reversed
        | PayoutStatus::Cancelled
        | PayoutStatus::Rejected => (false, false),
    }
}

/// Whether a payout's amount is to be kept available for it.
fn is_reserved(payout: &Payout) -> bool {
    matches!(payout.status(), PayoutStatus::Requested | PayoutStatus::Held) || payout.will_retry()
}

/// The accounts whose balances live in a contract.
fn accounts(contract: &Contract) -> impl Iterator<Item = LedgerAccount> {
    contract.milestones.iter().flat_map(|milestone| {
        let lots = milestone
            .lots
            .iter()
            .map(|lot| LedgerAccount::TalentOnHold(contract.talent, contract.id, lot.id));
        of_milestone(contract.id, milestone.id).into_iter().chain(lots)
    })
}

/// What is not the same on both sides; what one side lacks is zero there.
fn differences<K: Ord + std::fmt::Debug>(
    summed: &BTreeMap<K, Balance>,
    folded: &BTreeMap<K, Balance>,
    sides: &str,
) -> Vec<Difference> {
    let names: BTreeSet<&K> = summed.keys().chain(folded.keys()).collect();
    let differing = names.into_iter().filter_map(|name| {
        let entries = summed.get(name).copied().unwrap_or_default();
        let state = folded.get(name).copied().unwrap_or_default();
        (entries.minor != state.minor).then(|| {
            let message =
                format!("{name:?} is {} and {} minor units by the sums {sides}", entries.minor, state.minor);
            let moved_at = (entries.moved_at > Position::START).then_some(entries.moved_at);
            (moved_at, (code::BALANCE_DIFFERS, message))
        })
    });
    differing.collect()
}
