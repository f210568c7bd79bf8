//! Decides which commits a range has, and what each of them brings.
//!
//! git finds the commits and lists what differs from their parents. What a merge has that one of its parents has at the
//! same path is not brought by the merge. An old side counts as such unless the range itself brought it before.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsString;
use std::iter;

use super::super::error::{GitError, Unselected};
use super::super::id::ObjectId;
use super::super::odb::Store;
use super::super::plumbing::Git;
use super::super::repository::Repository;
use super::asked::not_understood;
use super::compare::{read_tree, tree_of};
use super::folder::{self, What};
use super::raw::Line;
use super::revisions;
use super::{Change, Changes, New, Stage};

/// Commits that git compares at a time.
const AT_A_TIME: usize = 2_000;

/// At how many paths the copies in one tree are looked for. Trees may hold each other so often that nobody could name
/// all paths.
const MOST_PATHS: usize = 8;

/// What the commits of a range bring.
#[derive(Clone, Debug, Default)]
pub struct Range {
    /// The commits, parents before their children.
    pub commits: Vec<ObjectId>,
    /// What they bring, in the order of the commits; each content once at each path.
    pub changes: Changes,
    /// Commits of the range whose parents were not fetched. All that they have seems to be new.
    pub shallow: Vec<ObjectId>,
    /// Why it is not known what commits the range has: the history that was fetched does not reach so far.
    pub cut: Option<GitError>,
    /// Parents of the range's commits that do not belong to it.
    bases: BTreeSet<ObjectId>,
    /// The contents that are listed.
    news: BTreeSet<ObjectId>,
}

/// What the commits bring that `revisions` select: arguments as `git rev-list` takes them.
pub fn range(repository: &Repository, store: &Store, revisions: &[OsString]) -> Result<Range, GitError> {
    match revisions::check(repository, store, revisions) {
        Ok(()) => {}
        // It may well be a commit that was not fetched.
        Err(error @ GitError::Revisions { why: Unselected::Cut(_), .. }) => {
            return Ok(Range { cut: Some(error), ..Range::default() });
        }
        Err(error) => return Err(error),
    }
    select(repository, store, &[(revisions.to_vec(), String::new())])
}

/// The same for several ranges, each after all that it begins from. Their arguments are known to be good, and so are the
/// revisions on standard input if they ask for it.
pub(super) fn select(
    repository: &Repository,
    store: &Store,
    wanted: &[(Vec<OsString>, String)],
) -> Result<Range, GitError> {
    let git = Git::new(repository);
    let options = ["rev-list", "--parents", "--topo-order", "--reverse"].map(OsString::from);
    let mut commits = Vec::new();
    for (revisions, stdin) in wanted {
        let answer = git.run(&[&options[..], revisions, &[OsString::from("--")]].concat(), stdin.as_bytes())?;
        commits.extend(listed(&answer).ok_or_else(|| not_understood("rev-list"))?);
    }
    let mut history = History::default();
    for some in commits.chunks(AT_A_TIME) {
        history.compare(&git, store, some)?;
    }
    let boundary = repository.shallow()?;
    let inside: BTreeSet<ObjectId> = commits.iter().map(|commit| commit.id).collect();
    let parents = commits.iter().flat_map(|commit| &commit.parents).copied();
    Ok(Range {
        bases: parents.filter(|parent| !inside.contains(parent)).collect(),
        shallow: boundary.into_iter().filter(|id| inside.contains(id)).collect(),
        commits: commits.into_iter().map(|commit| commit.id).collect(),
        changes: history.changes,
        cut: None,
        news: history.listed.into_iter().map(|(id, _)| id).collect(),
    })
}

impl Range {
    /// The commits that the range begins from.
    pub(super) fn bases(&self) -> impl Iterator<Item = ObjectId> + '_ {
        self.bases.iter().copied()
    }

    /// Which of the contents that the range brings are in a commit below it, elsewhere, and where.
    pub fn copies(&self, store: &Store) -> BTreeMap<ObjectId, BTreeSet<Vec<u8>>> {
        let mut search = Search { store, news: &self.news, seen: BTreeMap::new(), copies: BTreeMap::new() };
        let trees = self.bases.iter().filter_map(|commit| tree_of(store, commit).ok());
        let mut waiting: Vec<(ObjectId, Vec<u8>)> = trees.map(|tree| (tree, Vec::new())).collect();
        while let Some((tree, path)) = waiting.pop() {
            // What cannot be read holds no copy that is known; then more is reported, not less.
            if search.is_new(tree, &path) {
                search.enter(&tree, &path, &mut waiting);
            }
        }
        search.copies
    }
}

/// A search for contents in the trees of commits.
struct Search<'a> {
    store: &'a Store,
    news: &'a BTreeSet<ObjectId>,
    /// The paths of trees.
    seen: BTreeMap<ObjectId, BTreeSet<Vec<u8>>>,
    copies: BTreeMap<ObjectId, BTreeSet<Vec<u8>>>,
}

impl Search<'_> {
    /// Whether a tree was not seen at this path, nor at too many others.
    fn is_new(&mut self, tree: ObjectId, path: &[u8]) -> bool {
        let paths = self.seen.entry(tree).or_default();
        paths.len() < MOST_PATHS && paths.insert(path.to_vec())
    }

    fn enter(&mut self, tree: &ObjectId, path: &[u8], waiting: &mut Vec<(ObjectId, Vec<u8>)>) {
        let Ok(bytes) = read_tree(self.store, tree) else { return };
        for item in folder::items(&bytes, tree.as_bytes().len()).unwrap_or_default() {
            let Some(id) = ObjectId::from_bytes(item.id) else { continue };
            match folder::what(item.mode) {
                What::Tree => waiting.push((id, [path, item.name, b"/"].concat())),
                What::Blob if self.news.contains(&id) => {
                    self.copies.entry(id).or_default().insert([path, item.name].concat());
                }
                _ => {}
            }
        }
    }
}

