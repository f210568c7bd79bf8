//! Decides what belongs together: a token, its project, its Space, and every place where they stand.

use std::collections::BTreeMap;

use super::{Finding, Fingerprint};
use crate::blob::Name;
use crate::rule::{Part, Severity, fold_name};
use crate::secret::Secret;

/// What belongs together.
#[derive(Clone, Debug)]
pub struct Credential {
    /// Stable name, derived from the secret.
    pub id: String,
    /// How complete it is.
    pub grade: Grade,
    /// The worst severity among its findings.
    pub severity: Severity,
    /// What kind of secret it holds, such as `api-token` or `room-token`.
    pub kind: String,
    /// The Project ID that belongs to it.
    pub project: Option<String>,
    /// The name of the Space that belongs to it.
    pub space: Option<String>,
    /// Its findings, as indexes into the report's; the secret's own places first.
    pub findings: Vec<usize>,
}

/// How much of what an intruder needs is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Grade {
    /// All of it.
    Usable,
    /// Token and Project ID; the Space is missing.
    TokenAndProject,
    /// The secret alone.
    TokenOnly,
}

impl Grade {
    /// The word that reports use.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Usable => "usable",
            Self::TokenAndProject => "token-and-project",
            Self::TokenOnly => "token-only",
        }
    }
}

/// How many lines apart two parts of one credential stand at the most, as a rule; counted in public code.
const NEAR: u64 = 5;

/// Words of names that say what kind of part a value is, not which credential it belongs to.
const KIND_WORDS: [&str; 16] = [
    "signalwire",
    "project",
    "token",
    "space",
    "account",
    "auth",
    "api",
    "sid",
    "key",
    "url",
    "host",
    "name",
    "rest",
    "sw",
    "id",
    "secret",
];

/// Joins sorted findings into credentials, the worst first.
///
/// What belongs to a secret is looked for in this order: in the value itself, within five lines (a name with the same
/// ending first, then the nearest, what stands before rather than what follows), anywhere in the file, in the folder
/// and in all that was scanned; the last two only if there is a single candidate.
pub fn join(findings: &[Finding]) -> Vec<Credential> {
    let projects = Parts::new(findings, Part::Project);
    let spaces = Parts::new(findings, Part::Space);
    let mut credentials: Vec<Credential> = by_secret(findings)
        .into_values()
        .map(|places| {
            let project = places.iter().find_map(|&at| findings[at].parts.project.as_deref().map(str::to_owned));
            let space = places.iter().find_map(|&at| findings[at].parts.space.as_deref().map(str::to_owned));
            let project = project.or_else(|| projects.of(findings, &places));
            let space = space.or_else(|| spaces.of(findings, &places));
            credential(findings, places, project, space)
        })
        .collect();
    credentials
        .sort_by_key(|credential| (std::cmp::Reverse(credential.severity), credential.grade, credential.findings[0]));
    attach(findings, &mut credentials, &projects, &spaces);
    credentials
}

/// The places of each secret. An API token is the same in whatever form it is written.
fn by_secret(findings: &[Finding]) -> BTreeMap<(&str, &Secret), Vec<usize>> {
    let mut groups: BTreeMap<(&str, &Secret), Vec<usize>> = BTreeMap::new();
    for (at, finding) in findings.iter().enumerate() {
        let secret = finding.parts.token.as_ref().unwrap_or(&finding.secret);
        if !finding.rule.part.is_identifier() {
            groups.entry((kind(finding), secret)).or_default().push(at);
        }
    }
    groups
}

/// What kind of secret a finding is, for people and reports.
fn kind(finding: &Finding) -> &str {
    match finding.rule.part {
        Part::Token => "api-token",
        Part::SigningKey => "signing-key",
        _ => finding.rule.id.strip_prefix("signalwire-").unwrap_or(&finding.rule.id),
    }
}

fn credential(findings: &[Finding], places: Vec<usize>, project: Option<String>, space: Option<String>) -> Credential {
    let first = &findings[places[0]];
    let grade = match (first.rule.part, &project, &space) {
        (Part::ClientToken | Part::PackageToken | Part::PublicToken, ..) | (Part::Token, Some(_), Some(_)) => {
            Grade::Usable
        }
        (Part::Token, Some(_), None) => Grade::TokenAndProject,
        _ => Grade::TokenOnly,
    };
    Credential {
        id: id(first),
        grade,
        severity: places.iter().map(|&at| findings[at].severity).max().unwrap_or(Severity::Info),
        kind: kind(first).to_owned(),
        project,
        space,
        findings: places,
    }
}

