//! Decides how an object is found by its id, with twelve bytes of memory for each: the beginning of the id and a number.

/// One object: the first eight bytes of its id in two halves, so that no padding is needed, and its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key {
    high: u32,
    low: u32,
    /// Which object it is.
    pub(super) number: u32,
}

impl Key {
    pub(super) fn new(prefix: u64, number: u32) -> Self {
        let high = u32::try_from(prefix >> 32).unwrap_or_default();
        let low = u32::try_from(prefix & 0xffff_ffff).unwrap_or_default();
        Self { high, low, number }
    }

    pub(super) fn prefix(self) -> u64 {
        u64::from(self.high) << 32 | u64::from(self.low)
    }
}

/// How many objects there are to a bucket, on average and as a power of two.
const PER_BUCKET: u32 = 3;

/// Objects in the order of their ids.
#[derive(Debug, Default)]
pub(super) struct Table {
    keys: Vec<Key>,
    /// How many of the highest bits choose a bucket.
    bits: u32,
    /// Where each bucket begins, and the end of the last.
    starts: Vec<u32>,
}

impl Table {
    /// The table of keys that are sorted by id.
    pub(super) fn new(keys: Vec<Key>) -> Self {
        let bits = keys.len().checked_ilog2().unwrap_or_default().saturating_sub(PER_BUCKET).min(28);
        let mut starts = Vec::with_capacity((1 << bits) + 1);
        for (at, key) in (0..).zip(&keys) {
            while starts.len() <= bucket(key.prefix(), bits) {
                starts.push(at);
            }
        }
        starts.resize((1 << bits) + 1, u32::try_from(keys.len()).unwrap_or(u32::MAX));
        Self { keys, bits, starts }
    }

    /// Those whose ids begin with `prefix`.
    pub(super) fn beginning_with(&self, prefix: u64) -> &[Key] {
        let bucket = bucket(prefix, self.bits);
        let keys = &self.keys[self.starts[bucket] as usize..self.starts[bucket + 1] as usize];
        let start = keys.partition_point(|key| key.prefix() < prefix);
        let len = keys[start..].iter().take_while(|key| key.prefix() == prefix).count();
        &keys[start..start + len]
    }

    /// All, in the order of their ids.
    pub(super) fn keys(&self) -> &[Key] {
        &self.keys
    }

    /// All, in the order of their ids.
    pub(super) fn keys_mut(&mut self) -> &mut [Key] {
        &mut self.keys
    }
}

fn bucket(prefix: u64, bits: u32) -> usize {
    if bits == 0 { 0 } else { usize::try_from(prefix >> (64 - bits)).unwrap_or_default() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_is_found_and_no_other() {
        for count in [0_u64, 1, 7, 8, 9, 1000] {
            let mut keys: Vec<Key> = (0..count)
                .map(|at| Key::new((at / 2).wrapping_mul(0x9e37_79b9_7f4a_7c15), u32::try_from(at).unwrap()))
                .collect();
            keys.sort_unstable();
            let table = Table::new(keys.clone());
            for key in &keys {
                assert!(table.beginning_with(key.prefix()).contains(key));
                assert!(table.beginning_with(key.prefix()).len() <= 2);
                assert!(table.beginning_with(key.prefix() ^ 1).is_empty());
            }
        }
    }
}
