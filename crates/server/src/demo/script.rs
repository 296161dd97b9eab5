//! The course of the demo: every step of every story, in the order of time.

use super::stories::{STORIES, Step, Story};
use domain::Timestamp;
use std::fmt;

/// A step's minute is moved by less than this many, so that nobody acts on the stroke of the hour.
const SPREAD_MINUTES: u16 = 12;
const SECOND: i64 = 1_000_000;

/// A step of a story, and when it is given.
pub(super) struct Cue {
    /// When.
    pub(super) at: Timestamp,
    /// The number of its story.
    pub(super) number: usize,
    /// Its place in the story.
    pub(super) place: usize,
    pub(super) story: &'static Story,
    pub(super) step: Step,
}

impl fmt::Display for Cue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {:?} of {:?}", self.at, self.step, self.story.title)
    }
}

/// All steps from `begin` on, in order.
pub(super) fn script(begin: Timestamp, seed: u64) -> Vec<Cue> {
    let mut chance = Chance::new(seed);
    let mut cues = Vec::new();
    for (number, story) in STORIES.iter().flat_map(|stories| stories.iter()).enumerate() {
        let steps = story.acts.iter().flat_map(|act| act.iter());
        for (place, (day, time, step)) in steps.enumerate() {
            let minutes = time / 100 * 60 + time % 100 + chance.below(SPREAD_MINUTES);
            let instant = begin.plus_days(story.begins + day).plus_minutes(minutes);
            let at = Timestamp::from_micros(instant.micros() + i64::from(chance.below(60)) * SECOND);
            cues.push(Cue { at, number, place, story, step: *step });
        }
    }
    cues.sort_by_key(|cue| (cue.at, cue.number, cue.place));
    cues
}

/// Numbers that follow from a seed (SplitMix64).
pub(super) struct Chance(u64);

impl Chance {
    pub(super) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// A number below `bound`, which is above zero.
    pub(super) fn below(&mut self, bound: u16) -> u16 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        u16::try_from((mixed ^ (mixed >> 31)) % u64::from(bound)).unwrap_or_default()
    }

    /// One of `all`, or nothing of nothing.
    pub(super) fn one_of<T: Copy>(&mut self, all: &[T]) -> Option<T> {
        let bound = u16::try_from(all.len()).ok().filter(|bound| *bound > 0)?;
        all.get(usize::from(self.below(bound))).copied()
    }
}
