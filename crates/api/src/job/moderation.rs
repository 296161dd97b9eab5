//! What support decides about jobs.

use super::{Job, of_outcome};
use crate::command::{give, inputs, payload};
use crate::scalar::JobId;
use async_graphql::{Context, Object, Result};
use domain::job::{ApproveJob, ReinstateJob, RejectJob, RemoveJob};
use domain::text::Text;

inputs! {
    /// Input of `approveJob`.
    ApproveJobInput {
        /// The job.
        job_id: JobId,
    }
    /// Input of `rejectJob`.
    RejectJobInput {
        /// The job.
        job_id: JobId,
        /// Why, at most 10,000 characters; the client reads it.
        reasons: String,
    }
    /// Input of `removeJob`.
    RemoveJobInput {
        /// The job.
        job_id: JobId,
        /// Why, at most 10,000 characters; the client reads it.
        reasons: String,
    }
    /// Input of `reinstateJob`.
    ReinstateJobInput {
        /// The job.
        job_id: JobId,
    }
}

payload! {
    /// What `approveJob` came to.
    ApproveJobPayload {
        /// The open job.
        job: Job = of_outcome
    }
}

payload! {
    /// What `rejectJob` came to.
    RejectJobPayload {
        /// The draft.
        job: Job = of_outcome
    }
}

payload! {
    /// What `removeJob` came to.
    RemoveJobPayload {
        /// The removed job.
        job: Job = of_outcome
    }
}

payload! {
    /// What `reinstateJob` came to.
    ReinstateJobPayload {
        /// The job as it was.
        job: Job = of_outcome
    }
}

/// What support decides about jobs.
#[derive(Default)]
pub(crate) struct ModerationMutations;

/// What support decides about jobs.
#[Object]
impl ModerationMutations {
    /// Opens a job that is in review. For support.
    async fn approve_job(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which job.")] input: ApproveJobInput,
    ) -> Result<ApproveJobPayload> {
        let outcome = give(ctx, &input.idempotency_key, || Ok(ApproveJob { job_id: input.job_id.0 }));
        outcome.await.map(ApproveJobPayload)
    }

    /// Sends a job that is in review back to its client. For support.
    async fn reject_job(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which job, and why.")] input: RejectJobInput,
    ) -> Result<RejectJobPayload> {
        let outcome = give(ctx, &input.idempotency_key, || {
            let reasons = Text::parse(&input.reasons).map_err(|refusal| refusal.at("reasons"))?;
            Ok(RejectJob { job_id: input.job_id.0, reasons })
        });
        outcome.await.map(RejectJobPayload)
    }

    /// Takes a job away; contracts that came of it go on. For support.
    async fn remove_job(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which job, and why.")] input: RemoveJobInput,
    ) -> Result<RemoveJobPayload> {
        let outcome = give(ctx, &input.idempotency_key, || {
            let reasons = Text::parse(&input.reasons).map_err(|refusal| refusal.at("reasons"))?;
            Ok(RemoveJob { job_id: input.job_id.0, reasons })
        });
        outcome.await.map(RemoveJobPayload)
    }

    /// Puts a removed job back as it was. For support.
    async fn reinstate_job(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which job.")] input: ReinstateJobInput,
    ) -> Result<ReinstateJobPayload> {
        let outcome = give(ctx, &input.idempotency_key, || Ok(ReinstateJob { job_id: input.job_id.0 }));
        outcome.await.map(ReinstateJobPayload)
    }
}
