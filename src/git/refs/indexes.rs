//! Decides what the indexes of all working trees hold.

use std::path::Path;

use super::{Place, Roots, Staged, Unrooted};
use crate::git::id::{ObjectFormat, ObjectId};
use crate::git::index;
use crate::git::plumbing::Git;
use crate::git::repository::Repository;
use crate::git::work_tree;

/// Reads the index of every working tree, and the one that the environment names.
pub(super) fn read(repository: &Repository, places: &[Place], roots: &mut Roots) {
    let git = Git::new(repository);
    let own = repository.index_path();
    one(&git, &own, repository.format(), roots);
    for place in places {
        let path = place.git_dir.join("index");
        if path != own {
            one(&git.at(&place.git_dir), &path, repository.format(), roots);
        }
    }
}

fn one(git: &Git<'_>, path: &Path, format: ObjectFormat, roots: &mut Roots) {
    let bytes = match work_tree::read_index(path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return,
        Err(error) => return roots.unread.push(Unrooted::at(path, error)),
    };
    let known = roots.staged.len();
    let read = index::entries(&bytes, format, |entry| {
        // There is no content yet, and the id is that of an empty file, which need not exist.
        if !entry.is_intent_to_add() {
            roots.staged.push(Staged { path: entry.path.to_vec(), mode: entry.mode, id: entry.id });
        }
    });
    let Err(defect) = read else { return };
    roots.staged.truncate(known);
    let staged = &mut roots.staged;
    let mut damaged = false;
    let asked = git.index(path).records(&["ls-files", "--stage", "-z"], 0, |line| match listed(line) {
        Some(entry) => staged.push(entry),
        None => damaged = true,
    });
    if asked.is_err() || damaged {
        roots.unread.push(Unrooted::at(path, defect));
    }
}

/// Reads `mode id stage<tab>path`.
fn listed(line: &[u8]) -> Option<Staged> {
    let tab = memchr::memchr(b'\t', line)?;
    let mut words = line[..tab].split(|&byte| byte == b' ');
    let mode = u32::from_str_radix(std::str::from_utf8(words.next()?).ok()?, 8).ok()?;
    Some(Staged { path: line[tab + 1..].to_vec(), mode, id: ObjectId::from_hex(words.next()?)? })
}
