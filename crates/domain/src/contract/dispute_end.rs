//! DisputeEnd: the side that was asked agrees that the contract ends, and not on what becomes of the money. What nobody
//! funded is cancelled; every milestone that holds money is disputed.

use super::cancel_contract::cancelled;
use super::{
    Contract, ContractEvent, ContractStatus, EndDisputed, MILESTONE_TRANSITIONS, Milestone, MilestoneStatus,
    TRANSITIONS,
};
use crate::command::CommandKind;
use crate::context::Context;
use crate::dispute::open_dispute::opened;
use crate::dispute::{self, DisputeStatus, Opening, rules_of};
use crate::event::Event;
use crate::id::ContractId;
use crate::personal::Personal;
use crate::proposal::Party;
use crate::refusal::{Code, Refusal};
use crate::stream::States;
use crate::text::Prose;
use crate::transition::consult;
use serde::Serialize;

/// Disputes what becomes of the money of a contract whose end the other side asked for.
#[derive(Clone, Debug, Serialize)]
pub struct DisputeEnd {
    /// The contract.
    pub contract_id: ContractId,
    /// Why; the other side reads it in each dispute.
    pub reason: Prose,
}

const KIND: CommandKind = CommandKind::DisputeEnd;

pub(crate) fn decide(command: &DisputeEnd, states: &States, cx: &Context) -> Result<Vec<Event>, Refusal> {
    let contract = states.contract(command.contract_id)?;
    let side = contract.side(&cx.actor)?;
    consult(TRANSITIONS, Some(contract.status()), KIND, side.role(), ContractStatus::Ending)?;
    match contract.end_requester() {
        Some(requester) if requester != side => {}
        Some(_) => {
            return Err(Refusal::new(Code::WrongSide, "the other side answers the request for the end"));
        }
        None => return Err(Refusal::new(Code::WrongState, "the end is agreed already")),
    }
    let disputed = EndDisputed { contract_id: contract.id };
    let mut events = vec![Event::Contract(ContractEvent::EndDisputed(disputed))];
    for milestone in &contract.milestones {
        events.extend(settled(contract, milestone, states, (side, &command.reason), cx)?);
    }
    Ok(events)
}

/// What becomes of a milestone.
fn settled(
    contract: &Contract,
    milestone: &Milestone,
    states: &States,
    (side, reason): (Party, &Prose),
    cx: &Context,
) -> Result<Vec<Event>, Refusal> {
    let (stands, role) = (milestone.status(), side.role());
    match stands {
        MilestoneStatus::Proposed | MilestoneStatus::Agreed | MilestoneStatus::Funding => {
            cancelled(contract, milestone, states, (KIND, role))
        }
        MilestoneStatus::Funded
        | MilestoneStatus::Submitted
        | MilestoneStatus::ChangesRequested
        | MilestoneStatus::RefundRequested
            if !milestone.is_frozen() =>
        {
            consult(MILESTONE_TRANSITIONS, Some(stands), KIND, role, MilestoneStatus::Disputed)?;
            consult(dispute::TRANSITIONS, None, KIND, role, DisputeStatus::AwaitingResponse)?;
            opened(contract, milestone, (side, None), claimed(contract, states, reason, cx)?, cx)
        }
        // What is frozen is wound up when it is unfrozen, what is disputed stays so, and what is over too.
        MilestoneStatus::Funded
        | MilestoneStatus::Submitted
        | MilestoneStatus::ChangesRequested
        | MilestoneStatus::RefundRequested
        | MilestoneStatus::Disputed
        | MilestoneStatus::Approved
        | MilestoneStatus::Resolved
        | MilestoneStatus::Released
        | MilestoneStatus::Refunded
        | MilestoneStatus::Cancelled => Ok(Vec::new()),
    }
}

fn claimed(contract: &Contract, states: &States, reason: &Prose, cx: &Context) -> Result<Opening, Refusal> {
    Ok(Opening::Claimed {
        reason: Personal::Clear(reason.clone()),
        respond_by: cx.now.plus_days(rules_of(states, contract)?.response_days),
    })
}

#[cfg(test)]
mod tests {
    use super::DisputeEnd;
    use crate::contract::{AgreeEnd, ContractStatus, MilestoneStatus, RequestEnd, WithdrawEnd};
    use crate::dispute::DisputeEvent;
    use crate::ledger::LedgerAccount;
    use crate::refusal::Code;
    use crate::scenario::working::{FREEZE, reason};
    use crate::scenario::{
        CLIENT, COMPLIANCE, CONTRACT, Given, TALENT, funded_first, given, milestone, usd, work,
    };
    use crate::{Event, Role};

    const REQUEST: RequestEnd = RequestEnd { contract_id: CONTRACT };

    fn dispute() -> DisputeEnd {
        DisputeEnd { contract_id: CONTRACT, reason: reason() }
    }

    fn running() -> Given {
        given(funded_first(&[usd(250_000), usd(100)]))
    }

    #[test]
    fn what_is_held_is_disputed_and_what_is_unfunded_cancelled() {
        for events in [vec![], vec![work()]] {
            let asked = running().and(events).then(CLIENT, REQUEST);
            let outcome = asked.clone().when(TALENT, dispute());
            let opened = outcome.events().iter().find_map(|event| match event {
                Event::Dispute(DisputeEvent::Opened(opened)) => Some(opened),
                _ => None,
            });
            let opened = opened.unwrap();
            assert_eq!((opened.opener, opened.claim), (TALENT.party(), usd(250_000)));
            let over = asked.then(TALENT, dispute());
            assert_eq!(over.contract().status(), ContractStatus::Ending);
            assert_eq!(
                (over.status(1), over.status(2)),
                (MilestoneStatus::Disputed, MilestoneStatus::Cancelled)
            );
            let frozen = LedgerAccount::EscrowInDispute(CONTRACT, milestone(1));
            assert_eq!((over.held(1).0, over.contract().held(frozen)), (0, 250_000));
            over.clone().when(CLIENT, WithdrawEnd { contract_id: CONTRACT }).refused(Code::WrongState);
            over.when(TALENT, AgreeEnd { contract_id: CONTRACT }).refused(Code::WrongState);
        }
    }

    #[test]
    fn only_the_side_that_was_asked_disputes_the_end() {
        running().when(TALENT, dispute()).refused(Code::WrongState);
        running().then(CLIENT, REQUEST).when(CLIENT, dispute()).refused(Code::WrongSide);
        let staff = crate::scenario::Who::Person(9, &[Role::Support]);
        running().then(CLIENT, REQUEST).when(staff, dispute()).refused(Code::Forbidden);
    }

    #[test]
    fn what_compliance_has_frozen_is_not_disputed() {
        let over = running().then(COMPLIANCE, FREEZE()).then(CLIENT, REQUEST).then(TALENT, dispute());
        assert_eq!((over.status(1), over.held(1).0), (MilestoneStatus::Funded, 250_000));
    }
}
