//! The proposal's machine.

use crate::command::CommandKind;
use crate::context::Role;
use crate::transition::Transition;

/// States of a proposal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProposalStatus {
    /// Only the talent sees it.
    Draft,
    /// The client can read it.
    Submitted,
    /// The client keeps it in view; no offer is open.
    Shortlisted,
    /// One offer is open.
    Offered,
    /// An offer was accepted; a contract exists.
    Accepted,
    /// One side doesn't want the other's.
    Declined,
    /// The talent took it back.
    Withdrawn,
    /// Nobody said anything for too long, or the search was over.
    Expired,
}

use ProposalStatus::{Accepted, Declined, Draft, Expired, Offered, Shortlisted, Submitted, Withdrawn};

const BY_CLIENT: &[Role] = &[Role::Client];
const BY_TALENT: &[Role] = &[Role::Talent];
const BY_EITHER: &[Role] = &[Role::Client, Role::Talent];
const BY_TIME: &[Role] = &[Role::System];

/// The table. An offer is answered by whom it was made to, and taken back by its author.
pub const TRANSITIONS: &[Transition<ProposalStatus>] = &[
    row(&[], CommandKind::SaveProposal, BY_TALENT, Draft),
    row(&[], CommandKind::SubmitProposal, BY_TALENT, Submitted),
    row(&[], CommandKind::MakeDirectOffer, BY_CLIENT, Offered),
    row(&[Draft], CommandKind::SubmitSavedProposal, BY_TALENT, Submitted),
    row(&[Draft], CommandKind::ReviseProposal, BY_TALENT, Draft),
    row(&[Submitted], CommandKind::ReviseProposal, BY_TALENT, Submitted),
    row(&[Draft, Submitted, Shortlisted], CommandKind::WithdrawProposal, BY_TALENT, Withdrawn),
    row(&[Submitted], CommandKind::ShortlistProposal, BY_CLIENT, Shortlisted),
    row(&[Submitted, Shortlisted], CommandKind::DeclineProposal, BY_CLIENT, Declined),
    row(&[Submitted, Shortlisted], CommandKind::MakeOffer, BY_EITHER, Offered),
    row(&[Offered], CommandKind::CounterOffer, BY_EITHER, Offered),
    row(&[Offered], CommandKind::WithdrawOffer, BY_EITHER, Shortlisted),
    row(&[Offered], CommandKind::DeclineOffer, BY_EITHER, Declined),
    row(&[Offered], CommandKind::AcceptOffer, BY_EITHER, Accepted),
    row(&[Offered], CommandKind::ExpireOffer, BY_TIME, Shortlisted),
    row(&[Draft, Submitted, Shortlisted, Offered], CommandKind::ExpireProposal, BY_TIME, Expired),
    row(&[Submitted, Shortlisted, Offered], CommandKind::CloseProposal, BY_TIME, Expired),
];

const fn row(
    from: &'static [ProposalStatus],
    command: CommandKind,
    actors: &'static [Role],
    to: ProposalStatus,
) -> Transition<ProposalStatus> {
    Transition { from, command, actors, to }
}
