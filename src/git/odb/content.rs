//! Decides what an object looks like when it was read.

use crate::git::id::Kind;

/// An object that was read.
#[derive(Clone, PartialEq, Eq)]
pub struct Content {
    /// What it is.
    pub kind: Kind,
    /// All of it.
    pub bytes: Vec<u8>,
}

impl std::fmt::Debug for Content {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Content").field("kind", &self.kind).field("len", &self.bytes.len()).finish()
    }
}
