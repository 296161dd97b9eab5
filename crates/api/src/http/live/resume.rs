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

    /// What to resume after, and what it is called where it was asked for: of the transport, or else, as `after`, of
    /// the operation.
    pub fn asked(&self, after: Option<Position>) -> Option<(&'static str, Position)> {
        let of_transport = self.0.asked.map(|asked| ("Last-Event-ID", asked));
        of_transport.or_else(|| after.map(|after| ("after", after)))
    }

    /// It begins at `start`.
    pub fn begin(&self, start: Position) {
        self.reached(*self.0.start.get_or_init(|| start));
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
