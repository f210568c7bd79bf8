//! Decides which list of ignored files the configuration of git names.
//!
//! This is left to libgit2, since it is more than one file: the configuration of the system, the user and the
//! repository, with all that they include, some of it on condition. A repository that libgit2 refuses, because of its
//! owner or its form, or that could make it wait, has no say; the user's own configuration has, still. Variables `GIT_…` do not count.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use git2::{Config, Repository, RepositoryOpenFlags};

use super::special;

const KEY: &str = "core.excludesFile";

/// The list that is configured for folders outside of any repository, if one is. It need not exist.
pub fn configured_list() -> Option<PathBuf> {
    Config::open_default().and_then(|config| config.get_path(KEY)).ok()
}

/// The list that is configured for the working tree at `root` with the repository `git_dir`, if one is.
pub(super) fn configured_list_at(root: &Path, git_dir: &Path, common_dir: &Path) -> Option<PathBuf> {
    let path = match special::check_configuration(git_dir, common_dir) {
        Ok(()) => configured_list_of(root),
        Err(_) => configured_list(),
    };
    path.map(|path| root.join(path))
}

fn configured_list_of(root: &Path) -> Option<PathBuf> {
    match Repository::open_ext(root, RepositoryOpenFlags::NO_SEARCH, std::iter::empty::<&OsStr>()) {
        Ok(repository) => repository.config().and_then(|config| config.get_path(KEY)).ok(),
        Err(_) => configured_list(),
    }
}
