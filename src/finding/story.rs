//! Decides what is known of a value's life in a repository: when it came, who brought it, where it can be reached.

use crate::blob::Name;

/// Where in a repository a finding stands, beside its path.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Provenance {
    /// The id of the commit that first brought the value to this place, in hex.
    pub commit: Option<Box<str>>,
    /// From where it can be reached; nothing outside of a search of history.
    pub reach: Option<Reach>,
    /// The life of the value at this place.
    pub story: Option<Box<Story>>,
}

/// From where something in a repository can be reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reach {
    /// From a commit of a ref, a worktree or a reflog, or from a ref itself.
    History,
    /// From an index alone: it was added and not committed.
    Index,
    /// From nothing; it lies in the store until git removes it.
    Unreachable,
}

impl Reach {
    /// The word that reports use.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::History => "history",
            Self::Index => "index",
            Self::Unreachable => "unreachable",
        }
    }
}

/// The life of a value in a repository.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Story {
    /// The commit that first brought it in.
    pub first: Option<Moment>,
    /// The latest commit that holds it.
    pub last: Option<Moment>,
    /// The commit that took it out for good, if no tip and no index holds it any more.
    pub removed: Option<Moment>,
    /// Whether HEAD holds it.
    pub in_head: bool,
    /// Whether the index of a working tree holds it.
    pub in_index: bool,
    /// The tips that hold it, by their whole names: branches, remote-tracking branches, HEADs of working trees.
    pub held_by: Names,
    /// The branches from whose tip a commit that holds it can be reached.
    pub branches: Names,
    /// The tags of which the same is true.
    pub tags: Names,
    /// The remote-tracking branches of which the same is true: it was pushed.
    pub remotes: Names,
    /// How many whole days lie between its coming and its removal, or today.
    pub days_exposed: u64,
    /// How many versions of files hold it.
    pub versions: u64,
}

/// A commit in the life of a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moment {
    /// The commit's id, in hex.
    pub commit: Box<str>,
    /// The author's name. There is no address in it.
    pub author: Box<str>,
    /// When it was written, in seconds since 1970, UTC.
    pub author_time: i64,
    /// When it was committed, in seconds since 1970, UTC.
    pub commit_time: i64,
    /// The path at which the value stands there.
    pub path: Option<Name>,
}

/// Names of refs: the first ones, and how many there are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Names {
    /// The first, in order, without `refs/heads/` and the like.
    pub first: Vec<Name>,
    /// All.
    pub count: u64,
}

/// What was looked at in a repository, beside files and bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GitCoverage {
    /// Refs, HEADs of worktrees included.
    pub refs: u64,
    /// Commits.
    pub commits: u64,
    /// Trees.
    pub trees: u64,
    /// Blobs.
    pub blobs: u64,
    /// Annotated tags.
    pub tags: u64,
    /// Commits at which a shallow clone ends.
    pub shallow: u64,
    /// Objects that something refers to and that are not there.
    pub missing: u64,
    /// Files kept by Git LFS, of which git holds a pointer only.
    pub lfs_pointers: u64,
    /// Submodules, which are repositories of their own.
    pub submodules: u64,
    /// Objects larger than the limit.
    pub oversize: u64,
    /// Objects and packs that cannot be read.
    pub damaged: u64,
}
