//! Decides what is new: in the index against `HEAD`, in the working tree against the index, in commits against their
//! parents. Each change has a new side, which is to be scanned; all old sides together tell what was there before.
//!
//! Nothing is written: no index is refreshed, no lock is taken, no object is made.

mod asked;
mod cache_tree;
mod compare;
mod folder;
mod folders;
mod outgoing;
mod range;
mod raw;
mod revisions;
mod unstaged;

use std::collections::{BTreeMap, BTreeSet};

pub use folders::former_folders;
pub use outgoing::{Arrival, Outgoing, Present, believed, outgoing, remotes, resolve};
pub use range::{Range, range};

use super::error::GitError;
use super::id::{ObjectFormat, ObjectId};
use super::index::Index;
use super::odb::Store;
use super::paths::Tracked;
use super::repository::Repository;
use super::work_tree;

/// One new side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Where it is, from the root of the working tree.
    pub path: Vec<u8>,
    /// What was at the same path before, if it was a file or a link.
    pub old: Option<ObjectId>,
    /// What is there now.
    pub new: New,
    /// How far it has come.
    pub stage: Stage,
}

/// The content of a new side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum New {
    /// An object.
    Blob(ObjectId),
    /// A file of the working tree, or a link in it, whose content is where it points.
    File,
    /// An object that was elsewhere before. Only that it is here is new.
    Copy(ObjectId),
}

/// How far a change has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// It is in the index, and would go into the next commit.
    Staged,
    /// It is in a file that is tracked.
    Unstaged,
    /// It is in a commit.
    Commit(ObjectId),
}

/// What was there before.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Former {
    /// The content of old sides, each once, with the paths that had it.
    pub blobs: BTreeMap<ObjectId, BTreeSet<Vec<u8>>>,
    /// The paths of old sides.
    pub paths: BTreeSet<Vec<u8>>,
}

impl Former {
    fn add(&mut self, id: ObjectId, path: &[u8]) {
        self.blobs.entry(id).or_default().insert(path.to_vec());
        self.paths.insert(path.to_vec());
    }
}

/// What is new, and what was there before.
#[derive(Clone, Debug, Default)]
pub struct Changes {
    /// The new sides, by path.
    pub list: Vec<Change>,
    /// The old sides.
    pub former: Former,
    /// Paths of the index whose mode differs from `HEAD`, and whose content does not: what that is.
    pub modes: BTreeMap<Vec<u8>, ObjectId>,
    /// Submodules that now point elsewhere. What they point at belongs to another repository.
    pub modules: u64,
    /// What the index tracks, if that was asked for.
    pub tracked: Tracked,
    /// What could not be looked at: a path, and why.
    pub gaps: Vec<(Vec<u8>, String)>,
    /// Trees that could not be read, so that it is not known what is new there: a name for the place, and the tree.
    pub unread: Vec<(Vec<u8>, ObjectId)>,
}

impl Changes {
    /// Adds files whose mode alone changed to the new sides, where `is_wanted` says so. They bring nothing.
    pub fn take_modes(&mut self, is_wanted: impl Fn(&[u8]) -> bool) {
        for (path, id) in std::mem::take(&mut self.modes).into_iter().filter(|(path, _)| is_wanted(path)) {
            self.former.add(id, &path);
            self.list.push(Change { path, old: Some(id), new: New::Copy(id), stage: Stage::Staged });
        }
    }

    /// Marks the new sides whose content is among the old ones.
    fn mark_copies(&mut self) {
        for change in &mut self.list {
            if let New::Blob(id) = change.new
                && self.former.blobs.contains_key(&id)
            {
                change.new = New::Copy(id);
            }
        }
    }
}

/// What the next commit would record against `HEAD`.
pub fn staged(repository: &Repository, store: &Store) -> Result<Changes, GitError> {
    if repository.work_tree().is_none() && !repository.index_path().exists() {
        return Err(GitError::NoWorkTree { git_dir: repository.git_dir().to_owned() });
    }
    let bytes = read_index(repository)?;
    staged_in(repository, store, &bytes)
}

/// What the next commit would record, and what it would not yet: changes of tracked files. The files that are not
/// tracked are known to whoever walks the working tree and has [`Changes::tracked`].
pub fn changes(repository: &Repository, store: &Store) -> Result<Changes, GitError> {
    let written = written(repository);
    let bytes = read_index(repository)?;
    let mut changes = staged_in(repository, store, &bytes)?;
    match Index::parse(&bytes) {
        Ok(index) => unstaged::of_index(repository, &index, written, &mut changes),
        Err(_) => unstaged::by_git(repository, &mut changes),
    }?;
    Ok(changes)
}

fn staged_in(repository: &Repository, store: &Store, bytes: &[u8]) -> Result<Changes, GitError> {
    match compare::with_head(repository, store, bytes) {
        Ok(changes) => Ok(changes),
        // git may know more forms of everything, and says in its own words what is wrong.
        Err(_) => asked::staged(repository).or_else(|error| {
            let unread = compare::unread(repository, store);
            if unread.is_empty() { Err(error) } else { Ok(Changes { unread, ..Changes::default() }) }
        }),
    }
}

/// The second in which the index was written, in its own form; 0 if that is not known.
fn written(repository: &Repository) -> u32 {
    let modified = std::fs::metadata(repository.index_path()).and_then(|metadata| metadata.modified()).ok();
    let since = modified.and_then(|modified| modified.duration_since(std::time::UNIX_EPOCH).ok());
    since.map_or(0, |since| u32::try_from(since.as_secs() & u64::from(u32::MAX)).unwrap_or(0))
}

/// The content of the index; that of an empty one, if there is none.
fn read_index(repository: &Repository) -> Result<Vec<u8>, GitError> {
    let path = repository.index_path();
    match work_tree::read_index(&path) {
        Ok(bytes) => Ok(bytes),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(empty_index(repository.format())),
        Err(error) => Err(GitError::Index { path, detail: error.to_string() }),
    }
}

fn empty_index(format: ObjectFormat) -> Vec<u8> {
    let mut bytes = b"DIRC\0\0\0\x02\0\0\0\0".to_vec();
    bytes.resize(bytes.len() + format.id_len(), 0);
    bytes
}
