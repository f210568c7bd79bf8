//! Decides how the life of a value in a repository is told to a person.

use jiff::Timestamp;

use super::Detail;
use super::amount::{Count, Grouped};
use super::escape::escape;
use super::mask::mask;
use crate::finding::{Moment, Names, Story};

/// How many refs of a kind a brief report names.
const FEW_REFS: usize = 3;

/// How many digits of a commit's id are shown; git shows as many in a repository of middling size.
const SHORT: usize = 12;

/// The first digits of a commit's id.
pub(super) fn short(commit: &str) -> &str {
    commit.get(..SHORT).unwrap_or(commit)
}

/// What is told of a life: what came when, and where it can be reached.
pub(super) fn facts(story: &Story, detail: Detail) -> Vec<(&'static str, String)> {
    let exposed = format!("exposed for {}", Count(story.days_exposed, "day"));
    let end = match (&story.removed, story.in_head) {
        (_, true) => ("still there", format!("in HEAD; {exposed}")),
        (Some(removed), false) => ("removed", format!("{}; {exposed}", moment(removed))),
        (None, false) => ("not in HEAD", last(story, &exposed)),
    };
    let first = story.first.as_ref().map(|first| ("first seen", moment(first)));
    let versions = (story.versions > 1).then(|| ("versions", Grouped(story.versions).to_string()));
    first.into_iter().chain([end]).chain(versions).chain([("reached from", refs(story, detail))]).collect()
}

fn last(story: &Story, exposed: &str) -> String {
    story.last.as_ref().map_or_else(|| exposed.to_owned(), |last| format!("last in {}; {exposed}", moment(last)))
}

/// `1a2b3c4d5e6f on 2024-03-01 by A U Thor`.
fn moment(moment: &Moment) -> String {
    let date = Timestamp::from_second(moment.commit_time).map(|time| time.strftime("%Y-%m-%d").to_string());
    let date = date.unwrap_or_else(|_| format!("{} seconds after 1970", moment.commit_time));
    format!("{} on {date} by {}", short(&moment.commit), escape(&mask(&moment.author)))
}

fn refs(story: &Story, detail: Detail) -> String {
    let kinds = [("pushed to", &story.remotes), ("branches", &story.branches), ("tags", &story.tags)];
    let kinds = kinds.into_iter().filter(|(_, names)| names.count > 0);
    let told: Vec<_> = kinds.map(|(kind, names)| format!("{kind} {}", list(names, detail))).collect();
    match (&*told, &story.first) {
        ([], Some(_)) => "no branch or tag, but a stash, a reflog, a note or another worktree".to_owned(),
        _ => told.join("; "),
    }
}

fn list(names: &Names, detail: Detail) -> String {
    let most = match detail {
        Detail::Brief => FEW_REFS,
        Detail::Full => names.first.len(),
    };
    let shown: Vec<_> = names.first.iter().take(most).map(|name| escape(&mask(&name.to_text())).into_owned()).collect();
    match names.count - shown.len() as u64 {
        0 => shown.join(", "),
        more => format!("{} and {} more", shown.join(", "), Grouped(more)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::blob::Name;
    use crate::report::sample;

    #[test]
    fn a_life_is_told_in_a_few_lines() {
        let story = sample::story();
        let told: Vec<_> =
            facts(&story, Detail::Brief).into_iter().map(|(name, text)| format!("{name}: {text}")).collect();
        assert_eq!(
            told,
            [
                "first seen: 0a0a0a0a0a0a on 2024-03-01 by A U Thor",
                "removed: 1b1b1b1b1b1b on 2024-03-08 by A U Thor; exposed for 7 days",
                "versions: 400",
                "reached from: pushed to origin/main; branches a, b, c and 5 more",
            ]
        );
    }

    #[test]
    fn what_is_still_there_is_said_to_be() {
        let story = Story { in_head: true, days_exposed: 1, ..Story::default() };
        assert_eq!(facts(&story, Detail::Brief)[0], ("still there", "in HEAD; exposed for 1 day".to_owned()));
    }

    #[test]
    fn a_full_list_names_all_that_is_known() {
        let names = Names { first: ["a", "b", "c", "d"].map(Name::new).to_vec(), count: 9 };
        assert_eq!(list(&names, Detail::Full), "a, b, c, d and 5 more");
    }
}
