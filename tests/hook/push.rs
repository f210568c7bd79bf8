//! Before a push: exactly the commits that the other side lacks.

use std::process::Output;

use super::gate::{assert_silent, assert_stopped, install, message, run, said};
use crate::changes::place::Place;

/// A clone of an empty server, whose pushes are guarded.
fn guarded() -> Place {
    guarded_as(&[])
}

fn guarded_as(options: &[&str]) -> Place {
    let place = Place::new();
    place.git(&[&["init", "-q", "--bare", "-b", "trunk", "../server.git"], options].concat());
    place.git(&[&["init", "-q", "-b", "trunk", "."], options].concat());
    place.git(&["remote", "add", "origin", "../server.git"]);
    install(&place.at(".git/hooks"), "pre-push", "pre-push -- \"$@\"");
    place
}

fn push(place: &Place, args: &[&str]) -> Output {
    place.try_git("", &[&["push", "-q", "origin"], args].concat())
}

#[test]
fn the_first_push_is_stopped_for_a_secret_that_a_later_commit_took_out() {
    for options in [&[][..], &["--object-format=sha256"]] {
        let place = guarded_as(options);
        place.commit("a.env", "A=PT{hex:48}\n");
        let bad = place.git(&["rev-parse", "HEAD"]);
        place.commit("a.env", "A=1\n");
        let output = push(&place, &["trunk"]);
        assert_stopped(&output, &format!("a.env:1:3 in {}", &bad[..12]));
        assert!(message(&output).contains("git rebase -i COMMIT^"), "{}", said(&output));
        assert!(place.git(&["ls-remote", "origin"]).is_empty());
        place.git(&["checkout", "-q", "--orphan", "clean"]);
        place.commit("a.env", "A=2\n");
        assert_silent(&push(&place, &["clean"]));
    }
}

#[test]
fn what_the_remote_has_is_not_looked_at_again() {
    let place = guarded();
    place.commit("a.env", "A=PT{hex:48}\n").git(&["push", "-q", "--no-verify", "origin", "trunk"]);
    place.commit("b.env", "B=1\n");
    assert_silent(&push(&place, &["trunk"]));
    place.git(&["checkout", "-q", "-b", "new"]);
    assert_silent(&push(&place, &["new"]));
    place.commit("c.env", "C=PT{hex:48}\n");
    assert_stopped(&push(&place, &["new"]), "c.env:1:3");
    assert_stopped(&push(&place, &["new:another"]), "c.env:1:3");
}

#[test]
fn a_push_without_news_says_that_nothing_was_looked_at() {
    let place = guarded();
    place.commit("a.env", "A=1\n").git(&["push", "-q", "origin", "trunk"]);
    let output = push(&place, &["trunk"]);
    assert!(output.status.success() && said(&output).contains("0 files scanned"), "{}", said(&output));
}

#[test]
fn where_nobody_says_what_is_pushed_all_branches_count() {
    let place = guarded();
    place.commit("a.env", "A=PT{hex:48}\n").git(&["push", "-q", "--no-verify", "origin", "trunk"]);
    place.git(&["checkout", "-q", "-b", "other"]);
    place.commit("b.env", "B=1\n");
    let untold = || run(&place, "", &["pre-push", "--", "origin", "../server.git"], &[], "");
    assert!(untold().status.success() && said(&untold()).contains("2 files scanned"), "{}", said(&untold()));
    place.commit("b.env", "B=PT{hex:48}\n").git(&["checkout", "-q", "trunk"]);
    assert_stopped(&untold(), "b.env:1:3 in ");
}

#[test]
fn of_two_branches_either_can_stop_the_push() {
    for (good, bad) in [("one", "two"), ("two", "one")] {
        let place = guarded();
        place.commit("a.env", "A=1\n").git(&["push", "-q", "origin", "trunk"]);
        place.git(&["checkout", "-q", "-b", good]);
        place.commit("b.env", "B=1\n").git(&["checkout", "-q", "-b", bad, "trunk"]);
        place.commit("c.env", "C=PT{hex:48}\n");
        assert_stopped(&push(&place, &["one", "two"]), "c.env:1:3");
        assert_stopped(&push(&place, &[":trunk", bad]), "c.env:1:3");
        assert_silent(&push(&place, &[good]));
    }
}

