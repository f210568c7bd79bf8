//! Decides how folders are walked: by several threads, without following links, each entry looked at once.
//!
//! What the index of a working tree tracks is taken whether it is ignored or not. An ignored folder is entered only
//! if it holds something tracked, and then for that alone.

use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::fs::{self, FileType};
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

use super::tree::{Exclusion, Rules, What};
use super::{Gap, GapKind, Omitted};
use crate::blob::Name;
use crate::git::{Tracked, WorkTree};

/// Folders that must be waiting before it pays to start threads.
const WORTH_THREADS: usize = 16;

/// What a walk found.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// The folders that were entered.
    pub(super) folders: Vec<Entered>,
    /// The files that are to be scanned.
    pub(super) files: Vec<File>,
    /// What was left out.
    pub(super) omitted: Omitted,
    /// What of the files that are not tracked was left out on request, from the origin of the walk. It is not counted
    /// among what was left out.
    pub(super) excluded: Vec<PathBuf>,
}

/// A folder that was entered.
#[derive(Debug)]
pub(super) struct Entered {
    /// As it is opened and named.
    pub(super) path: PathBuf,
    /// From the origin of the walk.
    pub(super) inside: PathBuf,
}

/// A file that is to be scanned.
#[derive(Debug)]
pub(super) struct File {
    /// Its folder, as an index.
    pub(super) folder: usize,
    /// Its name in that folder.
    pub(super) name: OsString,
}

impl Found {
    pub(super) fn add(&mut self, other: Self) {
        let base = self.folders.len();
        self.folders.extend(other.folders);
        self.files.extend(other.files.into_iter().map(|file| File { folder: file.folder + base, ..file }));
        self.omitted.add(other.omitted);
        self.excluded.extend(other.excluded);
    }
}

/// What earlier walks, or the request itself, cover already; real paths.
#[derive(Debug, Default)]
pub(super) struct Seen {
    pub(super) folders: BTreeSet<PathBuf>,
    pub(super) files: BTreeSet<PathBuf>,
}

/// Which files a walk looks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scope {
    /// All that are not ignored, and all that are tracked; also in the repositories that lie inside.
    All,
    /// Files, and links, that are neither tracked nor ignored. Repositories that lie inside are not entered.
    Untracked,
}

/// What is the same for all folders of a walk.
#[derive(Debug)]
pub(super) struct Plan<'a> {
    /// The folder that was named, as it is opened.
    pub(super) root: &'a Path,
    /// The real path that `inside` counts from.
    pub(super) origin: &'a Path,
    /// Which files are looked for.
    pub(super) scope: Scope,
    /// The list of ignored files that counts where the configuration of git names none.
    pub(super) usual_list: Option<&'a Path>,
    /// What to leave out on request.
    pub(super) exclusion: &'a Exclusion,
    /// What to leave out because it was seen.
    pub(super) seen: &'a Seen,
}

/// A folder that is to be entered.
#[derive(Debug)]
pub(super) struct Folder {
    pub(super) path: PathBuf,
    pub(super) inside: PathBuf,
    /// What is ignored here; `None` if ignore files do not count.
    pub(super) rules: Option<Arc<Rules>>,
    pub(super) tracking: Tracking,
    pub(super) take: Take,
}

/// Which files of a folder are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Take {
    /// All that are not ignored, and all that are tracked.
    Unignored,
    /// Those that are tracked; the folder itself is ignored.
    Tracked,
}

/// What the repository around a folder tracks below it.
#[derive(Clone, Debug, Default)]
pub(super) struct Tracking {
    tracked: Arc<Tracked>,
    /// Bytes of `inside` that lead to the repository.
    depth: usize,
    files: Range<usize>,
    modules: Range<usize>,
}

