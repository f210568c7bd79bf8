//! Decides how the life of a value in a repository is told to a person.

use jiff::Timestamp;

use super::Detail;
use super::amount::{Count, Grouped};
use super::escape::escape;
use super::mask::mask;
use crate::blob::Name;
use crate::finding::{Moment, Names, Reach, Story};

/// How many refs of a kind a brief report names.
const FEW_REFS: usize = 3;

/// How many digits of a commit's id are shown; git shows as many in a repository of middling size.
const SHORT: usize = 12;

/// What leads to a commit that no branch and no tag leads to.
const ELSEWHERE: &str =
    "no branch or tag, but a stash, a reflog, a note, another worktree, or a file such as ORIG_HEAD or MERGE_HEAD";

/// The first digits of a commit's id.
pub(super) fn short(commit: &str) -> &str {
    commit.get(..SHORT).unwrap_or(commit)
}

/// What is told of a life that `reach` leads to: what came when, and where it can be reached.
pub(super) fn facts(story: &Story, reach: Option<Reach>, detail: Detail) -> Vec<(&'static str, String)> {
    let first = story.first.as_ref().map(|first| ("first seen", moment(first)));
    if reach == Some(Reach::Unreachable) {
        let nothing = ("reached from", "no ref, worktree, reflog or index, as far as can be seen".to_owned());
        return first.into_iter().chain([nothing]).collect();
    }
    let exposed = match story.days_exposed {
        0 => "exposed for less than a day".to_owned(),
        days => format!("exposed for {}", Count(days, "day")),
    };
    let end = match &story.removed {
        _ if story.in_head => ("still there", format!("in HEAD; {exposed}")),
        Some(removed) => ("removed", format!("{}; {exposed}", moment(removed))),
        None if story.in_index || story.held_by.count > 0 => {
            ("still there", format!("not in HEAD, but in {}; {exposed}", holders(story, detail)))
        }
        None => ("not in HEAD", last(story, &exposed)),
    };
    let versions = (story.versions > 1).then(|| ("versions", Grouped(story.versions).to_string()));
    first.into_iter().chain([end]).chain(versions).chain([("reached from", refs(story, detail))]).collect()
}

fn last(story: &Story, exposed: &str) -> String {
    story.last.as_ref().map_or_else(|| exposed.to_owned(), |last| format!("last in {}; {exposed}", moment(last)))
}

/// What holds it beside `HEAD`.
fn holders(story: &Story, detail: Detail) -> String {
    let tips = (story.held_by.count > 0).then(|| list(&story.held_by, detail, holder));
    let index = story.in_index.then(|| "an index".to_owned());
    tips.into_iter().chain(index).collect::<Vec<_>>().join(" and in ")
}

/// How a tip is called: `branch main`, `remote branch origin/main`, `HEAD of worktree linked`.
fn holder(name: &str) -> String {
    let of = |kind: &str, name: &str| format!("{kind} {name}");
    let branch = name.strip_prefix("refs/heads/").map(|name| of("branch", name));
    let remote = || name.strip_prefix("refs/remotes/").map(|name| of("remote branch", name));
    let linked = || Some(of("HEAD of worktree", name.strip_prefix("worktrees/")?.strip_suffix("/HEAD")?));
    let main = || (name == "main-worktree/HEAD").then(|| "HEAD of the main worktree".to_owned());
    branch.or_else(remote).or_else(linked).or_else(main).unwrap_or_else(|| name.to_owned())
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
    let told: Vec<_> = kinds.map(|(kind, names)| format!("{kind} {}", list(names, detail, str::to_owned))).collect();
    match (&*told, &story.first) {
        ([], Some(_)) => ELSEWHERE.to_owned(),
        _ => told.join("; "),
    }
}

/// The names, as `call` calls them.
fn list(names: &Names, detail: Detail, call: impl Fn(&str) -> String) -> String {
    let most = match detail {
        Detail::Brief => FEW_REFS,
        Detail::Full => names.first.len(),
    };
    let name = |name: &Name| escape(&mask(&call(&name.to_text()))).into_owned();
    let shown: Vec<_> = names.first.iter().take(most).map(name).collect();
    match names.count - shown.len() as u64 {
        0 => shown.join(", "),
        more => format!("{} and {} more", shown.join(", "), Grouped(more)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn a_life_is_told_in_a_few_lines() {
        let story = sample::story();
        let told: Vec<_> =
            facts(&story, None, Detail::Brief).into_iter().map(|(name, text)| format!("{name}: {text}")).collect();
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
        assert_eq!(facts(&story, None, Detail::Brief)[0], ("still there", "in HEAD; exposed for 1 day".to_owned()));
    }

    #[test]
    fn what_is_not_in_head_is_said_to_be_where_it_still_is() {
        let tips =
            ["main-worktree/HEAD", "refs/heads/a", "refs/remotes/o/a", "worktrees/w/HEAD"].map(Name::new).to_vec();
        let mut story = Story { held_by: Names { first: tips, count: 4 }, ..Story::default() };
        let told = |story: &Story, detail| facts(story, None, detail)[0].1.clone();
        assert_eq!(
            told(&story, Detail::Full),
            "not in HEAD, but in HEAD of the main worktree, branch a, remote branch o/a, HEAD of worktree w; exposed for less than a day"
        );
        story.in_index = true;
        assert_eq!(
            told(&story, Detail::Brief),
            "not in HEAD, but in HEAD of the main worktree, branch a, remote branch o/a and 1 more and in an index; exposed \
             for less than a day"
        );
        story.held_by = Names::default();
        assert_eq!(told(&story, Detail::Brief), "not in HEAD, but in an index; exposed for less than a day");
    }

    #[test]
    fn a_full_list_names_all_that_is_known() {
        let names = Names { first: ["a", "b", "c", "d"].map(Name::new).to_vec(), count: 9 };
        assert_eq!(list(&names, Detail::Full, str::to_owned), "a, b, c, d and 5 more");
    }
}
