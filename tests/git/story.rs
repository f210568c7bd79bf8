//! The lives of values: what brought them, what removed them, what contains them.

use super::place::Place;
use super::telling::{tell, words};

#[test]
fn a_value_that_is_still_there_has_no_end() {
    let place = Place::repository();
    place.commit("zero").commit_file("a", "secret", "one").commit_file("b", "", "two");
    assert_eq!(words(&place, "secret"), ["one..two, in head, on trunk", "a: one..two, in head, on trunk"]);
}

#[test]
fn a_value_that_was_removed_has_a_first_a_last_and_an_end() {
    let place = Place::repository();
    place.commit_file("d/a", "secret", "one").commit_file("d/a", "more secret", "two").commit("three");
    place.commit_file("d/a", "", "four").commit_file("d/a", "x", "five");
    let line = "one..three, gone in four, on trunk, 2 versions";
    assert_eq!(words(&place, "secret"), [line, &format!("d/a: {line}")]);
    let first = tell(&place, "", "secret").life.whole.first.unwrap();
    assert_eq!((&first.author[..], &first.committer[..]), (&b"A <a@example.com>"[..], &b"A <a@example.com>"[..]));
    assert_eq!((first.author_time, first.committer_time), (1_700_000_003, 1_700_000_003));
}

#[test]
fn what_was_added_twice_was_removed_last() {
    let place = Place::repository();
    place.commit_file("a", "secret", "one").commit_file("a", "", "two").commit_file("a", "secret", "three");
    assert_eq!(words(&place, "secret")[0], "one..three, in head, on trunk");
    place.commit_file("a", "", "four").commit("five");
    assert_eq!(words(&place, "secret")[0], "one..three, gone in four, on trunk");
}

#[test]
fn a_file_that_moves_is_one_value_at_two_places() {
    let place = Place::repository();
    place.commit_file("a", "secret", "one");
    place.git("mv a b");
    place.commit("two").commit_file("copy/of/b", "secret", "three").commit_file("b", "", "four");
    assert_eq!(
        words(&place, "secret"),
        [
            "one..four, in head, on trunk",
            "a: one..one, gone in two, on trunk",
            "b: two..three, gone in four, on trunk",
            "copy/of/b: three..four, in head, on trunk",
        ]
    );
}

#[test]
fn branches_tags_and_remotes_contain_what_they_lead_to() {
    let place = Place::repository();
    place.commit("zero");
    place.git("branch early");
    place.git("checkout -q -b side");
    place.commit_file("a", "secret", "one");
    place.git("tag -a -m message v1");
    place.git("tag light");
    place.commit_file("a", "", "two");
    place.git("branch late");
    place.git("update-ref refs/remotes/origin/side side");
    place.git("symbolic-ref refs/remotes/origin/HEAD refs/remotes/origin/side");
    place.git("checkout -q trunk");
    place.commit("three");
    let line = "one..one, gone in two, on late side, tagged light v1, at origin/side";
    assert_eq!(words(&place, "secret"), [line, &format!("a: {line}")]);
}

#[test]
fn what_only_a_merge_brings_was_brought_by_it() {
    let place = Place::repository();
    place.commit_file("a", "1", "zero");
    place.git("checkout -q -b side");
    place.commit_file("b", "2", "left");
    place.git("checkout -q trunk");
    place.commit_file("c", "3", "right");
    place.git("merge -q --no-commit side");
    place.commit_file("a", "secret", "merge");
    assert_eq!(words(&place, "secret")[1], "a: merge..merge, in head, on trunk");
    // A merge takes the secret of one side only.
    place.git("checkout -q side");
    place.commit_file("d", "other", "more").commit_file("e", "", "most");
    place.git("checkout -q trunk");
    place.git("merge -q --no-commit side");
    place.git("rm -qf d");
    place.commit("again");
    assert_eq!(words(&place, "other")[0], "more..most, still in refs/heads/side, on side trunk");
    place.git("branch -q -D side");
    assert_eq!(words(&place, "other")[0], "more..most, gone in again, on trunk");
}

#[test]
fn a_merge_that_only_takes_what_was_removed_removes_nothing() {
    let place = Place::repository();
    place.commit_file("a", "secret", "one");
    place.git("checkout -q -b side");
    place.commit_file("b", "", "old");
    place.git("checkout -q trunk");
    place.commit_file("a", "", "end");
    place.git("merge -q --no-ff -m merge side");
    assert_eq!(words(&place, "secret")[0], "one..old, still in refs/heads/side, on side trunk");
    place.git("branch -q -D side");
    assert_eq!(words(&place, "secret")[0], "one..old, gone in end, on trunk");
    // It comes again on another branch, and a merge alone puts an end to that.
    place.git("checkout -q -b again");
    place.commit_file("a", "secret", "back");
    place.git("checkout -q trunk");
    place.git("merge -q -s ours --no-ff -m ours again");
    place.git("branch -q -D again");
    assert_eq!(words(&place, "secret")[0], "one..back, gone in ours, on trunk");
}

