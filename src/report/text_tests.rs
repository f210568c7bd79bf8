//! What text reports look like.

use super::escape::escape;
use super::{Detail, Format, Layout, Notes, Paint, Reveal, Run, sample, write};
use crate::finding::{Encoding, Grade, Lifetime, ProblemKind, Reason, Report, Verdict};
use crate::rule::{Part, Severity};

fn text(report: &Report, layout: Layout) -> String {
    let mut out = Vec::new();
    write(Format::Text, layout, (report, &Run::default()), &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

/// A whole report. The Project ID is replaced, so that this file holds none.
fn plain(report: &Report) -> String {
    hide(&text(report, Layout { notes: Notes::Included, ..Layout::default() }))
}

fn hide(text: &str) -> String {
    text.replace(&sample::project(), "IDENTITY-IDEN-IDEN-IDEN-IDENTITYIDEN")
}

#[test]
fn a_usable_credential_shows_all_its_parts() {
    insta::assert_snapshot!(plain(&sample::usable()), @"
    critical[signalwire-api-token]: SignalWire API token with its Project ID and Space (usable)
     --> .env:4:18
      |
    2 | SIGNALWIRE_PROJECT_ID=IDENTITY-IDEN-IDEN-IDEN-IDENTITYIDEN
      |                       ------------------------------------ Project ID
    3 | ...
    4 | SIGNALWIRE_TOKEN=PTq7w2********q7w2
      |                  ^^^^^^^^^^^^^^^^^^ SignalWire API token
    5 | SIGNALWIRE_SPACE=acme-voice.signalwire.com
      |                  ---------- Space
      |
      = also at: deploy/app.yaml:12:13
                 src/main.py:7:58
      = project: IDENTITY-IDEN-IDEN-IDEN-IDENTITYIDEN at .env:2:23 and 1 more place
      = space: acme-voice at .env:5:18
      = can: Spends money.
      = fix: Delete it in the Dashboard.

    1 credential (1 critical); 1,234 files, 56.7 MB scanned
    ");
}

#[test]
fn a_token_alone_says_so() {
    let token = sample::token();
    let line = format!("auth = {token}");
    let mut report = sample::report(vec![sample::finding(&sample::token_rule(), &token, ("notes.txt", 1), &line)]);
    report.findings[0].decoded = vec![Encoding::Base64, Encoding::Utf16Le];
    report.findings[0].bound_to = Some("SIGNALWIRE_TOKEN".into());
    sample::join(&mut report, Grade::TokenOnly, &[0]);
    insta::assert_snapshot!(plain(&report), @"
    critical[signalwire-api-token]: SignalWire API token (token-only)
     --> notes.txt:1:8
      |
    1 | auth = PTq7w2********q7w2
      |        ^^^^^^^^^^^^^^^^^^ SignalWire API token, bound to SIGNALWIRE_TOKEN
      |
      = decoded: base64 > utf-16le
      = can: Spends money.
      = fix: Delete it in the Dashboard.

    1 credential (1 critical); 1,234 files, 56.7 MB scanned
    ");
}

#[test]
fn an_expired_client_token_says_when_it_ended() {
    let rule = sample::rule("signalwire-subscriber-token", "Subscriber token", Part::ClientToken, Severity::Medium);
    let mut finding = sample::finding(&rule, &"eyJ0eXAi".repeat(9), ("app.js", 3), &"eyJ0eXAi".repeat(9));
    finding.severity = Severity::Low;
    finding.verdict = Some(Verdict::Expired);
    finding.lifetime = Lifetime::Until(1_709_287_200);
    let mut report = sample::report(vec![finding]);
    sample::join(&mut report, Grade::TokenOnly, &[0]);
    insta::assert_snapshot!(plain(&report), @"
    low[signalwire-subscriber-token]: Subscriber token (expired)
     --> app.js:3:1
      |
    3 | eyJ0eX********eXAi
      | ^^^^^^^^^^^^^^^^^^ Subscriber token
      |
      = expired: 2024-03-01 10:00 UTC
      = can: Spends money.
      = fix: Delete it in the Dashboard.

    1 credential (1 low); 1,234 files, 56.7 MB scanned
    ");
}

#[test]
fn nothing_of_a_password_is_shown() {
    let rule = sample::rule("signalwire-sip-password", "SIP password", Part::Password, Severity::High);
    let word = ["tr0ub", "4dor"].concat();
    let line = format!("  password: {word} # SIP");
    let mut report = sample::report(vec![sample::finding(&rule, &word, ("sip.yaml", 9), &line)]);
    report.findings[0].lifetime = Lifetime::Endless;
    sample::join(&mut report, Grade::TokenOnly, &[0]);
    let shown = plain(&report);
    assert!(!shown.contains("tr0ub"));
    insta::assert_snapshot!(shown, @"
    high[signalwire-sip-password]: SIP password
     --> sip.yaml:9:13
      |
    9 |   password: ******** # SIP
      |             ^^^^^^^^ SIP password
      |
      = expires: never
      = can: Spends money.
      = fix: Delete it in the Dashboard.

    1 credential (1 high); 1,234 files, 56.7 MB scanned
    ");
}

#[test]
fn identifiers_are_one_line_each() {
    let (rule, project) = (sample::project_rule(), sample::project());
    let at = |path, line| sample::finding(&rule, &project, (path, line), &format!("project: {project}"));
    let space = sample::finding(&sample::space_rule(), "acme", ("a.yaml", 4), "https://acme.signalwire.com");
    let report = sample::report(vec![at("a.yaml", 3), at("b.yaml", 3), at("c.yaml", 8), space]);
    insta::assert_snapshot!(plain(&report), @"
    info: 2 identifiers
      SignalWire Project ID  IDENTITY-IDEN-IDEN-IDEN-IDENTITYIDEN at a.yaml:3:10 and 2 more places
      SignalWire Space       acme at a.yaml:4:9

    No SignalWire credentials found, 2 identifiers; 1,234 files, 56.7 MB scanned
    ");
    let full = text(&report, Layout { detail: Detail::Full, ..Layout::default() });
    insta::assert_snapshot!(hide(&full), @"
    info: 2 identifiers
      SignalWire Project ID  IDENTITY-IDEN-IDEN-IDEN-IDENTITYIDEN at a.yaml:3:10, b.yaml:3:10, c.yaml:8:10
      SignalWire Space       acme at a.yaml:4:9
    ");
}

#[test]
fn what_could_not_be_scanned_is_said() {
    let mut report = sample::report(Vec::new());
    report.coverage.files = 0;
    report.coverage.bytes = 0;
    report.coverage.links = 2;
    report.coverage.special = 1;
    report.coverage.excluded = 3;
    sample::problem(&mut report, "private/key", ProblemKind::Unreadable, "permission denied");
    sample::problem(&mut report, "video.mkv", ProblemKind::Oversize, "5.2 GB; the limit is 100.0 MB");
    for number in 0..30 {
        sample::problem(&mut report, &format!("many/{number}"), ProblemKind::Vanished, "");
    }
    for reason in [Reason::Placeholder, Reason::Inline, Reason::Placeholder] {
        sample::forgive(&mut report, reason);
    }
    insta::assert_snapshot!(plain(&report), @"
    unreadable:
      private/key (permission denied)
    vanished:
      many/0
      many/1
      many/2
      many/3
      many/4
      many/5
      many/6
      many/7
      many/8
      many/9
      many/10
      many/11
      many/12
      many/13
      many/14
      many/15
      many/16
      many/17
    oversize:
      video.mkv (5.2 GB; the limit is 100.0 MB)
      and 12 more (-v lists them all)
    INCOMPLETE: 32 things could not be scanned
    No SignalWire credentials found in what was scanned; 0 files scanned; 2 links not followed; 1 special file without content; 3 excluded; 3 suppressed (2 placeholder, 1 inline-allow)
    ");
}

#[test]
fn hostile_names_and_content_reach_no_terminal() {
    let token = sample::token();
    let path = "a\x1b[2Jb\nc\u{202e}\u{200b}\u{feff}d";
    let line = format!("\t\x1b]0;owned\x07 \u{202e}key\u{2066} = {token}\r\u{85}");
    let mut report = sample::report(vec![
        sample::finding(&sample::token_rule(), &token, (path, 1), &line),
        sample::finding(&sample::space_rule(), "ac\x1bme", (path, 2), "ac\x1bme"),
    ]);
    sample::problem(&mut report, path, ProblemKind::Failed, "said\x1b[31m so");
    sample::join(&mut report, Grade::TokenOnly, &[0]);
    let shown = plain(&report);
    assert_eq!(shown.replace('\n', ""), escape(&shown.replace('\n', "")));
    insta::assert_snapshot!(shown, @r"
    critical[signalwire-api-token]: SignalWire API token (token-only)
     --> a\u{1B}[2Jb\u{A}c\u{202E}\u{200B}\u{FEFF}d:1:25
      |
    1 |     \u{1B}]0;owned\u{7} \u{202E}key\u{2066} = PTq7w2********q7w2\u{D}\u{85}
      |                                               ^^^^^^^^^^^^^^^^^^ SignalWire API token
      |
      = can: Spends money.
      = fix: Delete it in the Dashboard.

    info: 1 identifier
      SignalWire Space  ac\u{1B}me at a\u{1B}[2Jb\u{A}c\u{202E}\u{200B}\u{FEFF}d:2:1

    failed:
      a\u{1B}[2Jb\u{A}c\u{202E}\u{200B}\u{FEFF}d (said\u{1B}[31m so)
    INCOMPLETE: 1 thing could not be scanned
    1 credential (1 critical), 1 identifier; 1,234 files, 56.7 MB scanned
    ");
}

#[test]
fn a_long_list_of_places_is_cut_unless_all_is_asked_for() {
    let token = sample::token();
    let at = |line| sample::finding(&sample::token_rule(), &token, ("log.txt", line), &token);
    let mut report = sample::report((1..=14).map(at).collect());
    sample::join(&mut report, Grade::TokenOnly, &(0..14).collect::<Vec<_>>());
    let brief = text(&report, Layout::default());
    assert!(brief.contains("log.txt:11:1\n") && brief.contains("and 3 more\n"), "{brief}");
    let full = text(&report, Layout { detail: Detail::Full, ..Layout::default() });
    assert!(full.contains("log.txt:14:1\n") && !full.contains("more"), "{full}");
}

#[test]
fn findings_of_several_rules_at_one_place_are_shown_once() {
    let token = sample::token();
    let line = format!("curl -u id:{token}");
    let other = sample::rule("signalwire-url-credentials", "Credentials", Part::Token, Severity::Critical);
    let mut report = sample::report(vec![
        sample::finding(&sample::token_rule(), &token, ("run.sh", 2), &line),
        sample::finding(&other, &format!("id:{token}"), ("run.sh", 2), &line),
    ]);
    sample::join(&mut report, Grade::TokenOnly, &[0, 1]);
    let shown = plain(&report);
    assert!(!shown.contains("also at"), "{shown}");
    assert!(shown.contains("run.sh:2:12\n"), "{shown}");
}

#[test]
fn a_secret_is_written_out_only_when_asked_for() {
    let report = sample::usable();
    assert!(!plain(&report).contains(&sample::token()));
    let whole = text(&report, Layout { reveal: Reveal::Whole, ..Layout::default() });
    assert!(whole.contains(&format!("= value: {}", sample::token())), "{whole}");
}

#[test]
fn colour_adds_escape_sequences_and_nothing_else() {
    let report = sample::usable();
    let styled = text(&report, Layout { paint: Paint::Styled, notes: Notes::Included, ..Layout::default() });
    assert!(styled.contains("\x1b["));
    assert_eq!(hide(&anstream::adapter::strip_str(&styled).to_string()), plain(&report));
}

#[test]
fn a_shared_project_is_shown_with_each_of_its_credentials() {
    let (token, project) = (sample::token(), sample::project());
    let other = token.replace('q', "k");
    let mut report = sample::report(vec![
        sample::finding(&sample::token_rule(), &token, ("a.env", 1), &format!("TOKEN={token}\r")),
        sample::finding(&sample::token_rule(), &other, ("a.env", 2), &format!("OTHER={other}\r")),
        sample::finding(&sample::project_rule(), &project, ("a.env", 3), &format!("PROJECT={project}\r")),
    ]);
    sample::join(&mut report, Grade::TokenAndProject, &[0, 2]);
    sample::join(&mut report, Grade::TokenAndProject, &[1]);
    report.credentials[1].project = Some(project.to_uppercase());
    let shown = text(&report, Layout::default());
    assert_eq!(shown.matches("a.env:3:9\n").count(), 2, "{shown}");
    assert_eq!(shown.matches(&format!("3 | PROJECT={project}\n")).count(), 2, "{shown}");
}
