//! Timers as a function of state: what is due, when, and under which revision it was set.

use crate::stream::State;
use crate::time::Timestamp;

/// What happens by itself when a timer is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TimerKind {
    /// An open job expires.
    ExpireJob,
    /// An unanswered offer expires.
    ExpireOffer,
    /// A contract that nobody funded is cancelled.
    CancelUnfunded,
    /// A deposit that nobody confirmed fails.
    FailDeposit,
    /// Submitted work that nobody reviewed is approved.
    AutoApprove,
    /// Earnings on hold clear.
    ClearEarnings,
}

/// One timer. It fires only while the state is still of `epoch`, so a stale one is harmless.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timer {
    /// What is due.
    pub kind: TimerKind,
    /// When.
    pub due: Timestamp,
    /// The stream's revision that set it.
    pub epoch: u64,
}

/// The timers that are set in `state`.
pub fn timers(state: &State) -> Vec<Timer> {
    match state {
        State::Job(job) => job.timers(),
        State::Proposal(proposal) => proposal.timers(),
        State::Contract(contract) => contract.timers(),
        State::Deposit(deposit) => deposit.timers(),
        State::Account(_) | State::Marketplace(_) | State::Provider(_) | State::Process(_) => Vec::new(),
    }
}
