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

impl fmt::Display for GitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoRepository { start } => {
                write!(f, "{} is in no git repository; name the folder of one, or run this inside it", start.display())
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
            Self::Plumbing { command, detail } => write!(f, "git {command}: {detail}"),
        }
    }
}

impl std::error::Error for GitError {}
