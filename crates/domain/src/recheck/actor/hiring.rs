//! Who posts jobs, and who negotiates.

use super::{other_than, person, system};
use crate::id::ProposalId;
use crate::job::JobEvent;
use crate::proposal::{Proposal, ProposalEvent};
use crate::refusal::Refusal;
use crate::stream::States;

pub(super) fn poster(event: &JobEvent, states: &States, actor: &str) -> Result<(), Refusal> {
    if let JobEvent::Created(e) = event {
        return person(actor, &[e.client]);
    }
    let client = states.job(event.job_id())?.client;
    match event {
        JobEvent::Revised(_)
        | JobEvent::Submitted(_)
        | JobEvent::TalentInvited(_)
        | JobEvent::Paused(_)
        | JobEvent::Resumed(_) => person(actor, &[client]),
        JobEvent::Approved(_) | JobEvent::Rejected(_) | JobEvent::Removed(_) | JobEvent::Reinstated(_) => {
            other_than(client, actor)
        }
        JobEvent::Closed(_) => system(actor).or_else(|_| person(actor, &[client])),
        JobEvent::InvitationLapsed(_) | JobEvent::Expired(_) => system(actor),
        // They follow from an acceptance, a revision or a cancellation, whose actor is checked there; the first is above.
        JobEvent::Filled(_) | JobEvent::Reopened(_) | JobEvent::Created(_) => Ok(()),
    }
}

pub(super) fn negotiator(event: &ProposalEvent, states: &States, actor: &str) -> Result<(), Refusal> {
    let proposal = |id: ProposalId| states.proposal(id);
    let author = |proposal: &Proposal| proposal.offer().map(|offer| offer.author);
    let offer = || Refusal::not_found("offer");
    let other_side = |id| {
        let proposal = proposal(id)?;
        let side = author(proposal).ok_or_else(offer)?.other();
        person(actor, &[proposal.of(side)])
    };
    match event {
        ProposalEvent::Saved(e) => person(actor, &[e.talent]),
        ProposalEvent::Submitted(e) => person(actor, &[e.talent]),
        ProposalEvent::Begun(e) => person(actor, &[e.client]),
        ProposalEvent::SavedSubmitted(_) | ProposalEvent::Revised(_) | ProposalEvent::Withdrawn(_) => {
            person(actor, &[proposal(event.proposal_id())?.talent])
        }
        ProposalEvent::Shortlisted(_) | ProposalEvent::Declined(_) => {
            person(actor, &[proposal(event.proposal_id())?.client])
        }
        ProposalEvent::OfferMade(e) => person(actor, &[proposal(e.proposal_id)?.of(e.author)]),
        ProposalEvent::OfferWithdrawn(e) => {
            let proposal = proposal(e.proposal_id)?;
            person(actor, &[proposal.of(author(proposal).ok_or_else(offer)?)])
        }
        ProposalEvent::OfferSuperseded(_)
        | ProposalEvent::OfferDeclined(_)
        | ProposalEvent::OfferAccepted(_) => other_side(event.proposal_id()),
        ProposalEvent::OfferExpired(_) | ProposalEvent::Expired(_) | ProposalEvent::Closed(_) => {
            system(actor)
        }
    }
}
