//! What an auditor asks of every recorded event: could it have happened in this state, was it recorded by whom it
//! may be, and is its money what the rules make of it? The same tables and the same posting rules answer as when it
//! was decided.

mod actor;
mod contracts;
mod deposits;
mod disputes;
mod due;
mod escrow;
mod hiring;
mod lawful;
mod money_out;
mod negotiation;
mod terms;

use crate::contract::{ContractEvent, EscrowEvent};
use crate::deposit::DepositEvent;
use crate::dispute::DisputeEvent;
use crate::event::Event;
use crate::id::{LotId, RefundId};
use crate::ledger::{check_guarded, rules};
use crate::payout::{PayoutEvent, PayoutStatus};
use crate::proposal::ProposalEvent;
use crate::refund::RefundEvent;
use crate::refusal::{Code, Refusal};
use crate::stream::{State, States, StreamId};
use crate::time::Timestamp;
use crate::treasury::SettlementEvent;

/// What a record says of its event beside the payload.
#[derive(Clone, Copy, Debug)]
pub struct Recorded<'a> {
    /// When it was recorded.
    pub at: Timestamp,
    /// Who did it, as [`crate::Actor`] prints: `pty_…`, `system:NAME`, `provider:RAIL`.
    pub actor: &'a str,
}

/// Checks `event`, `recorded` so, against the states before it: the streams of [`Event::streams`] and those of
/// [`reads`].
///
/// # Errors
/// A [`Refusal`] that says what is wrong: [`Code::WrongState`] for a move that no table allows or facts that don't
/// follow from the state, [`Code::Forbidden`] for somebody who may not do it, [`Code::EntryUnbalanced`] for money that
/// isn't what the posting rules make of the facts, [`Code::BalanceTooLow`] for an overdrawn account,
/// [`Code::TermsMismatch`] for a contract that isn't what was offered, [`Code::NotFound`] for an event about nothing.
pub fn recheck(event: &Event, states: &States, recorded: Recorded<'_>) -> Result<(), Refusal> {
    lawful::lawful(event, states, recorded.at)?;
    actor::rightful(event, states, recorded.actor)?;
    due::in_time(event, states, recorded)?;
    if let Some(entry) = event.journal_entry() {
        check_guarded(entry, states)?;
    }
    money(event, states, recorded.at)
}

/// The streams that [`recheck`] reads beside those that the event belongs to; `owner` is the state before it of the
/// first of these.
pub fn reads(event: &Event, owner: Option<&State>) -> Vec<StreamId> {
    match event {
        Event::Contract(ContractEvent::Created(e)) => vec![StreamId::Proposal(e.proposal_id)],
        Event::Proposal(ProposalEvent::Saved(e)) => vec![StreamId::Job(e.job_id), StreamId::Marketplace],
        Event::Proposal(_) => {
            let job = owner.and_then(State::as_proposal).map(|proposal| StreamId::Job(proposal.job_id));
            job.into_iter().chain([StreamId::Marketplace]).collect()
        }
        Event::Escrow(EscrowEvent::Funded(e)) => vec![StreamId::Deposit(e.deposit_id)],
        Event::Escrow(EscrowEvent::Refunded(e)) => vec![StreamId::Deposit(e.deposit_id)],
        Event::Escrow(EscrowEvent::EarningsRefunded(e)) => vec![StreamId::Deposit(e.deposit_id)],
        Event::Escrow(EscrowEvent::AwardApplied(e)) => {
            e.refund.map(|back| StreamId::Deposit(back.deposit_id)).into_iter().collect()
        }
        Event::Escrow(EscrowEvent::Frozen(e)) => vec![StreamId::Dispute(e.dispute_id)],
        Event::Escrow(EscrowEvent::Unfrozen(e)) => vec![StreamId::Dispute(e.dispute_id)],
        Event::Dispute(DisputeEvent::Opened(e)) => {
            vec![StreamId::Contract(e.contract_id), StreamId::Marketplace]
        }
        Event::Dispute(_) => {
            let contract = owner.and_then(State::as_dispute).map(|dispute| dispute.contract_id);
            contract.map(StreamId::Contract).into_iter().chain([StreamId::Marketplace]).collect()
        }
        Event::Job(_) | Event::Refund(_) | Event::Account(_) => vec![StreamId::Marketplace],
        Event::Payout(event) => {
            let of = event.of();
            vec![StreamId::Marketplace, StreamId::Account(of.party_id, of.currency)]
        }
        Event::Contract(_)
        | Event::Escrow(_)
        | Event::Settlement(_)
        | Event::Marketplace(_)
        | Event::Milestone(_)
        | Event::Deposit(_)
        | Event::Process(_) => Vec::new(),
    }
}

