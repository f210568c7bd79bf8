//! Decides what belongs together: a token, its project, its Space, and every place where they stand.

use super::{Finding, Fingerprint};
use crate::rule::{Part, Severity};

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

/// Joins sorted findings into credentials, the worst first.
pub fn join(findings: &[Finding]) -> Vec<Credential> {
    let mut credentials = Vec::new();
    for (index, finding) in findings.iter().enumerate() {
        if matches!(finding.rule.part, Part::Project | Part::Space) {
            continue;
        }
        credentials.push(Credential {
            id: Fingerprint::of(&finding.rule.id, &finding.secret).to_string(),
            grade: Grade::TokenOnly,
            severity: finding.severity,
            kind: finding.rule.id.to_string(),
            project: None,
            space: None,
            findings: vec![index],
        });
    }
    credentials
}
