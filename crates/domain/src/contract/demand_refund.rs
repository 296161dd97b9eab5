//! DemandRefund: the client takes the money of a milestone back on which no work was handed in for long, and needs
//! nobody's answer. RefundHeldMilestone: it goes back by itself, once a provider may hold it no longer.

use super::refund_milestone::{named, refunded};
use crate::command::CommandKind;
use crate::context::{Context, Role};
use crate::event::Event;
use crate::id::{ContractId, MilestoneId};
use crate::refusal::{Code, Refusal};
use crate::stream::States;
use crate::timer::{TimerKind, guard};
use serde::Serialize;

/// Takes the money of an overdue milestone back.
#[derive(Clone, Debug, Serialize)]
pub struct DemandRefund {
    /// The contract.
    pub contract_id: ContractId,
    /// The milestone.
    pub milestone_id: MilestoneId,
}

/// Sends a milestone's money back that was held for as long as it may be, when its timer is due.
#[derive(Clone, Debug, Serialize)]
pub struct RefundHeldMilestone {
    /// The contract.
    pub contract_id: ContractId,
    /// The milestone.
    pub milestone_id: MilestoneId,
    /// The revision that set the timer.
    pub epoch: u64,
}

pub(crate) fn demand(command: &DemandRefund, states: &States, cx: &Context) -> Result<Vec<Event>, Refusal> {
    let (contract, milestone, role) = named(states, command.contract_id, command.milestone_id, cx)?;
    let overdue = contract.overdue_at(milestone);
    let events = refunded(contract, milestone, states, (CommandKind::DemandRefund, role), cx)?;
    match overdue {
        Some(overdue) if overdue <= cx.now => Ok(events),
        Some(overdue) => Err(Refusal::new(Code::TooEarly, format!("it is overdue at {overdue}"))),
        None => Err(Refusal::new(Code::WrongState, "its money waits for no work")),
    }
}

pub(crate) fn held(
    command: &RefundHeldMilestone,
    states: &States,
    cx: &Context,
) -> Result<Vec<Event>, Refusal> {
    let contract = states.contract(command.contract_id)?;
    let kind = TimerKind::RefundHeldMilestone(command.milestone_id);
    guard(&contract.timers(), kind, command.epoch, cx.now)?;
    let milestone = contract.milestone(command.milestone_id)?;
    refunded(contract, milestone, states, (CommandKind::RefundHeldMilestone, Role::System), cx)
}

#[cfg(test)]
mod tests {
    use super::{DemandRefund, RefundHeldMilestone};
    use crate::contract::{MilestoneStatus, WithdrawRefundRequest};
    use crate::ledger::AccountCode;
    use crate::refusal::Code;
    use crate::scenario::working::{FREEZE, UNFREEZE};
    use crate::scenario::{
        CLIENT, COMPLIANCE, CONTRACT, Given, SYSTEM, TALENT, funded_contract, given, milestone, now,
        request_changes, request_refund, usd, work,
    };
    use crate::timer::TimerKind;

    const DEMAND: DemandRefund = DemandRefund { contract_id: CONTRACT, milestone_id: milestone(1) };
    const HELD: TimerKind = TimerKind::RefundHeldMilestone(milestone(1));

    fn funded() -> Given {
        given(funded_contract(usd(250_000)))
    }

    #[test]
    fn after_thirty_days_without_work_the_client_takes_the_money_back() {
        funded().at(now().plus_days(29)).when(CLIENT, DEMAND).refused(Code::TooEarly);
        let overdue = || funded().at(now().plus_days(30));
        overdue().when(TALENT, DEMAND).refused(Code::Forbidden);
        let back = overdue().then(CLIENT, DEMAND);
        assert_eq!((back.status(1), back.held(1)), (MilestoneStatus::Refunded, (0, 0)));
        assert_eq!(back.balance(CLIENT, AccountCode::RefundInTransit), 287_500);
    }

    #[test]
    fn the_days_count_anew_from_when_work_was_sent_back() {
        let handed_in = funded().and([work()]).at(now().plus_days(30));
        handed_in.clone().when(CLIENT, DEMAND).refused(Code::WrongState);
        let sent_back = handed_in.then(CLIENT, request_changes(milestone(1)));
        sent_back.clone().at(now().plus_days(59)).when(CLIENT, DEMAND).refused(Code::TooEarly);
        let back = sent_back.at(now().plus_days(60)).then(CLIENT, DEMAND);
        assert_eq!(back.status(1), MilestoneStatus::Refunded);
    }

    #[test]
    fn the_days_of_a_freeze_do_not_count() {
        let frozen = funded().at(now().plus_days(10)).then(COMPLIANCE, FREEZE());
        frozen.clone().at(now().plus_days(40)).when(CLIENT, DEMAND).refused(Code::FundsFrozen);
        let thawed = frozen.at(now().plus_days(20)).then(COMPLIANCE, UNFREEZE);
        thawed.clone().at(now().plus_days(39)).when(CLIENT, DEMAND).refused(Code::TooEarly);
        thawed.at(now().plus_days(40)).then(CLIENT, DEMAND);
    }

    fn held(given: &Given) -> RefundHeldMilestone {
        RefundHeldMilestone { contract_id: CONTRACT, milestone_id: milestone(1), epoch: given.epoch(HELD) }
    }

    #[test]
    fn money_that_was_held_for_as_long_as_it_may_be_goes_back_by_itself() {
        let command = held(&funded());
        funded().at(now().plus_days(89)).when(SYSTEM, command.clone()).refused(Code::TimerNotDue);
        let back = funded().at(now().plus_days(90)).then(SYSTEM, command.clone());
        assert_eq!((back.status(1), back.held(1)), (MilestoneStatus::Refunded, (0, 0)));
        back.when(SYSTEM, command).refused(Code::TimerStale);
    }

    #[test]
    fn what_has_a_clock_of_its_own_is_not_sent_back_before_that_has_run_out() {
        let command = held(&funded());
        for (who, step) in [
            (TALENT, crate::Command::from(crate::scenario::submit_work(milestone(1)))),
            (CLIENT, request_refund().into()),
            (COMPLIANCE, FREEZE().into()),
        ] {
            let waits = funded().then(who, step).at(now().plus_days(90));
            waits.when(SYSTEM, command.clone()).refused(Code::TimerStale);
        }
        let withdraw = WithdrawRefundRequest { contract_id: CONTRACT, milestone_id: milestone(1) };
        let again = funded().then(CLIENT, request_refund()).then(CLIENT, withdraw);
        again.at(now().plus_days(90)).then(SYSTEM, command);
    }
}
