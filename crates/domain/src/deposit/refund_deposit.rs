//! RefundDeposit: what was captured without a purpose goes back to where it came from.

use super::{Deposit, DepositEvent, DepositRefunded, Payment, ProviderObject, TRANSITIONS};
use crate::command::CommandKind;
use crate::context::{Context, Role};
use crate::event::Event;
use crate::id::{DepositId, EntryId, RefundId};
use crate::ledger::rules;
use crate::refund;
use crate::refusal::{Code, Refusal};
use crate::sabotage::{Sabotage, is_planted};
use crate::stream::States;
use crate::transition::consult;
use serde::Serialize;

/// Sends back all that is unmatched of a payment.
#[derive(Clone, Debug, Serialize)]
pub struct RefundDeposit {
    /// The deposit whose reference the money carries.
    pub deposit_id: DepositId,
    /// The provider's id of the payment.
    pub provider_object: ProviderObject,
}

pub(crate) fn decide(command: &RefundDeposit, states: &States, cx: &Context) -> Result<Vec<Event>, Refusal> {
    let deposit = states.deposit(command.deposit_id)?;
    let (kind, stands) = (CommandKind::RefundDeposit, deposit.status());
    consult(TRANSITIONS, Some(stands), kind, Role::System, stands)?;
    let payment = deposit.payment(&command.provider_object).filter(|payment| payment.unmatched > 0);
    let payment =
        payment.ok_or_else(|| Refusal::new(Code::WrongState, "nothing of this payment is unmatched"))?;
    let refunded = deposit.refunded(payment, cx.fresh(), cx.fresh())?;
    let sent =
        refund::requested(refunded.refund_id, (deposit, payment), refunded.amount, (kind, Role::System))?;
    Ok(vec![Event::Deposit(DepositEvent::Refunded(refunded)), sent])
}

impl Deposit {
    /// The fact that all that is unmatched of `payment` goes back by `refund`, with its entry.
    pub(crate) fn refunded(
        &self,
        payment: &Payment,
        refund: RefundId,
        entry: EntryId,
    ) -> Result<DepositRefunded, Refusal> {
        let all = is_planted(Sabotage::RefundAboveCapture);
        let minor = if all { payment.captured.minor() + payment.unmatched } else { payment.unmatched };
        let amount = payment.captured.with_minor(minor)?;
        Ok(DepositRefunded {
            deposit_id: self.id,
            provider_object: payment.object.clone(),
            refund_id: refund,
            amount,
            entry: rules::return_unidentified(entry, self.client, amount)?,
        })
    }
}
