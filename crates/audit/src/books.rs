//! The books, summed from the entries alone, and the invariants that they must satisfy after every one.
//!
//! Shape: one balance per account and currency, one trial balance, and for each milestone what the events say was
//! funded and released. Sums are `i128`, so that no number of entries overflows them.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use domain::Event;
use domain::contract::EscrowEvent;
use domain::id::{ContractId, MilestoneId};
use domain::ledger::{AccountCode, Book, LedgerAccount, Line, Normal, Side};
use domain::money::Currency;
use eventstore::{Header, Micros, Position};

use crate::pass::Breach;
use crate::report::{TrialLine, code};

/// Accounts of which each is the other's image in the other book: together they are always zero.
const MIRRORS: &[(AccountCode, AccountCode)] = &[(AccountCode::DueToPlatform, AccountCode::DueFromTrust)];

const MICROS_PER_DAY: Micros = 24 * 60 * 60 * 1_000_000;

/// A balance, credits positive, and the last entry that moved it.
#[derive(Clone, Copy, Default)]
pub(crate) struct Balance {
    pub(crate) minor: i128,
    pub(crate) moved_at: Position,
}

/// Debits and credits, in minor units.
#[derive(Clone, Copy, Default)]
struct Totals {
    debits: i128,
    credits: i128,
}

impl Totals {
    const fn net(self) -> i128 {
        self.debits - self.credits
    }
}

/// What the events say of a milestone's money, in minor units: escrow, and what is held beside it for fee and tax.
#[derive(Clone, Copy, Default)]
struct Flow {
    funded: i128,
    released: i128,
    charged: i128,
    earned: i128,
}

/// The books so far.
#[derive(Default)]
pub(crate) struct Books {
    balances: HashMap<(LedgerAccount, Currency), Balance>,
    trial: BTreeMap<(AccountCode, Currency), Totals>,
    /// Debits less credits of the trust book, per effective day and currency.
    days: BTreeMap<(i64, Currency), i128>,
    flows: HashMap<(ContractId, MilestoneId), Flow>,
}

impl Books {
    /// Posts the entry of `event`, if it has one; answers with every invariant that it breaks.
    pub(crate) fn event(&mut self, header: &Header, event: &Event) -> Vec<Breach> {
        let Some(entry) = event.journal_entry() else {
            return Vec::new();
        };
        let day = header.effective_at.div_euclid(MICROS_PER_DAY);
        let mut breaches = self.post(header.position, day, entry.lines());
        match event {
            Event::Escrow(event) => breaches.extend(self.conserve(event)),
            Event::Marketplace(_)
            | Event::Job(_)
            | Event::Proposal(_)
            | Event::Contract(_)
            | Event::Milestone(_)
            | Event::Deposit(_)
            | Event::Process(_) => {}
        }
        breaches
    }

    fn post(&mut self, at: Position, day: i64, lines: &[Line]) -> Vec<Breach> {
        for line in lines {
            let (minor, code) = (i128::from(line.minor), line.account.code());
            let totals = self.trial.entry((code, line.currency)).or_default();
            match line.side {
                Side::Debit => totals.debits += minor,
                Side::Credit => totals.credits += minor,
            }
            let signed = i128::from(line.signed());
            let balance = self.balances.entry((line.account, line.currency)).or_default();
            balance.minor -= signed;
            balance.moved_at = at;
            if code.book() == Book::Trust {
                *self.days.entry((day, line.currency)).or_default() += signed;
            }
        }
        let guarded = lines.iter().filter(|line| line.account.contract().is_some());
        let overdrawn = guarded.filter_map(|line| self.overdrawn(line));
        let currencies: BTreeSet<Currency> = lines.iter().map(|line| line.currency).collect();
        let unequal = currencies.into_iter().flat_map(|currency| self.unequal(currency));
        overdrawn.chain(unequal).collect()
    }

    fn overdrawn(&self, line: &Line) -> Option<Breach> {
        let held = self.held(line.account, line.currency);
        (held < 0).then(|| {
            let message = format!("{} holds {held} minor units of {}", line.account, line.currency);
            (code::ACCOUNT_OVERDRAWN, message)
        })
    }

    fn unequal(&self, currency: Currency) -> Vec<Breach> {
        let net = |code: AccountCode| self.trial.get(&(code, currency)).map_or(0, |totals| totals.net());
        let side = |normal: Normal| -> i128 {
            let codes = AccountCode::ALL.iter().copied();
            codes.filter(|code| code.book() == Book::Trust && code.normal() == normal).map(net).sum()
        };
        let (assets, liabilities) = (side(Normal::Debit), -side(Normal::Credit));
        let mut breaches = Vec::new();
        if assets != liabilities {
            let message = format!(
                "trust has assets of {assets} and liabilities of {liabilities} minor units of {currency}"
            );
            breaches.push((code::TRUST_UNEQUAL, message));
        }
        for (one, other) in MIRRORS {
            let (here, there) = (-net(*one), net(*other));
            if here != there {
                let message = format!(
                    "{} has {here} and its mirror {} has {there} minor units of {currency}",
                    one.code(),
                    other.code()
                );
                breaches.push((code::MIRROR_UNEQUAL, message));
            }
        }
        breaches
    }

