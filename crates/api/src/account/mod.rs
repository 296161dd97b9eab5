//! The books over GraphQL.

mod ledger;
mod mutations;
mod party;

pub(crate) use ledger::LedgerQueries;
pub(crate) use mutations::AccountMutations;
pub(crate) use party::{Account, HoldReason, PartyAccountQueries, whose};

use crate::connection::{AccountBalanceConnection, connection, page};
use crate::money::Money;
use crate::permission::{Reach, reach};
use crate::read::{queried, settled};
use crate::scalar::{ContractId, CurrencyCode, Cursor, PartyId, Position};
use async_graphql::{Context, Object, Result, SimpleObject};
use domain::ledger::LedgerAccount;
use domain::money::Currency;
use projections::{BalanceFilter, BalanceKey, BalanceRow, Name, TrialBalanceRow};

/// What one account holds in one currency.
#[derive(Clone, Debug, SimpleObject)]
pub(crate) struct AccountBalance {
    /// The account: its code and what it is kept per, such as `2110:ctr_…:mil_…`.
    account: String,
    /// The code in the chart of accounts.
    code: &'static str,
    /// Its name.
    name: &'static str,
    /// The party whose money it is, where it is kept per party.
    party: Option<PartyId>,
    /// The currency.
    currency: CurrencyCode,
    /// All debits.
    debits: Money,
    /// All credits.
    credits: Money,
    /// The balance, positive on the account's usual side.
    balance: Money,
}

impl From<BalanceRow> for AccountBalance {
    fn from(row: BalanceRow) -> Self {
        let code = row.account.code();
        Self {
            account: row.account.to_string(),
            code: code.code(),
            name: code.title(),
            party: row.account.kept().party.map(PartyId),
            currency: CurrencyCode(row.currency.code().to_owned()),
            debits: Money::of(row.debits_minor, row.currency),
            credits: Money::of(row.credits_minor, row.currency),
            balance: Money::of(row.balance_minor(), row.currency),
        }
    }
}

/// What all accounts of one code hold in one currency.
#[derive(Clone, Debug, SimpleObject)]
pub(crate) struct TrialBalance {
    /// The code in the chart of accounts.
    code: &'static str,
    /// Its name.
    name: &'static str,
    /// The currency.
    currency: CurrencyCode,
    /// All debits.
    debits: Money,
    /// All credits.
    credits: Money,
    /// The balance, positive on the account's usual side.
    balance: Money,
}

impl From<TrialBalanceRow> for TrialBalance {
    fn from(row: TrialBalanceRow) -> Self {
        Self {
            code: row.code.code(),
            name: row.code.title(),
            currency: CurrencyCode(row.currency.code().to_owned()),
            debits: Money::of(row.debits_minor, row.currency),
            credits: Money::of(row.credits_minor, row.currency),
            balance: Money::of(row.balance_minor(), row.currency),
        }
    }
}

/// Queries on the books.
#[derive(Default)]
pub(crate) struct AccountQueries;

/// Queries on the books.
#[Object]
impl AccountQueries {
    /// Balances of accounts, in the order of the accounts: of one contract for its parties, otherwise the caller's
    /// own; all for staff.
    #[graphql(complexity = "5 + first.unwrap_or(20).clamp(0, 100) as usize * child_complexity")]
    async fn account_balances(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only those kept for this contract.")] contract_id: Option<ContractId>,
        #[graphql(desc = "At most this many, 1 to 100; 20 unless said otherwise.")] first: Option<i32>,
        #[graphql(desc = "Read on after this cursor.")] after: Option<Cursor>,
        #[graphql(desc = "Wait until this position was seen.")] after_position: Option<Position>,
    ) -> Result<Option<AccountBalanceConnection>> {
        reach(ctx, "Query.accountBalances")?;
        let reach = reach(ctx, "AccountBalance")?;
        let page = page(first, after.as_ref(), read_key)?;
        let touched = [Name::AccountBalances, Name::ContractBoard];
        let models = settled(ctx, &touched, after_position.map(|after| after.0)).await?;
        let filter = match (contract_id, reach) {
            (Some(id), reach) => {
                let contract = queried(models.contract(id.0))?;
                if !contract.is_some_and(|row| reach.covers(&[row.client, row.talent])) {
                    return Ok(None);
                }
                BalanceFilter::Contract(id.0)
            }
            (None, Reach::Any) => BalanceFilter::All,
            (None, Reach::Own(party)) => BalanceFilter::Party(party),
            (None, Reach::Public) => return Ok(None),
        };
        let slice = queried(models.balances(filter, page))?;
        // The filter has left out what is beyond the caller's reach.
        connection(slice, |row| write_key(&row.key()), |row| Ok(Some(AccountBalance::from(row)))).map(Some)
    }

    /// What all accounts of each code hold, per currency. For finance, audit and administration.
    #[graphql(complexity = "20 + 20 * child_complexity")]
    async fn trial_balance(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Wait until this position was seen.")] after: Option<Position>,
    ) -> Result<Option<Vec<TrialBalance>>> {
        reach(ctx, "Query.trialBalance")?;
        let models = settled(ctx, &[Name::AccountBalances], after.map(|after| after.0)).await?;
        let rows = queried(models.trial_balance())?;
        Ok(Some(rows.into_iter().map(TrialBalance::from).collect()))
    }
}

fn write_key(key: &BalanceKey) -> String {
    format!("{} {}", key.account, key.currency)
}

fn read_key(text: &str) -> Option<BalanceKey> {
    let (account, currency) = text.split_once(' ')?;
    Some(BalanceKey {
        account: LedgerAccount::parse(account).ok()?,
        currency: Currency::parse(currency).ok()?,
    })
}
