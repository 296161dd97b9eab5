//! What support decides about jobs: whether one opens, and whether one stays. Nobody decides about their own.

use super::{
    Job, JobApproved, JobEvent, JobReinstated, JobRejected, JobRemoved, JobStatus, closes_at, expires_at,
    grace_ends_at, moves,
};
use crate::command::CommandKind;
use crate::context::Context;
use crate::event::Event;
use crate::id::JobId;
use crate::personal::Personal;
use crate::refusal::{Code, Refusal};
use crate::stream::States;
use crate::text::Prose;
use serde::Serialize;

/// Opens a job that was looked at.
#[derive(Clone, Debug, Serialize)]
pub struct ApproveJob {
    /// The job.
    pub job_id: JobId,
}

/// Sends a job back to its client.
#[derive(Clone, Debug, Serialize)]
pub struct RejectJob {
    /// The job.
    pub job_id: JobId,
    /// Why; the client reads it.
    pub reasons: Prose,
}

/// Takes a job away. Contracts that came of it go on.
#[derive(Clone, Debug, Serialize)]
pub struct RemoveJob {
    /// The job.
    pub job_id: JobId,
    /// Why; the client reads it.
    pub reasons: Prose,
}

/// Puts a job back as it was.
#[derive(Clone, Debug, Serialize)]
pub struct ReinstateJob {
    /// The job.
    pub job_id: JobId,
}

pub(crate) fn approve(command: &ApproveJob, states: &States, cx: &Context) -> Result<Vec<Event>, Refusal> {
    let job = judged(states.job(command.job_id)?, CommandKind::ApproveJob, JobStatus::Open, cx)?;
    let expires_at = expires_at(states, cx)?;
    Ok(vec![Event::Job(JobEvent::Approved(JobApproved { job_id: job.id, expires_at }))])
}

pub(crate) fn reject(command: &RejectJob, states: &States, cx: &Context) -> Result<Vec<Event>, Refusal> {
    let job = judged(states.job(command.job_id)?, CommandKind::RejectJob, JobStatus::Draft, cx)?;
    let reasons = Personal::Clear(command.reasons.clone());
    Ok(vec![Event::Job(JobEvent::Rejected(JobRejected { job_id: job.id, reasons }))])
}

pub(crate) fn remove(command: &RemoveJob, states: &States, cx: &Context) -> Result<Vec<Event>, Refusal> {
    let job = judged(states.job(command.job_id)?, CommandKind::RemoveJob, JobStatus::Removed, cx)?;
    Ok(vec![Event::Job(JobEvent::Removed(JobRemoved {
        job_id: job.id,
        reasons: Personal::Clear(command.reasons.clone()),
        grace_ends_at: grace_ends_at(states, cx)?,
    }))])
}

pub(crate) fn reinstate(
    command: &ReinstateJob,
    states: &States,
    cx: &Context,
) -> Result<Vec<Event>, Refusal> {
    let job = states.job(command.job_id)?;
    let prior = job.prior().unwrap_or(job.status());
    let job = judged(job, CommandKind::ReinstateJob, prior, cx)?;
    let until = match prior {
        JobStatus::Open => Some(expires_at(states, cx)?),
        JobStatus::Paused => Some(closes_at(states, cx)?),
        JobStatus::Draft
        | JobStatus::InReview
        | JobStatus::Filled
        | JobStatus::Closed
        | JobStatus::Expired
        | JobStatus::Removed => None,
    };
    Ok(vec![Event::Job(JobEvent::Reinstated(JobReinstated { job_id: job.id, until }))])
}

/// The job, if the actor may decide that it goes to `to`.
fn judged<'a>(job: &'a Job, kind: CommandKind, to: JobStatus, cx: &Context) -> Result<&'a Job, Refusal> {
    if cx.actor.party() == Some(job.client) {
        return Err(Refusal::new(Code::WrongSide, "nobody decides about their own job"));
    }
    moves(job, (kind, cx.actor.role_for(kind)?), to)?;
    Ok(job)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::hiring::{CLIENT_AS_SUPPORT, SUPPORT, job_in, remove, removed_from, stands};
    use crate::scenario::{CLIENT, JOB, accept, given, now, offered, proposed, usd};
    use crate::scenario::{SYSTEM, TALENT};
    use crate::timer::TimerKind;

    const APPROVE: ApproveJob = ApproveJob { job_id: JOB };
    const REINSTATE: ReinstateJob = ReinstateJob { job_id: JOB };

    fn reject() -> RejectJob {
        RejectJob { job_id: JOB, reasons: Prose::parse("not here").unwrap() }
    }

    #[test]
    fn a_job_in_review_opens_or_goes_back_to_its_client() {
        let reviewed = || given(job_in(JobStatus::InReview));
        let opened = reviewed().when(SUPPORT, APPROVE);
        stands(&opened, JobStatus::Open);
        opened.timer(TimerKind::ExpireJob, now().plus_days(60));
        stands(&reviewed().when(SUPPORT, reject()), JobStatus::Draft);
        reviewed().when(CLIENT, APPROVE).refused(Code::Forbidden);
        given(job_in(JobStatus::Draft)).when(SUPPORT, APPROVE).refused(Code::WrongState);
    }

    #[test]
    fn nobody_decides_about_their_own_job() {
        let reviewed = || given(job_in(JobStatus::InReview));
        reviewed().when(CLIENT_AS_SUPPORT, APPROVE).refused(Code::WrongSide);
        reviewed().when(CLIENT_AS_SUPPORT, remove()).refused(Code::WrongSide);
    }

    #[test]
    fn a_job_is_removed_from_wherever_it_stands_and_comes_back_there() {
        for status in [
            JobStatus::Draft,
            JobStatus::InReview,
            JobStatus::Open,
            JobStatus::Paused,
            JobStatus::Filled,
            JobStatus::Closed,
            JobStatus::Expired,
        ] {
            let removed = given(removed_from(status));
            removed.clone().when(SUPPORT, remove()).refused(Code::WrongState);
            removed.clone().when(CLIENT, REINSTATE).refused(Code::Forbidden);
            stands(&removed.when(SUPPORT, REINSTATE), status);
        }
        given(job_in(JobStatus::Open)).when(SUPPORT, REINSTATE).refused(Code::WrongState);
    }

    #[test]
    fn a_job_that_comes_back_is_open_for_the_whole_window_and_its_old_timer_is_stale() {
        let back = given(removed_from(JobStatus::Open)).at(now().plus_days(70)).then(SUPPORT, REINSTATE);
        let expire = |epoch| crate::job::ExpireJob { job_id: JOB, epoch };
        back.clone().when(SYSTEM, expire(2)).refused(Code::TimerStale);
        let epoch = back.epoch(TimerKind::ExpireJob);
        back.at(now().plus_days(130)).when(SYSTEM, expire(epoch)).no_timer(TimerKind::ExpireJob);
    }

    #[test]
    fn nothing_is_accepted_for_a_removed_job_until_it_is_back() {
        let offered = [proposed(), offered(&[usd(100)])];
        let removed = given(job_in(JobStatus::Open)).and(offered).then(SUPPORT, remove());
        removed.clone().when(TALENT, accept(&[usd(100)])).refused(Code::WrongState);
        let hired = removed.then(SUPPORT, REINSTATE).when(TALENT, accept(&[usd(100)]));
        stands(&hired, JobStatus::Filled);
    }
}
