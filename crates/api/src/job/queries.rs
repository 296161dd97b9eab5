//! Reading jobs.

use super::Job;
use crate::connection::{JobConnection, connection, page};
use crate::permission::{own_party, reach};
use crate::read::{queried, settled};
use crate::scalar::{Cursor, JobId, Position};
use async_graphql::{Context, Object, Result};
use domain::id::TypedId;
use projections::{JobFilter, Name};

/// Queries on jobs.
#[derive(Default)]
pub(crate) struct JobQueries;

/// Queries on jobs.
#[Object]
impl JobQueries {
    /// A job; null if there is none, or it is somebody else's draft.
    async fn job(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The job.")] id: JobId,
        #[graphql(desc = "Wait until this position was seen.")] after: Option<Position>,
    ) -> Result<Option<Job>> {
        reach(ctx, "Query.job")?;
        let models = settled(ctx, &[Name::JobBoard], after.map(|after| after.0)).await?;
        Job::visible(ctx, queried(models.job(id.0))?)
    }

    /// Open jobs, newest first; with `mine` the caller's own, drafts too.
    #[graphql(complexity = "5 + first.unwrap_or(20).clamp(0, 100) as usize * child_complexity")]
    async fn jobs(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only the caller's own, in every state.", default)] mine: bool,
        #[graphql(desc = "At most this many, 1 to 100; 20 unless said otherwise.")] first: Option<i32>,
        #[graphql(desc = "Read on after this cursor.")] after: Option<Cursor>,
        #[graphql(desc = "Wait until this position was seen.")] after_position: Option<Position>,
    ) -> Result<Option<JobConnection>> {
        reach(ctx, "Query.jobs")?;
        let filter = if mine { JobFilter::Client(own_party(ctx, "Job")?) } else { JobFilter::Open };
        let page = page(first, after.as_ref(), |key| domain::id::JobId::parse(key).ok())?;
        let models = settled(ctx, &[Name::JobBoard], after_position.map(|after| after.0)).await?;
        let slice = queried(models.jobs(filter, page))?;
        connection(slice, |row| row.id.to_string(), |row| Job::visible(ctx, row)).map(Some)
    }
}
