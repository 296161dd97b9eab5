//! The dispute as callers see it.

use super::past::rewound;
use super::words::{
    DisputeAppeal, DisputeDecision, DisputeEvidence, DisputeOutcome, DisputeQuestion, Recommendation,
    SettlementOffer,
};
use crate::as_of::{AsOfInput, Place, answered};
use crate::command::Outcome;
use crate::contract::Contract;
use crate::loader::{EvidenceOf, QuestionsOf, SettlementOffersOf, load};
use crate::money::Money;
use crate::permission::reach;
use crate::proposal::Side;
use crate::read::{queried, settled};
use crate::scalar::{DateTime, PartyId};
use async_graphql::{Context, Enum, ID, Object, Result};
use audit::Auditor;
use audit::as_of::{At, DisputeAt};
use domain::StreamId;
use engine::Position;
use projections::{DisputeRow, Name};
use std::sync::Arc;

/// States of a dispute.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::dispute::DisputeStatus")]
pub(crate) enum DisputeStatus {
    /// One side has claimed, and the other has not answered.
    AwaitingResponse,
    /// Both sides have spoken and look for a settlement.
    Negotiation,
    /// Support hears both sides and will recommend a split.
    Mediation,
    /// Both sides have a recommendation to answer.
    Recommended,
    /// At least one side did not accept it. Both pay for arbitration, or the documents decide.
    ArbitrationOffered,
    /// An arbitrator decides.
    Arbitration,
    /// It is decided; who lost can appeal.
    Decided,
    /// Somebody else looks at the decision again.
    Appealed,
    /// Both sides agree; the money has not moved yet.
    Settled,
    /// Nothing more can be said against the decision; the money has not moved yet.
    Final,
    /// The money has moved.
    Closed,
    /// It was given up.
    Withdrawn,
    /// It rests while a chargeback is open.
    Suspended,
}

/// A disagreement about a milestone's money, which is frozen meanwhile.
#[derive(Clone, Debug)]
pub(crate) struct Dispute {
    row: Box<DisputeRow>,
    /// As it stood, where that was asked for; then the row tells of it as it was.
    past: Option<Arc<DisputeAt>>,
}

impl Dispute {
    /// The dispute of this row, if there is one and the caller reaches it. There is no other way to make a
    /// [`Dispute`].
    ///
    /// # Errors
    /// UNAUTHENTICATED or FORBIDDEN for callers who reach no dispute at all.
    pub(crate) fn visible(ctx: &Context<'_>, row: impl Into<Option<DisputeRow>>) -> Result<Option<Self>> {
        let reach = reach(ctx, "Dispute")?;
        let visible = |row: &DisputeRow| reach.covers(&[row.opener, row.respondent]);
        Ok(row.into().filter(visible).map(|row| Self { row: Box::new(row), past: None }))
    }

    /// The same dispute as of a place in the log; none if it did not exist there.
    ///
    /// # Errors
    /// Those of [`AsOfInput::resolve`], and UNAVAILABLE.
    pub(crate) async fn back_to(self, ctx: &Context<'_>, as_of: &AsOfInput) -> Result<Option<Self>> {
        let (_, at) = as_of.resolve(ctx).await?;
        self.at(ctx, at).await
    }

    /// The same dispute as of a position.
    ///
    /// # Errors
    /// UNAVAILABLE.
    pub(crate) async fn at(self, ctx: &Context<'_>, at: At) -> Result<Option<Self>> {
        let auditor = ctx.data::<Auditor>()?;
        let past = answered(auditor.dispute(self.row.id, at).await)?;
        let then = |past: DisputeAt| {
            let row = Box::new(rewound(*self.row, &past.dispute));
            Self { row, past: Some(Arc::new(past)) }
        };
        Ok(past.map(then))
    }

    /// The number of the last of what is numbered from 1; the highest there is for now.
    fn counted(&self, count: impl Fn(&domain::dispute::Dispute) -> u16) -> u16 {
        self.past.as_ref().map_or(u16::MAX, |past| count(&past.dispute))
    }

    /// So many minor units of its currency.
    fn amount(&self, minor: i64) -> Money {
        Money::of(minor, self.row.disputed.currency())
    }
}

/// A disagreement about a milestone's money, which is frozen meanwhile.
#[Object]
impl Dispute {
    /// Its id, `dsp_…`.
    pub(crate) async fn id(&self) -> ID {
        self.row.id.to_string().into()
    }

    /// The contract, as of the same place in the log.
    async fn contract(&self, ctx: &Context<'_>) -> Result<Option<Contract>> {
        let contract = Contract::visible(ctx, load(ctx, self.row.contract_id).await?)?;
        match (contract, &self.past) {
            (Some(contract), Some(past)) => contract.at(ctx, past.at).await,
            (contract, _) => Ok(contract),
        }
    }

    /// The milestone whose money is disputed.
    async fn milestone_id(&self) -> ID {
        self.row.milestone_id.to_string().into()
    }

    /// Who opened it.
    async fn opener(&self) -> PartyId {
        PartyId(self.row.opener)
    }

    /// Who answers.
    async fn respondent(&self) -> PartyId {
        PartyId(self.row.respondent)
    }

    /// Which side opened it.
    async fn opened_by(&self) -> Side {
        self.row.opened_by.into()
    }

    /// What is divided between the two: the escrow; after the release, what was released and is on hold, before fees.
    async fn disputed(&self) -> Money {
        self.row.disputed.into()
    }

