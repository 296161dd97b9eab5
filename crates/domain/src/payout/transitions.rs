//! The payout's machine.

use crate::command::CommandKind;
use crate::context::Role;
use crate::transition::Transition;

/// States of a payout.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum PayoutStatus {
    /// Its amount is reserved.
    Requested,
    /// The account is on hold.
    Held,
    /// Its amount is posted; it is to be sent, or waits for settled cash.
    Approved,
    /// One attempt was claimed; what came of the call is not known.
    Submitted,
    /// The provider took the order.
    InTransit,
    /// The provider hasn't said what became of it; a person looks into it.
    NeedsAttention,
    /// The money is sent.
    Paid,
    /// It was not sent; while another attempt is to come, its amount stays reserved.
    Failed,
    /// The money came back.
    Returned,
    /// The provider had paid it in error.
    Reversed,
    /// The talent took it back.
    Cancelled,
    /// Finance or compliance refused it.
    Rejected,
}

impl PayoutStatus {
    /// Whether its call is claimed, and the provider's last word not heard.
    pub const fn is_away(self) -> bool {
        matches!(self, Self::Submitted | Self::InTransit | Self::NeedsAttention)
    }

    /// Whether nothing more comes of it.
    pub const fn is_over(self) -> bool {
        matches!(self, Self::Paid | Self::Returned | Self::Reversed | Self::Cancelled | Self::Rejected)
    }
}

macro_rules! rows {
    ($($command:ident [$($role:ident)*]: $($from:ident)* => $to:ident;)*) => {
        /// The table. A hold is placed on the account, and leads every payout of it that waits to `Held`, at once or at
        /// its next step.
        pub const TRANSITIONS: &[Transition<PayoutStatus>] = &[$(Transition {
            from: &[$(PayoutStatus::$from),*],
            command: CommandKind::$command,
            actors: &[$(Role::$role),*],
            to: PayoutStatus::$to,
        }),*];
    };
}

rows! {
    RequestPayout [Talent]: => Requested;
    RequestPayout [Talent]: => Held;
    PlacePayoutHold [Compliance Finance System]: Requested Approved Failed => Held;
    ReleasePayoutHold [Compliance Finance]: Held => Requested;
    LapsePayoutHold [System]: Held => Requested;
    ApprovePayout [Finance]: Requested => Approved;
    AutoApprovePayout [System]: Requested => Approved;
    AutoApprovePayout [System]: Requested => Held;
    CancelPayout [Talent]: Requested Held Failed => Cancelled;
    RejectPayout [Finance Compliance]: Requested Held => Rejected;
    SubmitPayout [System]: Approved => Submitted;
    SubmitPayout [System]: Approved => Approved;
    SubmitPayout [System]: Approved => Held;
    AcknowledgePayout [System]: Submitted NeedsAttention => InTransit;
    EscalatePayout [System]: Submitted InTransit => NeedsAttention;
    ResolvePayout [Finance]: NeedsAttention => InTransit;
    ResolvePayout [Finance]: NeedsAttention => Failed;
    RecordPayoutPaid [Provider]: Requested Held Approved Submitted InTransit NeedsAttention Failed => Paid;
    FailPayout [Provider System]: Submitted InTransit NeedsAttention => Failed;
    ReturnPayout [Provider]: Submitted InTransit NeedsAttention Paid => Returned;
    ReversePayout [Provider]: Submitted InTransit NeedsAttention Paid => Reversed;
    RetryPayout [System]: Failed => Requested;
}