impl Tracking {
    /// For the folder `inside` of a repository that begins `depth` bytes into it.
    pub(super) fn new(tracked: Tracked, depth: usize, inside: &Path) -> Self {
        let (files, modules) = (0..tracked.files.len(), 0..tracked.modules.len());
        let whole = Self { tracked: Arc::new(tracked), depth, files, modules };
        let key = whole.key(inside);
        if key.is_empty() { whole } else { whole.below(&key) }
    }

    /// The path of the folder `inside` as the index has it, with a `/` at its end; empty for the root.
    fn key(&self, inside: &Path) -> Vec<u8> {
        let mut key = inside.as_os_str().as_encoded_bytes().get(self.depth..).unwrap_or_default().to_vec();
        if cfg!(windows) {
            key.iter_mut().filter(|byte| **byte == b'\\').for_each(|byte| *byte = b'/');
        }
        if !key.is_empty() {
            key.push(b'/');
        }
        key
    }

    /// The same for the folder `key`, which ends with a `/`.
    fn below(&self, key: &[u8]) -> Self {
        Self {
            files: self.tracked.files.beginning_with(key, self.files.clone()),
            modules: self.tracked.modules.beginning_with(key, self.modules.clone()),
            ..self.clone()
        }
    }

    fn is_empty(&self) -> bool {
        self.files.is_empty() && self.modules.is_empty()
    }

    fn has_file(&self, key: &[u8]) -> bool {
        !self.files.is_empty() && self.tracked.files.contains(key, self.files.clone())
    }

    fn has_module(&self, key: &[u8]) -> bool {
        !self.modules.is_empty() && self.tracked.modules.contains(key, self.modules.clone())
    }
}

/// Walks `root` and everything below it.
pub(super) fn walk(plan: &Plan<'_>, root: Folder, jobs: usize) -> Found {
    let mut found = Found::default();
    let mut folders = vec![root];
    while let Some(folder) = folders.pop() {
        enter(plan, folder, &mut found, &mut folders);
        if jobs > 1 && folders.len() >= WORTH_THREADS {
            break;
        }
    }
    if folders.is_empty() {
        return found;
    }
    let queue = Queue { state: Mutex::new(State { folders, ..State::default() }), changed: Condvar::new() };
    let work = || queue.work(plan);
    thread::scope(|scope| {
        // A thread that cannot be had is done without.
        let threads: Vec<_> = (1..jobs).filter_map(|_| thread::Builder::new().spawn_scoped(scope, work).ok()).collect();
        found.add(queue.work(plan));
        for thread in threads {
            match thread.join() {
                Ok(more) => found.add(more),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
    });
    found
}

/// The folders that wait to be entered.
struct Queue {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    folders: Vec<Folder>,
    /// Threads that are inside a folder and may bring more.
    busy: usize,
    idle: usize,
}

/// A claim on the queue; whatever ends it, the other threads learn of it.
struct Claim<'a>(&'a Queue);

impl Drop for Claim<'_> {
    fn drop(&mut self) {
        let mut state = self.0.lock();
        state.busy -= 1;
        if state.idle > 0 && (state.busy == 0 || !state.folders.is_empty()) {
            self.0.changed.notify_all();
        }
    }
}

impl Queue {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Enters folders until none is left and no thread can bring more.
    fn work(&self, plan: &Plan<'_>) -> Found {
        let mut found = Found::default();
        let mut below = Vec::new();
        while let Some(folder) = self.next() {
            let claim = Claim(self);
            enter(plan, folder, &mut found, &mut below);
            self.lock().folders.append(&mut below);
            drop(claim);
        }
        found
    }

    fn next(&self) -> Option<Folder> {
        let mut state = self.lock();
        loop {
            if let Some(folder) = state.folders.pop() {
                state.busy += 1;
                return Some(folder);
            }
            if state.busy == 0 {
                return None;
            }
            state.idle += 1;
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
            state.idle -= 1;
        }
    }
}

/// One entry of a folder.
struct Entry {
    name: OsString,
    kind: FileType,
}

