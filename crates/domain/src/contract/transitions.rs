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
    /// One side asked for the end, or it is agreed and money is still held.
    Ending,
    /// It has ended; nothing is held.
    Ended,
    /// It came to nothing before anybody funded it.
    Cancelled,
}

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
    /// The client asked for the money back.
    RefundRequested,
    /// The two sides disagree; its escrow is frozen.
    Disputed,
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
            Self::Released | Self::Refunded | Self::Cancelled => true,
            Self::Agreed
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
    ConfirmDeposit [Provider]: Ending => Ending;
    CancelContract [Client Talent]: Created => Cancelled;
    CancelUnfundedContract [System]: Created => Cancelled;
    RequestEnd [Client Talent]: Active => Ending;
    WithdrawEnd [Client Talent]: Ending => Active;
    AgreeEnd [Client Talent]: Ending => Ending;
    AutoAgreeEnd [System]: Ending => Ending;
    SettleEnd [System]: Ending => Ended;
}

rows! {
    /// The milestone's table. Money that doesn't match its deposit leaves the milestone to be funded anew. What goes back
    /// to work after the end was agreed is asked back at once, so that the end comes.
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
    RefundMilestone [Talent]: Funded ChangesRequested Submitted => Refunded;
    WithdrawDispute [Client]: Disputed => Funded;
    WithdrawDispute [Client]: Disputed => ChangesRequested;
    WithdrawDispute [Client]: Disputed => RefundRequested;
    ClearEarnings [System]: Released => Released;
    CancelContract [Client Talent]: Agreed Funding => Cancelled;
    CancelUnfundedContract [System]: Agreed Funding => Cancelled;
    AgreeEnd [Client Talent]: Agreed Funding => Cancelled;
    AgreeEnd [Client Talent]: Funded => Refunded;
    AgreeEnd [Client Talent]: ChangesRequested => RefundRequested;
    AutoAgreeEnd [System]: Agreed Funding => Cancelled;
    AutoAgreeEnd [System]: Funded => Refunded;
    AutoAgreeEnd [System]: ChangesRequested => RefundRequested;
}
