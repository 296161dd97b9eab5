//! The books, summed from the entries alone, and the invariants that they must satisfy after every one.
//!
//! Shape: one balance per account and currency, one trial balance, and for each milestone what the events say was
//! funded and released. Sums are `i128`, so that no number of entries overflows them.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use domain::contract::{AwardApplied, ContractEvent, Division, EscrowEvent};
use domain::id::{ContractId, MilestoneId};
use domain::ledger::{AccountCode, Book, LedgerAccount, Line, Normal, Side};
use domain::money::Currency;
use domain::stream::Folded;
use domain::{Event, State, States, StreamId};
use eventstore::{Header, Micros, Position};

use crate::pass::Breach;
use crate::report::{TrialLine, code};

/// Accounts of which each is the other's image in the other book: together they are always zero.
const MIRRORS: &[(AccountCode, AccountCode)] = &[
    (AccountCode::DueToPlatform, AccountCode::DueFromTrust),
    (AccountCode::DueToTrust, AccountCode::DueFromPlatform),
];

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
    refunded: i128,
    /// Escrow that a dispute has frozen.
    frozen: i128,
    /// Earnings that a dispute has frozen beside that.
    frozen_earnings: i128,
    charged: i128,
    earned: i128,
    returned: i128,
    /// What moved here from other milestones, less what moved from here to others.
    moved: i128,
    /// The same of what is held beside escrow.
    moved_beside: i128,
}

impl Flow {
    /// Whether this much escrow, this much of it frozen and this much beside it are what is left, and nothing is of a
    /// milestone that was released or refunded whole.
    const fn leaves(self, escrow: i128, frozen: i128, beside: i128) -> bool {
        let left = self.funded + self.moved - self.released - self.refunded;
        let charge = self.charged + self.moved_beside - self.earned - self.returned;
        let held = escrow + self.frozen == left && frozen == self.frozen + self.frozen_earnings;
        held && beside == charge && (left != 0 || charge == 0)
    }

    /// A dispute freezes escrow, or earnings of what was released.
    const fn freeze(&mut self, minor: i128, is_escrow: bool) {
        if is_escrow {
            self.frozen += minor;
        } else {
            self.frozen_earnings += minor;
        }
    }

    /// All that a dispute has frozen thaws.
    const fn thaw(&mut self) {
        (self.frozen, self.frozen_earnings) = (0, 0);
    }

    /// All that a dispute has frozen is divided. What goes back of earnings was released before, and stays so here.
    fn award(&mut self, e: &AwardApplied) {
        if let Division::Escrow { earned, charge_back } = &e.division {
            self.released += i128::from(earned.gross);
            self.earned += i128::from(earned.client_fee) + i128::from(earned.client_tax);
            self.refunded += i128::from(e.shares.client.minor());
            self.returned += i128::from(*charge_back);
        }
        self.thaw();
    }
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
    /// Posts the entry of `event`, if it has one; answers with every invariant that it breaks. `states` are those after
    /// it.
    pub(crate) fn event(&mut self, header: &Header, event: &Event, states: &States) -> Vec<Breach> {
        let mut breaches = Vec::new();
        if let Some(entry) = event.journal_entry() {
            let day = header.effective_at.div_euclid(MICROS_PER_DAY);
            breaches.extend(self.post(header.position, day, entry.lines()));
        }
        match event {
            Event::Escrow(event) => breaches.extend(self.conserve(event)),
            Event::Contract(ContractEvent::Ended(e)) => breaches.extend(self.emptied(e.contract_id, states)),
            Event::Contract(ContractEvent::Cancelled(e)) => {
                breaches.extend(self.emptied(e.contract_id, states));
            }
            Event::Contract(
                ContractEvent::Created(_)
                | ContractEvent::EndRequested(_)
                | ContractEvent::EndWithdrawn(_)
                | ContractEvent::EndAgreed(_)
                | ContractEvent::EndDisputed(_)
                | ContractEvent::AmendmentProposed(_)
                | ContractEvent::AmendmentAccepted(_)
                | ContractEvent::AmendmentRejected(_)
                | ContractEvent::AmendmentWithdrawn(_)
                | ContractEvent::Paused(_)
                | ContractEvent::Resumed(_)
                | ContractEvent::TerminationBegun(_)
                | ContractEvent::ReopenProposed(_)
                | ContractEvent::Reopened(_),
            )
            | Event::Marketplace(_)
            | Event::Job(_)
            | Event::Proposal(_)
            | Event::Milestone(_)
            | Event::Deposit(_)
            | Event::Refund(_)
            | Event::Dispute(_)
            | Event::Account(_)
            | Event::Payout(_)
            | Event::Settlement(_)
            | Event::Process(_) => {}
        }
        breaches.extend(states.folded().iter().filter_map(|folded| self.uncovered(folded)));
        breaches
    }

