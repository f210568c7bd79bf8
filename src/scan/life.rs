//! Decides how what a repository tells of a value becomes the story that reports tell.

use std::sync::Arc;

use crate::blob::Name;
use crate::finding;
use crate::source::{Moment, Reach, Story};

/// How many names of refs of a kind are kept.
const MOST_NAMES: usize = 100;

/// A day, in seconds.
const DAY: i64 = 24 * 60 * 60;

pub(super) fn reach(reach: Reach) -> finding::Reach {
    match reach {
        Reach::History => finding::Reach::History,
        Reach::Index => finding::Reach::Index,
        Reach::Unreachable => finding::Reach::Unreachable,
    }
}

/// The story of a value, at `path` if it is that of one path, as it is at the time `now`.
pub(super) fn story(story: &Story, path: Option<&[u8]>, now: i64) -> finding::Story {
    let moment = |of: &Option<Moment>| of.as_ref().map(|of| moment(of, path));
    let since = story.first.as_ref().map_or(now, |first| first.committer_time);
    let until = story.removed.as_ref().map_or(now, |removed| removed.committer_time);
    finding::Story {
        first: moment(&story.first),
        last: moment(&story.last),
        removed: moment(&story.removed),
        in_head: story.in_head,
        in_index: story.in_index,
        held_by: names(&story.held_by),
        branches: names(&story.branches),
        tags: names(&story.tags),
        remotes: names(&story.remotes),
        days_exposed: u64::try_from(until.saturating_sub(since) / DAY).unwrap_or(0),
        versions: story.versions,
    }
}

fn moment(moment: &Moment, path: Option<&[u8]>) -> finding::Moment {
    finding::Moment {
        commit: moment.commit.to_string().into(),
        author: name_of(&moment.author).into(),
        author_time: moment.author_time,
        commit_time: moment.committer_time,
        path: path.filter(|path| !path.is_empty()).map(Name::new),
    }
}

/// The name of a person, without the address: that is nobody's business in a report, not even in the place of a name.
fn name_of(person: &[u8]) -> String {
    let end = memchr::memchr2(b'<', b'@', person).unwrap_or(person.len());
    String::from_utf8_lossy(person[..end].trim_ascii()).into_owned()
}

fn names(names: &[Arc<[u8]>]) -> finding::Names {
    finding::Names { first: names.iter().take(MOST_NAMES).map(Name::new).collect(), count: names.len() as u64 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_person_is_told_without_the_address() {
        assert_eq!(name_of(b"A U Thor <author@example.com>"), "A U Thor");
        assert_eq!(name_of(b"<nobody>"), "");
        assert_eq!(name_of(b"author@example.com <author@example.com>"), "author");
        assert_eq!(name_of(b"no address"), "no address");
    }
}
