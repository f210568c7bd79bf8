//! Decides where a working tree begins and where its repository lies.

use std::fs;
use std::io::{self, ErrorKind, Read as _};
use std::path::{Path, PathBuf};

use super::error::GitError;
use super::paths::Tracked;
use super::{ignored, index, plumbing};

/// A folder whose content git tracks: the main one of a repository, a linked one, or a submodule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorkTree {
    root: PathBuf,
    git_dir: PathBuf,
    common_dir: PathBuf,
}

impl WorkTree {
    /// The working tree that begins at `root`, if one does.
    ///
    /// A file `.git` that names a repository counts even if that repository is gone: [`WorkTree::tracked`] says so.
    /// A folder `.git` that holds no repository does not count; git passes over it, too.
    pub fn at(root: &Path) -> Option<Self> {
        let dot_git = root.join(".git");
        let kind = fs::metadata(&dot_git).ok()?.file_type();
        let git_dir = if kind.is_dir() { dot_git } else { root.join(pointer(&dot_git)?.strip_prefix("gitdir: ")?) };
        let common_dir = match pointer(&git_dir.join("commondir")) {
            Some(common) => git_dir.join(common),
            None => git_dir.clone(),
        };
        if kind.is_dir() && !(git_dir.join("HEAD").symlink_metadata().is_ok() && common_dir.join("objects").is_dir()) {
            return None;
        }
        Some(Self { root: root.to_owned(), git_dir, common_dir })
    }

    /// The innermost working tree that `path` lies in. `path` must be absolute and free of links.
    pub fn around(path: &Path) -> Option<Self> {
        path.ancestors().find_map(Self::at)
    }

    /// Where it begins.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The repository's own list of ignored files; it need not exist.
    pub fn exclude_file(&self) -> PathBuf {
        self.common_dir.join("info").join("exclude")
    }

    /// The list of ignored files that the configuration of git names for it, if it names one; it need not exist.
    pub fn configured_list(&self) -> Option<PathBuf> {
        ignored::configured_list_at(&self.root, &self.git_dir, &self.common_dir)
    }

    /// What its index tracks. An index that this program cannot read is read by git, where git is to be had.
    pub fn tracked(&self) -> Result<Tracked, GitError> {
        let path = self.git_dir.join("index");
        let detail = match read(&path) {
            Ok(bytes) => match index::parse(&bytes) {
                Ok(tracked) => return Ok(tracked),
                Err(defect) => defect.to_string(),
            },
            // A repository in which nothing was ever added has no index.
            Err(error) if error.kind() == ErrorKind::NotFound && self.git_dir.is_dir() => {
                return Ok(Tracked::default());
            }
            Err(error) if error.kind() == ErrorKind::NotFound => {
                return Err(GitError::Gone { git_dir: self.git_dir.clone() });
            }
            // git would wait for it for ever.
            Err(error) if error.kind() == ErrorKind::InvalidInput => {
                return Err(GitError::Index { path, detail: error.to_string() });
            }
            Err(error) => error.to_string(),
        };
        match plumbing::tracked(&self.root) {
            // That git is not installed says less than what is wrong with the index.
            Err(GitError::Plumbing { .. }) => Err(GitError::Index { path, detail }),
            result => result,
        }
    }
}

/// The content of a file. What is none is not opened, since that could wait for ever.
fn read(path: &Path) -> io::Result<Vec<u8>> {
    if fs::metadata(path)?.is_file() {
        fs::read(path)
    } else {
        Err(io::Error::new(ErrorKind::InvalidInput, "it is not a file"))
    }
}

/// The one line of a small file that points at another place.
fn pointer(path: &Path) -> Option<String> {
    if !fs::metadata(path).ok()?.is_file() {
        return None;
    }
    let mut text = String::new();
    fs::File::open(path).ok()?.take(8192).read_to_string(&mut text).ok()?;
    Some(text.trim_end_matches(['\n', '\r']).to_owned())
}
