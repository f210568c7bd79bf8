//! Every form of index and of entry; and that nothing of the repository is written.

use std::fs;
use std::os::unix::fs::symlink;

use super::place::Place;

const TOKEN: &str = "A=PT{hex:48}\n";

/// A repository with some files, one of which holds a token.
fn sample(options: &[&str]) -> Place {
    let place = Place::repository_as(options);
    place.file("a.env", "A=PT{same:old=hex:48}\n").file("b/c.env", "C=1\n").file("b/d/e.env", "E=1\n");
    place.file("f/g.env", "G=1\n").commit("top.env", "T=1\n");
    place
}

/// Stages an edit of the old file, a new secret, and the removal of a file; and says whether just the new one is found.
fn is_understood(place: &Place, name: &str) {
    place.file("a.env", "# it\nA=PT{same:old}\n").file("b/d/e.env", TOKEN).git(&["add", "a.env", "b/d/e.env"]);
    place.git(&["rm", "-q", "--cached", "top.env"]);
    let before = place.state();
    assert_eq!(place.staged(), ["b/d/e.env:1 index"], "{name}");
    assert!(place.state() == before, "{name}: nothing is written");
}

#[test]
fn every_form_of_index_is_understood() {
    let forms: [(&str, &[&str]); 5] = [
        ("2", &["update-index", "--index-version", "2"]),
        ("3", &["update-index", "--index-version", "3"]),
        ("4", &["update-index", "--index-version", "4"]),
        ("split", &["update-index", "--split-index"]),
        ("untracked cache", &["update-index", "--force-untracked-cache"]),
    ];
    for (name, args) in forms {
        let place = sample(&[]);
        place.git(args);
        is_understood(&place, name);
    }
}

#[test]
fn every_form_of_repository_is_understood() {
    for option in ["--object-format=sha256", "--ref-format=reftable"] {
        let place = sample(&[option]);
        is_understood(&place, option);
        let first = Place::repository_as(&[option]);
        first.file("a.env", TOKEN).git(&["add", "."]);
        assert_eq!(first.staged(), ["a.env:1 index"], "{option}, before the first commit");
    }
}

#[test]
fn an_index_without_notes_of_folders_is_compared_whole() {
    let place = sample(&[]);
    fs::remove_file(place.at(".git/index")).unwrap();
    place.git(&["update-index", "--add", "a.env", "b/c.env", "b/d/e.env", "f/g.env", "top.env"]);
    assert_eq!(place.staged(), [""; 0]);
    is_understood(&place, "without");
}

#[test]
fn a_repository_that_was_packed_is_read() {
    let place = sample(&[]);
    place.git(&["gc", "-q"]);
    is_understood(&place, "packed");
}

#[test]
fn folders_of_a_sparse_index_are_compared_as_trees() {
    let place = sample(&[]);
    place.git(&["sparse-checkout", "set", "--cone", "--sparse-index", "f"]);
    assert!(!place.at("b").exists());
    place.file("f/h.env", TOKEN).git(&["add", "--sparse", "f/h.env"]);
    assert_eq!(place.staged(), ["f/h.env:1 index"]);
    place.git(&["commit", "-qm", "one"]);
    // Now the index has a folder as one entry, and another tree for it than HEAD.
    place.git(&["reset", "-q", "--soft", "HEAD~1"]);
    assert_eq!(place.staged(), ["f/h.env:1 index"]);
}

#[test]
fn a_folder_outside_of_a_sparse_working_tree_can_change() {
    let place = sample(&[]);
    place.file("b/d/e.env", TOKEN).commit("b/x.env", "X=PT{hex:48}\n");
    place.git(&["sparse-checkout", "set", "--cone", "--sparse-index", "f"]);
    place.git(&["reset", "-q", "--soft", "HEAD~1"]);
    assert_eq!(place.staged(), ["b/d/e.env:1 index", "b/x.env:1 index"]);
    assert_eq!(place.run("", &["changes"]).sound(), ["b/d/e.env:1 index", "b/x.env:1 index"]);
}

#[test]
fn what_is_only_announced_is_not_part_of_the_commit() {
    let place = sample(&[]);
    place.file("new.env", TOKEN).git(&["add", "-N", "new.env"]);
    assert_eq!(place.staged(), [""; 0]);
    assert_eq!(place.run("", &["changes"]).sound(), ["new.env:1 unstaged"]);
    place.git(&["add", "new.env"]);
    assert_eq!(place.staged(), ["new.env:1 index"]);
}

