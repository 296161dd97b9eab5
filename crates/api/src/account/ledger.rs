//! The ledger of the whole marketplace as it stood.

use super::TrialBalance;
use crate::as_of::{AsOfInput, Place, answered};
use crate::money::Money;
use crate::permission::reach;
use crate::scalar::CurrencyCode;
use async_graphql::{Context, Object, Result, SimpleObject};
use audit::TrialLine;
use tokio::sync::Semaphore;

/// Each reads the log from its beginning, so they take turns.
static WALKS: Semaphore = Semaphore::const_new(1);

/// The ledger as of a place in the log.
#[derive(Clone, Debug, SimpleObject)]
pub(crate) struct Ledger {
    /// Where in the log it is told as of.
    as_of: Place,
    /// How many journal entries count.
    entries: u64,
    /// What all accounts of each code held, per currency, in the order of the codes.
    balances: Vec<TrialBalance>,
}

impl TrialBalance {
    /// # Errors
    /// INTERNAL for more than can be told.
    fn of(line: &TrialLine) -> Result<Self> {
        let money = |minor| Money::sum(minor, line.currency);
        Ok(Self {
            code: line.account.code(),
            name: line.account.title(),
            currency: CurrencyCode(line.currency.code().to_owned()),
            debits: money(line.debits)?,
            credits: money(line.credits)?,
            balance: money(line.balance())?,
        })
    }
}

/// The query on the ledger.
#[derive(Default)]
pub(crate) struct LedgerQueries;

/// The query on the ledger.
#[Object]
impl LedgerQueries {
    /// The trial balance as of a place in the log, summed from the entries themselves. It reads the log from its
    /// beginning; for the newest, `trialBalance` is at hand. For finance, audit and administration.
    #[graphql(complexity = "100 + 20 * child_complexity")]
    async fn ledger(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The place in the log.")] as_of: AsOfInput,
    ) -> Result<Option<Ledger>> {
        reach(ctx, "Query.ledger")?;
        let (auditor, at) = as_of.resolve(ctx).await?;
        let _turn = WALKS.acquire().await?;
        let Some(ledger) = answered(auditor.ledger(at).await)? else { return Ok(None) };
        let mut balances = ledger.balances.iter().map(TrialBalance::of).collect::<Result<Vec<_>>>()?;
        balances.sort_by(|a, b| (a.code, &a.currency.0).cmp(&(b.code, &b.currency.0)));
        Ok(Some(Ledger { as_of: ledger.at.into(), entries: ledger.entries, balances }))
    }
}
