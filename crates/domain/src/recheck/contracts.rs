//! Whether an event of a contract or its work can have happened in this state.

use super::lawful::{agree, leads, milestone, moves};
use super::terms;
use crate::command::CommandKind;
use crate::contract::{
    self, ContractEvent, ContractStatus, MilestoneEvent, MilestoneRefundRequested, MilestoneStatus,
};
use crate::refusal::{Code, Refusal};
use crate::stream::States;
use crate::time::Timestamp;

pub(super) fn lawful_ending(event: &ContractEvent, states: &States, at: Timestamp) -> Result<(), Refusal> {
    let contract = states.contract(event.contract_id())?;
    let moves = |kind, to| leads(contract::TRANSITIONS, Some(contract.status()), kind, to);
    match event {
        ContractEvent::Created(_) => Ok(()),
        ContractEvent::Cancelled(e) => {
            agree(e.job_id == contract.job_id, "the place goes back to the job that hired")?;
            agree(contract.holds_nothing(), "milestones are cancelled before their contract")?;
            moves(CommandKind::CancelContract, ContractStatus::Cancelled)
        }
        ContractEvent::EndRequested(e) => {
            let answer_by = at.plus_days(contract.windows.end_answer_days);
            agree(e.answer_by == answer_by, "an end is answered within the contract's window")?;
            moves(CommandKind::RequestEnd, ContractStatus::Ending)
        }
        ContractEvent::EndWithdrawn(_) => {
            agree(contract.end_requester().is_some(), "only a request is withdrawn")?;
            moves(CommandKind::WithdrawEnd, contract.resumable())
        }
        ContractEvent::EndAgreed(_) => {
            agree(contract.end_requester().is_some(), "only a request is agreed to")?;
            moves(CommandKind::AgreeEnd, ContractStatus::Ending)
        }
        ContractEvent::EndDisputed(_) => {
            agree(contract.end_requester().is_some(), "only a request is answered")?;
            moves(CommandKind::DisputeEnd, ContractStatus::Ending)
        }
        ContractEvent::Ended(_) => {
            let agreed = contract.is_end_agreed() && contract.holds_nothing();
            agree(agreed, "a contract ends when that is agreed and nothing is held")?;
            let terminated = contract.status() == ContractStatus::Terminating;
            let to = if terminated { ContractStatus::Terminated } else { ContractStatus::Ended };
            moves(CommandKind::SettleEnd, to)
        }
        ContractEvent::AmendmentProposed(_)
        | ContractEvent::AmendmentAccepted(_)
        | ContractEvent::AmendmentRejected(_)
        | ContractEvent::AmendmentWithdrawn(_) => terms::lawful_amendment(event, contract),
        ContractEvent::Paused(_)
        | ContractEvent::Resumed(_)
        | ContractEvent::TerminationBegun(_)
        | ContractEvent::ReopenProposed(_)
        | ContractEvent::Reopened(_) => terms::lawful_course(event, contract),
    }
}

fn lawful_request(e: &MilestoneRefundRequested, states: &States, at: Timestamp) -> Result<(), Refusal> {
    let (contract, milestone) = milestone(states, e.contract_id, e.milestone_id)?;
    let answer_by = at.plus_days(contract.windows.refund_answer_days);
    agree(e.answer_by == answer_by, "a refund is answered within the contract's window")?;
    agree(e.reasons.is_some() || contract.is_end_agreed(), "only an agreed end asks without a word")?;
    moves(milestone, CommandKind::RequestRefund, MilestoneStatus::RefundRequested)
}

pub(super) fn lawful_milestone(
    event: &MilestoneEvent,
    states: &States,
    at: Timestamp,
) -> Result<(), Refusal> {
    match event {
        MilestoneEvent::Agreed(e) => {
            let contract = states.contract(e.contract_id)?;
            agree(contract.currency == e.amount.currency(), "a contract has one currency")?;
            agree(contract.milestone(e.milestone_id).is_err(), "a milestone is agreed once")?;
            agree(e.number == contract.next_number(), "milestones count without a gap")
        }
        MilestoneEvent::WorkSubmitted(e) => {
            let (contract, milestone) = milestone(states, e.contract_id, e.milestone_id)?;
            agree(
                e.review_ends_at == at.plus_days(contract.windows.review_days),
                "a review takes the contract's window",
            )?;
            agree(!milestone.bonus, "nobody works on a bonus")?;
            moves(milestone, CommandKind::SubmitWork, MilestoneStatus::Submitted)
        }
        MilestoneEvent::ChangesRequested(e) => {
            let (_, milestone) = milestone(states, e.contract_id, e.milestone_id)?;
            agree(milestone.work() == Some(e.work_id), "what is sent back waits for review")?;
            moves(milestone, CommandKind::RequestChanges, MilestoneStatus::ChangesRequested)
        }
        MilestoneEvent::Approved(e) => {
            let (_, milestone) = milestone(states, e.contract_id, e.milestone_id)?;
            agree(milestone.work() == Some(e.work_id), "what is approved waits for review")?;
            let waits = milestone.is_frozen();
            let to = if waits { MilestoneStatus::Approved } else { MilestoneStatus::Released };
            moves(milestone, CommandKind::ApproveMilestone, to)
        }
        MilestoneEvent::RefundRequested(e) => lawful_request(e, states, at),
        MilestoneEvent::RefundRequestWithdrawn(e) => {
            let (_, milestone) = milestone(states, e.contract_id, e.milestone_id)?;
            let to = milestone.prior().ok_or_else(|| Refusal::new(Code::WrongState, "nothing was asked"))?;
            moves(milestone, CommandKind::WithdrawRefundRequest, to)
        }
        MilestoneEvent::Cancelled(e) => {
            let (_, milestone) = milestone(states, e.contract_id, e.milestone_id)?;
            moves(milestone, CommandKind::CancelContract, MilestoneStatus::Cancelled)
        }
        MilestoneEvent::Proposed(_)
        | MilestoneEvent::ProposalAgreed(_)
        | MilestoneEvent::DropProposed(_)
        | MilestoneEvent::Dropped(_)
        | MilestoneEvent::Revised(_)
        | MilestoneEvent::BonusPromised(_) => terms::lawful_price(event, states, at),
        MilestoneEvent::PartiallyReleased(_)
        | MilestoneEvent::ReleasedEarly(_)
        | MilestoneEvent::MoveProposed(_)
        | MilestoneEvent::MoveDropped(_)
        | MilestoneEvent::FundsFrozen(_)
        | MilestoneEvent::FundsUnfrozen(_)
        | MilestoneEvent::EarningsFrozen(_)
        | MilestoneEvent::EarningsUnfrozen(_) => terms::lawful_funds(event, states, at),
    }
}
