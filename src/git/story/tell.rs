//! Decides what the life of each group is, from what the walks over the commits say: first for what roots lead to, then for
//! indexes, and last for what nothing leads to.

use std::collections::{BTreeMap, BTreeSet};

use super::draft::Drafts;
use super::keys::{Interest, Key, Keys, Spot, groups_of};
use super::missing::join;
use super::moments::{Labels, Moments};
use super::walk::{Told, World, walk};
use super::{Connections, Group, Life, Place, Reach, Story};
use crate::git::graph::{CommitGraph, NONE, number};
use crate::git::history::History;
use crate::git::mode::{FOLDER, kind_of};
use crate::git::odb::Object;

/// Tells the lives of all groups.
pub(in crate::git) fn tell(history: &History<'_>, connections: &Connections, groups: &[Group]) -> Vec<Life> {
    let interest = interest(groups);
    let mut teller = Teller {
        history,
        connections,
        labels: Labels::new(&history.roots.refs),
        moments: Moments::new(&history.catalog),
        drafts: Drafts::new(groups.len()),
    };
    teller.walk(&history.shape.reachable, Reach::History, &interest);
    teller.loose_objects(&interest);
    teller.indexes(&interest);
    let left = teller.drafts.unreached(&interest);
    if !(left.objects.is_empty() && left.names.is_empty()) {
        let unreachable: Vec<bool> = history.shape.reachable.iter().map(|reached| !reached).collect();
        teller.walk(&unreachable, Reach::Unreachable, &left);
        teller.forlorn(&interest);
    }
    let labels = teller.labels;
    teller.drafts.finish(&labels)
}

fn interest(groups: &[Group]) -> Interest {
    let mut interest = Interest::default();
    for (at, group) in (0..).zip(groups) {
        interest.objects.extend(group.objects.iter().map(|object| (number(object.index()), at)));
        interest.names.extend(group.names.iter().map(|name| (name.0, at)));
    }
    for list in [&mut interest.objects, &mut interest.names] {
        list.sort_unstable();
        list.dedup();
    }
    interest
}

struct Teller<'a> {
    history: &'a History<'a>,
    connections: &'a Connections,
    labels: Labels,
    moments: Moments<'a>,
    drafts: Drafts,
}

