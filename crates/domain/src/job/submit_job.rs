//! SubmitJob: the client opens the job to proposals.

use super::{JobEvent, JobStatus, JobSubmitted, TRANSITIONS};
use crate::command::CommandKind;
use crate::context::{Context, Role};
use crate::event::Event;
use crate::id::JobId;
use crate::refusal::Refusal;
use crate::stream::States;
use crate::transition::consult;
use serde::Serialize;

/// Opens a draft to proposals.
#[derive(Clone, Debug, Serialize)]
pub struct SubmitJob {
    /// The draft.
    pub job_id: JobId,
}

pub(crate) fn decide(command: &SubmitJob, states: &States, cx: &Context) -> Result<Vec<Event>, Refusal> {
    let job = states.job(command.job_id)?;
    if cx.actor.party() != Some(job.client) {
        return Err(Refusal::not_found("job"));
    }
    consult(TRANSITIONS, Some(job.status()), CommandKind::SubmitJob, Role::Client, JobStatus::Open)?;
    let days = states.marketplace()?.policy.windows.job_open_days;
    Ok(vec![Event::Job(JobEvent::Submitted(JobSubmitted {
        job_id: job.id,
        expires_at: cx.now.plus_days(days),
    }))])
}

#[cfg(test)]
mod tests {
    use crate::job::SubmitJob;
    use crate::refusal::Code;
    use crate::scenario::{CLIENT, JOB, STRANGER, drafted, given, now, submitted};
    use crate::timer::TimerKind;

    #[test]
    fn an_opened_job_expires_after_the_policys_window() {
        given([drafted(1)])
            .when(CLIENT, SubmitJob { job_id: JOB })
            .timer(TimerKind::ExpireJob, now().plus_days(60));
    }

    #[test]
    fn a_job_is_opened_once() {
        given([drafted(1), submitted()]).when(CLIENT, SubmitJob { job_id: JOB }).refused(Code::WrongState);
    }

    #[test]
    fn another_clients_draft_looks_absent() {
        given([drafted(1)]).when(STRANGER, SubmitJob { job_id: JOB }).refused(Code::NotFound);
    }
}
