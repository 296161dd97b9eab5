//! The distinct values of a sequence in order, in bounded memory: the smallest ones first, the rest in further passes.

use std::collections::BTreeSet;

/// The smallest values above a bound, as many as are allowed.
pub(super) struct Smallest<T> {
    above: Option<T>,
    max: usize,
    kept: BTreeSet<T>,
    dropped: bool,
}

impl<T: Ord + Copy> Smallest<T> {
    /// Keeps at most `max`, which is above zero.
    pub(super) fn above(above: Option<T>, max: usize) -> Self {
        Self { above, max, kept: BTreeSet::new(), dropped: false }
    }

    pub(super) fn offer(&mut self, value: T) {
        if self.above.is_some_and(|above| value <= above) {
            return;
        }
        self.kept.insert(value);
        if self.kept.len() > self.max {
            self.kept.pop_last();
            self.dropped = true;
        }
    }

    pub(super) fn kept(&self) -> impl Iterator<Item = &T> {
        self.kept.iter()
    }

    /// The bound of the next pass, if there are larger values.
    pub(super) fn dropped_above(&self) -> Option<T> {
        self.kept.last().copied().filter(|_| self.dropped)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn passes(values: &[u8], max: usize) -> Vec<Vec<u8>> {
        let (mut passes, mut above) = (Vec::new(), None);
        loop {
            let mut smallest = Smallest::above(above, max);
            for value in values {
                smallest.offer(*value);
            }
            passes.push(smallest.kept().copied().collect());
            above = smallest.dropped_above();
            if above.is_none() {
                return passes;
            }
        }
    }

    #[test]
    fn however_few_are_kept_every_value_comes_once_and_in_order() {
        let values = [5, 3, 9, 3, 0, 9, 7, 255, 1];
        assert_eq!(passes(&values, 100), [vec![0, 1, 3, 5, 7, 9, 255]]);
        assert_eq!(passes(&values, 7), [vec![0, 1, 3, 5, 7, 9, 255]]);
        assert_eq!(passes(&values, 3), [vec![0, 1, 3], vec![5, 7, 9], vec![255]]);
        assert_eq!(passes(&values, 1).concat(), [0, 1, 3, 5, 7, 9, 255]);
        assert_eq!(passes(&[], 1), [vec![0_u8; 0]]);
    }
}
