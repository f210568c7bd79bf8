//! Decides how all of a repository is read: first all contents, and with them how commits follow on each other; then all
//! trees, and with them what is not there; then the lives of what was found.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use super::anchors::{Anchors, Peeler};
use super::error::GitError;
use super::graph::{CommitGraph, Learned, Lessons, NONE, number};
use super::header;
use super::id::{Kind, ObjectId};
use super::odb::{Body, Catalog, Limits, Object, Store, Swept, Visitor, Visitors};
use super::refs::{self, Roots};
use super::repository::Repository;
use super::story::{self, Connections, Group, Life, Verdict};

/// How many missing objects are named.
const MOST_NAMED: usize = 1000;

/// A pointer of LFS is smaller than this.
const LARGEST_POINTER: usize = 1024;

/// What a pointer of LFS begins with.
const POINTER: &[u8] = b"version https://git-lfs.github.com/spec/";

/// Who refers to an object that is not there.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Referrer {
    /// A ref, by its name.
    Reference(Vec<u8>),
    /// The log of a ref.
    Reflog,
    /// A commit: its tree or a parent is not there.
    Commit(ObjectId),
    /// A tag.
    Tag(ObjectId),
    /// A tree.
    Tree(ObjectId),
    /// An index.
    Index,
}

/// An object that the history needs and that is not there.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Missing {
    /// The object.
    pub id: ObjectId,
    /// One that refers to it.
    pub referrer: Referrer,
    /// Where it would be in a working tree; empty if that is not known.
    pub path: Vec<u8>,
}

/// How much a history is, and what of it is not there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Coverage {
    /// Refs, with the heads of all working trees.
    pub refs: u64,
    /// Commits in the store.
    pub commits: u64,
    /// Trees in the store.
    pub trees: u64,
    /// Blobs in the store.
    pub blobs: u64,
    /// Tags with a message in the store.
    pub tags: u64,
    /// Commits at which a shallow clone ends.
    pub shallow: Vec<ObjectId>,
    /// The first of the objects that are not there.
    pub missing: Vec<Missing>,
    /// How many objects are not there.
    pub missing_count: u64,
    /// Blobs that stand for a large file kept elsewhere.
    pub lfs_pointers: u64,
    /// Names of submodules, whose content is not here.
    pub submodules: u64,
    /// Refs, logs and indexes that could not be read, and commits of the history that name no tree.
    pub unread: Vec<refs::Unrooted>,
}

/// The history of a repository.
#[derive(Debug)]
pub struct History<'a> {
    pub(super) catalog: Catalog<'a>,
    pub(super) roots: Roots,
    /// Commits that have parents elsewhere; sorted.
    shallow: Vec<ObjectId>,
    jobs: usize,
    /// Objects of which it is asked whether anything leads to them.
    doubtful: Vec<Object>,
    learned: Mutex<Known>,
    /// Whether some folders were not followed.
    is_cut: AtomicBool,
    pub(super) shape: Shape,
}

/// What contents have taught.
#[derive(Debug, Default)]
struct Known {
    lessons: Lessons,
    /// Commits, with a parent or a tree that is not there.
    absent: Vec<(Object, ObjectId, Role)>,
    tags: Vec<(Object, ObjectId)>,
    /// Commits that name no tree.
    malformed: Vec<Object>,
    pointers: u64,
}

/// What an absent object is to a commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    Tree,
    Parent,
}

/// What follows from all contents and all trees.
#[derive(Debug, Default)]
pub(super) struct Shape {
    pub(super) graph: CommitGraph,
    pub(super) anchors: Anchors,
    /// For each commit whether a root leads to it.
    pub(super) reachable: Vec<bool>,
    missing: Vec<Missing>,
    missing_count: u64,
    submodules: u64,
}

impl<'a> History<'a> {
    /// Lists all objects of `store` and all roots of `repository`, with `jobs` threads.
    pub fn open(repository: &Repository, store: &'a Store, jobs: usize) -> Result<Self, GitError> {
        // Roots come first: what is committed meanwhile is then there without a root, and not the other way round.
        let roots = refs::roots(repository)?;
        Self::with(repository, roots, store, jobs)
    }

    /// The same, with roots that were read before.
    pub fn with(repository: &Repository, roots: Roots, store: &'a Store, jobs: usize) -> Result<Self, GitError> {
        let shallow = repository.shallow()?;
        let catalog = Catalog::new(store, jobs);
        Ok(Self {
            catalog,
            roots,
            shallow,
            jobs,
            doubtful: Vec::new(),
            learned: Mutex::default(),
            is_cut: AtomicBool::new(false),
            shape: Shape::default(),
        })
    }

