//! A job as its decisions see it.

use super::{JobEvent, JobStatus};
use crate::context::Actor;
use crate::contract::ContractEvent;
use crate::event::Event;
use crate::id::{JobId, PartyId, ProposalId};
use crate::proposal::ProposalEvent;
use crate::refusal::{Code, Refusal};
use crate::stream::Mark;
use crate::time::Timestamp;
use crate::timer::{Timer, TimerKind};
use std::collections::BTreeMap;

/// A job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Job {
    /// Its id.
    pub id: JobId,
    /// Whose job it is.
    pub client: PartyId,
    /// Counts what it said, from 1.
    pub version: u32,
    /// How many people are wanted.
    pub headcount: u16,
    /// How many accepted an offer.
    pub hires: u16,
    /// The invitations that stand.
    pub invitations: BTreeMap<PartyId, Invitation>,
    /// The open proposals for it, each with its talent, so that they end when the search has. Drafts are not among
    /// them.
    pub proposals: BTreeMap<ProposalId, PartyId>,
    phase: Phase,
}

/// An invitation that stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Invitation {
    /// When it lapses.
    pub expires_at: Timestamp,
    since: u64,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Phase {
    Draft,
    InReview,
    Open { expires_at: Timestamp, since: u64 },
    Paused { closes_at: Timestamp, since: u64 },
    Over { how: Over, grace: Grace },
    Removed { prior: Box<Phase>, grace: Grace },
}

/// How a search ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Over {
    Filled,
    Closed,
    Expired,
}

/// How long proposals outlive their job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Grace {
    ends_at: Timestamp,
    since: u64,
}

impl Phase {
    const fn status(&self) -> JobStatus {
        match self {
            Self::Draft => JobStatus::Draft,
            Self::InReview => JobStatus::InReview,
            Self::Open { .. } => JobStatus::Open,
            Self::Paused { .. } => JobStatus::Paused,
            Self::Over { how: Over::Filled, .. } => JobStatus::Filled,
            Self::Over { how: Over::Closed, .. } => JobStatus::Closed,
            Self::Over { how: Over::Expired, .. } => JobStatus::Expired,
            Self::Removed { .. } => JobStatus::Removed,
        }
    }
}

impl Job {
    /// Where it stands.
    pub fn status(&self) -> JobStatus {
        self.phase.status()
    }

    /// Where a removed job stood before.
    pub fn prior(&self) -> Option<JobStatus> {
        match &self.phase {
            Phase::Removed { prior, .. } => Some(prior.status()),
            Phase::Draft
            | Phase::InReview
            | Phase::Open { .. }
            | Phase::Paused { .. }
            | Phase::Over { .. } => None,
        }
    }

    /// Whether an offer for it can be accepted: there is a place, and nobody removed it. An offer that stands outlives
    /// the search by the grace.
    pub fn has_room(&self) -> bool {
        match self.status() {
            JobStatus::Open | JobStatus::Paused | JobStatus::Closed | JobStatus::Expired => {
                self.hires < self.headcount
            }
            JobStatus::Draft | JobStatus::InReview | JobStatus::Filled | JobStatus::Removed => false,
        }
    }

    /// Whether one more hire ends the search: it takes the last place while the search goes on.
    pub fn is_filled_by_one(&self) -> bool {
        matches!(self.phase, Phase::Open { .. } | Phase::Paused { .. })
            && self.hires.saturating_add(1) >= self.headcount
    }

    /// Whether an open job is filled when it wants no more than `headcount` people: all of them were hired.
    pub fn is_filled_at(&self, headcount: u16) -> bool {
        self.status() == JobStatus::Open && self.hires > 0 && self.hires == headcount
    }

    /// That the actor, who gives a command for clients, is its client.
    ///
    /// # Errors
    /// `NOT_FOUND` for everybody else.
    pub(crate) fn is_of(&self, actor: &Actor) -> Result<(), Refusal> {
        if actor.party() == Some(self.client) { Ok(()) } else { Err(Refusal::not_found("job")) }
    }

