//! PauseJob, ResumeJob, CloseJob and ReopenJob: the client stops the search and goes on with it. A job that opens again,
//! however it came to it, is open for the policy's whole window.

use super::{
    Job, JobClosed, JobEvent, JobPaused, JobReopened, JobResumed, JobStatus, closes_at, expires_at,
    grace_ends_at, moves,
};
use crate::command::CommandKind;
use crate::context::{Context, Role};
use crate::event::Event;
use crate::id::JobId;
use crate::refusal::{Code, Refusal};
use crate::stream::States;
use crate::timer::{TimerKind, guard};
use serde::Serialize;

/// Has a job take no proposals for a while.
#[derive(Clone, Debug, Serialize)]
pub struct PauseJob {
    /// The job.
    pub job_id: JobId,
}

/// Has a paused job take proposals again.
#[derive(Clone, Debug, Serialize)]
pub struct ResumeJob {
    /// The job.
    pub job_id: JobId,
}

/// Ends a search.
#[derive(Clone, Debug, Serialize)]
pub struct CloseJob {
    /// The job.
    pub job_id: JobId,
}

/// Ends a search that was paused for too long, when its timer is due.
#[derive(Clone, Debug, Serialize)]
pub struct AutoCloseJob {
    /// The job.
    pub job_id: JobId,
    /// The revision that set the timer.
    pub epoch: u64,
}

/// Goes on with a search that was over.
#[derive(Clone, Debug, Serialize)]
pub struct ReopenJob {
    /// The job.
    pub job_id: JobId,
}

pub(crate) fn pause(command: &PauseJob, states: &States, cx: &Context) -> Result<Vec<Event>, Refusal> {
    let job = own(command.job_id, (CommandKind::PauseJob, JobStatus::Paused), states, cx)?;
    let closes_at = closes_at(states, cx)?;
    Ok(vec![Event::Job(JobEvent::Paused(JobPaused { job_id: job.id, closes_at }))])
}

pub(crate) fn resume(command: &ResumeJob, states: &States, cx: &Context) -> Result<Vec<Event>, Refusal> {
    let job = own(command.job_id, (CommandKind::ResumeJob, JobStatus::Open), states, cx)?;
    let expires_at = expires_at(states, cx)?;
    Ok(vec![Event::Job(JobEvent::Resumed(JobResumed { job_id: job.id, expires_at }))])
}

pub(crate) fn close(command: &CloseJob, states: &States, cx: &Context) -> Result<Vec<Event>, Refusal> {
    let job = own(command.job_id, (CommandKind::CloseJob, JobStatus::Closed), states, cx)?;
    closed(job, states, cx)
}

pub(crate) fn auto_close(
    command: &AutoCloseJob,
    states: &States,
    cx: &Context,
) -> Result<Vec<Event>, Refusal> {
    let job = states.job(command.job_id)?;
    guard(&job.timers(), TimerKind::AutoCloseJob, command.epoch, cx.now)?;
    moves(job, (CommandKind::AutoCloseJob, Role::System), JobStatus::Closed)?;
    closed(job, states, cx)
}

pub(crate) fn reopen(command: &ReopenJob, states: &States, cx: &Context) -> Result<Vec<Event>, Refusal> {
    let job = own(command.job_id, (CommandKind::ReopenJob, JobStatus::Open), states, cx)?;
    if job.hires >= job.headcount {
        return Err(Refusal::new(Code::JobFull, "the job has its people: raise the headcount first"));
    }
    let expires_at = expires_at(states, cx)?;
    Ok(vec![Event::Job(JobEvent::Reopened(JobReopened { job_id: job.id, expires_at }))])
}

/// The actor's own job, if the command leads it to `to`.
fn own<'a>(
    job_id: JobId,
    (kind, to): (CommandKind, JobStatus),
    states: &'a States,
    cx: &Context,
) -> Result<&'a Job, Refusal> {
    let job = states.job(job_id)?;
    job.is_of(&cx.actor)?;
    moves(job, (kind, Role::Client), to)?;
    Ok(job)
}

fn closed(job: &Job, states: &States, cx: &Context) -> Result<Vec<Event>, Refusal> {
    let grace_ends_at = grace_ends_at(states, cx)?;
    Ok(vec![Event::Job(JobEvent::Closed(JobClosed { job_id: job.id, grace_ends_at }))])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::hiring::{job_in, stands};
    use crate::scenario::{CLIENT, JOB, STRANGER, SYSTEM, TALENT, accept, given, now, offered, proposed};
    use crate::scenario::{propose, usd};

    const PAUSE: PauseJob = PauseJob { job_id: JOB };
    const RESUME: ResumeJob = ResumeJob { job_id: JOB };
    const CLOSE: CloseJob = CloseJob { job_id: JOB };
    const REOPEN: ReopenJob = ReopenJob { job_id: JOB };

    #[test]
    fn a_paused_job_takes_no_proposals_and_a_resumed_one_is_open_for_the_whole_window() {
        let open = given(job_in(JobStatus::Open));
        open.clone().when(STRANGER, PAUSE).refused(Code::NotFound);
        let paused = open.then(CLIENT, PAUSE);
        paused.clone().when(TALENT, propose()).refused(Code::WrongState);
        paused.clone().when(CLIENT, PAUSE).refused(Code::WrongState);
        let resumed = paused.at(now().plus_days(20)).when(CLIENT, RESUME);
        resumed.no_timer(TimerKind::AutoCloseJob);
        resumed.timer(TimerKind::ExpireJob, now().plus_days(80));
    }

    #[test]
    fn a_job_that_stays_paused_is_closed_by_time() {
        let paused = || given(job_in(JobStatus::Paused));
        let close = AutoCloseJob { job_id: JOB, epoch: paused().epoch(TimerKind::AutoCloseJob) };
        paused().when(SYSTEM, close.clone()).refused(Code::TimerNotDue);
        paused().when(CLIENT, close.clone()).refused(Code::Forbidden);
        stands(&paused().at(now().plus_days(30)).when(SYSTEM, close.clone()), JobStatus::Closed);
        paused().then(CLIENT, RESUME).at(now().plus_days(30)).when(SYSTEM, close).refused(Code::TimerStale);
    }

    #[test]
    fn a_search_is_ended_while_it_runs_and_goes_on_when_there_is_room() {
        for status in [JobStatus::Open, JobStatus::Paused] {
            stands(&given(job_in(status)).when(CLIENT, CLOSE), JobStatus::Closed);
        }
        for status in [JobStatus::Closed, JobStatus::Expired] {
            let over = || given(job_in(status));
            over().when(CLIENT, CLOSE).refused(Code::WrongState);
            over().when(STRANGER, REOPEN).refused(Code::NotFound);
            over().when(CLIENT, REOPEN).timer(TimerKind::ExpireJob, now().plus_days(60));
        }
        given(job_in(JobStatus::Filled)).when(CLIENT, REOPEN).refused(Code::JobFull);
        given(job_in(JobStatus::Draft)).when(CLIENT, REOPEN).refused(Code::WrongState);
    }

    #[test]
    fn an_offer_that_stood_when_the_search_ended_can_be_accepted_in_the_grace_and_nothing_reopens() {
        let offered = [proposed(), offered(&[usd(100)])];
        let closed = given(job_in(JobStatus::Open)).and(offered).then(CLIENT, CLOSE);
        let hired = closed.when(TALENT, accept(&[usd(100)]));
        stands(&hired, JobStatus::Closed);
        hired.state(|state| {
            if let crate::State::Job(job) = state {
                assert_eq!((job.hires, job.has_room()), (1, false));
            }
        });
    }
}
