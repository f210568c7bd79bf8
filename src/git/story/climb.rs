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

/// Adds the edges from the trees found so far to those that hold them, up to the top.
pub(super) fn climb(catalog: &Catalog<'_>, jobs: usize, found: &mut Found) {
    let mut holding = Bits::new(catalog.len());
    let mut first_new = 0;
    for _ in 0..DEEPEST {
        let mut sought = Bits::new(catalog.len());
        let new = found.edges[first_new..].iter();
        let news = new.filter(|edge| holding.add(edge.tree) && found.inner.has(edge.tree) && sought.add(edge.tree));
        if news.count() == 0 {
            break;
        }
        first_new = found.edges.len();
        let level =
            Level { catalog, sieve: sieve(catalog, &sought), sought, names: &found.names, edges: Mutex::default() };
        catalog.trees(jobs, &|| Box::new(Climber { level: &level, edges: Vec::new() }));
        let mut edges = level.edges.into_inner().unwrap_or_else(PoisonError::into_inner);
        found.edges.append(&mut edges);
    }
}

/// One pass.
struct Level<'c> {
    catalog: &'c Catalog<'c>,
    sought: Bits,
    /// The beginnings of the ids that are sought.
    sieve: Bits,
    /// The name of every entry is in here already.
    names: &'c Names,
    edges: Mutex<Vec<Edge>>,
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
