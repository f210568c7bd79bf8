//! Decides how it is kept which trees hold something that is wanted, and under what name: only the trees on the way from
//! the top to what is wanted, and only their entries that lead there.

use crate::git::graph::{NONE, number};

/// In place of the number of an object: the entry is kept for its name.
pub(super) const NAME_ONLY: u32 = NONE - 1;

/// How many objects that are not there are followed to their paths.
pub(super) const MOST_ABSENT: u32 = 1000;

/// In place of the number of an object: it is not there, and this is its number among those.
pub(super) fn absent_mark(absent: u32) -> u32 {
    NAME_ONLY - 1 - absent
}

/// Which of the objects that are not there is meant, if one is.
pub(super) fn absent_of(mark: u32) -> Option<u32> {
    (NAME_ONLY - MOST_ABSENT..NAME_ONLY).contains(&mark).then(|| NAME_ONLY - 1 - mark)
}

/// A tree has an entry that is wanted or leads to what is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Edge {
    /// The number of the tree's object.
    pub(super) tree: u32,
    pub(super) name: u32,
    /// The number of the entry's object, or a mark.
    pub(super) child: u32,
}

/// An entry of a tree that holds something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Held {
    pub(super) name: u32,
    /// The number of its object, or a mark.
    pub(super) child: u32,
    /// Which of the holding trees it is, or [`NONE`].
    pub(super) tree: u32,
}

/// All trees that hold something. A tree is known by its place in the list.
#[derive(Debug, Default)]
pub(super) struct Holdings {
    /// The numbers of their objects, sorted.
    trees: Vec<u32>,
    starts: Vec<u32>,
    held: Vec<Held>,
}

impl Holdings {
    /// Puts together what was found.
    pub(super) fn new(mut edges: Vec<Edge>) -> Self {
        edges.sort_unstable();
        edges.dedup();
        let mut holdings = Self::default();
        for edge in &edges {
            if holdings.trees.last() != Some(&edge.tree) {
                holdings.trees.push(edge.tree);
                holdings.starts.push(number(holdings.held.len()));
            }
            holdings.held.push(Held { name: edge.name, child: edge.child, tree: NONE });
        }
        holdings.starts.push(number(edges.len()));
        for held in &mut holdings.held {
            held.tree = holdings.trees.binary_search(&held.child).map_or(NONE, number);
        }
        holdings
    }

    /// How many trees there are.
    pub(super) fn len(&self) -> usize {
        self.trees.len()
    }

    /// The holding tree that is this object.
    pub(super) fn find(&self, object: u32) -> Option<u32> {
        self.trees.binary_search(&object).ok().map(number)
    }

    /// The number of a tree's object.
    pub(super) fn object(&self, tree: u32) -> u32 {
        self.trees[tree as usize]
    }

    /// The entries of a tree that lead to something, by name.
    pub(super) fn of(&self, tree: u32) -> &[Held] {
        let at = tree as usize;
        &self.held[self.starts[at] as usize..self.starts[at + 1] as usize]
    }
}
