//! The refund's machine.

use crate::command::CommandKind;
use crate::context::Role;
use crate::transition::Transition;

/// States of a refund.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefundStatus {
    /// Nobody has called the provider yet.
    Requested,
    /// One attempt was claimed; what came of the call is not known.
    Started,
    /// The provider took the order.
    Acknowledged,
    /// The provider hasn't said what became of it; a person looks into it.
    NeedsAttention,
    /// The money is sent.
    Confirmed,
    /// The money is in the client's wallet instead.
    Failed,
}

const SYSTEM: &[Role] = &[Role::System];

/// The table.
pub const TRANSITIONS: &[Transition<RefundStatus>] = &[
    begin(CommandKind::AgreeRefund, &[Role::Talent]),
    begin(CommandKind::AutoAgreeRefund, SYSTEM),
    begin(CommandKind::RefundMilestone, &[Role::Talent]),
    begin(CommandKind::AgreeEnd, &[Role::Client, Role::Talent]),
    begin(CommandKind::AutoAgreeEnd, SYSTEM),
    begin(CommandKind::RefundDeposit, SYSTEM),
    begin(CommandKind::ExecuteAward, SYSTEM),
    begin(CommandKind::DemandRefund, &[Role::Client]),
    begin(CommandKind::RefundHeldMilestone, SYSTEM),
    begin(CommandKind::UnfreezeFunds, &[Role::Compliance]),
    begin(CommandKind::GrantRefund, &[Role::Talent]),
    Transition {
        from: &[RefundStatus::Requested],
        command: CommandKind::StartRefundAttempt,
        actors: &[Role::System],
        to: RefundStatus::Started,
    },
    Transition {
        from: &[RefundStatus::Started],
        command: CommandKind::AcknowledgeRefund,
        actors: &[Role::System],
        to: RefundStatus::Acknowledged,
    },
    Transition {
        from: &[RefundStatus::Acknowledged],
        command: CommandKind::EscalateRefund,
        actors: &[Role::System],
        to: RefundStatus::NeedsAttention,
    },
    Transition {
        from: &[RefundStatus::Started, RefundStatus::Acknowledged, RefundStatus::NeedsAttention],
        command: CommandKind::ConfirmRefund,
        actors: &[Role::Provider],
        to: RefundStatus::Confirmed,
    },
    Transition {
        from: &[
            RefundStatus::Started,
            RefundStatus::Acknowledged,
            RefundStatus::NeedsAttention,
            RefundStatus::Confirmed,
        ],
        command: CommandKind::FailRefund,
        actors: &[Role::Provider, Role::System],
        to: RefundStatus::Failed,
    },
];

const fn begin(command: CommandKind, actors: &'static [Role]) -> Transition<RefundStatus> {
    Transition { from: &[], command, actors, to: RefundStatus::Requested }
}
