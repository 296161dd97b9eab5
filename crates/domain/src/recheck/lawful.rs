//! Whether an event can have happened in this state: the tables' moves, and facts that repeat or follow from others.

use super::{contracts, deposits, disputes, escrow, hiring, money_out, negotiation};
use crate::command::CommandKind;
use crate::contract::{Contract, ContractEvent, MILESTONE_TRANSITIONS, Milestone, MilestoneStatus};
use crate::deposit::Provider;
use crate::event::Event;
use crate::id::{ContractId, MilestoneId};
use crate::marketplace::MarketplaceEvent;
use crate::refusal::{Code, Refusal};
use crate::stream::States;
use crate::time::Timestamp;
use crate::timer::{Timer, TimerKind};
use crate::transition::Transition;
use crate::treasury::SettlementEvent;

/// Whether `event`, recorded `at` this instant, can have happened in these states.
pub(super) fn lawful(event: &Event, states: &States, at: Timestamp) -> Result<(), Refusal> {
    match event {
        Event::Marketplace(event) => lawful_marketplace(event, states),
        Event::Job(event) => hiring::lawful_job(event, states, at),
        Event::Proposal(event) => negotiation::lawful_proposal(event, states, at),
        Event::Contract(ContractEvent::Created(e)) => negotiation::lawful_contract(e, states),
        Event::Contract(event) => contracts::lawful_ending(event, states, at),
        Event::Milestone(event) => contracts::lawful_milestone(event, states, at),
        Event::Escrow(event) => escrow::lawful_escrow(event, states, at),
        Event::Deposit(event) => deposits::lawful_deposit(event, states, at),
        Event::Refund(event) => money_out::lawful_refund(event, states, at),
        Event::Dispute(event) => disputes::lawful_dispute(event, states, at),
        Event::Account(event) => money_out::lawful_hold(event, states, at),
        Event::Payout(event) => money_out::lawful_payout(event, states, at),
        Event::Settlement(SettlementEvent::Recorded(e)) => {
            agree(!Provider::is_recorded(states, &e.rail, &e.provider_object), "a settlement counts once")
        }
        Event::Process(_) => Ok(()),
    }
}

fn lawful_marketplace(event: &MarketplaceEvent, states: &States) -> Result<(), Refusal> {
    let paused = |process| states.marketplace().map(|m| m.paused_processes.contains(process));
    let paused_rail = |rail| states.marketplace().map(|m| m.paused_rails.contains(rail));
    match event {
        MarketplaceEvent::PolicyPublished(e) => {
            let expected = states.marketplace().map_or(1, |marketplace| marketplace.version + 1);
            agree(e.version == expected, "policy versions count without a gap")
        }
        MarketplaceEvent::ProcessPaused(e) => agree(!paused(&e.process)?, "what is paused ran before"),
        MarketplaceEvent::ProcessResumed(e) => agree(paused(&e.process)?, "what is resumed was paused"),
        MarketplaceEvent::RailPaused(e) => agree(!paused_rail(&e.rail)?, "what is paused ran before"),
        MarketplaceEvent::RailResumed(e) => agree(paused_rail(&e.rail)?, "what is resumed was paused"),
        MarketplaceEvent::ReadModelRebuildRequested(_) => states.marketplace().map(drop),
    }
}

/// Whether the state has this timer, and it is due.
pub(super) fn over(set: &[Timer], kind: TimerKind, at: Timestamp) -> bool {
    set.iter().any(|timer| timer.kind == kind && timer.due <= at)
}

pub(super) fn milestone(
    states: &States,
    contract: ContractId,
    milestone: MilestoneId,
) -> Result<(&Contract, &Milestone), Refusal> {
    let contract = states.contract(contract)?;
    Ok((contract, contract.milestone(milestone)?))
}

pub(super) fn moves(milestone: &Milestone, command: CommandKind, to: MilestoneStatus) -> Result<(), Refusal> {
    leads(MILESTONE_TRANSITIONS, Some(milestone.status()), command, to)
}

/// Whether a row of the table leads from `from` to `to` by `command`.
pub(super) fn leads<S: Copy + PartialEq + std::fmt::Debug>(
    table: &[Transition<S>],
    from: Option<S>,
    command: CommandKind,
    to: S,
) -> Result<(), Refusal> {
    if table.iter().any(|row| row.command == command && row.leads(from, to)) {
        return Ok(());
    }
    let state = from.map_or("nothing".to_owned(), |state| format!("{state:?}"));
    Err(Refusal::new(Code::WrongState, format!("no table lets {} make {to:?} of {state}", command.as_str())))
}

pub(super) fn agree(holds: bool, rule: &'static str) -> Result<(), Refusal> {
    if holds { Ok(()) } else { Err(Refusal::new(Code::WrongState, format!("broken: {rule}"))) }
}
