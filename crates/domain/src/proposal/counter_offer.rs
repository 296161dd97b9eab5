//! CounterOffer: the other side answers the open offer with one of its own, which takes its place.

use super::make_offer::made;
use super::{OfferSuperseded, OfferedMilestone, ProposalEvent, ProposalStatus, TRANSITIONS};
use crate::command::CommandKind;
use crate::context::Context;
use crate::event::Event;
use crate::id::ProposalId;
use crate::refusal::Refusal;
use crate::stream::States;
use crate::transition::consult;
use serde::Serialize;

/// Answers offer `number` with another.
#[derive(Clone, Debug, Serialize)]
pub struct CounterOffer {
    /// The proposal.
    pub proposal_id: ProposalId,
    /// The open offer's number, so that a newer one is not answered by accident.
    pub number: u32,
    /// At least one, all in one currency.
    pub milestones: Vec<OfferedMilestone>,
}

pub(crate) fn decide(command: &CounterOffer, states: &States, cx: &Context) -> Result<Vec<Event>, Refusal> {
    let proposal = states.proposal(command.proposal_id)?;
    let (kind, author) = (CommandKind::CounterOffer, proposal.side(&cx.actor)?);
    consult(TRANSITIONS, Some(proposal.status()), kind, author.role(), ProposalStatus::Offered)?;
    let number = proposal.offered_to(author, command.number)?.number;
    states.job(proposal.job_id)?.takes_proposals(proposal.of(author))?;
    let superseded = OfferSuperseded { proposal_id: proposal.id, number };
    Ok(vec![
        Event::Proposal(ProposalEvent::OfferSuperseded(superseded)),
        made((proposal.id, number + 1, author), &command.milestones, states, cx)?,
    ])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::job::CloseJob;
    use crate::proposal::Party;
    use crate::refusal::Code;
    use crate::scenario::hiring::{counter, negotiates, proposal_in};
    use crate::scenario::{CLIENT, JOB, PROPOSAL, STRANGER, TALENT, accept, given, now, usd};
    use crate::timer::TimerKind;

    #[test]
    fn a_counter_offer_takes_the_place_of_the_one_that_it_answers() {
        let offered = given(proposal_in(ProposalStatus::Offered)).at(now().plus_days(5));
        let outcome = offered.clone().when(TALENT, counter(1, &[usd(200)]));
        outcome.timer(TimerKind::ExpireOffer, now().plus_days(12));
        let countered = offered.then(TALENT, counter(1, &[usd(200)]));
        let states = countered.clone().into_states();
        let offer = states.proposal(PROPOSAL).unwrap().offer().unwrap().clone();
        assert_eq!((offer.number, offer.author), (2, Party::Talent));
        countered.clone().when(CLIENT, accept(&[usd(100)])).refused_at(Code::OfferSuperseded, "offer");
        let accept =
            crate::proposal::AcceptOffer { proposal_id: PROPOSAL, number: 2, terms_hash: offer.terms_hash };
        negotiates(&countered.when(CLIENT, accept), ProposalStatus::Accepted);
    }

    #[test]
    fn only_the_side_that_was_offered_counters_and_only_what_it_read() {
        let offered = || given(proposal_in(ProposalStatus::Offered));
        offered().when(CLIENT, counter(1, &[usd(1)])).refused(Code::WrongSide);
        offered().when(STRANGER, counter(1, &[usd(1)])).refused(Code::NotFound);
        offered().when(TALENT, counter(2, &[usd(1)])).refused_at(Code::OfferSuperseded, "offer");
        offered()
            .when(TALENT, counter(1, &[usd(1), usd(0)]))
            .refused_at(Code::AmountNotPositive, "milestones[1].amount");
        let submitted = given(proposal_in(ProposalStatus::Submitted));
        submitted.when(TALENT, counter(1, &[usd(1)])).refused(Code::WrongState);
    }

    #[test]
    fn nothing_new_is_offered_once_the_search_is_over() {
        let closed = given(proposal_in(ProposalStatus::Offered)).then(CLIENT, CloseJob { job_id: JOB });
        closed.when(TALENT, counter(1, &[usd(1)])).refused(Code::WrongState);
    }
}
