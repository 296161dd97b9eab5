//! What changed, as it changes: every event's header, without its payload.
//!
//! Shape: one task follows the log, decodes each header once and keeps the newest changes. [`TopicChanges`] says when
//! one topic changed, however often; [`Tail`] gives every change once.
//!
//! Cost: who follows one topic sleeps while others change. A tail that keeps up shares what is kept; one that resumes
//! from further back reads the log, a page at a time.
//!
//! Bounds: [`RECENT_MAX`] changes are kept for everybody together, one position for each topic that is followed, and
//! at most a page for each tail.
//!
//! Ordering: by position, never skipping and never repeating.

use domain::{StreamId, Timestamp};
use eventstore::{EventStore, FaultKind, Position, Record, StoreFault, Subscription};
use std::borrow::Cow;
use std::collections::{HashMap, VecDeque};
use std::ops::Deref;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::Duration;
use tokio::sync::watch;
use uuid::Uuid;

/// Newest changes that are kept, for all followers together.
pub const RECENT_MAX: usize = 4_096;
/// Most changes of one page of a [`Tail`].
pub const CHANGES_PAGE_MAX: usize = 128;
/// How long after a fault the log is looked at again.
const RETRY_DELAY: Duration = Duration::from_secs(1);

/// That something was recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Where it stands.
    pub position: Position,
    /// The event's id.
    pub event_id: Uuid,
    /// What happened, such as `contract.created`.
    pub event_type: Cow<'static, str>,
    /// When it was recorded.
    pub recorded_at: Timestamp,
    /// Who caused it, as recorded.
    pub actor: Arc<str>,
    /// The streams that it belongs to, those aside that this version doesn't know.
    pub streams: Vec<StreamId>,
}

impl Change {
    fn of(record: &Record) -> Self {
        let header = record.header();
        Self {
            position: header.position,
            event_id: header.event_id,
            event_type: header.event_type.clone(),
            recorded_at: Timestamp::from_micros(header.recorded_at),
            actor: Arc::clone(&header.actor),
            streams: header.memberships.iter().filter_map(|held| StreamId::parse(&held.stream)).collect(),
        }
    }
}

/// What can be followed.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Topic {
    /// One stream.
    Stream(StreamId),
    /// Every dispute.
    Disputes,
    /// Every payout.
    Payouts,
    /// Every deposit, refund, payout and account: all that can come to need a person.
    Attention,
}

impl Topic {
    /// The topics of more than one stream.
    const WIDE: [Self; 3] = [Self::Disputes, Self::Payouts, Self::Attention];

    fn covers(&self, stream: &StreamId) -> bool {
        match self {
            Self::Stream(followed) => followed == stream,
            Self::Disputes => matches!(stream, StreamId::Dispute(_)),
            Self::Payouts => matches!(stream, StreamId::Payout(_)),
            Self::Attention => {
                matches!(
                    stream,
                    StreamId::Deposit(_) | StreamId::Refund(_) | StreamId::Payout(_) | StreamId::Account(..)
                )
            }
        }
    }

    /// The topics that a change of the stream is a change of.
    fn of(stream: &StreamId) -> impl Iterator<Item = Self> {
        let wide = Self::WIDE.into_iter().filter(|topic| topic.covers(stream));
        wide.chain([Self::Stream(stream.clone())])
    }
}

/// Why changes can't be followed any further.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ChangesFault {
    /// The log was closed, or is damaged.
    #[error("the log is no longer followed")]
    Ended,
    /// A page of the log couldn't be read.
    #[error("the log can't be read: {0}")]
    Log(StoreFault),
}

/// The changes of one log. Clones share them.
#[derive(Clone)]
pub struct Changes {
    store: Arc<dyn EventStore>,
    shared: Arc<Shared>,
    /// As far as the task has come; its sender goes with the task.
    followed: watch::Receiver<Position>,
    head: watch::Receiver<Position>,
}

/// What the task and the followers have in common.
struct Shared {
    recent: RwLock<Recent>,
    /// The topics that somebody follows; `None` once the task has ended.
    topics: Mutex<Option<HashMap<Topic, Followed>>>,
}

/// A topic that somebody follows.
struct Followed {
    /// The newest change since the first of them came.
    newest: watch::Sender<Position>,
    followers: usize,
}

