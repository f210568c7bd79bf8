//! Decides in which few lines a hook says what it stopped: what, and where.

use std::collections::BTreeSet;

use super::amount::Count;
use super::escape::escape;
use super::mask::mask;
use super::scene::place;
use super::text::describe;
use crate::finding::{Finding, Notice, Problem, Report};
use crate::rule::Severity;

/// A result in a few lines, for a terminal. Every secret is masked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Brief {
    /// How many credentials there are, or other findings, in words.
    pub found: String,
    /// Where they are, one place a line.
    pub places: Vec<String>,
    /// What was not scanned, in one line; empty if there is nothing.
    pub unscanned: String,
    /// What is wrong with the settings, in one line; empty if there is nothing.
    pub notice: String,
}

/// What `report` has at `fail_on` and above, with at most `most` lines of places.
pub fn brief(report: &Report, fail_on: Severity, most: usize) -> Brief {
    let counts: Vec<&Finding> = report.findings.iter().filter(|finding| finding.severity >= fail_on).collect();
    let is_secret = |finding: &&&Finding| !finding.rule.part.is_identifier();
    let credentials = report.credentials.iter().filter(|credential| credential.severity >= fail_on).count();
    let found = match (credentials, counts.len()) {
        (0, 0) => String::new(),
        (0, identifiers) => Count::of(identifiers, "SignalWire identifier").to_string(),
        (credentials, _) => Count::of(credentials, "SignalWire credential").to_string(),
    };
    // An identifier stands beside its secret more often than not, and says nothing that the secret does not.
    let shown: Vec<&Finding> =
        if credentials == 0 { counts } else { counts.iter().filter(is_secret).copied().collect() };
    let mut seen = BTreeSet::new();
    let mut places: Vec<String> = Vec::new();
    for finding in shown {
        let at = (&finding.name, finding.origin, finding.start.line, finding.provenance.commit.as_deref());
        if seen.insert(at) {
            places.push(format!("{}  {} {}", place(finding), describe(finding), escape(&finding.shown())));
        }
    }
    if places.len() > most {
        let more = places.len() - (most - 1);
        places.truncate(most - 1);
        places.push(format!("and {}", Count::of(more, "more place")));
    }
    Brief { found, places, unscanned: unscanned(&report.coverage.problems), notice: notice(&report.notices) }
}

fn unscanned(problems: &[Problem]) -> String {
    let Some(Problem { path, kind, detail }) = problems.first() else { return String::new() };
    let count = Count::of(problems.len(), "thing");
    let detail = if detail.is_empty() { kind.as_str() } else { detail };
    let (path, detail) = (mask(path), mask(detail));
    let first = if problems.len() == 1 { ": " } else { ", first " };
    format!("{count} could not be scanned{first}{} ({})", escape(&path), escape(&detail))
}

fn notice(notices: &[Notice]) -> String {
    let Some(Notice { path, line, message }) = notices.first() else { return String::new() };
    let line = line.map(|line| format!(":{line}")).unwrap_or_default();
    let more = match notices.len() {
        1 => String::new(),
        all => format!(" (and {} more)", all - 1),
    };
    format!("{}{line}: {}{more}", escape(&mask(path)), escape(&mask(message)))
}
