//! Jobs: what a client needs done, and how many people for it.

pub(crate) mod create_job;
mod event;
pub(crate) mod expire_job;
mod state;
pub(crate) mod submit_job;
mod transitions;

pub use create_job::CreateJob;
pub use event::{JobCreated, JobEvent, JobExpired, JobFilled, JobReopened, JobSubmitted};
pub use expire_job::ExpireJob;
pub use state::Job;
pub use submit_job::SubmitJob;
pub use transitions::{JobStatus, TRANSITIONS};
