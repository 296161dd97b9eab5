//! ExpireJob: nobody was found within the policy's window.

use super::{JobEvent, JobExpired, JobStatus, grace_ends_at, moves};
use crate::command::CommandKind;
use crate::context::{Context, Role};
use crate::event::Event;
use crate::id::JobId;
use crate::refusal::Refusal;
use crate::stream::States;
use crate::timer::{TimerKind, guard};
use serde::Serialize;

/// Ends the search, when its timer is due.
#[derive(Clone, Debug, Serialize)]
pub struct ExpireJob {
    /// The job.
    pub job_id: JobId,
    /// The revision that set the timer.
    pub epoch: u64,
}

pub(crate) fn decide(command: &ExpireJob, states: &States, cx: &Context) -> Result<Vec<Event>, Refusal> {
    let job = states.job(command.job_id)?;
    guard(&job.timers(), TimerKind::ExpireJob, command.epoch, cx.now)?;
    moves(job, (CommandKind::ExpireJob, Role::System), JobStatus::Expired)?;
    let grace_ends_at = grace_ends_at(states, cx)?;
    Ok(vec![Event::Job(JobEvent::Expired(JobExpired { job_id: job.id, grace_ends_at }))])
}

#[cfg(test)]
mod tests {
    use crate::job::ExpireJob;
    use crate::refusal::Code;
    use crate::scenario::{CLIENT, JOB, SYSTEM, contract, drafted, given, now, propose, submitted, usd};
    use crate::timer::TimerKind;

    fn expire(epoch: u64) -> ExpireJob {
        ExpireJob { job_id: JOB, epoch }
    }

    #[test]
    fn an_open_job_expires_when_its_window_is_over() {
        let open = || given([drafted(1), submitted()]);
        open().at(now().plus_days(60)).when(SYSTEM, expire(2)).no_timer(TimerKind::ExpireJob);
        open().when(SYSTEM, expire(2)).refused(Code::TimerNotDue);
        open().at(now().plus_days(60)).when(SYSTEM, expire(1)).refused(Code::TimerStale);
    }

    #[test]
    fn a_filled_job_does_not_expire() {
        given(contract(&[usd(1)])).at(now().plus_days(60)).when(SYSTEM, expire(2)).refused(Code::TimerStale);
    }

    #[test]
    fn nobody_proposes_for_an_expired_job() {
        let expired = given([drafted(1), submitted()]).at(now().plus_days(60)).when(SYSTEM, expire(2));
        let events = expired.events().to_vec();
        given([drafted(1), submitted()])
            .and(events)
            .when(crate::scenario::TALENT, propose())
            .refused(Code::WrongState);
    }

    #[test]
    fn people_expire_nothing() {
        given([drafted(1), submitted()]).when(CLIENT, expire(2)).refused(Code::Forbidden);
    }
}
