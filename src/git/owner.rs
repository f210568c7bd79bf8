//! Decides whether a repository of somebody else may be read: as git decides it.
//!
//! What belongs to the user who runs the program may be. Otherwise git is asked, since there are exceptions: the
//! configuration `safe.directory` of the user and the system, and who called `sudo`. Without git, libgit2 knows most
//! of them.

use std::ffi::OsStr;
use std::path::Path;

use git2::{ErrorCode, RepositoryOpenFlags};

use super::error::GitError;
use super::plumbing;
use super::special;

/// Refuses the repository `git_dir` that was found from the working tree `root`, if git would refuse it.
pub(super) fn check(root: Option<&Path>, git_dir: &Path, common_dir: &Path) -> Result<(), GitError> {
    let dot_git = root.map(|root| root.join(".git"));
    if [root, dot_git.as_deref(), Some(git_dir)].into_iter().flatten().all(is_own) {
        return Ok(());
    }
    special::check_configuration(git_dir, common_dir)?;
    let place = root.unwrap_or(git_dir);
    match plumbing::refuses_owner(place) {
        Ok(false) => Ok(()),
        Ok(true) => Err(GitError::NotOwned { root: place.to_owned() }),
        Err(_) => check_without_git(place, git_dir),
    }
}

fn check_without_git(place: &Path, git_dir: &Path) -> Result<(), GitError> {
    let flags = if place == git_dir {
        RepositoryOpenFlags::NO_SEARCH | RepositoryOpenFlags::BARE
    } else {
        RepositoryOpenFlags::NO_SEARCH
    };
    match git2::Repository::open_ext(place, flags, std::iter::empty::<&OsStr>()) {
        Err(error) if error.code() == ErrorCode::Owner => Err(GitError::NotOwned { root: place.to_owned() }),
        // Other refusals are for forms that libgit2 does not know.
        _ => Ok(()),
    }
}

#[cfg(unix)]
fn is_own(path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    std::fs::symlink_metadata(path).is_ok_and(|metadata| metadata.uid() == rustix::process::geteuid().as_raw())
}

#[cfg(not(unix))]
fn is_own(_: &Path) -> bool {
    false
}
