//! What happens to jobs.

use crate::event::event_group;
use crate::id::{JobId, PartyId};
use crate::personal::Personal;
use crate::stream::StreamId;
use crate::text::{Prose, Title};
use crate::time::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

event_group! {
    /// Events of a job.
    JobEvent {
        /// A client drafted it.
        Created(JobCreated) = "job.created", 1;
        /// The client wrote it anew.
        Revised(JobRevised) = "job.revised", 1;
        /// The client was done with it: it is open to proposals, or support looks at it first.
        Submitted(JobSubmitted) = "job.submitted", 1;
        /// Support opened it to proposals.
        Approved(JobApproved) = "job.approved", 1;
        /// Support sent it back to its client.
        Rejected(JobRejected) = "job.rejected", 1;
        /// A talent was invited to propose.
        TalentInvited(TalentInvited) = "job.talent_invited", 1;
        /// An invitation doesn't stand any more.
        InvitationLapsed(InvitationLapsed) = "job.invitation_lapsed", 1;
        /// It takes no proposals for a while.
        Paused(JobPaused) = "job.paused", 1;
        /// It takes proposals again.
        Resumed(JobResumed) = "job.resumed", 1;
        /// Its client, or time, ended the search.
        Closed(JobClosed) = "job.closed", 1;
        /// Its people are found.
        Filled(JobFilled) = "job.filled", 1;
        /// Nobody was found in time.
        Expired(JobExpired) = "job.expired", 1;
        /// The search goes on: a place became free again, or there is room for more.
        Reopened(JobReopened) = "job.reopened", 1;
        /// Support took it away.
        Removed(JobRemoved) = "job.removed", 1;
        /// Support put it back as it was.
        Reinstated(JobReinstated) = "job.reinstated", 1;
    }
}

/// Payload of `job.created`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct JobCreated {
    /// The job.
    pub job_id: JobId,
    /// Whose job it is.
    pub client: PartyId,
    /// One line.
    pub title: Personal<Title>,
    /// What is to be done.
    pub description: Personal<Prose>,
    /// How many people, from 1.
    pub headcount: u16,
}

/// Payload of `job.revised`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct JobRevised {
    /// The job.
    pub job_id: JobId,
    /// Counts its versions; the draft was the first.
    pub version: u32,
    /// One line.
    pub title: Personal<Title>,
    /// What is to be done.
    pub description: Personal<Prose>,
    /// How many people, those already hired among them.
    pub headcount: u16,
}

/// Payload of `job.submitted`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct JobSubmitted {
    /// The job.
    pub job_id: JobId,
    /// When it expires if nobody is hired; none while support looks at it first.
    pub expires_at: Option<Timestamp>,
}

/// Payload of `job.approved`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct JobApproved {
    /// The job.
    pub job_id: JobId,
    /// When it expires if nobody is hired.
    pub expires_at: Timestamp,
}

/// Payload of `job.rejected`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct JobRejected {
    /// The job.
    pub job_id: JobId,
    /// Why; the client reads it.
    pub reasons: Personal<Prose>,
}

/// Payload of `job.talent_invited`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TalentInvited {
    /// The job.
    pub job_id: JobId,
    /// Who is invited.
    pub talent: PartyId,
    /// When the invitation lapses.
    pub expires_at: Timestamp,
}

/// Payload of `job.invitation_lapsed`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct InvitationLapsed {
    /// The job.
    pub job_id: JobId,
    /// Who was invited.
    pub talent: PartyId,
}

/// Payload of `job.paused`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct JobPaused {
    /// The job.
    pub job_id: JobId,
    /// When it is closed if nobody resumes it.
    pub closes_at: Timestamp,
}

/// Payload of `job.resumed`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct JobResumed {
    /// The job.
    pub job_id: JobId,
    /// When it expires if nobody is hired.
    pub expires_at: Timestamp,
}

/// Payload of `job.closed`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct JobClosed {
    /// The job.
    pub job_id: JobId,
    /// When the proposals for it that are still open are closed.
    pub grace_ends_at: Timestamp,
}

/// Payload of `job.filled`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct JobFilled {
    /// The job.
    pub job_id: JobId,
    /// When the proposals for it that are still open are closed.
    pub grace_ends_at: Timestamp,
}

/// Payload of `job.expired`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct JobExpired {
    /// The job.
    pub job_id: JobId,
    /// When the proposals for it that are still open are closed.
    pub grace_ends_at: Timestamp,
}

/// Payload of `job.reopened`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct JobReopened {
    /// The job.
    pub job_id: JobId,
    /// When it expires if nobody is hired.
    pub expires_at: Timestamp,
}

/// Payload of `job.removed`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct JobRemoved {
    /// The job.
    pub job_id: JobId,
    /// Why; the client reads it.
    pub reasons: Personal<Prose>,
    /// When the proposals for it that are still open are closed.
    pub grace_ends_at: Timestamp,
}

/// Payload of `job.reinstated`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct JobReinstated {
    /// The job.
    pub job_id: JobId,
    /// When a job that is open again expires, or one that is paused again is closed; none for any other.
    pub until: Option<Timestamp>,
}

impl JobEvent {
    /// The job that it is about.
    pub const fn job_id(&self) -> JobId {
        match self {
            Self::Created(e) => e.job_id,
            Self::Revised(e) => e.job_id,
            Self::Submitted(e) => e.job_id,
            Self::Approved(e) => e.job_id,
            Self::Rejected(e) => e.job_id,
            Self::TalentInvited(e) => e.job_id,
            Self::InvitationLapsed(e) => e.job_id,
            Self::Paused(e) => e.job_id,
            Self::Resumed(e) => e.job_id,
            Self::Closed(e) => e.job_id,
            Self::Filled(e) => e.job_id,
            Self::Expired(e) => e.job_id,
            Self::Reopened(e) => e.job_id,
            Self::Removed(e) => e.job_id,
            Self::Reinstated(e) => e.job_id,
        }
    }

    pub(crate) fn streams(&self) -> Vec<StreamId> {
        vec![StreamId::Job(self.job_id())]
    }
}