    /// Does without the contents of these blobs; see [`Catalog::pass_over`].
    pub fn pass_over(&mut self, blobs: impl IntoIterator<Item = Object>) {
        self.catalog.pass_over(blobs);
    }

    /// Asks of these objects whether anything leads to them; [`Self::led_to`] answers. This has to come before the trees.
    pub fn doubt(&mut self, objects: Vec<Object>) {
        self.doubtful = objects;
    }

    /// All objects.
    pub fn catalog(&self) -> &Catalog<'a> {
        &self.catalog
    }

    /// What the history is reached from.
    pub fn roots(&self) -> &Roots {
        &self.roots
    }

    /// Hands out all blobs, commits and tags, as [`Catalog::contents`] does, and learns how they hang together. This has
    /// to come first.
    pub fn contents(&self, limits: Limits, visitor: &Visitors<'_>) -> Swept {
        self.catalog.contents(self.jobs, limits, &|| {
            Box::new(Learner { history: self, next: visitor(), known: Known::default() })
        })
    }

    /// Reads all trees: hands each distinct name of a file or folder to `judge` once, looks for what is not there, and
    /// finds the way to `wanted` objects and to the names that `judge` wants traced. This has to come second.
    pub fn trees(&mut self, wanted: &[Object], judge: &(dyn Fn(&[u8]) -> Verdict + Sync)) -> Connections {
        let mut known = std::mem::take(self.learned.get_mut().unwrap_or_else(PoisonError::into_inner));
        let cut = self.shallow.iter().filter_map(|id| self.catalog.find(id)).collect();
        let graph = CommitGraph::new(std::mem::take(&mut known.lessons), &cut);
        known.tags.sort_unstable_by_key(|&(tag, _)| tag);
        let mut anchors = Peeler { catalog: &self.catalog, graph: &graph, tags: &known.tags }.anchors(&self.roots);
        let reachable = graph.reach(anchors.tips());
        let mut missing = std::mem::take(&mut anchors.missing);
        missing.extend(self.absent_from_commits(&known, (&graph, &reachable), &cut));
        *self.learned.get_mut().unwrap_or_else(PoisonError::into_inner) = known;
        self.shape = Shape { graph, anchors, reachable, ..Shape::default() };

        let (connections, survey) = story::connect(self, (wanted, &self.doubtful), judge);
        missing.extend(survey.missing);
        missing.sort_unstable_by(|one, other| {
            (one.id, &one.referrer, &one.path).cmp(&(other.id, &other.referrer, &other.path))
        });
        missing.dedup_by_key(|missing| missing.id);
        self.shape.missing_count = missing.len() as u64 + survey.more_missing;
        missing.truncate(MOST_NAMED);
        self.shape.missing = missing;
        self.shape.submodules = survey.submodules;
        connections
    }

    fn absent_from_commits(
        &self,
        known: &Known,
        (graph, reachable): (&CommitGraph, &[bool]),
        cut: &BTreeSet<Object>,
    ) -> Vec<Missing> {
        let counts = |&&(by, _, role): &&(Object, ObjectId, Role)| {
            let is_reachable = graph.find(by).is_some_and(|commit| reachable[commit as usize]);
            is_reachable && (role == Role::Tree || !cut.contains(&by))
        };
        let missing = known.absent.iter().filter(counts);
        missing
            .map(|&(by, id, _)| Missing { id, referrer: Referrer::Commit(self.catalog.id(by)), path: Vec::new() })
            .collect()
    }

    /// The lives of groups of objects and names that hold one value each, in the order of the groups. All of them must
    /// have been wanted or traced.
    pub fn lives(&self, connections: &Connections, groups: &[Group]) -> Vec<Life> {
        story::tell(self, connections, groups)
    }

    /// For each group whether a ref, a head, a reflog or an index leads to any of it. Its objects must have been doubtful.
    pub fn led_to(&self, connections: &Connections, groups: &[Group]) -> Vec<bool> {
        story::led_to(self, connections, groups)
    }

    /// How much the history is, and what of it is not there; after all trees were read.
    pub fn coverage(&self) -> Coverage {
        let known = self.learned.lock().unwrap_or_else(PoisonError::into_inner);
        Coverage {
            refs: self.roots.refs.len() as u64,
            commits: self.catalog.count(Kind::Commit),
            trees: self.catalog.count(Kind::Tree),
            blobs: self.catalog.count(Kind::Blob),
            tags: self.catalog.count(Kind::Tag),
            shallow: self.shallow.clone(),
            missing: self.shape.missing.clone(),
            missing_count: self.shape.missing_count,
            lfs_pointers: known.pointers,
            submodules: self.shape.submodules,
            unread: self.roots.unread.iter().cloned().chain(self.malformed(&known)).chain(self.cut()).collect(),
        }
    }

    /// The malformed commits that roots lead to, and malformed tags.
    fn malformed(&self, known: &Known) -> Vec<refs::Unrooted> {
        let graph = &self.shape.graph;
        let counts = |object: &&Object| graph.find(**object).is_none_or(|at| self.shape.reachable[at as usize]);
        let ids =
            known.malformed.iter().filter(counts).map(|&object| (self.catalog.kind(object), self.catalog.id(object)));
        let named = |(kind, id): (Option<Kind>, ObjectId)| {
            let kind = if kind == Some(Kind::Tag) { "tag" } else { "commit" };
            refs::Unrooted { name: format!("{kind} {id}").into_bytes(), detail: format!("it is a malformed {kind}") }
        };
        let mut malformed: Vec<_> = ids.map(named).collect();
        malformed.sort_unstable();
        malformed
    }

    /// Notes that some folders were not followed, so that what lies in them may have been passed over.
    pub(super) fn note_cut(&self) {
        self.is_cut.store(true, Ordering::Relaxed);
    }

    fn cut(&self) -> Option<refs::Unrooted> {
        let what = refs::Unrooted {
            name: b"folders".to_vec(),
            detail: "some lie deeper than git itself goes, or are too many to be followed".to_owned(),
        };
        self.is_cut.load(Ordering::Relaxed).then_some(what)
    }

    /// The commits that `git stash` has made: of working trees, and of their indexes, which are their second parents.
    pub(super) fn stashes(&self) -> BTreeSet<u32> {
        let graph = &self.shape.graph;
        let stashes = self.roots.stashes.iter().filter_map(|id| self.catalog.find(id));
        let stashes = stashes.filter_map(|object| graph.find(object));
        stashes.flat_map(|stash| [Some(stash), graph.parents(stash).get(1).copied()]).flatten().collect()
    }

    pub(super) fn jobs(&self) -> usize {
        self.jobs
    }
}

