//! Guarded balances: what is checked follows from the entry, so no decision can forget it.

use super::entry::{JournalEntry, Side};
use crate::refusal::{Code, Refusal};
use crate::stream::{State, States, StreamId};

/// Refuses an entry that would overdraw a guarded account as `states` have it.
pub(crate) fn check_guarded(entry: &JournalEntry, states: &States) -> Result<(), Refusal> {
    for line in entry.lines().iter().filter(|line| line.side == Side::Debit) {
        let Some(contract) = line.account.contract() else {
            continue;
        };
        let held = match states.state(&StreamId::Contract(contract)) {
            Some(State::Contract(contract)) => contract.held(line.account),
            _ => 0,
        };
        // Two lines of one entry may draw on one account; their sum is what must be there.
        let drawn: i64 = entry
            .lines()
            .iter()
            .filter(|other| other.account == line.account && other.currency == line.currency)
            .map(super::entry::Line::signed)
            .sum();
        if drawn > held {
            let account = line.account.code();
            return Err(Refusal::new(
                Code::BalanceTooLow,
                format!(
                    "{} {} holds {held} minor units, {drawn} are needed",
                    account.code(),
                    account.title()
                ),
            ));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::TypedId;
    use crate::ledger::{LedgerAccount, Line};
    use crate::money::Currency;
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
}
