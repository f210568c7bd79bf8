//! Decides how a value gets into a file that was not there before: only its owner can read it, there is room for it before
//! the value is asked for, and it is there under its name afterwards.

use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use crate::cli::error::{Error, shown};

/// No value is longer, in bytes; so much room is made sure of.
#[cfg(target_os = "linux")]
const ROOM: u64 = 16 << 10;

/// A file that this process has made, and that holds nothing yet.
#[derive(Debug)]
pub(super) struct FreshFile {
    path: PathBuf,
    file: File,
}

impl FreshFile {
    /// Makes the file; none is ever replaced.
    ///
    /// # Errors
    /// It is there already, cannot be made, or there is no room for a value.
    pub(super) fn create(path: &Path) -> Result<Self, Error> {
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(path).map_err(|error| unmade(path, &error))?;
        let fresh = Self { path: path.to_owned(), file };
        match reserve(&fresh.file) {
            Ok(()) => Ok(fresh),
            Err(error) => {
                fresh.discard();
                Err(unmade(path, &error))
            }
        }
    }

    /// Where it is.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Removes it: there is no value. What others have put in its place stays.
    pub(super) fn discard(self) {
        if self.is_there() {
            drop(fs::remove_file(&self.path));
        }
    }

    /// Writes `bytes`, and makes sure that they can be found under its name.
    ///
    /// # Errors
    /// They cannot be written or found; then the file is gone.
    pub(super) fn fill(mut self, bytes: &[u8]) -> io::Result<()> {
        // The length is set to give back the room that was not needed.
        let length = bytes.len() as u64;
        let written =
            self.file.write_all(bytes).and_then(|()| self.file.set_len(length)).and_then(|()| self.file.sync_all());
        if written.is_err() {
            self.discard();
            return written;
        }
        if self.is_there() {
            return Ok(());
        }
        // Nobody finds it, but whoever has it open could read it.
        drop(self.file.set_len(0));
        Err(io::Error::new(ErrorKind::NotFound, "the file was removed or replaced while SignalWire was asked"))
    }

    /// Whether its name still leads to it.
    fn is_there(&self) -> bool {
        match (self.file.metadata(), fs::symlink_metadata(&self.path)) {
            (Ok(mine), Ok(named)) => is_same(&mine, &named),
            _ => false,
        }
    }
}

#[cfg(unix)]
fn is_same(one: &Metadata, other: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt as _;
    (one.dev(), one.ino()) == (other.dev(), other.ino())
}

/// Elsewhere a file that is open cannot be replaced.
#[cfg(not(unix))]
fn is_same(_: &Metadata, _: &Metadata) -> bool {
    true
}

/// Has the system set room aside, without a change of the length.
#[cfg(target_os = "linux")]
fn reserve(file: &File) -> io::Result<()> {
    match rustix::fs::fallocate(file, rustix::fs::FallocateFlags::KEEP_SIZE, 0, ROOM) {
        Err(error @ (rustix::io::Errno::NOSPC | rustix::io::Errno::DQUOT)) => Err(error.into()),
        // Not every file system can do that.
        _ => Ok(()),
    }
}

#[cfg(not(target_os = "linux"))]
fn reserve(_: &File) -> io::Result<()> {
    Ok(())
}

fn unmade(path: &Path, error: &io::Error) -> Error {
    let told = Error::new(format_args!("{}: {error}; nothing was sent", shown(path)));
    if error.kind() != ErrorKind::AlreadyExists {
        return told;
    }
    let is_empty = fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_file() && metadata.len() == 0);
    told.help(if is_empty {
        "A file is never overwritten. This one is empty; perhaps a run that was stopped left it. Remove it."
    } else {
        "A file is never overwritten. Name another one, or remove this one."
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_found_under_the_name_of_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("token");
        let fresh = FreshFile::create(&path).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().len(), 0);
        assert!(format!("{:?}", FreshFile::create(&path).unwrap_err()).contains("perhaps a run that was stopped"));
        fresh.fill(b"sesame\n").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"sesame\n");
        assert!(format!("{:?}", FreshFile::create(&path).unwrap_err()).contains("Name another one"));
    }

    #[cfg(unix)]
    #[test]
    fn what_others_have_put_in_its_place_stays() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("token");
        let fresh = || FreshFile::create(&path).unwrap();
        let replaced = fresh();
        fs::remove_file(&path).unwrap();
        fs::write(&path, "theirs").unwrap();
        assert!(replaced.fill(b"sesame\n").is_err());
        assert_eq!(fs::read(&path).unwrap(), b"theirs");
        fs::remove_file(&path).unwrap();
        let discarded = fresh();
        fs::remove_file(&path).unwrap();
        fs::write(&path, "theirs").unwrap();
        discarded.discard();
        assert_eq!(fs::read(&path).unwrap(), b"theirs");
        fs::remove_file(&path).unwrap();
        let removed = fresh();
        fs::remove_file(&path).unwrap();
        assert!(removed.fill(b"sesame\n").is_err() && !path.exists());
        fresh().discard();
        assert!(!path.exists());
    }
}
