//! Whether an event of a contract's terms and course, or of what its milestones' money may do, can have happened in
//! this state.

use super::lawful::{agree, leads, milestone, moves};
use crate::command::CommandKind;
use crate::contract::{
    self, Contract, ContractEvent, ContractStatus, LOT_TRANSITIONS, LotStatus, MILESTONE_TRANSITIONS,
    MilestoneEvent, MilestoneStatus, Rest,
};
use crate::id::{ContractId, LotId};
use crate::refusal::Refusal;
use crate::stream::States;
use crate::time::Timestamp;

#[expect(clippy::wildcard_enum_match_arm, reason = "the caller names the others")]
pub(super) fn lawful_amendment(event: &ContractEvent, contract: &Contract) -> Result<(), Refusal> {
    let open = contract.amendment.as_ref().map(|amendment| amendment.number);
    let kind = match event {
        ContractEvent::AmendmentProposed(e) => {
            agree(open.is_none(), "one amendment is answered before the next")?;
            agree(e.number == contract.amendments.saturating_add(1), "amendments count without a gap")?;
            contract.amendable(&e.changes)?;
            CommandKind::ProposeAmendment
        }
        ContractEvent::AmendmentAccepted(e) => {
            agree(open == Some(e.number), "what is accepted is the open amendment")?;
            let changes = contract.amendment.as_ref().map(|amendment| &amendment.changes);
            changes.map_or(Ok(()), |changes| contract.amendable(changes))?;
            CommandKind::AcceptAmendment
        }
        ContractEvent::AmendmentRejected(e) => {
            agree(open == Some(e.number), "what is refused is the open amendment")?;
            CommandKind::RejectAmendment
        }
        ContractEvent::AmendmentWithdrawn(e) => {
            agree(open == Some(e.number), "what is taken back is the open amendment")?;
            CommandKind::WithdrawAmendment
        }
        _ => return Ok(()),
    };
    stays(contract, kind)
}

#[expect(clippy::wildcard_enum_match_arm, reason = "the caller names the others")]
pub(super) fn lawful_course(event: &ContractEvent, contract: &Contract) -> Result<(), Refusal> {
    let (kind, to) = match event {
        ContractEvent::Paused(e) => {
            agree(!contract.pauses.contains(&e.reason), "a contract is paused once for each reason")?;
            (CommandKind::PauseContract, ContractStatus::Paused)
        }
        ContractEvent::Resumed(e) => {
            agree(contract.pauses.contains(&e.reason), "a reason goes that stands")?;
            (CommandKind::ResumeContract, contract.without(e.reason))
        }
        ContractEvent::TerminationBegun(_) => (CommandKind::TerminateContract, ContractStatus::Terminating),
        ContractEvent::ReopenProposed(_) => {
            agree(contract.reopen_proposer().is_none(), "going on is proposed once")?;
            (CommandKind::ReopenContract, ContractStatus::Ended)
        }
        ContractEvent::Reopened(_) => {
            agree(contract.reopen_proposer().is_some(), "both sides go on, or none")?;
            (CommandKind::ReopenContract, contract.resumable())
        }
        _ => return Ok(()),
    };
    leads(contract::TRANSITIONS, Some(contract.status()), kind, to)
}

/// What is agreed, or is to be.
#[expect(clippy::wildcard_enum_match_arm, reason = "the caller names the others")]
pub(super) fn lawful_price(event: &MilestoneEvent, states: &States, at: Timestamp) -> Result<(), Refusal> {
    let contract = states.contract(event.contract_id())?;
    match event {
        MilestoneEvent::Proposed(e) => {
            agree(contract.milestone(e.milestone_id).is_err(), "a milestone is proposed once")?;
            agree(e.number == contract.next_number(), "milestones count without a gap")?;
            contract.can_add(&[e.amount])?;
            stays(contract, CommandKind::ProposeMilestone)?;
            leads(MILESTONE_TRANSITIONS, None, CommandKind::ProposeMilestone, MilestoneStatus::Proposed)
        }
        MilestoneEvent::ProposalAgreed(e) => {
            stays(contract, CommandKind::AgreeMilestone)?;
            let proposed = contract.milestone(e.milestone_id)?;
            moves(proposed, CommandKind::AgreeMilestone, MilestoneStatus::Agreed)
        }
        MilestoneEvent::DropProposed(e) => {
            let agreed = contract.milestone(e.milestone_id)?;
            agree(agreed.drop_proposer().is_none(), "doing without it is proposed once")?;
            moves(agreed, CommandKind::CancelMilestone, MilestoneStatus::Agreed)
        }
        MilestoneEvent::Dropped(e) => {
            let milestone = contract.milestone(e.milestone_id)?;
            let both = milestone.proposer().or(milestone.drop_proposer()).is_some();
            agree(both, "its proposer drops it, or both sides do")?;
            moves(milestone, CommandKind::CancelMilestone, MilestoneStatus::Cancelled)
        }
        MilestoneEvent::Revised(e) => {
            let milestone = contract.milestone(e.milestone_id)?;
            let unfunded = milestone.status() == MilestoneStatus::Agreed;
            agree(unfunded || e.amount.is_none(), "only an unfunded amount is amended")?;
            moves(milestone, CommandKind::AcceptAmendment, milestone.status())
        }
        MilestoneEvent::BonusPromised(e) => {
            agree(contract.milestone(e.milestone_id).is_err(), "a bonus is promised once")?;
            agree(e.number == contract.next_number(), "milestones count without a gap")?;
            contract.since_end(contract.windows.bonus_days, at)?;
            contract.can_add(&[e.amount])?;
            stays(contract, CommandKind::PayBonus)
        }
        _ => Ok(()),
    }
}

