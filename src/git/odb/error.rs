//! Decides what can be wrong with a store, a pack or an object.

use std::fmt;
use std::path::PathBuf;

use super::catalog::Object;
use crate::git::id::{Kind, ObjectId};

/// A part of a store that could not be read.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Defect {
    /// The file or folder.
    pub path: PathBuf,
    /// What is wrong with it.
    pub detail: String,
}

impl fmt::Display for Defect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.path.display(), self.detail)
    }
}

/// Why an object could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReadError {
    /// It is nowhere in the store.
    Missing,
    /// It, or what it is a difference to, has this many bytes; that is more than the limit.
    Oversize(u64),
    /// It is there and is not what it should be.
    Damaged(String),
}

impl ReadError {
    /// An object that is not what it should be.
    pub(super) fn damaged(detail: impl Into<String>) -> Self {
        Self::Damaged(detail.into())
    }
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => f.write_str("it is missing"),
            Self::Oversize(size) => write!(f, "it is too large, with {size} bytes"),
            Self::Damaged(detail) => f.write_str(detail),
        }
    }
}

impl std::error::Error for ReadError {}

/// An object that a sweep did not hand out, or not to its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unread {
    /// Which.
    pub object: Object,
    /// Its name.
    pub id: ObjectId,
    /// What it is, unless even that cannot be told.
    pub kind: Option<Kind>,
    /// Why.
    pub why: ReadError,
}
