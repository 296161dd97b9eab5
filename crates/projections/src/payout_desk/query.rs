//! Payouts as they are read.

use super::{
    PAYOUT, PAYOUTS, PAYOUTS_OF_PARTY, PAYOUTS_OF_PARTY_AND_STATUS, PAYOUTS_OF_PARTY_TO_REVIEW,
    PAYOUTS_OF_STATUS, PAYOUTS_TO_REVIEW,
};
use crate::columns::{Columns, Named, below, key};
use crate::error::QueryFault;
use crate::page::{Page, Slice};
use crate::pool::{each, many, one};
use crate::read_models::ReadModels;
use domain::Timestamp;
use domain::deposit::ProviderWord;
use domain::id::{PartyId, PayoutId};
use domain::money::Money;
use domain::payout::PayoutStatus;
use rusqlite::Row;

/// Which payouts: those to which all of it applies.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PayoutFilter {
    /// Those of this party.
    pub party: Option<PartyId>,
    /// Those that stand here.
    pub status: Option<PayoutStatus>,
    /// Those that wait for finance's approval; they are requested.
    pub needs_review: bool,
}

/// A payout.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PayoutRow {
    /// The payout, and the key of its place in a list.
    pub id: PayoutId,
    /// Whose money it is.
    pub party: PartyId,
    /// How much.
    pub amount: Money,
    /// The rail that sends it.
    pub rail: String,
    /// The last few characters of the provider's token of where it goes.
    pub destination_hint: String,
    /// Where it stands.
    pub status: PayoutStatus,
    /// Whether finance must approve it, or had to.
    pub review: bool,
    /// Whether it waits for settled cash; it is approved then.
    pub waiting_for_cash: bool,
    /// Attempts so far.
    pub attempts: u16,
    /// When it was asked for.
    pub requested_at: Timestamp,
    /// Since when it stands where it does.
    pub changed_at: Timestamp,
    /// When it is tried again, while it has failed and will be.
    pub retry_at: Option<Timestamp>,
    /// When a person looks into it, while the provider says nothing.
    pub escalates_at: Option<Timestamp>,
    /// The provider's newest word for why it failed or came back, also once it went on.
    pub failure: Option<ProviderWord>,
    /// Why it was refused; `None` if it wasn't, or once it was erased.
    pub rejection: Option<String>,
}

fn row(row: &Row<'_>) -> rusqlite::Result<PayoutRow> {
    let mut columns = Columns::of(row);
    Ok(PayoutRow {
        id: columns.id()?,
        party: columns.id()?,
        amount: columns.money()?,
        rail: columns.take()?,
        destination_hint: columns.take()?,
        status: columns.named()?,
        review: columns.take()?,
        waiting_for_cash: columns.take()?,
        attempts: columns.take()?,
        requested_at: columns.instant()?,
        changed_at: columns.instant()?,
        retry_at: columns.optional_instant()?,
        escalates_at: columns.optional_instant()?,
        failure: columns.optional_word()?,
        rejection: columns.personal()?,
    })
}

/// The payouts of the payout desk.
impl ReadModels {
    /// A payout, if it exists.
    ///
    /// # Errors
    /// [`QueryFault`].
    pub fn payout(&self, id: PayoutId) -> Result<Option<PayoutRow>, QueryFault> {
        self.query(|on| one(on, PAYOUT, [key(id)], row))
    }

    /// Those of the payouts that exist, in the order of `ids`. Costs a look-up for each.
    ///
    /// # Errors
    /// [`QueryFault`].
    pub fn payouts_by_ids(&self, ids: &[PayoutId]) -> Result<Vec<PayoutRow>, QueryFault> {
        self.query(|on| each(on, PAYOUT, ids, row))
    }

    /// A page of payouts, newest first.
    ///
    /// # Errors
    /// [`QueryFault`].
    pub fn payouts(
        &self,
        filter: &PayoutFilter,
        page: Page<PayoutId>,
    ) -> Result<Slice<PayoutRow>, QueryFault> {
        let (below, limit) = (below(page.after), page.limit());
        if filter.needs_review && filter.status.is_some_and(|status| status != PayoutStatus::Requested) {
            return Ok(page.slice(Vec::new()));
        }
        let (status, party) = (filter.status.map(Named::name), filter.party.map(key));
        let rows = self.query(|on| match (party, status, filter.needs_review) {
            (None, _, true) => many(on, PAYOUTS_TO_REVIEW, (below, limit), row),
            (Some(party), _, true) => many(on, PAYOUTS_OF_PARTY_TO_REVIEW, (party, below, limit), row),
            (None, None, false) => many(on, PAYOUTS, (below, limit), row),
            (Some(party), None, false) => many(on, PAYOUTS_OF_PARTY, (party, below, limit), row),
            (None, Some(status), false) => many(on, PAYOUTS_OF_STATUS, (status, below, limit), row),
            (Some(party), Some(status), false) => {
                many(on, PAYOUTS_OF_PARTY_AND_STATUS, (party, status, below, limit), row)
            }
        });
        rows.map(|rows| page.slice(rows))
    }
}
