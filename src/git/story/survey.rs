//! Decides what is learned in the one pass over all trees: which names there are, which objects are not there, which
//! trees lie in others, and which hold what is wanted.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::bits::Bits;
use super::holdings::{Edge, MOST_ABSENT, NAME_ONLY, absent_mark};
use super::names::Names;
use crate::git::graph::number;
use crate::git::id::{Kind, ObjectId};
use crate::git::mode::{FOLDER, MODULE, kind_of};
use crate::git::odb::{Catalog, Entry, Kept, Object, TreeVisitor};

/// A name that is traced like an object.
const TRACED: u8 = 1;
/// A name that a submodule has.
const OF_MODULE: u8 = 2;

/// What is done with the name of a file or folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing.
    Ordinary,
    /// Its life is told, too.
    Traced,
}

/// What a survey is for.
pub(super) struct Survey<'s> {
    pub(super) catalog: &'s Catalog<'s>,
    /// The numbers of the objects that are wanted.
    pub(super) wanted: Bits,
    /// The numbers of objects of which it is asked whether any tree holds them.
    pub(super) doubtful: Bits,
    /// The first tree of the family of each tree.
    pub(super) firsts: Vec<u32>,
    /// Says of each distinct name, once, what is done with it.
    pub(super) judge: &'s (dyn Fn(&[u8]) -> Verdict + Sync),
    pub(super) found: Mutex<Found>,
}

/// What a survey has found.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) names: Names,
    /// What is known of each name.
    flags: Vec<u8>,
    /// Objects that are not there, with their marks.
    pub(super) absent: BTreeMap<ObjectId, u32>,
    /// The beginnings of the ids of more objects that are not there; they may be told twice.
    more_absent: Vec<u64>,
    pub(super) edges: Vec<Edge>,
    /// Those of the doubtful objects that a tree holds.
    pub(super) met: BTreeSet<u32>,
    /// Trees that lie in other trees.
    pub(super) inner: Bits,
    /// Trees, each with a family of trees one of which holds it.
    pub(super) families: Vec<(u32, u32)>,
}

impl Found {
    pub(super) fn new(objects: usize) -> Self {
        Self { inner: Bits::new(objects), ..Self::default() }
    }

    /// Whether a name is traced.
    pub(super) fn is_traced(&self, name: u32) -> bool {
        self.flags.get(name as usize).is_some_and(|flags| flags & TRACED != 0)
    }

    /// How many distinct names submodules have.
    pub(super) fn modules(&self) -> u64 {
        self.flags.iter().filter(|&&flags| flags & OF_MODULE != 0).count() as u64
    }

    /// How many objects are not there and have no mark.
    pub(super) fn more_absent(&mut self) -> u64 {
        self.more_absent.sort_unstable();
        self.more_absent.dedup();
        self.more_absent.len() as u64
    }

    /// The number of a name and what is known of it; a new one is judged.
    fn name(&mut self, name: &[u8], judge: &dyn Fn(&[u8]) -> Verdict) -> (u32, u8) {
        let (found, is_new) = self.names.add(name);
        if is_new {
            self.flags.push(if judge(name) == Verdict::Traced { TRACED } else { 0 });
        }
        (found, self.flags.get(found as usize).copied().unwrap_or(0))
    }

    /// The mark of an object that is not there, unless there are too many.
    fn absent(&mut self, id: &ObjectId) -> Option<u32> {
        if let Some(&mark) = self.absent.get(id) {
            return Some(mark);
        }
        let count = number(self.absent.len());
        if count == MOST_ABSENT {
            self.more_absent.extend(id.as_bytes()[..8].try_into().map(u64::from_be_bytes));
            return None;
        }
        self.absent.insert(*id, absent_mark(count));
        Some(absent_mark(count))
    }
}

