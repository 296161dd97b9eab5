//! A filter of command keys: it knows of a key that it was never seen, or not.
//!
//! Shape: a Bloom filter in blocks of one cache line, a bit in each of the block's words. Keys are hashes, so their own
//! bytes say where. Cost: one cache line per question. Bounds: [`BYTES_MAX`]; a log that outgrows the filter is asked
//! about more often than needed, until it is opened again.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

const WORDS_PER_BLOCK: usize = 8;
// With sixteen bits for each key, one unseen key in a thousand and some is taken for seen.
const KEYS_PER_BLOCK: usize = 32;
const BYTES_MAX: usize = 64 * 1024 * 1024;
const BLOCKS_MAX: usize = BYTES_MAX / (8 * WORDS_PER_BLOCK);
const BLOCKS_MIN: usize = 16 * 1024;

/// The filter. Keys can be added while others ask.
#[derive(Debug)]
pub(super) struct Seen {
    words: Box<[AtomicU64]>,
    complete: AtomicBool,
}

impl Seen {
    /// A filter for about `keys` keys, none of them added yet.
    pub(super) fn for_keys(keys: u64) -> Self {
        let blocks = usize::try_from(keys).unwrap_or(usize::MAX) / KEYS_PER_BLOCK;
        let words = blocks.clamp(BLOCKS_MIN, BLOCKS_MAX) * WORDS_PER_BLOCK;
        Self { words: (0..words).map(|_| AtomicU64::new(0)).collect(), complete: AtomicBool::new(false) }
    }

    /// Whether the key may have been seen; `false` is certain.
    pub(super) fn may_hold(&self, key: &[u8; 32]) -> bool {
        !self.complete.load(Ordering::Acquire)
            || self.bits(key).all(|(word, bit)| word.load(Ordering::Relaxed) & bit != 0)
    }

    /// Adds a key.
    pub(super) fn add(&self, key: &[u8; 32]) {
        self.bits(key).for_each(|(word, bit)| {
            word.fetch_or(bit, Ordering::Relaxed);
        });
    }

    /// Notes that every key of the log was added.
    pub(super) fn completed(&self) {
        self.complete.store(true, Ordering::Release);
    }

    fn bits(&self, key: &[u8; 32]) -> impl Iterator<Item = (&AtomicU64, u64)> {
        let (place, rest) = key.split_at(8);
        let place = place.iter().fold(0_u64, |place, byte| place << 8 | u64::from(*byte));
        let blocks = self.words.len() / WORDS_PER_BLOCK;
        let block = usize::try_from(place % blocks as u64).unwrap_or(0);
        let words = self.words[block * WORDS_PER_BLOCK..][..WORDS_PER_BLOCK].iter();
        words.zip(rest).map(|(word, byte)| (word, 1 << (byte % 64)))
    }
}
