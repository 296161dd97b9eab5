//! The committer: one per log. Commands queue; it decides them in order on the state at the head, and appends what
//! was decided in batches.
//!
//! Phases: while a batch is being appended, the commands that arrive are decided on top of it, and make the next
//! batch. So a lone command waits for one flush, and a thousand share it; there is no artificial delay. Cost: one
//! look-up of command keys per batch, one durable append per batch, no read for a warm stream; cold streams of a
//! batch are loaded together, while the batch before is being appended. Bounds: [`COMMANDS_QUEUED_MAX`] in the
//! queue, [`batch::EVENTS_TARGET`] events a batch, the cache in bytes. Ordering: position order is decision order.
//!
//! The cache holds the states at the head *with* everything decided so far, so an append that fails empties it.

mod batch;
mod cache;
mod decide;
mod outcome;
mod run;

pub use outcome::{Cause, ExecuteError, Receipt};
pub(crate) use run::{Committer, Handle, Request};

/// Most commands that wait to be decided; beyond, callers are told to come back.
pub const COMMANDS_QUEUED_MAX: usize = 8_192;

/// Bytes of folded states kept in memory unless told otherwise: some hundred thousand open contracts.
pub const CACHE_BYTES_DEFAULT: usize = 128 * 1024 * 1024;
