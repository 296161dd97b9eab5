//! Jobs, proposals and offers.

use super::jobs::{Now, searched, taken_away, written};
use super::owed::Owed;
use super::{Law, Model, Status, Told, days, known, known_mut, law};
use domain::contract::ContractCreated;
use domain::id::{JobId, PartyId, ProposalId};
use domain::job::JobEvent;
use domain::ledger::FeeQuote;
use domain::money::Money;
use domain::proposal::{OfferMade, Party, ProposalEvent, TermsHash};
use std::collections::{BTreeMap, BTreeSet};

/// A job.
#[derive(Debug)]
pub(crate) struct Job {
    pub(crate) client: PartyId,
    pub(crate) headcount: u16,
    pub(crate) hires: u16,
    pub(crate) status: Status,
    pub(crate) version: u32,
    /// Where it stood before it was removed, and until when that had lasted.
    pub(super) prior: Option<(Status, i64)>,
    /// When what it is ends by itself: it expires, closes, or its proposals do.
    pub(super) until: i64,
    pub(crate) invited: BTreeMap<PartyId, i64>,
    /// Proposals that wait for an answer.
    pub(crate) open: BTreeSet<ProposalId>,
}

/// A proposal.
#[derive(Debug)]
pub(crate) struct Proposal {
    pub(crate) job: JobId,
    pub(crate) client: PartyId,
    pub(crate) talent: PartyId,
    pub(crate) status: Status,
    offers: u32,
    silence_days: u16,
    heard: i64,
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
    fn drafted(client: PartyId, headcount: u16) -> Self {
        Self {
            client,
            headcount,
            hires: 0,
            status: "Draft",
            version: 1,
            prior: None,
            until: i64::MAX,
            invited: BTreeMap::new(),
            open: BTreeSet::new(),
        }
    }

    pub(super) fn is(&self, states: &[Status]) -> Law {
        law(states.contains(&self.status), format!("not from {}", self.status))
    }

    pub(super) fn own(&self, told: Told<'_>) -> Law {
        told.by(&[self.client])
    }

    pub(super) fn staff(&self, told: Told<'_>) -> Law {
        law(told.by_house(&[self.client]).is_ok(), "support decides, about others' jobs")
    }

    /// When the search ends by itself, an invitation lapses, or what the search has left open is closed.
    pub(super) fn due(&self) -> Option<i64> {
        let own = match self.status {
            "Open" | "Paused" => Some(self.until),
            "Draft" | "InReview" => None,
            _ => Some(self.until).filter(|_| !self.open.is_empty()),
        };
        own.into_iter().chain(self.invited.values().copied()).min()
    }

    pub(crate) fn has_room(&self) -> bool {
        matches!(self.status, "Open" | "Paused" | "Closed" | "Expired") && self.hires < self.headcount
    }

    pub(super) fn ends(&mut self, status: Status, grace: i64, expected: i64) -> Law {
        law(grace == expected, "proposals outlive their job by the policy's grace")?;
        (self.status, self.until) = (status, grace);
        self.invited.clear();
        Ok(())
    }

    pub(super) fn opens(&mut self, until: i64, expected: i64) -> Law {
        law(until == expected, "a job is open for the policy's window")?;
        (self.status, self.until) = ("Open", until);
        Ok(())
    }
}

impl Proposal {
    /// When its offer lapses, or nobody has said anything for too long.
    pub(super) fn due(&self) -> Option<i64> {
        let offer = self.offer.as_ref().filter(|_| self.status == "Offered").map(|offer| offer.expires);
        let silence = self.is_open().then(|| days(self.heard, self.silence_days));
        offer.into_iter().chain(silence).min()
    }

    fn begun(
        job: JobId,
        (client, talent): (PartyId, PartyId),
        status: Status,
        silence_days: u16,
        at: i64,
    ) -> Self {
        Self { job, client, talent, status, offers: 0, silence_days, heard: at, offer: None }
    }

    /// The party on a side.
    pub(crate) fn side(&self, side: Party) -> PartyId {
        if side == Party::Client { self.client } else { self.talent }
    }

