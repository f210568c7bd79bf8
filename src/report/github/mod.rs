//! Decides how a report is written for a step of GitHub Actions: as commands that mark places, and as a summary.
//!
//! <https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands>. No secret and no part of one
//! is written, whatever is asked for.

mod summary;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::io::{self, Write};

pub(super) use summary::write as write_summary;

use super::amount::Count;
use super::escape::escape;
use super::mask::mask;
use super::notes::summary as words;
use super::place;
use super::subject::{self, Rank, Subject};
use crate::finding::Finding;

/// How many marks of a kind GitHub shows for a step; the rest is dropped without a word.
const MOST_MARKS: usize = 10;

/// How many things that could not be scanned one mark names.
const FEW_PROBLEMS: usize = 5;

/// Writes one command a finding, as many as are shown, and the sum of it all in a line.
pub(super) fn write(subject: &Subject<'_>, out: &mut dyn Write) -> io::Result<()> {
    let report = subject.report;
    let mut marks: BTreeMap<Rank, Vec<String>> = BTreeMap::new();
    if let Some(gap) = gap(subject) {
        marks.entry(Rank::Error).or_default().push(gap);
    }
    for (index, finding) in shown(subject) {
        let rank = Rank::of(finding.severity);
        marks.entry(rank).or_default().push(mark(subject, index, finding));
    }
    for notice in &report.notices {
        let line = notice.line.map(|line| format!(",line={line}")).unwrap_or_default();
        let place = format!("file={}{line},title=barewire", property(&mask(&notice.path)));
        marks.entry(Rank::Warning).or_default().push(format!("{place}::{}", data(&mask(&notice.message))));
    }
    let mut more = 0;
    for (rank, marks) in &marks {
        for mark in marks.iter().take(MOST_MARKS) {
            writeln!(out, "::{} {mark}", command(*rank))?;
        }
        more += marks.len().saturating_sub(MOST_MARKS);
    }
    if more > 0 {
        writeln!(out, "barewire: {} not marked: GitHub shows {MOST_MARKS} of a kind", Count::of(more, "more place"))?;
    }
    let whole = if report.coverage.is_complete() { "" } else { "INCOMPLETE: " };
    writeln!(out, "barewire: {whole}{}", words(report, None))
}

/// What is told one by one. An identifier that belongs to a credential is told with it.
fn shown<'a>(subject: &Subject<'a>) -> impl Iterator<Item = (usize, &'a Finding)> {
    let all = subject.report.findings.iter().enumerate();
    all.filter(|(index, finding)| !finding.rule.part.is_identifier() || subject.owner(*index).is_none())
}

fn command(rank: Rank) -> &'static str {
    match rank {
        Rank::Error => "error",
        Rank::Warning => "warning",
        Rank::Note => "notice",
    }
}

/// What a mark says, and where: everything behind the name of the command.
fn mark(subject: &Subject<'_>, index: usize, finding: &Finding) -> String {
    let file = place::file(finding, subject.run);
    let path = file.as_ref().map(|route| format!("file={},", property(&route.text())));
    let lines = place::lines(finding).filter(|_| file.is_some());
    let lines = lines.map(|(start, end)| format!("line={start},endLine={end},"));
    // The end of a mark is the last column itself.
    let columns = place::columns(finding).filter(|_| file.is_some());
    let columns = columns.map(|(start, end)| format!("col={start},endColumn={},", end - 1));
    let place: String = [path, lines, columns].into_iter().flatten().collect();
    let inside = match (&file, finding.provenance.commit.as_deref()) {
        (None, _) => format!(" in {}", mask(&finding.name.to_text())),
        (Some(_), Some(commit)) => format!(" in commit {commit}"),
        (Some(_), None) => String::new(),
    };
    let remedy = mask(&finding.rule.remedy);
    let stop = if remedy.is_empty() { "" } else { ". " };
    let text = format!("{}{inside}{stop}{remedy}", subject.title(index, finding));
    format!("{place}title={}::{}", property(&finding.rule.id), data(&text))
}

/// That not all was scanned.
fn gap(subject: &Subject<'_>) -> Option<String> {
    let problems = &subject.report.coverage.problems;
    let mut named: Vec<_> = problems.iter().take(FEW_PROBLEMS).map(subject::problem).collect();
    if problems.len() > FEW_PROBLEMS {
        named.push(format!("and {} more", problems.len() - FEW_PROBLEMS));
    }
    let said = format!("{} could not be scanned: {}", Count::of(problems.len(), "thing"), named.join("; "));
    (!problems.is_empty()).then(|| format!("title=barewire%3A incomplete::{}", data(&said)))
}

/// A text as what a command says. A line feed would end the command, so it is made visible like all that a terminal
/// acts on.
fn data(text: &str) -> String {
    escape(text).replace('%', "%25").replace("##[", "##%5B")
}

/// A text as a property of a command.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
