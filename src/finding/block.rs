//! Decides which neighbours in a file form a block: one token, one project, one Space, one key, in whatever order.
//!
//! A file is cut into as few blocks as hold no two values of one kind. Among the ways to do that, the cuts go where
//! the gaps are widest, in lines and, on one line, in bytes; at last, all blocks should begin with the same kind.

use super::affix::{Affix, Evidence};
use crate::blob::Position;

/// How many places a block has at the most.
const LONGEST: usize = 16;

/// A place in a file where something stands that belongs to a credential.
#[derive(Debug)]
pub(super) struct Place {
    /// Its finding.
    pub(super) at: usize,
    pub(super) start: Position,
    pub(super) end: Position,
    /// What it says of its credential, as numbers: the token, the project, the Space, the signing key.
    pub(super) slots: [Option<usize>; 4],
    pub(super) affix: Affix,
    /// The name that it is bound to.
    pub(super) name: Option<Box<str>>,
}

/// What a way to cut costs, the gravest first: blocks, lines and bytes within them, blocks that begin otherwise.
type Cost = (usize, u64, u64, usize);

/// The number of the block of each place; `places` are sorted by where they stand.
pub(super) fn of(places: &[Place], evidence: &Evidence) -> Vec<usize> {
    let slotted: Vec<&Place> = places.iter().filter(|place| !is_loose(place)).collect();
    let blocks = cut(&slotted, evidence);
    let mut next = 0;
    let numbers = places.iter().map(|place| {
        if !is_loose(place) {
            next += 1;
            return blocks[next - 1];
        }
        let before = next.checked_sub(1).map(|at| (gap(slotted[at], place), blocks[at]));
        let after = slotted.get(next).map(|after| (gap(place, after), blocks[next]));
        let nearest = before.into_iter().chain(after).min_by_key(|&(gap, _)| gap);
        nearest.map_or(0, |(_, block)| block)
    });
    numbers.collect()
}

/// Whether a place may stand in any block, like a password.
fn is_loose(place: &Place) -> bool {
    place.slots.iter().all(Option::is_none)
}

/// Cuts the places into blocks, and tells the number of each one's block.
fn cut(places: &[&Place], evidence: &Evidence) -> Vec<usize> {
    // The least cost of the first so many places, and where their last block begins.
    let mut best: Vec<(Cost, usize)> = vec![((0, 0, 0, 0), 0)];
    for end in 1..=places.len() {
        let mut inner = (0, 0);
        let mut least: Option<(Cost, usize)> = None;
        for begin in (end.saturating_sub(LONGEST)..end).rev() {
            if places[begin + 1..end].iter().any(|other| !together(places[begin], other, evidence)) {
                break;
            }
            if let Some(next) = places.get(begin + 1).filter(|_| begin + 1 < end) {
                let gap = gap(places[begin], next);
                inner = (inner.0 + gap.0, inner.1 + gap.1);
            }
            let (blocks, lines, bytes, others) = best[begin].0;
            let other = usize::from(kind(places[begin]) != kind(places[0]));
            let cost = (blocks + 1, lines + inner.0, bytes + inner.1, others + other);
            if least.is_none_or(|(least, _)| cost < least) {
                least = Some((cost, begin));
            }
        }
        best.extend(least);
    }
    let mut blocks = vec![0; places.len()];
    let mut end = places.len();
    while end > 0 {
        let begin = best[end].1;
        blocks[begin..end].fill(begin);
        end = begin;
    }
    blocks
}

/// Whether two places may stand in one block.
fn together(one: &Place, other: &Place, evidence: &Evidence) -> bool {
    let differ = |slot: usize| matches!((one.slots[slot], other.slots[slot]), (Some(a), Some(b)) if a != b);
    let repeats = one.name.is_some() && one.name == other.name && kind(one) == kind(other) && one.start != other.start;
    !repeats && !(0..4).any(differ) && !evidence.contradicts(&one.affix, &other.affix)
}

fn kind(place: &Place) -> [bool; 4] {
    place.slots.map(|slot| slot.is_some())
}

/// Lines between two places, or bytes if they stand on one line.
pub(super) fn gap(one: &Place, other: &Place) -> (u64, u64) {
    match other.start.line.saturating_sub(one.end.line) {
        0 => (0, other.start.column.saturating_sub(one.end.column)),
        lines => (lines, 0),
    }
}
