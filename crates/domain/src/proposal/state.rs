//! A proposal as its decisions see it.

use super::{OfferMade, OfferTerms, Party, ProposalEvent, ProposalStatus, TermsHash};
use crate::context::Actor;
use crate::event::Event;
use crate::id::{JobId, PartyId, ProposalId};
use crate::refusal::{Code, Refusal};
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
    /// Which version of the job it answers; none for what was only saved, which its client has never seen.
    pub job_version: Option<u32>,
    /// Whose job it is.
    pub client: PartyId,
    /// Who proposes.
    pub talent: PartyId,
    /// Offers made so far.
    pub offers: u32,
    silence_days: u16,
    /// The last word on it.
    heard: Mark,
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
    Draft,
    Submitted,
    Shortlisted,
    Offered(Box<Offer>),
    Accepted,
    Declined,
    Withdrawn,
    Expired,
}

impl Proposal {
    /// Where it stands.
    pub fn status(&self) -> ProposalStatus {
        match self.phase {
            Phase::Draft => ProposalStatus::Draft,
            Phase::Submitted => ProposalStatus::Submitted,
            Phase::Shortlisted => ProposalStatus::Shortlisted,
            Phase::Offered(_) => ProposalStatus::Offered,
            Phase::Accepted => ProposalStatus::Accepted,
            Phase::Declined => ProposalStatus::Declined,
            Phase::Withdrawn => ProposalStatus::Withdrawn,
            Phase::Expired => ProposalStatus::Expired,
        }
    }

    /// The open offer.
    pub fn offer(&self) -> Option<&Offer> {
        match &self.phase {
            Phase::Offered(offer) => Some(offer),
            Phase::Draft
            | Phase::Submitted
            | Phase::Shortlisted
            | Phase::Accepted
            | Phase::Declined
            | Phase::Withdrawn
            | Phase::Expired => None,
        }
    }

    /// The side that the actor is on.
    ///
    /// # Errors
    /// `NOT_FOUND` for everybody else, and for the client of what was only saved; `FORBIDDEN` for a party that acts
    /// without the side's role.
    pub fn side(&self, actor: &Actor) -> Result<Party, Refusal> {
        match actor.party() {
            Some(party) if party == self.client && self.job_version.is_some() => Party::Client.held_by(actor),
            Some(party) if party == self.talent => Party::Talent.held_by(actor),
            Some(_) | None => Err(Refusal::not_found("proposal")),
        }
    }

    /// Who is on a side.
    pub const fn of(&self, side: Party) -> PartyId {
        match side {
            Party::Client => self.client,
            Party::Talent => self.talent,
        }
    }

    /// The open offer, for the side that it was made to.
    ///
    /// # Errors
    /// `WRONG_SIDE` for its author, `OFFER_SUPERSEDED` if it isn't the one of this number.
    pub(crate) fn offered_to(&self, side: Party, number: u32) -> Result<&Offer, Refusal> {
        let offer = self.offer().ok_or_else(|| Refusal::new(Code::WrongState, "no offer is open"))?;
        if offer.author == side {
            return Err(Refusal::new(Code::WrongSide, "an offer is answered by the other side"));
        }
        if offer.number != number {
            let message = format!("offer {} is open", offer.number);
            return Err(Refusal::new(Code::OfferSuperseded, message).at("offer"));
        }
        Ok(offer)
    }

    /// An open offer expires, and so does what nobody says anything about.
    pub fn timers(&self) -> Vec<Timer> {
        let offer = self.offer().map(|offer| Timer {
            kind: TimerKind::ExpireOffer,
            due: offer.expires_at,
            epoch: offer.since,
        });
        let silence = match self.phase {
            Phase::Draft | Phase::Submitted | Phase::Shortlisted | Phase::Offered(_) => Some(Timer {
                kind: TimerKind::ExpireProposal,
                due: self.heard.at.plus_days(self.silence_days),
                epoch: self.heard.revision,
            }),
            Phase::Accepted | Phase::Declined | Phase::Withdrawn | Phase::Expired => None,
        };
        offer.into_iter().chain(silence).collect()
    }

    /// Roughly the bytes of the open offer.
    pub(crate) fn weight(&self) -> usize {
        let milestones = self.offer().map_or(&[][..], |offer| &offer.terms.milestones);
        let titles = milestones.iter().filter_map(|milestone| milestone.title.clear());
        let titles: usize = titles.map(|title| title.as_str().len()).sum();
        self.offer().map_or(0, size_of_val) + size_of_val(milestones) + titles
    }

