//! The contract board: contracts with their milestones, and each milestone's deposits, work and money.

mod funds;
mod money;
mod query;
mod terms;

pub use funds::{DepositRow, LotRow, RefundRow, UnmatchedRow};
pub use query::{
    AmendmentRow, ChangesRow, ContractFilter, ContractRow, EndRow, MilestoneRow, RefundRequestRow,
    ReleasedRow, TerminationRow, WorkRow,
};

use crate::columns::{Named, key, personal};
use crate::read_model::{ApplyError, ReadModel, found};
use crate::sql::{execute, statements};
use domain::contract::{
    ContractCreated, ContractEvent, ContractStatus, MilestoneEvent, MilestoneRefundRequested, MilestoneStatus,
};
use domain::id::MilestoneId;
use domain::ledger::JournalEntry;
use domain::{Event, Timestamp};
use rusqlite::Connection;

pub(crate) const MODEL: ReadModel = ReadModel {
    version: 3,
    schema: SCHEMA,
    drop: DROP,
    reads: |noun| matches!(noun, "contract" | "milestone" | "escrow" | "earnings" | "deposit" | "refund"),
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
    CONTRACT_OVER = "contract_over",
    END_REQUESTED = "end_requested",
    END_WITHDRAWN = "end_withdrawn",
    END_AGREED = "end_agreed",
    ENDED = "ended",
    AMENDMENT_PROPOSED = "amendment_proposed",
    AMENDMENT_ANSWERED = "amendment_answered",
    PAUSED = "paused",
    RESUMED_BY_CLIENT = "resumed_by_client",
    RESUMED_BY_SUPPORT = "resumed_by_support",
    TERMINATION_BEGUN = "termination_begun",
    REOPEN_PROPOSED = "reopen_proposed",
    REOPENED = "reopened",
    AGREED = "agreed",
    WORK_SUBMITTED = "work_submitted",
    CHANGES_REQUESTED = "changes_requested",
    APPROVED = "approved",
    PROPOSED = "proposed",
    PROPOSAL_AGREED = "proposal_agreed",
    DROP_PROPOSED = "drop_proposed",
    REVISED = "revised",
    MOVE_PROPOSED = "move_proposed",
    MOVED_FROM = "moved_from",
    MOVED_TO = "moved_to",
    FUNDS_FROZEN = "funds_frozen",
    FUNDS_UNFROZEN = "funds_unfrozen",
    GRANTED = "granted",
    LOT_FROZEN = "lot_frozen",
    MILESTONE_MOVED = "milestone_moved",
    REFUND_ASKED = "refund_asked",
    FROZEN = "frozen",
    RESUMED = "resumed",
    LOT_DISPUTED = "lot_disputed",
    LOTS_THAWED = "lots_thawed",
    THAWED = "thawed",
    LOTS_TAKEN = "lots_taken",
    AWARDED = "awarded",
    RELEASED = "released",
    LOT_MADE = "lot_made",
    LOT_CLEARED = "lot_cleared",
    POST_ESCROW = "post_escrow",
    POST_CLIENT_FEE = "post_client_fee",
    POST_FROZEN = "post_frozen",
    DEPOSIT_REQUESTED = "deposit_requested",
    FUNDING = "funding",
    DEPOSIT_MOVED = "deposit_moved",
    DEPOSIT_ENDED = "deposit_ended",
    FUNDABLE_ANEW = "fundable_anew",
    UNMATCHED = "unmatched",
    UNMATCHED_REFUNDED = "unmatched_refunded",
    REFUND_REQUESTED = "refund_requested",
    REFUND_MOVED = "refund_moved",
    CONTRACT = "contract",
    CONTRACTS = "contracts",
    CONTRACTS_OF_PARTY = "contracts_of_party",
    MILESTONE = "milestone",
    MILESTONES_OF_CONTRACT = "milestones_of_contract",
    DEPOSIT = "deposit",
    DEPOSITS_OF_MILESTONE = "deposits_of_milestone",
    UNMATCHED_OF_DEPOSIT = "unmatched_of_deposit",
    REFUND = "refund",
    REFUNDS_OF_MILESTONE = "refunds_of_milestone",
    LOTS_OF_MILESTONE = "lots_of_milestone",
}

fn apply(on: &Connection, event: &Event, at: Timestamp) -> Result<(), ApplyError> {
    match event {
        Event::Contract(event) => on_contract(on, event, at)?,
        Event::Milestone(event) => on_milestone(on, event, at)?,
        Event::Escrow(event) => money::on_escrow(on, event, at)?,
        Event::Deposit(event) => money::on_deposit(on, event, at)?,
        Event::Refund(event) => money::on_refund(on, event, at)?,
        // What led to the contract is on the job board and in the proposal inbox; what is paid out is the talent's; of a
        // dispute only what it does to the money is here.
        Event::Marketplace(_)
        | Event::Job(_)
        | Event::Proposal(_)
        | Event::Dispute(_)
        | Event::Account(_)
        | Event::Payout(_)
        | Event::Settlement(_)
        | Event::Process(_) => {}
    }
    let lines = event.journal_entry().into_iter().flat_map(JournalEntry::lines);
    lines.into_iter().try_for_each(|line| money::post(on, line))
}

