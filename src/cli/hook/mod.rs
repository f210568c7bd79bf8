//! `barewire hook`: the gate in a repository.

mod canary;
mod global;
mod install;
mod install_args;
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

pub(super) use install_args::{INSTALL_HELP, STATUS_HELP};

use super::error::Error;

/// What can be done with hooks.
#[derive(Debug, Subcommand)]
pub(super) enum HookCommand {
    /// Be a hook: check what git is about to record or send
    Run(run::RunArgs),
    /// Put the gate into a repository, in front of what is there
    #[command(after_help = INSTALL_HELP)]
    Install(install_args::InstallArgs),
    /// Take it out, and put back what was there
    Uninstall(install_args::UninstallArgs),
    /// Show where it stands, and prove that it fires
    #[command(after_help = STATUS_HELP)]
    Status(install_args::StatusArgs),
}

/// Runs the command.
pub(super) fn run(command: HookCommand) -> Result<u8, Error> {
    match command {
        HookCommand::Run(args) => run::run(args),
        HookCommand::Install(args) => install::run(&args),
        HookCommand::Uninstall(args) => uninstall::run(&args),
        HookCommand::Status(args) => status::run(&args),
    }
}
