//! `barewire hook run`: what the next commit would record.

use std::ffi::OsString;
use std::path::Path;

use super::stage::Stage;
use crate::cli::args::CommonArgs;
use crate::cli::conduct::conduct;
use crate::cli::error::Error;
use crate::cli::git_environment;
use crate::source::{Limits, RepositoryOptions, Staged};

#[derive(Debug, clap::Args)]
pub(in crate::cli) struct RunArgs {
    /// The hook that git runs
    stage: Stage,
    /// What git hands to the hook
    args: Vec<OsString>,
    #[command(flatten)]
    common: CommonArgs,
}

/// Runs the command.
pub(super) fn run(args: RunArgs) -> Result<u8, Error> {
    let RunArgs { stage, args: _, common } = args;
    if !matches!(stage, Stage::PreCommit | Stage::PreMergeCommit) {
        return Err(Error::new(format_args!("nothing checks {} yet", stage.name())));
    }
    let options = RepositoryOptions {
        exclude: Vec::new(),
        limits: Limits { size: common.search.max_file_size, ..Limits::default() },
    };
    let staged = Staged::new(Path::new("."), &git_environment::read(), options).map_err(|error| Error::from(&error))?;
    conduct(&staged, "staged".to_owned(), common)
}
