//! Decides which of the objects that trees name and that are not there are missing from the history, and at which path.

use super::bits::Bits;
use super::holdings::{Holdings, absent_of};
use super::survey::Found;
use crate::git::graph::{NONE, number};
use crate::git::history::{History, Missing, Referrer};
use crate::git::id::ObjectId;
use crate::git::mode::{FOLDER, kind_of};
use crate::git::odb::Object;

/// The missing objects that a tree names which roots lead to. What only trees of no commit name is not missed.
pub(super) fn reachable(history: &History<'_>, found: &Found, holdings: &Holdings) -> Vec<Missing> {
    let mut ids: Vec<Option<ObjectId>> = vec![None; found.absent.len()];
    for (id, &mark) in &found.absent {
        if let Some(at) = absent_of(mark) {
            ids[at as usize] = Some(*id);
        }
    }
    let missing = Vec::new();
    if ids.is_empty() {
        return missing;
    }
    let mut search = Search { history, found, holdings, ids, seen: Bits::new(holdings.len()), missing };
    for (top, folder) in tops(history).filter_map(|(object, folder)| Some((holdings.find(object)?, folder))) {
        let mut open = vec![(top, folder)];
        while let Some((tree, folder)) = open.pop() {
            search.look(tree, &folder, &mut open);
        }
    }
    search.missing
}

/// The trees that roots lead to first, by their objects, and where they lie: at the top, or in an index.
pub(super) fn tops<'a>(history: &'a History<'_>) -> impl Iterator<Item = (u32, Vec<u8>)> + 'a {
    let shape = &history.shape;
    let reached = (0..number(shape.graph.len())).filter(|&commit| shape.reachable[commit as usize]);
    let tops = reached.filter_map(|commit| shape.graph.tree(commit)).chain(shape.anchors.tree_numbers());
    let folders = history.roots.staged.iter().filter(|staged| kind_of(staged.mode) == FOLDER).filter_map(|staged| {
        let folder = staged.path.strip_suffix(b"/").unwrap_or(&staged.path);
        Some((number(history.catalog.find(&staged.id)?.index()), folder.to_vec()))
    });
    tops.map(|tree| (tree, Vec::new())).chain(folders)
}

/// A search from the top, which looks into each tree once.
struct Search<'a> {
    history: &'a History<'a>,
    found: &'a Found,
    holdings: &'a Holdings,
    /// The objects that are not there and were not come by.
    ids: Vec<Option<ObjectId>>,
    seen: Bits,
    missing: Vec<Missing>,
}

impl Search<'_> {
    fn look(&mut self, tree: u32, folder: &[u8], open: &mut Vec<(u32, Vec<u8>)>) {
        if !self.seen.add(tree) {
            return;
        }
        let holdings = self.holdings;
        for held in holdings.of(tree) {
            let path = || join(folder, self.found.names.get(held.name));
            if held.tree != NONE {
                open.push((held.tree, path()));
            }
            let absent = absent_of(held.child).and_then(|at| self.ids.get_mut(at as usize)?.take());
            if let Some(id) = absent {
                let tree = self.history.catalog.id(Object::at(holdings.object(tree)));
                self.missing.push(Missing { id, referrer: Referrer::Tree(tree), path: path() });
            }
        }
    }
}

/// A name in a folder, which is empty at the top.
pub(super) fn join(folder: &[u8], name: &[u8]) -> Vec<u8> {
    if folder.is_empty() { name.to_vec() } else { [folder, b"/", name].concat() }
}
