//! The machines of the contract and of its milestones.

use crate::command::CommandKind;
use crate::context::Role;
use crate::transition::Transition;

/// States of a contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ContractStatus {
    /// Agreed, nothing funded yet.
    Created,
    /// A milestone was funded.
    Active,
}

/// The contract's table.
pub const TRANSITIONS: &[Transition<ContractStatus>] = &[
    Transition {
        from: &[],
        command: CommandKind::AcceptOffer,
        actors: &[Role::Client, Role::Talent],
        to: ContractStatus::Created,
    },
    Transition {
        from: &[ContractStatus::Created],
        command: CommandKind::FundMilestone,
        actors: &[Role::Client],
        to: ContractStatus::Created,
    },
    Transition {
        from: &[ContractStatus::Active],
        command: CommandKind::FundMilestone,
        actors: &[Role::Client],
        to: ContractStatus::Active,
    },
    Transition {
        from: &[ContractStatus::Created, ContractStatus::Active],
        command: CommandKind::ConfirmDeposit,
        actors: &[Role::Provider],
        to: ContractStatus::Active,
    },
];

/// States of a milestone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MilestoneStatus {
    /// Part of the contract, without money.
    Agreed,
    /// A deposit is under way.
    Funding,
    /// Escrow holds its amount.
    Funded,
    /// Work waits for review.
    Submitted,
    /// Work was sent back.
    ChangesRequested,
    /// The escrow was paid out to the talent's earnings.
    Released,
}

/// The milestone's table. Money that doesn't match its deposit leaves the milestone to be funded anew.
pub const MILESTONE_TRANSITIONS: &[Transition<MilestoneStatus>] = &[
    Transition {
        from: &[],
        command: CommandKind::AcceptOffer,
        actors: &[Role::Client, Role::Talent],
        to: MilestoneStatus::Agreed,
    },
    Transition {
        from: &[MilestoneStatus::Agreed],
        command: CommandKind::FundMilestone,
        actors: &[Role::Client],
        to: MilestoneStatus::Funding,
    },
    Transition {
        from: &[MilestoneStatus::Funding],
        command: CommandKind::ConfirmDeposit,
        actors: &[Role::Provider],
        to: MilestoneStatus::Funded,
    },
    Transition {
        from: &[MilestoneStatus::Funding],
        command: CommandKind::ConfirmDeposit,
        actors: &[Role::Provider],
        to: MilestoneStatus::Agreed,
    },
    Transition {
        from: &[MilestoneStatus::Funding],
        command: CommandKind::FailDeposit,
        actors: &[Role::Provider, Role::System],
        to: MilestoneStatus::Agreed,
    },
    Transition {
        from: &[MilestoneStatus::Funded, MilestoneStatus::ChangesRequested],
        command: CommandKind::SubmitWork,
        actors: &[Role::Talent],
        to: MilestoneStatus::Submitted,
    },
    Transition {
        from: &[MilestoneStatus::Submitted],
        command: CommandKind::RequestChanges,
        actors: &[Role::Client],
        to: MilestoneStatus::ChangesRequested,
    },
    Transition {
        from: &[MilestoneStatus::Submitted],
        command: CommandKind::ApproveMilestone,
        actors: &[Role::Client],
        to: MilestoneStatus::Released,
    },
];
