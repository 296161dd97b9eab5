//! Proposals and offers over GraphQL.

mod mutations;
mod offers;
mod queries;
mod types;

pub(crate) use mutations::ProposalMutations;
pub(crate) use offers::OfferMutations;
pub(crate) use queries::ProposalQueries;
pub(crate) use types::{FeeQuote, Proposal, Side};

use crate::command::Outcome;
use crate::read::{queried, settled};
use async_graphql::{Context, Result};
use domain::StreamId;
use engine::Position;
use projections::Name;

/// The proposal that a command was about.
async fn of_outcome(ctx: &Context<'_>, outcome: &Outcome, position: Position) -> Result<Option<Proposal>> {
    let id = outcome.find(|stream| if let StreamId::Proposal(id) = stream { Some(id) } else { None });
    let Some(id) = id else { return Ok(None) };
    let models = settled(ctx, &[Name::ProposalInbox], Some(position)).await?;
    Proposal::visible(ctx, queried(models.proposal(id))?)
}
