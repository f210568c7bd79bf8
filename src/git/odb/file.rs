//! Decides how the files of a store are read: at a position, without a mapping, and through a file that stays open, so
//! that it does no harm if git deletes or replaces the file meanwhile.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

/// Files that a store keeps open. Some systems allow a process 256; files beyond these are opened for each read.
const KEPT_OPEN: usize = 160;

/// How many files may still be kept open.
#[derive(Debug)]
pub(super) struct Room(AtomicUsize);

impl Room {
    pub(super) fn new() -> Arc<Self> {
        Arc::new(Self(AtomicUsize::new(KEPT_OPEN)))
    }

    fn claim(&self) -> bool {
        self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1)).is_ok()
    }
}

/// A file that is read at positions.
#[derive(Debug)]
pub(super) struct Positioned {
    path: PathBuf,
    kept: OnceLock<File>,
    room: Arc<Room>,
}

impl Positioned {
    pub(super) fn new(path: PathBuf, room: &Arc<Room>) -> Self {
        Self { path, kept: OnceLock::new(), room: Arc::clone(room) }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// The length of the file. It is open from here on, if there is room for it.
    pub(super) fn len(&self) -> io::Result<u64> {
        self.with(|file| file.metadata().map(|metadata| metadata.len()))
    }

    /// Reads at `offset` until `buffer` is full or the file ends, and says how much that was.
    pub(super) fn read_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
        self.with(|file| fill(file, buffer, offset))
    }

    /// Fills `buffer` with what is at `offset`.
    pub(super) fn read_exact_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        if self.read_at(buffer, offset)? == buffer.len() {
            Ok(())
        } else {
            Err(io::Error::new(io::ErrorKind::UnexpectedEof, "it ends too early"))
        }
    }

    fn with<T>(&self, read: impl FnOnce(&File) -> io::Result<T>) -> io::Result<T> {
        if let Some(file) = self.kept.get() {
            return read(file);
        }
        let file = open(&self.path)?;
        if self.room.claim() {
            return read(self.kept.get_or_init(|| file));
        }
        read(&file)
    }
}

/// Opens a regular file. To open a pipe would be to wait for ever.
pub(super) fn open(path: &Path) -> io::Result<File> {
    if std::fs::metadata(path)?.is_file() {
        File::open(path)
    } else {
        Err(io::Error::other("it is not a regular file"))
    }
}

fn fill(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
    let mut got = 0;
    while got < buffer.len() {
        match read_once(file, &mut buffer[got..], offset.saturating_add(got as u64)) {
            Ok(0) => break,
            Ok(more) => got += more,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(got)
}

#[cfg(unix)]
fn read_once(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, buffer, offset)
}

#[cfg(windows)]
fn read_once(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<usize> {
    std::os::windows::fs::FileExt::seek_read(file, buffer, offset)
}