    /// An account that has reserved more than the entries make available.
    fn uncovered(&self, folded: &Folded) -> Option<Breach> {
        let StreamId::Account(party, currency) = folded.stream else {
            return None;
        };
        let reserved = i128::from(folded.state.as_deref()?.as_account()?.reserved());
        let available = self.held(LedgerAccount::TalentAvailable(party), currency);
        (reserved > available.max(0)).then(|| {
            let message = format!(
                "{party} has {available} minor units of {currency} available, and {reserved} reserved"
            );
            (code::RESERVED_UNCOVERED, message)
        })
    }

    /// What a contract that is over still holds.
    fn emptied(&self, id: ContractId, states: &States) -> Vec<Breach> {
        let contract = states.state(&StreamId::Contract(id)).and_then(State::as_contract);
        let accounts = contract.into_iter().flat_map(|contract| {
            let of_milestone =
                contract.milestones.iter().flat_map(|milestone| of_milestone(id, milestone.id));
            of_milestone.map(|account| (account, contract.currency))
        });
        let held = accounts.map(|(account, currency)| (account, self.held(account, currency)));
        held.filter(|(_, minor)| *minor != 0)
            .map(|(account, minor)| {
                let message = format!("{id} is over, and {account} holds {minor} minor units");
                (code::ESCROW_NOT_CONSERVED, message)
            })
            .collect()
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
        let guarded = lines.iter().filter(|line| {
            let kept = line.account.kept();
            kept.contract.is_some() || kept.party.is_some()
        });
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
        let corporate = AccountCode::ALL.iter().copied().filter(|code| code.book() == Book::Corporate);
        let beyond: i128 = corporate.map(net).sum();
        if beyond != 0 {
            let message = format!("corporate has debits of {beyond} minor units of {currency} too many");
            breaches.push((code::CORPORATE_UNEQUAL, message));
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

    /// What was funded, or moved here, is held, frozen, released, refunded or moved on; once none is left, nothing is
    /// held beside it either.
    fn conserve(&mut self, event: &EscrowEvent) -> Option<Breach> {
        let contract = event.contract_id();
        let touched = match event {
            EscrowEvent::Funded(e) => {
                let flow = self.flow(contract, e.milestone_id);
                flow.funded += i128::from(e.amount.minor());
                flow.charged += i128::from(e.charge.fee) + i128::from(e.charge.tax);
                [Some(e.milestone_id), None]
            }
            EscrowEvent::Released(e) => {
                let flow = self.flow(contract, e.milestone_id);
                flow.released += i128::from(e.slice.gross);
                flow.earned += i128::from(e.slice.client_fee) + i128::from(e.slice.client_tax);
                [Some(e.milestone_id), None]
            }
            EscrowEvent::Refunded(e) => {
                let flow = self.flow(contract, e.milestone_id);
                flow.refunded += i128::from(e.amount.minor());
                flow.returned += i128::from(e.charge);
                [Some(e.milestone_id), None]
            }
            EscrowEvent::Frozen(e) => {
                self.flow(contract, e.milestone_id).freeze(i128::from(e.amount.minor()), e.lots.is_empty());
                [Some(e.milestone_id), None]
            }
            EscrowEvent::Unfrozen(e) => {
                self.flow(contract, e.milestone_id).thaw();
                [Some(e.milestone_id), None]
            }
            EscrowEvent::AwardApplied(e) => {
                self.flow(contract, e.milestone_id).award(e);
                [Some(e.milestone_id), None]
            }
            EscrowEvent::Moved(e) => {
                let beside = i128::from(e.charge.fee) + i128::from(e.charge.tax);
                for (milestone, sign) in [(e.from, -1), (e.to, 1)] {
                    let flow = self.flow(contract, milestone);
                    flow.moved += sign * i128::from(e.amount.minor());
                    flow.moved_beside += sign * beside;
                }
                [Some(e.from), Some(e.to)]
            }
            EscrowEvent::EarningsCleared(_) | EscrowEvent::EarningsRefunded(_) => [None, None],
        };
        let currency = event.journal_entry().lines().first()?.currency;
        touched.into_iter().flatten().find_map(|milestone| self.unconserved((contract, milestone), currency))
    }

    fn flow(&mut self, contract: ContractId, milestone: MilestoneId) -> &mut Flow {
        self.flows.entry((contract, milestone)).or_default()
    }

    /// What a milestone holds that its events do not say.
    fn unconserved(
        &self,
        (contract, milestone): (ContractId, MilestoneId),
        currency: Currency,
    ) -> Option<Breach> {
        let flow = *self.flows.get(&(contract, milestone))?;
        let [escrow, frozen, beside] =
            of_milestone(contract, milestone).map(|account| self.held(account, currency));
        (!flow.leaves(escrow, frozen, beside)).then(|| {
            let message = format!(
                "{milestone} was funded with {} + {}, got {} + {} from others, released {} + {}, refunded {} + {} \
                 and froze {}, yet {escrow} + {beside} minor units are held and {frozen} frozen",
                flow.funded,
                flow.charged,
                flow.moved,
                flow.moved_beside,
                flow.released,
                flow.earned,
                flow.refunded,
                flow.returned,
                flow.frozen + flow.frozen_earnings
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

/// The accounts of a milestone: escrow, what of it is frozen, and what is held beside it.
pub(crate) const fn of_milestone(contract: ContractId, milestone: MilestoneId) -> [LedgerAccount; 3] {
    [
        LedgerAccount::Escrow(contract, milestone),
        LedgerAccount::EscrowInDispute(contract, milestone),
        LedgerAccount::ClientFeeHeld(contract, milestone),
    ]
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
    fn a_cost_that_trust_bore_without_its_mirror_is_found() {
        let lines = [debit(LedgerAccount::DueFromPlatform, 5), credit(LedgerAccount::TrustBank, 5)];
        assert_eq!(posted(&lines), [code::MIRROR_UNEQUAL]);
    }

    #[test]
    fn a_corporate_book_of_one_side_is_found() {
        assert_eq!(posted(&[debit(LedgerAccount::ProcessingCost, 5)]), [code::CORPORATE_UNEQUAL]);
    }

    #[test]
    fn what_is_left_of_a_milestone_is_held_or_frozen_and_nothing_of_one_that_is_over() {
        let funded = Flow { funded: 100, charged: 15, ..Flow::default() };
        assert!(funded.leaves(100, 0, 15) && !funded.leaves(99, 0, 15) && !funded.leaves(100, 0, 14));
        let disputed = Flow { frozen: 100, ..funded };
        assert!(disputed.leaves(0, 100, 15) && !disputed.leaves(100, 0, 15));
        let over = Flow { released: 40, refunded: 60, earned: 6, returned: 9, ..funded };
        assert!(over.leaves(0, 0, 0));
        assert!(!Flow { returned: 8, ..over }.leaves(0, 0, 1), "one beside what is over");
        let moved = Flow { released: 40, earned: 6, moved: -60, moved_beside: -9, ..funded };
        assert!(moved.leaves(0, 0, 0) && !Flow { moved_beside: -8, ..moved }.leaves(0, 0, 1));
    }

    #[test]
    fn drawing_on_what_a_party_does_not_have_is_found() {
        let party = domain::id::PartyId::from_u128(3);
        let lines = [debit(LedgerAccount::PayoutInTransit(party), 5), credit(LedgerAccount::TrustBank, 5)];
        assert_eq!(posted(&lines), [code::ACCOUNT_OVERDRAWN]);
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
