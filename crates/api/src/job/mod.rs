//! Jobs over GraphQL.

mod moderation;
mod mutations;
mod queries;
mod types;

pub(crate) use moderation::ModerationMutations;
pub(crate) use mutations::JobMutations;
pub(crate) use queries::JobQueries;
pub(crate) use types::Job;

use crate::command::Outcome;
use crate::read::{queried, settled};
use async_graphql::{Context, Result};
use domain::StreamId;
use engine::Position;
use projections::Name;

/// The job that a command was about.
async fn of_outcome(ctx: &Context<'_>, outcome: &Outcome, position: Position) -> Result<Option<Job>> {
    let id = outcome.find(|stream| if let StreamId::Job(id) = stream { Some(id) } else { None });
    let Some(id) = id else { return Ok(None) };
    let models = settled(ctx, &[Name::JobBoard], Some(position)).await?;
    Job::visible(ctx, queried(models.job(id))?)
}
