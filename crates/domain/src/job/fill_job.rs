//! FillJob: the job has its people. Follows in the same append from the acceptance that reaches the headcount.

use super::{Job, JobEvent, JobFilled, JobStatus, TRANSITIONS};
use crate::command::CommandKind;
use crate::context::Role;
use crate::event::Event;
use crate::id::JobId;
use crate::refusal::{Code, Refusal};
use crate::stream::States;
use crate::transition::consult;
use serde::Serialize;

/// Closes a job to proposals because its people are found.
#[derive(Clone, Debug, Serialize)]
pub struct FillJob {
    /// The job.
    pub job_id: JobId,
}

pub(crate) fn decide(command: &FillJob, states: &States) -> Result<Vec<Event>, Refusal> {
    let job = states.job(command.job_id)?;
    if job.hires < job.headcount {
        return Err(Refusal::new(Code::WrongState, "the job still has room"));
    }
    Ok(vec![filled(job, job.status())?])
}

/// The event that fills `job`, standing at `status`.
pub(crate) fn filled(job: &Job, status: JobStatus) -> Result<Event, Refusal> {
    consult(TRANSITIONS, Some(status), CommandKind::FillJob, Role::System)?;
    Ok(Event::Job(JobEvent::Filled(JobFilled { job_id: job.id })))
}
