//! The account balances: one row for each account of the books and currency, and the totals of the chart.

use crate::columns::{Columns, key};
use crate::error::QueryFault;
use crate::page::{Page, Slice};
use crate::pool::many;
use crate::read_model::{ApplyError, ReadModel};
use crate::read_models::ReadModels;
use crate::sql::{execute, statements};
use domain::id::{ContractId, PartyId};
use domain::ledger::{AccountCode, JournalEntry, LedgerAccount, Line, Normal, Side};
use domain::money::Currency;
use domain::{Event, Timestamp};
use rusqlite::{Connection, Row};

pub(crate) const MODEL: ReadModel = ReadModel {
    version: 1,
    schema: SCHEMA,
    drop: DROP,
    // Any event may carry an entry, and no line may be missed.
    reads: |_| true,
    apply,
    #[cfg(test)]
    statements: (STATEMENTS, STATEMENTS_WRITTEN),
};

statements! {
    include_str!("account_balances.sql");
    SCHEMA = "schema",
    DROP = "drop",
    POST = "post",
    POST_TOTAL = "post_total",
    BALANCES = "balances",
    BALANCES_OF_PARTY = "balances_of_party",
    BALANCES_OF_CONTRACT = "balances_of_contract",
    TRIAL_BALANCE = "trial_balance",
}

/// What one account was debited and credited in one currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BalanceRow {
    /// The account; it says its code, and whose it is.
    pub account: LedgerAccount,
    /// The currency of the amounts.
    pub currency: Currency,
    /// Sum of all debits, in minor units, 0 or more.
    pub debits_minor: i64,
    /// Sum of all credits, in minor units, 0 or more.
    pub credits_minor: i64,
}

/// The place of a [`BalanceRow`] in a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BalanceKey {
    /// The account, by whose text lists are sorted.
    pub account: LedgerAccount,
    /// The currency, by whose code they are sorted then.
    pub currency: Currency,
}

/// What all accounts of one row of the chart were debited and credited in one currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TrialBalanceRow {
    /// The row of the chart.
    pub code: AccountCode,
    /// The currency of the amounts.
    pub currency: Currency,
    /// Sum of all debits, in minor units, 0 or more.
    pub debits_minor: i64,
    /// Sum of all credits, in minor units, 0 or more.
    pub credits_minor: i64,
}

/// Which accounts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BalanceFilter {
    /// All.
    All,
    /// Those kept for this party.
    Party(PartyId),
    /// Those kept for this contract.
    Contract(ContractId),
}

impl BalanceRow {
    /// The row's place in a list.
    pub const fn key(&self) -> BalanceKey {
        BalanceKey { account: self.account, currency: self.currency }
    }

    /// The balance in minor units, positive on the account's normal side.
    pub const fn balance_minor(&self) -> i64 {
        balance(self.account.code(), self.debits_minor, self.credits_minor)
    }
}

impl TrialBalanceRow {
    /// The balance in minor units, positive on the account's normal side.
    pub const fn balance_minor(&self) -> i64 {
        balance(self.code, self.debits_minor, self.credits_minor)
    }
}

const fn balance(code: AccountCode, debits: i64, credits: i64) -> i64 {
    match code.normal() {
        Normal::Debit => debits - credits,
        Normal::Credit => credits - debits,
    }
}

fn apply(on: &Connection, event: &Event, _: Timestamp) -> Result<(), ApplyError> {
    let lines = event.journal_entry().into_iter().flat_map(JournalEntry::lines);
    lines.into_iter().try_for_each(|line| post(on, line))
}

fn post(on: &Connection, line: &Line) -> Result<(), ApplyError> {
    let (debit, credit) = match line.side {
        Side::Debit => (line.minor, 0),
        Side::Credit => (0, line.minor),
    };
    let account = line.account;
    let kept = account.kept();
    let (party, contract) = (kept.party.map(key), kept.contract.map(key));
    execute(on, POST, (account.to_string(), line.currency.code(), party, contract, debit, credit))?;
    execute(on, POST_TOTAL, (account.code().code(), line.currency.code(), debit, credit))?;
    Ok(())
}

fn row(row: &Row<'_>) -> rusqlite::Result<BalanceRow> {
    let mut columns = Columns::of(row);
    Ok(BalanceRow {
        account: columns.text(|text| LedgerAccount::parse(text).ok())?,
        currency: columns.currency()?,
        debits_minor: columns.take()?,
        credits_minor: columns.take()?,
    })
}

fn total(row: &Row<'_>) -> rusqlite::Result<TrialBalanceRow> {
    let mut columns = Columns::of(row);
    Ok(TrialBalanceRow {
        code: columns.text(|text| AccountCode::ALL.iter().find(|row| row.code() == text).copied())?,
        currency: columns.currency()?,
        debits_minor: columns.take()?,
        credits_minor: columns.take()?,
    })
}

/// The account balances.
impl ReadModels {
    /// A page of accounts, by the account's text and then the currency's code.
    ///
    /// # Errors
    /// [`QueryFault`].
    pub fn balances(
        &self,
        filter: BalanceFilter,
        page: Page<BalanceKey>,
    ) -> Result<Slice<BalanceRow>, QueryFault> {
        // The empty text is before every account.
        let text = page.after.map_or_else(String::new, |after| after.account.to_string());
        let currency = page.after.as_ref().map_or("", |after| after.currency.code());
        let limit = page.limit();
        let rows = self.query(|on| match filter {
            BalanceFilter::All => many(on, BALANCES, (text, currency, limit), row),
            BalanceFilter::Party(party) => {
                many(on, BALANCES_OF_PARTY, (key(party), text, currency, limit), row)
            }
            BalanceFilter::Contract(contract) => {
                many(on, BALANCES_OF_CONTRACT, (key(contract), text, currency, limit), row)
            }
        });
        rows.map(|rows| page.slice(rows))
    }

    /// The trial balance, by code and currency: a row for each that was ever posted to. Within a book and a currency,
    /// all debits together are all credits together.
    ///
    /// # Errors
    /// [`QueryFault`].
    pub fn trial_balance(&self) -> Result<Vec<TrialBalanceRow>, QueryFault> {
        self.query(|on| many(on, TRIAL_BALANCE, [], total))
    }
}
