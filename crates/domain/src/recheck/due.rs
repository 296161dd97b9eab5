//! What happens by itself happens when it is due: where a person may do it at any time, the system may when its timer
//! says so.

use super::Recorded;
use super::lawful::{agree, over};
use crate::account::{Account, AccountEvent};
use crate::contract::{ContractEvent, EscrowEvent, MilestoneEvent, MilestoneStatus};
use crate::event::Event;
use crate::payout::PayoutEvent;
use crate::refusal::Refusal;
use crate::stream::States;
use crate::timer::{Timer, TimerKind};

pub(super) fn in_time(event: &Event, states: &States, recorded: Recorded<'_>) -> Result<(), Refusal> {
    if !recorded.actor.starts_with("system:") {
        return Ok(());
    }
    let Some((set, kind)) = timer(event, states)? else {
        return Ok(());
    };
    agree(over(&set, kind, recorded.at), "what happens by itself happens when it is due")
}

/// The timer by which the system records `event`, and those that are set; `None` for what needs none, or is about its
/// timer wherever it is recorded.
fn timer(event: &Event, states: &States) -> Result<Option<(Vec<Timer>, TimerKind)>, Refusal> {
    let of_contract = |id, kind| states.contract(id).map(|contract| Some((contract.timers(), kind)));
    match event {
        Event::Contract(ContractEvent::Cancelled(e)) => {
            of_contract(e.contract_id, TimerKind::CancelUnfundedContract)
        }
        Event::Contract(ContractEvent::EndAgreed(e)) => of_contract(e.contract_id, TimerKind::AutoAgreeEnd),
        Event::Milestone(MilestoneEvent::Approved(e)) => {
            of_contract(e.contract_id, TimerKind::AutoApproveMilestone(e.milestone_id))
        }
        Event::Escrow(EscrowEvent::Refunded(e)) => {
            let contract = states.contract(e.contract_id)?;
            let stands = contract.milestone(e.milestone_id)?.status();
            if contract.is_end_agreed() && stands == MilestoneStatus::Funded {
                return Ok(None);
            }
            Ok(Some((contract.timers(), TimerKind::AutoAgreeRefund(e.milestone_id))))
        }
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
        | Event::Dispute(_)
        | Event::Settlement(_)
        | Event::Process(_) => Ok(None),
    }
}
