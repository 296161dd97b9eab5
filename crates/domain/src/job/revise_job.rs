//! ReviseJob: the client writes the job anew. Proposals keep the version that they answered.

use super::{JobEvent, JobFilled, JobRevised, JobStatus, grace_ends_at, moves};
use crate::command::CommandKind;
use crate::context::{Context, Role};
use crate::event::Event;
use crate::id::JobId;
use crate::personal::Personal;
use crate::refusal::{Code, Refusal};
use crate::stream::States;
use crate::text::{Prose, Title};
use serde::Serialize;

/// Writes a job anew.
#[derive(Clone, Debug, Serialize)]
pub struct ReviseJob {
    /// The job.
    pub job_id: JobId,
    /// One line.
    pub title: Title,
    /// What is to be done.
    pub description: Prose,
    /// How many people, from those already hired to the policy's limit.
    pub headcount: u16,
}

pub(crate) fn decide(command: &ReviseJob, states: &States, cx: &Context) -> Result<Vec<Event>, Refusal> {
    let job = states.job(command.job_id)?;
    job.is_of(&cx.actor)?;
    let fills = job.is_filled_at(command.headcount);
    let to = if fills { JobStatus::Filled } else { job.status() };
    moves(job, (CommandKind::ReviseJob, Role::Client), to)?;
    let (least, most) = (job.hires.max(1), states.marketplace()?.policy.limits.headcount);
    // A limit that was lowered meanwhile binds what is added, not what is there.
    let most = most.max(job.headcount);
    if !(least..=most).contains(&command.headcount) {
        let message = format!("expected {least} to {most}; {} were hired", job.hires);
        return Err(Refusal::new(Code::CountOutOfRange, message).at("headcount"));
    }
    let mut events = vec![Event::Job(JobEvent::Revised(JobRevised {
        job_id: job.id,
        version: job.version + 1,
        title: Personal::Clear(command.title.clone()),
        description: Personal::Clear(command.description.clone()),
        headcount: command.headcount,
    }))];
    if fills {
        let grace_ends_at = grace_ends_at(states, cx)?;
        events.push(Event::Job(JobEvent::Filled(JobFilled { job_id: job.id, grace_ends_at })));
    }
    Ok(events)
}

#[cfg(test)]
mod tests {
    use crate::job::JobStatus;
    use crate::refusal::Code;
    use crate::scenario::hiring::{fill, grown_job, job_in, revise, stands};
    use crate::scenario::{CLIENT, JOB, STRANGER, TALENT, given, propose};
    use crate::timer::TimerKind;
    use crate::{State, StreamId};

    #[test]
    fn every_revision_counts_and_a_proposal_keeps_the_version_that_it_answered() {
        let revised = given(job_in(JobStatus::Open)).then(CLIENT, revise(1)).then(CLIENT, revise(2));
        let states = revised.clone().into_states();
        assert_eq!(states.job(JOB).unwrap().version, 3);
        let answered = revised.when(TALENT, propose());
        let StreamId::Proposal(id) = answered.events()[0].begins().unwrap() else { panic!("a proposal") };
        let states = given(job_in(JobStatus::Open)).and(answered.events().to_vec()).into_states();
        assert_eq!(states.proposal(id).unwrap().job_version, Some(3));
    }

    #[test]
    fn the_headcount_is_never_less_than_those_hired() {
        let one_of_three = || given(grown_job(3));
        one_of_three().when(CLIENT, revise(0)).refused_at(Code::CountOutOfRange, "headcount");
        one_of_three().when(CLIENT, revise(101)).refused_at(Code::CountOutOfRange, "headcount");
        one_of_three().when(CLIENT, revise(2)).state(|state| {
            if let State::Job(job) = state {
                assert_eq!((job.status(), job.headcount, job.hires), (JobStatus::Open, 2, 1));
            }
        });
    }

    #[test]
    fn an_open_job_for_as_many_as_were_hired_is_filled() {
        let filled = given(grown_job(3)).when(CLIENT, revise(1));
        stands(&filled, JobStatus::Filled);
        filled.no_timer(TimerKind::ExpireJob);
    }

    #[test]
    fn a_job_is_not_rewritten_under_review_while_paused_or_once_removed() {
        for status in [JobStatus::InReview, JobStatus::Paused, JobStatus::Removed] {
            given(job_in(status)).when(CLIENT, revise(1)).refused(Code::WrongState);
        }
        given(job_in(JobStatus::Draft)).when(STRANGER, revise(1)).refused(Code::NotFound);
    }

    #[test]
    fn a_filled_job_takes_more_people_once_it_wants_more() {
        let filled = || given(fill(grown_job(2)));
        filled().when(CLIENT, crate::job::ReopenJob { job_id: JOB }).refused(Code::JobFull);
        let wanting = filled().then(CLIENT, revise(3));
        stands(&wanting.when(CLIENT, crate::job::ReopenJob { job_id: JOB }), JobStatus::Open);
    }
}
