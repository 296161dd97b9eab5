//! The contract board: contracts with their milestones, and each milestone's deposit, work and money.

mod query;

pub use query::{ChangesRow, ContractFilter, ContractRow, DepositRow, MilestoneRow, ReleasedRow, WorkRow};

use crate::columns::{Named, key, personal};
use crate::read_model::{ApplyError, ReadModel, found};
use crate::sql::{execute, statements};
use domain::contract::{
    ContractCreated, ContractEvent, ContractStatus, EscrowEvent, EscrowReleased, MilestoneEvent,
    MilestoneStatus,
};
use domain::deposit::{DepositEvent, DepositRequested, DepositStatus};
use domain::id::DepositId;
use domain::ledger::{JournalEntry, LedgerAccount, Line};
use domain::{Event, Timestamp};
use rusqlite::Connection;

pub(crate) const MODEL: ReadModel = ReadModel {
    version: 1,
    schema: SCHEMA,
    drop: DROP,
    reads: |noun| matches!(noun, "contract" | "milestone" | "escrow" | "deposit"),
    apply,
    #[cfg(test)]
    statements: (STATEMENTS, STATEMENTS_WRITTEN),
};

statements! {
    include_str!("contract_board.sql");
    SCHEMA = "schema",
    DROP = "drop",
    CREATED = "created",
    JOINED = "joined",
    ACTIVATED = "activated",
    AGREED = "agreed",
    WORK_SUBMITTED = "work_submitted",
    CHANGES_REQUESTED = "changes_requested",
    APPROVED = "approved",
    FUNDED = "funded",
    RELEASED = "released",
    POST_ESCROW = "post_escrow",
    POST_CLIENT_FEE = "post_client_fee",
    DEPOSIT_REQUESTED = "deposit_requested",
    DEPOSIT_MOVED = "deposit_moved",
    DEPOSIT_ENDED = "deposit_ended",
    CONTRACT = "contract",
    CONTRACTS = "contracts",
    CONTRACTS_OF_PARTY = "contracts_of_party",
    MILESTONE = "milestone",
    MILESTONES_OF_CONTRACT = "milestones_of_contract",
}

fn apply(on: &Connection, event: &Event, at: Timestamp) -> Result<(), ApplyError> {
    match event {
        Event::Contract(ContractEvent::Created(e)) => created(on, e, at)?,
        Event::Milestone(event) => on_milestone(on, event, at)?,
        Event::Escrow(event) => on_escrow(on, event)?,
        Event::Deposit(event) => on_deposit(on, event)?,
        // What led to the contract is on the job board and in the proposal inbox.
        Event::Marketplace(_) | Event::Job(_) | Event::Proposal(_) | Event::Process(_) => {}
    }
    let lines = event.journal_entry().into_iter().flat_map(JournalEntry::lines);
    lines.into_iter().try_for_each(|line| post(on, line))
}

fn created(on: &Connection, e: &ContractCreated, at: Timestamp) -> Result<(), ApplyError> {
    let row = (
        key(e.contract_id),
        key(e.job_id),
        key(e.proposal_id),
        key(e.client),
        key(e.talent),
        e.currency.code(),
        ContractStatus::Created.name(),
        e.terms_hash.to_string(),
        serde_json::to_string(&e.fees)?,
        serde_json::to_string(&e.windows)?,
        e.policy_version,
        e.unfunded_until.micros(),
        at.micros(),
    );
    execute(on, CREATED, row)?;
    for party in [e.client, e.talent] {
        execute(on, JOINED, [key(party), key(e.contract_id)])?;
    }
    Ok(())
}

