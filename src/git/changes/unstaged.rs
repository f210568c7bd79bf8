//! Decides which tracked files of the working tree differ from the index.
//!
//! As in git, a file whose size, inode and times are those that the index remembers did not change, unless it may have
//! been written to in the very second in which the index was. All others are new sides, whose content has to be
//! compared by whoever loads it. What is not to be looked at, is not: files that the user declared unchanged, and
//! those that need not be there, unless they came back into a sparse working tree.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, Metadata};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::super::error::GitError;
use super::super::id::ObjectId;
use super::super::index::{Entry, Index, Stat};
use super::super::paths::Tracked;
use super::super::plumbing::Git;
use super::super::repository::Repository;
use super::super::work_tree::path_of;
use super::asked::not_understood;
use super::folder::{self, What};
use super::raw;
use super::{Change, Changes, New, Stage};

/// Adds what differs from `index`, which was written at the second `written`.
pub(super) fn of_index(
    repository: &Repository,
    index: &Index<'_>,
    written: u32,
    changes: &mut Changes,
) -> Result<(), GitError> {
    let mut look = Look::new(repository, changes)?;
    let damaged =
        |defect: &dyn std::fmt::Display| GitError::Index { path: repository.index_path(), detail: defect.to_string() };
    let mut entries = index.entries().map_err(|defect| damaged(&defect))?;
    let mut last = Vec::new();
    while let Some(entry) = entries.entry() {
        // All sides of a conflict have one file.
        let is_first = entry.stage() == 0 || entry.path != last;
        if entry.stage() != 0 {
            last = entry.path.to_vec();
        }
        track(&mut changes.tracked, entry.mode, entry.path);
        if is_first && look.is_wanted(&entry) {
            let what = if entry.is_intent_to_add() { Before::Nothing } else { Before::Entry(entry.stat(), written) };
            let old = (!entry.is_intent_to_add()).then_some(entry.id);
            look.file(entry.path, entry.mode, (old, what), changes);
        }
        entries.advance().map_err(|defect| damaged(&defect))?;
    }
    changes.tracked = std::mem::take(&mut changes.tracked).settle();
    Ok(())
}

/// The same, where the index is of a form that is not read here.
pub(super) fn by_git(repository: &Repository, changes: &mut Changes) -> Result<(), GitError> {
    let mut look = Look::new(repository, changes)?;
    let git = Git::new(repository);
    let options = ["diff-files", "--raw", "-z", "--no-renames", "--no-abbrev", "--ignore-submodules=all"];
    let answer = git.run(&options, b"")?;
    let lines = raw::lines(&answer).ok_or_else(|| not_understood("diff-files"))?;
    for line in lines.iter().filter(|line| line.new.is_none_or(|(kind, _)| kind == What::Blob)) {
        // A line for the conflict as such stands beside the one for its file.
        let is_conflict = line.status == b'U';
        if line.old_blob().is_some() || line.new.is_some() || is_conflict {
            look.file(line.path, REGULAR, (line.old_blob(), Before::Nothing), changes);
        }
    }
    let answer = git.run(&["ls-files", "-z", "--stage"], b"")?;
    for entry in raw::listed(&answer).ok_or_else(|| not_understood("ls-files"))? {
        track(&mut changes.tracked, entry.mode, entry.path);
    }
    changes.tracked = std::mem::take(&mut changes.tracked).settle();
    changes.list.dedup_by(|a, b| a.stage == Stage::Unstaged && a.stage == b.stage && a.path == b.path);
    Ok(())
}

/// Notes what is tracked; here a link counts as a file.
fn track(tracked: &mut Tracked, mode: u32, path: &[u8]) {
    tracked.push(if folder::what(mode) == What::Blob { REGULAR } else { mode }, path);
}

/// The mode bits of a file.
const REGULAR: u32 = 0o100_644;

/// What is known of a file before it is looked at.
#[derive(Clone, Copy, Debug)]
enum Before {
    /// It differs, or was never added.
    Nothing,
    /// What the index remembers, and when it was written.
    Entry(Stat, u32),
}

