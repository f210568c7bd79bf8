//! Decides how both sides of a comparison are loaded: objects from the store, files from the working tree.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::Place;
use crate::blob::{Blob, Name, Origin};
use crate::git::odb::ReadError;
use crate::git::{self, Change, Changes, Former, New, ObjectId, Stage};
use crate::source::load::{self, Wanted};
use crate::source::tree::What;
use crate::source::{Buffer, Contrast, Gap, GapKind, Listing, Loaded, Omitted};

/// The content of an item.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Content {
    /// An object of the store.
    Blob(ObjectId),
    /// A file of the working tree, or a link in it.
    #[default]
    File,
    /// An object that was at another path before.
    Copy(ObjectId),
    /// A commit, or what a ref points at without one.
    Message(ObjectId),
    /// None: it is a name alone.
    Nothing,
}

/// One new side.
#[derive(Clone, Debug)]
pub(super) struct Item {
    /// From the root of the working tree; of a message, its commit.
    pub(super) path: Vec<u8>,
    pub(super) content: Content,
    pub(super) origin: Origin,
    /// What the file was; if it still is, nothing is new.
    pub(super) old: Option<ObjectId>,
    pub(super) commit: Option<ObjectId>,
}

impl Default for Item {
    fn default() -> Self {
        Self { path: Vec::new(), content: Content::File, origin: Origin::Blob, old: None, commit: None }
    }
}

impl From<Change> for Item {
    fn from(change: Change) -> Self {
        let Change { path, old, new, stage } = change;
        let (origin, commit) = match stage {
            Stage::Staged => (Origin::Index, None),
            Stage::Unstaged => (Origin::Unstaged, None),
            Stage::Commit(commit) => (Origin::Blob, Some(commit)),
        };
        let content = match new {
            New::Blob(id) => Content::Blob(id),
            New::File => Content::File,
            New::Copy(id) => Content::Copy(id),
        };
        Self { path, content, origin, old, commit }
    }
}

/// Both sides of a comparison.
pub(super) struct Compared<'a> {
    place: &'a Place,
    pub(super) items: Vec<Item>,
    former: Former,
    pub(super) omitted: Omitted,
    /// Files that were left out on request, or the folders that hold them.
    excluded: BTreeSet<PathBuf>,
    /// The range that the items come from, if they do.
    pub(super) range: Option<git::Range>,
}

impl<'a> Compared<'a> {
    pub(super) fn new(place: &'a Place, changes: Changes) -> Self {
        let Changes { mut list, former, mut gaps, unread, .. } = changes;
        let mut excluded = Vec::new();
        let mut is_left = |path: &[u8]| {
            let covering = place.exclusion.covering(path, What::File);
            let is_left = covering.is_some();
            excluded.extend(covering);
            is_left
        };
        list.retain(|change| !is_left(&change.path));
        gaps.retain(|(path, _)| !is_left(path));
        let gap = |(path, detail): (Vec<u8>, String)| Gap { name: Name::new(path), kind: GapKind::Unreadable, detail };
        let omitted = Omitted { gaps: gaps.into_iter().map(gap).collect(), ..Omitted::default() };
        let items = list.into_iter().map(Item::from).collect();
        let mut compared = Self { place, items, former, omitted, excluded: BTreeSet::new(), range: None };
        compared.leave_out(excluded);
        for (place, tree) in unread {
            let name = Name::new(place);
            // That it can be read here, or now, does not tell what was new there.
            let detail = format!("git cannot read the tree {tree}");
            let gap = compared.read(&tree, &name).err();
            compared.omitted.gaps.push(gap.unwrap_or(Gap { name, kind: GapKind::Unreadable, detail }));
        }
        compared
    }

    /// Counts what was left out on request, each once.
    pub(super) fn leave_out(&mut self, excluded: Vec<PathBuf>) {
        self.excluded.extend(excluded);
        self.omitted.excluded = self.excluded.len() as u64;
    }

    /// Reads an object; what keeps it from being read is a gap.
    fn read(&self, id: &ObjectId, name: &Name) -> Result<Vec<u8>, Gap> {
        let gap = |kind, detail| Gap { name: name.clone(), kind, detail };
        match self.place.store.read(id, self.place.limits.size) {
            Ok(content) => Ok(content.bytes),
            Err(ReadError::Missing) => Err(gap(
                GapKind::Missing,
                format!(
                    "the object {id} is not there; in a partial clone, `git fetch --refetch --filter=blob:limit=1g` fetches it"
                ),
            )),
            Err(ReadError::Oversize(size)) => {
                Err(gap(GapKind::Oversize, format!("the object {id} has {size} bytes and was not scanned")))
            }
            Err(ReadError::Damaged(detail)) => Err(gap(GapKind::Damaged, format!("the object {id}: {detail}"))),
        }
    }

