//! Decides what of an index differs from the tree of `HEAD`.
//!
//! Folders of which the index notes that they are the very tree that `HEAD` has are passed over; in all others entry is
//! compared with entry. So the cost is that of walking over the index, plus a few trees.

use std::collections::BTreeSet;

use super::super::id::{Kind, ObjectId};
use super::super::index::{Defect, Entries, Entry, Index};
use super::super::odb::Store;
use super::super::repository::Repository;
use super::cache_tree::CacheTree;
use super::folder::{self, Item, What};
use super::{Change, Changes, New, Stage};

/// Bytes of the largest commit or tree that is read.
const LARGEST: u64 = 256 << 20;

/// How deep folders may lie within each other.
pub(super) const DEEPEST: usize = 2048;

/// Why git has to be asked instead.
#[derive(Debug)]
pub(super) struct Unable;

impl From<Defect> for Unable {
    fn from(_: Defect) -> Self {
        Self
    }
}

/// What the index with the content `bytes` holds that `HEAD` does not.
pub(super) fn with_head(repository: &Repository, store: &Store, bytes: &[u8]) -> Result<Changes, Unable> {
    let index = Index::parse(bytes)?;
    let id_len = repository.format().id_len();
    if index.id_len() != id_len {
        return Err(Unable);
    }
    let head = repository.head().map_err(|_| Unable)?;
    let tree = head.map(|commit| tree_of(store, &commit)).transpose()?;
    let cache = CacheTree::parse(index.extension(*b"TREE").unwrap_or_default(), id_len);
    let (root, known) = (cache.root(), cache.root().and_then(|root| cache.known(root)));
    let mut compare = Compare { store, id_len, entries: index.entries()?, cache, changes: Changes::default() };
    let is_same = tree.is_some_and(|tree| known.is_some_and(|known| known.tree == tree.as_bytes()));
    if !is_same {
        compare.folder(&[], tree, root, 0)?;
    }
    let mut changes = compare.changes;
    find_copies(&index, &mut changes)?;
    changes.list.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(changes)
}

/// The tree of a commit.
pub(super) fn tree_of(store: &Store, commit: &ObjectId) -> Result<ObjectId, Unable> {
    let content = store.read(commit, LARGEST).map_err(|_| Unable)?;
    let line = content.bytes.strip_prefix(b"tree ").filter(|_| content.kind == Kind::Commit).ok_or(Unable)?;
    line.split(|&byte| byte == b'\n').next().and_then(ObjectId::from_hex).ok_or(Unable)
}

/// The content of a tree.
pub(super) fn read_tree(store: &Store, tree: &ObjectId) -> Result<Vec<u8>, Unable> {
    let content = store.read(tree, LARGEST).map_err(|_| Unable)?;
    if content.kind == Kind::Tree { Ok(content.bytes) } else { Err(Unable) }
}

/// The trees of `HEAD` that cannot be read.
pub(super) fn unread(repository: &Repository, store: &Store) -> Vec<(Vec<u8>, ObjectId)> {
    let root = repository.head().ok().flatten().and_then(|commit| tree_of(store, &commit).ok());
    let mut waiting: Vec<(Vec<u8>, ObjectId)> = root.map(|tree| (b"HEAD:".to_vec(), tree)).into_iter().collect();
    let (mut unread, mut seen) = (Vec::new(), BTreeSet::new());
    while let Some((path, tree)) = waiting.pop() {
        let Ok(bytes) = read_tree(store, &tree) else {
            unread.push((path, tree));
            continue;
        };
        let items = folder::items(&bytes, tree.as_bytes().len()).unwrap_or_default();
        for item in items.iter().filter(|item| folder::what(item.mode) == What::Tree) {
            let inner = [&path[..], item.name, b"/"].concat();
            waiting.extend(ObjectId::from_bytes(item.id).filter(|id| seen.insert(*id)).map(|id| (inner, id)));
        }
    }
    unread
}

