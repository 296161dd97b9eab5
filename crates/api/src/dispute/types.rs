//! The dispute as callers see it.

use crate::command::Outcome;
use crate::contract::Contract;
use crate::loader::load;
use crate::money::Money;
use crate::permission::reach;
use crate::read::{queried, settled};
use crate::scalar::{DateTime, PartyId};
use async_graphql::{Context, Enum, ID, Object, Result};
use domain::StreamId;
use engine::Position;
use projections::{DisputeRow, Name};

/// States of a dispute.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::dispute::DisputeStatus")]
pub(crate) enum DisputeStatus {
    /// Both sides have spoken and look for a settlement.
    Negotiation,
    /// The opener gave it up.
    Withdrawn,
}

/// A disagreement about a milestone's money, which is frozen meanwhile.
#[derive(Clone, Debug)]
pub(crate) struct Dispute(DisputeRow);

impl Dispute {
    /// The dispute of this row, if there is one and the caller reaches it. There is no other way to make a
    /// [`Dispute`].
    ///
    /// # Errors
    /// UNAUTHENTICATED or FORBIDDEN for callers who reach no dispute at all.
    pub(crate) fn visible(ctx: &Context<'_>, row: impl Into<Option<DisputeRow>>) -> Result<Option<Self>> {
        let reach = reach(ctx, "Dispute")?;
        let visible = |row: &DisputeRow| reach.covers(&[row.opener, row.respondent]);
        Ok(row.into().filter(visible).map(Self))
    }
}

/// A disagreement about a milestone's money, which is frozen meanwhile.
#[Object]
impl Dispute {
    /// Its id, `dsp_…`.
    pub(crate) async fn id(&self) -> ID {
        self.0.id.to_string().into()
    }

    /// The contract.
    async fn contract(&self, ctx: &Context<'_>) -> Result<Option<Contract>> {
        Contract::visible(ctx, load(ctx, self.0.contract_id).await?)
    }

    /// The milestone whose money is disputed.
    async fn milestone_id(&self) -> ID {
        self.0.milestone_id.to_string().into()
    }

    /// Who opened it.
    async fn opener(&self) -> PartyId {
        PartyId(self.0.opener)
    }

    /// Who answers.
    async fn respondent(&self) -> PartyId {
        PartyId(self.0.respondent)
    }

    /// What the opener wants back.
    async fn claim(&self) -> Money {
        self.0.claim.into()
    }

    /// What the respondent said when it refused; null once it was erased.
    async fn answer(&self) -> Option<&str> {
        self.0.answer.as_deref()
    }

    /// Where it stands.
    async fn status(&self) -> DisputeStatus {
        self.0.status.into()
    }

    /// When it was opened.
    async fn opened_at(&self) -> DateTime {
        DateTime(self.0.opened_at)
    }
}

/// The dispute of a mutation's outcome, as of its events.
pub(crate) async fn of_outcome(
    ctx: &Context<'_>,
    outcome: &Outcome,
    position: Position,
) -> Result<Option<Dispute>> {
    let id = outcome.find(|stream| if let StreamId::Dispute(id) = stream { Some(id) } else { None });
    let Some(id) = id else { return Ok(None) };
    let models = settled(ctx, &[Name::ContractBoard], Some(position)).await?;
    Dispute::visible(ctx, queried(models.dispute(id))?)
}
