//! Decides where a working tree begins and where its repository lies.

use std::fs::{self, Metadata};
use std::io::{self, ErrorKind, Read as _};
use std::path::{Path, PathBuf};

use super::error::GitError;
use super::paths::Tracked;
use super::repository::Repository;
use super::{ignored, index, plumbing, special, split_index};

/// How large an index may be that is read.
const MOST_OF_INDEX: u64 = 1 << 30;

/// How much is read of a file that holds one path.
const MOST_OF_POINTER: u64 = 8 << 10;

/// A folder whose content git tracks: the main one of a repository, a linked one, or a submodule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorkTree {
    root: PathBuf,
    git_dir: PathBuf,
    common_dir: PathBuf,
    /// Why it cannot be said where its repository lies.
    defect: Option<String>,
}

impl WorkTree {
    /// The working tree that begins at `root`, if one does.
    ///
    /// A file `.git` that names a repository counts even if that repository is gone, and so does anything called `.git`
    /// that the system does not let be looked at: [`WorkTree::tracked`] says so. A folder `.git` that holds no
    /// repository does not count; git passes over it, too.
    pub fn at(root: &Path) -> Option<Self> {
        Self::with_repository(root, &root.join(".git"))
    }

    /// The working tree at `root` whose repository, or the file that names it, is `dot_git`; `None` if that is none.
    pub(super) fn with_repository(root: &Path, dot_git: &Path) -> Option<Self> {
        Self::look(root, dot_git).unwrap_or_else(|error| Some(Self::hidden(root, dot_git, &error)))
    }

    fn hidden(root: &Path, dot_git: &Path, error: &io::Error) -> Self {
        let (git_dir, common_dir) = (dot_git.to_owned(), dot_git.to_owned());
        Self { root: root.to_owned(), git_dir, common_dir, defect: Some(error.to_string()) }
    }

    fn look(root: &Path, dot_git: &Path) -> io::Result<Option<Self>> {
        let Some(kind) = there(fs::metadata(dot_git))?.map(|metadata| metadata.file_type()) else { return Ok(None) };
        let git_dir = if kind.is_dir() {
            dot_git.to_owned()
        } else {
            let line = pointer(dot_git)?;
            let Some(target) = line.as_deref().and_then(|line| line.strip_prefix("gitdir: ")) else { return Ok(None) };
            dot_git.parent().unwrap_or(root).join(target)
        };
        let common_dir = match pointer(&git_dir.join("commondir"))? {
            Some(common) => git_dir.join(common),
            None => git_dir.clone(),
        };
        let is_repository = there(git_dir.join("HEAD").symlink_metadata())?.is_some()
            && there(fs::metadata(common_dir.join("objects")))?.is_some_and(|objects| objects.is_dir());
        let tree = Self { root: root.to_owned(), git_dir, common_dir, defect: None };
        Ok((is_repository || !kind.is_dir()).then_some(tree))
    }

    /// The innermost working tree that `path` lies in. `path` must be absolute and free of links.
    pub fn around(path: &Path) -> Option<Self> {
        path.ancestors().find_map(Self::at)
    }

    /// The working tree of `repository`, if it has one.
    pub fn of(repository: &Repository) -> Option<Self> {
        let (git_dir, common_dir) = (repository.git_dir().to_owned(), repository.common_dir().to_owned());
        Some(Self { root: repository.work_tree()?.to_owned(), git_dir, common_dir, defect: None })
    }

    /// Where it begins.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Its own folder in the repository, and the one that all working trees of the repository share.
    pub(super) fn repository(&self) -> Result<(&Path, &Path), GitError> {
        match &self.defect {
            Some(detail) => Err(GitError::Hidden { path: self.git_dir.clone(), detail: detail.clone() }),
            None => Ok((&self.git_dir, &self.common_dir)),
        }
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
        // With a defect, git would look for a repository further up.
        self.repository()?;
        let path = self.git_dir.join("index");
        let detail = match read_index(&path) {
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
            // git would wait for it for ever, or take all memory.
            Err(error) if error.kind() == ErrorKind::InvalidInput => {
                return Err(GitError::Index { path, detail: error.to_string() });
            }
            Err(error) => error.to_string(),
        };
        special::check(&self.git_dir, &self.common_dir, &[self.common_dir.join("objects")])?;
        match plumbing::tracked(&self.root) {
            // That git is not installed says less than what is wrong with the index.
            Err(GitError::Plumbing { .. }) => Err(GitError::Index { path, detail }),
            result => result,
        }
    }
}

/// What was asked of something that may not be there.
fn there(looked: io::Result<Metadata>) -> io::Result<Option<Metadata>> {
    match looked {
        Ok(metadata) => Ok(Some(metadata)),
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => Ok(None),
        Err(error) => Err(error),
    }
}

/// The content of an index. What is no file is not opened, since that could wait for ever.
fn read(path: &Path) -> io::Result<Vec<u8>> {
    if !fs::metadata(path)?.is_file() {
        return Err(io::Error::new(ErrorKind::InvalidInput, "it is not a file"));
    }
    let file = fs::File::open(path)?;
    let size = file.metadata()?.len();
    if size > MOST_OF_INDEX {
        return Err(io::Error::new(ErrorKind::InvalidInput, "it is larger than 1 GiB"));
    }
    let mut bytes = Vec::with_capacity(usize::try_from(size).unwrap_or(0));
    file.take(MOST_OF_INDEX).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// The content of an index. That of a split one is put together.
pub(super) fn read_index(path: &Path) -> io::Result<Vec<u8>> {
    let bytes = read(path)?;
    let folder = path.parent().unwrap_or(Path::new(""));
    let is_shared = |name: &std::ffi::OsStr| name.as_encoded_bytes().starts_with(b"sharedindex.");
    let mut entries = fs::read_dir(folder).into_iter().flatten().flatten();
    if !entries.any(|entry| is_shared(&entry.file_name())) {
        return Ok(bytes);
    }
    Ok(split_index::unite(&bytes, |name| read(&folder.join(name)).ok()).unwrap_or(bytes))
}

/// The one line of a small file that points at another place; `None` if there is no such file.
fn pointer(path: &Path) -> io::Result<Option<String>> {
    if !there(fs::metadata(path))?.is_some_and(|metadata| metadata.is_file()) {
        return Ok(None);
    }
    let mut text = String::new();
    fs::File::open(path)?.take(MOST_OF_POINTER).read_to_string(&mut text)?;
    Ok(Some(text.trim_end_matches(['\n', '\r']).to_owned()))
}

/// The path that these bytes are to git, with the separators of this system.
#[cfg(unix)]
pub fn path_of(bytes: &[u8]) -> PathBuf {
    use std::os::unix::ffi::OsStrExt as _;
    std::ffi::OsStr::from_bytes(bytes).into()
}

/// The path that these bytes are to git; elsewhere paths are not bytes.
#[cfg(not(unix))]
pub fn path_of(bytes: &[u8]) -> PathBuf {
    String::from_utf8_lossy(bytes).into_owned().into()
}
