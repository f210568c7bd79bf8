//! A rule file as it is written. Every field is known by name: one that is not is an error.

use serde::Deserialize;
use toml::Spanned;

use super::{Check, Confidence, Part, Severity, Target, Vendor};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawFile {
    #[serde(default)]
    #[expect(dead_code, reason = "informational in the gitleaks format; read so that it is not an unknown field")]
    pub(super) title: Option<String>,
    #[serde(default)]
    pub(super) rules: Vec<RawRule>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct RawRule {
    pub(super) id: Spanned<String>,
    #[serde(default)]
    pub(super) description: String,
    pub(super) regex: Option<Spanned<String>>,
    pub(super) path: Option<Spanned<String>>,
    #[serde(default)]
    pub(super) anchors: Vec<Spanned<String>>,
    #[serde(default)]
    pub(super) keywords: Vec<String>,
    #[serde(default)]
    pub(super) entropy: f64,
    pub(super) secret_group: Option<Spanned<usize>>,
    #[serde(default)]
    pub(super) tags: Vec<String>,
    #[serde(default)]
    pub(super) allowlists: Vec<RawAllowlist>,
    pub(super) severity: Option<Severity>,
    pub(super) confidence: Option<Confidence>,
    pub(super) part: Option<Part>,
    #[serde(default)]
    pub(super) check: Vec<Check>,
    pub(super) context: Option<RawContext>,
    pub(super) bind: Option<RawBind>,
    pub(super) jose: Option<RawJose>,
    #[serde(default)]
    pub(super) impact: String,
    #[serde(default)]
    pub(super) remedy: String,
    #[serde(default)]
    pub(super) reference: String,
    #[serde(default)]
    pub(super) tests: Vec<RawExample>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawContext {
    pub(super) any: Vec<Vendor>,
    pub(super) lines: Option<u64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawBind {
    #[serde(default)]
    pub(super) names: Vec<String>,
    #[serde(default)]
    pub(super) deny: Vec<String>,
    #[serde(default)]
    pub(super) calls: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawJose {
    pub(super) typ: Option<String>,
    pub(super) issuer: Option<String>,
    #[serde(default)]
    pub(super) claims: Vec<String>,
    pub(super) segments: Option<usize>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(super) struct RawAllowlist {
    #[serde(default)]
    pub(super) description: String,
    pub(super) condition: Option<Spanned<String>>,
    #[serde(default)]
    pub(super) commits: Vec<String>,
    #[serde(default)]
    pub(super) paths: Vec<Spanned<String>>,
    #[serde(default)]
    pub(super) regex_target: Target,
    #[serde(default)]
    pub(super) regexes: Vec<Spanned<String>>,
    #[serde(default)]
    pub(super) stopwords: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawExample {
    #[serde(rename = "match")]
    pub(super) matches: Option<String>,
    pub(super) miss: Option<String>,
}
