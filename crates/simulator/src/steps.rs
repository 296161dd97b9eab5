//! What a run consists of: steps that are drawn from a seed, each a value of its own, so that a failing list of them can
//! be made shorter and still means the same.

use fastrand::Rng;
use std::fmt;

/// What a step does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    /// Somebody does what they may.
    Give,
    /// Somebody tries something, mostly what they may not.
    Try,
    /// A command is given again under its key.
    Repeat,
    /// Two nodes are given a command each at once.
    Race,
    /// Time passes, from minutes to days.
    Pass,
    /// The provider settles what it holds.
    Settle,
    /// Something goes wrong.
    Trouble,
}

impl Act {
    const ALL: [(Self, &'static str, u8); 7] = [
        (Self::Give, "give", 52),
        (Self::Try, "try", 16),
        (Self::Repeat, "repeat", 4),
        (Self::Race, "race", 4),
        (Self::Pass, "pass", 16),
        (Self::Settle, "settle", 3),
        (Self::Trouble, "trouble", 5),
    ];

    /// In one word.
    pub fn text(self) -> &'static str {
        Self::ALL.iter().find(|(act, _, _)| *act == self).map_or("", |(_, text, _)| text)
    }
}

/// A step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Step {
    /// In which marketplace.
    pub world: usize,
    /// What.
    pub act: Act,
    /// Decides all else.
    pub dice: u64,
}

impl Step {
    /// The steps of a seed, in any of `worlds` marketplaces.
    pub fn drawn(seed: u64, worlds: usize) -> impl Iterator<Item = Self> {
        let mut dice = Rng::with_seed(seed);
        std::iter::from_fn(move || {
            let mut weight = dice.u8(..100);
            let act = Act::ALL.into_iter().find(|(_, _, of)| {
                let here = weight < *of;
                weight = weight.saturating_sub(*of);
                here
            });
            let act = act.map_or(Act::Give, |(act, _, _)| act);
            Some(Self { world: dice.usize(..worlds.max(1)), act, dice: dice.u64(..) })
        })
    }

    /// Reads what [`fmt::Display`] writes.
    pub fn parse(text: &str) -> Option<Self> {
        let mut words = text.split_whitespace();
        let world = words.next()?.parse().ok()?;
        let word = words.next()?;
        let (act, _, _) = Act::ALL.into_iter().find(|(_, text, _)| *text == word)?;
        Some(Self { world, act, dice: u64::from_str_radix(words.next()?, 16).ok()? })
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {:016x}", self.world, self.act.text(), self.dice)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_reads_back_from_its_text() {
        for step in Step::drawn(7, 3).take(100) {
            assert_eq!(Step::parse(&step.to_string()), Some(step));
        }
    }

    #[test]
    fn the_weights_are_per_cent() {
        assert_eq!(Act::ALL.iter().map(|(_, _, weight)| u32::from(*weight)).sum::<u32>(), 100);
    }
}
