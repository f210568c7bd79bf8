//! Decides what the configuration of a repository says about its own form: how its ids are made, how its refs are
//! kept, and where its working tree is.
//!
//! libgit2 reads the files; nothing that they name is run. A repository without a configuration is of the oldest form.

use std::fs;
use std::path::{Path, PathBuf};

use git2::{Config, ConfigLevel, ErrorCode};

use super::error::GitError;
use super::id::ObjectFormat;

/// A file of the configuration that is larger is not read.
const LARGEST: u64 = 1 << 20;

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
        let versioned = config.get_i64("core.repositoryformatversion").unwrap_or(0);
        let unknown = |detail: String| GitError::Form { git_dir: common_dir.to_owned(), detail };
        if versioned > NEWEST_VERSION {
            return Err(unknown(format!("version {versioned}")));
        }
        let extension = unknown_extension(&config).filter(|_| versioned == NEWEST_VERSION);
        if let Some(name) = extension {
            return Err(unknown(format!("extension `{name}`")));
        }
        let format = match text(&config, "extensions.objectformat").as_deref() {
            None | Some("sha1") => ObjectFormat::Sha1,
            Some("sha256") => ObjectFormat::Sha256,
            Some(other) => return Err(unknown(format!("objects called by `{other}`"))),
        };
        let refs = match text(&config, "extensions.refstorage").as_deref() {
            None | Some("files") => RefStorage::Files,
            Some("reftable") => RefStorage::Reftable,
            Some(other) => return Err(unknown(format!("refs kept as `{other}`"))),
        };
        let mut settings = Self { format, refs, bare: None, work_tree: None };
        // What the shared configuration says of the main working tree is not said of the linked ones.
        if git_dir == common_dir {
            settings.take_place(&config);
        }
        if config.get_bool("extensions.worktreeconfig").unwrap_or(false) {
            settings.take_place(&open(&git_dir.join("config.worktree"))?);
        }
        Ok(settings)
    }

    fn take_place(&mut self, config: &Config) {
        self.bare = config.get_bool("core.bare").ok().or(self.bare);
        self.work_tree = config.get_path("core.worktree").ok().or_else(|| self.work_tree.take());
    }
}

fn text(config: &Config, key: &str) -> Option<String> {
    config.get_string(key).ok()
}

fn unknown_extension(config: &Config) -> Option<String> {
    let mut unknown = None;
    let mut entries = config.entries(Some("^extensions\\.")).ok()?;
    while let Some(Ok(entry)) = entries.next() {
        let name = entry.name().unwrap_or_default().trim_start_matches("extensions.").to_ascii_lowercase();
        if !EXTENSIONS.contains(&name.as_str()) {
            unknown = Some(name);
        }
    }
    unknown
}

/// The configuration in one file. A file that is not there says nothing.
fn open(path: &Path) -> Result<Config, GitError> {
    let failed = |detail: String| GitError::Hidden { path: path.to_owned(), detail };
    let mut config = Config::new().map_err(|error| failed(error.message().to_owned()))?;
    let Ok(metadata) = fs::metadata(path) else { return Ok(config) };
    // To open a pipe would be to wait for ever, and all of a file is read at once.
    if !metadata.is_file() || metadata.len() > LARGEST {
        return Err(failed("it is no file, or larger than any configuration".to_owned()));
    }
    match config.add_file(path, ConfigLevel::Local, false) {
        Err(error) if error.code() != ErrorCode::NotFound => Err(failed(error.message().to_owned())),
        _ => Ok(config),
    }
}