    /// What was funded is held or released; once all is released, nothing is held beside it either.
    fn conserve(&mut self, event: &EscrowEvent) -> Option<Breach> {
        let (contract, milestone) = match event {
            EscrowEvent::Funded(e) => (e.contract_id, e.milestone_id),
            EscrowEvent::Released(e) => (e.contract_id, e.milestone_id),
        };
        let flow = self.flows.entry((contract, milestone)).or_default();
        match event {
            EscrowEvent::Funded(e) => {
                flow.funded += i128::from(e.amount.minor());
                flow.charged += i128::from(e.charge.fee) + i128::from(e.charge.tax);
            }
            EscrowEvent::Released(e) => {
                flow.released += i128::from(e.slice.gross);
                flow.earned += i128::from(e.slice.client_fee) + i128::from(e.slice.client_tax);
            }
        }
        let flow = *flow;
        let currency = event.journal_entry().lines().first()?.currency;
        let escrow = self.held(LedgerAccount::Escrow(contract, milestone), currency);
        let beside = self.held(LedgerAccount::ClientFeeHeld(contract, milestone), currency);
        let conserved = escrow == flow.funded - flow.released && beside == flow.charged - flow.earned;
        let ended = flow.released != flow.funded || (escrow == 0 && beside == 0);
        (!conserved || !ended).then(|| {
            let message = format!(
                "{milestone} was funded with {} + {} and released {} + {}, yet {escrow} + {beside} minor units are held",
                flow.funded, flow.charged, flow.released, flow.earned
            );
            (code::ESCROW_NOT_CONSERVED, message)
        })
    }

    fn held(&self, account: LedgerAccount, currency: Currency) -> i128 {
        self.balances.get(&(account, currency)).map_or(0, |balance| balance.minor)
    }

    /// Every balance, by account and currency.
    pub(crate) fn balances(&self) -> impl Iterator<Item = (LedgerAccount, Currency, Balance)> {
        let balances = self.balances.iter();
        balances.map(|((account, currency), balance)| (*account, *currency, *balance))
    }

    /// The effective days on which the trust book does not balance.
    pub(crate) fn unequal_days(&self) -> impl Iterator<Item = Breach> {
        let unequal = self.days.iter().filter(|(_, net)| **net != 0);
        unequal.map(|((day, currency), net)| {
            let message = format!(
                "on day {day} since 1970 trust has {net} minor units of {currency} more in assets than in liabilities"
            );
            (code::TRUST_UNEQUAL, message)
        })
    }

    /// The trial balance, by account and currency.
    pub(crate) fn trial(&self) -> Vec<TrialLine> {
        let line = |(key, totals): (&(AccountCode, Currency), &Totals)| TrialLine {
            account: key.0,
            currency: key.1,
            debits: totals.debits,
            credits: totals.credits,
        };
        self.trial.iter().map(line).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::id::LotId;

    const CONTRACT: ContractId = ContractId::from_u128(1);
    const ESCROW: LedgerAccount = LedgerAccount::Escrow(CONTRACT, MilestoneId::from_u128(2));

    fn posted(lines: &[Line]) -> Vec<&'static str> {
        let breaches = Books::default().post(Position::new(1), 0, lines);
        breaches.into_iter().map(|(code, _)| code).collect()
    }

    fn debit(account: LedgerAccount, minor: i64) -> Line {
        Line::debit(account, minor, Currency::USD)
    }

    fn credit(account: LedgerAccount, minor: i64) -> Line {
        Line::credit(account, minor, Currency::USD)
    }

    #[test]
    fn money_that_comes_in_and_is_owed_breaks_nothing() {
        assert_eq!(posted(&[debit(LedgerAccount::ProviderClearing, 5), credit(ESCROW, 5)]), [""; 0]);
    }

    #[test]
    fn a_cent_more_in_assets_than_in_liabilities_is_found() {
        let lines = [debit(LedgerAccount::ProviderClearing, 6), credit(ESCROW, 5)];
        assert_eq!(posted(&lines), [code::TRUST_UNEQUAL]);
    }

    #[test]
    fn equal_sums_in_two_currencies_do_not_balance_each_other() {
        let lines = [debit(LedgerAccount::ProviderClearing, 5), Line::credit(ESCROW, 5, Currency::EUR)];
        assert_eq!(posted(&lines), [code::TRUST_UNEQUAL; 2]);
    }

    #[test]
    fn what_trust_owes_without_its_mirror_is_found() {
        let lines = [debit(LedgerAccount::ProviderClearing, 5), credit(LedgerAccount::DueToPlatform, 5)];
        assert_eq!(posted(&lines), [code::MIRROR_UNEQUAL]);
    }

    #[test]
    fn drawing_on_a_guarded_account_that_holds_nothing_is_found() {
        let lot =
            LedgerAccount::TalentOnHold(domain::id::PartyId::from_u128(3), CONTRACT, LotId::from_u128(4));
        assert_eq!(posted(&[debit(ESCROW, 5), credit(lot, 5)]), [code::ACCOUNT_OVERDRAWN]);
    }

    #[test]
    fn each_effective_day_balances_by_itself() {
        let mut books = Books::default();
        books.post(Position::new(1), 1, &[debit(LedgerAccount::ProviderClearing, 5)]);
        books.post(Position::new(2), 2, &[credit(ESCROW, 5)]);
        assert_eq!(books.unequal_days().count(), 2);
    }
}
