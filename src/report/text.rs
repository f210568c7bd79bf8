//! The format for people: one block a credential, in the style of a compiler's diagnostics.

use std::collections::BTreeMap;
use std::io::{self, Write};

use annotate_snippets::{Group, Level, Message, Renderer};
use anstyle::{AnsiColor, Effects, Style};
use jiff::Timestamp;

use super::amount::Count;
use super::escape::escape;
use super::scene::{self, Mark, place};
use super::{Detail, Layout, Notes, Paint, Reveal, notes};
use crate::finding::{Credential, Finding, Grade, Lifetime, Report, Verdict};
use crate::rule::{Part, Severity};

/// How many further places of a credential a brief report lists.
const FEW_PLACES: usize = 10;

/// Writes what was found, the worst first; then what is no secret by itself.
pub(super) fn write(report: &Report, layout: Layout, out: &mut dyn Write) -> io::Result<()> {
    let renderer = match layout.paint {
        Paint::Plain => Renderer::plain(),
        Paint::Styled => Renderer::styled().hyperlink(false),
    };
    for credential in &report.credentials {
        if let Some(block) = Block::new(report, credential) {
            let drawing = renderer.render(&[block.group(layout)]);
            writeln!(out, "{}\n", scene::settle(&drawing, block.primary))?;
        }
    }
    write_loners(report, layout, out)?;
    match layout.notes {
        Notes::Apart => Ok(()),
        Notes::Included => notes(report, layout, None, out),
    }
}

/// What is said of one credential.
struct Block<'a> {
    credential: &'a Credential,
    primary: &'a Finding,
    further: Vec<&'a Finding>,
    projects: Vec<&'a Finding>,
    spaces: Vec<&'a Finding>,
}

impl<'a> Block<'a> {
    fn new(report: &'a Report, credential: &'a Credential) -> Option<Self> {
        let findings = || credential.findings.iter().filter_map(|&index| report.findings.get(index));
        let of_part = |part| places(findings().filter(|finding| finding.rule.part == part));
        let mut own = places(findings().filter(|finding| !finding.rule.part.is_identifier())).into_iter();
        Some(Self {
            credential,
            primary: own.next()?,
            further: own.collect(),
            projects: of_part(Part::Project),
            spaces: of_part(Part::Space),
        })
    }

    fn group(&self, layout: Layout) -> Group<'static> {
        let title = level(self.credential.severity).primary_title(self.title());
        let mark = |finding, label: &str| Mark { finding, label: label.to_owned() };
        let others = self.projects.iter().map(|finding| mark(finding, "Project ID"));
        let others = others.chain(self.spaces.iter().map(|finding| mark(finding, "Space"))).collect();
        let primary = Mark { finding: self.primary, label: self.label() };
        Group::with_title(title.id(escape(&self.primary.rule.id).into_owned()))
            .element(scene::draw(primary, others))
            .elements(self.facts(layout).into_iter().map(|(name, text)| fact(name, text)))
    }

    fn title(&self) -> String {
        let what = describe(self.primary);
        let grade = self.credential.grade;
        let state = if self.primary.verdict == Some(Verdict::Expired) { ", expired" } else { "" };
        let with = match grade {
            Grade::Usable => " with its Project ID and Space",
            Grade::TokenAndProject => " with its Project ID",
            Grade::TokenOnly => "",
        };
        match (self.primary.rule.part, grade) {
            (Part::Token, _) | (_, Grade::Usable | Grade::TokenAndProject) => {
                format!("{what}{with} ({}{state})", grade.as_str())
            }
            _ if state.is_empty() => what,
            _ => format!("{what} (expired)"),
        }
    }

    /// What is said under the secret: what it is, and what it is bound to where that cannot be seen.
    fn label(&self) -> String {
        let what = describe(self.primary);
        match &self.primary.bound_to {
            Some(name) if !self.primary.excerpt.text.contains(&**name) => format!("{what}, bound to {}", escape(name)),
            _ => what,
        }
    }

    fn facts(&self, layout: Layout) -> Vec<(&'static str, String)> {
        let rule = &self.primary.rule;
        let decoded: Vec<_> = self.primary.decoded.iter().map(|encoding| encoding.as_str()).collect();
        let value = match layout.reveal {
            Reveal::Masked => String::new(),
            Reveal::Whole => escape(&String::from_utf8_lossy(self.primary.secret.expose())).into_owned(),
        };
        let facts = [
            ("also at", list(&self.further, layout.detail)),
            ("project", part(self.credential.project.as_deref(), &self.projects, layout.detail)),
            ("space", part(self.credential.space.as_deref(), &self.spaces, layout.detail)),
            ("value", value),
            ("decoded", decoded.join(" > ")),
            lifetime(self.primary),
            ("can", escape(&rule.impact).into_owned()),
            ("fix", escape(&rule.remedy).into_owned()),
        ];
        facts.into_iter().filter(|(_, text)| !text.is_empty()).collect()
    }
}

fn fact(name: &'static str, text: String) -> Message<'static> {
    Level::NOTE.with_name(name).message(text)
}

fn level(severity: Severity) -> Level<'static> {
    let level = match severity {
        Severity::Critical | Severity::High => Level::ERROR,
        Severity::Medium => Level::WARNING,
        Severity::Low => Level::NOTE,
        Severity::Info => Level::INFO,
    };
    level.with_name(severity.as_str())
}

/// What the finding's rule says it is.
fn describe(finding: &Finding) -> String {
    let rule = &finding.rule;
    let what = if rule.description.is_empty() { &rule.id } else { &rule.description };
    escape(what).into_owned()
}

