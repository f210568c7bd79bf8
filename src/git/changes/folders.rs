//! Decides which folders were there before, so that the name of none of them is new with each file that comes into it.

use std::collections::{BTreeMap, BTreeSet};

use super::Range;
use super::compare::{DEEPEST, read_tree, tree_of};
use super::folder::{self, What};
use crate::git::id::ObjectId;
use crate::git::odb::Store;
use crate::git::repository::Repository;

/// The folders on the way to `paths` that are in a commit below the range, or in that of `HEAD` without one. What cannot
/// be read holds none; then more is new, not less.
pub fn former_folders(
    (repository, store): (&Repository, &Store),
    range: Option<&Range>,
    paths: &BTreeSet<&[u8]>,
) -> BTreeSet<Vec<u8>> {
    let commits = match range {
        Some(range) => range.bases().collect(),
        None => repository.head().ok().flatten().into_iter().collect::<Vec<_>>(),
    };
    let paths: Vec<&[u8]> = paths.iter().copied().collect();
    let mut search = Search { store, found: BTreeSet::new() };
    for tree in commits.iter().filter_map(|commit| tree_of(store, commit).ok()) {
        search.enter(&tree, (0, 0), &paths);
    }
    search.found
}

struct Search<'a> {
    store: &'a Store,
    found: BTreeSet<Vec<u8>>,
}

impl Search<'_> {
    /// Looks into a tree for the folders of `paths`, which are in order, and whose first `len` bytes lead to it, through
    /// `depth` folders.
    fn enter(&mut self, tree: &ObjectId, (len, depth): (usize, usize), paths: &[&[u8]]) {
        let folders = paths.chunk_by(|one, other| name(one, len) == name(other, len));
        let folders: Vec<_> = folders.filter_map(|inside| Some((name(inside[0], len)?, inside))).collect();
        let Some(bytes) = Some(tree).filter(|_| !folders.is_empty()).and_then(|tree| read_tree(self.store, tree).ok())
        else {
            return;
        };
        let items = folder::items(&bytes, tree.as_bytes().len()).unwrap_or_default();
        let trees = items.iter().filter(|item| folder::what(item.mode) == What::Tree);
        let trees: BTreeMap<&[u8], &[u8]> = trees.map(|item| (item.name, item.id)).collect();
        for (name, inside) in folders {
            let Some(id) = trees.get(name).and_then(|id| ObjectId::from_bytes(id)) else { continue };
            let end = len + name.len();
            self.found.insert(inside[0][..end].to_vec());
            if depth < DEEPEST {
                self.enter(&id, (end + 1, depth + 1), inside);
            }
        }
    }
}

/// The folder in which a path goes on after `len` bytes.
fn name(path: &[u8], len: usize) -> Option<&[u8]> {
    let rest = path.get(len..)?;
    memchr::memchr(b'/', rest).map(|end| &rest[..end])
}
