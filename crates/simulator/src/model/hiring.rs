//! Jobs, proposals and offers.

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
    prior: Option<(Status, i64)>,
    /// When what it is ends by itself: it expires, closes, or its proposals do.
    until: i64,
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

    fn ends(&mut self, status: Status, grace: i64, expected: i64) -> Law {
        law(grace == expected, "proposals outlive their job by the policy's grace")?;
        (self.status, self.until) = (status, grace);
        self.invited.clear();
        Ok(())
    }

    fn opens(&mut self, until: i64, expected: i64) -> Law {
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

    /// Whether somebody may still say something about it.
    pub(crate) fn is_open(&self) -> bool {
        matches!(self.status, "Draft" | "Submitted" | "Shortlisted" | "Offered")
    }
}

impl Model {
    pub(super) fn on_job(&mut self, event: &JobEvent, told: Told<'_>) -> Law {
        let policy = self.policy()?;
        let open_until = days(told.at, policy.windows.job_open_days);
        let grace_until = days(told.at, policy.hiring.grace_days);
        let (rules, moderated) = (policy.hiring, policy.hiring.moderation);
        if let JobEvent::Created(e) = event {
            told.by(&[e.client])?;
            law(e.headcount > 0, "a job is for somebody")?;
            let job = Job {
                client: e.client,
                headcount: e.headcount,
                hires: 0,
                status: "Draft",
                version: 1,
                prior: None,
                until: i64::MAX,
                invited: BTreeMap::new(),
                open: BTreeSet::new(),
            };
            return law(self.jobs.insert(e.job_id, job).is_none(), "a job begins once");
        }
        let job = known_mut(&mut self.jobs, &event.job_id())?;
        let (client, status) = (job.client, job.status);
        let is = |states: &[Status]| law(states.contains(&status), format!("not from {status}"));
        let own = || told.by(&[client]);
        let staff =
            || law(told.who != client.to_string() && !told.is_time(), "support decides, about others' jobs");
        match event {
            JobEvent::Created(_) => Ok(()),
            JobEvent::Revised(e) => {
                own()?;
                is(&["Draft", "Open", "Filled", "Closed", "Expired"])?;
                law(e.version == job.version + 1, "versions count without a gap")?;
                law(e.headcount >= job.hires.max(1), "nobody hired is revised away")?;
                (job.version, job.headcount) = (e.version, e.headcount);
                if status == "Open" && job.hires > 0 && job.hires == job.headcount {
                    self.debts.owe(Owed::Filled(e.job_id));
                }
                Ok(())
            }
            JobEvent::Submitted(e) => {
                own()?;
                is(&["Draft"])?;
                law(e.expires_at.is_none() == moderated, "support looks at it where the policy says so")?;
                let Some(until) = e.expires_at else {
                    job.status = "InReview";
                    return Ok(());
                };
                job.opens(until.micros(), open_until)
            }
            JobEvent::Approved(e) => {
                staff()?;
                is(&["InReview"])?;
                job.opens(e.expires_at.micros(), open_until)
            }
            JobEvent::Rejected(_) => {
                staff()?;
                is(&["InReview"])?;
                job.status = "Draft";
                Ok(())
            }
            JobEvent::TalentInvited(e) => {
                own()?;
                is(&["Open"])?;
                let due = days(told.at, rules.invitation_days);
                law(
                    e.expires_at.micros() == due && e.talent != client,
                    "another is invited, for the window",
                )?;
                law(job.invited.insert(e.talent, due).is_none(), "an invitation stands once")
            }
            JobEvent::InvitationLapsed(e) => {
                is(&["Open", "Paused"])?;
                told.by_time(job.invited.remove(&e.talent).ok_or("nobody was invited")?)
            }
            JobEvent::Paused(e) => {
                own()?;
                is(&["Open"])?;
                law(e.closes_at.micros() == days(told.at, rules.paused_days), "a pause has its window")?;
                (job.status, job.until) = ("Paused", e.closes_at.micros());
                Ok(())
            }
            JobEvent::Resumed(e) => {
                own()?;
                is(&["Paused"])?;
                job.opens(e.expires_at.micros(), open_until)
            }
            JobEvent::Closed(e) => {
                is(&["Open", "Paused"])?;
                own().or_else(|_| told.by_time(job.until).and(is(&["Paused"])))?;
                job.ends("Closed", e.grace_ends_at.micros(), grace_until)
            }
            JobEvent::Filled(e) => {
                is(&["Open", "Paused"])?;
                self.debts.must(Owed::Filled(e.job_id))?;
                law(job.hires == job.headcount, "a job is filled by its last hire")?;
                job.ends("Filled", e.grace_ends_at.micros(), grace_until)
            }
            JobEvent::Expired(e) => {
                is(&["Open"])?;
                told.by_time(job.until)?;
                job.ends("Expired", e.grace_ends_at.micros(), grace_until)
            }
            JobEvent::Reopened(e) => {
                is(&["Filled", "Closed", "Expired"])?;
                if !self.debts.settles(Owed::Reopened(e.job_id)) {
                    own()?;
                }
                law(job.hires < job.headcount, "a job opens when a place is free")?;
                job.opens(e.expires_at.micros(), open_until)
            }
            JobEvent::Removed(e) => {
                staff()?;
                law(status != "Removed", "what is removed isn't removed again")?;
                job.prior = Some((status, job.until));
                job.ends("Removed", e.grace_ends_at.micros(), grace_until)
            }
            JobEvent::Reinstated(e) => {
                staff()?;
                is(&["Removed"])?;
                let (prior, until) = job.prior.take().ok_or("it was nothing before")?;
                let expected = match prior {
                    "Open" => Some(open_until),
                    "Paused" => Some(days(told.at, rules.paused_days)),
                    _ => None,
                };
                law(
                    e.until.map(domain::Timestamp::micros) == expected,
                    "what goes on goes on for a whole window",
                )?;
                (job.status, job.until) = (prior, expected.unwrap_or(until));
                Ok(())
            }
        }
    }

