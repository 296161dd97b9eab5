//! Reading jobs.

use super::Job;
use crate::connection::{JobConnection, connection, page};
use crate::permission::{Reach, own_party, reach};
use crate::read::{queried, settled};
use crate::scalar::{Cursor, JobId, Position};
use async_graphql::{Context, Object, Result};
use domain::id::TypedId;
use domain::job::JobStatus;
use projections::{JobFilter, JobRow, Name};

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
        let row = queried(models.job(id.0))?;
        Ok(row.filter(|row| visible(row, reach(ctx, "Job").ok())).map(Job))
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
        let filter = if mine {
            JobFilter::Client(own_party(ctx)?)
        } else {
            JobFilter::Open
        };
        let page = page(first, after.as_ref(), |key| domain::id::JobId::parse(key).ok())?;
        let models = settled(ctx, &[Name::JobBoard], after_position.map(|after| after.0)).await?;
        let slice = queried(models.jobs(filter, page))?;
        Ok(Some(connection(slice, |row| row.id.to_string(), Job)))
    }
}

/// Whether a job is within the caller's reach: what was opened is public, a draft is its client's and staff's.
pub(crate) fn visible(row: &JobRow, reach: Option<Reach>) -> bool {
    match row.status {
        JobStatus::Open | JobStatus::Filled => reach.is_some(),
        JobStatus::Draft => reach.is_some_and(|reach| reach.covers(&[row.client])),
    }
}
