//! Decides how a private file is read and replaced: whole or not at all, by one process at a time, and never through a link.

use std::fmt;
use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, ErrorKind, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// A file that is longer is not read, in bytes.
const LONGEST: u64 = 16 << 20;

/// How long another process may hold the lock.
const PATIENCE: Duration = Duration::from_secs(10);

/// A file in a folder of its own, that nobody else may read or change.
#[derive(Clone, Debug)]
pub(super) struct Store {
    folder: PathBuf,
    name: &'static str,
}

/// Why the file cannot be used.
#[derive(Debug)]
pub enum StoreError {
    /// The system says no.
    Io(PathBuf, io::Error),
    /// It is a link, a folder or something else that is no regular file.
    Irregular(PathBuf),
    /// It belongs to somebody else.
    Foreign(PathBuf),
    /// Others can read or change it; the mode that it has.
    Open(PathBuf, u32),
    /// It is longer than 16 MiB.
    TooLong(PathBuf),
    /// Another process holds it for too long.
    Busy(PathBuf),
}

/// Holds other processes off until it is dropped. The system lets go of it when the process ends in any way.
#[derive(Debug)]
pub(super) struct Lock {
    _file: File,
}

impl Store {
    /// The file `name` in `folder`; neither has to exist.
    pub(super) fn new(folder: PathBuf, name: &'static str) -> Self {
        Self { folder, name }
    }

    /// Where the file is.
    pub(super) fn path(&self) -> PathBuf {
        self.folder.join(self.name)
    }

    /// What is in the file; `None` if there is none.
    pub(super) fn read(&self) -> Result<Option<Vec<u8>>, StoreError> {
        let path = self.path();
        let file = match open(OpenOptions::new().read(true), &path) {
            Ok(file) => file,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(refused(path, error)),
        };
        let io = |error| StoreError::Io(path.clone(), error);
        let metadata = file.metadata().map_err(io)?;
        if !metadata.is_file() {
            return Err(StoreError::Irregular(path));
        }
        judge(&path, &metadata, 0o077)?;
        let mut bytes = Vec::new();
        file.take(LONGEST + 1).read_to_end(&mut bytes).map_err(io)?;
        if bytes.len() as u64 > LONGEST {
            return Err(StoreError::TooLong(path));
        }
        Ok(Some(bytes))
    }

    /// Makes the folder if need be, and waits until no other process writes the file.
    pub(super) fn lock(&self) -> Result<Lock, StoreError> {
        let io = |error| StoreError::Io(self.folder.clone(), error);
        make(&self.folder).map_err(io)?;
        judge(&self.folder, &fs::metadata(&self.folder).map_err(io)?, 0o022)?;
        let path = self.folder.join(format!("{}.lock", self.name));
        let file = open(OpenOptions::new().write(true).create(true), &path);
        let file = file.map_err(|error| refused(path.clone(), error))?;
        let started = Instant::now();
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Lock { _file: file }),
                Err(TryLockError::WouldBlock) if started.elapsed() < PATIENCE => {
                    std::thread::sleep(Duration::from_millis(10));
                }
                Err(TryLockError::WouldBlock) => return Err(StoreError::Busy(path)),
                Err(TryLockError::Error(error)) => return Err(StoreError::Io(path, error)),
            }
        }
    }

    /// Replaces the file. `_lock` shows that nobody else does.
    pub(super) fn write(&self, bytes: &[u8], _lock: &Lock) -> Result<(), StoreError> {
        let (path, beside) = (self.path(), self.folder.join(format!("{}.tmp", self.name)));
        let io = |error| StoreError::Io(path.clone(), error);
        // Whoever has the lock knows that this was left by a process that was killed.
        match fs::remove_file(&beside) {
            Err(error) if error.kind() != ErrorKind::NotFound => return Err(io(error)),
            _ => {}
        }
        let written = open(OpenOptions::new().write(true).create_new(true), &beside).and_then(|mut file| {
            file.write_all(bytes)?;
            file.sync_all()?;
            fs::rename(&beside, &path)
        });
        if written.is_err() {
            // The first error is the one that matters.
            drop(fs::remove_file(&beside));
        }
        written.and_then(|()| settle(&self.folder)).map_err(io)
    }
}

/// Opens a file for its owner alone, and no link in its place.
#[cfg_attr(not(unix), expect(clippy::unnecessary_wraps, reason = "the other system has more to say"))]
fn open(options: &mut OpenOptions, path: &Path) -> io::Result<File> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        let flags = rustix::fs::OFlags::NOFOLLOW | rustix::fs::OFlags::NONBLOCK;
        options.mode(0o600).custom_flags(i32::try_from(flags.bits()).unwrap_or_default());
    }
    options.open(path)
}

fn refused(path: PathBuf, error: io::Error) -> StoreError {
    let is_link = fs::symlink_metadata(&path).is_ok_and(|metadata| !metadata.is_file());
    if is_link { StoreError::Irregular(path) } else { StoreError::Io(path, error) }
}

fn make(folder: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// Refuses what belongs to others, or what others may do with as `forbidden` says.
#[cfg(unix)]
fn judge(path: &Path, metadata: &fs::Metadata, forbidden: u32) -> Result<(), StoreError> {
    use std::os::unix::fs::MetadataExt as _;
    if metadata.uid() != rustix::process::geteuid().as_raw() {
        return Err(StoreError::Foreign(path.to_owned()));
    }
    match metadata.mode() & 0o7777 {
        mode if mode & forbidden != 0 => Err(StoreError::Open(path.to_owned(), mode)),
        _ => Ok(()),
    }
}

/// Elsewhere the folder of a user is the user's own.
#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "the other system has more to say")]
fn judge(_path: &Path, _metadata: &fs::Metadata, _forbidden: u32) -> Result<(), StoreError> {
    Ok(())
}

/// Makes a rename outlast a loss of power.
#[cfg(unix)]
fn settle(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// Elsewhere a folder cannot be opened.
#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "the other system has more to say")]
fn settle(_folder: &Path) -> io::Result<()> {
    Ok(())
}

impl StoreError {
    /// What it is about.
    pub fn path(&self) -> &Path {
        match self {
            Self::Io(path, _)
            | Self::Irregular(path)
            | Self::Foreign(path)
            | Self::Open(path, _)
            | Self::TooLong(path)
            | Self::Busy(path) => path,
        }
    }

    /// What to do about it, if that can be said.
    pub fn remedy(&self) -> Option<&'static str> {
        Some(match self {
            Self::Open(path, _) if path.extension().is_none() => {
                "Take it from the others with `chmod 700`, and see that nobody has changed what is in it."
            }
            Self::Open(..) => {
                "Take it from the others with `chmod 600`, and see that nobody has changed what is in it."
            }
            Self::Irregular(_) => "Move it away; barewire makes a file in its place.",
            Self::Foreign(_) => "Run barewire as the user whose file it is, or name another folder by XDG_STATE_HOME.",
            Self::Busy(_) => "See whether another barewire is running, and try again.",
            Self::Io(..) | Self::TooLong(_) => return None,
        })
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(_, error) => error.fmt(f),
            Self::Irregular(_) => f.write_str("this is no regular file; a link is not followed"),
            Self::Foreign(_) => f.write_str("this belongs to another user"),
            Self::Open(_, mode) => write!(f, "others can read or change this (mode {mode:04o})"),
            Self::TooLong(_) => write!(f, "this is longer than {LONGEST} bytes"),
            Self::Busy(_) => f.write_str("another process holds this for more than 10 seconds"),
        }
    }
}

impl std::error::Error for StoreError {}
