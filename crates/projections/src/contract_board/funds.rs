//! The money of milestones as it is read: deposits, what came without a purpose, refunds, lots of earnings.

use super::{
    DEPOSIT, DEPOSITS_OF_MILESTONE, LOTS_OF_MILESTONE, REFUND, REFUNDS_OF_MILESTONE, UNMATCHED_OF_DEPOSIT,
};
use crate::columns::{Columns, key};
use crate::error::QueryFault;
use crate::page::PAGE_ROWS_MAX;
use crate::pool::{each, many, one, snapshot};
use crate::read_models::ReadModels;
use domain::Timestamp;
use domain::deposit::{DepositStatus, ProviderWord};
use domain::id::{DepositId, LotId, MilestoneId, PartyId, RefundId, TypedId};
use domain::money::{Currency, Money};
use domain::refund::RefundStatus;
use rusqlite::Row;

/// Money on its way to a milestone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DepositRow {
    /// The deposit.
    pub id: DepositId,
    /// The milestone that it is for.
    pub milestone_id: MilestoneId,
    /// Where it stands.
    pub status: DepositStatus,
    /// The currency of the amount, which is the milestone's.
    pub currency: Currency,
    /// The milestone's amount with the client's charge on top, in minor units.
    pub amount_minor: i64,
    /// The rail that takes the money.
    pub rail: String,
    /// When the client asked for it.
    pub requested_at: Timestamp,
    /// When it fails if nobody confirms it.
    pub expires_at: Timestamp,
    /// The provider's word for why it failed, such as `card_declined`.
    pub failure: Option<String>,
}

/// A payment, or a part of one, that came without a purpose or too late for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnmatchedRow {
    /// The deposit whose reference the money carries.
    pub deposit_id: DepositId,
    /// The provider's id of the payment.
    pub payment: String,
    /// What of it has no purpose.
    pub amount: Money,
    /// When we learnt of it.
    pub received_at: Timestamp,
    /// The refund that takes it back, once there is one.
    pub refund_id: Option<RefundId>,
}

/// Money on its way back from a milestone, or from a deposit that did not fund it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefundRow {
    /// The refund.
    pub id: RefundId,
    /// The deposit that the money came with.
    pub deposit_id: DepositId,
    /// The milestone that the deposit was for.
    pub milestone_id: MilestoneId,
    /// Whose money it is.
    pub client: PartyId,
    /// How much.
    pub amount: Money,
    /// Where it stands. Once it failed, the money is in the client's wallet.
    pub status: RefundStatus,
    /// When it was asked for.
    pub requested_at: Timestamp,
    /// The provider's word for why it failed, if it did.
    pub failure: Option<ProviderWord>,
    /// When a person looks into it, while the provider has it and says nothing.
    pub escalates_at: Option<Timestamp>,
}

/// The talent's earnings of one release.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LotRow {
    /// The lot.
    pub id: LotId,
    /// The milestone that was released.
    pub milestone_id: MilestoneId,
    /// What the talent earned: net of fee and tax.
    pub amount: Money,
    /// When it is due to clear.
    pub clears_at: Timestamp,
    /// When it cleared, if it did; from then on it can be paid out.
    pub cleared_at: Option<Timestamp>,
    /// Since when it is frozen, if it is; it clears no earlier than it is unfrozen.
    pub frozen_at: Option<Timestamp>,
    /// Whether a dispute has frozen it.
    pub disputed: bool,
    /// When an award took it, if one did; what was left of it is another lot.
    pub taken_at: Option<Timestamp>,
}

/// The columns of a deposit, or `None` where there is none.
pub(super) fn deposit(columns: &mut Columns<'_>) -> rusqlite::Result<Option<DepositRow>> {
    let Some(id) = columns.optional_id()? else {
        columns.skip(8);
        return Ok(None);
    };
    Ok(Some(DepositRow {
        id,
        milestone_id: columns.id()?,
        status: columns.named()?,
        currency: columns.currency()?,
        amount_minor: columns.take()?,
        rail: columns.take()?,
        requested_at: columns.instant()?,
        expires_at: columns.instant()?,
        failure: columns.take()?,
    }))
}

fn deposit_row(row: &Row<'_>) -> rusqlite::Result<DepositRow> {
    deposit(&mut Columns::of(row))?.ok_or(rusqlite::Error::QueryReturnedNoRows)
}

fn unmatched(row: &Row<'_>) -> rusqlite::Result<UnmatchedRow> {
    let mut columns = Columns::of(row);
    Ok(UnmatchedRow {
        deposit_id: columns.id()?,
        payment: columns.take()?,
        amount: columns.money()?,
        received_at: columns.instant()?,
        refund_id: columns.optional_id()?,
    })
}

