//! How the marketplace's machinery is.

#![expect(clippy::unused_async, reason = "resolvers are async by their framework's signature")]

use crate::permission::reach;
use crate::scalar::Position;
use async_graphql::{Context, Object, Result, SimpleObject};
use engine::Clock;
use projections::ReadModels;
use std::sync::Arc;

/// How far a read model is behind the log.
#[derive(Clone, Debug, SimpleObject)]
pub(crate) struct ReadModelStatus {
    /// Its name.
    name: String,
    /// Everything up to here is in it.
    position: Position,
    /// The newest position of the log.
    head: Position,
    /// Events that are not in it yet.
    lag_events: u64,
    /// Age of the oldest of them, in seconds.
    lag_seconds: f64,
    /// Why it stopped, if it did.
    halted: Option<String>,
}

/// Queries on the machinery.
#[derive(Default)]
pub(crate) struct MarketplaceQueries;

/// Queries on the machinery.
#[Object]
impl MarketplaceQueries {
    /// How far each read model is. For support, audit and administration.
    async fn read_models(&self, ctx: &Context<'_>) -> Result<Option<Vec<ReadModelStatus>>> {
        reach(ctx, "Query.readModels")?;
        let now = ctx.data::<Arc<dyn Clock>>()?.now();
        let statuses = ctx.data::<ReadModels>()?.status(now);
        let shown = statuses.into_iter().map(|status| ReadModelStatus {
            name: status.name.to_string(),
            position: Position(status.position),
            head: Position(status.head),
            lag_events: status.lag_events,
            lag_seconds: status.lag_time.as_secs_f64(),
            halted: status.halted.map(|reason| reason.to_string()),
        });
        Ok(Some(shown.collect()))
    }
}
