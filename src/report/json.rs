//! The format for programs, version 1. Its names are fixed here, whatever the program's own types are called.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::{self, Write};

use jiff::Timestamp;
use serde::Serialize;

use super::escape::escape_json;
use super::forgiven;
use super::json_notice::V1Notice;
use super::json_story::{V1Git, V1Story};
use super::json_verification::{V1Scope, V1Verification};
use super::mask::mask;
use super::{Forgiven, Layout, Reveal};
use crate::finding::{Coverage, Credential, Finding, Lifetime, Problem, Reach, Report, Verdict};

/// Writes `report` as one document.
pub(super) fn write(report: &Report, layout: Layout, out: &mut dyn Write) -> io::Result<()> {
    let ids = ids(report);
    let document = serde_json::to_string_pretty(&V1Report::new(report, &ids, layout))?;
    writeln!(out, "{}", escape_json(&document))
}

#[derive(Serialize)]
pub(super) struct V1Report<'a> {
    pub(super) version: u8,
    pub(super) tool: V1Tool<'a>,
    pub(super) target: Cow<'a, str>,
    pub(super) complete: bool,
    pub(super) coverage: V1Coverage<'a>,
    pub(super) credentials: Vec<V1Credential<'a>>,
    pub(super) findings: Vec<V1Finding<'a>>,
    pub(super) suppressed: BTreeMap<&'static str, u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) suppressed_findings: Option<Vec<V1Finding<'a>>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) notices: Vec<V1Notice<'a>>,
}

#[derive(Serialize)]
pub(super) struct V1Tool<'a> {
    name: &'static str,
    version: &'static str,
    rules_hash: &'a str,
}

#[derive(Serialize)]
pub(super) struct V1Coverage<'a> {
    files: u64,
    bytes: u64,
    links: u64,
    special: u64,
    excluded: u64,
    ignored: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    commits: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    git: Option<V1Git>,
    pub(super) problems: Vec<V1Problem<'a>>,
}

#[derive(Serialize)]
pub(super) struct V1Problem<'a> {
    path: Cow<'a, str>,
    kind: &'static str,
    detail: Cow<'a, str>,
}

#[derive(Serialize)]
pub(super) struct V1Credential<'a> {
    id: &'a str,
    grade: &'static str,
    severity: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    project_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    space: Option<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    space_hosts: Vec<&'a str>,
    bond: &'static str,
    token_kind: &'a str,
    findings: &'a [usize],
    remedy: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    verification: Option<V1Verification<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    scopes: Option<Vec<V1Scope<'a>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    story: Option<V1Story<'a>>,
}

#[derive(Serialize)]
pub(super) struct V1Finding<'a> {
    rule: &'a str,
    description: &'a str,
    severity: &'static str,
    confidence: &'static str,
    part: &'static str,
    path: String,
    line: u64,
    column: u64,
    end_line: u64,
    end_column: u64,
    origin: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    commit: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reach: Option<&'static str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    decoded: Vec<&'static str>,
    secret: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    host: Option<&'a str>,
    fingerprint: Option<String>,
    credential: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    bound_to: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    verdict: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    expires: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    story: Option<V1Story<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    suppressed: Option<V1Suppressed<'a>>,
}

#[derive(Serialize)]
struct V1Suppressed<'a> {
    reason: &'static str,
    by: Cow<'a, str>,
}

impl<'a> V1Report<'a> {
    pub(super) fn new(report: &'a Report, ids: &'a [String], layout: Layout) -> Self {
        let reveal = layout.reveal;
        let mut owners = BTreeMap::new();
        for (credential, id) in report.credentials.iter().zip(ids) {
            for &index in &credential.findings {
                owners.entry(index).or_insert(&**id);
            }
        }
        let finding = |(index, finding)| V1Finding::new(finding, owners.get(&index).copied(), reveal);
        let credential = |(credential, id): (&'a Credential, &'a String)| V1Credential::new(report, credential, id);
        let reasons = report.suppressed_by_reason();
        Self {
            version: 1,
            tool: V1Tool {
                name: env!("CARGO_PKG_NAME"),
                version: env!("CARGO_PKG_VERSION"),
                rules_hash: &report.rules_digest,
            },
            target: mask(&report.target),
            complete: report.coverage.is_complete(),
            coverage: V1Coverage::new(&report.coverage),
            credentials: report.credentials.iter().zip(ids).map(credential).collect(),
            findings: report.findings.iter().enumerate().map(finding).collect(),
            suppressed: reasons.into_iter().map(|(reason, count)| (reason.as_str(), count)).collect(),
            suppressed_findings: (layout.forgiven == Forgiven::Listed)
                .then(|| forgiven::listed(report).map(|finding| V1Finding::new(finding, None, reveal)).collect()),
            notices: report.notices.iter().map(V1Notice::new).collect(),
        }
    }
}

