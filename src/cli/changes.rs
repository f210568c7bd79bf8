//! `barewire changes`: what is staged, what is not yet, and what is not tracked.

use std::path::Path;

use super::Network;
use super::args::ChangesArgs;
use super::conduct::conduct;
use super::error::Error;
use super::{git_environment, scan};
use crate::source::{Limits, Pending, RepositoryOptions};

/// Runs the command.
pub(super) fn run(args: ChangesArgs, network: &Network) -> Result<u8, Error> {
    let ChangesArgs { exclude, common, verification } = args;
    let review = verification.review(&common.talk, network)?;
    let limits = Limits { size: common.search.max_file_size, ..Limits::default() };
    let options = RepositoryOptions { exclude, limits };
    let pending = Pending::new(Path::new("."), &git_environment::read(), scan::usual_list(), options)
        .map_err(|error| Error::from(&error))?;
    conduct(&pending, "changes".to_owned(), (common, review))
}
