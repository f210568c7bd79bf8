//! Before a commit: raw hooks see exactly what it will record.

use std::process::Output;

use super::gate;
use super::gate::{assert_silent, assert_stopped, message, run, said};
use crate::changes::place::Place;

/// A repository with some files, whose commits and merges are guarded.
fn guarded() -> Place {
    let place = Place::repository();
    place.file("a.env", "A=1\n").file("sub/b.env", "B=1\n").commit("c.env", "C=1\n");
    guard(&place, ".git/hooks");
    place
}

fn guard(place: &Place, folder: &str) {
    for stage in ["pre-commit", "pre-merge-commit"] {
        gate::install(&place.at(folder), stage, stage);
    }
    gate::install(&place.at(folder), "commit-msg", "commit-msg -- \"$@\"");
}

fn commit(place: &Place, folder: &str, args: &[&str]) -> Output {
    place.try_git(folder, &[&["commit", "-qm", "a message"], args].concat())
}

#[test]
fn a_commit_with_a_secret_is_stopped_in_few_words() {
    let place = guarded();
    place.file("a.env", "A=PT{hex:48}\n").git(&["add", "."]);
    let output = commit(&place, "", &[]);
    assert_stopped(&output, "a.env:1:3 (staged)");
    let text =
        regex::Regex::new("PT[0-9a-f]{4}\\*+[0-9a-f]{4}").unwrap().replace(&message(&output), "[TOKEN]").into_owned();
    insta::assert_snapshot!(text, @r"
    barewire: commit stopped: 1 SignalWire credential
      a.env:1:3 (staged)  SignalWire API token [TOKEN]
    take it out: move the value into the environment or a store of secrets, `git add` the file, and commit again
    allow it: end its line with `# barewire:allow: REASON`, or all there is by `barewire baseline create --force`
    see all of it: `barewire staged`
    ");
    assert_stopped(&commit(&place, "sub", &[]), "a.env:1:3 (staged)");
    place.file("a.env", "A=2\n").git(&["add", "."]);
    assert_silent(&commit(&place, "sub", &[]));
}

#[test]
fn ten_secrets_take_no_more_lines() {
    let place = guarded();
    for name in 0..10 {
        place.file(format!("{name}.env"), "A=PT{hex:48}\n");
    }
    place.file("broken", &"x".repeat(200)).git(&["add", "."]);
    let output = run(&place, "", &["pre-commit", "--max-file-size", "100b"], &[], "");
    assert_stopped(&output, "0.env:1:3");
    assert!(message(&output).contains("10 SignalWire credentials"), "{}", said(&output));
    assert!(message(&output).contains("and 7 more places"), "{}", said(&output));
    assert!(message(&output).contains("broken"), "{}", said(&output));
    assert_eq!(output.status.code(), Some(1));
}

#[test]
fn a_commit_of_all_or_some_paths_is_checked_for_these() {
    let place = guarded();
    place.file("a.env", "A=PT{hex:48}\n");
    assert_stopped(&commit(&place, "", &["-a"]), "a.env");
    assert_stopped(&commit(&place, "", &["-i", "a.env"]), "a.env");
    place.file("a.env", "A=1\n").git(&["add", "."]);
    place.file("a.env", "A=PT{hex:48}\n").git(&["add", "a.env"]);
    place.file("sub/b.env", "B=2\n");
    assert_silent(&commit(&place, "", &["--", "sub/b.env"]));
    place.file("sub/b.env", "B=PT{hex:48}\n");
    assert_stopped(&commit(&place, "", &["--", "sub/b.env"]), "sub/b.env");
    assert_stopped(&commit(&place, "sub", &["-o", "b.env"]), "sub/b.env");
    assert_stopped(&commit(&place, "", &[]), "a.env");
}

#[test]
fn an_amended_commit_is_checked() {
    let place = guarded();
    place.file("a.env", "A=2\n").git(&["add", "."]);
    assert_silent(&commit(&place, "", &["--amend"]));
    place.file("a.env", "A=PT{hex:48}\n").git(&["add", "."]);
    assert_stopped(&commit(&place, "", &["--amend"]), "a.env");
}

#[test]
fn merges_are_checked_with_and_without_conflict() {
    let place = guarded();
    place.git(&["checkout", "-q", "-b", "other"]);
    place.file("a.env", "A=PT{hex:48}\n").git(&["commit", "-qanm", "past the gate"]);
    place.git(&["checkout", "-q", "trunk"]);
    place.commit("c.env", "C=2\n");
    let merge = place.try_git("", &["merge", "-q", "--no-edit", "other"]);
    assert_stopped(&merge, "a.env");
    assert!(message(&merge).contains("end the merge with `git commit`"), "{}", said(&merge));
    place.file("a.env", "A=3\n").git(&["add", "."]);
    assert_silent(&commit(&place, "", &[]));
    place.git(&["checkout", "-q", "-b", "third", "HEAD~1"]);
    place.commit("a.env", "A=4\n").git(&["checkout", "-q", "trunk"]);
    assert!(!place.try_git("", &["merge", "-q", "third"]).status.success());
    place.file("a.env", "A=PT{hex:48}\n").git(&["add", "."]);
    assert_stopped(&commit(&place, "", &[]), "a.env");
    place.file("a.env", "A=5\n").git(&["add", "."]);
    assert_silent(&commit(&place, "", &[]));
    place.git(&["checkout", "-q", "-b", "fourth", "HEAD~1"]);
    place.commit("d.env", "D=1\n").git(&["checkout", "-q", "trunk"]);
    assert_silent(&place.try_git("", &["merge", "-q", "--no-edit", "fourth"]));
}

#[test]
fn the_end_of_a_cherry_pick_after_a_conflict_is_checked() {
    let place = guarded();
    place.git(&["checkout", "-q", "-b", "other"]);
    place.commit("a.env", "A=2\n").git(&["checkout", "-q", "trunk"]);
    place.commit("a.env", "A=3\n");
    assert!(!place.try_git("", &["cherry-pick", "other"]).status.success());
    place.file("a.env", "A=PT{hex:48}\n").git(&["add", "."]);
    assert_stopped(&place.try_git("", &["cherry-pick", "--continue"]), "a.env");
    place.file("a.env", "A=4\n").git(&["add", "."]);
    assert!(place.try_git("", &["cherry-pick", "--continue"]).status.success());
}

#[test]
fn a_linked_working_tree_and_another_folder_of_hooks_make_no_difference() {
    let place = guarded();
    std::fs::remove_dir_all(place.at(".git/hooks")).unwrap();
    guard(&place, "shared hooks");
    place.git(&["config", "core.hooksPath", place.at("shared hooks").to_str().unwrap()]);
    place.git(&["worktree", "add", "-q", "../linked", "-b", "other"]);
    place.file("../linked/a.env", "A=PT{hex:48}\n");
    assert_stopped(&commit(&place, "../linked", &["-a"]), "a.env");
    assert_stopped(&commit(&place, "../linked/sub", &["--", "../a.env"]), "a.env");
    place.git_in("../linked", &["add", "."]);
    assert_stopped(&commit(&place, "../linked", &[]), "a.env");
    place.file("../linked/a.env", "A=2\n");
    assert_silent(&commit(&place, "../linked", &["-a"]));
}

#[test]
fn what_could_not_be_scanned_stops_a_commit_too() {
    let place = guarded();
    place.file("large", &"x".repeat(2000)).git(&["add", "."]);
    gate::install(&place.at(".git/hooks"), "pre-commit", "pre-commit --max-file-size 1kB");
    let output = commit(&place, "", &[]);
    assert!(!output.status.success());
    assert!(
        message(&output).starts_with("barewire: commit stopped: 1 thing could not be scanned: large ("),
        "{}",
        said(&output)
    );
    gate::install(&place.at(".git/hooks"), "pre-commit", "pre-commit --max-file-size 1kB --exclude large");
    assert_silent(&commit(&place, "", &[]));
}

#[test]
fn an_allowed_value_and_an_old_one_pass() {
    let place = guarded();
    place.file("a.env", "A=PT{hex:48} # barewire:allow: deleted in May\n").git(&["add", "."]);
    assert_silent(&commit(&place, "", &[]));
    place.file("b.env", "A=PT{hex:48}\n").git(&["add", "."]);
    place.git(&["commit", "-qnm", "past the gate"]);
    let old = std::fs::read_to_string(place.at("b.env")).unwrap();
    std::fs::write(place.at("b.env"), format!("# more\n{old}")).unwrap();
    assert_silent(&commit(&place, "", &["-a"]));
}

#[test]
fn reports_are_written_where_they_are_asked_for() {
    let place = guarded();
    place.file("a.env", "A=PT{hex:48}\n").git(&["add", "."]);
    let before = place.state();
    let plain = run(&place, "", &["pre-commit"], &[], "");
    assert!(plain.stdout.is_empty());
    let json = run(&place, "", &["pre-commit", "-f", "json"], &[], "");
    let report: serde_json::Value = serde_json::from_slice(&json.stdout).unwrap();
    assert_eq!(report["findings"][0]["path"], "a.env");
    assert_stopped(&json, "a.env");
    let long = run(&place, "", &["pre-commit", "-v"], &[], "");
    assert!(String::from_utf8_lossy(&long.stdout).contains("= fix:"), "{}", said(&long));
    let soft = run(&place, "", &["pre-commit", "--exit-code", "0"], &[], "");
    assert!(soft.status.success() && said(&soft).contains("let through by --exit-code"), "{}", said(&soft));
    let high = run(&place, "", &["pre-commit", "--rule", "signalwire-sip-password"], &[], "");
    assert_silent(&high);
    assert_eq!(place.state(), before, "nothing is written");
}

#[test]
fn a_stage_refuses_arguments_that_it_does_not_have() {
    let place = guarded();
    for args in [&["pre-commit", "a.env"][..], &["pre-commit", "--", "a.env"], &["commit-msg"], &["pre-push", "origin"]]
    {
        let output = run(&place, "", args, &[], "");
        assert_eq!(output.status.code(), Some(2), "{args:?} {}", said(&output));
    }
}
