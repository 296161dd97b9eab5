//! Amendments: one side proposes to change what was agreed, the other accepts all of it or nothing. An amount changes
//! only while its milestone is unfunded, and nothing changes of work that was handed in.

use super::state::Amendment;
use super::{
    AmendmentAccepted, AmendmentProposed, AmendmentRejected, AmendmentWithdrawn, Change, Contract,
    ContractEvent, MILESTONE_TRANSITIONS, MilestoneAgreed, MilestoneEvent, MilestoneRevised, MilestoneStatus,
    TRANSITIONS,
};
use crate::command::CommandKind;
use crate::context::{Context, Role};
use crate::event::Event;
use crate::id::ContractId;
use crate::money::Money;
use crate::policy::MILESTONES_MAX;
use crate::proposal::Party;
use crate::refusal::{Code, Refusal};
use crate::stream::States;
use crate::transition::consult;
use serde::Serialize;

/// Proposes to change what was agreed.
#[derive(Clone, Debug, Serialize)]
pub struct ProposeAmendment {
    /// The contract.
    pub contract_id: ContractId,
    /// What changes, all of it or nothing.
    pub changes: Vec<Change>,
}

/// Accepts an amendment, which makes its changes.
#[derive(Clone, Debug, Serialize)]
pub struct AcceptAmendment {
    /// The contract.
    pub contract_id: ContractId,
    /// Which amendment, so that nobody accepts what they didn't read.
    pub number: u32,
}

/// Refuses an amendment.
#[derive(Clone, Debug, Serialize)]
pub struct RejectAmendment {
    /// The contract.
    pub contract_id: ContractId,
    /// Which amendment.
    pub number: u32,
}

/// Takes an amendment back.
#[derive(Clone, Debug, Serialize)]
pub struct WithdrawAmendment {
    /// The contract.
    pub contract_id: ContractId,
    /// Which amendment.
    pub number: u32,
}

pub(crate) fn propose(
    command: &ProposeAmendment,
    states: &States,
    cx: &Context,
) -> Result<Vec<Event>, Refusal> {
    let contract = states.contract(command.contract_id)?;
    let proposer = contract.side(&cx.actor)?;
    stays(contract, CommandKind::ProposeAmendment, proposer.role())?;
    if contract.amendment.is_some() {
        return Err(Refusal::new(Code::WrongState, "one amendment is answered before the next is proposed"));
    }
    contract.amendable(&command.changes)?;
    Ok(vec![Event::Contract(ContractEvent::AmendmentProposed(AmendmentProposed {
        contract_id: contract.id,
        number: contract.amendments.saturating_add(1),
        proposer,
        changes: command.changes.clone(),
    }))])
}

pub(crate) fn accept(
    command: &AcceptAmendment,
    states: &States,
    cx: &Context,
) -> Result<Vec<Event>, Refusal> {
    let contract = states.contract(command.contract_id)?;
    let side = contract.side(&cx.actor)?;
    let (kind, role) = (CommandKind::AcceptAmendment, side.role());
    stays(contract, kind, role)?;
    let amendment = contract.open_amendment(command.number)?;
    answered_by(side, amendment.proposer.other(), "the other side accepts an amendment")?;
    contract.amendable(&amendment.changes)?;
    let (contract_id, number) = (contract.id, amendment.number);
    let accepted = AmendmentAccepted { contract_id, number };
    let mut events = vec![Event::Contract(ContractEvent::AmendmentAccepted(accepted))];
    for change in &amendment.changes {
        let added = events.iter().filter(|event| is_added(event)).count();
        events.push(changed(contract, change, u16::try_from(added).unwrap_or(u16::MAX), cx));
        consult_change(contract, change, role)?;
    }
    Ok(events)
}

fn is_added(event: &Event) -> bool {
    matches!(event, Event::Milestone(MilestoneEvent::Agreed(_)))
}

/// The fact that one change of an accepted amendment is made, after `added` milestones of the same.
fn changed(contract: &Contract, change: &Change, added: u16, cx: &Context) -> Event {
    Event::Milestone(match change {
        Change::Add { title, amount } => MilestoneEvent::Agreed(MilestoneAgreed {
            contract_id: contract.id,
            milestone_id: cx.fresh(),
            number: contract.next_number().saturating_add(added),
            title: title.clone(),
            amount: *amount,
        }),
        Change::Revise { milestone_id, title, amount } => MilestoneEvent::Revised(MilestoneRevised {
            contract_id: contract.id,
            milestone_id: *milestone_id,
            title: title.clone(),
            amount: *amount,
        }),
    })
}

fn consult_change(contract: &Contract, change: &Change, role: Role) -> Result<(), Refusal> {
    let kind = CommandKind::AcceptAmendment;
    match change {
        Change::Add { .. } => consult(MILESTONE_TRANSITIONS, None, kind, role, MilestoneStatus::Agreed),
        Change::Revise { milestone_id, .. } => {
            let stands = contract.milestone(*milestone_id)?.status();
            consult(MILESTONE_TRANSITIONS, Some(stands), kind, role, stands)
        }
    }
}