/// Whether a blob stands for a large file kept elsewhere.
pub fn is_lfs_pointer(bytes: &[u8]) -> bool {
    bytes.len() < LARGEST_POINTER && bytes.starts_with(POINTER)
}

/// Learns from what it hands on.
struct Learner<'h, 'v> {
    history: &'h History<'h>,
    next: Box<dyn Visitor + 'v>,
    known: Known,
}

impl Visitor for Learner<'_, '_> {
    fn visit(&mut self, object: Object, kind: Kind, body: Body<'_>) {
        if let Body::Whole(bytes) = &body {
            match kind {
                Kind::Commit => self.commit(object, bytes),
                Kind::Tag => match header::tagged(bytes) {
                    Some(target) => self.known.tags.push((object, target)),
                    None => self.known.malformed.push(object),
                },
                Kind::Blob if is_lfs_pointer(bytes) => self.known.pointers += 1,
                Kind::Blob | Kind::Tree => {}
            }
        }
        self.next.visit(object, kind, body);
    }
}

impl Learner<'_, '_> {
    fn commit(&mut self, object: Object, bytes: &[u8]) {
        let header = header::commit(bytes);
        let catalog = &self.history.catalog;
        let start = self.known.lessons.parents.len();
        if header.tree.is_none() {
            self.known.malformed.push(object);
        }
        // What is of another kind than it should be leads no further than what is not there.
        let find = |id: &ObjectId, kind| catalog.find(id).filter(|&it| catalog.kind(it).is_none_or(|is| is == kind));
        let tree = header.tree.and_then(|id| {
            let tree = find(&id, Kind::Tree);
            if tree.is_none() && !id.is_built_in() {
                self.known.absent.push((object, id, Role::Tree));
            }
            tree
        });
        for id in header.parents {
            match find(&id, Kind::Commit) {
                Some(parent) => self.known.lessons.parents.push(parent),
                None => self.known.absent.push((object, id, Role::Parent)),
            }
        }
        let parents = (number(start), number(self.known.lessons.parents.len() - start));
        let tree = tree.map_or(NONE, |tree| number(tree.index()));
        self.known.lessons.commits.push(Learned { object, tree, time: header.time, parents });
    }
}

impl Drop for Learner<'_, '_> {
    fn drop(&mut self) {
        let mut known = self.history.learned.lock().unwrap_or_else(PoisonError::into_inner);
        let Known { lessons, absent, tags, malformed, pointers } = std::mem::take(&mut self.known);
        known.lessons.add(lessons);
        known.absent.extend(absent);
        known.tags.extend(tags);
        known.malformed.extend(malformed);
        known.pointers += pointers;
    }
}