/// A commit of the range.
struct Commit {
    id: ObjectId,
    parents: Vec<ObjectId>,
}

/// Reads lines of a commit and its parents.
fn listed(answer: &[u8]) -> Option<Vec<Commit>> {
    let lines = answer.split(|&byte| byte == b'\n').filter(|line| !line.is_empty());
    let commit = |line: &[u8]| {
        let mut ids = line.split(|&byte| byte == b' ').map(ObjectId::from_hex);
        let id = ids.next()??;
        Some(Commit { id, parents: ids.collect::<Option<_>>()? })
    };
    lines.map(commit).collect()
}

/// The tree that git could not read, as it says.
fn named(error: &GitError) -> Option<ObjectId> {
    let GitError::Plumbing { detail, .. } = error else { return None };
    let mut words = detail.split(|char: char| !char.is_ascii_alphanumeric());
    words.find_map(|word| ObjectId::from_hex(word.as_bytes())).filter(|_| detail.contains("tree"))
}

/// What the commits did, from the first on.
#[derive(Default)]
struct History {
    changes: Changes,
    /// The contents that were brought.
    brought: BTreeSet<ObjectId>,
    /// What was listed.
    listed: BTreeSet<(ObjectId, Vec<u8>)>,
}

impl History {
    /// Adds what `commits` did. Where a tree is not there, it is not known what a commit did.
    fn compare(&mut self, git: &Git<'_>, store: &Store, commits: &[Commit]) -> Result<(), GitError> {
        let ids = commits.iter().map(|commit| commit.id.to_string()).collect::<Vec<_>>().join("\n") + "\n";
        let options = ["diff-tree", "--stdin", "-r", "-m", "--root", "--raw", "-z", "--no-renames", "--no-abbrev"];
        let error = match git.run(&options, ids.as_bytes()) {
            Ok(answer) => return self.add(&answer, commits).ok_or_else(|| not_understood("diff-tree")),
            Err(error) => error,
        };
        let rootless = |commit: &Commit| {
            let mut trees = iter::once(&commit.id).chain(&commit.parents).filter_map(|id| tree_of(store, id).ok());
            trees.find(|tree| !store.contains(tree))
        };
        if let [commit] = commits {
            let tree = rootless(commit).or_else(|| named(&error)).ok_or(error)?;
            self.changes.unread.push((format!("commit {}", commit.id).into_bytes(), tree));
            return Ok(());
        }
        let (first, second) = commits.split_at(commits.len() / 2);
        self.compare(git, store, first)?;
        self.compare(git, store, second)
    }

    /// Adds what an answer of `diff-tree` says of `commits`, which are in the same order.
    fn add(&mut self, answer: &[u8], commits: &[Commit]) -> Option<()> {
        let mut fields = answer.split(|&byte| byte == 0).peekable();
        let mut commits = commits.iter();
        while let Some(head) = fields.next().filter(|head| !head.is_empty()) {
            let id = ObjectId::from_hex(head)?;
            let commit = commits.find(|commit| commit.id == id)?;
            let mut lines = Vec::new();
            loop {
                match fields.peek() {
                    Some(field) if field.starts_with(b":") => lines.push(Line::parse(fields.next()?, fields.next()?)?),
                    // The comparison with the next parent.
                    Some(field) if *field == head => drop(fields.next()),
                    _ => break,
                }
            }
            self.commit(commit, &lines);
        }
        Some(())
    }

    /// Adds one commit with its lines, those against all of its parents.
    fn commit(&mut self, commit: &Commit, lines: &[Line<'_>]) {
        let mut differs: BTreeMap<&[u8], usize> = BTreeMap::new();
        for line in lines {
            *differs.entry(line.path).or_default() += 1;
            // What was brought is not former, be it to one path alone: there it may not be forgiven as it was elsewhere.
            let is_former =
                |old: &ObjectId| !self.brought.contains(old) && !self.listed.contains(&(*old, line.path.to_vec()));
            if let Some(old) = line.old_blob().filter(is_former) {
                self.changes.former.add(old, line.path);
            }
        }
        let all = commit.parents.len().max(1);
        for line in lines {
            let Some((kind, id)) = line.new else { continue };
            // The other lines of the same path say the same.
            if differs.remove(line.path) != Some(all) {
                continue;
            }
            match kind {
                What::Module => self.changes.modules += 1,
                What::Tree => {}
                What::Blob => self.bring(commit.id, (line.old_blob(), id), line.path),
            }
        }
    }

    fn bring(&mut self, commit: ObjectId, (old, id): (Option<ObjectId>, ObjectId), path: &[u8]) {
        // What is forgiven at one path may not be so at another, so each path counts.
        if !self.listed.insert((id, path.to_vec())) {
            return;
        }
        let is_former = self.changes.former.blobs.contains_key(&id);
        let new = if is_former { New::Copy(id) } else { New::Blob(id) };
        if !is_former {
            self.brought.insert(id);
        }
        self.changes.list.push(Change { path: path.to_vec(), old, new, stage: Stage::Commit(commit) });
    }
}
