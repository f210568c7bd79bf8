//! What can be typed after `barewire hook`.

use std::ffi::OsString;
use std::time::Duration;

use super::{HookCommand, budget};
use crate::cli::args::CommonArgs;

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct HookArgs {
    #[command(subcommand)]
    pub(super) command: HookCommand,
}

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct RunArgs {
    /// `pre-commit`, `pre-merge-commit`, `commit-msg`, `pre-push` or `pre-receive`, with the arguments that git gives to
    /// such a hook; or files, of which the staged ones are scanned as they will be committed
    #[arg(value_name = "STAGE|FILE")]
    pub(super) words: Vec<OsString>,
    /// The arguments of the stage; without one, files, whatever they are called
    #[arg(value_name = "ARG|FILE", last = true)]
    pub(super) rest: Vec<OsString>,
    /// Leave out files that match, in the manner of .gitignore, from the repository's root; can be repeated
    #[arg(long, value_name = "GLOB")]
    pub(super) exclude: Vec<String>,
    /// Stop with exit code 3 when the time is over, such as 60s, 2m or 500ms [default: 60s for pre-receive, else none]
    #[arg(long, value_name = "TIME", value_parser = budget::parse)]
    pub(super) budget: Option<Duration>,
    #[command(flatten)]
    pub(super) common: CommonArgs,
}
