//! Decides how the life of a value, and what was looked at in a repository, are written in the format for programs.

use std::borrow::Cow;

use jiff::Timestamp;
use serde::Serialize;

use super::mask::mask;
use crate::blob::Name;
use crate::finding::{GitCoverage, Moment, Names, Story};

#[derive(Serialize)]
pub(super) struct V1Git {
    refs: u64,
    commits: u64,
    trees: u64,
    blobs: u64,
    tags: u64,
    shallow: u64,
    missing: u64,
    lfs_pointers: u64,
    submodules: u64,
    oversize: u64,
    damaged: u64,
}

impl V1Git {
    pub(super) fn new(git: &GitCoverage) -> Self {
        let &GitCoverage { refs, commits, trees, blobs, tags, shallow, missing, .. } = git;
        let &GitCoverage { lfs_pointers, submodules, oversize, damaged, .. } = git;
        Self { refs, commits, trees, blobs, tags, shallow, missing, lfs_pointers, submodules, oversize, damaged }
    }
}

#[derive(Serialize)]
pub(super) struct V1Story<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    first: Option<V1Moment<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last: Option<V1Moment<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    removed: Option<V1Moment<'a>>,
    in_head: bool,
    in_index: bool,
    held_by: Vec<String>,
    branches: Vec<String>,
    tags: Vec<String>,
    remotes: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    more_refs: Option<u64>,
    pushed: bool,
    days_exposed: u64,
    versions: u64,
}

impl<'a> V1Story<'a> {
    pub(super) fn new(story: &'a Story) -> Self {
        let of = |moment: &'a Option<Moment>| moment.as_ref().map(V1Moment::new);
        let all = [&story.held_by, &story.branches, &story.tags, &story.remotes];
        let more: u64 = all.into_iter().map(|names| names.count - names.first.len() as u64).sum();
        Self {
            first: of(&story.first),
            last: of(&story.last),
            removed: of(&story.removed),
            in_head: story.in_head,
            in_index: story.in_index,
            held_by: names(&story.held_by),
            branches: names(&story.branches),
            tags: names(&story.tags),
            remotes: names(&story.remotes),
            more_refs: (more > 0).then_some(more),
            pushed: story.remotes.count > 0,
            days_exposed: story.days_exposed,
            versions: story.versions,
        }
    }
}

#[derive(Serialize)]
struct V1Moment<'a> {
    commit: &'a str,
    author: Cow<'a, str>,
    author_date: Option<String>,
    commit_date: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<String>,
}

impl<'a> V1Moment<'a> {
    fn new(moment: &'a Moment) -> Self {
        let date = |seconds| Timestamp::from_second(seconds).ok().map(|time| time.to_string());
        Self {
            commit: &moment.commit,
            author: mask(&moment.author),
            author_date: date(moment.author_time),
            commit_date: date(moment.commit_time),
            path: moment.path.as_ref().map(text),
        }
    }
}

fn names(names: &Names) -> Vec<String> {
    names.first.iter().map(text).collect()
}

fn text(name: &Name) -> String {
    mask(&name.to_text()).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn the_names_of_a_life_are_fixed() {
        let story = serde_json::to_value(V1Story::new(&sample::story())).unwrap();
        let names =
            |value: &serde_json::Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>().join(" ");
        insta::assert_snapshot!(names(&story), @"branches days_exposed first held_by in_head in_index last more_refs pushed remotes removed tags versions");
        insta::assert_snapshot!(names(&story["first"]), @"author author_date commit commit_date path");
        assert_eq!((&story["pushed"], &story["more_refs"]), (&true.into(), &5.into()));
    }
}
