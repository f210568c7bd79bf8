//! Decides what the configuration and the baseline forgive, and what of them is out of date.
//!
//! All entries are asked, not only until one forgives: so it is known of each whether anything needed it.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use super::{Baseline, BaselineEntry, Day, PathGlob, Viewpoint};
use crate::blob::{Name, Origin};
use crate::finding::{Comparison, Finding, Fingerprint, Forgiveness, Notice, Reason};
use crate::rule::RuleSet;

/// Of how many paths it is kept in mind which entries mean them. When there are more, all are forgotten.
const MOST_PATHS: usize = 1 << 10;

/// An entry of the configuration. What it forgives meets all criteria that are given.
#[derive(Clone, Debug)]
pub struct Allow {
    /// The paths at which it forgives; at every place if there are none.
    pub paths: Vec<PathGlob>,
    /// The ids of the rules whose findings it forgives; those of all if there are none.
    pub rules: Vec<Box<str>>,
    /// The values that it forgives; all if there are none.
    pub fingerprints: Vec<Fingerprint>,
    /// Why.
    pub reason: Box<str>,
    /// Who answers for it.
    pub owner: Option<Box<str>>,
    /// The last day on which it forgives.
    pub expires: Option<Day>,
    /// The file that it stands in, as reports show it.
    pub file: Box<str>,
    /// Its line there, from 1.
    pub line: u64,
}

impl Allow {
    /// Whether it forgives whatever is found in a file.
    fn is_everything(&self) -> bool {
        let paths = self.paths.is_empty() || self.paths.iter().any(PathGlob::is_everything);
        paths && self.rules.is_empty() && self.fingerprints.is_empty()
    }

    fn notice(&self, message: String) -> Notice {
        Notice { path: self.file.to_string(), line: Some(self.line), message }
    }

    /// What is said of the finding that it forgives.
    fn by(&self) -> Box<str> {
        let owner = self.owner.as_ref().map(|owner| format!(" ({owner})")).unwrap_or_default();
        format!("{}:{}: {}{owner}", self.file, self.line, self.reason).into()
    }
}

/// How much a scan sees of what the settings speak of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sight {
    /// A part: what is staged, a range, some files, or not all that was asked for.
    #[default]
    Part,
    /// All files of the working tree.
    Tree,
    /// All of a history.
    History,
}

/// Of which files settings speak.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Domain {
    /// Of those below the root: they are those of one repository, and another may be scanned beside it.
    Root,
    /// Of whatever is scanned: the user named them.
    All,
}

/// What forgives by the will of the user. It can be shared by threads.
#[derive(Default)]
pub struct Policy {
    today: Day,
    viewpoint: Viewpoint,
    sight: Sight,
    allows: Vec<Watched<Allow>>,
    baseline: Option<Watched<Baseline>>,
    /// Whether each entry of the baseline was met, or could not be, in their order.
    known: Vec<AtomicBool>,
    /// Which entries of the configuration mean a path, in their order. There may be many findings at a path, and many
    /// globs.
    met: Mutex<BTreeMap<Name, Arc<[bool]>>>,
    /// What was wrong with the settings before anything was scanned.
    remarks: Vec<Notice>,
}

/// A setting, and what became of it.
struct Watched<T> {
    setting: T,
    domain: Domain,
    needed: AtomicBool,
    /// Whether a fingerprint of it was that of a password, which does not count.
    guessable: AtomicBool,
}

impl<T> Watched<T> {
    fn new(setting: T, domain: Domain) -> Self {
        Self { setting, domain, needed: AtomicBool::new(false), guessable: AtomicBool::new(false) }
    }
}

impl Policy {
    /// A policy without settings, as of `today`, for a scan that sees this much and names things as `viewpoint` says.
    pub fn new(today: Day, viewpoint: Viewpoint, sight: Sight) -> Self {
        Self { today, viewpoint, sight, ..Self::default() }
    }

