//! What needs a person.

use super::{
    ATTENDED, ATTENTION, DEPOSIT_ATTENTION, REFUND_ATTENTION, REFUND_OVER, REFUND_REQUESTED, account,
};
use crate::columns::{Columns, Named, key};
use crate::error::QueryFault;
use crate::page::{Page, Slice};
use crate::pool::{many, snapshot};
use crate::read_model::{ApplyError, found};
use crate::read_models::ReadModels;
use crate::sql::execute;
use domain::Timestamp;
use domain::account::HoldReason;
use domain::deposit::DepositEvent;
use domain::id::{PartyId, RefundId};
use domain::money::Money;
use domain::refund::RefundEvent;
use rusqlite::{Connection, Row};

/// Why a person is needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AttentionKind {
    /// Nobody knows what became of a payout.
    PayoutUnknown,
    /// A payout waits for finance's approval.
    PayoutReview,
    /// A payout failed, and will not be tried again.
    PayoutFailed,
    /// A payout is held, and not every hold on the account lapses by itself.
    PayoutHeld,
    /// An approved payout waits for settled cash.
    PayoutDelayed,
    /// Nobody knows what became of a refund.
    RefundUnknown,
    /// Money came without a purpose, and has not been sent back.
    DepositUnmatched,
    /// Nobody of the house went on with a dispute, though its deadline was extended.
    DisputeOverdue,
}

impl AttentionKind {
    const ALL: [Self; 8] = [
        Self::PayoutUnknown,
        Self::PayoutReview,
        Self::PayoutFailed,
        Self::PayoutHeld,
        Self::PayoutDelayed,
        Self::RefundUnknown,
        Self::DepositUnmatched,
        Self::DisputeOverdue,
    ];
}

impl Named for AttentionKind {
    fn name(self) -> &'static str {
        match self {
            Self::PayoutUnknown => "payout_unknown",
            Self::PayoutReview => "payout_review",
            Self::PayoutFailed => "payout_failed",
            Self::PayoutHeld => "payout_held",
            Self::PayoutDelayed => "payout_delayed",
            Self::RefundUnknown => "refund_unknown",
            Self::DepositUnmatched => "deposit_unmatched",
            Self::DisputeOverdue => "dispute_overdue",
        }
    }

    fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// Something that needs a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AttentionRow {
    /// Why.
    pub kind: AttentionKind,
    /// The payout `pyo_…`, refund `rfd_…`, deposit `dep_…` or dispute `dsp_…`.
    pub id: String,
    /// The provider's id of the payment, of money without a purpose.
    pub payment: Option<String>,
    /// Whose money it is; `None` of money without a purpose, and of what is disputed.
    pub party: Option<PartyId>,
    /// How much.
    pub amount: Money,
    /// Since when.
    pub since: Timestamp,
    /// Why the account is on hold, of a held payout: the holds that only a person releases.
    pub holds: Vec<HoldReason>,
}

/// The place of an [`AttentionRow`] in the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AttentionKey {
    /// Since when it needs a person, by which the list is sorted.
    pub since: Timestamp,
    /// Its id, by which it is sorted then.
    pub id: String,
    /// The provider's id of the payment, empty where there is none.
    pub payment: String,
}

impl AttentionRow {
    /// The row's place in the list.
    pub fn key(&self) -> AttentionKey {
        let payment = self.payment.clone().unwrap_or_default();
        AttentionKey { since: self.since, id: self.id.clone(), payment }
    }
}

