//! Whether an event of a proposal can have happened in this state, and the contract that comes of one.

use super::lawful::{agree, leads, over};
use crate::command::CommandKind;
use crate::contract::ContractCreated;
use crate::id::{JobId, PartyId, ProposalId};
use crate::job::{Job, JobStatus};
use crate::money::Money;
use crate::proposal::make_offer::offerable;
use crate::proposal::{
    self, OfferAccepted, OfferMade, PROPOSALS_MAX, Proposal, ProposalEvent, ProposalRevised, ProposalStatus,
    SavedProposalSubmitted,
};
use crate::refusal::{Code, Refusal};
use crate::stream::States;
use crate::time::Timestamp;
use crate::timer::TimerKind;

pub(super) fn lawful_proposal(event: &ProposalEvent, states: &States, at: Timestamp) -> Result<(), Refusal> {
    let moved = |command, to| {
        let from = states.proposal(event.proposal_id())?.status();
        leads(proposal::TRANSITIONS, Some(from), command, to)
    };
    match event {
        ProposalEvent::Saved(_) | ProposalEvent::Submitted(_) | ProposalEvent::Begun(_) => {
            lawful_beginning(event, states)
        }
        ProposalEvent::SavedSubmitted(e) => {
            lawful_submission(e, states)?;
            moved(CommandKind::SubmitSavedProposal, ProposalStatus::Submitted)
        }
        ProposalEvent::Revised(e) => lawful_revision(e, states),
        ProposalEvent::Withdrawn(e) => {
            of_its_job(e.proposal_id, e.job_id, states)?;
            moved(CommandKind::WithdrawProposal, ProposalStatus::Withdrawn)
        }
        ProposalEvent::Shortlisted(_) => moved(CommandKind::ShortlistProposal, ProposalStatus::Shortlisted),
        ProposalEvent::Declined(e) => {
            of_its_job(e.proposal_id, e.job_id, states)?;
            moved(CommandKind::DeclineProposal, ProposalStatus::Declined)
        }
        ProposalEvent::Expired(e) => {
            let proposal = of_its_job(e.proposal_id, e.job_id, states)?;
            let silent = over(&proposal.timers(), TimerKind::ExpireProposal, at);
            agree(silent, "a proposal lapses when its silence is over")?;
            moved(CommandKind::ExpireProposal, ProposalStatus::Expired)
        }
        ProposalEvent::Closed(e) => {
            of_its_job(e.proposal_id, e.job_id, states)?;
            let timer = TimerKind::CloseProposal(e.proposal_id);
            let ended = over(&states.job(e.job_id)?.timers(), timer, at);
            agree(ended, "a proposal is closed when its job's grace is over")?;
            moved(CommandKind::CloseProposal, ProposalStatus::Expired)
        }
        ProposalEvent::OfferMade(e) => lawful_offer(e, states, at),
        ProposalEvent::OfferSuperseded(e) => {
            open(e.proposal_id, e.number, states)?;
            moved(CommandKind::CounterOffer, ProposalStatus::Offered)
        }
        ProposalEvent::OfferWithdrawn(e) => {
            open(e.proposal_id, e.number, states)?;
            moved(CommandKind::WithdrawOffer, ProposalStatus::Shortlisted)
        }
        ProposalEvent::OfferDeclined(e) => {
            of_its_job(e.proposal_id, e.job_id, states)?;
            open(e.proposal_id, e.number, states)?;
            moved(CommandKind::DeclineOffer, ProposalStatus::Declined)
        }
        ProposalEvent::OfferAccepted(e) => lawful_acceptance(e, states),
        ProposalEvent::OfferExpired(e) => {
            let lapsed = open(e.proposal_id, e.number, states)?.expires_at <= at;
            agree(lapsed, "an offer lapses when its window is over")?;
            moved(CommandKind::ExpireOffer, ProposalStatus::Shortlisted)
        }
    }
}