fn refund(row: &Row<'_>) -> rusqlite::Result<RefundRow> {
    let mut columns = Columns::of(row);
    Ok(RefundRow {
        id: columns.id()?,
        deposit_id: columns.id()?,
        milestone_id: columns.id()?,
        client: columns.id()?,
        amount: columns.money()?,
        status: columns.named()?,
        requested_at: columns.instant()?,
        failure: columns.optional_word()?,
        escalates_at: columns.optional_instant()?,
    })
}

fn lot(row: &Row<'_>) -> rusqlite::Result<LotRow> {
    let mut columns = Columns::of(row);
    Ok(LotRow {
        id: columns.id()?,
        milestone_id: columns.id()?,
        amount: columns.money()?,
        clears_at: columns.instant()?,
        cleared_at: columns.optional_instant()?,
        frozen_at: columns.optional_instant()?,
        disputed: columns.take()?,
        taken_at: columns.optional_instant()?,
    })
}

/// The money of milestones.
impl ReadModels {
    /// A deposit, if it exists.
    ///
    /// # Errors
    /// [`QueryFault`].
    pub fn deposit(&self, id: DepositId) -> Result<Option<DepositRow>, QueryFault> {
        self.query(|on| one(on, DEPOSIT, [key(id)], deposit_row))
    }

    /// Those of the deposits that exist, in the order of `ids`. Costs a look-up for each.
    ///
    /// # Errors
    /// [`QueryFault`].
    pub fn deposits_by_ids(&self, ids: &[DepositId]) -> Result<Vec<DepositRow>, QueryFault> {
        self.query(|on| each(on, DEPOSIT, ids, deposit_row))
    }

    /// The deposits for these milestones, those that failed or came late too, in the order of `milestones` and then
    /// newest first, at most [`PAGE_ROWS_MAX`] of each.
    ///
    /// # Errors
    /// [`QueryFault`].
    pub fn deposits_by_milestones(&self, milestones: &[MilestoneId]) -> Result<Vec<DepositRow>, QueryFault> {
        self.of_each(DEPOSITS_OF_MILESTONE, milestones, deposit_row)
    }

    /// What came without a purpose under the references of these deposits, in the order of `deposits` and then of the
    /// provider's ids, at most [`PAGE_ROWS_MAX`] of each.
    ///
    /// # Errors
    /// [`QueryFault`].
    pub fn unmatched_by_deposits(&self, deposits: &[DepositId]) -> Result<Vec<UnmatchedRow>, QueryFault> {
        self.of_each(UNMATCHED_OF_DEPOSIT, deposits, unmatched)
    }

    /// A refund, if it exists.
    ///
    /// # Errors
    /// [`QueryFault`].
    pub fn refund(&self, id: RefundId) -> Result<Option<RefundRow>, QueryFault> {
        self.query(|on| one(on, REFUND, [key(id)], refund))
    }

    /// Those of the refunds that exist, in the order of `ids`. Costs a look-up for each.
    ///
    /// # Errors
    /// [`QueryFault`].
    pub fn refunds_by_ids(&self, ids: &[RefundId]) -> Result<Vec<RefundRow>, QueryFault> {
        self.query(|on| each(on, REFUND, ids, refund))
    }

    /// The refunds of these milestones, also those of money that never funded them, in the order of `milestones` and
    /// then newest first, at most [`PAGE_ROWS_MAX`] of each.
    ///
    /// # Errors
    /// [`QueryFault`].
    pub fn refunds_by_milestones(&self, milestones: &[MilestoneId]) -> Result<Vec<RefundRow>, QueryFault> {
        self.of_each(REFUNDS_OF_MILESTONE, milestones, refund)
    }

    /// The lots of earnings that the releases of these milestones made, in the order of `milestones` and then newest
    /// first, at most [`PAGE_ROWS_MAX`] of each.
    ///
    /// # Errors
    /// [`QueryFault`].
    pub fn lots_by_milestones(&self, milestones: &[MilestoneId]) -> Result<Vec<LotRow>, QueryFault> {
        self.of_each(LOTS_OF_MILESTONE, milestones, lot)
    }

    /// The first rows that `statement` gives for each key, in the order of the keys.
    pub(crate) fn of_each<K: TypedId, T>(
        &self,
        statement: &str,
        keys: &[K],
        read: fn(&Row<'_>) -> rusqlite::Result<T>,
    ) -> Result<Vec<T>, QueryFault> {
        let of_each = |on: &rusqlite::Connection| {
            let mut rows = Vec::new();
            for id in keys {
                let limit = i64::try_from(PAGE_ROWS_MAX).unwrap_or(i64::MAX);
                rows.extend(many(on, statement, (key(*id), limit), read)?);
            }
            Ok(rows)
        };
        self.query(|on| snapshot(on, of_each))
    }
}
