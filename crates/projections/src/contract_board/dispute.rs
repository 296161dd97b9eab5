//! Disputes on the contract board.

use super::{DISPUTE, DISPUTE_JOINED, DISPUTE_MOVED, DISPUTE_OPENED, DISPUTES, DISPUTES_OF_PARTY};
use crate::columns::{Columns, Named, below, key, personal};
use crate::error::QueryFault;
use crate::page::{Page, Slice};
use crate::pool::{each, many, one};
use crate::read_model::{ApplyError, found};
use crate::read_models::ReadModels;
use crate::sql::execute;
use domain::Timestamp;
use domain::dispute::{DisputeEvent, DisputeOpened, DisputeStatus};
use domain::id::{ContractId, DisputeId, MilestoneId, PartyId};
use domain::money::Money;
use rusqlite::{Connection, Row};

/// Which disputes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DisputeFilter {
    /// All of the marketplace.
    All,
    /// Those in which this party is the opener or the respondent.
    Party(PartyId),
}

/// A dispute about a milestone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DisputeRow {
    /// The dispute, and the key of its place in a list.
    pub id: DisputeId,
    /// The contract.
    pub contract_id: ContractId,
    /// The milestone whose money is disputed.
    pub milestone_id: MilestoneId,
    /// Who opened it.
    pub opener: PartyId,
    /// Who answers.
    pub respondent: PartyId,
    /// What the opener wants back.
    pub claim: Money,
    /// What the respondent said when it refused; `None` once it was erased.
    pub answer: Option<String>,
    /// Where it stands.
    pub status: DisputeStatus,
    /// When it was opened.
    pub opened_at: Timestamp,
}

pub(super) fn apply(on: &Connection, event: &DisputeEvent, at: Timestamp) -> Result<(), ApplyError> {
    match event {
        DisputeEvent::Opened(e) => opened(on, e, at),
        DisputeEvent::Withdrawn(e) => {
            let row = (key(e.dispute_id), DisputeStatus::Withdrawn.name());
            found("dispute", execute(on, DISPUTE_MOVED, row)?)
        }
    }
}

fn opened(on: &Connection, e: &DisputeOpened, at: Timestamp) -> Result<(), ApplyError> {
    let currency = e.claim.currency();
    let row = (
        key(e.dispute_id),
        key(e.contract_id),
        key(e.milestone_id),
        key(e.opener),
        key(e.respondent),
        currency.code(),
        e.claim.minor(),
        personal(&e.answer)?,
        DisputeStatus::Negotiation.name(),
        at.micros(),
    );
    execute(on, DISPUTE_OPENED, row)?;
    for party in [e.opener, e.respondent] {
        execute(on, DISPUTE_JOINED, (key(party), key(e.dispute_id)))?;
    }
    Ok(())
}

fn row(row: &Row<'_>) -> rusqlite::Result<DisputeRow> {
    let mut columns = Columns::of(row);
    Ok(DisputeRow {
        id: columns.id()?,
        contract_id: columns.id()?,
        milestone_id: columns.id()?,
        opener: columns.id()?,
        respondent: columns.id()?,
        claim: columns.money()?,
        answer: columns.personal()?,
        status: columns.named()?,
        opened_at: columns.instant()?,
    })
}

/// Disputes on the contract board.
impl ReadModels {
    /// A dispute, if it exists.
    ///
    /// # Errors
    /// [`QueryFault`].
    pub fn dispute(&self, id: DisputeId) -> Result<Option<DisputeRow>, QueryFault> {
        self.query(|on| one(on, DISPUTE, [key(id)], row))
    }

    /// Those of the disputes that exist, in the order of `ids`. Costs a look-up for each.
    ///
    /// # Errors
    /// [`QueryFault`].
    pub fn disputes_by_ids(&self, ids: &[DisputeId]) -> Result<Vec<DisputeRow>, QueryFault> {
        self.query(|on| each(on, DISPUTE, ids, row))
    }

    /// A page of disputes, newest first.
    ///
    /// # Errors
    /// [`QueryFault`].
    pub fn disputes(
        &self,
        filter: DisputeFilter,
        page: Page<DisputeId>,
    ) -> Result<Slice<DisputeRow>, QueryFault> {
        let (below, limit) = (below(page.after), page.limit());
        let rows = self.query(|on| match filter {
            DisputeFilter::All => many(on, DISPUTES, (below, limit), row),
            DisputeFilter::Party(party) => many(on, DISPUTES_OF_PARTY, (key(party), below, limit), row),
        });
        rows.map(|rows| page.slice(rows))
    }
}
