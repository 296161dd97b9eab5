//! AcceptOffer: the contract with its milestones comes into being, and the job is filled when it was the last place.
//! All of it is one append.

use super::{Offer, OfferAccepted, Party, Proposal, ProposalEvent, ProposalStatus, TRANSITIONS, TermsHash};
use crate::command::CommandKind;
use crate::context::{Context, Role};
use crate::contract::{
    self, ContractCreated, ContractEvent, ContractStatus, MILESTONE_TRANSITIONS, MilestoneAgreed,
    MilestoneEvent, MilestoneStatus,
};
use crate::event::Event;
use crate::id::{ContractId, ProposalId};
use crate::job::{self, Job, JobEvent, JobFilled, JobStatus, grace_ends_at};
use crate::refusal::{Code, Refusal};
use crate::stream::States;
use crate::transition::consult;
use serde::Serialize;

/// Accepts offer `number` under the terms of `terms_hash`.
#[derive(Clone, Debug, Serialize)]
pub struct AcceptOffer {
    /// The proposal.
    pub proposal_id: ProposalId,
    /// The offer's number, so that a newer one is not accepted by accident.
    pub number: u32,
    /// The hash of the terms that the acceptor has read.
    pub terms_hash: TermsHash,
}

pub(crate) fn decide(command: &AcceptOffer, states: &States, cx: &Context) -> Result<Vec<Event>, Refusal> {
    let proposal = states.proposal(command.proposal_id)?;
    let side = proposal.side(&cx.actor)?;
    let offer = acceptable(proposal, command, side)?;
    let job = states.job(proposal.job_id)?;
    if job.status() == JobStatus::Removed {
        return Err(Refusal::new(Code::WrongState, "the job was removed"));
    }
    if !job.has_room() {
        return Err(Refusal::new(Code::JobFull, "somebody else was hired"));
    }
    let contract_id: ContractId = cx.fresh();
    let mut events = vec![
        Event::Proposal(ProposalEvent::OfferAccepted(OfferAccepted {
            proposal_id: proposal.id,
            job_id: job.id,
            number: offer.number,
            terms_hash: offer.terms_hash,
            contract_id,
        })),
        created(contract_id, proposal, offer, cx)?,
    ];
    for (number, milestone) in (1..).zip(&offer.terms.milestones) {
        events.push(Event::Milestone(MilestoneEvent::Agreed(MilestoneAgreed {
            contract_id,
            milestone_id: cx.fresh(),
            number,
            title: milestone.title.clone(),
            amount: milestone.amount,
        })));
    }
    events.extend(hired(job, side.role(), states, cx)?);
    Ok(events)
}

/// The open offer, if it is the one that the command names and `side` may accept it.
fn acceptable<'a>(proposal: &'a Proposal, command: &AcceptOffer, side: Party) -> Result<&'a Offer, Refusal> {
    let (kind, role) = (CommandKind::AcceptOffer, side.role());
    let from = Some(proposal.status());
    consult(TRANSITIONS, from, kind, role, ProposalStatus::Accepted)?;
    consult(contract::TRANSITIONS, None, kind, role, ContractStatus::Created)?;
    consult(MILESTONE_TRANSITIONS, None, kind, role, MilestoneStatus::Agreed)?;
    let offer = proposal.offered_to(side, command.number)?;
    if offer.terms_hash != command.terms_hash {
        return Err(Refusal::new(Code::TermsMismatch, "read the terms on offer again").at("termsHash"));
    }
    Ok(offer)
}

fn created(
    contract_id: ContractId,
    proposal: &Proposal,
    offer: &Offer,
    cx: &Context,
) -> Result<Event, Refusal> {
    let currency = offer
        .terms
        .milestones
        .first()
        .map(|milestone| milestone.amount.currency())
        .ok_or_else(|| Refusal::new(Code::TermsMismatch, "the offer has no milestones"))?;
    Ok(Event::Contract(ContractEvent::Created(ContractCreated {
        contract_id,
        job_id: proposal.job_id,
        proposal_id: proposal.id,
        client: proposal.client,
        talent: proposal.talent,
        currency,
        terms_hash: offer.terms_hash,
        fees: offer.terms.fees,
        windows: offer.terms.windows,
        policy_version: offer.terms.policy_version,
        unfunded_until: cx.now.plus_days(offer.terms.windows.unfunded_days),
    })))
}

