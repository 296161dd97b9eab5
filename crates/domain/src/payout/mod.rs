//! Payouts: a talent's money on its way out, from the request through approval and the call to the provider to the
//! outcome.
//!
//! A request reserves the amount on the account, so two requests never share a balance; the approval posts it. What
//! fails for certain is tried again under a new key; what is unknown is asked about, never sent again.

pub(crate) mod approve_payout;
pub(crate) mod end;
mod event;
pub(crate) mod outcome;
pub(crate) mod request_payout;
pub(crate) mod retry_payout;
mod state;
pub(crate) mod submit_payout;
#[cfg(test)]
mod tests;
mod transitions;

pub use approve_payout::{ApprovePayout, AutoApprovePayout};
pub use end::{CancelPayout, RejectPayout};
pub use event::{
    PayoutAcknowledged, PayoutApproved, PayoutCancelled, PayoutCredited, PayoutDelayed, PayoutEscalated,
    PayoutEvent, PayoutFailed, PayoutHeld, PayoutKey, PayoutPaid, PayoutRejected, PayoutReleased,
    PayoutRequested, PayoutResolved, PayoutRetried, PayoutReturned, PayoutReversed, PayoutSubmitted,
    Resolution,
};
pub use outcome::{
    AcknowledgePayout, EscalatePayout, FailPayout, RecordPayoutPaid, ResolvePayout, ReturnPayout,
    ReversePayout,
};
pub use request_payout::RequestPayout;
pub use retry_payout::RetryPayout;
pub use state::Payout;
pub use submit_payout::SubmitPayout;
pub use transitions::{PayoutStatus, TRANSITIONS};
