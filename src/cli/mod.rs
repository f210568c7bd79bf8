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

use std::ffi::OsString;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;

use clap::Parser as _;

use args::{Args, Command};
use error::Error;

use crate::report::mask::holds_secret;

/// Runs the program.
pub fn main() -> ExitCode {
    panic::install();
    let args: Vec<OsString> = std::env::args_os().collect();
    let code = catch_unwind(AssertUnwindSafe(|| run(&args))).unwrap_or(exit::INCOMPLETE);
    ExitCode::from(code)
}

fn run(args: &[OsString]) -> u8 {
    let result = refusal::check(args).and_then(|()| match Args::try_parse_from(args) {
        Ok(args) => dispatch(args.command),
        Err(message) => Ok(answer(&message)),
    });
    result.unwrap_or_else(|error| {
        error.print();
        exit::USAGE
    })
}

fn dispatch(command: Command) -> Result<u8, Error> {
    match command {
        Command::Scan(args) => scan::run(args),
        Command::History(args) => history::run(args),
        Command::Staged(args) => staged::run(args),
        Command::Changes(args) => changes::run(args),
        Command::Stdin(args) => stdin::run(args),
        Command::Baseline(args) => baseline::run(args),
        Command::Hook(args) => hook::run(args),
        Command::Rules(args) => rules::run(args),
        Command::Completions(args) => completions::run(&args),
        Command::Man => man::run(),
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
