//! Decides which folder of hooks may be written to: that of one repository, and of nobody else.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use super::global;
use super::stage::{self, Stage};
use crate::cli::error::{Error, shown};
use crate::cli::git_environment;
use crate::git::{GitError, Hooks, HooksSetBy, Repository};

/// The repository that one is in.
pub(super) fn repository() -> Result<Repository, Error> {
    Repository::discover(Path::new("."), &git_environment::read()).map_err(|error| told(&error))
}

/// An error of a repository, with what to do about it.
pub(super) fn told(error: &GitError) -> Error {
    let remedy = error.remedy();
    let told = Error::new(error);
    match remedy {
        Some(remedy) => told.help(remedy),
        None => told,
    }
}

/// The stages that are meant in `repository` if nobody names any.
pub(super) fn usual(repository: &Repository) -> &'static [Stage] {
    if repository.work_tree().is_some() { &stage::USUAL } else { &stage::BARE }
}

/// Refuses a folder of hooks that belongs to the project or to more than the one repository.
pub(super) fn check(repository: &Repository, hooks: &Hooks, stages: &[Stage]) -> Result<(), Error> {
    let folder = hooks.folder();
    if folder == Path::new("") {
        return Err(Error::new("core.hooksPath is set to nothing, so git finds no hooks")
            .help("`git config --show-origin --get core.hooksPath` says where; take it out there"));
    }
    let name = shown(folder);
    let whose = match hooks.set_by() {
        HooksSetBy::Nobody | HooksSetBy::Repository => None,
        HooksSetBy::User if global::folder().is_some_and(|own| own == folder) => {
            return Err(Error::new("the hooks of all your repositories are barewire's already, this one's as well")
                .help("name --global to change them; `barewire hook status` shows them"));
        }
        HooksSetBy::User => Some("your git configuration names it for all your repositories"),
        HooksSetBy::System => Some("the system's git configuration names it for all users"),
        HooksSetBy::Environment => Some("the environment names it, for this command alone"),
    };
    if let Some(whose) = whose {
        return Err(by_hand(&format!("hooks lie in {name}, and {whose}"), folder, stages));
    }
    if folder.exists() && !folder.is_dir() {
        return Err(Error::new(format_args!("hooks should lie in {name}, which is no folder, so git finds none"))
            .help("`git config --show-origin --get core.hooksPath` says who names it; take it out there"));
    }
    if is_in_project(repository, folder) {
        return Err(by_hand(&format!("hooks lie in {name}, which is a folder of the project"), folder, stages));
    }
    if hooks.set_by() == HooksSetBy::Nobody && !is_in(folder, repository.common_dir()) {
        let why = format!("{name} is a link out of the repository, to a folder that others may use as well");
        return Err(by_hand(&why, folder, stages));
    }
    Ok(())
}

/// What to do where nothing is written: the lines to add.
fn by_hand(why: &str, folder: &Path, stages: &[Stage]) -> Error {
    // husky makes this folder anew each time, and runs what lies beside.
    let is_husky = folder.ends_with(".husky/_");
    let place = if is_husky { folder.parent().unwrap_or(folder) } else { folder };
    let mut lines = String::from("add by hand");
    for stage in stages {
        let file = shown(&place.join(stage.name()));
        let _ = write!(lines, "\n  {file}: barewire hook run {} -- \"$@\"", stage.name());
    }
    let more = if is_husky { "" } else { "\nas the last line of an executable script" };
    Error::new(format_args!("{why}; nothing was written")).help(lines + more)
}

/// Whether a folder is one of the working tree, and not of the repository in it.
fn is_in_project(repository: &Repository, folder: &Path) -> bool {
    let Some(root) = repository.work_tree() else { return false };
    is_in(folder, root) && !is_in(folder, repository.git_dir()) && !is_in(folder, repository.common_dir())
}

/// Whether a folder is another one or lies in it, wherever links lead.
fn is_in(folder: &Path, outer: &Path) -> bool {
    existing(folder).starts_with(existing(outer))
}

/// A path without links and dots, as far as it exists.
fn existing(path: &Path) -> PathBuf {
    let found = path.ancestors().find_map(|outer| Some((outer, outer.canonicalize().ok()?)));
    let Some((outer, real)) = found else { return path.to_owned() };
    path.strip_prefix(outer).map_or_else(|_| real.clone(), |rest| real.join(rest))
}
