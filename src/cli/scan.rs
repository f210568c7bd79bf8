//! `barewire scan`: files and folders.

use std::path::{Path, PathBuf};

use super::Network;
use super::args::ScanArgs;
use super::conduct;
use super::error::{Error, shown};
use super::settings::Ground;
use super::target;
use crate::blob::Name;
use crate::source::{IgnoreFiles, Limits, Tree, TreeOptions};
use crate::suppress::Sight;

/// Runs the command.
pub(super) fn run(args: ScanArgs, network: &Network) -> Result<u8, Error> {
    let ScanArgs { paths, exclude, no_ignore, common, verification } = args;
    let review = verification.review(&common.talk, network)?;
    let mut reports = common.report.output.iter().map(|wanted| target::file(wanted));
    if let Some(report) = reports.find(|report| paths.iter().any(|path| is_same_file(report, path))) {
        return Err(Error::new(format_args!("{} is to be scanned; a report would take its place", shown(report))));
    }
    let ignore_files = if no_ignore { IgnoreFiles::Disregarded } else { IgnoreFiles::Honoured };
    let limits = Limits { size: common.search.max_file_size, ..Limits::default() };
    let target: Vec<_> = paths.iter().map(|path| Name::new(path.as_os_str().as_encoded_bytes()).to_text()).collect();
    let sees_all = exclude.is_empty() && common.search.only.is_empty();
    let sight = if sees_all { Sight::Tree } else { Sight::Part };
    let ground = Ground::of_paths(&paths, sight);
    let tree = Tree::new(paths, TreeOptions { ignore_files, usual_list: usual_list(), exclude, limits });
    conduct::on((&ground, review), common, |scan, outputs| scan.run(&tree, target.join(" "), outputs))
}

/// Whether both paths lead to one file.
fn is_same_file(one: &Path, other: &Path) -> bool {
    let real = |path: &Path| path.canonicalize().ok().filter(|path| path.is_file());
    real(one).is_some_and(|one| real(other) == Some(one))
}

/// Where git looks for a list of ignored files if its configuration names none.
#[expect(clippy::disallowed_methods, reason = "this is cli")]
pub(super) fn usual_list() -> Option<PathBuf> {
    let folder = std::env::var_os("XDG_CONFIG_HOME").filter(|folder| !folder.is_empty()).map(PathBuf::from);
    let folder = folder.or_else(|| Some(std::env::home_dir()?.join(".config")))?;
    Some(folder.join("git").join("ignore"))
}
