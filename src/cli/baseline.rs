//! `barewire baseline`: writes down which values are known, so that only new ones are reported.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write as _};
use std::path::Path;
use std::sync::Arc;

use super::args::{BaselineArgs, BaselineCommand, BaselineScanArgs, CreateArgs};
use super::error::{Error, shown};
use super::settings::{self, Ground, Place};
use super::{conduct, exit, git_environment, migrate, output, scan, surroundings};
use crate::config::{self, Sought};
use crate::detector::Detector;
use crate::finding::{Event, Finding, Report, Sink};
use crate::report::escape::escape;
use crate::report::mask::mask;
use crate::report::{self, Layout, Reveal};
use crate::scan::{HistoryOptions, Scan, ScanError, Scanned, Scope, Stories};
use crate::source::{History, IgnoreFiles, Limits, Range, RepositoryOptions, Tree, TreeOptions};
use crate::suppress::{Baseline, BaselineEntry, BaselineScope, Day, Suppressor};

/// Runs the command.
pub(super) fn run(args: BaselineArgs) -> Result<u8, Error> {
    match args.command {
        BaselineCommand::Create(args) => create(&args),
        BaselineCommand::Prune(args) => prune(&args),
        BaselineCommand::Check(args) => check(&args),
    }
}

/// What is to be scanned for a baseline, and by what.
pub(super) struct Survey<'a> {
    args: &'a BaselineScanArgs,
    ground: Ground,
    detector: Detector,
}

impl<'a> Survey<'a> {
    fn new(args: &'a BaselineScanArgs) -> Result<Self, Error> {
        Ok(Self { args, ground: Ground::to_write(), detector: conduct::detector(&args.search)? })
    }

    /// Whether what the entry holds is searched for. If not, nobody can say that it is not there any more.
    fn seeks(&self, entry: &BaselineEntry) -> bool {
        self.detector.reports(&entry.rule)
    }

    /// Where the baseline is, or is to be.
    fn place(&self) -> Result<Place, Error> {
        settings::baseline_file(&self.ground, &self.args.settings).ok_or_else(|| {
            let why =
                if self.args.settings.no_repo_config { "with --no-repo-config" } else { "without a working tree" };
            Error::new(format_args!("{why} there is no place for a baseline")).help("name the file with --baseline")
        })
    }

    /// What is found and not forgiven, by its path from the root; a baseline has no say in it.
    fn scan(&self, scope: BaselineScope) -> Result<Report, Error> {
        match scope {
            BaselineScope::Tree => self.tree(),
            BaselineScope::History => self.history(),
        }
    }

    fn limits(&self) -> Limits {
        Limits { size: self.args.search.max_file_size, ..Limits::default() }
    }

    fn tree(&self) -> Result<Report, Error> {
        let here = Path::new(".").canonicalize().ok();
        let root = self.ground.root().filter(|root| here.as_deref() != Some(root)).unwrap_or(Path::new("."));
        let options = TreeOptions {
            ignore_files: IgnoreFiles::Honoured,
            usual_list: scan::usual_list(),
            exclude: Vec::new(),
            limits: self.limits(),
        };
        let tree = Tree::new(vec![root.to_owned()], options);
        let mut report = self.with(&self.ground, |scan| scan.run(&tree, String::new(), &mut Silent))?;
        for finding in &mut report.findings {
            finding.name = Arc::new(self.ground.path(&finding.name));
        }
        Ok(report)
    }

    fn history(&self) -> Result<Report, Error> {
        let (here, environment) = (Path::new("."), git_environment::read());
        let options = RepositoryOptions { exclude: Vec::new(), limits: self.limits() };
        let history = History::new(here, &environment, options).map_err(|error| Error::from(&error))?;
        let options = HistoryOptions { stories: Stories::Untold, scope: Scope::Reachable, cache: None };
        self.with(&Ground::here(), |scan| scan.history(&history, String::new(), &options, &mut Silent))
    }

    /// What a commit brought.
    pub(super) fn commit(&self, id: &str) -> Result<Report, Error> {
        let options = RepositoryOptions { exclude: Vec::new(), limits: self.limits() };
        let revisions = vec![format!("{id}^!").into()];
        let range = Range::new(Path::new("."), &git_environment::read(), revisions, options);
        let range = range.map_err(|error| Error::from(&error))?;
        self.with(&Ground::here(), |scan| scan.run(&range, String::new(), &mut Silent))
    }

