//! What money does to the contract board: escrow, earnings, deposits, refunds, and the entries themselves.

use super::{
    ACTIVATED, AWARDED, DEPOSIT_ENDED, DEPOSIT_MOVED, DEPOSIT_REQUESTED, FROZEN, FUNDABLE_ANEW, FUNDING,
    GRANTED, LOT_CLEARED, LOT_DISPUTED, LOT_MADE, LOTS_TAKEN, LOTS_THAWED, POST_CLIENT_FEE, POST_ESCROW,
    POST_FROZEN, REFUND_MOVED, REFUND_REQUESTED, RELEASED, THAWED, UNMATCHED, UNMATCHED_REFUNDED, moved,
    terms,
};
use crate::columns::{Named, key};
use crate::read_model::{ApplyError, found};
use crate::sql::execute;
use domain::Timestamp;
use domain::contract::{
    AwardApplied, ContractStatus, Division, EscrowEvent, EscrowFrozen, EscrowFunded, EscrowReleased,
    EscrowUnfrozen, MilestoneStatus,
};
use domain::deposit::{DepositEvent, DepositRequested, DepositStatus, DepositUnmatched, ProviderWord};
use domain::id::{DepositId, MilestoneId, RefundId};
use domain::ledger::{LedgerAccount, Line};
use domain::refund::{RefundEvent, RefundRequested, RefundStatus};
use rusqlite::Connection;

pub(super) fn on_escrow(on: &Connection, event: &EscrowEvent, at: Timestamp) -> Result<(), ApplyError> {
    match event {
        EscrowEvent::Funded(e) => funded(on, e),
        EscrowEvent::Released(e) => released(on, e),
        EscrowEvent::Refunded(e) => moved(on, e.milestone_id, MilestoneStatus::Refunded),
        EscrowEvent::Frozen(e) => frozen(on, e, at),
        EscrowEvent::Unfrozen(e) => unfrozen(on, e, at),
        EscrowEvent::AwardApplied(e) => awarded(on, e, at),
        EscrowEvent::EarningsCleared(e) => {
            found("lot of earnings", execute(on, LOT_CLEARED, (key(e.lot_id), at.micros()))?)
        }
        EscrowEvent::Moved(e) => terms::moved_funds(on, e),
        EscrowEvent::EarningsRefunded(e) => {
            found("milestone", execute(on, GRANTED, (key(e.milestone_id), e.amount.minor()))?)
        }
    }
}

fn funded(on: &Connection, e: &EscrowFunded) -> Result<(), ApplyError> {
    moved(on, e.milestone_id, MilestoneStatus::Funded)?;
    // Money that was under way when the end was asked for doesn't undo the request.
    let row = (key(e.contract_id), ContractStatus::Created.name(), ContractStatus::Active.name());
    found("contract", execute(on, ACTIVATED, row)?)
}

fn released(on: &Connection, e: &EscrowReleased) -> Result<(), ApplyError> {
    let row = (
        key(e.milestone_id),
        e.slice.gross,
        e.slice.talent_fee,
        e.slice.talent_tax,
        e.slice.client_fee,
        e.slice.client_tax,
        e.clears_at.micros(),
        MilestoneStatus::Released.name(),
        MilestoneStatus::Funded.name(),
    );
    found("milestone", execute(on, RELEASED, row)?)?;
    let lot = (key(e.lot_id), key(e.milestone_id), e.slice.net(), e.clears_at.micros());
    found("milestone", execute(on, LOT_MADE, lot)?)
}

fn frozen(on: &Connection, e: &EscrowFrozen, at: Timestamp) -> Result<(), ApplyError> {
    let (id, status) = (key(e.milestone_id), MilestoneStatus::Disputed.name());
    let row = (id, status, key(e.dispute_id), at.micros(), e.resumes);
    found("milestone", execute(on, FROZEN, row)?)?;
    for lot in &e.lots {
        found("lot of earnings", execute(on, LOT_DISPUTED, [key(*lot)])?)?;
    }
    Ok(())
}

