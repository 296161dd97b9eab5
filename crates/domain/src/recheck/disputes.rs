//! Whether an event of a dispute can have happened in this state.

use super::lawful::{agree, leads, milestone};
use crate::command::CommandKind;
use crate::dispute::{self, Dispute, DisputeEvent, DisputeStatus};
use crate::refusal::Refusal;
use crate::stream::States;

pub(super) fn lawful_dispute(event: &DisputeEvent, states: &States) -> Result<(), Refusal> {
    let from = states.dispute(event.dispute_id()).ok().map(Dispute::status);
    match event {
        DisputeEvent::Opened(e) => {
            let (contract, _) = milestone(states, e.contract_id, e.milestone_id)?;
            let parties = (contract.client, contract.talent) == (e.opener, e.respondent);
            agree(parties, "a dispute is between the contract's parties")?;
            leads(dispute::TRANSITIONS, from, CommandKind::RejectRefund, DisputeStatus::Negotiation)
        }
        DisputeEvent::Withdrawn(_) => {
            leads(dispute::TRANSITIONS, from, CommandKind::WithdrawDispute, DisputeStatus::Withdrawn)
        }
    }
}
