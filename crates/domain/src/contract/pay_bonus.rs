//! PayBonus: after the end the client pays the talent beyond what was agreed. A bonus has an escrow of its own, which is
//! released as soon as the money is there; the client pays no fee on it.

use super::approve_milestone::released;
use super::{BonusPromised, Contract, MILESTONE_TRANSITIONS, MilestoneEvent, MilestoneStatus, TRANSITIONS};
use crate::command::CommandKind;
use crate::context::{Context, Role};
use crate::deposit::{self, DepositEvent, DepositRequested, DepositStatus, PaymentMethod};
use crate::event::Event;
use crate::id::{ContractId, MilestoneId};
use crate::money::Money;
use crate::personal::Personal;
use crate::refusal::{Code, Refusal};
use crate::stream::States;
use crate::text::Title;
use crate::time::Timestamp;
use crate::timer::{TimerKind, guard};
use crate::transition::consult;
use serde::Serialize;

/// Has a bonus taken from a payment instrument.
#[derive(Clone, Debug, Serialize)]
pub struct PayBonus {
    /// The contract.
    pub contract_id: ContractId,
    /// What it is for, in one line.
    pub title: Title,
    /// What the talent gets, before the talent fee.
    pub amount: Money,
    /// The rail that takes the money.
    pub rail: &'static str,
    /// The provider's token of the instrument.
    pub payment_method: PaymentMethod,
}

/// Releases a bonus whose money is there, when its timer is due.
#[derive(Clone, Debug, Serialize)]
pub struct ReleaseBonus {
    /// The contract.
    pub contract_id: ContractId,
    /// The bonus.
    pub milestone_id: MilestoneId,
    /// The revision that set the timer.
    pub epoch: u64,
}

pub(crate) fn pay(command: &PayBonus, states: &States, cx: &Context) -> Result<Vec<Event>, Refusal> {
    let contract = states.contract(command.contract_id)?;
    let (kind, role) = (CommandKind::PayBonus, contract.side(&cx.actor)?.role());
    consult(TRANSITIONS, Some(contract.status()), kind, role, contract.status())?;
    consult(MILESTONE_TRANSITIONS, None, kind, role, MilestoneStatus::Funding)?;
    consult(deposit::TRANSITIONS, None, kind, role, DepositStatus::Requested)?;
    contract.since_end(contract.windows.bonus_days, cx.now)?;
    contract.can_add(&[command.amount]).map_err(|refusal| refusal.at("amount"))?;
    let milestone_id = cx.fresh();
    Ok(vec![
        Event::Milestone(MilestoneEvent::BonusPromised(BonusPromised {
            contract_id: contract.id,
            milestone_id,
            number: contract.next_number(),
            title: Personal::Clear(command.title.clone()),
            amount: command.amount,
        })),
        Event::Deposit(DepositEvent::Requested(DepositRequested {
            deposit_id: cx.fresh(),
            contract_id: contract.id,
            milestone_id,
            client: contract.client,
            amount: command.amount,
            rail: command.rail.to_owned(),
            payment_method: command.payment_method.clone(),
            expires_at: cx.now.plus_minutes(contract.windows.card_funding_minutes),
        })),
    ])
}

pub(crate) fn release(command: &ReleaseBonus, states: &States, cx: &Context) -> Result<Vec<Event>, Refusal> {
    let contract = states.contract(command.contract_id)?;
    let kind = TimerKind::ReleaseBonus(command.milestone_id);
    guard(&contract.timers(), kind, command.epoch, cx.now)?;
    let milestone = contract.milestone(command.milestone_id)?;
    let (kind, to) = (CommandKind::ReleaseBonus, MilestoneStatus::Released);
    consult(MILESTONE_TRANSITIONS, Some(milestone.status()), kind, Role::System, to)?;
    Ok(vec![released(contract, milestone, milestone.rest(), cx)?])
}

impl Contract {
    /// That no more than `days` have passed since the end.
    ///
    /// # Errors
    /// [`Code::TooLate`], or [`Code::WrongState`] for a contract that has not ended.
    pub(crate) fn since_end(&self, days: u16, now: Timestamp) -> Result<(), Refusal> {
        let ended = self.ended_at().ok_or_else(|| Refusal::new(Code::WrongState, "it has not ended"))?;
        let until = ended.plus_days(days);
        if now <= until {
            return Ok(());
        }
        Err(Refusal::new(Code::TooLate, format!("this could be done until {until}")))
    }
}

#[cfg(test)]
mod tests {
    use super::{PayBonus, ReleaseBonus};
    use crate::contract::{AgreeEnd, ContractStatus, MilestoneStatus, ReopenContract, RequestEnd};
    use crate::deposit::{DepositEvent, PaymentMethod};
    use crate::id::{DepositId, MilestoneId};
    use crate::ledger::AccountCode;
    use crate::refusal::Code;
    use crate::scenario::working::{ended, line};
    use crate::scenario::{
        CLIENT, CONTRACT, Given, PROVIDER, SYSTEM, TALENT, confirm_object, funded_contract, given, now,
        submit_work, usd,
    };
    use crate::timer::TimerKind;
    use crate::{Event, deposit};

