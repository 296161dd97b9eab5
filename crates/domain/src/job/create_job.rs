//! CreateJob: a client drafts a job.

use super::{JobCreated, JobEvent, JobStatus, TRANSITIONS};
use crate::command::CommandKind;
use crate::context::{Context, Role};
use crate::event::Event;
use crate::personal::Personal;
use crate::refusal::{Code, Refusal};
use crate::stream::States;
use crate::text::{Prose, Title};
use crate::transition::consult;
use serde::Serialize;

/// Drafts a job.
#[derive(Clone, Debug, Serialize)]
pub struct CreateJob {
    /// One line.
    pub title: Title,
    /// What is to be done.
    pub description: Prose,
    /// How many people, from 1 to the policy's limit.
    pub headcount: u16,
}

pub(crate) fn decide(command: &CreateJob, states: &States, cx: &Context) -> Result<Vec<Event>, Refusal> {
    let client = cx.actor.person_as(Role::Client)?;
    consult(TRANSITIONS, None, CommandKind::CreateJob, Role::Client, JobStatus::Draft)?;
    let most = states.marketplace()?.policy.limits.headcount;
    if !(1..=most).contains(&command.headcount) {
        return Err(Refusal::new(Code::CountOutOfRange, format!("expected 1 to {most}")).at("headcount"));
    }
    Ok(vec![Event::Job(JobEvent::Created(JobCreated {
        job_id: cx.fresh(),
        client,
        title: Personal::Clear(command.title.clone()),
        description: Personal::Clear(command.description.clone()),
        headcount: command.headcount,
    }))])
}

#[cfg(test)]
mod tests {
    use crate::refusal::Code;
    use crate::scenario::{CLIENT, TALENT, create_job, given};

    #[test]
    fn a_talent_cannot_post_a_job() {
        given([]).when(TALENT, create_job(1)).refused(Code::Forbidden);
    }

    #[test]
    fn a_job_for_nobody_is_refused() {
        given([]).when(CLIENT, create_job(0)).refused(Code::CountOutOfRange);
    }
}
