//! Jobs: what a client needs done, and how many people for it.

pub(crate) mod create_job;
mod event;
pub(crate) mod expire_job;
pub(crate) mod invite_talent;
pub(crate) mod moderation;
pub(crate) mod moves;
pub(crate) mod revise_job;
mod state;
pub(crate) mod submit_job;
mod transitions;

pub use create_job::CreateJob;
pub use event::{
    InvitationLapsed, JobApproved, JobClosed, JobCreated, JobEvent, JobExpired, JobFilled, JobPaused,
    JobReinstated, JobRejected, JobRemoved, JobReopened, JobResumed, JobRevised, JobSubmitted, TalentInvited,
};
pub use expire_job::ExpireJob;
pub use invite_talent::{INVITATIONS_MAX, InviteTalent, LapseInvitation};
pub use moderation::{ApproveJob, ReinstateJob, RejectJob, RemoveJob};
pub use moves::{AutoCloseJob, CloseJob, PauseJob, ReopenJob, ResumeJob};
pub use revise_job::ReviseJob;
pub use state::{Invitation, Job};
pub use submit_job::SubmitJob;
pub use transitions::{JobStatus, TRANSITIONS};

use crate::command::CommandKind;
use crate::context::{Context, Role};
use crate::refusal::Refusal;
use crate::stream::States;
use crate::time::Timestamp;
use crate::transition::consult;

/// Lets the command, by somebody with the role, lead the job to `to`.
fn moves(job: &Job, (kind, role): (CommandKind, Role), to: JobStatus) -> Result<(), Refusal> {
    consult(TRANSITIONS, Some(job.status()), kind, role, to)
}

/// When a job that opens now expires.
fn expires_at(states: &States, cx: &Context) -> Result<Timestamp, Refusal> {
    Ok(cx.now.plus_days(states.marketplace()?.policy.windows.job_open_days))
}

/// When a job that is paused now is closed.
fn closes_at(states: &States, cx: &Context) -> Result<Timestamp, Refusal> {
    Ok(cx.now.plus_days(states.marketplace()?.policy.hiring.paused_days))
}

/// Until when proposals outlive a job whose search ends now.
pub(crate) fn grace_ends_at(states: &States, cx: &Context) -> Result<Timestamp, Refusal> {
    Ok(cx.now.plus_days(states.marketplace()?.policy.hiring.grace_days))
}
