//! `barewire staged`: what the next commit would record.

use std::path::Path;

use super::Network;
use super::args::StagedArgs;
use super::conduct::conduct;
use super::error::Error;
use super::git_environment;
use crate::source::{Limits, RepositoryOptions, Staged};

/// Runs the command.
pub(super) fn run(args: StagedArgs, network: &Network) -> Result<u8, Error> {
    let StagedArgs { exclude, common, verification } = args;
    let review = verification.review(&common.talk, network)?;
    let limits = Limits { size: common.search.max_file_size, ..Limits::default() };
    let options = RepositoryOptions { exclude, limits };
    let staged = Staged::new(Path::new("."), &git_environment::read(), options).map_err(|error| Error::from(&error))?;
    conduct(&staged, "staged".to_owned(), (common, review))
}
