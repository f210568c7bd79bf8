//! `barewire history`: all of a repository, or what a range of commits brings.

use std::ffi::OsString;
use std::path::Path;

use super::Network;
use super::args::HistoryArgs;
use super::conduct;
use super::error::Error;
use super::git_environment;
use super::settings::Ground;
use crate::blob::Name;
use crate::git::Environment;
use crate::scan::{HistoryOptions, Scope, Stories};
use crate::source::{History, Limits, Range, RepositoryOptions, SourceError};
use crate::suppress::Sight;

/// Runs the command.
pub(super) fn run(args: HistoryArgs, network: &Network) -> Result<u8, Error> {
    let HistoryArgs { repository, range, unreachable, no_story, cache, exclude, common, verification } = args;
    let review = verification.review(&common.talk, network)?;
    let limits = Limits { size: common.search.max_file_size, ..Limits::default() };
    // The variables of git speak of the repository that it works on, not of one that somebody names.
    let environment = if repository.is_some() { Environment::default() } else { git_environment::read() };
    let start = repository.as_deref().unwrap_or(Path::new("."));
    let ground = Ground::of_repository(start, &environment);
    let refused = |error: SourceError| Error::from(&error);
    if let Some(range) = range {
        let revisions = range.split_whitespace().map(OsString::from).collect();
        let source =
            Range::new(start, &environment, revisions, RepositoryOptions { exclude, limits }).map_err(refused)?;
        return conduct::on((&ground, review), common, |scan, outputs| scan.run(&source, range, outputs));
    }
    let sees_all = exclude.is_empty() && common.search.only.is_empty();
    let chosen = RepositoryOptions { exclude, limits };
    let options = HistoryOptions {
        stories: if no_story { Stories::Untold } else { Stories::Told },
        scope: if unreachable { Scope::Everything } else { Scope::Reachable },
        cache,
    };
    let history = History::new(start, &environment, chosen).map_err(refused)?;
    let target = Name::new(start.as_os_str().as_encoded_bytes()).to_text();
    let ground = if sees_all { ground.seeing(Sight::History) } else { ground };
    conduct::on((&ground, review), common, |scan, outputs| scan.history(&history, target, &options, outputs))
}
