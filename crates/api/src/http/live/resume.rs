//! Where a subscription stands, told by its resolver to the transport.

use engine::Position;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

/// Where one subscription stands. Its resolver says where it begins and which position each answer reaches; the
/// transport tells the client, who resumes there. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct Resume(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    /// What the transport was asked to resume after, whatever the operation says.
    asked: Option<Position>,
    start: OnceLock<Position>,
    reached: AtomicU64,
}

impl Resume {
    /// Resumes after `asked`, if that is given, instead of where the operation says.
    pub fn after(asked: Option<Position>) -> Self {
        Self(Arc::new(Inner { asked, ..Inner::default() }))
    }

    /// Where to begin, for an operation that says `after` on a log that ends at `head`: what the transport was asked
    /// for, or `after`; `None` for the end of the log.
    pub fn begin(&self, after: Option<Position>, head: Position) -> Option<Position> {
        let after = self.0.asked.or(after);
        let start = *self.0.start.get_or_init(|| after.unwrap_or(head));
        self.reached(start);
        after
    }

    /// The next answer has seen everything up to `position`. To be said just before it is given.
    pub fn reached(&self, position: Position) {
        self.0.reached.store(position.get(), Ordering::Release);
    }

    /// Where it began; `None` before it did.
    pub(super) fn start(&self) -> Option<Position> {
        self.0.start.get().copied()
    }

    /// What the answer that was just given has seen.
    pub(super) fn position(&self) -> Position {
        Position::new(self.0.reached.load(Ordering::Acquire))
    }
}
