//! Decides what the configuration of a repository says about its own form: how its ids are made, how its refs are
//! kept, and where its working tree is.
//!
//! As in git, files that are included have no say in that. A repository without a configuration is of the oldest form.

use std::path::{Path, PathBuf};

use super::config::Config;
use super::error::GitError;
use super::id::ObjectFormat;
use super::work_tree::path_of;

/// The newest version of the format of repositories that is known.
const NEWEST_VERSION: i64 = 1;

/// The extensions that may be ignored by who only reads, or are read here.
const EXTENSIONS: [&str; 8] = [
    "noop",
    "preciousobjects",
    "partialclone",
    "worktreeconfig",
    "objectformat",
    "compatobjectformat",
    "refstorage",
    "relativeworktrees",
];

/// How a repository keeps its refs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RefStorage {
    /// As files below `refs`, and in `packed-refs`.
    Files,
    /// As tables in a format of their own.
    Reftable,
}

/// What a repository says about its own form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Settings {
    pub(super) format: ObjectFormat,
    pub(super) refs: RefStorage,
    /// Whether it says that it has no working tree.
    pub(super) bare: Option<bool>,
    /// The working tree that it names, as it names it.
    pub(super) work_tree: Option<PathBuf>,
}

impl Settings {
    /// Reads the configuration in `common_dir`, and that of the one working tree in `git_dir`.
    pub(super) fn read(git_dir: &Path, common_dir: &Path) -> Result<Self, GitError> {
        let config = open(&common_dir.join("config"))?;
        let versioned = config.number("core.repositoryformatversion").unwrap_or(0);
        let unknown = |detail: String| GitError::Form { git_dir: common_dir.to_owned(), detail };
        if versioned > NEWEST_VERSION {
            return Err(unknown(format!("version {versioned}")));
        }
        let extension = unknown_extension(&config).filter(|_| versioned == NEWEST_VERSION);
        if let Some(name) = extension {
            return Err(unknown(format!("extension `{name}`")));
        }
        let shown = String::from_utf8_lossy;
        let format = match config.text("extensions.objectformat") {
            None | Some(b"sha1") => ObjectFormat::Sha1,
            Some(b"sha256") => ObjectFormat::Sha256,
            Some(other) => return Err(unknown(format!("objects called by `{}`", shown(other)))),
        };
        let refs = match config.text("extensions.refstorage") {
            None | Some(b"files") => RefStorage::Files,
            Some(b"reftable") => RefStorage::Reftable,
            Some(other) => return Err(unknown(format!("refs kept as `{}`", shown(other)))),
        };
        let mut settings = Self { format, refs, bare: None, work_tree: None };
        // What the shared configuration says of the main working tree is not said of the linked ones.
        if git_dir == common_dir {
            settings.take_place(&config);
        }
        if config.truth("extensions.worktreeconfig").unwrap_or(false) {
            settings.take_place(&open(&git_dir.join("config.worktree"))?);
        }
        Ok(settings)
    }

    fn take_place(&mut self, config: &Config) {
        self.bare = config.truth("core.bare").or(self.bare);
        self.work_tree = config.text("core.worktree").map(path_of).or_else(|| self.work_tree.take());
    }
}

fn unknown_extension(config: &Config) -> Option<String> {
    let names = config.variables.iter().filter_map(|variable| variable.name.strip_prefix(b"extensions."));
    let unknown = names.map(|name| String::from_utf8_lossy(name).into_owned());
    unknown.rev().find(|name| !EXTENSIONS.contains(&name.as_str()))
}

/// What one file says, all of which has to make sense.
fn open(path: &Path) -> Result<Config, GitError> {
    let config = Config::read(path)?;
    let failed = |line| GitError::Hidden { path: path.to_owned(), detail: format!("its line {line} makes no sense") };
    config.bad.map_or(Ok(()), |line| Err(failed(line)))?;
    Ok(config)
}
