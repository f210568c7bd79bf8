//! Decides what a secret looks like: TOML in, checked rules out.
//!
//! A rule is data. What cannot be said as data has a name here ([`Check`], [`Vendor`]) and a body in the stage that
//! carries it out. Patterns are compiled when the first blob needs them.

mod builtin;
mod kind;
mod load;
mod pattern;
mod raw;

use std::sync::Arc;

pub use kind::{Check, Confidence, Part, Severity, Target, Vendor};
pub use load::{LoadError, RuleSet, builtin_sources, fold_name};
pub use pattern::{Pattern, PatternError};

/// One kind of secret: how it is found, what it means, what to do about it.
#[derive(Debug)]
pub struct Rule {
    /// Unique name; the stem of the file for a built-in rule.
    pub id: Box<str>,
    /// What the thing is, in a few words, without a full stop.
    pub description: Box<str>,
    /// What one match looks like. `None` for a rule on paths alone.
    pub regex: Option<Pattern>,
    /// The rule looks only at blobs whose name matches this.
    pub path: Option<Pattern>,
    /// Literals of which at least one stands in every match; they are searched for in one pass, case-sensitive.
    pub anchors: Vec<Box<[u8]>>,
    /// Lower-case words of which one must occur somewhere in the blob, in any case.
    pub keywords: Vec<Box<str>>,
    /// Shannon entropy in bits per byte that the secret must exceed; 0 switches the test off.
    pub entropy: f64,
    /// The capture group that holds the secret; 0 is the first group that took part, or the whole match.
    pub secret_group: usize,
    /// Free words, copied into reports.
    pub tags: Vec<Box<str>>,
    /// What is let through.
    pub allowlists: Vec<Allowlist>,
    /// How bad a leak of this kind is.
    pub severity: Severity,
    /// How sure a match is.
    pub confidence: Confidence,
    /// Which part of a credential the match is.
    pub part: Part,
    /// Named tests that a match must pass.
    pub checks: Vec<Check>,
    /// What else the blob must speak of.
    pub context: Option<Context>,
    /// The names and calls that the value must be bound to.
    pub bind: Option<Bind>,
    /// What the JOSE header and claims must say.
    pub jose: Option<Jose>,
    /// What somebody who holds the value can do.
    pub impact: Box<str>,
    /// How to make the value worthless.
    pub remedy: Box<str>,
    /// Where the format is described.
    pub reference: Box<str>,
    /// Disarmed examples, expanded and run by the tests.
    pub tests: Vec<Example>,
}

/// A rule that may be shared by findings and threads.
pub type SharedRule = Arc<Rule>;

/// What must be mentioned near a match, or anywhere in its blob.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Context {
    /// One of these is enough.
    pub any: Vec<Vendor>,
    /// How many lines away it may be; `None` is anywhere in the blob.
    pub lines: Option<u64>,
}

/// The names and calls that a value must be bound to. All are compared without case and punctuation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Bind {
    /// A bound name must contain one of these.
    pub names: Vec<Box<str>>,
    /// A bound name must contain none of these.
    pub deny: Vec<Box<str>>,
    /// The value may be a positional argument of one of these.
    pub calls: Vec<Box<str>>,
}

/// What a JOSE token must say to be of this kind. Each condition that is given must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Jose {
    /// `typ` of the header.
    pub typ: Option<Box<str>>,
    /// `iss` of the payload.
    pub issuer: Option<Box<str>>,
    /// Claims that the payload must have.
    pub claims: Vec<Box<str>>,
    /// Dot-separated parts: 3 for a signed token, 5 for an encrypted one.
    pub segments: Option<usize>,
}

/// Whether one or all of an allowlist's criteria must hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Condition {
    /// One criterion is enough.
    Any,
    /// Every criterion that is given must hold.
    All,
}

/// What a rule lets through, in the terms of gitleaks.
#[derive(Debug)]
pub struct Allowlist {
    /// Why it is let through.
    pub description: Box<str>,
    /// How the criteria combine.
    pub condition: Condition,
    /// Full commit ids, lower-case.
    pub commits: Vec<Box<str>>,
    /// Searched for in the blob's name.
    pub paths: Vec<Pattern>,
    /// What `regexes` look at.
    pub target: Target,
    /// Searched for in the target.
    pub regexes: Vec<Pattern>,
    /// Lower-case words; the secret is let through if it contains one.
    pub stopwords: Vec<Box<str>>,
}

/// A disarmed example of a rule's own file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Example {
    /// The text; `{hex:48}` and its like are expanded by the test harness.
    pub text: Box<str>,
    /// What the rule must make of it.
    pub expect: Expect,
}

/// What a rule must make of an example.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expect {
    /// It is found.
    Match,
    /// It is not found.
    Miss,
}
