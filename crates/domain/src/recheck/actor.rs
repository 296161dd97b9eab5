//! Who may have done it: the record's actor against the parties, rails and processes that the states name.

mod disputant;
mod hiring;

use crate::contract::{
    Contract, ContractEvent, ContractStatus, EscrowEvent, MilestoneEvent, MilestoneStatus, PauseReason,
};
use crate::deposit::DepositEvent;
use crate::event::Event;
use crate::id::{DepositId, PartyId, TypedId};
use crate::marketplace::MarketplaceEvent;
use crate::process::ProcessEvent;
use crate::proposal::Party;
use crate::refusal::{Code, Refusal};
use crate::stream::States;
use crate::treasury::SettlementEvent;

/// Whether `actor`, as recorded, may have caused `event`.
pub(super) fn rightful(event: &Event, states: &States, actor: &str) -> Result<(), Refusal> {
    match event {
        Event::Marketplace(MarketplaceEvent::PolicyPublished(_)) => system(actor),
        Event::Marketplace(_) => anybody(actor),
        Event::Job(event) => hiring::poster(event, states, actor),
        Event::Proposal(event) => hiring::negotiator(event, states, actor),
        Event::Contract(event) => ender(event, states, actor),
        Event::Milestone(event) => worker(event, states, actor),
        Event::Escrow(event) => holder(event, states, actor),
        Event::Deposit(event) => depositor(event, states, actor),
        Event::Refund(event) => money_out::refunder(event, states, actor),
        Event::Dispute(event) => disputant::disputant(event, states, actor),
        Event::Account(event) => money_out::holder(event, actor),
        Event::Payout(event) => money_out::payer(event, states, actor),
        Event::Settlement(SettlementEvent::Recorded(e)) => provider(&e.rail, actor),
        Event::Process(ProcessEvent::CommandRefused(e)) => {
            expect(actor.strip_prefix("system:") == Some(&e.process), actor, "the process itself")
        }
    }
}

fn ender(event: &ContractEvent, states: &States, actor: &str) -> Result<(), Refusal> {
    if let ContractEvent::Created(e) = event {
        return person(actor, &[e.client, e.talent]);
    }
    let contract = states.contract(event.contract_id())?;
    let on = |side| match side {
        Party::Client => contract.client,
        Party::Talent => contract.talent,
    };
    let requester = contract.end_requester();
    match event {
        ContractEvent::EndRequested(e) => person(actor, &[on(e.requester)]),
        ContractEvent::EndWithdrawn(_) => person(actor, requester.map(on).as_slice()),
        ContractEvent::EndAgreed(_) => {
            system(actor).or_else(|_| person(actor, requester.map(|side| on(side.other())).as_slice()))
        }
        ContractEvent::EndDisputed(_) => person(actor, requester.map(|side| on(side.other())).as_slice()),
        ContractEvent::Cancelled(_) => either(contract, actor),
        ContractEvent::AmendmentProposed(e) => person(actor, &[on(e.proposer)]),
        ContractEvent::AmendmentAccepted(_) | ContractEvent::AmendmentRejected(_) => {
            let proposer = contract.amendment.as_ref().map(|amendment| amendment.proposer);
            person(actor, proposer.map(|side| on(side.other())).as_slice())
        }
        ContractEvent::AmendmentWithdrawn(_) => {
            let proposer = contract.amendment.as_ref().map(|amendment| amendment.proposer);
            person(actor, proposer.map(on).as_slice())
        }
        ContractEvent::Paused(e) => pauser(contract, e.reason, actor),
        ContractEvent::Resumed(e) => pauser(contract, e.reason, actor),
        ContractEvent::TerminationBegun(_) => house(contract, actor),
        ContractEvent::ReopenProposed(e) => person(actor, &[on(e.proposer)]),
        ContractEvent::Reopened(_) => {
            let proposer = contract.reopen_proposer();
            person(actor, proposer.map(|side| on(side.other())).as_slice())
        }
        ContractEvent::Created(_) | ContractEvent::Ended(_) => system(actor),
    }
}

fn pauser(contract: &Contract, reason: PauseReason, actor: &str) -> Result<(), Refusal> {
    match reason {
        PauseReason::Client => person(actor, &[contract.client]),
        PauseReason::Support => house(contract, actor),
    }
}

/// Some person of the house; which roles they had is not recorded.
fn house(contract: &Contract, actor: &str) -> Result<(), Refusal> {
    other_than(contract.client, actor).and_then(|()| other_than(contract.talent, actor))
}

