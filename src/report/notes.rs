//! Decides what a person is told beside the results: what could not be scanned, and the summary.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::time::Duration;

use anstyle::{AnsiColor, Effects, Style};

use super::amount::{Bytes, Count, Grouped};
use super::escape::escape;
use super::mask::mask;
use super::text::loners;
use super::{Detail, Layout, Paint};
use crate::finding::{Coverage, GitCoverage, Notice, Problem, Report};
use crate::rule::Severity;

/// How many problems a brief report lists.
const FEW_PROBLEMS: usize = 20;

/// Where a text report's problems and summary go.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Notes {
    /// Somewhere else, such as standard error; see [`notes`].
    #[default]
    Apart,
    /// To the end of the report.
    Included,
}

/// Writes what is wrong with the settings, what could not be scanned, and the summary. `elapsed` is how long the scan took, if that is to be said.
///
/// # Errors
/// Those of `out`.
pub fn notes(report: &Report, layout: Layout, elapsed: Option<Duration>, out: &mut dyn Write) -> io::Result<()> {
    for Notice { path, line, message } in &report.notices {
        let line = line.map(|line| format!(":{line}")).unwrap_or_default();
        writeln!(out, "warning: {}{line}: {}", escape(&mask(path)), escape(&mask(message)))?;
    }
    problems(report, layout, out)?;
    writeln!(out, "{}", summary(report, elapsed))?;
    if is_empty(&report.coverage) && report.coverage.ignored > 0 {
        writeln!(out, "help: --no-ignore scans what ignore files leave out")?;
    }
    if is_empty(&report.coverage) && report.coverage.excluded > 0 {
        writeln!(out, "help: --exclude left out what could have been scanned")?;
    }
    Ok(())
}

/// Writes what could not be scanned, if there is anything.
///
/// # Errors
/// Those of `out`.
pub fn problems(report: &Report, layout: Layout, out: &mut dyn Write) -> io::Result<()> {
    let problems = &report.coverage.problems;
    if problems.is_empty() {
        return Ok(());
    }
    let most = match layout.detail {
        Detail::Brief => FEW_PROBLEMS,
        Detail::Full => problems.len(),
    };
    let mut kinds: BTreeMap<_, Vec<&Problem>> = BTreeMap::new();
    for problem in problems.iter().take(most) {
        kinds.entry(problem.kind).or_default().push(problem);
    }
    for (kind, problems) in kinds {
        writeln!(out, "{}:", kind.as_str())?;
        for problem in problems {
            let detail = match &*problem.detail {
                "" => String::new(),
                detail => format!(" ({})", escape(&mask(detail))),
            };
            // A step of GitHub Actions takes a line that begins like that for a command.
            let start = if problem.path.starts_with("::") { "./" } else { "" };
            writeln!(out, "  {start}{}{detail}", escape(&mask(&problem.path)))?;
        }
    }
    if problems.len() > most {
        writeln!(out, "  and {} more (-v lists them all)", Grouped((problems.len() - most) as u64))?;
    }
    let style = match layout.paint {
        Paint::Plain => Style::new(),
        Paint::Styled => AnsiColor::BrightRed.on_default().effects(Effects::BOLD),
    };
    writeln!(out, "{style}INCOMPLETE{style:#}: {} could not be scanned", Count::of(problems.len(), "thing"))
}

/// Whether there was nothing to scan. That is no error, but it is seldom what was meant.
fn is_empty(coverage: &Coverage) -> bool {
    coverage.files == 0 && coverage.is_complete()
}

/// One line: what was found, what was scanned, what was left out.
pub(super) fn summary(report: &Report, elapsed: Option<Duration>) -> String {
    let coverage = &report.coverage;
    let time = elapsed.map(|elapsed| format!(" in {:.2} s", elapsed.as_secs_f64())).unwrap_or_default();
    let size = if coverage.bytes == 0 { String::new() } else { format!(", {}", Bytes(coverage.bytes)) };
    let nothing = if is_empty(coverage) { ": nothing was looked at" } else { "" };
    let things = match (&coverage.git, coverage.commits) {
        (Some(git), _) => format!("{} in {}", Count(git.blobs, "blob"), Count(git.commits, "commit")),
        (None, Some(commits)) => format!("{} in {}", Count(coverage.files, "file"), Count(commits, "commit")),
        (None, None) => Count(coverage.files, "file").to_string(),
    };
    let scanned = format!("{things}{size} scanned{time}{nothing}");
    let mut parts = vec![found(report), scanned];
    parts.extend(coverage.git.iter().flat_map(elsewhere));
    if coverage.links > 0 {
        parts.push(format!("{} not followed", Count(coverage.links, "link")));
    }
    if coverage.special > 0 {
        parts.push(format!("{} without content", Count(coverage.special, "special file")));
    }
    if coverage.excluded > 0 {
        parts.push(format!("{} excluded", Grouped(coverage.excluded)));
    }
    if coverage.ignored > 0 {
        parts.push(format!("{} ignored", Grouped(coverage.ignored)));
    }
    parts.extend(suppressed(report));
    parts.join("; ")
}

/// What a repository refers to and does not hold.
fn elsewhere(git: &GitCoverage) -> Vec<String> {
    let kinds = [(git.lfs_pointers, "LFS pointer", "not followed"), (git.submodules, "submodule", "not entered")];
    let met = kinds.into_iter().filter(|(count, ..)| *count > 0);
    met.map(|(count, noun, fate)| format!("{} {fate}", Count(count, noun))).collect()
}

fn found(report: &Report) -> String {
    let mut found = Vec::new();
    if report.credentials.is_empty() {
        let whole = if report.coverage.is_complete() { "" } else { " in what was scanned" };
        found.push(format!("No SignalWire credentials found{whole}"));
    } else {
        let mut severities: BTreeMap<_, u64> = BTreeMap::new();
        for credential in &report.credentials {
            *severities.entry(credential.severity).or_default() += 1;
        }
        let each = |(severity, count): (&Severity, &u64)| format!("{} {}", Grouped(*count), severity.as_str());
        let severities: Vec<_> = severities.iter().rev().map(each).collect();
        found.push(format!("{} ({})", Count::of(report.credentials.len(), "credential"), severities.join(", ")));
    }
    match loners(report).len() {
        0 => {}
        identifiers => found.push(Count::of(identifiers, "identifier").to_string()),
    }
    found.join(", ")
}

fn suppressed(report: &Report) -> Option<String> {
    let reasons = report.suppressed_by_reason();
    let total: u64 = reasons.values().sum();
    let each = |(reason, count): (&crate::finding::Reason, &u64)| format!("{} {}", Grouped(*count), reason.as_str());
    let reasons: Vec<_> = reasons.iter().map(each).collect();
    (total > 0).then(|| format!("{} suppressed ({})", Grouped(total), reasons.join(", ")))
}