    /// What becomes of it when a side says something without an offer.
    fn said(&self, event: &ProposalEvent, job: &mut Job, told: Told<'_>) -> Result<Status, String> {
        let status = self.status;
        let is = |states: &[Status]| law(states.contains(&status), format!("not from {status}"));
        Ok(match event {
            ProposalEvent::SavedSubmitted(e) => {
                told.by(&[self.talent])?;
                is(&["Draft"])?;
                law(job.status == "Open" && e.job_version == job.version, "it answers the job as it is")?;
                job.open.insert(e.proposal_id);
                "Submitted"
            }
            ProposalEvent::Revised(_) => {
                told.by(&[self.talent])?;
                is(&["Draft", "Submitted"])?;
                self.status
            }
            ProposalEvent::Withdrawn(_) => {
                told.by(&[self.talent])?;
                is(&["Draft", "Submitted", "Shortlisted"])?;
                "Withdrawn"
            }
            ProposalEvent::Shortlisted(_) => {
                told.by(&[self.client])?;
                is(&["Submitted"])?;
                "Shortlisted"
            }
            ProposalEvent::Declined(_) => {
                told.by(&[self.client])?;
                is(&["Submitted", "Shortlisted"])?;
                "Declined"
            }
            _ => return Err("this is no word of either side".to_owned()),
        })
    }

    fn open_offer(&self, number: u32) -> Result<&Offer, String> {
        let offer = self.offer.as_ref().ok_or("there is no offer")?;
        law(self.status == "Offered" && offer.number == number, "the open offer is meant")?;
        Ok(offer)
    }

    /// What becomes of it when its open offer is answered, or lapses.
    fn answered(&self, event: &ProposalEvent, told: Told<'_>) -> Result<Status, String> {
        let author = |number| self.open_offer(number).map(|offer| offer.author);
        match event {
            ProposalEvent::OfferSuperseded(e) => {
                told.by(&[self.side(author(e.number)?.other())])?;
                Ok("Shortlisted")
            }
            ProposalEvent::OfferWithdrawn(e) => {
                told.by(&[self.side(author(e.number)?)])?;
                Ok("Shortlisted")
            }
            ProposalEvent::OfferDeclined(e) => {
                told.by(&[self.side(author(e.number)?.other())])?;
                Ok("Declined")
            }
            ProposalEvent::OfferExpired(e) => {
                told.by_time(self.open_offer(e.number)?.expires)?;
                Ok("Shortlisted")
            }
            _ => Err("this answers no offer".to_owned()),
        }
    }

    /// Whether somebody may still say something about it.
    pub(crate) fn is_open(&self) -> bool {
        matches!(self.status, "Draft" | "Submitted" | "Shortlisted" | "Offered")
    }
}

impl Model {
    pub(super) fn on_job(&mut self, event: &JobEvent, told: Told<'_>) -> Law {
        let policy = self.policy()?;
        let now = Now {
            told,
            open_until: days(told.at, policy.windows.job_open_days),
            grace_until: days(told.at, policy.hiring.grace_days),
            rules: policy.hiring,
        };
        if let JobEvent::Created(e) = event {
            told.by(&[e.client])?;
            law(e.headcount > 0, "a job is for somebody")?;
            let job = Job::drafted(e.client, e.headcount);
            return law(self.jobs.insert(e.job_id, job).is_none(), "a job begins once");
        }
        let job = known_mut(&mut self.jobs, &event.job_id())?;
        match event {
            JobEvent::Created(_) => Ok(()),
            JobEvent::Revised(_) | JobEvent::Submitted(_) | JobEvent::Approved(_) | JobEvent::Rejected(_) => {
                written(job, event, &now, &mut self.debts)
            }
            JobEvent::TalentInvited(_)
            | JobEvent::InvitationLapsed(_)
            | JobEvent::Paused(_)
            | JobEvent::Resumed(_)
            | JobEvent::Closed(_)
            | JobEvent::Filled(_)
            | JobEvent::Expired(_)
            | JobEvent::Reopened(_) => searched(job, event, &now, &mut self.debts),
            JobEvent::Removed(_) | JobEvent::Reinstated(_) => taken_away(job, event, &now),
        }
    }