    pub(crate) fn evolve(state: Option<Self>, event: &Event, mark: Mark) -> Option<Self> {
        let Event::Proposal(event) = event else {
            return state;
        };
        let begun = begun(event).map(|(job_id, client, talent, silence_days)| Self {
            id: event.proposal_id(),
            job_id,
            job_version: None,
            client,
            talent,
            offers: 0,
            silence_days,
            heard: mark,
            phase: Phase::Draft,
        });
        let mut proposal = begun.or(state)?;
        match event {
            ProposalEvent::Submitted(e) => proposal.job_version = Some(e.job_version),
            ProposalEvent::SavedSubmitted(e) => proposal.job_version = Some(e.job_version),
            ProposalEvent::Begun(e) => proposal.job_version = Some(e.job_version),
            ProposalEvent::Revised(e) => proposal.job_version = e.job_version,
            ProposalEvent::OfferMade(e) => proposal.offers = e.number,
            ProposalEvent::Saved(_)
            | ProposalEvent::Withdrawn(_)
            | ProposalEvent::Shortlisted(_)
            | ProposalEvent::Declined(_)
            | ProposalEvent::Expired(_)
            | ProposalEvent::Closed(_)
            | ProposalEvent::OfferSuperseded(_)
            | ProposalEvent::OfferWithdrawn(_)
            | ProposalEvent::OfferDeclined(_)
            | ProposalEvent::OfferAccepted(_)
            | ProposalEvent::OfferExpired(_) => {}
        }
        let phase = phase_after(event, mark.revision).unwrap_or(proposal.phase);
        Some(Self { phase, heard: mark, ..proposal })
    }
}

/// The job, client, talent and patience of a proposal that the event begins.
fn begun(event: &ProposalEvent) -> Option<(JobId, PartyId, PartyId, u16)> {
    match event {
        ProposalEvent::Saved(e) => Some((e.job_id, e.client, e.talent, e.silence_days)),
        ProposalEvent::Submitted(e) => Some((e.job_id, e.client, e.talent, e.silence_days)),
        ProposalEvent::Begun(e) => Some((e.job_id, e.client, e.talent, e.silence_days)),
        ProposalEvent::SavedSubmitted(_)
        | ProposalEvent::Revised(_)
        | ProposalEvent::Withdrawn(_)
        | ProposalEvent::Shortlisted(_)
        | ProposalEvent::Declined(_)
        | ProposalEvent::Expired(_)
        | ProposalEvent::Closed(_)
        | ProposalEvent::OfferMade(_)
        | ProposalEvent::OfferSuperseded(_)
        | ProposalEvent::OfferWithdrawn(_)
        | ProposalEvent::OfferDeclined(_)
        | ProposalEvent::OfferAccepted(_)
        | ProposalEvent::OfferExpired(_) => None,
    }
}

/// Where the event leads a proposal; `None` if it stays where it is.
fn phase_after(event: &ProposalEvent, since: u64) -> Option<Phase> {
    Some(match event {
        ProposalEvent::Saved(_) => Phase::Draft,
        ProposalEvent::Submitted(_) | ProposalEvent::SavedSubmitted(_) => Phase::Submitted,
        ProposalEvent::Revised(_) => return None,
        // Between two offers, and before a client's first, no offer is open.
        ProposalEvent::Begun(_)
        | ProposalEvent::Shortlisted(_)
        | ProposalEvent::OfferSuperseded(_)
        | ProposalEvent::OfferWithdrawn(_)
        | ProposalEvent::OfferExpired(_) => Phase::Shortlisted,
        ProposalEvent::OfferMade(e) => Phase::Offered(Box::new(Offer::made(e, since))),
        ProposalEvent::OfferAccepted(_) => Phase::Accepted,
        ProposalEvent::Declined(_) | ProposalEvent::OfferDeclined(_) => Phase::Declined,
        ProposalEvent::Withdrawn(_) => Phase::Withdrawn,
        ProposalEvent::Expired(_) | ProposalEvent::Closed(_) => Phase::Expired,
    })
}

impl Offer {
    fn made(e: &OfferMade, since: u64) -> Self {
        Self {
            number: e.number,
            author: e.author,
            terms: e.terms.clone(),
            terms_hash: e.terms_hash,
            expires_at: e.expires_at,
            since,
        }
    }
}
