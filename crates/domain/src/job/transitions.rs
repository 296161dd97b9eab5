//! The job's machine.

use crate::command::CommandKind;
use crate::context::Role;
use crate::transition::Transition;

/// States of a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JobStatus {
    /// Only the client sees it.
    Draft,
    /// Talents can propose.
    Open,
    /// Its people are found.
    Filled,
    /// Nobody was found in time.
    Expired,
}

/// The table. The acceptance that takes the last place fills the job, any other leaves it open; a contract that is
/// cancelled before anybody funded it gives its place back.
pub const TRANSITIONS: &[Transition<JobStatus>] = &[
    Transition { from: &[], command: CommandKind::CreateJob, actors: &[Role::Client], to: JobStatus::Draft },
    Transition {
        from: &[JobStatus::Draft],
        command: CommandKind::SubmitJob,
        actors: &[Role::Client],
        to: JobStatus::Open,
    },
    Transition {
        from: &[JobStatus::Open],
        command: CommandKind::AcceptOffer,
        actors: &[Role::Client, Role::Talent],
        to: JobStatus::Open,
    },
    Transition {
        from: &[JobStatus::Open],
        command: CommandKind::AcceptOffer,
        actors: &[Role::Client, Role::Talent],
        to: JobStatus::Filled,
    },
    Transition {
        from: &[JobStatus::Open],
        command: CommandKind::ExpireJob,
        actors: &[Role::System],
        to: JobStatus::Expired,
    },
    Transition {
        from: &[JobStatus::Filled],
        command: CommandKind::CancelContract,
        actors: &[Role::Client, Role::Talent],
        to: JobStatus::Open,
    },
    Transition {
        from: &[JobStatus::Filled],
        command: CommandKind::CancelUnfundedContract,
        actors: &[Role::System],
        to: JobStatus::Open,
    },
];
