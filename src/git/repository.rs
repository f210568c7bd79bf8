//! Decides which repository is meant, and where its parts lie: objects, refs, index, working tree.
//!
//! It is found as git finds it, from a folder inside or from the variables that git hands to its hooks. Nothing of its
//! configuration is run, and a repository of somebody else is refused as git refuses it.

use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use super::error::GitError;
use super::id::{ObjectFormat, ObjectId};
use super::odb::Store;
use super::owner;
use super::refs;
use super::settings::{RefStorage, Settings};
use super::special;
use super::work_tree::WorkTree;

/// What the environment says about the repository, by variables of git. Nothing in here is read by this module: who
/// starts the program passes it in, or passes nothing for a repository that was named.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Environment {
    /// `GIT_DIR`.
    pub git_dir: Option<PathBuf>,
    /// `GIT_COMMON_DIR`.
    pub common_dir: Option<PathBuf>,
    /// `GIT_WORK_TREE`.
    pub work_tree: Option<PathBuf>,
    /// `GIT_INDEX_FILE`.
    pub index_file: Option<PathBuf>,
    /// `GIT_OBJECT_DIRECTORY`.
    pub object_directory: Option<PathBuf>,
    /// `GIT_ALTERNATE_OBJECT_DIRECTORIES`.
    pub alternates: Option<OsString>,
}

/// A repository, and where its parts lie.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Repository {
    git_dir: PathBuf,
    common_dir: PathBuf,
    work_tree: Option<PathBuf>,
    /// The folder that git would run in; its own messages and relative variables count from here.
    base: PathBuf,
    format: ObjectFormat,
    refs: RefStorage,
    objects: PathBuf,
    alternates: Vec<PathBuf>,
    environment: Environment,
    /// Whether git may be run in it, once that is known.
    harmless: Arc<OnceLock<Result<(), GitError>>>,
}

/// A repository that was found, before its configuration was read.
struct Found {
    git_dir: PathBuf,
    common_dir: PathBuf,
    /// The folder that holds its `.git`.
    root: Option<PathBuf>,
}

impl Repository {
    /// The repository that `start` lies in, or the one that `environment` names.
    pub fn discover(start: &Path, environment: &Environment) -> Result<Self, GitError> {
        let hidden = |error: std::io::Error| GitError::Hidden { path: start.to_owned(), detail: error.to_string() };
        let start = start.canonicalize().map_err(hidden)?;
        let found = if let Some(git_dir) = &environment.git_dir {
            // git trusts who names a repository so, and so does this.
            named(&start, &start.join(git_dir))?
        } else {
            let found = search(&start)?;
            owner::check(found.root.as_deref(), &found.git_dir, &found.common_dir)?;
            found
        };
        Self::assemble(&start, found, environment)
    }

    fn assemble(start: &Path, found: Found, environment: &Environment) -> Result<Self, GitError> {
        let Found { git_dir, common_dir, root } = found;
        let common_dir = environment.common_dir.as_ref().map_or(common_dir, |named| start.join(named));
        let settings = Settings::read(&git_dir, &common_dir)?;
        refs::check_head(&git_dir)?;
        let work_tree = match (&environment.work_tree, settings.work_tree, settings.bare) {
            (Some(named), _, _) => Some(start.join(named)),
            (None, Some(named), _) => Some(git_dir.join(named)),
            (None, None, Some(true)) => None,
            // With a repository that was named, the folder that one is in counts as the working tree.
            (None, None, _) if environment.git_dir.is_some() => Some(start.to_owned()),
            (None, None, _) => root,
        };
        let work_tree = work_tree.map(|tree| tree.canonicalize().unwrap_or(tree));
        let base = match &work_tree {
            Some(tree) if start.starts_with(tree) => tree.clone(),
            None if environment.git_dir.is_none() => git_dir.clone(),
            _ => start.to_owned(),
        };
        let objects = environment.object_directory.as_ref();
        let objects = objects.map_or_else(|| common_dir.join("objects"), |named| base.join(named));
        let alternates = environment.alternates.as_deref().map_or_else(Vec::new, split_paths);
        Ok(Self {
            objects,
            alternates: alternates.into_iter().map(|path| base.join(path)).collect(),
            format: settings.format,
            refs: settings.refs,
            environment: environment.clone(),
            harmless: Arc::default(),
            git_dir,
            common_dir,
            work_tree,
            base,
        })
    }

    /// The folder that is the repository: `.git`, or that of one linked working tree.
    pub fn git_dir(&self) -> &Path {
        &self.git_dir
    }

    /// The folder that all working trees of the repository share.
    pub fn common_dir(&self) -> &Path {
        &self.common_dir
    }

    /// The working tree, if there is one.
    pub fn work_tree(&self) -> Option<&Path> {
        self.work_tree.as_deref()
    }

    /// The digest that its objects are called by.
    pub fn format(&self) -> ObjectFormat {
        self.format
    }

    /// How it keeps its refs.
    pub fn ref_storage(&self) -> RefStorage {
        self.refs
    }

