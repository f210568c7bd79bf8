//! Decides what is told of a commit or a tag, and how refs are called in a story.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Moment, Story};
use crate::git::header::{self, Signature};
use crate::git::id::Kind;
use crate::git::odb::{Catalog, Object};
use crate::git::refs::Reference;

/// How much is read of a commit or a tag.
const LARGEST: u64 = 64 << 20;

/// What kind of ref it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Class {
    Branch,
    Tag,
    Remote,
    /// `HEAD` of a working tree.
    Head,
}

/// How stories call a ref.
#[derive(Debug)]
struct Label {
    class: Class,
    short: Arc<[u8]>,
    whole: Arc<[u8]>,
}

/// The refs of a repository that stories name.
#[derive(Debug)]
pub(super) struct Labels(Vec<Option<Label>>);

impl Labels {
    pub(super) fn new(refs: &[Reference]) -> Self {
        Self(refs.iter().map(|reference| label(&reference.name)).collect())
    }

    /// Whether stories name the ref.
    pub(super) fn has(&self, reference: u32) -> bool {
        self.0.get(reference as usize).is_some_and(Option::is_some)
    }

    /// Adds the refs that contain what a story is about, each once.
    pub(super) fn add(&self, refs: &mut Vec<u32>, story: &mut Story) {
        for label in self.of(refs) {
            let list = match label.class {
                Class::Branch => &mut story.branches,
                Class::Tag => &mut story.tags,
                Class::Remote => &mut story.remotes,
                Class::Head => continue,
            };
            list.push(Arc::clone(&label.short));
        }
    }

    /// Adds the refs whose commit holds what a story is about. A tag stays what it is, and counts for nothing here; as long
    /// as there is another one, nothing is removed.
    pub(super) fn add_holders(&self, refs: &mut Vec<u32>, story: &mut Story) {
        let holders = self.of(refs).filter(|label| label.class != Class::Tag);
        story.held_by.extend(holders.map(|label| Arc::clone(&label.whole)));
        if !story.held_by.is_empty() {
            story.removed = None;
        }
    }

    /// The labels of refs, each once.
    fn of<'a>(&'a self, refs: &'a mut Vec<u32>) -> impl Iterator<Item = &'a Label> {
        refs.sort_unstable();
        refs.dedup();
        refs.iter().filter_map(|&at| self.0.get(at as usize)?.as_ref())
    }
}

fn label(name: &[u8]) -> Option<Label> {
    if name == b"HEAD" || name.ends_with(b"/HEAD") && !name.starts_with(b"refs/") {
        return Some(Label { class: Class::Head, short: name.into(), whole: name.into() });
    }
    let kinds: [(&[u8], Class); 3] =
        [(b"refs/heads/", Class::Branch), (b"refs/tags/", Class::Tag), (b"refs/remotes/", Class::Remote)];
    let (rest, class) = kinds.iter().find_map(|&(prefix, class)| Some((name.strip_prefix(prefix)?, class)))?;
    // The head of a remote is another name for one of its branches.
    let is_head = class == Class::Remote && rest.ends_with(b"/HEAD");
    (!is_head).then(|| Label { class, short: rest.into(), whole: name.into() })
}

/// Commits and tags that were told of already.
#[derive(Debug)]
pub(super) struct Moments<'a> {
    catalog: &'a Catalog<'a>,
    known: BTreeMap<Object, Option<Moment>>,
}

impl<'a> Moments<'a> {
    pub(super) fn new(catalog: &'a Catalog<'a>) -> Self {
        Self { catalog, known: BTreeMap::new() }
    }

    /// What is told of a commit or a tag, if it can be read.
    pub(super) fn of(&mut self, object: Object) -> Option<Moment> {
        let catalog = self.catalog;
        self.known.entry(object).or_insert_with(|| read(catalog, object)).clone()
    }
}

fn read(catalog: &Catalog<'_>, object: Object) -> Option<Moment> {
    let content = catalog.read(object, LARGEST).ok()?;
    let signed = |role: &[u8]| header::signature(&content.bytes, role);
    let (author, committer) = match content.kind {
        Kind::Tag => (signed(b"tagger"), signed(b"tagger")),
        _ => (signed(b"author"), signed(b"committer")),
    };
    let Signature { who: author, time: author_time } = author.unwrap_or_default();
    let Signature { who: committer, time: committer_time } = committer.unwrap_or_default();
    Some(Moment { commit: catalog.id(object), author, author_time, committer, committer_time })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_branches_tags_and_branches_of_remotes_are_named() {
        let refs = ["HEAD", "refs/heads/a/b", "refs/notes/x", "refs/remotes/o/HEAD", "refs/remotes/o/a", "refs/tags/t"];
        let target = crate::git::id::ObjectId::null(crate::git::id::ObjectFormat::Sha1);
        let refs: Vec<_> = refs.iter().map(|name| Reference { name: name.as_bytes().to_vec(), target }).collect();
        let mut story = Story::default();
        Labels::new(&refs).add(&mut vec![5, 4, 3, 2, 1, 0, 1], &mut story);
        let names = |list: &[Arc<[u8]>]| -> Vec<String> {
            list.iter().map(|name| String::from_utf8_lossy(name).into_owned()).collect()
        };
        let lists: [Vec<String>; 3] = [names(&story.branches), names(&story.tags), names(&story.remotes)];
        assert_eq!(lists, [vec!["a/b".to_owned()], vec!["t".to_owned()], vec!["o/a".to_owned()]]);
        story.removed = Some(Moment {
            commit: target,
            author: Vec::new(),
            author_time: 0,
            committer: Vec::new(),
            committer_time: 0,
        });
        Labels::new(&refs).add_holders(&mut vec![5, 3, 2], &mut story);
        assert!(story.held_by.is_empty() && story.removed.is_some(), "a tag is no tip");
        Labels::new(&refs).add_holders(&mut vec![5, 4, 3, 2, 1, 0, 1], &mut story);
        assert_eq!(names(&story.held_by), ["HEAD", "refs/heads/a/b", "refs/remotes/o/a"]);
        assert_eq!(story.removed, None);
    }
}
