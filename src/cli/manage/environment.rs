//! Decides under which names credentials stand in the environment, or in a file that is written like one.
//!
//! The names are those of SignalWire's documents, SDKs and tools, and of what people write who use them.

use std::path::PathBuf;

use super::shape::{self, Trust};
use crate::secret::Secret;

/// A part of a credential.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// The Project ID.
    Project,
    /// The Space.
    Space,
    /// The API token.
    Token,
}

use Trust::{Named, Shaped};

/// The names of a Project ID, the canonical one first.
const PROJECT: [(&str, Trust); 19] = [
    ("SIGNALWIRE_PROJECT_ID", Named),
    ("SIGNALWIRE_PROJECT", Named),
    ("SIGNALWIRE_PROJECT_KEY", Named),
    ("SIGNALWIRE_PROJ_ID", Named),
    ("SIGNALWIRE_ACCOUNT", Named),
    ("SIGNAL_WIRE_PROJECT", Named),
    ("SW_PROJECT_ID", Named),
    ("PROJECT_ID", Shaped),
    ("ProjectID", Shaped),
    ("project_id", Shaped),
    ("PROJECT_KEY", Shaped),
    ("project_key", Shaped),
    ("projectKey", Shaped),
    ("ACCOUNT_SID", Shaped),
    ("account_sid", Shaped),
    ("accountSid", Shaped),
    ("swProject", Shaped),
    ("TEST_PROJECT", Shaped),
    ("Proj", Shaped),
];

/// The names of an API token, the canonical one first.
///
/// `SIGNALWIRE_TOKEN` is also where FreeSWITCH's images expect an access token for packages. `FS_TOKEN`, `REPOTOKEN`,
/// `SW_TOKEN` are not here: they hold something else.
const TOKEN: [(&str, Trust); 19] = [
    ("SIGNALWIRE_API_TOKEN", Named),
    ("SIGNALWIRE_TOKEN", Named),
    ("SIGNALWIRE_AUTH_TOKEN", Named),
    ("SIGNALWIRE_API_KEY", Named),
    ("SIGNAL_WIRE_AUTH_TOKEN", Named),
    ("SIGNAL_WIRE_TOKEN", Named),
    ("SW_API_TOKEN", Named),
    ("SW_PROJECT_TOKEN", Named),
    ("REST_API_TOKEN", Shaped),
    ("API_TOKEN", Shaped),
    ("AUTH_TOKEN", Shaped),
    ("TokenID", Shaped),
    ("AuthToken", Shaped),
    ("api_token", Shaped),
    ("auth_token", Shaped),
    ("apiToken", Shaped),
    ("authToken", Shaped),
    ("TEST_TOKEN", Shaped),
    ("Auth", Shaped),
];

/// The names of a Space, the canonical one first. The later of SignalWire's own can hold another host.
const SPACE: [(&str, Trust); 21] = [
    ("SIGNALWIRE_SPACE", Named),
    ("SIGNALWIRE_SPACE_URL", Named),
    ("SIGNALWIRE_SPACE_NAME", Named),
    ("SIGNAL_WIRE_SPACE", Named),
    ("SW_SPACE", Named),
    ("SIGNALWIRE_API_HOSTNAME", Shaped),
    ("SIGNALWIRE_HOST", Shaped),
    ("SIGNALWIRE_RELAY_HOST", Shaped),
    ("signalwireSpaceUrl", Shaped),
    ("signalwire_space_url", Shaped),
    ("SIGNALWIRE_URL", Shaped),
    ("SIGNALWIRE_REST_BASE_URL", Shaped),
    ("SW_DOMAIN", Shaped),
    ("SPACE_URL", Shaped),
    ("SPACE_NAME", Shaped),
    ("spaceUrl", Shaped),
    ("space_name", Shaped),
    ("Space", Shaped),
    ("space", Shaped),
    ("hostname", Shaped),
    ("host", Shaped),
];

impl Part {
    /// The names that it goes by, the canonical one first.
    pub(super) fn names(self) -> &'static [(&'static str, Trust)] {
        match self {
            Self::Project => &PROJECT,
            Self::Space => &SPACE,
            Self::Token => &TOKEN,
        }
    }

    /// What people call it.
    pub(super) fn what(self) -> &'static str {
        match self {
            Self::Project => "Project ID",
            Self::Space => "Space",
            Self::Token => "API token",
        }
    }

    /// How it is given by an option.
    pub(super) fn option(self) -> &'static str {
        match self {
            Self::Project => "--project",
            Self::Space => "--space",
            Self::Token => "--token-stdin or --token-file",
        }
    }

    /// Whether a value is unmistakably this.
    pub(super) fn is_shaped(self, value: &[u8]) -> bool {
        let value = value.trim_ascii();
        match self {
            Self::Project => shape::is_project(value),
            Self::Space => shape::is_space(value),
            Self::Token => shape::is_token(value),
        }
    }

    /// Whether a value is unmistakably something else that is kept under the same names.
    pub(super) fn is_another(self, value: &[u8]) -> bool {
        self == Self::Token && value.trim_ascii().starts_with(b"pat_")
    }

    /// Whether two values mean the same.
    pub(super) fn is_same(self, one: &Secret, other: &Secret) -> bool {
        let (one, other) = (one.expose().trim_ascii(), other.expose().trim_ascii());
        match self {
            Self::Token => one == other,
            Self::Project => one.eq_ignore_ascii_case(other),
            Self::Space => bare(one) == bare(other),
        }
    }
}

/// A Space without what people write around its name.
fn bare(space: &[u8]) -> String {
    let text = String::from_utf8_lossy(space).to_ascii_lowercase();
    let text = text.strip_prefix("https://").unwrap_or(&text);
    let host = text.split(['/', '?', '#']).next().unwrap_or_default().trim_end_matches('.');
    host.strip_suffix(".signalwire.com").unwrap_or(host).to_owned()
}

/// The path that a variable holds; `None` if there is none, or it is empty.
#[expect(clippy::disallowed_methods, reason = "this is cli")]
pub(super) fn path(name: &str) -> Option<PathBuf> {
    std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from)
}

/// The value of a variable; `None` if there is none, or it is empty.
#[expect(clippy::disallowed_methods, reason = "this is cli")]
pub(super) fn variable(name: &str) -> Option<Secret> {
    let value = std::env::var_os(name).filter(|value| !value.is_empty())?;
    Some(Secret::new(value.as_encoded_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_space_is_known_in_any_form() {
        let same = |one: &str, other: &str| Part::Space.is_same(&Secret::new(one), &Secret::new(other));
        assert!(same("acme", "https://ACME.signalwire.com/api"));
        assert!(same("acme.signalwire.com.", " acme\n"));
        assert!(!same("acme", "beta"));
    }

    #[test]
    fn each_name_stands_once() {
        for part in [Part::Project, Part::Space, Part::Token] {
            let mut names: Vec<_> = part.names().iter().map(|(name, _)| name).collect();
            names.sort();
            names.dedup();
            assert_eq!(names.len(), part.names().len());
        }
    }
}
