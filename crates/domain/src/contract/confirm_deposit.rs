//! ConfirmDeposit: the provider captured money. A provider's fact is never refused for what it is: money without a
//! purpose goes to unidentified receipts.

use super::{
    Contract, ContractStatus, EscrowEvent, MILESTONE_TRANSITIONS, Milestone, MilestoneStatus, TRANSITIONS,
};
use crate::command::CommandKind;
use crate::context::{Context, Role};
use crate::deposit::{
    self, Deposit, DepositConfirmed, DepositEvent, DepositStatus, DepositUnmatched, Provider, ProviderObject,
};
use crate::event::Event;
use crate::id::DepositId;
use crate::ledger::rules;
use crate::money::Money;
use crate::refusal::{Code, Refusal};
use crate::stream::States;
use crate::transition::consult;
use serde::Serialize;

/// Records that `captured` arrived for a deposit.
#[derive(Clone, Debug, Serialize)]
pub struct ConfirmDeposit {
    /// The deposit, our reference at the provider.
    pub deposit_id: DepositId,
    /// The rail that reports.
    pub rail: String,
    /// The provider's id of the payment.
    pub provider_object: ProviderObject,
    /// What was captured.
    pub captured: Money,
}

const KIND: CommandKind = CommandKind::ConfirmDeposit;

pub(crate) fn decide(command: &ConfirmDeposit, states: &States, cx: &Context) -> Result<Vec<Event>, Refusal> {
    let deposit = states.deposit(command.deposit_id)?;
    deposit.is_on(&command.rail, &cx.actor)?;
    if Provider::is_recorded(states, &command.rail, &command.provider_object) {
        return Err(Refusal::new(Code::AlreadyRecorded, "this payment was recorded before"));
    }
    let contract = states.contract(deposit.contract_id)?;
    let milestone = contract.milestone(deposit.milestone_id)?;
    if !deposit.is_awaited(milestone) || !deposit.is_covered_by(command.captured) {
        deposit_moves(deposit, deposit.status().after_unmatched())?;
        if milestone.deposit() == Some(deposit.id) {
            milestone_moves(milestone, milestone.unfunded())?;
        }
        return Ok(vec![unmatched(command, deposit, command.captured, cx)?]);
    }
    let mut events = matched(command, deposit, contract, cx)?;
    let excess = command.captured.minor() - deposit.amount.minor();
    if excess > 0 {
        events.push(unmatched(command, deposit, command.captured.with_minor(excess)?, cx)?);
    }
    Ok(events)
}

fn matched(
    command: &ConfirmDeposit,
    deposit: &Deposit,
    contract: &Contract,
    cx: &Context,
) -> Result<Vec<Event>, Refusal> {
    let milestone = contract.milestone(deposit.milestone_id)?;
    deposit_moves(deposit, DepositStatus::Confirmed)?;
    milestone_moves(milestone, MilestoneStatus::Funded)?;
    let stands = contract.status();
    let to = if stands == ContractStatus::Created { ContractStatus::Active } else { stands };
    consult(TRANSITIONS, Some(stands), KIND, Role::Provider, to)?;
    Ok(vec![
        Event::Deposit(DepositEvent::Confirmed(DepositConfirmed {
            deposit_id: deposit.id,
            rail: command.rail.clone(),
            provider_object: command.provider_object.clone(),
            captured: command.captured,
        })),
        Event::Escrow(EscrowEvent::Funded(contract.funded(milestone.id, deposit.id, cx.fresh())?)),
    ])
}

fn deposit_moves(deposit: &Deposit, to: DepositStatus) -> Result<(), Refusal> {
    let from = Some(deposit.status());
    consult(deposit::TRANSITIONS, from, KIND, Role::Provider, to)
}

fn milestone_moves(milestone: &Milestone, to: MilestoneStatus) -> Result<(), Refusal> {
    let from = Some(milestone.status());
    consult(MILESTONE_TRANSITIONS, from, KIND, Role::Provider, to)
}

