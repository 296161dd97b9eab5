//! SubmitProposal: a talent answers an open job.

use super::{ProposalEvent, ProposalStatus, ProposalSubmitted, TRANSITIONS};
use crate::command::CommandKind;
use crate::context::{Context, Role};
use crate::event::Event;
use crate::id::JobId;
use crate::job::JobStatus;
use crate::personal::Personal;
use crate::refusal::{Code, Refusal};
use crate::stream::States;
use crate::text::Prose;
use crate::transition::consult;
use serde::Serialize;

/// Proposes oneself for a job.
#[derive(Clone, Debug, Serialize)]
pub struct SubmitProposal {
    /// The job, which must be open.
    pub job_id: JobId,
    /// What the talent says.
    pub cover_letter: Prose,
}

pub(crate) fn decide(command: &SubmitProposal, states: &States, cx: &Context) -> Result<Vec<Event>, Refusal> {
    let talent = cx.actor.person_as(Role::Talent)?;
    let job = states.job(command.job_id)?;
    match job.status() {
        JobStatus::Open => {}
        JobStatus::Filled => return Err(Refusal::new(Code::JobFull, "the job has its people").at("jobId")),
        JobStatus::Expired => {
            return Err(Refusal::new(Code::WrongState, "the job has expired").at("jobId"));
        }
        // A draft is nobody's business but its client's.
        JobStatus::Draft if talent != job.client => return Err(Refusal::not_found("job")),
        JobStatus::Draft => return Err(Refusal::new(Code::WrongState, "the job is not open yet").at("jobId")),
    }
    if talent == job.client {
        return Err(Refusal::new(Code::OwnJob, "nobody works for themselves").at("jobId"));
    }
    consult(TRANSITIONS, None, CommandKind::SubmitProposal, Role::Talent, ProposalStatus::Submitted)?;
    Ok(vec![Event::Proposal(ProposalEvent::Submitted(ProposalSubmitted {
        proposal_id: cx.fresh(),
        job_id: job.id,
        client: job.client,
        talent,
        cover_letter: Personal::Clear(command.cover_letter.clone()),
    }))])
}

#[cfg(test)]
mod tests {
    use crate::refusal::Code;
    use crate::scenario::{BOTH, CLIENT, TALENT, drafted, drafted_by, given, propose, submitted};

    #[test]
    fn a_draft_looks_absent_to_talents() {
        given([drafted(1)]).when(TALENT, propose()).refused(Code::NotFound);
    }

    #[test]
    fn a_client_who_is_also_a_talent_cannot_work_for_themselves() {
        given([drafted_by(BOTH, 1), submitted()]).when(BOTH, propose()).refused(Code::OwnJob);
    }

    #[test]
    fn a_client_cannot_propose() {
        given([drafted(1), submitted()]).when(CLIENT, propose()).refused(Code::Forbidden);
    }
}
