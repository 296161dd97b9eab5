//! The posting rules: the entry of each fact that moves money. Decisions and audit call the same functions.

use super::account::LedgerAccount;
use super::entry::{JournalEntry, Line};
use super::fees::{ClientCharge, Granted, Slice};
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

/// Money without a purpose is on its way back to the client.
///
/// # Errors
/// [`crate::Code::EntryUnbalanced`] for an amount of zero.
pub fn return_unidentified(id: EntryId, client: PartyId, amount: Money) -> Result<JournalEntry, Refusal> {
    transfer(id, amount, LedgerAccount::UnidentifiedReceipts, LedgerAccount::RefundInTransit(client))
}

/// Escrow, and what is left of the charge beside it, are on their way back to the client.
///
/// # Errors
/// [`crate::Code::EntryUnbalanced`] for amounts of zero.
pub fn refund(
    id: EntryId,
    (contract, milestone): (ContractId, MilestoneId),
    client: PartyId,
    (escrow, charge): (Money, i64),
) -> Result<JournalEntry, Refusal> {
    let currency = escrow.currency();
    JournalEntry::balanced(
        id,
        vec![
            Line::debit(LedgerAccount::Escrow(contract, milestone), escrow.minor(), currency),
            Line::debit(LedgerAccount::ClientFeeHeld(contract, milestone), charge, currency),
            Line::credit(LedgerAccount::RefundInTransit(client), escrow.minor() + charge, currency),
        ],
    )
}

/// Escrow of one milestone funds another, and the client's charge beside it moves with it.
///
/// # Errors
/// [`crate::Code::EntryUnbalanced`] for an amount of zero.
pub fn roll_forward(
    id: EntryId,
    contract: ContractId,
    (from, to): (MilestoneId, MilestoneId),
    (escrow, charge): (Money, i64),
) -> Result<JournalEntry, Refusal> {
    let (minor, currency) = (escrow.minor(), escrow.currency());
    JournalEntry::balanced(
        id,
        vec![
            Line::debit(LedgerAccount::Escrow(contract, from), minor, currency),
            Line::debit(LedgerAccount::ClientFeeHeld(contract, from), charge, currency),
            Line::credit(LedgerAccount::Escrow(contract, to), minor, currency),
            Line::credit(LedgerAccount::ClientFeeHeld(contract, to), charge, currency),
        ],
    )
}

/// Released money is on its way back to the client: the talent gives back what it earned of it, the platform its fee,
/// and with that the tax on it.
///
/// # Errors
/// [`crate::Code::EntryUnbalanced`] for an amount of zero, or parts that exceed it.
pub fn grant(
    id: EntryId,
    (talent, client): (PartyId, PartyId),
    granted: Granted,
    currency: Currency,
) -> Result<JournalEntry, Refusal> {
    let returned = granted.talent_fee + granted.talent_tax;
    JournalEntry::balanced(
        id,
        vec![
            Line::debit(LedgerAccount::TalentAvailable(talent), granted.net(), currency),
            Line::debit(LedgerAccount::DueFromPlatform, returned, currency),
            Line::credit(LedgerAccount::RefundInTransit(client), granted.amount, currency),
            Line::debit(LedgerAccount::FeeRefunds, granted.talent_fee, currency),
            Line::debit(LedgerAccount::TaxPayable, granted.talent_tax, currency),
            Line::credit(LedgerAccount::DueToTrust, returned, currency),
        ],
    )
}

/// The provider has sent a refund, out of what it has captured for us.
///
/// # Errors
/// [`crate::Code::EntryUnbalanced`] for an amount of zero.
pub fn refund_sent(id: EntryId, client: PartyId, amount: Money) -> Result<JournalEntry, Refusal> {
    transfer(id, amount, LedgerAccount::RefundInTransit(client), LedgerAccount::ProviderClearing)
}

/// A refund that the provider doesn't send stays with us, as the client's.
///
/// # Errors
/// [`crate::Code::EntryUnbalanced`] for an amount of zero.
pub fn refund_failed(id: EntryId, client: PartyId, amount: Money) -> Result<JournalEntry, Refusal> {
    transfer(id, amount, LedgerAccount::RefundInTransit(client), LedgerAccount::ClientWallet(client))
}

/// A refund came back after it was sent.
///
/// # Errors
/// [`crate::Code::EntryUnbalanced`] for an amount of zero.
pub fn refund_returned(id: EntryId, client: PartyId, amount: Money) -> Result<JournalEntry, Refusal> {
    transfer(id, amount, LedgerAccount::ProviderClearing, LedgerAccount::ClientWallet(client))
}

/// Escrow is frozen for a dispute.
///
/// # Errors
/// [`crate::Code::EntryUnbalanced`] for an amount of zero.
pub fn freeze(
    id: EntryId,
    (contract, milestone): (ContractId, MilestoneId),
    amount: Money,
) -> Result<JournalEntry, Refusal> {
    let (escrow, frozen) =
        (LedgerAccount::Escrow(contract, milestone), LedgerAccount::EscrowInDispute(contract, milestone));
    transfer(id, amount, escrow, frozen)
}

