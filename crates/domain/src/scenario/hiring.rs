//! Jobs and proposals in each of their states, and the commands on them.

use super::{
    CLIENT, JOB, Outcome, PROPOSAL, TALENT, Who, accept, contract, drafted, given, make_offer, now, offered,
    proposed, submitted, text, usd,
};
use crate::job::{CloseJob, JobEvent, JobExpired, JobStatus, JobSubmitted, PauseJob, RemoveJob, ReviseJob};
use crate::marketplace::{MarketplaceEvent, PolicyPublished};
use crate::money::Money;
use crate::personal::Personal;
use crate::policy::{HiringRules, Policy};
use crate::proposal::{
    CounterOffer, DeclineProposal, MakeDirectOffer, ProposalClosed, ProposalEvent, ProposalSaved,
    ProposalStatus, SaveProposal, ShortlistProposal, WithdrawProposal,
};
use crate::{Command, Event, Role, State};
use std::cell::Cell;

pub(crate) const SUPPORT: Who = Who::Person(20, &[Role::Support]);
pub(crate) const CLIENT_AS_SUPPORT: Who = Who::Person(1, &[Role::Support]);

/// A policy under which support looks at jobs before they open.
pub(crate) fn moderated() -> Event {
    let hiring = HiringRules { moderation: true, ..HiringRules::default() };
    let policy = PolicyPublished { version: 2, policy: Policy { hiring, ..Policy::default() } };
    Event::Marketplace(MarketplaceEvent::PolicyPublished(policy))
}

/// A job for one person that stands so.
pub(crate) fn job_in(status: JobStatus) -> Vec<Event> {
    let open = || vec![drafted(1), submitted()];
    match status {
        JobStatus::Draft => vec![drafted(1)],
        JobStatus::InReview => {
            let submitted = JobSubmitted { job_id: JOB, expires_at: None };
            vec![drafted(1), Event::Job(JobEvent::Submitted(submitted))]
        }
        JobStatus::Open => open(),
        JobStatus::Paused => after(open(), CLIENT, PauseJob { job_id: JOB }),
        JobStatus::Filled => contract(&[usd(1)]),
        JobStatus::Closed => after(open(), CLIENT, CloseJob { job_id: JOB }),
        JobStatus::Expired => {
            let expired = JobExpired { job_id: JOB, grace_ends_at: now().plus_days(3) };
            open().into_iter().chain([Event::Job(JobEvent::Expired(expired))]).collect()
        }
        JobStatus::Removed => removed_from(JobStatus::Open),
    }
}

/// A job that was removed while it stood so.
pub(crate) fn removed_from(status: JobStatus) -> Vec<Event> {
    after(job_in(status), SUPPORT, remove())
}

/// An open job for so many people, of whom one is hired.
pub(crate) fn grown_job(headcount: u16) -> Vec<Event> {
    let on_offer = vec![drafted(headcount), submitted(), proposed(), offered(&[usd(100)])];
    after(on_offer, TALENT, accept(&[usd(100)]))
}

/// The same job for no more than were hired.
pub(crate) fn fill(events: Vec<Event>) -> Vec<Event> {
    after(events, CLIENT, revise(1))
}

/// A proposal for an open job that stands so.
pub(crate) fn proposal_in(status: ProposalStatus) -> Vec<Event> {
    let proposed = || vec![drafted(1), submitted(), proposed()];
    match status {
        ProposalStatus::Draft => vec![drafted(1), submitted(), saved()],
        ProposalStatus::Submitted => proposed(),
        ProposalStatus::Shortlisted => after(proposed(), CLIENT, ShortlistProposal { proposal_id: PROPOSAL }),
        ProposalStatus::Offered => proposed().into_iter().chain([offered(&[usd(100)])]).collect(),
        ProposalStatus::Accepted => contract(&[usd(100)]),
        ProposalStatus::Declined => after(proposed(), CLIENT, decline()),
        ProposalStatus::Withdrawn => after(proposed(), TALENT, WithdrawProposal { proposal_id: PROPOSAL }),
        ProposalStatus::Expired => {
            let closed = ProposalClosed { proposal_id: PROPOSAL, job_id: JOB };
            proposed().into_iter().chain([Event::Proposal(ProposalEvent::Closed(closed))]).collect()
        }
    }
}

fn saved() -> Event {
    Event::Proposal(ProposalEvent::Saved(ProposalSaved {
        proposal_id: PROPOSAL,
        job_id: JOB,
        client: CLIENT.party(),
        talent: TALENT.party(),
        cover_letter: Personal::Clear(text()),
        silence_days: Policy::default().hiring.silence_days,
    }))
}

/// The events, and those of a command that must succeed after them.
#[track_caller]
pub(crate) fn after(mut events: Vec<Event>, who: Who, command: impl Into<Command>) -> Vec<Event> {
    let more = given(events.clone()).when(who, command).events().to_vec();
    events.extend(more);
    events
}

/// Fails unless the command led the job there.
#[track_caller]
pub(crate) fn stands(outcome: &Outcome, status: JobStatus) {
    let found = Cell::new(None);
    outcome.state(|state| {
        if let State::Job(job) = state {
            found.set(Some(job.status()));
        }
    });
    assert_eq!(found.get(), Some(status));
}

/// Fails unless the command led the proposal there.
#[track_caller]
pub(crate) fn negotiates(outcome: &Outcome, status: ProposalStatus) {
    let found = Cell::new(None);
    outcome.state(|state| {
        if let State::Proposal(proposal) = state {
            found.set(Some(proposal.status()));
        }
    });
    assert_eq!(found.get(), Some(status));
}

pub(crate) fn revise(headcount: u16) -> ReviseJob {
    ReviseJob { job_id: JOB, title: text(), description: text(), headcount }
}

pub(crate) fn remove() -> RemoveJob {
    RemoveJob { job_id: JOB, reasons: text() }
}

pub(crate) fn save() -> SaveProposal {
    SaveProposal { job_id: JOB, cover_letter: text() }
}

pub(crate) fn decline() -> DeclineProposal {
    DeclineProposal { proposal_id: PROPOSAL, reasons: Some(text()) }
}

pub(crate) fn counter(number: u32, amounts: &[Money]) -> CounterOffer {
    CounterOffer { proposal_id: PROPOSAL, number, milestones: make_offer(amounts).milestones }
}

pub(crate) fn direct_offer(talent: Who, amounts: &[Money]) -> MakeDirectOffer {
    MakeDirectOffer { job_id: JOB, talent: talent.party(), milestones: make_offer(amounts).milestones }
}
