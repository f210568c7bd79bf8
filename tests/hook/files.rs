//! Files that a hook manager names.

use std::fs;
use std::os::unix::fs::symlink;
use std::process::Output;

use super::gate::{assert_silent, assert_stopped, run, said};
use crate::changes::place::Place;

fn repository() -> Place {
    let place = Place::repository();
    place.file("a.env", "A=1\n").file("sub/b.env", "B=1\n").commit("c.env", "C=1\n");
    place
}

fn files(place: &Place, folder: &str, names: &[&str]) -> Output {
    run(place, folder, &[&["--"], names].concat(), &[], "")
}

#[test]
fn a_staged_file_is_scanned_as_it_is_staged() {
    let place = repository();
    place.file("a.env", "A=PT{hex:48}\n").git(&["add", "."]);
    place.file("a.env", "A=2\n");
    assert_stopped(&files(&place, "", &["a.env", "sub/b.env"]), "a.env:1:3 (staged)");
    place.file("a.env", "A=2\n").git(&["add", "."]);
    place.file("a.env", "A=PT{hex:48}\n");
    assert_silent(&files(&place, "", &["a.env"]));
}

#[test]
fn of_a_staged_file_only_what_is_new_counts_and_of_another_everything() {
    let place = repository();
    place.commit("a.env", "A=PT{hex:48}\n");
    assert_stopped(&files(&place, "", &["a.env", "c.env"]), "a.env:1:3");
    let old = fs::read_to_string(place.at("a.env")).unwrap();
    fs::write(place.at("a.env"), format!("# more\n{old}")).unwrap();
    place.git(&["add", "."]);
    assert_silent(&files(&place, "", &["a.env", "c.env"]));
    // The same value in a file that is not staged is no part of the commit, and so not old.
    fs::write(place.at("c.env"), &old).unwrap();
    assert_stopped(&files(&place, "", &["a.env", "c.env"]), "c.env:1:3");
}

#[test]
fn a_file_whose_mode_alone_is_staged_brings_nothing() {
    let place = repository();
    place.commit("a.env", "A=PT{hex:48}\n");
    place.git(&["update-index", "--chmod=+x", "a.env"]);
    assert_silent(&files(&place, "", &["a.env"]));
    // It is scanned as it is staged, and not as it is.
    place.file("a.env", "A=PT{hex:48}\n");
    assert_silent(&files(&place, "", &["a.env"]));
    place.git(&["update-index", "--chmod=-x", "a.env"]);
    assert_stopped(&files(&place, "", &["a.env"]), "a.env:1:3");
}

#[test]
fn names_count_from_the_folder_that_one_is_in() {
    let place = repository();
    place.file("sub/b.env", "B=PT{hex:48}\n");
    assert_stopped(&files(&place, "sub", &["b.env"]), "sub/b.env:1:3");
    assert_stopped(&files(&place, "", &["./sub/../sub/b.env"]), "sub/b.env:1:3");
    assert_stopped(&files(&place, "", &[place.at("sub/b.env").to_str().unwrap()]), "sub/b.env:1:3");
    assert_silent(&files(&place, "sub", &["../a.env"]));
    place.git(&["add", "."]);
    assert_stopped(&files(&place, "sub", &["b.env"]), "sub/b.env:1:3 (staged)");
}

#[test]
fn what_cannot_be_looked_at_does_not_pass() {
    let place = repository();
    for (name, why) in
        [("absent", "absent"), ("sub", "it is a folder"), ("../absent", "absent"), ("no/such", "no/such")]
    {
        let output = files(&place, "", &["a.env", name]);
        assert_eq!(output.status.code(), Some(3), "{name} {}", said(&output));
        assert!(said(&output).contains(why), "{name} {}", said(&output));
    }
    let pipe = std::process::Command::new("mkfifo").arg(place.at("pipe")).status().unwrap();
    assert!(pipe.success());
    assert_eq!(files(&place, "", &["pipe"]).status.code(), Some(3));
}