impl Changes {
    /// Starts the task that follows `store`, until the store is closed or nobody holds the changes any more.
    ///
    /// # Panics
    /// Outside of a Tokio runtime; it needs one that has timers.
    pub fn start(store: Arc<dyn EventStore>) -> Self {
        let head = store.watch_head();
        // What was recorded just before is kept too, so that a restart loses nobody's place.
        let start = Position::new(head.borrow().get().saturating_sub(RECENT_MAX as u64));
        let shared = Arc::new(Shared {
            recent: RwLock::new(Recent { changes: VecDeque::new(), end: start }),
            topics: Mutex::new(Some(HashMap::new())),
        });
        let (sender, followed) = watch::channel(start);
        let (subscription, task) = (store.subscribe(start), Arc::clone(&shared));
        tokio::spawn(async move {
            follow(subscription, &task, sender).await;
            task.topics().take();
        });
        Self { store, shared, followed, head }
    }

    /// The newest position of the log, as far as it was announced here.
    pub fn head(&self) -> Position {
        *self.head.borrow()
    }

    /// The newest position of the log, asked of the log itself.
    ///
    /// # Errors
    /// [`ChangesFault::Log`].
    pub async fn newest(&self) -> Result<Position, ChangesFault> {
        self.store.head().await.map(|head| head.position).map_err(ChangesFault::Log)
    }

    /// The changes of `topic` after `after`.
    pub fn of(&self, topic: Topic, after: Position) -> TopicChanges {
        let newest = self.shared.enter(&topic);
        // Looked at after entering: whatever is recorded later is told.
        let missed = self.shared.recent().newest(&topic, after);
        TopicChanges { shared: Arc::clone(&self.shared), topic, newest, missed, seen: after }
    }

    /// Every change after `after`.
    pub fn tail(&self, after: Position) -> Tail {
        Tail { changes: self.clone(), after }
    }

    /// Looks at what is kept, once there is something after `after`.
    async fn look<T>(&mut self, after: Position, look: impl FnOnce(&Recent) -> T) -> Result<T, ChangesFault> {
        self.followed.wait_for(|position| *position > after).await.map_err(|_| ChangesFault::Ended)?;
        Ok(look(&self.shared.recent()))
    }
}

impl Shared {
    fn recent(&self) -> impl Deref<Target = Recent> {
        self.recent.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn topics(&self) -> MutexGuard<'_, Option<HashMap<Topic, Followed>>> {
        self.topics.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// One more follows the topic. Without a task the receiver is one of a sender that is gone.
    fn enter(&self, topic: &Topic) -> watch::Receiver<Position> {
        let mut topics = self.topics();
        let Some(topics) = &mut *topics else { return watch::channel(Position::START).1 };
        let followed = topics
            .entry(topic.clone())
            .or_insert_with(|| Followed { newest: watch::Sender::new(Position::START), followers: 0 });
        followed.followers += 1;
        followed.newest.subscribe()
    }

    fn leave(&self, topic: &Topic) {
        let mut topics = self.topics();
        let Some(topics) = &mut *topics else { return };
        if let Some(followed) = topics.get_mut(topic) {
            followed.followers -= 1;
            if followed.followers == 0 {
                topics.remove(topic);
            }
        }
    }

    /// Keeps the changes of `records` and wakes who follows one of their topics.
    fn push(&self, records: &[Arc<Record>]) {
        let changes: Vec<_> = records.iter().map(|record| Arc::new(Change::of(record))).collect();
        self.recent.write().unwrap_or_else(PoisonError::into_inner).push(&changes);
        let topics = self.topics();
        // Most of the time nobody listens.
        let Some(topics) = topics.as_ref().filter(|topics| !topics.is_empty()) else { return };
        // The newest first, and what is older not at all: who follows is woken once for a page, and so for an append,
        // and never told of its middle.
        for change in changes.iter().rev() {
            let touched = change.streams.iter().flat_map(Topic::of).filter_map(|topic| topics.get(&topic));
            touched.for_each(|followed| {
                followed.newest.send_if_modified(|newest| {
                    let newer = change.position > *newest;
                    *newest = change.position.max(*newest);
                    newer
                });
            });
        }
    }
}

impl std::fmt::Debug for Changes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Changes").field("followed", &*self.followed.borrow()).finish_non_exhaustive()
    }
}

/// Whether one topic has changed, again and again.
pub struct TopicChanges {
    shared: Arc<Shared>,
    topic: Topic,
    newest: watch::Receiver<Position>,
    /// The newest change before it was followed.
    missed: Option<Position>,
    seen: Position,
}

