//! Decides of what a root leads to any, where no more than that is asked.
//!
//! If roots lead to all commits, an object that is in any tree is led to, and its way up is not looked for. A tree that
//! no commit has passes for one of a commit then.

use std::collections::BTreeSet;

use super::bits::Bits;
use super::missing::tops;
use super::{Connections, Group};
use crate::git::graph::{NONE, number};
use crate::git::history::History;
use crate::git::id::ObjectId;
use crate::git::odb::Object;

/// For each group whether a root leads to any of it.
pub(in crate::git) fn led_to(history: &History<'_>, connections: &Connections, groups: &[Group]) -> Vec<bool> {
    let asked: BTreeSet<Object> = groups.iter().flat_map(|group| &group.objects).copied().collect();
    let ids: BTreeSet<ObjectId> = asked.iter().map(|&object| history.catalog.id(object)).collect();
    let mut reached = Reached::default();
    let others = history.shape.anchors.others.iter().map(|&(_, object)| number(object.index()));
    reached.objects.extend(others);
    for staged in &history.roots.staged {
        if ids.contains(&staged.id) {
            reached.objects.extend(history.catalog.find(&staged.id).map(|object| number(object.index())));
        }
        let names = staged.path.split(|&byte| byte == b'/');
        reached.names.extend(names.filter_map(|name| connections.name(name)).map(|name| name.0));
    }
    reached.search(history, connections);
    if connections.doubts == Doubts::OfPlaceAlone {
        reached.objects.extend(&connections.found.met);
    }
    let graph = &history.shape.graph;
    let has = |object: &Object| match graph.find(*object) {
        Some(commit) => history.shape.reachable[commit as usize],
        None => reached.objects.contains(&number(object.index())),
    };
    let any =
        |group: &Group| group.objects.iter().any(has) || group.names.iter().any(|name| reached.names.contains(&name.0));
    groups.iter().map(any).collect()
}

/// What was done about objects of which it is asked whether a root leads to them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Doubts {
    /// The way up from each is known.
    Followed,
    /// It is known whether a tree holds them.
    OfPlaceAlone,
}

/// What was come by.
#[derive(Default)]
struct Reached {
    objects: BTreeSet<u32>,
    names: BTreeSet<u32>,
}

impl Reached {
    /// Looks into all trees that lead to something, from the top.
    fn search(&mut self, history: &History<'_>, connections: &Connections) {
        let holdings = &connections.holdings;
        let mut seen = Bits::new(holdings.len());
        let mut open: Vec<u32> = tops(history).filter_map(|(object, _)| holdings.find(object)).collect();
        while let Some(tree) = open.pop() {
            if seen.add(tree) {
                self.objects.extend(holdings.of(tree).iter().map(|held| held.child));
                self.names.extend(holdings.of(tree).iter().map(|held| held.name));
                open.extend(holdings.of(tree).iter().map(|held| held.tree).filter(|&tree| tree != NONE));
            }
        }
    }
}
