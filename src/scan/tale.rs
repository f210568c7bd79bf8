//! Decides how what was found in a history becomes a report: each value once at each path, with its life.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::history::{Harvest, HistoryOptions, Scope, Stories};
use super::life::{reach, story};
use super::sightings::Seen;
use super::{Scan, problem};
use crate::blob::{Blob, Name, Origin};
use crate::finding::{
    self, Coverage, Credential, CredentialKey, Finding, GitCoverage, Problem, ProblemKind, Provenance, Report,
};
use crate::secret::Secret;
use crate::source::{self, Kind, Life, Object, Past, Place, Reach, Spot, Story, Unread};

/// The last step of a scan of history.
pub(super) struct Tale<'a> {
    pub(super) scan: &'a Scan<'a>,
    pub(super) past: &'a Past<'a>,
    pub(super) options: &'a HistoryOptions,
}

/// A value at a path.
#[derive(Clone, Copy)]
struct Wanted<'a> {
    rule: &'a str,
    secret: &'a Secret,
    /// Where it is not forgiven.
    place: &'a Place,
    /// What happened to it there, whether it was forgiven or not.
    story: &'a Story,
    part: Part,
}

/// What a value is to a credential.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Secret,
    Identifier,
}

/// What was found again, now with paths.
#[derive(Default)]
struct Retold {
    findings: Vec<Finding>,
    suppressed: Vec<Finding>,
    /// What stands beside a secret in the version that brought it. It is not reported there, but it belongs together.
    beside: Vec<Finding>,
    problems: Vec<Problem>,
}

/// What was found in objects that are too large to be read again.
type Large = BTreeMap<Object, Vec<Finding>>;

type Value<'a> = (&'a str, &'a Secret, &'a Seen<Spot>);

