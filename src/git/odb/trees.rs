//! Decides which entries of trees are handed out: each where it is new, and not again in every tree that takes it over
//! from its delta base.

use super::catalog::{Catalog, NONE, Object};
use super::delta::{Delta, Piece};
use super::error::ReadError;
use super::queue::Plan;
use super::sweep::{Alone, Consumer, Decoded, Heirs, Swept, Task, sweep};
use super::tree::{self, Entry};
use crate::git::id::Kind;

/// Bytes of one tree at the most.
const LARGEST: u64 = 256 << 20;

/// Sees the trees of a store, on one thread.
pub trait TreeVisitor {
    /// Begins with a tree: the entries that follow are new in it.
    fn begin(&mut self, _tree: Object) {}

    /// Sees an entry that the tree does not share with its delta base. `Some` keeps it: it is handed to
    /// [`TreeVisitor::holder`] for this tree, and for every tree that takes the entry over.
    fn entry(&mut self, entry: &Entry<'_>) -> Option<u32>;

    /// Sees a tree that has entries which are kept, in the order in which they stand in it.
    fn holder(&mut self, tree: Object, kept: &[Kept<'_>]);
}

/// Makes a visitor for each thread.
pub type TreeVisitors<'v> = dyn Fn() -> Box<dyn TreeVisitor + 'v> + Sync + 'v;

/// An entry that was kept, as it stands in a tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Kept<'a> {
    /// What it was kept as.
    pub mark: u32,
    /// Its name.
    pub name: &'a [u8],
    /// What it is.
    pub mode: u32,
}

impl Catalog<'_> {
    /// Hands out the entries of all trees, each where it is new, on `jobs` threads of which the calling one is the
    /// first. Each thread has a visitor of its own.
    pub fn trees(&self, jobs: usize, visitor: &TreeVisitors<'_>) -> Swept {
        self.trees_in(&|_| true, jobs, visitor)
    }

    /// The first tree of the family of each tree, by number: what is stored whole, and all that is made from it.
    pub(in crate::git) fn tree_families(&self) -> Vec<u32> {
        let mut firsts = vec![NONE; self.len()];
        let mut stack = Vec::new();
        let families = self.families.iter().filter(|family| self.kinds[family.root as usize] == Some(Kind::Tree));
        stack.extend(families.map(|family| (family.root, family.root)));
        while let Some((number, first)) = stack.pop() {
            firsts[number as usize] = first;
            let mut child = self.slots[number as usize].child;
            while child != NONE {
                stack.push((child, first));
                child = self.slots[child as usize].sibling;
            }
        }
        firsts
    }

    /// The same as [`Catalog::trees`], in those families whose first tree is `chosen`, and in trees of no family.
    pub(in crate::git) fn trees_in(
        &self,
        chosen: &dyn Fn(u32) -> bool,
        jobs: usize,
        visitor: &TreeVisitors<'_>,
    ) -> Swept {
        let is_chosen = |root: u32| self.kinds[root as usize] == Some(Kind::Tree) && chosen(root);
        let families = self.families.iter().filter(|family| is_chosen(family.root));
        let task = Task { catalog: self, plan: Plan::new(families.copied()), most: LARGEST, stream: u64::MAX, jobs };
        let id_len = self.store.format().id_len();
        let make = || Trees { visitor: visitor(), id_len };
        let mut swept = sweep(&task, &make);
        let mut last = None;
        for (object, _) in self.unread_strays() {
            let Some(content) = self.read_twin(object, LARGEST).filter(|content| content.kind == Kind::Tree) else {
                continue;
            };
            let trees = last.get_or_insert_with(make);
            let decoded = Decoded { object, kind: Kind::Tree, bytes: &content.bytes, origin: None, heirs: Heirs::None };
            match trees.take(&decoded) {
                Ok(_) => {
                    swept.objects += 1;
                    swept.bytes += content.bytes.len() as u64;
                }
                Err((_, why)) => {
                    let id = self.id(object);
                    swept.unread.push(super::error::Unread { object, id, kind: Some(Kind::Tree), why });
                }
            }
        }
        swept.unread.sort_by_key(|unread| unread.object);
        swept
    }
}

struct Trees<'v> {
    visitor: Box<dyn TreeVisitor + 'v>,
    id_len: usize,
}

/// What is remembered of a tree.
#[derive(Debug, Default)]
struct Trace {
    /// Where its entries begin, and the end of the last.
    starts: Vec<u32>,
    /// Entries that were kept: where they begin, and as what.
    kept: Vec<(u32, u32)>,
}

