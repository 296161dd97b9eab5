//! Whether an event can have happened in this state: the tables' moves, and facts that repeat or follow from others.

use crate::command::CommandKind;
use crate::contract::{
    Contract, ContractCreated, ContractEvent, EscrowEvent, MILESTONE_TRANSITIONS, Milestone, MilestoneEvent,
    MilestoneStatus,
};
use crate::deposit::{self, Deposit, DepositEvent, DepositStatus, Provider};
use crate::event::Event;
use crate::id::{ContractId, MilestoneId};
use crate::job::{self, Job, JobEvent, JobStatus};
use crate::marketplace::MarketplaceEvent;
use crate::money::Money;
use crate::proposal::make_offer::offerable;
use crate::proposal::{self, OfferAccepted, OfferMade, Proposal, ProposalEvent, ProposalStatus};
use crate::refusal::{Code, Refusal};
use crate::stream::States;
use crate::time::Timestamp;
use crate::transition::Transition;

/// Whether `event`, recorded `at` this instant, can have happened in these states.
pub(super) fn lawful(event: &Event, states: &States, at: Timestamp) -> Result<(), Refusal> {
    match event {
        Event::Marketplace(MarketplaceEvent::PolicyPublished(e)) => {
            let expected = states.marketplace().map_or(1, |marketplace| marketplace.version + 1);
            agree(e.version == expected, "policy versions count without a gap")
        }
        Event::Job(event) => lawful_job(event, states, at),
        Event::Proposal(ProposalEvent::Submitted(e)) => {
            let job = states.job(e.job_id)?;
            agree(job.client == e.client, "a proposal goes to the job's client")?;
            agree(e.client != e.talent, "nobody works for themselves")?;
            agree(job.status() == JobStatus::Open, "only an open job takes proposals")?;
            let from = states.proposal(e.proposal_id).ok().map(Proposal::status);
            let (kind, to) = (CommandKind::SubmitProposal, ProposalStatus::Submitted);
            leads(proposal::TRANSITIONS, from, kind, to)
        }
        Event::Proposal(ProposalEvent::OfferMade(e)) => lawful_offer(e, states, at),
        Event::Proposal(ProposalEvent::OfferAccepted(e)) => lawful_acceptance(e, states),
        Event::Contract(ContractEvent::Created(e)) => lawful_contract(e, states),
        Event::Milestone(event) => lawful_milestone(event, states, at),
        Event::Escrow(event) => lawful_escrow(event, states),
        Event::Deposit(event) => lawful_deposit(event, states, at),
        Event::Process(_) => Ok(()),
    }
}

