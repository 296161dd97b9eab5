//! The posting rules: the entry of each fact that moves money. Decisions and audit call the same functions.

use super::account::LedgerAccount;
use super::entry::{JournalEntry, Line};
use super::fees::{ClientCharge, Slice};
use crate::id::{ContractId, EntryId, LotId, MilestoneId, PartyId};
use crate::money::{Currency, Money};
use crate::refusal::Refusal;

/// Whose money a release moves.
#[derive(Clone, Copy, Debug)]
pub struct Release {
    /// The contract.
    pub contract: ContractId,
    /// The milestone whose escrow pays.
    pub milestone: MilestoneId,
    /// Who earns.
    pub talent: PartyId,
    /// The lot that the earnings make.
    pub lot: LotId,
    /// The contract's currency.
    pub currency: Currency,
}

/// Captured money becomes escrow, with the client's charge held beside it.
///
/// # Errors
/// [`crate::Code::EntryUnbalanced`] for amounts of zero or less.
pub fn fund(
    id: EntryId,
    (contract, milestone): (ContractId, MilestoneId),
    amount: Money,
    charge: ClientCharge,
) -> Result<JournalEntry, Refusal> {
    let currency = amount.currency();
    JournalEntry::balanced(
        id,
        vec![
            Line::debit(LedgerAccount::ProviderClearing, amount.minor() + charge.total(), currency),
            Line::credit(LedgerAccount::Escrow(contract, milestone), amount.minor(), currency),
            Line::credit(LedgerAccount::ClientFeeHeld(contract, milestone), charge.total(), currency),
        ],
    )
}

/// Escrow is released: the talent's net goes on hold, fees and tax to the platform, mirrored in its own book.
///
/// # Errors
/// [`crate::Code::EntryUnbalanced`] for a slice that doesn't add up.
pub fn release(id: EntryId, of: &Release, slice: &Slice) -> Result<JournalEntry, Refusal> {
    let fee = slice.talent_fee + slice.client_fee;
    let tax = slice.talent_tax + slice.client_tax;
    let (escrow, held) = (
        LedgerAccount::Escrow(of.contract, of.milestone),
        LedgerAccount::ClientFeeHeld(of.contract, of.milestone),
    );
    JournalEntry::balanced(
        id,
        vec![
            Line::debit(escrow, slice.gross, of.currency),
            Line::debit(held, slice.client_fee + slice.client_tax, of.currency),
            Line::credit(
                LedgerAccount::TalentOnHold(of.talent, of.contract, of.lot),
                slice.net(),
                of.currency,
            ),
            Line::credit(LedgerAccount::DueToPlatform, fee + tax, of.currency),
            Line::debit(LedgerAccount::DueFromTrust, fee + tax, of.currency),
            Line::credit(LedgerAccount::FeeRevenue, fee, of.currency),
            Line::credit(LedgerAccount::TaxPayable, tax, of.currency),
        ],
    )
}

/// Captured money for which there is no purpose (any more).
///
/// # Errors
/// [`crate::Code::EntryUnbalanced`] for an amount of zero.
pub fn unidentified(id: EntryId, amount: Money) -> Result<JournalEntry, Refusal> {
    JournalEntry::balanced(
        id,
        vec![
            Line::debit(LedgerAccount::ProviderClearing, amount.minor(), amount.currency()),
            Line::credit(LedgerAccount::UnidentifiedReceipts, amount.minor(), amount.currency()),
        ],
    )
}

#[cfg(test)]
mod tests {
    use super::super::account::Book;
    use super::*;
    use crate::id::TypedId;
    use uuid::Uuid;

    fn id<T: TypedId>(n: u128) -> T {
        T::from_uuid(Uuid::from_u128(n))
    }

    fn amounts(entry: &JournalEntry) -> Vec<(&'static str, i64)> {
        entry.lines().iter().map(|line| (line.account.code().code(), line.signed())).collect()
    }

    #[test]
    fn funding_with_a_client_fee_posts_2875_as_2500_and_375() {
        let amount = Money::parse("2500", "USD").unwrap();
        let entry = fund(id(1), (id(2), id(3)), amount, ClientCharge { fee: 37_500, tax: 0 }).unwrap();
        assert_eq!(amounts(&entry), [("1100", 287_500), ("2110", -250_000), ("2115", -37_500)]);
    }

    #[test]
    fn funding_without_a_client_fee_has_two_lines() {
        let amount = Money::parse("1000", "USD").unwrap();
        let entry = fund(id(1), (id(2), id(3)), amount, ClientCharge::default()).unwrap();
        assert_eq!(amounts(&entry), [("1100", 100_000), ("2110", -100_000)]);
    }

    #[test]
    fn release_posts_net_fee_and_tax_in_both_books() {
        let of =
            Release { contract: id(1), milestone: id(2), talent: id(3), lot: id(4), currency: Currency::USD };
        let slice = Slice {
            gross: 100_000,
            talent_fee: 10_000,
            talent_tax: 2_000,
            client_fee: 15_000,
            client_tax: 3_000,
        };
        let entry = release(id(5), &of, &slice).unwrap();
        let trust = [("2110", 100_000), ("2115", 18_000), ("2210", -88_000), ("2700", -30_000)];
        let corporate = [("1500", 30_000), ("4100", -25_000), ("2500", -5_000)];
        assert_eq!(amounts(&entry), [&trust[..], &corporate[..]].concat());
        assert_eq!(entry.total(Book::Corporate, Currency::USD), 30_000);
    }

    #[test]
    fn late_money_is_unidentified() {
        let entry = unidentified(id(1), Money::parse("10", "JPY").unwrap()).unwrap();
        assert_eq!(amounts(&entry), [("1100", 10), ("2600", -10)]);
    }
}