/// Takes what is wanted of a folder into `found`, and the folders in it into `below`.
fn enter(plan: &Plan<'_>, mut folder: Folder, found: &mut Found, below: &mut Vec<Folder>) {
    let entries = match list(&folder.path, &mut found.omitted.gaps) {
        Ok(entries) => entries,
        Err(error) => return found.omitted.gaps.push(Gap::from_error(shown(&folder.path), &error)),
    };
    if plan.scope == Scope::Untracked && is_nested(plan, &folder.path, &entries) {
        return;
    }
    if folder.take == Take::Unignored {
        settle_rules(plan, &mut folder, &entries, &mut found.omitted.gaps);
    }
    let mut visit = Visit { plan, key: folder.tracking.key(&folder.inside), folder, found, below };
    entries.into_iter().filter(|entry| entry.name != ".git").for_each(|entry| visit.entry(entry));
    let Folder { path, inside, .. } = visit.folder;
    found.folders.push(Entered { path, inside });
}

/// The entries of a folder. One that cannot be looked at is a gap.
fn list(path: &Path, gaps: &mut Vec<Gap>) -> io::Result<Vec<Entry>> {
    let opened = if path.as_os_str().is_empty() { Path::new(".") } else { path };
    let mut entries = Vec::new();
    for entry in fs::read_dir(opened)? {
        let entry = entry?;
        match entry.file_type() {
            Ok(kind) => entries.push(Entry { name: entry.file_name(), kind }),
            Err(error) => gaps.push(Gap::from_error(shown(&path.join(entry.file_name())), &error)),
        }
    }
    Ok(entries)
}

fn shown(path: &Path) -> Name {
    Name::from_path(if path.as_os_str().is_empty() { Path::new(".") } else { path })
}

/// Adds to the folder's rules and tracking what its own entries say.
fn settle_rules(plan: &Plan<'_>, folder: &mut Folder, entries: &[Entry], gaps: &mut Vec<Gap>) {
    let Some(rules) = &mut folder.rules else { return };
    let has = |name: &str| entries.iter().any(|entry| entry.name == name);
    // The repository around the named folder is known already, even if it begins right there.
    let repository = if has(".git") && folder.path != plan.root { WorkTree::at(&folder.path) } else { None };
    if let Some(tree) = repository {
        let inside = folder.inside.as_os_str();
        let depth = if inside.is_empty() { 0 } else { inside.len() + 1 };
        folder.tracking = Tracking::new(tracked(&tree, gaps), depth, &folder.inside);
        *rules = Rules::of_repository(Some(rules), &tree, &folder.inside, plan.usual_list);
    }
    let own = |name: &str| entries.iter().any(|entry| entry.name == name && entry.kind.is_file());
    if own(".gitignore") || own(".ignore") {
        *rules = Rules::of_folder(rules, &folder.path, &folder.inside);
    }
}

/// Whether a repository of its own begins in a folder.
fn is_nested(plan: &Plan<'_>, path: &Path, entries: &[Entry]) -> bool {
    path != plan.root && entries.iter().any(|entry| entry.name == ".git") && WorkTree::at(path).is_some()
}

/// What the index of `tree` tracks; an index that cannot be read is a gap.
pub(super) fn tracked(tree: &WorkTree, gaps: &mut Vec<Gap>) -> Tracked {
    tree.tracked().unwrap_or_else(|error| {
        let detail = format!("files that are both tracked and ignored may have been missed: {error}");
        gaps.push(Gap { name: shown(tree.root()), kind: GapKind::Unreadable, detail });
        Tracked::default()
    })
}

/// A folder while its entries are looked at.
struct Visit<'a> {
    plan: &'a Plan<'a>,
    folder: Folder,
    /// The folder's path as the index has it.
    key: Vec<u8>,
    found: &'a mut Found,
    below: &'a mut Vec<Folder>,
}