    /// The folder of its objects.
    pub fn objects_dir(&self) -> &Path {
        &self.objects
    }

    /// More folders of objects that the environment names.
    pub fn alternates(&self) -> &[PathBuf] {
        &self.alternates
    }

    /// The objects, with those of the stores that it borrows from.
    pub fn open_store(&self) -> Result<Store, GitError> {
        Store::open(&self.objects, self.format, &self.alternates)
    }

    /// The index that the next commit is made from. It need not exist.
    pub fn index_path(&self) -> PathBuf {
        match &self.environment.index_file {
            Some(named) => self.base.join(named),
            None => self.git_dir.join("index"),
        }
    }

    /// The commits at which a shallow clone ends, sorted; none if it is not shallow.
    pub fn shallow(&self) -> Result<Vec<ObjectId>, GitError> {
        let path = self.common_dir.join("shallow");
        let mut ids = BTreeSet::new();
        match refs::lines(&path, |line| ids.extend(ObjectId::from_hex(line))) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                Err(GitError::Hidden { path, detail: error.to_string() })
            }
            _ => Ok(ids.into_iter().collect()),
        }
    }

    /// Refuses it if git should not be run in it.
    pub(super) fn check_harmless(&self) -> Result<(), GitError> {
        let objects = || [std::slice::from_ref(&self.objects), &self.alternates].concat();
        self.harmless.get_or_init(|| special::check(&self.git_dir, &self.common_dir, &objects())).clone()
    }

    /// The folder to run git in.
    pub(super) fn base(&self) -> &Path {
        &self.base
    }

    /// What the environment said about it.
    pub(super) fn environment(&self) -> &Environment {
        &self.environment
    }
}

/// The repository at `git_dir`, which was named.
fn named(start: &Path, git_dir: &Path) -> Result<Found, GitError> {
    let tree =
        WorkTree::with_repository(start, git_dir).ok_or_else(|| GitError::Gone { git_dir: git_dir.to_owned() })?;
    found(&tree, None)
}

/// The repository that `start` lies in: the first folder upwards that has a `.git` or is a repository itself.
fn search(start: &Path) -> Result<Found, GitError> {
    for folder in start.ancestors() {
        special::check_file(&folder.join(".git"))?;
        if let Some(tree) = WorkTree::at(folder) {
            return found(&tree, Some(folder));
        }
        if is_repository(folder) {
            let tree = WorkTree::with_repository(folder, folder);
            return tree.map_or_else(|| Err(GitError::Gone { git_dir: folder.to_owned() }), |tree| found(&tree, None));
        }
    }
    Err(GitError::NoRepository { start: start.to_owned() })
}

fn found(tree: &WorkTree, root: Option<&Path>) -> Result<Found, GitError> {
    let (git_dir, common_dir) = tree.repository()?;
    special::check_file(&git_dir.join("commondir"))?;
    let gone = |_| GitError::Gone { git_dir: git_dir.to_owned() };
    Ok(Found {
        git_dir: git_dir.canonicalize().map_err(gone)?,
        common_dir: common_dir.canonicalize().map_err(gone)?,
        root: root.map(Path::to_owned),
    })
}

/// Whether a folder has the parts of a repository. The folder of a linked working tree has a `commondir` instead.
fn is_repository(folder: &Path) -> bool {
    let has = |name: &str| folder.join(name).is_dir();
    fs::symlink_metadata(folder.join("HEAD")).is_ok()
        && ((has("objects") && has("refs")) || folder.join("commondir").is_file())
}

/// Takes a list of paths apart. A path that begins with `"` is quoted as in C.
fn split_paths(list: &OsStr) -> Vec<PathBuf> {
    let separator = if cfg!(windows) { ';' } else { ':' };
    let Some(text) = list.to_str() else {
        // Only a list of one path can be kept as it is.
        return vec![PathBuf::from(list)];
    };
    let mut paths = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let (path, after) = match rest.strip_prefix('"') {
            Some(quoted) => unquote(quoted),
            None => match rest.split_once(separator) {
                Some((path, after)) => (path.to_owned(), after),
                None => (rest.to_owned(), ""),
            },
        };
        rest = after.strip_prefix(separator).unwrap_or(after);
        if !path.is_empty() {
            paths.push(PathBuf::from(path));
        }
    }
    paths
}

/// The text up to the closing quotation mark, and what follows it.
fn unquote(text: &str) -> (String, &str) {
    let mut path = String::new();
    let mut chars = text.char_indices();
    while let Some((at, char)) = chars.next() {
        match char {
            '"' => return (path, &text[at + 1..]),
            '\\' => path.extend(chars.next().map(|(_, char)| char)),
            _ => path.push(char),
        }
    }
    (path, "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_of_paths_may_hold_quoted_ones() {
        let separator = if cfg!(windows) { ";" } else { ":" };
        let list = ["/a", r#""/b:;\"c""#, "", "/d"].join(separator);
        assert_eq!(split_paths(OsStr::new(&list)), ["/a", "/b:;\"c", "/d"].map(PathBuf::from));
    }
}
