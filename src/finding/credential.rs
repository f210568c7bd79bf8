//! Decides what belongs together: a token, its project, its Space, and every place where they stand.

use std::collections::{BTreeMap, BTreeSet};

use super::matching::{self, Bond, Partner};
use super::{Finding, Fingerprint, Story, Verification};
use crate::rule::{Part, Severity};
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
    /// The hosts that the Space is written as where it stands with the secret, lower-case; nothing for its bare name.
    pub hosts: BTreeSet<Option<Box<str>>>,
    /// How sure it is that project and Space belong to the secret.
    pub bond: Bond,
    /// Its findings, as indexes into the report's; the secret's own places first.
    pub findings: Vec<usize>,
    /// The life of its secret in a repository, over all places.
    pub story: Option<Box<Story>>,
    /// Whether it is alive, if SignalWire was to be asked.
    pub verification: Option<Box<Verification>>,
}

impl Credential {
    /// How the Space is written where it stands with the secret: hosts, or its name.
    pub fn written(&self) -> Vec<&str> {
        let Some(name) = &self.space else { return Vec::new() };
        self.hosts.iter().map(|host| host.as_deref().unwrap_or(name)).collect()
    }
}

/// What makes findings places of one credential.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct CredentialKey {
    kind: Box<str>,
    secret: Secret,
}

impl CredentialKey {
    /// The key of the credential that `finding` is a place of; an identifier is none.
    pub fn of(finding: &Finding) -> Option<Self> {
        let secret = finding.parts.token.as_ref().unwrap_or(&finding.secret);
        (!finding.rule.part.is_identifier()).then(|| Self { kind: kind(finding).into(), secret: secret.clone() })
    }
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

/// Joins sorted findings into credentials, the worst first.
///
/// What a value says of its own credential is believed first; the rest is decided in `matching`.
pub fn join(findings: &[Finding]) -> Vec<Credential> {
    let secrets: Vec<Vec<usize>> = by_secret(findings).into_values().collect();
    let projects = matching::assign(findings, &secrets, Part::Project);
    let spaces = matching::assign(findings, &secrets, Part::Space);
    let parts = projects.into_iter().zip(spaces);
    let mut credentials: Vec<Credential> = secrets
        .into_iter()
        .zip(parts)
        .map(|(places, (project, space))| credential(findings, places, (project, space)))
        .collect();
    credentials
        .sort_by_key(|credential| (std::cmp::Reverse(credential.severity), credential.grade, credential.findings[0]));
    attach(findings, &mut credentials);
    credentials
}

/// The places of each secret. An API token is the same in whatever form it is written.
fn by_secret(findings: &[Finding]) -> BTreeMap<CredentialKey, Vec<usize>> {
    let mut groups: BTreeMap<CredentialKey, Vec<usize>> = BTreeMap::new();
    for (at, finding) in findings.iter().enumerate() {
        if let Some(key) = CredentialKey::of(finding) {
            groups.entry(key).or_default().push(at);
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

fn credential(
    findings: &[Finding],
    places: Vec<usize>,
    (project, space): (Option<Partner>, Option<Partner>),
) -> Credential {
    let bond = project.iter().chain(&space).map(|partner| partner.bond).max().unwrap_or(Bond::Sole);
    let hosts = space.iter().flat_map(|space| &space.places).map(|&at| findings[at].parts.host.clone()).collect();
    let [project, space] = [project, space].map(|partner| partner.map(|partner| partner.value));
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
        hosts,
        bond,
        findings: places,
        story: None,
        verification: None,
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
pub(super) fn attach(findings: &[Finding], credentials: &mut [Credential]) {
    let mut places: BTreeMap<(Part, String), Vec<usize>> = BTreeMap::new();
    for (at, finding) in findings.iter().enumerate().filter(|(_, finding)| finding.rule.part.is_identifier()) {
        places.entry((finding.rule.part, matching::value(finding))).or_default().push(at);
    }
    for credential in credentials {
        let project = credential.project.clone().and_then(|value| places.remove(&(Part::Project, value)));
        let space = credential.space.clone().and_then(|value| places.remove(&(Part::Space, value)));
        credential.findings.extend(project.into_iter().chain(space).flatten());
    }
}
