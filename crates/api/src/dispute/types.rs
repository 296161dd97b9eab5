//! The dispute as callers see it.

use crate::as_of::{AsOfInput, Place, answered};
use crate::command::Outcome;
use crate::contract::Contract;
use crate::loader::load;
use crate::money::Money;
use crate::permission::reach;
use crate::read::{queried, settled};
use crate::scalar::{DateTime, PartyId};
use async_graphql::{Context, Enum, ID, Object, Result};
use audit::as_of::DisputeAt;
use domain::StreamId;
use engine::Position;
use projections::{DisputeRow, Name};
use std::sync::Arc;

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
pub(crate) struct Dispute {
    row: DisputeRow,
    /// As it stood, where that was asked for; what never changes is the row's.
    past: Option<Arc<DisputeAt>>,
}

impl Dispute {
    /// The dispute of this row, if there is one and the caller reaches it. There is no other way to make a
    /// [`Dispute`].
    ///
    /// # Errors
    /// UNAUTHENTICATED or FORBIDDEN for callers who reach no dispute at all.
    pub(crate) fn visible(ctx: &Context<'_>, row: impl Into<Option<DisputeRow>>) -> Result<Option<Self>> {
        let reach = reach(ctx, "Dispute")?;
        let visible = |row: &DisputeRow| reach.covers(&[row.opener, row.respondent]);
        Ok(row.into().filter(visible).map(|row| Self { row, past: None }))
    }

    /// The same dispute as of a place in the log; none if it did not exist there.
    ///
    /// # Errors
    /// Those of [`AsOfInput::resolve`], and UNAVAILABLE.
    pub(crate) async fn back_to(self, ctx: &Context<'_>, as_of: &AsOfInput) -> Result<Option<Self>> {
        let (auditor, at) = as_of.resolve(ctx).await?;
        let past = answered(auditor.dispute(self.row.id, at).await)?;
        Ok(past.map(|past| Self { row: self.row, past: Some(Arc::new(past)) }))
    }
}

/// A disagreement about a milestone's money, which is frozen meanwhile.
#[Object]
impl Dispute {
    /// Its id, `dsp_…`.
    pub(crate) async fn id(&self) -> ID {
        self.row.id.to_string().into()
    }

    /// The contract, as of the same place in the log.
    async fn contract(&self, ctx: &Context<'_>) -> Result<Option<Contract>> {
        let contract = Contract::visible(ctx, load(ctx, self.row.contract_id).await?)?;
        match (contract, &self.past) {
            (Some(contract), Some(past)) => contract.at(ctx, past.at).await,
            (contract, _) => Ok(contract),
        }
    }

    /// The milestone whose money is disputed.
    async fn milestone_id(&self) -> ID {
        self.row.milestone_id.to_string().into()
    }

    /// Who opened it.
    async fn opener(&self) -> PartyId {
        PartyId(self.row.opener)
    }

    /// Who answers.
    async fn respondent(&self) -> PartyId {
        PartyId(self.row.respondent)
    }

    /// What the opener wants back.
    async fn claim(&self) -> Money {
        self.row.claim.into()
    }

    /// What the respondent said when it refused; null once it was erased.
    async fn answer(&self) -> Option<&str> {
        self.row.answer.as_deref()
    }

    /// Where it stands.
    async fn status(&self) -> DisputeStatus {
        self.past.as_ref().map_or(self.row.status, |past| past.dispute.status()).into()
    }

    /// When it was opened.
    async fn opened_at(&self) -> DateTime {
        DateTime(self.row.opened_at)
    }

    /// Where in the log it is told as of; null for now.
    async fn as_of(&self) -> Option<Place> {
        self.past.as_ref().map(|past| past.at.into())
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
