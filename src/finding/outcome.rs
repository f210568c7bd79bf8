//! Decides how results travel: a scan pushes events into a sink and never knows who listens.

use std::collections::BTreeMap;

use super::{Credential, Finding, GitCoverage, Reason};

/// What a scan tells its sink.
#[derive(Debug)]
pub enum Event<'a> {
    /// The work is known: this many things are to be scanned.
    Listed(u64),
    /// This many more are done.
    Scanned(u64),
    /// All is done.
    Finished(&'a Report),
}

/// Something that listens to a scan.
pub trait Sink {
    /// Takes one event.
    ///
    /// # Errors
    /// What writing the event somewhere brought up.
    fn receive(&mut self, event: &Event<'_>) -> std::io::Result<()>;
}

/// The whole result of a scan, in its fixed order.
#[derive(Debug, Default)]
pub struct Report {
    /// What was asked for, as typed.
    pub target: String,
    /// The digest of the rules.
    pub rules_digest: String,
    /// What belongs together; the worst first.
    pub credentials: Vec<Credential>,
    /// What was found and not forgiven.
    pub findings: Vec<Finding>,
    /// What was found and forgiven.
    pub suppressed: Vec<Finding>,
    /// How many values more each reason forgave, where they are so many that only their number is kept.
    pub suppressed_values: BTreeMap<Reason, u64>,
    /// What was looked at, and what was not.
    pub coverage: Coverage,
    /// What the findings were compared with.
    pub comparison: Comparison,
    /// What somebody should know of the settings that were used, and what changes no result; in order.
    pub notices: Vec<Notice>,
}

/// What the findings of a report were compared with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Comparison {
    /// With nothing: of no finding it is known whether it is new.
    #[default]
    None,
    /// With a baseline: what is reported is new, what it forgave is not.
    Baseline,
}

/// Something that is wrong with a setting and did not keep anything from being scanned: an entry that has expired, or
/// that nothing in the scan needed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Notice {
    /// The file that the setting stands in, as reports show it; not escaped for a terminal.
    pub path: String,
    /// The line, from 1, if there is one to name.
    pub line: Option<u64>,
    /// What is wrong, and what to do about it; one sentence that holds no secret.
    pub message: String,
}

impl Report {
    /// How many findings each reason forgave.
    pub fn suppressed_by_reason(&self) -> BTreeMap<Reason, u64> {
        let mut counts = self.suppressed_values.clone();
        for forgiveness in self.suppressed.iter().filter_map(|finding| finding.forgiven.as_ref()) {
            *counts.entry(forgiveness.reason).or_default() += 1;
        }
        counts
    }
}

/// What a scan looked at, and what it could not look at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Coverage {
    /// Files, or other whole things, that were scanned to their end.
    pub files: u64,
    /// Bytes that were scanned.
    pub bytes: u64,
    /// Links that were not followed.
    pub links: u64,
    /// Sockets, pipes and devices, which have no content to scan.
    pub special: u64,
    /// What was left out on request (`--exclude`).
    pub excluded: u64,
    /// What ignore files left out; a folder counts once.
    pub ignored: u64,
    /// Commits of a range, if one was asked for.
    pub commits: Option<u64>,
    /// What there was in a repository, if one was looked at.
    pub git: Option<GitCoverage>,
    /// What should have been scanned and was not; ordered.
    pub problems: Vec<Problem>,
}

impl Coverage {
    /// Whether all that was asked for was scanned.
    pub fn is_complete(&self) -> bool {
        self.problems.is_empty()
    }
}

/// Something that should have been scanned and was not, or not to its end.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// The path as reports show it; not escaped for a terminal.
    pub path: String,
    /// What happened.
    pub kind: ProblemKind,
    /// What the system said, or what the limit was.
    pub detail: String,
}

/// What kept something from being scanned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ProblemKind {
    /// It could not be opened or read.
    Unreadable,
    /// It was listed and then was no longer there.
    Vanished,
    /// Its size changed while it was read.
    Changed,
    /// It is larger than the limit; the rest was not scanned.
    Oversize,
    /// It is damaged.
    Damaged,
    /// Something refers to it, and it is not there.
    Missing,
    /// A shallow clone ends there.
    Shallow,
    /// The scan of it failed inside this program.
    Failed,
}

impl ProblemKind {
    /// The word that reports use.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Unreadable => "unreadable",
            Self::Vanished => "vanished",
            Self::Changed => "changed",
            Self::Oversize => "oversize",
            Self::Damaged => "damaged",
            Self::Missing => "missing",
            Self::Shallow => "shallow",
            Self::Failed => "failed",
        }
    }
}
