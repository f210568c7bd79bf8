//! The closed vocabularies of a rule file.

use serde::{Deserialize, Serialize};

/// How bad a leak is, from the least.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// Not a secret by itself.
    Info,
    /// A secret that has lost its power, or nearly.
    Low,
    /// Limited in time or in reach.
    Medium,
    /// Costs money or trust when abused.
    High,
    /// Full control of a project.
    Critical,
}

impl Severity {
    /// The word that reports use.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }
}

/// How sure a match is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Confidence {
    /// Nearness or a weak name alone.
    Low,
    /// A name or a call binds it.
    Medium,
    /// Its shape, or its decoded content, leaves no doubt.
    High,
}

impl Confidence {
    /// The word that reports use.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        }
    }
}

/// Which part of a credential a match is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Part {
    /// An API token.
    Token,
    /// A Project ID: the user name of HTTP Basic authentication.
    Project,
    /// A Space: the host that the API is reached at.
    Space,
    /// The key that signs webhooks.
    SigningKey,
    /// A token made for a browser or an app.
    ClientToken,
    /// A token for downloading packages.
    PackageToken,
    /// A password of an endpoint, a subscriber or an agent.
    Password,
    /// A token that is meant to stand in a public page.
    PublicToken,
    /// Something that a rule of the user's own finds.
    Other,
}

impl Part {
    /// The word that reports use.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Token => "token",
            Self::Project => "project",
            Self::Space => "space",
            Self::SigningKey => "signing-key",
            Self::ClientToken => "client-token",
            Self::PackageToken => "package-token",
            Self::Password => "password",
            Self::PublicToken => "public-token",
            Self::Other => "other",
        }
    }

    /// Whether people choose the value, so that a bare digest of it would let a guess be confirmed.
    pub fn is_guessable(self) -> bool {
        self == Self::Password
    }

    /// Whether the value is an identifier that may be shown in full.
    pub fn is_identifier(self) -> bool {
        matches!(self, Self::Project | Self::Space)
    }
}

/// A test of a match that needs more than a pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Check {
    /// No letter or digit touches the match, escapes aside; in binary data only what would prolong it counts.
    Bounded,
    /// No hex digit prolongs the match and it is not the end of a word in capitals. For a shape so telling that text
    /// may touch it.
    Entire,
    /// A UUID that parses and is not all one digit.
    Uuid,
    /// Every character after the prefix is of the base58 alphabet.
    Base58,
    /// Has a digit and a lower-case letter.
    Mixed,
    /// A value written out, not a reference, a call or a type.
    Literal,
    /// base64 of a Project ID and a token.
    BasicAuth,
    /// A user name and a password in a URL or in the arguments of a program.
    Userinfo,
    /// A host that is a Space, or a bare name that can be one.
    Space,
    /// Not a value that only stands for another: a mask, a template, a word like "your".
    Placeholder,
    /// Not a value that SignalWire's documentation prints as an example.
    Example,
}

/// Something a blob speaks of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Vendor {
    /// SignalWire, one of its hosts, or one of its tokens.
    Signalwire,
    /// FreeSWITCH.
    Freeswitch,
}

/// What an allowlist's `regexes` look at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Target {
    /// The secret.
    #[default]
    Secret,
    /// The whole match.
    Match,
    /// The line of the match.
    Line,
}
