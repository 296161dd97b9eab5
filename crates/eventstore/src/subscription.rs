//! Reading a log as it grows.
//!
//! Shape: a [`Subscription`] reads pages from the store up to the head that it found, then takes what the store
//! announces after each append, and reads again whenever it fell behind.
//!
//! Cost: while caught up, a delivered batch is a shared pointer; nothing is read or decoded again. Bounds: a
//! subscription holds at most one page or batch; the announcements kept for slow subscribers are bounded in number and
//! bytes.
//!
//! Ordering: by position, never skipping and never repeating. A gap ends the reading with a fault.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use tokio::sync::{
    broadcast::{self, error::RecvError},
    watch,
};

use crate::{Batch, PAGE_MAX, Position, Record, StoreFault};

// A subscriber further behind than this reads from the store instead.
const ANNOUNCEMENTS_MAX: usize = 256;

// A larger batch is announced without its records, so that what is kept for slow subscribers stays bounded.
const ANNOUNCED_BYTES_MAX: usize = 256 * 1024;

// How often a store that is written by another process is looked at.
const POLL_INTERVAL: Duration = Duration::from_millis(50);

/// Where a subscription reads what was not announced to it.
#[async_trait]
pub(crate) trait PageSource: Send + Sync {
    /// As [`crate::EventStore::read`].
    async fn page(&self, after: Position, limit: usize) -> Result<Vec<Arc<Record>>, StoreFault>;
}

/// One append, announced.
#[derive(Clone, Debug)]
pub(crate) struct Announcement {
    head: Position,
    /// Empty for a batch too large to be kept.
    records: Arc<[Arc<Record>]>,
}

/// The announcing side: what a store tells its subscribers after each append, in order.
#[derive(Debug)]
pub(crate) struct Feed {
    head: watch::Sender<Position>,
    live: Mutex<Option<broadcast::Sender<Announcement>>>,
}

impl Feed {
    /// A feed of a log that now ends at `head`.
    pub(crate) fn new(head: Position) -> Self {
        let live = broadcast::channel(ANNOUNCEMENTS_MAX).0;
        Self { head: watch::Sender::new(head), live: Mutex::new(Some(live)) }
    }

    /// Tells everybody that `batch` is durable. Must be called in order of position.
    pub(crate) fn announce(&self, batch: &Batch) {
        let head = batch.head().position;
        let records = if batch.bytes() <= ANNOUNCED_BYTES_MAX { batch.share() } else { Arc::default() };
        self.head.send_replace(head);
        if let Some(live) = &*self.live.lock().unwrap_or_else(PoisonError::into_inner) {
            // An error only says that nobody listens.
            let _ = live.send(Announcement { head, records });
        }
    }

    /// Notes a head that somebody else's append has reached.
    pub(crate) fn observe(&self, head: Position) {
        self.head.send_if_modified(|known| {
            let newer = head > *known;
            *known = head.max(*known);
            newer
        });
    }

    /// Ends every subscription once it has taken what was announced.
    pub(crate) fn close(&self) {
        self.live.lock().unwrap_or_else(PoisonError::into_inner).take();
    }

    /// The newest position announced.
    pub(crate) fn watch(&self) -> watch::Receiver<Position> {
        self.head.subscribe()
    }

    /// Everything after `after`: from `source`, then as announced here.
    pub(crate) fn subscribe(&self, source: Arc<dyn PageSource>, after: Position) -> Subscription {
        let live = match &*self.live.lock().unwrap_or_else(PoisonError::into_inner) {
            Some(live) => live.subscribe(),
            None => broadcast::channel(1).1,
        };
        // Asked after subscribing: whatever is appended beyond this head will be announced.
        let read_to = *self.head.borrow();
        let live = Live::Announced { live, head: self.head.subscribe() };
        Subscription { source, after, read_to, live }
    }

    /// Everything after `after` from `source`, looked at again and again, for a log that another process writes.
    pub(crate) fn poll(source: Arc<dyn PageSource>, after: Position) -> Subscription {
        Subscription { source, after, read_to: Position::LAST, live: Live::Polled }
    }
}

#[derive(Debug)]
enum Live {
    Announced { live: broadcast::Receiver<Announcement>, head: watch::Receiver<Position> },
    Polled,
}

/// A reader's place in the log, and its way onward.
pub struct Subscription {
    source: Arc<dyn PageSource>,
    after: Position,
    /// What stands up to here has to be read; what follows will be announced.
    read_to: Position,
    live: Live,
}

impl Subscription {
    /// The last position delivered.
    pub fn position(&self) -> Position {
        self.after
    }

    /// Waits for the next records: never empty, contiguous with what was delivered before. The future may be dropped
    /// and taken up again without loss.
    ///
    /// # Errors
    /// A fault of the store, among them [`FaultKind::Damaged`](crate::FaultKind) for a gap and
    /// [`FaultKind::Closed`](crate::FaultKind) after the store was closed. The subscription stays where it is.
    pub async fn next(&mut self) -> Result<Vec<Arc<Record>>, StoreFault> {
        loop {
            let records =
                if self.after < self.read_to { self.read().await? } else { self.announced().await? };
            if !records.is_empty() {
                self.after = contiguous(self.after, &records)?;
                return Ok(records);
            }
        }
    }

