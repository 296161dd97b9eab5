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
    /// It goes on, and begins nothing new while there is a reason.
    Paused,
    /// One side asked for the end, or it is agreed and money is still held.
    Ending,
    /// It has ended; nothing is held but a bonus on its way.
    Ended,
    /// The house ends it; what is held is frozen until it is settled.
    Terminating,
    /// The house ended it; nothing is held.
    Terminated,
    /// It came to nothing before anybody funded it.
    Cancelled,
}

/// States of a milestone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MilestoneStatus {
    /// One side proposes it for a contract that is under way.
    Proposed,
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
    /// The client asked for the money back.
    RefundRequested,
    /// The two sides disagree; its escrow is frozen.
    Disputed,
    /// The work is approved, and the escrow is frozen: it is released when it is unfrozen.
    Approved,
    /// Its money is divided as a dispute's two sides agreed, or as was decided.
    Resolved,
    /// The escrow was paid out to the talent's earnings.
    Released,
    /// The escrow went back to the client.
    Refunded,
    /// It came to nothing before it was funded.
    Cancelled,
}

impl MilestoneStatus {
    /// Whether no money is held for it, and none will be.
    pub const fn is_over(self) -> bool {
        match self {
            Self::Resolved | Self::Released | Self::Refunded | Self::Cancelled => true,
            Self::Proposed
            | Self::Approved
            | Self::Agreed
            | Self::Funding
            | Self::Funded
            | Self::Submitted
            | Self::ChangesRequested
            | Self::RefundRequested
            | Self::Disputed => false,
        }
    }
}

