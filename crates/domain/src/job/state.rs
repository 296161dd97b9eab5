//! A job as its decisions see it.

use super::{JobEvent, JobStatus};
use crate::contract::ContractEvent;
use crate::event::Event;
use crate::id::{JobId, PartyId};
use crate::proposal::ProposalEvent;
use crate::stream::Mark;
use crate::time::Timestamp;
use crate::timer::{Timer, TimerKind};

/// A job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Job {
    /// Its id.
    pub id: JobId,
    /// Whose job it is.
    pub client: PartyId,
    /// How many people are wanted.
    pub headcount: u16,
    /// How many accepted an offer.
    pub hires: u16,
    phase: Phase,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Phase {
    Draft,
    Open { expires_at: Timestamp, since: u64 },
    Filled,
    Expired,
}

impl Job {
    /// Where it stands.
    pub fn status(&self) -> JobStatus {
        match self.phase {
            Phase::Draft => JobStatus::Draft,
            Phase::Open { .. } => JobStatus::Open,
            Phase::Filled => JobStatus::Filled,
            Phase::Expired => JobStatus::Expired,
        }
    }

    /// Whether it hires somebody yet.
    pub fn has_room(&self) -> bool {
        self.status() == JobStatus::Open && self.hires < self.headcount
    }

    /// An open job expires.
    pub fn timers(&self) -> Vec<Timer> {
        match self.phase {
            Phase::Open { expires_at, since } => {
                vec![Timer { kind: TimerKind::ExpireJob, due: expires_at, epoch: since }]
            }
            Phase::Draft | Phase::Filled | Phase::Expired => Vec::new(),
        }
    }

    pub(crate) fn evolve(state: Option<Self>, event: &Event, mark: Mark) -> Option<Self> {
        let opened = |expires_at| Phase::Open { expires_at, since: mark.revision };
        match event {
            Event::Job(JobEvent::Created(e)) => Some(Self {
                id: e.job_id,
                client: e.client,
                headcount: e.headcount,
                hires: 0,
                phase: Phase::Draft,
            }),
            Event::Job(JobEvent::Submitted(e)) => {
                state.map(|job| Self { phase: opened(e.expires_at), ..job })
            }
            Event::Job(JobEvent::Reopened(e)) => state.map(|job| Self { phase: opened(e.expires_at), ..job }),
            Event::Job(JobEvent::Filled(_)) => state.map(|job| Self { phase: Phase::Filled, ..job }),
            Event::Job(JobEvent::Expired(_)) => state.map(|job| Self { phase: Phase::Expired, ..job }),
            Event::Proposal(ProposalEvent::OfferAccepted(_)) => {
                state.map(|job| Self { hires: job.hires.saturating_add(1), ..job })
            }
            Event::Contract(ContractEvent::Cancelled(_)) => {
                state.map(|job| Self { hires: job.hires.saturating_sub(1), ..job })
            }
            Event::Proposal(_)
            | Event::Marketplace(_)
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
}
