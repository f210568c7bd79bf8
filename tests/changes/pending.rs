//! What is pending in a working tree: staged, unstaged and untracked, each labelled.

use std::fs;
use std::os::unix::fs::symlink;
use std::time::{Duration, SystemTime};

use super::place::Place;

const TOKEN: &str = "A=PT{hex:48}\n";

fn sample() -> Place {
    let place = Place::repository();
    place.file(".gitignore", "*.log\n").file("a.env", "A=PT{same:old=hex:48}\n").commit("sub/b.env", "B=1\n");
    place
}

fn pending(place: &Place) -> Vec<String> {
    place.run("", &["changes"]).sound()
}

#[test]
fn each_secret_is_labelled_by_how_far_it_came() {
    let place = sample();
    assert_eq!(pending(&place), [""; 0]);
    place.file("c.env", TOKEN).git(&["add", "c.env"]);
    place.file("sub/b.env", TOKEN).file("d.env", TOKEN).file("e.log", TOKEN);
    assert_eq!(pending(&place), ["c.env:1 index", "d.env:1 untracked", "sub/b.env:1 unstaged"]);
    assert_eq!(place.run("sub", &["changes"]).sound().len(), 3, "from any folder");
}

#[test]
fn a_file_can_be_partially_staged() {
    let place = sample();
    place.file("sub/b.env", "B=PT{same:one=hex:48}\n").git(&["add", "."]);
    place.file("sub/b.env", "B=PT{same:one}\nC=PT{hex:48}\n");
    assert_eq!(pending(&place), ["sub/b.env:1 index", "sub/b.env:2 unstaged"]);
}

#[test]
fn an_old_secret_is_not_new() {
    let place = sample();
    place.file("a.env", "# it\nA=PT{same:old}\n");
    assert_eq!(pending(&place), [""; 0], "edited");
    fs::rename(place.at("a.env"), place.at("z.env")).unwrap();
    assert_eq!(pending(&place), [""; 0], "moved to a name that is not tracked");
}

#[test]
fn a_file_that_was_only_touched_did_not_change() {
    let place = sample();
    let file = fs::File::options().append(true).open(place.at("a.env")).unwrap();
    file.set_modified(SystemTime::now() + Duration::from_secs(100)).unwrap();
    assert_eq!(pending(&place), [""; 0]);
}

#[test]
fn a_change_of_the_same_size_in_the_same_second_is_seen() {
    let place = Place::repository();
    place.commit("a.env", &format!("A={}\n", "x".repeat(50))).file("a.env", TOKEN);
    assert_eq!(pending(&place), ["a.env:1 unstaged"]);
}

#[test]
fn a_link_that_is_not_tracked_has_where_it_points_as_its_content() {
    let place = sample();
    symlink(place.text("PT{hex:48}"), place.at("link")).unwrap();
    assert_eq!(pending(&place), ["link:1 untracked"]);
    place.git(&["add", "link"]);
    assert_eq!(pending(&place), ["link:1 index"]);
    place.git(&["commit", "-qm", "one"]);
    assert_eq!(pending(&place), [""; 0]);
}

#[test]
fn what_lies_behind_a_link_is_not_looked_at() {
    let place = sample();
    place.file("../outside/b.env", TOKEN);
    fs::remove_dir_all(place.at("sub")).unwrap();
    symlink(place.at("../outside"), place.at("sub")).unwrap();
    assert_eq!(pending(&place), [""; 0]);
}

#[test]
fn a_repository_inside_is_another_one() {
    let place = sample();
    place.file("inner/a.env", TOKEN).git_in("inner", &["init", "-q"]);
    assert_eq!(pending(&place), [""; 0]);
    assert_eq!(place.run("inner", &["changes"]).sound(), ["a.env:1 untracked"]);
}

#[test]
fn a_conflict_is_looked_at_once() {
    let place = sample();
    place.git(&["checkout", "-q", "-b", "other"]);
    place.commit("sub/b.env", "B=2\n").git(&["checkout", "-q", "trunk"]);
    place.commit("sub/b.env", "B=3\n");
    assert!(!place.try_git("", &["merge", "-q", "other"]).status.success());
    place.file("sub/b.env", TOKEN);
    assert_eq!(pending(&place), ["sub/b.env:1 unstaged"]);
    place.git(&["update-index", "--split-index"]);
    assert_eq!(pending(&place), ["sub/b.env:1 unstaged"]);
}

#[test]
fn a_split_index_is_understood() {
    let place = sample();
    place.file("c.env", TOKEN).git(&["add", "c.env"]);
    place.git(&["update-index", "--split-index"]);
    place.file("sub/b.env", TOKEN).file("d.env", TOKEN);
    let before = place.state();
    assert_eq!(pending(&place), ["c.env:1 index", "d.env:1 untracked", "sub/b.env:1 unstaged"]);
    assert!(place.state() == before, "nothing is written");
}

#[test]
fn an_index_that_only_git_understands_is_read_by_git() {
    let place = sample();
    place.file("c.env", TOKEN).git(&["add", "c.env"]);
    place.git(&["update-index", "--split-index"]);
    place.file("sub/b.env", TOKEN).file("d.env", TOKEN);
    // Beside this copy there is no shared index.
    fs::copy(place.at(".git/index"), place.at("../copy")).unwrap();
    let variables = [("GIT_INDEX_FILE", "../copy")];
    let pending = place.run_with("", &["changes"], &variables);
    assert_eq!(pending.sound(), ["c.env:1 index", "d.env:1 untracked", "sub/b.env:1 unstaged"]);
    assert_eq!(place.run_with("sub", &["staged"], &variables).sound(), ["c.env:1 index"]);
    place.git(&["rm", "-q", "--cached", "a.env"]);
    fs::copy(place.at(".git/index"), place.at("../copy")).unwrap();
    place.file("z.env", "# moved\nA=PT{same:old}\n");
    assert_eq!(place.run_with("", &["staged"], &variables).sound(), ["c.env:1 index"]);
}

#[test]
fn a_repository_without_commits_has_pending_files() {
    let place = Place::repository();
    place.file("a.env", TOKEN);
    assert_eq!(pending(&place), ["a.env:1 untracked"]);
}
