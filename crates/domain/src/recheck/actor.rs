//! Who may have done it: the record's actor against the parties, rails and processes that the states name.

use crate::contract::{Contract, ContractEvent, EscrowEvent, MilestoneEvent};
use crate::deposit::DepositEvent;
use crate::event::Event;
use crate::id::{DepositId, PartyId, TypedId};
use crate::job::JobEvent;
use crate::process::ProcessEvent;
use crate::proposal::{Party, Proposal, ProposalEvent};
use crate::refusal::{Code, Refusal};
use crate::stream::States;

/// Whether `actor`, as recorded, may have caused `event`.
pub(super) fn rightful(event: &Event, states: &States, actor: &str) -> Result<(), Refusal> {
    match event {
        Event::Marketplace(_) => system(actor),
        Event::Job(JobEvent::Created(e)) => person(actor, &[e.client]),
        Event::Job(JobEvent::Submitted(e)) => person(actor, &[states.job(e.job_id)?.client]),
        // It follows from the acceptance, whose actor is checked there.
        Event::Job(JobEvent::Filled(_)) => Ok(()),
        Event::Proposal(event) => negotiator(event, states, actor),
        Event::Contract(ContractEvent::Created(e)) => person(actor, &[e.client, e.talent]),
        Event::Milestone(event) => worker(event, states, actor),
        Event::Escrow(EscrowEvent::Funded(e)) => rail_of(e.deposit_id, states, actor),
        Event::Escrow(EscrowEvent::Released(e)) => person(actor, &[states.contract(e.contract_id)?.client]),
        Event::Deposit(event) => depositor(event, states, actor),
        Event::Process(ProcessEvent::CommandRefused(e)) => {
            expect(actor.strip_prefix("system:") == Some(&e.process), actor, "the process itself")
        }
    }
}

fn negotiator(event: &ProposalEvent, states: &States, actor: &str) -> Result<(), Refusal> {
    let party = |proposal: &Proposal, side| match side {
        Party::Client => proposal.client,
        Party::Talent => proposal.talent,
    };
    match event {
        ProposalEvent::Submitted(e) => person(actor, &[e.talent]),
        ProposalEvent::OfferMade(e) => {
            let proposal = states.proposal(e.proposal_id)?;
            person(actor, &[party(proposal, e.author)])
        }
        ProposalEvent::OfferAccepted(e) => {
            let proposal = states.proposal(e.proposal_id)?;
            let offer = proposal.offer().ok_or_else(|| Refusal::not_found("offer"))?;
            person(actor, &[party(proposal, offer.author.other())])
        }
    }
}

fn worker(event: &MilestoneEvent, states: &States, actor: &str) -> Result<(), Refusal> {
    let (contract_id, parties): (_, fn(&Contract) -> Vec<PartyId>) = match event {
        MilestoneEvent::Agreed(e) => (e.contract_id, |contract| vec![contract.client, contract.talent]),
        MilestoneEvent::WorkSubmitted(e) => (e.contract_id, |contract| vec![contract.talent]),
        MilestoneEvent::ChangesRequested(e) => (e.contract_id, |contract| vec![contract.client]),
        MilestoneEvent::Approved(e) => (e.contract_id, |contract| vec![contract.client]),
    };
    person(actor, &parties(states.contract(contract_id)?))
}

fn depositor(event: &DepositEvent, states: &States, actor: &str) -> Result<(), Refusal> {
    match event {
        DepositEvent::Requested(e) => person(actor, &[states.contract(e.contract_id)?.client]),
        DepositEvent::AttemptStarted(_) | DepositEvent::Acknowledged(_) => system(actor),
        DepositEvent::Confirmed(e) => rail_of(e.deposit_id, states, actor),
        DepositEvent::Unmatched(e) => rail_of(e.deposit_id, states, actor),
        DepositEvent::Failed(e) => system(actor).or_else(|_| rail_of(e.deposit_id, states, actor)),
    }
}

fn person(actor: &str, parties: &[PartyId]) -> Result<(), Refusal> {
    let among = PartyId::parse(actor).is_ok_and(|party| parties.contains(&party));
    expect(among, actor, "the party on the side that does this")
}

fn system(actor: &str) -> Result<(), Refusal> {
    expect(actor.starts_with("system:"), actor, "the system")
}

fn rail_of(deposit: DepositId, states: &States, actor: &str) -> Result<(), Refusal> {
    let rail = &states.deposit(deposit)?.rail;
    expect(actor.strip_prefix("provider:") == Some(rail), actor, "the provider of the deposit's rail")
}

fn expect(holds: bool, actor: &str, only: &'static str) -> Result<(), Refusal> {
    if holds {
        return Ok(());
    }
    Err(Refusal::new(Code::Forbidden, format!("recorded by {actor}, and only {only} may do it")))
}