/// One of the contract's parties, or time.
fn either(contract: &Contract, actor: &str) -> Result<(), Refusal> {
    system(actor).or_else(|_| person(actor, &[contract.client, contract.talent]))
}

fn holder(event: &EscrowEvent, states: &States, actor: &str) -> Result<(), Refusal> {
    let contract = states.contract(event.contract_id())?;
    match event {
        EscrowEvent::Funded(e) => rail_of(e.deposit_id, states, actor),
        // The house releases what was approved, and sends back what was wound up, when it unfreezes it.
        EscrowEvent::Released(e) => {
            let waits = contract.milestone(e.milestone_id)?.status() == MilestoneStatus::Approved;
            let client = system(actor).or_else(|_| person(actor, &[contract.client]));
            client.or_else(|other| if waits { house(contract, actor) } else { Err(other) })
        }
        EscrowEvent::Refunded(_) if contract.is_end_agreed() => {
            either(contract, actor).or_else(|_| house(contract, actor))
        }
        // The client only takes back what is overdue.
        EscrowEvent::Refunded(_) => either(contract, actor),
        EscrowEvent::Moved(_) | EscrowEvent::EarningsRefunded(_) => person(actor, &[contract.talent]),
        // The dispute's event in the same append says which.
        EscrowEvent::Frozen(_) | EscrowEvent::Unfrozen(_) => {
            person(actor, &[contract.client, contract.talent])
        }
        EscrowEvent::AwardApplied(_) | EscrowEvent::EarningsCleared(_) => system(actor),
    }
}

fn worker(event: &MilestoneEvent, states: &States, actor: &str) -> Result<(), Refusal> {
    let contract = states.contract(event.contract_id())?;
    let on = |side| match side {
        Party::Client => contract.client,
        Party::Talent => contract.talent,
    };
    match event {
        MilestoneEvent::Agreed(_) => person(actor, &[contract.client, contract.talent]),
        MilestoneEvent::WorkSubmitted(_) => person(actor, &[contract.talent]),
        MilestoneEvent::ChangesRequested(_) | MilestoneEvent::RefundRequestWithdrawn(_) => {
            person(actor, &[contract.client])
        }
        MilestoneEvent::Approved(_) => system(actor).or_else(|_| person(actor, &[contract.client])),
        MilestoneEvent::RefundRequested(e) if e.reasons.is_some() => person(actor, &[contract.client]),
        MilestoneEvent::Cancelled(_) if contract.status() == ContractStatus::Terminating => {
            house(contract, actor)
        }
        MilestoneEvent::RefundRequested(_) | MilestoneEvent::Cancelled(_) => either(contract, actor),
        MilestoneEvent::Proposed(e) => person(actor, &[on(e.proposer)]),
        MilestoneEvent::DropProposed(e) => person(actor, &[on(e.proposer)]),
        MilestoneEvent::ProposalAgreed(e) => {
            let proposer = contract.milestone(e.milestone_id)?.proposer();
            person(actor, proposer.map(|side| on(side.other())).as_slice())
        }
        MilestoneEvent::Dropped(e) => {
            let milestone = contract.milestone(e.milestone_id)?;
            let other = milestone.drop_proposer().map(Party::other);
            person(actor, milestone.proposer().or(other).map(on).as_slice())
        }
        MilestoneEvent::Revised(_) | MilestoneEvent::MoveDropped(_) => {
            person(actor, &[contract.client, contract.talent])
        }
        MilestoneEvent::PartiallyReleased(_)
        | MilestoneEvent::ReleasedEarly(_)
        | MilestoneEvent::MoveProposed(_)
        | MilestoneEvent::BonusPromised(_) => person(actor, &[contract.client]),
        MilestoneEvent::FundsFrozen(_)
        | MilestoneEvent::FundsUnfrozen(_)
        | MilestoneEvent::EarningsFrozen(_)
        | MilestoneEvent::EarningsUnfrozen(_) => house(contract, actor),
    }
}

fn depositor(event: &DepositEvent, states: &States, actor: &str) -> Result<(), Refusal> {
    match event {
        DepositEvent::Requested(e) => person(actor, &[states.contract(e.contract_id)?.client]),
        DepositEvent::AttemptStarted(_) | DepositEvent::Acknowledged(_) | DepositEvent::Refunded(_) => {
            system(actor)
        }
        DepositEvent::Confirmed(e) => rail_of(e.deposit_id, states, actor),
        DepositEvent::Unmatched(e) => rail_of(e.deposit_id, states, actor),
        // It may also fail with its contract, which the parties end.
        DepositEvent::Failed(e) => {
            let contract = states.contract(e.contract_id)?;
            let terminating = contract.status() == ContractStatus::Terminating;
            rail_of(e.deposit_id, states, actor)
                .or_else(|_| either(contract, actor))
                .or_else(|other| if terminating { house(contract, actor) } else { Err(other) })
        }
    }
}

