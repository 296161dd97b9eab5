//! MoveFunds: the client wants the money of one milestone to fund another, and the talent agrees. What moves is all
//! that the other needs, so that each milestone's money came with one deposit, and goes back one way.

use super::refund_milestone::named;
use super::{
    Contract, EscrowEvent, FundsMoveDropped, FundsMoveProposed, MILESTONE_TRANSITIONS, Milestone,
    MilestoneEvent, MilestoneStatus,
};
use crate::command::CommandKind;
use crate::context::Context;
use crate::event::Event;
use crate::id::{ContractId, MilestoneId};
use crate::refusal::{Code, Refusal};
use crate::stream::States;
use crate::transition::consult;
use serde::Serialize;

/// Wants the money of a milestone to fund another.
#[derive(Clone, Debug, Serialize)]
pub struct MoveFunds {
    /// The contract.
    pub contract_id: ContractId,
    /// The milestone whose money it is.
    pub milestone_id: MilestoneId,
    /// The milestone that it is to fund.
    pub to: MilestoneId,
}

/// Agrees to the move, which moves the money.
#[derive(Clone, Debug, Serialize)]
pub struct AgreeMove {
    /// The contract.
    pub contract_id: ContractId,
    /// The milestone whose money it is.
    pub milestone_id: MilestoneId,
}

/// Has the money stay: the talent says no, or the client thinks better of it.
#[derive(Clone, Debug, Serialize)]
pub struct DropMove {
    /// The contract.
    pub contract_id: ContractId,
    /// The milestone whose money it is.
    pub milestone_id: MilestoneId,
}

pub(crate) fn propose(command: &MoveFunds, states: &States, cx: &Context) -> Result<Vec<Event>, Refusal> {
    let (contract, milestone, role) = named(states, command.contract_id, command.milestone_id, cx)?;
    let stands = milestone.status();
    consult(MILESTONE_TRANSITIONS, Some(stands), CommandKind::MoveFunds, role, stands)?;
    milestone.not_frozen()?;
    let to = contract.milestone(command.to).map_err(|refusal| refusal.at("to"))?;
    if to.amount.minor() > milestone.rest() {
        let message = format!("the other milestone needs {}, and less is held", to.amount);
        return Err(Refusal::new(Code::BalanceTooLow, message).at("to"));
    }
    Ok(vec![proposed(contract, milestone, to)?])
}

/// The fact that a milestone's money is to fund another, all that this needs.
pub(super) fn proposed(contract: &Contract, from: &Milestone, to: &Milestone) -> Result<Event, Refusal> {
    unfunded(to).map_err(|refusal| refusal.at("to"))?;
    Ok(Event::Milestone(MilestoneEvent::MoveProposed(FundsMoveProposed {
        contract_id: contract.id,
        milestone_id: from.id,
        to: to.id,
        amount: to.amount,
    })))
}

pub(crate) fn agree(command: &AgreeMove, states: &States, cx: &Context) -> Result<Vec<Event>, Refusal> {
    let (contract, milestone, role) = named(states, command.contract_id, command.milestone_id, cx)?;
    let (to, amount) = milestone.moves_to().ok_or_else(none)?;
    let target = contract.milestone(to)?;
    let kind = CommandKind::AgreeMove;
    consult(MILESTONE_TRANSITIONS, Some(milestone.status()), kind, role, milestone.after_move(amount))?;
    consult(MILESTONE_TRANSITIONS, Some(target.status()), kind, role, MilestoneStatus::Funded)?;
    milestone.not_frozen()?;
    // The table's row for what moves in part would let a target stay funded.
    unfunded(target)?;
    if target.amount != amount {
        return Err(Refusal::new(Code::AmountMismatch, "the other milestone's amount has changed since"));
    }
    let moved = contract.moved((milestone.id, to), amount, cx.fresh())?;
    Ok(vec![Event::Escrow(EscrowEvent::Moved(moved))])
}

pub(crate) fn decline(command: &DropMove, states: &States, cx: &Context) -> Result<Vec<Event>, Refusal> {
    let (contract, milestone, role) = named(states, command.contract_id, command.milestone_id, cx)?;
    let stands = milestone.status();
    consult(MILESTONE_TRANSITIONS, Some(stands), CommandKind::DropMove, role, stands)?;
    milestone.moves_to().ok_or_else(none)?;
    Ok(vec![Event::Milestone(MilestoneEvent::MoveDropped(FundsMoveDropped {
        contract_id: contract.id,
        milestone_id: milestone.id,
    }))])
}