    /// What the opener wants of that, and the most that a recommendation or a decision gives it.
    async fn claim(&self) -> Money {
        self.row.claim.into()
    }

    /// Why; null where a refused refund opened it, or once it was erased.
    async fn reason(&self) -> Option<&str> {
        self.row.reason.as_deref()
    }

    /// What the respondent says to it; null before it answers, or once it was erased.
    async fn answer(&self) -> Option<&str> {
        self.row.answer.as_deref()
    }

    /// Where it stands.
    async fn status(&self) -> DisputeStatus {
        self.row.status.into()
    }

    /// When it was opened.
    async fn opened_at(&self) -> DateTime {
        DateTime(self.row.opened_at)
    }

    /// Where in the log it is told as of; null for now.
    async fn as_of(&self) -> Option<Place> {
        self.past.as_ref().map(|past| past.at.into())
    }

    /// When what it waits for is due; then the next thing happens by itself. Null where it waits for nobody, or for an
    /// admin.
    async fn due_at(&self) -> Option<DateTime> {
        self.row.due_at.map(DateTime)
    }

    /// How often staff let this deadline pass. It is extended once; after that it is an admin's.
    async fn deadlines_missed(&self) -> u16 {
        self.row.deadlines_missed
    }

    /// From when on either side may take it to support.
    async fn escalates_from(&self) -> Option<DateTime> {
        self.row.escalates_from.map(DateTime)
    }

    /// When the evidence was sealed.
    async fn evidence_sealed_at(&self) -> Option<DateTime> {
        self.row.sealed_at.map(DateTime)
    }

    /// What both sides handed in, oldest first: at most 20 pieces each.
    #[graphql(complexity = "5 + 5 * child_complexity")]
    async fn evidence(&self, ctx: &Context<'_>) -> Result<Vec<DisputeEvidence>> {
        let rows = load(ctx, EvidenceOf(self.row.id)).await?.unwrap_or_default();
        let most = self.counted(|then| then.evidence.client + then.evidence.talent);
        Ok(rows.into_iter().filter(|row| row.number <= most).map(DisputeEvidence::from).collect())
    }

    /// What the mediator asked, oldest first: at most 20 questions.
    #[graphql(complexity = "5 + 2 * child_complexity")]
    async fn questions(&self, ctx: &Context<'_>) -> Result<Vec<DisputeQuestion>> {
        let rows = load(ctx, QuestionsOf(self.row.id)).await?.unwrap_or_default();
        let most = self.counted(|then| then.evidence.questions);
        Ok(rows.into_iter().filter(|row| row.number <= most).map(DisputeQuestion::from).collect())
    }

    /// The offers to settle, newest first, of which the first stands: at most 50.
    #[graphql(complexity = "5 + 5 * child_complexity")]
    async fn offers(&self, ctx: &Context<'_>) -> Result<Vec<SettlementOffer>> {
        let rows = load(ctx, SettlementOffersOf(self.row.id)).await?.unwrap_or_default();
        let most = self.counted(|then| then.offers);
        Ok(rows.into_iter().filter(|row| row.number <= most).map(SettlementOffer::from).collect())
    }

    /// What the mediator recommends.
    async fn recommendation(&self) -> Option<Recommendation> {
        let recommended = self.row.recommendation.as_ref();
        recommended.map(|recommended| Recommendation::of(recommended, self.row.accepted_by))
    }

    /// What each side pays for arbitration, once that is offered; null where the documents decide.
    async fn arbitration_fee(&self) -> Option<Money> {
        self.row.fee_minor.map(|minor| self.amount(minor))
    }

    /// What is held of the client's fee for arbitration.
    async fn client_fee_held(&self) -> Money {
        self.amount(self.row.client_paid_minor)
    }

    /// What is held of the talent's fee for arbitration.
    async fn talent_fee_held(&self) -> Money {
        self.amount(self.row.talent_paid_minor)
    }

    /// How it is decided.
    async fn decision(&self) -> Option<DisputeDecision> {
        self.row.decision.clone().map(DisputeDecision::from)
    }

    /// The appeal against the decision.
    async fn appeal(&self) -> Option<DisputeAppeal> {
        self.row.appeal.clone().map(DisputeAppeal::from)
    }

    /// What it came to, once nothing more can be said against it.
    async fn outcome(&self) -> Option<DisputeOutcome> {
        let settled = self.row.settlement.clone().map(DisputeOutcome::from);
        settled.or_else(|| self.row.finality.clone().map(DisputeOutcome::from))
    }

    /// The side that wants to give it up, where both have to.
    async fn withdrawal_by(&self) -> Option<Side> {
        self.row.withdrawal_by.map(Side::from)
    }

    /// When the money moved, or it was given up.
    async fn closed_at(&self) -> Option<DateTime> {
        self.row.closed_at.map(DateTime)
    }
}

/// The dispute of a mutation's outcome, as of its events.
pub(crate) async fn of_outcome(
    ctx: &Context<'_>,
    outcome: &Outcome,
    position: Position,
) -> Result<Option<Dispute>> {
    let id = outcome.find(|stream| if let StreamId::Dispute(id) = stream { Some(id) } else { None });
    let Some(id) = id else { return Ok(None) };
    let models = settled(ctx, &[Name::DisputeDesk], Some(position)).await?;
    Dispute::visible(ctx, queried(models.dispute(id))?)
}
