//! Decides whether an index is what git wrote: it ends with the digest of all that stands before that.
//!
//! A bit that turns over in an id makes of an object another one, and no reader of that object can tell: the content of
//! an entry is checked, what it is called is not.

use std::io;

use sha1::Sha1;
use sha2::Sha256;
use sha2::digest::Digest;

use super::file::Positioned;
use crate::git::id::ObjectFormat;

/// How much is read at a time. It stays in the cache of the processor.
const PIECE: usize = 256 << 10;

/// Whether `file` ends with the digest of the rest, as repositories of this format make it.
pub(super) fn is_sound(file: &Positioned, format: ObjectFormat) -> io::Result<bool> {
    match format {
        ObjectFormat::Sha1 => ends_with_digest::<Sha1>(file),
        ObjectFormat::Sha256 => ends_with_digest::<Sha256>(file),
    }
}

fn ends_with_digest<D: Digest>(file: &Positioned) -> io::Result<bool> {
    let (mut digest, mut at) = (D::new(), 0);
    let mut trailer = D::new().finalize();
    let end = file.len()?.saturating_sub(trailer.len() as u64);
    let mut buffer = vec![0; PIECE];
    while at < end {
        let room = usize::try_from(end - at).unwrap_or(PIECE).min(PIECE);
        file.read_exact_at(&mut buffer[..room], at)?;
        digest.update(&buffer[..room]);
        at += room as u64;
    }
    file.read_exact_at(&mut trailer, end)?;
    Ok(digest.finalize() == trailer)
}
