//! Decides how a report is written for GitLab: as a secret detection report, version 15.2.4.
//!
//! <https://gitlab.com/gitlab-org/security-products/security-report-schemas>. No secret is written, masked or not,
//! whatever is asked for: GitLab shows the report to more people than the file. The times of the run are required, so
//! two reports of the same input differ in them, and in nothing else.

use std::io::{self, Write};

use jiff::Timestamp;
use serde_json::{Value, json};

use super::escape::escape_json;
use super::mask::mask;
use super::place;
use super::subject::{self, Known, Mark, Subject, describe};
use crate::finding::{Finding, Fingerprint};
use crate::rule::Severity;
use crate::secret::Secret;

const VERSION: &str = "15.2.4";

/// Stands for a commit where none is known; GitLab's own analyzer writes the same.
const NO_COMMIT: &str = "0000000";

/// How many things that could not be scanned are told one by one.
const MOST_PROBLEMS: usize = 1_000;

/// How long a name may be, in characters.
const MOST_NAME: usize = 255;

/// How long a solution may be, in characters.
const MOST_SOLUTION: usize = 7_000;

/// Writes one report.
pub(super) fn write(subject: &Subject<'_>, out: &mut dyn Write) -> io::Result<()> {
    let report = subject.report;
    let mut known = Known::default();
    let found =
        report.findings.iter().enumerate().map(|(index, finding)| vulnerability(subject, index, (finding, &mut known)));
    let found: Vec<Value> = found.collect();
    let tool = json!({
        "id": env!("CARGO_PKG_NAME"),
        "name": env!("CARGO_PKG_NAME"),
        "version": env!("CARGO_PKG_VERSION"),
        "vendor": { "name": env!("CARGO_PKG_NAME") },
    });
    let document = json!({
        "version": VERSION,
        "scan": {
            "analyzer": tool,
            "scanner": tool,
            "type": "secret_detection",
            "start_time": time(subject.run.began),
            "end_time": time(subject.run.ended),
            "status": if report.coverage.is_complete() { "success" } else { "failure" },
            "messages": messages(subject),
        },
        "vulnerabilities": found,
    });
    writeln!(out, "{}", escape_json(&serde_json::to_string_pretty(&document)?))
}

/// What could not be scanned, what is wrong with the settings, what was forgiven.
fn messages(subject: &Subject<'_>) -> Vec<Value> {
    let report = subject.report;
    let message = |level: &str, value: String| json!({ "level": level, "value": value });
    let problems = &report.coverage.problems;
    let mut told: Vec<Value> = problems
        .iter()
        .take(MOST_PROBLEMS)
        .map(|problem| message("fatal", format!("not scanned: {}", subject::problem(problem))))
        .collect();
    if problems.len() > MOST_PROBLEMS {
        told.push(message("fatal", format!("not scanned: {} more", problems.len() - MOST_PROBLEMS)));
    }
    told.extend(report.notices.iter().map(|notice| message("warn", subject::notice(notice))));
    let reasons = report.suppressed_by_reason().into_iter();
    told.extend(reasons.map(|(reason, count)| message("info", format!("suppressed: {count} {}", reason.as_str()))));
    told.push(message("info", super::notes::summary(report, None)));
    told
}

fn vulnerability(subject: &Subject<'_>, index: usize, (finding, known): (&Finding, &mut Known)) -> Value {
    let rule = &finding.rule;
    let (Mark::Value(mark) | Mark::Place(mark)) = known.mark(finding);
    let commit = finding.provenance.commit.as_deref().or(subject.run.commit.as_deref()).unwrap_or(NO_COMMIT);
    let path = match place::file(finding, subject.run) {
        Some(route) => route.text(),
        None => mask(&finding.name.to_text()).into_owned(),
    };
    let spot = format!("{mark}\n{path}\n{}:{}\n{commit}", finding.start.line, finding.start.column);
    let mut location = json!({ "file": path, "commit": { "sha": commit } });
    if let Some((start, end)) = place::lines(finding) {
        location["start_line"] = json!(start);
        location["end_line"] = json!(end);
    }
    let evidence = subject::evidence(subject.owner(index)).map(|text| format!(" Verification: {text}."));
    let evidence = evidence.unwrap_or_default();
    let mut told = json!({
        "id": uuid(&Fingerprint::of("place in a report", &Secret::new(spot))),
        "name": cut(&describe(finding), MOST_NAME),
        "description": mask(&format!("{}. {}{evidence}", subject.title(index, finding), rule.impact)).trim(),
        "severity": severity(finding.severity),
        "identifiers": [{
            "type": "barewire_rule_id",
            "name": format!("barewire rule {}", rule.id),
            "value": rule.id,
        }],
        "location": location,
    });
    if !rule.remedy.is_empty() {
        told["solution"] = json!(cut(&rule.remedy, MOST_SOLUTION));
    }
    if rule.reference.starts_with("https://") {
        told["links"] = json!([{ "url": rule.reference }]);
    }
    told
}

fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "Critical",
        Severity::High => "High",
        Severity::Medium => "Medium",
        Severity::Low => "Low",
        Severity::Info => "Info",
    }
}

/// A digest in the form of a UUID of version 8, whose content is up to who makes it.
fn uuid(digest: &Fingerprint) -> String {
    let text = digest.to_string();
    let hex = text.trim_start_matches("bw1:");
    format!("{}-{}-8{}-a{}-{}", &hex[..8], &hex[8..12], &hex[13..16], &hex[17..20], &hex[20..])
}

/// A time as the schema wants it: UTC, without saying so.
fn time(seconds: i64) -> String {
    Timestamp::from_second(seconds).unwrap_or(Timestamp::UNIX_EPOCH).strftime("%Y-%m-%dT%H:%M:%S").to_string()
}

fn cut(text: &str, most: usize) -> String {
    mask(text).chars().take(most).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::{Notice, ProblemKind, Reason, Report};
    use crate::report::{Format, Layout, Reveal, Run, sample, write as write_report};
    use crate::rule::Part;

    const SCHEMA: &str = include_str!("../../tests/schemas/gitlab-secret-detection-15.json");

    fn rich() -> Report {
        let mut report = sample::usable();
        let password = sample::rule("signalwire-sip-password", "SIP password", Part::Password, Severity::High);
        report.findings.push(sample::finding(&password, "tr0ub4dor", ("a\nb", 9), "pass = tr0ub4dor"));
        report.findings[0].provenance.commit = Some("0a".repeat(20).into());
        sample::forgive(&mut report, Reason::Inline);
        sample::problem(&mut report, "private/key", ProblemKind::Unreadable, "permission denied");
        report.notices.push(Notice { path: "a".to_owned(), line: Some(4), message: "it has expired".to_owned() });
        report
    }

    fn text(report: &Report, run: &Run) -> String {
        let mut out = Vec::new();
        let layout = Layout { reveal: Reveal::Whole, ..Layout::default() };
        write_report(Format::Gitlab, layout, (report, run), &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    fn document(report: &Report) -> Value {
        let run =
            Run { began: 1_709_287_200, ended: 1_709_287_201, commit: Some("0b".repeat(20).into()), ..Run::default() };
        serde_json::from_str(&text(report, &run)).unwrap()
    }

    fn validator() -> jsonschema::Validator {
        jsonschema::draft7::new(&serde_json::from_str(SCHEMA).unwrap()).unwrap()
    }

    #[test]
    fn every_report_is_valid() {
        for report in [Report::default(), sample::usable(), rich()] {
            let document = document(&report);
            let errors: Vec<_> = validator().iter_errors(&document).map(|error| error.to_string()).collect();
            assert_eq!(errors, Vec::<String>::new(), "{document:#}");
        }
    }

    #[test]
    fn the_schema_rejects_what_is_broken() {
        for (pointer, broken) in [
            ("/scan/status", "splendid"),
            ("/scan/start_time", "2024-03-01T10:00:00Z"),
            ("/vulnerabilities/0/severity", "critical"),
            ("/vulnerabilities/0/location/commit", "0a"),
            ("/vulnerabilities/0/id", ""),
        ] {
            let mut document = document(&rich());
            *document.pointer_mut(pointer).unwrap() = broken.into();
            assert!(!validator().is_valid(&document), "{pointer}");
        }
    }

    #[test]
    fn the_run_gives_times_and_the_commit() {
        let document = document(&rich());
        assert_eq!(document["scan"]["start_time"], "2024-03-01T10:00:00");
        let commit = |index: usize| &document["vulnerabilities"][index]["location"]["commit"]["sha"];
        assert_eq!((commit(0), commit(1)), (&"0a".repeat(20).into(), &"0b".repeat(20).into()));
        let unknown: Value = serde_json::from_str(&text(&rich(), &Run::default())).unwrap();
        assert_eq!(unknown["vulnerabilities"][1]["location"]["commit"]["sha"], NO_COMMIT);
    }

    #[test]
    fn every_place_has_an_id_of_its_own() {
        let document = document(&rich());
        let found = document["vulnerabilities"].as_array().unwrap();
        let mut ids: Vec<_> = found.iter().map(|one| one["id"].as_str().unwrap()).collect();
        for id in &ids {
            assert_eq!(::uuid::Uuid::parse_str(id).unwrap().get_version_num(), 8, "{id}");
        }
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), found.len());
    }

    #[test]
    fn what_was_not_scanned_makes_a_failure() {
        let document = document(&rich());
        assert_eq!(document["scan"]["status"], "failure");
        let messages = document["scan"]["messages"].to_string();
        for words in ["private/key: unreadable", "a:4: it has expired", "suppressed: 1 inline-allow"] {
            assert!(messages.contains(words), "{messages}");
        }
    }

    #[test]
    fn no_value_is_written_even_if_values_are_asked_for() {
        let text = text(&rich(), &Run::default());
        assert!(!text.contains(&sample::token()[..6]) && !text.contains("tr0u"), "{text}");
    }
}
