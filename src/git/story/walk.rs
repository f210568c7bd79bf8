//! Decides what the history says about each key: one walk over the commits for hundreds of keys at a time, each of them
//! one bit.
//!
//! A commit brings a key if it holds it and no parent does. It removes a key that it does not hold if all of its parents
//! do. Where only some do, a merge either takes what another commit has removed, or removes it itself: it does the latter
//! if the key was brought since it was last removed. A stash removes nothing.
//!
//! A key is gone when no tip of a branch, of a remote-tracking branch or of `HEAD` of a working tree holds it, and no index
//! does; then the last commit that removed it is told. Tags and reflogs keep what was, and do not count.
//!
//! A ref contains a key if it leads to a commit that brings it: whoever holds it has it from such a commit.

use std::collections::{BTreeMap, BTreeSet};

use super::keys::Keys;
use crate::git::graph::{CommitGraph, NONE, number};

/// Words of 64 keys in one walk at the most.
const WIDEST: usize = 8;

/// Words that may be held at a time for all commits or for all nodes, unless one for each is more: 32 MiB.
const MOST_WORDS: usize = 4 << 20;

/// What is walked over.
pub(super) struct World<'a> {
    pub(super) graph: &'a CommitGraph,
    /// The commits, parents first.
    pub(super) order: &'a [u32],
    /// For each commit the node of its tree, or [`NONE`].
    pub(super) tops: Vec<u32>,
    /// Commits that have a key by themselves, not by their trees.
    pub(super) own: BTreeMap<u32, Vec<u32>>,
    /// Stashes, and the indexes that they put aside. They remove nothing.
    pub(super) stashes: BTreeSet<u32>,
    /// Commits that refs lead to, with the refs that stories name.
    pub(super) tips: Vec<(u32, u32)>,
    /// Nodes that refs lead to without a commit, with the refs.
    pub(super) loose: Vec<(u32, u32)>,
    pub(super) head: Option<u32>,
}

/// What is said about one key.
#[derive(Clone, Debug)]
pub(super) struct Told {
    pub(super) first: u32,
    pub(super) last: u32,
    pub(super) removed: u32,
    pub(super) in_head: bool,
    /// The refs that contain it, as often as there are commits that both lead to.
    pub(super) refs: Vec<u32>,
    /// The refs whose commits hold it.
    pub(super) holders: Vec<u32>,
    /// Whether it was brought since it was last removed.
    is_back: bool,
}

impl Default for Told {
    fn default() -> Self {
        Self {
            first: NONE,
            last: NONE,
            removed: NONE,
            in_head: false,
            refs: Vec::new(),
            holders: Vec::new(),
            is_back: false,
        }
    }
}

impl Told {
    /// Notes a commit that brings it; the first counts.
    fn begin(&mut self, commit: u32) {
        if self.first == NONE {
            self.first = commit;
        }
        self.is_back = true;
    }

    /// Notes a commit that removes it; the last counts.
    fn end(&mut self, commit: u32) {
        self.removed = commit;
        self.is_back = false;
    }
}

/// Tells of all keys.
pub(super) fn walk(world: &World<'_>, keys: &Keys<'_>) -> Vec<Told> {
    let mut told = vec![Told::default(); keys.all().len()];
    let rows = world.graph.len().max(keys.nodes()).max(1);
    let widest = (MOST_WORDS / rows).clamp(1, WIDEST);
    let mut first = 0;
    while first < told.len() {
        let width = (told.len() - first).div_ceil(64).min(widest);
        let end = (first + width * 64).min(told.len());
        let mut batch =
            Batch { world, width, first, held: Vec::new(), brought: Vec::new(), told: &mut told[first..end] };
        batch.hold(keys, number(end));
        batch.forward();
        batch.backward();
        batch.tips();
        first = end;
    }
    told
}

struct Batch<'a, 't> {
    world: &'a World<'a>,
    width: usize,
    /// The key that the first bit stands for.
    first: usize,
    /// For each node the keys that it holds.
    held: Vec<u64>,
    /// For each commit the keys that it or a commit before it brings.
    brought: Vec<u64>,
    told: &'t mut [Told],
}

impl Batch<'_, '_> {
    /// Finds out what each node holds.
    fn hold(&mut self, keys: &Keys<'_>, end: u32) {
        let width = self.width;
        self.held = vec![0; keys.nodes() * width];
        for &(key, node) in keys.leaves(number(self.first), end) {
            let bit = key as usize - self.first;
            self.held[node as usize * width + bit / 64] |= 1 << (bit % 64);
        }
        for node in 0..keys.nodes() {
            let (before, own) = self.held.split_at_mut(node * width);
            for &child in keys.children(node) {
                let start = child as usize * width;
                merge(&mut own[..width], &before[start..start + width]);
            }
        }
    }

