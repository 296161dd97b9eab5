//! What clients do with their jobs.

use super::{Job, of_outcome};
use crate::command::{give, inputs, payload};
use crate::scalar::{JobId, PartyId};
use async_graphql::{Context, InputObject, Object, Result};
use domain::job::{CloseJob, CreateJob, InviteTalent, PauseJob, ReopenJob, ResumeJob, ReviseJob, SubmitJob};
use domain::text::{Prose, Text, Title};
use domain::{Code, Refusal};

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

inputs! {
    /// Input of `reviseJob`.
    ReviseJobInput {
        /// The job.
        job_id: JobId,
        /// One line, at most 200 characters.
        title: String,
        /// What is to be done, at most 10,000 characters.
        description: String,
        /// How many people are wanted, those already hired among them.
        headcount: i32,
    }
    /// Input of `submitJob`.
    SubmitJobInput {
        /// The draft.
        job_id: JobId,
    }
    /// Input of `inviteTalent`.
    InviteTalentInput {
        /// The job, which must be open.
        job_id: JobId,
        /// Who is invited.
        talent: PartyId,
    }
    /// Input of `pauseJob`.
    PauseJobInput {
        /// The job.
        job_id: JobId,
    }
    /// Input of `resumeJob`.
    ResumeJobInput {
        /// The job.
        job_id: JobId,
    }
    /// Input of `closeJob`.
    CloseJobInput {
        /// The job.
        job_id: JobId,
    }
    /// Input of `reopenJob`.
    ReopenJobInput {
        /// The job.
        job_id: JobId,
    }
}

payload! {
    /// What `createJob` came to.
    CreateJobPayload {
        /// The draft.
        job: Job = of_outcome
    }
}

payload! {
    /// What `reviseJob` came to.
    ReviseJobPayload {
        /// The job in its next version.
        job: Job = of_outcome
    }
}

payload! {
    /// What `submitJob` came to.
    SubmitJobPayload {
        /// The job: open, or in review.
        job: Job = of_outcome
    }
}

payload! {
    /// What `inviteTalent` came to.
    InviteTalentPayload {
        /// The job with the invitation.
        job: Job = of_outcome
    }
}

payload! {
    /// What `pauseJob` came to.
    PauseJobPayload {
        /// The paused job.
        job: Job = of_outcome
    }
}

payload! {
    /// What `resumeJob` came to.
    ResumeJobPayload {
        /// The open job.
        job: Job = of_outcome
    }
}

payload! {
    /// What `closeJob` came to.
    CloseJobPayload {
        /// The closed job.
        job: Job = of_outcome
    }
}

payload! {
    /// What `reopenJob` came to.
    ReopenJobPayload {
        /// The open job.
        job: Job = of_outcome
    }
}

/// What a job says.
fn said(title: &str, description: &str) -> Result<(Title, Prose), Refusal> {
    let title = Text::parse(title).map_err(|refusal| refusal.at("title"))?;
    let description = Text::parse(description).map_err(|refusal| refusal.at("description"))?;
    Ok((title, description))
}

/// How many people are wanted. The policy's limit is told by the rule, for whatever it could be.
fn counted(headcount: i32) -> Result<u16, Refusal> {
    u16::try_from(headcount).map_err(|_| {
        let bounds = format!("expected 1 to the policy's limit, which is at most {}", u16::MAX);
        Refusal::new(Code::CountOutOfRange, bounds).at("headcount")
    })
}

/// What clients do with their jobs.
#[derive(Default)]
pub(crate) struct JobMutations;

#[Object]
impl JobMutations {
    /// Drafts a job. For clients.
    async fn create_job(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The job.")] input: CreateJobInput,
    ) -> Result<CreateJobPayload> {
        let outcome = give(ctx, &input.idempotency_key, || {
            let (title, description) = said(&input.title, &input.description)?;
            Ok(CreateJob { title, description, headcount: counted(input.headcount)? })
        });
        outcome.await.map(CreateJobPayload)
    }

    /// Writes a job anew: a draft, an open one, or one whose search is over and may go on. Proposals keep the version
    /// that they answered. For the job's client.
    async fn revise_job(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "What the job says from now on.")] input: ReviseJobInput,
    ) -> Result<ReviseJobPayload> {
        let outcome = give(ctx, &input.idempotency_key, || {
            let (title, description) = said(&input.title, &input.description)?;
            Ok(ReviseJob { job_id: input.job_id.0, title, description, headcount: counted(input.headcount)? })
        });
        outcome.await.map(ReviseJobPayload)
    }

    /// Opens a draft to proposals, or has support look at it first where the marketplace wants that. For the job's client.
    async fn submit_job(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which draft.")] input: SubmitJobInput,
    ) -> Result<SubmitJobPayload> {
        let outcome = give(ctx, &input.idempotency_key, || Ok(SubmitJob { job_id: input.job_id.0 }));
        outcome.await.map(SubmitJobPayload)
    }

    /// Invites a talent to propose. For the job's client.
    async fn invite_talent(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Whom, and to what.")] input: InviteTalentInput,
    ) -> Result<InviteTalentPayload> {
        let outcome = give(ctx, &input.idempotency_key, || {
            Ok(InviteTalent { job_id: input.job_id.0, talent: input.talent.0 })
        });
        outcome.await.map(InviteTalentPayload)
    }

    /// Has a job take no proposals for a while. For the job's client.
    async fn pause_job(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which job.")] input: PauseJobInput,
    ) -> Result<PauseJobPayload> {
        let outcome = give(ctx, &input.idempotency_key, || Ok(PauseJob { job_id: input.job_id.0 }));
        outcome.await.map(PauseJobPayload)
    }

    /// Has a paused job take proposals again. For the job's client.
    async fn resume_job(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which job.")] input: ResumeJobInput,
    ) -> Result<ResumeJobPayload> {
        let outcome = give(ctx, &input.idempotency_key, || Ok(ResumeJob { job_id: input.job_id.0 }));
        outcome.await.map(ResumeJobPayload)
    }

    /// Ends a search; open proposals end some days later. For the job's client.
    async fn close_job(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which job.")] input: CloseJobInput,
    ) -> Result<CloseJobPayload> {
        let outcome = give(ctx, &input.idempotency_key, || Ok(CloseJob { job_id: input.job_id.0 }));
        outcome.await.map(CloseJobPayload)
    }

    /// Goes on with a search that was over, if it has room. For the job's client.
    async fn reopen_job(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which job.")] input: ReopenJobInput,
    ) -> Result<ReopenJobPayload> {
        let outcome = give(ctx, &input.idempotency_key, || Ok(ReopenJob { job_id: input.job_id.0 }));
        outcome.await.map(ReopenJobPayload)
    }
}
