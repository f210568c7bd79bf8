//! Decides which arguments select commits, and what is wrong with those that do not.
//!
//! `git rev-list` says nothing of a blob or a tree, and of a range that only leaves commits out; a mistake in an argument
//! would pass for a range without commits. So the arguments are resolved and looked at first.

use std::ffi::{OsStr, OsString};

use super::super::error::{GitError, Unselected};
use super::super::id::{Kind, ObjectId};
use super::super::odb::{ReadError, Store};
use super::super::plumbing::Git;
use super::super::repository::Repository;

/// Options of a range: those that name more revisions.
const OPTIONS: [&str; 8] =
    ["--all", "--branches", "--tags", "--remotes", "--branches=", "--tags=", "--remotes=", "--glob="];

/// The option that turns the sense of all that follow.
const NOT: &str = "--not";

/// Bytes of the largest commit or tag that is read.
const LARGEST: u64 = 16 << 20;

/// How many tags may point at each other.
const LONGEST_CHAIN: usize = 64;

/// Refuses `revisions` that select no commits for another reason than that there are none.
pub(super) fn check(repository: &Repository, store: &Store, revisions: &[OsString]) -> Result<(), GitError> {
    if let Some(option) = revisions.iter().find(|word| is_option(word) && !is_known(word)) {
        return Err(GitError::Option { option: option.to_string_lossy().into_owned() });
    }
    if revisions.is_empty() {
        return Err(unselected("", "it is empty", Unselected::Form));
    }
    let asked = Asked { git: Git::new(repository), repository, store, revisions };
    let plain: Vec<&OsStr> = revisions.iter().map(|word| &**word).filter(|word| !names_refs(word)).collect();
    let ids = match asked.resolve(&plain) {
        Ok(ids) => ids,
        Err(GitError::Plumbing { detail, .. }) if detail.starts_with("fatal: ") || detail.starts_with("error: ") => {
            return Err(asked.unknown(detail.split_once(": ").map_or("", |(_, detail)| detail)));
        }
        Err(error) => return Err(error),
    };
    for (_, id) in &ids {
        match commit(store, *id) {
            Leads::Commit => {}
            Leads::Nowhere => return Err(asked.unknown("there is no such object")),
            Leads::Else(kind) => return Err(asked.other(*id, kind)),
        }
    }
    if ids.iter().any(|(sense, _)| *sense == Sense::In) || selects_refs(revisions) {
        return Ok(());
    }
    let all = revisions.join(OsStr::new(" "));
    Err(unselected(&all.to_string_lossy(), "it only leaves commits out", Unselected::Form))
}

/// Whether commits are taken or left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sense {
    In,
    Out,
}

/// What an id leads to.
enum Leads {
    Commit,
    Nowhere,
    Else(&'static str),
}

fn is_option(word: &OsStr) -> bool {
    word.as_encoded_bytes().starts_with(b"-")
}

fn is_known(word: &OsStr) -> bool {
    word == NOT || names_refs(word)
}

/// Whether a word is an option that stands for refs.
fn names_refs(word: &OsStr) -> bool {
    let word = word.as_encoded_bytes();
    OPTIONS
        .iter()
        .any(|option| word == option.as_bytes() || option.ends_with('=') && word.starts_with(option.as_bytes()))
}

/// Whether an option selects the commits of refs. That there are none yet is no mistake.
fn selects_refs(revisions: &[OsString]) -> bool {
    let mut sense = Sense::In;
    revisions.iter().any(|word| {
        if word == NOT {
            sense = if sense == Sense::In { Sense::Out } else { Sense::In };
        }
        names_refs(word) && sense == Sense::In
    })
}

fn unselected(revisions: &str, detail: &str, why: Unselected) -> GitError {
    GitError::Revisions { revisions: revisions.to_owned(), detail: detail.to_owned(), why }
}

/// Follows tags.
fn commit(store: &Store, id: ObjectId) -> Leads {
    let mut id = id;
    for _ in 0..LONGEST_CHAIN {
        let content = match store.read(&id, LARGEST) {
            Ok(content) => content,
            Err(ReadError::Missing) => return Leads::Nowhere,
            Err(ReadError::Oversize(_)) => return Leads::Else("blob"),
            // git tells what is wrong with it.
            Err(ReadError::Damaged(_)) => return Leads::Commit,
        };
        let target = content.bytes.strip_prefix(b"object ").and_then(|rest| rest.split(|&byte| byte == b'\n').next());
        match (content.kind, target.and_then(ObjectId::from_hex)) {
            (Kind::Commit, _) | (Kind::Tag, None) => return Leads::Commit,
            (Kind::Tree, _) => return Leads::Else("tree"),
            (Kind::Blob, _) => return Leads::Else("blob"),
            (Kind::Tag, Some(target)) => id = target,
        }
    }
    Leads::Commit
}

/// Arguments, and who knows what they mean.
struct Asked<'a> {
    git: Git<'a>,
    repository: &'a Repository,
    store: &'a Store,
    revisions: &'a [OsString],
}

