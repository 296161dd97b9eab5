//! SubmitProposal: a talent answers an open job, at once or after having saved a draft of it.

use super::{
    ProposalEvent, ProposalSaved, ProposalStatus, ProposalSubmitted, SavedProposalSubmitted, TRANSITIONS,
};
use crate::command::CommandKind;
use crate::context::{Context, Role};
use crate::event::Event;
use crate::id::{JobId, PartyId, ProposalId};
use crate::job::Job;
use crate::personal::Personal;
use crate::refusal::{Code, Kind, Refusal};
use crate::stream::States;
use crate::text::Prose;
use crate::transition::consult;
use serde::Serialize;

/// Most open proposals of one job; those that are only saved don't count.
pub const PROPOSALS_MAX: usize = 1_000;

/// Begins a proposal that only the talent sees.
#[derive(Clone, Debug, Serialize)]
pub struct SaveProposal {
    /// The job, which must be open.
    pub job_id: JobId,
    /// What the talent says.
    pub cover_letter: Prose,
}

/// Proposes oneself for a job.
#[derive(Clone, Debug, Serialize)]
pub struct SubmitProposal {
    /// The job, which must be open.
    pub job_id: JobId,
    /// What the talent says.
    pub cover_letter: Prose,
}

/// Proposes what was saved.
#[derive(Clone, Debug, Serialize)]
pub struct SubmitSavedProposal {
    /// The proposal, whose job must be open.
    pub proposal_id: ProposalId,
}

pub(crate) fn decide(command: &SubmitProposal, states: &States, cx: &Context) -> Result<Vec<Event>, Refusal> {
    let talent = cx.actor.person_as(Role::Talent)?;
    let job = proposable(states.job(command.job_id)?, talent).map_err(at_job)?;
    with_room(job).map_err(at_job)?;
    consult(TRANSITIONS, None, CommandKind::SubmitProposal, Role::Talent, ProposalStatus::Submitted)?;
    Ok(vec![Event::Proposal(ProposalEvent::Submitted(ProposalSubmitted {
        proposal_id: cx.fresh(),
        job_id: job.id,
        job_version: job.version,
        client: job.client,
        talent,
        cover_letter: Personal::Clear(command.cover_letter.clone()),
        silence_days: states.marketplace()?.policy.hiring.silence_days,
    }))])
}

pub(crate) fn save(command: &SaveProposal, states: &States, cx: &Context) -> Result<Vec<Event>, Refusal> {
    let talent = cx.actor.person_as(Role::Talent)?;
    let job = proposable(states.job(command.job_id)?, talent).map_err(at_job)?;
    consult(TRANSITIONS, None, CommandKind::SaveProposal, Role::Talent, ProposalStatus::Draft)?;
    Ok(vec![Event::Proposal(ProposalEvent::Saved(ProposalSaved {
        proposal_id: cx.fresh(),
        job_id: job.id,
        client: job.client,
        talent,
        cover_letter: Personal::Clear(command.cover_letter.clone()),
        silence_days: states.marketplace()?.policy.hiring.silence_days,
    }))])
}

pub(crate) fn saved(
    command: &SubmitSavedProposal,
    states: &States,
    cx: &Context,
) -> Result<Vec<Event>, Refusal> {
    let proposal = states.proposal(command.proposal_id)?;
    let (kind, side) = (CommandKind::SubmitSavedProposal, proposal.side(&cx.actor)?);
    consult(TRANSITIONS, Some(proposal.status()), kind, side.role(), ProposalStatus::Submitted)?;
    let job = with_room(proposable(states.job(proposal.job_id)?, proposal.talent)?)?;
    Ok(vec![Event::Proposal(ProposalEvent::SavedSubmitted(SavedProposalSubmitted {
        proposal_id: proposal.id,
        job_id: job.id,
        job_version: job.version,
        talent: proposal.talent,
    }))])
}

/// The job, if `talent` can propose for it.
fn proposable(job: &Job, talent: PartyId) -> Result<&Job, Refusal> {
    job.takes_proposals(talent)?;
    if talent == job.client {
        return Err(Refusal::new(Code::OwnJob, "nobody works for themselves"));
    }
    Ok(job)
}

/// The job, if it can take one more proposal.
pub(crate) fn with_room(job: &Job) -> Result<&Job, Refusal> {
    if job.proposals.len() < PROPOSALS_MAX {
        return Ok(job);
    }
    let message = format!("the job has {PROPOSALS_MAX} open proposals: some must be answered first");
    Err(Refusal::new(Code::LimitReached, message))
}

