//! A party's money in one currency, and what stands in the way of paying it out.

use crate::as_of::{AsOfInput, Place, answered};
use crate::command::Outcome;
use crate::contract::Balance;
use crate::money::Money;
use crate::permission::{own_party, reach};
use crate::read::{queried, settled};
use crate::scalar::{CurrencyCode, DateTime, PartyId, Position};
use async_graphql::{Context, Enum, Object, Result, SimpleObject};
use audit::as_of::AccountAt;
use domain::StreamId;
use domain::account;
use domain::id;
use domain::ledger::AccountCode;
use projections::{AccountRow, Name};

/// Why nothing may be paid out of an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::account::HoldReason")]
pub(crate) enum HoldReason {
    /// Who the party is has not been verified.
    Kyc,
    /// The party may be on a sanctions list.
    Sanctions,
    /// A tax form is missing.
    TaxForm,
    /// A dispute.
    Dispute,
    /// A chargeback.
    Chargeback,
    /// A reserve is being built.
    Reserve,
    /// The party owes money.
    NegativeBalance,
    /// The first payout to a destination.
    NewPayee,
    /// The bank account was changed.
    BankChange,
    /// Trust has too little settled cash.
    Funding,
    /// The day's reconciliation is not clean.
    Reconciliation,
    /// An order of a court or an authority.
    Legal,
    /// A payout came back.
    Payee,
}

/// A party's money in one currency.
#[derive(Clone, Debug, SimpleObject)]
pub(crate) struct Account {
    /// Whose money it is.
    party: PartyId,
    /// The currency.
    currency: CurrencyCode,
    /// Earnings that have cleared, what payouts have reserved of them too.
    available: Money,
    /// What of the available money payouts have reserved.
    reserved: Money,
    /// What can be asked for: available and not reserved.
    free: Money,
    /// Earnings that have not cleared.
    on_hold: Money,
    /// Payouts on their way.
    in_transit: Money,
    /// Refunds on their way to the party as a client.
    refund_in_transit: Money,
    /// The party's money as a client, without a purpose yet.
    wallet: Money,
    /// Why nothing may be paid out; nothing may while there is a reason.
    holds: Vec<Hold>,
    /// Where in the log it is told as of; null for now.
    as_of: Option<Place>,
    /// What its accounts held as of the place in the log, of the entries that count there; null for now.
    balances: Option<Vec<Balance>>,
}

/// A hold that stands.
#[derive(Clone, Debug, SimpleObject)]
pub(crate) struct Hold {
    /// Why.
    reason: HoldReason,
    /// When it was placed; null as of an earlier place in the log.
    placed_at: Option<DateTime>,
    /// When it lapses by itself, if it does.
    until: Option<DateTime>,
}

impl Account {
    /// The account of this row, if there is one and the caller reaches it.
    ///
    /// # Errors
    /// UNAUTHENTICATED or FORBIDDEN for callers who reach no account at all.
    fn visible(ctx: &Context<'_>, row: Option<AccountRow>) -> Result<Option<Self>> {
        let reach = reach(ctx, "Account")?;
        Ok(row.filter(|row| reach.covers(&[row.party])).map(Self::from))
    }

    /// Whether the caller reaches this party's accounts.
    ///
    /// # Errors
    /// UNAUTHENTICATED or FORBIDDEN for callers who reach no account at all.
    pub(crate) fn reached(ctx: &Context<'_>, party: id::PartyId) -> Result<bool> {
        Ok(reach(ctx, "Account")?.covers(&[party]))
    }

    /// As it stood, to a caller who reaches it.
    fn then(at: &AccountAt, state: &account::Account) -> Result<Self> {
        let money = |minor| Money::of(minor, at.currency);
        let balance = |code| money(state.balance(code));
        let hold = |(reason, hold): (&account::HoldReason, &account::Hold)| Hold {
            reason: (*reason).into(),
            placed_at: None,
            until: hold.until.map(DateTime),
        };
        Ok(Self {
            party: PartyId(at.party),
            currency: CurrencyCode(at.currency.code().to_owned()),
            available: balance(AccountCode::TalentAvailable),
            reserved: money(state.reserved()),
            free: money(state.free()),
            on_hold: balance(AccountCode::TalentOnHold),
            in_transit: balance(AccountCode::PayoutInTransit),
            refund_in_transit: balance(AccountCode::RefundInTransit),
            wallet: balance(AccountCode::ClientWallet),
            holds: state.holds.iter().map(hold).collect(),
            as_of: Some(at.at.into()),
            balances: Some(at.balances.iter().map(Balance::of).collect::<Result<_>>()?),
        })
    }
}

