//! The payout as callers see it.

use crate::command::Outcome;
use crate::money::Money;
use crate::permission::reach;
use crate::read::{queried, settled};
use crate::scalar::{DateTime, PartyId};
use async_graphql::{Context, Enum, ID, Result, SimpleObject};
use domain::StreamId;
use engine::Position;
use projections::{Name, PayoutRow};

/// States of a payout.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::payout::PayoutStatus")]
pub(crate) enum PayoutStatus {
    /// Its amount is reserved.
    Requested,
    /// The account is on hold.
    Held,
    /// Its amount is posted; it is to be sent, or waits for settled cash.
    Approved,
    /// The provider is being called.
    Submitted,
    /// The provider took the order.
    InTransit,
    /// The provider hasn't said what became of it; a person looks into it.
    NeedsAttention,
    /// The money is sent.
    Paid,
    /// It was not sent; while another attempt is to come, its amount stays reserved.
    Failed,
    /// The money came back.
    Returned,
    /// The provider had paid it in error.
    Reversed,
    /// The talent took it back.
    Cancelled,
    /// Finance or compliance refused it.
    Rejected,
}

/// What a person found out about a payout.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::payout::Resolution")]
pub(crate) enum PayoutResolution {
    /// The provider has it, and will report.
    InTransit,
    /// The provider never sent it.
    Failed,
}

/// A talent's money on its way out.
#[derive(Clone, Debug, SimpleObject)]
pub(crate) struct Payout {
    /// Its id, `pyo_…`; our reference at the provider.
    #[graphql(owned)]
    pub(crate) id: ID,
    /// Whose money it is.
    party: PartyId,
    /// How much.
    amount: Money,
    /// Where it stands.
    status: PayoutStatus,
    /// Since when it stands there.
    changed_at: DateTime,
    /// When it was asked for.
    requested_at: DateTime,
    /// The rail that sends it.
    rail: String,
    /// The last characters of the provider's token of where it goes.
    destination_hint: String,
    /// Whether finance must approve it, or had to.
    needs_review: bool,
    /// Whether it is approved and waits for settled cash.
    waiting_for_cash: bool,
    /// Attempts so far.
    attempts: u16,
    /// When it is tried again, while it has failed and will be.
    retry_at: Option<DateTime>,
    /// When a person looks into it, while the provider says nothing.
    escalates_at: Option<DateTime>,
    /// The provider's newest word for why it failed or came back.
    failure: Option<String>,
    /// Why it was refused; null if it wasn't, or once that was erased.
    rejection: Option<String>,
}

impl Payout {
    /// The payout of this row, if there is one and the caller reaches it. There is no other way to make a [`Payout`].
    ///
    /// # Errors
    /// UNAUTHENTICATED or FORBIDDEN for callers who reach no payout at all.
    pub(crate) fn visible(ctx: &Context<'_>, row: impl Into<Option<PayoutRow>>) -> Result<Option<Self>> {
        let reach = reach(ctx, "Payout")?;
        Ok(row.into().filter(|row| reach.covers(&[row.party])).map(Self::from))
    }
}

impl From<PayoutRow> for Payout {
    fn from(row: PayoutRow) -> Self {
        Self {
            id: row.id.to_string().into(),
            party: PartyId(row.party),
            amount: row.amount.into(),
            status: row.status.into(),
            changed_at: DateTime(row.changed_at),
            requested_at: DateTime(row.requested_at),
            rail: row.rail,
            destination_hint: row.destination_hint,
            needs_review: row.review,
            waiting_for_cash: row.waiting_for_cash,
            attempts: row.attempts,
            retry_at: row.retry_at.map(DateTime),
            escalates_at: row.escalates_at.map(DateTime),
            failure: row.failure.map(|word| word.as_str().to_owned()),
            rejection: row.rejection,
        }
    }
}

/// The payout of a mutation's outcome, as of its events.
pub(crate) async fn of_outcome(
    ctx: &Context<'_>,
    outcome: &Outcome,
    position: Position,
) -> Result<Option<Payout>> {
    let id = outcome.find(|stream| if let StreamId::Payout(id) = stream { Some(id) } else { None });
    let Some(id) = id else { return Ok(None) };
    let models = settled(ctx, &[Name::PayoutDesk], Some(position)).await?;
    Payout::visible(ctx, queried(models.payout(id))?)
}
