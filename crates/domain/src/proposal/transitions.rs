//! The proposal's machine.

use crate::command::CommandKind;
use crate::context::Role;
use crate::transition::Transition;

/// States of a proposal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProposalStatus {
    /// The client can read it.
    Submitted,
    /// The client keeps it in view; no offer is open.
    Shortlisted,
    /// One offer is open.
    Offered,
    /// An offer was accepted; a contract exists.
    Accepted,
}

/// The table. An offer is accepted by whom it was made to, never by its author.
pub const TRANSITIONS: &[Transition<ProposalStatus>] = &[
    Transition {
        from: &[],
        command: CommandKind::SubmitProposal,
        actors: &[Role::Talent],
        to: ProposalStatus::Submitted,
    },
    Transition {
        from: &[ProposalStatus::Submitted, ProposalStatus::Shortlisted],
        command: CommandKind::MakeOffer,
        actors: &[Role::Client, Role::Talent],
        to: ProposalStatus::Offered,
    },
    Transition {
        from: &[ProposalStatus::Offered],
        command: CommandKind::AcceptOffer,
        actors: &[Role::Client, Role::Talent],
        to: ProposalStatus::Accepted,
    },
    Transition {
        from: &[ProposalStatus::Offered],
        command: CommandKind::ExpireOffer,
        actors: &[Role::System],
        to: ProposalStatus::Shortlisted,
    },
];
