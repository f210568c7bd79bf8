//! Decides for what a story is told, and at which places of which trees that is: a group of objects that hold one value,
//! as a whole and for each path.
//!
//! A tree may lie at several paths, so what is followed is a tree at a path: a node. Nodes come after all that they
//! contain.

use std::collections::BTreeMap;

use super::climb::DEEPEST;
use super::holdings::Holdings;
use crate::git::graph::{NONE, number};

/// How many paths are told apart; what has more is told as a whole. A few small trees can stand for any number of paths.
const MOST_PATHS: usize = 1 << 20;

/// How many trees at paths are followed.
const MOST_NODES: usize = 1 << 23;

/// The path of the top.
const TOP: u32 = 0;

/// From this number on, a path stands for a commit whose own text is meant.
const OWN: u32 = 1 << 31;

/// In place of a node: nothing of interest is there.
const EMPTY: u32 = NONE - 1;

/// What is of interest, and for which groups.
#[derive(Debug, Default)]
pub(super) struct Interest {
    /// Numbers of objects, each with a group; sorted.
    pub(super) objects: Vec<(u32, u32)>,
    /// Names, each with a group; sorted.
    pub(super) names: Vec<(u32, u32)>,
}

/// The groups that `what` belongs to.
pub(super) fn groups_of(list: &[(u32, u32)], what: u32) -> impl Iterator<Item = u32> + '_ {
    let start = list.partition_point(|&(other, _)| other < what);
    list[start..].iter().take_while(move |&&(other, _)| other == what).map(|&(_, group)| group)
}

/// Paths, each as its last name and the path before that.
#[derive(Debug)]
struct Paths {
    steps: Vec<(u32, u32)>,
    known: BTreeMap<(u32, u32), u32>,
}

/// What a key stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Key {
    pub(super) group: u32,
    path: u32,
}

/// Where in a history something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Spot {
    /// Anywhere.
    Whole,
    /// In the text of a commit.
    Own(u32),
    /// At a path.
    Path(u32),
}

impl Key {
    pub(super) fn spot(self) -> Spot {
        match self.path {
            NONE => Spot::Whole,
            path if path >= OWN => Spot::Own(path & !OWN),
            path => Spot::Path(path),
        }
    }
}

/// The keys and where they hold.
#[derive(Debug)]
pub(super) struct Keys<'a> {
    holdings: &'a Holdings,
    interest: &'a Interest,
    paths: Paths,
    /// All keys; the first are the groups as a whole.
    all: Vec<Key>,
    known: BTreeMap<(u32, u32), u32>,
    nodes: BTreeMap<(u32, u32), u32>,
    /// Nodes of trees at the top, by tree.
    tops: Vec<u32>,
    starts: Vec<u32>,
    children: Vec<u32>,
    /// Keys and the nodes that have them without help of others.
    leaves: Vec<(u32, u32)>,
    /// Keys and objects: each version once, when settled.
    versions: Vec<(u32, u32)>,
    /// Whether there were deeper folders, or more of them or of paths, than are followed.
    is_cut: bool,
}

impl<'a> Keys<'a> {
    /// Keys for `groups` groups, which hold nowhere yet.
    pub(super) fn new(holdings: &'a Holdings, interest: &'a Interest, groups: usize) -> Self {
        Self {
            holdings,
            interest,
            paths: Paths { steps: vec![(NONE, NONE)], known: BTreeMap::new() },
            all: (0..number(groups)).map(|group| Key { group, path: NONE }).collect(),
            known: BTreeMap::new(),
            nodes: BTreeMap::new(),
            tops: vec![NONE; holdings.len()],
            starts: vec![0],
            children: Vec::new(),
            leaves: Vec::new(),
            versions: Vec::new(),
            is_cut: false,
        }
    }

    /// Whether there were deeper folders, or more of them or of paths, than are followed.
    pub(super) fn is_cut(&self) -> bool {
        self.is_cut
    }

    /// The node of the tree with this number at the top, if anything is held there.
    pub(super) fn top(&mut self, object: u32) -> Option<u32> {
        let tree = self.holdings.find(object)?;
        self.node(TOP, tree, 0)
    }