/// Names the field, unless the job looks absent: then nothing tells it from one that is.
fn at_job(refusal: Refusal) -> Refusal {
    if refusal.code.kind() == Kind::NotFound { refusal } else { refusal.at("jobId") }
}

#[cfg(test)]
mod tests {
    use crate::event::Event;
    use crate::id::{PartyId, ProposalId};
    use crate::job::JobStatus;
    use crate::proposal::{
        PROPOSALS_MAX, ProposalEvent, ProposalStatus, ProposalSubmitted, SubmitSavedProposal,
    };
    use crate::refusal::Code;
    use crate::scenario::hiring::{job_in, negotiates, proposal_in, save};
    use crate::scenario::{
        BOTH, CLIENT, JOB, OTHER_TALENT, PROPOSAL, TALENT, drafted, drafted_by, given, propose, proposed,
        submitted,
    };
    use crate::timer::TimerKind;

    const SUBMIT: SubmitSavedProposal = SubmitSavedProposal { proposal_id: PROPOSAL };

    #[test]
    fn a_draft_looks_absent_to_talents() {
        given([drafted(1)]).when(TALENT, propose()).refused(Code::NotFound);
    }

    #[test]
    fn nobody_proposes_for_a_job_that_is_not_open_or_not_to_be_seen() {
        for status in [JobStatus::InReview, JobStatus::Removed] {
            given(job_in(status)).when(TALENT, propose()).refused(Code::NotFound);
        }
        for status in [JobStatus::Paused, JobStatus::Closed, JobStatus::Expired] {
            given(job_in(status)).when(TALENT, propose()).refused_at(Code::WrongState, "jobId");
        }
        given(job_in(JobStatus::Filled)).when(TALENT, save()).refused_at(Code::JobFull, "jobId");
    }

    #[test]
    fn a_client_who_is_also_a_talent_cannot_work_for_themselves() {
        given([drafted_by(BOTH, 1), submitted()]).when(BOTH, propose()).refused(Code::OwnJob);
    }

    #[test]
    fn a_client_cannot_propose() {
        given([drafted(1), submitted()]).when(CLIENT, propose()).refused(Code::Forbidden);
    }

    #[test]
    fn what_is_saved_is_its_talents_alone_until_it_is_submitted() {
        let saved = || given(proposal_in(ProposalStatus::Draft));
        let decline = crate::scenario::hiring::decline();
        saved().when(CLIENT, decline.clone()).refused(Code::NotFound);
        saved().when(OTHER_TALENT, SUBMIT).refused(Code::NotFound);
        let submitted = saved().then(TALENT, SUBMIT);
        submitted.clone().when(TALENT, SUBMIT).refused(Code::WrongState);
        negotiates(&submitted.when(CLIENT, decline), ProposalStatus::Declined);
    }

    #[test]
    fn what_is_saved_counts_for_the_job_only_once_it_is_submitted() {
        let counted = |given: crate::scenario::Given| given.into_states().job(JOB).unwrap().proposals.len();
        let saved = given(proposal_in(ProposalStatus::Draft));
        assert_eq!(counted(saved.clone()), 0);
        assert_eq!(counted(saved.then(TALENT, SUBMIT)), 1);
    }

    #[test]
    fn what_is_saved_cannot_be_submitted_once_the_search_is_over() {
        let saved = given(proposal_in(ProposalStatus::Draft));
        let closed = saved.then(CLIENT, crate::job::CloseJob { job_id: JOB });
        closed.when(TALENT, SUBMIT).refused(Code::WrongState);
    }

    #[test]
    fn a_job_has_no_more_open_proposals_than_it_can_keep() {
        let Event::Proposal(ProposalEvent::Submitted(one)) = proposed() else { panic!("a proposal") };
        let many = (0..PROPOSALS_MAX).map(|n| {
            let (proposal_id, talent) =
                (ProposalId::from_u128(1_000 + n as u128), PartyId::from_u128(9_000 + n as u128));
            Event::Proposal(ProposalEvent::Submitted(ProposalSubmitted {
                proposal_id,
                talent,
                ..one.clone()
            }))
        });
        let full = given([drafted(1), submitted()]).and(many);
        full.when(TALENT, propose()).refused_at(Code::LimitReached, "jobId");
    }

    #[test]
    fn a_proposal_lapses_when_nobody_says_anything() {
        let open = given([drafted(1), submitted()]);
        open.when(TALENT, propose()).timer(TimerKind::ExpireProposal, crate::scenario::now().plus_days(60));
    }
}
