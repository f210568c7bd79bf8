//! Decides how a report is written as a table: RFC 4180, a header, then one row a thing, the kind of which is its first
//! column. The columns are named as in the format for programs.

use std::collections::BTreeMap;
use std::io::{self, Write};

use csv::{Terminator, WriterBuilder};
use serde_json::Value;

use super::escape::escape;
use super::json::{V1Report, ids};
use super::mask::mask;
use super::notes::summary;
use super::subject;
use super::{Layout, Reveal};
use crate::finding::Report;

/// The columns, and of a finding those that are named as its fields are.
const COLUMNS: [&str; 20] = [
    "type",
    "severity",
    "rule",
    "description",
    "path",
    "line",
    "column",
    "end_line",
    "end_column",
    "commit",
    "origin",
    "confidence",
    "part",
    "secret",
    "fingerprint",
    "credential",
    "grade",
    "verdict",
    "expires",
    "detail",
];

/// Writes findings, what could not be scanned, what is wrong with the settings, what was forgiven, and a last row that
/// says whether that is all.
pub(super) fn write(report: &Report, reveal: Reveal, out: &mut dyn Write) -> io::Result<()> {
    let ids = ids(report);
    let whole = V1Report::new(report, &ids, Layout { reveal, ..Layout::default() });
    let mut table = WriterBuilder::new().terminator(Terminator::CRLF).from_writer(out);
    table.write_record(COLUMNS)?;
    let owners: BTreeMap<_, _> = ids.iter().map(|id| &**id).zip(&report.credentials).collect();
    for finding in &whole.findings {
        let mut fields = serde_json::to_value(finding)?;
        let owner = fields["credential"].as_str().and_then(|id| owners.get(id).copied());
        fields["grade"] = owner.map_or("", |owner| owner.grade.as_str()).into();
        fields["detail"] = subject::evidence(owner).into();
        fields["type"] = "finding".into();
        table.write_record(COLUMNS.map(|column| cell(&fields[column])))?;
    }
    let mut tell = |kind: &str, path: &str, detail: &str| {
        table.write_record(COLUMNS.map(|column| match column {
            "type" => kind.to_owned(),
            "path" => plain(&mask(path)),
            "detail" => plain(detail),
            _ => String::new(),
        }))
    };
    for problem in &report.coverage.problems {
        tell("problem", &problem.path, &subject::problem(problem))?;
    }
    for notice in &report.notices {
        tell("notice", &notice.path, &subject::notice(notice))?;
    }
    for (reason, count) in report.suppressed_by_reason() {
        tell("suppressed", "", &format!("{count} {}", reason.as_str()))?;
    }
    let complete = if report.coverage.is_complete() { "complete" } else { "incomplete" };
    tell("summary", "", &format!("{complete}: {}", summary(report, None)))?;
    table.flush()
}

/// A field as a cell; what is not there is empty.
fn cell(field: &Value) -> String {
    match field {
        Value::Null => String::new(),
        Value::String(text) => plain(text),
        other => other.to_string(),
    }
}

/// A text that neither a terminal nor a spreadsheet takes for more than a text. What a spreadsheet would compute gets
/// an apostrophe in front, which it takes for the mark of a text; so does what follows a semicolon, since that is where
/// cells end in the spreadsheets of many countries.
fn plain(text: &str) -> String {
    let text = escape(text);
    let mut written = String::with_capacity(text.len() + 1);
    let mut begins = true;
    for character in text.chars() {
        if begins && matches!(character, '=' | '+' | '-' | '@' | '＝' | '＋' | '－' | '＠') {
            written.push('\'');
        }
        begins = character == ';';
        written.push(character);
    }
    written
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::finding::{Notice, ProblemKind, Reason};
    use crate::report::sample;
    use crate::rule::{Part, Severity};

    fn text(report: &Report, reveal: Reveal) -> String {
        let mut out = Vec::new();
        write(report, reveal, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    fn rows(text: &str) -> Vec<Vec<String>> {
        let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes());
        reader.records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect()
    }

    #[test]
    fn every_row_has_the_columns_of_the_header() {
        let mut report = sample::usable();
        sample::forgive(&mut report, Reason::Inline);
        sample::problem(&mut report, "private/key", ProblemKind::Unreadable, "permission denied");
        report.notices.push(Notice { path: "a".to_owned(), line: Some(4), message: "it has expired".to_owned() });
        let text = text(&report, Reveal::Masked);
        assert!(text.lines().count() == text.matches("\r\n").count());
        let rows = rows(&text);
        assert_eq!(rows[0], COLUMNS);
        let kinds: Vec<_> = rows[1..].iter().map(|row| &*row[0]).collect();
        assert_eq!(kinds, [&["finding"; 6][..], &["problem", "notice", "suppressed", "summary"]].concat());
        assert_eq!(rows[1][4..9], [".env", "4", "18", "4", "68"]);
        assert_eq!((&*rows[1][13], &*rows[1][16]), ("PTq7w2********q7w2", "usable"));
        assert_eq!(rows[7][19], "private/key: unreadable (permission denied)");
        assert_eq!(rows[9][19], "1 inline-allow");
        assert!(rows[10][19].starts_with("incomplete: 1 credential"));
    }

    #[test]
    fn no_cell_is_a_formula_or_moves_a_cursor() {
        let password = sample::rule("signalwire-sip-password", "SIP password", Part::Password, Severity::High);
        let names = ["=1+1", "+a", "-a", "@a", "\ta", "\ra", "＝a", "\x1b[2J", "a\"b\r\nc,d", "a;=b;c; d"];
        let finding = |name| sample::finding(&password, "=tr0ub4dor", (name, 9), "pass = =tr0ub4dor");
        let report = sample::report(names.map(finding).to_vec());
        let text = text(&report, Reveal::Whole);
        assert!(!text.contains('\x1b'));
        let rows = rows(&text);
        assert_eq!(rows.len(), 12);
        let paths: Vec<_> = rows[1..11].iter().map(|row| &*row[4]).collect();
        let expected = [
            "'=1+1",
            "'+a",
            "'-a",
            "'@a",
            "\\u{9}a",
            "\\u{D}a",
            "'＝a",
            "\\u{1B}[2J",
            "a\"b\\u{D}\\u{A}c,d",
            "a;'=b;c; d",
        ];
        assert_eq!(paths, expected);
        assert_eq!(rows[1][13], "'=tr0ub4dor");
    }

    #[test]
    fn values_are_written_on_request_alone() {
        let report = sample::usable();
        assert!(!text(&report, Reveal::Masked).contains(&sample::token()));
        assert!(text(&report, Reveal::Whole).contains(&sample::token()));
    }
}
