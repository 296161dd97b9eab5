//! Whether an event can have happened in this state: the tables' moves, and facts that repeat or follow from others.

use super::money_out;
use crate::command::CommandKind;
use crate::contract::{
    self, Contract, ContractCreated, ContractEvent, ContractStatus, EscrowEvent, MILESTONE_TRANSITIONS,
    Milestone, MilestoneEvent, MilestoneStatus,
};
use crate::deposit::{self, Deposit, DepositEvent, DepositStatus, Provider};
use crate::dispute::{self, Dispute, DisputeEvent, DisputeStatus};
use crate::event::Event;
use crate::id::{ContractId, DisputeId, MilestoneId};
use crate::job::{self, Job, JobEvent, JobStatus};
use crate::marketplace::MarketplaceEvent;
use crate::money::Money;
use crate::proposal::make_offer::offerable;
use crate::proposal::{self, OfferAccepted, OfferMade, Proposal, ProposalEvent, ProposalStatus};
use crate::refusal::{Code, Refusal};
use crate::stream::States;
use crate::time::Timestamp;
use crate::timer::{Timer, TimerKind};
use crate::transition::Transition;
use crate::treasury::SettlementEvent;

/// Whether `event`, recorded `at` this instant, can have happened in these states.
pub(super) fn lawful(event: &Event, states: &States, at: Timestamp) -> Result<(), Refusal> {
    match event {
        Event::Marketplace(event) => lawful_marketplace(event, states),
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
        Event::Proposal(ProposalEvent::OfferExpired(e)) => {
            let proposal = states.proposal(e.proposal_id)?;
            let lapsed = proposal.offer().is_some_and(|o| o.number == e.number && o.expires_at <= at);
            agree(lapsed, "an offer lapses when its window is over")?;
            let (kind, to) = (CommandKind::ExpireOffer, ProposalStatus::Shortlisted);
            leads(proposal::TRANSITIONS, Some(proposal.status()), kind, to)
        }
        Event::Contract(ContractEvent::Created(e)) => lawful_contract(e, states),
        Event::Contract(event) => lawful_ending(event, states, at),
        Event::Milestone(event) => lawful_milestone(event, states, at),
        Event::Escrow(event) => lawful_escrow(event, states, at),
        Event::Deposit(event) => lawful_deposit(event, states, at),
        Event::Refund(event) => money_out::lawful_refund(event, states, at),
        Event::Dispute(event) => lawful_dispute(event, states),
        Event::Account(event) => money_out::lawful_hold(event, states, at),
        Event::Payout(event) => money_out::lawful_payout(event, states, at),
        Event::Settlement(SettlementEvent::Recorded(e)) => {
            agree(!Provider::is_recorded(states, &e.rail, &e.provider_object), "a settlement counts once")
        }
        Event::Process(_) => Ok(()),
    }
}