#[test]
fn what_any_tip_or_index_holds_was_not_removed() {
    let place = Place::repository();
    place.commit_file("a", "secret", "one");
    for name in
        ["update-ref refs/remotes/origin/trunk HEAD", "tag v1", "branch late", "worktree add -q --detach linked"]
    {
        place.git(name);
    }
    place.file(".git/info/exclude", "linked\n").git("rm -q a");
    place.commit("two");
    let still = |rest: &str| format!("one..one, {rest}, tagged v1");
    let places = [
        ("refs/heads/late refs/remotes/origin/trunk worktrees/linked/HEAD, staged", "late trunk", "branch -q -D late"),
        ("refs/remotes/origin/trunk worktrees/linked/HEAD, staged", "trunk", "update-ref -d refs/remotes/origin/trunk"),
        ("worktrees/linked/HEAD, staged", "trunk", "worktree remove linked"),
    ];
    for (at, (tips, branches, end)) in places.into_iter().enumerate() {
        let remote = if at < 2 { ", at origin/trunk" } else { "" };
        assert_eq!(
            words(&place, "secret")[1],
            format!("a: {}{remote}", still(&format!("still in {tips}, on {branches}")))
        );
        place.git(end);
    }
    assert_eq!(
        words(&place, "secret"),
        [still("gone in two, on trunk"), format!("a: {}", still("gone in two, on trunk"))]
    );
    place.file("a", "secret").git("add a");
    assert_eq!(words(&place, "secret")[0], "one..one, staged, on trunk, tagged v1");
}

#[test]
fn an_octopus_has_all_of_its_parents() {
    let place = Place::repository();
    place.commit("zero");
    for name in ["x", "y", "z"] {
        place.git(&format!("checkout -q -b {name} trunk"));
        place.commit_file(name, &format!("secret-{name}"), name);
    }
    place.git("checkout -q trunk");
    place.git("merge -q -m octopus x y z");
    assert_eq!(words(&place, "secret-y")[0], "y..octopus, in head, on trunk y");
    assert_eq!(words(&place, "secret")[0], "x..octopus, in head, on trunk x y z, 3 versions");
    place.git("rm -q y");
    place.commit("end");
    assert_eq!(words(&place, "secret-y")[0], "y..octopus, still in refs/heads/y, on trunk y");
    place.git("branch -q -D y");
    assert_eq!(words(&place, "secret-y")[0], "y..octopus, gone in end, on trunk");
}

#[test]
fn clocks_that_were_wrong_put_no_commit_before_its_parent() {
    let place = Place::repository();
    for (clock, text, message) in [(900, "secret", "one"), (500, "secret 2", "two"), (100, "", "three")] {
        place.clock.set(clock);
        place.file("a", text).git("add -A");
        place.clock.set(clock);
        place.git(&format!("commit -q -m {message}"));
    }
    assert_eq!(words(&place, "secret")[0], "one..two, gone in three, on trunk, 2 versions");
    // Two beginnings at the same time: the lower id is the first.
    place.git("checkout -q --orphan other");
    for (branch, message) in [("b", "left"), ("c", "right")] {
        place.git(&format!("checkout -q --orphan {branch}"));
        place.file("a", "twin").git("add -A");
        place.clock.set(2000);
        place.git(&format!("commit -q -m {message}"));
    }
    let ids = [place.git("rev-parse b"), place.git("rev-parse c")];
    let (first, last) = if ids[0] < ids[1] { ("left", "right") } else { ("right", "left") };
    assert_eq!(words(&place, "twin")[0], format!("{first}..{last}, in head, on b c"));
}

#[test]
fn histories_without_a_common_beginning_are_told_together() {
    let place = Place::repository();
    place.commit_file("a", "secret", "one");
    place.git("checkout -q --orphan alone");
    place.commit_file("a", "secret", "two");
    place.git("rm -q a");
    place.commit("three");
    assert_eq!(words(&place, "secret")[0], "one..two, still in refs/heads/trunk, on alone trunk");
    place.git("tag last trunk");
    place.git("branch -q -D trunk");
    assert_eq!(words(&place, "secret")[0], "one..two, gone in three, on alone, tagged last");
}