fn unmatched(
    command: &ConfirmDeposit,
    deposit: &Deposit,
    amount: Money,
    cx: &Context,
) -> Result<Event, Refusal> {
    Ok(Event::Deposit(DepositEvent::Unmatched(DepositUnmatched {
        deposit_id: deposit.id,
        contract_id: deposit.contract_id,
        milestone_id: deposit.milestone_id,
        rail: command.rail.clone(),
        provider_object: command.provider_object.clone(),
        amount,
        entry: rules::unidentified(cx.fresh(), amount)?,
    })))
}

#[cfg(test)]
mod tests {
    use crate::contract::{ConfirmDeposit, ContractStatus, EscrowEvent, MilestoneStatus};
    use crate::deposit::DepositEvent;
    use crate::ledger::LedgerAccount;
    use crate::money::Money;
    use crate::refusal::Code;
    use crate::scenario::{
        CLIENT, CONTRACT, OTHER_PROVIDER, PROVIDER, confirm, confirm_object, contract, fail_deposit, funded,
        funding, given, milestone, usd,
    };
    use crate::{Event, State};

    fn awaiting() -> Vec<Event> {
        let mut events = contract(&[usd(250_000)]);
        events.extend(funding());
        events
    }

    #[test]
    fn confirmed_money_is_escrow_and_the_contract_is_active() {
        given(awaiting()).when(PROVIDER, confirm(usd(287_500))).state(|state| {
            if let State::Contract(contract) = state {
                let first = milestone(1);
                assert_eq!(contract.status(), ContractStatus::Active);
                assert_eq!(contract.milestones[0].status(), MilestoneStatus::Funded);
                assert_eq!(contract.held(LedgerAccount::Escrow(CONTRACT, first)), 250_000);
                assert_eq!(contract.held(LedgerAccount::ClientFeeHeld(CONTRACT, first)), 37_500);
            }
        });
    }

    #[test]
    fn only_the_provider_confirms() {
        given(awaiting()).when(CLIENT, confirm(usd(287_500))).refused(Code::Forbidden);
    }

    #[test]
    fn too_little_is_unmatched_and_the_milestone_can_be_funded_anew() {
        let outcome = given(awaiting()).when(PROVIDER, confirm(usd(287_499)));
        assert!(matches!(outcome.events(), [Event::Deposit(DepositEvent::Unmatched(_))]));
        outcome.state(|state| {
            if let State::Contract(contract) = state {
                assert_eq!(contract.milestones[0].status(), MilestoneStatus::Agreed);
            }
        });
    }

    #[test]
    fn another_currency_is_unmatched() {
        let outcome = given(awaiting()).when(PROVIDER, confirm(Money::parse("2875", "EUR").unwrap()));
        assert!(matches!(outcome.events(), [Event::Deposit(DepositEvent::Unmatched(_))]));
    }

    #[test]
    fn too_much_funds_the_milestone_and_the_excess_is_unmatched() {
        let outcome = given(awaiting()).when(PROVIDER, confirm(usd(287_600)));
        let [_, Event::Escrow(EscrowEvent::Funded(_)), Event::Deposit(DepositEvent::Unmatched(excess))] =
            outcome.events()
        else {
            panic!("funding and excess")
        };
        assert_eq!(excess.amount, usd(100));
    }

    #[test]
    fn money_after_a_failure_is_unmatched() {
        let outcome = given(awaiting()).and([fail_deposit()]).when(PROVIDER, confirm(usd(287_500)));
        assert!(matches!(outcome.events(), [Event::Deposit(DepositEvent::Unmatched(_))]));
    }

    #[test]
    fn another_rails_deposits_look_absent() {
        let elsewhere = ConfirmDeposit { rail: "elsewhere".into(), ..confirm(usd(287_500)) };
        given(awaiting()).when(PROVIDER, elsewhere).refused(Code::NotFound);
        given(awaiting()).when(OTHER_PROVIDER, confirm(usd(287_500))).refused(Code::NotFound);
    }

    #[test]
    fn one_payment_counts_once_and_a_second_one_is_unmatched() {
        let paid = || given(awaiting()).and(funded(usd(287_500)));
        paid().when(PROVIDER, confirm(usd(287_500))).refused(Code::AlreadyRecorded);
        let outcome = paid().when(PROVIDER, confirm_object("pay_2", usd(287_500)));
        assert!(matches!(outcome.events(), [Event::Deposit(DepositEvent::Unmatched(_))]));
    }
}