    pub(super) fn on_proposal(&mut self, event: &ProposalEvent, told: Told<'_>) -> Law {
        if let Some(begun) = begun(event) {
            return self.on_begun(event.proposal_id(), begun, told);
        }
        if let ProposalEvent::OfferMade(e) = event {
            return self.on_offer(e, told);
        }
        let proposal = known_mut(&mut self.proposals, &event.proposal_id())?;
        let status = proposal.status;
        let is = |states: &[Status]| law(states.contains(&status), format!("not from {status}"));
        let job = known_mut(&mut self.jobs, &proposal.job)?;
        let silent_until = days(proposal.heard, proposal.silence_days);
        proposal.heard = told.at;
        let to = match event {
            ProposalEvent::Saved(_)
            | ProposalEvent::Submitted(_)
            | ProposalEvent::Begun(_)
            | ProposalEvent::OfferMade(_) => return Ok(()),
            ProposalEvent::SavedSubmitted(_)
            | ProposalEvent::Revised(_)
            | ProposalEvent::Withdrawn(_)
            | ProposalEvent::Shortlisted(_)
            | ProposalEvent::Declined(_) => proposal.said(event, job, told)?,
            ProposalEvent::Expired(_) => {
                law(proposal.is_open(), "what is over doesn't lapse")?;
                told.by_time(silent_until)?;
                "Expired"
            }
            ProposalEvent::Closed(_) => {
                is(&["Submitted", "Shortlisted", "Offered"])?;
                told.by_time(job.until)?;
                law(matches!(job.status, "Filled" | "Closed" | "Expired" | "Removed"), "its job is over")?;
                "Expired"
            }
            ProposalEvent::OfferSuperseded(_)
            | ProposalEvent::OfferWithdrawn(_)
            | ProposalEvent::OfferDeclined(_)
            | ProposalEvent::OfferExpired(_) => proposal.answered(event, told)?,
            ProposalEvent::OfferAccepted(e) => {
                let accepted = proposal.open_offer(e.number)?;
                told.by(&[proposal.side(accepted.author.other())])?;
                law(accepted.hash == e.terms_hash, "what was offered is accepted")?;
                law(proposal.job == e.job_id && job.has_room(), "a job with room hires")?;
                job.hires += 1;
                if matches!(job.status, "Open" | "Paused") && job.hires == job.headcount {
                    self.debts.owe(Owed::Filled(e.job_id));
                }
                self.debts.owe(Owed::Contract(e.proposal_id));
                "Accepted"
            }
        };
        proposal.status = to;
        if !proposal.is_open() {
            job.open.remove(&event.proposal_id());
        }
        Ok(())
    }

    fn on_begun(&mut self, id: ProposalId, begun: Begun, told: Told<'_>) -> Law {
        let (job_id, client, talent, silence_days, status) = begun;
        let expected = self.policy()?.hiring.silence_days;
        law(silence_days == expected, "a proposal lapses after the policy's silence")?;
        let job = known_mut(&mut self.jobs, &job_id)?;
        law(job.status == "Open", "only an open job takes proposals")?;
        law(job.client == client && client != talent, "a proposal is between a client and another")?;
        told.by(&[if status == "Begun" { client } else { talent }])?;
        if status != "Draft" {
            job.open.insert(id);
        }
        let status = if status == "Begun" { "Shortlisted" } else { status };
        let proposal = Proposal::begun(job_id, (client, talent), status, silence_days, told.at);
        law(self.proposals.insert(id, proposal).is_none(), "a proposal begins once")
    }

    fn on_offer(&mut self, e: &OfferMade, told: Told<'_>) -> Law {
        let policy = self.policy()?;
        let pinned = (policy.fees, policy.windows);
        let until = days(told.at, policy.windows.offer_days);
        let proposal = known_mut(&mut self.proposals, &e.proposal_id)?;
        told.by(&[proposal.side(e.author)])?;
        law(known(&self.jobs, &proposal.job)?.status == "Open", "only an open job takes offers")?;
        law(matches!(proposal.status, "Submitted" | "Shortlisted"), "one offer is open at a time")?;
        law(e.number == proposal.offers + 1, "offers count without a gap")?;
        law(e.expires_at.micros() == until, "an offer stands for the policy's window")?;
        law((e.terms.fees, e.terms.windows) == pinned, "an offer fixes the policy in force")?;
        let amounts: Vec<Money> = e.terms.milestones.iter().map(|milestone| milestone.amount).collect();
        law(amounts.iter().all(|amount| amount.minor() > 0), "what is offered is above zero")?;
        law(amounts.iter().all(|a| a.currency() == amounts[0].currency()), "an offer has one currency")?;
        (proposal.status, proposal.offers, proposal.heard) = ("Offered", e.number, told.at);
        proposal.offer = Some(Offer {
            number: e.number,
            author: e.author,
            hash: e.terms_hash,
            amounts,
            fees: e.terms.fees,
            expires: until,
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

/// The job, client and talent of a proposal, the days of silence, and how it begins.
type Begun = (JobId, PartyId, PartyId, u16, Status);

/// What begins a proposal: the job, client and talent, the days of silence, and how it begins.
fn begun(event: &ProposalEvent) -> Option<Begun> {
    match event {
        ProposalEvent::Saved(e) => Some((e.job_id, e.client, e.talent, e.silence_days, "Draft")),
        ProposalEvent::Submitted(e) => Some((e.job_id, e.client, e.talent, e.silence_days, "Submitted")),
        ProposalEvent::Begun(e) => Some((e.job_id, e.client, e.talent, e.silence_days, "Begun")),
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
