//! Decides what an entry of a tree or of an index is, as its mode says.

/// The bits of a mode that say what an entry is.
const KIND: u32 = 0o170_000;

/// A folder.
pub(super) const FOLDER: u32 = 0o040_000;

/// A submodule.
pub(super) const MODULE: u32 = 0o160_000;

/// What an entry with this mode is.
pub(super) fn kind_of(mode: u32) -> u32 {
    mode & KIND
}