#[test]
fn a_deletion_brings_nothing() {
    let place = guarded();
    place.commit("a.env", "A=PT{hex:48}\n").git(&["push", "-q", "--no-verify", "origin", "trunk", "trunk:other"]);
    assert_silent(&push(&place, &["--delete", "other"]));
}

#[test]
fn a_forced_push_is_checked_against_what_is_replaced() {
    let place = guarded();
    place.commit("a.env", "A=PT{hex:48}\n").git(&["push", "-q", "--no-verify", "origin", "trunk"]);
    place.commit("b.env", "B=1\n").git(&["push", "-q", "origin", "trunk"]);
    place.git(&["reset", "-q", "--hard", "HEAD~1"]);
    place.commit("c.env", "C=1\n");
    assert_silent(&push(&place, &["--force", "trunk"]));
    place.file("c.env", "C=PT{hex:48}\n").git(&["commit", "-qa", "--amend", "-m", "x"]);
    assert_stopped(&push(&place, &["--force", "trunk"]), "c.env:1:3");
}

#[test]
fn a_remote_id_that_is_not_known_here_leaves_out_what_is() {
    let place = guarded();
    place.commit("a.env", "A=PT{hex:48}\n").git(&["push", "-q", "--no-verify", "origin", "trunk"]);
    place.git(&["clone", "-q", "../server.git", "../other"]);
    place.file("../other/x", "1").git_in("../other", &["add", "."]);
    place.git_in("../other", &["commit", "-qm", "x"]);
    place.git_in("../other", &["push", "-q"]);
    place.commit("b.env", "B=1\n");
    assert_silent(&push(&place, &["--force", "trunk"]));
    place.git_in("../other", &["push", "-q", "--force"]);
    place.commit("b.env", "B=PT{hex:48}\n");
    assert_stopped(&push(&place, &["--force", "trunk"]), "b.env:1:3");
}

#[test]
fn commit_messages_tags_and_names_of_new_refs_are_scanned() {
    let place = guarded();
    place.commit("a.env", "A=1\n").git(&["push", "-q", "origin", "trunk"]);
    place.git(&["commit", "-q", "--allow-empty", "-m", &place.text("PT{hex:48}")]);
    assert_stopped(&push(&place, &["trunk"]), "commit ");
    place.git(&["reset", "-q", "--hard", "HEAD~1"]);
    place.git(&["tag", "-a", "-m", "nothing", "v1"]);
    assert_silent(&push(&place, &["v1"]));
    place.git(&["tag", "-a", "-m", &place.text("PT{hex:48}"), "v2"]);
    place.git(&["tag", "-a", "-m", "nothing", "v3", "v2"]);
    assert_stopped(&push(&place, &["v2"]), "refs/tags/v2:");
    assert_stopped(&push(&place, &["v3"]), "refs/tags/v3:");
    place.git(&["branch", &place.text("a/PT{hex:48}")]);
    assert_stopped(&push(&place, &["refs/heads/a/*"]), "refs/heads/a/");
}

#[test]
fn a_tag_of_a_file_or_a_folder_is_scanned() {
    let place = guarded();
    place.commit("a.env", "A=1\n").git(&["push", "-q", "origin", "trunk"]);
    place.file("sub/b.env", "B=PT{hex:48}\n").git(&["add", "."]);
    let (blob, tree) = (place.git(&["rev-parse", ":sub/b.env"]), place.git(&["write-tree"]));
    place.git(&["tag", "file", &blob]);
    place.git(&["tag", "folder", &tree]);
    assert_stopped(&push(&place, &["file"]), "refs/tags/file:1:3");
    assert_stopped(&push(&place, &["folder"]), "refs/tags/folder/sub/b.env:1:3");
}

#[test]
fn an_address_without_a_remote_has_nothing() {
    let place = guarded();
    place.commit("a.env", "A=PT{hex:48}\n").git(&["push", "-q", "--no-verify", "origin", "trunk"]);
    place.commit("b.env", "B=1\n");
    place.git(&["init", "-q", "--bare", "../public.git"]);
    assert_stopped(&place.try_git("", &["push", "-q", "../public.git", "trunk"]), "a.env:1:3");
    // The address of a remote means the remote.
    assert_silent(&place.try_git("", &["push", "-q", "../server.git", "trunk:new"]));
}

