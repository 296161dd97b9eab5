//! What changes of contracts and milestones beside work and money: terms, pauses, freezes, where money is to move.

use super::{
    AMENDMENT_ANSWERED, AMENDMENT_PROPOSED, DROP_PROPOSED, FUNDS_FROZEN, FUNDS_UNFROZEN, LOT_FROZEN,
    MOVE_PROPOSED, MOVED_FROM, MOVED_TO, PAUSED, PROPOSAL_AGREED, PROPOSED, REOPEN_PROPOSED, REOPENED,
    RESUMED_BY_CLIENT, RESUMED_BY_SUPPORT, REVISED, TERMINATION_BEGUN,
};
use crate::columns::{Named, key, personal};
use crate::read_model::{ApplyError, found};
use crate::sql::execute;
use domain::Timestamp;
use domain::contract::{
    BonusPromised, ContractEvent, ContractStatus, EscrowMoved, MilestoneEvent, MilestoneProposed,
    MilestoneRevised, MilestoneStatus, PauseReason,
};
use rusqlite::Connection;

#[expect(clippy::wildcard_enum_match_arm, reason = "the caller names the others")]
pub(super) fn on_contract(on: &Connection, event: &ContractEvent, at: Timestamp) -> Result<(), ApplyError> {
    let id = key(event.contract_id());
    let (active, paused) = (ContractStatus::Active.name(), ContractStatus::Paused.name());
    let rows = match event {
        ContractEvent::AmendmentProposed(e) => {
            let changes = serde_json::to_string(&e.changes)?;
            execute(on, AMENDMENT_PROPOSED, (id, e.number, e.proposer.name(), changes, at.micros()))?
        }
        ContractEvent::AmendmentAccepted(_)
        | ContractEvent::AmendmentRejected(_)
        | ContractEvent::AmendmentWithdrawn(_) => execute(on, AMENDMENT_ANSWERED, [id])?,
        ContractEvent::Paused(e) => {
            let of = |reason| (e.reason == reason).then(|| at.micros());
            execute(on, PAUSED, (id, paused, of(PauseReason::Client), of(PauseReason::Support)))?
        }
        ContractEvent::Resumed(e) => {
            let statement = match e.reason {
                PauseReason::Client => RESUMED_BY_CLIENT,
                PauseReason::Support => RESUMED_BY_SUPPORT,
            };
            execute(on, statement, (id, active))?
        }
        ContractEvent::TerminationBegun(e) => {
            let (status, reason) = (ContractStatus::Terminating.name(), personal(&e.reason)?);
            execute(on, TERMINATION_BEGUN, (id, status, at.micros(), reason))?
        }
        ContractEvent::ReopenProposed(e) => execute(on, REOPEN_PROPOSED, (id, e.proposer.name()))?,
        ContractEvent::Reopened(_) => execute(on, REOPENED, (id, active, paused))?,
        _ => return Ok(()),
    };
    found("contract", rows)
}

/// What is agreed, or is to be.
#[expect(clippy::wildcard_enum_match_arm, reason = "the caller names the others")]
pub(super) fn on_price(on: &Connection, event: &MilestoneEvent, at: Timestamp) -> Result<(), ApplyError> {
    let rows = match event {
        MilestoneEvent::Proposed(e) => proposed(on, e, at)?,
        MilestoneEvent::ProposalAgreed(e) => {
            let row = (key(e.milestone_id), MilestoneStatus::Agreed.name(), at.micros());
            execute(on, PROPOSAL_AGREED, row)?
        }
        MilestoneEvent::DropProposed(e) => {
            execute(on, DROP_PROPOSED, (key(e.milestone_id), e.proposer.name()))?
        }
        MilestoneEvent::Revised(e) => revised(on, e)?,
        MilestoneEvent::BonusPromised(e) => bonus(on, e, at)?,
        _ => return Ok(()),
    };
    found("milestone", rows)
}

fn proposed(on: &Connection, e: &MilestoneProposed, at: Timestamp) -> Result<usize, ApplyError> {
    let currency = e.amount.currency();
    let row = (
        key(e.milestone_id),
        key(e.contract_id),
        e.number,
        personal(&e.title)?,
        currency.code(),
        e.amount.minor(),
        MilestoneStatus::Proposed.name(),
        at.micros(),
        Some(e.proposer.name()),
        false,
    );
    Ok(execute(on, PROPOSED, row)?)
}

fn bonus(on: &Connection, e: &BonusPromised, at: Timestamp) -> Result<usize, ApplyError> {
    let currency = e.amount.currency();
    let row = (
        key(e.milestone_id),
        key(e.contract_id),
        e.number,
        personal(&e.title)?,
        currency.code(),
        e.amount.minor(),
        MilestoneStatus::Agreed.name(),
        at.micros(),
        None::<&str>,
        true,
    );
    Ok(execute(on, PROPOSED, row)?)
}

fn revised(on: &Connection, e: &MilestoneRevised) -> Result<usize, ApplyError> {
    let title = e.title.as_ref().map(personal).transpose()?.flatten();
    let amount = e.amount.map(domain::money::Money::minor);
    Ok(execute(on, REVISED, (key(e.milestone_id), e.title.is_some(), title, amount))?)
}

/// What its money may do.
#[expect(clippy::wildcard_enum_match_arm, reason = "the caller names the others")]
pub(super) fn on_funds(on: &Connection, event: &MilestoneEvent, at: Timestamp) -> Result<(), ApplyError> {
    let rows = match event {
        MilestoneEvent::MoveProposed(e) => {
            execute(on, MOVE_PROPOSED, (key(e.milestone_id), Some(key(e.to)), Some(e.amount.minor())))?
        }
        MilestoneEvent::MoveDropped(e) => {
            execute(on, MOVE_PROPOSED, (key(e.milestone_id), None::<[u8; 16]>, None::<i64>))?
        }
        MilestoneEvent::FundsFrozen(e) => execute(on, FUNDS_FROZEN, (key(e.milestone_id), at.micros()))?,
        MilestoneEvent::FundsUnfrozen(e) => {
            let (submitted, asked) =
                (MilestoneStatus::Submitted.name(), MilestoneStatus::RefundRequested.name());
            let row = (key(e.milestone_id), e.ends_at.map(Timestamp::micros), submitted, asked);
            execute(on, FUNDS_UNFROZEN, row)?
        }
        MilestoneEvent::EarningsFrozen(e) => {
            execute(on, LOT_FROZEN, (key(e.lot_id), Some(at.micros()), None::<i64>))?
        }
        MilestoneEvent::EarningsUnfrozen(e) => {
            execute(on, LOT_FROZEN, (key(e.lot_id), None::<i64>, Some(e.clears_at.micros())))?
        }
        _ => return Ok(()),
    };
    found("milestone", rows)
}

/// Escrow of one milestone funds another; what each holds follows from the entry, afterwards.
pub(super) fn moved_funds(on: &Connection, e: &EscrowMoved) -> Result<(), ApplyError> {
    let (over, anew) = (MilestoneStatus::Released.name(), MilestoneStatus::Agreed.name());
    found("milestone", execute(on, MOVED_FROM, (key(e.from), e.amount.minor(), over, anew))?)?;
    let to = (key(e.to), MilestoneStatus::Funded.name(), key(e.deposit_id));
    found("milestone", execute(on, MOVED_TO, to)?)
}
