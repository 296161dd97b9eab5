//! The one call to the provider: claimed before it is made, and its outcome recorded.

use super::{
    DepositAcknowledged, DepositAttemptStarted, DepositEvent, DepositFailed, DepositStatus, ProviderObject,
    ProviderWord, TRANSITIONS,
};
use crate::command::CommandKind;
use crate::context::{Actor, Context, Role};
use crate::contract::MILESTONE_TRANSITIONS;
use crate::event::Event;
use crate::id::DepositId;
use crate::refusal::Refusal;
use crate::stream::States;
use crate::transition::consult;
use serde::Serialize;

/// Claims the call: only the one whose append won makes it.
#[derive(Clone, Debug, Serialize)]
pub struct StartDepositAttempt {
    /// The deposit.
    pub deposit_id: DepositId,
}

/// Records that the provider took the order.
#[derive(Clone, Debug, Serialize)]
pub struct AcknowledgeDeposit {
    /// The deposit.
    pub deposit_id: DepositId,
    /// The rail.
    pub rail: String,
    /// The provider's id of the payment.
    pub provider_object: ProviderObject,
}

/// Records that the provider will not capture the money.
#[derive(Clone, Debug, Serialize)]
pub struct FailDeposit {
    /// The deposit.
    pub deposit_id: DepositId,
    /// The rail.
    pub rail: String,
    /// The provider's word for why.
    pub reason: ProviderWord,
}

pub(crate) fn start(
    command: &StartDepositAttempt,
    states: &States,
    _: &Context,
) -> Result<Vec<Event>, Refusal> {
    let deposit = states.deposit(command.deposit_id)?;
    consult(
        TRANSITIONS,
        Some(deposit.status()),
        CommandKind::StartDepositAttempt,
        Role::System,
        DepositStatus::Started,
    )?;
    Ok(vec![Event::Deposit(DepositEvent::AttemptStarted(DepositAttemptStarted {
        deposit_id: deposit.id,
        provider_key: deposit.id.to_string(),
        rail: deposit.rail.clone(),
        amount: deposit.amount,
        payment_method: deposit.payment_method.clone(),
    }))])
}

pub(crate) fn acknowledge(
    command: &AcknowledgeDeposit,
    states: &States,
    cx: &Context,
) -> Result<Vec<Event>, Refusal> {
    let deposit = states.deposit(command.deposit_id)?;
    deposit.is_on(&command.rail, &cx.actor)?;
    consult(
        TRANSITIONS,
        Some(deposit.status()),
        CommandKind::AcknowledgeDeposit,
        Role::System,
        DepositStatus::Acknowledged,
    )?;
    Ok(vec![Event::Deposit(DepositEvent::Acknowledged(DepositAcknowledged {
        deposit_id: deposit.id,
        rail: command.rail.clone(),
        provider_object: command.provider_object.clone(),
    }))])
}

pub(crate) fn fail(command: &FailDeposit, states: &States, cx: &Context) -> Result<Vec<Event>, Refusal> {
    let deposit = states.deposit(command.deposit_id)?;
    deposit.is_on(&command.rail, &cx.actor)?;
    let role = match cx.actor {
        Actor::Provider(_) => Role::Provider,
        Actor::System(_) | Actor::Person { .. } => Role::System,
    };
    let (kind, from) = (CommandKind::FailDeposit, Some(deposit.status()));
    consult(TRANSITIONS, from, kind, role, DepositStatus::Failed)?;
    let contract = states.contract(deposit.contract_id)?;
    let milestone = contract.milestone(deposit.milestone_id)?;
    consult(MILESTONE_TRANSITIONS, Some(milestone.status()), kind, role, milestone.unfunded())?;
    Ok(vec![Event::Deposit(DepositEvent::Failed(DepositFailed {
        deposit_id: deposit.id,
        contract_id: deposit.contract_id,
        milestone_id: deposit.milestone_id,
        reason: command.reason.clone(),
    }))])
}

#[cfg(test)]
mod tests {
    use crate::contract::MilestoneStatus;
    use crate::deposit::{
        AcknowledgeDeposit, DepositEvent, FailDeposit, ProviderObject, ProviderWord, StartDepositAttempt,
    };
    use crate::refusal::Code;
    use crate::scenario::{CLIENT, DEPOSIT, PROVIDER, SYSTEM, contract, funding, given, requested, usd};
    use crate::{Event, State};

    #[test]
    fn an_attempt_is_claimed_once_under_one_key() {
        let claim = StartDepositAttempt { deposit_id: DEPOSIT };
        let outcome = given(contract(&[usd(1)])).and([requested()]).when(SYSTEM, claim.clone());
        let [Event::Deposit(DepositEvent::AttemptStarted(started))] = outcome.events() else {
            panic!("a claim")
        };
        assert_eq!(started.provider_key, DEPOSIT.to_string());
        given(contract(&[usd(1)])).and(funding()).when(SYSTEM, claim).refused(Code::WrongState);
    }

    #[test]
    fn nobody_from_outside_claims_an_attempt() {
        let claim = StartDepositAttempt { deposit_id: DEPOSIT };
        given(contract(&[usd(1)])).and([requested()]).when(CLIENT, claim).refused(Code::Forbidden);
    }

    #[test]
    fn a_failed_deposit_lets_the_milestone_be_funded_anew() {
        let fail = FailDeposit {
            deposit_id: DEPOSIT,
            rail: "sandbox".into(),
            reason: ProviderWord::parse("card_declined").unwrap(),
        };
        given(contract(&[usd(1)])).and(funding()).when(PROVIDER, fail).state(|state| {
            if let State::Contract(contract) = state {
                assert_eq!(contract.milestones[0].status(), MilestoneStatus::Agreed);
            }
        });
    }

    #[test]
    fn another_rails_deposit_does_not_fail() {
        let fail = FailDeposit {
            deposit_id: DEPOSIT,
            rail: "elsewhere".into(),
            reason: ProviderWord::parse("card_declined").unwrap(),
        };
        for who in [PROVIDER, SYSTEM] {
            given(contract(&[usd(1)])).and(funding()).when(who, fail.clone()).refused(Code::NotFound);
        }
    }

    #[test]
    fn an_acknowledgement_without_an_attempt_is_refused() {
        let acknowledge = AcknowledgeDeposit {
            deposit_id: DEPOSIT,
            rail: "sandbox".into(),
            provider_object: ProviderObject::parse("pay_1").unwrap(),
        };
        given(contract(&[usd(1)])).and([requested()]).when(SYSTEM, acknowledge).refused(Code::WrongState);
    }
}
