//! Decides what is kept of an answer: its status, a few headers, and its body as far as it was asked for.

use serde_json::Value;

use super::error::{Arrival, Error, Failure};
use crate::secret::Secret;

/// An answer with a status of success.
#[derive(Clone, Debug)]
pub struct Response {
    /// The status, such as 200.
    pub status: u16,
    /// The media type of the body, lower-case, without parameters.
    pub media_type: Option<Box<str>>,
    /// The body; empty if it was not to be read. It can hold a secret.
    pub body: Secret,
}

impl Response {
    /// The body as JSON.
    ///
    /// # Errors
    /// It is none. What was asked for has been done all the same.
    pub fn json(&self) -> Result<Value, Error> {
        serde_json::from_slice(self.body.expose())
            .map_err(|_| Error::Failure { failure: Failure::NotJson, arrival: Arrival::Done })
    }
}