impl Visit<'_> {
    fn entry(&mut self, entry: Entry) {
        let Entry { name, kind } = entry;
        if self.is_excluded(&name, kind) {
            self.leave_out(&name, kind);
        } else if kind.is_dir() {
            self.folder(&name);
        } else if kind.is_file() || kind.is_symlink() && self.plan.scope == Scope::Untracked {
            self.file(name);
        } else if self.folder.take == Take::Unignored && !self.is_ignored(&name, What::File) {
            let omitted = &mut self.found.omitted;
            *if kind.is_symlink() { &mut omitted.links } else { &mut omitted.special } += 1;
        }
    }

    fn file(&mut self, name: OsString) {
        let is_tracked = self.is_tracked_file(&name);
        if is_tracked && self.plan.scope == Scope::Untracked {
            return;
        }
        let wanted = is_tracked || self.folder.take == Take::Unignored && !self.is_ignored(&name, What::File);
        if self.is_seen(&name, &self.plan.seen.files) {
            return;
        }
        if wanted {
            self.found.files.push(File { folder: self.found.folders.len(), name });
        } else {
            self.found.omitted.ignored += 1;
        }
    }

    fn folder(&mut self, name: &OsStr) {
        let key = [&self.key, name.as_encoded_bytes(), b"/"].concat();
        let tracking = self.folder.tracking.below(&key);
        let is_module = self.folder.tracking.has_module(&key[..key.len() - 1]);
        let take = if self.folder.take == Take::Unignored && !self.is_ignored(name, What::Folder) || is_module {
            Take::Unignored
        } else {
            Take::Tracked
        };
        let is_left = self.plan.scope == Scope::Untracked && (is_module || take == Take::Tracked);
        if self.is_seen(name, &self.plan.seen.folders) || is_left {
            return;
        }
        if take == Take::Tracked && tracking.is_empty() {
            self.found.omitted.ignored += 1;
            return;
        }
        self.below.push(Folder {
            path: self.folder.path.join(name),
            inside: self.folder.inside.join(name),
            rules: self.folder.rules.clone(),
            tracking,
            take,
        });
    }

    /// Takes down what is left out on request, unless it would not be scanned anyway.
    fn leave_out(&mut self, name: &OsStr, kind: FileType) {
        match self.plan.scope {
            _ if self.folder.take == Take::Tracked => {}
            Scope::All => self.found.omitted.excluded += 1,
            Scope::Untracked => {
                if kind.is_dir() || !self.is_tracked_file(name) {
                    self.found.excluded.push(self.folder.inside.join(name));
                }
            }
        }
    }

    fn is_excluded(&self, name: &OsStr, kind: FileType) -> bool {
        if self.plan.exclusion.is_empty() {
            return false;
        }
        let path = self.folder.path.join(name);
        let what = if kind.is_dir() { What::Folder } else { What::File };
        let inside = path.strip_prefix(self.plan.root).unwrap_or(&path);
        // In a repository, all counts from its root.
        let opened = if self.plan.scope == Scope::Untracked { inside } else { &path };
        self.plan.exclusion.covers(opened, inside, what)
    }

    fn is_ignored(&self, name: &OsStr, what: What) -> bool {
        let rules = self.folder.rules.as_ref().filter(|rules| !rules.is_empty());
        rules.is_some_and(|rules| rules.ignore(&self.folder.inside.join(name), what))
    }

    fn is_tracked_file(&mut self, name: &OsStr) -> bool {
        let len = self.key.len();
        self.key.extend_from_slice(name.as_encoded_bytes());
        let is_tracked = self.folder.tracking.has_file(&self.key);
        self.key.truncate(len);
        is_tracked
    }

    fn is_seen(&self, name: &OsStr, seen: &BTreeSet<PathBuf>) -> bool {
        !seen.is_empty() && seen.contains(&self.plan.origin.join(&self.folder.inside).join(name))
    }
}
