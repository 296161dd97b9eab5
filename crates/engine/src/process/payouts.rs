//! Payouts: has every approved payout sent by its provider, once.

use super::{Call, Order, Process, Reaction};
use domain::Event;
use domain::payout::{PayoutEvent, SubmitPayout};
use domain::process::ProcessName;

/// The payouts process.
#[derive(Clone, Copy, Debug, Default)]
pub struct Payouts;

impl Process for Payouts {
    fn name(&self) -> ProcessName {
        ProcessName::Payouts
    }

    fn react(&self, event: &Event) -> Reaction {
        let Event::Payout(event) = event else {
            return Reaction::Nothing;
        };
        match event {
            PayoutEvent::Approved(e) => Reaction::Command(SubmitPayout { payout_id: e.of.payout_id }.into()),
            PayoutEvent::Submitted(e) => Reaction::Call(Call {
                order: Order::Payout {
                    payout_id: e.of.payout_id,
                    attempt: e.attempt,
                    destination: e.destination.as_str().to_owned(),
                },
                provider_key: e.provider_key.clone(),
                rail: e.rail.clone(),
                amount: e.amount,
            }),
            PayoutEvent::Requested(_)
            | PayoutEvent::Held(_)
            | PayoutEvent::Released(_)
            | PayoutEvent::Delayed(_)
            | PayoutEvent::Acknowledged(_)
            | PayoutEvent::Escalated(_)
            | PayoutEvent::Resolved(_)
            | PayoutEvent::Paid(_)
            | PayoutEvent::Failed(_)
            | PayoutEvent::Retried(_)
            | PayoutEvent::Returned(_)
            | PayoutEvent::Reversed(_)
            | PayoutEvent::Credited(_)
            | PayoutEvent::Cancelled(_)
            | PayoutEvent::Rejected(_) => Reaction::Nothing,
        }
    }
}
