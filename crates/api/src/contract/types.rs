//! The contract as callers see it.

#![expect(clippy::unused_async, reason = "resolvers are async by their framework's signature")]

use super::milestone::Milestone;
use super::timeline::{Balance, timeline};
use crate::as_of::{AsOfInput, Place, answered};
use crate::command::Outcome;
use crate::connection::FactConnection;
use crate::job::Job;
use crate::loader::{MilestonesOf, load};
use crate::money::Money;
use crate::permission::reach;
use crate::proposal::{FeeQuote, Side};
use crate::read::{queried, settled};
use crate::scalar::{CurrencyCode, Cursor, DateTime, PartyId, Sha256};
use async_graphql::{Context, Enum, ID, Object, Result, SimpleObject};
use audit::Auditor;
use audit::as_of::{At, ContractAt};
use domain::StreamId;
use domain::contract::Change;
use domain::personal::Personal;
use domain::text::Title;
use engine::Position;
use projections::{AmendmentRow, ContractRow, EndRow, Name};
use std::sync::Arc;

/// States of a contract.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::contract::ContractStatus")]
pub(crate) enum ContractStatus {
    /// Agreed, nothing funded yet.
    Created,
    /// A milestone was funded.
    Active,
    /// It goes on, and begins nothing new while there is a reason.
    Paused,
    /// One side asked for the end, or it is agreed and money is still held.
    Ending,
    /// It has ended; nothing is held but a bonus on its way.
    Ended,
    /// The house ends it; what is held is frozen until it is settled.
    Terminating,
    /// The house ended it; nothing is held.
    Terminated,
    /// It came to nothing before anybody funded it.
    Cancelled,
}

/// Why a contract begins nothing new.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::contract::PauseReason")]
pub(crate) enum PauseReason {
    /// The client wants it.
    Client,
    /// Support wants it.
    Support,
}

/// What one side proposes to change of what was agreed.
#[derive(Clone, Debug, SimpleObject)]
pub(crate) struct Amendment {
    /// Counts the contract's amendments from 1; it is answered by this number.
    number: u32,
    /// The side that proposes it; the other answers.
    proposer: Side,
    /// When it was proposed.
    proposed_at: DateTime,
    /// What changes, all of it or nothing.
    milestones: Vec<AmendedMilestone>,
}

/// A milestone as an amendment would have it.
#[derive(Clone, Debug, SimpleObject)]
pub(crate) struct AmendedMilestone {
    /// The milestone that changes; null for a further one.
    milestone_id: Option<ID>,
    /// The new title, if it changes; null also once it was erased.
    title: Option<String>,
    /// The new amount, if it changes.
    amount: Option<Money>,
}

impl From<&Change> for AmendedMilestone {
    fn from(change: &Change) -> Self {
        let said = |title: &Personal<Title>| title.clear().map(|title| title.as_str().to_owned());
        match change {
            Change::Add { title, amount } => {
                Self { milestone_id: None, title: said(title), amount: Some((*amount).into()) }
            }
            Change::Revise { milestone_id, title, amount } => Self {
                milestone_id: Some(milestone_id.to_string().into()),
                title: title.as_ref().and_then(said),
                amount: amount.map(Money::from),
            },
        }
    }
}

impl From<AmendmentRow> for Amendment {
    fn from(row: AmendmentRow) -> Self {
        Self {
            number: row.number,
            proposer: row.proposer.into(),
            proposed_at: DateTime(row.proposed_at),
            milestones: row.changes.iter().map(AmendedMilestone::from).collect(),
        }
    }
}

/// That the house ends a contract.
#[derive(Clone, Debug, SimpleObject)]
pub(crate) struct Termination {
    /// Since when.
    begun_at: DateTime,
    /// Why; null once it was erased.
    reason: Option<String>,
}

