//! Decides what the life of a value is: which commit brought it, which was the last to hold it, which removed it, what
//! contains it.
//!
//! One survey of all trees finds those that hold it; more passes find the way up from these to the trees of commits; one
//! walk over the commits, parents first, tells the rest.

mod bits;
mod climb;
mod draft;
mod holdings;
mod keys;
mod missing;
mod moments;
mod names;
mod reached;
mod survey;
mod tell;
mod walk;

use std::sync::{Arc, Mutex};

pub(super) use reached::led_to;
pub use survey::Verdict;
pub(super) use tell::tell;

use super::graph::number;
use super::history::{History, Missing};
use super::id::ObjectId;
use super::odb::{Object, Swept};
use bits::Bits;
use holdings::Holdings;
use reached::Doubts;
use survey::{Found, Survey};

/// A name that is traced like an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct NameMark(u32);

/// All objects and names that hold one value.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Group {
    /// Blobs, commits and tags.
    pub objects: Vec<Object>,
    /// Names of files and folders.
    pub names: Vec<NameMark>,
}

/// What leads to something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reach {
    /// A ref, a head or a reflog.
    History,
    /// Only an index.
    Index,
    /// Nothing.
    Unreachable,
}

/// The life of a group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Life {
    /// What leads to any of it.
    pub reach: Reach,
    /// Of the group as a whole, as far as `reach` goes.
    pub whole: Story,
    /// Each path at which it was, and each commit and tag with it. What history reaches comes first, then by path.
    pub places: Vec<Place>,
}

/// A place where a value was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The path; empty for commits, tags, and what no tree holds.
    pub path: Vec<u8>,
    /// The version that was there first; none if that is a submodule or is not there.
    pub object: Option<Object>,
    /// What leads to it at this path.
    pub reach: Reach,
    /// What happened to it at this path.
    pub story: Story,
}

/// What happened to a value.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Story {
    /// The first commit that brought it, or the commit or tag whose text it stands in.
    pub first: Option<Moment>,
    /// The last commit that holds it.
    pub last: Option<Moment>,
    /// The last commit that removed it, if no tip and no index holds it any more. A tip is the commit of a branch, of a
    /// branch of a remote, or of `HEAD` of a working tree.
    pub removed: Option<Moment>,
    /// Whether the commit of `HEAD` holds it; for the text of commits, whether `HEAD` leads there.
    pub in_head: bool,
    /// Whether an index holds it.
    pub in_index: bool,
    /// The tips that hold it, by the whole names of their refs, sorted; for the text of commits, those that lead there.
    pub held_by: Vec<Arc<[u8]>>,
    /// Branches that lead to a commit that holds it, by their short names, sorted.
    pub branches: Vec<Arc<[u8]>>,
    /// Tags that do, by their short names.
    pub tags: Vec<Arc<[u8]>>,
    /// Branches of remotes that do, by their short names: where it was pushed to, or fetched from.
    pub remotes: Vec<Arc<[u8]>>,
    /// Distinct objects that hold it.
    pub versions: u64,
}

/// A commit, or a tag, and who made it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Moment {
    /// Its id.
    pub commit: ObjectId,
    /// The name and the address of its author.
    pub author: Vec<u8>,
    /// Seconds since 1970 when it was written.
    pub author_time: i64,
    /// The name and the address of its committer.
    pub committer: Vec<u8>,
    /// Seconds since 1970 when it was committed.
    pub committer_time: i64,
}

/// Which trees lead to what was wanted.
#[derive(Debug)]
pub struct Connections {
    found: Found,
    holdings: Holdings,
    doubts: Doubts,
    swept: Swept,
}

impl Connections {
    /// The mark of a name, if it is traced.
    pub fn name(&self, name: &[u8]) -> Option<NameMark> {
        self.found.names.find(name).filter(|&name| self.found.is_traced(name)).map(NameMark)
    }

    /// How the first pass over all trees went.
    pub fn swept(&self) -> &Swept {
        &self.swept
    }
}

/// What a survey says about what is not there.
pub(super) struct Surveyed {
    pub(super) missing: Vec<Missing>,
    /// How many more there are that have not been followed.
    pub(super) more_missing: u64,
    pub(super) submodules: u64,
}

/// Surveys all trees, and finds the way from what is wanted up to the top. Of `doubtful` objects it is to be known whether
/// anything leads to them.
pub(super) fn connect(
    history: &History<'_>,
    (wanted, doubtful): (&[Object], &[Object]),
    judge: &(dyn Fn(&[u8]) -> Verdict + Sync),
) -> (Connections, Surveyed) {
    let catalog = &history.catalog;
    let doubts =
        if history.shape.reachable.iter().all(|&reached| reached) { Doubts::OfPlaceAlone } else { Doubts::Followed };
    let followed = if doubts == Doubts::Followed { doubtful } else { &[] };
    let wanted = bits(catalog.len(), wanted.iter().chain(followed));
    let doubtful = bits(catalog.len(), doubtful);
    let found = Mutex::new(Found::new(catalog.len()));
    let survey = Survey { catalog, wanted, doubtful, firsts: catalog.tree_families(), judge, found };
    for staged in &history.roots.staged {
        staged.path.split(|&byte| byte == b'/').filter(|name| !name.is_empty()).for_each(|name| survey.judge(name));
    }
    let swept = catalog.trees(history.jobs(), &|| survey.visitor());
    let mut found = survey.found.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    found.families.sort_unstable();
    found.families.dedup();
    climb::climb(catalog, history.jobs(), &mut found);
    let holdings = Holdings::new(std::mem::take(&mut found.edges));
    let surveyed = Surveyed {
        missing: missing::reachable(history, &found, &holdings),
        more_missing: found.more_absent(),
        submodules: found.modules(),
    };
    (Connections { found, holdings, doubts, swept }, surveyed)
}

/// The numbers of objects.
fn bits<'a>(len: usize, objects: impl IntoIterator<Item = &'a Object>) -> Bits {
    let mut bits = Bits::new(len);
    for object in objects {
        bits.add(number(object.index()));
    }
    bits
}
