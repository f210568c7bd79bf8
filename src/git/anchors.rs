//! Decides what each root leads to: a commit, through any number of tags; or a tree or a blob, which some refs name.

use super::graph::{CommitGraph, NONE, number};
use super::history::{Missing, Referrer};
use super::id::{Kind, ObjectId};
use super::mode;
use super::odb::{Catalog, Object};
use super::refs::Roots;

/// What the roots of a repository lead to, each with the number of its ref, or [`NONE`] if it is no ref.
#[derive(Debug, Default)]
pub(super) struct Anchors {
    pub(super) commits: Vec<(u32, u32)>,
    pub(super) trees: Vec<(u32, Object)>,
    /// Tags on the way, and blobs.
    pub(super) others: Vec<(u32, Object)>,
    /// The commit that `HEAD` leads to.
    pub(super) head: Option<u32>,
    pub(super) missing: Vec<Missing>,
}

/// What there is to find out about roots.
pub(super) struct Peeler<'a> {
    pub(super) catalog: &'a Catalog<'a>,
    pub(super) graph: &'a CommitGraph,
    /// What tags point at; sorted.
    pub(super) tags: &'a [(Object, ObjectId)],
}

impl Peeler<'_> {
    /// Follows all roots.
    pub(super) fn anchors(&self, roots: &Roots) -> Anchors {
        let mut anchors = Anchors::default();
        for (at, reference) in (0..).zip(&roots.refs) {
            let referrer = Referrer::Reference(reference.name.clone());
            self.follow(&mut anchors, (at, reference.target), Some(&referrer));
        }
        for &id in &roots.reflogs {
            self.follow(&mut anchors, (NONE, id), Some(&Referrer::Reflog));
        }
        for &id in &roots.unfinished {
            // It may be out of date.
            self.follow(&mut anchors, (NONE, id), None);
        }
        for staged in &roots.staged {
            self.follow_staged(&mut anchors, staged);
        }
        anchors.head = roots.head.and_then(|id| {
            let mut alone = Anchors::default();
            self.follow(&mut alone, (NONE, id), None);
            alone.commits.first().map(|&(_, commit)| commit)
        });
        anchors
    }

    fn follow(&self, anchors: &mut Anchors, (reference, id): (u32, ObjectId), referrer: Option<&Referrer>) {
        let mut id = id;
        let mut referrer = referrer.cloned();
        // No tag comes twice, unless ids are not what they should be.
        for _ in 0..=self.tags.len() {
            let Some(object) = self.catalog.find(&id) else {
                let referrer = referrer.filter(|_| !id.is_built_in());
                anchors.missing.extend(referrer.map(|referrer| Missing { id, referrer, path: Vec::new() }));
                return;
            };
            match self.catalog.kind(object) {
                Some(Kind::Commit) => {
                    anchors.commits.extend(self.graph.find(object).map(|commit| (reference, commit)));
                    return;
                }
                Some(Kind::Tree) => return anchors.trees.push((reference, object)),
                Some(Kind::Tag) => anchors.others.push((reference, object)),
                Some(Kind::Blob) | None => return anchors.others.push((reference, object)),
            }
            let Ok(at) = self.tags.binary_search_by_key(&object, |&(tag, _)| tag) else { return };
            referrer = Some(Referrer::Tag(id));
            id = self.tags[at].1;
        }
    }

    /// Entries of an index are no anchors, since their paths count; but folders of a sparse index lead on.
    fn follow_staged(&self, anchors: &mut Anchors, staged: &super::refs::Staged) {
        let kind = mode::kind_of(staged.mode);
        if kind == mode::MODULE || staged.id.is_built_in() {
            return;
        }
        if self.catalog.find(&staged.id).is_none() {
            let (id, path) = (staged.id, staged.path.clone());
            anchors.missing.push(Missing { id, referrer: Referrer::Index, path });
        }
    }
}

impl Anchors {
    /// The commits that roots lead to.
    pub(super) fn tips(&self) -> impl Iterator<Item = u32> + '_ {
        self.commits.iter().map(|&(_, commit)| commit)
    }

    /// The numbers of the trees that roots lead to without a commit.
    pub(super) fn tree_numbers(&self) -> impl Iterator<Item = u32> + '_ {
        self.trees.iter().map(|&(_, tree)| number(tree.index()))
    }
}
