//! Decides which settings a scan goes by: those of the repository that is scanned, or those that were named.

use std::path::{Path, PathBuf};

use super::args::SettingsArgs;
use super::error::{Error, shown};
use super::git_environment;
use crate::blob::Name;
use crate::config::{self, BASELINE, CONFIG, ConfigError, Sought};
use crate::git::{Environment, Repository};
use crate::rule::RuleSet;
use crate::suppress::{Allow, Baseline, Day, Domain, Named, Policy, Sight, Viewpoint};

/// What is scanned, as far as settings ask for it.
#[derive(Clone, Debug, Default)]
pub(super) struct Ground {
    /// The folder that the settings are in, and that their paths count from.
    root: Option<PathBuf>,
    viewpoint: Viewpoint,
    sight: Sight,
}

impl Ground {
    /// The repository that the program runs in, a part of which is scanned.
    pub(super) fn here() -> Self {
        Self::of_repository(Path::new("."), &git_environment::read())
    }

    /// The repository that `start` lies in. One without a working tree has no settings.
    pub(super) fn of_repository(start: &Path, environment: &Environment) -> Self {
        // Whoever reads the repository itself says what is wrong with it.
        let repository = Repository::discover(start, environment).ok();
        Self { root: repository.and_then(|repository| repository.work_tree().map(Path::to_owned)), ..Self::default() }
    }

    /// The working tree that the program runs in, or else its folder. A repository without a working tree has no settings,
    /// and so none are to be written into it.
    pub(super) fn to_write() -> Self {
        let repository = Repository::discover(Path::new("."), &git_environment::read());
        if repository.is_ok_and(|repository| repository.work_tree().is_none()) {
            return Self::default();
        }
        Self::of_paths(&[PathBuf::from(".")], Sight::Part)
    }

    /// The working tree that the first of `paths` lies in, or else that folder itself.
    ///
    /// If it is the only path, and is all of that, `sight` of it is seen.
    pub(super) fn of_paths(paths: &[PathBuf], sight: Sight) -> Self {
        let first = paths.first().and_then(|path| path.canonicalize().ok());
        let (Some(first), Ok(folder)) = (first, Path::new(".").canonicalize()) else { return Self::default() };
        let start = if first.is_dir() { Some(&*first) } else { first.parent() };
        let tree = start.and_then(work_tree);
        // The folder of a single file was not asked for, and might be anybody's.
        let root = tree.or_else(|| first.is_dir().then(|| first.clone()));
        let from = match (&root, first.parent()) {
            (Some(root), _) => &**root,
            (None, Some(around)) if !first.starts_with(&folder) => around,
            (None, _) => &*folder,
        };
        let sight = if paths.len() == 1 && first == from { sight } else { Sight::Part };
        let real = |path: &PathBuf| Some((Name::from_path(path), Name::from_path(&path.canonicalize().ok()?)));
        let named = Named::new(paths.iter().filter_map(real));
        let viewpoint = Viewpoint::Folder { folder: Name::from_path(&folder), root: Name::from_path(from), named };
        Self { root, viewpoint, sight }
    }

    /// The same, where names are meant from the folder that the program runs in.
    pub(super) fn named_from_here(self) -> Self {
        let folder = Path::new(".").canonicalize().ok();
        let Some(folder) = folder else { return self };
        let root = self.root.as_ref().and_then(|root| root.canonicalize().ok());
        let (root, folder) = (Name::from_path(root.as_ref().unwrap_or(&folder)), Name::from_path(&folder));
        Self { viewpoint: Viewpoint::Folder { folder, root, named: Named::default() }, ..self }
    }

    /// The folder that the settings are in.
    pub(super) fn root(&self) -> Option<&Path> {
        self.root.as_deref()
    }

    /// The path from the root of what is called `name`, or else that name.
    pub(super) fn path(&self, name: &Name) -> Name {
        self.viewpoint.path(name).unwrap_or_else(|| name.clone())
    }

    /// The same, of which this much is seen.
    pub(super) fn seeing(self, sight: Sight) -> Self {
        Self { sight, ..self }
    }
}

/// The working tree that a folder lies in, if git would say so, too.
fn work_tree(folder: &Path) -> Option<PathBuf> {
    let repository = Repository::discover(folder, &Environment::default()).ok()?;
    repository.work_tree().filter(|tree| folder.starts_with(tree)).map(Path::to_owned)
}

/// What the settings forgive in a scan of `ground` at the time `now`.
pub(super) fn policy(ground: &Ground, args: &SettingsArgs, rules: &RuleSet, now: i64) -> Result<Policy, Error> {
    let policy = without_baseline(ground, args, rules, now)?;
    let baseline = match baseline_file(ground, args) {
        Some(place) => load(&place)?.map(|baseline| (baseline, domain(place.2))),
        None => None,
    };
    Ok(match baseline {
        Some((baseline, domain)) => policy.compare(baseline, domain, rules),
        None => policy,
    })
}

/// The same, without the baseline.
pub(super) fn without_baseline(
    ground: &Ground,
    args: &SettingsArgs,
    rules: &RuleSet,
    now: i64,
) -> Result<Policy, Error> {
    let (allows, domain) = allows(ground, args)?;
    let unknown = config::unknown_rules(&allows, rules);
    Ok(Policy::new(Day::of(now), ground.viewpoint.clone(), ground.sight).allow(allows, domain).remark(unknown))
}

fn allows(ground: &Ground, args: &SettingsArgs) -> Result<(Vec<Allow>, Domain), Error> {
    let named = args.config.clone().or_else(variable);
    let place = place(ground, (named, CONFIG), args);
    let Some((path, name, sought)) = place else { return Ok((Vec::new(), Domain::Root)) };
    let allows = config::config(&path, &name, sought).map_err(|error| refused(&error))?;
    Ok((allows, domain(sought)))
}

/// Of which files settings speak that came to be read like this.
fn domain(sought: Sought) -> Domain {
    match sought {
        Sought::Named => Domain::All,
        Sought::Usual => Domain::Root,
    }
}

/// A file of settings: its path, what it is called, and how it came to be looked for.
pub(super) type Place = (PathBuf, String, Sought);

/// Where the baseline is, if there can be one.
pub(super) fn baseline_file(ground: &Ground, args: &SettingsArgs) -> Option<Place> {
    place(ground, (args.baseline.clone(), BASELINE), args)
}

/// The baseline at a place; none if a usual one is not there.
pub(super) fn load((path, name, sought): &Place) -> Result<Option<Baseline>, Error> {
    config::baseline(path, name, *sought).map_err(|error| refused(&error))
}

fn place(ground: &Ground, (named, usual): (Option<PathBuf>, &str), args: &SettingsArgs) -> Option<Place> {
    if let Some(named) = named {
        let name = shown(&named);
        return Some((named, name, Sought::Named));
    }
    let root = ground.root.as_ref().filter(|_| !args.no_repo_config)?;
    Some((root.join(usual), usual.to_owned(), Sought::Usual))
}

/// What `BAREWIRE_CONFIG` names. An empty variable names nothing.
#[expect(clippy::disallowed_methods, reason = "this is cli")]
fn variable() -> Option<PathBuf> {
    std::env::var_os("BAREWIRE_CONFIG").filter(|value| !value.is_empty()).map(PathBuf::from)
}

/// An error of the settings, with what to do about it.
pub(super) fn refused(error: &ConfigError) -> Error {
    Error::new(error).help(error.remedy())
}
