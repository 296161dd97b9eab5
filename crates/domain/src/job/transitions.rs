//! The job's machine.

use crate::command::CommandKind;
use crate::context::Role;
use crate::transition::Transition;

/// States of a job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum JobStatus {
    /// Only the client sees it.
    Draft,
    /// Support looks at it before it opens.
    InReview,
    /// Talents can propose.
    Open,
    /// It takes no proposals for a while.
    Paused,
    /// Its people are found.
    Filled,
    /// The client ended the search, or left it paused for too long.
    Closed,
    /// Nobody was found in time.
    Expired,
    /// Support took it away; only its client and staff see it.
    Removed,
}

use JobStatus::{Closed, Draft, Expired, Filled, InReview, Open, Paused, Removed};

const BY_CLIENT: &[Role] = &[Role::Client];
const BY_EITHER: &[Role] = &[Role::Client, Role::Talent];
const BY_SUPPORT: &[Role] = &[Role::Support];
const BY_TIME: &[Role] = &[Role::System];

/// The table. Whoever takes the last place of a running search fills the job, and so does a client who lowers the
/// headcount to those hired; a search that was closed stays so even when an offer that stood is accepted in the grace. A
/// contract that is cancelled before anybody funded it gives its place back.
pub const TRANSITIONS: &[Transition<JobStatus>] = &[
    row(&[], CommandKind::CreateJob, BY_CLIENT, Draft),
    row(&[Draft], CommandKind::ReviseJob, BY_CLIENT, Draft),
    row(&[Draft], CommandKind::SubmitJob, BY_CLIENT, InReview),
    row(&[Draft], CommandKind::SubmitJob, BY_CLIENT, Open),
    row(&[InReview], CommandKind::ApproveJob, BY_SUPPORT, Open),
    row(&[InReview], CommandKind::RejectJob, BY_SUPPORT, Draft),
    row(&[Open], CommandKind::ReviseJob, BY_CLIENT, Open),
    row(&[Open], CommandKind::ReviseJob, BY_CLIENT, Filled),
    row(&[Open], CommandKind::InviteTalent, BY_CLIENT, Open),
    row(&[Open], CommandKind::LapseInvitation, BY_TIME, Open),
    row(&[Paused], CommandKind::LapseInvitation, BY_TIME, Paused),
    row(&[Open], CommandKind::PauseJob, BY_CLIENT, Paused),
    row(&[Paused], CommandKind::ResumeJob, BY_CLIENT, Open),
    row(&[Open, Paused], CommandKind::CloseJob, BY_CLIENT, Closed),
    row(&[Paused], CommandKind::AutoCloseJob, BY_TIME, Closed),
    row(&[Open], CommandKind::ExpireJob, BY_TIME, Expired),
    row(&[Open, Paused], CommandKind::AcceptOffer, BY_EITHER, Filled),
    row(&[Open], CommandKind::AcceptOffer, BY_EITHER, Open),
    row(&[Paused], CommandKind::AcceptOffer, BY_EITHER, Paused),
    row(&[Closed], CommandKind::AcceptOffer, BY_EITHER, Closed),
    row(&[Expired], CommandKind::AcceptOffer, BY_EITHER, Expired),
    row(&[Filled], CommandKind::CancelContract, BY_EITHER, Open),
    row(&[Filled], CommandKind::CancelUnfundedContract, BY_TIME, Open),
    row(&[Filled], CommandKind::ReviseJob, BY_CLIENT, Filled),
    row(&[Closed], CommandKind::ReviseJob, BY_CLIENT, Closed),
    row(&[Expired], CommandKind::ReviseJob, BY_CLIENT, Expired),
    row(&[Filled, Closed, Expired], CommandKind::ReopenJob, BY_CLIENT, Open),
    row(
        &[Draft, InReview, Open, Paused, Filled, Closed, Expired],
        CommandKind::RemoveJob,
        BY_SUPPORT,
        Removed,
    ),
    reinstates(Draft),
    reinstates(InReview),
    reinstates(Open),
    reinstates(Paused),
    reinstates(Filled),
    reinstates(Closed),
    reinstates(Expired),
];

const fn row(
    from: &'static [JobStatus],
    command: CommandKind,
    actors: &'static [Role],
    to: JobStatus,
) -> Transition<JobStatus> {
    Transition { from, command, actors, to }
}

const fn reinstates(to: JobStatus) -> Transition<JobStatus> {
    row(&[Removed], CommandKind::ReinstateJob, BY_SUPPORT, to)
}