impl Tale<'_> {
    /// The whole result.
    pub(super) fn report(&self, mut harvest: Harvest) -> Report {
        let counts_all = self.covers(Reach::Unreachable);
        let led_to = |groups: &[&[Spot]]| if counts_all { Vec::new() } else { self.past.led_to(groups) };
        let suppressed_values = harvest.sightings.count_forgiven(led_to);
        let unread = self.unread(&harvest);
        let refs = std::mem::take(&mut harvest.refs);
        let counts = (harvest.objects, harvest.bytes);
        let failed = std::mem::take(&mut harvest.failed);
        let large = std::mem::take(&mut harvest.large);
        let credentials = harvest.sightings.credentials();
        let values = harvest.sightings.values();
        let single: Vec<[Spot; 1]> = unread.iter().map(|unread| [Spot::Object(unread.object)]).collect();
        // A version that forgives a value is none to be reported, but the value is there.
        let forgiven = values.iter().filter(|(.., seen)| !seen.forgiving.is_empty());
        let whole: Vec<Vec<Spot>> = forgiven.map(|(.., seen)| seen.all().collect()).collect();
        let mut groups: Vec<&[Spot]> = values.iter().map(|(_, _, seen)| &*seen.spots).collect();
        groups.extend(credentials.values().map(|spots| &**spots));
        groups.extend(single.iter().map(|spot| &spot[..]));
        groups.extend(whole.iter().map(|spots| &**spots));
        let lives = self.past.lives(&groups);
        let (of_values, rest) = lives.split_at(values.len().min(lives.len()));
        let (of_credentials, rest) = rest.split_at(credentials.len().min(rest.len()));
        let (of_unread, of_whole) = rest.split_at(single.len().min(rest.len()));

        let mut retold = self.retell(&values, (of_values, of_whole), &large);
        retold.refs(refs);
        retold.problems.extend(unread.iter().zip(of_unread).filter_map(|(unread, life)| self.hole(unread, life)));
        retold.problems.extend(failed.iter().map(|spot| self.failure(*spot)));
        let stories = credentials.into_keys().zip(of_credentials).collect();
        let mut report = self.assemble(retold, &stories);
        (report.coverage.files, report.coverage.bytes) = counts;
        report.suppressed_values = suppressed_values;
        report
    }

    /// All objects that could not be read, each once.
    fn unread(&self, harvest: &Harvest) -> Vec<Unread> {
        let mut unread: Vec<Unread> = harvest.unread.iter().chain(self.past.unread_trees()).cloned().collect();
        unread.sort_by_key(|unread| unread.object);
        unread.dedup_by_key(|unread| unread.object);
        unread
    }

    fn covers(&self, reach: Reach) -> bool {
        reach != Reach::Unreachable || self.options.scope == Scope::Everything || self.past.is_broken()
    }

    /// Whether what lies at a place is reported.
    fn counts(&self, place: &Place) -> bool {
        self.covers(place.reach) && !self.past.excludes(place)
    }

    /// Looks at each value again, at each of its places that count.
    ///
    /// There is a life of each value where it is not forgiven, and for those that are elsewhere another one of all.
    fn retell(&self, values: &[Value<'_>], (lives, whole): (&[Life], &[Life]), large: &Large) -> Retold {
        let mut wanted: BTreeMap<(Name, Option<Object>), Vec<Wanted<'_>>> = BTreeMap::new();
        let mut whole = whole.iter();
        for ((rule, secret, seen), life) in values.iter().zip(lives) {
            let part = if seen.credential.is_some() { Part::Secret } else { Part::Identifier };
            let whole = if seen.forgiving.is_empty() { None } else { whole.next() };
            for place in life.places.iter().filter(|place| self.counts(place)) {
                let name = self.name(place);
                let story = &whole.and_then(|whole| same(place, whole)).unwrap_or(place).story;
                wanted.entry((name, place.object)).or_default().push(Wanted { rule, secret, place, story, part });
            }
        }
        let mut retold = Retold::default();
        for ((name, object), wanted) in wanted {
            self.version((object, large), &name, wanted, &mut retold);
        }
        retold
    }

    /// What the findings of a place are called by: their path, or the object that is none of a path.
    fn name(&self, place: &Place) -> Name {
        match place.object {
            Some(object) if place.path.is_empty() => self.past.name(Spot::Object(object)),
            _ => Name::new(&place.path),
        }
    }

    /// Searches one version at one path again, and its path, and takes what is wanted of it.
    fn version(
        &self,
        (object, large): (Option<Object>, &Large),
        name: &Name,
        wanted: Vec<Wanted<'_>>,
        retold: &mut Retold,
    ) {
        let Some(place) = wanted.first().map(|value| value.place) else { return };
        let commit = place.story.first.as_ref().map(|first| first.commit.to_string());
        let mut found = Vec::new();
        let mut visit = |blob: &Blob<'_>| found.extend(self.scan.found_in(blob, commit.as_deref()));
        let origin = |object| if place.reach == Reach::Index { Origin::Index } else { self.past.origin(object) };
        if let Some(object) = object.filter(|object| !large.contains_key(object)) {
            let origin = origin(object);
            let gap = self.past.load(object, (name, origin), &mut visit);
            retold.problems.extend(gap.as_ref().map(problem));
        }
        if !place.path.is_empty() {
            visit(&Blob::whole(name, Origin::Name, name.as_bytes()));
        }
        // What is too large to be held is not read again; rules that ask for a path have had their say without one.
        if let Some((object, known)) = object.and_then(|object| large.get_key_value(&object)) {
            let (name, origin) = (Arc::new(name.clone()), origin(*object));
            let named = |finding| Finding { name: Arc::clone(&name), origin, ..finding };
            let mut known: Vec<Finding> = known.iter().cloned().map(named).collect();
            self.scan.suppressor.judge_again(&mut known);
            found.extend(known);
        }
        // What is not forgiven counts, wherever else the value is; what a file holds comes before what its name holds.
        let rank = |one: &Finding| (one.forgiven.is_some(), one.origin == Origin::Name, one.start, one.end);
        found.sort_by_key(rank);
        let beside = wanted.iter().find(|value| value.part == Part::Secret).map(|value| self.provenance(value));
        let mut left = wanted;
        for mut finding in found {
            let is = |value: &Wanted<'_>| *value.rule == *finding.rule.id && *value.secret == finding.secret;
            if let Some(at) = left.iter().position(is) {
                finding.provenance = self.provenance(&left.swap_remove(at));
                retold.add(finding);
            } else if let Some(provenance) = beside.as_ref().filter(|_| finding.rule.part.is_identifier()) {
                finding.provenance = provenance.clone();
                retold.beside.extend(finding.forgiven.is_none().then_some(finding));
            }
        }
    }

    fn provenance(&self, wanted: &Wanted<'_>) -> Provenance {
        let place = wanted.place;
        let story = story(wanted.story, Some(&place.path), self.scan.now);
        Provenance {
            commit: place.story.first.as_ref().map(|first| first.commit.to_string().into()),
            reach: Some(reach(place.reach)),
            story: (self.options.stories == Stories::Told).then(|| Box::new(story)),
        }
    }

    fn assemble(&self, retold: Retold, stories: &BTreeMap<CredentialKey, &Life>) -> Report {
        let Retold { mut findings, suppressed, beside, mut problems } = retold;
        finding::sort(&mut findings);
        let credentials = self.credentials(&mut findings, beside, stories);
        problems.extend(self.past.gaps().iter().map(problem));
        problems.sort();
        problems.dedup();
        let git = Some(self.coverage(&problems));
        Report {
            credentials,
            findings,
            suppressed,
            coverage: Coverage { git, problems, ..Coverage::default() },
            ..Report::default()
        }
    }

    /// Joins what was found, with the help of what stands beside it, and gives each credential its life.
    fn credentials(
        &self,
        findings: &mut Vec<Finding>,
        beside: Vec<Finding>,
        stories: &BTreeMap<CredentialKey, &Life>,
    ) -> Vec<Credential> {
        let reported = findings.len();
        findings.extend(beside);
        let mut credentials = finding::join(findings);
        findings.truncate(reported);
        for credential in &mut credentials {
            credential.findings.retain(|&at| at < reported);
            let key = credential.findings.first().and_then(|&at| CredentialKey::of(&findings[at]));
            let life = key.and_then(|key| stories.get(&key).copied());
            let life = life.filter(|_| self.options.stories == Stories::Told);
            credential.story = life.map(|life| Box::new(story(&life.whole, None, self.scan.now)));
        }
        credentials
    }

    fn coverage(&self, problems: &[Problem]) -> GitCoverage {
        let coverage = self.past.coverage();
        let count = |kind| problems.iter().filter(|problem| problem.kind == kind).count() as u64;
        GitCoverage {
            refs: coverage.refs,
            commits: coverage.commits,
            trees: coverage.trees,
            blobs: coverage.blobs,
            tags: coverage.tags,
            shallow: coverage.shallow.len() as u64,
            missing: coverage.missing_count,
            lfs_pointers: coverage.lfs_pointers,
            submodules: coverage.submodules,
            oversize: count(ProblemKind::Oversize),
            damaged: count(ProblemKind::Damaged),
        }
    }

    /// The problem that an unread object is, by its path if it has one. A blob that nothing reaches is none, unless
    /// everything is to be searched; nor is one whose every path is left out.
    fn hole(&self, unread: &Unread, life: &Life) -> Option<Problem> {
        let gap = source::unread(unread);
        let counts = |place: &&Place| self.counts(place);
        let is_wanted = self.covers(life.reach) && (life.places.is_empty() || life.places.iter().any(|at| counts(&at)));
        if unread.kind == Some(Kind::Blob) && !is_wanted {
            return None;
        }
        let paths = life.places.iter().filter(counts).chain(&life.places).map(|place| &place.path);
        let path = paths.into_iter().find(|path| !path.is_empty());
        let mut problem = problem(&gap);
        if let Some(path) = path {
            problem.detail = format!("{}: {}", problem.path, problem.detail);
            problem.path = Name::new(path).to_text();
        }
        Some(problem)
    }

    fn failure(&self, spot: Spot) -> Problem {
        Problem {
            path: self.past.name(spot).to_text(),
            kind: ProblemKind::Failed,
            detail: "the scan of it ended in an error of barewire".to_owned(),
        }
    }
}

impl Retold {
    fn add(&mut self, finding: Finding) {
        let list = if finding.forgiven.is_some() { &mut self.suppressed } else { &mut self.findings };
        list.push(finding);
    }

    /// Adds what was found in the names of refs.
    fn refs(&mut self, found: Vec<Finding>) {
        for mut finding in found {
            finding.provenance.reach = Some(finding::Reach::History);
            self.add(finding);
        }
    }
}

/// The same place in another life.
fn same<'a>(place: &Place, life: &'a Life) -> Option<&'a Place> {
    let is_it = |other: &&Place| other.path == place.path && (!place.path.is_empty() || other.object == place.object);
    life.places.iter().find(is_it)
}
