//! Refunds as callers see them.

use crate::loader::load;
use crate::money::Money;
use crate::permission::reach;
use crate::scalar::{DateTime, PartyId};
use async_graphql::{Context, Enum, ID, Result, SimpleObject};
use domain::id;
use projections::RefundRow;

/// States of a refund.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::refund::RefundStatus")]
pub(crate) enum RefundStatus {
    /// Nobody has called the provider yet.
    Requested,
    /// The provider is being called.
    Started,
    /// The provider took the order.
    Acknowledged,
    /// The provider hasn't said what became of it; a person looks into it.
    NeedsAttention,
    /// The money is sent.
    Confirmed,
    /// The money is in the client's wallet instead.
    Failed,
}

/// Money on its way back to a client.
#[derive(Clone, Debug, SimpleObject)]
pub(crate) struct Refund {
    /// Its id, `rfd_…`; our reference at the provider.
    #[graphql(owned)]
    pub(crate) id: ID,
    /// The deposit that the money came with.
    deposit_id: ID,
    /// The milestone that the deposit was for.
    milestone_id: ID,
    /// Whose money it is.
    client: PartyId,
    /// How much.
    amount: Money,
    /// Where it stands.
    status: RefundStatus,
    /// When it was asked for.
    requested_at: DateTime,
    /// The provider's word for why it failed.
    failure: Option<String>,
    /// When a person looks into it, while the provider has it and says nothing.
    escalates_at: Option<DateTime>,
}

impl Refund {
    /// The refund of this row, if the caller reaches what is `parties`'. There is no other way to make a [`Refund`].
    ///
    /// # Errors
    /// UNAUTHENTICATED or FORBIDDEN for callers who reach no refund at all.
    pub(crate) fn visible(
        ctx: &Context<'_>,
        row: RefundRow,
        parties: &[id::PartyId],
    ) -> Result<Option<Self>> {
        Ok(reach(ctx, "Refund")?.covers(parties).then(|| row.into()))
    }

    /// The refund of this id, if there is one and the caller is a party to its contract, or reaches all.
    ///
    /// # Errors
    /// As [`Refund::visible`].
    pub(crate) async fn find(ctx: &Context<'_>, id: id::RefundId) -> Result<Option<Self>> {
        let Some(row) = load(ctx, id).await? else { return Ok(None) };
        let contract = match load(ctx, row.milestone_id).await? {
            Some(milestone) => load(ctx, milestone.contract_id).await?,
            None => None,
        };
        let parties =
            contract.map_or_else(|| vec![row.client], |contract| vec![contract.client, contract.talent]);
        Self::visible(ctx, row, &parties)
    }
}

impl From<RefundRow> for Refund {
    fn from(row: RefundRow) -> Self {
        Self {
            id: row.id.to_string().into(),
            deposit_id: row.deposit_id.to_string().into(),
            milestone_id: row.milestone_id.to_string().into(),
            client: PartyId(row.client),
            amount: row.amount.into(),
            status: row.status.into(),
            requested_at: DateTime(row.requested_at),
            failure: row.failure.map(|word| word.as_str().to_owned()),
            escalates_at: row.escalates_at.map(DateTime),
        }
    }
}
