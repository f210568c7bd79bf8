//! Decides where git looks for the hooks of a repository, where it runs them, and who must be able to run them.
//!
//! git is asked, since much has a say: the configuration of the system, the user, the repository and one working tree,
//! the environment, and what all of these include. Without git, libgit2 reads the same files.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use git2::ConfigLevel;

use super::config::Config;
use super::error::GitError;
use super::plumbing;
use super::repository::Repository;
use super::work_tree::path_of;

const KEY: &str = "core.hooksPath";

/// What git calls a file that is included under a condition.
const CONDITIONS: &str = r"^includeif\..*\.path$";

/// Whose word it is where the hooks of a repository lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HooksSetBy {
    /// Nobody's: they lie in the repository itself.
    Nobody,
    /// The configuration of the repository, or of one working tree of it.
    Repository,
    /// The configuration of the user: it holds for all repositories.
    User,
    /// The configuration of the system: it holds for all users.
    System,
    /// The environment, for the commands that it is handed to.
    Environment,
}

/// Where the hooks of a repository lie.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hooks {
    folder: PathBuf,
    set_by: HooksSetBy,
    runs_in: PathBuf,
    mode: u32,
}

impl Hooks {
    /// The folder that git looks into; it need not exist. It is empty if the configuration names nothing.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Whose word that is.
    pub fn set_by(&self) -> HooksSetBy {
        self.set_by
    }

    /// The folder that git starts hooks in: the top of the working tree, or the repository if it has none.
    pub fn runs_in(&self) -> &Path {
        &self.runs_in
    }

    /// The permissions that a hook needs besides those that the system gives a new program, since git passes over a hook
    /// that it may not run: what `core.sharedRepository` says, for reading and running.
    pub fn mode(&self) -> u32 {
        self.mode
    }
}

impl Repository {
    /// Where its hooks lie.
    pub fn hooks(&self) -> Result<Hooks, GitError> {
        self.check_harmless()?;
        let runs_in = self.work_tree().unwrap_or(self.git_dir()).to_owned();
        let configured = match plumbing::configured(self, &runs_in, KEY) {
            Ok(found) => found.map(|found| (set_by(&found.scope), path_of(&found.value))),
            Err(_) => without_git(self),
        };
        let (set_by, folder) = match configured {
            None => (HooksSetBy::Nobody, self.common_dir().join("hooks")),
            Some((set_by, named)) if named == Path::new("") => (set_by, named),
            Some((set_by, named)) => (set_by, runs_in.join(named)),
        };
        let mode = Config::read(&self.common_dir().join("config"))?.text("core.sharedrepository").map_or(0, shared);
        Ok(Hooks { folder, set_by, runs_in, mode })
    }
}

fn set_by(scope: &[u8]) -> HooksSetBy {
    match scope {
        b"system" => HooksSetBy::System,
        b"global" => HooksSetBy::User,
        b"command" => HooksSetBy::Environment,
        _ => HooksSetBy::Repository,
    }
}

/// What libgit2 makes of the same files. Conditions of what is included do not count.
fn without_git(repository: &Repository) -> Option<(HooksSetBy, PathBuf)> {
    let mut config = git2::Config::open_default().ok()?;
    for (file, level) in [
        (repository.common_dir().join("config"), ConfigLevel::Local),
        (repository.git_dir().join("config.worktree"), ConfigLevel::Worktree),
    ] {
        if file.is_file() {
            config.add_file(&file, level, false).ok()?;
        }
    }
    let level = config.get_entry(KEY).ok()?.level();
    let set_by = match level {
        ConfigLevel::ProgramData | ConfigLevel::System => HooksSetBy::System,
        ConfigLevel::XDG | ConfigLevel::Global => HooksSetBy::User,
        _ => HooksSetBy::Repository,
    };
    Some((set_by, config.get_path(KEY).ok()?))
}

/// What a value of `core.sharedRepository` lets others do to a program: read and run it, never write.
fn shared(value: &[u8]) -> u32 {
    match &*value.to_ascii_lowercase() {
        b"group" | b"true" | b"yes" | b"on" | b"1" => 0o050,
        b"all" | b"world" | b"everybody" | b"2" => 0o055,
        octal if octal.len() > 1 => {
            let mode = std::str::from_utf8(octal).ok().and_then(|text| u32::from_str_radix(text, 8).ok()).unwrap_or(0);
            let readers = mode & 0o044;
            readers | (readers >> 2)
        }
        _ => 0,
    }
}

/// What the configuration of the user, or that of the system, says where hooks lie. `file` is `--global` or `--system`.
///
/// # Errors
/// git could not be run.
pub fn hooks_configured_in(file: &str) -> Result<Option<PathBuf>, GitError> {
    let args = ["config", file, "--includes", "--type=path", "-z", "--get", KEY].map(OsStr::new);
    let value = plumbing::as_user(&args)?;
    Ok(value.map(|value| path_of(value.strip_suffix(b"\0").unwrap_or(&value))))
}

/// Where hooks lie by files that the configuration of the user includes under a condition, whether it holds here or not:
/// each such file, and the folder.
///
/// # Errors
/// git could not be run, or could not read such a file.
pub fn hooks_configured_on_condition() -> Result<Vec<(PathBuf, PathBuf)>, GitError> {
    let args = ["config", "--global", "--includes", "--show-origin", "--type=path", "-z", "--get-regexp", CONDITIONS];
    let listed = plumbing::as_user(&args.map(OsStr::new))?.unwrap_or_default();
    let fields: Vec<&[u8]> = listed.split(|&byte| byte == 0).collect();
    let mut named = Vec::new();
    for pair in fields.chunks_exact(2) {
        let (Some(origin), Some(at)) = (pair[0].strip_prefix(b"file:"), memchr::memchr(b'\n', pair[1])) else {
            continue;
        };
        let file = path_of(origin).parent().unwrap_or(Path::new("")).join(path_of(&pair[1][at + 1..]));
        let args = ["--includes", "--type=path", "-z", "--get", KEY].map(OsStr::new);
        let args = [&[OsStr::new("config"), OsStr::new("--file"), file.as_os_str()], &args[..]].concat();
        if let Some(value) = plumbing::as_user(&args)? {
            named.push((file, path_of(value.strip_suffix(b"\0").unwrap_or(&value))));
        }
    }
    Ok(named)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shared_repository_lets_others_read_and_run_and_never_write() {
        for (value, mode) in [("group", 0o050), ("TRUE", 0o050), ("world", 0o055), ("0660", 0o050), ("0664", 0o055)] {
            assert_eq!(shared(value.as_bytes()), mode, "{value}");
        }
        for value in ["umask", "false", "0", "0600", "nonsense"] {
            assert_eq!(shared(value.as_bytes()), 0, "{value}");
        }
    }
}
