//! Whether an event of a job can have happened in this state.

use super::lawful::{agree, leads, over};
use crate::command::CommandKind;
use crate::job::{self, INVITATIONS_MAX, Job, JobEvent, JobReinstated, JobRevised, JobStatus, TalentInvited};
use crate::policy::{HiringRules, Policy};
use crate::refusal::Refusal;
use crate::stream::States;
use crate::time::Timestamp;
use crate::timer::TimerKind;

pub(super) fn lawful_job(event: &JobEvent, states: &States, at: Timestamp) -> Result<(), Refusal> {
    let policy = &states.marketplace()?.policy;
    if let JobEvent::Created(e) = event {
        let most = policy.limits.headcount;
        agree((1..=most).contains(&e.headcount), "a headcount is within the policy's limit")?;
        let from = states.job(e.job_id).ok().map(Job::status);
        return leads(job::TRANSITIONS, from, CommandKind::CreateJob, JobStatus::Draft);
    }
    let job = states.job(event.job_id())?;
    let moved = |command, to| leads(job::TRANSITIONS, Some(job.status()), command, to);
    let opened = |expires_at, command| {
        opens(expires_at, policy, at)?;
        moved(command, JobStatus::Open)
    };
    let ended = |grace_ends_at, command, to| {
        let grace = at.plus_days(policy.hiring.grace_days);
        agree(grace_ends_at == grace, "proposals outlive their job by the policy's grace")?;
        moved(command, to)
    };
    match event {
        JobEvent::Created(_) => Ok(()),
        JobEvent::Revised(e) => lawful_revision(e, job, policy),
        JobEvent::Submitted(e) => {
            let looked_at = e.expires_at.is_none() == policy.hiring.moderation;
            agree(looked_at, "support looks where the policy says so")?;
            match e.expires_at {
                Some(expires_at) => opened(expires_at, CommandKind::SubmitJob),
                None => moved(CommandKind::SubmitJob, JobStatus::InReview),
            }
        }
        JobEvent::Approved(e) => opened(e.expires_at, CommandKind::ApproveJob),
        JobEvent::Rejected(_) => moved(CommandKind::RejectJob, JobStatus::Draft),
        JobEvent::TalentInvited(e) => lawful_invitation(e, job, &policy.hiring, at),
        JobEvent::InvitationLapsed(e) => {
            let timer = TimerKind::LapseInvitation(e.talent);
            agree(over(&job.timers(), timer, at), "an invitation lapses when its window is over")?;
            moved(CommandKind::LapseInvitation, job.status())
        }
        JobEvent::Paused(e) => {
            pauses(e.closes_at, policy, at)?;
            moved(CommandKind::PauseJob, JobStatus::Paused)
        }
        JobEvent::Resumed(e) => opened(e.expires_at, CommandKind::ResumeJob),
        JobEvent::Closed(e) => ended(e.grace_ends_at, CommandKind::CloseJob, JobStatus::Closed),
        JobEvent::Filled(e) => {
            agree(job.hires >= job.headcount, "a job is filled when its people are found")?;
            ended(e.grace_ends_at, CommandKind::AcceptOffer, JobStatus::Filled)
        }
        JobEvent::Expired(e) => {
            agree(over(&job.timers(), TimerKind::ExpireJob, at), "a job expires when its window is over")?;
            ended(e.grace_ends_at, CommandKind::ExpireJob, JobStatus::Expired)
        }
        JobEvent::Reopened(e) => {
            agree(job.hires < job.headcount, "a job opens again when a place is free")?;
            opened(e.expires_at, CommandKind::ReopenJob)
        }
        JobEvent::Removed(e) => ended(e.grace_ends_at, CommandKind::RemoveJob, JobStatus::Removed),
        JobEvent::Reinstated(e) => lawful_return(e, job, policy, at),
    }
}

fn lawful_revision(e: &JobRevised, job: &Job, policy: &Policy) -> Result<(), Refusal> {
    let most = policy.limits.headcount.max(job.headcount);
    agree((job.hires.max(1)..=most).contains(&e.headcount), "a headcount is within the policy's limit")?;
    agree(e.version == job.version + 1, "versions count without a gap")?;
    let to = if job.is_filled_at(e.headcount) { JobStatus::Filled } else { job.status() };
    leads(job::TRANSITIONS, Some(job.status()), CommandKind::ReviseJob, to)
}

fn lawful_invitation(
    e: &TalentInvited,
    job: &Job,
    rules: &HiringRules,
    at: Timestamp,
) -> Result<(), Refusal> {
    agree(e.talent != job.client, "nobody works for themselves")?;
    agree(!job.invitations.contains_key(&e.talent), "a talent is invited once at a time")?;
    agree(job.invitations.len() < INVITATIONS_MAX, "a job has a bounded number of invitations")?;
    agree(
        e.expires_at == at.plus_days(rules.invitation_days),
        "an invitation stands for the policy's window",
    )?;
    leads(job::TRANSITIONS, Some(job.status()), CommandKind::InviteTalent, JobStatus::Open)
}

fn lawful_return(e: &JobReinstated, job: &Job, policy: &Policy, at: Timestamp) -> Result<(), Refusal> {
    let prior = job.prior().unwrap_or(job.status());
    leads(job::TRANSITIONS, Some(job.status()), CommandKind::ReinstateJob, prior)?;
    match (prior, e.until) {
        (JobStatus::Open, Some(expires_at)) => opens(expires_at, policy, at),
        (JobStatus::Paused, Some(closes_at)) => pauses(closes_at, policy, at),
        (JobStatus::Open | JobStatus::Paused, None) => agree(false, "a search that goes on has an end"),
        (
            JobStatus::Draft
            | JobStatus::InReview
            | JobStatus::Filled
            | JobStatus::Closed
            | JobStatus::Expired
            | JobStatus::Removed,
            until,
        ) => agree(until.is_none(), "only a search that goes on has an end"),
    }
}

fn opens(expires_at: Timestamp, policy: &Policy, at: Timestamp) -> Result<(), Refusal> {
    agree(expires_at == at.plus_days(policy.windows.job_open_days), "a job is open for the policy's window")
}

fn pauses(closes_at: Timestamp, policy: &Policy, at: Timestamp) -> Result<(), Refusal> {
    agree(closes_at == at.plus_days(policy.hiring.paused_days), "a job is paused for the policy's window")
}
