//! What a hook sees: exactly what the commit that started it would record.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use super::place::{PROGRAM, Place};

/// A repository with two files, whose commits are checked.
fn guarded() -> Place {
    let place = Place::repository();
    place.file("a.env", "A=1\n").file("sub/b.env", "B=1\n").commit("c.env", "C=1\n");
    install(&place, "pre-commit");
    place
}

fn install(place: &Place, name: &str) {
    let path = place.at(".git/hooks").join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(&path, format!("#!/bin/sh\nexec {PROGRAM} staged -q\n")).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
}

/// Whether the commit is made.
fn passes(place: &Place, folder: &str, args: &[&str]) -> bool {
    let output = place.try_git(folder, &[&["commit", "-qm", "a message"], args].concat());
    let said = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() || said.contains("SignalWire API token"), "{said}");
    output.status.success()
}

#[test]
fn a_commit_with_a_secret_is_stopped() {
    let place = guarded();
    place.file("a.env", "A=PT{hex:48}\n").git(&["add", "."]);
    assert!(!passes(&place, "", &[]));
    assert!(!passes(&place, "sub", &[]));
    place.file("a.env", "A=2\n").git(&["add", "."]);
    assert!(passes(&place, "sub", &[]));
}

#[test]
fn a_commit_of_everything_is_checked_as_it_will_be() {
    let place = guarded();
    place.file("a.env", "A=PT{hex:48}\n");
    assert!(!passes(&place, "", &["-a"]));
    assert!(!passes(&place, "sub", &["-a"]));
    assert!(!passes(&place, "", &["-i", "a.env"]));
    place.file("a.env", "A=2\n");
    assert!(passes(&place, "", &["-a"]));
}

#[test]
fn a_commit_of_some_paths_is_checked_for_these_alone() {
    let place = guarded();
    place.file("a.env", "A=PT{hex:48}\n").git(&["add", "a.env"]);
    place.file("sub/b.env", "B=2\n");
    assert!(passes(&place, "", &["--", "sub/b.env"]), "what is staged is not part of it");
    place.file("sub/b.env", "B=PT{hex:48}\n");
    assert!(!passes(&place, "", &["--", "sub/b.env"]));
    assert!(!passes(&place, "sub", &["-o", "b.env"]));
    assert!(!passes(&place, "", &[]), "and is still staged");
}

#[test]
fn a_commit_in_a_linked_working_tree_is_checked() {
    let place = guarded();
    place.git(&["worktree", "add", "-q", "../linked", "-b", "other"]);
    place.file("../linked/a.env", "A=PT{hex:48}\n");
    assert!(!passes(&place, "../linked", &["-a"]));
    assert!(!passes(&place, "../linked/sub", &["--", "../a.env"]));
    place.git_in("../linked", &["add", "a.env"]);
    assert!(!passes(&place, "../linked", &[]));
    place.file("../linked/a.env", "A=2\n");
    assert!(passes(&place, "../linked", &["-a"]));
}

#[test]
fn the_first_commit_is_checked() {
    let place = Place::repository();
    install(&place, "pre-commit");
    place.file("a.env", "A=PT{hex:48}\n").git(&["add", "."]);
    assert!(!passes(&place, "", &[]));
    place.file("a.env", "A=1\n").git(&["add", "."]);
    assert!(passes(&place, "", &[]));
}

#[test]
fn an_amended_commit_is_checked_against_the_one_before() {
    let place = guarded();
    place.file("a.env", "A=2\n").git(&["add", "."]);
    assert!(passes(&place, "", &["--amend"]));
    place.file("a.env", "A=PT{hex:48}\n").git(&["add", "."]);
    assert!(!passes(&place, "", &["--amend"]));
}

#[test]
fn a_merge_is_checked() {
    let place = guarded();
    fs::remove_file(place.at(".git/hooks/pre-commit")).unwrap();
    place.git(&["checkout", "-q", "-b", "other"]);
    place.commit("a.env", "A=PT{hex:48}\n").git(&["checkout", "-q", "trunk"]);
    place.commit("c.env", "C=2\n");
    install(&place, "pre-merge-commit");
    assert!(!place.try_git("", &["merge", "-q", "other"]).status.success());
    place.git(&["merge", "--abort"]);
    place.git(&["checkout", "-q", "other"]);
    place.commit("a.env", "A=2\n").git(&["checkout", "-q", "trunk"]);
    assert!(place.try_git("", &["merge", "-q", "other"]).status.success());
}

#[test]
fn a_conflict_that_is_resolved_is_checked() {
    let place = guarded();
    place.git(&["checkout", "-q", "-b", "other"]);
    place.commit("a.env", "A=2\n").git(&["checkout", "-q", "trunk"]);
    place.commit("a.env", "A=3\n");
    assert!(!place.try_git("", &["merge", "-q", "other"]).status.success());
    place.file("a.env", "A=PT{hex:48}\n").git(&["add", "."]);
    assert!(!passes(&place, "", &[]));
    place.file("a.env", "A=4\n").git(&["add", "."]);
    assert!(passes(&place, "", &[]));
}

#[test]
fn what_is_pushed_is_checked_while_it_is_in_quarantine() {
    let place = Place::new();
    place.git(&["init", "-q", "--bare", "-b", "trunk", "server.git"]);
    place.git(&["clone", "-q", "server.git", "clone"]);
    let hook = place.at("server.git/hooks/pre-receive");
    let script = "#!/bin/sh\nread old new ref\nexec {PROGRAM} history --range \"$new --not --all\" -q\n";
    fs::create_dir_all(hook.parent().unwrap()).unwrap();
    fs::write(&hook, script.replace("{PROGRAM}", PROGRAM)).unwrap();
    fs::set_permissions(&hook, fs::Permissions::from_mode(0o755)).unwrap();
    place.file("clone/a.env", "A=1\n").git_in("clone", &["add", "."]);
    place.git_in("clone", &["commit", "-qm", "one"]);
    let push = || place.try_git("clone", &["push", "-q", "origin", "HEAD:trunk"]);
    let output = push();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    place.file("clone/a.env", "A=PT{hex:48}\n").git_in("clone", &["commit", "-qam", "two"]);
    let output = push();
    assert!(!output.status.success());
    assert!(
        String::from_utf8_lossy(&output.stderr).contains("a.env:1:3"),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}
