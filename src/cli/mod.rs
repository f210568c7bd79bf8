//! The program: arguments, commands, exit codes. The only place that prints, reads the environment or exits.

mod args;
mod baseline;
mod changes;
mod completions;
mod conduct;
mod error;
mod exit;
mod git_environment;
mod history;
mod hook;
mod man;
#[cfg(feature = "manage")]
mod manage;
mod migrate;
mod output;
mod panic;
mod progress;
mod refusal;
mod rule_files;
mod rules;
mod scan;
mod settings;
mod size;
mod staged;
mod stdin;
mod surroundings;
mod target;
#[cfg_attr(feature = "manage", path = "verification.rs")]
#[cfg_attr(not(feature = "manage"), path = "no_verification.rs")]
mod verification;

use std::ffi::OsString;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;

use clap::Parser as _;

use args::{Args, Command};
use error::Error;

use crate::report::mask::holds_secret;

/// How the name of a host becomes an address; a scanner alone has no need to know.
#[cfg(feature = "manage")]
pub use crate::signalwire::Network;

/// A program that opens no connection has nothing to decide here.
#[cfg(not(feature = "manage"))]
#[derive(Clone, Debug, Default)]
pub struct Network(());

/// Runs the program.
pub fn main() -> ExitCode {
    main_with(&std::env::args_os().collect::<Vec<_>>(), &Network::default())
}

/// Runs the program with these arguments, the first of which is its name, where `network` says how hosts are found.
///
/// The program itself leaves that to the system. Only a test, which has to keep off the network, says anything else.
pub fn main_with(args: &[OsString], network: &Network) -> ExitCode {
    panic::install();
    let code = catch_unwind(AssertUnwindSafe(|| run(args, network))).unwrap_or(exit::INCOMPLETE);
    ExitCode::from(code)
}

fn run(args: &[OsString], network: &Network) -> u8 {
    let result = refusal::check(args).and_then(|()| match Args::try_parse_from(args) {
        Ok(args) => dispatch(args.command, network),
        Err(message) => Ok(answer(&message)),
    });
    result.unwrap_or_else(|error| {
        error.print();
        exit::USAGE
    })
}

fn dispatch(command: Command, network: &Network) -> Result<u8, Error> {
    match command {
        Command::Scan(args) => scan::run(args, network),
        Command::History(args) => history::run(args, network),
        Command::Staged(args) => staged::run(args, network),
        Command::Changes(args) => changes::run(args, network),
        Command::Stdin(args) => stdin::run(args, network),
        Command::Baseline(args) => baseline::run(args),
        Command::Hook(args) => hook::run(args),
        Command::Rules(args) => rules::run(args),
        Command::Completions(args) => completions::run(&args),
        Command::Man => man::run(),
        #[cfg(feature = "manage")]
        Command::Manage(command) => manage::run(command, network),
    }
}

/// Prints what clap has to say: help and version to standard output, a complaint to standard error.
fn answer(message: &clap::Error) -> u8 {
    let text = message.render().to_string();
    if message.use_stderr() && holds_secret(&text) {
        error::tell(&text);
    } else {
        // There is nobody to tell that it could not be told.
        drop(message.print());
    }
    u8::try_from(message.exit_code()).unwrap_or(exit::USAGE)
}
