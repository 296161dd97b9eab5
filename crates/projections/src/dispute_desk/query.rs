//! Disputes as they are read.

use super::{DISPUTE, DISPUTES, DISPUTES_OF_PARTY, DISPUTES_OF_STATUS};
use crate::columns::{Columns, Named, below, key};
use crate::error::QueryFault;
use crate::page::{Page, Slice};
use crate::pool::{each, many, one};
use crate::read_models::ReadModels;
use domain::Timestamp;
use domain::dispute::{
    DisputeAppealed, DisputeDecided, DisputeFinalized, DisputeSettled, DisputeStatus, RecommendationIssued,
};
use domain::id::{ContractId, DisputeId, MilestoneId, PartyId};
use domain::money::Money;
use domain::proposal::Party;
use rusqlite::Row;

/// Which disputes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DisputeFilter {
    /// All of the marketplace.
    All,
    /// Those that stand so.
    Status(DisputeStatus),
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
    /// Which side opened it.
    pub opened_by: Party,
    /// What is divided between the two.
    pub disputed: Money,
    /// What the opener wants of that.
    pub claim: Money,
    /// Why; `None` where a refused refund opened it, or once it was erased.
    pub reason: Option<String>,
    /// What the respondent says; `None` before the answer, or once it was erased.
    pub answer: Option<String>,
    /// Where it stands.
    pub status: DisputeStatus,
    /// When it was opened.
    pub opened_at: Timestamp,
    /// When what it waits for is due; `None` for what waits for nobody, or for an admin.
    pub due_at: Option<Timestamp>,
    /// How often staff let this deadline pass.
    pub deadlines_missed: u16,
    /// From when on either side may take it to support.
    pub escalates_from: Option<Timestamp>,
    /// When the evidence was sealed, if so.
    pub sealed_at: Option<Timestamp>,
    /// What the mediator recommends.
    pub recommendation: Option<RecommendationIssued>,
    /// The side that accepted that first.
    pub accepted_by: Option<Party>,
    /// What each side pays for arbitration, in minor units, once that is offered and not free.
    pub fee_minor: Option<i64>,
    /// What is held of the client's fee, in minor units.
    pub client_paid_minor: i64,
    /// What is held of the talent's fee, in minor units.
    pub talent_paid_minor: i64,
    /// The decision, if there was one.
    pub decision: Option<DisputeDecided>,
    /// The appeal against it.
    pub appeal: Option<DisputeAppealed>,
    /// Why nothing more can be said against it.
    pub finality: Option<DisputeFinalized>,
    /// How both sides agreed, if they did.
    pub settlement: Option<DisputeSettled>,
    /// The side that wants to give it up where both have to.
    pub withdrawal_by: Option<Party>,
    /// What the client gets by the settlement or the decision that stands, in minor units.
    pub client_share_minor: Option<i64>,
    /// When the money moved, or it was given up.
    pub closed_at: Option<Timestamp>,
}

fn row(row: &Row<'_>) -> rusqlite::Result<DisputeRow> {
    let mut columns = Columns::of(row);
    Ok(DisputeRow {
        id: columns.id()?,
        contract_id: columns.id()?,
        milestone_id: columns.id()?,
        opener: columns.id()?,
        respondent: columns.id()?,
        opened_by: columns.named()?,
        disputed: columns.money()?,
        claim: columns.money()?,
        reason: columns.personal()?,
        answer: columns.personal()?,
        status: columns.named()?,
        opened_at: columns.instant()?,
        due_at: columns.optional_instant()?,
        deadlines_missed: columns.take()?,
        escalates_from: columns.optional_instant()?,
        sealed_at: columns.optional_instant()?,
        recommendation: columns.optional_json()?,
        accepted_by: columns.optional_text(Party::named)?,
        fee_minor: columns.take()?,
        client_paid_minor: columns.take()?,
        talent_paid_minor: columns.take()?,
        decision: columns.optional_json()?,
        appeal: columns.optional_json()?,
        finality: columns.optional_json()?,
        settlement: columns.optional_json()?,
        withdrawal_by: columns.optional_text(Party::named)?,
        client_share_minor: columns.take()?,
        closed_at: columns.optional_instant()?,
    })
}

/// Disputes.
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
            DisputeFilter::Status(status) => many(on, DISPUTES_OF_STATUS, (status.name(), below, limit), row),
            DisputeFilter::Party(party) => many(on, DISPUTES_OF_PARTY, (key(party), below, limit), row),
        });
        rows.map(|rows| page.slice(rows))
    }
}
