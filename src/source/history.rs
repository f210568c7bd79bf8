//! Decides how all of a repository's history is scanned: every object of its store once, by its id; the paths, and who
//! brought what, are asked for afterwards, for what was found alone.

use std::fmt;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use super::tree::{Exclusion, What};
use super::window::{self, Buffer, End};
use super::{Gap, GapKind, Limits, RepositoryOptions, SourceError};
use crate::blob::{Blob, Name, Origin};
use crate::git::odb::{self, Body, Object, ReadError, Store, Unread, Visitor};
use crate::git::{
    self, Connections, Environment, Group, Kind, Life, Missing, ObjectFormat, ObjectId, Place, Referrer, Repository,
    Roots, State, Verdict,
};

/// From this size on, a blob is read in pieces, in bytes.
const STREAMED: u64 = 8 << 20;

/// All of a repository.
#[derive(Debug)]
pub struct History {
    repository: Repository,
    store: Store,
    options: RepositoryOptions,
    exclusion: Exclusion,
}

impl History {
    /// The repository that `start` lies in.
    ///
    /// # Errors
    /// There is none, or it cannot be read; or a pattern of what is to be left out is none.
    pub fn new(start: &Path, environment: &Environment, options: RepositoryOptions) -> Result<Self, SourceError> {
        let exclusion = Exclusion::new(&options.exclude)?;
        let repository = Repository::discover(start, environment)?;
        let store = repository.open_store()?;
        Ok(Self { repository, store, options, exclusion })
    }

    /// Reads where all begins: refs, reflogs, indexes.
    ///
    /// # Errors
    /// They cannot be read.
    pub fn begin(&self) -> Result<Beginning<'_>, SourceError> {
        let roots = git::roots(&self.repository)?;
        let state = State::of(&roots, &self.repository.shallow()?, &self.store);
        Ok(Beginning { history: self, roots, state })
    }

    /// How much of an object is searched, and which paths do not count.
    pub fn options(&self) -> &RepositoryOptions {
        &self.options
    }

    /// The digest that objects are called by.
    pub fn format(&self) -> ObjectFormat {
        self.repository.format()
    }
}

/// A repository whose roots are known.
#[derive(Debug)]
pub struct Beginning<'a> {
    history: &'a History,
    roots: Roots,
    state: State,
}

impl<'a> Beginning<'a> {
    /// What the repository was like when its roots were read.
    pub fn state(&self) -> &State {
        &self.state
    }

    /// Lists all objects, with up to `jobs` threads. Those in `clean`, ids in order, are known to hold nothing.
    ///
    /// # Errors
    /// What makes that impossible.
    pub fn open(self, jobs: usize, clean: &[ObjectId]) -> Result<Past<'a>, SourceError> {
        let History { repository, store, options, exclusion } = self.history;
        let mut history = git::History::with(repository, self.roots, store, jobs)?;
        let passed: Vec<Object> = if clean.is_empty() { Vec::new() } else { known(history.catalog(), clean) };
        let passed_over = passed.len() as u64;
        history.pass_over(passed);
        let limits = &options.limits;
        Ok(Past { history, limits, exclusion, names: Vec::new(), connections: None, passed_over })
    }
}

/// The blobs of a catalog that are in `ids`, which are in order.
fn known(catalog: &odb::Catalog<'_>, ids: &[ObjectId]) -> Vec<Object> {
    let blobs = catalog.objects().filter(|&object| catalog.kind(object) == Some(Kind::Blob));
    blobs.filter(|&object| ids.binary_search(&catalog.id(object)).is_ok()).collect()
}

/// What holds a value in a repository.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Spot {
    /// The content of an object.
    Object(Object),
    /// The name of a file or folder, by its number.
    Name(u32),
}

impl Spot {
    /// The object, unless it is a name.
    pub fn object(self) -> Option<Object> {
        match self {
            Self::Object(object) => Some(object),
            Self::Name(_) => None,
        }
    }
}

/// Sees what is in a repository, on one thread.
pub trait Witness {
    /// Sees an object: whole, or in windows. Its path is not known.
    fn see(&mut self, spot: Spot, blob: &Blob<'_>);
}

/// Makes a witness for each thread.
pub type Witnesses<'w> = dyn Fn() -> Box<dyn Witness + 'w> + Sync + 'w;

/// Whether it is to be found out where a name stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Interest {
    /// It is.
    Traced,
    /// It is not.
    Ignored,
}

/// A repository whose objects are listed.
pub struct Past<'a> {
    history: git::History<'a>,
    limits: &'a Limits,
    exclusion: &'a Exclusion,
    /// The names that are traced.
    names: Vec<Box<[u8]>>,
    connections: Option<Connections>,
    passed_over: u64,
}

impl fmt::Debug for Past<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Past").field("objects", &self.len()).finish_non_exhaustive()
    }
}

