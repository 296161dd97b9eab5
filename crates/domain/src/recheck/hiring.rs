//! Whether an event of a job or a proposal can have happened in this state.

use super::lawful::{agree, leads, over};
use crate::command::CommandKind;
use crate::contract::ContractCreated;
use crate::job::{self, Job, JobEvent, JobStatus};
use crate::money::Money;
use crate::proposal::make_offer::offerable;
use crate::proposal::{self, OfferAccepted, OfferMade, Proposal, ProposalEvent, ProposalStatus};
use crate::refusal::{Code, Refusal};
use crate::stream::States;
use crate::time::Timestamp;
use crate::timer::TimerKind;

pub(super) fn lawful_job(event: &JobEvent, states: &States, at: Timestamp) -> Result<(), Refusal> {
    match event {
        JobEvent::Created(e) => {
            let most = states.marketplace()?.policy.limits.headcount;
            agree((1..=most).contains(&e.headcount), "a headcount is within the policy's limit")?;
            let from = states.job(e.job_id).ok().map(Job::status);
            leads(job::TRANSITIONS, from, CommandKind::CreateJob, JobStatus::Draft)
        }
        JobEvent::Submitted(e) => {
            let days = states.marketplace()?.policy.windows.job_open_days;
            agree(e.expires_at == at.plus_days(days), "a job is open for the policy's window")?;
            let from = Some(states.job(e.job_id)?.status());
            leads(job::TRANSITIONS, from, CommandKind::SubmitJob, JobStatus::Open)
        }
        JobEvent::Filled(e) => {
            let job = states.job(e.job_id)?;
            agree(job.hires >= job.headcount, "a job is filled when its people are found")?;
            leads(job::TRANSITIONS, Some(job.status()), CommandKind::AcceptOffer, JobStatus::Filled)
        }
        JobEvent::Expired(e) => {
            let job = states.job(e.job_id)?;
            agree(over(&job.timers(), TimerKind::ExpireJob, at), "a job expires when its window is over")?;
            leads(job::TRANSITIONS, Some(job.status()), CommandKind::ExpireJob, JobStatus::Expired)
        }
        JobEvent::Reopened(e) => {
            let job = states.job(e.job_id)?;
            let days = states.marketplace()?.policy.windows.job_open_days;
            agree(e.expires_at == at.plus_days(days), "a job is open for the policy's window")?;
            agree(job.hires < job.headcount, "a job opens again when a place is free")?;
            leads(job::TRANSITIONS, Some(job.status()), CommandKind::CancelContract, JobStatus::Open)
        }
    }
}

pub(super) fn lawful_proposal(event: &ProposalEvent, states: &States, at: Timestamp) -> Result<(), Refusal> {
    match event {
        ProposalEvent::Submitted(e) => {
            let job = states.job(e.job_id)?;
            agree(job.client == e.client, "a proposal goes to the job's client")?;
            agree(e.client != e.talent, "nobody works for themselves")?;
            agree(job.status() == JobStatus::Open, "only an open job takes proposals")?;
            let from = states.proposal(e.proposal_id).ok().map(Proposal::status);
            let (kind, to) = (CommandKind::SubmitProposal, ProposalStatus::Submitted);
            leads(proposal::TRANSITIONS, from, kind, to)
        }
        ProposalEvent::OfferMade(e) => lawful_offer(e, states, at),
        ProposalEvent::OfferAccepted(e) => lawful_acceptance(e, states),
        ProposalEvent::OfferExpired(e) => {
            let proposal = states.proposal(e.proposal_id)?;
            let lapsed = proposal.offer().is_some_and(|o| o.number == e.number && o.expires_at <= at);
            agree(lapsed, "an offer lapses when its window is over")?;
            let (kind, to) = (CommandKind::ExpireOffer, ProposalStatus::Shortlisted);
            leads(proposal::TRANSITIONS, Some(proposal.status()), kind, to)
        }
    }
}

fn lawful_offer(e: &OfferMade, states: &States, at: Timestamp) -> Result<(), Refusal> {
    let proposal = states.proposal(e.proposal_id)?;
    let marketplace = states.marketplace()?;
    let (terms, policy) = (&e.terms, &marketplace.policy);
    let erased = terms.milestones.iter().any(|milestone| milestone.title.clear().is_none());
    let hashed = terms.hash(e.proposal_id, e.number, e.salt) == Ok(e.terms_hash);
    agree(erased || hashed, "the terms hash is that of the terms")?;
    agree(e.number == proposal.offers + 1, "offers count without a gap")?;
    let pinned = (terms.fees, terms.windows, terms.policy_version);
    agree(
        pinned == (policy.fees, policy.windows, marketplace.version),
        "an offer fixes the policy in force",
    )?;
    agree(
        e.expires_at == at.plus_days(policy.windows.offer_days),
        "an offer stands for the policy's window",
    )?;
    let amounts: Vec<Money> = terms.milestones.iter().map(|milestone| milestone.amount).collect();
    offerable(&amounts, policy)?;
    let job = states.job(proposal.job_id)?;
    agree(job.status() == JobStatus::Open, "only an open job takes offers")?;
    leads(proposal::TRANSITIONS, Some(proposal.status()), CommandKind::MakeOffer, ProposalStatus::Offered)
}

fn lawful_acceptance(e: &OfferAccepted, states: &States) -> Result<(), Refusal> {
    let proposal = states.proposal(e.proposal_id)?;
    let open = |offer: &proposal::Offer| offer.terms_hash == e.terms_hash && offer.number == e.number;
    agree(
        proposal.offer().is_some_and(open) && proposal.job_id == e.job_id,
        "what is accepted is the open offer",
    )?;
    let job = states.job(e.job_id)?;
    agree(job.has_room(), "a job hires while it is open and has room")?;
    leads(proposal::TRANSITIONS, Some(proposal.status()), CommandKind::AcceptOffer, ProposalStatus::Accepted)
}

/// That the contract is on the terms of the offer is a matter of the command that made it; here is who made it.
pub(super) fn lawful_contract(e: &ContractCreated, states: &States) -> Result<(), Refusal> {
    let proposal = states.proposal(e.proposal_id)?;
    let parties = (proposal.client, proposal.talent, proposal.job_id);
    if states.contract(e.contract_id).is_err() && parties == (e.client, e.talent, e.job_id) {
        return Ok(());
    }
    Err(Refusal::new(Code::TermsMismatch, "the contract isn't between those who negotiated"))
}
