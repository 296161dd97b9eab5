//! Reading disputes.

use super::{Dispute, types::DisputeStatus};
use crate::as_of::AsOfInput;
use crate::connection::{DisputeConnection, connection, page};
use crate::permission::{Reach, reach};
use crate::read::{queried, settled};
use crate::scalar::{Cursor, DisputeId, Position};
use async_graphql::{Context, Object, Result};
use domain::id::TypedId;
use projections::{DisputeFilter, Name};

/// Queries on disputes.
#[derive(Default)]
pub(crate) struct DisputeQueries;

/// Queries on disputes.
#[Object]
impl DisputeQueries {
    /// A dispute; null if there is none, or the caller is no party to it.
    async fn dispute(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The dispute.")] id: DisputeId,
        #[graphql(desc = "Wait until this position was seen.")] after: Option<Position>,
        #[graphql(desc = "As it stood at this place in the log, instead of now.")] as_of: Option<AsOfInput>,
    ) -> Result<Option<Dispute>> {
        reach(ctx, "Query.dispute")?;
        let models = settled(ctx, &[Name::DisputeDesk], after.map(|after| after.0)).await?;
        let dispute = Dispute::visible(ctx, queried(models.dispute(id.0))?)?;
        match (dispute, as_of) {
            (Some(dispute), Some(as_of)) => dispute.back_to(ctx, &as_of).await,
            (dispute, _) => Ok(dispute),
        }
    }

    /// The caller's disputes, on either side, newest first; all for staff, or those that stand so.
    #[graphql(complexity = "5 + first.unwrap_or(20).clamp(0, 100) as usize * child_complexity")]
    async fn disputes(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "For staff: those that stand so.")] status: Option<DisputeStatus>,
        #[graphql(desc = "At most this many, 1 to 100; 20 unless said otherwise.")] first: Option<i32>,
        #[graphql(desc = "Read on after this cursor.")] after: Option<Cursor>,
        #[graphql(desc = "Wait until this position was seen.")] after_position: Option<Position>,
    ) -> Result<Option<DisputeConnection>> {
        reach(ctx, "Query.disputes")?;
        let filter = match reach(ctx, "Dispute")? {
            Reach::Any => status.map_or(DisputeFilter::All, |status| DisputeFilter::Status(status.into())),
            Reach::Own(party) => DisputeFilter::Party(party),
            Reach::Public => return Ok(None),
        };
        let page = page(first, after.as_ref(), |key| domain::id::DisputeId::parse(key).ok())?;
        let models = settled(ctx, &[Name::DisputeDesk], after_position.map(|after| after.0)).await?;
        let slice = queried(models.disputes(filter, page))?;
        connection(slice, |row| row.id.to_string(), |row| Dispute::visible(ctx, row)).map(Some)
    }
}