/// What its money may do.
#[expect(clippy::wildcard_enum_match_arm, reason = "the caller names the others")]
pub(super) fn lawful_funds(event: &MilestoneEvent, states: &States, at: Timestamp) -> Result<(), Refusal> {
    let id = event.contract_id();
    match event {
        MilestoneEvent::PartiallyReleased(e) => {
            let (_, milestone) = milestone(states, id, e.milestone_id)?;
            agree(!milestone.is_frozen(), "nothing is released while it is frozen")?;
            agree(milestone.work() == Some(e.work_id), "what is approved waits for review")?;
            agree((1..milestone.rest()).contains(&e.amount.minor()), "a part is less than the whole")?;
            let asked = e.rest == Rest::AskedBack;
            let to = if asked { MilestoneStatus::RefundRequested } else { MilestoneStatus::Funded };
            moves(milestone, CommandKind::PartiallyRelease, to)
        }
        MilestoneEvent::ReleasedEarly(e) => {
            let (_, milestone) = milestone(states, id, e.milestone_id)?;
            agree(!milestone.is_frozen(), "nothing is released while it is frozen")?;
            moves(milestone, CommandKind::ReleaseEarly, MilestoneStatus::Released)
        }
        MilestoneEvent::MoveProposed(e) => {
            let (contract, from) = milestone(states, id, e.milestone_id)?;
            let to = contract.milestone(e.to)?;
            let fits = to.amount == e.amount && e.amount.minor() <= from.rest();
            agree(fits && to.status() == MilestoneStatus::Agreed, "money moves to where it funds all")?;
            moves(from, CommandKind::MoveFunds, from.status())
        }
        MilestoneEvent::MoveDropped(e) => {
            let (_, milestone) = milestone(states, id, e.milestone_id)?;
            agree(milestone.moves_to().is_some(), "only a move that was proposed is dropped")?;
            moves(milestone, CommandKind::DropMove, milestone.status())
        }
        MilestoneEvent::FundsFrozen(e) => {
            let (_, milestone) = milestone(states, id, e.milestone_id)?;
            agree(!milestone.is_frozen(), "money is frozen once")?;
            moves(milestone, CommandKind::FreezeFunds, milestone.status())
        }
        MilestoneEvent::FundsUnfrozen(e) => {
            let (contract, milestone) = milestone(states, id, e.milestone_id)?;
            agree(milestone.is_frozen(), "what is unfrozen was frozen")?;
            let ends_at = milestone.resumed(&contract.windows, at);
            agree(e.ends_at == ends_at, "a window goes on for as long as it still had")
        }
        MilestoneEvent::EarningsFrozen(e) => {
            lot(states, (id, e.lot_id), CommandKind::FreezeEarnings, LotStatus::Frozen)
        }
        MilestoneEvent::EarningsUnfrozen(e) => {
            let resumed = states.contract(id)?.lot(e.lot_id)?.1.resumed(at);
            agree(resumed == Some(e.clears_at), "a lot goes on for as long as it still had")?;
            lot(states, (id, e.lot_id), CommandKind::UnfreezeEarnings, LotStatus::OnHold)
        }
        _ => Ok(()),
    }
}

fn lot(
    states: &States,
    (contract, lot): (ContractId, LotId),
    kind: CommandKind,
    to: LotStatus,
) -> Result<(), Refusal> {
    let stands = states.contract(contract)?.lot(lot)?.1.status();
    leads(LOT_TRANSITIONS, Some(stands), kind, to)
}

/// Whether a row of the contract's table lets `kind` leave it as it stands.
fn stays(contract: &Contract, kind: CommandKind) -> Result<(), Refusal> {
    leads(contract::TRANSITIONS, Some(contract.status()), kind, contract.status())
}
