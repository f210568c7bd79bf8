//! Decides how the commands that manage credentials are carried out, one file a command.

mod access;
mod access_args;
mod answer;
mod api;
mod environment;
mod question;
mod recovery;
mod reviewer;
mod verify;
mod watch;

pub(super) use access_args::{ReachArgs, Talk};
pub(super) use reviewer::{Reviewer, Selection, Wanted};

use clap::Subcommand;

use super::error::Error;
use crate::signalwire::Network;
pub(super) use crate::signalwire::verify::Depth;

/// The commands that speak to SignalWire.
#[derive(Debug, Subcommand)]
pub(super) enum ManageCommand {
    /// Send a request to SignalWire's API, and print the answer
    #[command(after_help = answer::HELP)]
    Api(api::ApiArgs),
    /// Tell whether a credential, or what a report holds, is alive
    #[command(after_help = verify::HELP)]
    Verify(verify::VerifyArgs),
    /// Tell what an API token may do
    #[command(after_help = verify::HELP)]
    Scopes(verify::ScopesArgs),
}

/// Carries out a command; `network` says where hosts are.
pub(super) fn run(command: ManageCommand, network: &Network) -> Result<u8, Error> {
    match command {
        ManageCommand::Api(args) => api::run(&args, network),
        ManageCommand::Verify(args) => verify::run(&args, network),
        ManageCommand::Scopes(args) => verify::run_scopes(&args, network),
    }
}
