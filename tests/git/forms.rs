//! Repositories of every form tell the same.

use std::path::PathBuf;

use barewire::git::Environment;

use super::place::Place;
use super::telling::{tell, tell_with};

const LINE: &str = "one..one, gone in two, on trunk";

fn history(place: &Place) {
    place.commit_file("d/a", "secret", "one").commit_file("d/a", "", "two");
}

#[test]
fn long_ids_and_refs_in_tables_tell_the_same() {
    for option in ["--object-format=sha256", "--ref-format=reftable"] {
        let place = Place::new();
        if !place.try_git("", &format!("init -q -b trunk {option} .")).status.success() {
            continue;
        }
        history(&place);
        assert_eq!(tell(&place, "", "secret").words, [LINE, &format!("d/a: {LINE}")], "{option}");
        place.file("d/a", "stashed").git("stash push -q -m first");
        place.file("d/a", "again").git("stash push -q -m second");
        assert!(tell(&place, "", "stashed").words[1].starts_with("d/a: On trunk: first.."), "{option}");
        place.git("worktree add -q --detach linked");
        place.file("linked/x", "apart").git_in("linked", "add x");
        place.git_in("linked", "commit -q -m three");
        let line = "x: three..three, still in worktrees/linked/HEAD, staged";
        assert_eq!(tell(&place, "", "apart").words[1], line, "{option}");
        assert_eq!(tell(&place, "linked", "apart").words[1], "x: three..three, in head", "{option}");
        assert_eq!(tell(&place, "", "apart").coverage.unread, [], "{option}");
    }
}

#[test]
fn mirrors_packs_and_borrowed_objects_tell_the_same() {
    let place = Place::new();
    place.git("init -q -b trunk main");
    place.file("main/d/a", "secret").git_in("main", "add .");
    place.git_in("main", "commit -q -m one");
    place.file("main/d/a", "").git_in("main", "commit -q -a -m two");
    place.git("clone -q --mirror main mirror.git");
    std::fs::remove_file(place.at("mirror.git/config")).unwrap();
    place.git("clone -q --shared --bare main shared.git");
    place.git("clone -q --bare main packed.git");
    place.git_in("packed.git", "repack -q -adf");
    for folder in ["main", "mirror.git", "shared.git", "packed.git"] {
        let telling = tell(&place, folder, "secret");
        assert_eq!(telling.words[1], format!("d/a: {LINE}"), "{folder}");
        assert_eq!((telling.coverage.missing_count, telling.coverage.commits), (0, 2), "{folder}");
    }
    place.git("clone -q main cloned");
    assert_eq!(tell(&place, "cloned", "secret").words[1], format!("d/a: {LINE}, at origin/trunk"));
}

#[test]
fn the_objects_of_a_push_that_is_checked_are_found_by_the_variables() {
    let place = Place::repository();
    history(&place);
    place.git("init -q --bare -b trunk empty.git");
    let environment = Environment {
        git_dir: Some(place.at("empty.git")),
        object_directory: Some(place.at(".git/objects")),
        alternates: Some(place.at("empty.git/objects").into()),
        ..Environment::default()
    };
    let telling = tell_with(&place, "empty.git", "nothing", &environment);
    assert_eq!((telling.coverage.commits, telling.coverage.refs), (2, 0));
}

#[test]
fn the_index_that_a_hook_names_counts() {
    let place = Place::repository();
    place.commit("zero").file("a", "secret");
    place.git("add a");
    std::fs::rename(place.at(".git/index"), place.at(".git/index.lock")).unwrap();
    let environment = Environment { index_file: Some(PathBuf::from(".git/index.lock")), ..Environment::default() };
    assert_eq!(tell_with(&place, "", "secret", &environment).words[1], "a: index");
}

#[test]
fn replacements_and_grafts_change_nothing() {
    let place = Place::repository();
    history(&place);
    place.commit("three");
    place.git("replace HEAD~1 HEAD~2");
    place.file(".git/info/grafts", &format!("{}\n", place.git("rev-parse HEAD")));
    let telling = tell(&place, "", "secret");
    assert_eq!(telling.words[0], LINE);
    assert_eq!(telling.coverage.missing_count, 0);
}

#[test]
fn a_sparse_index_leads_to_what_it_does_not_list() {
    let place = Place::repository();
    place.commit_file("in/a", "", "one").commit_file("out/deep/b", "plain", "two");
    place.file("out/deep/c", "secret").git("add .");
    place.git("sparse-checkout set --cone --sparse-index in");
    assert!(!place.git("ls-files --sparse").contains("out/deep"));
    assert_eq!(tell(&place, "", "secret").words[1], "out/deep/c: index");
}
