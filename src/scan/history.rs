//! Decides how the history of a repository is scanned, in three steps.
//!
//! First every object is searched once, by its id, and of each value only its identity and the objects that hold it are
//! kept: a value in 400 versions of a file is one value. Then, for what was found alone, the repository is asked at
//! which paths these objects lie, since when, and what reaches them. At last each value is looked at again in the
//! version that brought it, now with its path: rules and allowlists that ask for a path decide then, and what stands
//! beside it is joined with it.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread::Thread;
use std::time::Duration;

use super::keeper::Keeper;
use super::recall::Recall;
use super::sightings::Sightings;
use super::tale::Tale;
use super::{Scan, ScanError, Scanned, Teller, problem};
use crate::blob::{Blob, Name, Origin};
use crate::finding::{Event, Finding, Problem, Report, Sink};
use crate::source::{self, History, Interest, Object, Past, Spot, State, Unread, Witness};
use crate::suppress::Sight;

/// How often the sink is told of progress.
const BEAT: Duration = Duration::from_millis(100);

/// What a search of history tells beside its findings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stories {
    /// Who brought each value, when, and where it went.
    Told,
    /// Nothing.
    Untold,
}

/// What a search of history covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// What a ref, a worktree, a reflog or an index reaches.
    Reachable,
    /// Every object of the store.
    Everything,
}

/// How a history is to be searched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HistoryOptions {
    /// What is told.
    pub stories: Stories,
    /// What is covered.
    pub scope: Scope,
    /// The folder in which it is remembered what holds nothing.
    pub cache: Option<PathBuf>,
}

impl Scan<'_> {
    /// Scans the history of a repository, tells `sink` how it goes, and returns the result.
    ///
    /// # Errors
    /// What makes it impossible to read the repository at all.
    pub fn history(
        &self,
        history: &History,
        target: String,
        options: &HistoryOptions,
        sink: &mut dyn Sink,
    ) -> Result<Scanned, ScanError> {
        let mut teller = Teller { sink, told: Ok(()) };
        let mut keeper = Keeper::new(options.cache.as_deref(), &self.conditions(history, options));
        let beginning = history.begin()?;
        let state = *beginning.state();
        let mut report = if let Some(report) = keeper.verdict(&state) {
            report
        } else {
            let clean = keeper.clean(history.format());
            let past = beginning.open(self.jobs.max(1), &clean)?;
            self.told(past, options, (&mut keeper, &state), &mut teller)
        };
        report.target = target;
        report.rules_digest = self.detector.digest();
        // What a cache passes over is not known to need an entry.
        self.annotate(&mut report, if options.cache.is_some() { Sight::Part } else { Sight::History });
        teller.tell(&Event::Finished(&report));
        Ok(Scanned { report, told: teller.told, warnings: keeper.warnings })
    }

    /// All that decides what is found in an object.
    fn conditions(&self, history: &History, options: &HistoryOptions) -> String {
        let (version, digest, chosen) = (env!("CARGO_PKG_VERSION"), self.detector.digest(), history.options());
        format!("{version} {digest} {chosen:?} {:?} {:?} {:?}", self.suppressor, options.scope, history.format())
    }

    /// The three steps.
    fn told(
        &self,
        mut past: Past<'_>,
        options: &HistoryOptions,
        (keeper, state): (&mut Keeper, &State),
        teller: &mut Teller<'_>,
    ) -> Report {
        teller.tell(&Event::Listed(past.len() - past.passed_over()));
        let mut harvest = self.search(&past, teller);
        self.search_names(&mut past, &mut harvest);
        harvest.objects += past.passed_over();
        let mut dirty = std::mem::take(&mut harvest.dirty);
        dirty.extend(harvest.unread.iter().map(|unread| unread.object));
        let report = Tale { scan: self, past: &past, options }.report(harvest);
        keeper.keep(&past, dirty, state, &report);
        report
    }

    /// The first step. Other threads work; this one tells.
    fn search(&self, past: &Past<'_>, teller: &mut Teller<'_>) -> Harvest {
        let theirs = Mutex::new(Harvest::default());
        let done = AtomicU64::new(0);
        let watcher = || -> Box<dyn Witness + '_> {
            Box::new(Watcher {
                scan: self,
                ours: Harvest::default(),
                recall: Recall::default(),
                theirs: &theirs,
                done: &done,
            })
        };
        let mut told = 0;
        let mut tell = || {
            let done = done.load(Ordering::Relaxed);
            teller.tell(&Event::Scanned(done - told));
            told = done;
        };
        let teller_thread = std::thread::current();
        // A thread is not yet finished when it says so, and to wait for that would be to sleep once more.
        let is_over = AtomicBool::new(false);
        let (bytes, unread) = std::thread::scope(|scope| {
            let work = scope.spawn(|| {
                let over = Over(&is_over, teller_thread);
                let swept = past.contents(&watcher);
                drop(over);
                swept
            });
            while !is_over.load(Ordering::Acquire) {
                tell();
                std::thread::park_timeout(BEAT);
            }
            // What failed outside of the search of one object must not pass for nothing found.
            work.join().unwrap_or_else(|failure| resume_unwind(failure))
        });
        tell();
        let mut harvest = theirs.into_inner().unwrap_or_else(PoisonError::into_inner);
        harvest.bytes = bytes;
        harvest.problems.extend(unread.iter().map(|unread| problem(&source::unread(unread))));
        harvest.unread = unread;
        harvest
    }
}