    async fn read(&mut self) -> Result<Vec<Arc<Record>>, StoreFault> {
        let page = self.source.page(self.after, PAGE_MAX).await?;
        if page.is_empty() {
            match &self.live {
                Live::Polled => tokio::time::sleep(POLL_INTERVAL).await,
                Live::Announced { .. } => {
                    let (after, head) = (self.after, self.read_to);
                    return Err(StoreFault::damaged(format!("the log ends at {after}, its head was {head}")));
                }
            }
        }
        Ok(page)
    }

    /// What follows here in the next announcement; empty if it has to be read from the store, or is known already.
    async fn announced(&mut self) -> Result<Vec<Arc<Record>>, StoreFault> {
        // A polled subscription always has something left to read.
        let Live::Announced { live, head } = &mut self.live else {
            return Ok(Vec::new());
        };
        match live.recv().await {
            Ok(announcement) => {
                let known = |record: &&Arc<Record>| record.position() <= self.after;
                let news: Vec<_> = announcement.records.iter().skip_while(known).cloned().collect();
                if news.first().is_some_and(|first| first.position() == self.after.next()) {
                    return Ok(news);
                }
                self.read_to = announcement.head;
                Ok(Vec::new())
            }
            Err(RecvError::Lagged(_)) => {
                self.read_to = *head.borrow();
                Ok(Vec::new())
            }
            Err(RecvError::Closed) => Err(StoreFault::closed()),
        }
    }
}

impl std::fmt::Debug for Subscription {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Subscription").field("after", &self.after).finish_non_exhaustive()
    }
}

/// Confirms that `records` follow `after` one by one, and answers with the last position.
pub(crate) fn contiguous(after: Position, records: &[Arc<Record>]) -> Result<Position, StoreFault> {
    let mut last = after;
    for record in records {
        if record.position() != last.next() {
            return Err(StoreFault::damaged(format!(
                "position {} is missing: after {last} the log has {}",
                last.next(),
                record.position()
            )));
        }
        last = record.position();
    }
    Ok(last)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        FaultKind,
        sample::{batch, record},
    };

    /// A log of these positions, gaps and all.
    struct Pages(Vec<u64>);

    #[async_trait]
    impl PageSource for Pages {
        async fn page(&self, after: Position, limit: usize) -> Result<Vec<Arc<Record>>, StoreFault> {
            let following = self.0.iter().filter(|position| **position > after.get());
            Ok(following.take(limit).copied().map(record).collect())
        }
    }

    fn positions(records: &[Arc<Record>]) -> Vec<u64> {
        records.iter().map(|record| record.position().get()).collect()
    }

    #[tokio::test]
    async fn a_gap_halts_the_reading_before_it() {
        for polled in [false, true] {
            let source = Arc::new(Pages(vec![1, 2, 4]));
            let feed = Feed::new(Position::new(4));
            let mut subscription = if polled {
                Feed::poll(source, Position::START)
            } else {
                feed.subscribe(source, Position::START)
            };
            for _ in 0..2 {
                let fault = subscription.next().await.unwrap_err();
                assert_eq!((fault.kind, subscription.position()), (FaultKind::Damaged, Position::START));
            }
        }
    }

    #[tokio::test]
    async fn an_announcement_that_overlaps_what_was_read_is_cut() {
        let feed = Feed::new(Position::new(3));
        let mut subscription = feed.subscribe(Arc::new(Pages(vec![1, 2, 3])), Position::START);
        assert_eq!(positions(&subscription.next().await.unwrap()), [1, 2, 3]);
        feed.announce(&batch(0, 2));
        feed.announce(&batch(2, 3));
        assert_eq!(positions(&subscription.next().await.unwrap()), [4, 5]);
    }

    #[tokio::test]
    async fn an_announcement_that_leaves_something_out_is_read_up_to() {
        let feed = Feed::new(Position::new(4));
        let mut subscription = feed.subscribe(Arc::new(Pages(vec![1, 2, 3, 4, 5, 6])), Position::new(4));
        feed.announce(&batch(5, 1));
        assert_eq!(positions(&subscription.next().await.unwrap()), [5, 6]);
    }

    #[tokio::test]
    async fn a_log_shorter_than_its_head_halts_the_reading() {
        let feed = Feed::new(Position::new(3));
        let mut subscription = feed.subscribe(Arc::new(Pages(vec![1, 2])), Position::START);
        assert_eq!(positions(&subscription.next().await.unwrap()), [1, 2]);
        assert_eq!(subscription.next().await.unwrap_err().kind, FaultKind::Damaged);
    }

    #[tokio::test]
    async fn a_head_that_was_seen_is_never_taken_back() {
        let feed = Feed::new(Position::new(3));
        feed.observe(Position::new(7));
        feed.observe(Position::new(5));
        assert_eq!(*feed.watch().borrow(), Position::new(7));
    }
}
