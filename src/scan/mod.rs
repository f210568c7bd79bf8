//! The conductor: list, load in parallel, detect, forgive, join, sort, and hand the result to the sink.

mod history;
mod keeper;
mod life;
mod memory;
mod novelty;
mod recall;
mod sightings;
mod tale;

use std::fmt;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use rayon::{ThreadPool, ThreadPoolBuilder};

use crate::blob::{Blob, Origin};
use crate::detector::{Detector, Setting};
use crate::finding::{self, Coverage, Event, Finding, Lifetime, Problem, ProblemKind, Report, Sink, Verdict};
use crate::rule::Severity;
use crate::source::{Buffer, Gap, GapKind, Listing, Loaded, Source, SourceError};
use crate::suppress::{Sight, Suppressor};
pub use history::{HistoryOptions, Scope, Stories};
use novelty::Former;

/// Items that a thread takes at a time.
const BATCH: usize = 32;

/// What a scan needs besides its source.
#[derive(Clone, Copy, Debug)]
pub struct Scan<'a> {
    /// What finds.
    pub detector: &'a Detector,
    /// What forgives.
    pub suppressor: &'a Suppressor,
    /// The time, in seconds since 1970, UTC.
    pub now: i64,
    /// How many threads may work; at least one does.
    pub jobs: usize,
}

/// A scan that came to its end.
#[derive(Debug)]
pub struct Scanned {
    /// The result.
    pub report: Report,
    /// What went wrong first when the sink was told of it. It has no influence on the result.
    pub told: io::Result<()>,
    /// What a person should know of, and what changes no result.
    pub warnings: Vec<String>,
}

/// Why there is no result.
#[derive(Debug)]
pub enum ScanError {
    /// There was nothing that could be scanned.
    Source(SourceError),
}

impl fmt::Display for ScanError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Source(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for ScanError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Source(error) => error.source(),
        }
    }
}

impl From<SourceError> for ScanError {
    fn from(error: SourceError) -> Self {
        Self::Source(error)
    }
}

/// What a scan amounts to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// All was scanned, and nothing was found that matters.
    Clean,
    /// Something was found that matters, whether or not all was scanned.
    Leaks,
    /// Nothing was found that matters, but not all was scanned.
    Incomplete,
}

/// What `report` amounts to if findings of `fail_on` and above matter.
pub fn outcome(report: &Report, fail_on: Severity) -> Outcome {
    if report.findings.iter().any(|finding| finding.severity >= fail_on) {
        Outcome::Leaks
    } else if report.coverage.is_complete() {
        Outcome::Clean
    } else {
        Outcome::Incomplete
    }
}

