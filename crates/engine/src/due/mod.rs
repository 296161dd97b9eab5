//! What is due: a table of every timer that is set, kept by one consumer of the log, and the firing of what has come.
//!
//! Shape: the consumer folds each stream that an event touches, asks the rules which timers the state has, and keeps
//! rows and its own checkpoint in one transaction. Firing gives the timer's command under a key of stream, kind, subject
//! and epoch, so that however often it is given it happens once; a row that is stale comes to nothing when the command
//! is decided at the head.
//!
//! Cost: the next timer is one look-up in an index on the due instant; a page of events is one transaction. Bounds:
//! [`FIRINGS_MAX`] firings under way, [`STATES_MAX`] folded states in memory, [`PAGE_MAX`] rows a page. Ordering: timers
//! fire in the order in which they are due, also after a long stop. The file can be removed: it is built anew.

mod consumer;
mod fold;
mod table;

pub(crate) use consumer::Timers;
pub use consumer::{FIRINGS_MAX, TimersHandle, run};
pub use fold::STATES_MAX;
pub use table::{DueTable, OpenError};

use domain::id::PartyId;
use domain::timer::{Timer, TimerKind};
use domain::{StreamId, Timestamp};

/// Most rows of one page.
pub const PAGE_MAX: usize = 256;

/// A timer that is set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Due {
    /// The stream whose state has it.
    pub stream: StreamId,
    /// What happens by itself.
    pub kind: TimerKind,
    /// When.
    pub due: Timestamp,
    /// The stream's revision that set it.
    pub epoch: u64,
    /// The people whom it concerns.
    pub concerns: Vec<PartyId>,
    /// Where a page after this row begins.
    pub cursor: DueCursor,
}

impl Due {
    /// The timer by itself.
    pub const fn timer(&self) -> Timer {
        Timer { kind: self.kind, due: self.due, epoch: self.epoch }
    }
}

/// A row's place: the due instant, and the row's number where several are due at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct DueCursor {
    /// µs since the epoch.
    pub due: i64,
    /// The row.
    pub row: i64,
}

/// Which timers.
#[derive(Clone, Copy, Debug, Default)]
pub struct DueFilter {
    /// Only those due at this instant or earlier.
    pub before: Option<Timestamp>,
    /// Only those that concern this party.
    pub party: Option<PartyId>,
    /// Only those after this row.
    pub after: Option<DueCursor>,
}