/// A side's request that the contract end.
#[derive(Clone, Copy, Debug, SimpleObject)]
pub(crate) struct EndRequest {
    /// The side that asked.
    requester: Side,
    /// When it asked.
    requested_at: DateTime,
    /// When the end is agreed if the other side says nothing.
    answer_by: DateTime,
    /// When it was agreed; the contract ends once nothing is held any more.
    agreed_at: Option<DateTime>,
}

impl From<EndRow> for EndRequest {
    fn from(row: EndRow) -> Self {
        Self {
            requester: row.requester.into(),
            requested_at: DateTime(row.requested_at),
            answer_by: DateTime(row.answer_by),
            agreed_at: row.agreed_at.map(DateTime),
        }
    }
}

/// What a client and a talent agreed on.
#[derive(Clone, Debug)]
pub(crate) struct Contract {
    row: ContractRow,
    /// As it stood, where that was asked for; what never changes is the row's.
    past: Option<Arc<ContractAt>>,
}

impl Contract {
    /// The contract of this row, if there is one and the caller reaches it. There is no other way to make a
    /// [`Contract`].
    ///
    /// # Errors
    /// UNAUTHENTICATED or FORBIDDEN for callers who reach no contract at all.
    pub(crate) fn visible(ctx: &Context<'_>, row: impl Into<Option<ContractRow>>) -> Result<Option<Self>> {
        let reach = reach(ctx, "Contract")?;
        let visible = |row: &ContractRow| reach.covers(&[row.client, row.talent]);
        Ok(row.into().filter(visible).map(|row| Self { row, past: None }))
    }

    /// The same contract as of a place in the log; none if it did not exist there.
    ///
    /// # Errors
    /// Those of [`AsOfInput::resolve`], and UNAVAILABLE.
    pub(crate) async fn back_to(self, ctx: &Context<'_>, as_of: &AsOfInput) -> Result<Option<Self>> {
        let (_, at) = as_of.resolve(ctx).await?;
        self.at(ctx, at).await
    }

    /// The same contract as of a place in the log that is known; none if it did not exist there.
    ///
    /// # Errors
    /// UNAVAILABLE.
    pub(crate) async fn at(self, ctx: &Context<'_>, at: At) -> Result<Option<Self>> {
        let auditor = ctx.data::<Auditor>()?;
        let past = answered(auditor.contract(self.row.id, at).await)?;
        Ok(past.map(|past| Self { row: self.row, past: Some(Arc::new(past)) }))
    }
}

/// What a client and a talent agreed on.
#[Object]
impl Contract {
    /// Its id, `ctr_…`.
    pub(crate) async fn id(&self) -> ID {
        self.row.id.to_string().into()
    }

    /// The job that hired.
    async fn job(&self, ctx: &Context<'_>) -> Result<Option<Job>> {
        Job::visible(ctx, load(ctx, self.row.job_id).await?)
    }

    /// Who pays.
    async fn client(&self) -> PartyId {
        PartyId(self.row.client)
    }

    /// Who works.
    async fn talent(&self) -> PartyId {
        PartyId(self.row.talent)
    }

    /// The one currency of the contract.
    async fn currency(&self) -> CurrencyCode {
        CurrencyCode(self.row.currency.code().to_owned())
    }

    /// Where it stands.
    async fn status(&self) -> ContractStatus {
        self.past.as_ref().map_or(self.row.status, |past| past.contract.status()).into()
    }

    /// What both sides agreed to.
    async fn terms_hash(&self) -> Sha256 {
        Sha256(self.row.terms_hash)
    }

    /// The fees, fixed.
    async fn fees(&self) -> FeeQuote {
        self.row.fees.into()
    }

    /// The version of the marketplace's policy that fees and windows come from.
    async fn policy_version(&self) -> u32 {
        self.row.policy_version
    }

    /// When the offer was accepted.
    async fn created_at(&self) -> DateTime {
        DateTime(self.row.created_at)
    }

    /// When it is cancelled if nothing is funded by then.
    async fn unfunded_until(&self) -> DateTime {
        DateTime(self.row.unfunded_until)
    }