    fn node(&mut self, path: u32, tree: u32, depth: usize) -> Option<u32> {
        let known = if path == TOP { self.tops[tree as usize] } else { self.known_node(path, tree) };
        if known == NONE && (depth == DEEPEST || self.starts.len() > MOST_NODES) {
            self.is_cut = true;
            return None;
        }
        if known != NONE {
            return Some(known).filter(|&known| known < EMPTY);
        }
        let holdings = self.holdings;
        let (mut children, mut keys) = (Vec::new(), Vec::new());
        for held in holdings.of(tree) {
            let own = keys.len();
            keys.extend(groups_of(&self.interest.objects, held.child));
            keys.extend(groups_of(&self.interest.names, held.name));
            if held.tree == NONE && keys.len() == own {
                continue;
            }
            let Some(below) = self.paths.below(path, held.name) else {
                // Too many paths: the groups as a whole are told nevertheless.
                self.is_cut = true;
                self.versions.extend(keys[own..].iter().map(|&key| (key, held.child)));
                continue;
            };
            let groups = keys.split_off(own);
            for group in groups {
                let place = self.place(group, below);
                self.versions.extend([(group, held.child), (place, held.child)]);
                keys.extend([group, place]);
            }
            if held.tree != NONE {
                children.extend(self.node(below, held.tree, depth + 1));
            }
        }
        keys.sort_unstable();
        keys.dedup();
        self.add(path, tree, (&children, &keys))
    }

    fn known_node(&self, path: u32, tree: u32) -> u32 {
        self.nodes.get(&(path, tree)).copied().unwrap_or(NONE)
    }

    /// Adds a node after all that it contains. One that contains nothing of interest is left out.
    fn add(&mut self, path: u32, tree: u32, (children, keys): (&[u32], &[u32])) -> Option<u32> {
        let is_empty = children.is_empty() && keys.is_empty();
        let node = if is_empty { EMPTY } else { number(self.starts.len() - 1) };
        if path == TOP {
            self.tops[tree as usize] = node;
        } else {
            self.nodes.insert((path, tree), node);
        }
        if is_empty {
            return None;
        }
        self.children.extend_from_slice(children);
        self.starts.push(number(self.children.len()));
        self.leaves.extend(keys.iter().map(|&key| (key, node)));
        Some(node)
    }

    /// The keys of a group whose value stands in the text of a commit: of the whole, and of that commit.
    pub(super) fn own(&mut self, group: u32, (commit, object): (u32, u32)) -> [u32; 2] {
        let place = self.place(group, OWN | commit);
        self.versions.extend([(group, object), (place, object)]);
        [group, place]
    }

    /// The key of a group at a path.
    fn place(&mut self, group: u32, path: u32) -> u32 {
        let next = number(self.all.len());
        let key = *self.known.entry((group, path)).or_insert(next);
        if key == next {
            self.all.push(Key { group, path });
        }
        key
    }

    /// Call this when all trees have been added.
    pub(super) fn settle(&mut self) {
        self.leaves.sort_unstable();
        self.versions.sort_unstable();
        self.versions.dedup();
        self.nodes = BTreeMap::new();
    }

    /// All keys, by number.
    pub(super) fn all(&self) -> &[Key] {
        &self.all
    }

    /// How many nodes there are.
    pub(super) fn nodes(&self) -> usize {
        self.starts.len() - 1
    }

    /// The nodes that a node contains; all of them have lower numbers.
    pub(super) fn children(&self, node: usize) -> &[u32] {
        &self.children[self.starts[node] as usize..self.starts[node + 1] as usize]
    }

    /// The keys from `first` to before `end`, with the nodes that have them without help of others.
    pub(super) fn leaves(&self, first: u32, end: u32) -> &[(u32, u32)] {
        let at = |key: u32| self.leaves.partition_point(|&(other, _)| other < key);
        &self.leaves[at(first)..at(end)]
    }

    /// The numbers of the objects that a key was seen with.
    pub(super) fn versions(&self, key: u32) -> impl Iterator<Item = u32> + '_ {
        groups_of(&self.versions, key)
    }

    /// The names of a path, from the top.
    pub(super) fn steps(&self, path: u32) -> Vec<u32> {
        let mut names = Vec::new();
        let mut path = path;
        while path != TOP {
            let (before, name) = self.paths.steps[path as usize];
            names.push(name);
            path = before;
        }
        names.reverse();
        names
    }
}

impl Paths {
    /// The path that follows on `path` with `name`, unless there are too many.
    fn below(&mut self, path: u32, name: u32) -> Option<u32> {
        let next = number(self.steps.len());
        if let Some(&known) = self.known.get(&(path, name)) {
            return Some(known);
        }
        if self.steps.len() == MOST_PATHS {
            return None;
        }
        self.known.insert((path, name), next);
        self.steps.push((path, name));
        Some(next)
    }
}
