//! Decides what a scan of history takes from its cache, and what it leaves there.

use std::path::Path;

use super::memory;
use crate::finding::Report;
use crate::source::{Cache, Object, ObjectFormat, ObjectId, Past, State, Unusable};

/// The cache of one scan, if it has one.
pub(super) struct Keeper {
    cache: Option<Cache>,
    /// What went wrong with it. That changes no result.
    pub(super) warnings: Vec<String>,
}

impl Keeper {
    /// The cache in `folder` of results that are decided by `conditions`.
    pub(super) fn new(folder: Option<&Path>, conditions: &str) -> Self {
        Self { cache: folder.map(|folder| Cache::new(folder.to_owned(), conditions)), warnings: Vec::new() }
    }

    /// The report on a repository in this state, if nothing was found in it.
    pub(super) fn verdict(&mut self, state: &State) -> Option<Report> {
        let verdict = self.cache.as_ref()?.verdict(state);
        memory::report(&self.usable(verdict)??)
    }

    /// The ids of blobs that hold nothing, in order.
    pub(super) fn clean(&mut self, format: ObjectFormat) -> Vec<ObjectId> {
        let Some(clean) = self.cache.as_ref().map(|cache| cache.clean(format)) else { return Vec::new() };
        self.usable(clean).unwrap_or_default()
    }

    /// Remembers all blobs but the `dirty` ones, and the report, if nothing would have to be found again.
    pub(super) fn keep(&mut self, past: &Past<'_>, mut dirty: Vec<Object>, state: &State, report: &Report) {
        let Some(cache) = self.cache.clone() else { return };
        dirty.sort_unstable();
        let is_clean = |object: &Object| dirty.binary_search(object).is_err();
        let clean: Vec<_> = past.blobs().into_iter().filter(|(_, object)| is_clean(object)).map(|(id, _)| id).collect();
        let kept = cache.remember_clean(&clean);
        self.usable(kept);
        if let Some(verdict) = memory::of(report) {
            let kept = cache.remember(state, &verdict);
            self.usable(kept);
        }
    }

    fn usable<T>(&mut self, result: Result<T, Unusable>) -> Option<T> {
        result.map_err(|unusable| self.warnings.push(format!("{unusable}; it is ignored"))).ok()
    }
}
