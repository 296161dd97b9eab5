//! ExpireProposal and CloseProposal: a proposal ends by itself, when nobody has said anything for the policy's window,
//! or when the search that it answered has been over for the policy's grace.
//!
//! A job's end doesn't say which proposals there are, and a proposal doesn't see its job's events. So the job keeps the
//! ids of its open proposals and has a timer for each of them once its search is over; what fires them is the table of
//! all that is due, under a key of job, proposal and epoch, so that each is closed once however often that is killed.

use super::{ProposalClosed, ProposalEvent, ProposalExpired, ProposalStatus, TRANSITIONS};
use crate::command::CommandKind;
use crate::context::{Context, Role};
use crate::event::Event;
use crate::id::{JobId, ProposalId};
use crate::refusal::Refusal;
use crate::stream::States;
use crate::timer::{TimerKind, guard};
use crate::transition::consult;
use serde::Serialize;

/// Lets a proposal lapse, when the timer of its silence is due.
#[derive(Clone, Debug, Serialize)]
pub struct ExpireProposal {
    /// The proposal.
    pub proposal_id: ProposalId,
    /// The revision that set the timer.
    pub epoch: u64,
}

/// Closes a proposal whose job's search is over, when the job's timer for it is due.
#[derive(Clone, Debug, Serialize)]
pub struct CloseProposal {
    /// The job.
    pub job_id: JobId,
    /// The proposal.
    pub proposal_id: ProposalId,
    /// The job's revision that set the timer.
    pub epoch: u64,
}

pub(crate) fn expire(command: &ExpireProposal, states: &States, cx: &Context) -> Result<Vec<Event>, Refusal> {
    let proposal = states.proposal(command.proposal_id)?;
    guard(&proposal.timers(), TimerKind::ExpireProposal, command.epoch, cx.now)?;
    let (kind, to) = (CommandKind::ExpireProposal, ProposalStatus::Expired);
    consult(TRANSITIONS, Some(proposal.status()), kind, Role::System, to)?;
    let expired = ProposalExpired { proposal_id: proposal.id, job_id: proposal.job_id };
    Ok(vec![Event::Proposal(ProposalEvent::Expired(expired))])
}

pub(crate) fn close(command: &CloseProposal, states: &States, cx: &Context) -> Result<Vec<Event>, Refusal> {
    let job = states.job(command.job_id)?;
    guard(&job.timers(), TimerKind::CloseProposal(command.proposal_id), command.epoch, cx.now)?;
    let proposal = states.proposal(command.proposal_id)?;
    let (kind, to) = (CommandKind::CloseProposal, ProposalStatus::Expired);
    consult(TRANSITIONS, Some(proposal.status()), kind, Role::System, to)?;
    let closed = ProposalClosed { proposal_id: proposal.id, job_id: job.id };
    Ok(vec![Event::Proposal(ProposalEvent::Closed(closed))])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::job::{CloseJob, JobStatus, ReopenJob};
    use crate::refusal::Code;
    use crate::scenario::hiring::{SUPPORT, negotiates, proposal_in, remove};
    use crate::scenario::{
        CLIENT, Given, JOB, PROPOSAL, SYSTEM, TALENT, accept, drafted, given, make_offer, now, proposed,
        submitted, usd,
    };

    const TIMER: TimerKind = TimerKind::CloseProposal(PROPOSAL);

    fn closing(given: &Given) -> CloseProposal {
        CloseProposal { job_id: JOB, proposal_id: PROPOSAL, epoch: given.epoch(TIMER) }
    }

    #[test]
    fn a_proposal_that_nobody_talks_about_lapses_wherever_it_stands() {
        for status in [
            ProposalStatus::Draft,
            ProposalStatus::Submitted,
            ProposalStatus::Shortlisted,
            ProposalStatus::Offered,
        ] {
            let open = given(proposal_in(status));
            let expire =
                ExpireProposal { proposal_id: PROPOSAL, epoch: open.epoch(TimerKind::ExpireProposal) };
            open.clone().when(SYSTEM, expire.clone()).refused(Code::TimerNotDue);
            open.clone().when(TALENT, expire.clone()).refused(Code::Forbidden);
            let lapsed = open.at(now().plus_days(60)).when(SYSTEM, expire);
            negotiates(&lapsed, ProposalStatus::Expired);
            lapsed.no_timer(TimerKind::ExpireProposal);
        }
    }

    #[test]
    fn a_word_in_time_puts_the_lapse_off() {
        let submitted = given(proposal_in(ProposalStatus::Submitted));
        let epoch = submitted.epoch(TimerKind::ExpireProposal);
        let answered = submitted.then(CLIENT, make_offer(&[usd(1)])).at(now().plus_days(60));
        answered.when(SYSTEM, ExpireProposal { proposal_id: PROPOSAL, epoch }).refused(Code::TimerStale);
    }

    #[test]
    fn a_proposal_outlives_its_job_by_the_grace() {
        for (who, end) in [(CLIENT, CloseJob { job_id: JOB }.into()), (SUPPORT, remove().into())] {
            let over = given(proposal_in(ProposalStatus::Offered)).then(who, crate::Command::clone(&end));
            let close = closing(&over);
            over.clone().at(now().plus_days(2)).when(SYSTEM, close.clone()).refused(Code::TimerNotDue);
            let closed = over.at(now().plus_days(3)).then(SYSTEM, close.clone());
            assert_eq!(closed.clone().into_states().job(JOB).unwrap().proposals.len(), 0);
            closed.clone().when(TALENT, accept(&[usd(100)])).refused(Code::WrongState);
            closed.when(SYSTEM, close).refused(Code::TimerStale);
        }
    }

    #[test]
    fn a_job_that_is_filled_closes_the_proposals_of_the_others_and_not_the_one_that_was_accepted() {
        let rival = ProposalId::from_u128(77);
        let crate::Event::Proposal(ProposalEvent::Submitted(theirs)) = proposed() else {
            panic!("a proposal")
        };
        let theirs = crate::proposal::ProposalSubmitted { proposal_id: rival, ..theirs };
        let theirs = crate::Event::Proposal(ProposalEvent::Submitted(theirs));
        let offered = given(proposal_in(ProposalStatus::Offered)).and([theirs]);
        let hired = offered.when(TALENT, accept(&[usd(100)]));
        hired.no_timer(TIMER);
        hired.timer(TimerKind::CloseProposal(rival), now().plus_days(3));
    }

    #[test]
    fn a_job_that_opens_again_within_the_grace_keeps_its_proposals() {
        let closed = given(proposal_in(ProposalStatus::Shortlisted)).then(CLIENT, CloseJob { job_id: JOB });
        let close = closing(&closed);
        let open = closed.then(CLIENT, ReopenJob { job_id: JOB }).at(now().plus_days(3));
        open.clone().when(SYSTEM, close).refused(Code::TimerStale);
        assert_eq!(open.into_states().job(JOB).unwrap().status(), JobStatus::Open);
    }

    #[test]
    fn what_is_only_saved_is_not_closed_with_the_job() {
        let saved = given(proposal_in(ProposalStatus::Draft));
        saved.when(CLIENT, CloseJob { job_id: JOB }).no_timer(TIMER);
    }

    #[test]
    fn an_expired_job_closes_its_proposals_too() {
        let open = given([drafted(1), submitted(), proposed()]).at(now().plus_days(60));
        let epoch = open.epoch(TimerKind::ExpireJob);
        let expired = open.when(SYSTEM, crate::job::ExpireJob { job_id: JOB, epoch });
        expired.timer(TIMER, now().plus_days(63));
    }
}
