//! How far each read model is, and waiting for it.

use crate::{HaltReason, Name};
use domain::Timestamp;
use eventstore::{LeafHash, Position};
use std::time::Duration;

/// Where one read model stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Standing {
    pub(crate) name: Name,
    /// Everything up to here is in the rows.
    pub(crate) position: Position,
    /// The leaf there; of no meaning at [`Position::START`].
    pub(crate) leaf: LeafHash,
    /// When the event after it was recorded, if that event was seen and is not applied yet.
    pub(crate) next_recorded_at: Option<Timestamp>,
    pub(crate) halted: Option<HaltReason>,
}

/// How far a read model is behind the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Status {
    /// Which read model.
    pub name: Name,
    /// Everything up to here is in its rows.
    pub position: Position,
    /// The newest position of the log that is known here; the model's own before the worker was started.
    pub head: Position,
    /// Events of the log that are not in its rows.
    pub lag_events: u64,
    /// Age of the oldest of them that was read from the log; zero if none was.
    pub lag_time: Duration,
    /// Why it stopped, if it did.
    pub halted: Option<HaltReason>,
}

impl Standing {
    /// This standing against a log that ends at `head`, at the instant `now`.
    pub(crate) fn status(&self, head: Position, now: Timestamp) -> Status {
        let head = head.max(self.position);
        let age = self.next_recorded_at.map_or(0, |recorded| now.micros().saturating_sub(recorded.micros()));
        Status {
            name: self.name,
            position: self.position,
            head,
            lag_events: head.get() - self.position.get(),
            lag_time: Duration::from_micros(u64::try_from(age).unwrap_or(0)),
            halted: self.halted.clone(),
        }
    }
}

impl Status {
    #[expect(clippy::cast_precision_loss, reason = "gauges are floats; positions stay far below 2^53")]
    pub(crate) fn record_metrics(&self) {
        let name = self.name.as_str();
        metrics::gauge!("counterfoil_read_model_position", "name" => name).set(self.position.get() as f64);
        metrics::gauge!("counterfoil_read_model_lag_events", "name" => name).set(self.lag_events as f64);
        metrics::gauge!("counterfoil_read_model_lag_seconds", "name" => name)
            .set(self.lag_time.as_secs_f64());
        let halted = if self.halted.is_some() { 1.0 } else { 0.0 };
        metrics::gauge!("counterfoil_read_model_halted", "name" => name).set(halted);
    }
}

/// What came of waiting for read models.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Waited {
    /// Every one of them has applied the position.
    Reached,
    /// The time ran out.
    Stale {
        /// Where the slowest of them stands.
        at: Position,
    },
    /// One of them has stopped before the position, so that waiting is of no use.
    Halted {
        /// Which one.
        name: Name,
        /// Where it stands.
        at: Position,
        /// Why it stopped.
        reason: HaltReason,
    },
}

impl Waited {
    /// How those of `standings` that are among `names` stand to `position` now.
    pub(crate) fn judge(standings: &[Standing], names: &[Name], position: Position) -> Self {
        let short = standings
            .iter()
            .filter(|standing| names.contains(&standing.name) && standing.position < position);
        let halted =
            short.clone().find_map(|standing| standing.halted.clone().map(|reason| (standing, reason)));
        if let Some((standing, reason)) = halted {
            return Self::Halted { name: standing.name, at: standing.position, reason };
        }
        short.map(|standing| standing.position).min().map_or(Self::Reached, |at| Self::Stale { at })
    }
}
