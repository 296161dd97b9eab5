//! Milestones of a contract that is under way: one side proposes, the other agrees; both can do without one that nobody
//! funded.

use super::refund_milestone::named;
use super::{
    Contract, MILESTONE_TRANSITIONS, MilestoneDropProposed, MilestoneDropped, MilestoneEvent,
    MilestoneProposalAgreed, MilestoneProposed, MilestoneStatus, TRANSITIONS,
};
use crate::command::CommandKind;
use crate::context::{Context, Role};
use crate::event::Event;
use crate::id::{ContractId, MilestoneId};
use crate::money::Money;
use crate::personal::Personal;
use crate::policy::MILESTONES_MAX;
use crate::refusal::{Code, Refusal};
use crate::stream::States;
use crate::text::Title;
use crate::transition::consult;
use serde::Serialize;

/// Proposes a further milestone.
#[derive(Clone, Debug, Serialize)]
pub struct ProposeMilestone {
    /// The contract.
    pub contract_id: ContractId,
    /// One line.
    pub title: Title,
    /// What escrow will hold.
    pub amount: Money,
}

/// Agrees to a milestone that the other side proposed.
#[derive(Clone, Debug, Serialize)]
pub struct AgreeMilestone {
    /// The contract.
    pub contract_id: ContractId,
    /// The milestone.
    pub milestone_id: MilestoneId,
}

/// Does without a milestone: the proposer before the other side agreed, or both sides while it is unfunded.
#[derive(Clone, Debug, Serialize)]
pub struct CancelMilestone {
    /// The contract.
    pub contract_id: ContractId,
    /// The milestone.
    pub milestone_id: MilestoneId,
}

pub(crate) fn propose(
    command: &ProposeMilestone,
    states: &States,
    cx: &Context,
) -> Result<Vec<Event>, Refusal> {
    let contract = states.contract(command.contract_id)?;
    let proposer = contract.side(&cx.actor)?;
    let by = (CommandKind::ProposeMilestone, proposer.role());
    goes_on(contract, by)?;
    consult(MILESTONE_TRANSITIONS, None, by.0, by.1, MilestoneStatus::Proposed)?;
    contract.can_add(&[command.amount]).map_err(|refusal| refusal.at("amount"))?;
    Ok(vec![Event::Milestone(MilestoneEvent::Proposed(MilestoneProposed {
        contract_id: contract.id,
        milestone_id: cx.fresh(),
        number: contract.next_number(),
        title: Personal::Clear(command.title.clone()),
        amount: command.amount,
        proposer,
    }))])
}

pub(crate) fn agree(command: &AgreeMilestone, states: &States, cx: &Context) -> Result<Vec<Event>, Refusal> {
    let (contract, milestone, role) = named(states, command.contract_id, command.milestone_id, cx)?;
    let kind = CommandKind::AgreeMilestone;
    goes_on(contract, (kind, role))?;
    consult(MILESTONE_TRANSITIONS, Some(milestone.status()), kind, role, MilestoneStatus::Agreed)?;
    if milestone.proposer().is_some_and(|proposer| proposer.role() == role) {
        return Err(Refusal::new(Code::WrongSide, "the other side agrees to a milestone"));
    }
    Ok(vec![Event::Milestone(MilestoneEvent::ProposalAgreed(MilestoneProposalAgreed {
        contract_id: contract.id,
        milestone_id: milestone.id,
    }))])
}

pub(crate) fn cancel(
    command: &CancelMilestone,
    states: &States,
    cx: &Context,
) -> Result<Vec<Event>, Refusal> {
    let (contract, milestone, role) = named(states, command.contract_id, command.milestone_id, cx)?;
    let (kind, stands) = (CommandKind::CancelMilestone, Some(milestone.status()));
    consult(MILESTONE_TRANSITIONS, stands, kind, role, MilestoneStatus::Cancelled)?;
    let (contract_id, milestone_id) = (contract.id, milestone.id);
    let side = contract.side(&cx.actor)?;
    let event = match (milestone.proposer(), milestone.drop_proposer()) {
        (Some(proposer), _) if proposer != side => {
            return Err(Refusal::new(Code::WrongSide, "the side that proposed it takes it back"));
        }
        (None, Some(proposer)) if proposer == side => {
            return Err(Refusal::new(
                Code::AlreadyRecorded,
                "the other side has yet to agree to do without it",
            ));
        }
        (Some(_), _) | (None, Some(_)) => {
            MilestoneEvent::Dropped(MilestoneDropped { contract_id, milestone_id })
        }
        (None, None) => {
            MilestoneEvent::DropProposed(MilestoneDropProposed { contract_id, milestone_id, proposer: side })
        }
    };
    Ok(vec![Event::Milestone(event)])
}

/// That the contract takes new work.
fn goes_on(contract: &Contract, (kind, role): (CommandKind, Role)) -> Result<(), Refusal> {
    consult(TRANSITIONS, Some(contract.status()), kind, role, contract.status())
}

impl Contract {
    /// The number of the next milestone.
    pub(crate) fn next_number(&self) -> u16 {
        self.milestones.iter().map(|milestone| milestone.number).max().unwrap_or(0).saturating_add(1)
    }

