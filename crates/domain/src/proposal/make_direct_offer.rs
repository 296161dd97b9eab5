//! MakeDirectOffer: a client offers a contract to a talent who has not proposed.

use super::make_offer::made;
use super::submit_proposal::with_room;
use super::{OfferedMilestone, Party, ProposalBegun, ProposalEvent, ProposalStatus, TRANSITIONS};
use crate::command::CommandKind;
use crate::context::{Context, Role};
use crate::event::Event;
use crate::id::{JobId, PartyId, ProposalId};
use crate::refusal::{Code, Refusal};
use crate::stream::States;
use crate::transition::consult;
use serde::Serialize;

/// Offers a contract to a talent, which begins a proposal.
#[derive(Clone, Debug, Serialize)]
pub struct MakeDirectOffer {
    /// The client's own job, which must be open.
    pub job_id: JobId,
    /// Who is wanted.
    pub talent: PartyId,
    /// At least one, all in one currency.
    pub milestones: Vec<OfferedMilestone>,
}

pub(crate) fn decide(
    command: &MakeDirectOffer,
    states: &States,
    cx: &Context,
) -> Result<Vec<Event>, Refusal> {
    let job = states.job(command.job_id)?;
    job.is_of(&cx.actor)?;
    job.takes_proposals(job.client).and_then(|()| with_room(job)).map_err(|refusal| refusal.at("jobId"))?;
    if command.talent == job.client {
        return Err(Refusal::new(Code::OwnJob, "nobody works for themselves").at("talent"));
    }
    consult(TRANSITIONS, None, CommandKind::MakeDirectOffer, Role::Client, ProposalStatus::Offered)?;
    let proposal_id: ProposalId = cx.fresh();
    let begun = ProposalBegun {
        proposal_id,
        job_id: job.id,
        job_version: job.version,
        client: job.client,
        talent: command.talent,
        silence_days: states.marketplace()?.policy.hiring.silence_days,
    };
    Ok(vec![
        Event::Proposal(ProposalEvent::Begun(begun)),
        made((proposal_id, 1, Party::Client), &command.milestones, states, cx)?,
    ])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::job::JobStatus;
    use crate::proposal::AcceptOffer;
    use crate::scenario::hiring::{direct_offer, job_in, negotiates, stands};
    use crate::scenario::{CLIENT, OTHER_TALENT, STRANGER, TALENT, given, now, usd};
    use crate::timer::TimerKind;

    #[test]
    fn a_direct_offer_begins_a_proposal_that_the_talent_can_accept() {
        let open = given(job_in(JobStatus::Open));
        let outcome = open.clone().when(CLIENT, direct_offer(TALENT, &[usd(100)]));
        negotiates(&outcome, ProposalStatus::Offered);
        outcome.timer(TimerKind::ExpireOffer, now().plus_days(7));
        let [_, Event::Proposal(ProposalEvent::OfferMade(offer))] = outcome.events() else {
            panic!("an offer")
        };
        let accept = AcceptOffer {
            proposal_id: offer.proposal_id,
            number: offer.number,
            terms_hash: offer.terms_hash,
        };
        let offered = open.and(outcome.events().to_vec());
        offered.clone().when(OTHER_TALENT, accept.clone()).refused(Code::NotFound);
        offered.clone().when(CLIENT, accept.clone()).refused(Code::WrongSide);
        stands(&offered.when(TALENT, accept), JobStatus::Filled);
    }

    #[test]
    fn a_direct_offer_comes_from_the_client_of_an_open_job_and_goes_to_somebody_else() {
        let open = || given(job_in(JobStatus::Open));
        open().when(STRANGER, direct_offer(TALENT, &[usd(1)])).refused(Code::NotFound);
        open().when(TALENT, direct_offer(TALENT, &[usd(1)])).refused(Code::Forbidden);
        open().when(CLIENT, direct_offer(CLIENT, &[usd(1)])).refused_at(Code::OwnJob, "talent");
        open().when(CLIENT, direct_offer(TALENT, &[])).refused_at(Code::CountOutOfRange, "milestones");
        for status in [JobStatus::Draft, JobStatus::Paused, JobStatus::Closed] {
            let closed = given(job_in(status));
            closed.when(CLIENT, direct_offer(TALENT, &[usd(1)])).refused_at(Code::WrongState, "jobId");
        }
    }
}