impl Scan<'_> {
    /// Scans all that `source` lists, tells `sink` how it goes, and returns the result.
    ///
    /// # Errors
    /// What the source says makes the scan impossible as a whole.
    pub fn run(&self, source: &dyn Source, target: String, sink: &mut dyn Sink) -> Result<Scanned, ScanError> {
        let jobs = self.jobs.max(1);
        let listing = source.list(jobs)?;
        let mut teller = Teller { sink, told: Ok(()) };
        teller.tell(&Event::Listed(listing.len() as u64));
        let tally = self.work(&*listing, jobs, &mut teller);
        let mut report = self.report(target, &*listing, tally);
        self.annotate(&mut report, Sight::Tree);
        teller.tell(&Event::Finished(&report));
        Ok(Scanned { report, told: teller.told, warnings: Vec::new() })
    }

    /// Says what the findings were compared with, and what is wrong with the settings, after a scan of `seen`.
    fn annotate(&self, report: &mut Report, seen: Sight) {
        let seen = if report.coverage.is_complete() { seen } else { Sight::Part };
        report.comparison = self.suppressor.comparison();
        report.notices = self.suppressor.notices(seen);
    }

    /// Whether the path of a blob has a say in what is found in it and what is forgiven.
    fn heeds_paths(&self) -> bool {
        self.detector.heeds_paths() || self.suppressor.heeds_paths()
    }

    /// Loads and searches all items. The calling thread is one of those that work, and the only one that tells.
    fn work(&self, listing: &dyn Listing, jobs: usize, teller: &mut Teller<'_>) -> Tally {
        let queue = Queue { listing, next: AtomicUsize::new(0), done: AtomicU64::new(0) };
        let theirs = Mutex::new(Tally::default());
        let help = || {
            let tally = self.drain(&queue, &mut || {});
            theirs.lock().unwrap_or_else(PoisonError::into_inner).add(tally);
        };
        let mut work = || self.drain(&queue, &mut || queue.tell(teller));
        let mut tally = match pool(jobs.min(listing.len()).saturating_sub(1)) {
            None => work(),
            Some(pool) => pool.in_place_scope(|scope| {
                (0..pool.current_num_threads()).for_each(|_| scope.spawn(|_| help()));
                work()
            }),
        };
        tally.add(theirs.into_inner().unwrap_or_else(PoisonError::into_inner));
        queue.tell(teller);
        tally
    }

    /// Works through items until none is left; calls `between` now and then.
    fn drain(&self, queue: &Queue<'_>, between: &mut dyn FnMut()) -> Tally {
        let mut tally = Tally::default();
        let mut buffer = Buffer::default();
        while self.batch(queue, &mut buffer, &mut tally) {
            between();
        }
        tally
    }

    /// Works through some items; says whether there were any left.
    fn batch(&self, queue: &Queue<'_>, buffer: &mut Buffer, tally: &mut Tally) -> bool {
        let len = queue.listing.len();
        let batch = BATCH.min(len / (4 * self.jobs.max(1))).max(1);
        let start = queue.next.fetch_add(batch, Ordering::Relaxed);
        if start >= len {
            return false;
        }
        let end = len.min(start + batch);
        (start..end).for_each(|item| self.item(queue.listing, item, buffer, tally));
        queue.done.fetch_add((end - start) as u64, Ordering::Relaxed);
        true
    }

    /// Loads and searches one item. A panic in there costs this item alone, and its words go nowhere from here.
    fn item(&self, listing: &dyn Listing, item: usize, buffer: &mut Buffer, tally: &mut Tally) {
        let findings = &mut tally.findings;
        let loaded = catch_unwind(AssertUnwindSafe(|| {
            let (name, commit) = (listing.name(item), listing.commit(item));
            let mut search = |blob: &Blob<'_>| {
                let found = self.found_in(blob, commit.as_deref());
                findings.extend(found.into_iter().map(|finding| (item, finding)));
            };
            search(&Blob::whole(&name, Origin::Name, name.as_bytes()));
            if listing.is_copy(item) && !self.heeds_paths() {
                return Loaded::default();
            }
            listing.load(item, buffer, &mut search)
        }));
        match loaded {
            Ok(Loaded { bytes, gap }) => {
                tally.bytes += bytes;
                match gap {
                    None => tally.files += 1,
                    Some(gap) => tally.problems.push(problem(&gap)),
                }
            }
            Err(_) => tally.problems.push(Problem {
                path: listing.name(item).to_text(),
                kind: ProblemKind::Failed,
                detail: "the scan of it ended in an error of barewire".to_owned(),
            }),
        }
    }

    /// What is found in a blob, aged and judged.
    fn found(&self, blob: &Blob<'_>) -> Vec<Finding> {
        self.found_in(blob, None)
    }

    /// The same, in a blob that is known to be of `commit`.
    fn found_in(&self, blob: &Blob<'_>, commit: Option<&str>) -> Vec<Finding> {
        self.judged(blob, commit, self.detector.detect(blob))
    }

    /// What is found in a part of a blob that is about `setting`.
    fn found_with(&self, part: &Blob<'_>, setting: Setting) -> Vec<Finding> {
        self.judged(part, None, self.detector.detect_in(part, setting))
    }

    fn judged(&self, blob: &Blob<'_>, commit: Option<&str>, mut found: Vec<Finding>) -> Vec<Finding> {
        for finding in &mut found {
            age(finding, self.now);
            finding.provenance.commit = commit.map(Into::into);
        }
        self.suppressor.judge(blob, &mut found);
        found
    }

    fn report(&self, target: String, listing: &dyn Listing, tally: Tally) -> Report {
        let omitted = listing.omitted();
        let mut problems = tally.problems;
        problems.extend(omitted.gaps.iter().map(problem));
        let mut findings = novelty::first_places(listing, tally.findings);
        finding::sort(&mut findings);
        let former = Former::search(self, listing, &findings.iter().collect::<Vec<_>>());
        let (mut suppressed, findings): (Vec<_>, Vec<_>) =
            findings.into_iter().partition(|finding| finding.forgiven.is_some());
        suppressed.retain(|finding| former.lacks(finding));
        let credentials = finding::join(&findings);
        let (findings, credentials) = finding::retain(findings, credentials, |finding| former.lacks(finding));
        problems.extend(former.problems);
        problems.sort();
        problems.dedup();
        Report {
            target,
            rules_digest: self.detector.digest(),
            credentials,
            findings,
            suppressed,
            coverage: Coverage {
                files: tally.files,
                bytes: tally.bytes,
                links: omitted.links,
                special: omitted.special,
                excluded: omitted.excluded,
                ignored: omitted.ignored,
                commits: listing.commits(),
                git: None,
                problems,
            },
            ..Report::default()
        }
    }
}

