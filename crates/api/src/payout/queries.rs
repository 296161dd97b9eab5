//! Reading payouts.

use super::Payout;
use super::types::PayoutStatus;
use crate::connection::{PayoutConnection, connection, page};
use crate::permission::{Reach, reach};
use crate::read::{queried, settled};
use crate::scalar::{Cursor, PayoutId, Position};
use async_graphql::{Context, Object, Result};
use domain::id::TypedId;
use projections::{Name, PayoutFilter};

/// Queries on payouts.
#[derive(Default)]
pub(crate) struct PayoutQueries;

/// Queries on payouts.
#[Object]
impl PayoutQueries {
    /// A payout; null if there is none, or it is somebody else's.
    async fn payout(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The payout.")] id: PayoutId,
        #[graphql(desc = "Wait until this position was seen.")] after: Option<Position>,
    ) -> Result<Option<Payout>> {
        reach(ctx, "Query.payout")?;
        let models = settled(ctx, &[Name::PayoutDesk], after.map(|after| after.0)).await?;
        Payout::visible(ctx, queried(models.payout(id.0))?)
    }

    /// The caller's payouts, newest first; all for staff.
    #[graphql(complexity = "5 + first.unwrap_or(20).clamp(0, 100) as usize * child_complexity")]
    async fn payouts(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Only those that stand here.")] status: Option<PayoutStatus>,
        #[graphql(desc = "At most this many, 1 to 100; 20 unless said otherwise.")] first: Option<i32>,
        #[graphql(desc = "Read on after this cursor.")] after: Option<Cursor>,
        #[graphql(desc = "Wait until this position was seen.")] after_position: Option<Position>,
    ) -> Result<Option<PayoutConnection>> {
        reach(ctx, "Query.payouts")?;
        let party = match reach(ctx, "Payout")? {
            Reach::Any => None,
            Reach::Own(party) => Some(party),
            Reach::Public => return Ok(None),
        };
        let filter = PayoutFilter { party, status: status.map(Into::into), ..PayoutFilter::default() };
        listed(ctx, filter, (first, after.as_ref()), after_position).await.map(Some)
    }

    /// The payouts that wait for finance's approval, newest first. For support, finance, compliance, audit and
    /// administration.
    #[graphql(complexity = "5 + first.unwrap_or(20).clamp(0, 100) as usize * child_complexity")]
    async fn payout_reviews(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "At most this many, 1 to 100; 20 unless said otherwise.")] first: Option<i32>,
        #[graphql(desc = "Read on after this cursor.")] after: Option<Cursor>,
        #[graphql(desc = "Wait until this position was seen.")] after_position: Option<Position>,
    ) -> Result<Option<PayoutConnection>> {
        reach(ctx, "Query.payoutReviews")?;
        let filter = PayoutFilter { needs_review: true, ..PayoutFilter::default() };
        listed(ctx, filter, (first, after.as_ref()), after_position).await.map(Some)
    }
}

/// A page of the payouts that the filter lets pass, those aside that the caller doesn't reach.
async fn listed(
    ctx: &Context<'_>,
    filter: PayoutFilter,
    (first, after): (Option<i32>, Option<&Cursor>),
    after_position: Option<Position>,
) -> Result<PayoutConnection> {
    let page = page(first, after, |key| domain::id::PayoutId::parse(key).ok())?;
    let models = settled(ctx, &[Name::PayoutDesk], after_position.map(|after| after.0)).await?;
    let slice = queried(models.payouts(&filter, page))?;
    connection(slice, |row| row.id.to_string(), |row| Payout::visible(ctx, row))
}
