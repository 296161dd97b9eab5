//! The queues of those who settle, decide and pay: their first rows, told anew whenever they have changed.
//!
//! What a subscription tells is what the query of the same list answers at that position; the rest of a long list is
//! read there, after the cursor.

use super::Followed;
use crate::connection::{
    AttentionItemConnection, DisputeConnection, PayoutConnection, connection, first_rows,
};
use crate::dispute::Dispute;
use crate::operation;
use crate::payout::Payout;
use crate::read::queried;
use crate::scalar::Position;
use async_graphql::{Context, Result, SimpleObject, Subscription};
use futures_util::{Stream, TryStreamExt};
use projections::{DisputeFilter, Name, Page, PayoutFilter, ReadModels, Slice, Topic};
use std::future::ready;
use std::time::Duration;

/// How soon it is looked at again whether something has waited for too long: nothing is recorded then.
const LOOK_AGAIN_AFTER: Duration = Duration::from_millis(if cfg!(test) { 20 } else { 60_000 });

/// What needs a person, as it became.
#[derive(SimpleObject)]
pub(crate) struct AttentionChange {
    /// Everything up to here is in it.
    position: Position,
    /// What needs a person, oldest first.
    attention: AttentionItemConnection,
}

/// The payouts to review, as they became.
#[derive(SimpleObject)]
pub(crate) struct PayoutReviewsChange {
    /// Everything up to here is in it.
    position: Position,
    /// The payouts that wait for finance's approval, newest first.
    payouts: PayoutConnection,
}

/// The disputes, as they became.
#[derive(SimpleObject)]
pub(crate) struct DisputesChange {
    /// Everything up to here is in it.
    position: Position,
    /// The disputes, newest first.
    disputes: DisputeConnection,
}

/// Only those states of a queue that differ from the one before.
fn changed<R: Clone + PartialEq>(
    states: impl Stream<Item = Result<(Position, Slice<R>)>>,
) -> impl Stream<Item = Result<(Position, Slice<R>)>> {
    let mut told = None;
    states.try_filter(move |(_, rows)| {
        let differs = told.as_ref() != Some(rows);
        told = Some(rows.clone());
        ready(differs)
    })
}

/// Queues as they change.
#[derive(Default)]
pub(crate) struct QueueChanges;

/// Queues as they change.
#[Subscription]
impl QueueChanges {
    /// What needs a person, as `attention` lists it: as it is now, or with `after` from its first change after that
    /// position; then whatever it changes to. For support, finance, compliance, audit and administration.
    #[graphql(complexity = "5 + first.unwrap_or(20).clamp(0, 100) as usize * child_complexity")]
    async fn attention_changed(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "At most this many, 1 to 100; 20 unless said otherwise.")] first: Option<i32>,
        #[graphql(desc = "Resume after this position.")] after: Option<Position>,
    ) -> Result<impl Stream<Item = Result<AttentionChange>>> {
        let followed = Followed {
            field: "Subscription.attentionChanged",
            noun: "queue",
            topic: Topic::Attention,
            models: &[Name::PayoutDesk],
            again: Some(LOOK_AGAIN_AFTER),
        };
        let page = Page::first(first_rows(first)?);
        let read = move |models: &ReadModels| operation::needing_a_person(ctx, models, &page).map(Some);
        let states = changed(followed.states(ctx, after, read).await?);
        Ok(states.and_then(|(position, rows)| {
            ready(operation::listed(rows).map(|attention| AttentionChange { position, attention }))
        }))
    }

    /// The payouts that wait for finance's approval, as `payoutReviews` lists them: as they are now, or with
    /// `after` from their first change after that position; then whatever they change to. For support, finance,
    /// compliance, audit and administration.
    #[graphql(complexity = "5 + first.unwrap_or(20).clamp(0, 100) as usize * child_complexity")]
    async fn payout_reviews_changed(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "At most this many, 1 to 100; 20 unless said otherwise.")] first: Option<i32>,
        #[graphql(desc = "Resume after this position.")] after: Option<Position>,
    ) -> Result<impl Stream<Item = Result<PayoutReviewsChange>>> {
        let followed = Followed {
            field: "Subscription.payoutReviewsChanged",
            noun: "queue",
            topic: Topic::Payouts,
            models: &[Name::PayoutDesk],
            again: None,
        };
        let page = Page::first(first_rows(first)?);
        let filter = PayoutFilter { needs_review: true, ..PayoutFilter::default() };
        let read = move |models: &ReadModels| queried(models.payouts(&filter, page)).map(Some);
        let states = changed(followed.states(ctx, after, read).await?);
        Ok(states.and_then(move |(position, rows)| {
            let payouts = connection(rows, |row| row.id.to_string(), |row| Payout::visible(ctx, row));
            ready(payouts.map(|payouts| PayoutReviewsChange { position, payouts }))
        }))
    }

    /// All disputes, as `disputes` lists them: as they are now, or with `after` from their first change after that
    /// position; then whatever they change to. For staff.
    #[graphql(complexity = "5 + first.unwrap_or(20).clamp(0, 100) as usize * child_complexity")]
    async fn disputes_changed(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "At most this many, 1 to 100; 20 unless said otherwise.")] first: Option<i32>,
        #[graphql(desc = "Resume after this position.")] after: Option<Position>,
    ) -> Result<impl Stream<Item = Result<DisputesChange>>> {
        let followed = Followed {
            field: "Subscription.disputesChanged",
            noun: "queue",
            topic: Topic::Disputes,
            models: &[Name::ContractBoard],
            again: None,
        };
        let page = Page::first(first_rows(first)?);
        let read = move |models: &ReadModels| queried(models.disputes(DisputeFilter::All, page)).map(Some);
        let states = changed(followed.states(ctx, after, read).await?);
        Ok(states.and_then(move |(position, rows)| {
            let disputes = connection(rows, |row| row.id.to_string(), |row| Dispute::visible(ctx, row));
            ready(disputes.map(|disputes| DisputesChange { position, disputes }))
        }))
    }
}
