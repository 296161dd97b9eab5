//! What follows from an event by itself, what a whole command is that begins with one, and what may be a command alone.

use std::collections::VecDeque;

use domain::account::{Account, AccountEvent, HoldPlaced, HoldReason, HoldReleased};
use domain::contract::{
    Contract, ContractCreated, ContractEvent, EscrowEvent, EscrowRefunded, Milestone, MilestoneEvent,
    MilestoneStatus,
};
use domain::deposit::{DepositConfirmed, DepositEvent, DepositRefunded, ProviderWord};
use domain::id::{ContractId, DepositId, JobId, MilestoneId, PartyId, PayoutId, RefundId, TypedId};
use domain::job::{Job, JobEvent, JobStatus};
use domain::money::{Currency, Money};
use domain::payout::{PayoutEvent, PayoutKey, PayoutRequested, PayoutStatus, Resolution};
use domain::proposal::{OfferAccepted, Party, ProposalEvent};
use domain::refund::RefundRequested;
use domain::{Event, State, States, StreamId, Timestamp};

use super::companion::Companion;
use super::disputes::{after_award, after_dispute, applies_alone, begins};
use super::milestones::{after_milestone, amended, disputed, of_each, secured};

pub(super) type Awaited = VecDeque<Companion>;

/// Why our own commands give a deposit up when its contract is over.
const CONTRACT_OVER: &str = "contract_over";

/// All that a command records, from its first event on, where that is itself one of those that follow.
pub(super) fn begun(event: &Event, actor: &str, states: &States) -> Option<Awaited> {
    let ours = !actor.starts_with("provider:");
    match event {
        Event::Milestone(MilestoneEvent::Cancelled(e)) => cancellation(contract(states, e.contract_id)?),
        Event::Deposit(DepositEvent::Failed(e))
            if is_person(actor) || ours && e.reason.as_str() == CONTRACT_OVER =>
        {
            cancellation(contract(states, e.contract_id)?)
        }
        Event::Account(AccountEvent::HoldPlaced(e)) if ours && e.until.is_none() => {
            let account = account(states, e.party_id, e.currency);
            Some([hold(e)].into_iter().chain(waiting(account).map(Companion::PayoutHeld)).collect())
        }
        _ => None,
    }
}

/// Whether a command may be, or begin with, `event`, though that can also follow from another.
pub(super) fn stands_alone(event: &Event, actor: &str, states: &States) -> bool {
    let is_system = actor.starts_with("system:");
    match event {
        // Money without a purpose, unless its payment was recorded before.
        Event::Deposit(DepositEvent::Unmatched(e)) => {
            let payment = StreamId::Provider(e.rail.clone(), e.provider_object.clone());
            !states.state(&payment).and_then(State::as_provider).is_some_and(|payment| payment.recorded)
        }
        Event::Deposit(DepositEvent::Failed(_)) | Event::Payout(PayoutEvent::Failed(_)) => !is_person(actor),
        Event::Payout(PayoutEvent::Held(_)) => is_system,
        // A client goes on with a search that was over.
        Event::Job(JobEvent::Reopened(e)) => {
            job(states, e.job_id).is_some_and(|job| PartyId::parse(actor) == Ok(job.client))
        }
        // A provider's word on a payout that was given up, and sent again or spent.
        Event::Account(AccountEvent::HoldPlaced(e)) => e.reason == HoldReason::Reconciliation,
        Event::Escrow(EscrowEvent::Refunded(e)) => goes_back_alone(e, actor, states),
        // A bonus is released by itself, once it is funded.
        Event::Escrow(EscrowEvent::Released(e)) => {
            let contract = contract(states, e.contract_id);
            let milestone = contract.and_then(|contract| contract.milestone(e.milestone_id).ok());
            is_system && milestone.is_some_and(|milestone| milestone.bonus)
        }
        Event::Deposit(DepositEvent::Requested(e)) => {
            contract(states, e.contract_id).is_some_and(|contract| {
                contract.milestone(e.milestone_id).is_ok_and(|milestone| !milestone.bonus)
            })
        }
        // The client asks in words; an agreed end asks without.
        Event::Milestone(MilestoneEvent::RefundRequested(e)) => e.reasons.is_some(),
        // Both sides had done without every milestone before.
        Event::Contract(ContractEvent::Cancelled(e)) => {
            contract(states, e.contract_id).is_some_and(Contract::holds_nothing)
        }
        Event::Proposal(ProposalEvent::OfferMade(_))
        | Event::Milestone(MilestoneEvent::MoveProposed(_) | MilestoneEvent::FundsFrozen(_)) => true,
        Event::Dispute(event) => begins(event),
        Event::Escrow(EscrowEvent::AwardApplied(e)) => applies_alone(e, states),
        _ => false,
    }
}

