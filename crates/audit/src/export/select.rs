//! Which part of the log an export is of.

use std::collections::HashSet;
use std::fmt;
use std::str::FromStr;

use domain::Event;
use domain::contract::ContractEvent;
use domain::id::{ContractId, PartyId};
use domain::ledger::{AccountCode, Book, LedgerAccount, Line};
use eventstore::Position;
use thiserror::Error;

use super::ExportError;

/// Most contracts of a party by which an export is filtered.
pub const CONTRACTS_PER_PARTY_MAX: usize = 1_000_000;

/// The selected part of the log. Book, account and party select postings that satisfy all that are given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Selection {
    /// Events after this position.
    pub after: Position,
    /// Events up to this position, which the log has.
    pub to: Position,
    /// Postings in this book.
    pub book: Option<Book>,
    /// Postings to this account.
    pub account: Option<AccountFilter>,
    /// Postings to the party's accounts, and to those of every contract that it is client or talent of.
    pub party: Option<PartyId>,
}

impl Selection {
    /// Everything up to `to`.
    pub const fn whole(to: Position) -> Self {
        Self { after: Position::START, to, book: None, account: None, party: None }
    }

    /// Whether postings are selected, not just a part of the log.
    pub(super) fn is_of_postings(&self) -> bool {
        self.book.is_some() || self.account.is_some() || self.party.is_some()
    }
}

/// An account by which an export is filtered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccountFilter {
    /// Every account of a row of the chart, such as `2110`.
    Row(AccountCode),
    /// One account, such as `2110:ctr_…:mil_…`.
    One(LedgerAccount),
}

impl FromStr for AccountFilter {
    type Err = AccountFilterMalformed;

    fn from_str(text: &str) -> Result<Self, AccountFilterMalformed> {
        let row = AccountCode::ALL.iter().find(|row| row.code() == text);
        match row {
            Some(row) => Ok(Self::Row(*row)),
            None => LedgerAccount::parse(text).map(Self::One).map_err(|_| AccountFilterMalformed),
        }
    }
}

impl fmt::Display for AccountFilter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Row(row) => f.write_str(row.code()),
            Self::One(account) => account.fmt(f),
        }
    }
}

/// A text names no account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("expected a row of the chart such as 2110, or one account such as 2110:ctr_…:mil_…")]
pub struct AccountFilterMalformed;

/// A selection, with what the log said of the party so far.
pub(super) struct Selector<'a> {
    selection: &'a Selection,
    contracts: HashSet<ContractId>,
}

impl<'a> Selector<'a> {
    pub(super) fn new(selection: &'a Selection) -> Self {
        Self { selection, contracts: HashSet::new() }
    }

    /// Where reading must begin: a party's contracts may be older than the selected part.
    pub(super) fn reads_after(&self) -> Position {
        if self.selection.party.is_some() { Position::START } else { self.selection.after }
    }

    /// Learns which contracts are the party's.
    pub(super) fn learn(&mut self, event: &Event) -> Result<(), ExportError> {
        let Some(party) = self.selection.party else {
            return Ok(());
        };
        if let Event::Contract(ContractEvent::Created(created)) = event
            && (created.client == party || created.talent == party)
        {
            self.contracts.insert(created.contract_id);
        }
        if self.contracts.len() > CONTRACTS_PER_PARTY_MAX {
            return Err(ExportError::TooManyContracts { max: CONTRACTS_PER_PARTY_MAX });
        }
        Ok(())
    }

    /// Whether a posting is selected.
    pub(super) fn selects(&self, line: &Line) -> bool {
        let Selection { book, account, party, .. } = self.selection;
        let code = line.account.code();
        book.is_none_or(|book| code.book() == book)
            && account.is_none_or(|filter| match filter {
                AccountFilter::Row(row) => code == row,
                AccountFilter::One(one) => line.account == one,
            })
            && party.is_none_or(|party| {
                line.account.kept().party == Some(party)
                    || line.account.kept().contract.is_some_and(|contract| self.contracts.contains(&contract))
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_account_is_a_row_of_the_chart_or_one_of_its_accounts() {
        let one = "2110:ctr_00000000000000000000000001:mil_00000000000000000000000002";
        for text in ["1100", "2110", one] {
            assert_eq!(text.parse::<AccountFilter>().unwrap().to_string(), text);
        }
        for text in ["", "21", "9999", "2110:", "escrow", "2110:mil_00000000000000000000000002"] {
            assert_eq!(text.parse::<AccountFilter>(), Err(AccountFilterMalformed), "{text}");
        }
    }
}