/// Marks what the old sides have, and what some entry has that did not change; the latter becomes an old side, too.
fn find_copies(index: &Index<'_>, changes: &mut Changes) -> Result<(), Unable> {
    if changes.list.is_empty() {
        return Ok(());
    }
    let paths: BTreeSet<&[u8]> = changes.list.iter().map(|change| &*change.path).collect();
    let news: BTreeSet<ObjectId> = changes.list.iter().filter_map(object).collect();
    let mut starts = vec![false; 1 << 16];
    for id in &news {
        starts[start(id.as_bytes())] = true;
    }
    let mut copied = Vec::new();
    let mut entries = index.entries()?;
    let may_be_new = |id: &[u8]| starts[start(id)];
    entries.find(may_be_new)?;
    while let Some(entry) = entries.entry() {
        if news.contains(&entry.id) && !paths.contains(entry.path) && !entry.is_intent_to_add() {
            copied.push((entry.id, entry.path.to_vec()));
        }
        entries.advance()?;
        entries.find(may_be_new)?;
    }
    for (id, path) in copied {
        changes.former.add(id, &path);
    }
    changes.mark_copies();
    Ok(())
}

/// The object that a new side is, if it is one.
fn object(change: &Change) -> Option<ObjectId> {
    match change.new {
        New::Blob(id) | New::Copy(id) => Some(id),
        New::File => None,
    }
}

fn start(id: &[u8]) -> usize {
    id.first_chunk().map_or(0, |start| usize::from(u16::from_be_bytes(*start)))
}

/// A comparison on its way through the index.
struct Compare<'a> {
    store: &'a Store,
    id_len: usize,
    entries: Entries<'a>,
    cache: CacheTree<'a>,
    changes: Changes,
}

/// The entries of a tree of `HEAD`, and which of them were met elsewhere.
struct Olds<'t> {
    items: Vec<Item<'t>>,
    met: Vec<bool>,
}

impl<'t> Olds<'t> {
    fn new(bytes: &'t [u8], id_len: usize) -> Result<Self, Unable> {
        let mut items = folder::items(bytes, id_len).ok_or(Unable)?;
        items.sort_by_key(|item| item.name);
        let met = vec![false; items.len()];
        Ok(Self { items, met })
    }

    /// The id of what is called `name`, if it is of the kind that is met now.
    fn meet(&mut self, name: &[u8], kind: What) -> Option<ObjectId> {
        self.meet_with_mode(name, kind).map(|(id, _)| id)
    }

    /// The same with its mode bits.
    fn meet_with_mode(&mut self, name: &[u8], kind: What) -> Option<(ObjectId, u32)> {
        let at = self.items.binary_search_by_key(&name, |item| item.name).ok()?;
        let item = self.items.get(at).filter(|item| folder::what(item.mode) == kind)?;
        self.met[at] = true;
        Some((ObjectId::from_bytes(item.id)?, item.mode))
    }

    fn unmet(&self) -> impl Iterator<Item = &Item<'t>> {
        self.items.iter().zip(&self.met).filter(|(_, met)| !**met).map(|(item, _)| item)
    }
}

