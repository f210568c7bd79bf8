//! Decides how the way is found from what is wanted up to the top: in each pass over all trees, those are looked for that
//! hold a tree found in the pass before.
//!
//! A tree that lies in no other tree is at the top already, so that most histories need as many passes as the deepest of
//! their paths has folders.

use std::sync::{Mutex, PoisonError};

use super::bits::Bits;
use super::holdings::Edge;
use super::names::Names;
use super::survey::Found;
use crate::git::graph::number;
use crate::git::id::ObjectId;
use crate::git::mode::{FOLDER, kind_of};
use crate::git::odb::{Catalog, Entry, Kept, Object, TreeVisitor};

/// How many folders deep a path may be; git itself goes no deeper.
pub(super) const DEEPEST: usize = 2048;

/// The bits that an id is sorted out by before it is looked up.
const SIEVE_BITS: u32 = 21;

/// How many passes there are at the most. What lies deeper is found with one pass that remembers all folders, which takes
/// much memory, and which hardly any repository needs.
const MOST_PASSES: usize = 24;

/// Adds the edges from the trees found so far to those that hold them, up to the top.
pub(super) fn climb(catalog: &Catalog<'_>, jobs: usize, found: &mut Found) {
    let mut holding = Bits::new(catalog.len());
    let mut first_new = 0;
    for pass in 0..=MOST_PASSES {
        let mut sought = Bits::new(catalog.len());
        let new = found.edges[first_new..].iter();
        let news = new.filter(|edge| holding.add(edge.tree) && found.inner.has(edge.tree) && sought.add(edge.tree));
        let new: Vec<u32> = news.map(|edge| edge.tree).collect();
        if new.is_empty() {
            break;
        }
        first_new = found.edges.len();
        if pass == MOST_PASSES {
            let level = Level {
                sieve: Bits::all(1 << SIEVE_BITS),
                sought: Bits::all(catalog.len()),
                families: Bits::all(catalog.len()),
                ..Level::new(catalog, &found.names)
            };
            let edges = level.pass(jobs);
            at_once(edges, (new, &mut holding), &mut found.edges);
            break;
        }
        let mut families = Bits::new(catalog.len());
        for family in new.iter().flat_map(|&tree| families_of(&found.families, tree)) {
            families.add(family);
        }
        let sieve = sieve(catalog, &sought);
        let level = Level { sought, sieve, families, ..Level::new(catalog, &found.names) };
        let mut edges = level.pass(jobs);
        found.edges.append(&mut edges);
    }
}

/// Adds those of all edges that lead up from the trees in `open`.
fn at_once(mut edges: Vec<Edge>, (mut open, holding): (Vec<u32>, &mut Bits), found: &mut Vec<Edge>) {
    edges.sort_unstable_by_key(|edge| (edge.child, edge.tree, edge.name));
    while let Some(tree) = open.pop() {
        let start = edges.partition_point(|edge| edge.child < tree);
        for edge in edges[start..].iter().take_while(|edge| edge.child == tree) {
            found.push(*edge);
            open.extend(holding.add(edge.tree).then_some(edge.tree));
        }
    }
}

/// One pass.
struct Level<'c> {
    catalog: &'c Catalog<'c>,
    sought: Bits,
    /// The beginnings of the ids that are sought.
    sieve: Bits,
    /// The families of trees in which they are, by their first trees.
    families: Bits,
    /// The name of every entry is in here already.
    names: &'c Names,
    edges: Mutex<Vec<Edge>>,
}

impl<'c> Level<'c> {
    /// A pass that seeks nothing.
    fn new(catalog: &'c Catalog<'c>, names: &'c Names) -> Self {
        let (sought, sieve, families) = Default::default();
        Self { catalog, sought, sieve, families, names, edges: Mutex::default() }
    }

    /// The entries that are sought, in all trees.
    fn pass(self, jobs: usize) -> Vec<Edge> {
        let chosen = |first: u32| self.families.has(first);
        self.catalog.trees_in(&chosen, jobs, &|| Box::new(Climber { level: &self, edges: Vec::new() }));
        self.edges.into_inner().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The families that hold a tree.
fn families_of(families: &[(u32, u32)], tree: u32) -> impl Iterator<Item = u32> + '_ {
    let start = families.partition_point(|&(other, _)| other < tree);
    families[start..].iter().take_while(move |&&(other, _)| other == tree).map(|&(_, family)| family)
}

fn sieve(catalog: &Catalog<'_>, sought: &Bits) -> Bits {
    let mut sieve = Bits::new(1 << SIEVE_BITS);
    for (prefix, _) in catalog.by_id().filter(|(_, object)| sought.has(number(object.index()))) {
        sieve.add(beginning(&prefix.to_be_bytes()));
    }
    sieve
}

/// The first bits of an id.
fn beginning(id: &[u8]) -> u32 {
    id.first_chunk().map_or(0, |first| u32::from_be_bytes(*first) >> (32 - SIEVE_BITS))
}

struct Climber<'l> {
    level: &'l Level<'l>,
    edges: Vec<Edge>,
}

impl TreeVisitor for Climber<'_> {
    fn entry(&mut self, entry: &Entry<'_>) -> Option<u32> {
        if kind_of(entry.mode) != FOLDER || !self.level.sieve.has(beginning(entry.id)) {
            return None;
        }
        let object = self.level.catalog.find(&ObjectId::from_bytes(entry.id)?)?;
        Some(number(object.index())).filter(|&object| self.level.sought.has(object))
    }

    fn holder(&mut self, tree: Object, kept: &[Kept<'_>]) {
        for entry in kept {
            if let Some(name) = self.level.names.find(entry.name) {
                self.edges.push(Edge { tree: number(tree.index()), name, child: entry.mark });
            }
        }
    }
}

impl Drop for Climber<'_> {
    fn drop(&mut self) {
        self.level.edges.lock().unwrap_or_else(PoisonError::into_inner).append(&mut self.edges);
    }
}
