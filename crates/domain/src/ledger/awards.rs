//! The posting rules of disputes, and what an award after a release takes back of the fees.

use super::account::LedgerAccount;
use super::entry::{JournalEntry, Line};
use super::fees::{Charged, ClientCharge, FeeQuote, Granted, Slice};
use crate::id::{ContractId, DisputeId, EntryId, LotId, MilestoneId, PartyId};
use crate::money::{Currency, Money, Rounding, proportion};
use crate::refusal::Refusal;

/// Whose money an award divides.
#[derive(Clone, Copy, Debug)]
pub struct Award {
    /// The contract.
    pub contract: ContractId,
    /// The milestone.
    pub milestone: MilestoneId,
    /// Who gets what goes back.
    pub client: PartyId,
    /// Who earns the rest.
    pub talent: PartyId,
    /// The lot that the rest makes.
    pub lot: LotId,
    /// The contract's currency.
    pub currency: Currency,
}

impl Award {
    const fn frozen(&self) -> LedgerAccount {
        LedgerAccount::EscrowInDispute(self.contract, self.milestone)
    }

    const fn earned(&self) -> LedgerAccount {
        LedgerAccount::TalentOnHold(self.talent, self.contract, self.lot)
    }
}

/// Frozen escrow is divided: `back` of it, and `charge` beside it, go back to the client, and the rest is earned as in
/// a release.
///
/// # Errors
/// [`crate::Code::EntryUnbalanced`] for parts that don't add up.
pub fn award_escrow(
    id: EntryId,
    of: &Award,
    (back, charge): (i64, i64),
    earned: &Slice,
) -> Result<JournalEntry, Refusal> {
    let (currency, held) = (of.currency, LedgerAccount::ClientFeeHeld(of.contract, of.milestone));
    let fee = earned.talent_fee + earned.client_fee;
    let tax = earned.talent_tax + earned.client_tax;
    JournalEntry::balanced(
        id,
        vec![
            Line::debit(of.frozen(), back + earned.gross, currency),
            Line::debit(held, charge + earned.client_fee + earned.client_tax, currency),
            Line::credit(LedgerAccount::RefundInTransit(of.client), back + charge, currency),
            Line::credit(of.earned(), earned.net(), currency),
            Line::credit(LedgerAccount::DueToPlatform, fee + tax, currency),
            Line::debit(LedgerAccount::DueFromTrust, fee + tax, currency),
            Line::credit(LedgerAccount::FeeRevenue, fee, currency),
            Line::credit(LedgerAccount::TaxPayable, tax, currency),
        ],
    )
}

/// Frozen earnings of `frozen` minor units are divided: the client gets back what `taken` says, with the fees on it,
/// which the platform gives back; the talent keeps the rest.
///
/// # Errors
/// [`crate::Code::EntryUnbalanced`] for parts that don't add up.
pub fn award_earnings(id: EntryId, of: &Award, frozen: i64, taken: &Slice) -> Result<JournalEntry, Refusal> {
    let currency = of.currency;
    let fee = taken.talent_fee + taken.client_fee;
    let tax = taken.talent_tax + taken.client_tax;
    let back = taken.gross + taken.client_fee + taken.client_tax;
    JournalEntry::balanced(
        id,
        vec![
            Line::debit(of.frozen(), frozen, currency),
            Line::debit(LedgerAccount::DueFromPlatform, fee + tax, currency),
            Line::credit(LedgerAccount::RefundInTransit(of.client), back, currency),
            Line::credit(of.earned(), frozen - taken.net(), currency),
            Line::debit(LedgerAccount::FeeRefunds, fee, currency),
            Line::debit(LedgerAccount::TaxPayable, tax, currency),
            Line::credit(LedgerAccount::DueToTrust, fee + tax, currency),
        ],
    )
}

/// Earnings on hold are frozen for a dispute.
///
/// # Errors
/// [`crate::Code::EntryUnbalanced`] for an amount of zero.
pub fn freeze_earnings(
    id: EntryId,
    talent: PartyId,
    (contract, milestone): (ContractId, MilestoneId),
    lots: &[(LotId, i64)],
    currency: Currency,
) -> Result<JournalEntry, Refusal> {
    let drawn = lots.iter().map(|(lot, minor)| {
        Line::debit(LedgerAccount::TalentOnHold(talent, contract, *lot), *minor, currency)
    });
    let total = lots.iter().map(|(_, minor)| minor).sum();
    let frozen = Line::credit(LedgerAccount::EscrowInDispute(contract, milestone), total, currency);
    JournalEntry::balanced(id, drawn.chain([frozen]).collect())
}

