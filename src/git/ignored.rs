//! Decides which list of ignored files the configuration of git names.
//!
//! This is left to libgit2, since it is more than one file: the configuration of the system, the user and the
//! repository, with all that they include, some of it on condition. A repository that libgit2 refuses, because of its
//! owner or its form, has no say; the user's own configuration has, still. Variables `GIT_…` do not count.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use git2::{Config, Repository, RepositoryOpenFlags};

const KEY: &str = "core.excludesFile";

/// A file of the configuration that is larger is not read.
const LARGEST_CONFIG: u64 = 1 << 20;

/// The list that is configured for folders outside of any repository, if one is. It need not exist.
pub fn configured_list() -> Option<PathBuf> {
    Config::open_default().and_then(|config| config.get_path(KEY)).ok()
}

/// The list that is configured for the working tree at `root` with the repository `git_dir`, if one is.
pub(super) fn configured_list_at(root: &Path, git_dir: &Path, common_dir: &Path) -> Option<PathBuf> {
    let files =
        [git_dir.join("HEAD"), git_dir.join("commondir"), git_dir.join("config.worktree"), common_dir.join("config")];
    // To open a pipe would be to wait for ever, and all of a file is read at once.
    let is_small = |metadata: fs::Metadata| metadata.is_file() && metadata.len() <= LARGEST_CONFIG;
    let path = if files.iter().all(|path| fs::metadata(path).map_or(true, is_small)) {
        configured_list_of(root)
    } else {
        configured_list()
    };
    path.map(|path| root.join(path))
}

fn configured_list_of(root: &Path) -> Option<PathBuf> {
    match Repository::open_ext(root, RepositoryOpenFlags::NO_SEARCH, std::iter::empty::<&OsStr>()) {
        Ok(repository) => repository.config().and_then(|config| config.get_path(KEY)).ok(),
        Err(_) => configured_list(),
    }
}
