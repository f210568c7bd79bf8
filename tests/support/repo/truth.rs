//! A repository of which all is known.

use std::collections::BTreeMap;

use super::Repo;
use super::Report;
use super::live::Live;
use super::plant::{self, Kept, Plant};
use super::trunk::{self, Grown};

/// A repository, and how all that was planted in it has to be reported.
pub(crate) struct Truth {
    pub(crate) repo: Repo,
    pub(crate) plants: Vec<Plant>,
    /// What the commits are called that expectations speak of.
    pub(crate) names: BTreeMap<String, String>,
}

impl Truth {
    /// A repository with `size` commits without anything of note, made by `git init` with `options`.
    pub(crate) fn plant(seed: u64, size: usize, options: &[&str]) -> Self {
        let repo = Repo::init(options);
        for (name, value) in [
            ("gc.reflogExpire", "never"),
            ("gc.reflogExpireUnreachable", "never"),
            ("gc.pruneExpire", "never"),
            ("core.logAllRefUpdates", "true"),
            ("advice.graftFileDeprecated", "false"),
        ] {
            repo.git(["config", name, value]);
        }
        let Grown { mut plants, names } = trunk::grow(&repo, seed, size);
        let mut live = Live { repo: &repo, plants: Vec::new() };
        live.all();
        plants.append(&mut live.plants);
        Self { repo, plants, names }
    }

    /// What a scan finds that looks at all that something leads to.
    pub(crate) fn reachable(&self) -> Vec<Plant> {
        self.plants.iter().filter(|plant| plant.kept != Kept::ByNothing).cloned().collect()
    }

    /// What a clone of all refs has.
    pub(crate) fn cloned(&self) -> Vec<Plant> {
        self.plants.iter().filter(|plant| plant.kept == Kept::ByRefs).cloned().collect()
    }

    /// Fails unless `report` is what `plants` ask for, and nothing else.
    pub(crate) fn assert(&self, report: &Report, plants: &[Plant], what: &str) {
        let differences = plant::differences(report, plants, &self.names);
        assert!(differences.is_empty(), "{what}:\n{differences}{}", report.output.stderr);
    }
}
