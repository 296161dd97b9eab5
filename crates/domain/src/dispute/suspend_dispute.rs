//! SuspendDispute and ResumeDispute: while a chargeback is open nobody's clock runs.

use super::{DisputeEvent, DisputeResumed, DisputeStatus, DisputeSuspended, by_role};
use crate::command::CommandKind;
use crate::context::{Context, Role};
use crate::event::Event;
use crate::id::DisputeId;
use crate::refusal::{Code, Refusal};
use crate::stream::States;
use serde::Serialize;

/// Lets a dispute rest.
#[derive(Clone, Debug, Serialize)]
pub struct SuspendDispute {
    /// The dispute.
    pub dispute_id: DisputeId,
}

/// Has a dispute go on where it rested; every deadline is as much later.
#[derive(Clone, Debug, Serialize)]
pub struct ResumeDispute {
    /// The dispute.
    pub dispute_id: DisputeId,
}

pub(crate) fn suspend(command: &SuspendDispute, states: &States, _: &Context) -> Result<Vec<Event>, Refusal> {
    let by = (CommandKind::SuspendDispute, Role::System);
    let dispute = by_role(states, command.dispute_id, by, DisputeStatus::Suspended)?;
    Ok(vec![Event::Dispute(DisputeEvent::Suspended(DisputeSuspended { dispute_id: dispute.id }))])
}

pub(crate) fn resume(command: &ResumeDispute, states: &States, _: &Context) -> Result<Vec<Event>, Refusal> {
    let prior = states.dispute(command.dispute_id)?.prior();
    let prior = prior.ok_or_else(|| Refusal::new(Code::WrongState, "the dispute is not suspended"))?;
    let dispute = by_role(states, command.dispute_id, (CommandKind::ResumeDispute, Role::System), prior)?;
    Ok(vec![Event::Dispute(DisputeEvent::Resumed(DisputeResumed { dispute_id: dispute.id }))])
}
