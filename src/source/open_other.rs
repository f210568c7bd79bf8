//! Decides how a file that was found is opened on systems that are not Unix.

use std::fs::File;
use std::io;
use std::path::Path;

/// Opens the file that was found at `path`; gives `None` if a link has taken its place.
pub(super) fn found(path: &Path) -> io::Result<Option<File>> {
    if path.symlink_metadata()?.is_symlink() { Ok(None) } else { File::open(path).map(Some) }
}
