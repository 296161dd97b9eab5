//! What is paused.

use crate::command::Outcome;
use crate::permission::reach;
use crate::read::{queried, settled};
use crate::scalar::{DateTime, Position};
use async_graphql::{Context, Enum, Object, Result, SimpleObject};
use projections::{Name, PauseRow, ReadModels};

/// The processes: what is done without anybody asking.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "domain::process::ProcessName")]
pub(crate) enum ProcessName {
    /// Has requested deposits captured.
    Funding,
    /// Sends money back that has no purpose, and what was refunded.
    Refunding,
    /// Sends approved payouts.
    Payouts,
    /// Fires what is due.
    Timers,
}

/// What can be paused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "projections::PauseKind")]
pub(crate) enum PauseKind {
    /// A process: it does nothing.
    Process,
    /// A rail: no provider is called on it.
    Rail,
}

/// Something that is paused.
#[derive(Clone, Debug, SimpleObject)]
pub(crate) struct Pause {
    /// Whether it is a process or a rail.
    kind: PauseKind,
    /// The name of the process or the rail.
    what: String,
    /// Since when.
    since: DateTime,
    /// What the operator said about it.
    reason: String,
}

impl From<PauseRow> for Pause {
    fn from(row: PauseRow) -> Self {
        Self { kind: row.kind.into(), what: row.what, since: DateTime(row.since), reason: row.reason }
    }
}

/// All that is paused, to those who may know. There is no other way to make a [`Pause`].
fn paused(ctx: &Context<'_>, models: &ReadModels) -> Result<Option<Vec<Pause>>> {
    reach(ctx, "Pause")?;
    Ok(Some(queried(models.pauses())?.into_iter().map(Pause::from).collect()))
}

/// All that is paused, as of the events of a mutation's outcome.
pub(super) async fn of_outcome(
    ctx: &Context<'_>,
    _: &Outcome,
    position: engine::Position,
) -> Result<Option<Vec<Pause>>> {
    paused(ctx, settled(ctx, &[Name::PayoutDesk], Some(position)).await?)
}

/// Queries on what is paused.
#[derive(Default)]
pub(crate) struct PauseQueries;

/// Queries on what is paused.
#[Object]
impl PauseQueries {
    /// The processes and rails that an operator has paused. For support, finance, compliance, audit and
    /// administration.
    async fn pauses(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Wait until this position was seen.")] after: Option<Position>,
    ) -> Result<Option<Vec<Pause>>> {
        reach(ctx, "Query.pauses")?;
        paused(ctx, settled(ctx, &[Name::PayoutDesk], after.map(|after| after.0)).await?)
    }
}