fn lifetime(finding: &Finding) -> (&'static str, String) {
    match (finding.verdict, finding.lifetime) {
        (Some(Verdict::Expired), Lifetime::Until(time)) => ("expired", date(time)),
        (Some(Verdict::Expired), _) => ("expired", "yes".to_owned()),
        (_, Lifetime::Until(time)) => ("expires", date(time)),
        (Some(Verdict::NeverExpires), _) | (_, Lifetime::Endless) => ("expires", "never".to_owned()),
        (Some(Verdict::PublicByDesign), _) => ("public", "by design; it is meant to be seen".to_owned()),
        (None, Lifetime::Unknown) => ("expires", String::new()),
    }
}

fn date(seconds: i64) -> String {
    match Timestamp::from_second(seconds) {
        Ok(time) => time.strftime("%Y-%m-%d %H:%M UTC").to_string(),
        Err(_) => format!("{seconds} seconds after 1970"),
    }
}

/// One finding a place: of those that overlap, the one that comes first. Their order is kept.
fn places<'a>(findings: impl Iterator<Item = &'a Finding>) -> Vec<&'a Finding> {
    let mut by_place: Vec<(usize, &Finding)> = findings.enumerate().collect();
    by_place.sort_by_key(|(_, finding)| (&finding.name, finding.origin, finding.start));
    let mut kept: Vec<(usize, &Finding)> = Vec::new();
    let mut end = None;
    for (order, finding) in by_place {
        let file = (&finding.name, finding.origin);
        match (kept.last_mut(), end) {
            (Some(last), Some((same, until))) if same == file && finding.start < until => {
                *last = (*last).min_by_order((order, finding));
                end = Some((file, until.max(finding.end)));
            }
            _ => {
                kept.push((order, finding));
                end = Some((file, finding.end));
            }
        }
    }
    kept.sort_by_key(|(order, _)| *order);
    kept.into_iter().map(|(_, finding)| finding).collect()
}

trait MinByOrder {
    fn min_by_order(self, other: Self) -> Self;
}

impl MinByOrder for (usize, &Finding) {
    fn min_by_order(self, other: Self) -> Self {
        if other.0 < self.0 { other } else { self }
    }
}

/// One place a line, cut where a brief report cuts.
fn list(findings: &[&Finding], detail: Detail) -> String {
    let most = match detail {
        Detail::Brief => FEW_PLACES,
        Detail::Full => findings.len(),
    };
    let mut lines: Vec<_> = findings.iter().take(most).map(|finding| place(finding)).collect();
    if findings.len() > most {
        lines.push(format!("and {} more", findings.len() - most));
    }
    lines.join("\n")
}

/// A part of a credential and where it stands.
fn part(value: Option<&str>, findings: &[&Finding], detail: Detail) -> String {
    let Some(value) = value else { return String::new() };
    format!("{}{}", escape(value), whereabouts(findings, detail))
}

/// ` at PATH:LINE:COLUMN and 3 more places`, or in a full report all of them.
fn whereabouts(findings: &[&Finding], detail: Detail) -> String {
    match (findings, detail) {
        ([], _) => String::new(),
        ([only], _) => format!(" at {}", place(only)),
        ([first, rest @ ..], Detail::Brief) => {
            format!(" at {} and {}", place(first), Count::of(rest.len(), "more place"))
        }
        (all, Detail::Full) => {
            let all: Vec<_> = all.iter().map(|finding| place(finding)).collect();
            format!(" at {}", all.join(", "))
        }
    }
}

/// What belongs to no credential, and is no secret: one line a value.
fn write_loners(report: &Report, layout: Layout, out: &mut dyn Write) -> io::Result<()> {
    let loners = loners(report);
    if loners.is_empty() {
        return Ok(());
    }
    let width = loners.values().map(|findings| describe(findings[0]).chars().count()).max().unwrap_or(0);
    let style = match layout.paint {
        Paint::Plain => Style::new(),
        Paint::Styled => AnsiColor::BrightBlue.on_default().effects(Effects::BOLD),
    };
    writeln!(out, "{style}info{style:#}: {}", Count::of(loners.len(), "identifier"))?;
    for findings in loners.values() {
        let (what, shown) = (describe(findings[0]), findings[0].shown());
        let places = places(findings.iter().copied());
        writeln!(out, "  {what:width$}  {}{}", escape(&shown), whereabouts(&places, layout.detail))?;
    }
    writeln!(out)
}

/// The findings that are in no credential, by rule and value.
pub(super) fn loners(report: &Report) -> BTreeMap<(&str, &[u8]), Vec<&Finding>> {
    let mut joined = vec![false; report.findings.len()];
    for index in report.credentials.iter().flat_map(|credential| &credential.findings) {
        if let Some(joined) = joined.get_mut(*index) {
            *joined = true;
        }
    }
    let mut loners: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for (finding, _) in report.findings.iter().zip(joined).filter(|(_, joined)| !joined) {
        loners.entry((&*finding.rule.id, finding.secret.expose())).or_default().push(finding);
    }
    loners
}

#[cfg(test)]
mod tests {
    use super::super::{Format, sample, write};
    use super::*;
    use crate::finding::{Encoding, ProblemKind, Reason};

    fn text(report: &Report, layout: Layout) -> String {
        let mut out = Vec::new();
        write(Format::Text, layout, report, &mut out).unwrap();
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
        No SignalWire credentials found in what was scanned; 0 files, 0 B scanned; 2 links not followed; 1 special file without content; 3 excluded; 3 suppressed (2 placeholder, 1 inline-allow)
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
}
