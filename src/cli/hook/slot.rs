//! Decides what may be done with one file of a folder of hooks: what it is, and how it is replaced and put back.
//!
//! A file is written beside and renamed into its place, so that there is never half a hook. What belongs to somebody else
//! is moved as it is and never opened for writing.

use std::fs::{self, OpenOptions, TryLockError};
use std::io::{self, ErrorKind, Write as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::canary;
use super::script::{self, Seal};

/// A hook is small. What is larger is somebody else's program.
const LARGEST: u64 = 1 << 16;

/// How the name of what is not in its place yet ends, after so many digits.
const DRAFT: &str = ".tmp";
const DIGITS: usize = 16;

/// Nobody needs a folder for longer than that.
const PATIENCE: Duration = Duration::from_secs(10);

/// What is in the place of a hook.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// Nothing.
    Absent,
    /// A hook that this program wrote, as it wrote it.
    Ours(Seal),
    /// A hook that this program wrote and somebody changed.
    Edited,
    /// A hook of somebody else, or a link.
    Foreign,
    /// A folder, or what else cannot be a hook.
    Other,
}

/// The place of one hook.
#[derive(Clone, Debug)]
pub(super) struct Slot {
    /// Where git looks for it.
    pub(super) path: PathBuf,
    /// Where the hook is kept that was here before.
    pub(super) aside: PathBuf,
    /// Where pre-commit and prek keep a hook that they found, which they call.
    pub(super) legacy: PathBuf,
}

impl Slot {
    /// The place of the hook `name` in `folder`.
    pub(super) fn new(folder: &Path, name: &str) -> Self {
        let beside = |ending: &str| folder.join(format!("{name}{ending}"));
        Self { path: beside(""), aside: beside(".before-barewire"), legacy: beside(".legacy") }
    }

    /// What is there.
    pub(super) fn standing(&self) -> io::Result<Standing> {
        standing(&self.path)
    }

    /// Whether a hook is kept that was here before.
    pub(super) fn has_aside(&self) -> bool {
        fs::symlink_metadata(&self.aside).is_ok()
    }

    /// Whether the hook in its place is the one that is kept: another tool has put its own back.
    pub(super) fn repeats_aside(&self) -> bool {
        are_same(&self.aside, &self.path).unwrap_or(false)
    }

    /// Whether another tool moved our hook to where it calls it.
    pub(super) fn is_behind_another(&self) -> bool {
        matches!(self.standing(), Ok(Standing::Foreign))
            && matches!(standing(&self.legacy), Ok(Standing::Ours(_) | Standing::Edited))
    }

    /// Whether the hook in its place says what is looked for.
    pub(super) fn mentions(&self, word: &str) -> bool {
        content(&self.path).is_ok_and(|bytes| memchr::memmem::find(&bytes, word.as_bytes()).is_some())
    }

    /// Whether these bytes are in its place.
    pub(super) fn holds(&self, bytes: &[u8]) -> bool {
        content(&self.path).is_ok_and(|found| found == bytes)
    }

    /// Puts what was written beside into its place; a hook of somebody else is kept aside before.
    pub(super) fn fill(&self, draft: Draft) -> io::Result<()> {
        if self.standing()? != Standing::Foreign {
            return draft.settle(&self.path);
        }
        let kept = self.keep()?;
        draft.settle(&self.path).inspect_err(|_| {
            // The first error is the one that matters.
            drop(match kept {
                Kept::Before => Ok(()),
                Kept::Linked => fs::remove_file(&self.aside),
                Kept::Moved => fs::rename(&self.aside, &self.path),
            });
        })
    }

    /// Has the hook in its place aside, too. It gets a second name, so that at no moment git finds none, and so that of
    /// two installs at a time the later one cannot take ours for that of somebody else.
    fn keep(&self) -> io::Result<Kept> {
        match fs::hard_link(&self.path, &self.aside) {
            Ok(()) => Ok(Kept::Linked),
            Err(_) if self.repeats_aside() => Ok(Kept::Before),
            Err(_) if matches!(self.standing(), Ok(Standing::Ours(_))) => Ok(Kept::Before),
            Err(error) if self.has_aside() => Err(error),
            // Not every file system knows second names, nor may everybody give one.
            Err(_) => fs::rename(&self.path, &self.aside).map(|()| Kept::Moved),
        }
    }

    /// Removes what an install that was killed has written beside and never put into its place.
    pub(super) fn sweep(&self) -> io::Result<()> {
        let Some(folder) = self.path.parent() else { return Ok(()) };
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            if Draft::is_of(&path, &self.path) && is_remnant(&path)? {
                fs::remove_file(&path)?;
            }
        }
        Ok(())
    }

    /// Takes our hook out of its place and puts back what was there before.
    pub(super) fn empty(&self) -> io::Result<()> {
        if self.has_aside() { fs::rename(&self.aside, &self.path) } else { fs::remove_file(&self.path) }
    }

    /// The same where another tool has moved our hook: what was here before goes where that tool calls it, unless it is
    /// that tool's own.
    pub(super) fn empty_legacy(&self) -> io::Result<()> {
        match (self.has_aside(), self.repeats_aside()) {
            (true, false) => fs::rename(&self.aside, &self.legacy),
            (true, true) => fs::remove_file(&self.aside).and_then(|()| fs::remove_file(&self.legacy)),
            (false, _) => fs::remove_file(&self.legacy),
        }
    }
}