impl Consumer for Trees<'_> {
    type Trace = Trace;

    fn take(&mut self, decoded: &Decoded<'_, Trace>) -> Result<Trace, (Trace, ReadError)> {
        self.visitor.begin(decoded.object);
        let mut reading =
            Reading { bytes: decoded.bytes, at: 0, trace: Trace::default(), heirs: decoded.heirs, trees: self };
        let result = match &decoded.origin {
            Some((delta, base)) => reading.difference(delta.clone(), base),
            None => reading.parse_to(decoded.bytes.len()),
        };
        let mut trace = reading.trace;
        if !trace.kept.is_empty() {
            let kept: Vec<Kept<'_>> = trace
                .kept
                .iter()
                .filter_map(|&(start, mark)| {
                    let (entry, _) = tree::parse(decoded.bytes.get(start as usize..)?, self.id_len)?;
                    Some(Kept { mark, name: entry.name, mode: entry.mode })
                })
                .collect();
            self.visitor.holder(decoded.object, &kept);
        }
        match result {
            Ok(()) => Ok(trace),
            Err(why) => {
                // What is made from it is read as if it were whole.
                trace = Trace::default();
                Err((trace, why))
            }
        }
    }

    fn stream(&mut self, _alone: &Alone<'_>) -> Option<Result<(), ReadError>> {
        None
    }
}

/// A tree that is being read.
struct Reading<'a, 'v, 't> {
    bytes: &'a [u8],
    /// Where the next entry begins.
    at: usize,
    trace: Trace,
    /// Where entries begin need not be known if nothing is made from the tree.
    heirs: Heirs,
    trees: &'t mut Trees<'v>,
}

impl Reading<'_, '_, '_> {
    /// Reads entries until one begins at `end` or after it.
    fn parse_to(&mut self, end: usize) -> Result<(), ReadError> {
        while self.at < end {
            self.parse()?;
        }
        if self.at == self.bytes.len() && self.heirs == Heirs::Some {
            self.trace.starts.push(offset(self.at));
        }
        Ok(())
    }

    /// Reads one entry.
    fn parse(&mut self) -> Result<(), ReadError> {
        let (entry, len) = tree::parse(&self.bytes[self.at..], self.trees.id_len)
            .ok_or_else(|| ReadError::damaged("it is a malformed tree"))?;
        let start = offset(self.at);
        if self.heirs == Heirs::Some {
            self.trace.starts.push(start);
        }
        if let Some(mark) = self.trees.visitor.entry(&entry) {
            self.trace.kept.push((start, mark));
        }
        self.at += len;
        Ok(())
    }

    /// Reads a tree that is a difference to one of which `base` is known.
    fn difference(&mut self, mut delta: Delta<'_>, base: &Trace) -> Result<(), ReadError> {
        let mut begin = 0;
        while let Some(piece) = delta.next()? {
            let len = match piece {
                Piece::Copy { len, .. } => len,
                Piece::Insert(new) => new.len(),
            };
            let end = begin + len;
            if let Piece::Copy { from, .. } = piece {
                self.copied(from, (begin, end), base)?;
            }
            while self.at < end {
                self.parse()?;
            }
            begin = end;
        }
        self.parse_to(self.bytes.len())
    }

    /// Takes over what it can from a copy of the base's bytes from `from` on, which stand here at `begin..end`.
    fn copied(&mut self, from: usize, (begin, end): (usize, usize), base: &Trace) -> Result<(), ReadError> {
        // An entry that began before the copy has first to come to its end.
        while self.at < end {
            let there = offset(from + (self.at - begin));
            let Ok(first) = base.starts.binary_search(&there) else {
                self.parse()?;
                continue;
            };
            let limit = offset(from + (end - begin));
            let last = base.starts.partition_point(|&start| start <= limit) - 1;
            let (here, to) = (offset(self.at), base.starts[last]);
            if self.heirs == Heirs::Some {
                self.trace.starts.extend(base.starts[first..last].iter().map(|&start| start - there + here));
            }
            let kept = base.kept.partition_point(|&(start, _)| start < there);
            let kept = base.kept[kept..].iter().take_while(|&&(start, _)| start < to);
            self.trace.kept.extend(kept.map(|&(start, mark)| (start - there + here, mark)));
            self.at += (to - there) as usize;
            return Ok(());
        }
        Ok(())
    }
}

/// Trees are never larger than [`LARGEST`].
fn offset(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}