    /// That it takes proposals and offers, as `party` may know.
    ///
    /// # Errors
    /// `JOB_FULL` or `WRONG_STATE`, and `NOT_FOUND` for those to whom the job looks absent.
    pub(crate) fn takes_proposals(&self, party: PartyId) -> Result<(), Refusal> {
        match self.status() {
            JobStatus::Open => Ok(()),
            JobStatus::Filled => Err(Refusal::new(Code::JobFull, "the job has its people")),
            // What never was public, or is not any more, is nobody's business but its client's.
            JobStatus::Draft | JobStatus::InReview | JobStatus::Removed if party != self.client => {
                Err(Refusal::not_found("job"))
            }
            JobStatus::Draft | JobStatus::InReview => {
                Err(Refusal::new(Code::WrongState, "the job is not open yet"))
            }
            JobStatus::Paused | JobStatus::Closed | JobStatus::Expired | JobStatus::Removed => {
                Err(Refusal::new(Code::WrongState, "the job is not open any more"))
            }
        }
    }

    /// An open job expires, a paused one is closed, invitations lapse, and open proposals end with the search.
    pub fn timers(&self) -> Vec<Timer> {
        let mut timers: Vec<Timer> = self.invitations.iter().map(Invitation::timer).collect();
        let grace = match &self.phase {
            Phase::Draft | Phase::InReview => return timers,
            Phase::Open { expires_at, since } => {
                timers.push(Timer { kind: TimerKind::ExpireJob, due: *expires_at, epoch: *since });
                return timers;
            }
            Phase::Paused { closes_at, since } => {
                timers.push(Timer { kind: TimerKind::AutoCloseJob, due: *closes_at, epoch: *since });
                return timers;
            }
            Phase::Over { grace, .. } | Phase::Removed { grace, .. } => grace,
        };
        timers.extend(self.proposals.keys().map(|proposal| Timer {
            kind: TimerKind::CloseProposal(*proposal),
            due: grace.ends_at,
            epoch: grace.since,
        }));
        timers
    }

    /// The talent whom a timer concerns.
    pub(crate) fn concerned(&self, kind: TimerKind) -> Option<PartyId> {
        if let TimerKind::CloseProposal(proposal) = kind {
            return self.proposals.get(&proposal).copied();
        }
        if let TimerKind::LapseInvitation(talent) = kind { Some(talent) } else { None }
    }

    /// Roughly the bytes of what it keeps beside itself.
    pub(crate) fn weight(&self) -> usize {
        self.invitations.len() * size_of::<(PartyId, Invitation)>()
            + self.proposals.len() * size_of::<(ProposalId, PartyId)>()
    }

    pub(crate) fn evolve(state: Option<Self>, event: &Event, mark: Mark) -> Option<Self> {
        match event {
            Event::Job(JobEvent::Created(e)) => Some(Self {
                id: e.job_id,
                client: e.client,
                version: 1,
                headcount: e.headcount,
                hires: 0,
                invitations: BTreeMap::new(),
                proposals: BTreeMap::new(),
                phase: Phase::Draft,
            }),
            Event::Job(event) => state.map(|job| job.moved(event, mark)),
            Event::Proposal(event) => state.map(|job| job.answered(event)),
            Event::Contract(ContractEvent::Cancelled(_)) => {
                state.map(|job| Self { hires: job.hires.saturating_sub(1), ..job })
            }
            Event::Marketplace(_)
            | Event::Contract(_)
            | Event::Milestone(_)
            | Event::Escrow(_)
            | Event::Deposit(_)
            | Event::Refund(_)
            | Event::Dispute(_)
            | Event::Account(_)
            | Event::Payout(_)
            | Event::Settlement(_)
            | Event::Process(_) => state,
        }
    }