fn person(actor: &str, parties: &[PartyId]) -> Result<(), Refusal> {
    let among = PartyId::parse(actor).is_ok_and(|party| parties.contains(&party));
    expect(among, actor, "the party on the side that does this")
}

fn system(actor: &str) -> Result<(), Refusal> {
    expect(actor.starts_with("system:"), actor, "the system")
}

fn rail_of(deposit: DepositId, states: &States, actor: &str) -> Result<(), Refusal> {
    provider(&states.deposit(deposit)?.rail, actor)
}

/// The provider of a rail.
fn provider(rail: &str, actor: &str) -> Result<(), Refusal> {
    expect(actor.strip_prefix("provider:") == Some(rail), actor, "the provider of its rail")
}

/// Some person; which roles they had is not recorded.
fn anybody(actor: &str) -> Result<(), Refusal> {
    expect(PartyId::parse(actor).is_ok(), actor, "a person")
}

/// Some person who is not `party`.
fn other_than(party: PartyId, actor: &str) -> Result<(), Refusal> {
    expect(PartyId::parse(actor).is_ok_and(|person| person != party), actor, "somebody else than its party")
}

fn expect(holds: bool, actor: &str, only: &'static str) -> Result<(), Refusal> {
    if holds {
        return Ok(());
    }
    Err(Refusal::new(Code::Forbidden, format!("recorded by {actor}, and only {only} may do it")))
}

/// Who sends money out, and keeps it back.
mod money_out {
    use super::{anybody, other_than, person, provider, system};
    use crate::account::AccountEvent;
    use crate::payout::PayoutEvent;
    use crate::refund::RefundEvent;
    use crate::refusal::Refusal;
    use crate::stream::States;

    pub(super) fn refunder(event: &RefundEvent, states: &States, actor: &str) -> Result<(), Refusal> {
        let rail = || states.refund(event.refund_id()).map(|refund| &refund.rail);
        match event {
            // It follows from what is refunded, whose actor is checked there.
            RefundEvent::Requested(_) => Ok(()),
            RefundEvent::AttemptStarted(_) | RefundEvent::Acknowledged(_) | RefundEvent::Escalated(_) => {
                system(actor)
            }
            RefundEvent::Confirmed(_) => provider(rail()?, actor),
            RefundEvent::Failed(_) => system(actor).or_else(|_| provider(rail()?, actor)),
        }
    }

    pub(super) fn holder(event: &AccountEvent, actor: &str) -> Result<(), Refusal> {
        match event {
            // Staff, a first payout to somewhere, a payout that came back: nobody is kept from holding money back.
            AccountEvent::HoldPlaced(_) => Ok(()),
            AccountEvent::HoldReleased(e) => system(actor).or_else(|_| other_than(e.party_id, actor)),
        }
    }

    pub(super) fn payer(event: &PayoutEvent, states: &States, actor: &str) -> Result<(), Refusal> {
        let of = event.of();
        let rail = || states.payout(of.payout_id).map(|payout| &payout.rail);
        match event {
            PayoutEvent::Requested(_) | PayoutEvent::Cancelled(_) => person(actor, &[of.party_id]),
            PayoutEvent::Held(_) => Ok(()),
            PayoutEvent::Released(_) | PayoutEvent::Approved(_) => {
                system(actor).or_else(|_| other_than(of.party_id, actor))
            }
            PayoutEvent::Delayed(_)
            | PayoutEvent::Submitted(_)
            | PayoutEvent::Acknowledged(_)
            | PayoutEvent::Escalated(_)
            | PayoutEvent::Retried(_) => system(actor),
            PayoutEvent::Rejected(_) | PayoutEvent::Resolved(_) => other_than(of.party_id, actor),
            PayoutEvent::Paid(_)
            | PayoutEvent::Returned(_)
            | PayoutEvent::Reversed(_)
            | PayoutEvent::Credited(_) => provider(rail()?, actor),
            PayoutEvent::Failed(_) => {
                system(actor).or_else(|_| provider(rail()?, actor)).or_else(|_| anybody(actor))
            }
        }
    }
}
