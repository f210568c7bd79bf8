//! Decides how one file is read that a report names: as it was found, never through a link, and without waiting.

use std::io::{self, ErrorKind, Read as _};
use std::path::Path;

use super::open;

/// All of the file at `path`, if it is one, and is at most `limit` bytes long.
///
/// # Errors
/// It is not, or it cannot be read.
pub fn read_found(path: &Path, limit: u64) -> io::Result<Vec<u8>> {
    let other = |words: &str| io::Error::new(ErrorKind::InvalidInput, words);
    let file = open::found(path)?.ok_or_else(|| other("it is a link"))?;
    if !file.metadata()?.is_file() {
        return Err(other("it is not a file"));
    }
    let mut bytes = Vec::new();
    file.take(limit.saturating_add(1)).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit {
        return Err(other("it is too large"));
    }
    Ok(bytes)
}
