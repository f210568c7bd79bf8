//! `barewire token`: makes, changes and deletes API tokens, and keeps a record of them, since SignalWire offers no list.

mod adopt;
mod create;
mod delete;
mod forget;
mod list;
mod scopes;
mod trail;
mod update;

use clap::Subcommand;

use super::answer;
use crate::cli::error::Error;
use crate::signalwire::Network;

/// What can be typed.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct TokenArgs {
    #[command(subcommand)]
    command: TokenCommand,
}

#[derive(Debug, Subcommand)]
enum TokenCommand {
    /// Make a token with a name and scopes, and show its value once
    #[command(after_help = answer::HELP)]
    Create(create::CreateArgs),
    /// Change the name or the scopes of a token; its value stays as it is, and is not shown
    #[command(after_help = answer::HELP)]
    Update(update::UpdateArgs),
    /// Delete a token; this cannot be undone
    #[command(after_help = answer::HELP)]
    Delete(delete::DeleteArgs),
    /// Show the tokens that are in barewire's own record
    List(list::ListArgs),
    /// Put a token that was made elsewhere on record
    Adopt(adopt::AdoptArgs),
    /// Take a token out of the record; the token itself stays as it is
    Forget(forget::ForgetArgs),
}

/// Runs the command.
pub(super) fn run(args: &TokenArgs, network: &Network) -> Result<u8, Error> {
    match &args.command {
        TokenCommand::Create(args) => create::run(args, network),
        TokenCommand::Update(args) => update::run(args, network),
        TokenCommand::Delete(args) => delete::run(args, network),
        TokenCommand::List(args) => list::run(args),
        TokenCommand::Adopt(args) => adopt::run(args),
        TokenCommand::Forget(args) => forget::run(args),
    }
}
