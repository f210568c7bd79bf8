//! Decides what a repository reaches its history from: refs, the heads of all working trees, what an unfinished merge
//! or rebase has written down, reflogs with all stashes, and indexes.
//!
//! Replacements are roots like any other ref, and replace nothing.

mod files;
mod head;
mod indexes;
mod reflogs;
mod tables;
mod unfinished;

use std::fmt;
use std::path::{Path, PathBuf};

pub(super) use files::lines;

use super::error::GitError;
use super::id::ObjectId;
use super::repository::Repository;
use super::settings::RefStorage;
pub(super) use head::check_head;

/// A name for an object.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Reference {
    /// The whole name, such as `refs/heads/main` or `HEAD`. Those that only another working tree has begin with
    /// `worktrees/` and its name, or with `main-worktree/`.
    pub name: Vec<u8>,
    /// The object; it may be of any kind.
    pub target: ObjectId,
}

/// An entry of an index.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Staged {
    /// From the top of the working tree.
    pub path: Vec<u8>,
    /// The kind of the entry: a file, a link, a submodule, or a folder of a sparse index.
    pub mode: u32,
    /// The object.
    pub id: ObjectId,
}

/// A root that could not be read.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Unrooted {
    /// The file or the name.
    pub name: Vec<u8>,
    /// What is wrong with it.
    pub detail: String,
}

impl Unrooted {
    fn at(path: &Path, detail: impl fmt::Display) -> Self {
        Self { name: path.as_os_str().as_encoded_bytes().to_vec(), detail: detail.to_string() }
    }
}

/// All that a repository reaches its history from. Every list is sorted and holds nothing twice.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Roots {
    /// Refs and heads.
    pub refs: Vec<Reference>,
    /// What merges, rebases and the like have written down. It may be out of date, and then need not exist.
    pub unfinished: Vec<ObjectId>,
    /// What refs pointed at before, and point at now, as their logs say it.
    pub reflogs: Vec<ObjectId>,
    /// What was put aside by `git stash`. The commits are among those above.
    pub stashes: Vec<ObjectId>,
    /// The entries of all indexes, with all sides of conflicts.
    pub staged: Vec<Staged>,
    /// What `HEAD` of this working tree points at, unless nothing was committed yet.
    pub head: Option<ObjectId>,
    /// What could not be read.
    pub unread: Vec<Unrooted>,
}

/// A working tree as the repository knows it.
struct Place {
    /// What the names of its own refs begin with: nothing for the working tree that one is in.
    prefix: Vec<u8>,
    git_dir: PathBuf,
}

/// Reads everything that `repository` reaches its history from.
pub fn roots(repository: &Repository) -> Result<Roots, GitError> {
    let mut roots = Roots::default();
    let places = places(repository);
    match repository.ref_storage() {
        RefStorage::Files => {
            files::read(repository, &places, &mut roots);
            reflogs::read(repository, &places, &mut roots);
        }
        RefStorage::Reftable => tables::read(repository, &places, &mut roots)?,
    }
    for place in &places {
        unfinished::read(&place.git_dir, &mut roots);
    }
    indexes::read(repository, &places, &mut roots);
    roots.settle();
    Ok(roots)
}

impl Roots {
    fn settle(&mut self) {
        // A clone has the last stash without its log.
        let stash = self.refs.iter().filter(|reference| reference.name == b"refs/stash");
        self.stashes.extend(stash.map(|reference| reference.target));
        self.refs.sort_unstable();
        self.refs.dedup();
        for ids in [&mut self.unfinished, &mut self.reflogs, &mut self.stashes] {
            ids.retain(|id| !id.is_null());
            ids.sort_unstable();
            ids.dedup();
        }
        self.staged.sort_unstable();
        self.staged.dedup();
        self.unread.sort_unstable();
        self.unread.dedup();
    }
}

/// The working trees of a repository, the one that one is in first.
fn places(repository: &Repository) -> Vec<Place> {
    let own = repository.git_dir();
    let mut places = vec![Place { prefix: Vec::new(), git_dir: own.to_owned() }];
    let common = repository.common_dir();
    if own != common {
        places.push(Place { prefix: b"main-worktree/".to_vec(), git_dir: common.to_owned() });
    }
    let mut linked: Vec<_> = std::fs::read_dir(common.join("worktrees")).into_iter().flatten().flatten().collect();
    linked.sort_by_key(std::fs::DirEntry::file_name);
    for folder in linked {
        let git_dir = folder.path();
        if git_dir.is_dir() && git_dir != own {
            let prefix = [b"worktrees/", folder.file_name().as_encoded_bytes(), b"/"].concat();
            places.push(Place { prefix, git_dir });
        }
    }
    places
}
