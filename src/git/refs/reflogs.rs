//! Decides what refs pointed at before. The log of `refs/stash` is where all stashes but the last are kept.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use super::{Place, Roots, Unrooted, files};
use crate::git::id::ObjectId;
use crate::git::repository::Repository;

/// How many folders deep logs are looked for.
const DEEPEST: usize = 128;

/// Reads the logs of the repository and of all its working trees.
pub(super) fn read(repository: &Repository, places: &[Place], roots: &mut Roots) {
    folder(&repository.common_dir().join("logs"), DEEPEST, roots);
    for place in places.iter().filter(|place| place.git_dir != repository.common_dir()) {
        folder(&place.git_dir.join("logs"), DEEPEST, roots);
    }
}

fn folder(path: &Path, depth: usize, roots: &mut Roots) {
    let entries = match fs::read_dir(path) {
        Ok(entries) => entries,
        Err(error) if error.kind() == ErrorKind::NotFound => return,
        Err(error) => return roots.unread.push(Unrooted::at(path, error)),
    };
    if depth == 0 {
        return roots.unread.push(Unrooted::at(path, "its folders lie too deep"));
    }
    for path in entries.flatten().map(|entry| entry.path()) {
        if path.is_dir() {
            folder(&path, depth - 1, roots);
        } else if path.extension().is_none_or(|extension| extension != "lock") {
            log(&path, roots);
        }
    }
}

/// Each line begins with what a ref pointed at before and after.
fn log(path: &Path, roots: &mut Roots) {
    let mut damaged = 0_u32;
    let (known, reflogs) = (roots.reflogs.len(), &mut roots.reflogs);
    let read = files::lines(path, |line| {
        let mut words = line.splitn(3, |&byte| byte == b' ');
        let mut id = || words.next().and_then(ObjectId::from_hex);
        match (id(), id()) {
            (Some(old), Some(new)) => reflogs.extend([old, new]),
            _ if line.is_empty() => {}
            _ => damaged += 1,
        }
    });
    match read {
        Err(error) if error.kind() != ErrorKind::NotFound => roots.unread.push(Unrooted::at(path, error)),
        _ => {}
    }
    if damaged > 0 {
        roots.unread.push(Unrooted::at(path, format!("{damaged} of its lines are no entries of a reflog")));
    }
    if path.ends_with("logs/refs/stash") {
        roots.stashes.extend_from_slice(&reflogs[known..]);
    }
    // A busy branch says everything twice: what is after one line is before the next.
    reflogs.dedup();
}
