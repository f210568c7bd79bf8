//! Decides how names are told apart when millions of entries are seen: each distinct one is kept once, by a number.

use std::hash::{BuildHasher as _, RandomState};

use crate::git::graph::{NONE, number};

/// Distinct names, numbered from zero in the order in which they came.
#[derive(Debug, Default)]
pub(super) struct Names {
    text: Vec<u8>,
    ends: Vec<usize>,
    /// A table of numbers, twice as long as needed; an empty place is [`NONE`].
    slots: Vec<u32>,
    digest: Digest,
}

/// A digest of names. Its keys are random, so that nobody can choose names that all fall into one place.
#[derive(Debug)]
struct Digest {
    start: u64,
    factor: u64,
}

impl Default for Digest {
    fn default() -> Self {
        let random = RandomState::new();
        Self { start: random.hash_one(0), factor: random.hash_one(1) | 1 }
    }
}

impl Digest {
    #[expect(clippy::cast_possible_truncation, reason = "the halves of a product are taken apart")]
    fn of(&self, name: &[u8]) -> u64 {
        let mut digest = self.start ^ name.len() as u64;
        for chunk in name.chunks(8) {
            let mut word = [0; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            let product = u128::from(digest ^ u64::from_le_bytes(word)) * u128::from(self.factor);
            digest = product as u64 ^ (product >> 64) as u64;
        }
        digest
    }
}

impl Names {
    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    /// The name with a number.
    pub(super) fn get(&self, name: u32) -> &[u8] {
        let at = name as usize;
        let start = if at == 0 { 0 } else { self.ends[at - 1] };
        &self.text[start..self.ends[at]]
    }

    /// The number of a name, if it is known.
    pub(super) fn find(&self, name: &[u8]) -> Option<u32> {
        let slot = self.slot(name)?;
        Some(self.slots[slot]).filter(|&found| found != NONE)
    }

    /// The number of a name, and whether it is new.
    pub(super) fn add(&mut self, name: &[u8]) -> (u32, bool) {
        if self.slots.len() <= 2 * self.len() {
            self.grow();
        }
        let Some(slot) = self.slot(name) else { return (NONE, false) };
        if self.slots[slot] != NONE {
            return (self.slots[slot], false);
        }
        let new = number(self.len());
        self.slots[slot] = new;
        self.text.extend_from_slice(name);
        self.ends.push(self.text.len());
        (new, true)
    }

    /// The place in the table where a name is or would be.
    fn slot(&self, name: &[u8]) -> Option<usize> {
        let mask = self.slots.len().checked_sub(1)?;
        #[expect(clippy::cast_possible_truncation, reason = "any bits of a digest will do")]
        let mut slot = self.digest.of(name) as usize & mask;
        while self.slots[slot] != NONE && self.get(self.slots[slot]) != name {
            slot = (slot + 1) & mask;
        }
        Some(slot)
    }

    fn grow(&mut self) {
        self.slots = vec![NONE; (self.slots.len() * 2).max(64)];
        for name in 0..number(self.len()) {
            if let Some(slot) = self.slot(self.get(name)) {
                self.slots[slot] = name;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_name_has_one_number() {
        let mut names = Names::default();
        assert_eq!(names.find(b"x"), None);
        for round in [true, false] {
            for at in 0..1000_u32 {
                assert_eq!(names.add(at.to_string().as_bytes()), (at, round));
            }
        }
        assert_eq!((names.len(), names.find(b"999"), names.find(b"x")), (1000, Some(999), None));
        assert_eq!(names.get(10), b"10");
    }
}
