//! The timeline of a contract: every fact in order, with what its accounts held after each.

use crate::as_of::answered;
use crate::connection::{FactConnection, connection, page};
use crate::money::Money;
use crate::scalar::{CurrencyCode, Cursor, DateTime, Position};
use async_graphql::{Context, Enum, ID, Result, SimpleObject};
use audit::Auditor;
use audit::as_of::{AsOf, At};
use audit::replay::{self, Step, Subject};
use domain::Timestamp;
use domain::id::ContractId;
use domain::ledger::{self, LedgerAccount};
use projections::Slice;

/// Something that was recorded of a contract, or of what was opened under it.
#[derive(Clone, Debug, SimpleObject)]
pub(crate) struct Fact {
    /// Where it stands.
    position: Position,
    /// The event's id, `evt_…`.
    id: ID,
    /// What happened, such as `escrow.released`.
    #[graphql(name = "type")]
    event_type: String,
    /// When it was recorded.
    recorded_at: DateTime,
    /// When it took effect; its day in UTC is the accounting date.
    effective_at: DateTime,
    /// Who caused it: a party, a process or a payment provider.
    actor: String,
    /// The lines of its journal entry; none if it moved no money.
    lines: Vec<EntryLine>,
    /// What the contract's accounts held after it.
    balances: Vec<Balance>,
}

/// A line of a journal entry.
#[derive(Clone, Debug, SimpleObject)]
pub(crate) struct EntryLine {
    /// The account: its code and what it is kept per.
    account: String,
    /// The account's name in the chart.
    name: &'static str,
    /// Debit or credit.
    side: EntrySide,
    /// How much.
    amount: Money,
}

/// The sides of a journal entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::ledger::Side")]
pub(crate) enum EntrySide {
    /// Increases assets and expenses.
    Debit,
    /// Increases liabilities and income.
    Credit,
}

/// What an account held at a place in the log.
#[derive(Clone, Debug, SimpleObject)]
pub(crate) struct Balance {
    /// The account: its code and what it is kept per, such as `2110:ctr_…:mil_…`.
    account: String,
    /// Its name in the chart.
    name: &'static str,
    /// The currency.
    currency: CurrencyCode,
    /// What it held, positive on the account's usual side.
    amount: Money,
}

impl Balance {
    /// # Errors
    /// INTERNAL for more than can be told.
    pub(crate) fn of(balance: &replay::Balance) -> Result<Self> {
        Ok(Self {
            account: balance.account.to_string(),
            name: balance.account.code().title(),
            currency: CurrencyCode(balance.currency.code().to_owned()),
            amount: Money::sum(balance.minor, balance.currency)?,
        })
    }
}

impl Fact {
    fn of(step: &Step) -> Result<Self> {
        let fact = &step.fact;
        let instant = |micros| DateTime(Timestamp::from_micros(micros));
        Ok(Self {
            position: Position(fact.position),
            id: fact.event_id.to_string().into(),
            event_type: fact.event_type.clone(),
            recorded_at: instant(fact.recorded_at),
            effective_at: instant(fact.effective_at),
            actor: fact.actor.to_string(),
            lines: fact.lines().iter().map(EntryLine::from).collect(),
            balances: step.balances.iter().map(Balance::of).collect::<Result<_>>()?,
        })
    }
}

impl From<&ledger::Line> for EntryLine {
    fn from(line: &ledger::Line) -> Self {
        let account: LedgerAccount = line.account;
        Self {
            account: account.to_string(),
            name: account.code().title(),
            side: line.side.into(),
            amount: Money::of(line.minor, line.currency),
        }
    }
}

/// A page of the contract's facts up to `at`, or up to now.
pub(super) async fn timeline(
    ctx: &Context<'_>,
    id: ContractId,
    at: Option<At>,
    (first, after): (Option<i32>, Option<&Cursor>),
) -> Result<Option<FactConnection>> {
    let page = page(first, after, |key| key.parse().ok().map(engine::Position::new))?;
    let auditor = ctx.data::<Auditor>()?;
    let at = match at {
        Some(at) => Some(at),
        None => answered(auditor.resolve(AsOf::Head, None).await)?,
    };
    let Some(at) = at else { return Ok(None) };
    let after = page.after.unwrap_or(engine::Position::START);
    let steps = auditor.timeline(Subject::Contract(id), at, after, page.first).await;
    let Some((rows, has_next)) = answered(steps)? else { return Ok(None) };
    let slice = Slice { rows, has_next };
    connection(slice, |step| step.fact.position.get().to_string(), |step| Fact::of(&step).map(Some)).map(Some)
}
