//! Decides how a file that was found is opened, so that what took its place since neither leads away nor waits.

use std::fs::File;
use std::io;
use std::path::Path;

use rustix::fs::{Mode, OFlags};
use rustix::io::{Errno, retry_on_intr};

/// Opens the file that was found at `path`; gives `None` if a link has taken its place. If a pipe has, it is opened
/// without waiting for somebody to write to it.
pub(super) fn found(path: &Path) -> io::Result<Option<File>> {
    let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY;
    match retry_on_intr(|| rustix::fs::open(path, flags, Mode::empty())) {
        Ok(file) => Ok(Some(File::from(file))),
        // The systems do not agree on what to say of a link.
        Err(Errno::LOOP | Errno::MLINK) => Ok(None),
        Err(error) => Err(error.into()),
    }
}