impl<'a> V1Coverage<'a> {
    fn new(coverage: &'a Coverage) -> Self {
        let problem = |problem: &'a Problem| V1Problem {
            path: mask(&problem.path),
            kind: problem.kind.as_str(),
            detail: mask(&problem.detail),
        };
        Self {
            files: coverage.files,
            bytes: coverage.bytes,
            links: coverage.links,
            special: coverage.special,
            excluded: coverage.excluded,
            ignored: coverage.ignored,
            commits: coverage.commits,
            git: coverage.git.as_ref().map(V1Git::new),
            problems: coverage.problems.iter().map(problem).collect(),
        }
    }
}

impl<'a> V1Credential<'a> {
    fn new(report: &'a Report, credential: &'a Credential, id: &'a str) -> Self {
        let secret = secrets(report, credential).next();
        Self {
            id,
            grade: credential.grade.as_str(),
            severity: credential.severity.as_str(),
            project_id: credential.project.as_deref(),
            space: credential.space.as_deref(),
            space_hosts: credential.written(),
            bond: credential.bond.as_str(),
            token_kind: &credential.kind,
            findings: &credential.findings,
            remedy: secret.map_or("", |finding| &finding.rule.remedy),
            verification: credential.verification.as_deref().map(V1Verification::new),
            scopes: credential.verification.as_deref().and_then(V1Scope::all),
            story: credential.story.as_deref().map(V1Story::new),
        }
    }
}

impl<'a> V1Finding<'a> {
    fn new(finding: &'a Finding, credential: Option<&'a str>, reveal: Reveal) -> Self {
        let rule = &finding.rule;
        Self {
            rule: &rule.id,
            description: &rule.description,
            severity: finding.severity.as_str(),
            confidence: rule.confidence.as_str(),
            part: rule.part.as_str(),
            path: mask(&finding.name.to_text()).into_owned(),
            line: finding.start.line,
            column: finding.start.column,
            end_line: finding.end.line,
            end_column: finding.end.column,
            origin: finding.origin.as_str(),
            commit: finding.provenance.commit.as_deref(),
            reach: finding.provenance.reach.map(Reach::as_str),
            decoded: finding.decoded.iter().map(|encoding| encoding.as_str()).collect(),
            secret: match reveal {
                Reveal::Masked => finding.shown(),
                Reveal::Whole => String::from_utf8_lossy(finding.secret.expose()).into_owned(),
            },
            host: finding.parts.host.as_deref(),
            fingerprint: (!is_guessable(finding)).then(|| finding.fingerprint().to_string()),
            credential,
            bound_to: finding.bound_to.as_deref(),
            verdict: finding.verdict.map(Verdict::as_str),
            expires: match finding.lifetime {
                Lifetime::Until(time) => Timestamp::from_second(time).ok().map(|time| time.to_string()),
                Lifetime::Unknown | Lifetime::Endless => None,
            },
            story: finding.provenance.story.as_deref().map(V1Story::new),
            suppressed: finding
                .forgiven
                .as_ref()
                .map(|forgiven| V1Suppressed { reason: forgiven.reason.as_str(), by: mask(&forgiven.by) }),
        }
    }
}

/// Whether a bare digest of the value would let somebody confirm a guess. Such a digest never lands in a file.
pub(super) fn is_guessable(finding: &Finding) -> bool {
    finding.is_guessable()
}

/// The places of a credential's own secret.
fn secrets<'a>(report: &'a Report, credential: &'a Credential) -> impl Iterator<Item = &'a Finding> {
    let findings = credential.findings.iter().filter_map(|&index| report.findings.get(index));
    findings.filter(|finding| !finding.rule.part.is_identifier())
}

