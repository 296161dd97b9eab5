//! Deposits: money on its way in, from the intent through the one call to the provider to the outcome.

pub(crate) mod attempt;
mod event;
pub(crate) mod expire_deposit;
pub(crate) mod refund_deposit;
mod state;
mod transitions;
mod words;

pub use attempt::{AcknowledgeDeposit, FailDeposit, StartDepositAttempt};
pub use event::{
    DepositAcknowledged, DepositAttemptStarted, DepositConfirmed, DepositEvent, DepositFailed,
    DepositRefunded, DepositRequested, DepositUnmatched,
};
pub use expire_deposit::ExpireDeposit;
pub use refund_deposit::RefundDeposit;
pub use state::{Deposit, Payment, Provider};
pub use transitions::{DepositStatus, TRANSITIONS};
pub use words::{PaymentMethod, ProviderObject, ProviderWord};
