//! Decides how what is new in a repository is scanned: what is staged, what is pending in the working tree, what a range
//! of commits brings. The items are the new sides; the old ones are handed out when somebody asks for them.

mod compared;
mod named;
mod push;

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use super::tree::{self, Exclusion};
use super::{Gap, GapKind, Limits, Listing, RepositoryOptions, Source, SourceError};
use crate::blob::{Name, Origin};
use crate::git::odb::Store;
use crate::git::{self, Environment, Repository, WorkTree};
use compared::{Compared, Content, Item};
pub use named::Named;
pub use push::{Push, Receiver, Revision, Sent};

/// A repository, how much is read of what is in it, and what is not looked at.
#[derive(Debug)]
struct Place {
    repository: Repository,
    store: Store,
    limits: Limits,
    exclusion: Exclusion,
}

impl Place {
    fn new(start: &Path, environment: &Environment, options: RepositoryOptions) -> Result<Self, SourceError> {
        let exclusion = Exclusion::new(&options.exclude)?;
        let repository = Repository::discover(start, environment)?;
        let store = repository.open_store()?;
        Ok(Self { repository, store, limits: options.limits, exclusion })
    }
}

/// What the next commit would record.
#[derive(Debug)]
pub struct Staged(Place);

impl Staged {
    /// In the repository that `start` lies in.
    ///
    /// # Errors
    /// There is none, or it cannot be read.
    pub fn new(start: &Path, environment: &Environment, options: RepositoryOptions) -> Result<Self, SourceError> {
        Place::new(start, environment, options).map(Self)
    }
}

impl Source for Staged {
    fn list(&self, _jobs: usize) -> Result<Box<dyn Listing + '_>, SourceError> {
        let changes = git::staged(&self.0.repository, &self.0.store)?;
        Ok(Box::new(Compared::new(&self.0, changes)))
    }
}

/// What the next commit would record, what it would not yet, and what is not tracked.
#[derive(Debug)]
pub struct Pending {
    place: Place,
    usual_list: Option<PathBuf>,
}

impl Pending {
    /// In the working tree that `start` lies in. `usual_list` is the list of ignored files that counts where the
    /// configuration of git names none.
    ///
    /// # Errors
    /// There is none, or it cannot be read.
    pub fn new(
        start: &Path,
        environment: &Environment,
        usual_list: Option<PathBuf>,
        options: RepositoryOptions,
    ) -> Result<Self, SourceError> {
        Ok(Self { place: Place::new(start, environment, options)?, usual_list })
    }
}

impl Source for Pending {
    fn list(&self, jobs: usize) -> Result<Box<dyn Listing + '_>, SourceError> {
        let mut changes = git::changes(&self.place.repository, &self.place.store)?;
        let tracked = std::mem::take(&mut changes.tracked);
        let mut compared = Compared::new(&self.place, changes);
        if let Some(work_tree) = WorkTree::of(&self.place.repository) {
            let chosen = (self.usual_list.as_deref(), &self.place.exclusion);
            let found = tree::untracked(&work_tree, tracked, chosen, jobs);
            for file in &found.files {
                let inside = found.folders[file.folder].inside.join(&file.name);
                let path = Name::from_path(&inside).as_bytes().to_vec();
                compared.items.push(Item {
                    path,
                    content: Content::File,
                    origin: Origin::Untracked,
                    ..Item::default()
                });
            }
            compared.omitted.add(found.omitted);
            compared.leave_out(found.excluded);
        }
        Ok(Box::new(compared))
    }
}

/// What a range of commits brings.
#[derive(Debug)]
pub struct Range {
    place: Place,
    revisions: Vec<OsString>,
}

impl Range {
    /// In the repository that `start` lies in; `revisions` are arguments as `git rev-list` takes them.
    ///
    /// # Errors
    /// There is none, or it cannot be read.
    pub fn new(
        start: &Path,
        environment: &Environment,
        revisions: Vec<OsString>,
        options: RepositoryOptions,
    ) -> Result<Self, SourceError> {
        Ok(Self { place: Place::new(start, environment, options)?, revisions })
    }
}

impl Source for Range {
    fn list(&self, _jobs: usize) -> Result<Box<dyn Listing + '_>, SourceError> {
        let range = git::range(&self.place.repository, &self.place.store, &self.revisions)?;
        let name = Name::new(self.revisions.join(OsStr::new(" ")).as_encoded_bytes());
        Ok(Box::new(of_range(&self.place, range, &name)))
    }
}

/// What a range brings that is called `name`.
fn of_range<'a>(place: &'a Place, mut range: git::Range, name: &Name) -> Compared<'a> {
    let mut compared = Compared::new(place, std::mem::take(&mut range.changes));
    for &commit in &range.commits {
        compared.items.push(Item {
            path: format!("commit {commit}").into_bytes(),
            content: Content::Message(commit),
            origin: Origin::Message,
            old: None,
            commit: Some(commit),
        });
    }
    if let Some(error) = &range.cut {
        compared.omitted.gaps.push(Gap {
            name: name.clone(),
            kind: GapKind::Shallow,
            detail: [error.to_string(), error.remedy().unwrap_or_default()].join("; "),
        });
    }
    for commit in &range.shallow {
        compared.omitted.gaps.push(Gap {
            name: Name::new(format!("commit {commit}")),
            kind: GapKind::Shallow,
            detail: "its parents were not fetched, so all of its files seem to be new; \
                     `git fetch --unshallow`, or `git fetch --deepen=N` with enough commits, fetches them"
                .to_owned(),
        });
    }
    compared.range = Some(range);
    compared
}
