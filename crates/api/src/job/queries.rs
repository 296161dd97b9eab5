//! Reading jobs.

use super::Job;
use super::types::JobStatus;
use crate::connection::{JobConnection, connection, page};
use crate::error::forbidden;
use crate::permission::{Reach, own_party, reach};
use crate::read::{queried, settled};
use crate::scalar::{Cursor, JobId, Position};
use async_graphql::{Context, InputObject, Object, Result};
use domain::id::TypedId;
use domain::job;
use projections::{JobFilter, Name};

/// Queries on jobs.
#[derive(Default)]
pub(crate) struct JobQueries;

/// Queries on jobs.
#[Object]
impl JobQueries {
    /// A job; null if there is none, or it is not for everybody to see and somebody else's.
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

    /// Jobs, newest first. Other states than open are for staff, and for the caller's own.
    #[graphql(complexity = "5 + first.unwrap_or(20).clamp(0, 100) as usize * child_complexity")]
    async fn jobs(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which jobs; open ones unless said otherwise.", default)] filter: JobsFilter,
        #[graphql(desc = "At most this many, 1 to 100; 20 unless said otherwise.")] first: Option<i32>,
        #[graphql(desc = "Read on after this cursor.")] after: Option<Cursor>,
        #[graphql(desc = "Wait until this position was seen.")] after_position: Option<Position>,
    ) -> Result<Option<JobConnection>> {
        reach(ctx, "Query.jobs")?;
        let filter = covered(ctx, &filter)?;
        let page = page(first, after.as_ref(), |key| domain::id::JobId::parse(key).ok())?;
        let models = settled(ctx, &[Name::JobBoard], after_position.map(|after| after.0)).await?;
        let slice = queried(models.jobs(filter, page))?;
        connection(slice, |row| row.id.to_string(), |row| Job::visible(ctx, row)).map(Some)
    }
}

/// Which jobs are listed.
#[derive(Debug, Default, InputObject)]
pub(crate) struct JobsFilter {
    /// Only the caller's own, in every state.
    #[graphql(default)]
    mine: bool,
    /// Only those that the caller is invited to, in every state; goes without the others.
    #[graphql(default)]
    invited: bool,
    /// Only those that stand so.
    status: Option<JobStatus>,
}

/// What is listed, if the caller may ask for it.
fn covered(ctx: &Context<'_>, asked: &JobsFilter) -> Result<JobFilter> {
    let status = asked.status.map(job::JobStatus::from);
    if asked.mine {
        let own = own_party(ctx, "Job")?;
        return Ok(status.map_or(JobFilter::Client(own), |status| JobFilter::ClientIn(own, status)));
    }
    if asked.invited {
        return Ok(JobFilter::Invited(own_party(ctx, "Job")?));
    }
    let status = status.unwrap_or(job::JobStatus::Open);
    if status != job::JobStatus::Open && reach(ctx, "Job")? != Reach::Any {
        // A guest is asked for a token first.
        own_party(ctx, "Job")?;
        return Err(forbidden());
    }
    Ok(JobFilter::In(status))
}
