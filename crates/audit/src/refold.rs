//! Balances, folded two independent ways: summed from the entries, and kept by the domain's states.

use std::collections::{BTreeMap, BTreeSet};

use domain::contract::Contract;
use domain::id::PartyId;
use domain::ledger::{AccountCode, LedgerAccount};
use domain::money::Currency;
use domain::{State, StreamId};
use eventstore::Position;

use crate::books::{Balance, Books};
use crate::pass::Breach;
use crate::report::code;

/// A sentence about a balance that is not what it should be, with the entry that moved it last.
pub(crate) type Difference = (Option<Position>, Breach);

/// Every balance that the books and the folded states have differently.
pub(crate) fn compare<'a>(
    books: &Books,
    states: impl Iterator<Item = (&'a StreamId, &'a State)>,
) -> Vec<Difference> {
    let (mut summed, mut folded) = (Sides::default(), Sides::default());
    for (account, currency, balance) in books.balances() {
        summed.add(account, currency, balance);
    }
    for (stream, state) in states {
        folded.fold(stream, state);
    }
    let mut found = differences(&summed.guarded, &folded.guarded);
    found.extend(differences(&summed.parties, &folded.parties));
    found
}

/// Balances by name, from one of the two sides that are compared.
#[derive(Default)]
struct Sides {
    /// Of the accounts that contracts guard.
    guarded: BTreeMap<(LedgerAccount, Currency), Balance>,
    /// Of each party, by the row of the chart.
    parties: BTreeMap<(PartyId, AccountCode, Currency), Balance>,
}

impl Sides {
    /// Adds a balance that was summed from the entries.
    fn add(&mut self, account: LedgerAccount, currency: Currency, balance: Balance) {
        if account.contract().is_some() {
            self.guarded.insert((account, currency), balance);
        }
        if let Some(party) = account.party() {
            let sum = self.parties.entry((party, account.code(), currency)).or_default();
            sum.minor += balance.minor;
            sum.moved_at = sum.moved_at.max(balance.moved_at);
        }
    }

    /// Adds the balances of a folded state.
    fn fold(&mut self, stream: &StreamId, state: &State) {
        match state {
            State::Contract(contract) => {
                let held = accounts(contract).map(|account| {
                    let minor = i128::from(contract.held(account));
                    ((account, contract.currency), Balance { minor, moved_at: Position::START })
                });
                self.guarded.extend(held);
            }
            State::Account(account) => {
                if let StreamId::Account(party, currency) = stream {
                    let balances = account.balances.iter().map(|(code, minor)| {
                        let minor = i128::from(*minor);
                        ((*party, *code, *currency), Balance { minor, moved_at: Position::START })
                    });
                    self.parties.extend(balances);
                }
            }
            State::Marketplace(_)
            | State::Job(_)
            | State::Proposal(_)
            | State::Deposit(_)
            | State::Provider(_)
            | State::Process(_) => {}
        }
    }
}

/// The accounts whose balances live in a contract.
fn accounts(contract: &Contract) -> impl Iterator<Item = LedgerAccount> {
    contract.milestones.iter().flat_map(|milestone| {
        let lots = milestone
            .lots
            .iter()
            .map(|lot| LedgerAccount::TalentOnHold(contract.talent, contract.id, lot.id));
        [
            LedgerAccount::Escrow(contract.id, milestone.id),
            LedgerAccount::ClientFeeHeld(contract.id, milestone.id),
        ]
        .into_iter()
        .chain(lots)
    })
}

/// What is not the same on both sides; what one side lacks is zero there.
fn differences<K: Ord + std::fmt::Debug>(
    summed: &BTreeMap<K, Balance>,
    folded: &BTreeMap<K, Balance>,
) -> Vec<Difference> {
    let names: BTreeSet<&K> = summed.keys().chain(folded.keys()).collect();
    let differing = names.into_iter().filter_map(|name| {
        let entries = summed.get(name).copied().unwrap_or_default();
        let state = folded.get(name).copied().unwrap_or_default();
        (entries.minor != state.minor).then(|| {
            let message = format!(
                "the entries make {} of {name:?}, the folded state {} minor units",
                entries.minor, state.minor
            );
            let moved_at = (entries.moved_at > Position::START).then_some(entries.moved_at);
            (moved_at, (code::BALANCE_DIFFERS, message))
        })
    });
    differing.collect()
}
