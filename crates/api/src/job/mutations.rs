//! Commands on jobs.

use super::Job;
use crate::command::{Outcome, give, payload};
use crate::read::{queried, settled};
use crate::scalar::JobId;
use async_graphql::{Context, InputObject, Object, Result};
use domain::job::{CreateJob, SubmitJob};
use domain::text::Text;
use domain::{Code, Refusal, StreamId};
use engine::Position;
use projections::Name;

/// Input of `createJob`.
#[derive(InputObject)]
pub(crate) struct CreateJobInput {
    /// One line, at most 200 characters.
    title: String,
    /// What is to be done, at most 10,000 characters.
    description: String,
    /// How many people are wanted.
    #[graphql(default = 1)]
    headcount: i32,
    /// Names this request: sent again, it is done once.
    idempotency_key: String,
}

/// Input of `submitJob`.
#[derive(InputObject)]
pub(crate) struct SubmitJobInput {
    /// The draft.
    job_id: JobId,
    /// Names this request: sent again, it is done once.
    idempotency_key: String,
}

payload! {
    /// What `createJob` came to.
    CreateJobPayload {
        /// The draft.
        job: Job = job
    }
}

payload! {
    /// What `submitJob` came to.
    SubmitJobPayload {
        /// The open job.
        job: Job = job
    }
}

async fn job(ctx: &Context<'_>, outcome: &Outcome, position: Position) -> Result<Option<Job>> {
    let id = outcome.find(|stream| if let StreamId::Job(id) = stream { Some(id) } else { None });
    let Some(id) = id else { return Ok(None) };
    let models = settled(ctx, &[Name::JobBoard], Some(position)).await?;
    Job::visible(ctx, queried(models.job(id))?)
}

/// The policy's limit is told by the rule, for whatever it could be.
fn too_many_or_few() -> Refusal {
    let bounds = format!("expected 1 to the policy's limit, which is at most {}", u16::MAX);
    Refusal::new(Code::CountOutOfRange, bounds).at("headcount")
}

/// Commands on jobs.
#[derive(Default)]
pub(crate) struct JobMutations;

/// Commands on jobs.
#[Object]
impl JobMutations {
    /// Drafts a job. For clients.
    async fn create_job(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The job.")] input: CreateJobInput,
    ) -> Result<CreateJobPayload> {
        let outcome = give(ctx, &input.idempotency_key, || {
            Ok(CreateJob {
                title: Text::parse(&input.title).map_err(|refusal| refusal.at("title"))?,
                description: Text::parse(&input.description).map_err(|refusal| refusal.at("description"))?,
                headcount: u16::try_from(input.headcount).map_err(|_| too_many_or_few())?,
            })
        });
        outcome.await.map(CreateJobPayload)
    }

    /// Opens a draft to proposals. For the job's client.
    async fn submit_job(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which draft.")] input: SubmitJobInput,
    ) -> Result<SubmitJobPayload> {
        let outcome = give(ctx, &input.idempotency_key, || Ok(SubmitJob { job_id: input.job_id.0 }));
        outcome.await.map(SubmitJobPayload)
    }
}
