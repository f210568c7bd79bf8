//! Decides whether git, or a library of its kind, may be let into a repository.
//!
//! They open whatever has the right name. A pipe in the place of a file makes them wait for ever, a device never ends, and
//! whoever made the repository may have meant that. So what they could open is looked at before, and what the
//! configuration includes, whether or not its condition holds. A socket does no harm: it cannot be opened.

use std::collections::BTreeSet;
use std::fs::{self, FileType};
use std::path::{Component, Path, PathBuf};

use super::config::Config;
use super::error::GitError;
use super::odb;
use super::work_tree::path_of;

/// How many files a configuration may include, each time counted.
const MOST_INCLUDED: usize = 200;

/// How deep files may include each other; git goes less deep.
const DEEPEST_INCLUDED: usize = 12;

/// How deep folders are entered.
const DEEPEST: usize = 160;

/// Folders of a repository in which git opens nothing of its own accord: programs, other repositories, and objects, which
/// have a form of their own.
const PASSED: [&str; 4] = ["hooks", "modules", "objects", "lfs"];

/// Refuses a repository that git should not be run in. `objects` are the folders that its objects are in.
pub(super) fn check(git_dir: &Path, common_dir: &Path, objects: &[PathBuf]) -> Result<(), GitError> {
    check_configuration(git_dir, common_dir)?;
    let mut look = Look::default();
    for folder in [git_dir, common_dir] {
        look.folder(folder, &PASSED, DEEPEST)?;
    }
    let folders = objects.split_first().map(|(first, more)| odb::folders(first, more, &mut Vec::new()));
    folders.unwrap_or_default().iter().try_for_each(|folder| look.objects(folder))
}

/// The same for who opens nothing but what says of what form a repository is and how it is configured.
pub(super) fn check_configuration(git_dir: &Path, common_dir: &Path) -> Result<(), GitError> {
    let mut look = Look::default();
    for folder in [git_dir, common_dir] {
        look.folder(folder, &[], 0)?;
        look.folder(&folder.join("info"), &[], 0)?;
    }
    let mut left = MOST_INCLUDED;
    for config in [common_dir.join("config"), git_dir.join("config.worktree"), git_dir.join("config")] {
        included(&config, (git_dir, DEEPEST_INCLUDED), &mut left)?;
    }
    Ok(())
}

/// The folders that were looked into.
#[derive(Default)]
struct Look {
    seen: BTreeSet<PathBuf>,
}

impl Look {
    /// Looks at the files in `folder` and, `depth` times, in the folders in it that are not called as in `passed`.
    fn folder(&mut self, folder: &Path, passed: &[&str], depth: usize) -> Result<(), GitError> {
        // What cannot be read, nobody opens.
        let real = folder.canonicalize().ok().filter(|real| self.seen.insert(real.clone()));
        let entries = real.and_then(|real| fs::read_dir(real).ok());
        for entry in entries.into_iter().flatten().flatten() {
            let path = folder.join(entry.file_name());
            let Ok(kind) = entry.file_type() else { continue };
            let kind =
                if kind.is_symlink() { fs::metadata(&path).map_or(kind, |found| found.file_type()) } else { kind };
            if kind.is_dir() && depth > 0 && !passed.iter().any(|name| entry.file_name() == *name) {
                self.folder(&path, &[], depth - 1)?;
            }
            refuse(&path, kind)?;
        }
        Ok(())
    }

    /// Looks at the files in a folder of objects.
    fn objects(&mut self, folder: &Path) -> Result<(), GitError> {
        self.folder(&folder.join("info"), &[], 2)?;
        self.folder(&folder.join("pack"), &[], 1)?;
        (0..=u8::MAX).try_for_each(|first| self.folder(&folder.join(format!("{first:02x}")), &[], 0))
    }
}

/// Refuses a pipe or a device at `path`.
pub(super) fn check_file(path: &Path) -> Result<(), GitError> {
    fs::metadata(path).map_or(Ok(()), |metadata| refuse(path, metadata.file_type()))
}

fn refuse(path: &Path, kind: FileType) -> Result<(), GitError> {
    if does_wait(kind) && path.canonicalize().is_ok_and(|real| real != Path::new("/dev/null")) {
        let detail = "it is a pipe or a device, which git would wait for without end".to_owned();
        return Err(GitError::Hidden { path: path.to_owned(), detail });
    }
    Ok(())
}

#[cfg(unix)]
fn does_wait(kind: FileType) -> bool {
    use std::os::unix::fs::FileTypeExt as _;
    kind.is_fifo() || kind.is_char_device() || kind.is_block_device()
}

#[cfg(not(unix))]
fn does_wait(_: FileType) -> bool {
    false
}

/// Looks at what a file of the configuration includes.
fn included(config: &Path, (git_dir, depth): (&Path, usize), left: &mut usize) -> Result<(), GitError> {
    let Ok(metadata) = fs::metadata(config) else { return Ok(()) };
    refuse(config, metadata.file_type())?;
    let many = |detail: &str| GitError::Hidden { path: config.to_owned(), detail: detail.to_owned() };
    *left = left.checked_sub(1).ok_or_else(|| many("it includes too many files"))?;
    if depth == 0 || metadata.is_dir() {
        return Ok(());
    }
    let read = Config::read(config)?;
    let includes =
        |name: &[u8]| name.ends_with(b".path") && (name == b"include.path" || name.starts_with(b"includeif."));
    for variable in read.variables.iter().filter(|variable| includes(&variable.name)) {
        let Some(value) = &variable.value else { continue };
        for path in places(value, config, git_dir).ok_or_else(|| many("what it includes cannot be told"))? {
            included(&path, (git_dir, depth - 1), left)?;
        }
    }
    Ok(())
}

/// The files that may be meant by `value` in the file `config`; `None` if that cannot be told.
fn places(value: &[u8], config: &Path, git_dir: &Path) -> Option<Vec<PathBuf>> {
    if let Some(rest) = value.strip_prefix(b"~").or_else(|| value.strip_prefix(b"%(")) {
        let slash = memchr::memchr(b'/', rest)?;
        let rest = path_of(rest[slash..].trim_ascii_start().strip_prefix(b"/")?);
        // A home in which the repository does not lie is not for its maker to fill.
        let is_inside = rest.components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir));
        return is_inside.then(|| git_dir.ancestors().map(|home| home.join(&rest)).collect());
    }
    let path = path_of(value);
    let real = config.canonicalize().ok();
    let files = [Some(config), real.as_deref()].into_iter().flatten();
    Some(files.filter_map(Path::parent).map(|folder| folder.join(&path)).collect())
}
