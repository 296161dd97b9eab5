//! RequestChanges: the client sends work back, with reasons.

use super::refund_milestone::asked;
use super::{ChangesRequested, MILESTONE_TRANSITIONS, MilestoneEvent, MilestoneStatus};
use crate::command::CommandKind;
use crate::context::Context;
use crate::event::Event;
use crate::id::{ContractId, MilestoneId};
use crate::personal::Personal;
use crate::refusal::Refusal;
use crate::stream::States;
use crate::text::Prose;
use crate::transition::consult;
use serde::Serialize;

/// Sends work back.
#[derive(Clone, Debug, Serialize)]
pub struct RequestChanges {
    /// The contract.
    pub contract_id: ContractId,
    /// The milestone.
    pub milestone_id: MilestoneId,
    /// Why.
    pub reasons: Prose,
}

pub(crate) fn decide(command: &RequestChanges, states: &States, cx: &Context) -> Result<Vec<Event>, Refusal> {
    let contract = states.contract(command.contract_id)?;
    let side = contract.side(&cx.actor)?;
    let milestone = contract.milestone(command.milestone_id).map_err(|refusal| refusal.at("milestoneId"))?;
    consult(
        MILESTONE_TRANSITIONS,
        Some(milestone.status()),
        CommandKind::RequestChanges,
        side.role(),
        MilestoneStatus::ChangesRequested,
    )?;
    let work_id = milestone.reviewed()?;
    let mut events = vec![Event::Milestone(MilestoneEvent::ChangesRequested(ChangesRequested {
        contract_id: contract.id,
        milestone_id: milestone.id,
        work_id,
        reasons: Personal::Clear(command.reasons.clone()),
    }))];
    // Once the end is agreed, what is sent back is asked back too: it has a clock of its own again.
    events.extend(contract.is_end_agreed().then(|| asked(contract, milestone, None, cx)));
    Ok(events)
}

#[cfg(test)]
mod tests {
    use crate::refusal::Code;
    use crate::scenario::{CLIENT, funded_contract, given, milestone, request_changes, usd, work};
    use crate::timer::TimerKind;

    #[test]
    fn work_sent_back_no_longer_approves_itself() {
        given(funded_contract(usd(1)))
            .and([work()])
            .when(CLIENT, request_changes(milestone(1)))
            .no_timer(TimerKind::AutoApproveMilestone(milestone(1)));
    }

    #[test]
    fn there_must_be_work_to_send_back() {
        given(funded_contract(usd(1))).when(CLIENT, request_changes(milestone(1))).refused(Code::WrongState);
    }
}
