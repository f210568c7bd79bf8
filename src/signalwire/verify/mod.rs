//! Decides whether a credential is alive, by requests that read alone: `GET`, without a body.
//!
//! Before a credential is sent, its host has to refuse a request without one, as a Space does. Then the lookup of a
//! reserved phone number, which needs no scope, decides. A 401 alone is no death, since a missing
//! scope gives one, too: dead is what every probe answers 401 to. No text of a server is repeated, since it could hold
//! what was sent to it.

mod client_token;
mod crowd;
mod liveness;
mod pace;
mod preflight;
mod probe;
mod scope_map;
#[cfg(test)]
mod tests;

use std::fmt;
use std::time::Duration;

pub use crowd::examine_all;
pub use pace::Pace;
pub use scope_map::{Held, ScopeAnswer};

use super::request::{Auth, Reading, Request};
use super::{Access, Client, Error, Response, Space};
use crate::secret::Secret;

/// Something that answers requests; each is sent once, and [`Pace`] repeats what may be repeated.
pub trait Ask: Sync {
    /// The answer to a request.
    ///
    /// # Errors
    /// There is none, or it says no.
    fn ask(&self, request: &Request) -> Result<Response, Error>;

    /// Learns that a request is sent once more after `wait`.
    fn waits(&self, wait: Duration) {
        let _: Duration = wait;
    }
}

impl Ask for Client {
    fn ask(&self, request: &Request) -> Result<Response, Error> {
        self.once(request)
    }

    fn waits(&self, wait: Duration) {
        self.announce(wait);
    }
}

/// What is asked of SignalWire.
#[derive(Clone, Debug)]
pub enum Question {
    /// Whether an API token is alive, and what it may do.
    ApiToken(Access, Depth),
    /// Whether a client token that is sent as a bearer's is alive at a Space.
    Bearer(Space, Secret),
}

/// How much is asked of an API token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth {
    /// Whether it is alive.
    Life,
    /// Which scopes it has, too.
    Scopes,
}

/// Whether a credential is alive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Life {
    /// It is accepted.
    Alive,
    /// It is not.
    Dead,
    /// There was no certain answer.
    Unknown,
}

/// What came of a question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// Whether it is alive.
    pub life: Life,
    /// What speaks for it; sentences without a full stop that hold no secret.
    pub evidence: Vec<String>,
    /// What it may do, if that was asked and it is not dead.
    pub scopes: Option<Vec<ScopeAnswer>>,
}

impl Answer {
    fn new(life: Life, evidence: impl Into<String>) -> Self {
        Self { life, evidence: vec![evidence.into()], scopes: None }
    }
}

impl Question {
    /// The Space that is asked.
    fn space(&self) -> &Space {
        match self {
            Self::ApiToken(access, _) => &access.space,
            Self::Bearer(space, _) => space,
        }
    }

    /// The answer where the credential was not sent, for this reason.
    fn unasked(&self, reason: &str) -> Answer {
        let scopes = match self {
            Self::ApiToken(_, Depth::Scopes) => Some(scope_map::of_unknown()),
            Self::ApiToken(_, Depth::Life) | Self::Bearer(..) => None,
        };
        Answer { scopes, ..Answer::new(Life::Unknown, reason) }
    }
}

/// Asks, once its host has shown itself to be a Space.
pub fn examine(ask: &dyn Ask, question: &Question) -> Answer {
    match preflight::is_space(ask, question.space()) {
        Ok(()) => ask_at_space(ask, question),
        Err(reason) => question.unasked(&reason),
    }
}

/// Asks a host that is known to be a Space.
fn ask_at_space(ask: &dyn Ask, question: &Question) -> Answer {
    match question {
        Question::ApiToken(access, depth) => liveness::examine(ask, access, *depth),
        Question::Bearer(space, token) => client_token::examine(ask, space, token),
    }
}

/// What a probe brought, as far as it may be told.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Seen {
    /// A status of success, with a body of JSON or none.
    Success(u16),
    /// A status of success, but the body is not one of the API: a page in the place of a Space.
    Page(u16),
    /// Another status.
    Status(u16),
    /// No answer, for this reason.
    Nothing(String),
}

impl Seen {
    /// Sends a request of which no more than the status is read.
    fn ask(ask: &dyn Ask, request: Request) -> Self {
        Self::of(ask.ask(&request.read(Reading::Status)).as_ref())
    }

    fn of(answer: Result<&Response, &Error>) -> Self {
        match answer {
            Ok(response) => match response.media_type.as_deref() {
                None | Some("application/json") => Self::Success(response.status),
                Some(_) => Self::Page(response.status),
            },
            Err(Error::Refusal(refusal)) => Self::Status(refusal.status),
            Err(Error::Failure { failure, .. }) => Self::Nothing(failure.to_string()),
        }
    }

    /// Whether only somebody who was accepted gets this answer: success, or a complaint about what was asked.
    fn is_acceptance(&self) -> bool {
        matches!(self, Self::Success(_) | Self::Status(422))
    }
}

impl fmt::Display for Seen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Page(status) => write!(f, "answered {status} with something that is not JSON"),
            Self::Status(status @ 300..=399) => write!(f, "answered {status}, a redirect, which is not followed"),
            Self::Status(429) => f.write_str("answered 429: it asks for fewer requests"),
            Self::Status(status @ 500..=599) => write!(f, "answered {status}, an error of the server"),
            Self::Success(status) | Self::Status(status) => write!(f, "answered {status}"),
            Self::Nothing(why) => write!(f, "gave no answer: {why}"),
        }
    }
}

/// A probe in the name of nobody.
fn anonymous(space: &Space, target: super::Target) -> Request {
    Request::new(space, super::Method::Get, target, Auth::Anonymous)
}