fn lawful_job(event: &JobEvent, states: &States, at: Timestamp) -> Result<(), Refusal> {
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
fn lawful_contract(e: &ContractCreated, states: &States) -> Result<(), Refusal> {
    let proposal = states.proposal(e.proposal_id)?;
    let parties = (proposal.client, proposal.talent, proposal.job_id);
    if states.contract(e.contract_id).is_err() && parties == (e.client, e.talent, e.job_id) {
        return Ok(());
    }
    Err(Refusal::new(Code::TermsMismatch, "the contract isn't between those who negotiated"))
}

fn lawful_milestone(event: &MilestoneEvent, states: &States, at: Timestamp) -> Result<(), Refusal> {
    match event {
        MilestoneEvent::Agreed(e) => {
            let contract = states.contract(e.contract_id)?;
            agree(contract.currency == e.amount.currency(), "a contract has one currency")?;
            agree(contract.milestone(e.milestone_id).is_err(), "a milestone is agreed once")
        }
        MilestoneEvent::WorkSubmitted(e) => {
            let (contract, milestone) = milestone(states, e.contract_id, e.milestone_id)?;
            agree(
                e.review_ends_at == at.plus_days(contract.windows.review_days),
                "a review takes the contract's window",
            )?;
            moves(milestone, CommandKind::SubmitWork, MilestoneStatus::Submitted)
        }
        MilestoneEvent::ChangesRequested(e) => {
            let (_, milestone) = milestone(states, e.contract_id, e.milestone_id)?;
            agree(milestone.work() == Some(e.work_id), "what is sent back waits for review")?;
            moves(milestone, CommandKind::RequestChanges, MilestoneStatus::ChangesRequested)
        }
        MilestoneEvent::Approved(e) => {
            let (_, milestone) = milestone(states, e.contract_id, e.milestone_id)?;
            agree(milestone.work() == Some(e.work_id), "what is approved waits for review")?;
            moves(milestone, CommandKind::ApproveMilestone, MilestoneStatus::Released)
        }
    }
}

fn lawful_escrow(event: &EscrowEvent, states: &States) -> Result<(), Refusal> {
    match event {
        EscrowEvent::Funded(e) => {
            let deposit = states.deposit(e.deposit_id)?;
            about(deposit, e.contract_id, e.milestone_id)?;
            agree(
                deposit.status() == DepositStatus::Confirmed,
                "only a confirmed deposit funds a milestone",
            )?;
            let (_, milestone) = milestone(states, e.contract_id, e.milestone_id)?;
            agree(
                milestone.deposit() == Some(deposit.id),
                "a milestone is funded by the deposit that it waits for",
            )?;
            moves(milestone, CommandKind::ConfirmDeposit, MilestoneStatus::Funded)
        }
        EscrowEvent::Released(e) => {
            let (_, milestone) = milestone(states, e.contract_id, e.milestone_id)?;
            moves(milestone, CommandKind::ApproveMilestone, MilestoneStatus::Released)
        }
    }
}

fn lawful_deposit(event: &DepositEvent, states: &States, at: Timestamp) -> Result<(), Refusal> {
    let DepositEvent::Requested(e) = event else {
        return lawful_outcome(event, states);
    };
    let (contract, milestone) = milestone(states, e.contract_id, e.milestone_id)?;
    agree(
        e.expires_at == at.plus_minutes(contract.windows.card_funding_minutes),
        "a deposit waits for the contract's window",
    )?;
    let from = states.deposit(e.deposit_id).ok().map(Deposit::status);
    let kind = CommandKind::FundMilestone;
    leads(deposit::TRANSITIONS, from, kind, DepositStatus::Requested)?;
    moves(milestone, kind, MilestoneStatus::Funding)
}

/// What became of a deposit that was requested before.
fn lawful_outcome(event: &DepositEvent, states: &States) -> Result<(), Refusal> {
    let deposit = states.deposit(event.deposit_id())?;
    let (kind, to) = match event {
        DepositEvent::Requested(_) => (CommandKind::FundMilestone, DepositStatus::Requested),
        DepositEvent::AttemptStarted(e) => {
            let ordered = (&e.rail, e.amount, &e.payment_method);
            agree(
                ordered == (&deposit.rail, deposit.amount, &deposit.payment_method),
                "what is ordered from the provider is the deposit",
            )?;
            (CommandKind::StartDepositAttempt, DepositStatus::Started)
        }
        DepositEvent::Acknowledged(e) => {
            agree(e.rail == deposit.rail, "a deposit has one rail")?;
            (CommandKind::AcknowledgeDeposit, DepositStatus::Acknowledged)
        }
        DepositEvent::Confirmed(e) => {
            agree(e.rail == deposit.rail, "a deposit has one rail")?;
            agree(deposit.is_covered_by(e.captured), "a deposit is confirmed by its whole amount")?;
            agree(!Provider::has_captured(states, &e.rail, &e.provider_object), "a payment counts once")?;
            (CommandKind::ConfirmDeposit, DepositStatus::Confirmed)
        }
        DepositEvent::Failed(e) => {
            about(deposit, e.contract_id, e.milestone_id)?;
            (CommandKind::FailDeposit, DepositStatus::Failed)
        }
        DepositEvent::Unmatched(e) => {
            about(deposit, e.contract_id, e.milestone_id)?;
            agree(e.rail == deposit.rail, "a deposit has one rail")?;
            // What is left over beside a confirmed amount is of the same payment.
            let excess = deposit.status() == DepositStatus::Confirmed;
            agree(
                excess || !Provider::has_captured(states, &e.rail, &e.provider_object),
                "a payment counts once",
            )?;
            let (_, milestone) = milestone(states, e.contract_id, e.milestone_id)?;
            agree(
                !deposit.is_awaited(milestone) || !deposit.is_covered_by(e.amount),
                "money that is awaited funds its milestone",
            )?;
            (CommandKind::ConfirmDeposit, deposit.status().after_unmatched())
        }
    };
    leads(deposit::TRANSITIONS, Some(deposit.status()), kind, to)
}

fn about(deposit: &Deposit, contract: ContractId, milestone: MilestoneId) -> Result<(), Refusal> {
    agree(
        (deposit.contract_id, deposit.milestone_id) == (contract, milestone),
        "a deposit is for its own milestone",
    )
}

fn milestone(
    states: &States,
    contract: ContractId,
    milestone: MilestoneId,
) -> Result<(&Contract, &Milestone), Refusal> {
    let contract = states.contract(contract)?;
    Ok((contract, contract.milestone(milestone)?))
}

fn moves(milestone: &Milestone, command: CommandKind, to: MilestoneStatus) -> Result<(), Refusal> {
    leads(MILESTONE_TRANSITIONS, Some(milestone.status()), command, to)
}

/// Whether a row of the table leads from `from` to `to` by `command`.
fn leads<S: Copy + PartialEq + std::fmt::Debug>(
    table: &[Transition<S>],
    from: Option<S>,
    command: CommandKind,
    to: S,
) -> Result<(), Refusal> {
    if table.iter().any(|row| row.command == command && row.leads(from, to)) {
        return Ok(());
    }
    let state = from.map_or("nothing".to_owned(), |state| format!("{state:?}"));
    Err(Refusal::new(Code::WrongState, format!("no table lets {} make {to:?} of {state}", command.as_str())))
}

fn agree(holds: bool, rule: &'static str) -> Result<(), Refusal> {
    if holds { Ok(()) } else { Err(Refusal::new(Code::WrongState, format!("broken: {rule}"))) }
}