fn on_contract(on: &Connection, event: &ContractEvent, at: Timestamp) -> Result<(), ApplyError> {
    let rows = match event {
        ContractEvent::Created(e) => return created(on, e, at),
        ContractEvent::Cancelled(e) => {
            execute(on, CONTRACT_OVER, (key(e.contract_id), ContractStatus::Cancelled.name()))?
        }
        ContractEvent::EndRequested(e) => {
            let (id, status) = (key(e.contract_id), ContractStatus::Ending.name());
            let row = (id, status, e.requester.name(), at.micros(), e.answer_by.micros());
            execute(on, END_REQUESTED, row)?
        }
        ContractEvent::EndWithdrawn(e) => {
            let (active, paused) = (ContractStatus::Active.name(), ContractStatus::Paused.name());
            execute(on, END_WITHDRAWN, (key(e.contract_id), active, paused))?
        }
        ContractEvent::EndAgreed(e) => execute(on, END_AGREED, (key(e.contract_id), at.micros()))?,
        ContractEvent::EndDisputed(e) => execute(on, END_AGREED, (key(e.contract_id), at.micros()))?,
        ContractEvent::Ended(e) => {
            let (ended, terminated) = (ContractStatus::Ended.name(), ContractStatus::Terminated.name());
            let row =
                (key(e.contract_id), at.micros(), ended, ContractStatus::Terminating.name(), terminated);
            execute(on, ENDED, row)?
        }
        ContractEvent::AmendmentProposed(_)
        | ContractEvent::AmendmentAccepted(_)
        | ContractEvent::AmendmentRejected(_)
        | ContractEvent::AmendmentWithdrawn(_)
        | ContractEvent::Paused(_)
        | ContractEvent::Resumed(_)
        | ContractEvent::TerminationBegun(_)
        | ContractEvent::ReopenProposed(_)
        | ContractEvent::Reopened(_) => return terms::on_contract(on, event, at),
    };
    found("contract", rows)
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

fn on_milestone(on: &Connection, event: &MilestoneEvent, recorded: Timestamp) -> Result<(), ApplyError> {
    let at = recorded.micros();
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
        // The release in the same append is what ends the milestone, unless its money is frozen.
        MilestoneEvent::Approved(e) => {
            execute(on, APPROVED, (key(e.milestone_id), at, MilestoneStatus::Approved.name()))?
        }
        MilestoneEvent::RefundRequested(e) => return refund_asked(on, e, recorded),
        MilestoneEvent::RefundRequestWithdrawn(e) => execute(on, RESUMED, [key(e.milestone_id)])?,
        MilestoneEvent::Cancelled(e) => return moved(on, e.milestone_id, MilestoneStatus::Cancelled),
        MilestoneEvent::Dropped(e) => return moved(on, e.milestone_id, MilestoneStatus::Cancelled),
        MilestoneEvent::Proposed(_)
        | MilestoneEvent::ProposalAgreed(_)
        | MilestoneEvent::DropProposed(_)
        | MilestoneEvent::Revised(_)
        | MilestoneEvent::BonusPromised(_) => return terms::on_price(on, event, recorded),
        // The money that follows in the same append says it all.
        MilestoneEvent::PartiallyReleased(_) | MilestoneEvent::ReleasedEarly(_) => return Ok(()),
        MilestoneEvent::MoveProposed(_)
        | MilestoneEvent::MoveDropped(_)
        | MilestoneEvent::FundsFrozen(_)
        | MilestoneEvent::FundsUnfrozen(_)
        | MilestoneEvent::EarningsFrozen(_)
        | MilestoneEvent::EarningsUnfrozen(_) => return terms::on_funds(on, event, recorded),
    };
    found("milestone", rows)
}

fn refund_asked(on: &Connection, e: &MilestoneRefundRequested, at: Timestamp) -> Result<(), ApplyError> {
    let row = (
        key(e.milestone_id),
        MilestoneStatus::RefundRequested.name(),
        at.micros(),
        e.answer_by.micros(),
        e.reasons.as_ref().map(personal).transpose()?.flatten(),
        MilestoneStatus::ChangesRequested.name(),
        MilestoneStatus::Funded.name(),
    );
    found("milestone", execute(on, REFUND_ASKED, row)?)
}

fn moved(on: &Connection, id: MilestoneId, to: MilestoneStatus) -> Result<(), ApplyError> {
    found("milestone", execute(on, MILESTONE_MOVED, (key(id), to.name()))?)
}
