//! Decides under which names the environment holds credentials, and reads them.

use crate::secret::Secret;

/// The names of a Project ID, the canonical one first.
pub(super) const PROJECT: &[&str] = &["SIGNALWIRE_PROJECT_ID"];

/// The names of an API token, the canonical one first.
pub(super) const TOKEN: &[&str] = &["SIGNALWIRE_API_TOKEN"];

/// The names of a Space, the canonical one first.
pub(super) const SPACE: &[&str] = &["SIGNALWIRE_SPACE"];

/// The first of `names` that the environment has a value for, with that value. An empty variable has none.
#[expect(clippy::disallowed_methods, reason = "this is cli")]
pub(super) fn first(names: &'static [&'static str]) -> Option<(&'static str, Secret)> {
    names.iter().find_map(|name| {
        let value = std::env::var_os(name).filter(|value| !value.is_empty())?;
        Some((*name, Secret::new(value.as_encoded_bytes())))
    })
}
