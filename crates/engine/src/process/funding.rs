//! Funding: has a requested deposit captured. Claims the attempt, makes the one call, records what the provider said;
//! the money itself is reported later, by webhook.

use super::{Call, Order, Process, Reaction};
use domain::Event;
use domain::deposit::{DepositEvent, StartDepositAttempt};
use domain::process::ProcessName;

/// The funding process.
#[derive(Clone, Copy, Debug, Default)]
pub struct Funding;

impl Process for Funding {
    fn name(&self) -> ProcessName {
        ProcessName::Funding
    }

    fn react(&self, event: &Event) -> Reaction {
        let Event::Deposit(event) = event else {
            return Reaction::Nothing;
        };
        match event {
            DepositEvent::Requested(e) => {
                Reaction::Command(StartDepositAttempt { deposit_id: e.deposit_id }.into())
            }
            DepositEvent::AttemptStarted(e) => Reaction::Call(Call {
                order: Order::Capture {
                    deposit_id: e.deposit_id,
                    payment_method: e.payment_method.as_str().to_owned(),
                },
                provider_key: e.provider_key.clone(),
                rail: e.rail.clone(),
                amount: e.amount,
            }),
            DepositEvent::Acknowledged(_)
            | DepositEvent::Confirmed(_)
            | DepositEvent::Failed(_)
            | DepositEvent::Unmatched(_)
            | DepositEvent::Refunded(_) => Reaction::Nothing,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::deposit::{DepositRequested, PaymentMethod};
    use domain::id::{ContractId, DepositId, MilestoneId, PartyId};
    use domain::money::{Currency, Money};
    use domain::{CommandKind, Timestamp};

    #[test]
    fn a_request_leads_to_a_claim_and_not_to_a_call() {
        let event = Event::Deposit(DepositEvent::Requested(DepositRequested {
            deposit_id: DepositId::from_u128(1),
            contract_id: ContractId::from_u128(2),
            milestone_id: MilestoneId::from_u128(3),
            client: PartyId::from_u128(4),
            amount: Money::new(100, Currency::USD).unwrap(),
            rail: "sandbox".into(),
            payment_method: PaymentMethod::parse("pm_ok").unwrap(),
            expires_at: Timestamp::from_micros(0),
        }));
        let Reaction::Command(command) = Funding.react(&event) else { panic!("a command") };
        assert_eq!(command.kind(), CommandKind::StartDepositAttempt);
    }
}