/// The talent gives it back or agrees, or says nothing; the client takes back what is overdue, and else only agrees to
/// an end; the provider may hold it no longer.
fn goes_back_alone(e: &EscrowRefunded, actor: &str, states: &States) -> bool {
    let Some(contract) = contract(states, e.contract_id) else {
        return false;
    };
    let stands = contract.milestone(e.milestone_id).map(Milestone::status);
    let waits = matches!(stands, Ok(MilestoneStatus::Funded | MilestoneStatus::ChangesRequested));
    let asked = stands == Ok(MilestoneStatus::RefundRequested);
    let party = PartyId::parse(actor);
    actor.starts_with("system:") && (asked || waits && !contract.is_end_agreed())
        || party == Ok(contract.talent)
        || party == Ok(contract.client) && waits && !contract.is_end_agreed()
}

fn is_person(actor: &str) -> bool {
    PartyId::parse(actor).is_ok()
}

/// What must follow `event` at once; `None` if the states don't have what it is about, which the rules report.
pub(super) fn follows(event: &Event, states: &States, recorded_at: Timestamp) -> Option<Awaited> {
    match event {
        Event::Proposal(ProposalEvent::OfferAccepted(e)) => accepted(e, states, recorded_at),
        Event::Proposal(ProposalEvent::Begun(e)) => Some(Awaited::from([Companion::OfferMade {
            proposal: e.proposal_id,
            number: 1,
            author: Party::Client,
        }])),
        Event::Proposal(ProposalEvent::OfferSuperseded(e)) => {
            let proposal = states.state(&StreamId::Proposal(e.proposal_id))?.as_proposal()?;
            let (number, author) = (e.number.checked_add(1)?, proposal.offer()?.author.other());
            Some(Awaited::from([Companion::OfferMade { proposal: e.proposal_id, number, author }]))
        }
        Event::Job(JobEvent::Revised(e)) => {
            let fills = job(states, e.job_id)?.is_filled_at(e.headcount);
            Some(fills.then_some(Companion::JobFilled(e.job_id)).into_iter().collect())
        }
        Event::Contract(ContractEvent::Cancelled(e)) => {
            let job = job(states, e.job_id)?;
            let reopened = (job.status() == JobStatus::Filled).then_some(Companion::JobReopened(job.id));
            Some(reopened.into_iter().collect())
        }
        Event::Contract(ContractEvent::EndAgreed(e)) => of_each(contract(states, e.contract_id)?, wound_up),
        Event::Contract(ContractEvent::EndDisputed(e)) => of_each(contract(states, e.contract_id)?, disputed),
        Event::Contract(ContractEvent::AmendmentAccepted(e)) => amended(contract(states, e.contract_id)?),
        Event::Contract(ContractEvent::TerminationBegun(e)) => {
            of_each(contract(states, e.contract_id)?, secured)
        }
        Event::Milestone(event) => after_milestone(event, contract(states, event.contract_id())?),
        Event::Deposit(DepositEvent::Confirmed(e)) => confirmed(e, states),
        Event::Deposit(DepositEvent::Refunded(e)) => unmatched_refunded(e, states),
        Event::Escrow(EscrowEvent::Refunded(e)) => {
            let total = e.amount.minor().checked_add(e.charge)?;
            sent_back((e.refund_id, e.deposit_id), e.amount.with_minor(total).ok()?, states)
        }
        Event::Escrow(EscrowEvent::EarningsRefunded(e)) => {
            sent_back((e.refund_id, e.deposit_id), e.amount, states)
        }
        Event::Escrow(EscrowEvent::AwardApplied(e)) => after_award(e, states),
        Event::Dispute(event) => after_dispute(event, states),
        Event::Account(AccountEvent::HoldReleased(e)) => Some(unheld(e, states)),
        Event::Payout(event) => after_payout(event, states),
        Event::Marketplace(_)
        | Event::Job(_)
        | Event::Proposal(_)
        | Event::Contract(_)
        | Event::Escrow(_)
        | Event::Deposit(_)
        | Event::Refund(_)
        | Event::Account(_)
        | Event::Settlement(_)
        | Event::Process(_) => Some(Awaited::new()),
    }
}

fn job(states: &States, id: JobId) -> Option<&Job> {
    states.state(&StreamId::Job(id))?.as_job()
}

pub(super) fn contract(states: &States, id: ContractId) -> Option<&Contract> {
    states.state(&StreamId::Contract(id))?.as_contract()
}