fn unfrozen(on: &Connection, e: &EscrowUnfrozen, at: Timestamp) -> Result<(), ApplyError> {
    let (id, at) = (key(e.milestone_id), at.micros());
    execute(on, LOTS_THAWED, (id, at))?;
    let (reviewed, asked) = (MilestoneStatus::Submitted.name(), MilestoneStatus::RefundRequested.name());
    found("milestone", execute(on, THAWED, (id, at, reviewed, asked))?)
}

fn awarded(on: &Connection, e: &AwardApplied, at: Timestamp) -> Result<(), ApplyError> {
    let id = key(e.milestone_id);
    execute(on, LOTS_TAKEN, (id, at.micros()))?;
    let (sign, slice) = match &e.division {
        Division::Escrow { earned, .. } => (1, earned),
        Division::Earnings { taken_back } => (-1, taken_back),
    };
    let row = (
        id,
        MilestoneStatus::Resolved.name(),
        sign * slice.gross,
        sign * slice.talent_fee,
        sign * slice.talent_tax,
        sign * slice.client_fee,
        sign * slice.client_tax,
        e.lot.map(|lot| lot.clears_at.micros()),
    );
    found("milestone", execute(on, AWARDED, row)?)?;
    if let Some(lot) = &e.lot {
        let row = (key(lot.lot_id), id, lot.amount.minor(), lot.clears_at.micros());
        found("milestone", execute(on, LOT_MADE, row)?)?;
    }
    Ok(())
}

pub(super) fn on_deposit(on: &Connection, event: &DepositEvent, at: Timestamp) -> Result<(), ApplyError> {
    let moved = |id: DepositId, to: DepositStatus| {
        found("deposit", execute(on, DEPOSIT_MOVED, (key(id), to.name()))?)
    };
    match event {
        DepositEvent::Requested(e) => deposit_requested(on, e, at),
        DepositEvent::AttemptStarted(e) => moved(e.deposit_id, DepositStatus::Started),
        DepositEvent::Acknowledged(e) => moved(e.deposit_id, DepositStatus::Acknowledged),
        DepositEvent::Confirmed(e) => moved(e.deposit_id, DepositStatus::Confirmed),
        DepositEvent::Failed(e) => {
            let of = (e.deposit_id, e.milestone_id);
            deposit_ended(on, of, DepositStatus::Failed, Some(&e.reason))
        }
        DepositEvent::Unmatched(e) => unmatched(on, e, at),
        DepositEvent::Refunded(e) => {
            let row = (key(e.deposit_id), e.provider_object.as_str(), key(e.refund_id));
            found("unmatched payment", execute(on, UNMATCHED_REFUNDED, row)?)
        }
    }
}

fn deposit_requested(on: &Connection, e: &DepositRequested, at: Timestamp) -> Result<(), ApplyError> {
    let currency = e.amount.currency();
    let row = (
        key(e.deposit_id),
        key(e.milestone_id),
        DepositStatus::Requested.name(),
        currency.code(),
        e.amount.minor(),
        e.rail.as_str(),
        at.micros(),
        e.expires_at.micros(),
    );
    execute(on, DEPOSIT_REQUESTED, row)?;
    let funding = (key(e.milestone_id), MilestoneStatus::Funding.name(), key(e.deposit_id));
    found("milestone", execute(on, FUNDING, funding)?)
}

fn unmatched(on: &Connection, e: &DepositUnmatched, at: Timestamp) -> Result<(), ApplyError> {
    let (payment, currency) = (e.provider_object.as_str(), e.amount.currency());
    let row = (key(e.deposit_id), payment, currency.code(), e.amount.minor(), at.micros());
    execute(on, UNMATCHED, row)?;
    deposit_ended(on, (e.deposit_id, e.milestone_id), DepositStatus::Unmatched, None)
}

