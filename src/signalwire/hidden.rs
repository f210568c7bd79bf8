//! Decides how a secret in an answer is read: it goes into its wrapper at once, and never through a plain string.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, Error, Visitor};

use super::error::{Arrival, Error as ApiError, Failure};
use crate::secret::Secret;

/// The object that a body holds; `what` is the name of that. An array would pass for an object without names.
pub(super) fn object<'a, T: Deserialize<'a>>(body: &'a [u8], what: &'static str) -> Result<T, ApiError> {
    let lost = |failure| ApiError::Failure { failure, arrival: Arrival::Done };
    let parsed = serde_json::from_slice(body)
        .map_err(|error| lost(if error.is_data() { Failure::Unexpected(what) } else { Failure::NotJson }))?;
    if body.trim_ascii_start().starts_with(b"{") { Ok(parsed) } else { Err(lost(Failure::Unexpected(what))) }
}

/// A text in an answer that is a secret; nothing if it is empty or null.
#[derive(Debug, Default)]
pub(super) struct Hidden(pub(super) Option<Secret>);

impl<'de> Deserialize<'de> for Hidden {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Reader)
    }
}

struct Reader;

impl Visitor<'_> for Reader {
    type Value = Hidden;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Hidden, E> {
        Ok(Hidden(Some(Secret::new(text)).filter(|secret| !secret.is_empty())))
    }

    fn visit_unit<E: Error>(self) -> Result<Hidden, E> {
        Ok(Hidden(None))
    }
}
