//! GrantRefund: after the end the talent gives released money back. The platform gives its fee on it back too.

use super::refund_milestone::named;
use super::{EscrowEvent, MILESTONE_TRANSITIONS, Milestone, TRANSITIONS};
use crate::account::Account;
use crate::command::CommandKind;
use crate::context::Context;
use crate::event::Event;
use crate::id::{ContractId, MilestoneId};
use crate::money::Money;
use crate::refund;
use crate::refusal::{Code, Refusal};
use crate::stream::States;
use crate::transition::consult;
use serde::Serialize;

/// Gives released money back.
#[derive(Clone, Debug, Serialize)]
pub struct GrantRefund {
    /// The contract.
    pub contract_id: ContractId,
    /// The milestone that was released.
    pub milestone_id: MilestoneId,
    /// What the client gets; less the platform's part, the talent gives it.
    pub amount: Money,
}

pub(crate) fn decide(command: &GrantRefund, states: &States, cx: &Context) -> Result<Vec<Event>, Refusal> {
    let (contract, milestone, role) = named(states, command.contract_id, command.milestone_id, cx)?;
    let (kind, stands) = (CommandKind::GrantRefund, milestone.status());
    consult(TRANSITIONS, Some(contract.status()), kind, role, contract.status())?;
    consult(MILESTONE_TRANSITIONS, Some(stands), kind, role, stands)?;
    contract.since_end(contract.windows.give_back_days, cx.now)?;
    let amount = grantable(command.amount, milestone).map_err(|refusal| refusal.at("amount"))?;
    let fact = contract.granted(milestone.id, amount, cx.fresh(), cx.fresh())?;
    let net = fact.amount.minor() - fact.talent_fee - fact.talent_tax;
    let free = states.account(contract.talent, contract.currency).map_or(0, Account::free);
    if net > free {
        let message = format!("of the talent's money {free} minor units are free, {net} are needed");
        return Err(Refusal::new(Code::BalanceTooLow, message).at("amount"));
    }
    let deposit = states.deposit(fact.deposit_id)?;
    let payment = deposit.matched_payment()?;
    let sent = refund::requested(fact.refund_id, (deposit, payment), amount, (kind, role))?;
    Ok(vec![Event::Escrow(EscrowEvent::EarningsRefunded(fact)), sent])
}

/// The amount, if so much was released and not given back before.
fn grantable(amount: Money, milestone: &Milestone) -> Result<Money, Refusal> {
    if amount.currency() != milestone.amount.currency() {
        let message = format!("the contract is in {}", milestone.amount.currency());
        return Err(Refusal::new(Code::CurrencyMismatch, message));
    }
    let left = milestone.amount.with_minor(milestone.charged.released - milestone.granted.amount)?;
    if amount.minor() > left.minor() {
        return Err(Refusal::new(Code::BalanceTooLow, format!("{left} is left of what was released")));
    }
    amount.positive()
}

#[cfg(test)]
mod tests {
    use super::GrantRefund;
    use crate::contract::ClearEarnings;
    use crate::deposit::PaymentMethod;
    use crate::ledger::AccountCode;
    use crate::payout::RequestPayout;
    use crate::refusal::Code;
    use crate::scenario::working::ended;
    use crate::scenario::{
        CLIENT, CONTRACT, Given, SYSTEM, TALENT, funded_contract, given, milestone, now, usd,
    };
    use crate::timer::TimerKind;
    use proptest::prelude::*;

    fn grant(minor: i64) -> GrantRefund {
        GrantRefund { contract_id: CONTRACT, milestone_id: milestone(1), amount: usd(minor) }
    }

    /// An ended contract whose earnings have cleared.
    fn cleared(amount: i64) -> Given {
        let ended = ended(usd(amount));
        let lot_id = ended.milestone(1).lots[0].id;
        let epoch = ended.epoch(TimerKind::ClearEarnings(lot_id));
        ended.at(now().plus_days(5)).then(SYSTEM, ClearEarnings { contract_id: CONTRACT, lot_id, epoch })
    }

    #[test]
    fn refund_of_released_money_1000_costs_the_talent_880_and_the_platform_120() {
        let back = cleared(100_000).then(TALENT, grant(100_000));
        assert_eq!(back.balance(CLIENT, AccountCode::RefundInTransit), 100_000);
        assert_eq!(back.balance(TALENT, AccountCode::TalentAvailable), 0);
        let granted = back.milestone(1).granted;
        assert_eq!((granted.talent_fee, granted.talent_tax, granted.net()), (10_000, 2_000, 88_000));
        back.when(TALENT, grant(1)).refused_at(Code::BalanceTooLow, "amount");
    }

    #[test]
    fn no_more_is_given_back_than_the_talent_has() {
        ended(usd(100_000)).when(TALENT, grant(100_000)).refused_at(Code::BalanceTooLow, "amount");
        let payout = RequestPayout {
            party_id: TALENT.party(),
            amount: usd(1),
            rail: "sandbox",
            destination: PaymentMethod::parse("ba_bank").unwrap(),
        };
        let reserved = cleared(100_000).then(TALENT, payout);
        reserved.clone().when(TALENT, grant(100_000)).refused_at(Code::BalanceTooLow, "amount");
        reserved.then(TALENT, grant(99_000));
    }

    #[test]
    fn money_is_given_back_by_the_talent_within_the_window_after_the_end() {
        cleared(100_000).when(CLIENT, grant(1)).refused(Code::Forbidden);
        cleared(100_000).when(TALENT, grant(0)).refused_at(Code::AmountNotPositive, "amount");
        cleared(100_000).at(now().plus_days(180)).then(TALENT, grant(1));
        cleared(100_000).at(now().plus_days(181)).when(TALENT, grant(1)).refused(Code::TooLate);
        given(funded_contract(usd(1))).when(TALENT, grant(1)).refused(Code::WrongState);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn any_slicing_of_what_is_given_back_gives_the_same_fee_and_tax_back(
            amount in 1..=250_000_i64,
            cuts in prop::collection::vec(1..=250_000_i64, 0..5),
        ) {
            let mut sliced = cleared(amount);
            let mut left = amount;
            for cut in cuts.into_iter().filter(|cut| *cut < amount) {
                if cut <= left {
                    sliced = sliced.then(TALENT, grant(cut));
                    left -= cut;
                }
            }
            if left > 0 {
                sliced = sliced.then(TALENT, grant(left));
            }
            let milestone = sliced.milestone(1);
            let (charged, granted) = (milestone.charged, milestone.granted);
            prop_assert_eq!((granted.talent_fee, granted.talent_tax), (charged.talent_fee, charged.talent_tax));
            prop_assert_eq!(sliced.balance(TALENT, AccountCode::TalentAvailable), 0);
        }
    }
}
