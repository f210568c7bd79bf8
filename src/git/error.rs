//! Decides which ways there are for a repository not to be readable.

use std::fmt;
use std::path::PathBuf;

/// Why a repository could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GitError {
    /// There is no repository at a place, nor above it.
    NoRepository {
        /// The place.
        start: PathBuf,
    },
    /// The working tree names a repository that is not there.
    Gone {
        /// Where the repository should be.
        git_dir: PathBuf,
    },
    /// There is a `.git`, and the system does not say what it is.
    Hidden {
        /// What cannot be looked at.
        path: PathBuf,
        /// What the system said.
        detail: String,
    },
    /// It is of a form that neither this program nor git knows.
    Form {
        /// The repository.
        git_dir: PathBuf,
        /// What is not known.
        detail: String,
    },
    /// Its index is of a form that is not understood.
    Index {
        /// The index.
        path: PathBuf,
        /// What is wrong with it.
        detail: String,
    },
    /// git refuses to read it, because somebody else owns it.
    NotOwned {
        /// The working tree.
        root: PathBuf,
    },
    /// There is no working tree whose files could be looked at.
    NoWorkTree {
        /// The repository.
        git_dir: PathBuf,
    },
    /// An argument that is to name commits does something else.
    Option {
        /// The argument.
        option: String,
    },
    /// git knows no commits of these names.
    Revisions {
        /// The names, as they were given.
        revisions: String,
        /// What git said.
        detail: String,
        /// Why that is.
        why: Unselected,
    },
    /// Its folder of objects cannot be read.
    Store {
        /// The folder.
        path: PathBuf,
        /// What the system said.
        detail: String,
    },
    /// git was asked instead and did not answer.
    Plumbing {
        /// The subcommand of git.
        command: String,
        /// The first line that git said, or why it could not be started.
        detail: String,
    },
}

/// Why arguments select no commits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unselected {
    /// They mean something else.
    Form,
    /// There is nothing of this name.
    Unknown(String),
    /// Nothing of this name, or not as much, was fetched: the history was cut off.
    Cut(String),
    /// An id of zeros stands for something that is not there.
    Zeros,
}

impl GitError {
    /// What can be done about it, where the error itself does not say it.
    pub fn remedy(&self) -> Option<String> {
        match self {
            Self::NoWorkTree { .. } => {
                Some("run this in a working tree; `barewire history` reads all commits".to_owned())
            }
            Self::Option { .. } => Some(
                "a range is made of revisions, as `git rev-list` takes them, and of --not, --all, --branches, --tags, \
                 --remotes and --glob=PATTERN"
                    .to_owned(),
            ),
            Self::Revisions { why, .. } => Some(why.remedy()),
            _ => None,
        }
    }
}

impl Unselected {
    fn remedy(&self) -> String {
        match self {
            Self::Form => "name commits as `git rev-list` takes them: A..B, A...B, 'B --not --remotes'".to_owned(),
            Self::Unknown(name) => {
                let branch = name.strip_prefix("origin/").unwrap_or(name);
                format!("if it is a branch or a commit of the remote, fetch it: `git fetch origin {branch}`")
            }
            Self::Cut(name) => format!(
                "this clone is shallow; fetch what is missing: `git fetch --unshallow`, or `git fetch origin {name}`"
            ),
            Self::Zeros => "an id of zeros stands for a branch that is new; `--range 'NEW --not --remotes'` selects \
                            what it brings"
                .to_owned(),
        }
    }
}

impl fmt::Display for GitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoRepository { start } => {
                write!(f, "{} is in no git repository; run this inside one", start.display())
            }
            Self::Gone { git_dir } => write!(f, "its repository {} is not there", git_dir.display()),
            Self::Form { git_dir, detail } => {
                write!(f, "the repository {} is of an unknown form: {detail}", git_dir.display())
            }
            Self::Hidden { path, detail } | Self::Index { path, detail } | Self::Store { path, detail } => {
                write!(f, "{}: {detail}", path.display())
            }
            Self::NotOwned { root } => write!(
                f,
                "git refuses to read it because somebody else owns it; \
                 `git config --global --add safe.directory {}` allows it",
                root.display()
            ),
            Self::NoWorkTree { git_dir } => write!(f, "{} has no working tree", git_dir.display()),
            Self::Option { option } => write!(f, "`{option}` does not name revisions"),
            Self::Revisions { revisions, detail, .. } => write!(f, "`{revisions}` selects no commits: {detail}"),
            Self::Plumbing { command, detail } => write!(f, "git {command}: {detail}"),
        }
    }
}

impl std::error::Error for GitError {}
