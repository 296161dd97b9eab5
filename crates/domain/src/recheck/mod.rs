//! What an auditor asks of every recorded event: could it have happened in this state, was it recorded by whom it
//! may be, and is its money what the rules make of it? The same tables and the same posting rules answer as when it
//! was decided.

mod actor;
mod lawful;

use crate::contract::{ContractEvent, EscrowEvent};
use crate::deposit::DepositEvent;
use crate::event::Event;
use crate::job::JobEvent;
use crate::ledger::{check_guarded, rules};
use crate::proposal::ProposalEvent;
use crate::refusal::{Code, Refusal};
use crate::stream::{State, States, StreamId};
use crate::time::Timestamp;

/// What a record says of its event beside the payload.
#[derive(Clone, Copy, Debug)]
pub struct Recorded<'a> {
    /// When it was recorded.
    pub at: Timestamp,
    /// Who did it, as [`crate::Actor`] prints: `pty_…`, `system:NAME`, `provider:RAIL`.
    pub actor: &'a str,
}

/// Checks `event`, `recorded` so, against the states before it: the streams of [`Event::streams`] and those of
/// [`reads`].
///
/// # Errors
/// A [`Refusal`] that says what is wrong: [`Code::WrongState`] for a move that no table allows or facts that don't
/// follow from the state, [`Code::Forbidden`] for somebody who may not do it, [`Code::EntryUnbalanced`] for money that
/// isn't what the posting rules make of the facts, [`Code::BalanceTooLow`] for an overdrawn account,
/// [`Code::TermsMismatch`] for a contract that isn't what was offered, [`Code::NotFound`] for an event about nothing.
pub fn recheck(event: &Event, states: &States, recorded: Recorded<'_>) -> Result<(), Refusal> {
    lawful::lawful(event, states, recorded.at)?;
    actor::rightful(event, states, recorded.actor)?;
    if let Some(entry) = event.journal_entry() {
        check_guarded(entry, states)?;
    }
    money(event, states, recorded.at)
}

/// The streams that [`recheck`] reads beside those that the event belongs to; `owner` is the state before it of the
/// first of these.
pub fn reads(event: &Event, owner: Option<&State>) -> Vec<StreamId> {
    match event {
        Event::Contract(ContractEvent::Created(e)) => vec![StreamId::Proposal(e.proposal_id)],
        Event::Job(JobEvent::Created(_) | JobEvent::Submitted(_)) => vec![StreamId::Marketplace],
        Event::Proposal(ProposalEvent::Submitted(e)) => vec![StreamId::Job(e.job_id)],
        Event::Proposal(ProposalEvent::OfferMade(_)) => {
            let job = owner.and_then(State::as_proposal).map(|proposal| proposal.job_id);
            let job = job.map(StreamId::Job);
            job.into_iter().chain([StreamId::Marketplace]).collect()
        }
        Event::Escrow(EscrowEvent::Funded(e)) => vec![StreamId::Deposit(e.deposit_id)],
        Event::Job(JobEvent::Filled(_))
        | Event::Proposal(ProposalEvent::OfferAccepted(_))
        | Event::Escrow(EscrowEvent::Released(_))
        | Event::Marketplace(_)
        | Event::Milestone(_)
        | Event::Deposit(_)
        | Event::Process(_) => Vec::new(),
    }
}

/// Rebuilds the money of the event by the posting rules, from the facts and the state, and compares all of it.
fn money(event: &Event, states: &States, recorded_at: Timestamp) -> Result<(), Refusal> {
    match event {
        Event::Escrow(EscrowEvent::Funded(e)) => {
            let contract = states.contract(e.contract_id)?;
            posted(contract.funded(e.milestone_id, e.deposit_id, e.entry.id())? == *e)
        }
        Event::Escrow(EscrowEvent::Released(e)) => {
            let ids = (e.lot_id, e.entry.id());
            let contract = states.contract(e.contract_id)?;
            posted(contract.released(e.milestone_id, e.slice.gross, ids, recorded_at)? == *e)
        }
        Event::Deposit(DepositEvent::Unmatched(e)) => {
            posted(rules::unidentified(e.entry.id(), e.amount)? == e.entry)
        }
        Event::Deposit(DepositEvent::Requested(e)) => {
            let contract = states.contract(e.contract_id)?;
            let milestone = contract.milestone(e.milestone_id)?;
            let charge = contract.fees.client_charge(milestone.amount.minor());
            let total = milestone.amount.with_minor(milestone.amount.minor() + charge.total())?;
            posted(e.amount == total && e.client == contract.client)
        }
        Event::Deposit(
            DepositEvent::AttemptStarted(_)
            | DepositEvent::Acknowledged(_)
            | DepositEvent::Confirmed(_)
            | DepositEvent::Failed(_),
        )
        | Event::Marketplace(_)
        | Event::Job(_)
        | Event::Proposal(_)
        | Event::Contract(_)
        | Event::Milestone(_)
        | Event::Process(_) => Ok(()),
    }
}

fn posted(same: bool) -> Result<(), Refusal> {
    if same {
        return Ok(());
    }
    Err(Refusal::new(Code::EntryUnbalanced, "the posting rules make other money of these facts"))
}