fn lawful_submission(e: &SavedProposalSubmitted, states: &States) -> Result<(), Refusal> {
    let proposal = states.proposal(e.proposal_id)?;
    let same = (proposal.talent, proposal.job_id) == (e.talent, e.job_id);
    agree(same, "what is submitted is what was saved")?;
    answered(e.job_id, Some(e.job_version), states).map(drop)
}

/// What every beginning says.
struct Beginning {
    job_id: JobId,
    job_version: Option<u32>,
    parties: (PartyId, PartyId),
    silence_days: u16,
}

fn lawful_beginning(event: &ProposalEvent, states: &States) -> Result<(), Refusal> {
    let (command, to, said) = match event {
        ProposalEvent::Saved(e) => {
            let said = (e.job_id, None, (e.client, e.talent), e.silence_days);
            (CommandKind::SaveProposal, ProposalStatus::Draft, said)
        }
        ProposalEvent::Submitted(e) => {
            let said = (e.job_id, Some(e.job_version), (e.client, e.talent), e.silence_days);
            (CommandKind::SubmitProposal, ProposalStatus::Submitted, said)
        }
        ProposalEvent::Begun(e) => {
            let said = (e.job_id, Some(e.job_version), (e.client, e.talent), e.silence_days);
            (CommandKind::MakeDirectOffer, ProposalStatus::Offered, said)
        }
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
        | ProposalEvent::OfferExpired(_) => return Ok(()),
    };
    let (job_id, job_version, parties, silence_days) = said;
    let said = Beginning { job_id, job_version, parties, silence_days };
    begins(&said, states)?;
    let from = states.proposal(event.proposal_id()).ok().map(Proposal::status);
    leads(proposal::TRANSITIONS, from, command, to)
}

fn begins(said: &Beginning, states: &States) -> Result<(), Refusal> {
    let job = answered(said.job_id, said.job_version, states)?;
    let (client, talent) = said.parties;
    agree(job.client == client, "a proposal goes to the job's client")?;
    agree(client != talent, "nobody works for themselves")?;
    let patience = states.marketplace()?.policy.hiring.silence_days;
    agree(said.silence_days == patience, "a proposal may be silent for the policy's window")
}

/// The job that is answered, if it takes proposals and this is its version; none is named by what is only saved.
fn answered(job_id: JobId, version: Option<u32>, states: &States) -> Result<&Job, Refusal> {
    let job = states.job(job_id)?;
    agree(job.status() == JobStatus::Open, "only an open job takes proposals")?;
    if let Some(version) = version {
        agree(version == job.version, "a proposal answers the job as it is")?;
        agree(job.proposals.len() < PROPOSALS_MAX, "a job has a bounded number of proposals")?;
    }
    Ok(job)
}

fn lawful_revision(e: &ProposalRevised, states: &States) -> Result<(), Refusal> {
    let proposal = states.proposal(e.proposal_id)?;
    let version = states.job(proposal.job_id)?.version;
    let expected = proposal.job_version.map(|_| version);
    agree(e.job_version == expected, "a proposal answers the job as it is")?;
    let stands = proposal.status();
    leads(proposal::TRANSITIONS, Some(stands), CommandKind::ReviseProposal, stands)
}

fn of_its_job(proposal: ProposalId, job: JobId, states: &States) -> Result<&Proposal, Refusal> {
    let proposal = states.proposal(proposal)?;
    agree(proposal.job_id == job, "a proposal is for one job")?;
    Ok(proposal)
}

fn open(proposal: ProposalId, number: u32, states: &States) -> Result<&proposal::Offer, Refusal> {
    let offer = states.proposal(proposal)?.offer().filter(|offer| offer.number == number);
    offer.ok_or_else(|| Refusal::new(Code::WrongState, "broken: what is answered is the open offer"))
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
    agree(job.has_room(), "a job hires while it has room and was not removed")?;
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
