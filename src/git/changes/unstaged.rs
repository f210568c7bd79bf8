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

/// The same, where the index is of a form that is not read here. git is asked for its entries alone: to compare files it
/// may filter them first, by commands that the repository names.
pub(super) fn by_git(repository: &Repository, changes: &mut Changes) -> Result<(), GitError> {
    let mut look = Look::new(repository, changes)?;
    let answer = Git::new(repository).run(&["ls-files", "-z", "-v", "--stage"], b"")?;
    let mut last: &[u8] = b"";
    for (tag, entry) in raw::tagged(&answer).ok_or_else(|| not_understood("ls-files"))? {
        track(&mut changes.tracked, entry.mode, entry.path);
        // A small letter stands for a file that is assumed unchanged, and an S for one that need not be there.
        let is_hidden = tag.is_ascii_lowercase() || tag == b'S' && !look.is_sparse;
        // All sides of a conflict have one file.
        if folder::what(entry.mode) == What::Blob && !is_hidden && entry.path != last {
            look.file(entry.path, entry.mode, (Some(entry.id), Before::Nothing), changes);
        }
        last = entry.path;
    }
    changes.tracked = std::mem::take(&mut changes.tracked).settle();
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

#[cfg(all(test, unix))]
mod tests {
    use std::process::Command;
    use std::time::{Duration, SystemTime};

    use super::super::super::repository::Environment;
    use super::*;

    /// An index that git alone understands is hard to come by, so here git is asked about one that is understood.
    #[test]
    fn git_lists_what_may_differ_and_filters_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        let git = |args: &[&str]| {
            let mut command = Command::new("git");
            command.current_dir(folder.path()).args(["-c", "user.name=a", "-c", "user.email=a@example.com"]).args(args);
            for name in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_COMMON_DIR"] {
                command.env_remove(name);
            }
            assert!(command.status().unwrap().success(), "{args:?}");
        };
        git(&["init", "-q"]);
        for name in ["a", "b", "hidden"] {
            fs::write(at(name), name).unwrap();
        }
        git(&["add", "."]);
        git(&["update-index", "--assume-unchanged", "hidden"]);
        git(&["config", "filter.foreign.clean", "touch filtered; cat"]);
        fs::write(at(".git/info/attributes"), "* filter=foreign\n").unwrap();
        let date =
            |name: &str, time| fs::File::options().append(true).open(at(name)).unwrap().set_modified(time).unwrap();
        let now = SystemTime::now() - Duration::from_secs(60);
        date("a", now);
        date("b", now);
        git(&["update-index", "-q", "--refresh"]);
        date(".git/index", now);
        drop(fs::remove_file(at("filtered")));

        let repository = Repository::discover(folder.path(), &Environment::default()).unwrap();
        let mut changes = Changes::default();
        by_git(&repository, &mut changes).unwrap();
        let listed: Vec<&[u8]> = changes.list.iter().map(|change| &*change.path).collect();
        assert_eq!(listed, [b"a", b"b"]);
        assert!(changes.list.iter().all(|change| change.old.is_some() && change.stage == Stage::Unstaged));
        assert_eq!(changes.former.blobs.len(), 2);
        assert!(!at("filtered").exists());
    }
}