/// Escrow thaws.
///
/// # Errors
/// [`crate::Code::EntryUnbalanced`] for an amount of zero.
pub fn thaw(
    id: EntryId,
    (contract, milestone): (ContractId, MilestoneId),
    amount: Money,
) -> Result<JournalEntry, Refusal> {
    let (escrow, frozen) =
        (LedgerAccount::Escrow(contract, milestone), LedgerAccount::EscrowInDispute(contract, milestone));
    transfer(id, amount, frozen, escrow)
}

/// A lot of earnings clears.
///
/// # Errors
/// [`crate::Code::EntryUnbalanced`] for an amount of zero.
pub fn clear(
    id: EntryId,
    talent: PartyId,
    lot: (ContractId, LotId),
    amount: Money,
) -> Result<JournalEntry, Refusal> {
    let on_hold = LedgerAccount::TalentOnHold(talent, lot.0, lot.1);
    transfer(id, amount, on_hold, LedgerAccount::TalentAvailable(talent))
}

/// A payout may be sent.
///
/// # Errors
/// [`crate::Code::EntryUnbalanced`] for an amount of zero.
pub fn payout_approved(id: EntryId, party: PartyId, amount: Money) -> Result<JournalEntry, Refusal> {
    transfer(id, amount, LedgerAccount::TalentAvailable(party), LedgerAccount::PayoutInTransit(party))
}

/// A payout was sent from the bank.
///
/// # Errors
/// [`crate::Code::EntryUnbalanced`] for an amount of zero.
pub fn payout_paid(id: EntryId, party: PartyId, amount: Money) -> Result<JournalEntry, Refusal> {
    transfer(id, amount, LedgerAccount::PayoutInTransit(party), LedgerAccount::TrustBank)
}

/// A payout was sent after it was given up: its money was available again, and isn't any more.
///
/// # Errors
/// [`crate::Code::EntryUnbalanced`] for an amount of zero.
pub fn payout_paid_late(id: EntryId, party: PartyId, amount: Money) -> Result<JournalEntry, Refusal> {
    transfer(id, amount, LedgerAccount::TalentAvailable(party), LedgerAccount::TrustBank)
}

/// A payout was not sent: its money is available again.
///
/// # Errors
/// [`crate::Code::EntryUnbalanced`] for an amount of zero.
pub fn payout_failed(id: EntryId, party: PartyId, amount: Money) -> Result<JournalEntry, Refusal> {
    transfer(id, amount, LedgerAccount::PayoutInTransit(party), LedgerAccount::TalentAvailable(party))
}

/// A payout came back before it was known to be paid; the operator bears what the provider kept.
///
/// # Errors
/// [`crate::Code::EntryUnbalanced`] for an amount of zero, or a cost in another currency.
pub fn payout_returned_unpaid(
    id: EntryId,
    party: PartyId,
    amount: Money,
    cost: Money,
) -> Result<JournalEntry, Refusal> {
    let currency = amount.currency();
    let mut lines = vec![
        Line::debit(LedgerAccount::PayoutInTransit(party), amount.minor(), currency),
        Line::credit(LedgerAccount::TalentAvailable(party), amount.minor(), currency),
        Line::credit(LedgerAccount::TrustBank, cost.minor(), cost.currency()),
    ];
    lines.extend(borne(cost));
    JournalEntry::balanced(id, lines)
}

/// A payout came back after it was paid; the operator bears what the provider kept.
///
/// # Errors
/// [`crate::Code::EntryUnbalanced`] for an amount of zero, or a cost in another currency.
pub fn payout_returned(
    id: EntryId,
    party: PartyId,
    amount: Money,
    cost: Money,
) -> Result<JournalEntry, Refusal> {
    let currency = amount.currency();
    let mut lines = vec![
        at_bank(amount.minor() - cost.minor(), currency),
        Line::credit(LedgerAccount::PayoutReturned(party), amount.minor(), currency),
    ];
    lines.extend(borne(cost));
    JournalEntry::balanced(id, lines)
}

/// What came back is the talent's again.
///
/// # Errors
/// [`crate::Code::EntryUnbalanced`] for an amount of zero.
pub fn payout_credited(id: EntryId, party: PartyId, amount: Money) -> Result<JournalEntry, Refusal> {
    transfer(id, amount, LedgerAccount::PayoutReturned(party), LedgerAccount::TalentAvailable(party))
}

/// A provider settled `gross`, and kept `fee` of it, which the operator bears.
///
/// # Errors
/// [`crate::Code::EntryUnbalanced`] for a gross of zero, or a fee in another currency.
pub fn settled(id: EntryId, gross: Money, fee: Money) -> Result<JournalEntry, Refusal> {
    let currency = gross.currency();
    let mut lines = vec![
        at_bank(gross.minor() - fee.minor(), currency),
        Line::credit(LedgerAccount::ProviderClearing, gross.minor(), currency),
    ];
    lines.extend(borne(fee));
    JournalEntry::balanced(id, lines)
}

