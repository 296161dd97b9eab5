//! What an operator has paused.

use super::{PAUSED, PAUSES, RESUMED};
use crate::columns::{Columns, Named};
use crate::error::QueryFault;
use crate::pool::many;
use crate::read_model::{ApplyError, found};
use crate::read_models::ReadModels;
use crate::sql::execute;
use domain::Timestamp;
use domain::marketplace::MarketplaceEvent;
use rusqlite::{Connection, Row};

/// What can be paused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PauseKind {
    /// A process: it does nothing.
    Process,
    /// A rail: no provider is called on it.
    Rail,
}

impl Named for PauseKind {
    fn name(self) -> &'static str {
        match self {
            Self::Process => "process",
            Self::Rail => "rail",
        }
    }

    fn named(name: &str) -> Option<Self> {
        [Self::Process, Self::Rail].into_iter().find(|kind| kind.name() == name)
    }
}

/// Something that is paused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PauseRow {
    /// Whether it is a process or a rail.
    pub kind: PauseKind,
    /// The name of the process or the rail, such as `funding` or `sandbox`.
    pub what: String,
    /// Since when.
    pub since: Timestamp,
    /// What the operator said about it.
    pub reason: String,
}

pub(super) fn apply(on: &Connection, event: &MarketplaceEvent, at: Timestamp) -> Result<(), ApplyError> {
    let paused = |kind: PauseKind, what: &str, reason: &str| {
        execute(on, PAUSED, (kind.name(), what, at.micros(), reason)).map_err(ApplyError::from)
    };
    let resumed = |kind: PauseKind, what: &str| execute(on, RESUMED, (kind.name(), what));
    let rows = match event {
        // Neither pauses anything.
        MarketplaceEvent::PolicyPublished(_) | MarketplaceEvent::ReadModelRebuildRequested(_) => {
            return Ok(());
        }
        MarketplaceEvent::ProcessPaused(e) => {
            paused(PauseKind::Process, e.process.as_str(), e.reason.as_str())?
        }
        MarketplaceEvent::ProcessResumed(e) => resumed(PauseKind::Process, e.process.as_str())?,
        MarketplaceEvent::RailPaused(e) => paused(PauseKind::Rail, &e.rail, e.reason.as_str())?,
        MarketplaceEvent::RailResumed(e) => resumed(PauseKind::Rail, &e.rail)?,
    };
    found("pause", rows)
}

fn row(row: &Row<'_>) -> rusqlite::Result<PauseRow> {
    let mut columns = Columns::of(row);
    Ok(PauseRow {
        kind: columns.named()?,
        what: columns.take()?,
        since: columns.instant()?,
        reason: columns.take()?,
    })
}

/// What an operator has paused.
impl ReadModels {
    /// The processes and rails that are paused, in this order and then by name.
    ///
    /// # Errors
    /// [`QueryFault`].
    pub fn pauses(&self) -> Result<Vec<PauseRow>, QueryFault> {
        self.query(|on| many(on, PAUSES, [], row))
    }
}
