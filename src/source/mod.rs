//! Decides what there is to scan, and how it is loaded. It does not know what a rule is.
//!
//! A [`Source`] first lists its items; the list is then loaded by as many threads as there are, each with a
//! [`Buffer`] of its own. What cannot be listed or loaded is a [`Gap`]; it never passes for clean.

mod cache;
mod changes;
mod error;
mod history;
mod load;
mod message;
#[cfg_attr(unix, path = "open_unix.rs")]
#[cfg_attr(not(unix), path = "open_other.rs")]
mod open;
mod single;
mod stdin;
mod tree;
mod walk;
mod window;

pub use cache::{Cache, Unusable};
pub use changes::{Named, Pending, Push, Range, Receiver, Revision, Sent, Staged};
pub use error::SourceError;
pub use history::{Beginning, History, Interest, Past, Spot, Witness, Witnesses, unread};
pub use message::{Editor, MessageFile};
pub use single::read_found;
pub use stdin::Stdin;
pub use tree::{IgnoreFiles, Tree, TreeOptions};
pub use window::{Buffer, Limits};

use crate::blob::{Blob, Name};
pub use crate::git::odb::{Object, Unread};
pub use crate::git::{Kind, Life, Moment, ObjectFormat, ObjectId, Place, Reach, State, Story, is_lfs_pointer};

/// Something that can be scanned.
pub trait Source: Sync {
    /// Finds what there is to scan, with up to `jobs` threads.
    ///
    /// # Errors
    /// What makes the request as a whole impossible; then nothing is to be scanned.
    fn list(&self, jobs: usize) -> Result<Box<dyn Listing + '_>, SourceError>;
}

/// What may be said about a scan of a repository.
#[derive(Clone, Debug, Default)]
pub struct RepositoryOptions {
    /// Patterns in the manner of `.gitignore` of what is left out on request. They count from the root of the repository.
    pub exclude: Vec<String>,
    /// How much of a file or an object is read.
    pub limits: Limits,
}

/// What a source found. Its items are numbered from 0, in no particular order, and can be loaded in any.
pub trait Listing: Sync {
    /// How many items there are.
    fn len(&self) -> usize;

    /// Whether there is nothing to scan.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// What was met and is not among the items.
    fn omitted(&self) -> &Omitted;

    /// What the item is called in reports.
    fn name(&self, item: usize) -> Name;

    /// Loads an item as one blob, or as several windows in ascending order, and hands each to `visit`.
    fn load(&self, item: usize, buffer: &mut Buffer, visit: &mut dyn FnMut(&Blob<'_>)) -> Loaded;

    /// The commit that an item is known to come from, in hex.
    fn commit(&self, _item: usize) -> Option<String> {
        None
    }

    /// How many commits were looked at, if commits were asked for.
    fn commits(&self) -> Option<u64> {
        None
    }

    /// Whether all that is in the items counts, or only what was not there before.
    fn contrast(&self) -> Contrast {
        Contrast::Absolute
    }

    /// Whether the very same content was at another path before. Then it says nothing new, except to who heeds paths.
    fn is_copy(&self, _item: usize) -> bool {
        false
    }

    /// Hands out what was there before, each content once at each path and each name once, and says what of it could
    /// not be read.
    fn former(&self, _visit: &mut dyn FnMut(&Blob<'_>)) -> Vec<Gap> {
        Vec::new()
    }
}

/// What of the items of a listing counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Contrast {
    /// All of it.
    Absolute,
    /// What the old sides do not hold.
    NewOnly,
}

/// What became of loading an item.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Loaded {
    /// Bytes that were handed out, each counted once.
    pub bytes: u64,
    /// What kept it from being loaded to its end. What was handed out before still counts.
    pub gap: Option<Gap>,
}

/// What a listing met and left out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Omitted {
    /// Links that were not followed.
    pub links: u64,
    /// Sockets, pipes and devices.
    pub special: u64,
    /// Files and folders that were left out on request. A folder counts once.
    pub excluded: u64,
    /// Files and folders that ignore files left out. A folder counts once, unless it was entered for what is tracked.
    pub ignored: u64,
    /// What could not be listed.
    pub gaps: Vec<Gap>,
}

impl Omitted {
    /// Adds what another thread left out.
    fn add(&mut self, other: Self) {
        self.links += other.links;
        self.special += other.special;
        self.excluded += other.excluded;
        self.ignored += other.ignored;
        self.gaps.extend(other.gaps);
    }
}

/// Something that should be scanned and cannot be, or not to its end.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Gap {
    /// What it is called in reports.
    pub name: Name,
    /// What happened.
    pub kind: GapKind,
    /// What the system said, or what the limit was.
    pub detail: String,
}

/// What kept something from being scanned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum GapKind {
    /// It could not be opened or read.
    Unreadable,
    /// It was listed and then was no longer there.
    Vanished,
    /// It changed while it was read.
    Changed,
    /// It is larger than the limit; the rest was not scanned.
    Oversize,
    /// It is damaged.
    Damaged,
    /// Something refers to it, and it is not there.
    Missing,
    /// A shallow clone ends there.
    Shallow,
}

impl Gap {
    /// The gap that an error of the system leaves.
    fn from_error(name: Name, error: &std::io::Error) -> Self {
        use std::io::ErrorKind::{NotADirectory, NotFound};
        let kind = match error.kind() {
            NotFound | NotADirectory => GapKind::Vanished,
            _ => GapKind::Unreadable,
        };
        Self { name, kind, detail: error.to_string() }
    }
}
