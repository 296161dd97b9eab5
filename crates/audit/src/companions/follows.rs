//! What follows from an event by itself, what a whole command is that begins with one, and what may be a command alone.

use std::collections::VecDeque;

use domain::account::{Account, AccountEvent, HoldPlaced, HoldReason, HoldReleased};
use domain::contract::{
    Contract, ContractCreated, ContractEvent, EscrowEvent, EscrowRefunded, Milestone, MilestoneEvent,
    MilestoneStatus,
};
use domain::deposit::{DepositConfirmed, DepositEvent, DepositRefunded, ProviderWord};
use domain::dispute::DisputeEvent;
use domain::id::{ContractId, MilestoneId, PartyId, PayoutId, TypedId};
use domain::job::JobStatus;
use domain::money::Currency;
use domain::payout::{PayoutEvent, PayoutKey, PayoutRequested, PayoutStatus, Resolution};
use domain::proposal::{OfferAccepted, ProposalEvent};
use domain::refund::RefundRequested;
use domain::{Event, State, States, StreamId, Timestamp};

use super::companion::Companion;

type Awaited = VecDeque<Companion>;

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
        // A provider's word on a payout that was given up, and sent again or spent.
        Event::Account(AccountEvent::HoldPlaced(e)) => e.reason == HoldReason::Reconciliation,
        // The talent gives it back or agrees, or says nothing; the client only agrees to an end.
        Event::Escrow(EscrowEvent::Refunded(e)) => contract(states, e.contract_id).is_some_and(|contract| {
            let asked = contract
                .milestone(e.milestone_id)
                .is_ok_and(|milestone| milestone.status() == MilestoneStatus::RefundRequested);
            is_system && asked || PartyId::parse(actor) == Ok(contract.talent)
        }),
        _ => false,
    }
}

fn is_person(actor: &str) -> bool {
    PartyId::parse(actor).is_ok()
}

/// What must follow `event` at once; `None` if the states don't have what it is about, which the rules report.
pub(super) fn follows(event: &Event, states: &States, recorded_at: Timestamp) -> Option<Awaited> {
    match event {
        Event::Proposal(ProposalEvent::OfferAccepted(e)) => accepted(e, states, recorded_at),
        Event::Contract(ContractEvent::Cancelled(e)) => {
            let job = states.state(&StreamId::Job(e.job_id))?.as_job()?;
            let reopened = (job.status() == JobStatus::Filled).then_some(Companion::JobReopened(job.id));
            Some(reopened.into_iter().collect())
        }
        Event::Contract(ContractEvent::EndAgreed(e)) => {
            let contract = contract(states, e.contract_id)?;
            let wound_up = contract.milestones.iter().map(|milestone| wound_up(contract, milestone));
            Some(wound_up.collect::<Option<Vec<_>>>()?.into_iter().flatten().collect())
        }
        Event::Milestone(MilestoneEvent::Approved(e)) => {
            let milestone = contract(states, e.contract_id)?.milestone(e.milestone_id).ok()?;
            Some(Awaited::from([Companion::Released {
                contract: e.contract_id,
                milestone: e.milestone_id,
                gross: milestone.amount.minor() - milestone.charged.released,
            }]))
        }
        Event::Milestone(MilestoneEvent::ChangesRequested(e)) => {
            Some(asked_back(contract(states, e.contract_id)?, e.milestone_id).into_iter().collect())
        }
        Event::Deposit(DepositEvent::Confirmed(e)) => confirmed(e, states),
        Event::Deposit(DepositEvent::Refunded(e)) => unmatched_refunded(e, states),
        Event::Escrow(EscrowEvent::Refunded(e)) => refunded(e, states),
        Event::Dispute(DisputeEvent::Opened(e)) => {
            Some(Awaited::from([Companion::Frozen(e.milestone_id, e.dispute_id)]))
        }
        Event::Dispute(DisputeEvent::Withdrawn(e)) => {
            let dispute = states.state(&StreamId::Dispute(e.dispute_id))?.as_dispute()?;
            let unfrozen = Companion::Unfrozen(dispute.milestone_id, dispute.id);
            let asked = asked_back(contract(states, dispute.contract_id)?, dispute.milestone_id);
            Some([unfrozen].into_iter().chain(asked).collect())
        }
        Event::Account(AccountEvent::HoldReleased(e)) => Some(unheld(e, states)),
        Event::Payout(event) => after_payout(event, states),
        Event::Marketplace(_)
        | Event::Job(_)
        | Event::Proposal(_)
        | Event::Contract(_)
        | Event::Milestone(_)
        | Event::Escrow(_)
        | Event::Deposit(_)
        | Event::Refund(_)
        | Event::Account(_)
        | Event::Settlement(_)
        | Event::Process(_) => Some(Awaited::new()),
    }
}

