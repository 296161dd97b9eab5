//! What an auditor asks of every recorded event: could it have happened in this state, and is its money what the
//! rules make of it? The same tables and the same posting rules answer as when it was decided.

use crate::command::CommandKind;
use crate::contract::{ContractEvent, EscrowEvent, MILESTONE_TRANSITIONS, MilestoneEvent};
use crate::deposit::{self, DepositEvent};
use crate::event::Event;
use crate::id::MilestoneId;
use crate::job::{self, JobEvent};
use crate::ledger::{check_guarded, rules};
use crate::marketplace::MarketplaceEvent;
use crate::proposal::{self, ProposalEvent};
use crate::refusal::{Code, Refusal};
use crate::stream::{States, StreamId};
use crate::time::Timestamp;
use crate::transition::Transition;

/// Checks `event`, recorded at `recorded_at`, against the states before it: the streams of [`Event::streams`] and
/// those of [`reads`].
///
/// # Errors
/// A [`Refusal`] that says what is wrong: [`Code::WrongState`] for a move that no table allows,
/// [`Code::EntryUnbalanced`] for money that isn't what the posting rules make of the facts,
/// [`Code::BalanceTooLow`] for an overdrawn account, [`Code::TermsMismatch`] for a contract that isn't what was
/// offered, [`Code::NotFound`] for an event about nothing.
pub fn recheck(event: &Event, states: &States, recorded_at: Timestamp) -> Result<(), Refusal> {
    lawful(event, states)?;
    if let Some(entry) = event.journal_entry() {
        check_guarded(entry, states)?;
    }
    money(event, states, recorded_at)
}

/// The streams that [`recheck`] reads beside those that the event belongs to.
pub fn reads(event: &Event) -> Vec<StreamId> {
    match event {
        Event::Contract(ContractEvent::Created(e)) => vec![StreamId::Proposal(e.proposal_id)],
        Event::Proposal(ProposalEvent::Submitted(e)) => vec![StreamId::Job(e.job_id)],
        Event::Escrow(EscrowEvent::Funded(e)) => vec![StreamId::Deposit(e.deposit_id)],
        Event::Proposal(_)
        | Event::Escrow(EscrowEvent::Released(_))
        | Event::Marketplace(_)
        | Event::Job(_)
        | Event::Milestone(_)
        | Event::Deposit(_)
        | Event::Process(_) => Vec::new(),
    }
}

fn lawful(event: &Event, states: &States) -> Result<(), Refusal> {
    match event {
        Event::Marketplace(MarketplaceEvent::PolicyPublished(e)) => {
            let expected = states
                .marketplace()
                .map_or(1, |marketplace| marketplace.version + 1);
            agree(e.version == expected, "policy versions count without a gap")
        }
        Event::Job(event) => lawful_job(event, states),
        Event::Proposal(event) => lawful_proposal(event, states),
        Event::Contract(ContractEvent::Created(e)) => {
            let proposal = states.proposal(e.proposal_id)?;
            let same =
                proposal.client == e.client && proposal.talent == e.talent && proposal.job_id == e.job_id;
            if states.contract(e.contract_id).is_ok() || !same {
                return Err(Refusal::new(
                    Code::TermsMismatch,
                    "the contract isn't between those who negotiated",
                ));
            }
            Ok(())
        }
        Event::Milestone(event) => lawful_milestone(event, states),
        Event::Escrow(EscrowEvent::Funded(e)) => {
            let deposit = states.deposit(e.deposit_id)?;
            agree(
                deposit.contract_id == e.contract_id && deposit.milestone_id == e.milestone_id,
                "a deposit funds its own milestone",
            )?;
            agree(
                deposit.status() == deposit::DepositStatus::Confirmed,
                "only a confirmed deposit funds a milestone",
            )?;
            milestone_moves(
                states,
                (e.contract_id, e.milestone_id),
                CommandKind::ConfirmDeposit,
            )
        }
        Event::Escrow(EscrowEvent::Released(e)) => milestone_moves(
            states,
            (e.contract_id, e.milestone_id),
            CommandKind::ApproveMilestone,
        ),
        Event::Deposit(event) => lawful_deposit(event, states),
        Event::Process(_) => Ok(()),
    }
}

