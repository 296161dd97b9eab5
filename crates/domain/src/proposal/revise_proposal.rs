//! ReviseProposal: the talent writes the proposal anew, which answers the job as it is now.

use super::{ProposalEvent, ProposalRevised, TRANSITIONS};
use crate::command::CommandKind;
use crate::context::Context;
use crate::event::Event;
use crate::id::ProposalId;
use crate::personal::Personal;
use crate::refusal::Refusal;
use crate::stream::States;
use crate::text::Prose;
use crate::transition::consult;
use serde::Serialize;

/// Writes a proposal anew.
#[derive(Clone, Debug, Serialize)]
pub struct ReviseProposal {
    /// The proposal.
    pub proposal_id: ProposalId,
    /// What the talent says.
    pub cover_letter: Prose,
}

pub(crate) fn decide(command: &ReviseProposal, states: &States, cx: &Context) -> Result<Vec<Event>, Refusal> {
    let proposal = states.proposal(command.proposal_id)?;
    let (side, stands) = (proposal.side(&cx.actor)?, proposal.status());
    consult(TRANSITIONS, Some(stands), CommandKind::ReviseProposal, side.role(), stands)?;
    let version = states.job(proposal.job_id)?.version;
    Ok(vec![Event::Proposal(ProposalEvent::Revised(ProposalRevised {
        proposal_id: proposal.id,
        job_version: proposal.job_version.map(|_| version),
        cover_letter: Personal::Clear(command.cover_letter.clone()),
    }))])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::proposal::ProposalStatus;
    use crate::refusal::Code;
    use crate::scenario::hiring::{negotiates, proposal_in, revise};
    use crate::scenario::{CLIENT, OTHER_TALENT, PROPOSAL, TALENT, given, now};
    use crate::timer::TimerKind;

    fn rewrite() -> ReviseProposal {
        ReviseProposal { proposal_id: PROPOSAL, cover_letter: Prose::parse("better words").unwrap() }
    }

    #[test]
    fn a_revised_proposal_answers_the_job_as_it_is_now() {
        let revised = given(proposal_in(ProposalStatus::Submitted)).then(CLIENT, revise(1));
        let version =
            |given: crate::scenario::Given| given.into_states().proposal(PROPOSAL).unwrap().job_version;
        assert_eq!(version(revised.clone()), Some(1));
        assert_eq!(version(revised.then(TALENT, rewrite())), Some(2));
    }

    #[test]
    fn a_draft_is_revised_and_stays_one() {
        negotiates(&given(proposal_in(ProposalStatus::Draft)).when(TALENT, rewrite()), ProposalStatus::Draft);
    }

    #[test]
    fn every_word_on_a_proposal_puts_its_silence_off() {
        let revised = given(proposal_in(ProposalStatus::Submitted)).at(now().plus_days(50));
        revised.when(TALENT, rewrite()).timer(TimerKind::ExpireProposal, now().plus_days(110));
    }

    #[test]
    fn only_the_talent_revises_and_not_while_an_offer_is_open() {
        let submitted = || given(proposal_in(ProposalStatus::Submitted));
        submitted().when(CLIENT, rewrite()).refused(Code::Forbidden);
        submitted().when(OTHER_TALENT, rewrite()).refused(Code::NotFound);
        given(proposal_in(ProposalStatus::Offered)).when(TALENT, rewrite()).refused(Code::WrongState);
    }
}