#[test]
fn every_stash_is_told_with_its_index_and_untracked_files() {
    let place = Place::repository();
    place.commit_file("a", "", "one");
    place.file("a", "staged").git("add a");
    place.file("a", "worktree").file("b", "unseen");
    place.git("stash push -q -u -m first");
    place.file("a", "anew").git("stash push -q -m second");
    for (value, path, by) in
        [("staged", "a", "index on"), ("worktree", "a", "On"), ("unseen", "b", "untracked files on")]
    {
        let words = words(&place, value);
        assert_eq!(words.len(), 2, "{words:?}");
        assert!(words[1].starts_with(&format!("{path}: {by} trunk: ")), "{words:?}");
        assert!(!words[1].contains(", "), "what is put aside is not removed: {words:?}");
    }
    assert!(words(&place, "anew")[1].starts_with("a: On trunk: second..On trunk: second"));
}

#[test]
fn what_a_stash_does_without_is_not_removed() {
    let place = Place::repository();
    place.commit_file("a", "secret", "one").git("rm -q a");
    place.git("stash push -q");
    place.git("tag v1");
    place.git("checkout -q --orphan other");
    place.git("rm -qf a");
    place.commit_file("b", "", "two").git("branch -q -D trunk");
    assert_eq!(words(&place, "secret")[0], "one..one, tagged v1");
}

#[test]
fn what_only_a_reflog_leads_to_is_history_without_a_branch() {
    let place = Place::repository();
    place.commit("zero").commit_file("a", "secret", "one");
    place.git("reset -q --hard HEAD~1");
    assert_eq!(words(&place, "secret"), ["one..one", "a: one..one"]);
    place.git("reflog expire --expire=now --all");
    std::fs::remove_file(place.at(".git/ORIG_HEAD")).unwrap();
    assert_eq!(words(&place, "secret"), ["unreachable one..one", "a: unreachable one..one"]);
}

#[test]
fn a_head_without_a_branch_in_another_working_tree_is_history() {
    let place = Place::new();
    place.git("init -q -b trunk main");
    place.git_in("main", "commit -q --allow-empty -m zero");
    place.git_in("main", "worktree add -q --detach ../linked");
    place.file("linked/a", "secret").git_in("linked", "add a");
    assert_eq!(tell(&place, "main", "secret").words, ["index", "a: index"]);
    place.git_in("linked", "commit -q -m one");
    std::fs::remove_dir_all(place.at("main/.git/worktrees/linked/logs")).unwrap();
    assert_eq!(tell(&place, "main", "secret").words[1], "a: one..one, still in worktrees/linked/HEAD, staged");
    assert_eq!(tell(&place, "linked", "secret").words[1], "a: one..one, in head");
}

#[test]
fn what_was_only_added_to_an_index_is_there_by_its_path() {
    let place = Place::repository();
    place.file("d/a", "secret").git("add .");
    assert_eq!(words(&place, "secret"), ["index", "d/a: index"]);
    place.commit("one").file("e", "secret").git("add e");
    assert_eq!(
        words(&place, "secret"),
        ["one..one, in head, on trunk", "d/a: one..one, in head, on trunk", "e: index"]
    );
}

#[test]
fn the_sides_of_a_conflict_are_in_the_index() {
    let place = Place::repository();
    place.commit_file("a", "1", "one");
    place.git("checkout -q -b side");
    place.commit_file("a", "2", "two");
    place.git("checkout -q trunk");
    place.commit_file("a", "3", "three");
    assert!(!place.try_git("", "merge -q side").status.success());
    let id = place.feed("hash-object -w --stdin", b"secret");
    place.feed("update-index --index-info", format!("100644 {id} 2\ta\n").as_bytes());
    assert_eq!(words(&place, "secret"), ["index", "a: index"]);
}

#[test]
fn what_nothing_leads_to_is_told_apart() {
    let place = Place::repository();
    place.commit_file("a", "", "one");
    place.feed("hash-object -w --stdin", b"secret");
    assert_eq!(words(&place, "secret"), ["unreachable -..-", ": unreachable -..-"]);
    place.commit_file("b", "secret", "two");
    assert_eq!(words(&place, "secret")[1], "b: two..two, in head, on trunk");
    place.feed("hash-object -w --stdin", b"another secret");
    let words = words(&place, "secret");
    assert_eq!(words[0], "two..two, in head, on trunk");
    assert_eq!(words[2], ": unreachable -..-");
}

#[test]
fn notes_are_history_under_the_name_of_what_they_are_about() {
    let place = Place::repository();
    place.commit("one");
    place.git("notes add -m secret HEAD");
    let head = place.git("rev-parse HEAD");
    assert_eq!(
        words(&place, "secret")[1],
        format!("{head}: Notes added by 'git notes add'..Notes added by 'git notes add'")
    );
}

