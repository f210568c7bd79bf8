//! Decides which requests cannot be carried out at all.

use std::fmt;
use std::io;
use std::path::PathBuf;

use crate::git::GitError;

/// Why nothing can be scanned.
#[derive(Debug)]
pub enum SourceError {
    /// A path that was named is not there.
    Missing {
        /// As it was named.
        path: PathBuf,
    },
    /// A path that was named is a link to something that is not there.
    Dangling {
        /// As it was named.
        path: PathBuf,
        /// Where it points, as the link says it.
        target: PathBuf,
    },
    /// A path that was named cannot be looked at.
    Unreadable {
        /// As it was named.
        path: PathBuf,
        /// What the system said.
        error: io::Error,
    },
    /// A path that was named has no content: a socket or a block device.
    NoContent {
        /// As it was named.
        path: PathBuf,
    },
    /// A pattern of what is to be left out is malformed.
    Pattern {
        /// As it was given.
        pattern: String,
        /// What is wrong with it.
        detail: String,
    },
    /// A repository cannot be read.
    Git(GitError),
}

impl fmt::Display for SourceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing { path } => write!(f, "{} does not exist", path.display()),
            Self::Dangling { path, target } => {
                write!(f, "{} is a link to {}, which does not exist", path.display(), target.display())
            }
            Self::Unreadable { path, error } => write!(f, "{}: {error}", path.display()),
            Self::NoContent { path } => {
                write!(f, "{} is a socket or a block device; it has no content to scan", path.display())
            }
            Self::Pattern { pattern, detail } => write!(f, "`{pattern}` is not a pattern: {detail}"),
            Self::Git(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for SourceError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Unreadable { error, .. } => Some(error),
            Self::Git(error) => Some(error),
            _ => None,
        }
    }
}

impl From<GitError> for SourceError {
    fn from(error: GitError) -> Self {
        Self::Git(error)
    }
}
