//! TerminateContract: compliance ends a contract. What nobody funded is cancelled; what is held is frozen until
//! compliance lets it go, and when nothing is held any more the contract is terminated.

use super::cancel_contract::cancelled;
use super::freeze_funds::frozen;
use super::{
    Contract, ContractEvent, ContractStatus, MILESTONE_TRANSITIONS, Milestone, MilestoneStatus, TRANSITIONS,
    TerminationBegun,
};
use crate::command::CommandKind;
use crate::context::{Context, Role};
use crate::event::Event;
use crate::id::ContractId;
use crate::personal::Personal;
use crate::refusal::Refusal;
use crate::stream::States;
use crate::text::Prose;
use crate::transition::consult;
use serde::Serialize;

/// Ends a contract for the house.
#[derive(Clone, Debug, Serialize)]
pub struct TerminateContract {
    /// The contract.
    pub contract_id: ContractId,
    /// Why; both sides read it.
    pub reason: Prose,
}

const KIND: CommandKind = CommandKind::TerminateContract;

pub(crate) fn decide(
    command: &TerminateContract,
    states: &States,
    cx: &Context,
) -> Result<Vec<Event>, Refusal> {
    let contract = states.contract(command.contract_id)?;
    contract.is_foreign_to(&cx.actor)?;
    let (stands, to) = (Some(contract.status()), ContractStatus::Terminating);
    consult(TRANSITIONS, stands, KIND, Role::Compliance, to)?;
    let mut events = vec![Event::Contract(ContractEvent::TerminationBegun(TerminationBegun {
        contract_id: contract.id,
        reason: Personal::Clear(command.reason.clone()),
    }))];
    for milestone in &contract.milestones {
        events.extend(secured(contract, milestone, states, &command.reason)?);
    }
    Ok(events)
}

/// What becomes of a milestone: nothing of it moves until it is settled.
fn secured(
    contract: &Contract,
    milestone: &Milestone,
    states: &States,
    reason: &Prose,
) -> Result<Vec<Event>, Refusal> {
    let stands = milestone.status();
    match stands {
        MilestoneStatus::Proposed | MilestoneStatus::Agreed | MilestoneStatus::Funding => {
            cancelled(contract, milestone, states, (KIND, Role::Compliance))
        }
        MilestoneStatus::Funded
        | MilestoneStatus::Submitted
        | MilestoneStatus::ChangesRequested
        | MilestoneStatus::RefundRequested
        | MilestoneStatus::Disputed
            if !milestone.is_frozen() =>
        {
            consult(MILESTONE_TRANSITIONS, Some(stands), KIND, Role::Compliance, stands)?;
            Ok(vec![frozen(contract, milestone, reason)])
        }
        // What is frozen stays so, and what is over too.
        MilestoneStatus::Funded
        | MilestoneStatus::Submitted
        | MilestoneStatus::ChangesRequested
        | MilestoneStatus::RefundRequested
        | MilestoneStatus::Disputed
        | MilestoneStatus::Approved
        | MilestoneStatus::Resolved
        | MilestoneStatus::Released
        | MilestoneStatus::Refunded
        | MilestoneStatus::Cancelled => Ok(Vec::new()),
    }
}

#[cfg(test)]
mod tests {
    use super::TerminateContract;
    use crate::contract::{ContractStatus, MilestoneStatus, SettleEnd};
    use crate::ledger::AccountCode;
    use crate::refusal::Code;
    use crate::scenario::working::{UNFREEZE, ended, reason};
    use crate::scenario::{
        CLIENT, COMPLIANCE, CONTRACT, Given, PROVIDER, SYSTEM, TALENT, approve, confirm, contract, fund,
        funded_first, funding, given, milestone, usd, work,
    };
    use crate::timer::TimerKind;

    fn terminate() -> TerminateContract {
        TerminateContract { contract_id: CONTRACT, reason: reason() }
    }

    fn settled(given: Given) -> Given {
        let epoch = given.epoch(TimerKind::SettleEnd);
        given.then(SYSTEM, SettleEnd { contract_id: CONTRACT, epoch })
    }

    #[test]
    fn what_is_unfunded_is_cancelled_and_what_is_held_is_frozen() {
        let over = given(funded_first(&[usd(250_000), usd(100)])).then(COMPLIANCE, terminate());
        assert_eq!(over.contract().status(), ContractStatus::Terminating);
        assert_eq!((over.status(1), over.milestone(1).is_frozen()), (MilestoneStatus::Funded, true));
        assert_eq!(over.status(2), MilestoneStatus::Cancelled);
        over.clone().when(CLIENT, fund(milestone(2))).refused(Code::WrongState);
        over.clone().when(COMPLIANCE, terminate()).refused(Code::WrongState);
        let back = over.then(COMPLIANCE, UNFREEZE);
        assert_eq!(back.balance(CLIENT, AccountCode::RefundInTransit), 287_500);
        assert_eq!(settled(back).contract().status(), ContractStatus::Terminated);
    }

    #[test]
    fn approved_work_is_paid_when_a_terminated_contract_s_money_is_let_go() {
        let events = [funded_first(&[usd(250_000)]), vec![work()]].concat();
        let over = given(events).then(COMPLIANCE, terminate()).then(CLIENT, approve(milestone(1)));
        let paid = over.then(COMPLIANCE, UNFREEZE);
        assert_eq!(paid.balance(TALENT, AccountCode::TalentOnHold), 220_000);
        assert_eq!(settled(paid).contract().status(), ContractStatus::Terminated);
    }

    #[test]
    fn a_deposit_under_way_is_given_up_and_what_comes_late_is_unmatched() {
        let awaiting = given(contract(&[usd(250_000)])).and(funding());
        let over = awaiting.then(COMPLIANCE, terminate()).then(PROVIDER, confirm(usd(287_500)));
        assert_eq!((over.status(1), over.held(1)), (MilestoneStatus::Cancelled, (0, 0)));
        assert_eq!(settled(over).contract().status(), ContractStatus::Terminated);
    }

    #[test]
    fn only_compliance_terminates_and_only_what_is_not_over() {
        given(contract(&[usd(1)])).when(CLIENT, terminate()).refused(Code::Forbidden);
        ended(usd(250_000)).when(COMPLIANCE, terminate()).refused(Code::WrongState);
    }
}