#[test]
fn the_text_of_a_commit_is_its_own_place() {
    let place = Place::repository();
    place.commit("zero").commit("secret").commit("two");
    place.git("tag v1");
    place.git("checkout -q -b side HEAD~1");
    assert_eq!(words(&place, "secret"), ["secret..secret, in head, on side trunk, tagged v1"; 2].map(prefixed(1)));
    place.git("checkout -q --orphan other");
    place.commit("three");
    let line = "secret..secret, still in refs/heads/side refs/heads/trunk, on side trunk, tagged v1";
    assert_eq!(words(&place, "secret")[0], line);
}

/// Puts the name of the place before all but the first of equal lines.
fn prefixed(from: usize) -> impl FnMut(&str) -> String {
    let mut at = 0;
    move |line| {
        at += 1;
        if at > from { format!(": {line}") } else { line.to_owned() }
    }
}

#[test]
fn tags_are_told_by_what_points_at_them() {
    let place = Place::repository();
    place.commit("zero");
    place.git("tag -a -m secret inner");
    place.git("tag -a -m plain outer inner");
    place.git("update-ref refs/heads/never HEAD");
    assert_eq!(words(&place, "secret")[1], ": secret..secret, tagged inner outer");
    let blob = place.feed("hash-object -w --stdin", b"hidden");
    place.git(&format!("tag -a -m blob of-blob {blob}"));
    place.git(&format!("tag direct {blob}"));
    assert_eq!(words(&place, "hidden"), ["-..-, tagged direct of-blob", ": -..-, tagged direct of-blob"]);
    place.file("d/e", "deep").git("add .");
    let tree = place.git("write-tree");
    place.git("rm -q --cached d/e");
    place.git(&format!("tag tree {tree}"));
    assert_eq!(words(&place, "deep"), ["-..-, tagged tree", "d/e: -..-, tagged tree"]);
}

#[test]
fn names_are_traced_like_objects() {
    let place = Place::repository();
    place.commit_file("d/secret.txt", "1", "one").commit_file("d/secret.txt", "2", "two");
    place.commit_file("secret/x", "3", "three");
    place.git("rm -qr d");
    place.commit("four");
    place.file("new/secret", "").git("add new");
    assert_eq!(
        words(&place, "secret"),
        [
            "one..four, in head, on trunk, 3 versions",
            "d/secret.txt: one..three, gone in four, on trunk, 2 versions",
            "secret: three..four, in head, on trunk",
            "new/secret: index",
        ]
    );
}

#[test]
fn more_places_than_fit_into_one_walk_are_told_alike() {
    let place = Place::repository();
    let name = |at: usize| format!("d{}/f{at:04}", at % 3);
    for at in 0..1200 {
        place.file(name(at), &format!("secret {at}"));
    }
    place.commit("one");
    for at in (0..1200).step_by(2) {
        std::fs::remove_file(place.at(name(at))).unwrap();
    }
    place.commit("two");
    let mut expected = vec!["one..two, in head, on trunk, 1200 versions".to_owned()];
    for at in 0..1200 {
        let story = if at % 2 == 0 { "one..one, gone in two, on trunk" } else { "one..two, in head, on trunk" };
        expected.push(format!("{}: {story}", name(at)));
    }
    expected[1..].sort();
    let words = words(&place, "secret");
    assert_eq!(words.len(), expected.len());
    for (told, expected) in words.iter().zip(&expected) {
        assert_eq!(told, expected);
    }
}

#[test]
fn folders_within_folders_are_followed_to_the_top() {
    for depth in [23, 24, 25, 26, 300] {
        let place = Place::repository();
        let deep = "d/".repeat(depth) + "a";
        place.commit_file(&deep, "secret", "one").commit_file("b", "", "two");
        assert_eq!(words(&place, "secret")[1], format!("{deep}: one..two, in head, on trunk"));
    }
}

#[test]
fn malformed_commits_and_tags_are_passed_over() {
    let place = Place::repository();
    place.commit_file("a", "secret", "one");
    let tree = place.git("rev-parse HEAD^{tree}");
    for (at, text) in ["", "tree", &format!("tree {tree}\nparent x\ncommitter\n"), "\0\n\n\n"].iter().enumerate() {
        let commit = place.feed("hash-object -t commit -w --literally --stdin", text.as_bytes());
        place.file(format!(".git/refs/heads/x{at}"), &format!("{commit}\n"));
        let tag = place.feed("hash-object -t tag -w --literally --stdin", text.as_bytes());
        place.file(format!(".git/refs/tags/x{at}"), &format!("{tag}\n"));
    }
    let story = tell(&place, "", "secret").life.whole;
    assert_eq!((story.in_head, story.branches.len(), story.versions), (true, 2, 1));
}
