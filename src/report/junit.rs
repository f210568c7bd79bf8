//! Decides how a report is written as the results of tests, which every CI server can show: the XML of `JUnit`.
//!
//! What is common to the schemas in use: `testsuites` > `testsuite` > `testcase` > one `failure` or `error`, with counts.
//! A finding is a test that failed, or passed if it is for information only; what could not be scanned is one that ended
//! in an error, and a scan without either is one that passed. No secret and no part of one is written, whatever is asked for.

use std::fmt::Write as _;
use std::io::{self, Write};

use super::escape::escape;
use super::mask::mask;
use super::notes::summary;
use super::place;
use super::subject::{self, Subject};
use crate::finding::Finding;
use crate::rule::Severity;

/// What the suite, and a test that passed, are called.
const NAME: &str = env!("CARGO_PKG_NAME");

/// Writes one suite. There are no times in it, so that the same input gives the same bytes.
pub(super) fn write(subject: &Subject<'_>, out: &mut dyn Write) -> io::Result<()> {
    let report = subject.report;
    let failures = report.findings.iter().filter(|finding| finding.severity > Severity::Info).count();
    let errors = report.coverage.problems.len();
    let tests = (report.findings.len() + errors).max(1);
    let counts = format!("tests=\"{tests}\" failures=\"{failures}\" errors=\"{errors}\"");
    writeln!(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>")?;
    writeln!(out, "<testsuites name=\"{NAME}\" {counts} time=\"0\">")?;
    writeln!(out, "  <testsuite name=\"{NAME}\" {counts} skipped=\"0\" time=\"0\">")?;
    properties(subject, out)?;
    for (index, finding) in report.findings.iter().enumerate() {
        test(subject, (index, finding), out)?;
    }
    for problem in &report.coverage.problems {
        let said = xml(&format!("not scanned: {}", subject::problem(problem)));
        let case = case("coverage", &xml(&mask(&problem.path)));
        writeln!(
            out,
            "    {case}>\n      <error type=\"{}\" message=\"{said}\"/>\n    </testcase>",
            problem.kind.as_str()
        )?;
    }
    if report.findings.is_empty() && errors == 0 {
        writeln!(out, "    {}/>", case(NAME, "no secrets"))?;
    }
    writeln!(out, "    <system-out>{}</system-out>", xml(&said(subject)))?;
    writeln!(out, "  </testsuite>\n</testsuites>")
}

/// What describes the whole, for programs.
fn properties(subject: &Subject<'_>, out: &mut dyn Write) -> io::Result<()> {
    let report = subject.report;
    let reasons = report.suppressed_by_reason().into_iter();
    let suppressed = reasons.map(|(reason, count)| (format!("suppressed.{}", reason.as_str()), count.to_string()));
    let version = ("version".to_owned(), env!("CARGO_PKG_VERSION").to_owned());
    let complete = ("complete".to_owned(), report.coverage.is_complete().to_string());
    writeln!(out, "    <properties>")?;
    for (name, value) in [version, complete].into_iter().chain(suppressed) {
        writeln!(out, "      <property name=\"{name}\" value=\"{}\"/>", xml(&value))?;
    }
    writeln!(out, "    </properties>")
}

/// The sum, and what is wrong with the settings.
fn said(subject: &Subject<'_>) -> String {
    let whole = if subject.report.coverage.is_complete() { "" } else { "INCOMPLETE: " };
    let mut said = format!("{whole}{}", summary(subject.report, None));
    for notice in &subject.report.notices {
        // Writing to a string cannot fail.
        let _ = write!(said, "\nwarning: {}", subject::notice(notice));
    }
    said
}

fn test(subject: &Subject<'_>, (index, finding): (usize, &Finding), out: &mut dyn Write) -> io::Result<()> {
    let path = match place::file(finding, subject.run) {
        Some(route) => route.text(),
        None => mask(&finding.name.to_text()).into_owned(),
    };
    let spot = match place::lines(finding) {
        Some((line, _)) => format!("{path}:{line}:{}", finding.start.column),
        None => path,
    };
    let title = subject.title(index, finding);
    // CI servers keep one test of a name, and a line can hold another value in each commit.
    let commit = finding.provenance.commit.as_deref().map(|commit| format!(" in {commit}")).unwrap_or_default();
    let case = case(&xml(&finding.rule.id), &xml(&format!("{spot}{commit}")));
    let severity = finding.severity.as_str();
    if finding.severity == Severity::Info {
        return writeln!(out, "    {case}>\n      <system-out>{}</system-out>\n    </testcase>", xml(&title));
    }
    writeln!(out, "    {case}>\n      <failure type=\"{severity}\" message=\"{}\">", xml(&title))?;
    let evidence = subject::evidence(subject.owner(index)).map(|text| format!("\n{text}")).unwrap_or_default();
    writeln!(out, "{}", xml(&format!("{title} at {spot}{commit}{evidence}\n{}", mask(&finding.rule.remedy))))?;
    writeln!(out, "      </failure>\n    </testcase>")
}

fn case(class: &str, name: &str) -> String {
    format!("<testcase classname=\"{class}\" name=\"{name}\" time=\"0\"")
}

/// A text that is nothing but text in an element or an attribute. What XML 1.0 cannot hold, and what a terminal acts on,
/// becomes visible; line feeds stay.
fn xml(text: &str) -> String {
    let lines: Vec<_> = text.split('\n').map(escape).collect();
    let mut written = String::with_capacity(text.len() + 16);
    for character in lines.join("\n").chars() {
        match character {
            '&' => written.push_str("&amp;"),
            '<' => written.push_str("&lt;"),
            '>' => written.push_str("&gt;"),
            '"' => written.push_str("&quot;"),
            '\n' => written.push_str("&#10;"),
            '\u{FFFE}' | '\u{FFFF}' => written.push(char::REPLACEMENT_CHARACTER),
            other => written.push(other),
        }
    }
    written
}

#[cfg(test)]
mod tests {
    use crate::finding::{Notice, ProblemKind, Reason, Report};
    use crate::report::{Format, Layout, Reveal, Run, sample, write as write_report};
    use crate::rule::{Part, Severity};

    fn text(report: &Report) -> String {
        let mut out = Vec::new();
        let layout = Layout { reveal: Reveal::Whole, ..Layout::default() };
        write_report(Format::Junit, layout, (report, &Run::default()), &mut out).unwrap();
        String::from_utf8(out).unwrap().replace(env!("CARGO_PKG_VERSION"), "[VERSION]")
    }

    #[test]
    fn a_clean_scan_is_a_test_that_passed() {
        insta::assert_snapshot!(text(&sample::report(Vec::new())), @r#"
    <?xml version="1.0" encoding="UTF-8"?>
    <testsuites name="barewire" tests="1" failures="0" errors="0" time="0">
      <testsuite name="barewire" tests="1" failures="0" errors="0" skipped="0" time="0">
        <properties>
          <property name="version" value="[VERSION]"/>
          <property name="complete" value="true"/>
        </properties>
        <testcase classname="barewire" name="no secrets" time="0"/>
        <system-out>No SignalWire credentials found; 1,234 files, 56.7 MB scanned</system-out>
      </testsuite>
    </testsuites>
    "#);
    }

    #[test]
    fn a_finding_is_a_failure_and_a_gap_an_error() {
        let space = sample::finding(&sample::space_rule(), "northwind", ("b", 1), "northwind.signalwire.com");
        let token = sample::finding(&sample::token_rule(), &sample::token(), ("a", 4), &sample::token());
        let mut report = sample::report(vec![token, space]);
        sample::forgive(&mut report, Reason::Inline);
        sample::problem(&mut report, "private/key", ProblemKind::Unreadable, "permission denied");
        report.notices.push(Notice { path: "a".to_owned(), line: Some(4), message: "it has expired".to_owned() });
        insta::assert_snapshot!(text(&report), @r#"
    <?xml version="1.0" encoding="UTF-8"?>
    <testsuites name="barewire" tests="3" failures="1" errors="1" time="0">
      <testsuite name="barewire" tests="3" failures="1" errors="1" skipped="0" time="0">
        <properties>
          <property name="version" value="[VERSION]"/>
          <property name="complete" value="false"/>
          <property name="suppressed.inline-allow" value="1"/>
        </properties>
        <testcase classname="signalwire-api-token" name="a:4:1" time="0">
          <failure type="critical" message="SignalWire API token">
    SignalWire API token at a:4:1&#10;Delete it in the Dashboard.
          </failure>
        </testcase>
        <testcase classname="signalwire-space-url" name="b:1:1" time="0">
          <system-out>SignalWire Space northwind</system-out>
        </testcase>
        <testcase classname="coverage" name="private/key" time="0">
          <error type="unreadable" message="not scanned: private/key: unreadable (permission denied)"/>
        </testcase>
        <system-out>INCOMPLETE: No SignalWire credentials found in what was scanned, 2 identifiers; 1,234 files, 56.7 MB scanned; 1 suppressed (1 inline-allow)&#10;warning: a:4: it has expired</system-out>
      </testsuite>
    </testsuites>
    "#);
    }

    #[test]
    fn values_of_one_place_in_two_commits_are_two_tests() {
        let mut findings =
            vec![sample::finding(&sample::token_rule(), &sample::token(), ("a", 4), &sample::token()); 2];
        findings[0].provenance.commit = Some("0a".repeat(20).into());
        findings[1].provenance.commit = Some("0b".repeat(20).into());
        let text = text(&sample::report(findings));
        assert!(text.contains(&format!("name=\"a:4:1 in {}\"", "0a".repeat(20))), "{text}");
        assert!(text.contains(&format!("name=\"a:4:1 in {}\"", "0b".repeat(20))), "{text}");
    }

    #[test]
    fn nothing_but_what_xml_can_hold_is_written() {
        let password = sample::rule("signalwire-sip-password", "SIP <&> password", Part::Password, Severity::High);
        let name = "a\n\"'<b>&]]>\x01\x1b\u{FFFE}\u{FFFF}\u{85}\x7f";
        let text = text(&sample::report(vec![sample::finding(&password, "tr0ub4dor", (name, 9), "pass = tr0ub4dor")]));
        assert!(
            text.contains("name=\"a&#10;&quot;'&lt;b&gt;&amp;]]&gt;\\u{1}\\u{1B}\u{FFFD}\u{FFFD}\\u{85}\\u{7F}:9:8\""),
            "{text}"
        );
        assert!(text.chars().all(|one| one == '\n' || !one.is_control()), "{text}");
        assert!(!text.contains("tr0u"), "{text}");
    }
}
