//! Decides how the commands that manage credentials are carried out, one file a command.

mod access;
mod access_args;
mod answer;
mod api;
mod caller;
mod confirm;
mod dotenv;
mod dry_run;
mod environment;
mod fields;
mod fresh_file;
mod inspect;
mod mint;
mod outlet;
mod present;
mod pretty;
mod process;
mod project;
mod question;
mod record;
mod recovery;
mod reviewer;
mod secret_file;
mod shape;
mod source;
mod token;
mod user_config;
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
    /// Tell whether a credential, or what a report holds, is alive
    #[command(after_help = verify::HELP)]
    Verify(verify::VerifyArgs),
    /// Tell what an API token may do
    #[command(after_help = verify::HELP)]
    Scopes(verify::ScopesArgs),
    /// Make, change and delete API tokens, and keep a record of them
    #[command(arg_required_else_help = true)]
    Token(token::TokenArgs),
    /// Have a client token made
    #[command(arg_required_else_help = true)]
    Mint(mint::MintArgs),
    /// Tell what a client token says of itself, without asking anybody
    #[command(after_help = inspect::HELP)]
    Inspect(inspect::InspectArgs),
    /// List, make, rename and delete projects, and replace their signing keys
    #[command(arg_required_else_help = true)]
    Project(project::ProjectArgs),
    /// Send a request to SignalWire's API, and print the answer
    #[command(after_help = answer::HELP, after_long_help = format!("{}\n\n{}", api::HELP, answer::HELP))]
    Api(api::ApiArgs),
}

/// Carries out a command; `network` says where hosts are.
pub(super) fn run(command: ManageCommand, network: &Network) -> Result<u8, Error> {
    process::close();
    match command {
        ManageCommand::Api(args) => api::run(&args, network),
        ManageCommand::Verify(args) => verify::run(&args, network),
        ManageCommand::Scopes(args) => verify::run_scopes(&args, network),
        ManageCommand::Token(args) => token::run(&args, network),
        ManageCommand::Mint(args) => mint::run(&args, network),
        ManageCommand::Inspect(args) => inspect::run(&args),
        ManageCommand::Project(args) => project::run(&args, network),
    }
}
