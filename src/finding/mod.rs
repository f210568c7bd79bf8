//! Decides what was found: a [`Finding`] is one value at one place, a [`Credential`] is what belongs together.

mod affix;
mod block;
mod credential;
mod identity;
mod matching;
mod outcome;
mod retain;
mod story;
mod verification;

use std::ops::Range;
use std::sync::Arc;

pub use credential::{Credential, CredentialKey, Grade, join};
pub use identity::Fingerprint;
pub use matching::Bond;
pub use outcome::{Comparison, Coverage, Event, Notice, Problem, ProblemKind, Report, Sink};
pub use retain::{retain, separate};
pub use story::{GitCoverage, Moment, Names, Provenance, Reach, Story};
pub use verification::{Holding, ScopeState, Verification};

use crate::blob::{Name, Origin, Position};
use crate::rule::{Part, Severity, SharedRule};
use crate::secret::Secret;

/// One value that a rule found at one place.
#[derive(Clone, Debug)]
pub struct Finding {
    /// The rule that found it.
    pub rule: SharedRule,
    /// How bad it is here: the rule's severity, unless the value has expired.
    pub severity: Severity,
    /// The value.
    pub secret: Secret,
    /// The blob it stands in.
    pub name: Arc<Name>,
    /// What the blob was read from.
    pub origin: Origin,
    /// Offset of its first byte in the whole.
    pub offset: u64,
    /// Where it begins.
    pub start: Position,
    /// Where it ends, exclusive.
    pub end: Position,
    /// The encodings that were undone to see it, outermost first.
    pub decoded: Vec<Encoding>,
    /// What the value says of its own credential.
    pub parts: Parts,
    /// The name that the value is bound to, as written.
    pub bound_to: Option<Box<str>>,
    /// What the value says of its own end.
    pub lifetime: Lifetime,
    /// What is known of its state.
    pub verdict: Option<Verdict>,
    /// The line that it stands on.
    pub excerpt: Excerpt,
    /// Where in a repository it stands.
    pub provenance: Provenance,
    /// Why it is not reported, if it is not.
    pub forgiven: Option<Forgiveness>,
}

/// People seldom choose a longer value, in bytes.
const CHOSEN: usize = 20;

impl Finding {
    /// The stable identity of the value.
    pub fn fingerprint(&self) -> Fingerprint {
        Fingerprint::of(&self.rule.id, &self.secret)
    }

    /// Whether somebody may have chosen the value, so that a bare digest of it would let a guess be confirmed. Of what a
    /// rule of the user's own finds nothing is known but how long it is.
    pub fn is_guessable(&self) -> bool {
        self.rule.part.is_guessable() || self.rule.part == Part::Other && self.secret.len() < CHOSEN
    }

    /// The value as a report may show it: identifiers in full, everything else masked.
    pub fn shown(&self) -> String {
        if self.rule.part.is_identifier() {
            String::from_utf8_lossy(self.secret.expose()).into_owned()
        } else {
            self.secret.masked()
        }
    }

    /// The order of every report: severity, path, place, rule.
    pub fn compare(&self, other: &Self) -> std::cmp::Ordering {
        self.order().cmp(&other.order())
    }

    /// The key of the fixed order of findings.
    fn order(&self) -> impl Ord + '_ {
        let rank = std::cmp::Reverse(self.severity);
        (rank, &self.name, self.start, &self.rule.id, self.end, &self.secret, &self.provenance.commit)
    }
}

/// Puts findings into the order of every report: severity, path, place, rule.
pub fn sort(findings: &mut [Finding]) {
    findings.sort_by(Finding::compare);
}

/// An encoding that hid a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Encoding {
    /// UTF-16, little-endian.
    Utf16Le,
    /// UTF-16, big-endian.
    Utf16Be,
    /// base64.
    Base64,
}

impl Encoding {
    /// The word that reports use.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Utf16Le => "utf-16le",
            Self::Utf16Be => "utf-16be",
            Self::Base64 => "base64",
        }
    }
}

/// Other parts of the credential that the value itself, or its immediate surroundings, contain.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Parts {
    /// The Project ID, lower-case.
    pub project: Option<Box<str>>,
    /// The name of the Space, lower-case.
    pub space: Option<Box<str>>,
    /// The API token inside a value that wraps one.
    pub token: Option<Secret>,
    /// The host that a Space was written as, lower-case; nothing if it was its bare name.
    pub host: Option<Box<str>>,
}

/// What a value says of its own end. Times are seconds since 1970, UTC.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Lifetime {
    /// It says nothing.
    #[default]
    Unknown,
    /// It never ends by itself.
    Endless,
    /// It ends at this time.
    Until(i64),
}

/// What is known of a value's state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Its time is over.
    Expired,
    /// It will work until somebody revokes it.
    NeverExpires,
    /// It is meant to be seen.
    PublicByDesign,
    /// SignalWire was asked, and accepts it.
    Alive,
    /// SignalWire was asked, and does not; or it says itself that its time is over.
    Dead,
    /// SignalWire could not be asked, or gave no certain answer.
    Unknown,
}

impl Verdict {
    /// The word that reports use.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Expired => "expired",
            Self::NeverExpires => "never-expires",
            Self::PublicByDesign => "public-by-design",
            Self::Alive => "alive",
            Self::Dead => "dead",
            Self::Unknown => "unknown",
        }
    }
}

/// A part of a line, bounded in length, in which every secret is masked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Excerpt {
    /// The text. Not escaped for a terminal.
    pub text: String,
    /// The finding within it, in bytes of `text`.
    pub span: Range<usize>,
}

/// Why a finding is not reported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Forgiveness {
    /// The kind of reason; reports count by it.
    pub reason: Reason,
    /// What exactly forgave it.
    pub by: Box<str>,
}

/// The kinds of reason for which a finding is not reported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reason {
    /// A value that stands for another: a mask, a template, a word.
    Placeholder,
    /// An example of SignalWire's documentation.
    Example,
    /// A comment on the line or the line above.
    Inline,
    /// An allowlist of the rule.
    Allowlist,
    /// An allowlist of the configuration.
    Config,
    /// An entry of the baseline: it was known before.
    Baseline,
    /// SignalWire does not accept it any more, and only what is alive was asked for.
    Dead,
}

impl Reason {
    /// The word that reports use.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Placeholder => "placeholder",
            Self::Example => "documentation-example",
            Self::Inline => "inline-allow",
            Self::Allowlist => "allowlist",
            Self::Config => "config-allow",
            Self::Baseline => "baseline",
            Self::Dead => "dead",
        }
    }
}