fn account(states: &States, party: PartyId, currency: Currency) -> Option<&Account> {
    states.state(&StreamId::Account(party, currency))?.as_account()
}

/// The contract as the open offer has it, its milestones, and the end of the search if that was the last place.
fn accepted(e: &OfferAccepted, states: &States, recorded_at: Timestamp) -> Option<Awaited> {
    let proposal = states.state(&StreamId::Proposal(e.proposal_id))?.as_proposal()?;
    let job = job(states, e.job_id)?;
    let offer = proposal.offer()?;
    let terms = &offer.terms;
    let contract = Companion::Contract(Box::new(ContractCreated {
        contract_id: e.contract_id,
        job_id: proposal.job_id,
        proposal_id: proposal.id,
        client: proposal.client,
        talent: proposal.talent,
        currency: terms.milestones.first()?.amount.currency(),
        terms_hash: offer.terms_hash,
        fees: terms.fees,
        windows: terms.windows,
        policy_version: terms.policy_version,
        unfunded_until: recorded_at.plus_days(terms.windows.unfunded_days),
    }));
    let milestones = (1..).zip(&terms.milestones).map(|(number, milestone)| Companion::Milestone {
        contract: e.contract_id,
        number,
        title: milestone.title.clone(),
        amount: milestone.amount,
    });
    let filled = job.is_filled_by_one().then_some(Companion::JobFilled(job.id));
    Some([contract].into_iter().chain(milestones).chain(filled).collect())
}

/// Every milestone comes to nothing, then the contract.
fn cancellation(contract: &Contract) -> Option<Awaited> {
    let open = contract.milestones.iter().filter(|milestone| !milestone.status().is_over());
    let milestones = open.map(|milestone| cancelled(contract, milestone));
    let milestones = milestones.collect::<Option<Vec<_>>>()?.into_iter().flatten();
    Some(milestones.chain([Companion::ContractCancelled(contract.id)]).collect())
}

/// A milestone comes to nothing, after the deposit that is under way for it; a bonus with it.
pub(super) fn cancelled(contract: &Contract, milestone: &Milestone) -> Option<Vec<Companion>> {
    let reason = ProviderWord::parse(CONTRACT_OVER).ok()?;
    let failed = milestone.deposit().map(|deposit| Companion::DepositFailed { deposit, reason });
    let with_deposit = milestone.bonus && failed.is_some();
    let cancelled = (!with_deposit).then_some(Companion::MilestoneCancelled(contract.id, milestone.id));
    Some(failed.into_iter().chain(cancelled).collect())
}

/// What goes back to work after the end was agreed is asked back at once.
pub(super) fn asked_back(contract: &Contract, milestone: MilestoneId) -> Option<Companion> {
    contract.is_end_agreed().then_some(Companion::RefundAsked(contract.id, milestone))
}

/// What an agreed end makes of a milestone.
fn wound_up(contract: &Contract, milestone: &Milestone) -> Option<Vec<Companion>> {
    match milestone.status() {
        MilestoneStatus::Proposed | MilestoneStatus::Agreed | MilestoneStatus::Funding => {
            cancelled(contract, milestone)
        }
        MilestoneStatus::Funded if milestone.is_frozen() => Some(Vec::new()),
        MilestoneStatus::Funded => Some(vec![Companion::Refunded(contract.id, milestone.id)]),
        MilestoneStatus::ChangesRequested => Some(vec![Companion::RefundAsked(contract.id, milestone.id)]),
        MilestoneStatus::Submitted
        | MilestoneStatus::RefundRequested
        | MilestoneStatus::Disputed
        | MilestoneStatus::Resolved
        | MilestoneStatus::Approved
        | MilestoneStatus::Released
        | MilestoneStatus::Refunded
        | MilestoneStatus::Cancelled => Some(Vec::new()),
    }
}

/// The escrow that a payment funds, and what of it is too much.
fn confirmed(e: &DepositConfirmed, states: &States) -> Option<Awaited> {
    let deposit = states.state(&StreamId::Deposit(e.deposit_id))?.as_deposit()?;
    let funded = Companion::Funded {
        contract: deposit.contract_id,
        milestone: deposit.milestone_id,
        deposit: deposit.id,
    };
    let excess = e.captured.minor() - deposit.amount.minor();
    let unmatched = (excess > 0).then(|| {
        let object = e.provider_object.clone();
        let amount = e.captured.with_minor(excess).ok()?;
        Some(Companion::Unmatched { deposit: deposit.id, object, amount })
    });
    Some([funded].into_iter().chain(unmatched.flatten()).collect())
}