    /// That milestones of these amounts can come to those that there are: not too many, each above zero, in the
    /// contract's currency, and all in sum, with the client's charge on top, no more than an amount can be.
    pub(crate) fn can_add(&self, amounts: &[Money]) -> Result<(), Refusal> {
        if self.milestones.len() + amounts.len() > usize::from(MILESTONES_MAX) {
            let message = format!("a contract has at most {MILESTONES_MAX} milestones, cancelled ones too");
            return Err(Refusal::new(Code::CountOutOfRange, message));
        }
        let mut total = Money::new(0, self.currency)?;
        let stand = self.milestones.iter().map(|milestone| milestone.amount);
        for amount in stand.chain(amounts.iter().copied()) {
            let charge = amount.with_minor(self.fees.client_charge(amount.minor()).total())?;
            total = total.plus(amount)?.plus(charge)?;
        }
        amounts.iter().try_for_each(|amount| amount.positive().map(drop))
    }
}

#[cfg(test)]
mod tests {
    use super::{AgreeMilestone, CancelMilestone, ProposeMilestone};
    use crate::contract::{MilestoneStatus, PauseContract};
    use crate::id::MilestoneId;
    use crate::money::Money;
    use crate::policy::MILESTONES_MAX;
    use crate::refusal::Code;
    use crate::scenario::working::{ended, line};
    use crate::scenario::{
        CLIENT, CONTRACT, Given, STRANGER, TALENT, contract, funded_contract, given, milestone, usd,
    };

    fn propose(minor: i64) -> ProposeMilestone {
        ProposeMilestone { contract_id: CONTRACT, title: line(), amount: usd(minor) }
    }

    fn proposed() -> (Given, MilestoneId) {
        let given = given(funded_contract(usd(250_000))).then(TALENT, propose(100));
        let id = given.contract().milestones[1].id;
        (given, id)
    }

    fn agree(milestone_id: MilestoneId) -> AgreeMilestone {
        AgreeMilestone { contract_id: CONTRACT, milestone_id }
    }

    fn cancel(milestone_id: MilestoneId) -> CancelMilestone {
        CancelMilestone { contract_id: CONTRACT, milestone_id }
    }

    #[test]
    fn a_milestone_is_part_of_the_contract_when_the_other_side_agrees() {
        let (proposed, id) = proposed();
        proposed.clone().when(TALENT, agree(id)).refused(Code::WrongSide);
        proposed.clone().when(STRANGER, agree(id)).refused(Code::NotFound);
        let agreed = proposed.then(CLIENT, agree(id));
        let second = &agreed.contract().milestones[1];
        assert_eq!((second.status(), second.number, second.amount), (MilestoneStatus::Agreed, 2, usd(100)));
        agreed.when(CLIENT, agree(id)).refused(Code::WrongState);
    }

    #[test]
    fn the_proposer_takes_a_milestone_back_that_nobody_agreed_to() {
        let (proposed, id) = proposed();
        proposed.clone().when(CLIENT, cancel(id)).refused(Code::WrongSide);
        let dropped = proposed.then(TALENT, cancel(id));
        assert_eq!(dropped.contract().milestones[1].status(), MilestoneStatus::Cancelled);
    }

    #[test]
    fn both_sides_do_without_a_milestone_that_nobody_funded() {
        let two = given(contract(&[usd(1), usd(2)])).then(TALENT, cancel(milestone(2)));
        assert_eq!(two.status(2), MilestoneStatus::Agreed);
        two.clone().when(TALENT, cancel(milestone(2))).refused(Code::AlreadyRecorded);
        assert_eq!(two.then(CLIENT, cancel(milestone(2))).status(2), MilestoneStatus::Cancelled);
        given(funded_contract(usd(1))).when(CLIENT, cancel(milestone(1))).refused(Code::WrongState);
    }

    #[test]
    fn a_contract_that_is_paused_or_over_takes_no_milestone() {
        let paused = given(funded_contract(usd(1))).then(CLIENT, PauseContract { contract_id: CONTRACT });
        paused.when(TALENT, propose(100)).refused(Code::WrongState);
        ended(usd(250_000)).when(TALENT, propose(100)).refused(Code::WrongState);
    }

    #[test]
    fn milestones_are_bounded_in_number_and_in_sum() {
        given(contract(&[usd(1)])).when(CLIENT, propose(0)).refused_at(Code::AmountNotPositive, "amount");
        given(contract(&[usd(1)]))
            .when(CLIENT, propose(Money::MINOR_MAX))
            .refused_at(Code::AmountTooLarge, "amount");
        let euro = ProposeMilestone { amount: Money::parse("1", "EUR").unwrap(), ..propose(1) };
        given(contract(&[usd(1)])).when(CLIENT, euro).refused_at(Code::CurrencyMismatch, "amount");
        let full = vec![usd(1); usize::from(MILESTONES_MAX)];
        given(contract(&full)).when(CLIENT, propose(1)).refused_at(Code::CountOutOfRange, "amount");
    }
}