/// A stable name. A guessable secret is named by its place, since a digest of it would confirm a guess.
fn id(finding: &Finding) -> String {
    let value = finding.parts.token.as_ref().unwrap_or(&finding.secret);
    let print = match finding.rule.part {
        Part::Password => {
            let place = format!("{}:{}:{}", finding.name.to_text(), finding.start.line, finding.start.column);
            Fingerprint::of(&format!("place of {}", finding.rule.id), &Secret::new(place))
        }
        _ => Fingerprint::of(&format!("credential {}", kind(finding)), value),
    };
    print.to_string().replacen("bw1:", "bwc1:", 1)
}

/// Gives each Project ID and Space that a credential uses to the first credential that does.
fn attach(findings: &[Finding], credentials: &mut [Credential], projects: &Parts<'_>, spaces: &Parts<'_>) {
    let mut taken = vec![false; findings.len()];
    for credential in credentials {
        let project = credential.project.as_deref().and_then(|value| projects.by_value.get(value));
        let space = credential.space.as_deref().and_then(|value| spaces.by_value.get(value));
        for &at in project.into_iter().chain(space).flatten() {
            if !std::mem::replace(&mut taken[at], true) {
                credential.findings.push(at);
            }
        }
    }
}

/// All Project IDs, or all Spaces, by where they stand.
struct Parts<'a> {
    /// Ascending by line.
    by_file: BTreeMap<&'a Name, Vec<usize>>,
    by_folder: BTreeMap<&'a [u8], Vec<&'a str>>,
    by_value: BTreeMap<String, Vec<usize>>,
    /// The only value, if there is only one.
    single: Option<String>,
}

impl<'a> Parts<'a> {
    fn new(findings: &'a [Finding], part: Part) -> Self {
        let mut parts =
            Self { by_file: BTreeMap::new(), by_folder: BTreeMap::new(), by_value: BTreeMap::new(), single: None };
        for (at, finding) in findings.iter().enumerate().filter(|(_, finding)| finding.rule.part == part) {
            parts.by_file.entry(&finding.name).or_default().push(at);
            parts.by_value.entry(value(finding)).or_default().push(at);
            let folder = parts.by_folder.entry(finding.name.folder()).or_default();
            if let Ok(text) = std::str::from_utf8(finding.secret.expose()) {
                folder.push(text);
            }
        }
        for places in parts.by_file.values_mut() {
            places.sort_by_key(|&at| findings[at].start);
        }
        let mut values = parts.by_value.keys();
        parts.single = values.next().filter(|_| values.next().is_none()).cloned();
        parts
    }

    /// The part that belongs to the secret with these places.
    fn of(&self, findings: &[Finding], places: &[usize]) -> Option<String> {
        let best = |reach: u64| {
            let candidates = places.iter().flat_map(|&place| self.in_file(findings, &findings[place], reach));
            candidates.min().map(|(_, at)| value(&findings[at]))
        };
        let in_folder = || {
            places.iter().find_map(|&place| {
                let values = self.by_folder.get(findings[place].name.folder())?;
                let single = values.iter().all(|value| value.eq_ignore_ascii_case(values[0]));
                single.then(|| values[0].to_ascii_lowercase())
            })
        };
        best(NEAR).or_else(|| best(u64::MAX)).or_else(in_folder).or_else(|| self.single.clone())
    }

    /// The parts within `reach` lines of a secret, each with its rank; the lowest is the best.
    fn in_file(&self, findings: &[Finding], secret: &Finding, reach: u64) -> Vec<((bool, bool, u64), usize)> {
        let Some(all) = self.by_file.get(&*secret.name) else { return Vec::new() };
        let line = secret.start.line;
        let from = all.partition_point(|&at| findings[at].start.line < line.saturating_sub(reach));
        let to = all.partition_point(|&at| findings[at].start.line <= line.saturating_add(reach));
        // Far away only the neighbours on either side can be the nearest.
        let near = if reach == NEAR {
            &all[from..to]
        } else {
            let here = all.partition_point(|&at| findings[at].start.line <= line);
            &all[here.saturating_sub(1)..all.len().min(here + 1)]
        };
        let rank = |at: usize| {
            let part = &findings[at];
            (affix(secret) != affix(part), part.start.line > line, part.start.line.abs_diff(line))
        };
        near.iter().take(64).map(|&at| (rank(at), at)).collect()
    }
}

/// The value of an identifier in the form in which it is compared.
fn value(finding: &Finding) -> String {
    String::from_utf8_lossy(finding.secret.expose()).to_lowercase()
}

/// What is left of a name when the words for the kind are taken away: `prod` of `SIGNALWIRE_TOKEN_PROD`.
fn affix(finding: &Finding) -> String {
    let mut name = finding.bound_to.as_deref().map(|name| fold_name(name.as_bytes())).unwrap_or_default();
    for word in KIND_WORDS {
        name = name.replace(word, "");
    }
    name
}