/// The event that fills the job, if this hire takes the last place of a search that is not over.
fn hired(job: &Job, role: Role, states: &States, cx: &Context) -> Result<Option<Event>, Refusal> {
    let fills = job.is_filled_by_one();
    let to = if fills { JobStatus::Filled } else { job.status() };
    consult(job::TRANSITIONS, Some(job.status()), CommandKind::AcceptOffer, role, to)?;
    if !fills {
        return Ok(None);
    }
    let grace_ends_at = grace_ends_at(states, cx)?;
    Ok(Some(Event::Job(JobEvent::Filled(JobFilled { job_id: job.id, grace_ends_at }))))
}

#[cfg(test)]
mod tests {
    use crate::contract::{ContractEvent, ContractStatus, MilestoneEvent};
    use crate::job::{JobEvent, JobStatus};
    use crate::refusal::Code;
    use crate::scenario::{
        CLIENT, OTHER_TALENT, TALENT, TALENT_AS_CLIENT, accept, accept_number, accepted, drafted, given,
        offered, proposed, submitted, usd,
    };
    use crate::{Event, State};

    fn on_offer(headcount: u16) -> [Event; 4] {
        [drafted(headcount), submitted(), proposed(), offered(&[usd(250_000), usd(1), usd(2)])]
    }

    #[test]
    fn acceptance_makes_contract_and_milestones_and_fills_the_job_at_once() {
        let outcome = given(on_offer(1)).when(TALENT, accept(&[usd(250_000), usd(1), usd(2)]));
        let events = outcome.events();
        assert!(matches!(events[1], Event::Contract(ContractEvent::Created(_))));
        assert_eq!(
            events.iter().filter(|e| matches!(e, Event::Milestone(MilestoneEvent::Agreed(_)))).count(),
            3
        );
        assert!(matches!(events[5], Event::Job(JobEvent::Filled(_))));
        outcome.state(|state| match state {
            State::Job(job) => assert_eq!((job.status(), job.hires), (JobStatus::Filled, 1)),
            State::Contract(contract) => assert_eq!(contract.status(), ContractStatus::Created),
            _ => {}
        });
    }

    #[test]
    fn a_job_for_two_stays_open_after_the_first() {
        given(on_offer(2)).when(TALENT, accept(&[usd(250_000), usd(1), usd(2)])).state(|state| {
            if let State::Job(job) = state {
                assert_eq!((job.status(), job.hires), (JobStatus::Open, 1));
            }
        });
    }

    #[test]
    fn the_author_cannot_accept_their_own_offer() {
        given(on_offer(1)).when(CLIENT, accept(&[usd(250_000), usd(1), usd(2)])).refused(Code::WrongSide);
    }

    #[test]
    fn a_token_for_clients_does_not_accept_as_the_talent_that_its_bearer_is() {
        given(on_offer(1))
            .when(TALENT_AS_CLIENT, accept(&[usd(250_000), usd(1), usd(2)]))
            .refused(Code::Forbidden);
    }

    #[test]
    fn a_stranger_sees_no_offer() {
        given(on_offer(1)).when(OTHER_TALENT, accept(&[usd(1)])).refused(Code::NotFound);
    }

    #[test]
    fn other_terms_than_those_on_offer_are_refused() {
        given(on_offer(1)).when(TALENT, accept(&[usd(250_001)])).refused_at(Code::TermsMismatch, "termsHash");
    }

    #[test]
    fn an_older_offer_is_refused() {
        given(on_offer(1))
            .when(TALENT, accept_number(2, &[usd(1)]))
            .refused_at(Code::OfferSuperseded, "offer");
    }

    #[test]
    fn nobody_accepts_twice() {
        let terms = [usd(250_000), usd(1), usd(2)];
        given(on_offer(1)).and(accepted(&terms)).when(TALENT, accept(&terms)).refused(Code::WrongState);
    }
}
