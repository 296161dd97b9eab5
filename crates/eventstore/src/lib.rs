//! The append-only log of one marketplace, kept by one of several backends.
//!
//! Shape: a [`Record`] is opaque payload bytes under a [`Header`] that says where it stands; a [`Batch`] of records
//! is the only thing that is ever written; an [`EventStore`] keeps them in memory ([`MemoryStore`]) or in a
//! directory ([`SqliteStore`]).
//!
//! Cost: an append is one durable transaction however many records the batch holds. Reading by position is
//! sequential; reading one stream or one command is a handful of point look-ups.
//!
//! Bounds: every page, batch, queue and field has a named maximum (`*_MAX`).
//!
//! Ordering: positions start at 1 and have no gaps, and position order is commit order, so a reader that went as far
//! as position *n* has seen everything up to *n* and will never find anything new below it.
//!
//! This crate must not know what an event means: payloads are bytes, and no other crate of ours is used here.

mod append;
mod checkpoint;
mod codec;
mod digest;
mod error;
mod finding;
mod inspect;
mod memory;
mod record;
#[cfg(test)]
mod sample;
mod sqlite;
mod subscription;

use std::sync::Arc;

use async_trait::async_trait;
use tokio::sync::watch;

pub use append::{AppendError, BATCH_BYTES_MAX, Batch, BatchError, EVENTS_PER_BATCH_MAX, Head};
pub use checkpoint::{CONSUMER_BYTES_MAX, Checkpoint, CheckpointError, confirm_checkpoint};
pub use codec::{
    ACTOR_BYTES_MAX, EVENT_TYPE_BYTES_MAX, MARKETPLACE_BYTES_MAX, MEMBERSHIPS_MAX, PAYLOAD_BYTES_MAX,
    RECORD_FORMAT, RecordError, STREAM_BYTES_MAX,
};
pub use digest::{CommandKey, LeafHash, RequestMac};
pub use error::{FaultKind, OpenError, StoreFault};
pub use finding::{FINDINGS_MAX, Finding, FindingCode};
pub use memory::MemoryStore;
pub use record::{Header, Membership, Micros, Position, Record};
pub use sqlite::{Durability, SqliteStore};
pub use subscription::Subscription;

/// Most records that one [`EventStore::read`] returns.
pub const PAGE_MAX: usize = 10_000;

/// Most bytes of records that one [`EventStore::read`] returns, unless its first record alone is larger.
pub const PAGE_BYTES_MAX: usize = 32 * 1024 * 1024;

/// Most records that one [`EventStore::read_stream`] returns; a longer stream is refused, not cut.
pub const STREAM_READ_MAX: usize = 1_000_000;

/// The log of one marketplace. All backends pass one contract suite, so callers need not know which one they hold.
///
/// Dropping the future of a writing method does not undo the write: its outcome is then unknown to the caller.
#[async_trait]
pub trait EventStore: Send + Sync + 'static {
    /// The marketplace whose log this is; every record carries the same one.
    fn marketplace(&self) -> &Arc<str>;

    /// The newest position, and the instant at which it was recorded; [`Head::EMPTY`] for an empty log.
    ///
    /// # Errors
    /// A fault of the backend; [`FaultKind::Stopped`] after an append whose outcome is unknown.
    async fn head(&self) -> Result<Head, StoreFault>;

    /// Appends `batch` whole, durably, or not at all; it succeeds only if nothing was appended after
    /// [`Batch::after`].
    ///
    /// # Errors
    /// See [`AppendError`]: every variant but `Unknown` promises that the log is as it was before.
    async fn append(&self, batch: Batch) -> Result<(), AppendError>;

    /// The records that follow `after`, contiguous and in order, at most `limit` and at most [`PAGE_MAX`].
    ///
    /// A page also ends at [`PAGE_BYTES_MAX`], so only an *empty* answer says that the log ends at `after`.
    ///
    /// # Errors
    /// A fault of the backend; [`FaultKind::Damaged`] if a stored record does not match its leaf hash or a
    /// position is missing.
    async fn read(&self, after: Position, limit: usize) -> Result<Vec<Arc<Record>>, StoreFault>;

    /// The records of `stream` whose revision exceeds `after_revision`, in revision order; empty if there are none.
    ///
    /// # Errors
    /// As for [`EventStore::read`]; [`FaultKind::Misuse`] beyond [`STREAM_READ_MAX`] records.
    async fn read_stream(&self, stream: &str, after_revision: u64) -> Result<Vec<Arc<Record>>, StoreFault>;

    /// The newest revision of each of `streams`, in their order; 0 for a stream without records.
    ///
    /// # Errors
    /// A fault of the backend.
    async fn stream_revisions(&self, streams: &[Arc<str>]) -> Result<Vec<u64>, StoreFault>;

    /// The records that each of `keys` caused, in the order of the keys and then of position; empty for a key that
    /// the log does not hold.
    ///
    /// # Errors
    /// As for [`EventStore::read`].
    async fn find_commands(&self, keys: &[CommandKey]) -> Result<Vec<Vec<Arc<Record>>>, StoreFault>;

    /// Everything after `after`, now and as it is appended.
    fn subscribe(&self, after: Position) -> Subscription;

    /// The newest position, announced after each append. It says only "look now": a reader that needs the truth
    /// asks [`EventStore::head`].
    fn watch_head(&self) -> watch::Receiver<Position>;

    /// How far `consumer` has come; `None` if it never advanced.
    ///
    /// # Errors
    /// A fault of the backend.
    async fn checkpoint(&self, consumer: &str) -> Result<Option<Checkpoint>, StoreFault>;

    /// Moves `consumer` to `to`, durably, if it still stands at `from`. Moving back is allowed here; who may do so
    /// is the caller's rule.
    ///
    /// # Errors
    /// [`CheckpointError::Moved`] if the consumer stands elsewhere, [`CheckpointError::Diverged`] if `to` is not in
    /// this log.
    async fn advance(
        &self,
        consumer: &str,
        from: Option<Checkpoint>,
        to: Checkpoint,
    ) -> Result<(), CheckpointError>;

    /// Stops accepting work, finishes what was accepted, ends all subscriptions and puts the files in order.
    /// Calling it again does nothing.
    async fn close(&self);

    /// Rereads everything stored, rebuilds every index from the records, and answers with each discrepancy; empty
    /// when the log is sound. `progress` is told each position that has been passed, from time to time.
    ///
    /// # Errors
    /// Only when nothing could be inspected at all; damage is a finding.
    async fn inspect(&self, progress: &(dyn Fn(Position) + Sync)) -> Result<Vec<Finding>, StoreFault>;
}