impl Scan<'_> {
    /// Searches the names of files, and finds the trees that hold what was found.
    fn search_names(&self, past: &mut Past<'_>, harvest: &mut Harvest) {
        let names = Mutex::new(Sightings::default());
        let mut wanted: Vec<Object> = harvest.unread.iter().map(|unread| unread.object).collect();
        wanted.extend(harvest.sightings.spots().into_iter().filter_map(Spot::object));
        wanted.sort_unstable();
        wanted.dedup();
        let doubtful = harvest.sightings.doubtful().into_iter().filter_map(Spot::object).collect();
        past.trace((&wanted, doubtful), &|number: u32, name: &Blob<'_>| {
            // It is the last part of a path that is not known yet.
            let found = self.found(&Blob { name: &Name::unknown(), ..name.clone() });
            let mut names = names.lock().unwrap_or_else(PoisonError::into_inner);
            names.add(&found, Spot::Name(number));
            if found.is_empty() { Interest::Ignored } else { Interest::Traced }
        });
        harvest.sightings.merge(names.into_inner().unwrap_or_else(PoisonError::into_inner));
        for name in past.ref_names() {
            harvest.refs.extend(self.found(&Blob::whole(&name, Origin::Ref, name.as_bytes())));
        }
    }
}

/// What the first two steps brought.
#[derive(Debug, Default)]
pub(super) struct Harvest {
    /// The values, and what holds them.
    pub(super) sightings: Sightings<Spot>,
    /// What was found in the names of refs.
    pub(super) refs: Vec<Finding>,
    /// Objects on which the search failed.
    pub(super) failed: Vec<Spot>,
    /// What was found in objects that are too large to be held as a whole.
    pub(super) large: BTreeMap<Object, Vec<Finding>>,
    /// Objects that are not known to hold nothing.
    pub(super) dirty: Vec<Object>,
    /// Objects that could not be read.
    pub(super) unread: Vec<Unread>,
    pub(super) problems: Vec<Problem>,
    /// Objects that were searched to their end.
    pub(super) objects: u64,
    pub(super) bytes: u64,
}

impl Harvest {
    /// Keeps what was found in a part of an object that is too large to be held.
    fn keep(&mut self, spot: Spot, blob: &Blob<'_>, found: &[Finding]) {
        let is_part = blob.frame.owned.len() != blob.bytes.len();
        if let Some(object) = spot.object().filter(|_| is_part) {
            self.large.entry(object).or_default().extend(found.iter().cloned());
        }
    }

    fn merge(&mut self, other: Self) {
        self.sightings.merge(other.sightings);
        self.refs.extend(other.refs);
        self.failed.extend(other.failed);
        self.large.extend(other.large);
        self.dirty.extend(other.dirty);
        self.unread.extend(other.unread);
        self.problems.extend(other.problems);
        self.objects += other.objects;
        self.bytes += other.bytes;
    }
}

/// Says, when it is dropped, that the work is over, be it by a failure.
struct Over<'a>(&'a AtomicBool, Thread);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Release);
        self.1.unpark();
    }
}

/// One thread's search. What it brings goes to the others when it ends.
struct Watcher<'a> {
    scan: &'a Scan<'a>,
    ours: Harvest,
    recall: Recall,
    theirs: &'a Mutex<Harvest>,
    done: &'a AtomicU64,
}

impl Witness for Watcher<'_> {
    fn see(&mut self, spot: Spot, blob: &Blob<'_>) {
        let Self { scan, ours, recall, .. } = self;
        let mut is_dirty = source::is_lfs_pointer(blob.bytes);
        // A panic in there costs this object alone, and its words go nowhere from here.
        let searched = catch_unwind(AssertUnwindSafe(|| {
            recall.search(scan, blob, &mut |found| {
                ours.sightings.add(found, spot);
                ours.keep(spot, blob, found);
                is_dirty |= !found.is_empty();
            });
        }));
        if searched.is_err() {
            ours.failed.push(spot);
        }
        // Pointers are counted anew each time.
        if is_dirty || searched.is_err() {
            ours.dirty.extend(spot.object());
        }
        if blob.frame.offset == 0 {
            self.ours.objects += 1;
            self.done.fetch_add(1, Ordering::Relaxed);
        }
    }
}

impl Drop for Watcher<'_> {
    fn drop(&mut self) {
        self.theirs.lock().unwrap_or_else(PoisonError::into_inner).merge(std::mem::take(&mut self.ours));
    }
}
