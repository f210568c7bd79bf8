//! `barewire completions`: scripts for shells.

use clap::CommandFactory as _;

use super::args::{Args, CompletionsArgs};
use super::error::Error;
use super::{exit, output};

/// Runs the command.
pub(super) fn run(args: &CompletionsArgs) -> Result<u8, Error> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Args::command(), "barewire", &mut script);
    output::print(&String::from_utf8_lossy(&script))?;
    Ok(exit::CLEAN)
}