fn lawful_marketplace(event: &MarketplaceEvent, states: &States) -> Result<(), Refusal> {
    let paused = |process| states.marketplace().map(|m| m.paused_processes.contains(process));
    let paused_rail = |rail| states.marketplace().map(|m| m.paused_rails.contains(rail));
    match event {
        MarketplaceEvent::PolicyPublished(e) => {
            let expected = states.marketplace().map_or(1, |marketplace| marketplace.version + 1);
            agree(e.version == expected, "policy versions count without a gap")
        }
        MarketplaceEvent::ProcessPaused(e) => agree(!paused(&e.process)?, "what is paused ran before"),
        MarketplaceEvent::ProcessResumed(e) => agree(paused(&e.process)?, "what is resumed was paused"),
        MarketplaceEvent::RailPaused(e) => agree(!paused_rail(&e.rail)?, "what is paused ran before"),
        MarketplaceEvent::RailResumed(e) => agree(paused_rail(&e.rail)?, "what is resumed was paused"),
        MarketplaceEvent::ReadModelRebuildRequested(_) => states.marketplace().map(drop),
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

/// Whether the state has this timer, and it is due.
pub(super) fn over(set: &[Timer], kind: TimerKind, at: Timestamp) -> bool {
    set.iter().any(|timer| timer.kind == kind && timer.due <= at)
}

fn lawful_ending(event: &ContractEvent, states: &States, at: Timestamp) -> Result<(), Refusal> {
    let contract = states.contract(event.contract_id())?;
    let moves = |kind, to| leads(contract::TRANSITIONS, Some(contract.status()), kind, to);
    match event {
        ContractEvent::Created(_) => Ok(()),
        ContractEvent::Cancelled(e) => {
            agree(e.job_id == contract.job_id, "the place goes back to the job that hired")?;
            agree(contract.holds_nothing(), "milestones are cancelled before their contract")?;
            moves(CommandKind::CancelContract, ContractStatus::Cancelled)
        }
        ContractEvent::EndRequested(e) => {
            let answer_by = at.plus_days(contract.windows.end_answer_days);
            agree(e.answer_by == answer_by, "an end is answered within the contract's window")?;
            moves(CommandKind::RequestEnd, ContractStatus::Ending)
        }
        ContractEvent::EndWithdrawn(_) => {
            agree(contract.end_requester().is_some(), "only a request is withdrawn")?;
            moves(CommandKind::WithdrawEnd, ContractStatus::Active)
        }
        ContractEvent::EndAgreed(_) => {
            agree(contract.end_requester().is_some(), "only a request is agreed to")?;
            moves(CommandKind::AgreeEnd, ContractStatus::Ending)
        }
        ContractEvent::Ended(_) => {
            let agreed = contract.is_end_agreed() && contract.holds_nothing();
            agree(agreed, "a contract ends when that is agreed and nothing is held")?;
            moves(CommandKind::SettleEnd, ContractStatus::Ended)
        }
    }
}

fn lawful_dispute(event: &DisputeEvent, states: &States) -> Result<(), Refusal> {
    let from = states.dispute(event.dispute_id()).ok().map(Dispute::status);
    match event {
        DisputeEvent::Opened(e) => {
            let (contract, _) = milestone(states, e.contract_id, e.milestone_id)?;
            let parties = (contract.client, contract.talent) == (e.opener, e.respondent);
            agree(parties, "a dispute is between the contract's parties")?;
            leads(dispute::TRANSITIONS, from, CommandKind::RejectRefund, DisputeStatus::Negotiation)
        }
        DisputeEvent::Withdrawn(_) => {
            leads(dispute::TRANSITIONS, from, CommandKind::WithdrawDispute, DisputeStatus::Withdrawn)
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
        MilestoneEvent::RefundRequested(e) => {
            let (contract, milestone) = milestone(states, e.contract_id, e.milestone_id)?;
            let answer_by = at.plus_days(contract.windows.refund_answer_days);
            agree(e.answer_by == answer_by, "a refund is answered within the contract's window")?;
            agree(e.reasons.is_some() || contract.is_end_agreed(), "only an agreed end asks without a word")?;
            moves(milestone, CommandKind::RequestRefund, MilestoneStatus::RefundRequested)
        }
        MilestoneEvent::RefundRequestWithdrawn(e) => {
            let (_, milestone) = milestone(states, e.contract_id, e.milestone_id)?;
            let to = milestone.prior().ok_or_else(|| Refusal::new(Code::WrongState, "nothing was asked"))?;
            moves(milestone, CommandKind::WithdrawRefundRequest, to)
        }
        MilestoneEvent::Cancelled(e) => {
            let (_, milestone) = milestone(states, e.contract_id, e.milestone_id)?;
            moves(milestone, CommandKind::CancelContract, MilestoneStatus::Cancelled)
        }
    }
}

fn lawful_escrow(event: &EscrowEvent, states: &States, at: Timestamp) -> Result<(), Refusal> {
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
        EscrowEvent::Refunded(e) => {
            let (contract, milestone) = milestone(states, e.contract_id, e.milestone_id)?;
            let to = MilestoneStatus::Refunded;
            let by_end = contract.is_end_agreed() && moves(milestone, CommandKind::AgreeEnd, to).is_ok();
            if by_end {
                return Ok(());
            }
            moves(milestone, CommandKind::AgreeRefund, to)
                .or_else(|_| moves(milestone, CommandKind::RefundMilestone, to))
        }
        EscrowEvent::Frozen(e) => {
            let (_, milestone) = milestone(states, e.contract_id, e.milestone_id)?;
            disputed(states, e.dispute_id, e.milestone_id, DisputeStatus::Negotiation)?;
            moves(milestone, CommandKind::RejectRefund, MilestoneStatus::Disputed)
        }
        EscrowEvent::Unfrozen(e) => {
            let (_, milestone) = milestone(states, e.contract_id, e.milestone_id)?;
            disputed(states, e.dispute_id, e.milestone_id, DisputeStatus::Withdrawn)?;
            let to = milestone.prior().ok_or_else(|| Refusal::new(Code::WrongState, "nothing is frozen"))?;
            moves(milestone, CommandKind::WithdrawDispute, to)
        }
        EscrowEvent::EarningsCleared(e) => {
            let contract = states.contract(e.contract_id)?;
            let timer = TimerKind::ClearEarnings(e.lot_id);
            agree(over(&contract.timers(), timer, at), "earnings clear when their hold is over")
        }
    }
}

/// What freezes or thaws a milestone is its own dispute, which stands so.
fn disputed(
    states: &States,
    id: DisputeId,
    milestone: MilestoneId,
    stands: DisputeStatus,
) -> Result<(), Refusal> {
    let dispute = states.dispute(id)?;
    agree(
        dispute.milestone_id == milestone && dispute.status() == stands,
        "escrow freezes and thaws with the milestone's dispute",
    )
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
            agree(!Provider::is_recorded(states, &e.rail, &e.provider_object), "a payment counts once")?;
            (CommandKind::ConfirmDeposit, DepositStatus::Confirmed)
        }
        DepositEvent::Failed(e) => {
            about(deposit, e.contract_id, e.milestone_id)?;
            (CommandKind::FailDeposit, DepositStatus::Failed)
        }
        DepositEvent::Refunded(e) => {
            let payment = deposit.payment(&e.provider_object);
            let all = payment.is_some_and(|p| p.unmatched > 0 && p.unmatched == e.amount.minor());
            agree(all, "what is unmatched of a payment goes back whole")?;
            (CommandKind::RefundDeposit, deposit.status())
        }
        DepositEvent::Unmatched(e) => {
            about(deposit, e.contract_id, e.milestone_id)?;
            agree(e.rail == deposit.rail, "a deposit has one rail")?;
            // What is left over beside a confirmed amount is of the same payment.
            let excess = deposit.status() == DepositStatus::Confirmed;
            agree(
                excess || !Provider::is_recorded(states, &e.rail, &e.provider_object),
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
pub(super) fn leads<S: Copy + PartialEq + std::fmt::Debug>(
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

pub(super) fn agree(holds: bool, rule: &'static str) -> Result<(), Refusal> {
    if holds { Ok(()) } else { Err(Refusal::new(Code::WrongState, format!("broken: {rule}"))) }
}