/// Threads that work beside the calling one. If they cannot be had, it works alone.
fn pool(threads: usize) -> Option<ThreadPool> {
    // To the builder, none means as many as it likes.
    if threads == 0 { None } else { ThreadPoolBuilder::new().num_threads(threads).build().ok() }
}

/// Applies what a value says of its own end.
fn age(finding: &mut Finding, now: i64) {
    match finding.lifetime {
        Lifetime::Until(end) if end < now => {
            finding.verdict = Some(Verdict::Expired);
            finding.severity = finding.severity.min(Severity::Low);
        }
        Lifetime::Endless => finding.verdict = Some(Verdict::NeverExpires),
        Lifetime::Until(_) | Lifetime::Unknown => {}
    }
}

fn problem(gap: &Gap) -> Problem {
    let kind = match gap.kind {
        GapKind::Unreadable => ProblemKind::Unreadable,
        GapKind::Vanished => ProblemKind::Vanished,
        GapKind::Changed => ProblemKind::Changed,
        GapKind::Oversize => ProblemKind::Oversize,
        GapKind::Damaged => ProblemKind::Damaged,
        GapKind::Missing => ProblemKind::Missing,
        GapKind::Shallow => ProblemKind::Shallow,
    };
    Problem { path: gap.name.to_text(), kind, detail: gap.detail.clone() }
}

/// The items that are left.
struct Queue<'a> {
    listing: &'a dyn Listing,
    next: AtomicUsize,
    /// Items that are done and that the sink was not told of.
    done: AtomicU64,
}

impl Queue<'_> {
    /// Tells what was done since the last time.
    fn tell(&self, teller: &mut Teller<'_>) {
        match self.done.swap(0, Ordering::Relaxed) {
            0 => {}
            done => teller.tell(&Event::Scanned(done)),
        }
    }
}

/// What one thread brought.
#[derive(Default)]
struct Tally {
    files: u64,
    bytes: u64,
    problems: Vec<Problem>,
    /// Each with the item that it was found in.
    findings: Vec<(usize, Finding)>,
}

impl Tally {
    fn add(&mut self, other: Self) {
        self.files += other.files;
        self.bytes += other.bytes;
        self.problems.extend(other.problems);
        self.findings.extend(other.findings);
    }
}

/// A sink, and the first error that it returned. It is told the rest all the same: it may have more than one listener.
struct Teller<'a> {
    sink: &'a mut dyn Sink,
    told: io::Result<()>,
}

