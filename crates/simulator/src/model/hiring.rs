//! Jobs, proposals and offers.

use super::{Law, Model, Status, Told, days, known, known_mut, law};
use domain::contract::ContractCreated;
use domain::id::{JobId, PartyId, ProposalId};
use domain::job::JobEvent;
use domain::ledger::FeeQuote;
use domain::money::Money;
use domain::proposal::{OfferMade, Party, ProposalEvent, TermsHash};

/// A job.
#[derive(Debug)]
pub(crate) struct Job {
    pub(crate) client: PartyId,
    pub(crate) headcount: u16,
    pub(crate) hires: u16,
    pub(crate) status: Status,
    expires: i64,
}

/// A proposal.
#[derive(Debug)]
pub(crate) struct Proposal {
    pub(crate) job: JobId,
    pub(crate) client: PartyId,
    pub(crate) talent: PartyId,
    pub(crate) status: Status,
    offers: u32,
    pub(crate) offer: Option<Offer>,
}

/// The open offer, or the one that was accepted.
#[derive(Clone, Debug)]
pub(crate) struct Offer {
    pub(crate) number: u32,
    pub(crate) author: Party,
    pub(crate) hash: TermsHash,
    pub(crate) amounts: Vec<Money>,
    pub(crate) fees: FeeQuote,
    expires: i64,
}

impl Job {
    /// When it ends by itself.
    pub(super) fn due(&self) -> Option<i64> {
        (self.status == "Open").then_some(self.expires)
    }

    pub(crate) fn has_room(&self) -> bool {
        self.status == "Open" && self.hires < self.headcount
    }
}

impl Proposal {
    /// When its offer lapses.
    pub(super) fn due(&self) -> Option<i64> {
        self.offer.as_ref().filter(|_| self.status == "Offered").map(|offer| offer.expires)
    }

    /// The party on a side.
    pub(crate) fn side(&self, side: Party) -> PartyId {
        if side == Party::Client { self.client } else { self.talent }
    }
}

impl Model {
    pub(super) fn on_job(&mut self, event: &JobEvent, told: Told<'_>) -> Law {
        let open_days = self.policy()?.windows.job_open_days;
        match event {
            JobEvent::Created(e) => {
                told.by(&[e.client])?;
                law(e.headcount > 0, "a job is for somebody")?;
                let job =
                    Job { client: e.client, headcount: e.headcount, hires: 0, status: "Draft", expires: 0 };
                law(self.jobs.insert(e.job_id, job).is_none(), "a job begins once")
            }
            JobEvent::Submitted(e) => {
                let job = known_mut(&mut self.jobs, &e.job_id)?;
                told.by(&[job.client])?;
                law(job.status == "Draft", "only a draft is opened")?;
                law(
                    e.expires_at.micros() == days(told.at, open_days),
                    "a job is open for the policy's window",
                )?;
                (job.status, job.expires) = ("Open", e.expires_at.micros());
                Ok(())
            }
            JobEvent::Filled(e) => {
                let job = known_mut(&mut self.jobs, &e.job_id)?;
                law(job.status == "Open" && job.hires == job.headcount, "a job is filled by its last hire")?;
                job.status = "Filled";
                Ok(())
            }
            JobEvent::Expired(e) => {
                let job = known_mut(&mut self.jobs, &e.job_id)?;
                told.by_time(job.expires)?;
                law(job.status == "Open", "only an open job expires")?;
                job.status = "Expired";
                Ok(())
            }
            JobEvent::Reopened(e) => {
                let job = known_mut(&mut self.jobs, &e.job_id)?;
                law(
                    job.status == "Filled" && job.hires < job.headcount,
                    "a filled job opens when a place is free",
                )?;
                law(
                    e.expires_at.micros() == days(told.at, open_days),
                    "a job is open for the policy's window",
                )?;
                (job.status, job.expires) = ("Open", e.expires_at.micros());
                Ok(())
            }
        }
    }