impl<'s> Survey<'s> {
    /// A visitor for one thread.
    pub(super) fn visitor(&'s self) -> Box<dyn TreeVisitor + 's> {
        Box::new(Surveyor {
            survey: self,
            names: Names::default(),
            known: Vec::new(),
            edges: Vec::new(),
            met: BTreeSet::new(),
            inner: Bits::new(self.catalog.len()),
            family: 0,
            families: Vec::new(),
            seen: vec![None; SEEN],
        })
    }

    /// What was found, also by a thread that did not come to its end.
    pub(super) fn found(&self) -> MutexGuard<'_, Found> {
        self.found.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Judges a name that may stand in no tree.
    pub(super) fn judge(&self, name: &[u8]) {
        self.found().name(name, self.judge);
    }
}

struct Surveyor<'s> {
    survey: &'s Survey<'s>,
    /// The names that this thread has seen.
    names: Names,
    /// Of each of these, its number for all threads, and what is known of it.
    known: Vec<(u32, u8)>,
    edges: Vec<Edge>,
    met: BTreeSet<u32>,
    inner: Bits,
    /// The family of the tree at hand.
    family: u32,
    families: Vec<(u32, u32)>,
    /// Entries that were looked up, by some bits of their ids. Versions of a folder have most entries in common.
    seen: Vec<Option<Seen>>,
}

/// How many entries are remembered, so that they need not be looked up again.
const SEEN: usize = 1 << 13;

/// An entry that was looked up.
#[derive(Clone, Copy, Debug)]
struct Seen {
    id: ObjectId,
    object: u32,
    /// The number of its name on this thread.
    name: u32,
}

impl Surveyor<'_> {
    /// The number of an entry's name on this thread, and that of its object if it is there.
    fn look_up(&mut self, entry: &Entry<'_>) -> Option<(usize, Result<u32, ObjectId>)> {
        let place = usize::from(u16::from_be_bytes(*entry.id.first_chunk()?)) % SEEN;
        if let Some(seen) = &self.seen[place]
            && seen.id.as_bytes() == entry.id
            && self.names.get(seen.name) == entry.name
        {
            return Some((seen.name as usize, Ok(seen.object)));
        }
        let name = self.name(entry.name);
        let id = ObjectId::from_bytes(entry.id)?;
        let Some(object) = self.survey.catalog.find(&id) else { return Some((name, Err(id))) };
        let object = number(object.index());
        self.seen[place] = Some(Seen { id, object, name: number(name) });
        Some((name, Ok(object)))
    }

    fn name(&mut self, name: &[u8]) -> usize {
        let (found, is_new) = self.names.add(name);
        if is_new {
            self.known.push(self.survey.found().name(name, self.survey.judge));
        }
        found as usize
    }
}

impl TreeVisitor for Surveyor<'_> {
    fn begin(&mut self, tree: Object) {
        self.family = self.survey.firsts[tree.index()];
    }

    fn entry(&mut self, entry: &Entry<'_>) -> Option<u32> {
        let kind = kind_of(entry.mode);
        if kind == MODULE {
            let name = self.name(entry.name);
            self.known[name].1 |= OF_MODULE;
            return (self.known[name].1 & TRACED != 0).then_some(NAME_ONLY);
        }
        let (name, object) = self.look_up(entry)?;
        let is_traced = self.known[name].1 & TRACED != 0;
        let object = match object {
            Ok(object) => object,
            Err(id) => {
                let mark = if id.is_built_in() { None } else { self.survey.found().absent(&id) };
                return mark.or(is_traced.then_some(NAME_ONLY));
            }
        };
        if kind == FOLDER {
            // What is no tree leads no further than what is not there.
            if self.survey.catalog.kind(Object::at(object)).is_some_and(|kind| kind != Kind::Tree) {
                let mark = ObjectId::from_bytes(entry.id).and_then(|id| self.survey.found().absent(&id));
                return mark.or(is_traced.then_some(NAME_ONLY));
            }
            self.inner.add(object);
            if self.families.last() != Some(&(object, self.family)) {
                self.families.push((object, self.family));
            }
        }
        if self.survey.doubtful.has(object) {
            self.met.insert(object);
        }
        (is_traced || self.survey.wanted.has(object)).then_some(object)
    }

    fn holder(&mut self, tree: Object, kept: &[Kept<'_>]) {
        for entry in kept {
            let local = self.name(entry.name);
            let name = self.known[local].0;
            self.edges.push(Edge { tree: number(tree.index()), name, child: entry.mark });
        }
    }
}

impl Drop for Surveyor<'_> {
    fn drop(&mut self) {
        let mut found = self.survey.found();
        found.edges.append(&mut self.edges);
        found.met.append(&mut self.met);
        found.families.append(&mut self.families);
        found.inner.add_all(&self.inner);
        for &(name, flags) in &self.known {
            if let Some(known) = found.flags.get_mut(name as usize) {
                *known |= flags;
            }
        }
    }
}
