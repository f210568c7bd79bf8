//! Decides how the parts of a life come together while it is told.

use std::collections::{BTreeMap, BTreeSet};

use super::keys::Interest;
use super::moments::Labels;
use super::{Life, Place, Reach, Story};

/// A life that is being told.
#[derive(Debug, Default)]
pub(super) struct Draft {
    /// The story of the whole, and what leads to what it is about.
    whole: Option<(Story, Reach)>,
    /// The refs that contain any of it.
    refs: Vec<u32>,
    /// The refs whose commits hold any of it.
    holders: Vec<u32>,
    /// The paths at which an index holds it.
    pub(super) staged: BTreeSet<Vec<u8>>,
    pub(super) places: Vec<Place>,
    /// The numbers of the objects that were come by, and what leads to them.
    objects: BTreeMap<u32, Reach>,
    /// The names that were come by.
    pub(super) names: BTreeSet<u32>,
}

impl Draft {
    /// Notes that an object was come by.
    pub(super) fn reach_object(&mut self, object: u32, reach: Reach) {
        let known = self.objects.entry(object).or_insert(reach);
        *known = (*known).min(reach);
    }

    /// Notes refs whose commits hold any of it.
    pub(super) fn hold(&mut self, refs: &[u32]) {
        self.holders.extend(refs);
    }

    /// Adds a story of the whole, about some of its objects. What came first counts more.
    pub(super) fn take_whole(&mut self, story: Story, refs: Vec<u32>, (versions, reach): (&[u32], Reach)) {
        for &object in versions {
            self.reach_object(object, reach);
        }
        self.refs.extend(refs);
        match &mut self.whole {
            None => self.whole = Some((story, reach)),
            Some((whole, known)) if *known == reach => {
                whole.first = whole.first.take().or(story.first);
                whole.last = whole.last.take().or(story.last);
                whole.versions += story.versions;
            }
            Some(_) => {}
        }
    }

    fn finish(mut self, labels: &Labels) -> Life {
        let reach = self.places.iter().map(|place| place.reach).min().unwrap_or(Reach::Unreachable);
        let told = self.whole.filter(|&(_, told)| told == reach);
        let mut whole = told.map_or_else(Story::default, |(story, _)| story);
        if whole.versions == 0 {
            whole.versions = self.objects.values().filter(|&&of| of == reach).count() as u64;
        }
        labels.add(&mut self.refs, &mut whole);
        labels.add_holders(&mut self.holders, &mut whole);
        if !self.staged.is_empty() {
            whole.note_index();
        }
        for place in self.places.iter_mut().filter(|place| self.staged.contains(&place.path)) {
            place.story.note_index();
        }
        self.places
            .sort_by(|one, other| (one.reach, &one.path, one.object).cmp(&(other.reach, &other.path, other.object)));
        Life { reach, whole, places: self.places }
    }
}

impl Story {
    /// Notes that an index holds it, so that it is not gone.
    fn note_index(&mut self) {
        self.in_index = true;
        self.removed = None;
    }
}

/// All lives that are being told.
#[derive(Debug)]
pub(super) struct Drafts(Vec<Draft>);

impl Drafts {
    pub(super) fn new(groups: usize) -> Self {
        Self((0..groups).map(|_| Draft::default()).collect())
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// The draft of a group.
    pub(super) fn of(&mut self, group: u32) -> &mut Draft {
        &mut self.0[group as usize]
    }

    /// Groups with the paths that are told of already.
    pub(super) fn paths(&self) -> BTreeSet<(u32, Vec<u8>)> {
        let drafts = (0..).zip(&self.0);
        drafts.flat_map(|(group, draft)| draft.places.iter().map(move |place| (group, place.path.clone()))).collect()
    }

    /// What of interest was not come by yet.
    pub(super) fn unreached(&self, interest: &Interest) -> Interest {
        let objects = interest.objects.iter().copied();
        let names = interest.names.iter().copied();
        Interest {
            objects: objects.filter(|&(object, group)| !self.0[group as usize].objects.contains_key(&object)).collect(),
            names: names.filter(|&(name, group)| !self.0[group as usize].names.contains(&name)).collect(),
        }
    }

    /// The lives, in the order of the groups.
    pub(super) fn finish(self, labels: &Labels) -> Vec<Life> {
        self.0.into_iter().map(|draft| draft.finish(labels)).collect()
    }
}
