//! Refunds: money on its way back to the instrument that it came from, from the intent through the one call to the
//! provider to the outcome.
//!
//! The provider takes a refund out of what it has captured for us, and settles so much less: a refund never waits for
//! settled cash. See docs/decisions/0012-refunds-are-netted-by-the-provider.md.

pub(crate) mod attempt;
mod event;
mod state;
mod transitions;

pub use attempt::{AcknowledgeRefund, ConfirmRefund, EscalateRefund, FailRefund, StartRefundAttempt};
pub use event::{
    RefundAcknowledged, RefundAttemptStarted, RefundConfirmed, RefundEscalated, RefundEvent, RefundFailed,
    RefundRequested,
};
pub use state::Refund;
pub use transitions::{RefundStatus, TRANSITIONS};

use crate::command::CommandKind;
use crate::context::Role;
use crate::deposit::{Deposit, Payment};
use crate::event::Event;
use crate::id::RefundId;
use crate::money::Money;
use crate::refusal::{Code, Refusal};
use crate::sabotage::{Sabotage, is_planted};
use crate::transition::consult;

/// The fact that `amount` of a deposit's `payment` is to go back, decided by a command of `kind` and `role`.
///
/// # Errors
/// [`Code::BalanceTooLow`] when less than that is left of what was captured.
pub(crate) fn requested(
    refund_id: RefundId,
    (deposit, payment): (&Deposit, &Payment),
    amount: Money,
    (kind, role): (CommandKind, Role),
) -> Result<Event, Refusal> {
    consult(TRANSITIONS, None, kind, role, RefundStatus::Requested)?;
    let left = payment.captured.minor() - payment.refunded;
    let above = payment.captured.currency() != amount.currency() || amount.minor() > left;
    if above && !is_planted(Sabotage::RefundAboveCapture) {
        return Err(Refusal::new(
            Code::BalanceTooLow,
            format!("of the payment {} only {left} minor units are left to refund", payment.object),
        ));
    }
    Ok(Event::Refund(RefundEvent::Requested(RefundRequested {
        refund_id,
        deposit_id: deposit.id,
        client: deposit.client,
        amount,
        rail: deposit.rail.clone(),
        payment: payment.object.clone(),
    })))
}
