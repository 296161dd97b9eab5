//! Deposits: money on its way in, from the intent through the one call to the provider to the outcome.

pub(crate) mod attempt;
mod event;
mod state;
mod transitions;
mod words;

pub use attempt::{AcknowledgeDeposit, FailDeposit, StartDepositAttempt};
pub use event::{
    DepositAcknowledged, DepositAttemptStarted, DepositConfirmed, DepositEvent, DepositFailed,
    DepositRequested, DepositUnmatched,
};
pub use state::{Deposit, Provider};
pub use transitions::{DepositStatus, TRANSITIONS};
pub use words::{PaymentMethod, ProviderObject, ProviderWord};
