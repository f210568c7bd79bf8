//! Decides what a command that sends requests has at hand: who asks, and the connection.

use super::access;
use super::access_args::{AccessArgs, VerboseArgs};
use super::answer;
use crate::cli::error::Error;
use crate::signalwire::token::{Name, TokenId};
use crate::signalwire::{Access, Client, Error as ApiError, Network, ProjectId, Request, Response};

/// What can be typed to say who asks.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct CallArgs {
    #[command(flatten)]
    pub(in crate::cli) talk: VerboseArgs,
    #[command(flatten)]
    pub(in crate::cli) access: AccessArgs,
}

/// Who asks, and how.
#[derive(Debug)]
pub(super) struct Caller {
    /// Who asks.
    pub(super) access: Access,
    client: Client,
}

impl Caller {
    /// Finds out who asks.
    ///
    /// # Errors
    /// A part of the credential is missing, or a setting is not sound. Nothing was sent then.
    pub(super) fn new(args: &CallArgs, network: &Network) -> Result<Self, Error> {
        let access = access::access(&args.access, args.talk.talk())?;
        let client = access::client(&args.access.reach, args.talk.talk(), network)?;
        Ok(Self { access, client })
    }

    /// Sends a request.
    ///
    /// # Errors
    /// There is no answer, or it says no.
    pub(super) fn send(&self, request: &Request) -> Result<Response, ApiError> {
        self.client.send(request)
    }

    /// What sends requests.
    pub(super) fn client(&self) -> &Client {
        &self.client
    }

    /// Tells why a request did not do what it should; returns the exit code.
    pub(super) fn explain(&self, request: &Request, error: &ApiError) -> u8 {
        answer::explain(&self.client, &self.access, request, error)
    }
}

/// The id of a token, as it was typed.
pub(super) fn token_id(text: &str) -> Result<TokenId, &'static str> {
    TokenId::parse(text).ok_or("the id of a token is a UUID, such as `barewire token list` and the Dashboard show")
}

/// The id of a project, as it was typed.
pub(super) fn project_id(text: &str) -> Result<ProjectId, &'static str> {
    ProjectId::parse(text).ok_or("the id of a project is a UUID, such as `barewire project list` shows")
}

/// A name, as it was typed.
pub(super) fn name(text: &str) -> Result<Name, &'static str> {
    Name::parse(text).ok_or("a name has 1 to 250 characters, and no control characters")
}