/// Earnings that a dispute had frozen are on hold again.
///
/// # Errors
/// [`crate::Code::EntryUnbalanced`] for an amount of zero.
pub fn thaw_earnings(
    id: EntryId,
    talent: PartyId,
    (contract, milestone): (ContractId, MilestoneId),
    lots: &[(LotId, i64)],
    currency: Currency,
) -> Result<JournalEntry, Refusal> {
    let total = lots.iter().map(|(_, minor)| minor).sum();
    let frozen = Line::debit(LedgerAccount::EscrowInDispute(contract, milestone), total, currency);
    let back = lots.iter().map(|(lot, minor)| {
        Line::credit(LedgerAccount::TalentOnHold(talent, contract, *lot), *minor, currency)
    });
    JournalEntry::balanced(id, [frozen].into_iter().chain(back).collect())
}

/// A side pays for arbitration, from what is its own here.
///
/// # Errors
/// [`crate::Code::EntryUnbalanced`] for an amount of zero.
pub fn arbitration_fee(
    id: EntryId,
    dispute: DisputeId,
    from: LedgerAccount,
    fee: Money,
) -> Result<JournalEntry, Refusal> {
    let (minor, currency) = (fee.minor(), fee.currency());
    let held = Line::credit(LedgerAccount::ArbitrationFeesHeld(dispute), minor, currency);
    JournalEntry::balanced(id, vec![Line::debit(from, minor, currency), held])
}

/// What both sides paid for arbitration, divided: what each gets back, and what the platform keeps with the tax in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FeeDivision {
    /// To the client's wallet.
    pub client: i64,
    /// To what the talent has available.
    pub talent: i64,
    /// Kept, tax included.
    pub kept: i64,
    /// Tax in that.
    pub tax: i64,
}

/// What both sides paid for arbitration goes to whom it belongs.
///
/// # Errors
/// [`crate::Code::EntryUnbalanced`] for a division of nothing.
pub fn arbitration_fees_settled(
    id: EntryId,
    dispute: DisputeId,
    (client, talent): (PartyId, PartyId),
    to: &FeeDivision,
    currency: Currency,
) -> Result<JournalEntry, Refusal> {
    let held = LedgerAccount::ArbitrationFeesHeld(dispute);
    JournalEntry::balanced(
        id,
        vec![
            Line::debit(held, to.client + to.talent + to.kept, currency),
            Line::credit(LedgerAccount::ClientWallet(client), to.client, currency),
            Line::credit(LedgerAccount::TalentAvailable(talent), to.talent, currency),
            Line::credit(LedgerAccount::DueToPlatform, to.kept, currency),
            Line::debit(LedgerAccount::DueFromTrust, to.kept, currency),
            Line::credit(LedgerAccount::FeeRevenue, to.kept - to.tax, currency),
            Line::credit(LedgerAccount::TaxPayable, to.tax, currency),
        ],
    )
}

impl Charged {
    /// How `back` minor units divide that go back of what was released, of which the talent has `granted` some before:
    /// fees and taxes are what was charged above what is due on the rest. Of the talent's earnings no more than
    /// `frozen` goes back, so what rounding has there too much is the platform's to give.
    pub fn taken_back(
        &self,
        quote: &FeeQuote,
        (charge, amount): (ClientCharge, i64),
        granted: &Granted,
        (back, frozen): (i64, i64),
    ) -> Slice {
        let rest = self.released - back;
        let fee_due = quote.talent_fee.of(rest, Rounding::HalfEven);
        let tax_due = quote.talent_fee_tax.of(fee_due, Rounding::HalfUp);
        let (fee_left, tax_left) =
            (self.talent_fee - granted.talent_fee, self.talent_tax - granted.talent_tax);
        let talent_tax = (self.talent_tax - tax_due).clamp(0, back.min(tax_left.max(0)));
        let talent_fee = (self.talent_fee - fee_due).clamp(0, (back - talent_tax).min(fee_left.max(0)));
        let talent_fee = talent_fee.max(back - talent_tax - frozen);
        let earned = proportion(charge.total(), rest, amount, Rounding::HalfEven);
        let client = (self.client_fee + self.client_tax - earned).max(0);
        let client_tax_due = proportion(charge.tax, earned, charge.total(), Rounding::HalfEven);
        let client_tax = (self.client_tax - client_tax_due).clamp(0, client);
        Slice { gross: back, talent_fee, talent_tax, client_fee: client - client_tax, client_tax }
    }

