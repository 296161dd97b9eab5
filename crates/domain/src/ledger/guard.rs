//! Guarded balances: what is checked follows from the entry, so no decision can forget it.

use super::entry::{JournalEntry, Line, Side};
use crate::dispute::Dispute;
use crate::refusal::{Code, Refusal};
use crate::sabotage::{Sabotage, is_planted};
use crate::stream::States;

/// Refuses an entry that would overdraw a guarded account as `states` have it, or put another currency than its
/// contract's there.
pub(crate) fn check_guarded(entry: &JournalEntry, states: &States) -> Result<(), Refusal> {
    if is_planted(Sabotage::DoubleRelease) {
        return Ok(());
    }
    for line in entry.lines() {
        let kept = line.account.kept();
        let held = match (kept.contract, kept.party, kept.dispute) {
            (Some(id), ..) => {
                let contract = states.contract(id).ok();
                if contract.is_some_and(|contract| contract.currency != line.currency) {
                    return Err(Refusal::new(
                        Code::CurrencyMismatch,
                        "a contract's accounts hold the contract's currency",
                    ));
                }
                contract.map_or(0, |contract| contract.held(line.account))
            }
            (None, Some(party), _) => {
                states.account(party, line.currency).map_or(0, |account| account.balance(line.account.code()))
            }
            (None, None, Some(id)) => states.dispute(id).map_or(0, Dispute::fees_held),
            // Settled cash is checked where it is committed; all others are only ever summed.
            (None, None, None) => continue,
        };
        if line.side == Side::Debit {
            covered(entry, line, held)?;
        }
    }
    Ok(())
}

/// Whether the account of `line` holds what `entry` draws from it.
fn covered(entry: &JournalEntry, line: &Line, held: i64) -> Result<(), Refusal> {
    // Two lines of one entry may draw on one account; their sum is what must be there.
    let drawn: i128 = entry
        .lines()
        .iter()
        .filter(|other| other.account == line.account)
        .map(|other| i128::from(other.signed()))
        .sum();
    if drawn <= i128::from(held) {
        return Ok(());
    }
    let account = line.account.code();
    Err(Refusal::new(
        Code::BalanceTooLow,
        format!("{} {} holds {held} minor units, {drawn} are needed", account.code(), account.title()),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::TypedId;
    use crate::ledger::LedgerAccount;
    use crate::money::Currency;
    use crate::scenario::{CONTRACT, funded_contract, given, milestone, usd};
    use uuid::Uuid;

    #[test]
    fn an_entry_that_draws_on_escrow_nobody_funded_is_refused() {
        let escrow = LedgerAccount::Escrow(TypedId::from_uuid(Uuid::nil()), TypedId::from_uuid(Uuid::nil()));
        let entry = JournalEntry::balanced(
            TypedId::from_uuid(Uuid::nil()),
            vec![
                Line::debit(escrow, 1, Currency::USD),
                Line::credit(LedgerAccount::DueToPlatform, 1, Currency::USD),
            ],
        );
        let refusal = check_guarded(&entry.unwrap(), &States::default()).unwrap_err();
        assert_eq!(refusal.code, Code::BalanceTooLow);
    }

    #[test]
    fn escrow_takes_and_gives_no_other_currency_than_its_contracts() {
        let states = given(funded_contract(usd(250_000))).into_states();
        let escrow = LedgerAccount::Escrow(CONTRACT, milestone(1));
        let pay_in = |currency| {
            vec![Line::debit(LedgerAccount::ProviderClearing, 1, currency), Line::credit(escrow, 1, currency)]
        };
        let pay_out = |currency| {
            vec![Line::debit(escrow, 1, currency), Line::credit(LedgerAccount::DueToPlatform, 1, currency)]
        };
        let checked = |lines| {
            let entry = JournalEntry::balanced(TypedId::from_uuid(Uuid::nil()), lines).unwrap();
            check_guarded(&entry, &states).map_err(|refusal| refusal.code)
        };
        assert_eq!(checked(pay_in(Currency::EUR)), Err(Code::CurrencyMismatch));
        assert_eq!(checked(pay_out(Currency::EUR)), Err(Code::CurrencyMismatch));
        assert_eq!(checked(pay_out(Currency::USD)), Ok(()));
    }
}