fn on_milestone(on: &Connection, event: &MilestoneEvent, at: Timestamp) -> Result<(), ApplyError> {
    let at = at.micros();
    let rows = match event {
        MilestoneEvent::Agreed(e) => {
            let (id, contract, title) = (key(e.milestone_id), key(e.contract_id), personal(&e.title)?);
            let (currency, status) = (e.amount.currency(), MilestoneStatus::Agreed.name());
            let row = (id, contract, e.number, title, currency.code(), e.amount.minor(), status, at);
            execute(on, AGREED, row)?
        }
        MilestoneEvent::WorkSubmitted(e) => {
            let (id, work, note) = (key(e.milestone_id), key(e.work_id), personal(&e.note)?);
            let status = MilestoneStatus::Submitted.name();
            execute(on, WORK_SUBMITTED, (id, status, work, note, at, e.review_ends_at.micros()))?
        }
        MilestoneEvent::ChangesRequested(e) => {
            let (id, work, reasons) = (key(e.milestone_id), key(e.work_id), personal(&e.reasons)?);
            let status = MilestoneStatus::ChangesRequested.name();
            execute(on, CHANGES_REQUESTED, (id, status, work, reasons, at))?
        }
        // The release in the same append is what ends the milestone.
        MilestoneEvent::Approved(e) => execute(on, APPROVED, (key(e.milestone_id), at))?,
    };
    found("milestone", rows)
}

fn on_escrow(on: &Connection, event: &EscrowEvent) -> Result<(), ApplyError> {
    match event {
        EscrowEvent::Funded(e) => {
            let milestone = (key(e.milestone_id), MilestoneStatus::Funded.name());
            found("milestone", execute(on, FUNDED, milestone)?)?;
            let contract = (key(e.contract_id), ContractStatus::Active.name());
            found("contract", execute(on, ACTIVATED, contract)?)
        }
        EscrowEvent::Released(e) => released(on, e),
    }
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
    );
    found("milestone", execute(on, RELEASED, row)?)
}

fn on_deposit(on: &Connection, event: &DepositEvent) -> Result<(), ApplyError> {
    let moved = |deposit: DepositId, to: DepositStatus| {
        execute(on, DEPOSIT_MOVED, (key(deposit), to.name())).map(|_| ())
    };
    match event {
        DepositEvent::Requested(e) => deposit_requested(on, e)?,
        DepositEvent::AttemptStarted(e) => moved(e.deposit_id, DepositStatus::Started)?,
        DepositEvent::Acknowledged(e) => moved(e.deposit_id, DepositStatus::Acknowledged)?,
        DepositEvent::Confirmed(e) => moved(e.deposit_id, DepositStatus::Confirmed)?,
        DepositEvent::Failed(e) => {
            deposit_ended(on, e.deposit_id, DepositStatus::Failed, Some(e.reason.as_str()))?;
        }
        DepositEvent::Unmatched(e) => deposit_ended(on, e.deposit_id, DepositStatus::Unmatched, None)?,
    }
    Ok(())
}

fn deposit_requested(on: &Connection, e: &DepositRequested) -> Result<(), ApplyError> {
    let row = (
        key(e.milestone_id),
        MilestoneStatus::Funding.name(),
        key(e.deposit_id),
        DepositStatus::Requested.name(),
        e.amount.minor(),
        e.rail.as_str(),
        e.expires_at.micros(),
    );
    found("milestone", execute(on, DEPOSIT_REQUESTED, row)?)
}

/// A deposit will not fund its milestone any more. What comes for one that already has changes nothing here, and a
/// milestone that still waited for it can be funded anew.
fn deposit_ended(
    on: &Connection,
    id: DepositId,
    to: DepositStatus,
    reason: Option<&str>,
) -> rusqlite::Result<()> {
    let (waiting, anew) = (MilestoneStatus::Funding.name(), MilestoneStatus::Agreed.name());
    let row = (key(id), to.name(), reason, waiting, anew, DepositStatus::Confirmed.name());
    execute(on, DEPOSIT_ENDED, row).map(|_| ())
}

/// Keeps what is held for a milestone from the entries themselves, whichever event carries them.
fn post(on: &Connection, line: &Line) -> Result<(), ApplyError> {
    let (statement, milestone) = match line.account {
        LedgerAccount::Escrow(_, milestone) => (POST_ESCROW, milestone),
        LedgerAccount::ClientFeeHeld(_, milestone) => (POST_CLIENT_FEE, milestone),
        // These hold nothing that is still the milestone's.
        LedgerAccount::ProviderClearing
        | LedgerAccount::TalentOnHold(..)
        | LedgerAccount::UnidentifiedReceipts
        | LedgerAccount::DueToPlatform
        | LedgerAccount::DueFromTrust
        | LedgerAccount::TaxPayable
        | LedgerAccount::FeeRevenue => return Ok(()),
    };
    found("milestone", execute(on, statement, (key(milestone), -line.signed()))?)
}