/// A look at the files of a working tree.
struct Look {
    root: PathBuf,
    is_sparse: bool,
    /// Whether folders can be entered without following a link.
    folders: BTreeMap<PathBuf, bool>,
    /// Where the index has something new.
    staged: BTreeSet<Vec<u8>>,
}

impl Look {
    fn new(repository: &Repository, changes: &Changes) -> Result<Self, GitError> {
        let bare = || GitError::NoWorkTree { git_dir: repository.git_dir().to_owned() };
        let root = repository.work_tree().ok_or_else(bare)?;
        let staged = changes.list.iter().map(|change| change.path.clone()).collect();
        let is_sparse = repository.git_dir().join("info").join("sparse-checkout").exists();
        Ok(Self { root: root.to_owned(), is_sparse, folders: BTreeMap::new(), staged })
    }

    /// Whether git would look at the file of an entry.
    fn is_wanted(&self, entry: &Entry<'_>) -> bool {
        let is_hidden = entry.is_assumed_unchanged() || entry.skips_work_tree() && !self.is_sparse;
        folder::what(entry.mode) == What::Blob && !is_hidden
    }

    /// Adds the file at `path` to `changes` if it may differ from what it was.
    fn file(&mut self, path: &[u8], mode: u32, (old, before): (Option<ObjectId>, Before), changes: &mut Changes) {
        let file = self.root.join(path_of(path));
        let metadata = match fs::symlink_metadata(&file) {
            Ok(metadata) => metadata,
            Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
                return self.former(path, old, changes);
            }
            Err(error) => return changes.gaps.push((path.to_vec(), error.to_string())),
        };
        let was_link = mode >> 12 == 0o12;
        if let Before::Entry(stat, written) = before
            && was_link == metadata.is_symlink()
            && is_unchanged(&stat, &metadata, written)
        {
            return;
        }
        self.former(path, old, changes);
        if (metadata.is_file() || metadata.is_symlink()) && self.is_reached(&file) {
            changes.list.push(Change { path: path.to_vec(), old, new: New::File, stage: Stage::Unstaged });
        }
    }

    /// Notes what was at `path`, unless it is itself new in the index.
    fn former(&self, path: &[u8], old: Option<ObjectId>, changes: &mut Changes) {
        if let Some(old) = old.filter(|_| !self.staged.contains(path)) {
            changes.former.add(old, path);
        }
    }

    /// Whether no folder on the way to `file` is a link; what lies behind one is not part of the working tree.
    fn is_reached(&mut self, file: &Path) -> bool {
        let Some(folder) = file.parent().filter(|folder| folder.starts_with(&self.root) && **folder != self.root)
        else {
            return true;
        };
        if let Some(reached) = self.folders.get(folder) {
            return *reached;
        }
        let is_real = fs::symlink_metadata(folder).is_ok_and(|metadata| metadata.is_dir());
        let reached = is_real && self.is_reached(folder);
        self.folders.insert(folder.to_owned(), reached);
        reached
    }
}

/// Whether a file is what the index remembers.
#[cfg(unix)]
fn is_unchanged(stat: &Stat, metadata: &Metadata, written: u32) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    // The index has room for the lower halves.
    let low = |value: u64| u32::try_from(value & u64::from(u32::MAX)).unwrap_or(0);
    let time = |seconds: i64, nanoseconds: i64| (low(seconds.cast_unsigned()), low(nanoseconds.cast_unsigned()));
    // Not every implementation of git writes nanoseconds.
    let same = |then: (u32, u32), now: (u32, u32)| then.0 == now.0 && (then.1 == now.1 || then.1 == 0);
    same(stat.modified, time(metadata.mtime(), metadata.mtime_nsec()))
        && same(stat.changed, time(metadata.ctime(), metadata.ctime_nsec()))
        && stat.inode == low(metadata.ino())
        && stat.size == low(metadata.size())
        && stat.modified.0 < written
}

/// Whether a file is what the index remembers: here, every file is read.
#[cfg(not(unix))]
fn is_unchanged(_stat: &Stat, _metadata: &Metadata, _written: u32) -> bool {
    false
}
