//! Whether money of a milestone can have moved so in this state.

use super::deposits::about;
use super::lawful::{agree, milestone, moves, over};
use crate::command::CommandKind;
use crate::contract::{EarningsRefunded, EscrowEvent, EscrowMoved, Milestone, MilestoneStatus};
use crate::deposit::DepositStatus;
use crate::dispute::DisputeStatus;
use crate::id::{DisputeId, MilestoneId};
use crate::refusal::{Code, Refusal};
use crate::stream::States;
use crate::time::Timestamp;
use crate::timer::TimerKind;

pub(super) fn lawful_escrow(event: &EscrowEvent, states: &States, at: Timestamp) -> Result<(), Refusal> {
    match event {
        EscrowEvent::Funded(e) => {
            let deposit = states.deposit(e.deposit_id)?;
            about(deposit, e.contract_id, e.milestone_id)?;
            let confirmed = deposit.status() == DepositStatus::Confirmed;
            agree(confirmed, "only a confirmed deposit funds a milestone")?;
            let (_, milestone) = milestone(states, e.contract_id, e.milestone_id)?;
            let own = milestone.deposit() == Some(deposit.id);
            agree(own, "a milestone is funded by the deposit that it waits for")?;
            moves(milestone, CommandKind::ConfirmDeposit, MilestoneStatus::Funded)
        }
        EscrowEvent::Released(e) => {
            let (_, milestone) = milestone(states, e.contract_id, e.milestone_id)?;
            agree(!milestone.is_frozen(), "nothing is released while it is frozen")?;
            let whole = e.slice.gross == milestone.rest();
            let to = if whole { MilestoneStatus::Released } else { MilestoneStatus::Funded };
            let kinds = match (milestone.bonus, whole) {
                (true, true) => &[CommandKind::ReleaseBonus][..],
                (_, false) => &[CommandKind::PartiallyRelease],
                (false, true) => {
                    &[CommandKind::ApproveMilestone, CommandKind::ReleaseEarly, CommandKind::UnfreezeFunds]
                }
            };
            one_of(milestone, kinds, to)
        }
        EscrowEvent::Refunded(e) => {
            let (contract, milestone) = milestone(states, e.contract_id, e.milestone_id)?;
            agree(!milestone.is_frozen(), "nothing is refunded while it is frozen")?;
            let to = MilestoneStatus::Refunded;
            let by_end = contract.is_end_agreed() && moves(milestone, CommandKind::AgreeEnd, to).is_ok();
            if by_end {
                return Ok(());
            }
            one_of(
                milestone,
                &[
                    CommandKind::AgreeRefund,
                    CommandKind::RefundMilestone,
                    CommandKind::DemandRefund,
                    CommandKind::RefundHeldMilestone,
                ],
                to,
            )
        }
        EscrowEvent::Moved(e) => lawful_move(e, states),
        EscrowEvent::EarningsRefunded(e) => lawful_grant(e, states, at),
        EscrowEvent::Frozen(_) | EscrowEvent::Unfrozen(_) | EscrowEvent::AwardApplied(_) => {
            lawful_award(event, states)
        }
        EscrowEvent::EarningsCleared(e) => {
            let contract = states.contract(e.contract_id)?;
            let timer = TimerKind::ClearEarnings(e.lot_id);
            agree(over(&contract.timers(), timer, at), "earnings clear when their hold is over")
        }
    }
}

fn lawful_move(e: &EscrowMoved, states: &States) -> Result<(), Refusal> {
    let (contract, from) = milestone(states, e.contract_id, e.from)?;
    agree(!from.is_frozen(), "nothing moves while it is frozen")?;
    agree(from.moves_to() == Some((e.to, e.amount)), "money moves as it was proposed")?;
    let to = contract.milestone(e.to)?;
    agree(to.status() == MilestoneStatus::Agreed, "only a milestone without money is funded so")?;
    agree(to.amount == e.amount, "what moves is all that the other milestone needs")?;
    moves(from, CommandKind::AgreeMove, from.after_move(e.amount))?;
    moves(to, CommandKind::AgreeMove, MilestoneStatus::Funded)
}

fn lawful_grant(e: &EarningsRefunded, states: &States, at: Timestamp) -> Result<(), Refusal> {
    let (contract, milestone) = milestone(states, e.contract_id, e.milestone_id)?;
    contract.since_end(contract.windows.give_back_days, at)?;
    let left = milestone.charged.released.saturating_sub(milestone.granted.amount);
    agree(e.amount.minor() <= left, "no more is given back than was released")?;
    moves(milestone, CommandKind::GrantRefund, MilestoneStatus::Released)
}

fn one_of(milestone: &Milestone, kinds: &[CommandKind], to: MilestoneStatus) -> Result<(), Refusal> {
    let mut last = Err(Refusal::new(Code::WrongState, "nothing leads there"));
    for kind in kinds {
        last = moves(milestone, *kind, to);
        if last.is_ok() {
            break;
        }
    }
    last
}

/// What a dispute does to the money.
fn lawful_award(event: &EscrowEvent, states: &States) -> Result<(), Refusal> {
    match event {
        EscrowEvent::Frozen(e) => {
            let (_, milestone) = milestone(states, e.contract_id, e.milestone_id)?;
            let stands = if e.resumes { DisputeStatus::AwaitingResponse } else { DisputeStatus::Negotiation };
            disputed(states, e.dispute_id, e.milestone_id, &[stands])?;
            let kind = if e.resumes { CommandKind::OpenDispute } else { CommandKind::RejectRefund };
            moves(milestone, kind, MilestoneStatus::Disputed)
        }
        EscrowEvent::Unfrozen(e) => {
            let (_, milestone) = milestone(states, e.contract_id, e.milestone_id)?;
            disputed(states, e.dispute_id, e.milestone_id, &[DisputeStatus::Withdrawn])?;
            agree(!milestone.is_frozen(), "nothing moves while it is frozen")?;
            let to = milestone.prior().ok_or_else(|| Refusal::new(Code::WrongState, "nothing is frozen"))?;
            moves(milestone, CommandKind::WithdrawDispute, to)
        }
        EscrowEvent::AwardApplied(e) => {
            let (_, milestone) = milestone(states, e.contract_id, e.milestone_id)?;
            let stands = [DisputeStatus::Settled, DisputeStatus::Final];
            disputed(states, e.dispute_id, e.milestone_id, &stands)?;
            agree(!milestone.is_frozen(), "nothing moves while it is frozen")?;
            agree(milestone.dispute() == Some(e.dispute_id), "an award divides what its dispute has frozen")?;
            let agreed = states.dispute(e.dispute_id)?.shares;
            agree(agreed == Some(e.shares), "an award is what was agreed or decided")?;
            moves(milestone, CommandKind::ExecuteAward, MilestoneStatus::Resolved)
        }
        EscrowEvent::Funded(_)
        | EscrowEvent::Released(_)
        | EscrowEvent::Refunded(_)
        | EscrowEvent::EarningsCleared(_)
        | EscrowEvent::Moved(_)
        | EscrowEvent::EarningsRefunded(_) => Ok(()),
    }
}

/// What freezes or thaws a milestone is its own dispute, which stands so.
fn disputed(
    states: &States,
    id: DisputeId,
    milestone: MilestoneId,
    stands: &[DisputeStatus],
) -> Result<(), Refusal> {
    let dispute = states.dispute(id)?;
    agree(
        dispute.milestone_id == milestone && stands.contains(&dispute.status()),
        "escrow freezes and thaws with the milestone's dispute",
    )
}