impl Teller<'_> {
    fn tell(&mut self, event: &Event<'_>) {
        let told = self.sink.receive(event);
        if self.told.is_ok() {
            self.told = told;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::blob::{Name, Origin, Position};
    use crate::finding::{Excerpt, Parts, Provenance};
    use crate::rule::RuleSet;
    use crate::secret::Secret;
    use crate::source::Omitted;

    /// A source of 100 items, of which the seventh makes the program fail and the ninth cannot be read.
    struct Fake(Omitted);

    impl Source for Fake {
        fn list(&self, _jobs: usize) -> Result<Box<dyn Listing + '_>, SourceError> {
            Ok(Box::new(self))
        }
    }

    impl Listing for &Fake {
        fn len(&self) -> usize {
            100
        }

        fn omitted(&self) -> &Omitted {
            &self.0
        }

        fn name(&self, item: usize) -> Name {
            Name::new(item.to_string())
        }

        fn load(&self, item: usize, _buffer: &mut Buffer, visit: &mut dyn FnMut(&Blob<'_>)) -> Loaded {
            assert!(item != 7, "a secret");
            visit(&Blob::whole(&self.name(item), Origin::Tree, b"nothing"));
            let gap = Gap { name: self.name(item), kind: GapKind::Unreadable, detail: "broken".to_owned() };
            Loaded { bytes: 7, gap: (item == 9).then_some(gap) }
        }
    }

    /// Keeps the numbers that it is told, and cannot write.
    #[derive(Default)]
    struct Broken {
        listed: u64,
        scanned: u64,
        finished: u64,
    }

    impl Sink for Broken {
        fn receive(&mut self, event: &Event<'_>) -> io::Result<()> {
            match event {
                Event::Listed(count) => self.listed += count,
                Event::Scanned(count) => self.scanned += count,
                Event::Finished(_) => self.finished += 1,
            }
            Err(io::ErrorKind::BrokenPipe.into())
        }
    }

    fn scan(jobs: usize) -> (Scanned, Broken) {
        let detector = Detector::new(RuleSet::builtin().unwrap());
        let scan = Scan { detector: &detector, suppressor: &Suppressor::default(), now: 1_000, jobs };
        let mut sink = Broken::default();
        let scanned = scan.run(&Fake(Omitted::default()), "x".to_owned(), &mut sink).unwrap();
        (scanned, sink)
    }

    fn finding(severity: Severity, lifetime: Lifetime) -> Finding {
        let position = Position { line: 1, column: 1 };
        Finding {
            rule: RuleSet::builtin().unwrap().rules()[0].clone(),
            severity,
            secret: Secret::new("x"),
            name: Arc::new(Name::new("x")),
            origin: Origin::Tree,
            offset: 0,
            start: position,
            end: position,
            decoded: Vec::new(),
            parts: Parts::default(),
            bound_to: None,
            lifetime,
            verdict: None,
            excerpt: Excerpt::default(),
            provenance: Provenance::default(),
            forgiven: None,
        }
    }

    #[test]
    fn a_failure_costs_one_item_and_its_words_are_not_repeated() {
        for jobs in [0, 1, 4] {
            let coverage = scan(jobs).0.report.coverage;
            assert_eq!((coverage.files, coverage.bytes), (98, 99 * 7));
            let problems: Vec<_> = coverage.problems.iter().map(|problem| (&*problem.path, problem.kind)).collect();
            assert_eq!(problems, [("7", ProblemKind::Failed), ("9", ProblemKind::Unreadable)]);
            assert!(!coverage.problems[0].detail.contains("secret"));
        }
    }

    #[test]
    fn a_sink_that_cannot_write_is_told_everything_and_changes_nothing() {
        let (scanned, sink) = scan(2);
        assert_eq!((sink.listed, sink.scanned, sink.finished), (100, 100, 1));
        assert_eq!(scanned.told.unwrap_err().kind(), io::ErrorKind::BrokenPipe);
        assert_eq!(outcome(&scanned.report, Severity::Info), Outcome::Incomplete);
    }

    #[test]
    fn findings_win_over_gaps() {
        let mut report = scan(1).0.report;
        report.findings.push(finding(Severity::Low, Lifetime::Unknown));
        assert_eq!(outcome(&report, Severity::Low), Outcome::Leaks);
        assert_eq!(outcome(&report, Severity::Medium), Outcome::Incomplete);
        report.coverage.problems.clear();
        assert_eq!(outcome(&report, Severity::Medium), Outcome::Clean);
    }

    #[test]
    fn what_has_expired_is_low_at_most() {
        let aged = |severity, lifetime| {
            let mut finding = finding(severity, lifetime);
            age(&mut finding, 1_000);
            (finding.severity, finding.verdict)
        };
        assert_eq!(aged(Severity::High, Lifetime::Until(999)), (Severity::Low, Some(Verdict::Expired)));
        assert_eq!(aged(Severity::Info, Lifetime::Until(999)), (Severity::Info, Some(Verdict::Expired)));
        assert_eq!(aged(Severity::High, Lifetime::Until(1_000)), (Severity::High, None));
        assert_eq!(aged(Severity::High, Lifetime::Endless), (Severity::High, Some(Verdict::NeverExpires)));
    }
}