impl Teller<'_> {
    fn graph(&self) -> &CommitGraph {
        &self.history.shape.graph
    }

    /// Walks over the commits for which `chosen` holds.
    fn walk(&mut self, chosen: &[bool], reach: Reach, interest: &Interest) {
        let history = self.history;
        let (graph, anchors) = (&history.shape.graph, &history.shape.anchors);
        let order = graph.order(&history.catalog, chosen);
        let mut keys = Keys::new(&self.connections.holdings, interest, self.drafts.len());
        let mut tops = vec![NONE; graph.len()];
        for &commit in &order {
            tops[commit as usize] = graph.tree(commit).and_then(|tree| keys.top(tree)).unwrap_or(NONE);
        }
        let own = own_texts(graph, chosen, (interest, &mut keys));
        let stashes = self.history.stashes();
        let mut world =
            World { graph, order: &order, tops, own, stashes, tips: Vec::new(), loose: Vec::new(), head: None };
        if reach == Reach::History {
            let named = |&(reference, _): &(u32, u32)| self.labels.has(reference);
            world.tips = anchors.commits.iter().copied().filter(named).collect();
            let trees = anchors.trees.iter().map(|&(reference, tree)| (reference, number(tree.index())));
            world.loose = trees.filter_map(|(reference, tree)| Some((reference, keys.top(tree)?))).collect();
            world.head = anchors.head;
        }
        keys.settle();
        if keys.is_cut() {
            history.note_cut();
        }
        let told = walk(&world, &keys);
        let led_to = if world.own.is_empty() { Vec::new() } else { graph.reach(world.head) };
        for ((at, &key), mut told) in (0..).zip(keys.all()).zip(told) {
            let versions: Vec<u32> = keys.versions(at).collect();
            if versions.is_empty() {
                continue;
            }
            told.in_head |= leads_to_text((&world, &led_to), at, key);
            self.take((&keys, key), (told, &versions), reach);
        }
    }

    /// Takes down what was told of one key.
    fn take(&mut self, (keys, key): (&Keys<'_>, Key), (mut told, versions): (Told, &[u32]), reach: Reach) {
        let mut story = self.story(&told);
        story.versions = versions.len() as u64;
        let path = match key.spot() {
            Spot::Whole => {
                let draft = self.drafts.of(key.group);
                draft.hold(&told.holders);
                return draft.take_whole(story, told.refs, (versions, reach));
            }
            Spot::Own(commit) => {
                let object = Some(self.graph().object(commit));
                self.labels.add(&mut told.refs, &mut story);
                self.labels.add_holders(&mut told.refs, &mut story);
                self.drafts.of(key.group).hold(&told.refs);
                return self.drafts.of(key.group).places.push(Place { path: Vec::new(), object, reach, story });
            }
            Spot::Path(path) => path,
        };
        let steps = keys.steps(path);
        let object = self.version(told.first, &steps, versions);
        self.labels.add(&mut told.refs, &mut story);
        self.labels.add_holders(&mut told.holders, &mut story);
        let path = self.path(&steps);
        let draft = self.drafts.of(key.group);
        draft.names.extend(steps.last());
        draft.places.push(Place { path, object, reach, story });
    }

    fn story(&mut self, told: &Told) -> Story {
        let graph = &self.history.shape.graph;
        let mut moment = |commit: u32| if commit == NONE { None } else { self.moments.of(graph.object(commit)) };
        let removed = if told.in_head { None } else { moment(told.removed) };
        Story { first: moment(told.first), last: moment(told.last), removed, in_head: told.in_head, ..Story::default() }
    }

    /// Which of the versions is at a path in the tree of a commit; any if there is no commit.
    fn version(&self, commit: u32, steps: &[u32], versions: &[u32]) -> Option<Object> {
        let holdings = &self.connections.holdings;
        let found = || {
            // A malformed tree may have several entries of one name.
            let mut objects: Vec<u32> = self.graph().tree(commit).into_iter().collect();
            for step in steps {
                let trees = objects.iter().filter_map(|&object| holdings.find(object));
                let entries = trees.flat_map(|tree| holdings.of(tree)).filter(|held| held.name == *step);
                objects = entries.map(|held| held.child).collect();
            }
            objects.into_iter().find(|object| versions.contains(object))
        };
        let object = if commit == NONE { versions.first().copied() } else { found() };
        // There are marks in place of what is no object.
        object.filter(|&object| (object as usize) < self.history.catalog.len()).map(Object::at)
    }

    fn path(&self, steps: &[u32]) -> Vec<u8> {
        let names: Vec<&[u8]> = steps.iter().map(|&step| self.connections.found.names.get(step)).collect();
        names.join(&b'/')
    }

    /// Blobs and tags that refs lead to.
    fn loose_objects(&mut self, interest: &Interest) {
        let mut loose: BTreeMap<(u32, u32), Vec<u32>> = BTreeMap::new();
        for &(reference, object) in &self.history.shape.anchors.others {
            let object = number(object.index());
            for group in groups_of(&interest.objects, object) {
                loose.entry((group, object)).or_default().push(reference);
            }
        }
        for ((group, object), refs) in loose {
            self.take_loose((group, object), refs, Reach::History);
        }
    }

    /// Takes down an object that no tree holds.
    fn take_loose(&mut self, (group, number): (u32, u32), mut refs: Vec<u32>, reach: Reach) {
        use crate::git::id::Kind;
        let object = Object::at(number);
        let is_text = matches!(self.history.catalog.kind(object), Some(Kind::Tag | Kind::Commit));
        let moment = if is_text { self.moments.of(object) } else { None };
        let mut story = Story { first: moment.clone(), last: moment, versions: 1, ..Story::default() };
        let draft = self.drafts.of(group);
        draft.take_whole(story.clone(), refs.clone(), (&[number], reach));
        self.labels.add(&mut refs, &mut story);
        draft.places.push(Place { path: Vec::new(), object: Some(object), reach, story });
    }

    /// What stands in an index and not at the same path in a commit.
    fn indexes(&mut self, interest: &Interest) {
        let mut known = self.drafts.paths();
        for staged in &self.history.roots.staged {
            let object = self.history.catalog.find(&staged.id);
            if kind_of(staged.mode) == FOLDER {
                let folder = staged.path.strip_suffix(b"/").unwrap_or(&staged.path);
                self.sparse_folder((folder, object), interest, &mut known);
            }
            let found = object.map_or(NONE, |object| number(object.index()));
            for group in groups_of(&interest.objects, found) {
                self.drafts.of(group).reach_object(found, Reach::Index);
                self.stage(group, (&staged.path, object), &mut known);
            }
            for (name, end, group) in self.traced_names(&staged.path, interest) {
                let object = object.filter(|_| end == staged.path.len());
                self.drafts.of(group).names.insert(name);
                self.stage(group, (&staged.path[..end], object), &mut known);
            }
        }
    }

    /// Takes down a path of an index; it may be known already from commits.
    fn stage(&mut self, group: u32, (path, object): (&[u8], Option<Object>), known: &mut BTreeSet<(u32, Vec<u8>)>) {
        self.drafts.of(group).staged.insert(path.to_vec());
        if known.insert((group, path.to_vec())) {
            let place = Place { path: path.to_vec(), object, reach: Reach::Index, story: Story::default() };
            self.drafts.of(group).places.push(place);
        }
    }

    /// The names in a path that are of interest, where they end, and the groups that they belong to.
    fn traced_names(&self, path: &[u8], interest: &Interest) -> Vec<(u32, usize, u32)> {
        if interest.names.is_empty() {
            return Vec::new();
        }
        let mut end = 0;
        let names = path.split(|&byte| byte == b'/').map(|name| {
            end += name.len() + 1;
            (name, end - 1)
        });
        let known = names.filter_map(|(name, end)| Some((self.connections.found.names.find(name)?, end)));
        known.flat_map(|(name, end)| groups_of(&interest.names, name).map(move |group| (name, end, group))).collect()
    }

    /// What a folder of a sparse index holds, of which no file is listed.
    fn sparse_folder(
        &mut self,
        (folder, object): (&[u8], Option<Object>),
        interest: &Interest,
        known: &mut BTreeSet<(u32, Vec<u8>)>,
    ) {
        let mut keys = Keys::new(&self.connections.holdings, interest, self.drafts.len());
        if object.and_then(|tree| keys.top(number(tree.index()))).is_none() {
            return;
        }
        keys.settle();
        for (at, key) in (0..).zip(keys.all()) {
            let Spot::Path(path) = key.spot() else { continue };
            let versions: Vec<u32> = keys.versions(at).collect();
            let steps = keys.steps(path);
            let path = join(folder, &self.path(&steps));
            let object = self.version(NONE, &steps, &versions);
            let draft = self.drafts.of(key.group);
            for version in versions {
                draft.reach_object(version, Reach::Index);
            }
            draft.names.extend(steps.last());
            self.stage(key.group, (&path, object), known);
        }
    }

    /// What not even a commit holds that nothing leads to.
    fn forlorn(&mut self, interest: &Interest) {
        let left = self.drafts.unreached(interest);
        for (object, group) in left.objects {
            self.take_loose((group, object), Vec::new(), Reach::Unreachable);
        }
        for (name, group) in left.names {
            let path = self.connections.found.names.get(name).to_vec();
            let place = Place { path, object: None, reach: Reach::Unreachable, story: Story::default() };
            self.drafts.of(group).places.push(place);
        }
    }
}

/// Commits whose own text is of interest, with their keys.
fn own_texts(
    graph: &CommitGraph,
    chosen: &[bool],
    (interest, keys): (&Interest, &mut Keys<'_>),
) -> BTreeMap<u32, Vec<u32>> {
    let mut own: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
    for &(object, group) in &interest.objects {
        if let Some(commit) = graph.find(Object::at(object)).filter(|&commit| chosen[commit as usize]) {
            own.entry(commit).or_default().extend(keys.own(group, (commit, object)));
        }
    }
    own
}

/// Whether `HEAD` leads to a commit whose own text has the key. What a text says is not removed by what follows.
fn leads_to_text((world, led_to): (&World<'_>, &[bool]), at: u32, key: Key) -> bool {
    let is_led_to = |commit: u32| led_to.get(commit as usize).copied().unwrap_or(false);
    match key.spot() {
        Spot::Own(commit) => is_led_to(commit),
        Spot::Whole => world.own.iter().any(|(&commit, keys)| is_led_to(commit) && keys.contains(&at)),
        Spot::Path(_) => false,
    }
}