/// How the hook of somebody else came aside.
enum Kept {
    /// It, or the same, was there.
    Before,
    /// It has two names.
    Linked,
    /// It has left its place.
    Moved,
}

/// Whether at both paths there is the same: a file with the same content, or a link that leads to the same place.
fn are_same(one: &Path, other: &Path) -> io::Result<bool> {
    let (first, second) = (fs::symlink_metadata(one)?, fs::symlink_metadata(other)?);
    if first.is_symlink() && second.is_symlink() {
        return Ok(fs::read_link(one)? == fs::read_link(other)?);
    }
    if !first.is_file() || !second.is_file() || first.len() != second.len() {
        return Ok(false);
    }
    Ok(fs::read(one)? == fs::read(other)?)
}

/// Has a folder of hooks for itself while the file is kept: of two programs that look and then move, the later one would
/// move what the earlier one has put there. Nothing where a folder cannot be locked.
pub(super) fn alone(folder: &Path) -> Option<fs::File> {
    let file = fs::File::open(folder).ok()?;
    let start = Instant::now();
    while let Err(TryLockError::WouldBlock) = file.try_lock() {
        if start.elapsed() > PATIENCE {
            return None;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    Some(file)
}

/// What is at `path`.
pub(super) fn standing(path: &Path) -> io::Result<Standing> {
    let kind = match fs::symlink_metadata(path) {
        // The folder may be a file: some switch hooks off by naming `/dev/null`.
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            return Ok(Standing::Absent);
        }
        found => found?.file_type(),
    };
    if kind.is_symlink() {
        return Ok(Standing::Foreign);
    }
    if !kind.is_file() {
        return Ok(Standing::Other);
    }
    Ok(match script::read(&content(path)?) {
        Some(seal) if seal.is_intact => Standing::Ours(seal),
        Some(_) => Standing::Edited,
        None => Standing::Foreign,
    })
}

/// Whether at `path` there is a part of a hook that this program wrote.
fn is_remnant(path: &Path) -> io::Result<bool> {
    let metadata = fs::symlink_metadata(path)?;
    Ok(metadata.is_file() && (metadata.len() == 0 || script::read(&content(path)?).is_some()))
}

/// The beginning of a file. What is no file is not opened, since that could wait for ever.
fn content(path: &Path) -> io::Result<Vec<u8>> {
    if !fs::metadata(path)?.is_file() {
        return Err(io::Error::new(ErrorKind::InvalidInput, "it is not a file"));
    }
    let mut bytes = Vec::new();
    io::Read::read_to_end(&mut io::Read::take(fs::File::open(path)?, LARGEST), &mut bytes)?;
    Ok(bytes)
}

/// A file that is written and not yet in its place. It is removed if it never gets there.
#[derive(Debug)]
pub(super) struct Draft(Option<PathBuf>);

impl Draft {
    /// Writes a program beside `path`. `mode` are permissions that it needs besides the usual ones.
    pub(super) fn program(path: &Path, bytes: &[u8], mode: u32) -> io::Result<Self> {
        // By chance: in a container, each program may have the number that one had that was killed there.
        let beside = path.with_file_name(format!("{}{}{DRAFT}", Self::begin(path), canary::digits(DIGITS)));
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o755);
        let mut file = options.open(&beside)?;
        let draft = Self(Some(beside));
        file.write_all(bytes)?;
        allow(&file, mode)?;
        file.sync_all()?;
        Ok(draft)
    }

    /// How the name of what is written for `path` begins.
    fn begin(path: &Path) -> String {
        format!(".{}.", path.file_name().unwrap_or_default().to_string_lossy())
    }

    /// Whether `beside` is named as what is written for `path`.
    fn is_of(beside: &Path, path: &Path) -> bool {
        let name = beside.file_name().unwrap_or_default().to_string_lossy();
        let digits = name.strip_prefix(&Self::begin(path)).and_then(|rest| rest.strip_suffix(DRAFT));
        digits.is_some_and(|digits| digits.len() == DIGITS && digits.bytes().all(|byte| byte.is_ascii_hexdigit()))
    }

    fn settle(mut self, path: &Path) -> io::Result<()> {
        let Some(beside) = self.0.take() else { return Ok(()) };
        fs::rename(&beside, path).inspect_err(|_| self.0 = Some(beside))
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        if let Some(path) = &self.0 {
            // There is nobody to tell.
            drop(fs::remove_file(path));
        }
    }
}

#[cfg(unix)]
fn allow(file: &fs::File, mode: u32) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    let mut permissions = file.metadata()?.permissions();
    if permissions.mode() & mode != mode {
        permissions.set_mode(permissions.mode() | mode);
        file.set_permissions(permissions)?;
    }
    Ok(())
}

#[cfg(not(unix))]
fn allow(_: &fs::File, _: u32) -> io::Result<()> {
    Ok(())
}