macro_rules! rows {
    ($(#[$doc:meta])* $table:ident of $state:ident: $($command:ident [$($role:ident)*]: $($from:ident)* => $to:ident;)*) => {
        $(#[$doc])*
        pub const $table: &[Transition<$state>] = &[$(Transition {
            from: &[$($state::$from),*],
            command: CommandKind::$command,
            actors: &[$(Role::$role),*],
            to: $state::$to,
        }),*];
    };
}

rows! {
    /// The contract's table.
    TRANSITIONS of ContractStatus:
    AcceptOffer [Client Talent]: => Created;
    FundMilestone [Client]: Created => Created;
    FundMilestone [Client]: Active => Active;
    ConfirmDeposit [Provider]: Created Active => Active;
    ConfirmDeposit [Provider]: Paused => Paused;
    ConfirmDeposit [Provider]: Ending => Ending;
    ConfirmDeposit [Provider]: Ended => Ended;
    CancelContract [Client Talent]: Created => Cancelled;
    CancelUnfundedContract [System]: Created => Cancelled;
    RequestEnd [Client Talent]: Active Paused => Ending;
    WithdrawEnd [Client Talent]: Ending => Active;
    WithdrawEnd [Client Talent]: Ending => Paused;
    AgreeEnd [Client Talent]: Ending => Ending;
    AutoAgreeEnd [System]: Ending => Ending;
    DisputeEnd [Client Talent]: Ending => Ending;
    SettleEnd [System]: Ending => Ended;
    ProposeMilestone [Client Talent]: Created => Created;
    ProposeMilestone [Client Talent]: Active => Active;
    AgreeMilestone [Client Talent]: Created => Created;
    AgreeMilestone [Client Talent]: Active => Active;
    ProposeAmendment [Client Talent]: Active => Active;
    AcceptAmendment [Client Talent]: Active => Active;
    RejectAmendment [Client Talent]: Active => Active;
    RejectAmendment [Client Talent]: Paused => Paused;
    RejectAmendment [Client Talent]: Ending => Ending;
    WithdrawAmendment [Client Talent]: Active => Active;
    WithdrawAmendment [Client Talent]: Paused => Paused;
    WithdrawAmendment [Client Talent]: Ending => Ending;
    PauseContract [Client Support]: Active Paused => Paused;
    ResumeContract [Client Support]: Paused => Paused;
    ResumeContract [Client Support]: Paused => Active;
    TerminateContract [Compliance]: Created Active Paused Ending => Terminating;
    SettleEnd [System]: Terminating => Terminated;
    PayBonus [Client]: Ended => Ended;
    GrantRefund [Talent]: Ended => Ended;
    ReopenContract [Client Talent]: Ended => Ended;
    ReopenContract [Client Talent]: Ended => Active;
    ReopenContract [Client Talent]: Ended => Paused;
}

rows! {
    /// The milestone's table. Money that doesn't match its deposit leaves the milestone to be funded anew, and a bonus
    /// cancelled. What goes back to work after the end was agreed is asked back at once, so that the end comes; what was
    /// frozen then is wound up when it is unfrozen.
    MILESTONE_TRANSITIONS of MilestoneStatus:
    AcceptOffer [Client Talent]: => Agreed;
    FundMilestone [Client]: Agreed => Funding;
    ConfirmDeposit [Provider]: Funding => Funded;
    ConfirmDeposit [Provider]: Funding => Agreed;
    FailDeposit [Provider System]: Funding => Agreed;
    ExpireDeposit [System]: Funding => Agreed;
    SubmitWork [Talent]: Funded ChangesRequested => Submitted;
    RequestChanges [Client]: Submitted => ChangesRequested;
    RequestChanges [Client]: Submitted => RefundRequested;
    ApproveMilestone [Client]: Submitted => Released;
    AutoApproveMilestone [System]: Submitted => Released;
    RequestRefund [Client]: Funded ChangesRequested => RefundRequested;
    WithdrawRefundRequest [Client]: RefundRequested => Funded;
    WithdrawRefundRequest [Client]: RefundRequested => ChangesRequested;
    AgreeRefund [Talent]: RefundRequested => Refunded;
    AutoAgreeRefund [System]: RefundRequested => Refunded;
    RejectRefund [Talent]: RefundRequested => Disputed;
    OpenDispute [Client Talent]: Funded Submitted ChangesRequested RefundRequested => Disputed;
    OpenDispute [Client]: Released => Disputed;
    ExecuteAward [System]: Disputed => Resolved;
    RefundMilestone [Talent]: Funded ChangesRequested Submitted => Refunded;
    WithdrawDispute [Client Talent]: Disputed => Funded;
    WithdrawDispute [Client Talent]: Disputed => Submitted;
    WithdrawDispute [Client Talent]: Disputed => ChangesRequested;
    WithdrawDispute [Client Talent]: Disputed => RefundRequested;
    WithdrawDispute [Client Talent]: Disputed => Released;
    CancelContract [Client Talent]: Agreed Funding => Cancelled;
    CancelUnfundedContract [System]: Agreed Funding => Cancelled;
    AgreeEnd [Client Talent]: Agreed Funding => Cancelled;
    AgreeEnd [Client Talent]: Funded => Refunded;
    AgreeEnd [Client Talent]: ChangesRequested => RefundRequested;
    AutoAgreeEnd [System]: Agreed Funding => Cancelled;
    AutoAgreeEnd [System]: Funded => Refunded;
    AutoAgreeEnd [System]: ChangesRequested => RefundRequested;
    AgreeEnd [Client Talent]: Proposed => Cancelled;
    AutoAgreeEnd [System]: Proposed => Cancelled;
    CancelContract [Client Talent]: Proposed => Cancelled;
    CancelUnfundedContract [System]: Proposed => Cancelled;
    DisputeEnd [Client Talent]: Proposed Agreed Funding => Cancelled;
    DisputeEnd [Client Talent]: Funded Submitted ChangesRequested RefundRequested => Disputed;
    ProposeMilestone [Client Talent]: => Proposed;
    AgreeMilestone [Client Talent]: Proposed => Agreed;
    CancelMilestone [Client Talent]: Proposed => Cancelled;
    CancelMilestone [Client Talent]: Agreed => Agreed;
    CancelMilestone [Client Talent]: Agreed => Cancelled;
    AcceptAmendment [Client Talent]: => Agreed;
    AcceptAmendment [Client Talent]: Agreed => Agreed;
    AcceptAmendment [Client Talent]: Funded => Funded;
    PartiallyRelease [Client]: Submitted => Funded;
    PartiallyRelease [Client]: Submitted => RefundRequested;
    ReleaseEarly [Client]: Funded ChangesRequested => Released;
    MoveFunds [Client]: Funded => Funded;
    MoveFunds [Client]: ChangesRequested => ChangesRequested;
    AgreeMove [Talent]: Funded => Funded;
    AgreeMove [Talent]: ChangesRequested => ChangesRequested;
    AgreeMove [Talent]: Funded ChangesRequested => Released;
    AgreeMove [Talent]: Funded ChangesRequested => Agreed;
    AgreeMove [Talent]: Agreed => Funded;
    DropMove [Client Talent]: Funded => Funded;
    DropMove [Client Talent]: ChangesRequested => ChangesRequested;
    DemandRefund [Client]: Funded ChangesRequested => Refunded;
    RefundHeldMilestone [System]: Funded ChangesRequested => Refunded;
    FreezeFunds [Compliance]: Funded => Funded;
    FreezeFunds [Compliance]: Submitted => Submitted;
    FreezeFunds [Compliance]: ChangesRequested => ChangesRequested;
    FreezeFunds [Compliance]: RefundRequested => RefundRequested;
    FreezeFunds [Compliance]: Disputed => Disputed;
    UnfreezeFunds [Compliance]: Funded => Funded;
    UnfreezeFunds [Compliance]: Submitted => Submitted;
    UnfreezeFunds [Compliance]: ChangesRequested => ChangesRequested;
    UnfreezeFunds [Compliance]: RefundRequested => RefundRequested;
    UnfreezeFunds [Compliance]: Disputed => Disputed;
    UnfreezeFunds [Compliance]: Approved => Released;
    UnfreezeFunds [Compliance]: Funded => Refunded;
    ApproveMilestone [Client]: Submitted => Approved;
    TerminateContract [Compliance]: Proposed Agreed Funding => Cancelled;
    TerminateContract [Compliance]: Funded => Funded;
    TerminateContract [Compliance]: Submitted => Submitted;
    TerminateContract [Compliance]: ChangesRequested => ChangesRequested;
    TerminateContract [Compliance]: RefundRequested => RefundRequested;
    TerminateContract [Compliance]: Disputed => Disputed;
    PayBonus [Client]: => Funding;
    ConfirmDeposit [Provider]: Funding => Cancelled;
    FailDeposit [Provider System]: Funding => Cancelled;
    ExpireDeposit [System]: Funding => Cancelled;
    ReleaseBonus [System]: Funded => Released;
    GrantRefund [Talent]: Released => Released;
}