    fn with(
        &self,
        ground: &Ground,
        run: impl FnOnce(&Scan<'_>) -> Result<Scanned, ScanError>,
    ) -> Result<Report, Error> {
        let BaselineScanArgs { search, settings } = self.args;
        let (detector, now) = (&self.detector, surroundings::now());
        let policy = settings::without_baseline(ground, settings, detector.rules(), now)?;
        let suppressor = Suppressor::new(conduct::inline(search)).with(policy);
        let scan = Scan { detector, suppressor: &suppressor, now, jobs: conduct::jobs(search) };
        let scanned = run(&scan).map_err(|ScanError::Source(error)| Error::from(&error))?;
        Ok(scanned.report)
    }
}

/// Listens to nothing.
struct Silent;

impl Sink for Silent {
    fn receive(&mut self, _event: &Event<'_>) -> io::Result<()> {
        Ok(())
    }
}

fn create(args: &CreateArgs) -> Result<u8, Error> {
    let survey = Survey::new(&args.scan)?;
    let place = survey.place()?;
    let old = existing(&place, args)?;
    // One of the whole history stays so: without it, half of its entries would seem to be gone.
    let is_of_history = args.history || old.as_ref().is_some_and(|old| old.scope() == BaselineScope::History);
    let mut scope = if is_of_history { BaselineScope::History } else { BaselineScope::Tree };
    let mut report = survey.scan(scope)?;
    if is_of_history {
        // A history does not hold what is not committed.
        join(&mut report, survey.scan(BaselineScope::Tree)?);
    }
    let mut told = String::new();
    if let Some(list) = &args.from {
        let taken = migrate::take_over(list, &survey, &mut report)?;
        told = taken.words;
        if taken.had_commits {
            scope = BaselineScope::History;
        }
    }
    let salt = old.as_ref().map_or_else(salt, |old| Ok(old.salt()))?;
    let mut baseline = Baseline::new(&place.1, scope, salt);
    let found = keys(&baseline, &report);
    let known: Vec<BaselineEntry> = old.iter().flat_map(|old| old.entries().to_vec()).collect();
    let today = Day::of(surroundings::now());
    let stays = |entry: &&BaselineEntry| match entry.expires {
        _ if !survey.seeks(entry) => true,
        // Whoever knows it now, by force, does so anew.
        Some(last) if last < today => false,
        _ => found.contains_key(&*entry.fingerprint),
    };
    baseline.add(known.iter().filter(stays).cloned());
    let kept = baseline.entries().len();
    let new = found.iter().map(|(key, finding)| entry((key, finding), args));
    baseline.add(new);
    write(&place.0, &baseline)?;
    let (added, removed) = (baseline.entries().len() - kept, known.len() - kept);
    say(&format!("{told}{}: {}, {kept} kept, {removed} removed\n", place.1, entries(added, "added")))?;
    Ok(incomplete(&report))
}

/// The baseline that is there, if it may be replaced.
fn existing(place: &Place, args: &CreateArgs) -> Result<Option<Baseline>, Error> {
    let (path, name, _) = place;
    let text = config::read(path, name, Sought::Usual).map_err(|error| settings::refused(&error))?;
    if text.is_some() && !args.force {
        return Err(Error::new(format_args!("{name} is there already")).help(
            "`baseline prune` takes out what is no longer needed; `baseline create --force` writes it anew, with all that \
             is found now",
        ));
    }
    // One that is broken is replaced as a whole.
    Ok(text.and_then(|text| Baseline::parse(name, &text).ok()))
}

/// Adds what another scan found.
fn join(report: &mut Report, other: Report) {
    report.findings.extend(other.findings);
    report.coverage.problems.extend(other.coverage.problems);
}

/// What was found, by what a baseline calls it; of each the first.
fn keys<'a>(baseline: &Baseline, report: &'a Report) -> BTreeMap<String, &'a Finding> {
    let mut keys = BTreeMap::new();
    for finding in report.findings.iter().filter(|finding| !finding.rule.part.is_identifier()) {
        keys.entry(baseline.key(finding)).or_insert(finding);
    }
    keys
}

fn entry((key, finding): (&String, &&Finding), args: &CreateArgs) -> BaselineEntry {
    BaselineEntry {
        fingerprint: key.as_str().into(),
        rule: finding.rule.id.clone(),
        path: mask(&finding.name.to_text()).into(),
        added: Day::of(surroundings::now()),
        reason: args.reason.as_deref().map(Into::into),
        expires: args.expires,
    }
}

fn prune(args: &BaselineScanArgs) -> Result<u8, Error> {
    let survey = Survey::new(args)?;
    let place = survey.place()?;
    let (mut baseline, text) = load(&place)?;
    let report = whole(&survey, baseline.scope())?;
    if incomplete(&report) != exit::CLEAN {
        Error::new("not all could be scanned, so nobody can say what is no longer needed; nothing was changed").print();
        return Ok(exit::INCOMPLETE);
    }
    let State { expired, stale, unsought } = State::of(&baseline, &report, &survey);
    baseline.retain(|entry| !expired.contains(&entry.fingerprint) && !stale.contains(&entry.fingerprint));
    if !baseline.is_tidy(&text) {
        write(&place.0, &baseline)?;
    }
    let kept = baseline.entries().len();
    let removed = entries(expired.len() + stale.len(), "removed");
    say(&format!(
        "{}: {removed} ({} expired, {} no longer found), {kept} kept{}\n",
        place.1,
        expired.len(),
        stale.len(),
        not_sought(unsought)
    ))?;
    Ok(exit::CLEAN)
}