fn lawful_job(event: &JobEvent, states: &States) -> Result<(), Refusal> {
    let standing = |id| states.job(id).map(job::Job::status);
    match event {
        JobEvent::Created(e) => starts(job::TRANSITIONS, standing(e.job_id).ok(), CommandKind::CreateJob),
        JobEvent::Submitted(e) => starts(
            job::TRANSITIONS,
            Some(standing(e.job_id)?),
            CommandKind::SubmitJob,
        ),
        JobEvent::Filled(e) => starts(job::TRANSITIONS, Some(standing(e.job_id)?), CommandKind::FillJob),
    }
}

fn lawful_proposal(event: &ProposalEvent, states: &States) -> Result<(), Refusal> {
    let table = proposal::TRANSITIONS;
    match event {
        ProposalEvent::Submitted(e) => {
            agree(
                states.job(e.job_id)?.client == e.client,
                "a proposal goes to the job's client",
            )?;
            starts(
                table,
                states
                    .proposal(e.proposal_id)
                    .ok()
                    .map(proposal::Proposal::status),
                CommandKind::SubmitProposal,
            )
        }
        ProposalEvent::OfferMade(e) => {
            let expected = e.terms.hash(e.proposal_id, e.number, e.salt);
            let erased = e
                .terms
                .milestones
                .iter()
                .any(|milestone| milestone.title.clear().is_none());
            agree(
                erased || expected == Ok(e.terms_hash),
                "the terms hash is that of the terms",
            )?;
            starts(
                table,
                Some(states.proposal(e.proposal_id)?.status()),
                CommandKind::MakeOffer,
            )
        }
        ProposalEvent::OfferAccepted(e) => {
            let proposal = states.proposal(e.proposal_id)?;
            agree(
                proposal
                    .offer()
                    .is_some_and(|offer| offer.terms_hash == e.terms_hash && offer.number == e.number),
                "what is accepted is the open offer",
            )?;
            starts(table, Some(proposal.status()), CommandKind::AcceptOffer)
        }
    }
}

fn lawful_milestone(event: &MilestoneEvent, states: &States) -> Result<(), Refusal> {
    match event {
        MilestoneEvent::Agreed(e) => {
            let contract = states.contract(e.contract_id)?;
            agree(
                contract.currency == e.amount.currency(),
                "a contract has one currency",
            )?;
            agree(
                contract.milestone(e.milestone_id).is_err(),
                "a milestone is agreed once",
            )
        }
        MilestoneEvent::WorkSubmitted(e) => {
            milestone_moves(states, (e.contract_id, e.milestone_id), CommandKind::SubmitWork)
        }
        MilestoneEvent::ChangesRequested(e) => milestone_moves(
            states,
            (e.contract_id, e.milestone_id),
            CommandKind::RequestChanges,
        ),
        MilestoneEvent::Approved(e) => milestone_moves(
            states,
            (e.contract_id, e.milestone_id),
            CommandKind::ApproveMilestone,
        ),
    }
}