impl TopicChanges {
    /// Waits for a change that wasn't told yet, and answers with the position of the newest: several changes since the
    /// last answer are one. Where the beginning is so far back that it isn't known any more whether there was one, the
    /// answer is the end of what was looked at. The future may be dropped and taken up again without loss.
    ///
    /// # Errors
    /// [`ChangesFault::Ended`].
    pub async fn next(&mut self) -> Result<Position, ChangesFault> {
        loop {
            let newest = Some(*self.newest.borrow_and_update()).max(self.missed.take());
            if let Some(newest) = newest.filter(|newest| *newest > self.seen) {
                self.seen = newest;
                return Ok(newest);
            }
            self.newest.changed().await.map_err(|_| ChangesFault::Ended)?;
        }
    }
}

impl Drop for TopicChanges {
    fn drop(&mut self) {
        self.shared.leave(&self.topic);
    }
}

impl std::fmt::Debug for TopicChanges {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { topic, seen, .. } = self;
        f.debug_struct("TopicChanges").field("topic", topic).field("seen", seen).finish_non_exhaustive()
    }
}

/// A reader's place among all changes.
#[derive(Clone, Debug)]
pub struct Tail {
    changes: Changes,
    after: Position,
}

impl Tail {
    /// Waits for the next changes: never empty, at most [`CHANGES_PAGE_MAX`], contiguous with those before. The future
    /// may be dropped and taken up again without loss.
    ///
    /// # Errors
    /// [`ChangesFault`]; the tail stays where it is.
    pub async fn next(&mut self) -> Result<Vec<Arc<Change>>, ChangesFault> {
        let after = self.after;
        let page = match self.changes.look(after, |recent| recent.page(after)).await? {
            Some(page) => page,
            None => self.read().await.map_err(ChangesFault::Log)?,
        };
        self.after = page.last().map_or(after, |last| last.position);
        Ok(page)
    }

    /// The next page from the log.
    async fn read(&self) -> Result<Vec<Arc<Change>>, StoreFault> {
        let records = self.changes.store.read(self.after, CHANGES_PAGE_MAX).await?;
        if records.is_empty() {
            let missing = format!("the log has nothing after {}", self.after);
            return Err(StoreFault::new(FaultKind::Damaged, missing));
        }
        Ok(records.iter().map(|record| Arc::new(Change::of(record))).collect())
    }
}

/// The newest changes, without gaps up to `end`.
struct Recent {
    changes: VecDeque<Arc<Change>>,
    end: Position,
}

impl Recent {
    fn push(&mut self, changes: &[Arc<Change>]) {
        for change in changes {
            if self.changes.len() >= RECENT_MAX {
                self.changes.pop_front();
            }
            self.end = change.position;
            self.changes.push_back(Arc::clone(change));
        }
    }

    /// How many of the newest changes follow `after`; `None` if others stood between.
    fn following(&self, after: Position) -> Option<usize> {
        let count = usize::try_from(self.end.get().saturating_sub(after.get())).ok()?;
        (count <= self.changes.len()).then_some(count)
    }

    /// The newest change of `topic` after `after`, or the end if that isn't known.
    fn newest(&self, topic: &Topic, after: Position) -> Option<Position> {
        let Some(count) = self.following(after) else { return Some(self.end) };
        let touches = |change: &&Arc<Change>| change.streams.iter().any(|stream| topic.covers(stream));
        self.changes.iter().rev().take(count).find(touches).map(|change| change.position)
    }

    /// The changes that follow `after`, if they are here.
    fn page(&self, after: Position) -> Option<Vec<Arc<Change>>> {
        let skipped = self.changes.len() - self.following(after)?;
        Some(self.changes.iter().skip(skipped).take(CHANGES_PAGE_MAX).cloned().collect())
    }
}