fn contract(states: &States, id: ContractId) -> Option<&Contract> {
    states.state(&StreamId::Contract(id))?.as_contract()
}

fn account(states: &States, party: PartyId, currency: Currency) -> Option<&Account> {
    states.state(&StreamId::Account(party, currency))?.as_account()
}

/// The contract as the open offer has it, its milestones, and the end of the search if that was the last place.
fn accepted(e: &OfferAccepted, states: &States, recorded_at: Timestamp) -> Option<Awaited> {
    let proposal = states.state(&StreamId::Proposal(e.proposal_id))?.as_proposal()?;
    let job = states.state(&StreamId::Job(e.job_id))?.as_job()?;
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
    let last_place = job.hires.saturating_add(1) >= job.headcount;
    let filled = last_place.then_some(Companion::JobFilled(job.id));
    Some([contract].into_iter().chain(milestones).chain(filled).collect())
}

/// Every milestone comes to nothing, then the contract.
fn cancellation(contract: &Contract) -> Option<Awaited> {
    let milestones = contract.milestones.iter().map(|milestone| cancelled(contract, milestone));
    let milestones = milestones.collect::<Option<Vec<_>>>()?.into_iter().flatten();
    Some(milestones.chain([Companion::ContractCancelled(contract.id)]).collect())
}

/// A milestone comes to nothing, after the deposit that is under way for it.
fn cancelled(contract: &Contract, milestone: &Milestone) -> Option<Vec<Companion>> {
    let reason = ProviderWord::parse(CONTRACT_OVER).ok()?;
    let failed = milestone.deposit().map(|deposit| Companion::DepositFailed { deposit, reason });
    Some(failed.into_iter().chain([Companion::MilestoneCancelled(contract.id, milestone.id)]).collect())
}

/// What an agreed end makes of a milestone.
/// What goes back to work after the end was agreed is asked back at once.
fn asked_back(contract: &Contract, milestone: MilestoneId) -> Option<Companion> {
    contract.is_end_agreed().then_some(Companion::RefundAsked(contract.id, milestone))
}

fn wound_up(contract: &Contract, milestone: &Milestone) -> Option<Vec<Companion>> {
    match milestone.status() {
        MilestoneStatus::Agreed | MilestoneStatus::Funding => cancelled(contract, milestone),
        MilestoneStatus::Funded => Some(vec![Companion::Refunded(contract.id, milestone.id)]),
        MilestoneStatus::ChangesRequested => Some(vec![Companion::RefundAsked(contract.id, milestone.id)]),
        MilestoneStatus::Submitted
        | MilestoneStatus::RefundRequested
        | MilestoneStatus::Disputed
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

/// What leaves escrow goes back by the payment that it came with.
fn refunded(e: &EscrowRefunded, states: &States) -> Option<Awaited> {
    let deposit = states.state(&StreamId::Deposit(e.deposit_id))?.as_deposit()?;
    let total = e.amount.minor().checked_add(e.charge)?;
    Some(Awaited::from([Companion::RefundRequested(Box::new(RefundRequested {
        refund_id: e.refund_id,
        deposit_id: deposit.id,
        client: deposit.client,
        amount: e.amount.with_minor(total).ok()?,
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
