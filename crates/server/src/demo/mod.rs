//! `dev --demo`: fills a new store with ninety days of a marketplace, by real commands.
//!
//! Shape: [`stories`] is data, a job a row with all that comes of it, day by day. [`script`] merges the rows into one
//! course of time, and [`play`] has each step given by the person who would give it. Everything else happens by itself:
//! processes, timers and the sandbox follow between two steps, as they would in life. The people of `tokens.json` take
//! part, so their tokens show something. The same seed makes the same log.

mod cast;
mod play;
mod script;
mod stories;
#[cfg(test)]
mod tests;

use crate::wire::Failure;
use domain::Timestamp;
use engine::step::Stepper;
use engine::{Clock, Engine, SimulatedClock};
use play::Player;
use std::sync::Arc;

/// How many days the demo tells.
pub(crate) const DAYS: u16 = 90;

/// What the demo is played on.
pub(crate) struct Stage {
    /// Of an empty log.
    pub(crate) engine: Engine,
    /// Shows the first instant of the demo.
    pub(crate) clock: Arc<SimulatedClock>,
    /// Drives all that happens by itself.
    pub(crate) stepper: Stepper,
    /// Who names the people.
    pub(crate) issuer: &'static str,
    /// Where the clock ends, [`DAYS`] after the first instant.
    pub(crate) until: Timestamp,
}

/// Fills the empty log.
pub(crate) async fn fill(stage: &mut Stage, seed: u64) -> Result<(), Failure> {
    let mut player = Player::new(stage.engine.clone(), stage.issuer, seed)?;
    for cue in script::script(stage.clock.now(), seed) {
        stage.stepper.advance_to(cue.at).await?;
        player.play(&cue).await.map_err(|failure| format!("the demo, {cue}: {failure}"))?;
        stage.stepper.settle().await?;
    }
    stage.stepper.advance_to(stage.until).await?;
    Ok(())
}