/// That no money is there for the milestone that is to be funded.
fn unfunded(to: &Milestone) -> Result<(), Refusal> {
    if to.status() == MilestoneStatus::Agreed {
        return Ok(());
    }
    Err(Refusal::new(Code::WrongState, "only a milestone without money is funded so"))
}

fn none() -> Refusal {
    Refusal::new(Code::WrongState, "nobody wants its money to move")
}

#[cfg(test)]
mod tests {
    use super::{AgreeMove, DropMove};
    use crate::Event;
    use crate::contract::{ConfirmDeposit, FundMilestone, MilestoneStatus, Rest};
    use crate::deposit::{DepositEvent, PaymentMethod, StartDepositAttempt};
    use crate::ledger::AccountCode;
    use crate::refusal::Code;
    use crate::scenario::working::{FREEZE, MOVE, OFFERABLE_MAX, release_part};
    use crate::scenario::{
        CLIENT, COMPLIANCE, CONTRACT, Given, PROVIDER, SYSTEM, TALENT, approve, confirm_object, funded_first,
        given, milestone, request_changes, submit_work, usd, work,
    };
    use proptest::prelude::*;

    const AGREE: AgreeMove = AgreeMove { contract_id: CONTRACT, milestone_id: milestone(1) };
    const DROP: DropMove = DropMove { contract_id: CONTRACT, milestone_id: milestone(1) };

    fn two(first: i64, second: i64) -> Given {
        given(funded_first(&[usd(first), usd(second)]))
    }

    #[test]
    fn roll_forward_600_takes_the_fee_of_90_along() {
        let part = two(100_000, 60_000)
            .and([work()])
            .then(CLIENT, release_part(usd(40_000), Rest::RolledForward(milestone(2))));
        assert_eq!(part.held(1), (60_000, 9_000));
        let moved = part.then(TALENT, AGREE);
        assert_eq!((moved.held(1), moved.held(2)), ((0, 0), (60_000, 9_000)));
        assert_eq!(moved.status(1), MilestoneStatus::Released);
        assert_eq!(moved.status(2), MilestoneStatus::Funded);
        let done = moved.and([crate::scenario::working::work_on(2)]).then(CLIENT, approve(milestone(2)));
        assert_eq!(done.balance(TALENT, AccountCode::TalentOnHold), 88_000);
    }

    #[test]
    fn what_moves_whole_leaves_the_milestone_to_be_funded_anew() {
        let moved = two(250_000, 250_000).then(CLIENT, MOVE).then(TALENT, AGREE);
        assert_eq!((moved.held(1), moved.held(2)), ((0, 0), (250_000, 37_500)));
        assert_eq!(moved.status(1), MilestoneStatus::Agreed);
        assert_eq!(moved.milestone(1).amount, usd(250_000));
        assert_eq!(moved.milestone(1).funded_by, None);
        assert_eq!(moved.milestone(2).funded_by, Some(crate::scenario::DEPOSIT));
    }

    #[test]
    fn what_moves_in_part_is_no_part_of_the_price_any_more() {
        let moved = two(250_000, 100_000).then(CLIENT, MOVE).then(TALENT, AGREE);
        assert_eq!((moved.held(1), moved.held(2)), ((150_000, 22_500), (100_000, 15_000)));
        assert_eq!((moved.status(1), moved.milestone(1).amount), (MilestoneStatus::Funded, usd(150_000)));
        let done = moved.then(TALENT, submit_work(milestone(1))).then(CLIENT, approve(milestone(1)));
        assert_eq!((done.status(1), done.held(1)), (MilestoneStatus::Released, (0, 0)));
    }