impl Past<'_> {
    /// How many objects have content to be searched.
    pub fn len(&self) -> u64 {
        let catalog = self.history.catalog();
        catalog.len() as u64 - catalog.count(Kind::Tree)
    }

    /// How many blobs are known to hold nothing and need not be searched.
    pub fn passed_over(&self) -> u64 {
        self.passed_over
    }

    /// The ids of all blobs, in order.
    pub fn blobs(&self) -> Vec<(ObjectId, Object)> {
        let catalog = self.history.catalog();
        let blobs = catalog.objects().filter(|&object| catalog.kind(object) == Some(Kind::Blob));
        let mut blobs: Vec<_> = blobs.map(|object| (catalog.id(object), object)).collect();
        blobs.sort_unstable();
        blobs
    }

    /// Whether there is nothing.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Hands out every blob, commit and tag once, each thread to a witness of its own. Returns how many bytes that
    /// were, and what could not be read.
    pub fn contents(&self, witness: &Witnesses<'_>) -> (u64, Vec<Unread>) {
        let limits = odb::Limits { most: self.limits.size, stream: STREAMED };
        let swept = self.history.contents(limits, &|| {
            Box::new(Seer { witness: witness(), buffer: Buffer::default(), limits: self.limits })
        });
        (swept.bytes, swept.unread)
    }

    /// Hands each distinct name of a file or folder to `judge`, with its number, and finds the way to the names that are
    /// to be traced and to `wanted` objects. Of `doubtful` ones [`Self::led_to`] then knows whether anything leads to them.
    pub fn trace(
        &mut self,
        (wanted, doubtful): (&[Object], Vec<Object>),
        judge: &(dyn Fn(u32, &Blob<'_>) -> Interest + Sync),
    ) {
        self.history.doubt(doubtful);
        let names = Mutex::new(Vec::new());
        let judge = |bytes: &[u8]| {
            let name = Name::new(bytes);
            let mut names = names.lock().unwrap_or_else(PoisonError::into_inner);
            let number = u32::try_from(names.len()).unwrap_or(u32::MAX);
            match judge(number, &Blob::whole(&name, Origin::Name, bytes)) {
                Interest::Ignored => Verdict::Ordinary,
                Interest::Traced => {
                    names.push(Box::from(bytes));
                    Verdict::Traced
                }
            }
        };
        self.connections = Some(self.history.trees(wanted, &judge));
        self.names = names.into_inner().unwrap_or_else(PoisonError::into_inner);
    }

    /// The names of all refs.
    pub fn ref_names(&self) -> Vec<Name> {
        self.history.roots().refs.iter().map(|reference| Name::new(&reference.name)).collect()
    }

    /// The lives of groups of what holds one value each, in their order. All of it must have been traced.
    pub fn lives(&self, groups: &[&[Spot]]) -> Vec<Life> {
        let Some(connections) = &self.connections else { return Vec::new() };
        self.history.lives(connections, &self.groups(connections, groups))
    }

    /// For each group whether a ref, a head, a reflog or an index leads to any of it. Its objects were doubtful.
    pub fn led_to(&self, groups: &[&[Spot]]) -> Vec<bool> {
        let Some(connections) = &self.connections else { return Vec::new() };
        self.history.led_to(connections, &self.groups(connections, groups))
    }

    fn groups(&self, connections: &Connections, groups: &[&[Spot]]) -> Vec<Group> {
        let group = |spots: &&[Spot]| {
            let mut group = Group::default();
            for spot in *spots {
                match spot {
                    Spot::Object(object) => group.objects.push(*object),
                    Spot::Name(name) => group.names.extend(connections.name(self.name_of(*name))),
                }
            }
            group
        };
        groups.iter().map(group).collect()
    }

    fn name_of(&self, number: u32) -> &[u8] {
        self.names.get(number as usize).map_or(&[], |name| name)
    }

    /// An object, read again under the name and of the origin that it is to be reported by.
    pub fn load(
        &self,
        object: Object,
        (name, origin): (&Name, Origin),
        visit: &mut dyn FnMut(&Blob<'_>),
    ) -> Option<Gap> {
        match self.history.catalog().read(object, self.limits.size) {
            Ok(content) => {
                let mut bytes = &*content.bytes;
                window::read(&mut bytes, (name, origin), self.limits, &mut Buffer::default(), visit);
                None
            }
            Err(why) => Some(gap(name.clone(), &why)),
        }
    }

    /// Whether a place is left out on request. What is not at a path is not.
    pub fn excludes(&self, place: &Place) -> bool {
        let kind = place.object.and_then(|object| self.history.catalog().kind(object));
        let what = if kind == Some(Kind::Tree) { What::Folder } else { What::File };
        !place.path.is_empty() && self.exclusion.covering(&place.path, what).is_some()
    }

    /// What the content of an object is, if a commit holds it.
    pub fn origin(&self, object: Object) -> Origin {
        origin(self.history.catalog().kind(object))
    }

    /// What an object is called as long as it has no path: its kind and its id.
    pub fn name(&self, spot: Spot) -> Name {
        match spot {
            Spot::Name(number) => Name::new(self.name_of(number)),
            Spot::Object(object) => {
                let catalog = self.history.catalog();
                called(catalog.kind(object), &catalog.id(object))
            }
        }
    }

    /// Trees that could not be read.
    pub fn unread_trees(&self) -> &[Unread] {
        self.connections.as_ref().map_or(&[], |connections| &connections.swept().unread)
    }

    /// Whether a part of the way from refs to files is not there, so that it cannot be said what nothing reaches.
    pub fn is_broken(&self) -> bool {
        let breaks =
            |missing: &Missing| !matches!(missing.referrer, Referrer::Reflog | Referrer::Tree(_) | Referrer::Index);
        !self.unread_trees().is_empty() || self.history.coverage().missing.iter().any(breaks)
    }

    /// How much there is, and what of it is not there.
    pub fn coverage(&self) -> git::Coverage {
        self.history.coverage()
    }

    /// What could not be read, beside objects: packs, refs, logs and indexes, and what is not there.
    pub fn gaps(&self) -> Vec<Gap> {
        let coverage = self.history.coverage();
        let defects = self.history.catalog().defects().iter();
        let defects = defects.map(|defect| Gap {
            name: Name::from_path(&defect.path),
            kind: GapKind::Damaged,
            detail: defect.detail.clone(),
        });
        let unread = coverage.unread.iter().map(|unread| Gap {
            name: Name::new(&unread.name),
            kind: GapKind::Unreadable,
            detail: unread.detail.clone(),
        });
        let shallow = coverage.shallow.iter().map(|commit| Gap {
            name: Name::new(format!("commit {commit}")),
            kind: GapKind::Shallow,
            detail: "the history before it was not fetched; `git fetch --unshallow` fetches it".to_owned(),
        });
        let mut gaps: Vec<Gap> = defects.chain(unread).chain(shallow).collect();
        gaps.extend(coverage.missing.iter().map(missing));
        let more = coverage.missing_count.saturating_sub(coverage.missing.len() as u64);
        gaps.extend((more > 0).then(|| Gap {
            name: Name::new(format!("{more} more objects")),
            kind: GapKind::Missing,
            detail: "they are not there".to_owned(),
        }));
        gaps
    }
}

/// The gap that an object leaves.
pub fn unread(unread: &Unread) -> Gap {
    gap(called(unread.kind, &unread.id), &unread.why)
}

fn gap(name: Name, why: &ReadError) -> Gap {
    let (kind, detail) = match why {
        ReadError::Missing => (GapKind::Missing, "it is not there".to_owned()),
        ReadError::Oversize(size) => (GapKind::Oversize, format!("it has {size} bytes; none of it was scanned")),
        ReadError::Damaged(detail) => (GapKind::Damaged, detail.clone()),
    };
    Gap { name, kind, detail }
}

fn missing(missing: &Missing) -> Gap {
    let by = match &missing.referrer {
        Referrer::Reference(name) => Name::new(name).to_text(),
        Referrer::Reflog => "a reflog".to_owned(),
        Referrer::Commit(id) => format!("commit {id}"),
        Referrer::Tag(id) => format!("tag {id}"),
        Referrer::Tree(id) => format!("tree {id}"),
        Referrer::Index => "an index".to_owned(),
    };
    let name =
        if missing.path.is_empty() { format!("object {}", missing.id).into_bytes() } else { missing.path.clone() };
    let what = if missing.path.is_empty() { String::new() } else { format!("object {}; ", missing.id) };
    Gap { name: Name::new(name), kind: GapKind::Missing, detail: format!("{what}{by} refers to it") }
}

fn called(kind: Option<Kind>, id: &ObjectId) -> Name {
    let kind = match kind {
        Some(Kind::Blob) => "blob",
        Some(Kind::Commit) => "commit",
        Some(Kind::Tag) => "tag",
        Some(Kind::Tree) => "tree",
        None => "object",
    };
    Name::new(format!("{kind} {id}"))
}

fn origin(kind: Option<Kind>) -> Origin {
    match kind {
        Some(Kind::Commit) => Origin::Message,
        Some(Kind::Tag) => Origin::Tag,
        _ => Origin::Blob,
    }
}

/// Shows a witness what a visitor is given.
struct Seer<'a, 'w> {
    witness: Box<dyn Witness + 'w>,
    buffer: Buffer,
    limits: &'a Limits,
}

impl Visitor for Seer<'_, '_> {
    fn visit(&mut self, object: Object, kind: Kind, body: Body<'_>) {
        let (name, spot, origin) = (Name::unknown(), Spot::Object(object), origin(Some(kind)));
        match body {
            Body::Whole(bytes) if bytes.len() <= self.limits.window => {
                self.witness.see(spot, &Blob::whole(&name, origin, bytes));
            }
            Body::Whole(mut bytes) => self.windows(&mut bytes, (spot, origin)),
            Body::Stream { input, .. } => self.windows(input, (spot, origin)),
        }
    }
}

impl Seer<'_, '_> {
    /// An error of the stream is told by the sweep.
    fn windows(&mut self, input: &mut dyn std::io::Read, (spot, origin): (Spot, Origin)) {
        let Self { witness, buffer, limits } = self;
        let read = window::read(input, (&Name::unknown(), origin), limits, buffer, &mut |blob| witness.see(spot, blob));
        debug_assert!(!matches!(read.end, End::Limit), "the store keeps the limit");
    }
}