/// What arrives at the bank, or is taken from it.
fn at_bank(minor: i64, currency: Currency) -> Line {
    if minor >= 0 {
        Line::debit(LedgerAccount::TrustBank, minor, currency)
    } else {
        Line::credit(LedgerAccount::TrustBank, -minor, currency)
    }
}

/// The lines of a cost that was taken from trust: the operator owes it to trust, and it is a cost of the operator's.
fn borne(cost: Money) -> [Line; 3] {
    let (minor, currency) = (cost.minor(), cost.currency());
    [
        Line::debit(LedgerAccount::DueFromPlatform, minor, currency),
        Line::debit(LedgerAccount::ProcessingCost, minor, currency),
        Line::credit(LedgerAccount::DueToTrust, minor, currency),
    ]
}

/// An entry of two lines.
fn transfer(
    id: EntryId,
    amount: Money,
    from: LedgerAccount,
    to: LedgerAccount,
) -> Result<JournalEntry, Refusal> {
    let (minor, currency) = (amount.minor(), amount.currency());
    JournalEntry::balanced(id, vec![Line::debit(from, minor, currency), Line::credit(to, minor, currency)])
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
    fn a_settlement_posts_net_and_fee_as_the_chart_says() {
        let money = |amount| Money::parse(amount, "USD").unwrap();
        let entry = settled(id(1), money("1000"), money("29.30")).unwrap();
        let expected =
            [("1010", 97_070), ("1100", -100_000), ("1510", 2_930), ("5100", 2_930), ("2710", -2_930)];
        assert_eq!(amounts(&entry), expected);
    }

    #[test]
    fn a_refund_of_escrow_returns_the_charge_beside_it() {
        let escrow = Money::parse("1500", "USD").unwrap();
        let entry = refund(id(1), (id(2), id(3)), id(4), (escrow, 22_500)).unwrap();
        assert_eq!(amounts(&entry), [("2110", 150_000), ("2115", 22_500), ("2400", -172_500)]);
    }

    #[test]
    fn partial_release_of_400_posts_352_and_48() {
        let of =
            Release { contract: id(1), milestone: id(2), talent: id(3), lot: id(4), currency: Currency::USD };
        let slice = Slice { gross: 40_000, talent_fee: 4_000, talent_tax: 800, client_fee: 0, client_tax: 0 };
        let expected = [
            ("2110", 40_000),
            ("2210", -35_200),
            ("2700", -4_800),
            ("1500", 4_800),
            ("4100", -4_000),
            ("2500", -800),
        ];
        assert_eq!(amounts(&release(id(5), &of, &slice).unwrap()), expected);
    }

    #[test]
    fn roll_forward_of_600_takes_the_fee_of_90_along() {
        let escrow = Money::parse("600", "USD").unwrap();
        let entry = roll_forward(id(1), id(2), (id(3), id(4)), (escrow, 9_000)).unwrap();
        assert_eq!(amounts(&entry), [("2110", 60_000), ("2115", 9_000), ("2110", -60_000), ("2115", -9_000)]);
        let [from, to]: [MilestoneId; 2] = [id(3), id(4)];
        let milestones: Vec<_> = entry.lines().iter().map(|line| line.account.kept().milestone).collect();
        assert_eq!(milestones, [Some(from), Some(from), Some(to), Some(to)]);
    }

    #[test]
    fn refund_of_released_money_1000_takes_880_of_the_talent_and_120_of_the_platform() {
        let granted = Granted { amount: 100_000, talent_fee: 10_000, talent_tax: 2_000 };
        let entry = grant(id(1), (id(2), id(3)), granted, Currency::USD).unwrap();
        let trust = [("2200", 88_000), ("1510", 12_000), ("2400", -100_000)];
        let corporate = [("4190", 10_000), ("2500", 2_000), ("2710", -12_000)];
        assert_eq!(amounts(&entry), [&trust[..], &corporate[..]].concat());
    }

    #[test]
    fn a_payout_that_comes_back_less_5_costs_the_operator_5() {
        let money = |amount| Money::parse(amount, "USD").unwrap();
        let entry = payout_returned(id(1), id(2), money("1000"), money("5")).unwrap();
        let expected = [("1010", 99_500), ("2310", -100_000), ("1510", 500), ("5100", 500), ("2710", -500)];
        assert_eq!(amounts(&entry), expected);
    }

    #[test]
    fn a_fee_above_the_settlement_takes_the_rest_from_the_bank() {
        let money = |amount| Money::parse(amount, "USD").unwrap();
        let entry = settled(id(1), money("1"), money("2")).unwrap();
        let expected = [("1010", -100), ("1100", -100), ("1510", 200), ("5100", 200), ("2710", -200)];
        assert_eq!(amounts(&entry), expected);
    }

    #[test]
    fn late_money_is_unidentified() {
        let entry = unidentified(id(1), Money::parse("10", "JPY").unwrap()).unwrap();
        assert_eq!(amounts(&entry), [("1100", 10), ("2600", -10)]);
    }
}
