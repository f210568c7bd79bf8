//! Decides who asks for a client token: a project by its API token or, for a guest, a subscriber by the own token. The
//! specification of SignalWire asks for guests in the first way, a guide in the second.

use std::path::Path;

use super::super::caller::Caller;
use super::super::question::ClientToken;
use super::super::{access, answer};
use super::args::CommonArgs;
use crate::cli::error::Error;
use crate::secret::Secret;
use crate::signalwire::mint::{Spec, Wrong};
use crate::signalwire::{Auth, Client, Error as ApiError, Network, Request, Response, Space};

/// Who asks.
#[derive(Debug)]
pub(super) enum Asker {
    /// A project.
    Project(Caller),
    /// A subscriber.
    Subscriber {
        /// The connection.
        client: Client,
        /// The Space.
        space: Space,
        /// The token of the subscriber.
        token: Secret,
    },
}

impl Asker {
    /// A project, by what `args` and the environment say.
    ///
    /// # Errors
    /// A part of the credential is missing, or a setting is not sound. Nothing was sent then.
    pub(super) fn project(args: &CommonArgs, network: &Network) -> Result<Self, Error> {
        Caller::new(&args.call, network).map(Self::Project)
    }

    /// The subscriber whose token is in `file`.
    ///
    /// # Errors
    /// There is none, it is over by its own words, or it is not made for the Space. Nothing was sent then.
    pub(super) fn subscriber(file: &Path, args: &CommonArgs, network: &Network) -> Result<Self, Error> {
        let (call, talk) = (&args.call.access, args.call.talk.talk());
        let token = super::secret(file, "token of the subscriber")?;
        let token = Secret::new(token.expose().trim_ascii());
        let read = ClientToken::read(&token);
        if !read.is_one() {
            return Err(Error::new("this is no token of a subscriber").help("`barewire mint subscriber` makes one."));
        }
        let space = access::place(call, talk)?;
        read.offline().and_then(|()| read.may_go_to(&space)).map_err(|known| {
            let why = known.evidence.join("; ");
            let why = why.strip_prefix("not sent: ").unwrap_or(&why);
            Error::new(format_args!("the token of the subscriber was not sent: {why}"))
        })?;
        Ok(Self::Subscriber { client: access::client(&call.reach, talk, network)?, space, token })
    }

    /// The request for what `spec` says.
    ///
    /// # Errors
    /// A field is missing.
    pub(super) fn request(&self, spec: &Spec) -> Result<Request, Wrong> {
        match self {
            Self::Project(caller) => spec.request(&caller.access.space, caller.access.auth()),
            Self::Subscriber { space, token, .. } => spec.request(space, Auth::Bearer(token.clone())),
        }
    }

    /// Sends a request.
    ///
    /// # Errors
    /// There is no answer, or it says no.
    pub(super) fn send(&self, request: &Request) -> Result<Response, ApiError> {
        match self {
            Self::Project(caller) => caller.send(request),
            Self::Subscriber { client, .. } => client.send(request),
        }
    }

    /// Tells why a request did not do what it should; returns the exit code.
    pub(super) fn explain(&self, request: &Request, error: &ApiError) -> u8 {
        match self {
            Self::Project(caller) => caller.explain(request, error),
            Self::Subscriber { .. } => answer::fail(error, request.method),
        }
    }

    /// What a guest is asked for with instead, if SignalWire does not take this.
    pub(super) fn otherwise(&self) -> &'static str {
        match self {
            Self::Project(_) => {
                "note: a guide of SignalWire asks for guest tokens with the token of a subscriber, which \
                 --subscriber-token-file gives\n"
            }
            Self::Subscriber { .. } => {
                "note: the specification of SignalWire asks for guest tokens with an API token, which is done without \
                 --subscriber-token-file\n"
            }
        }
    }
}