#[test]
fn a_remote_that_lacks_what_is_remembered_of_it_has_nothing() {
    let place = guarded();
    place.commit("a.env", "A=PT{hex:48}\n").git(&["push", "-q", "--no-verify", "origin", "trunk", "trunk:other"]);
    place.commit("b.env", "B=1\n");
    place.git(&["init", "-q", "--bare", "../public.git"]);
    // One that is pushed to, too.
    place.git(&["remote", "set-url", "--add", "--push", "origin", "../server.git"]);
    place.git(&["remote", "set-url", "--add", "--push", "origin", "../public.git"]);
    assert_stopped(&push(&place, &["trunk"]), "a.env:1:3");
    place.git(&["config", "--unset-all", "remote.origin.pushurl"]);
    // Another one.
    place.git(&["remote", "set-url", "origin", "../public.git"]);
    assert_stopped(&push(&place, &["trunk"]), "a.env:1:3");
    assert!(place.git(&["ls-remote", "../public.git"]).is_empty());
    // One of which a branch was deleted, until the memory of it is gone.
    place.git(&["remote", "set-url", "origin", "../server.git"]);
    place.git_in("../server.git", &["branch", "-qD", "other"]);
    assert_stopped(&push(&place, &["trunk:other"]), "a.env:1:3");
    place.git(&["fetch", "-q", "--prune"]);
    assert_silent(&push(&place, &["trunk:other"]));
}

#[test]
fn a_remote_whose_name_begins_another_does_not_speak_for_it() {
    for (seen, other) in [("a/b", "a"), ("a", "a/b")] {
        let place = guarded();
        place.git(&["init", "-q", "--bare", "../public.git"]);
        for (name, url) in [(seen, "../server.git"), (other, "../public.git")] {
            place.git(&["config", &format!("remote.{name}.url"), url]);
            place.git(&["config", &format!("remote.{name}.fetch"), &format!("+refs/heads/*:refs/remotes/{name}/*")]);
        }
        place.commit("a.env", "A=PT{hex:48}\n");
        place.git(&["push", "-q", "--no-verify", seen, "trunk:trunk", "trunk:b/trunk"]);
        assert_stopped(&place.try_git("", &["push", "-q", other, "trunk:new"]), "a.env:1:3");
        place.git(&["config", "--remove-section", &format!("remote.{other}")]);
        assert_silent(&place.try_git("", &["push", "-q", seen, "trunk:new"]));
    }
}

#[test]
fn an_address_may_hold_a_password() {
    let place = guarded();
    place.commit("a.env", "A=1\n");
    let head = place.git(&["rev-parse", "HEAD"]);
    let line = format!("refs/heads/trunk {head} refs/heads/trunk {}\n", "0".repeat(40));
    let output = run(&place, "", &["pre-push", "--", "origin", "https://me:sesame@example.com/x"], &[], &line);
    assert_silent(&output);
}

#[test]
fn lines_that_make_no_sense_are_an_error() {
    let place = guarded();
    place.commit("a.env", "A=1\n");
    let (head, zeros) = (place.git(&["rev-parse", "HEAD"]), "0".repeat(40));
    for line in [
        "nonsense\n".to_owned(),
        format!("refs/heads/trunk {head} refs/heads/trunk\n"),
        format!("refs/heads/trunk {head} refs/heads/trunk {zeros}\n\n\n"),
        format!("refs/heads/trunk {0} refs/heads/trunk {0}\n", "1".repeat(64)),
    ] {
        let output = run(&place, "", &["pre-push", "origin", "url"], &[], &line);
        assert_eq!(output.status.code(), Some(2), "{line} {}", said(&output));
    }
    let secret = place.text("PT{hex:48}");
    let output = run(&place, "", &["pre-push", "origin", "url"], &[], &format!("{secret} is no ref\n"));
    assert!(said(&output).contains("line 1") && !said(&output).contains(&secret[..20]), "{}", said(&output));
    let line = format!("refs/heads/trunk {} refs/heads/trunk {zeros}\n", "1".repeat(40));
    let output = run(&place, "", &["pre-push", "origin", "url"], &[], &line);
    assert_eq!(output.status.code(), Some(3), "{}", said(&output));
    let mut command = place.clean(crate::changes::place::PROGRAM, "");
    let output = command.args(["hook", "run", "pre-push"]).stdin(std::process::Stdio::null()).output().unwrap();
    assert_eq!(output.status.code(), Some(2), "{}", said(&output));
}

