//! Decides how barewire speaks to SignalWire: the REST API, its errors, scopes, tokens. The only place that opens a
//! connection.
//!
//! Endpoints and their limits are those of SignalWire's published specification, as of August 2026.

mod client;
pub mod client_token;
mod code;
mod echo;
mod error;
mod fate;
mod fault;
mod hidden;
mod host;
pub mod mint;
mod needs;
mod network;
mod page;
pub mod permission;
pub mod project;
mod request;
mod response;
mod retry;
mod scope;
pub mod token;
pub mod verify;
mod wire;

pub use client::{Client, Exchange, ProxySettings, Settings, SettingsError, Timeouts, Watch};
pub use echo::names_secret;
pub use error::{Arrival, Certificate, Detail, Error, Failure, Phase, Refusal};
pub use fate::fate;
pub use host::{Hosts, Space, SpaceError};
pub use needs::{LOOKUP, Need, Standing, needed, standing};
pub use network::{Lookup, Network, NoName};
pub use page::{PageError, next};
pub use request::{Auth, Method, Payload, Reading, Request, Target, TargetError, USUAL, encode};
pub use response::Response;
pub use scope::{Scope, UnknownScope};

use std::fmt;

use crate::secret::Secret;

/// What an operator needs to ask SignalWire for something.
#[derive(Clone, Debug)]
pub struct Access {
    /// The Space.
    pub space: Space,
    /// The project.
    pub project: ProjectId,
    /// The API token.
    pub token: Secret,
}

impl Access {
    /// Who asks.
    pub fn auth(&self) -> Auth {
        Auth::Basic { project: self.project.as_str().into(), token: self.token.clone() }
    }

    /// A request in this name.
    pub fn request(&self, method: Method, target: Target) -> Request {
        Request::new(&self.space, method, target, self.auth())
    }
}

/// The id of a project: a UUID, lower-case.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ProjectId(Box<str>);

impl ProjectId {
    /// The id that `text` is, in any case of letters, with hyphens; `None` if it is none.
    pub fn parse(text: &str) -> Option<Self> {
        let is_shaped = text.len() == 36 && uuid::Uuid::try_parse(text).is_ok();
        is_shaped.then(|| Self(text.to_ascii_lowercase().into()))
    }

    /// The id.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ProjectId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