pub(crate) fn reject(
    command: &RejectAmendment,
    states: &States,
    cx: &Context,
) -> Result<Vec<Event>, Refusal> {
    let contract = states.contract(command.contract_id)?;
    let side = contract.side(&cx.actor)?;
    stays(contract, CommandKind::RejectAmendment, side.role())?;
    let amendment = contract.open_amendment(command.number)?;
    answered_by(side, amendment.proposer.other(), "the other side refuses an amendment")?;
    let rejected = AmendmentRejected { contract_id: contract.id, number: amendment.number };
    Ok(vec![Event::Contract(ContractEvent::AmendmentRejected(rejected))])
}

pub(crate) fn withdraw(
    command: &WithdrawAmendment,
    states: &States,
    cx: &Context,
) -> Result<Vec<Event>, Refusal> {
    let contract = states.contract(command.contract_id)?;
    let side = contract.side(&cx.actor)?;
    stays(contract, CommandKind::WithdrawAmendment, side.role())?;
    let amendment = contract.open_amendment(command.number)?;
    answered_by(side, amendment.proposer, "the side that proposed it takes it back")?;
    let withdrawn = AmendmentWithdrawn { contract_id: contract.id, number: amendment.number };
    Ok(vec![Event::Contract(ContractEvent::AmendmentWithdrawn(withdrawn))])
}

fn stays(contract: &Contract, kind: CommandKind, role: Role) -> Result<(), Refusal> {
    consult(TRANSITIONS, Some(contract.status()), kind, role, contract.status())
}

fn answered_by(side: Party, expected: Party, message: &'static str) -> Result<(), Refusal> {
    if side == expected { Ok(()) } else { Err(Refusal::new(Code::WrongSide, message)) }
}

impl Contract {
    /// The amendment of this number, if it is the one that waits for an answer.
    fn open_amendment(&self, number: u32) -> Result<&Amendment, Refusal> {
        let open = self.amendment.as_ref().filter(|amendment| amendment.number == number);
        open.ok_or_else(|| {
            Refusal::new(Code::WrongState, "this amendment doesn't wait for an answer").at("number")
        })
    }

    /// That all of `changes` can be made as the milestones stand.
    pub(crate) fn amendable(&self, changes: &[Change]) -> Result<(), Refusal> {
        if changes.is_empty() || changes.len() > usize::from(MILESTONES_MAX) {
            let message = format!("expected 1 to {MILESTONES_MAX} changes");
            return Err(Refusal::new(Code::CountOutOfRange, message).at("changes"));
        }
        let mut added: Vec<Money> = Vec::new();
        for (i, change) in changes.iter().enumerate() {
            let amount = self.revisable(change, &changes[..i]);
            added.extend(amount.map_err(|refusal| refusal.at(format!("changes[{i}]")))?);
        }
        self.can_add(&added).map_err(|refusal| refusal.at("changes"))
    }