fn check(args: &BaselineScanArgs) -> Result<u8, Error> {
    let survey = Survey::new(args)?;
    let place = survey.place()?;
    let (baseline, text) = load(&place)?;
    let report = whole(&survey, baseline.scope())?;
    let State { expired, stale, unsought } = State::of(&baseline, &report, &survey);
    let mut complaints = Vec::new();
    if !baseline.is_tidy(&text) {
        complaints.push(format!("{}: it is not as barewire writes it: sorted, one entry a line, each once", place.1));
    }
    let lines = lines(&text);
    for entry in baseline.entries() {
        let what = match (expired.contains(&entry.fingerprint), stale.contains(&entry.fingerprint)) {
            (true, _) => "expired",
            // What was not scanned may need it.
            (_, true) if report.coverage.is_complete() => "is no longer found",
            _ => continue,
        };
        complaints.push(format!(
            "{}:{}: {} {what}",
            place.1,
            lines.get(&*entry.fingerprint).unwrap_or(&1),
            entry.fingerprint
        ));
    }
    if complaints.is_empty() {
        let needed = entries(baseline.entries().len() - unsought, "needed");
        say(&format!("{}: {needed}{}\n", place.1, not_sought(unsought)))?;
        return Ok(incomplete(&report));
    }
    say(&format!("{}\n", complaints.join("\n")))?;
    Error::new(format_args!("{} needs care", place.1)).help("`barewire baseline prune` mends it").print();
    incomplete(&report);
    Ok(exit::LEAKS)
}

/// Where what looks like a fingerprint stands first, by line, from 1.
fn lines(text: &str) -> BTreeMap<&str, usize> {
    let mut lines = BTreeMap::new();
    for (at, line) in text.lines().enumerate() {
        for part in line.split('"').filter(|part| part.starts_with("bw1")) {
            lines.entry(part).or_insert(at + 1);
        }
    }
    lines
}

/// All that a baseline of this scope could have been made from.
fn whole(survey: &Survey<'_>, scope: BaselineScope) -> Result<Report, Error> {
    let mut report = survey.scan(BaselineScope::Tree)?;
    if scope == BaselineScope::History {
        join(&mut report, survey.scan(scope)?);
    }
    Ok(report)
}

/// Which entries are out of date.
struct State {
    expired: BTreeSet<Box<str>>,
    stale: BTreeSet<Box<str>>,
    /// How many others are of rules that were not searched by.
    unsought: usize,
}

impl State {
    fn of(baseline: &Baseline, report: &Report, survey: &Survey<'_>) -> Self {
        let (today, found) = (Day::of(surroundings::now()), keys(baseline, report));
        let (mut expired, mut stale, mut unsought) = (BTreeSet::new(), BTreeSet::new(), 0);
        for entry in baseline.entries() {
            let key = entry.fingerprint.clone();
            if entry.expires.is_some_and(|last| last < today) {
                expired.insert(key);
            } else if !survey.seeks(entry) {
                unsought += 1;
            } else if !found.contains_key(&*entry.fingerprint) {
                stale.insert(key);
            }
        }
        Self { expired, stale, unsought }
    }
}

/// The baseline that has to be at a place, and its text.
fn load(place: &Place) -> Result<(Baseline, String), Error> {
    let (path, name, sought) = place;
    let text = config::read(path, name, *sought).map_err(|error| settings::refused(&error))?;
    let missing = || Error::new(format_args!("there is no {name}")).help("`barewire baseline create` writes one");
    let baseline = settings::load(place)?.ok_or_else(missing)?;
    Ok((baseline, text.unwrap_or_default()))
}

/// Writes a file beside the baseline and puts it in its place when it is whole.
fn write(path: &Path, baseline: &Baseline) -> Result<(), Error> {
    // A link that was named stays one.
    let real = path.canonicalize();
    let path = real.as_deref().unwrap_or(path);
    let written = output::replace(path, Reveal::Masked, |mut file| file.write_all(baseline.render().as_bytes()));
    written.map_err(|error| {
        Error::new(format_args!("{}: {error}", shown(path)))
            .help("nothing was changed; name another file with --baseline")
    })
}

/// Random bytes.
fn salt() -> Result<[u8; 16], Error> {
    let mut salt = [0; 16];
    getrandom::fill(&mut salt).map_err(|error| Error::new(format_args!("no random bytes can be had: {error}")))?;
    Ok(salt)
}

/// Tells what could not be scanned, and the exit code for that.
fn incomplete(report: &Report) -> u8 {
    // There is nobody to tell that it could not be told.
    drop(report::problems(report, Layout::default(), &mut anstream::stderr()));
    if report.coverage.is_complete() { exit::CLEAN } else { exit::INCOMPLETE }
}

/// What is said of entries that could be neither found nor missed.
fn not_sought(count: usize) -> String {
    match count {
        0 => String::new(),
        count => format!("; {} by these --rule and --rules", entries(count, "not searched for")),
    }
}

fn entries(count: usize, what: &str) -> String {
    format!("{count} {} {what}", if count == 1 { "entry" } else { "entries" })
}

/// Says `text` on standard output, without what a terminal would act on.
fn say(text: &str) -> Result<(), Error> {
    let text = mask(text);
    let lines: Vec<_> = text.split('\n').map(escape).collect();
    output::print(&lines.join("\n"))
}