    #[test]
    fn money_moves_when_the_talent_agrees_and_only_then() {
        let proposed = two(250_000, 100_000).then(CLIENT, MOVE);
        proposed.clone().when(CLIENT, AGREE).refused(Code::Forbidden);
        two(250_000, 100_000).when(TALENT, AGREE).refused(Code::WrongState);
        for who in [CLIENT, TALENT] {
            proposed.clone().then(who, DROP).when(TALENT, AGREE).refused(Code::WrongState);
        }
        proposed.clone().then(TALENT, AGREE).when(TALENT, AGREE).refused(Code::WrongState);
        let worked_on = proposed.and([work()]);
        worked_on.clone().when(TALENT, AGREE).refused(Code::WrongState);
        let sent_back = worked_on.then(CLIENT, request_changes(milestone(1))).then(TALENT, AGREE);
        assert_eq!(sent_back.status(1), MilestoneStatus::ChangesRequested);
    }

    #[test]
    fn money_moves_only_to_a_milestone_that_it_funds_whole() {
        two(100_000, 100_001).when(CLIENT, MOVE).refused_at(Code::BalanceTooLow, "to");
        let itself = crate::contract::MoveFunds { to: milestone(1), ..MOVE };
        two(100_000, 100_000).when(CLIENT, itself).refused_at(Code::WrongState, "to");
        let absent = crate::contract::MoveFunds { to: milestone(9), ..MOVE };
        two(100_000, 100_000).when(CLIENT, absent).refused_at(Code::NotFound, "to");
    }

    #[test]
    fn what_was_funded_meanwhile_is_not_funded_twice() {
        let proposed = two(250_000, 100_000).then(CLIENT, MOVE);
        let fund = FundMilestone {
            contract_id: CONTRACT,
            milestone_id: milestone(2),
            rail: "sandbox",
            payment_method: PaymentMethod::parse("pm_ok").unwrap(),
        };
        let outcome = proposed.clone().when(CLIENT, fund);
        let [Event::Deposit(DepositEvent::Requested(deposit))] = outcome.events() else {
            panic!("a deposit")
        };
        let deposit_id = deposit.deposit_id;
        let confirm = ConfirmDeposit { deposit_id, ..confirm_object("pay_7", usd(115_000)) };
        let started =
            proposed.and(outcome.events().to_vec()).then(SYSTEM, StartDepositAttempt { deposit_id });
        let funded = started.then(PROVIDER, confirm);
        assert_eq!((funded.status(2), funded.held(2)), (MilestoneStatus::Funded, (100_000, 15_000)));
        funded.when(TALENT, AGREE).refused(Code::WrongState);
    }

    #[test]
    fn nothing_moves_while_it_is_frozen() {
        let frozen = two(250_000, 100_000).then(CLIENT, MOVE).then(COMPLIANCE, FREEZE());
        frozen.clone().when(TALENT, AGREE).refused(Code::FundsFrozen);
        frozen.when(CLIENT, MOVE).refused(Code::FundsFrozen);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(128))]

        #[test]
        fn credit_is_never_lost_in_a_roll_forward(
            amount in 2..=OFFERABLE_MAX,
            moved in 0.0..1.0_f64,
            released in 0.0..1.0_f64,
        ) {
            #[expect(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "a random cut, not money")]
            let cut = |whole: i64, at: f64| ((whole as f64 * at) as i64).clamp(1, whole);
            let second = cut(amount, moved);
            let mut steps = two(amount, second);
            let (escrow, fee) = steps.held(1);
            let mut earned = 0;
            let part = cut(amount, released);
            if part < amount && amount - part >= second {
                steps = steps.and([work()]).then(CLIENT, release_part(usd(part), Rest::Kept));
                earned = steps.milestone(1).charged.client_fee + steps.milestone(1).charged.client_tax;
            }
            let after = steps.then(CLIENT, MOVE).then(TALENT, AGREE);
            let (from, to) = (after.held(1), after.held(2));
            prop_assert_eq!(from.0 + to.0 + after.milestone(1).charged.released, escrow);
            prop_assert_eq!(from.1 + to.1 + earned, fee);
            for number in [1, 2] {
                let milestone = after.milestone(number);
                if milestone.status() == MilestoneStatus::Funded {
                    let work = crate::scenario::working::work_on(number);
                    let done = after.clone().and([work]).then(CLIENT, approve(milestone.id));
                    prop_assert_eq!((done.status(number), done.held(number)), (MilestoneStatus::Released, (0, 0)));
                }
            }
        }
    }
}