    /// What the tree of a commit holds.
    fn of(&self, commit: u32) -> Option<&[u64]> {
        let node = self.world.tops[commit as usize];
        let start = node as usize * self.width;
        (node != NONE).then(|| &self.held[start..start + self.width])
    }

    /// Sets the bits of keys that a commit has by itself.
    fn add_own(&self, commit: u32, bits: &mut [u64]) {
        for &key in self.world.own.get(&commit).into_iter().flatten() {
            if let Some(bit) = (key as usize).checked_sub(self.first).filter(|&bit| bit < self.told.len()) {
                bits[bit / 64] |= 1 << (bit % 64);
            }
        }
    }

    /// From parents to children: who brings what, and who removes it.
    fn forward(&mut self) {
        let world = self.world;
        let width = self.width;
        self.brought = vec![0; world.graph.len() * width];
        for &commit in world.order {
            let mut before = self.before(commit);
            let mut brings = [0; WIDEST];
            for (at, held) in self.of(commit).into_iter().flatten().enumerate() {
                brings[at] = held & !before.some[at];
                before.some[at] &= !held;
            }
            self.add_own(commit, &mut brings);
            if !world.stashes.contains(&commit) {
                self.remove(commit, &before);
            }
            each(&brings, |bit| self.told[bit].begin(commit));
            let mut reached = before.brought;
            merge(&mut reached, &brings);
            let start = commit as usize * width;
            self.brought[start..start + width].copy_from_slice(&reached[..width]);
        }
    }

    /// Notes what a commit removes, of which `before` says what its parents hold and it does not.
    fn remove(&mut self, commit: u32, before: &Before) {
        let Before { some: gone, all, .. } = before;
        each(gone, |bit| {
            let of_all = all[bit / 64] >> (bit % 64) & 1 == 1;
            if of_all || self.told[bit].is_back {
                self.told[bit].end(commit);
            }
        });
    }

    /// What there was before a commit.
    fn before(&self, commit: u32) -> Before {
        let mut before = Before { some: [0; WIDEST], all: [u64::MAX; WIDEST], brought: [0; WIDEST] };
        for &parent in self.world.graph.parents(commit) {
            let start = parent as usize * self.width;
            merge(&mut before.brought, &self.brought[start..start + self.width]);
            let held = self.of(parent).unwrap_or_default();
            merge(&mut before.some, held);
            for (at, all) in before.all.iter_mut().enumerate() {
                *all &= held.get(at).copied().unwrap_or(0);
            }
        }
        before
    }

    /// From children to parents: who is the last to hold what.
    fn backward(&mut self) {
        let mut open = [0_u64; WIDEST];
        for (bit, told) in self.told.iter().enumerate() {
            open[bit / 64] |= u64::from(told.first != NONE) << (bit % 64);
        }
        for &commit in self.world.order.iter().rev() {
            let mut last = [0; WIDEST];
            if let Some(held) = self.of(commit) {
                merge(&mut last, held);
            }
            self.add_own(commit, &mut last);
            for (last, open) in last.iter_mut().zip(&mut open) {
                *last &= *open;
                *open &= !*last;
            }
            each(&last, |bit| self.told[bit].last = commit);
            if open == [0; WIDEST] {
                break;
            }
        }
    }

    /// What refs and `HEAD` contain.
    fn tips(&mut self) {
        for &(reference, commit) in &self.world.tips {
            let start = commit as usize * self.width;
            let brought = &self.brought[start..start + self.width];
            each(brought, |bit| self.told[bit].refs.push(reference));
        }
        for &(reference, node) in &self.world.loose {
            let start = node as usize * self.width;
            let held = &self.held[start..start + self.width];
            each(held, |bit| self.told[bit].refs.push(reference));
        }
        let heads = self.world.head.into_iter().map(|head| (NONE, head));
        for (reference, commit) in heads.chain(self.world.tips.iter().copied()) {
            let node = self.world.tops[commit as usize];
            if node == NONE {
                continue;
            }
            let start = node as usize * self.width;
            let held = &self.held[start..start + self.width];
            match reference {
                NONE => each(held, |bit| self.told[bit].in_head = true),
                _ => each(held, |bit| self.told[bit].holders.push(reference)),
            }
        }
    }
}

/// What the parents of a commit say of keys.
struct Before {
    /// Some of them hold these.
    some: [u64; WIDEST],
    /// All of them do.
    all: [u64; WIDEST],
    /// They, or commits before them, bring these.
    brought: [u64; WIDEST],
}

fn merge(into: &mut [u64], from: &[u64]) {
    for (into, from) in into.iter_mut().zip(from) {
        *into |= from;
    }
}

/// Hands out the numbers of the bits that are set.
fn each(bits: &[u64], mut use_bit: impl FnMut(usize)) {
    for (at, &word) in bits.iter().enumerate() {
        let mut word = word;
        while word != 0 {
            use_bit(at * 64 + word.trailing_zeros() as usize);
            word &= word - 1;
        }
    }
}
