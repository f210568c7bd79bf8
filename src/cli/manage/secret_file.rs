//! Decides whether a file is private enough to be believed: a token that others can read is no secret, and a configuration
//! that others can write is not the user's own.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

use zeroize::Zeroizing;

use crate::cli::error::{Error, shown};
use crate::secret::Secret;

/// What nobody else may do with a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Privacy {
    /// Read it.
    Unread,
    /// Write it.
    Unwritten,
    /// There is no such demand.
    Any,
}

/// Longer than any file that is read here, in bytes.
const MOST: u64 = 1 << 20;

/// Reads a file that is as private as it has to be. What is no regular file, such as a pipe, is as private as who opened
/// it made it.
///
/// # Errors
/// It cannot be read, is too long, or others can do what they must not.
pub(super) fn read(path: &Path, privacy: Privacy) -> Result<Secret, Error> {
    let told = |error: &io::Error| Error::new(format_args!("{}: {error}", shown(path)));
    let file = File::open(path).map_err(|error| told(&error))?;
    let metadata = file.metadata().map_err(|error| told(&error))?;
    if metadata.is_file() {
        check(path, &metadata, privacy)?;
    }
    bounded(file).map_err(|error| told(&error))
}

/// Whether everybody on this machine can write a file.
#[cfg(unix)]
pub(super) fn is_open_to_all(path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt as _;

    std::fs::metadata(path).is_ok_and(|metadata| metadata.is_file() && metadata.mode() & 0o002 != 0)
}

/// Elsewhere there are no modes.
#[cfg(not(unix))]
pub(super) fn is_open_to_all(_: &Path) -> bool {
    false
}

/// All of `input`.
///
/// # Errors
/// It cannot be read, or is too long.
pub(super) fn bounded(input: impl io::Read) -> io::Result<Secret> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(4 << 10));
    input.take(MOST + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MOST {
        return Err(io::Error::other(format!("it is longer than {MOST} bytes")));
    }
    Ok(Secret::new(&*bytes))
}

#[cfg(unix)]
fn check(path: &Path, metadata: &std::fs::Metadata, privacy: Privacy) -> Result<(), Error> {
    use std::os::unix::fs::MetadataExt as _;

    let (too_much, verb, remedy) = match privacy {
        Privacy::Unread => (0o077, "read", "chmod 600"),
        Privacy::Unwritten => (0o022, "write", "chmod go-w"),
        Privacy::Any => return Ok(()),
    };
    let path = shown(path);
    let mode = metadata.mode() & 0o777;
    if ![rustix::process::geteuid().as_raw(), 0].contains(&metadata.uid()) {
        let error = Error::new(format_args!("{path} belongs to another user; it was not used"));
        return Err(error.help("Copy it to a file of your own, or hand it over by standard input."));
    }
    if mode & too_much != 0 {
        let error = Error::new(format_args!("others can {verb} {path} (its mode is {mode:04o}); it was not used"));
        return Err(error.help(format_args!("Run `{remedy} {path}`.")));
    }
    Ok(())
}

/// Elsewhere there are no modes.
#[cfg(not(unix))]
fn check(_: &Path, _: &std::fs::Metadata, _: Privacy) -> Result<(), Error> {
    Ok(())
}
