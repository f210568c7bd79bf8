//! Decides how the rules that found something are described, so that an alert explains itself.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::finding::Finding;
use crate::report::mask::mask;
use crate::report::subject::Rank;
use crate::rule::{Confidence, Rule, Severity};

/// How long a description may be, in characters; code scanning refuses longer ones.
const MOST_CHARACTERS: usize = 1_024;

/// How many tags a rule may have; code scanning refuses more.
const MOST_TAGS: usize = 20;

/// The rules of some findings, by id, each with its index.
pub(super) struct Rules<'a>(BTreeMap<&'a str, &'a Rule>);

impl<'a> Rules<'a> {
    /// The rules that found `findings`.
    pub(super) fn new(findings: impl Iterator<Item = &'a Finding>) -> Self {
        Self(findings.map(|finding| (&*finding.rule.id, &*finding.rule)).collect())
    }

    /// The index of a rule.
    pub(super) fn index(&self, id: &str) -> usize {
        self.0.range(..id).count()
    }

    /// All of them, in order.
    pub(super) fn to_json(&self) -> Vec<Value> {
        self.0.values().map(|rule| describe(rule)).collect()
    }
}

fn describe(rule: &Rule) -> Value {
    let what = if rule.description.is_empty() { &rule.id } else { &rule.description };
    let impact = if rule.impact.is_empty() {
        "It tells who an account belongs to; by itself it opens nothing."
    } else {
        &rule.impact
    };
    let remedy = if rule.remedy.is_empty() { "Nothing needs to be done about it alone." } else { &rule.remedy };
    let link = rule.reference.starts_with("https://").then_some(&*rule.reference);
    let read = link.map(|link| format!("\n\n[Reference]({link})")).unwrap_or_default();
    let mut described = json!({
        "id": rule.id,
        "name": pascal(&rule.id),
        "shortDescription": { "text": cut(&format!("{what}.")) },
        "fullDescription": { "text": cut(&format!("{what}. {impact}")) },
        "defaultConfiguration": { "level": level(rule.severity) },
        "help": {
            "text": cut(&format!("{what}. {impact} What to do: {remedy}")),
            "markdown": mask(&format!("**{what}.** {impact}\n\n**What to do:** {remedy}{read}")),
        },
        "properties": {
            "tags": tags(rule),
            "security-severity": score(rule.severity),
            "problem.severity": kind(rule.severity),
            "precision": precision(rule.confidence),
        },
    });
    if let Some(link) = link {
        described["helpUri"] = json!(link);
    }
    described
}

/// A level of SARIF.
pub(super) fn level(severity: Severity) -> &'static str {
    match Rank::of(severity) {
        Rank::Error => "error",
        Rank::Warning => "warning",
        Rank::Note => "note",
    }
}

/// The same in the words of code scanning.
fn kind(severity: Severity) -> &'static str {
    match Rank::of(severity) {
        Rank::Error => "error",
        Rank::Warning => "warning",
        Rank::Note => "recommendation",
    }
}

/// A score from which code scanning makes critical, high, medium and low; 0 is no severity.
fn score(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "9.5",
        Severity::High => "8.0",
        Severity::Medium => "5.5",
        Severity::Low => "2.0",
        Severity::Info => "0.0",
    }
}

fn precision(confidence: Confidence) -> &'static str {
    match confidence {
        Confidence::High => "very-high",
        Confidence::Medium => "high",
        Confidence::Low => "medium",
    }
}

fn tags(rule: &Rule) -> Vec<&str> {
    let mut tags = vec!["security", "secret", rule.part.as_str()];
    for tag in &rule.tags {
        if !tags.contains(&&**tag) {
            tags.push(tag);
        }
    }
    tags.truncate(MOST_TAGS);
    tags
}

/// `signalwire-api-token` as `SignalwireApiToken`.
fn pascal(id: &str) -> String {
    let upper = |word: &str| {
        let mut letters = word.chars();
        letters.next().map(|first| first.to_ascii_uppercase().to_string() + letters.as_str()).unwrap_or_default()
    };
    id.split(|letter: char| !letter.is_alphanumeric()).map(upper).collect()
}

fn cut(text: &str) -> String {
    mask(text).chars().take(MOST_CHARACTERS).collect()
}
