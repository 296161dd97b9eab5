//! Funding: has a requested deposit captured. Claims the attempt, makes the one call, records what the provider said;
//! the money itself is reported later, by webhook.

use super::{Call, CallOutcome, Process, Reaction};
use domain::deposit::{AcknowledgeDeposit, DepositEvent, FailDeposit, StartDepositAttempt};
use domain::{Command, Event};

/// The funding process.
#[derive(Clone, Copy, Debug, Default)]
pub struct Funding;

impl Process for Funding {
    fn name(&self) -> &'static str {
        "funding"
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
                deposit_id: e.deposit_id,
                provider_key: e.provider_key.clone(),
                rail: e.rail.clone(),
                amount: e.amount,
                payment_method: e.payment_method.as_str().to_owned(),
            }),
            DepositEvent::Acknowledged(_)
            | DepositEvent::Confirmed(_)
            | DepositEvent::Failed(_)
            | DepositEvent::Unmatched(_) => Reaction::Nothing,
        }
    }

    fn conclude(&self, call: &Call, outcome: &CallOutcome) -> Command {
        match outcome {
            CallOutcome::Accepted { object } => AcknowledgeDeposit {
                deposit_id: call.deposit_id,
                rail: call.rail.clone(),
                provider_object: object.clone(),
            }
            .into(),
            CallOutcome::Declined { reason } => {
                FailDeposit { deposit_id: call.deposit_id, rail: call.rail.clone(), reason: reason.clone() }
                    .into()
            }
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