    pub(super) fn on_proposal(&mut self, event: &ProposalEvent, told: Told<'_>) -> Law {
        match event {
            ProposalEvent::Submitted(e) => {
                told.by(&[e.talent])?;
                let job = known(&self.jobs, &e.job_id)?;
                law(job.status == "Open", "only an open job takes proposals")?;
                law(
                    job.client == e.client && e.client != e.talent,
                    "a proposal is to the job's client, by another",
                )?;
                let (client, talent) = (e.client, e.talent);
                let proposal =
                    Proposal { job: e.job_id, client, talent, status: "Submitted", offers: 0, offer: None };
                law(self.proposals.insert(e.proposal_id, proposal).is_none(), "a proposal begins once")
            }
            ProposalEvent::OfferMade(e) => self.on_offer(e, told),
            ProposalEvent::OfferAccepted(e) => {
                let proposal = known_mut(&mut self.proposals, &e.proposal_id)?;
                let offer = proposal.offer.as_ref().ok_or("there is no offer")?;
                told.by(&[proposal.side(offer.author.other())])?;
                law(proposal.status == "Offered", "only an open offer is accepted")?;
                law((offer.number, offer.hash) == (e.number, e.terms_hash), "what was offered is accepted")?;
                let job = known_mut(&mut self.jobs, &proposal.job)?;
                law(proposal.job == e.job_id && job.has_room(), "an open job with room hires")?;
                job.hires += 1;
                proposal.status = "Accepted";
                Ok(())
            }
            ProposalEvent::OfferExpired(e) => {
                let proposal = known_mut(&mut self.proposals, &e.proposal_id)?;
                let offer = proposal.offer.take().ok_or("there is no offer")?;
                told.by_time(offer.expires)?;
                law(proposal.status == "Offered" && offer.number == e.number, "the open offer lapses")?;
                proposal.status = "Shortlisted";
                Ok(())
            }
        }
    }

    fn on_offer(&mut self, e: &OfferMade, told: Told<'_>) -> Law {
        let policy = self.policy()?;
        let pinned = (policy.fees, policy.windows, policy.windows.offer_days);
        let proposal = known_mut(&mut self.proposals, &e.proposal_id)?;
        told.by(&[proposal.side(e.author)])?;
        law(known(&self.jobs, &proposal.job)?.status == "Open", "only an open job takes offers")?;
        law(matches!(proposal.status, "Submitted" | "Shortlisted"), "one offer is open at a time")?;
        law(e.number == proposal.offers + 1, "offers count without a gap")?;
        law(e.expires_at.micros() == days(told.at, pinned.2), "an offer stands for the policy's window")?;
        law((e.terms.fees, e.terms.windows) == (pinned.0, pinned.1), "an offer fixes the policy in force")?;
        let amounts: Vec<Money> = e.terms.milestones.iter().map(|milestone| milestone.amount).collect();
        law(amounts.iter().all(|amount| amount.minor() > 0), "what is offered is above zero")?;
        law(amounts.iter().all(|a| a.currency() == amounts[0].currency()), "an offer has one currency")?;
        (proposal.status, proposal.offers) = ("Offered", e.number);
        proposal.offer = Some(Offer {
            number: e.number,
            author: e.author,
            hash: e.terms_hash,
            amounts,
            fees: e.terms.fees,
            expires: e.expires_at.micros(),
        });
        Ok(())
    }

    /// The offer that a contract is made of.
    pub(super) fn accepted(&self, e: &ContractCreated) -> Result<Offer, String> {
        let id: ProposalId = e.proposal_id;
        let proposal = known(&self.proposals, &id)?;
        law(proposal.status == "Accepted", "a contract follows an acceptance")?;
        let parties = (proposal.client, proposal.talent, proposal.job);
        law(parties == (e.client, e.talent, e.job_id), "a contract is between those who negotiated")?;
        let offer = proposal.offer.clone().ok_or("there was no offer")?;
        law((offer.hash, offer.fees) == (e.terms_hash, e.fees), "a contract is on the terms of its offer")?;
        Ok(offer)
    }
}
