//! WithdrawDispute: the opener gives the dispute up; once there is a recommendation, only both together can. The money
//! thaws, and the milestone is as it was.

use super::{
    Dispute, DisputeEvent, DisputeStatus, DisputeWithdrawn, TRANSITIONS, WithdrawalProposed, WithdrawnBy,
};
use crate::command::CommandKind;
use crate::context::Context;
use crate::contract::refund_milestone::asked;
use crate::contract::{EscrowEvent, MILESTONE_TRANSITIONS, MilestoneStatus};
use crate::event::Event;
use crate::id::DisputeId;
use crate::proposal::Party;
use crate::refusal::{Code, Refusal};
use crate::stream::States;
use crate::transition::consult;
use serde::Serialize;

/// Gives a dispute up, or proposes to where both have to.
#[derive(Clone, Debug, Serialize)]
pub struct WithdrawDispute {
    /// The dispute.
    pub dispute_id: DisputeId,
}

pub(crate) fn decide(
    command: &WithdrawDispute,
    states: &States,
    cx: &Context,
) -> Result<Vec<Event>, Refusal> {
    let dispute = states.dispute(command.dispute_id)?;
    let side = dispute.side(&cx.actor)?;
    let stands = dispute.status();
    let role = side.role();
    let can = |to| consult(TRANSITIONS, Some(stands), CommandKind::WithdrawDispute, role, to);
    if !dispute.takes_both() {
        can(DisputeStatus::Withdrawn)?;
        if side != dispute.opened_by {
            return Err(Refusal::new(Code::WrongSide, "a dispute is withdrawn by who opened it"));
        }
        return withdrawn(dispute, (side, WithdrawnBy::Opener), states, cx);
    }
    match dispute.withdrawal_by {
        None => {
            can(stands)?;
            let proposed = WithdrawalProposed { dispute_id: dispute.id, side };
            Ok(vec![Event::Dispute(DisputeEvent::WithdrawalProposed(proposed))])
        }
        Some(by) if by == side => Err(Refusal::new(Code::WrongSide, "the other side has to give it up too")),
        Some(_) => {
            can(DisputeStatus::Withdrawn)?;
            withdrawn(dispute, (side, WithdrawnBy::Both), states, cx)
        }
    }
}

fn withdrawn(
    dispute: &Dispute,
    (side, by): (Party, WithdrawnBy),
    states: &States,
    cx: &Context,
) -> Result<Vec<Event>, Refusal> {
    let contract = states.contract(dispute.contract_id)?;
    let milestone = contract.milestone(dispute.milestone_id)?;
    milestone.not_frozen()?;
    let prior = milestone.prior().ok_or_else(|| Refusal::new(Code::WrongState, "nothing is frozen"))?;
    let kind = CommandKind::WithdrawDispute;
    consult(MILESTONE_TRANSITIONS, Some(milestone.status()), kind, side.role(), prior)?;
    let unfrozen = contract.unfrozen(milestone.id, dispute.id, cx.fresh())?;
    let given_up = DisputeEvent::Withdrawn(DisputeWithdrawn { dispute_id: dispute.id, by });
    let fees = dispute.fees_settled(None, states, cx)?;
    let mut events: Vec<_> = [given_up].into_iter().chain(fees).map(Event::Dispute).collect();
    events.push(Event::Escrow(EscrowEvent::Unfrozen(unfrozen)));
    // Once the end is agreed, what goes back to work is asked back at once, so that the end comes.
    let to_work = matches!(prior, MilestoneStatus::Funded | MilestoneStatus::ChangesRequested);
    events.extend((to_work && contract.is_end_agreed()).then(|| asked(contract, milestone, None, cx)));
    Ok(events)
}

impl Dispute {
    /// Whether only both sides together can give it up, where it stands.
    pub fn takes_both(&self) -> bool {
        match self.status() {
            DisputeStatus::Recommended | DisputeStatus::ArbitrationOffered | DisputeStatus::Arbitration => {
                true
            }
            DisputeStatus::AwaitingResponse
            | DisputeStatus::Negotiation
            | DisputeStatus::Mediation
            | DisputeStatus::Decided
            | DisputeStatus::Appealed
            | DisputeStatus::Settled
            | DisputeStatus::Final
            | DisputeStatus::Closed
            | DisputeStatus::Withdrawn
            | DisputeStatus::Suspended => false,
        }
    }
}