impl Compare<'_> {
    /// Compares the folder at hand, whose path is `prefix`, with what it was in `tree`. Its entries are passed.
    fn folder(
        &mut self,
        prefix: &[u8],
        tree: Option<ObjectId>,
        place: Option<usize>,
        depth: usize,
    ) -> Result<(), Unable> {
        if depth > DEEPEST {
            return Err(Unable);
        }
        let bytes = tree.map(|tree| read_tree(self.store, &tree)).transpose()?.unwrap_or_default();
        let mut olds = Olds::new(&bytes, self.id_len)?;
        let places = place.map(|place| self.cache.below(place)).unwrap_or_default();
        while let Some(entry) = self.entries.entry().filter(|entry| entry.path.starts_with(prefix)) {
            let inside = &entry.path[prefix.len()..];
            let Some(len) = memchr::memchr(b'/', inside) else {
                leaf(&entry, inside, &mut olds, &mut self.changes);
                self.entries.advance()?;
                continue;
            };
            let path = entry.path[..=prefix.len() + len].to_vec();
            let name = &path[prefix.len()..path.len() - 1];
            self.below(&path, olds.meet(name, What::Tree), places.get(name).copied(), depth + 1)?;
        }
        olds.unmet().try_for_each(|item| self.gone(item, prefix, depth))
    }

    /// The same for the folder `path`, which ends with `/`, unless it is known to be what it was.
    fn below(&mut self, path: &[u8], tree: Option<ObjectId>, place: Option<usize>, depth: usize) -> Result<(), Unable> {
        if let Some(entry) = self.entries.entry().filter(|entry| entry.path == path) {
            let now = entry.id;
            self.entries.advance()?;
            return self.sides(tree, Some(now), path, depth);
        }
        let known = place.and_then(|place| self.cache.known(place));
        match known.filter(|known| tree.is_some_and(|tree| tree.as_bytes() == known.tree)) {
            Some(known) => self.pass(path, known.entries),
            None => self.folder(path, tree, place, depth),
        }
    }

    /// Passes over the `count` entries of the folder `path`, and makes sure that they are those.
    fn pass(&mut self, path: &[u8], count: u32) -> Result<(), Unable> {
        let is_inside = |entries: &Entries<'_>| entries.entry().is_some_and(|entry| entry.path.starts_with(path));
        self.entries.skip(count.checked_sub(1).ok_or(Unable)?)?;
        let last_is_inside = is_inside(&self.entries);
        self.entries.advance()?;
        if last_is_inside && !is_inside(&self.entries) { Ok(()) } else { Err(Unable) }
    }

    /// Compares two trees of the folder `path`, which ends with `/`.
    fn sides(&mut self, old: Option<ObjectId>, new: Option<ObjectId>, path: &[u8], depth: usize) -> Result<(), Unable> {
        if old == new {
            return Ok(());
        }
        if depth > DEEPEST {
            return Err(Unable);
        }
        let read = |tree: Option<ObjectId>| tree.map(|tree| read_tree(self.store, &tree)).transpose();
        let (old, new) = (read(old)?.unwrap_or_default(), read(new)?.unwrap_or_default());
        let mut olds = Olds::new(&old, self.id_len)?;
        for item in folder::items(&new, self.id_len).ok_or(Unable)? {
            let kind = folder::what(item.mode);
            let (before, now) = (olds.meet(item.name, kind), ObjectId::from_bytes(item.id).ok_or(Unable)?);
            let path = [path, item.name].concat();
            match kind {
                What::Tree => self.sides(before, Some(now), &[&path[..], b"/"].concat(), depth + 1)?,
                What::Blob | What::Module => record(&mut self.changes, &path, kind, (before, now)),
            }
        }
        olds.unmet().try_for_each(|item| self.gone(item, path, depth))
    }

    /// Notes what was in the folder `prefix` and is there no more.
    fn gone(&mut self, item: &Item<'_>, prefix: &[u8], depth: usize) -> Result<(), Unable> {
        let path = [prefix, item.name].concat();
        let id = ObjectId::from_bytes(item.id).ok_or(Unable)?;
        match folder::what(item.mode) {
            What::Blob => self.changes.former.add(id, &path),
            What::Tree => self.sides(Some(id), None, &[&path[..], b"/"].concat(), depth + 1)?,
            What::Module => {}
        }
        Ok(())
    }
}

/// Whether a mode says something else to git than another: the type, and whether the owner may execute the file. Old
/// trees have more bits, which mean nothing.
pub(super) fn is_other(one: u32, other: u32) -> bool {
    (one >> 12, one & 0o100) != (other >> 12, other & 0o100)
}

/// Compares an entry that lies directly in a folder.
fn leaf(entry: &Entry<'_>, name: &[u8], olds: &mut Olds<'_>, changes: &mut Changes) {
    if entry.is_intent_to_add() {
        return;
    }
    let kind = folder::what(entry.mode);
    let old = olds.meet_with_mode(name, kind);
    if old.is_some_and(|(id, mode)| id == entry.id && is_other(mode, entry.mode)) {
        changes.modes.insert(entry.path.to_vec(), entry.id);
    }
    record(changes, entry.path, kind, (old.map(|(id, _)| id), entry.id));
}

/// Notes what is at `path` now, if something else was there before.
fn record(changes: &mut Changes, path: &[u8], kind: What, (old, now): (Option<ObjectId>, ObjectId)) {
    if old == Some(now) {
        return;
    }
    if kind == What::Module {
        changes.modules += 1;
        return;
    }
    if let Some(old) = old {
        changes.former.add(old, path);
    }
    changes.list.push(Change { path: path.to_vec(), old, new: New::Blob(now), stage: Stage::Staged });
}
