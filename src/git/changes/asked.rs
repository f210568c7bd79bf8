//! Decides how git is asked for what is staged, where the index or `HEAD` is of a form that is not read here.

use super::super::error::GitError;
use super::super::id::{ObjectFormat, ObjectId};
use super::super::plumbing::Git;
use super::super::repository::Repository;
use super::folder::{self, What};
use super::raw::{self, Line};
use super::{Change, Changes, New, Stage};

/// The tree without entries; git knows it without having it.
const EMPTY_SHA1: &str = "4b825dc642cb6eb9a060e54bf8d69288fbee4904";
const EMPTY_SHA256: &str = "6ef19b41225c5369f1c104d45d8d85efa9b057b53b14b4b9b939dd74decc5321";

/// The side of a conflict that is that of `HEAD`.
const OURS: &[u8] = b"2";

/// What the next commit would record against `HEAD`.
pub(super) fn staged(repository: &Repository) -> Result<Changes, GitError> {
    let git = Git::new(repository);
    let base = match repository.head()? {
        Some(commit) => commit.to_string(),
        None if repository.format() == ObjectFormat::Sha1 => EMPTY_SHA1.to_owned(),
        None => EMPTY_SHA256.to_owned(),
    };
    let options = ["diff-index", "--cached", "--raw", "-z", "--no-renames", "--no-abbrev", "--ita-invisible-in-index"];
    let answer = git.run(&[&options[..], &[&base, "--"]].concat(), b"")?;
    let mut changes = Changes::default();
    let mut is_torn = false;
    for line in raw::lines(&answer).ok_or_else(|| not_understood("diff-index"))? {
        match line.status {
            b'U' => is_torn = true,
            _ => record(&mut changes, &line),
        }
    }
    if is_torn {
        let answer = git.run(&["ls-files", "--unmerged", "--stage", "-z"], b"")?;
        conflicts(&mut changes, &answer).ok_or_else(|| not_understood("ls-files"))?;
    }
    changes.mark_copies();
    changes.list.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(changes)
}

fn record(changes: &mut Changes, line: &Line<'_>) {
    let old = line.old_blob();
    if let Some(old) = old {
        changes.former.add(old, line.path);
    }
    match line.new {
        Some((What::Blob, id)) if old != Some(id) => changes.list.push(staged_blob(line.path, old, id)),
        // It is listed, so something else than its content differs.
        Some((What::Blob, id)) => {
            changes.modes.insert(line.path.to_vec(), id);
        }
        Some((What::Module, _)) => changes.modules += 1,
        _ => {}
    }
}

/// Takes the sides of conflicts.
fn conflicts(changes: &mut Changes, answer: &[u8]) -> Option<()> {
    for entry in raw::listed(answer)?.iter().filter(|entry| folder::what(entry.mode) == What::Blob) {
        if entry.stage == OURS {
            changes.former.add(entry.id, entry.path);
        } else {
            changes.list.push(staged_blob(entry.path, None, entry.id));
        }
    }
    Some(())
}

fn staged_blob(path: &[u8], old: Option<ObjectId>, id: ObjectId) -> Change {
    Change { path: path.to_vec(), old, new: New::Blob(id), stage: Stage::Staged }
}

pub(super) fn not_understood(command: &str) -> GitError {
    GitError::Plumbing { command: command.to_owned(), detail: "its answer was not understood".to_owned() }
}
