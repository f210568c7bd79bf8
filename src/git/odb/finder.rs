//! Decides how the entry that begins at an offset is found: by a table of equal stretches of the pack, since bases lie
//! anywhere before what is made from them.

use super::catalog::{Location, Slot};

/// How many entries there are to a stretch, on average and at the most.
const PER_STRETCH: usize = 4;

/// The stretches of one pack.
#[derive(Debug)]
pub(super) struct Finder {
    /// How many of the lowest bits of an offset do not matter.
    shift: u32,
    /// The first slot of each stretch, and the end of the last.
    starts: Vec<u32>,
}

impl Finder {
    /// Stretches of the pack that has the slots from `first` to `end`, in the order of their offsets.
    pub(super) fn new(slots: &[Slot], first: usize, end: usize) -> Self {
        let own = &slots[first..end];
        let last = own.last().map_or(0, |slot| slot.location.offset());
        let mut shift = 0;
        while last >> shift > (own.len() / PER_STRETCH) as u64 {
            shift += 1;
        }
        let mut starts = Vec::new();
        for (number, slot) in (first..).zip(own) {
            let number = u32::try_from(number).unwrap_or(u32::MAX);
            while starts.len() as u64 <= slot.location.offset() >> shift {
                starts.push(number);
            }
        }
        starts.push(u32::try_from(end).unwrap_or(u32::MAX));
        Self { shift, starts }
    }

    /// The slot of the entry at `location`, if one begins there.
    pub(super) fn find(&self, slots: &[Slot], location: Location) -> Option<u32> {
        let stretch = usize::try_from(location.offset() >> self.shift).ok()?;
        let first = *self.starts.get(stretch)?;
        let end = *self.starts.get(stretch + 1)?;
        let own = &slots[first as usize..end as usize];
        let at = own.binary_search_by_key(&location, |slot| slot.location).ok()?;
        u32::try_from(first as usize + at).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::super::catalog::NONE;
    use super::*;

    fn slot(offset: u64) -> Slot {
        let location = Location::new(3, offset).unwrap();
        Slot { location, row: 0, stored: 0, check: 0, child: NONE, sibling: NONE }
    }

    #[test]
    fn every_entry_is_found_and_nothing_else() {
        for offsets in [vec![], vec![12], vec![12, 13, 14, 15, 900_000_000_000], (6..5000).map(|at| at * at).collect()]
        {
            let slots: Vec<Slot> = std::iter::once(1).chain(offsets.iter().copied()).map(slot).collect();
            let finder = Finder::new(&slots, 1, slots.len());
            for (number, slot) in (0..).zip(&slots).skip(1) {
                assert_eq!(finder.find(&slots, slot.location), Some(number));
            }
            for offset in [0, 11, 16, 899_999_999_999, 900_000_000_001, 1 << 43] {
                assert_eq!(finder.find(&slots, Location::new(3, offset).unwrap()), None);
            }
        }
    }
}
