//! Decides how files of a working tree are scanned that were named: as the next commit would record them if they are
//! staged, else as they are.
//!
//! Of what is staged only that counts which is new against `HEAD`; of a file that is not, everything does.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use super::compared::{Compared, Content, Item};
use super::{Place, Staged};
use crate::blob::{Name, Origin};
use crate::git::{self, Environment};
use crate::source::tree::What;
use crate::source::{Gap, GapKind, Listing, RepositoryOptions, Source, SourceError};

/// Files that were named.
#[derive(Debug)]
pub struct Named {
    staged: Staged,
    start: PathBuf,
    paths: Vec<PathBuf>,
}

impl Named {
    /// The files at `paths`, counted from `start`, in the repository that `start` lies in.
    ///
    /// # Errors
    /// There is none, or it cannot be read.
    pub fn new(
        start: &Path,
        environment: &Environment,
        paths: Vec<PathBuf>,
        options: RepositoryOptions,
    ) -> Result<Self, SourceError> {
        let staged = Staged::new(start, environment, options)?;
        Ok(Self { staged, start: start.to_owned(), paths })
    }

    /// The path as the repository has it, or the whole path of what lies outside. What is named may be a link, which
    /// counts as such; `folders` remembers where the folders that lead to it really are.
    fn inside(&self, path: &Path, folders: &mut BTreeMap<PathBuf, Option<PathBuf>>) -> PathBuf {
        let whole = self.start.join(path);
        let folder = whole.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        if !folders.contains_key(folder) {
            folders.insert(folder.to_owned(), folder.canonicalize().ok());
        }
        let real = match (folders.get(folder), whole.file_name()) {
            (Some(Some(folder)), Some(name)) => folder.join(name),
            _ => whole.canonicalize().unwrap_or(whole),
        };
        let root = self.staged.0.repository.work_tree();
        let inside = root.and_then(|root| real.strip_prefix(root).ok()).map(Path::to_owned);
        inside.unwrap_or(real)
    }
}

impl Source for Named {
    fn list(&self, _jobs: usize) -> Result<Box<dyn Listing + '_>, SourceError> {
        let place = &self.staged.0;
        let mut changes = git::staged(&place.repository, &place.store)?;
        let mut folders = BTreeMap::new();
        let named: BTreeSet<PathBuf> = self.paths.iter().map(|path| self.inside(path, &mut folders)).collect();
        let bytes = |path: &Path| Name::from_path(path).as_bytes().to_vec();
        let wanted: BTreeSet<Vec<u8>> = named.iter().map(|path| bytes(path)).collect();
        changes.take_modes(|path| wanted.contains(path));
        let staged: BTreeSet<Vec<u8>> = changes.list.iter().map(|change| change.path.clone()).collect();
        // What was deleted brings nothing.
        let gone: BTreeSet<Vec<u8>> = changes.former.paths.difference(&staged).cloned().collect();
        changes.list.retain(|change| wanted.contains(&change.path));
        let mut compared = Compared::new(place, changes);
        for path in named {
            let name = bytes(&path);
            if !staged.contains(&name) {
                add(&mut compared, place, (&path, name), &gone);
            }
        }
        Ok(Box::new(compared))
    }
}

/// Adds a file that is not staged.
fn add(compared: &mut Compared<'_>, place: &Place, (path, name): (&Path, Vec<u8>), gone: &BTreeSet<Vec<u8>>) {
    if let Some(covering) = place.exclusion.covering(&name, What::File) {
        return compared.leave_out(vec![covering]);
    }
    let file = place.repository.work_tree().unwrap_or(Path::new("")).join(path);
    let mut gap = |kind, detail: &str| {
        let name = Name::new(&name);
        compared.omitted.gaps.push(Gap { name, kind, detail: detail.to_owned() });
    };
    match fs::symlink_metadata(&file) {
        // The working tree itself is a repository, but no submodule.
        Ok(metadata)
            if metadata.is_dir() && (name.is_empty() || path.is_absolute() || !is_repository_or_empty(&file)) =>
        {
            gap(GapKind::Unreadable, "it is a folder; `barewire scan` searches folders");
        }
        // A submodule is not entered.
        Ok(metadata) if metadata.is_dir() => {}
        Err(_) if gone.contains(&name) => {}
        Err(error) => compared.omitted.gaps.push(Gap::from_error(Name::new(&name), &error)),
        Ok(_) => {
            compared.items.push(Item { path: name, content: Content::File, origin: Origin::Tree, ..Item::default() });
        }
    }
}

/// Whether a folder is a repository by itself, such as a submodule, or one that was not fetched.
fn is_repository_or_empty(folder: &Path) -> bool {
    fs::symlink_metadata(folder.join(OsStr::new(".git"))).is_ok()
        || fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_none())
}
