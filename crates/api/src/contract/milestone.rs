//! The milestone and its money as callers see them.

use crate::money::Money;
use crate::scalar::DateTime;
use async_graphql::{Enum, ID, SimpleObject};
use projections::{ChangesRow, DepositRow, MilestoneRow, WorkRow};

/// States of a milestone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::contract::MilestoneStatus")]
pub(crate) enum MilestoneStatus {
    /// Part of the contract, without money.
    Agreed,
    /// A deposit is under way.
    Funding,
    /// Escrow holds its amount.
    Funded,
    /// Work waits for review.
    Submitted,
    /// Work was sent back.
    ChangesRequested,
    /// The escrow was paid out to the talent's earnings.
    Released,
}

/// States of a deposit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::deposit::DepositStatus")]
pub(crate) enum DepositStatus {
    /// Nobody has called the provider yet.
    Requested,
    /// The provider is being called.
    Started,
    /// The provider took the order.
    Acknowledged,
    /// The money is captured, and is escrow.
    Confirmed,
    /// It will not come.
    Failed,
    /// It came without a purpose, or too late for it.
    Unmatched,
}

/// A part of a contract, with an amount of its own.
#[derive(Clone, Debug, SimpleObject)]
pub(crate) struct Milestone {
    /// Its id, `mil_…`.
    id: ID,
    /// Counts the contract's milestones from 1.
    number: u16,
    /// One line; null once it was erased.
    title: Option<String>,
    /// Where it stands.
    status: MilestoneStatus,
    /// What escrow holds when it is funded.
    amount: Money,
    /// What escrow holds now.
    escrow_held: Money,
    /// What is held beside it now, for the client fee and its tax.
    client_fee_held: Money,
    /// What was released so far, and how it divided.
    released: Release,
    /// The newest deposit.
    deposit: Option<Deposit>,
    /// The newest work.
    work: Option<Work>,
    /// The newest request for changes.
    changes: Option<Changes>,
    /// When the client approved it.
    approved_at: Option<DateTime>,
    /// When the earnings of the release clear.
    clears_at: Option<DateTime>,
}

/// What was released of a milestone, and how it divided.
#[derive(Clone, Debug, SimpleObject)]
pub(crate) struct Release {
    /// From escrow.
    gross: Money,
    /// Talent fee.
    talent_fee: Money,
    /// Tax on the talent fee.
    talent_fee_tax: Money,
    /// Client fee.
    client_fee: Money,
    /// Tax on the client fee.
    client_fee_tax: Money,
    /// What the talent earned.
    net: Money,
}

/// Money on its way to a milestone.
#[derive(Clone, Debug, SimpleObject)]
pub(crate) struct Deposit {
    /// Its id, `dep_…`; our reference at the provider.
    id: ID,
    /// Where it stands.
    status: DepositStatus,
    /// What the client pays: the milestone's amount, the client fee and tax on it.
    amount: Money,
    /// The rail that takes the money.
    rail: String,
    /// When it fails if nobody confirms it.
    expires_at: DateTime,
    /// The provider's word for why it failed.
    failure: Option<String>,
}

/// Work that was handed in.
#[derive(Clone, Debug, SimpleObject)]
pub(crate) struct Work {
    /// Its id, `wrk_…`.
    id: ID,
    /// What the talent says about it; null once it was erased.
    note: Option<String>,
    /// When it was handed in.
    submitted_at: DateTime,
    /// When it counts as approved if the client says nothing.
    review_ends_at: DateTime,
}

/// Work that was sent back.
#[derive(Clone, Debug, SimpleObject)]
pub(crate) struct Changes {
    /// The work that was sent back.
    work_id: ID,
    /// Why; null once it was erased.
    reasons: Option<String>,
    /// When.
    requested_at: DateTime,
}

impl From<MilestoneRow> for Milestone {
    fn from(row: MilestoneRow) -> Self {
        let money = |minor| Money::of(minor, row.currency);
        Self {
            id: row.id.to_string().into(),
            number: row.number,
            status: row.status.into(),
            amount: money(row.amount_minor),
            escrow_held: money(row.escrow_held_minor),
            client_fee_held: money(row.client_fee_held_minor),
            released: Release {
                gross: money(row.released.gross_minor),
                talent_fee: money(row.released.talent_fee_minor),
                talent_fee_tax: money(row.released.talent_tax_minor),
                client_fee: money(row.released.client_fee_minor),
                client_fee_tax: money(row.released.client_tax_minor),
                net: money(row.released.net_minor()),
            },
            deposit: row.deposit.as_ref().map(|deposit| deposit_of(deposit, money(deposit.amount_minor))),
            work: row.work.map(Work::from),
            changes: row.changes.map(Changes::from),
            approved_at: row.approved_at.map(DateTime),
            clears_at: row.clears_at.map(DateTime),
            title: row.title,
        }
    }
}

fn deposit_of(row: &DepositRow, amount: Money) -> Deposit {
    Deposit {
        id: row.id.to_string().into(),
        status: row.status.into(),
        amount,
        rail: row.rail.clone(),
        expires_at: DateTime(row.expires_at),
        failure: row.failure.clone(),
    }
}

impl From<WorkRow> for Work {
    fn from(row: WorkRow) -> Self {
        Self {
            id: row.id.to_string().into(),
            note: row.note,
            submitted_at: DateTime(row.submitted_at),
            review_ends_at: DateTime(row.review_ends_at),
        }
    }
}

impl From<ChangesRow> for Changes {
    fn from(row: ChangesRow) -> Self {
        Self {
            work_id: row.work_id.to_string().into(),
            reasons: row.reasons,
            requested_at: DateTime(row.requested_at),
        }
    }
}