async fn follow(mut subscription: Subscription, shared: &Shared, followed: watch::Sender<Position>) {
    loop {
        let next = tokio::select! {
            () = followed.closed() => return,
            next = subscription.next() => next,
        };
        match next {
            Ok(records) => {
                shared.push(&records);
                followed.send_replace(subscription.position());
            }
            Err(fault) => match fault.kind {
                FaultKind::Closed => return,
                FaultKind::Damaged => {
                    tracing::error!(%fault, "the log is damaged; no change is told any more");
                    return;
                }
                FaultKind::Io
                | FaultKind::Full
                | FaultKind::ReadOnly
                | FaultKind::Stopped
                | FaultKind::Misuse
                | FaultKind::Engine => {
                    tracing::error!(%fault, "the log can't be followed; trying again");
                    tokio::time::sleep(RETRY_DELAY).await;
                }
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::id::{ContractId, DepositId, DisputeId, JobId, PartyId, PayoutId, RefundId};
    use domain::money::Currency;
    use eventstore::{Batch, CommandKey, Header, Membership, MemoryStore, RequestMac};
    use futures_util::FutureExt;

    const CONTRACT: StreamId = StreamId::Contract(ContractId::from_u128(1));
    const OTHER: StreamId = StreamId::Job(JobId::from_u128(2));

    /// A log of one record per stream named, one after the other.
    struct Log {
        store: MemoryStore,
        streams: Vec<StreamId>,
    }

    impl Log {
        async fn of(streams: &[StreamId]) -> Self {
            let mut log = Self { store: MemoryStore::new("test"), streams: Vec::new() };
            log.append(streams).await;
            log
        }

        async fn append(&mut self, streams: &[StreamId]) {
            for stream in streams {
                let after = Position::new(self.streams.len() as u64);
                self.streams.push(stream.clone());
                let revision = self.streams.iter().filter(|other| *other == stream).count() as u64;
                let batch = Batch::new(after, 1, vec![record(after.next(), stream, revision)]).unwrap();
                self.store.append(batch).await.unwrap();
            }
        }

        fn changes(&self) -> Changes {
            Changes::start(Arc::new(self.store.clone()))
        }
    }

    fn record(position: Position, stream: &StreamId, revision: u64) -> Arc<Record> {
        let mut key = [0; 32];
        key[..8].copy_from_slice(&position.get().to_be_bytes());
        let header = Header {
            marketplace: "test".into(),
            position,
            event_id: Uuid::from_u128(u128::from(position.get())),
            event_type: "test.happened".into(),
            schema_version: 1,
            recorded_at: 1,
            effective_at: 1,
            command_key: CommandKey::from_bytes(key),
            request_mac: RequestMac::from_bytes(key),
            actor: "system:test".into(),
            correlation: Uuid::nil(),
            causation: None,
            memberships: vec![Membership { stream: stream.to_string().into(), revision }],
        };
        Arc::new(Record::seal(header, b"secret"))
    }

    /// The positions of everything up to `last`.
    async fn up_to(tail: &mut Tail, last: u64) -> Vec<u64> {
        let mut positions = Vec::new();
        while positions.last().is_none_or(|position| *position < last) {
            positions.extend(tail.next().await.unwrap().iter().map(|change| change.position.get()));
        }
        positions
    }

    #[tokio::test]
    async fn a_tail_gives_every_change_once_whatever_it_resumes_from() {
        let mut log = Log::of(&[CONTRACT, OTHER, CONTRACT]).await;
        let changes = log.changes();
        let mut tails = [0, 1, 3].map(|after| changes.tail(Position::new(after)));
        log.append(&[OTHER, CONTRACT]).await;
        for (tail, first) in tails.iter_mut().zip([1, 2, 4]) {
            assert_eq!(up_to(tail, 5).await, (first..=5).collect::<Vec<_>>());
            assert!(tail.next().now_or_never().is_none(), "nothing more");
        }
    }

    #[tokio::test]
    async fn a_change_says_what_its_header_says() {
        let log = Log::of(&[CONTRACT]).await;
        let change = log.changes().tail(Position::START).next().await.unwrap().remove(0);
        let expected = Change {
            position: Position::new(1),
            event_id: Uuid::from_u128(1),
            event_type: "test.happened".into(),
            recorded_at: Timestamp::from_micros(1),
            actor: "system:test".into(),
            streams: vec![CONTRACT],
        };
        assert_eq!(*change, expected);
    }

    #[tokio::test]
    async fn what_is_no_longer_kept_is_read_from_the_log() {
        let many = vec![OTHER; RECENT_MAX + 300];
        let mut log = Log::of(&many[..300]).await;
        let changes = log.changes();
        let mut tail = changes.tail(Position::START);
        log.append(&many[300..]).await;
        let mut newest = changes.tail(changes.head());
        log.append(&[OTHER]).await;
        newest.next().await.unwrap();
        assert_eq!(changes.shared.recent().changes.len(), RECENT_MAX);
        let all = many.len() as u64 + 1;
        assert_eq!(up_to(&mut tail, all).await, (1..=all).collect::<Vec<_>>());
    }

    #[tokio::test]
    async fn several_changes_of_a_stream_are_told_as_one_and_those_of_others_not_at_all() {
        let mut log = Log::of(&[CONTRACT, OTHER, CONTRACT, OTHER]).await;
        let changes = log.changes();
        changes.tail(Position::START).next().await.unwrap();
        let mut contract = changes.of(Topic::Stream(CONTRACT), Position::new(1));
        assert_eq!(contract.next().await, Ok(Position::new(3)));
        log.append(&[OTHER]).await;
        changes.tail(Position::new(4)).next().await.unwrap();
        assert!(contract.next().now_or_never().is_none());
        log.append(&[CONTRACT]).await;
        assert_eq!(contract.next().await, Ok(Position::new(6)));
    }

    #[tokio::test]
    async fn a_wide_topic_changes_with_every_stream_that_it_covers_and_with_no_other() {
        const DEPOSIT: StreamId = StreamId::Deposit(DepositId::from_u128(3));
        const REFUND: StreamId = StreamId::Refund(RefundId::from_u128(4));
        const DISPUTE: StreamId = StreamId::Dispute(DisputeId::from_u128(5));
        const PAYOUT: StreamId = StreamId::Payout(PayoutId::from_u128(6));
        const ACCOUNT: StreamId = StreamId::Account(PartyId::from_u128(7), Currency::USD);
        let recorded = [CONTRACT, DEPOSIT, REFUND, DISPUTE, PAYOUT, OTHER, ACCOUNT];
        for (topic, told) in [
            (Topic::Disputes, vec![4]),
            (Topic::Payouts, vec![5]),
            (Topic::Attention, vec![2, 3, 5, 7]),
            (Topic::Stream(OTHER), vec![6]),
        ] {
            let mut log = Log::of(&[]).await;
            let changes = log.changes();
            let mut followed = changes.of(topic.clone(), Position::START);
            let mut seen = Vec::new();
            for (stream, position) in recorded.iter().zip(1..) {
                log.append(std::slice::from_ref(stream)).await;
                changes.tail(Position::new(position - 1)).next().await.unwrap();
                seen.extend(followed.next().now_or_never().map(|at| at.unwrap().get()));
            }
            assert_eq!(seen, told, "{topic:?}");
            let late = changes.of(topic, Position::START).next().now_or_never();
            assert_eq!(late, Some(Ok(Position::new(*told.last().unwrap()))));
        }
    }

    #[tokio::test]
    async fn a_stream_followed_from_before_what_is_kept_is_told_as_changed_once() {
        let log = Log::of(&vec![OTHER; RECENT_MAX + 1]).await;
        let changes = log.changes();
        changes.tail(changes.head().get().saturating_sub(1).into()).next().await.unwrap();
        let mut contract = changes.of(Topic::Stream(CONTRACT), Position::START);
        assert_eq!(contract.next().await, Ok(changes.head()));
        assert!(contract.next().now_or_never().is_none());
    }

    #[tokio::test]
    async fn a_stream_is_kept_in_mind_for_as_long_as_somebody_follows_it() {
        let mut log = Log::of(&[CONTRACT]).await;
        let changes = log.changes();
        let mut followers = [(); 2].map(|()| changes.of(Topic::Stream(CONTRACT), Position::new(1)));
        log.append(&[CONTRACT]).await;
        for follower in &mut followers {
            assert_eq!(follower.next().await, Ok(Position::new(2)));
        }
        let [one, mut other] = followers;
        drop(one);
        log.append(&[OTHER, CONTRACT]).await;
        assert_eq!(other.next().await, Ok(Position::new(4)));
        drop(other);
        assert!(changes.shared.topics().as_ref().unwrap().is_empty());
    }

    #[tokio::test]
    async fn closing_the_log_ends_all_following() {
        let log = Log::of(&[CONTRACT]).await;
        let changes = log.changes();
        let (mut contract, mut tail) =
            (changes.of(Topic::Stream(CONTRACT), Position::new(1)), changes.tail(Position::new(1)));
        log.store.close().await;
        assert_eq!(contract.next().await, Err(ChangesFault::Ended));
        assert_eq!(tail.next().await, Err(ChangesFault::Ended));
        let mut late = changes.of(Topic::Stream(CONTRACT), Position::new(1));
        assert_eq!(late.next().await, Err(ChangesFault::Ended));
    }
}