#[test]
fn what_is_not_to_be_looked_at_counts_as_the_index_says() {
    for flag in ["--skip-worktree", "--assume-unchanged"] {
        let place = sample(&[]);
        place.file("f/g.env", TOKEN).git(&["add", "f/g.env"]);
        place.git(&["update-index", flag, "f/g.env"]);
        place.file("f/g.env", "G=2\n");
        assert_eq!(place.staged(), ["f/g.env:1 index"], "{flag}");
        place.git(&["commit", "-qm", "one"]);
        place.file("f/g.env", TOKEN);
        assert_eq!(place.staged(), [""; 0], "{flag}");
        assert_eq!(place.git(&["status", "--short"]), "", "{flag}: git does not look");
        assert_eq!(place.run("", &["changes"]).sound(), [""; 0], "{flag}");
    }
}

#[test]
fn a_file_that_came_back_into_a_sparse_working_tree_is_looked_at() {
    let place = sample(&[]);
    place.git(&["sparse-checkout", "set", "--cone", "f"]);
    place.file("b/c.env", TOKEN);
    assert_eq!(place.git(&["status", "--short"]), " M b/c.env");
    assert_eq!(place.run("", &["changes"]).sound(), ["b/c.env:1 unstaged"]);
}

#[test]
fn a_link_becomes_a_file_and_a_file_a_link() {
    let place = sample(&[]);
    symlink(place.text("PT{hex:48}"), place.at("link")).unwrap();
    place.git(&["add", "."]);
    assert_eq!(place.staged(), ["link:1 index"], "where a link points is content");
    place.git(&["commit", "-qm", "one"]);
    fs::remove_file(place.at("link")).unwrap();
    place.file("link", TOKEN).git(&["add", "."]);
    assert_eq!(place.staged(), ["link:1 index"]);
    fs::remove_file(place.at("f/g.env")).unwrap();
    symlink(place.text("PT{hex:48}"), place.at("f/g.env")).unwrap();
    assert_eq!(place.run("", &["changes"]).sound(), ["f/g.env:1 unstaged", "link:1 index"]);
}

#[test]
fn what_a_submodule_points_at_belongs_to_another_repository() {
    let other = sample(&[]);
    let place = sample(&[]);
    place.git(&["submodule", "--quiet", "add", other.root.to_str().unwrap(), "vendor"]);
    assert_eq!(place.staged(), [""; 0]);
    place.git(&["commit", "-qm", "one"]);
    place.file("vendor/a.env", TOKEN);
    assert_eq!(place.run("", &["changes"]).sound(), [""; 0]);
    place.git_in("vendor", &["add", "."]);
    assert_eq!(place.run("vendor", &["staged"]).sound(), ["a.env:1 index"], "from inside it is a repository");
}

#[test]
fn what_cannot_be_understood_is_an_error() {
    let place = sample(&[]);
    place.file(".git/index", "DIRC, not");
    let scanned = place.run("", &["staged"]);
    assert_eq!(scanned.code, 2, "{scanned:?}");
    let place = Place::new();
    let scanned = place.run("", &["staged"]);
    assert_eq!((scanned.code, scanned.report.is_null()), (2, true), "{scanned:?}");
    place.git(&["init", "-q", "--bare", "."]);
    let scanned = place.run("", &["staged"]);
    assert_eq!(scanned.code, 2, "{scanned:?}");
    assert!(scanned.stderr.contains("has no working tree\nhelp: "), "{scanned:?}");
}

#[test]
fn an_object_that_is_missing_is_a_problem() {
    let place = sample(&[]);
    place.file("new.env", TOKEN).git(&["add", "."]);
    let id = place.git(&["rev-parse", ":new.env"]);
    fs::remove_file(place.at(format!(".git/objects/{}/{}", &id[..2], &id[2..]))).unwrap();
    let scanned = place.run("", &["staged"]);
    assert_eq!((scanned.code, scanned.problems()), (3, vec!["missing"]), "{scanned:?}");
}

#[test]
fn an_old_side_that_is_missing_makes_the_result_incomplete() {
    let place = sample(&[]);
    let id = place.git(&["rev-parse", ":a.env"]);
    place.file("a.env", "# it\nA=PT{same:old}\n").git(&["add", "."]);
    fs::remove_file(place.at(format!(".git/objects/{}/{}", &id[..2], &id[2..]))).unwrap();
    let scanned = place.run("", &["staged"]);
    assert_eq!((scanned.code, scanned.problems(), scanned.secrets().len()), (1, vec!["missing"], 1), "{scanned:?}");
}
