//! FundMilestone: the client has a milestone's amount, with the client fee on top, taken from a payment instrument.

use super::{MILESTONE_TRANSITIONS, MilestoneStatus, TRANSITIONS};
use crate::command::CommandKind;
use crate::context::Context;
use crate::deposit::{self, DepositEvent, DepositRequested, DepositStatus, PaymentMethod};
use crate::event::Event;
use crate::id::{ContractId, MilestoneId};
use crate::refusal::Refusal;
use crate::stream::States;
use crate::transition::consult;
use serde::Serialize;

/// Asks for the money of a milestone.
#[derive(Clone, Debug, Serialize)]
pub struct FundMilestone {
    /// The contract.
    pub contract_id: ContractId,
    /// The milestone.
    pub milestone_id: MilestoneId,
    /// The rail that takes the money.
    pub rail: &'static str,
    /// The provider's token of the instrument.
    pub payment_method: PaymentMethod,
}

pub(crate) fn decide(command: &FundMilestone, states: &States, cx: &Context) -> Result<Vec<Event>, Refusal> {
    let contract = states.contract(command.contract_id)?;
    let side = contract.side(&cx.actor)?;
    let milestone = contract.milestone(command.milestone_id).map_err(|refusal| refusal.at("milestoneId"))?;
    let (kind, role) = (CommandKind::FundMilestone, side.role());
    let (stands, from) = (contract.status(), Some(milestone.status()));
    consult(TRANSITIONS, Some(stands), kind, role, stands)?;
    consult(MILESTONE_TRANSITIONS, from, kind, role, MilestoneStatus::Funding)?;
    consult(deposit::TRANSITIONS, None, kind, role, DepositStatus::Requested)?;
    Ok(vec![Event::Deposit(DepositEvent::Requested(DepositRequested {
        deposit_id: cx.fresh(),
        contract_id: contract.id,
        milestone_id: milestone.id,
        client: contract.client,
        amount: contract.price_of(milestone)?,
        rail: command.rail.to_owned(),
        payment_method: command.payment_method.clone(),
        expires_at: cx.now.plus_minutes(contract.windows.card_funding_minutes),
    }))])
}

#[cfg(test)]
mod tests {
    use crate::Event;
    use crate::deposit::DepositEvent;
    use crate::refusal::Code;
    use crate::scenario::{CLIENT, STRANGER, TALENT, contract, fund, funding, given, milestone, now, usd};
    use crate::timer::TimerKind;

    #[test]
    fn the_client_pays_the_amount_and_the_client_fee_on_top() {
        let outcome = given(contract(&[usd(250_000)])).when(CLIENT, fund(milestone(1)));
        let [Event::Deposit(DepositEvent::Requested(deposit))] = outcome.events() else {
            panic!("one deposit")
        };
        assert_eq!(deposit.amount, usd(287_500));
        outcome.timer(TimerKind::ExpireDeposit, now().plus_minutes(15));
    }

    #[test]
    fn talent_cannot_fund() {
        given(contract(&[usd(1)])).when(TALENT, fund(milestone(1))).refused(Code::Forbidden);
    }

    #[test]
    fn a_foreign_contract_looks_absent() {
        given(contract(&[usd(1)])).when(STRANGER, fund(milestone(1))).refused(Code::NotFound);
    }

    #[test]
    fn one_deposit_is_under_way_at_a_time() {
        given(contract(&[usd(1)])).and(funding()).when(CLIENT, fund(milestone(1))).refused(Code::WrongState);
    }

    #[test]
    fn a_milestone_of_another_contract_looks_absent() {
        given(contract(&[usd(1)])).when(CLIENT, fund(milestone(9))).refused_at(Code::NotFound, "milestoneId");
    }
}
