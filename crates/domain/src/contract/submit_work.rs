//! SubmitWork: the talent hands in work, which starts the review window anew.

use super::{MILESTONE_TRANSITIONS, MilestoneEvent, MilestoneStatus, WorkSubmitted};
use crate::command::CommandKind;
use crate::context::Context;
use crate::event::Event;
use crate::id::{ContractId, MilestoneId};
use crate::personal::Personal;
use crate::refusal::{Code, Refusal};
use crate::stream::States;
use crate::text::Prose;
use crate::transition::consult;
use serde::Serialize;

/// Hands in work for a milestone.
#[derive(Clone, Debug, Serialize)]
pub struct SubmitWork {
    /// The contract.
    pub contract_id: ContractId,
    /// The milestone.
    pub milestone_id: MilestoneId,
    /// What the talent says about it.
    pub note: Prose,
}

pub(crate) fn decide(command: &SubmitWork, states: &States, cx: &Context) -> Result<Vec<Event>, Refusal> {
    let contract = states.contract(command.contract_id)?;
    let side = contract.side(&cx.actor)?;
    let milestone = contract.milestone(command.milestone_id).map_err(|refusal| refusal.at("milestoneId"))?;
    consult(
        MILESTONE_TRANSITIONS,
        Some(milestone.status()),
        CommandKind::SubmitWork,
        side.role(),
        MilestoneStatus::Submitted,
    )?;
    if milestone.bonus {
        let message = "a bonus is released by itself, without work";
        return Err(Refusal::new(Code::WrongState, message).at("milestoneId"));
    }
    Ok(vec![Event::Milestone(MilestoneEvent::WorkSubmitted(WorkSubmitted {
        contract_id: contract.id,
        milestone_id: milestone.id,
        work_id: cx.fresh(),
        note: Personal::Clear(command.note.clone()),
        review_ends_at: cx.now.plus_days(contract.windows.review_days),
    }))])
}

#[cfg(test)]
mod tests {
    use crate::refusal::Code;
    use crate::scenario::{
        CLIENT, TALENT, changes_requested, contract, funded_contract, given, milestone, now, submit_work,
        usd, work,
    };
    use crate::timer::TimerKind;

    #[test]
    fn work_starts_the_review_window() {
        given(funded_contract(usd(100)))
            .when(TALENT, submit_work(milestone(1)))
            .timer(TimerKind::AutoApproveMilestone(milestone(1)), now().plus_days(14));
    }

    #[test]
    fn work_sent_back_can_be_handed_in_again() {
        given(funded_contract(usd(100)))
            .and([work(), changes_requested()])
            .when(TALENT, submit_work(milestone(1)))
            .timer(TimerKind::AutoApproveMilestone(milestone(1)), now().plus_days(14));
    }

    #[test]
    fn nobody_works_for_an_unfunded_milestone() {
        given(contract(&[usd(1)])).when(TALENT, submit_work(milestone(1))).refused(Code::WrongState);
    }

    #[test]
    fn a_client_hands_in_nothing() {
        given(funded_contract(usd(1))).when(CLIENT, submit_work(milestone(1))).refused(Code::Forbidden);
    }
}
