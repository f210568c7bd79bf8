//! Decides what all formats for other programs have in common: what is said of a finding, how bad it is in their
//! words, and what it is known by from one report to the next.

use std::collections::BTreeMap;

use super::Run;
use super::json::is_guessable;
use super::mask::mask;
use crate::blob::Name;
use crate::finding::{Credential, Finding, Fingerprint, Grade, Notice, Problem, Report, Verdict};
use crate::rule::{Part, Severity};
use crate::secret::Secret;

/// A report and the run that it is of, with what has to be looked up for each finding.
pub(super) struct Subject<'a> {
    /// What was found.
    pub(super) report: &'a Report,
    /// When and where.
    pub(super) run: &'a Run,
    owners: BTreeMap<usize, &'a Credential>,
    identifiers: BTreeMap<(Part, String), BTreeMap<&'a Name, &'a Finding>>,
}

impl<'a> Subject<'a> {
    /// Looks up what there is.
    pub(super) fn new(report: &'a Report, run: &'a Run) -> Self {
        let mut owners = BTreeMap::new();
        for credential in &report.credentials {
            for &index in &credential.findings {
                owners.entry(index).or_insert(credential);
            }
        }
        let mut identifiers: BTreeMap<_, BTreeMap<_, _>> = BTreeMap::new();
        for finding in report.findings.iter().filter(|finding| finding.rule.part.is_identifier()) {
            let key = (finding.rule.part, finding.shown().to_lowercase());
            identifiers.entry(key).or_default().entry(&*finding.name).or_insert(finding);
        }
        Self { report, run, owners, identifiers }
    }

    /// The credential that the finding with this index belongs to.
    pub(super) fn owner(&self, index: usize) -> Option<&'a Credential> {
        self.owners.get(&index).copied()
    }

    /// Where the Project ID and the Space of the finding's credential stand: in its own file, if they do so there.
    pub(super) fn parts(&self, index: usize) -> Vec<&'a Finding> {
        let (Some(finding), Some(credential)) = (self.report.findings.get(index), self.owner(index)) else {
            return Vec::new();
        };
        if finding.rule.part.is_identifier() {
            return Vec::new();
        }
        let of = |part, value: &Option<String>| {
            let files = self.identifiers.get(&(part, value.as_ref()?.to_lowercase()))?;
            files.get(&*finding.name).or_else(|| files.values().next()).copied()
        };
        [of(Part::Project, &credential.project), of(Part::Space, &credential.space)].into_iter().flatten().collect()
    }

    /// One line that says what was found: `SignalWire API token with its Project ID and Space (usable)`.
    pub(super) fn title(&self, index: usize, finding: &Finding) -> String {
        let what = describe(finding);
        let owner = self.owner(index);
        let state = state(finding, owner);
        match (finding.rule.part, owner.map(|credential| credential.grade)) {
            (part, _) if part.is_identifier() => format!("{what} {}", mask(&finding.shown())),
            (Part::Token, Some(grade)) => {
                let with = match grade {
                    Grade::Usable => " with its Project ID and Space",
                    Grade::TokenAndProject => " with its Project ID",
                    Grade::TokenOnly => "",
                };
                let state = state.map(|state| format!(", {state}")).unwrap_or_default();
                format!("{what}{with} ({}{state})", grade.as_str())
            }
            _ => state.map_or_else(|| what.clone(), |state| format!("{what} ({state})")),
        }
    }
}

/// What is known for certain of a secret's state; its own words come first.
pub(super) fn state(finding: &Finding, owner: Option<&Credential>) -> Option<&'static str> {
    let asked = owner.and_then(|owner| owner.verification.as_deref()).map(|verification| verification.verdict);
    [finding.verdict, asked]
        .into_iter()
        .flatten()
        .find(|verdict| matches!(verdict, Verdict::Expired | Verdict::Alive | Verdict::Dead))
        .map(Verdict::as_str)
}

/// What speaks for the verdict on a credential, in one line without any secret.
pub(super) fn evidence(owner: Option<&Credential>) -> Option<String> {
    let verification = owner?.verification.as_deref()?;
    let evidence: Vec<_> = verification.evidence.iter().map(|text| mask(text)).collect();
    (!evidence.is_empty()).then(|| format!("{}: {}", verification.verdict.as_str(), evidence.join("; ")))
}

/// What the finding's rule says it is, without any part of the value.
pub(super) fn describe(finding: &Finding) -> String {
    let rule = &finding.rule;
    mask(if rule.description.is_empty() { &rule.id } else { &rule.description }).into_owned()
}

/// How other programs rank what is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Rank {
    /// Critical and high.
    Error,
    /// Medium and low.
    Warning,
    /// For information.
    Note,
}

impl Rank {
    /// The rank of a severity.
    pub(super) fn of(severity: Severity) -> Self {
        match severity {
            Severity::Critical | Severity::High => Self::Error,
            Severity::Medium | Severity::Low => Self::Warning,
            Severity::Info => Self::Note,
        }
    }
}

/// What a problem is called in one line: `a.bin: oversize (50 of 95 bytes were scanned)`.
pub(super) fn problem(problem: &Problem) -> String {
    let detail = if problem.detail.is_empty() { String::new() } else { format!(" ({})", mask(&problem.detail)) };
    format!("{}: {}{detail}", mask(&problem.path), problem.kind.as_str())
}

/// What a notice says in one line: `.barewire.toml:4: this entry has expired`.
pub(super) fn notice(notice: &Notice) -> String {
    let line = notice.line.map(|line| format!(":{line}")).unwrap_or_default();
    format!("{}{line}: {}", mask(&notice.path), mask(&notice.message))
}

/// Names findings of guessable values: by rule, path and masked line, never by the value.
#[derive(Debug, Default)]
pub(super) struct Known(BTreeMap<String, u64>);

/// What a finding is known by.
pub(super) enum Mark {
    /// Its value.
    Value(Fingerprint),
    /// Its place: the digest of its rule, its path, its masked line, and how many such were there before.
    Place(Fingerprint),
}

impl Known {
    /// What `finding` is known by. Findings must be asked for in the order of the report.
    pub(super) fn mark(&mut self, finding: &Finding) -> Mark {
        if !is_guessable(finding) {
            return Mark::Value(finding.fingerprint());
        }
        let line = format!("{}\n{}", finding.name.to_text(), finding.excerpt.text);
        let rule = format!("line of {}", finding.rule.id);
        let nth = self.0.entry(format!("{rule}\n{line}")).or_default();
        *nth += 1;
        Mark::Place(Fingerprint::of(&rule, &Secret::new(format!("{line}\n{nth}"))))
    }
}
