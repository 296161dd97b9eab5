//! A proposal as its decisions see it.

use super::{OfferTerms, Party, ProposalEvent, ProposalStatus, TermsHash};
use crate::context::Actor;
use crate::event::Event;
use crate::id::{JobId, PartyId, ProposalId};
use crate::refusal::Refusal;
use crate::stream::Mark;
use crate::time::Timestamp;
use crate::timer::{Timer, TimerKind};

/// A proposal with the one offer that may be open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proposal {
    /// Its id.
    pub id: ProposalId,
    /// The job that it answers.
    pub job_id: JobId,
    /// Whose job it is.
    pub client: PartyId,
    /// Who proposes.
    pub talent: PartyId,
    /// Offers made so far.
    pub offers: u32,
    phase: Phase,
}

/// An open offer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// Its number on the proposal, from 1.
    pub number: u32,
    /// Who made it.
    pub author: Party,
    /// What is offered.
    pub terms: OfferTerms,
    /// What an acceptance has to name.
    pub terms_hash: TermsHash,
    /// When it lapses.
    pub expires_at: Timestamp,
    since: u64,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Phase {
    Submitted,
    Shortlisted,
    Offered(Box<Offer>),
    Accepted,
}

impl Proposal {
    /// Where it stands.
    pub fn status(&self) -> ProposalStatus {
        match self.phase {
            Phase::Submitted => ProposalStatus::Submitted,
            Phase::Shortlisted => ProposalStatus::Shortlisted,
            Phase::Offered(_) => ProposalStatus::Offered,
            Phase::Accepted => ProposalStatus::Accepted,
        }
    }

    /// The open offer.
    pub fn offer(&self) -> Option<&Offer> {
        match &self.phase {
            Phase::Offered(offer) => Some(offer),
            Phase::Submitted | Phase::Shortlisted | Phase::Accepted => None,
        }
    }

    /// The side that the actor is on.
    ///
    /// # Errors
    /// `NOT_FOUND` for everybody else, `FORBIDDEN` for a party that acts without the side's role.
    pub fn side(&self, actor: &Actor) -> Result<Party, Refusal> {
        match actor.party() {
            Some(party) if party == self.client => Party::Client.held_by(actor),
            Some(party) if party == self.talent => Party::Talent.held_by(actor),
            Some(_) | None => Err(Refusal::not_found("proposal")),
        }
    }

    /// An open offer expires.
    pub fn timers(&self) -> Vec<Timer> {
        self.offer()
            .map(|offer| Timer { kind: TimerKind::ExpireOffer, due: offer.expires_at, epoch: offer.since })
            .into_iter()
            .collect()
    }

    /// Roughly the bytes of the open offer.
    pub(crate) fn weight(&self) -> usize {
        let milestones = self.offer().map_or(&[][..], |offer| &offer.terms.milestones);
        let titles = milestones.iter().filter_map(|milestone| milestone.title.clear());
        let titles: usize = titles.map(|title| title.as_str().len()).sum();
        self.offer().map_or(0, size_of_val) + size_of_val(milestones) + titles
    }

    pub(crate) fn evolve(state: Option<Self>, event: &Event, mark: Mark) -> Option<Self> {
        match event {
            Event::Proposal(ProposalEvent::Submitted(e)) => Some(Self {
                id: e.proposal_id,
                job_id: e.job_id,
                client: e.client,
                talent: e.talent,
                offers: 0,
                phase: Phase::Submitted,
            }),
            Event::Proposal(ProposalEvent::OfferMade(e)) => state.map(|proposal| Self {
                offers: e.number,
                phase: Phase::Offered(Box::new(Offer {
                    number: e.number,
                    author: e.author,
                    terms: e.terms.clone(),
                    terms_hash: e.terms_hash,
                    expires_at: e.expires_at,
                    since: mark.revision,
                })),
                ..proposal
            }),
            Event::Proposal(ProposalEvent::OfferAccepted(_)) => {
                state.map(|proposal| Self { phase: Phase::Accepted, ..proposal })
            }
            Event::Proposal(ProposalEvent::OfferExpired(_)) => {
                state.map(|proposal| Self { phase: Phase::Shortlisted, ..proposal })
            }
            Event::Marketplace(_)
            | Event::Job(_)
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
