//! The milestone and its money as callers see them.

use super::refund::Refund;
use crate::dispute::Dispute;
use crate::loader::{LotsOf, RefundsOf, load};
use crate::money::Money;
use crate::proposal::Side;
use crate::scalar::DateTime;
use async_graphql::{ComplexObject, Context, Enum, ID, Result, SimpleObject};
use audit::as_of::{At, ContractAt};
use domain::contract;
use domain::id::{ContractId, DisputeId, MilestoneId, PartyId};
use domain::ledger::LedgerAccount;
use domain::timer::TimerKind;
use projections::{ChangesRow, DepositRow, LotRow, MilestoneRow, RefundRequestRow, WorkRow};

/// States of a milestone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::contract::MilestoneStatus")]
pub(crate) enum MilestoneStatus {
    /// One side proposes it for a contract that is under way.
    Proposed,
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
    /// The client asked for the money back.
    RefundRequested,
    /// The two sides disagree; its escrow is frozen.
    Disputed,
    /// The work is approved, and the escrow is frozen: it is released when it is unfrozen.
    Approved,
    /// Its money is divided as a dispute's two sides agreed, or as was decided.
    Resolved,
    /// The escrow was paid out to the talent's earnings.
    Released,
    /// The escrow went back to the client.
    Refunded,
    /// It came to nothing before it was funded.
    Cancelled,
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

/// A part of a contract, with an amount of its own. As of an earlier place in the log it says where it stood and what
/// was held; what was handed in, said and sent is only told as it is now.
#[derive(Clone, Debug, SimpleObject)]
#[graphql(complex)]
pub(crate) struct Milestone {
    #[graphql(skip)]
    key: Key,
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
    /// What of its escrow a dispute has frozen.
    escrow_frozen: Money,
    /// What was released so far, and how it divided.
    released: Release,
    /// The newest deposit.
    deposit: Option<Deposit>,
    /// The newest work.
    work: Option<Work>,
    /// When the work that waits for review counts as approved if the client says nothing; null while its money is frozen.
    review_ends_at: Option<DateTime>,
    /// The newest request for changes.
    changes: Option<Changes>,
    /// The request that its money go back, unless it was taken back.
    refund_request: Option<RefundRequest>,
    /// When the client approved it.
    approved_at: Option<DateTime>,
    /// When the earnings of the release clear.
    clears_at: Option<DateTime>,
    /// Whether it is a bonus, paid after the end.
    bonus: bool,
    /// How often its work was sent back.
    rounds_of_changes: u16,
    /// What of what was released the talent gave back after the end.
    given_back: Money,
    /// Whether its money is frozen, and its clocks stand still.
    is_frozen: bool,
    /// The side that proposed it, while the other has not agreed.
    proposer: Option<Side>,
    /// The side that wants to do without it, while the other has not agreed.
    drop_proposer: Option<Side>,
    /// Where its money is to move, while the talent has not agreed.
    funds_move: Option<FundsMove>,
}

/// That a milestone's money is to fund another.
#[derive(Clone, Debug, SimpleObject)]
pub(crate) struct FundsMove {
    /// The milestone that it is to fund.
    to: ID,
    /// How much.
    amount: Money,
}

/// What a milestone's relations are found by.
#[derive(Clone, Copy, Debug)]
struct Key {
    milestone: MilestoneId,
    /// The client and the talent.
    parties: [PartyId; 2],
    dispute: Option<DisputeId>,
    /// Where in the log it is told as of; `None` for now.
    past: Option<At>,
}

/// A part of a contract, with an amount of its own. As of an earlier place in the log it says where it stood and what
/// was held; what was handed in, said and sent is only told as it is now.
#[ComplexObject]
impl Milestone {
    /// The dispute that has frozen its money, or divided it, as of the same place in the log.
    async fn dispute(&self, ctx: &Context<'_>) -> Result<Option<Dispute>> {
        let Some(id) = self.key.dispute else { return Ok(None) };
        match (Dispute::visible(ctx, load(ctx, id).await?)?, self.key.past) {
            (Some(dispute), Some(at)) => dispute.at(ctx, at).await,
            (dispute, _) => Ok(dispute),
        }
    }

    /// What went back of its money, or is on the way, oldest first, at most 100; null as of an earlier place.
    #[graphql(complexity = "5 + 2 * child_complexity")]
    async fn refunds(&self, ctx: &Context<'_>) -> Result<Option<Vec<Refund>>> {
        if self.key.past.is_some() {
            return Ok(None);
        }
        let rows = load(ctx, RefundsOf(self.key.milestone)).await?.unwrap_or_default();
        let refunds = rows.into_iter().map(|row| Refund::visible(ctx, row, &self.key.parties));
        refunds.filter_map(Result::transpose).collect::<Result<_>>().map(Some)
    }

