//! Reports put together by hand, for the tests of the formats.

use std::sync::Arc;

use crate::blob::{Name, Origin, Position};
use crate::finding::{
    Bond, Credential, Excerpt, Finding, Forgiveness, Grade, Holding, Lifetime, Moment, Names, Parts, Problem,
    ProblemKind, Provenance, Reason, Report, ScopeState, Story, Verdict, Verification,
};
use crate::rule::{Confidence, Part, Rule, Severity, SharedRule};
use crate::secret::Secret;

/// A Project ID that is not one. It is put together here, so that this file holds none.
pub(super) fn project() -> String {
    ["5b1f60c2", "93ad", "4e07", "8d2b", "f47a1c0e96b3"].join("-")
}

/// A rule that only names things.
pub(super) fn rule(id: &str, description: &str, part: Part, severity: Severity) -> SharedRule {
    Arc::new(Rule {
        id: id.into(),
        description: description.into(),
        regex: None,
        path: None,
        anchors: Vec::new(),
        keywords: Vec::new(),
        entropy: 0.0,
        secret_group: 0,
        tags: Vec::new(),
        allowlists: Vec::new(),
        severity,
        confidence: Confidence::High,
        part,
        checks: Vec::new(),
        context: None,
        bind: None,
        jose: None,
        impact: if part.is_identifier() { "".into() } else { "Spends money.".into() },
        remedy: if part.is_identifier() { "".into() } else { "Delete it in the Dashboard.".into() },
        reference: "https://example.com".into(),
        tests: Vec::new(),
    })
}

pub(super) fn token_rule() -> SharedRule {
    rule("signalwire-api-token", "SignalWire API token", Part::Token, Severity::Critical)
}

pub(super) fn project_rule() -> SharedRule {
    rule("signalwire-project-id", "SignalWire Project ID", Part::Project, Severity::Info)
}

pub(super) fn space_rule() -> SharedRule {
    rule("signalwire-space-url", "SignalWire Space", Part::Space, Severity::Info)
}

/// A token that is not one: it is not hex.
pub(super) fn token() -> String {
    format!("PT{}", "q7w2".repeat(12))
}

/// A finding of `secret` in `line` of a file; `line` is the text with the secret in it.
pub(super) fn finding(rule: &SharedRule, secret: &str, place: (&str, u64), line: &str) -> Finding {
    let at = line.find(secret).unwrap();
    let column = at as u64 + 1;
    let value = Secret::new(secret);
    let shown = if rule.part.is_identifier() { secret.to_owned() } else { value.masked() };
    let text = line.replacen(secret, &shown, 1);
    Finding {
        rule: Arc::clone(rule),
        severity: rule.severity,
        secret: value,
        name: Arc::new(Name::new(place.0)),
        origin: Origin::Tree,
        offset: 100 * place.1 + column,
        start: Position { line: place.1, column },
        end: Position { line: place.1, column: column + secret.len() as u64 },
        decoded: Vec::new(),
        parts: Parts::default(),
        bound_to: None,
        lifetime: Lifetime::Unknown,
        verdict: None,
        excerpt: Excerpt { text, span: at..at + shown.len() },
        provenance: Provenance::default(),
        forgiven: None,
    }
}

/// A report of these findings that belong to no credential yet.
pub(super) fn report(findings: Vec<Finding>) -> Report {
    let mut report =
        Report { target: ".".to_owned(), rules_digest: "0f1e2d3c4b5a6978".to_owned(), ..Report::default() };
    report.findings = findings;
    report.coverage.files = 1_234;
    report.coverage.bytes = 56_700_000;
    report
}

/// The life of a value in a repository.
pub(super) fn story() -> Story {
    let moment = |digits: &str, commit_time| Moment {
        commit: digits.repeat(20).into(),
        author: "A U Thor".into(),
        author_time: commit_time - 60,
        commit_time,
        path: Some(Name::new("a.env")),
    };
    Story {
        first: Some(moment("0a", 1_709_287_200)),
        last: Some(moment("0c", 1_709_287_200 + 86_400)),
        removed: Some(moment("1b", 1_709_287_200 + 7 * 86_400)),
        in_head: false,
        in_index: false,
        held_by: Names::default(),
        branches: Names { first: ["a", "b", "c"].map(Name::new).to_vec(), count: 8 },
        tags: Names::default(),
        remotes: Names { first: vec![Name::new("origin/main")], count: 1 },
        days_exposed: 7,
        versions: 400,
    }
}

/// What SignalWire said of a token that is alive.
pub(super) fn verification() -> Verification {
    let state = |scope, holding| ScopeState { scope, holding, evidence: "GET /x answered".to_owned(), danger: "spend" };
    Verification {
        verdict: Verdict::Alive,
        evidence: vec!["acme-voice.signalwire.com answered 200".to_owned()],
        scopes: Some(vec![state("chat", Holding::Unknown), state("video", Holding::Yes)]),
        token_id: None,
    }
}

/// Joins the findings with these indexes; the first is the secret.
pub(super) fn join(report: &mut Report, grade: Grade, findings: &[usize]) {
    let secret = &report.findings[findings[0]];
    let value = |part| {
        let found = findings.iter().map(|&index| &report.findings[index]).find(|finding| finding.rule.part == part)?;
        Some(found.shown())
    };
    report.credentials.push(Credential {
        id: secret.fingerprint().to_string(),
        grade,
        severity: secret.severity,
        kind: "api-token".to_owned(),
        project: value(Part::Project),
        space: value(Part::Space),
        hosts: value(Part::Space).map(|_| None).into_iter().collect(),
        bond: Bond::Sole,
        findings: findings.to_vec(),
        story: None,
        verification: None,
    });
}

/// A report of one credential that is usable, with three places.
pub(super) fn usable() -> Report {
    let (token, project) = (token(), project());
    let call = format!("client = Client({project:?}, {token:?})");
    let mut report = report(vec![
        finding(&token_rule(), &token, (".env", 4), &format!("SIGNALWIRE_TOKEN={token}")),
        finding(&token_rule(), &token, ("deploy/app.yaml", 12), &format!("    token: \"{token}\"")),
        finding(&token_rule(), &token, ("src/main.py", 7), &call),
        finding(&project_rule(), &project, (".env", 2), &format!("SIGNALWIRE_PROJECT_ID={project}")),
        finding(&project_rule(), &project, ("src/main.py", 7), &call),
        finding(&space_rule(), "acme-voice", (".env", 5), "SIGNALWIRE_SPACE=acme-voice.signalwire.com"),
    ]);
    join(&mut report, Grade::Usable, &[0, 1, 2, 3, 4, 5]);
    report
}

/// Adds something that was found and forgiven.
pub(super) fn forgive(report: &mut Report, reason: Reason) {
    let mut finding = finding(&token_rule(), &token(), ("README.md", 1), &token());
    finding.forgiven = Some(Forgiveness { reason, by: "".into() });
    report.suppressed.push(finding);
}

/// Adds something that could not be scanned.
pub(super) fn problem(report: &mut Report, path: &str, kind: ProblemKind, detail: &str) {
    report.coverage.problems.push(Problem { path: path.to_owned(), kind, detail: detail.to_owned() });
}