/// A deposit will not fund its milestone any more. What comes for one that already has changes nothing here, and a
/// milestone that still waited for it can be funded anew.
fn deposit_ended(
    on: &Connection,
    (deposit, milestone): (DepositId, MilestoneId),
    to: DepositStatus,
    reason: Option<&ProviderWord>,
) -> Result<(), ApplyError> {
    let reason = reason.map(ProviderWord::as_str);
    let row = (key(deposit), to.name(), reason, DepositStatus::Confirmed.name());
    found("deposit", execute(on, DEPOSIT_ENDED, row)?)?;
    let (waiting, anew) = (MilestoneStatus::Funding.name(), MilestoneStatus::Agreed.name());
    let over = MilestoneStatus::Cancelled.name();
    execute(on, FUNDABLE_ANEW, (key(milestone), key(deposit), waiting, anew, over))?;
    Ok(())
}

pub(super) fn on_refund(on: &Connection, event: &RefundEvent, at: Timestamp) -> Result<(), ApplyError> {
    match event {
        RefundEvent::Requested(e) => refund_requested(on, e, at),
        RefundEvent::AttemptStarted(e) => refund_moved(on, e.refund_id, RefundStatus::Started, None),
        RefundEvent::Acknowledged(e) => {
            let row = (
                key(e.refund_id),
                RefundStatus::Acknowledged.name(),
                None::<&str>,
                Some(e.escalates_at.micros()),
            );
            found("refund", execute(on, REFUND_MOVED, row)?)
        }
        RefundEvent::Confirmed(e) => refund_moved(on, e.refund_id, RefundStatus::Confirmed, None),
        RefundEvent::Failed(e) => refund_moved(on, e.refund_id, RefundStatus::Failed, Some(&e.reason)),
        RefundEvent::Escalated(e) => refund_moved(on, e.refund_id, RefundStatus::NeedsAttention, None),
    }
}

fn refund_requested(on: &Connection, e: &RefundRequested, at: Timestamp) -> Result<(), ApplyError> {
    let currency = e.amount.currency();
    let row = (
        key(e.refund_id),
        key(e.deposit_id),
        key(e.client),
        currency.code(),
        e.amount.minor(),
        RefundStatus::Requested.name(),
        at.micros(),
    );
    found("deposit", execute(on, REFUND_REQUESTED, row)?)
}

/// A refund moves to where no time is set for a person to look into it.
fn refund_moved(
    on: &Connection,
    id: RefundId,
    to: RefundStatus,
    reason: Option<&ProviderWord>,
) -> Result<(), ApplyError> {
    let row = (key(id), to.name(), reason.map(ProviderWord::as_str), None::<i64>);
    found("refund", execute(on, REFUND_MOVED, row)?)
}

/// Keeps what is held for a milestone from the entries themselves, whichever event carries them.
pub(super) fn post(on: &Connection, line: &Line) -> Result<(), ApplyError> {
    let (statement, milestone) = match line.account {
        LedgerAccount::Escrow(_, milestone) => (POST_ESCROW, milestone),
        LedgerAccount::ClientFeeHeld(_, milestone) => (POST_CLIENT_FEE, milestone),
        LedgerAccount::EscrowInDispute(_, milestone) => (POST_FROZEN, milestone),
        // These hold nothing that is still the milestone's.
        LedgerAccount::TrustBank
        | LedgerAccount::ProviderClearing
        | LedgerAccount::DueFromPlatform
        | LedgerAccount::ClientWallet(_)
        | LedgerAccount::ArbitrationFeesHeld(_)
        | LedgerAccount::TalentAvailable(_)
        | LedgerAccount::TalentOnHold(..)
        | LedgerAccount::PayoutInTransit(_)
        | LedgerAccount::PayoutReturned(_)
        | LedgerAccount::RefundInTransit(_)
        | LedgerAccount::UnidentifiedReceipts
        | LedgerAccount::DueToPlatform
        | LedgerAccount::DueFromTrust
        | LedgerAccount::TaxPayable
        | LedgerAccount::DueToTrust
        | LedgerAccount::FeeRevenue
        | LedgerAccount::FeeRefunds
        | LedgerAccount::ProcessingCost => return Ok(()),
    };
    found("milestone", execute(on, statement, (key(milestone), -line.signed()))?)
}