/// What goes back goes by the payment that it came with.
pub(super) fn sent_back(
    (refund, deposit): (RefundId, DepositId),
    amount: Money,
    states: &States,
) -> Option<Awaited> {
    let deposit = states.state(&StreamId::Deposit(deposit))?.as_deposit()?;
    Some(Awaited::from([Companion::RefundRequested(Box::new(RefundRequested {
        refund_id: refund,
        deposit_id: deposit.id,
        client: deposit.client,
        amount,
        rail: deposit.rail.clone(),
        payment: deposit.matched_payment().ok()?.object.clone(),
    }))]))
}

fn unmatched_refunded(e: &DepositRefunded, states: &States) -> Option<Awaited> {
    let deposit = states.state(&StreamId::Deposit(e.deposit_id))?.as_deposit()?;
    Some(Awaited::from([Companion::RefundRequested(Box::new(RefundRequested {
        refund_id: e.refund_id,
        deposit_id: deposit.id,
        client: deposit.client,
        amount: e.amount,
        rail: deposit.rail.clone(),
        payment: e.provider_object.clone(),
    }))]))
}

/// The payouts of an account that a hold leads to `Held`.
fn waiting(account: Option<&Account>) -> impl Iterator<Item = PayoutId> {
    let stand =
        |status| matches!(status, PayoutStatus::Requested | PayoutStatus::Approved | PayoutStatus::Failed);
    let payouts = account.into_iter().flat_map(|account| &account.payouts);
    payouts.filter(move |(_, open)| stand(open.status)).map(|(id, _)| *id)
}

fn hold(e: &HoldPlaced) -> Companion {
    let lapses = e.until.is_some();
    Companion::HoldPlaced { account: (e.party_id, e.currency), reason: e.reason, lapses }
}

/// With the last hold, every payout that it held up goes on.
fn unheld(e: &HoldReleased, states: &States) -> Awaited {
    let account = account(states, e.party_id, e.currency).filter(|account| account.holds.len() == 1);
    let payouts = account.into_iter().flat_map(|account| &account.payouts);
    let held = payouts.filter(|(_, open)| open.status == PayoutStatus::Held);
    held.map(|(id, _)| Companion::PayoutReleased(*id)).collect()
}

fn after_payout(event: &PayoutEvent, states: &States) -> Option<Awaited> {
    let of = *event.of();
    match event {
        PayoutEvent::Requested(e) => requested(e, states),
        PayoutEvent::Resolved(e) => {
            let failed = e.resolution == Resolution::Failed;
            Some(failed.then_some(Companion::PayoutFailed(of.payout_id)).into_iter().collect())
        }
        PayoutEvent::Returned(_) | PayoutEvent::Reversed(_) => came_back(of, states),
        PayoutEvent::Held(_)
        | PayoutEvent::Released(_)
        | PayoutEvent::Approved(_)
        | PayoutEvent::Delayed(_)
        | PayoutEvent::Submitted(_)
        | PayoutEvent::Acknowledged(_)
        | PayoutEvent::Escalated(_)
        | PayoutEvent::Paid(_)
        | PayoutEvent::Failed(_)
        | PayoutEvent::Retried(_)
        | PayoutEvent::Credited(_)
        | PayoutEvent::Cancelled(_)
        | PayoutEvent::Rejected(_) => Some(Awaited::new()),
    }
}

/// A destination that is new puts the account on hold, and the payout with it.
fn requested(e: &PayoutRequested, states: &States) -> Option<Awaited> {
    let rules = &states.state(&StreamId::Marketplace)?.as_marketplace()?.policy.payouts;
    let (party, currency) = (e.of.party_id, e.of.currency);
    let known =
        account(states, party, currency).is_some_and(|account| account.destinations.contains(&e.destination));
    if known || rules.new_payee_days == 0 {
        return Some(Awaited::new());
    }
    let reason = HoldReason::NewPayee;
    Some(Awaited::from([
        Companion::HoldPlaced { account: (party, currency), reason, lapses: true },
        Companion::PayoutHeld(e.of.payout_id),
    ]))
}

/// What was paid before is credited again, and the account is on hold.
fn came_back(of: PayoutKey, states: &States) -> Option<Awaited> {
    let payout = states.state(&StreamId::Payout(of.payout_id))?.as_payout()?;
    let paid = payout.status() == PayoutStatus::Paid;
    let reason = HoldReason::Payee;
    let stands =
        account(states, of.party_id, of.currency).is_some_and(|account| account.holds.contains_key(&reason));
    let hold = Companion::HoldPlaced { account: (of.party_id, of.currency), reason, lapses: false };
    let credited = paid.then_some(Companion::PayoutCredited(of.payout_id));
    Some(credited.into_iter().chain((!stands).then_some(hold)).collect())
}