/// What the credentials are called. An id is made from the secret, so that of a guessable one is replaced by a number.
pub(super) fn ids(report: &Report) -> Vec<String> {
    let id = |(index, credential): (usize, &Credential)| {
        if secrets(report, credential).any(is_guessable) {
            format!("credential-{}", index + 1)
        } else {
            credential.id.clone()
        }
    };
    report.credentials.iter().enumerate().map(id).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::{Format, Layout, Run, sample, write};
    use super::*;
    use crate::finding::{Encoding, GitCoverage, Grade, ProblemKind, Reason};
    use crate::rule::{Part, Severity};

    const SCHEMA: &str = include_str!("../../schema/barewire-v1.schema.json");

    fn written(report: &Report, layout: Layout) -> String {
        let mut out = Vec::new();
        write(Format::Json, layout, (report, &Run::default()), &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    fn document(report: &Report, reveal: Reveal) -> Value {
        serde_json::from_str(&written(report, Layout { reveal, ..Layout::default() })).unwrap()
    }

    fn validator() -> jsonschema::Validator {
        jsonschema::draft202012::new(&serde_json::from_str(SCHEMA).unwrap()).unwrap()
    }

    /// A report with everything that a report can hold.
    fn rich() -> Report {
        let mut report = sample::usable();
        let client = sample::rule("signalwire-room-token", "Room token", Part::ClientToken, Severity::Medium);
        let mut expired = sample::finding(&client, &"eyJ0eXAi".repeat(9), ("app.js", 3), &"eyJ0eXAi".repeat(9));
        expired.verdict = Some(Verdict::Expired);
        expired.lifetime = Lifetime::Until(1_709_287_200);
        expired.decoded = vec![Encoding::Utf16Le, Encoding::Base64];
        expired.bound_to = Some("roomToken".into());
        report.findings.push(expired);
        let password = sample::rule("signalwire-sip-password", "SIP password", Part::Password, Severity::High);
        report.findings.push(sample::finding(&password, "tr0ub4dor", ("a\nb", 9), "tr0ub4dor"));
        report.findings.push(sample::finding(&sample::space_rule(), "other", ("z", 1), "other.signalwire.com"));
        sample::join(&mut report, Grade::TokenOnly, &[6]);
        sample::join(&mut report, Grade::TokenOnly, &[7]);
        report.credentials[0].story = Some(Box::new(sample::story()));
        report.credentials[0].verification = Some(Box::new(sample::verification()));
        report.findings[5].parts.host = Some("acme-voice.signalwire.com".into());
        let found = &mut report.findings[0].provenance;
        found.commit = Some("0a".repeat(20).into());
        found.reach = Some(Reach::History);
        found.story = Some(Box::new(sample::story()));
        report.coverage.git = Some(GitCoverage { refs: 3, commits: 20, ..GitCoverage::default() });
        sample::forgive(&mut report, Reason::Inline);
        sample::problem(&mut report, "private/key", ProblemKind::Unreadable, "permission denied");
        report
    }

    #[test]
    fn every_report_is_valid_by_the_schema() {
        let validator = validator();
        for report in [Report::default(), sample::usable(), rich()] {
            for reveal in [Reveal::Masked, Reveal::Whole] {
                let document = document(&report, reveal);
                let errors: Vec<_> = validator.iter_errors(&document).map(|error| error.to_string()).collect();
                assert_eq!(errors, Vec::<String>::new(), "{document:#}");
            }
        }
    }

    #[test]
    fn what_is_forgiven_is_listed_by_the_schema_if_asked_for() {
        let layout = Layout { forgiven: Forgiven::Listed, ..Layout::default() };
        let document: Value = serde_json::from_str(&written(&rich(), layout)).unwrap();
        assert!(validator().is_valid(&document), "{document:#}");
        assert_eq!(document["suppressed_findings"][0]["suppressed"]["reason"], "inline-allow");
        let mut broken = document.clone();
        broken["suppressed_findings"][0]["suppressed"]["by"] = Value::Null;
        assert!(!validator().is_valid(&broken));
    }

    #[test]
    fn the_schema_rejects_what_is_broken() {
        let validator = validator();
        for (pointer, broken) in [
            ("/version", json!(2)),
            ("/tool/name", json!("other")),
            ("/complete", json!("yes")),
            ("/coverage/files", json!(-1)),
            ("/coverage/problems/0", json!({"path": "a"})),
            ("/credentials/0/grade", json!("splendid")),
            ("/credentials/0/findings", json!([])),
            ("/findings/0/line", json!(0)),
            ("/findings/0/fingerprint", json!("bw1:short")),
            ("/findings/7/fingerprint", json!("bw1:00000000000000000000000000000000")),
            ("/findings/6/expires", json!("soon")),
            ("/suppressed/inline-allow", json!("one")),
            ("/findings/0/commit", json!("HEAD")),
            ("/findings/0/story/first/commit", json!("HEAD")),
            ("/credentials/0/story/pushed", json!("yes")),
            ("/credentials/0/verification/verdict", json!("splendid")),
            ("/credentials/0/scopes/0/holds", json!(true)),
            ("/findings/5/host", json!(1)),
            ("/coverage/git/refs", json!(-1)),
        ] {
            let mut document = document(&rich(), Reveal::Masked);
            *document.pointer_mut(pointer).unwrap() = broken;
            assert!(!validator.is_valid(&document), "{pointer}");
        }
        for name in ["version", "tool", "target", "complete", "coverage", "credentials", "findings", "suppressed"] {
            let mut document = document(&rich(), Reveal::Masked);
            document.as_object_mut().unwrap().remove(name);
            assert!(!validator.is_valid(&document), "{name}");
        }
    }

    #[test]
    fn the_schema_names_every_field_that_is_written() {
        let schema: Value = serde_json::from_str(SCHEMA).unwrap();
        let document = document(&rich(), Reveal::Masked);
        let named = |pointer: &str, value: &Value| {
            let properties = &schema.pointer(pointer).unwrap()["properties"];
            for name in value.as_object().unwrap().keys() {
                assert!(properties.get(name).is_some(), "{pointer} lacks {name}");
            }
        };
        named("", &document);
        named("/properties/tool", &document["tool"]);
        named("/$defs/coverage/properties/git", &document["coverage"]["git"]);
        named("/$defs/story", &document["credentials"][0]["story"]);
        named("/$defs/moment", &document["findings"][0]["story"]["first"]);
        named("/$defs/coverage", &document["coverage"]);
        document["credentials"].as_array().unwrap().iter().for_each(|value| named("/$defs/credential", value));
        document["findings"].as_array().unwrap().iter().for_each(|value| named("/$defs/finding", value));
    }

    #[test]
    fn a_secret_is_whole_only_when_asked_for() {
        let report = sample::usable();
        assert_eq!(document(&report, Reveal::Masked)["findings"][0]["secret"], "PTq7w2********q7w2");
        assert_eq!(document(&report, Reveal::Whole)["findings"][0]["secret"], sample::token());
        assert_eq!(document(&report, Reveal::Masked)["findings"][3]["secret"], sample::project());
    }

    #[test]
    fn no_digest_of_a_password_is_written() {
        let report = rich();
        let document = document(&report, Reveal::Masked);
        let digest = report.findings[7].fingerprint().to_string();
        assert_eq!(document["findings"][7]["fingerprint"], Value::Null);
        assert_eq!(document["findings"][7]["credential"], "credential-3");
        assert_eq!(document["credentials"][2]["id"], "credential-3");
        assert!(!document.to_string().contains(&digest["bw1:".len()..]));
    }

    #[test]
    fn what_a_terminal_acts_on_is_written_as_an_escape() {
        let path = "a\x1b\u{9b}\x7f\u{202e}\u{e0041}\n";
        let space = sample::finding(&sample::space_rule(), "other", (path, 1), "other");
        let report = sample::report(vec![space]);
        assert_eq!(document(&report, Reveal::Masked)["findings"][0]["path"], path);
        let shown = written(&report, Layout::default());
        assert!(shown.contains(r#""a\u001b\u009b\u007f\u202e\udb40\udc41\n""#), "{shown}");
    }

    /// One thing of each kind.
    fn brief() -> Report {
        let mut report = rich();
        report.findings.truncate(1);
        report.credentials.truncate(1);
        let credential = &mut report.credentials[0];
        credential.findings.truncate(1);
        (credential.story, credential.verification, report.coverage.git) = (None, None, None);
        report.findings[0].provenance.story = None;
        report
    }

    #[test]
    fn the_names_and_their_order_are_fixed() {
        let names = |line: &str| line.split_once("\": ").map(|(name, _)| name.replace('"', "").trim_end().to_owned());
        let names: Vec<_> = written(&brief(), Layout::default()).lines().filter_map(names).collect();
        insta::assert_snapshot!(names.join("\n"), @"
        version
        tool
          name
          version
          rules_hash
        target
        complete
        coverage
          files
          bytes
          links
          special
          excluded
          ignored
          problems
              path
              kind
              detail
        credentials
            id
            grade
            severity
            project_id
            space
            space_hosts
            bond
            token_kind
            findings
            remedy
        findings
            rule
            description
            severity
            confidence
            part
            path
            line
            column
            end_line
            end_column
            origin
            commit
            reach
            secret
            fingerprint
            credential
        suppressed
          inline-allow
        ");
    }
}
