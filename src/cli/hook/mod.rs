//! `barewire hook`: a look at a commit or a push before it is made.

mod advice;
mod args;
mod budget;
mod lines;
mod manager;
mod run;

use clap::Subcommand;

pub(super) use args::HookArgs;

use super::error::Error;

#[derive(Debug, Subcommand)]
pub(super) enum HookCommand {
    /// Look at a commit or a push: as a hook of git, or at files that a hook manager names
    #[command(after_help = super::exit::HELP)]
    Run(args::RunArgs),
}

/// Runs the command.
pub(super) fn run(args: HookArgs) -> Result<u8, Error> {
    match args.command {
        HookCommand::Run(args) => run::run(args),
    }
}