    /// The sums before `slice`, which goes back.
    #[must_use]
    pub const fn without(&self, slice: &Slice) -> Self {
        Self {
            released: self.released - slice.gross,
            talent_fee: self.talent_fee - slice.talent_fee,
            talent_tax: self.talent_tax - slice.talent_tax,
            client_fee: self.client_fee - slice.client_fee,
            client_tax: self.client_tax - slice.client_tax,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::TypedId;
    use crate::money::Rate;
    use proptest::prelude::*;
    use uuid::Uuid;

    fn id<T: TypedId>(n: u128) -> T {
        T::from_uuid(Uuid::from_u128(n))
    }

    fn of() -> Award {
        let (client, talent, currency) = (id(3), id(4), Currency::USD);
        Award { contract: id(1), milestone: id(2), client, talent, lot: id(5), currency }
    }

    fn amounts(entry: &JournalEntry) -> Vec<(&'static str, i64)> {
        entry.lines().iter().map(|line| (line.account.code().code(), line.signed())).collect()
    }

    /// Talent fee 10 %, tax on it 20 %, client fee 15 %, as the chart's example has it.
    fn quote() -> FeeQuote {
        FeeQuote {
            talent_fee: Rate::percent(10),
            talent_fee_tax: Rate::percent(20),
            client_fee: Rate::percent(15),
            client_fee_tax: Rate::ZERO,
        }
    }

    #[test]
    fn dispute_opened() {
        let place = (id(1), id(2));
        let entry = freeze_earnings(id(9), id(4), place, &[(id(5), 88_000)], Currency::USD).unwrap();
        assert_eq!(amounts(&entry), [("2210", 88_000), ("2120", -88_000)]);
        let entry = thaw_earnings(id(9), id(4), place, &[(id(5), 88_000)], Currency::USD).unwrap();
        assert_eq!(amounts(&entry), [("2120", 88_000), ("2210", -88_000)]);
        let escrow = Money::parse("1000", "USD").unwrap();
        let entry = super::super::rules::freeze(id(9), place, escrow).unwrap();
        assert_eq!(amounts(&entry), [("2110", 100_000), ("2120", -100_000)]);
    }

    #[test]
    fn award_60_40() {
        let charge = quote().client_charge(100_000);
        let earned = Charged::default().slice(&quote(), charge, 100_000, 60_000);
        let charge_back = charge.total() - earned.client_fee - earned.client_tax;
        let entry = award_escrow(id(9), &of(), (40_000, charge_back), &earned).unwrap();
        let trust =
            [("2120", 100_000), ("2115", 15_000), ("2400", -46_000), ("2210", -52_800), ("2700", -16_200)];
        let corporate = [("1500", 16_200), ("4100", -15_000), ("2500", -1_200)];
        assert_eq!(amounts(&entry), [&trust[..], &corporate[..]].concat());
    }

    #[test]
    fn award_after_release_40_percent_to_the_client() {
        let charge = quote().client_charge(100_000);
        let released = Charged::default().slice(&quote(), charge, 100_000, 100_000);
        let charged = Charged::default().after(&released);
        let taken = charged.taken_back(&quote(), (charge, 100_000), &Granted::default(), (40_000, 88_000));
        let entry = award_earnings(id(9), &of(), released.net(), &taken).unwrap();
        let trust = [("2120", 88_000), ("1510", 10_800), ("2400", -46_000), ("2210", -52_800)];
        let corporate = [("4190", 10_000), ("2500", 800), ("2710", -10_800)];
        assert_eq!(amounts(&entry), [&trust[..], &corporate[..]].concat());
    }

    #[test]
    fn arbitration_fee_300_each_loser_bears() {
        let fee = Money::parse("300", "USD").unwrap();
        let talent = LedgerAccount::TalentAvailable(id(4));
        let entry = arbitration_fee(id(9), id(8), talent, fee).unwrap();
        assert_eq!(amounts(&entry), [("2200", 30_000), ("2130", -30_000)]);
        let division = FeeDivision { client: 30_000, talent: 0, kept: 30_000, tax: 5_000 };
        let parties = (id(3), id(4));
        let entry = arbitration_fees_settled(id(9), id(8), parties, &division, Currency::USD).unwrap();
        let trust = [("2130", 60_000), ("2100", -30_000), ("2700", -30_000)];
        let corporate = [("1500", 30_000), ("4100", -25_000), ("2500", -5_000)];
        assert_eq!(amounts(&entry), [&trust[..], &corporate[..]].concat());
    }

    proptest! {
        #[test]
        fn what_is_awarded_after_a_release_costs_what_a_release_of_it_alone_would(
            percents in (0..=50_u8, 0..=50_u8, 0..=100_u8, 0..=100_u8),
            amount in 1..=Money::MINOR_MAX,
            share in 0..=1_000_i64,
        ) {
            let quote = FeeQuote {
                talent_fee: Rate::percent(percents.0),
                talent_fee_tax: Rate::percent(percents.1),
                client_fee: Rate::percent(percents.2),
                client_fee_tax: Rate::percent(percents.3),
            };
            let charge = quote.client_charge(amount);
            let whole = Charged::default().slice(&quote, charge, amount, amount);
            let charged = Charged::default().after(&whole);
            let back = proportion(amount, share, 1_000, Rounding::Floor);
            let taken =
                charged.taken_back(&quote, (charge, amount), &Granted::default(), (back, whole.net()));
            let alone = Charged::default().slice(&quote, charge, amount, amount - back);
            prop_assert_eq!(charged.without(&taken), Charged::default().after(&alone));
            prop_assert_eq!(whole.net() - taken.net(), alone.net());
        }
    }
}
