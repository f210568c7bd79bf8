//! The format for people: one block a credential, in the style of a compiler's diagnostics.

use std::collections::BTreeMap;
use std::io::{self, Write};

use annotate_snippets::{Group, Level, Message, Renderer};
use anstyle::{AnsiColor, Effects, Style};
use jiff::Timestamp;

use super::amount::Count;
use super::escape::escape;
use super::mask::mask;
use super::scene::{self, Mark, place};
use super::wrap::wrap;
use super::{Detail, Layout, Notes, Paint, Reveal, forgiven, life, notes, subject};
use crate::blob::Name;
use crate::finding::{Credential, Finding, Grade, Lifetime, Report, Verdict, Verification};
use crate::rule::{Part, Severity};

/// How many further places of a credential a brief report lists.
const FEW_PLACES: usize = 10;

/// Writes what was found, the worst first; then what is no secret by itself.
pub(super) fn write(report: &Report, layout: Layout, out: &mut dyn Write) -> io::Result<()> {
    let renderer = match layout.paint {
        Paint::Plain => Renderer::plain(),
        Paint::Styled => Renderer::styled().hyperlink(false),
    };
    let identifiers = Identifiers::new(report);
    for credential in &report.credentials {
        if let Some(block) = Block::new(report, credential, &identifiers) {
            let drawing = renderer.render(&[block.group(layout)]);
            writeln!(out, "{}\n", scene::settle(&drawing, block.primary))?;
        }
    }
    write_loners(report, layout, out)?;
    forgiven::write(report, layout, out)?;
    match layout.notes {
        Notes::Apart => Ok(()),
        Notes::Included => notes(report, layout, None, out),
    }
}

/// Where each Project ID and Space stands. One that belongs to several credentials is a finding of one of them alone.
struct Identifiers<'a>(BTreeMap<(Part, String), BTreeMap<&'a Name, Vec<&'a Finding>>>);

impl<'a> Identifiers<'a> {
    fn new(report: &'a Report) -> Self {
        let mut identifiers: BTreeMap<_, BTreeMap<_, Vec<_>>> = BTreeMap::new();
        for finding in report.findings.iter().filter(|finding| finding.rule.part.is_identifier()) {
            let key = (finding.rule.part, finding.shown().to_lowercase());
            identifiers.entry(key).or_default().entry(&*finding.name).or_default().push(finding);
        }
        Self(identifiers)
    }

    /// Where `value` stands: in the file `near`, if it does so there, else where it stands first.
    fn places(&self, part: Part, value: Option<&str>, near: &Name) -> Vec<&'a Finding> {
        let files = value.and_then(|value| self.0.get(&(part, value.to_lowercase())));
        let file = files.and_then(|files| files.get(near).or_else(|| files.values().next()));
        places(file.into_iter().flatten().copied())
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
    fn new(report: &'a Report, credential: &'a Credential, identifiers: &Identifiers<'a>) -> Option<Self> {
        let findings = || credential.findings.iter().filter_map(|&index| report.findings.get(index));
        let mut own = places(findings().filter(|finding| !finding.rule.part.is_identifier())).into_iter();
        let primary = own.next()?;
        let of_part = |part, value: &Option<String>| {
            let found = places(findings().filter(|finding| finding.rule.part == part));
            if found.is_empty() { identifiers.places(part, value.as_deref(), &primary.name) } else { found }
        };
        Some(Self {
            credential,
            primary,
            further: own.collect(),
            projects: of_part(Part::Project, &credential.project),
            spaces: of_part(Part::Space, &credential.space),
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
        let state = subject::state(self.primary, Some(self.credential));
        let with = match grade {
            Grade::Usable => " with its Project ID and Space",
            Grade::TokenAndProject => " with its Project ID",
            Grade::TokenOnly => "",
        };
        // The grade says what an API token lacks; nothing else needs a Project ID and a Space to be of use.
        match self.primary.rule.part {
            Part::Token => {
                let state = state.map(|state| format!(", {state}")).unwrap_or_default();
                format!("{what}{with} ({}{state})", grade.as_str())
            }
            _ => state.map_or_else(|| what.clone(), |state| format!("{what} ({state})")),
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
        let reach = self.primary.provenance.reach;
        let story = self.credential.story.as_deref().map(|story| life::facts(story, reach, layout.detail));
        let facts = [
            ("also at", list(&self.further, layout.detail)),
            ("project", part(self.credential.project.as_deref(), &self.projects, layout.detail)),
            ("space", part(self.credential.space.as_deref(), &self.spaces, layout.detail)),
            ("value", value),
            ("decoded", decoded.join(" > ")),
            lifetime(self.primary),
        ];
        let answers = self.credential.verification.as_deref().map(answers).unwrap_or_default();
        let verification = self.credential.verification.as_deref();
        let id = verification.and_then(|verification| verification.token_id.as_deref());
        let known = id.map(|id| format!("`barewire token delete {id}` revokes it, since the ledger has it. "));
        let fix = format!("{}{}", known.unwrap_or_default(), rule.remedy);
        let can = verification.and_then(Verification::dangers_in_words).unwrap_or_else(|| rule.impact.to_string());
        let advice = [("can", escape(&can).into_owned()), ("fix", escape(&fix).into_owned())];
        // Places and values stay whole, so that they can be copied.
        let prose = answers
            .into_iter()
            .chain(story.into_iter().flatten())
            .chain(advice)
            .map(|(name, text)| (name, wrap(name, &text)));
        facts.into_iter().chain(prose).filter(|(_, text)| !text.is_empty()).collect()
    }
}

/// What SignalWire answered.
fn answers(verification: &Verification) -> Vec<(&'static str, String)> {
    let evidence: Vec<_> = verification.evidence.iter().map(|text| escape(&mask(text)).into_owned()).collect();
    // Of what is not known to be alive, no scope is known.
    let scopes = if verification.verdict == Verdict::Alive { verification.scopes_in_words() } else { String::new() };
    vec![(verification.verdict.as_str(), evidence.join("; ")), ("scopes", scopes)]
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
pub(super) fn describe(finding: &Finding) -> String {
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
        (Some(Verdict::Alive | Verdict::Dead | Verdict::Unknown) | None, Lifetime::Unknown) => {
            ("expires", String::new())
        }
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
