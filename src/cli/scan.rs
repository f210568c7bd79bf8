//! `barewire scan`: files and folders.

use super::args::ScanArgs;
use super::conduct::conduct;
use super::error::Error;
use crate::blob::Name;
use crate::source::{IgnoreFiles, Limits, Tree, TreeOptions};

/// Runs the command.
pub(super) fn run(args: ScanArgs) -> Result<u8, Error> {
    let ScanArgs { paths, exclude, no_ignore, common } = args;
    let ignore_files = if no_ignore { IgnoreFiles::Disregarded } else { IgnoreFiles::Honoured };
    let limits = Limits { size: common.search.max_file_size, ..Limits::default() };
    let target: Vec<_> = paths.iter().map(|path| Name::new(path.as_os_str().as_encoded_bytes()).to_text()).collect();
    let tree = Tree::new(paths, TreeOptions { ignore_files, exclude, limits });
    conduct(&tree, target.join(" "), common)
}
