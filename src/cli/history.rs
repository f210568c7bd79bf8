//! `barewire history`: what commits brought.

use std::ffi::OsString;
use std::path::Path;

use super::args::HistoryArgs;
use super::conduct::conduct;
use super::error::Error;
use super::git_environment;
use crate::git::Environment;
use crate::source::{Limits, Range};

/// Runs the command.
pub(super) fn run(args: HistoryArgs) -> Result<u8, Error> {
    let HistoryArgs { repository, range, common } = args;
    let limits = Limits { size: common.search.max_file_size, ..Limits::default() };
    // The variables of git speak of the repository that it works on, not of one that somebody names.
    let environment = if repository.is_some() { Environment::default() } else { git_environment::read() };
    let start = repository.as_deref().unwrap_or(Path::new("."));
    let revisions = range.split_whitespace().map(OsString::from).collect();
    let source = Range::new(start, &environment, revisions, limits).map_err(|error| Error::from(&error))?;
    conduct(&source, range, common)
}
