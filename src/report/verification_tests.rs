//! What every format tells of an answer of SignalWire.

use super::{Format, Layout, Run, sample, write};
use crate::finding::{Report, Verdict, Verification};

fn told(report: &Report, format: Format) -> String {
    let mut out = Vec::new();
    write(format, Layout::default(), (report, &Run::default()), &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn verified(verification: Verification) -> Report {
    let mut report = sample::usable();
    report.findings[0].verdict = Some(verification.verdict);
    report.credentials[0].verification = Some(Box::new(verification));
    report
}

const FORMATS: [Format; 9] = [
    Format::Text,
    Format::Json,
    Format::Sarif,
    Format::Github,
    Format::GithubSummary,
    Format::Gitlab,
    Format::Jsonl,
    Format::Csv,
    Format::Junit,
];

#[test]
fn every_format_tells_what_is_alive_and_what_is_dead() {
    for (verdict, word) in [(Verdict::Alive, "alive"), (Verdict::Dead, "dead")] {
        let report = verified(Verification { verdict, ..sample::verification() });
        for format in FORMATS {
            let told = told(&report, format);
            assert!(told.contains(word), "{format:?}: {told}");
            let is_marks = matches!(format, Format::Github | Format::GithubSummary);
            assert!(is_marks || told.contains("answered 200"), "{format:?}: {told}");
        }
    }
}

#[test]
fn what_is_unknown_passes_for_neither() {
    let unknown = Verification { verdict: Verdict::Unknown, ..sample::verification() };
    for format in FORMATS {
        let told = told(&verified(unknown.clone()), format);
        assert!(!told.contains("alive") && !told.contains("dead"), "{format:?}: {told}");
    }
}

#[test]
fn a_person_reads_the_evidence_and_the_scopes() {
    let text = told(&verified(sample::verification()), Format::Text);
    assert!(text.contains("(usable, alive)"), "{text}");
    assert!(text.contains("= alive: acme-voice.signalwire.com answered 200\n"), "{text}");
    assert!(text.contains("= scopes: yes: video; unknown: chat\n"), "{text}");
}

#[test]
fn scopes_that_were_not_asked_for_are_not_told() {
    let unasked = Verification { scopes: None, ..sample::verification() };
    for (verification, is_told) in [(sample::verification(), true), (unasked, false)] {
        let told: serde_json::Value = serde_json::from_str(&told(&verified(verification), Format::Sarif)).unwrap();
        let results = told["runs"][0]["results"].as_array().unwrap();
        assert_eq!(results.iter().any(|result| result["properties"].get("scopes").is_some()), is_told, "{told}");
    }
}
