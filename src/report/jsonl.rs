//! Decides how a report is written as lines of JSON, version 1: one thing a line, in the names of the other format for
//! programs. `schema/README.md` describes the lines.

use std::collections::BTreeMap;
use std::io::{self, Write};

use serde::Serialize;

use super::escape::escape_json;
use super::json::{V1Coverage, V1Credential, V1Finding, V1Problem, V1Report, V1Tool, ids};
use super::json_notice::V1Notice;
use super::{Layout, Reveal};
use crate::finding::Report;

/// One line. What it is comes first.
#[derive(Serialize)]
#[serde(tag = "type", rename_all = "kebab-case")]
enum V1Line<'a> {
    Scan { version: u8, tool: &'a V1Tool<'a>, target: &'a str, complete: bool },
    Credential(&'a V1Credential<'a>),
    Finding(&'a V1Finding<'a>),
    Problem(&'a V1Problem<'a>),
    Notice(&'a V1Notice<'a>),
    Summary(V1Summary<'a>),
}

/// The last line. A reader that does not see it has not seen all.
#[derive(Serialize)]
struct V1Summary<'a> {
    complete: bool,
    credentials: usize,
    findings: usize,
    suppressed: &'a BTreeMap<&'static str, u64>,
    coverage: &'a V1Coverage<'a>,
}

/// Writes the lines of `report`. The problems stand on lines of their own and are not repeated in the coverage.
pub(super) fn write(report: &Report, reveal: Reveal, out: &mut dyn Write) -> io::Result<()> {
    let ids = ids(report);
    let mut whole = V1Report::new(report, &ids, Layout { reveal, ..Layout::default() });
    let problems = std::mem::take(&mut whole.coverage.problems);
    let V1Report { version, tool, target, complete, .. } = &whole;
    line(&V1Line::Scan { version: *version, tool, target, complete: *complete }, out)?;
    whole.credentials.iter().try_for_each(|credential| line(&V1Line::Credential(credential), out))?;
    whole.findings.iter().try_for_each(|finding| line(&V1Line::Finding(finding), out))?;
    problems.iter().try_for_each(|problem| line(&V1Line::Problem(problem), out))?;
    whole.notices.iter().try_for_each(|notice| line(&V1Line::Notice(notice), out))?;
    let summary = V1Summary {
        complete: whole.complete,
        credentials: whole.credentials.len(),
        findings: whole.findings.len(),
        suppressed: &whole.suppressed,
        coverage: &whole.coverage,
    };
    line(&V1Line::Summary(summary), out)
}

fn line(line: &V1Line<'_>, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "{}", escape_json(&serde_json::to_string(line)?))
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::finding::{Notice, ProblemKind, Reason};
    use crate::report::sample;

    fn lines(report: &Report) -> Vec<Value> {
        let mut out = Vec::new();
        write(report, Reveal::Masked, &mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        assert!(text.ends_with('\n'));
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    #[test]
    fn every_line_says_what_it_is() {
        let mut report = sample::usable();
        sample::forgive(&mut report, Reason::Inline);
        sample::problem(&mut report, "private/key", ProblemKind::Unreadable, "permission denied");
        report.notices.push(Notice { path: "a".to_owned(), line: None, message: "it has expired".to_owned() });
        let lines = lines(&report);
        let types: Vec<_> = lines.iter().map(|line| line["type"].as_str().unwrap()).collect();
        let findings = ["finding"; 6];
        assert_eq!(types, [&["scan", "credential"][..], &findings, &["problem", "notice", "summary"]].concat());
        assert_eq!((&lines[0]["version"], &lines[0]["complete"]), (&1.into(), &false.into()));
        let last = &lines[10];
        assert_eq!((&last["findings"], &last["suppressed"]["inline-allow"]), (&6.into(), &1.into()));
        assert_eq!(last["coverage"]["problems"], serde_json::json!([]));
    }

    #[test]
    fn a_finding_is_that_of_the_other_format() {
        let report = sample::usable();
        let mut out = Vec::new();
        crate::report::json::write(&report, Layout::default(), &mut out).unwrap();
        let document: Value = serde_json::from_slice(&out).unwrap();
        let lines = lines(&report);
        for (number, kind) in [(1, "credentials"), (2, "findings")] {
            let mut line = lines[number].clone();
            line.as_object_mut().unwrap().remove("type");
            assert_eq!(line, document[kind][0]);
        }
    }

    #[test]
    fn a_clean_scan_has_two_lines() {
        assert_eq!(lines(&Report::default()).len(), 2);
    }
}
