//! What happens to jobs.

use crate::event::event_group;
use crate::id::{JobId, PartyId};
use crate::personal::Personal;
use crate::stream::StreamId;
use crate::text::{Prose, Title};
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

event_group! {
    /// Events of a job.
    JobEvent {
        /// A client drafted it.
        Created(JobCreated) = "job.created", 1;
        /// It was opened to proposals.
        Submitted(JobSubmitted) = "job.submitted", 1;
        /// Its people are found.
        Filled(JobFilled) = "job.filled", 1;
        /// Nobody was found in time.
        Expired(JobExpired) = "job.expired", 1;
        /// A place became free again.
        Reopened(JobReopened) = "job.reopened", 1;
    }
}

/// Payload of `job.created`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
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

/// Payload of `job.submitted`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobSubmitted {
    /// The job.
    pub job_id: JobId,
    /// When it expires if nobody is hired.
    pub expires_at: Timestamp,
}

/// Payload of `job.filled`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobFilled {
    /// The job.
    pub job_id: JobId,
}

/// Payload of `job.expired`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobExpired {
    /// The job.
    pub job_id: JobId,
}

/// Payload of `job.reopened`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobReopened {
    /// The job.
    pub job_id: JobId,
    /// When it expires if nobody is hired.
    pub expires_at: Timestamp,
}

impl JobEvent {
    pub(crate) fn streams(&self) -> Vec<StreamId> {
        let job_id = match self {
            Self::Created(e) => e.job_id,
            Self::Submitted(e) => e.job_id,
            Self::Filled(e) => e.job_id,
            Self::Expired(e) => e.job_id,
            Self::Reopened(e) => e.job_id,
        };
        vec![StreamId::Job(job_id)]
    }
}
