//! Decides how a set of numbers is kept of which many are in it: one bit each.

/// A set of numbers below a length.
#[derive(Clone, Debug, Default)]
pub(super) struct Bits(Vec<u64>);

impl Bits {
    /// The empty set of numbers below `len`.
    pub(super) fn new(len: usize) -> Self {
        Self(vec![0; len.div_ceil(64)])
    }

    /// The set of all numbers below `len`.
    pub(super) fn all(len: usize) -> Self {
        Self(vec![u64::MAX; len.div_ceil(64)])
    }

    /// Whether a number is in it.
    pub(super) fn has(&self, number: u32) -> bool {
        self.0.get((number / 64) as usize).is_some_and(|word| word >> (number % 64) & 1 == 1)
    }

    /// Adds a number, and says whether it is new.
    pub(super) fn add(&mut self, number: u32) -> bool {
        let Some(word) = self.0.get_mut((number / 64) as usize) else { return false };
        let bit = 1 << (number % 64);
        let is_new = *word & bit == 0;
        *word |= bit;
        is_new
    }

    /// Adds all numbers of another set.
    pub(super) fn add_all(&mut self, other: &Self) {
        for (word, more) in self.0.iter_mut().zip(&other.0) {
            *word |= more;
        }
    }
}
