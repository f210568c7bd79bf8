//! Decides which commit follows on which, and in what order they are told.
//!
//! A commit comes after all of its parents; among those that may come next, the one that was committed first does, then
//! the one with the lower id. So clocks that were wrong put no commit before its parent.

use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap};

use super::id::Kind;
use super::odb::{Catalog, Object};

/// In place of a number: there is none.
pub(super) const NONE: u32 = u32::MAX;

/// What was learned of one commit.
#[derive(Clone, Copy, Debug)]
pub(super) struct Learned {
    pub(super) object: Object,
    /// The number of its tree's object, or [`NONE`].
    pub(super) tree: u32,
    pub(super) time: i64,
    /// Where its parents begin in [`Lessons::parents`], and how many it has.
    pub(super) parents: (u32, u32),
}

/// What one thread has learned of commits.
#[derive(Debug, Default)]
pub(super) struct Lessons {
    pub(super) commits: Vec<Learned>,
    pub(super) parents: Vec<Object>,
}

impl Lessons {
    /// Adds what another thread has learned.
    pub(super) fn add(&mut self, mut other: Self) {
        let shift = number(self.parents.len());
        self.parents.append(&mut other.parents);
        let shifted = other.commits.into_iter();
        self.commits
            .extend(shifted.map(|commit| Learned { parents: (commit.parents.0 + shift, commit.parents.1), ..commit }));
    }
}

/// All commits of a store. A commit is known by its number here, which is less than the length.
#[derive(Debug, Default)]
pub(super) struct CommitGraph {
    /// Sorted.
    objects: Vec<Object>,
    trees: Vec<u32>,
    times: Vec<i64>,
    /// Where the parents of each commit begin, and the end of the last.
    starts: Vec<u32>,
    parents: Vec<u32>,
}

impl CommitGraph {
    /// Puts together what was learned. A commit in `cut` is told as if it had no parents: that is where a shallow clone
    /// ends.
    pub(super) fn new(mut lessons: Lessons, cut: &BTreeSet<Object>) -> Self {
        lessons.commits.sort_unstable_by_key(|commit| commit.object);
        lessons.commits.dedup_by_key(|commit| commit.object);
        let mut graph = Self {
            objects: lessons.commits.iter().map(|commit| commit.object).collect(),
            trees: lessons.commits.iter().map(|commit| commit.tree).collect(),
            times: lessons.commits.iter().map(|commit| commit.time).collect(),
            starts: vec![0],
            parents: Vec::with_capacity(lessons.parents.len()),
        };
        for commit in &lessons.commits {
            let (start, len) = (commit.parents.0 as usize, commit.parents.1 as usize);
            if !cut.contains(&commit.object) {
                let parents = lessons.parents[start..start + len].iter();
                let nodes: Vec<u32> = parents.filter_map(|&parent| graph.find(parent)).collect();
                graph.parents.extend(nodes);
            }
            graph.starts.push(number(graph.parents.len()));
        }
        graph
    }

    /// How many commits there are.
    pub(super) fn len(&self) -> usize {
        self.objects.len()
    }

    /// The commit that is this object.
    pub(super) fn find(&self, object: Object) -> Option<u32> {
        self.objects.binary_search(&object).ok().map(number)
    }

    /// The object that a commit is.
    pub(super) fn object(&self, commit: u32) -> Object {
        self.objects[commit as usize]
    }

    /// The number of the object that is its tree, if that is there.
    pub(super) fn tree(&self, commit: u32) -> Option<u32> {
        Some(self.trees[commit as usize]).filter(|&tree| tree != NONE)
    }

    /// The parents that are there.
    pub(super) fn parents(&self, commit: u32) -> &[u32] {
        let at = commit as usize;
        &self.parents[self.starts[at] as usize..self.starts[at + 1] as usize]
    }

    /// The commits that `tips` are or follow on: for each whether it is one.
    pub(super) fn reach(&self, tips: impl IntoIterator<Item = u32>) -> Vec<bool> {
        let mut reached = vec![false; self.len()];
        let mut open: Vec<u32> = tips.into_iter().collect();
        while let Some(commit) = open.pop() {
            if !std::mem::replace(&mut reached[commit as usize], true) {
                open.extend(self.parents(commit).iter().filter(|&&parent| !reached[parent as usize]));
            }
        }
        reached
    }

    /// The commits for which `chosen` holds, in the order in which they are told.
    pub(super) fn order(&self, catalog: &Catalog<'_>, chosen: &[bool]) -> Vec<u32> {
        let mut waits = vec![0_u32; self.len()];
        let children = Children::of(self, chosen, &mut waits);
        let mut next = BinaryHeap::new();
        let ranks = self.ranks(catalog);
        let entry = |commit: u32| Reverse((self.times[commit as usize], ranks[commit as usize], commit));
        next.extend((0..number(self.len())).filter(|&at| chosen[at as usize] && waits[at as usize] == 0).map(entry));
        let mut order = Vec::new();
        while let Some(Reverse((_, _, commit))) = next.pop() {
            order.push(commit);
            let free = |&&child: &&u32| {
                waits[child as usize] -= 1;
                waits[child as usize] == 0
            };
            next.extend(children.of_one(commit).iter().filter(free).map(|&child| entry(child)));
        }
        order
    }

    /// For each commit how many have a lower id.
    fn ranks(&self, catalog: &Catalog<'_>) -> Vec<u32> {
        let mut ranks = vec![NONE; self.len()];
        let commits = catalog.by_id().filter(|&(_, object)| catalog.kind(object) == Some(Kind::Commit));
        for (rank, commit) in (0..).zip(commits.filter_map(|(_, object)| self.find(object))) {
            ranks[commit as usize] = rank;
        }
        ranks
    }
}

/// The commits that follow on each commit.
struct Children {
    starts: Vec<u32>,
    children: Vec<u32>,
}

impl Children {
    /// Those for which `chosen` holds; `waits` counts how many chosen parents each has.
    fn of(graph: &CommitGraph, chosen: &[bool], waits: &mut [u32]) -> Self {
        let mut starts = vec![0_u32; graph.len() + 1];
        let pairs = || {
            let chosen_ones = (0..number(graph.len())).filter(|&commit| chosen[commit as usize]);
            chosen_ones.flat_map(|commit| graph.parents(commit).iter().map(move |&parent| (parent, commit)))
        };
        for (parent, commit) in pairs().filter(|(parent, _)| chosen[*parent as usize]) {
            starts[parent as usize] += 1;
            waits[commit as usize] += 1;
        }
        let mut sum = 0;
        for start in &mut starts {
            sum += *start;
            *start = sum;
        }
        let mut children = vec![0; sum as usize];
        for (parent, commit) in pairs().filter(|(parent, _)| chosen[*parent as usize]) {
            starts[parent as usize] -= 1;
            children[starts[parent as usize] as usize] = commit;
        }
        Self { starts, children }
    }

    fn of_one(&self, parent: u32) -> &[u32] {
        let at = parent as usize;
        &self.children[self.starts[at] as usize..self.starts[at + 1] as usize]
    }
}

/// A length as a number of 32 bits; a catalog has no more objects than that.
pub(super) fn number(len: usize) -> u32 {
    u32::try_from(len).unwrap_or(NONE)
}
