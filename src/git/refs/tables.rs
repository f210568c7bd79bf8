//! Decides what refs say that are kept in tables, which only git reads.

use super::{Place, Reference, Roots, Unrooted};
use crate::git::error::GitError;
use crate::git::id::ObjectId;
use crate::git::plumbing::Git;
use crate::git::repository::Repository;

/// Reads all refs, the heads of all working trees, and all logs.
pub(super) fn read(repository: &Repository, places: &[Place], roots: &mut Roots) -> Result<(), GitError> {
    let git = Git::new(repository);
    let refs = git.run(&["for-each-ref", "--format=%(objectname) %(refname)"], &[])?;
    for line in refs.split(|&byte| byte == b'\n').filter(|line| !line.is_empty()) {
        let space = memchr::memchr(b' ', line).unwrap_or(line.len());
        match (ObjectId::from_hex(&line[..space]), line.get(space + 1..)) {
            (Some(target), Some(name)) => roots.refs.push(Reference { name: name.to_vec(), target }),
            _ => return Err(misunderstood("for-each-ref")),
        }
    }
    for place in places {
        // Each working tree has tables of its own, in which git sees its own refs.
        let git = git.at(&place.git_dir);
        let Some(target) = resolve(&git, "HEAD") else { continue };
        roots.refs.push(Reference { name: [&place.prefix[..], b"HEAD"].concat(), target });
        if place.prefix.is_empty() {
            roots.head = Some(target);
        }
        own_refs(&git, place, roots);
    }
    for place in places {
        logs(&git.at(&place.git_dir), place, roots);
    }
    Ok(())
}

/// What a name stands for, if it stands for anything.
fn resolve(git: &Git<'_>, name: &str) -> Option<ObjectId> {
    let answer = git.run(&["rev-parse", "--verify", "--quiet", "--end-of-options", name], &[]).ok()?;
    ObjectId::from_hex(answer.trim_ascii())
}

/// The refs that only one working tree has.
fn own_refs(git: &Git<'_>, place: &Place, roots: &mut Roots) {
    let args =
        ["for-each-ref", "--format=%(objectname) %(refname)", "refs/bisect/", "refs/worktree/", "refs/rewritten/"];
    let read = git.records(&args, b'\n', |line| {
        let space = memchr::memchr(b' ', line).unwrap_or(line.len());
        if let (Some(target), Some(name)) = (ObjectId::from_hex(&line[..space]), line.get(space + 1..)) {
            roots.refs.push(Reference { name: [&place.prefix[..], name].concat(), target });
        }
    });
    if let Err(error) = read {
        roots.unread.push(Unrooted::at(&place.git_dir, error));
    }
}

/// What is before the first entry of a log cannot be asked for; the first entry is nearly always the first commit.
fn logs(git: &Git<'_>, place: &Place, roots: &mut Roots) {
    let names = match git.run(&["reflog", "list"], &[]) {
        Ok(names) => names,
        Err(error) => return roots.unread.push(Unrooted::at(&place.git_dir, error)),
    };
    for name in String::from_utf8_lossy(&names).lines() {
        let (known, reflogs) = (roots.reflogs.len(), &mut roots.reflogs);
        let args = ["log", "-g", "--no-color", "--no-show-signature", "--no-patch", "--format=%H", name, "--"];
        let read = git.records(&args, b'\n', |line| reflogs.extend(ObjectId::from_hex(line)));
        if name == "refs/stash" {
            roots.stashes.extend_from_slice(&reflogs[known..]);
        }
        if let Err(error) = read {
            roots.unread.push(Unrooted { name: name.as_bytes().to_vec(), detail: error.to_string() });
        }
    }
}

fn misunderstood(command: &str) -> GitError {
    GitError::Plumbing { command: command.to_owned(), detail: "its answer was not understood".to_owned() }
}
