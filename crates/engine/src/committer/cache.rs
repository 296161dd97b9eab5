//! Folded states at the head, bounded in bytes, least recently used out first.

use domain::stream::Folded;
use domain::{State, StreamId};
use lru::LruCache;

/// What an entry takes besides its state: key, links, table.
const ENTRY_BYTES: usize = 256;

/// The cache. What the last two batches touched is never evicted, since the store may not have it yet.
pub(super) struct Cache {
    entries: LruCache<StreamId, Entry>,
    bytes: usize,
    bytes_max: usize,
    batch: u64,
}

struct Entry {
    folded: Folded,
    bytes: usize,
    batch: u64,
}

impl Cache {
    pub(super) fn new(bytes_max: usize) -> Self {
        Self { entries: LruCache::unbounded(), bytes: 0, bytes_max, batch: 0 }
    }

    pub(super) fn get(&mut self, stream: &StreamId) -> Option<&Folded> {
        self.entries.get(stream).map(|entry| &entry.folded)
    }

    pub(super) fn put(&mut self, folded: Folded) {
        let bytes = ENTRY_BYTES + folded.state.as_deref().map_or(0, State::weight);
        let entry = Entry { folded: folded.clone(), bytes, batch: self.batch };
        let before = self.entries.put(folded.stream, entry).map_or(0, |entry| entry.bytes);
        self.bytes = self.bytes + bytes - before;
    }

    /// A batch goes to the store: what is put from here on belongs to the next. Evicts down to the bound.
    pub(super) fn next_batch(&mut self) {
        self.batch += 1;
        while self.bytes > self.bytes_max {
            match self.entries.peek_lru() {
                Some((_, entry)) if entry.batch + 2 < self.batch => {}
                Some(_) | None => break,
            }
            if let Some((_, entry)) = self.entries.pop_lru() {
                self.bytes -= entry.bytes;
            }
        }
        #[expect(clippy::cast_precision_loss, reason = "a gauge")]
        metrics::gauge!("counterfoil_committer_cache_bytes").set(self.bytes as f64);
    }

    /// Forgets everything: what was decided did not come to be.
    pub(super) fn clear(&mut self) {
        self.entries.clear();
        self.bytes = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::id::JobId;

    fn folded(n: u128) -> Folded {
        Folded { stream: StreamId::Job(JobId::from_u128(n)), revision: 1, state: None }
    }

    #[test]
    fn the_least_recently_used_go_first_and_the_bound_holds() {
        let mut cache = Cache::new(10 * ENTRY_BYTES);
        (0..100).for_each(|n| {
            cache.put(folded(n));
            cache.get(&folded(0).stream);
        });
        (0..3).for_each(|_| cache.next_batch());
        assert!(cache.bytes <= cache.bytes_max);
        assert!(cache.get(&folded(0).stream).is_some() && cache.get(&folded(1).stream).is_none());
    }

    #[test]
    fn what_may_not_be_in_the_store_yet_stays() {
        let mut cache = Cache::new(ENTRY_BYTES);
        (0..100).for_each(|n| cache.put(folded(n)));
        cache.next_batch();
        assert!((0..100).all(|n| cache.get(&folded(n).stream).is_some()));
    }
}