    pub(super) fn on_proposal(&mut self, event: &ProposalEvent, told: Told<'_>) -> Law {
        if let Some((job_id, client, talent, silence_days, status)) = begun(event) {
            let expected = self.policy()?.hiring.silence_days;
            law(silence_days == expected, "a proposal lapses after the policy's silence")?;
            let job = known_mut(&mut self.jobs, &job_id)?;
            law(job.status == "Open", "only an open job takes proposals")?;
            law(job.client == client && client != talent, "a proposal is between a client and another")?;
            told.by(&[if status == "Begun" { client } else { talent }])?;
            if status != "Draft" {
                job.open.insert(event.proposal_id());
            }
            let status = if status == "Begun" { "Shortlisted" } else { status };
            let proposal = Proposal::begun(job_id, (client, talent), status, silence_days, told.at);
            return law(
                self.proposals.insert(event.proposal_id(), proposal).is_none(),
                "a proposal begins once",
            );
        }
        if let ProposalEvent::OfferMade(e) = event {
            return self.on_offer(e, told);
        }
        let proposal = known_mut(&mut self.proposals, &event.proposal_id())?;
        let (client, talent, status) = (proposal.client, proposal.talent, proposal.status);
        let is = |states: &[Status]| law(states.contains(&status), format!("not from {status}"));
        let job = known_mut(&mut self.jobs, &proposal.job)?;
        let silent_until = days(proposal.heard, proposal.silence_days);
        proposal.heard = told.at;
        let offer = |number: u32| {
            let offer = proposal.offer.as_ref().ok_or("there is no offer")?;
            law(status == "Offered" && offer.number == number, "the open offer is meant")?;
            Ok::<_, String>(offer.clone())
        };
        let sides = |side| if side == Party::Client { client } else { talent };
        let to = match event {
            ProposalEvent::Saved(_)
            | ProposalEvent::Submitted(_)
            | ProposalEvent::Begun(_)
            | ProposalEvent::OfferMade(_) => return Ok(()),
            ProposalEvent::SavedSubmitted(e) => {
                told.by(&[talent])?;
                is(&["Draft"])?;
                law(job.status == "Open" && e.job_version == job.version, "it answers the job as it is")?;
                job.open.insert(e.proposal_id);
                "Submitted"
            }
            ProposalEvent::Revised(_) => {
                told.by(&[talent])?;
                is(&["Draft", "Submitted"])?;
                status
            }
            ProposalEvent::Withdrawn(_) => {
                told.by(&[talent])?;
                is(&["Draft", "Submitted", "Shortlisted"])?;
                "Withdrawn"
            }
            ProposalEvent::Shortlisted(_) => {
                told.by(&[client])?;
                is(&["Submitted"])?;
                "Shortlisted"
            }
            ProposalEvent::Declined(_) => {
                told.by(&[client])?;
                is(&["Submitted", "Shortlisted"])?;
                "Declined"
            }
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
            ProposalEvent::OfferSuperseded(e) => {
                told.by(&[sides(offer(e.number)?.author.other())])?;
                "Shortlisted"
            }
            ProposalEvent::OfferWithdrawn(e) => {
                told.by(&[sides(offer(e.number)?.author)])?;
                "Shortlisted"
            }
            ProposalEvent::OfferDeclined(e) => {
                told.by(&[sides(offer(e.number)?.author.other())])?;
                "Declined"
            }
            ProposalEvent::OfferExpired(e) => {
                told.by_time(offer(e.number)?.expires)?;
                "Shortlisted"
            }
            ProposalEvent::OfferAccepted(e) => {
                let accepted = offer(e.number)?;
                told.by(&[sides(accepted.author.other())])?;
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

/// What begins a proposal: the job, client and talent, the days of silence, and how it begins.
fn begun(event: &ProposalEvent) -> Option<(JobId, PartyId, PartyId, u16, Status)> {
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
