//! WithdrawDispute: the opener gives the dispute up. The escrow thaws, and the milestone is as it was.

use super::{DisputeEvent, DisputeStatus, DisputeWithdrawn, TRANSITIONS};
use crate::command::CommandKind;
use crate::context::{Context, Role};
use crate::contract::refund_milestone::asked;
use crate::contract::{EscrowEvent, MILESTONE_TRANSITIONS};
use crate::event::Event;
use crate::id::DisputeId;
use crate::refusal::{Code, Refusal};
use crate::stream::States;
use crate::transition::consult;
use serde::Serialize;

/// Gives a dispute up.
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
    match cx.actor.party() {
        Some(party) if party == dispute.opener => {}
        Some(party) if party == dispute.respondent => {
            return Err(Refusal::new(Code::WrongSide, "a dispute is withdrawn by who opened it"));
        }
        Some(_) | None => return Err(Refusal::not_found("dispute")),
    }
    let (kind, role) = (CommandKind::WithdrawDispute, Role::Client);
    consult(TRANSITIONS, Some(dispute.status()), kind, role, DisputeStatus::Withdrawn)?;
    let contract = states.contract(dispute.contract_id)?;
    let milestone = contract.milestone(dispute.milestone_id)?;
    let prior = milestone.prior().ok_or_else(|| Refusal::new(Code::WrongState, "nothing is frozen"))?;
    consult(MILESTONE_TRANSITIONS, Some(milestone.status()), kind, role, prior)?;
    let unfrozen = contract.unfrozen(milestone.id, dispute.id, cx.fresh())?;
    let mut events = vec![
        Event::Dispute(DisputeEvent::Withdrawn(DisputeWithdrawn { dispute_id: dispute.id })),
        Event::Escrow(EscrowEvent::Unfrozen(unfrozen)),
    ];
    // Once the end is agreed, what goes back to work is asked back at once, so that the end comes.
    events.extend(contract.is_end_agreed().then(|| asked(contract, milestone, None, cx)));
    Ok(events)
}
