//! SubmitJob: the client is done with the draft. It opens to proposals, or where the policy says so support looks at it
//! first.

use super::{JobEvent, JobStatus, JobSubmitted, expires_at, moves};
use crate::command::CommandKind;
use crate::context::{Context, Role};
use crate::event::Event;
use crate::id::JobId;
use crate::refusal::Refusal;
use crate::stream::States;
use serde::Serialize;

/// Opens a draft to proposals, or has support look at it.
#[derive(Clone, Debug, Serialize)]
pub struct SubmitJob {
    /// The draft.
    pub job_id: JobId,
}

pub(crate) fn decide(command: &SubmitJob, states: &States, cx: &Context) -> Result<Vec<Event>, Refusal> {
    let job = states.job(command.job_id)?;
    job.is_of(&cx.actor)?;
    let moderated = states.marketplace()?.policy.hiring.moderation;
    let to = if moderated { JobStatus::InReview } else { JobStatus::Open };
    moves(job, (CommandKind::SubmitJob, Role::Client), to)?;
    let expires_at = if moderated { None } else { Some(expires_at(states, cx)?) };
    Ok(vec![Event::Job(JobEvent::Submitted(JobSubmitted { job_id: job.id, expires_at }))])
}

#[cfg(test)]
mod tests {
    use crate::job::{JobStatus, SubmitJob};
    use crate::refusal::Code;
    use crate::scenario::hiring::{moderated, stands};
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

    #[test]
    fn where_support_looks_first_a_draft_goes_into_review_and_nothing_is_due() {
        let submitted = given([moderated(), drafted(1)]).when(CLIENT, SubmitJob { job_id: JOB });
        stands(&submitted, JobStatus::InReview);
        submitted.no_timer(TimerKind::ExpireJob);
    }
}
