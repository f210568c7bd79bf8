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
}

/// The refs of a repository that stories name.
#[derive(Debug)]
pub(super) struct Labels(Vec<Option<(Class, Arc<[u8]>)>>);

impl Labels {
    pub(super) fn new(refs: &[Reference]) -> Self {
        Self(refs.iter().map(|reference| label(&reference.name)).collect())
    }

    /// Whether stories name the ref.
    pub(super) fn has(&self, reference: u32) -> bool {
        self.0.get(reference as usize).is_some_and(Option::is_some)
    }

    /// Adds refs to a story, each once.
    pub(super) fn add(&self, refs: &mut Vec<u32>, story: &mut Story) {
        refs.sort_unstable();
        refs.dedup();
        for (class, name) in refs.iter().filter_map(|&at| self.0.get(at as usize)?.as_ref()) {
            let list = match class {
                Class::Branch => &mut story.branches,
                Class::Tag => &mut story.tags,
                Class::Remote => &mut story.remotes,
            };
            list.push(Arc::clone(name));
        }
    }
}

fn label(name: &[u8]) -> Option<(Class, Arc<[u8]>)> {
    let kinds: [(&[u8], Class); 3] =
        [(b"refs/heads/", Class::Branch), (b"refs/tags/", Class::Tag), (b"refs/remotes/", Class::Remote)];
    let (rest, class) = kinds.iter().find_map(|&(prefix, class)| Some((name.strip_prefix(prefix)?, class)))?;
    // The head of a remote is another name for one of its branches.
    let is_head = class == Class::Remote && rest.ends_with(b"/HEAD");
    (!is_head).then(|| (class, rest.into()))
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
        let names = |list: &[Arc<[u8]>]| list.iter().map(|name| String::from_utf8_lossy(name).into_owned()).collect();
        let lists: [Vec<String>; 3] = [names(&story.branches), names(&story.tags), names(&story.remotes)];
        assert_eq!(lists, [vec!["a/b".to_owned()], vec!["t".to_owned()], vec!["o/a".to_owned()]]);
    }
}