impl From<AccountRow> for Account {
    fn from(row: AccountRow) -> Self {
        let money = |minor| Money::of(minor, row.currency);
        let hold = |hold: &projections::HoldRow| Hold {
            reason: hold.reason.into(),
            placed_at: Some(DateTime(hold.placed_at)),
            until: hold.until.map(DateTime),
        };
        Self {
            party: PartyId(row.party),
            currency: CurrencyCode(row.currency.code().to_owned()),
            available: money(row.available),
            reserved: money(row.reserved),
            free: money(row.available - row.reserved),
            on_hold: money(row.on_hold),
            in_transit: money(row.in_transit),
            refund_in_transit: money(row.refund_in_transit),
            wallet: money(row.wallet),
            holds: row.holds.iter().map(hold).collect(),
            as_of: None,
            balances: None,
        }
    }
}

/// The account of a mutation's outcome, as of its events.
pub(crate) async fn of_outcome(
    ctx: &Context<'_>,
    outcome: &Outcome,
    position: engine::Position,
) -> Result<Option<Account>> {
    let which = outcome.find(|stream| {
        if let StreamId::Account(party, currency) = stream { Some((party, currency)) } else { None }
    });
    let Some((party, currency)) = which else { return Ok(None) };
    let models = settled(ctx, &[Name::PayoutDesk], Some(position)).await?;
    Account::visible(ctx, queried(models.account(party, currency))?)
}

/// Queries on parties' accounts.
#[derive(Default)]
pub(crate) struct PartyAccountQueries;

/// Queries on parties' accounts.
#[Object]
impl PartyAccountQueries {
    /// A party's money in one currency; null if none ever moved there, or it is somebody else's.
    async fn account(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The currency.")] currency: CurrencyCode,
        #[graphql(desc = "Whose account; the caller's own unless said otherwise.")] party_id: Option<PartyId>,
        #[graphql(desc = "Wait until this position was seen.")] after: Option<Position>,
        #[graphql(desc = "As it stood at this place in the log, instead of now.")] as_of: Option<AsOfInput>,
    ) -> Result<Option<Account>> {
        reach(ctx, "Query.account")?;
        let party = whose(ctx, party_id)?;
        let currency = currency.read().map_err(|refusal| crate::error::thrown(&refusal.at("currency")))?;
        let Some(as_of) = as_of else {
            let models = settled(ctx, &[Name::PayoutDesk], after.map(|after| after.0)).await?;
            return Account::visible(ctx, queried(models.account(party, currency))?);
        };
        if !Account::reached(ctx, party)? {
            return Ok(None);
        }
        let (auditor, at) = as_of.resolve(ctx).await?;
        let past = answered(auditor.account(party, currency, at).await)?;
        past.map(|(at, state)| Account::then(&at, &state)).transpose()
    }

    /// A party's accounts, by currency; null if they are somebody else's.
    #[graphql(complexity = "5 + 5 * child_complexity")]
    async fn accounts(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whose accounts; the caller's own unless said otherwise.")] party_id: Option<
            PartyId,
        >,
        #[graphql(desc = "Wait until this position was seen.")] after: Option<Position>,
    ) -> Result<Option<Vec<Account>>> {
        reach(ctx, "Query.accounts")?;
        let party = whose(ctx, party_id)?;
        if !Account::reached(ctx, party)? {
            return Ok(None);
        }
        let models = settled(ctx, &[Name::PayoutDesk], after.map(|after| after.0)).await?;
        let rows = queried(models.accounts(party))?.into_iter();
        rows.filter_map(|row| Account::visible(ctx, Some(row)).transpose()).collect::<Result<_>>().map(Some)
    }
}

/// The party that is asked about.
pub(crate) fn whose(ctx: &Context<'_>, party: Option<PartyId>) -> Result<id::PartyId> {
    party.map_or_else(|| own_party(ctx, "Account"), |party| Ok(party.0))
}
