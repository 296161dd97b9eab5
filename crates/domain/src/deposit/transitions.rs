//! The deposit's machine.

use crate::command::CommandKind;
use crate::context::Role;
use crate::transition::Transition;

/// States of a deposit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DepositStatus {
    /// Nobody has called the provider yet.
    Requested,
    /// One attempt was claimed; what came of the call is not known.
    Started,
    /// The provider took the order.
    Acknowledged,
    /// The money is captured, and is escrow.
    Confirmed,
    /// It will not come.
    Failed,
    /// It came without a purpose, or too late for it.
    Unmatched,
}

impl DepositStatus {
    /// Whether its money is still awaited.
    pub const fn is_pending(self) -> bool {
        match self {
            Self::Requested | Self::Started | Self::Acknowledged => true,
            Self::Confirmed | Self::Failed | Self::Unmatched => false,
        }
    }

    /// Where money without a purpose leaves it: what comes beside a confirmed amount doesn't undo the confirmation.
    #[must_use]
    pub const fn after_unmatched(self) -> Self {
        match self {
            Self::Confirmed => Self::Confirmed,
            Self::Requested | Self::Started | Self::Acknowledged | Self::Failed | Self::Unmatched => {
                Self::Unmatched
            }
        }
    }
}

/// Where money is still awaited.
const PENDING: &[DepositStatus] =
    &[DepositStatus::Requested, DepositStatus::Started, DepositStatus::Acknowledged];

/// The table. A deposit whose contract is cancelled or ended fails with it; what is captured for it all the same is
/// unmatched, and goes back.
pub const TRANSITIONS: &[Transition<DepositStatus>] = &[
    Transition {
        from: &[],
        command: CommandKind::FundMilestone,
        actors: &[Role::Client],
        to: DepositStatus::Requested,
    },
    Transition {
        from: &[],
        command: CommandKind::PayBonus,
        actors: &[Role::Client],
        to: DepositStatus::Requested,
    },
    Transition {
        from: &[DepositStatus::Requested],
        command: CommandKind::StartDepositAttempt,
        actors: &[Role::System],
        to: DepositStatus::Started,
    },
    Transition {
        from: &[DepositStatus::Started],
        command: CommandKind::AcknowledgeDeposit,
        actors: &[Role::System],
        to: DepositStatus::Acknowledged,
    },
    Transition {
        from: PENDING,
        command: CommandKind::ConfirmDeposit,
        actors: &[Role::Provider],
        to: DepositStatus::Confirmed,
    },
    Transition {
        from: &[DepositStatus::Confirmed],
        command: CommandKind::ConfirmDeposit,
        actors: &[Role::Provider],
        to: DepositStatus::Confirmed,
    },
    Transition {
        from: &[
            DepositStatus::Requested,
            DepositStatus::Started,
            DepositStatus::Acknowledged,
            DepositStatus::Failed,
            DepositStatus::Unmatched,
        ],
        command: CommandKind::ConfirmDeposit,
        actors: &[Role::Provider],
        to: DepositStatus::Unmatched,
    },
    Transition {
        from: PENDING,
        command: CommandKind::FailDeposit,
        actors: &[Role::Provider, Role::System],
        to: DepositStatus::Failed,
    },
    Transition {
        from: PENDING,
        command: CommandKind::ExpireDeposit,
        actors: &[Role::System],
        to: DepositStatus::Failed,
    },
    Transition {
        from: PENDING,
        command: CommandKind::CancelContract,
        actors: &[Role::Client, Role::Talent],
        to: DepositStatus::Failed,
    },
    Transition {
        from: PENDING,
        command: CommandKind::CancelUnfundedContract,
        actors: &[Role::System],
        to: DepositStatus::Failed,
    },
    Transition {
        from: PENDING,
        command: CommandKind::AgreeEnd,
        actors: &[Role::Client, Role::Talent],
        to: DepositStatus::Failed,
    },
    Transition {
        from: PENDING,
        command: CommandKind::AutoAgreeEnd,
        actors: &[Role::System],
        to: DepositStatus::Failed,
    },
    Transition {
        from: PENDING,
        command: CommandKind::TerminateContract,
        actors: &[Role::Compliance],
        to: DepositStatus::Failed,
    },
    Transition {
        from: PENDING,
        command: CommandKind::DisputeEnd,
        actors: &[Role::Client, Role::Talent],
        to: DepositStatus::Failed,
    },
    Transition {
        from: &[DepositStatus::Confirmed],
        command: CommandKind::RefundDeposit,
        actors: &[Role::System],
        to: DepositStatus::Confirmed,
    },
    Transition {
        from: &[DepositStatus::Unmatched],
        command: CommandKind::RefundDeposit,
        actors: &[Role::System],
        to: DepositStatus::Unmatched,
    },
];