    /// What a change adds to what is agreed, if it can be made.
    fn revisable(&self, change: &Change, before: &[Change]) -> Result<Option<Money>, Refusal> {
        let (milestone_id, title, amount) = match change {
            Change::Add { amount, .. } => return Ok(Some(*amount)),
            Change::Revise { milestone_id, title, amount } => (*milestone_id, title, *amount),
        };
        let milestone = self.milestone(milestone_id).map_err(|refusal| refusal.at("milestoneId"))?;
        let again =
            |other: &Change| matches!(other, Change::Revise { milestone_id: id, .. } if *id == milestone_id);
        if before.iter().any(again) || title.is_none() && amount.is_none() {
            let message = "each milestone is revised once, in its title, its amount or both";
            return Err(Refusal::new(Code::CountOutOfRange, message).at("milestoneId"));
        }
        let stands = milestone.status();
        match amount {
            Some(_) if stands != MilestoneStatus::Agreed => {
                let message =
                    "only an unfunded amount is amended: release a part, refund, or add a milestone";
                Err(Refusal::new(Code::WrongState, message).at("amount"))
            }
            None if !matches!(stands, MilestoneStatus::Agreed | MilestoneStatus::Funded) => {
                Err(Refusal::new(Code::WrongState, "nothing changes of what was handed in or is over"))
            }
            // The sum is bounded with the old amount beside the new one: never less than what it will be.
            Some(amount) => amount.positive().map(Some).map_err(|refusal| refusal.at("amount")),
            None => Ok(None),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::{AgreeEnd, ContractStatus, RequestEnd};
    use crate::personal::Personal;
    use crate::scenario::working::line;
    use crate::scenario::{
        CLIENT, CONTRACT, Given, STRANGER, TALENT, contract, funded_first, given, milestone, usd, work,
    };

    fn running() -> Given {
        given(funded_first(&[usd(250_000), usd(100)]))
    }

    fn add(minor: i64) -> Change {
        Change::Add { title: Personal::Clear(line()), amount: usd(minor) }
    }

    fn reprice(number: u16, minor: i64) -> Change {
        Change::Revise { milestone_id: milestone(number), title: None, amount: Some(usd(minor)) }
    }

    fn retitle(number: u16) -> Change {
        let title = Some(Personal::Clear(line()));
        Change::Revise { milestone_id: milestone(number), title, amount: None }
    }

    fn propose(changes: &[Change]) -> ProposeAmendment {
        ProposeAmendment { contract_id: CONTRACT, changes: changes.to_vec() }
    }

    const ACCEPT: AcceptAmendment = AcceptAmendment { contract_id: CONTRACT, number: 1 };
    const REJECT: RejectAmendment = RejectAmendment { contract_id: CONTRACT, number: 1 };
    const WITHDRAW: WithdrawAmendment = WithdrawAmendment { contract_id: CONTRACT, number: 1 };

    #[test]
    fn an_amendment_that_the_other_side_accepts_makes_all_its_changes() {
        let changes = [add(300), reprice(2, 200), retitle(1), add(400)];
        let proposed = running().then(TALENT, propose(&changes));
        assert_eq!(proposed.milestone(2).amount, usd(100), "until it is accepted");
        proposed.clone().when(TALENT, ACCEPT).refused(Code::WrongSide);
        proposed.clone().when(STRANGER, ACCEPT).refused(Code::NotFound);
        let accepted = proposed.then(CLIENT, ACCEPT);
        let milestones = accepted.contract().milestones;
        let amounts: Vec<_> = milestones.iter().map(|m| (m.number, m.amount.minor())).collect();
        assert_eq!(amounts, [(1, 250_000), (2, 200), (3, 300), (4, 400)]);
        accepted.when(CLIENT, ACCEPT).refused_at(Code::WrongState, "number");
    }

    #[test]
    fn an_amendment_is_refused_by_one_side_or_taken_back_by_the_other() {
        let proposed = || running().then(CLIENT, propose(&[add(300)]));
        proposed().when(CLIENT, REJECT).refused(Code::WrongSide);
        proposed().when(TALENT, WITHDRAW).refused(Code::WrongSide);
        for answered in [proposed().then(TALENT, REJECT), proposed().then(CLIENT, WITHDRAW)] {
            answered.clone().when(TALENT, ACCEPT).refused_at(Code::WrongState, "number");
            assert_eq!(answered.contract().milestones.len(), 2);
            let next = answered.then(TALENT, propose(&[add(300)]));
            assert_eq!(next.contract().amendment.map(|open| open.number), Some(2));
        }
    }

    #[test]
    fn one_amendment_is_open_at_a_time_and_is_accepted_by_its_number() {
        let proposed = running().then(CLIENT, propose(&[add(300)]));
        proposed.clone().when(TALENT, propose(&[add(1)])).refused(Code::WrongState);
        let other = AcceptAmendment { number: 2, ..ACCEPT };
        proposed.when(TALENT, other).refused_at(Code::WrongState, "number");
    }

    #[test]
    fn a_funded_amount_and_work_that_was_handed_in_are_not_amended() {
        running().when(CLIENT, propose(&[reprice(1, 1)])).refused_at(Code::WrongState, "changes[0].amount");
        let submitted = running().and([work()]);
        submitted.when(CLIENT, propose(&[add(1), retitle(1)])).refused_at(Code::WrongState, "changes[1]");
    }

    #[test]
    fn what_is_funded_between_proposal_and_acceptance_keeps_its_price() {
        let proposed = running().then(CLIENT, propose(&[reprice(2, 1)]));
        let funding = proposed.then(CLIENT, crate::scenario::fund(milestone(2)));
        funding.when(TALENT, ACCEPT).refused_at(Code::WrongState, "changes[0].amount");
    }

    #[test]
    fn an_amendment_changes_something_and_each_milestone_once() {
        let refused = |changes: &[Change], code, field| {
            running().when(CLIENT, propose(changes)).refused_at(code, field);
        };
        refused(&[], Code::CountOutOfRange, "changes");
        refused(&[reprice(2, 1), retitle(2)], Code::CountOutOfRange, "changes[1].milestoneId");
        let nothing = Change::Revise { milestone_id: milestone(2), title: None, amount: None };
        refused(&[nothing], Code::CountOutOfRange, "changes[0].milestoneId");
        refused(&[reprice(9, 1)], Code::NotFound, "changes[0].milestoneId");
        refused(&[reprice(2, 0)], Code::AmountNotPositive, "changes[0].amount");
        refused(&[add(Money::MINOR_MAX)], Code::AmountTooLarge, "changes");
    }

    #[test]
    fn only_a_contract_under_way_is_amended_and_its_end_drops_what_is_open() {
        given(contract(&[usd(1)])).when(CLIENT, propose(&[add(1)])).refused(Code::WrongState);
        let ending = running()
            .then(CLIENT, propose(&[add(300)]))
            .then(CLIENT, RequestEnd { contract_id: CONTRACT })
            .then(TALENT, AgreeEnd { contract_id: CONTRACT });
        assert_eq!(ending.contract().status(), ContractStatus::Ending);
        assert_eq!(ending.contract().amendment, None);
    }
}
