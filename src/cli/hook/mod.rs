//! `barewire hook`: a look at a commit or a push before it is made, and the gate that has git ask for it.

mod advice;
mod args;
mod budget;
mod canary;
mod global;
mod install;
mod install_args;
mod lines;
mod manager;
mod place;
mod proof;
mod run;
mod scratch_folder;
mod script;
mod slot;
mod stage;
mod status;
mod uninstall;

use clap::Subcommand;

pub(super) use args::HookArgs;

use super::error::Error;

#[derive(Debug, Subcommand)]
pub(super) enum HookCommand {
    /// Look at a commit or a push: as a hook of git, or at files that a hook manager names
    #[command(after_help = super::exit::HELP)]
    Run(Box<args::RunArgs>),
    /// Put the gate into a repository, in front of what is there
    #[command(after_help = install_args::INSTALL_HELP)]
    Install(install_args::InstallArgs),
    /// Take it out, and put back what was there
    Uninstall(install_args::UninstallArgs),
    /// Show where it stands, and prove that it fires
    #[command(after_help = install_args::STATUS_HELP)]
    Status(install_args::StatusArgs),
}

/// Runs the command.
pub(super) fn run(args: HookArgs) -> Result<u8, Error> {
    match args.command {
        HookCommand::Run(args) => run::run(*args),
        HookCommand::Install(args) => install::run(&args),
        HookCommand::Uninstall(args) => uninstall::run(&args),
        HookCommand::Status(args) => status::run(&args),
    }
}