    fn object(&self, id: &ObjectId, name: &Name, origin: Origin, visit: &mut dyn FnMut(&Blob<'_>)) -> Loaded {
        match self.read(id, name) {
            Ok(bytes) => {
                visit(&Blob::whole(name, origin, &bytes));
                Loaded { bytes: bytes.len() as u64, gap: None }
            }
            Err(gap) => Loaded { bytes: 0, gap: Some(gap) },
        }
    }

    fn file(&self, item: &Item, name: &Name, buffer: &mut Buffer, visit: &mut dyn FnMut(&Blob<'_>)) -> Loaded {
        let root = self.place.repository.work_tree().unwrap_or(Path::new(""));
        let path = root.join(git::path_of(&item.path));
        // What cannot be read was something else; then all of the file is new.
        let old = item.old.and_then(|old| self.place.store.read(&old, self.place.limits.size).ok());
        let mut visit_new = |blob: &Blob<'_>| {
            if old.as_ref().is_none_or(|old| old.bytes != blob.bytes) {
                visit(blob);
            }
        };
        if let Ok(target) = std::fs::read_link(&path) {
            let bytes = target.as_os_str().as_encoded_bytes();
            visit_new(&Blob::whole(name, item.origin, bytes));
            return Loaded { bytes: bytes.len() as u64, gap: None };
        }
        load::load(Wanted::Found(&path), (name, item.origin), &self.place.limits, buffer, &mut visit_new)
    }
}

impl Listing for Compared<'_> {
    fn len(&self) -> usize {
        self.items.len()
    }

    fn omitted(&self) -> &Omitted {
        &self.omitted
    }

    fn name(&self, item: usize) -> Name {
        Name::new(&self.items[item].path)
    }

    fn load(&self, item: usize, buffer: &mut Buffer, visit: &mut dyn FnMut(&Blob<'_>)) -> Loaded {
        let name = self.name(item);
        let item = &self.items[item];
        match item.content {
            Content::Blob(id) | Content::Copy(id) | Content::Message(id) => self.object(&id, &name, item.origin, visit),
            Content::File => self.file(item, &name, buffer, visit),
            Content::Nothing => Loaded::default(),
        }
    }

    fn commit(&self, item: usize) -> Option<String> {
        self.items[item].commit.map(|commit| commit.to_string())
    }

    fn commits(&self) -> Option<u64> {
        self.range.as_ref().map(|range| range.commits.len() as u64)
    }

    fn contrast(&self) -> Contrast {
        Contrast::NewOnly
    }

    fn is_copy(&self, item: usize) -> bool {
        matches!(self.items[item].content, Content::Copy(_))
    }

    fn former(&self, visit: &mut dyn FnMut(&Blob<'_>)) -> Vec<Gap> {
        let mut gaps = Vec::new();
        let copies = self.range.as_ref().map(|range| range.copies(&self.place.store)).unwrap_or_default();
        let mut blobs: BTreeMap<&ObjectId, BTreeSet<&[u8]>> = BTreeMap::new();
        for (id, paths) in self.former.blobs.iter().chain(&copies) {
            blobs.entry(id).or_default().extend(paths.iter().map(Vec::as_slice));
        }
        let Place { repository, store, .. } = self.place;
        let is_path = |item: &&Item| !matches!(item.origin, Origin::Message | Origin::Tag | Origin::Ref);
        let paths = self.items.iter().filter(is_path).map(|item| &*item.path).collect();
        let folders = git::former_folders((repository, store), self.range.as_ref(), &paths);
        for path in self.former.paths.iter().chain(&folders) {
            visit(&Blob::whole(&Name::new(path), Origin::Name, path));
        }
        for (id, paths) in blobs {
            let names: Vec<Name> = paths.into_iter().map(Name::new).collect();
            let Some(first) = names.first() else { continue };
            match self.read(id, first) {
                Ok(bytes) => names.iter().for_each(|name| visit(&Blob::whole(name, Origin::Blob, &bytes))),
                Err(gap) => gaps.push(gap),
            }
        }
        gaps
    }
}
