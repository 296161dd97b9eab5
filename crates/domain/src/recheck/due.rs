//! What happens by itself happens when it is due: where a person may do it at any time, the system may when its timer
//! says so.

use super::Recorded;
use super::lawful::{agree, over};
use crate::account::{Account, AccountEvent};
use crate::contract::{ContractEvent, EscrowEvent, EscrowRefunded, MilestoneEvent, MilestoneStatus};
use crate::dispute::{Decision, DisputeEvent};
use crate::event::Event;
use crate::id::{PartyId, TypedId};
use crate::job::JobEvent;
use crate::payout::PayoutEvent;
use crate::refusal::{Code, Refusal};
use crate::stream::States;
use crate::timer::{Timer, TimerKind};

pub(super) fn in_time(event: &Event, states: &States, recorded: Recorded<'_>) -> Result<(), Refusal> {
    if !recorded.actor.starts_with("system:") {
        return overdue(event, states, recorded);
    }
    let Some((set, kind)) = timer(event, states)? else {
        return Ok(());
    };
    agree(over(&set, kind, recorded.at), "what happens by itself happens when it is due")
}

/// What only one side may do once it is overdue, it does then.
fn overdue(event: &Event, states: &States, recorded: Recorded<'_>) -> Result<(), Refusal> {
    let Event::Escrow(EscrowEvent::Refunded(e)) = event else {
        return Ok(());
    };
    let contract = states.contract(e.contract_id)?;
    if contract.is_end_agreed() || PartyId::parse(recorded.actor) != Ok(contract.client) {
        return Ok(());
    }
    let overdue_at = contract.overdue_at(contract.milestone(e.milestone_id)?);
    let overdue = overdue_at.is_some_and(|overdue_at| overdue_at <= recorded.at);
    if overdue {
        return Ok(());
    }
    Err(Refusal::new(
        Code::Forbidden,
        "the client takes back what is overdue, and the talent gives back the rest",
    ))
}

/// The timer by which the system records `event`, and those that are set; `None` for what needs none, or is about its
/// timer wherever it is recorded.
fn timer(event: &Event, states: &States) -> Result<Option<(Vec<Timer>, TimerKind)>, Refusal> {
    let of_contract = |id, kind| states.contract(id).map(|contract| Some((contract.timers(), kind)));
    match event {
        Event::Job(JobEvent::Closed(e)) => {
            Ok(Some((states.job(e.job_id)?.timers(), TimerKind::AutoCloseJob)))
        }
        Event::Contract(ContractEvent::Cancelled(e)) => {
            of_contract(e.contract_id, TimerKind::CancelUnfundedContract)
        }
        Event::Contract(ContractEvent::EndAgreed(e)) => of_contract(e.contract_id, TimerKind::AutoAgreeEnd),
        Event::Milestone(MilestoneEvent::Approved(e)) => {
            of_contract(e.contract_id, TimerKind::AutoApproveMilestone(e.milestone_id))
        }
        Event::Escrow(EscrowEvent::Refunded(e)) => of_refund(e, states),
        Event::Escrow(EscrowEvent::AwardApplied(e)) => {
            of_contract(e.contract_id, TimerKind::ExecuteAward(e.milestone_id))
        }
        Event::Dispute(event) => of_dispute(event, states),
        Event::Payout(PayoutEvent::Approved(e)) => {
            let payout = states.payout(e.of.payout_id)?;
            Ok(Some((payout.timers(), TimerKind::AutoApprovePayout)))
        }
        Event::Account(AccountEvent::HoldReleased(e)) => {
            let set = states.account(e.party_id, e.currency).map(Account::timers).unwrap_or_default();
            Ok(Some((set, TimerKind::LapsePayoutHold(e.reason))))
        }
        Event::Contract(_)
        | Event::Milestone(_)
        | Event::Escrow(_)
        | Event::Payout(_)
        | Event::Account(_)
        | Event::Marketplace(_)
        | Event::Job(_)
        | Event::Proposal(_)
        | Event::Deposit(_)
        | Event::Refund(_)
        | Event::Settlement(_)
        | Event::Process(_) => Ok(None),
    }
}

fn of_refund(e: &EscrowRefunded, states: &States) -> Result<Option<(Vec<Timer>, TimerKind)>, Refusal> {
    let contract = states.contract(e.contract_id)?;
    let timer = match contract.milestone(e.milestone_id)?.status() {
        MilestoneStatus::Funded if contract.is_end_agreed() => return Ok(None),
        MilestoneStatus::Funded | MilestoneStatus::ChangesRequested => {
            TimerKind::RefundHeldMilestone(e.milestone_id)
        }
        MilestoneStatus::Proposed
        | MilestoneStatus::Agreed
        | MilestoneStatus::Funding
        | MilestoneStatus::Submitted
        | MilestoneStatus::RefundRequested
        | MilestoneStatus::Disputed
        | MilestoneStatus::Resolved
        | MilestoneStatus::Approved
        | MilestoneStatus::Released
        | MilestoneStatus::Refunded
        | MilestoneStatus::Cancelled => TimerKind::AutoAgreeRefund(e.milestone_id),
    };
    Ok(Some((contract.timers(), timer)))
}

fn of_dispute(event: &DisputeEvent, states: &States) -> Result<Option<(Vec<Timer>, TimerKind)>, Refusal> {
    let kind = match event {
        DisputeEvent::Escalated(_) => TimerKind::AutoEscalateDispute,
        DisputeEvent::EvidenceSealed(_) => TimerKind::SealEvidence,
        DisputeEvent::ArbitrationOffered(_) => TimerKind::LapseRecommendation,
        DisputeEvent::DeadlineMissed(_) => TimerKind::MissDisputeDeadline,
        DisputeEvent::Finalized(_) => TimerKind::FinalizeAward,
        DisputeEvent::Decided(e) if e.decision == Decision::Default => TimerKind::DefaultDispute,
        DisputeEvent::Decided(_) => TimerKind::LapseArbitrationOffer,
        // Of these, time gives none.
        DisputeEvent::Opened(_)
        | DisputeEvent::Responded(_)
        | DisputeEvent::SettlementOffered(_)
        | DisputeEvent::EvidenceSubmitted(_)
        | DisputeEvent::QuestionAsked(_)
        | DisputeEvent::RecommendationIssued(_)
        | DisputeEvent::RecommendationAccepted(_)
        | DisputeEvent::FeePaid(_)
        | DisputeEvent::ArbitrationBegun(_)
        | DisputeEvent::Settled(_)
        | DisputeEvent::Appealed(_)
        | DisputeEvent::WithdrawalProposed(_)
        | DisputeEvent::Withdrawn(_)
        | DisputeEvent::FeesSettled(_)
        | DisputeEvent::Suspended(_)
        | DisputeEvent::Resumed(_) => return Ok(None),
    };
    states.dispute(event.dispute_id()).map(|dispute| Some((dispute.timers(), kind)))
}
