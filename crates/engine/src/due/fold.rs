//! From events to timers: folds every stream that an event touches, and says which timers its state has.

use super::table::Set;
use crate::fold::fold_on;
use domain::timer::{concerns, timers};
use domain::{Event, Mark, State, StreamId, Timestamp};
use eventstore::{EventStore, Record, StoreFault};
use lru::LruCache;
use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::sync::Arc;

/// Most folded states in memory, more than one page of the log touches; others are read again when an event does.
pub const STATES_MAX: usize = 32_768;

/// Folded states of the streams that have timers.
pub(super) struct Folds {
    states: LruCache<StreamId, Fold>,
}

#[derive(Default)]
struct Fold {
    revision: u64,
    state: Option<State>,
}

impl Folds {
    pub(super) fn new() -> Self {
        Self { states: LruCache::new(NonZeroUsize::new(STATES_MAX).unwrap_or(NonZeroUsize::MIN)) }
    }

    /// Folds a page, and returns what each stream that it touches has now, in order of first touch.
    pub(super) async fn page(
        &mut self,
        store: &Arc<dyn EventStore>,
        records: &[Arc<Record>],
    ) -> Result<Vec<Set>, StoreFault> {
        let mut touched = BTreeMap::new();
        for record in records {
            let header = record.header();
            let mut event = None;
            for membership in &header.memberships {
                let Some(stream) = StreamId::parse(&membership.stream).filter(has_timers) else {
                    continue;
                };
                if event.is_none() {
                    event = Some(crate::fold::event(record)?);
                }
                if let Some(event) = &event {
                    let at = Timestamp::from_micros(header.recorded_at);
                    self.fold(store, &stream, event, Mark { revision: membership.revision, at }).await?;
                }
                let order = touched.len();
                touched.entry(stream).or_insert(order);
            }
        }
        let mut ordered: Vec<(usize, StreamId)> =
            touched.into_iter().map(|(stream, order)| (order, stream)).collect();
        ordered.sort_unstable();
        Ok(ordered.into_iter().filter_map(|(_, stream)| self.set(stream)).collect())
    }

    async fn fold(
        &mut self,
        store: &Arc<dyn EventStore>,
        stream: &StreamId,
        event: &Event,
        mark: Mark,
    ) -> Result<(), StoreFault> {
        let mut fold = self.states.pop(stream).unwrap_or_default();
        if fold.revision + 1 < mark.revision {
            fold = load(store, stream).await?;
        }
        // A stream that was read whole may be ahead of the page.
        if fold.revision < mark.revision {
            fold.state = State::evolve(fold.state.take(), stream, event, mark);
            fold.revision = mark.revision;
        }
        self.states.put(stream.clone(), fold);
        Ok(())
    }

    fn set(&mut self, stream: StreamId) -> Option<Set> {
        let state = self.states.get(&stream)?.state.as_ref()?;
        let set = timers(state).into_iter();
        let timers = set.map(|timer| (timer, concerns(&stream, state, timer.kind))).collect();
        Some(Set { stream, timers })
    }
}

fn has_timers(stream: &StreamId) -> bool {
    match stream {
        StreamId::Job(_)
        | StreamId::Proposal(_)
        | StreamId::Contract(_)
        | StreamId::Account(..)
        | StreamId::Deposit(_)
        | StreamId::Refund(_)
        | StreamId::Dispute(_)
        | StreamId::Payout(_)
        | StreamId::Cash(_) => true,
        StreamId::Marketplace | StreamId::Provider(..) | StreamId::Process(_) => false,
    }
}

async fn load(store: &Arc<dyn EventStore>, stream: &StreamId) -> Result<Fold, StoreFault> {
    let records = store.read_stream(&stream.to_string(), 0).await?;
    let (revision, state) = fold_on(stream, (0, None), &records)?;
    Ok(Fold { revision, state })
}
