//! PauseContract and ResumeContract: while there is a reason, a contract begins nothing new.

use super::{
    Contract, ContractEvent, ContractPaused, ContractResumed, ContractStatus, PauseReason, TRANSITIONS,
};
use crate::command::CommandKind;
use crate::context::{Context, Role};
use crate::event::Event;
use crate::id::ContractId;
use crate::refusal::{Code, Refusal};
use crate::stream::States;
use crate::transition::consult;
use serde::Serialize;

/// Has a contract begin nothing new.
#[derive(Clone, Debug, Serialize)]
pub struct PauseContract {
    /// The contract.
    pub contract_id: ContractId,
}

/// Takes one's own reason back.
#[derive(Clone, Debug, Serialize)]
pub struct ResumeContract {
    /// The contract.
    pub contract_id: ContractId,
}

pub(crate) fn pause(command: &PauseContract, states: &States, cx: &Context) -> Result<Vec<Event>, Refusal> {
    let (contract, reason, role) = reasoned(states, command.contract_id, CommandKind::PauseContract, cx)?;
    let (kind, to) = (CommandKind::PauseContract, ContractStatus::Paused);
    consult(TRANSITIONS, Some(contract.status()), kind, role, to)?;
    if contract.pauses.contains(&reason) {
        return Err(Refusal::new(Code::AlreadyRecorded, "the contract is paused for this reason"));
    }
    let contract_id = contract.id;
    Ok(vec![Event::Contract(ContractEvent::Paused(ContractPaused { contract_id, reason }))])
}

pub(crate) fn resume(command: &ResumeContract, states: &States, cx: &Context) -> Result<Vec<Event>, Refusal> {
    let kind = CommandKind::ResumeContract;
    let (contract, reason, role) = reasoned(states, command.contract_id, kind, cx)?;
    let to = contract.without(reason);
    consult(TRANSITIONS, Some(contract.status()), kind, role, to)?;
    if !contract.pauses.contains(&reason) {
        return Err(Refusal::new(Code::WrongState, "the contract is paused for another reason"));
    }
    let contract_id = contract.id;
    Ok(vec![Event::Contract(ContractEvent::Resumed(ContractResumed { contract_id, reason }))])
}

/// The contract, and the reason that is the actor's own: the client's, or support's.
fn reasoned<'a>(
    states: &'a States,
    id: ContractId,
    kind: CommandKind,
    cx: &Context,
) -> Result<(&'a Contract, PauseReason, Role), Refusal> {
    let contract = states.contract(id)?;
    if cx.actor.person_as(Role::Support).is_ok() && contract.is_foreign_to(&cx.actor).is_ok() {
        return Ok((contract, PauseReason::Support, Role::Support));
    }
    let role = contract.side(&cx.actor)?.role();
    if role != Role::Client {
        let message = format!("{} is for the client", kind.as_str());
        return Err(Refusal::new(Code::WrongSide, message));
    }
    Ok((contract, PauseReason::Client, role))
}

impl Contract {
    /// Where an active contract stands when this reason doesn't any more.
    pub(crate) fn without(&self, reason: PauseReason) -> ContractStatus {
        let others = self.pauses.iter().any(|other| *other != reason);
        if others { ContractStatus::Paused } else { ContractStatus::Active }
    }
}

#[cfg(test)]
mod tests {
    use super::{PauseContract, ResumeContract};
    use crate::contract::{ContractStatus, RequestEnd, WithdrawEnd};
    use crate::refusal::Code;
    use crate::scenario::hiring::SUPPORT;
    use crate::scenario::{
        CLIENT, CONTRACT, Given, PROVIDER, TALENT, approve, confirm_object, contract, fund, funded_contract,
        funded_first, given, milestone, submit_work, usd,
    };

    const PAUSE: PauseContract = PauseContract { contract_id: CONTRACT };
    const RESUME: ResumeContract = ResumeContract { contract_id: CONTRACT };

    fn paused() -> Given {
        given(funded_first(&[usd(250_000), usd(100)])).then(CLIENT, PAUSE)
    }

    #[test]
    fn a_contract_goes_on_when_no_reason_is_left() {
        let both = paused().then(SUPPORT, PAUSE);
        both.clone().when(CLIENT, PAUSE).refused(Code::AlreadyRecorded);
        let one = both.then(CLIENT, RESUME);
        assert_eq!(one.contract().status(), ContractStatus::Paused);
        one.clone().when(CLIENT, RESUME).refused(Code::WrongState);
        assert_eq!(one.then(SUPPORT, RESUME).contract().status(), ContractStatus::Active);
    }

    #[test]
    fn work_under_way_goes_on_while_a_contract_is_paused_and_nothing_new_is_funded() {
        paused().when(CLIENT, fund(milestone(2))).refused(Code::WrongState);
        let worked = paused().then(TALENT, submit_work(milestone(1))).then(CLIENT, approve(milestone(1)));
        assert_eq!(worked.held(1), (0, 0));
    }

    #[test]
    fn a_deposit_under_way_funds_its_milestone_while_the_contract_is_paused() {
        let funded = paused_with_pending().then(PROVIDER, confirm_object("pay_2", usd(287_500)));
        assert_eq!(funded.contract().status(), ContractStatus::Paused);
        assert_eq!(funded.held(1).0, 250_000);
    }

    /// An active contract whose first milestone waits for its deposit, paused.
    fn paused_with_pending() -> Given {
        let events = funded_first(&[usd(250_000), usd(250_000)]);
        let moved = given(events).then(CLIENT, crate::scenario::working::MOVE);
        let agree = crate::contract::AgreeMove { contract_id: CONTRACT, milestone_id: milestone(1) };
        let empty = moved.then(TALENT, agree);
        empty.and(crate::scenario::funding()).then(CLIENT, PAUSE)
    }

    #[test]
    fn an_end_request_that_is_taken_back_leaves_the_contract_paused() {
        let ending = paused().then(TALENT, RequestEnd { contract_id: CONTRACT });
        assert_eq!(ending.contract().status(), ContractStatus::Ending);
        let back = ending.then(TALENT, WithdrawEnd { contract_id: CONTRACT });
        assert_eq!(back.contract().status(), ContractStatus::Paused);
    }

    #[test]
    fn the_talent_does_not_pause_and_nobody_before_the_contract_began() {
        given(funded_contract(usd(1))).when(TALENT, PAUSE).refused(Code::Forbidden);
        given(contract(&[usd(1)])).when(CLIENT, PAUSE).refused(Code::WrongState);
        given(funded_contract(usd(1))).when(CLIENT, RESUME).refused(Code::WrongState);
    }
}