    /// The job after an event of its own.
    fn moved(mut self, event: &JobEvent, mark: Mark) -> Self {
        let since = mark.revision;
        let over = |how, ends_at| Phase::Over { how, grace: Grace { ends_at, since } };
        self.phase = match event {
            JobEvent::Created(_) => self.phase,
            JobEvent::Revised(e) => {
                (self.version, self.headcount) = (e.version, e.headcount);
                self.phase
            }
            JobEvent::TalentInvited(e) => {
                self.invitations.insert(e.talent, Invitation { expires_at: e.expires_at, since });
                self.phase
            }
            JobEvent::InvitationLapsed(e) => {
                self.invitations.remove(&e.talent);
                self.phase
            }
            JobEvent::Submitted(e) => {
                e.expires_at.map_or(Phase::InReview, |expires_at| Phase::Open { expires_at, since })
            }
            JobEvent::Rejected(_) => Phase::Draft,
            JobEvent::Approved(e) => Phase::Open { expires_at: e.expires_at, since },
            JobEvent::Resumed(e) => Phase::Open { expires_at: e.expires_at, since },
            JobEvent::Reopened(e) => Phase::Open { expires_at: e.expires_at, since },
            JobEvent::Paused(e) => Phase::Paused { closes_at: e.closes_at, since },
            JobEvent::Filled(e) => over(Over::Filled, e.grace_ends_at),
            JobEvent::Closed(e) => over(Over::Closed, e.grace_ends_at),
            JobEvent::Expired(e) => over(Over::Expired, e.grace_ends_at),
            JobEvent::Removed(e) => Phase::Removed {
                prior: Box::new(self.phase),
                grace: Grace { ends_at: e.grace_ends_at, since },
            },
            JobEvent::Reinstated(e) => self.phase.reinstated(e.until, since),
        };
        // Invitations fall with the search.
        if !matches!(self.phase, Phase::Open { .. } | Phase::Paused { .. }) {
            self.invitations.clear();
        }
        self
    }

    /// The job after an event of one of its proposals.
    fn answered(mut self, event: &ProposalEvent) -> Self {
        match event {
            ProposalEvent::Submitted(e) => drop(self.proposals.insert(e.proposal_id, e.talent)),
            ProposalEvent::SavedSubmitted(e) => drop(self.proposals.insert(e.proposal_id, e.talent)),
            ProposalEvent::Begun(e) => drop(self.proposals.insert(e.proposal_id, e.talent)),
            ProposalEvent::OfferAccepted(e) => {
                self.hires = self.hires.saturating_add(1);
                self.proposals.remove(&e.proposal_id);
            }
            ProposalEvent::Withdrawn(e) => drop(self.proposals.remove(&e.proposal_id)),
            ProposalEvent::Declined(e) => drop(self.proposals.remove(&e.proposal_id)),
            ProposalEvent::OfferDeclined(e) => drop(self.proposals.remove(&e.proposal_id)),
            ProposalEvent::Expired(e) => drop(self.proposals.remove(&e.proposal_id)),
            ProposalEvent::Closed(e) => drop(self.proposals.remove(&e.proposal_id)),
            // These are the proposal's alone.
            ProposalEvent::Saved(_)
            | ProposalEvent::Revised(_)
            | ProposalEvent::Shortlisted(_)
            | ProposalEvent::OfferMade(_)
            | ProposalEvent::OfferSuperseded(_)
            | ProposalEvent::OfferWithdrawn(_)
            | ProposalEvent::OfferExpired(_) => {}
        }
        self
    }
}

impl Phase {
    /// What a removed job is again. Its timers are set anew, so that one which came to nothing meanwhile can fire.
    fn reinstated(self, until: Option<Timestamp>, since: u64) -> Self {
        let Self::Removed { prior, .. } = self else {
            return self;
        };
        match (*prior, until) {
            (Self::Open { .. }, Some(expires_at)) => Self::Open { expires_at, since },
            (Self::Paused { .. }, Some(closes_at)) => Self::Paused { closes_at, since },
            (Self::Over { how, grace }, _) => Self::Over { how, grace: Grace { since, ..grace } },
            (prior, _) => prior,
        }
    }
}

impl Invitation {
    fn timer((talent, invitation): (&PartyId, &Self)) -> Timer {
        let kind = TimerKind::LapseInvitation(*talent);
        Timer { kind, due: invitation.expires_at, epoch: invitation.since }
    }
}