fn lawful_deposit(event: &DepositEvent, states: &States) -> Result<(), Refusal> {
    let table = deposit::TRANSITIONS;
    let standing = |id| states.deposit(id).map(deposit::Deposit::status);
    match event {
        DepositEvent::Requested(e) => {
            starts(table, standing(e.deposit_id).ok(), CommandKind::FundMilestone)?;
            milestone_moves(
                states,
                (e.contract_id, e.milestone_id),
                CommandKind::FundMilestone,
            )
        }
        DepositEvent::AttemptStarted(e) => starts(
            table,
            Some(standing(e.deposit_id)?),
            CommandKind::StartDepositAttempt,
        ),
        DepositEvent::Acknowledged(e) => starts(
            table,
            Some(standing(e.deposit_id)?),
            CommandKind::AcknowledgeDeposit,
        ),
        DepositEvent::Confirmed(e) => {
            let deposit = states.deposit(e.deposit_id)?;
            let enough = e.captured.currency() == deposit.amount.currency()
                && e.captured.minor() >= deposit.amount.minor();
            agree(enough, "a deposit is confirmed by its whole amount")?;
            starts(table, Some(deposit.status()), CommandKind::ConfirmDeposit)
        }
        DepositEvent::Failed(e) => starts(table, Some(standing(e.deposit_id)?), CommandKind::FailDeposit),
        DepositEvent::Unmatched(e) => {
            starts(table, Some(standing(e.deposit_id)?), CommandKind::ConfirmDeposit)
        }
    }
}

/// Rebuilds the money of the event by the posting rules, from the facts and the state, and compares all of it.
fn money(event: &Event, states: &States, recorded_at: Timestamp) -> Result<(), Refusal> {
    match event {
        Event::Escrow(EscrowEvent::Funded(e)) => {
            let rebuilt =
                states
                    .contract(e.contract_id)?
                    .funded(e.milestone_id, e.deposit_id, e.entry.id())?;
            posted(rebuilt == *e)
        }
        Event::Escrow(EscrowEvent::Released(e)) => {
            let ids = (e.lot_id, e.entry.id());
            let contract = states.contract(e.contract_id)?;
            posted(contract.released(e.milestone_id, e.slice.gross, ids, recorded_at)? == *e)
        }
        Event::Deposit(DepositEvent::Unmatched(e)) => {
            posted(rules::unidentified(e.entry.id(), e.amount)? == e.entry)
        }
        Event::Deposit(DepositEvent::Requested(e)) => {
            let contract = states.contract(e.contract_id)?;
            let milestone = contract.milestone(e.milestone_id)?;
            let charge = contract.fees.client_charge(milestone.amount.minor());
            let total = milestone
                .amount
                .with_minor(milestone.amount.minor() + charge.total())?;
            posted(e.amount == total && e.client == contract.client)
        }
        Event::Deposit(_)
        | Event::Marketplace(_)
        | Event::Job(_)
        | Event::Proposal(_)
        | Event::Contract(_)
        | Event::Milestone(_)
        | Event::Process(_) => Ok(()),
    }
}

/// Whether a row of the table starts `command` from `from`.
fn starts<S: Copy + PartialEq + std::fmt::Debug>(
    table: &[Transition<S>],
    from: Option<S>,
    command: CommandKind,
) -> Result<(), Refusal> {
    let fits = |row: &Transition<S>| from.map_or(row.from.is_empty(), |state| row.from.contains(&state));
    if table.iter().any(|row| row.command == command && fits(row)) {
        return Ok(());
    }
    let state = from.map_or("nothing".to_owned(), |state| format!("{state:?}"));
    Err(Refusal::new(
        Code::WrongState,
        format!("no table lets {} happen to {state}", command.as_str()),
    ))
}

fn milestone_moves(
    states: &States,
    (contract, milestone): (crate::id::ContractId, MilestoneId),
    command: CommandKind,
) -> Result<(), Refusal> {
    let from = states.contract(contract)?.milestone(milestone)?.status();
    starts(MILESTONE_TRANSITIONS, Some(from), command)
}

fn agree(holds: bool, rule: &'static str) -> Result<(), Refusal> {
    if holds {
        Ok(())
    } else {
        Err(Refusal::new(Code::WrongState, format!("broken: {rule}")))
    }
}

fn posted(same: bool) -> Result<(), Refusal> {
    if same {
        return Ok(());
    }
    Err(Refusal::new(
        Code::EntryUnbalanced,
        "the posting rules make other money of these facts",
    ))
}