    fn pay(minor: i64) -> PayBonus {
        let payment_method = PaymentMethod::parse("pm_ok").unwrap();
        PayBonus { contract_id: CONTRACT, title: line(), amount: usd(minor), rail: "sandbox", payment_method }
    }

    /// A bonus whose deposit waits for the provider.
    fn promised(minor: i64) -> (Given, MilestoneId, DepositId) {
        let ended = ended(usd(250_000));
        let outcome = ended.clone().when(CLIENT, pay(minor));
        let [_, Event::Deposit(DepositEvent::Requested(deposit))] = outcome.events() else {
            panic!("bonus and deposit")
        };
        assert_eq!(deposit.amount, usd(minor), "no client fee on top");
        let start = deposit::StartDepositAttempt { deposit_id: deposit.deposit_id };
        let given = ended.and(outcome.events().to_vec()).then(SYSTEM, start);
        (given, deposit.milestone_id, deposit.deposit_id)
    }

    fn funded() -> (Given, MilestoneId) {
        let (given, bonus, deposit_id) = promised(100_000);
        let confirm = crate::contract::ConfirmDeposit { deposit_id, ..confirm_object("pay_7", usd(100_000)) };
        (given.then(PROVIDER, confirm), bonus)
    }

    #[test]
    fn a_bonus_is_funded_and_released_in_an_escrow_of_its_own() {
        let (funded, bonus) = funded();
        let contract = funded.contract();
        assert_eq!((contract.status(), contract.milestones[1].rest()), (ContractStatus::Ended, 100_000));
        let epoch = funded.epoch(TimerKind::ReleaseBonus(bonus));
        let release = ReleaseBonus { contract_id: CONTRACT, milestone_id: bonus, epoch };
        let released = funded.then(SYSTEM, release.clone());
        let paid = released.contract().milestones[1].clone();
        assert_eq!((paid.status(), paid.lots[0].on_hold), (MilestoneStatus::Released, 88_000));
        assert_eq!((paid.charged.talent_fee, paid.charged.talent_tax), (10_000, 2_000));
        released.when(SYSTEM, release).refused(Code::TimerStale);
    }

    #[test]
    fn nobody_works_on_a_bonus() {
        let (funded, bonus) = funded();
        funded.when(TALENT, submit_work(bonus)).refused_at(Code::WrongState, "milestoneId");
    }

    #[test]
    fn a_bonus_whose_deposit_fails_is_over() {
        let (given, bonus, deposit_id) = promised(100_000);
        let reason = deposit::ProviderWord::parse("card_declined").unwrap();
        let fail = deposit::FailDeposit { deposit_id, rail: "sandbox".into(), reason };
        let failed = given.then(PROVIDER, fail);
        assert_eq!(failed.contract().milestone(bonus).unwrap().status(), MilestoneStatus::Cancelled);
        assert_eq!(failed.balance(TALENT, AccountCode::TalentOnHold), 220_000, "of the milestone before");
    }

    #[test]
    fn a_bonus_under_way_is_given_up_once_when_the_contract_ends_again() {
        let (given, bonus, _) = promised(100_000);
        let contract_id = CONTRACT;
        let reopened =
            given.then(CLIENT, ReopenContract { contract_id }).then(TALENT, ReopenContract { contract_id });
        let asked = reopened.then(CLIENT, RequestEnd { contract_id });
        let outcome = asked.clone().when(TALENT, AgreeEnd { contract_id });
        let [Event::Contract(_), Event::Deposit(DepositEvent::Failed(_))] = outcome.events() else {
            panic!("the end and the deposit, and nothing of the bonus: {:?}", outcome.events());
        };
        let over = asked.and(outcome.events().to_vec()).contract();
        assert_eq!(over.milestone(bonus).unwrap().status(), MilestoneStatus::Cancelled);
        assert!(over.holds_nothing());
    }

    #[test]
    fn a_bonus_is_paid_within_a_year_of_the_end() {
        given(funded_contract(usd(250_000))).when(CLIENT, pay(1)).refused(Code::WrongState);
        ended(usd(250_000)).when(TALENT, pay(1)).refused(Code::Forbidden);
        ended(usd(250_000)).at(now().plus_days(365)).then(CLIENT, pay(1));
        ended(usd(250_000)).at(now().plus_days(366)).when(CLIENT, pay(1)).refused(Code::TooLate);
        ended(usd(250_000)).when(CLIENT, pay(0)).refused_at(Code::AmountNotPositive, "amount");
    }
}
