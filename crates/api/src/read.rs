//! Reading at or after a position: waits for every read model that a field touches, bounded, and says so when the
//! time ran out.

use crate::error::system;
use crate::http::SystemCode;
use async_graphql::{Context, Result};
use engine::Position;
use projections::{Name, QueryFault, ReadModels, Waited};
use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::Duration;

/// How long a read waits for its position before it answers with what there is.
pub(crate) const WAIT_MAX: Duration = Duration::from_secs(2);

/// Whether anything that a request read was older than it asked for; told in the response's `extensions.stale`.
#[derive(Debug, Default)]
pub(crate) struct Staleness(Mutex<Option<Position>>);

impl Staleness {
    fn mark(&self, at: Position) {
        let mut oldest = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *oldest = Some(oldest.map_or(at, |other| other.min(at)));
    }

    /// Where the slowest read model that was read stood, if it was behind what was asked for.
    pub(crate) fn at(&self) -> Option<Position> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The read models, once those named have seen `after`, or the time has run out.
pub(crate) async fn settled<'a>(
    ctx: &Context<'a>,
    names: &[Name],
    after: Option<Position>,
) -> Result<&'a ReadModels> {
    let models = ctx.data::<ReadModels>()?;
    let Some(after) = after else { return Ok(models) };
    match models.wait_for(names, after, WAIT_MAX).await {
        Waited::Reached => {}
        Waited::Stale { at } => ctx.data::<std::sync::Arc<Staleness>>()?.mark(at),
        Waited::Halted { name, at, reason } => {
            tracing::error!(%name, %at, %reason, "a query reads a read model that has halted");
            ctx.data::<std::sync::Arc<Staleness>>()?.mark(at);
        }
    }
    Ok(models)
}

/// A read that failed is the machinery's fault, not the caller's.
pub(crate) fn queried<T>(result: Result<T, QueryFault>) -> Result<T> {
    result.map_err(|fault| {
        tracing::error!(%fault, "a query failed");
        system(SystemCode::Unavailable, "this can't be read at the moment; try again")
    })
}