    /// The lots of earnings that its releases made, oldest first, at most 100; null as of an earlier place.
    #[graphql(complexity = "5 + 2 * child_complexity")]
    async fn lots(&self, ctx: &Context<'_>) -> Result<Option<Vec<Lot>>> {
        if self.key.past.is_some() {
            return Ok(None);
        }
        let rows = load(ctx, LotsOf(self.key.milestone)).await?;
        Ok(rows.map(|rows| rows.into_iter().map(Lot::from).collect()))
    }
}

/// A request that a milestone's money go back.
#[derive(Clone, Debug, SimpleObject)]
pub(crate) struct RefundRequest {
    /// Why; null where an agreed end asks without words, or once it was erased.
    reasons: Option<String>,
    /// When it was made.
    requested_at: DateTime,
    /// When it is agreed if the talent says nothing.
    answer_by: DateTime,
}

/// The talent's earnings of one release.
#[derive(Clone, Debug, SimpleObject)]
pub(crate) struct Lot {
    /// Its id, `lot_…`.
    id: ID,
    /// What the talent earned, net of fee and tax.
    amount: Money,
    /// When it is due to clear.
    clears_at: DateTime,
    /// When it cleared; from then on it can be paid out.
    cleared_at: Option<DateTime>,
    /// Whether it is frozen; it clears no earlier than it is unfrozen.
    is_frozen: bool,
    /// Whether a dispute has frozen it.
    is_disputed: bool,
    /// When an award took it; what was left of it is another lot.
    taken_at: Option<DateTime>,
}

impl From<LotRow> for Lot {
    fn from(row: LotRow) -> Self {
        Self {
            id: row.id.to_string().into(),
            amount: row.amount.into(),
            clears_at: DateTime(row.clears_at),
            cleared_at: row.cleared_at.map(DateTime),
            is_frozen: row.frozen_at.is_some(),
            is_disputed: row.disputed,
            taken_at: row.taken_at.map(DateTime),
        }
    }
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

impl Milestone {
    /// The milestone of a contract of these parties, as it is.
    pub(super) fn now(row: MilestoneRow, parties: [PartyId; 2]) -> Self {
        let money = |minor| Money::of(minor, row.currency);
        let review = row
            .work
            .as_ref()
            .filter(|_| row.status == contract::MilestoneStatus::Submitted && row.frozen_at.is_none());
        Self {
            key: Key { milestone: row.id, parties, dispute: row.dispute_id, past: None },
            id: row.id.to_string().into(),
            number: row.number,
            status: row.status.into(),
            amount: money(row.amount_minor),
            escrow_held: money(row.escrow_held_minor),
            client_fee_held: money(row.client_fee_held_minor),
            escrow_frozen: money(row.escrow_frozen_minor),
            released: Release {
                gross: money(row.released.gross_minor),
                talent_fee: money(row.released.talent_fee_minor),
                talent_fee_tax: money(row.released.talent_tax_minor),
                client_fee: money(row.released.client_fee_minor),
                client_fee_tax: money(row.released.client_tax_minor),
                net: money(row.released.net_minor()),
            },
            review_ends_at: review.map(|work| DateTime(work.review_ends_at)),
            deposit: row.deposit.as_ref().map(|deposit| deposit_of(deposit, money(deposit.amount_minor))),
            work: row.work.map(Work::from),
            changes: row.changes.map(Changes::from),
            refund_request: row.refund_request.map(RefundRequest::from),
            approved_at: row.approved_at.map(DateTime),
            clears_at: row.clears_at.map(DateTime),
            bonus: row.bonus,
            rounds_of_changes: row.rounds,
            given_back: money(row.granted_minor),
            is_frozen: row.frozen_at.is_some(),
            proposer: row.proposer.map(Side::from),
            drop_proposer: row.drop_proposer.map(Side::from),
            funds_move: row.moves_to.map(|(to, minor)| FundsMove::of(to, money(minor))),
            title: row.title,
        }
    }

    /// The milestone as it stood in `contract`, under its title of today.
    pub(super) fn then(
        ContractAt { contract, at, .. }: &ContractAt,
        milestone: &contract::Milestone,
        title: Option<String>,
    ) -> Self {
        let at = *at;
        let (id, charged) = (milestone.id, &milestone.charged);
        let money = |minor| Money::of(minor, contract.currency);
        let held = |account: fn(ContractId, MilestoneId) -> LedgerAccount| {
            money(milestone.held(account(contract.id, id)))
        };
        let review = contract.timers().into_iter();
        let mut review = review.filter(|timer| timer.kind == TimerKind::AutoApproveMilestone(id));
        let parties = [contract.client, contract.talent];
        Self {
            key: Key { milestone: id, parties, dispute: milestone.dispute(), past: Some(at) },
            id: id.to_string().into(),
            number: milestone.number,
            title,
            status: milestone.status().into(),
            amount: milestone.amount.into(),
            escrow_held: held(LedgerAccount::Escrow),
            client_fee_held: held(LedgerAccount::ClientFeeHeld),
            escrow_frozen: held(LedgerAccount::EscrowInDispute),
            released: Release {
                gross: money(charged.released),
                talent_fee: money(charged.talent_fee),
                talent_fee_tax: money(charged.talent_tax),
                client_fee: money(charged.client_fee),
                client_fee_tax: money(charged.client_tax),
                net: money(charged.released - charged.talent_fee - charged.talent_tax),
            },
            review_ends_at: review.next().map(|timer| DateTime(timer.due)),
            deposit: None,
            work: None,
            changes: None,
            refund_request: None,
            approved_at: None,
            clears_at: None,
            bonus: milestone.bonus,
            rounds_of_changes: milestone.rounds,
            given_back: money(milestone.granted.amount),
            is_frozen: milestone.is_frozen(),
            proposer: milestone.proposer().map(Side::from),
            drop_proposer: milestone.drop_proposer().map(Side::from),
            funds_move: milestone.moves_to().map(|(to, amount)| FundsMove::of(to, amount.into())),
        }
    }
}

impl FundsMove {
    fn of(to: MilestoneId, amount: Money) -> Self {
        Self { to: to.to_string().into(), amount }
    }
}

impl From<RefundRequestRow> for RefundRequest {
    fn from(row: RefundRequestRow) -> Self {
        Self {
            reasons: row.reasons,
            requested_at: DateTime(row.requested_at),
            answer_by: DateTime(row.answer_by),
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
