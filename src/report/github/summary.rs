//! Decides how the summary of a step is written, in Markdown.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{self, Write};

use super::shown;
use crate::finding::Finding;
use crate::report::amount::Grouped;
use crate::report::escape::escape;
use crate::report::mask::mask;
use crate::report::notes::summary as words;
use crate::report::place;
use crate::report::subject::{self, Subject, describe};

/// How many rows a list has. With the next two it keeps a summary under 1 MiB, which is all that a step may write.
const MOST_ROWS: usize = 100;

/// How long a text in a list may be, in characters.
const MOST_CHARACTERS: usize = 200;

/// How long advice may be, in characters.
const MOST_ADVICE: usize = 1_000;

/// How many kinds of secret are explained.
const MOST_RULES: usize = 50;

/// Writes the summary.
pub(in crate::report) fn write(subject: &Subject<'_>, out: &mut dyn Write) -> io::Result<()> {
    let report = subject.report;
    let whole = if report.coverage.is_complete() { "" } else { "INCOMPLETE, " };
    writeln!(out, "## barewire\n\n**{whole}{}**\n", text(&words(report, None)))?;
    let findings: Vec<_> = shown(subject).collect();
    if !findings.is_empty() {
        writeln!(out, "| severity | what | where |\n|---|---|---|")?;
        for (index, finding) in findings.iter().take(MOST_ROWS) {
            let what = text(&subject.title(*index, finding));
            writeln!(out, "| {} | {what} | {} |", finding.severity.as_str(), text(&whereabouts(subject, finding)))?;
        }
        rest(findings.len(), out)?;
    }
    advise(findings.iter().map(|(_, finding)| *finding), out)?;
    list("Not scanned", report.coverage.problems.iter().map(subject::problem), out)?;
    list("Settings", report.notices.iter().map(subject::notice), out)?;
    let reasons = report.suppressed_by_reason().into_iter();
    list("Suppressed", reasons.map(|(reason, count)| format!("{} {}", Grouped(count), reason.as_str())), out)
}

fn whereabouts(subject: &Subject<'_>, finding: &Finding) -> String {
    let mut said = match place::file(finding, subject.run) {
        Some(route) => route.text(),
        None => mask(&finding.name.to_text()).into_owned(),
    };
    if let Some((line, _)) = place::lines(finding) {
        // Writing to a string cannot fail.
        let _ = write!(said, ":{line}");
    }
    if let Some(commit) = finding.provenance.commit.as_deref() {
        let _ = write!(said, " in {}", commit.get(..12).unwrap_or(commit));
    }
    said
}

/// How each kind of secret is made worthless.
fn advise<'a>(findings: impl Iterator<Item = &'a Finding>, out: &mut dyn Write) -> io::Result<()> {
    let remedies: BTreeMap<_, _> =
        findings.filter(|finding| !finding.rule.remedy.is_empty()).map(|finding| (&finding.rule.id, finding)).collect();
    if remedies.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n### What to do\n")?;
    for finding in remedies.values().take(MOST_RULES) {
        writeln!(out, "- {}: {}", text(&describe(finding)), cut(&finding.rule.remedy, MOST_ADVICE))?;
    }
    Ok(())
}

fn list(title: &str, lines: impl Iterator<Item = String>, out: &mut dyn Write) -> io::Result<()> {
    let lines: Vec<_> = lines.collect();
    if lines.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n### {title}\n")?;
    for line in lines.iter().take(MOST_ROWS) {
        writeln!(out, "- {}", text(line))?;
    }
    rest(lines.len(), out)
}

fn rest(count: usize, out: &mut dyn Write) -> io::Result<()> {
    if count > MOST_ROWS { writeln!(out, "\nand {} more", Grouped((count - MOST_ROWS) as u64)) } else { Ok(()) }
}

/// A text that Markdown and HTML take for nothing but text, cut to a bearable length.
fn text(text: &str) -> String {
    cut(text, MOST_CHARACTERS)
}

fn cut(text: &str, most: usize) -> String {
    let masked = mask(text);
    let visible = escape(&masked);
    let mut written = String::with_capacity(visible.len());
    for (at, character) in visible.chars().enumerate() {
        if at == most {
            written.push_str("...");
            break;
        }
        if character.is_ascii_punctuation() && !matches!(character, '.' | ',' | '/' | ';' | '-' | '(' | ')') {
            // Writing to a string cannot fail.
            let _ = write!(written, "&#{};", u32::from(character));
        } else {
            written.push(character);
        }
    }
    written
}