    /// Adds the entries of a configuration, which speak of `domain`.
    #[must_use]
    pub fn allow(mut self, allows: Vec<Allow>, domain: Domain) -> Self {
        self.allows.extend(allows.into_iter().map(|allow| Watched::new(allow, domain)));
        self
    }

    /// Adds a baseline, which speaks of `domain`, for a search by `rules`; one takes the place of another.
    #[must_use]
    pub fn compare(mut self, baseline: Baseline, domain: Domain, rules: &RuleSet) -> Self {
        // Of what no rule searches for nobody can say that it is not there.
        let is_unsought = |entry: &BaselineEntry| AtomicBool::new(rules.get(&entry.rule).is_none());
        self.known = baseline.entries().iter().map(is_unsought).collect();
        self.baseline = Some(Watched::new(baseline, domain));
        self
    }

    /// Adds what is known to be wrong with the settings.
    #[must_use]
    pub fn remark(mut self, notices: Vec<Notice>) -> Self {
        self.remarks.extend(notices);
        self
    }

    /// Whether the path of a finding has a say.
    pub(super) fn heeds_paths(&self) -> bool {
        self.active().any(|allow| !allow.setting.paths.is_empty())
    }

    /// What findings are compared with.
    pub(super) fn comparison(&self) -> Comparison {
        if self.baseline.is_some() { Comparison::Baseline } else { Comparison::None }
    }

    /// Why a finding is forgiven, if it is.
    pub(super) fn forgiveness(&self, finding: &Finding) -> Option<Forgiveness> {
        let path = self.viewpoint.path(&finding.name);
        let is_outside = path.is_none() && !finding.name.is_unknown();
        let speaks = |domain| !is_outside || domain == Domain::All;
        let path = path.filter(|_| is_file(finding.origin));
        let met = path.filter(|_| self.heeds_paths()).map(|path| self.met(path));
        let mut forgiven = None;
        for (at, allow) in self.allows.iter().enumerate().filter(|(_, allow)| self.is_active(allow)) {
            let meets_path = met.as_ref().is_some_and(|met| met[at]);
            let meets_path = allow.setting.paths.is_empty() || meets_path;
            if speaks(allow.domain) && meets_path && allows(allow, finding) {
                allow.needed.store(true, Ordering::Relaxed);
                forgiven.get_or_insert_with(|| Forgiveness { reason: Reason::Config, by: allow.setting.by() });
            }
        }
        let known = self.baseline.as_ref().filter(|baseline| speaks(baseline.domain)).and_then(|baseline| {
            let (at, entry) = baseline.setting.find(finding)?;
            let is_active = entry.expires.is_none_or(|last| self.today <= last);
            self.known.get(at)?.store(true, Ordering::Relaxed);
            is_active.then(|| Forgiveness { reason: Reason::Baseline, by: baseline.setting.by(entry) })
        });
        forgiven.or(known)
    }

    /// Which entries mean a path, in their order.
    fn met(&self, path: Name) -> Arc<[bool]> {
        if let Some(met) = self.met.lock().unwrap_or_else(PoisonError::into_inner).get(&path) {
            return Arc::clone(met);
        }
        let meets = |allow: &Watched<Allow>| allow.setting.paths.iter().any(|glob| glob.matches(path.as_bytes()));
        let met: Arc<[bool]> = self.allows.iter().map(meets).collect();
        let mut all = self.met.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= MOST_PATHS {
            all.clear();
        }
        all.insert(path, Arc::clone(&met));
        met
    }

    /// The entries that have not expired.
    fn active(&self) -> impl Iterator<Item = &Watched<Allow>> {
        self.allows.iter().filter(|allow| self.is_active(allow))
    }

    fn is_active(&self, allow: &Watched<Allow>) -> bool {
        allow.setting.expires.is_none_or(|last| self.today <= last)
    }