impl Asked<'_> {
    /// The ids that words stand for.
    fn resolve(&self, words: &[&OsStr]) -> Result<Vec<(Sense, ObjectId)>, GitError> {
        let args = [&[OsStr::new("rev-parse")], words, &[OsStr::new("--")]].concat();
        let answer = self.git.run(&args, b"")?;
        let sided = |line: &[u8]| match line.strip_prefix(b"^") {
            Some(id) => ObjectId::from_hex(id).map(|id| (Sense::Out, id)),
            None => ObjectId::from_hex(line).map(|id| (Sense::In, id)),
        };
        Ok(answer.split(|&byte| byte == b'\n').filter_map(sided).collect())
    }

    /// Whether a name stands for an object that is there.
    fn is_known(&self, name: &str) -> bool {
        let args = ["rev-parse", "--verify", "--quiet", "--end-of-options", name];
        let id = self.git.run(&args, b"").ok().and_then(|answer| ObjectId::from_hex(answer.trim_ascii()));
        id.is_some_and(|id| self.store.contains(&id))
    }

    /// The argument that leads to something else than a commit.
    fn other(&self, id: ObjectId, kind: &str) -> GitError {
        let leads = |word: &&OsString| {
            !is_option(word) && self.resolve(&[word]).is_ok_and(|ids| ids.iter().any(|(_, other)| *other == id))
        };
        let word = self.revisions.iter().find(leads).map(|word| word.to_string_lossy().into_owned());
        let word = word.unwrap_or_else(|| id.to_string());
        unselected(&word, &format!("it leads to a {kind}, not to a commit"), Unselected::Form)
    }

    /// What to say of the argument that git does not know; git itself says `detail`.
    fn unknown(&self, detail: &str) -> GitError {
        let words = self.revisions.iter().filter(|word| !is_option(word)).map(|word| word.to_string_lossy());
        for word in words {
            let mut parts = word.trim_start_matches('^').split("..").map(|part| part.trim_start_matches('.'));
            if let Some(part) = parts.find(|part| !part.is_empty() && !self.is_known(part)) {
                return unselected(&word, detail, self.why(part));
            }
        }
        let all = self.revisions.join(OsStr::new(" "));
        unselected(&all.to_string_lossy(), detail, Unselected::Form)
    }

    /// Why nothing is known by a name.
    fn why(&self, name: &str) -> Unselected {
        if name.len() >= 40 && name.bytes().all(|byte| byte == b'0') {
            return Unselected::Zeros;
        }
        let stem = name.split(['~', '^', '@', ':']).next().unwrap_or_default();
        let is_cut = !self.repository.shallow().is_ok_and(|boundary| boundary.is_empty());
        // What is said of the content of a commit has nothing to do with how many were fetched.
        if is_cut && !stem.is_empty() && !name.contains(':') {
            return Unselected::Cut(stem.to_owned());
        }
        if stem.is_empty() || stem == "HEAD" || stem.len() < name.len() && self.is_known(stem) {
            return Unselected::Form;
        }
        Unselected::Unknown(stem.to_owned())
    }
}