#[test]
fn what_is_pushed_from_a_linked_working_tree_is_checked_and_nothing_is_written() {
    let place = guarded();
    place.commit("a.env", "A=1\n").git(&["push", "-q", "origin", "trunk"]);
    place.git(&["worktree", "add", "-q", "../linked", "-b", "other"]);
    place.file("../linked/a.env", "A=PT{hex:48}\n");
    place.git_in("../linked", &["commit", "-qam", "x"]);
    assert_stopped(&place.try_git("../linked", &["push", "-q", "origin", "other"]), "a.env:1:3");
    let before = place.state();
    let head = place.git(&["rev-parse", "other"]);
    let line = format!("refs/heads/other {head} refs/heads/other {}\n", "0".repeat(40));
    assert_stopped(&run(&place, "", &["pre-push", "origin", "url"], &[], &line), "a.env:1:3");
    assert_eq!(place.state(), before);
}

/// The variables that pre-commit and prek set.
const MANAGED: [(&str, &str); 3] =
    [("PRE_COMMIT", "1"), ("PRE_COMMIT_REMOTE_NAME", "origin"), ("PRE_COMMIT_REMOTE_URL", "../server.git")];

#[test]
fn a_manager_tells_of_a_push_by_variables() {
    let place = guarded();
    place.commit("a.env", "A=PT{hex:48}\n").commit("a.env", "A=1\n");
    let managed = |more: &[(&str, &str)]| run(&place, "", &["--", "a.env"], &[&MANAGED[..], more].concat(), "");
    let branch = [("PRE_COMMIT_LOCAL_BRANCH", "refs/heads/trunk"), ("PRE_COMMIT_REMOTE_BRANCH", "refs/heads/trunk")];
    let head = place.git(&["rev-parse", "HEAD"]);
    // The first push: pre-commit names the branch alone, prek the one end, too.
    assert_stopped(&managed(&branch), "a.env:1:3 in ");
    assert_stopped(&managed(&[&branch[..], &[("PRE_COMMIT_TO_REF", &head)]].concat()), "a.env:1:3 in ");
    place.git(&["push", "-q", "--no-verify", "origin", "trunk"]);
    place.commit("b.env", "B=1\n");
    let to = place.git(&["rev-parse", "HEAD"]);
    let ends = [("PRE_COMMIT_FROM_REF", &*head), ("PRE_COMMIT_TO_REF", &*to)];
    assert_silent(&managed(&[&branch[..], &ends].concat()));
    assert_silent(&run(&place, "", &["pre-push"], &[&MANAGED[..], &branch, &ends].concat(), ""));
    place.git(&["push", "-q", "origin", "trunk"]);
    let none = managed(&[&branch[..], &ends].concat());
    assert!(none.status.success() && said(&none).contains("barewire: 0 files scanned"), "{}", said(&none));
}

#[test]
fn a_manager_may_leave_out_a_branch_and_it_is_checked_all_the_same() {
    let place = guarded();
    place.commit("a.env", "A=PT{hex:48}\n").git(&["push", "-q", "--no-verify", "origin", "trunk"]);
    place.git(&["checkout", "-q", "-b", "bad"]);
    place.commit("b.env", "B=PT{hex:48}\n").git(&["checkout", "-q", "-b", "good", "trunk"]);
    place.commit("c.env", "C=1\n");
    let told = [("PRE_COMMIT_LOCAL_BRANCH", "refs/heads/good"), ("PRE_COMMIT_TO_REF", "good")];
    let variables = [&MANAGED[..], &told].concat();
    assert_stopped(&run(&place, "", &["--", "c.env"], &variables, ""), "b.env:1:3");
    place.git(&["branch", "-qD", "bad"]);
    assert_silent(&run(&place, "", &["--", "c.env"], &variables, ""));
}

#[test]
fn a_range_that_a_manager_is_started_for_is_scanned_as_commits() {
    let place = guarded();
    place.commit("a.env", "A=1\n").commit("a.env", "A=PT{hex:48}\n").commit("a.env", "A=2\n");
    let range =
        |from| run(&place, "", &["--", "a.env"], &[("PRE_COMMIT_FROM_REF", from), ("PRE_COMMIT_TO_REF", "HEAD")], "");
    assert_stopped(&range("HEAD~2"), "a.env:1:3 in ");
    assert_silent(&range("HEAD~1"));
    let unknown = range("nothing");
    assert_eq!(unknown.status.code(), Some(2), "{}", said(&unknown));
}