#[test]
fn a_file_elsewhere_is_scanned_and_a_link_is_what_it_says() {
    let place = repository();
    place.file("../elsewhere", "A=PT{hex:48}\n");
    assert_stopped(&files(&place, "", &["../elsewhere"]), "elsewhere:1:3");
    symlink("../elsewhere", place.at("link")).unwrap();
    assert_silent(&files(&place, "", &["link"]));
    symlink(place.text("PT{hex:48}"), place.at("telling")).unwrap();
    assert_stopped(&files(&place, "", &["telling"]), "telling:1:1");
    place.git(&["add", "."]);
    assert_stopped(&files(&place, "", &["telling"]), "telling:1:1 (staged)");
}

#[test]
fn what_is_deleted_or_another_repository_is_passed_over() {
    let place = repository();
    place.git(&["rm", "-q", "a.env"]);
    place.git(&["init", "-q", "module"]);
    let output = files(&place, "", &["a.env", "module"]);
    assert!(output.status.success(), "{}", said(&output));
    assert_eq!(said(&output), "barewire: 0 files scanned\n");
}

#[test]
fn without_names_what_is_staged_is_scanned() {
    let place = repository();
    let output = files(&place, "", &[]);
    assert!(output.status.success() && said(&output) == "barewire: 0 files scanned\n", "{}", said(&output));
    place.file("a.env", "A=PT{hex:48}\n").git(&["add", "."]);
    assert_stopped(&files(&place, "", &[]), "a.env:1:3 (staged)");
    assert_stopped(&run(&place, "", &[], &[], ""), "a.env:1:3 (staged)");
}

#[test]
fn what_is_excluded_is_said() {
    let place = repository();
    let output = run(&place, "", &["--exclude", "*.env", "--", "a.env"], &[], "");
    assert!(output.status.success(), "{}", said(&output));
    assert_eq!(said(&output), "barewire: 0 files scanned: --exclude left out what could have been scanned\n");
}

#[test]
fn a_file_that_is_called_like_a_stage_is_a_file() {
    let place = repository();
    place.file("pre-push", "A=PT{hex:48}\n").file("-x", "A=1\n");
    assert_stopped(&files(&place, "", &["pre-push", "-x"]), "pre-push:1:3");
    place.git(&["add", "."]);
    assert_stopped(&files(&place, "", &["pre-push"]), "pre-push:1:3 (staged)");
    // Without the dashes it is a stage, and says that it was given nothing.
    let output = run(&place, "", &["pre-push"], &[], "");
    assert!(said(&output).contains("names no ref to push"), "{}", said(&output));
}

#[test]
fn a_stage_that_is_spelt_wrong_or_that_is_none_is_an_error() {
    let place = repository();
    place.file("precommit", "A=1\n").git(&["add", "."]);
    for word in ["precommit", "pre_push", "pre-rebase", "post-commit"] {
        let output = run(&place, "", &[word], &[], "");
        assert_eq!(output.status.code(), Some(2), "{word} {}", said(&output));
        assert!(said(&output).contains(&format!("{word} is no stage; they are pre-commit, ")), "{}", said(&output));
    }
    assert_silent(&files(&place, "", &["precommit"]));
}

#[test]
fn a_file_whose_name_holds_a_secret_is_named_and_masked() {
    let place = repository();
    let name = place.text("PT{hex:48}");
    place.file(&name, "A=1\n");
    assert_stopped(&files(&place, "", &[&name]), "PT");
    place.git(&["add", "."]);
    assert_stopped(&files(&place, "", &[&name]), "PT");
}

#[test]
fn nothing_is_written_into_the_repository() {
    let place = repository();
    place.file("a.env", "A=PT{hex:48}\n").git(&["add", "."]);
    let before = place.state();
    assert_stopped(&files(&place, "", &["a.env", "c.env"]), "a.env:1:3");
    assert_eq!(place.state(), before);
}

#[test]
fn outside_of_a_repository_nothing_is_said_to_be_clean() {
    let place = Place::new();
    place.file("a.env", "A=1\n");
    assert_eq!(files(&place, "", &["a.env"]).status.code(), Some(2));
}

#[test]
fn a_folder_that_is_no_submodule_was_not_looked_at() {
    let place = repository();
    place.git(&["init", "-q", "../other"]);
    for name in [".", "", "sub", "sub/..", "../other"] {
        let output = files(&place, "", &[name]);
        assert_eq!(output.status.code(), Some(3), "{name}: {}", said(&output));
        assert!(said(&output).contains("it is a folder"), "{name}: {}", said(&output));
    }
}
