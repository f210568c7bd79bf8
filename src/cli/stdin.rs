//! `barewire stdin`: a stream.

use super::Network;
use super::args::StdinArgs;
use super::conduct;
use super::error::Error;
use super::settings::Ground;
use crate::blob::Name;
use crate::source::{Limits, Stdin};

/// Runs the command.
pub(super) fn run(args: StdinArgs, network: &Network) -> Result<u8, Error> {
    let StdinArgs { path, common, verification } = args;
    let review = verification.review(&common.talk, network)?;
    let limits = Limits { size: common.search.max_file_size, ..Limits::default() };
    let name = path.map(|path| Name::from_path(&path));
    let target = name.as_ref().map_or_else(|| "<stdin>".to_owned(), Name::to_text);
    let stdin = Stdin::new(Box::new(std::io::stdin()), name, limits);
    conduct::on((&Ground::here().named_from_here(), review), common, |scan, outputs| scan.run(&stdin, target, outputs))
}
