//! Reading proposals.

use super::Proposal;
use super::types::ProposalStatus;
use crate::connection::{ProposalConnection, connection, page};
use crate::permission::{own_party, reach};
use crate::read::{queried, settled};
use crate::scalar::{Cursor, Position, ProposalId};
use crate::viewer::Acting;
use async_graphql::{Context, InputObject, Object, Result};
use domain::id::TypedId;
use projections::{Name, ProposalFilter};

/// Which proposals are listed.
#[derive(Debug, InputObject)]
pub(crate) struct ProposalsFilter {
    /// The side on which the caller stands.
    acting_as: Acting,
    /// Only those that stand so.
    status: Option<ProposalStatus>,
}

/// Queries on proposals.
#[derive(Default)]
pub(crate) struct ProposalQueries;

/// Queries on proposals.
#[Object]
impl ProposalQueries {
    /// A proposal; null if there is none, or the caller is no party to it.
    async fn proposal(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The proposal.")] id: ProposalId,
        #[graphql(desc = "Wait until this position was seen.")] after: Option<Position>,
    ) -> Result<Option<Proposal>> {
        reach(ctx, "Query.proposal")?;
        let models = settled(ctx, &[Name::ProposalInbox], after.map(|after| after.0)).await?;
        Proposal::visible(ctx, queried(models.proposal(id.0))?)
    }

    /// The caller's proposals, newest first: those for their jobs, or those that they made.
    #[graphql(complexity = "5 + first.unwrap_or(20).clamp(0, 100) as usize * child_complexity")]
    async fn proposals(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which proposals.")] filter: ProposalsFilter,
        #[graphql(desc = "At most this many, 1 to 100; 20 unless said otherwise.")] first: Option<i32>,
        #[graphql(desc = "Read on after this cursor.")] after: Option<Cursor>,
        #[graphql(desc = "Wait until this position was seen.")] after_position: Option<Position>,
    ) -> Result<Option<ProposalConnection>> {
        reach(ctx, "Query.proposals")?;
        let party = own_party(ctx, "Proposal")?;
        let filter = match (filter.acting_as, filter.status.map(Into::into)) {
            (Acting::Client, None) => ProposalFilter::Client(party),
            (Acting::Client, Some(status)) => ProposalFilter::ClientIn(party, status),
            (Acting::Talent, None) => ProposalFilter::Talent(party),
            (Acting::Talent, Some(status)) => ProposalFilter::TalentIn(party, status),
        };
        let page = page(first, after.as_ref(), |key| domain::id::ProposalId::parse(key).ok())?;
        let models = settled(ctx, &[Name::ProposalInbox], after_position.map(|after| after.0)).await?;
        let slice = queried(models.proposals(filter, page))?;
        connection(slice, |row| row.id.to_string(), |row| Proposal::visible(ctx, row)).map(Some)
    }
}
