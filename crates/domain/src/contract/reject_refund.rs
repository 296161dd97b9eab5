//! RejectRefund: the talent refuses a refund. That opens a dispute, which freezes the escrow; the client is its opener,
//! and the refusal its answer.

use super::refund_milestone::named;
use super::{MILESTONE_TRANSITIONS, MilestoneStatus};
use crate::command::CommandKind;
use crate::context::Context;
use crate::dispute::open_dispute::opened;
use crate::dispute::{self, DisputeStatus, Opening};
use crate::event::Event;
use crate::id::{ContractId, MilestoneId};
use crate::personal::Personal;
use crate::proposal::Party;
use crate::refusal::Refusal;
use crate::stream::States;
use crate::text::Prose;
use crate::transition::consult;
use serde::Serialize;

/// Refuses a refund that the client asked for.
#[derive(Clone, Debug, Serialize)]
pub struct RejectRefund {
    /// The contract.
    pub contract_id: ContractId,
    /// The milestone.
    pub milestone_id: MilestoneId,
    /// Why; the client reads it.
    pub answer: Prose,
}

pub(crate) fn decide(command: &RejectRefund, states: &States, cx: &Context) -> Result<Vec<Event>, Refusal> {
    let (contract, milestone, role) = named(states, command.contract_id, command.milestone_id, cx)?;
    let kind = CommandKind::RejectRefund;
    consult(MILESTONE_TRANSITIONS, Some(milestone.status()), kind, role, MilestoneStatus::Disputed)?;
    consult(dispute::TRANSITIONS, None, kind, role, DisputeStatus::Negotiation)?;
    let rules = dispute::rules_of(states, contract)?;
    let opening = Opening::Refused {
        answer: Personal::Clear(command.answer.clone()),
        escalates_from: cx.now.plus_days(rules.escalate_after_days),
        negotiates_until: cx.now.plus_days(rules.negotiation_days),
    };
    opened(contract, milestone, (Party::Client, None), opening, cx)
}

#[cfg(test)]
mod tests {
    use crate::contract::MilestoneStatus;
    use crate::dispute::{DisputeEvent, WithdrawDispute};
    use crate::ledger::LedgerAccount;
    use crate::refusal::Code;
    use crate::scenario::{
        CLIENT, CONTRACT, STRANGER, TALENT, changes_requested, funded_contract, given, milestone,
        reject_refund, request_refund, submit_work, usd, work,
    };
    use crate::{Event, State};

    fn refused() -> Vec<Event> {
        let mut events = funded_contract(usd(250_000));
        events.extend([work(), changes_requested()]);
        for (who, command) in
            [(CLIENT, request_refund().into()), (TALENT, crate::Command::from(reject_refund()))]
        {
            let next = given(events.clone()).when(who, command).events().to_vec();
            events.extend(next);
        }
        events
    }

    #[test]
    fn a_refused_refund_freezes_the_escrow_for_a_dispute() {
        let states = given(refused()).into_states();
        let contract = states.contract(CONTRACT).unwrap();
        assert_eq!(contract.milestones[0].status(), MilestoneStatus::Disputed);
        assert_eq!(contract.held(LedgerAccount::Escrow(CONTRACT, milestone(1))), 0);
        assert_eq!(contract.held(LedgerAccount::EscrowInDispute(CONTRACT, milestone(1))), 250_000);
        given(refused()).when(TALENT, submit_work(milestone(1))).refused(Code::WrongState);
    }

    #[test]
    fn a_dispute_that_its_opener_withdraws_leaves_the_milestone_as_it_was() {
        let opened = refused().into_iter().find_map(|event| match event {
            Event::Dispute(DisputeEvent::Opened(opened)) => Some(opened.dispute_id),
            _ => None,
        });
        let withdraw = WithdrawDispute { dispute_id: opened.unwrap() };
        given(refused()).when(TALENT, withdraw.clone()).refused(Code::WrongSide);
        given(refused()).when(STRANGER, withdraw.clone()).refused(Code::NotFound);
        let outcome = given(refused()).when(CLIENT, withdraw.clone());
        outcome.state(|state| {
            if let State::Contract(contract) = state {
                assert_eq!(contract.milestones[0].status(), MilestoneStatus::ChangesRequested);
                assert_eq!(contract.held(LedgerAccount::Escrow(CONTRACT, milestone(1))), 250_000);
                assert_eq!(contract.milestones[0].dispute(), None);
            }
        });
        given(refused()).and(outcome.events().to_vec()).when(CLIENT, withdraw).refused(Code::WrongState);
    }

    #[test]
    fn the_client_does_not_refuse_their_own_request() {
        let mut events = funded_contract(usd(1));
        events.extend(given(events.clone()).when(CLIENT, request_refund()).events().to_vec());
        given(events).when(CLIENT, reject_refund()).refused(Code::Forbidden);
    }
}