pub(super) fn on_deposit(on: &Connection, event: &DepositEvent, at: Timestamp) -> Result<(), ApplyError> {
    match event {
        DepositEvent::Unmatched(e) => {
            let (id, payment) = (e.deposit_id.to_string(), e.provider_object.as_str());
            let (currency, kind) = (e.amount.currency(), AttentionKind::DepositUnmatched.name());
            let row = (id, payment, kind, currency.code(), e.amount.minor(), at.micros());
            execute(on, DEPOSIT_ATTENTION, row)?;
            Ok(())
        }
        DepositEvent::Refunded(e) => {
            let row = (e.deposit_id.to_string(), e.provider_object.as_str());
            found("unmatched payment", execute(on, ATTENDED, row)?)
        }
        DepositEvent::Requested(_)
        | DepositEvent::AttemptStarted(_)
        | DepositEvent::Acknowledged(_)
        | DepositEvent::Confirmed(_)
        | DepositEvent::Failed(_) => Ok(()),
    }
}

pub(super) fn on_refund(on: &Connection, event: &RefundEvent, at: Timestamp) -> Result<(), ApplyError> {
    match event {
        RefundEvent::Requested(e) => {
            let (id, party, currency) = (key(e.refund_id), key(e.client), e.amount.currency());
            execute(on, REFUND_REQUESTED, (id, party, currency.code(), e.amount.minor()))?;
            Ok(())
        }
        RefundEvent::Escalated(e) => {
            let (id, kind) = (e.refund_id.to_string(), AttentionKind::RefundUnknown.name());
            found("refund", execute(on, REFUND_ATTENTION, (key(e.refund_id), id, kind, at.micros()))?)
        }
        RefundEvent::Confirmed(e) => over(on, e.refund_id),
        RefundEvent::Failed(e) => over(on, e.refund_id),
        RefundEvent::AttemptStarted(_) | RefundEvent::Acknowledged(_) => Ok(()),
    }
}

/// Nobody needs to look into the refund any more. One that was sent may come back; it is over already then.
fn over(on: &Connection, id: RefundId) -> Result<(), ApplyError> {
    execute(on, ATTENDED, (id.to_string(), ""))?;
    execute(on, REFUND_OVER, [key(id)])?;
    Ok(())
}

fn row(row: &Row<'_>) -> rusqlite::Result<AttentionRow> {
    let mut columns = Columns::of(row);
    Ok(AttentionRow {
        kind: columns.named()?,
        id: columns.take()?,
        payment: Some(columns.take::<String>()?).filter(|payment| !payment.is_empty()),
        party: columns.optional_id()?,
        amount: columns.money()?,
        since: columns.instant()?,
        holds: Vec::new(),
    })
}

/// The row with the holds that keep it.
fn with_holds(on: &Connection, mut row: AttentionRow) -> rusqlite::Result<AttentionRow> {
    if let (AttentionKind::PayoutHeld, Some(party)) = (row.kind, row.party) {
        let holds = account::holds(on, party, row.amount.currency())?;
        row.holds = holds.iter().filter(|hold| hold.until.is_none()).map(|hold| hold.reason).collect();
    }
    Ok(row)
}

/// What needs a person.
impl ReadModels {
    /// A page of what needs a person, oldest first. Money without a purpose is sent back by itself, and a payout that
    /// waits for cash goes out once it comes, so these are listed only if they are there since `patience_until` or
    /// before.
    ///
    /// # Errors
    /// [`QueryFault`].
    pub fn attention(
        &self,
        patience_until: Timestamp,
        page: &Page<AttentionKey>,
    ) -> Result<Slice<AttentionRow>, QueryFault> {
        let limit = page.limit();
        // The empty text is before every id.
        let (since, id, payment) = match &page.after {
            Some(after) => (after.since.micros(), after.id.as_str(), after.payment.as_str()),
            None => (i64::MIN, "", ""),
        };
        let (unmatched, delayed) =
            (AttentionKind::DepositUnmatched.name(), AttentionKind::PayoutDelayed.name());
        let params = (since, id, payment, unmatched, delayed, patience_until.micros(), limit);
        let rows = |on: &Connection| {
            let rows = many(on, ATTENTION, params, row)?;
            rows.into_iter().map(|row| with_holds(on, row)).collect()
        };
        self.query(|on| snapshot(on, rows)).map(|rows| page.slice(rows))
    }
}
