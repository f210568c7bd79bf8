//! Decides where the ledger is, what time and fingerprint are written into it, and how its errors are told.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::cli::error::{self, Error, shown};
use crate::cli::surroundings;
use crate::finding::Fingerprint;
use crate::keep::{Entries, Entry, Ledger, LedgerError, State};
use crate::secret::Secret;
use crate::signalwire::token::TokenId;
use crate::signalwire::{ProjectId, Scope, Space};

/// What programs of the user leave behind, below the home folder, where nothing else is said.
const STATE: &str = ".local/state";

/// The ledger of the user: in `$XDG_STATE_HOME`, or where that would be.
pub(super) fn ledger() -> Result<Ledger, Error> {
    let state = folder("XDG_STATE_HOME")
        .or_else(|| if cfg!(windows) { folder("LOCALAPPDATA") } else { folder("HOME").map(|home| home.join(STATE)) })
        .ok_or_else(|| {
            Error::new("there is no place for the ledger of tokens").help("Set HOME, or XDG_STATE_HOME to a folder.")
        })?;
    Ok(Ledger::new(state.join("barewire")))
}

/// The folder that a variable names; a relative one counts as none (XDG Base Directory Specification).
#[expect(clippy::disallowed_methods, reason = "this is cli")]
fn folder(name: &str) -> Option<PathBuf> {
    std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute())
}

/// An error of the ledger, with its place and the way out.
pub(super) fn failed(error: &LedgerError) -> Error {
    let told = match error.place() {
        (path, Some(line)) => Error::new(format_args!("{}:{line}: {error}", shown(&path))),
        (path, None) => Error::new(format_args!("{}: {error}", shown(&path))),
    };
    match error.remedy() {
        Some(remedy) => told.help(remedy),
        None => told,
    }
}

/// Tells that what was done is not in the ledger.
pub(super) fn warn(error: &LedgerError, what: &str) {
    failed(error).print();
    error::tell(&format!("warning: {what}\n"));
}

/// This moment, RFC 3339 in UTC, to the second.
pub(super) fn now() -> String {
    jiff::Timestamp::from_second(surroundings::now()).unwrap_or_default().to_string()
}

/// The fingerprint that a scan reports for a token of this value, so that a finding can be looked up in the ledger.
pub(super) fn fingerprint(token: &Secret) -> String {
    let digits = token.expose().strip_prefix(b"PT").unwrap_or_default();
    let is_usual = digits.len() == 48 && digits.iter().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    let rule = if is_usual { "signalwire-api-token" } else { "signalwire-api-token-contextual" };
    Fingerprint::of(rule, token).to_string()
}

/// The ids of the tokens that may be alive, by fingerprint. A ledger that cannot be read is told of, and has none: it is
/// no reason not to verify.
pub(super) fn ids() -> BTreeMap<String, String> {
    let Ok(ledger) = ledger() else { return BTreeMap::new() };
    let entries = ledger.read().unwrap_or_else(|error| {
        warn(&error, "what the ledger has is not recognized");
        Entries::default()
    });
    let may_live = entries.all().iter().filter(|entry| matches!(entry.state, State::Live | State::Unsure));
    may_live.filter_map(|entry| Some((entry.fingerprint.clone()?, entry.id.as_str().to_owned()))).collect()
}

/// An id for an attempt to make a token whose own id is not known yet.
pub(super) fn attempt() -> Result<TokenId, Error> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(Error::new)?;
    let id = uuid::Builder::from_random_bytes(bytes).into_uuid().to_string();
    TokenId::parse(&id).ok_or_else(|| Error::new("there is no id for this attempt"))
}

/// Scopes as people read and type them.
pub(super) fn words<'a>(scopes: impl IntoIterator<Item = &'a Scope>) -> String {
    scopes.into_iter().map(|scope| scope.as_str()).collect::<Vec<_>>().join(",")
}

/// All scopes of a token, likewise; those that are not known stand at the end.
pub(super) fn all_words(entry: &Entry) -> String {
    let known = entry.scopes.iter().map(|scope| scope.as_str());
    known.chain(entry.others.iter().map(String::as_str)).collect::<Vec<_>>().join(",")
}

/// A token as programs read it; never its value.
pub(super) fn json(entry: &Entry) -> serde_json::Map<String, serde_json::Value> {
    let text = |text: &Option<String>| text.as_deref().map(Into::into).unwrap_or_default();
    let project = |id: &Option<ProjectId>| id.as_ref().map(|id| id.as_str().into()).unwrap_or_default();
    let others = entry.others.iter().map(String::as_str);
    let scopes: Vec<_> = entry.scopes.iter().map(|scope| scope.as_str()).chain(others).collect();
    [
        ("id", entry.id.as_str().into()),
        ("name", entry.name.as_str().into()),
        ("scopes", scopes.into()),
        ("space", entry.space.as_str().into()),
        ("project", entry.project.as_str().into()),
        ("subproject", project(&entry.subproject)),
        ("created", text(&entry.created)),
        ("deleted", text(&entry.deleted)),
        ("fingerprint", text(&entry.fingerprint)),
        ("state", entry.state.as_str().into()),
    ]
    .map(|(name, value): (_, serde_json::Value)| (name.to_owned(), value))
    .into_iter()
    .collect()
}

/// Tells if the ledger has a token in another Space than the one that is asked.
pub(super) fn warn_of_other_space(entry: &Entry, space: &Space) {
    if entry.space != space.host() {
        let words =
            format!("warning: the ledger has the token {} in the Space {}, not in {space}\n", entry.id, entry.space);
        error::tell(&words);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fingerprint_is_that_of_the_rule_that_finds_the_token() {
        let usual = Secret::new(format!("PT{}", "0a1b2c3d".repeat(6)));
        assert_eq!(fingerprint(&usual), Fingerprint::of("signalwire-api-token", &usual).to_string());
        let other = Secret::new("aB3".repeat(16) + "xy");
        assert_eq!(fingerprint(&other), Fingerprint::of("signalwire-api-token-contextual", &other).to_string());
    }

    #[test]
    fn an_attempt_has_an_id_of_its_own() {
        assert_ne!(attempt().unwrap(), attempt().unwrap());
    }

    #[test]
    fn a_time_is_written_as_the_standard_says() {
        let now = now();
        assert!(now.len() == 20 && now.ends_with('Z') && now.as_bytes()[10] == b'T', "{now}");
    }
}
