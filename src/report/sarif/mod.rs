//! Decides how a report is written as SARIF 2.1.0, for code scanning.
//!
//! <https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/sarif-v2.1.0-errata01-os-complete.html>, and of it what
//! GitHub reads: <https://docs.github.com/en/code-security/code-scanning/integrating-with-code-scanning/sarif-support>.
//! No secret and no part of one is written, no line of a file, and no person, whatever is asked for.

mod result;
mod rules;
#[cfg(test)]
mod tests;

use std::io::{self, Write};

use serde_json::{Map, Value, json};

use super::Forgiven;
use super::escape::escape_json;
use super::subject::{self, Known, Subject};
use crate::finding::{Comparison, Report};
use result::Teller;
use rules::Rules;

const SCHEMA: &str = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// Where the tool is described.
const HOME: &str =
    if env!("CARGO_PKG_REPOSITORY").is_empty() { "https://example.com/barewire" } else { env!("CARGO_PKG_REPOSITORY") };

/// How many results a run may have; code scanning refuses more.
const MOST_RESULTS: usize = 25_000;

/// How many things that could not be scanned are told one by one.
const MOST_PROBLEMS: usize = 1_000;

/// What relative URIs are relative to.
const BASE: &str = "%SRCROOT%";

/// Writes one log of one run.
pub(super) fn write(subject: &Subject<'_>, forgiven: Forgiven, out: &mut dyn Write) -> io::Result<()> {
    let log = json!({ "$schema": SCHEMA, "version": "2.1.0", "runs": [run(subject, forgiven)] });
    writeln!(out, "{}", escape_json(&serde_json::to_string(&log)?))
}

fn run(subject: &Subject<'_>, forgiven: Forgiven) -> Value {
    let report = subject.report;
    let listed = if forgiven == Forgiven::Listed { &*report.suppressed } else { &[] };
    let rules = Rules::new(report.findings.iter().chain(listed));
    let mut teller = Teller { subject, rules: &rules, known: Known::default() };
    let all = report.findings.len() + listed.len();
    let found = report.findings.iter().enumerate().map(|(index, finding)| teller.found(index, finding));
    let mut results: Vec<Value> = found.take(MOST_RESULTS).collect();
    let room = MOST_RESULTS - results.len();
    results.extend(listed.iter().take(room).map(|finding| teller.forgiven(finding)));
    json!({
        "tool": { "driver": {
            "name": env!("CARGO_PKG_NAME"),
            "version": env!("CARGO_PKG_VERSION"),
            "semanticVersion": env!("CARGO_PKG_VERSION"),
            "informationUri": HOME,
            "rules": rules.to_json(),
            "properties": { "rulesHash": report.rules_digest },
        }},
        "columnKind": "utf16CodeUnits",
        "originalUriBaseIds": { BASE: { "description": {
            "text": "The folder that the scan was started in, or the root of the repository.",
        }}},
        "invocations": [{
            "executionSuccessful": report.coverage.is_complete(),
            "toolExecutionNotifications": notifications(report, all - results.len()),
        }],
        "results": results,
        "properties": properties(report),
    })
}

/// What could not be scanned, what is wrong with the settings, and how many results had no room.
fn notifications(report: &Report, cut: usize) -> Vec<Value> {
    let tell = |level: &str, id: &str, text: String| json!({ "level": level, "descriptor": { "id": id }, "message": { "text": text } });
    let problems = &report.coverage.problems;
    let mut told: Vec<Value> = problems
        .iter()
        .take(MOST_PROBLEMS)
        .map(|problem| tell("error", problem.kind.as_str(), format!("Not scanned: {}", subject::problem(problem))))
        .collect();
    if problems.len() > MOST_PROBLEMS {
        let more = problems.len() - MOST_PROBLEMS;
        told.push(tell("error", "incomplete", format!("{more} more things could not be scanned")));
    }
    told.extend(report.notices.iter().map(|notice| tell("warning", "settings", subject::notice(notice))));
    if cut > 0 {
        told.push(tell(
            "error",
            "results",
            format!("{cut} more results are not listed: a run has {MOST_RESULTS} at most"),
        ));
    }
    told
}

fn properties(report: &Report) -> Value {
    let coverage = &report.coverage;
    let suppressed = report.suppressed_by_reason();
    let suppressed: Map<String, Value> =
        suppressed.into_iter().map(|(reason, count)| (reason.as_str().to_owned(), count.into())).collect();
    json!({
        "target": super::mask::mask(&report.target),
        "complete": coverage.is_complete(),
        "files": coverage.files,
        "bytes": coverage.bytes,
        "links": coverage.links,
        "special": coverage.special,
        "excluded": coverage.excluded,
        "ignored": coverage.ignored,
        "notScanned": coverage.problems.len(),
        "suppressed": suppressed,
        "comparedWithBaseline": report.comparison == Comparison::Baseline,
    })
}
