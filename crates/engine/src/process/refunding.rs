//! Refunding: sends back what came without a purpose, and has every refund sent by its provider.

use super::{Call, Order, Process, Reaction};
use domain::Event;
use domain::deposit::{DepositEvent, RefundDeposit};
use domain::process::ProcessName;
use domain::refund::{RefundEvent, StartRefundAttempt};

/// The refunding process.
#[derive(Clone, Copy, Debug, Default)]
pub struct Refunding;

impl Process for Refunding {
    fn name(&self) -> ProcessName {
        ProcessName::Refunding
    }

    fn react(&self, event: &Event) -> Reaction {
        match event {
            Event::Deposit(DepositEvent::Unmatched(e)) => Reaction::Command(
                RefundDeposit { deposit_id: e.deposit_id, provider_object: e.provider_object.clone() }.into(),
            ),
            Event::Refund(RefundEvent::Requested(e)) => {
                Reaction::Command(StartRefundAttempt { refund_id: e.refund_id }.into())
            }
            Event::Refund(RefundEvent::AttemptStarted(e)) => Reaction::Call(Call {
                order: Order::Refund { refund_id: e.refund_id, payment: e.payment.clone() },
                provider_key: e.provider_key.clone(),
                rail: e.rail.clone(),
                amount: e.amount,
            }),
            Event::Deposit(_)
            | Event::Refund(_)
            | Event::Marketplace(_)
            | Event::Job(_)
            | Event::Proposal(_)
            | Event::Contract(_)
            | Event::Milestone(_)
            | Event::Escrow(_)
            | Event::Dispute(_)
            | Event::Account(_)
            | Event::Payout(_)
            | Event::Settlement(_)
            | Event::Process(_) => Reaction::Nothing,
        }
    }
}