    /// The request that it end, unless it was taken back; null as of an earlier place.
    async fn end_request(&self) -> Option<EndRequest> {
        self.row.end.filter(|_| self.past.is_none()).map(EndRequest::from)
    }

    /// When it ended; null as of an earlier place.
    async fn ended_at(&self) -> Option<DateTime> {
        self.row.ended_at.filter(|_| self.past.is_none()).map(DateTime)
    }

    /// Why it begins nothing new; null as of an earlier place.
    async fn pauses(&self) -> Option<Vec<PauseReason>> {
        let pauses = || self.row.pauses.iter().copied().map(PauseReason::from).collect();
        self.past.is_none().then(pauses)
    }

    /// The amendment that waits for an answer; null as of an earlier place.
    async fn amendment(&self) -> Option<Amendment> {
        self.row.amendment.clone().filter(|_| self.past.is_none()).map(Amendment::from)
    }

    /// The side that wants to go on after the end, while the other has not agreed; null as of an earlier place.
    async fn reopen_proposer(&self) -> Option<Side> {
        self.row.reopen_proposer.filter(|_| self.past.is_none()).map(Side::from)
    }

    /// Its end by the house; null as of an earlier place.
    async fn termination(&self) -> Option<Termination> {
        let row = self.row.termination.clone().filter(|_| self.past.is_none());
        row.map(|row| Termination { begun_at: DateTime(row.begun_at), reason: row.reason })
    }

    /// The milestones, in the order of their numbers.
    #[graphql(complexity = "5 + 5 * child_complexity")]
    async fn milestones(&self, ctx: &Context<'_>) -> Result<Option<Vec<Milestone>>> {
        let (parties, rows) =
            ([self.row.client, self.row.talent], load(ctx, MilestonesOf(self.row.id)).await?);
        let Some(rows) = rows else { return Ok(None) };
        let Some(past) = &self.past else {
            return Ok(Some(rows.into_iter().map(|row| Milestone::now(row, parties)).collect()));
        };
        let titled = |milestone: &domain::contract::Milestone| {
            let row = rows.iter().find(|row| row.id == milestone.id);
            Milestone::then(past, milestone, row.and_then(|row| row.title.clone()))
        };
        Ok(Some(past.contract.milestones.iter().map(titled).collect()))
    }

    /// Where in the log it is told as of; null for now.
    async fn as_of(&self) -> Option<Place> {
        self.past.as_ref().map(|past| past.at.into())
    }

    /// What its accounts held as of the place in the log, of the entries that count there; null for now.
    async fn balances(&self) -> Result<Option<Vec<Balance>>> {
        self.past.as_ref().map(|past| past.balances.iter().map(Balance::of).collect()).transpose()
    }

    /// Every fact of the contract and of all that was opened under it, in order, with what its accounts held after
    /// each.
    #[graphql(complexity = "20 + first.unwrap_or(20).clamp(0, 100) as usize * child_complexity")]
    async fn timeline(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "At most this many, 1 to 100; 20 unless said otherwise.")] first: Option<i32>,
        #[graphql(desc = "Read on after this cursor.")] after: Option<Cursor>,
    ) -> Result<Option<FactConnection>> {
        timeline(ctx, self.row.id, self.past.as_ref().map(|past| past.at), (first, after.as_ref())).await
    }
}

/// The contract of a mutation's outcome, as of its events.
pub(crate) async fn of_outcome(
    ctx: &Context<'_>,
    outcome: &Outcome,
    position: Position,
) -> Result<Option<Contract>> {
    let id = outcome.find(|stream| if let StreamId::Contract(id) = stream { Some(id) } else { None });
    let Some(id) = id else { return Ok(None) };
    let models = settled(ctx, &[Name::ContractBoard], Some(position)).await?;
    Contract::visible(ctx, queried(models.contract(id))?)
}