/// Rebuilds the money of the event by the posting rules, from the facts and the state, and compares all of it.
fn money(event: &Event, states: &States, recorded_at: Timestamp) -> Result<(), Refusal> {
    match event {
        Event::Escrow(event) => escrow_money(event, states, recorded_at),
        Event::Deposit(DepositEvent::Unmatched(e)) => {
            posted(rules::unidentified(e.entry.id(), e.amount)? == e.entry)
        }
        Event::Deposit(DepositEvent::Refunded(e)) => {
            let deposit = states.deposit(e.deposit_id)?;
            let payment = deposit.payment(&e.provider_object).ok_or_else(|| Refusal::not_found("payment"))?;
            posted(deposit.refunded(payment, e.refund_id, e.entry.id())? == *e)
        }
        Event::Deposit(DepositEvent::Requested(e)) => {
            let contract = states.contract(e.contract_id)?;
            let milestone = contract.milestone(e.milestone_id)?;
            posted(e.amount == contract.price_of(milestone)? && e.client == contract.client)
        }
        Event::Refund(RefundEvent::Confirmed(e)) => {
            let refund = states.refund(e.refund_id)?;
            posted(rules::refund_sent(e.entry.id(), refund.client, refund.amount)? == e.entry)
        }
        Event::Refund(RefundEvent::Failed(e)) => {
            posted(states.refund(e.refund_id)?.to_wallet(e.entry.id())? == e.entry)
        }
        Event::Payout(event) => payout_money(event, states),
        Event::Settlement(SettlementEvent::Recorded(e)) => {
            posted(rules::settled(e.entry.id(), e.gross, e.fee)? == e.entry)
        }
        Event::Dispute(DisputeEvent::FeePaid(e)) => {
            posted(states.dispute(e.dispute_id)?.fee_paid(e.side, e.amount, e.entry.id())? == *e)
        }
        Event::Dispute(DisputeEvent::FeesSettled(e)) => {
            let dispute = states.dispute(e.dispute_id)?;
            let quote = &states.contract(dispute.contract_id)?.fees;
            posted(dispute.fees_divided(e.bearer, quote, e.entry.id())? == *e)
        }
        Event::Deposit(
            DepositEvent::AttemptStarted(_)
            | DepositEvent::Acknowledged(_)
            | DepositEvent::Confirmed(_)
            | DepositEvent::Failed(_),
        )
        | Event::Refund(_)
        | Event::Dispute(_)
        | Event::Account(_)
        | Event::Marketplace(_)
        | Event::Job(_)
        | Event::Proposal(_)
        | Event::Contract(_)
        | Event::Milestone(_)
        | Event::Process(_) => Ok(()),
    }
}

fn escrow_money(event: &EscrowEvent, states: &States, recorded_at: Timestamp) -> Result<(), Refusal> {
    let contract = states.contract(event.contract_id())?;
    match event {
        EscrowEvent::Funded(e) => posted(contract.funded(e.milestone_id, e.deposit_id, e.entry.id())? == *e),
        EscrowEvent::Released(e) => {
            let ids = (e.lot_id, e.entry.id());
            posted(contract.released(e.milestone_id, e.slice.gross, ids, recorded_at)? == *e)
        }
        EscrowEvent::Refunded(e) => {
            posted(contract.refunded(e.milestone_id, e.refund_id, e.entry.id())? == *e)
        }
        EscrowEvent::Frozen(e) => {
            posted(contract.frozen(e.milestone_id, e.dispute_id, e.resumes, e.entry.id())? == *e)
        }
        EscrowEvent::AwardApplied(e) => {
            let (refund, lot) = (e.refund.map(|refund| refund.refund_id), e.lot.map(|lot| lot.lot_id));
            // What goes nowhere needs no id.
            let refund = refund.unwrap_or(RefundId::from_u128(0));
            let ids = (refund, lot.unwrap_or(LotId::from_u128(0)), e.entry.id());
            posted(contract.awarded(e.milestone_id, (e.dispute_id, e.shares), ids, recorded_at)? == *e)
        }
        EscrowEvent::Unfrozen(e) => {
            posted(contract.unfrozen(e.milestone_id, e.dispute_id, e.entry.id())? == *e)
        }
        EscrowEvent::EarningsCleared(e) => posted(contract.cleared(e.lot_id, e.entry.id())? == *e),
        EscrowEvent::Moved(e) => posted(contract.moved((e.from, e.to), e.amount, e.entry.id())? == *e),
        EscrowEvent::EarningsRefunded(e) => {
            posted(contract.granted(e.milestone_id, e.amount, e.refund_id, e.entry.id())? == *e)
        }
    }
}

fn payout_money(event: &PayoutEvent, states: &States) -> Result<(), Refusal> {
    let Ok(payout) = states.payout(event.of().payout_id) else {
        return Ok(());
    };
    let (party, amount) = (payout.of.party_id, payout.amount);
    match event {
        PayoutEvent::Held(e) => match (&e.entry, payout.status()) {
            (Some(entry), PayoutStatus::Approved) => {
                posted(rules::payout_failed(entry.id(), party, amount)? == *entry)
            }
            (None, stands) => posted(stands != PayoutStatus::Approved),
            (Some(_), _) => posted(false),
        },
        PayoutEvent::Approved(e) => posted(payout.approved(e.entry.id())? == *e),
        PayoutEvent::Delayed(e) => posted(e.amount == amount),
        PayoutEvent::Paid(e) => posted(payout.sent(e.entry.id())? == e.entry),
        PayoutEvent::Failed(e) => {
            posted(e.amount == amount && rules::payout_failed(e.entry.id(), party, amount)? == e.entry)
        }
        PayoutEvent::Returned(e) => posted(payout.came_back(e.entry.id(), e.cost)? == e.entry),
        PayoutEvent::Reversed(e) => posted(payout.came_back(e.entry.id(), e.cost)? == e.entry),
        PayoutEvent::Credited(e) => posted(rules::payout_credited(e.entry.id(), party, amount)? == e.entry),
        PayoutEvent::Requested(_)
        | PayoutEvent::Released(_)
        | PayoutEvent::Submitted(_)
        | PayoutEvent::Acknowledged(_)
        | PayoutEvent::Escalated(_)
        | PayoutEvent::Resolved(_)
        | PayoutEvent::Retried(_)
        | PayoutEvent::Cancelled(_)
        | PayoutEvent::Rejected(_) => Ok(()),
    }
}

fn posted(same: bool) -> Result<(), Refusal> {
    if same {
        return Ok(());
    }
    Err(Refusal::new(Code::EntryUnbalanced, "the posting rules make other money of these facts"))
}
