//! What follows of work, money and terms of a contract's milestones.

use domain::contract::{Change, Contract, Milestone, MilestoneEvent, MilestoneStatus, Rest};

use super::companion::Companion;
use super::follows::{Awaited, asked_back, cancelled};

/// What follows of work and money of a milestone.
pub(super) fn after_milestone(event: &MilestoneEvent, contract: &Contract) -> Option<Awaited> {
    let released = |milestone: &Milestone, gross| Companion::Released {
        contract: contract.id,
        milestone: milestone.id,
        gross,
    };
    match event {
        MilestoneEvent::Approved(e) => {
            let milestone = contract.milestone(e.milestone_id).ok()?;
            let pays = !milestone.is_frozen();
            Some(pays.then(|| released(milestone, milestone.rest())).into_iter().collect())
        }
        MilestoneEvent::ReleasedEarly(e) => {
            let milestone = contract.milestone(e.milestone_id).ok()?;
            Some(Awaited::from([released(milestone, milestone.rest())]))
        }
        MilestoneEvent::PartiallyReleased(e) => {
            let milestone = contract.milestone(e.milestone_id).ok()?;
            let asked = Companion::RefundAsked(contract.id, milestone.id);
            let rest = match e.rest {
                Rest::AskedBack => Some(asked),
                Rest::Kept | Rest::RolledForward(_) if contract.is_end_agreed() => Some(asked),
                Rest::Kept => None,
                Rest::RolledForward(to) => Some(Companion::MoveProposed { from: milestone.id, to }),
            };
            Some([released(milestone, e.amount.minor())].into_iter().chain(rest).collect())
        }
        MilestoneEvent::FundsUnfrozen(e) => {
            let milestone = contract.milestone(e.milestone_id).ok()?;
            let winds_up = milestone.status() == MilestoneStatus::Funded && contract.is_end_agreed();
            let waits = milestone.status() == MilestoneStatus::Approved;
            let release = waits.then(|| released(milestone, milestone.rest()));
            let refund = winds_up.then_some(Companion::Refunded(contract.id, milestone.id));
            Some(release.into_iter().chain(refund).collect())
        }
        MilestoneEvent::ChangesRequested(e) => {
            Some(asked_back(contract, e.milestone_id).into_iter().collect())
        }
        MilestoneEvent::BonusPromised(e) => {
            Some(Awaited::from([Companion::BonusDeposit(e.milestone_id, e.amount)]))
        }
        MilestoneEvent::Agreed(_)
        | MilestoneEvent::WorkSubmitted(_)
        | MilestoneEvent::RefundRequested(_)
        | MilestoneEvent::RefundRequestWithdrawn(_)
        | MilestoneEvent::Cancelled(_)
        | MilestoneEvent::Proposed(_)
        | MilestoneEvent::ProposalAgreed(_)
        | MilestoneEvent::DropProposed(_)
        | MilestoneEvent::Dropped(_)
        | MilestoneEvent::Revised(_)
        | MilestoneEvent::MoveProposed(_)
        | MilestoneEvent::MoveDropped(_)
        | MilestoneEvent::FundsFrozen(_)
        | MilestoneEvent::EarningsFrozen(_)
        | MilestoneEvent::EarningsUnfrozen(_) => Some(Awaited::new()),
    }
}

/// Every change of the amendment that is open, in order.
pub(super) fn amended(contract: &Contract) -> Option<Awaited> {
    let mut number = contract.milestones.iter().map(|milestone| milestone.number).max().unwrap_or(0);
    let mut made = |change: &Change| match change {
        Change::Add { title, amount } => {
            number = number.saturating_add(1);
            Companion::Milestone { contract: contract.id, number, title: title.clone(), amount: *amount }
        }
        Change::Revise { milestone_id, title, amount } => {
            Companion::MilestoneRevised { milestone: *milestone_id, title: title.clone(), amount: *amount }
        }
    };
    Some(contract.amendment.as_ref()?.changes.iter().map(&mut made).collect())
}

/// What becomes of every milestone of a contract, in the order of their numbers.
pub(super) fn of_each(
    contract: &Contract,
    becomes: fn(&Contract, &Milestone) -> Option<Vec<Companion>>,
) -> Option<Awaited> {
    let each = contract.milestones.iter().map(|milestone| becomes(contract, milestone));
    Some(each.collect::<Option<Vec<_>>>()?.into_iter().flatten().collect())
}

/// What a termination makes of a milestone.
pub(super) fn secured(contract: &Contract, milestone: &Milestone) -> Option<Vec<Companion>> {
    match milestone.status() {
        MilestoneStatus::Proposed | MilestoneStatus::Agreed | MilestoneStatus::Funding => {
            cancelled(contract, milestone)
        }
        MilestoneStatus::Funded
        | MilestoneStatus::Submitted
        | MilestoneStatus::ChangesRequested
        | MilestoneStatus::RefundRequested
        | MilestoneStatus::Disputed
            if !milestone.is_frozen() =>
        {
            Some(vec![Companion::FundsFrozen(milestone.id)])
        }
        MilestoneStatus::Funded
        | MilestoneStatus::Submitted
        | MilestoneStatus::ChangesRequested
        | MilestoneStatus::RefundRequested
        | MilestoneStatus::Disputed
        | MilestoneStatus::Approved
        | MilestoneStatus::Resolved
        | MilestoneStatus::Released
        | MilestoneStatus::Refunded
        | MilestoneStatus::Cancelled => Some(Vec::new()),
    }
}

/// What a disputed end makes of a milestone.
pub(super) fn disputed(contract: &Contract, milestone: &Milestone) -> Option<Vec<Companion>> {
    match milestone.status() {
        MilestoneStatus::Proposed | MilestoneStatus::Agreed | MilestoneStatus::Funding => {
            cancelled(contract, milestone)
        }
        MilestoneStatus::Funded
        | MilestoneStatus::Submitted
        | MilestoneStatus::ChangesRequested
        | MilestoneStatus::RefundRequested
            if !milestone.is_frozen() =>
        {
            Some(vec![Companion::Disputed(milestone.id)])
        }
        MilestoneStatus::Funded
        | MilestoneStatus::Submitted
        | MilestoneStatus::ChangesRequested
        | MilestoneStatus::RefundRequested
        | MilestoneStatus::Disputed
        | MilestoneStatus::Approved
        | MilestoneStatus::Resolved
        | MilestoneStatus::Released
        | MilestoneStatus::Refunded
        | MilestoneStatus::Cancelled => Some(Vec::new()),
    }
}
