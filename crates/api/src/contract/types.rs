//! The contract as callers see it.

use super::milestone::Milestone;
use crate::command::Outcome;
use crate::job::Job;
use crate::loader::{MilestonesOf, load};
use crate::permission::reach;
use crate::proposal::FeeQuote;
use crate::read::{queried, settled};
use crate::scalar::{CurrencyCode, DateTime, PartyId, Sha256};
use async_graphql::{Context, Enum, ID, Object, Result};
use domain::StreamId;
use engine::Position;
use projections::{ContractRow, Name};

/// States of a contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::contract::ContractStatus")]
pub(crate) enum ContractStatus {
    /// Agreed, nothing funded yet.
    Created,
    /// A milestone was funded.
    Active,
}

/// What a client and a talent agreed on.
#[derive(Clone, Debug)]
pub(crate) struct Contract(ContractRow);

impl Contract {
    /// The contract of this row, if there is one and the caller reaches it. There is no other way to make a
    /// [`Contract`].
    ///
    /// # Errors
    /// UNAUTHENTICATED or FORBIDDEN for callers who reach no contract at all.
    pub(crate) fn visible(ctx: &Context<'_>, row: impl Into<Option<ContractRow>>) -> Result<Option<Self>> {
        let reach = reach(ctx, "Contract")?;
        let visible = |row: &ContractRow| reach.covers(&[row.client, row.talent]);
        Ok(row.into().filter(visible).map(Self))
    }
}

/// What a client and a talent agreed on.
#[Object]
impl Contract {
    /// Its id, `ctr_…`.
    pub(crate) async fn id(&self) -> ID {
        self.0.id.to_string().into()
    }

    /// The job that hired.
    async fn job(&self, ctx: &Context<'_>) -> Result<Option<Job>> {
        Job::visible(ctx, load(ctx, self.0.job_id).await?)
    }

    /// Who pays.
    async fn client(&self) -> PartyId {
        PartyId(self.0.client)
    }

    /// Who works.
    async fn talent(&self) -> PartyId {
        PartyId(self.0.talent)
    }

    /// The one currency of the contract.
    async fn currency(&self) -> CurrencyCode {
        CurrencyCode(self.0.currency.code().to_owned())
    }

    /// Where it stands.
    async fn status(&self) -> ContractStatus {
        self.0.status.into()
    }

    /// What both sides agreed to.
    async fn terms_hash(&self) -> Sha256 {
        Sha256(self.0.terms_hash)
    }

    /// The fees, fixed.
    async fn fees(&self) -> FeeQuote {
        self.0.fees.into()
    }

    /// The version of the marketplace's policy that fees and windows come from.
    async fn policy_version(&self) -> u32 {
        self.0.policy_version
    }

    /// When the offer was accepted.
    async fn created_at(&self) -> DateTime {
        DateTime(self.0.created_at)
    }

    /// When it is cancelled if nothing is funded by then.
    async fn unfunded_until(&self) -> DateTime {
        DateTime(self.0.unfunded_until)
    }

    /// The milestones, in the order of their numbers.
    #[graphql(complexity = "5 + 5 * child_complexity")]
    async fn milestones(&self, ctx: &Context<'_>) -> Result<Option<Vec<Milestone>>> {
        let rows = load(ctx, MilestonesOf(self.0.id)).await?;
        Ok(rows.map(|rows| rows.into_iter().map(Milestone::from).collect()))
    }
}

/// The contract of a mutation's outcome, as of its events.
pub(crate) async fn of_outcome(
    ctx: &Context<'_>,
    outcome: &Outcome,
    position: Position,
) -> Result<Option<Contract>> {
    let id = outcome.find(|stream| if let StreamId::Contract(id) = stream { Some(id) } else { None });
    let Some(id) = id else { return Ok(None) };
    let models = settled(ctx, &[Name::ContractBoard], Some(position)).await?;
    Contract::visible(ctx, queried(models.contract(id))?)
}