    /// What somebody should know of the settings after a scan that saw `seen`, or less if it was to see less; in order.
    pub(super) fn notices(&self, seen: Sight) -> Vec<Notice> {
        let sight = seen.min(self.sight);
        let mut notices = self.remarks.clone();
        for allow in &self.allows {
            let setting = &allow.setting;
            if let Some(last) = setting.expires.filter(|last| *last < self.today) {
                notices.push(setting.notice(format!(
                    "this entry expired on {last} and forgives nothing any more; remove it, or give it a later day"
                )));
                continue;
            }
            if setting.is_everything() {
                notices.push(setting.notice("this entry forgives whatever is found in files".to_owned()));
            }
            if allow.guessable.load(Ordering::Relaxed) {
                notices.push(setting.notice(
                    "a fingerprint here is that of a password, which it would help to guess, and does not count; allow a \
                     path and a rule, or use a baseline"
                        .to_owned(),
                ));
            } else if sight > Sight::Part && !allow.needed.load(Ordering::Relaxed) {
                notices.push(setting.notice(
                    "nothing that was found needs this entry; remove it, unless another scan needs it".to_owned(),
                ));
            }
        }
        notices.extend(self.baseline_notices(sight));
        notices.sort();
        notices
    }

    fn baseline_notices(&self, sight: Sight) -> Vec<Notice> {
        let Some(Watched { setting: baseline, .. }) = &self.baseline else { return Vec::new() };
        let has_expired = |last: Option<Day>| last.is_some_and(|last| last < self.today);
        let entries = baseline.entries();
        let expired = entries.iter().filter(|entry| has_expired(entry.expires)).count();
        let is_stale = |(at, known): (usize, &AtomicBool)| {
            !known.load(Ordering::Relaxed) && entries.get(at).is_some_and(|entry| !has_expired(entry.expires))
        };
        let stale = self.known.iter().enumerate().filter(|known| is_stale(*known)).count();
        let mut notices = Vec::new();
        let mut say = |count: usize, what: &str| {
            let entries = if count == 1 { "entry" } else { "entries" };
            let message = format!("{count} {entries} {what}");
            notices.push(Notice { path: baseline.file().to_owned(), line: None, message });
        };
        if expired > 0 {
            say(expired, "expired; `barewire baseline prune` removes what has");
        }
        if stale > 0 && sight == baseline.scope().needs() {
            say(stale, "not found by this scan; `barewire baseline prune` removes what none finds");
        }
        notices
    }
}

/// All that decides what is forgiven, as a digest; not what was needed.
impl fmt::Debug for Policy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut hasher = blake3::Hasher::new();
        let active: Vec<&Allow> = self.active().map(|allow| &allow.setting).collect();
        hasher.update(format!("{:?} {active:?}", self.viewpoint).as_bytes());
        if let Some(Watched { setting, .. }) = &self.baseline {
            // Another day changes nothing, unless something expires.
            let mut setting = setting.clone();
            setting.retain(|entry| entry.expires.is_none_or(|last| self.today <= last));
            hasher.update(setting.render().as_bytes());
        }
        write!(f, "Policy({})", &hasher.finalize().to_hex()[..16])
    }
}

/// Whether an entry forgives a finding that is at a path of its own.
fn allows(allow: &Watched<Allow>, finding: &Finding) -> bool {
    let Allow { rules, fingerprints, .. } = &allow.setting;
    let meets_rule = rules.is_empty() || rules.iter().any(|rule| **rule == *finding.rule.id);
    if !meets_rule {
        return false;
    }
    if fingerprints.is_empty() {
        return true;
    }
    let is_known = fingerprints.contains(&finding.fingerprint());
    if is_known && finding.is_guessable() {
        allow.guessable.store(true, Ordering::Relaxed);
        return false;
    }
    is_known
}

/// Whether what was read is a file, or the name of one: nothing else has a path.
fn is_file(origin: Origin) -> bool {
    !matches!(origin, Origin::Message | Origin::Tag | Origin::Ref)
}
