//! What a history is reached from.

use std::fs;

use barewire::git::{Roots, roots};

use super::place::Place;

fn names(roots: &Roots) -> Vec<String> {
    roots.refs.iter().map(|reference| String::from_utf8_lossy(&reference.name).into_owned()).collect()
}

#[test]
fn loose_and_packed_refs_are_told_once_and_the_loose_one_counts() {
    let place = Place::repository();
    place.commit("one");
    place.git("branch deep/er/branch");
    place.git("tag -a -m x v1");
    place.git("pack-refs --all");
    place.git("symbolic-ref refs/heads/alias refs/heads/trunk");
    place.git("symbolic-ref refs/heads/dangling refs/heads/none");
    place.commit("two");
    let found = roots(&place.discover("").unwrap()).unwrap();
    let expected = ["HEAD", "refs/heads/alias", "refs/heads/deep/er/branch", "refs/heads/trunk", "refs/tags/v1"];
    assert_eq!(names(&found), expected);
    let target = |at: usize| found.refs[at].target.to_string();
    assert_eq!([target(0), target(1), target(3)], [(); 3].map(|()| place.git("rev-parse HEAD")));
    assert_eq!(target(4), place.git("rev-parse v1"));
    assert_eq!(found.head.unwrap().to_string(), place.git("rev-parse HEAD"));
    assert_eq!(found.unread, []);
}

#[test]
fn a_repository_without_commits_has_no_head() {
    let place = Place::repository();
    let found = roots(&place.discover("").unwrap()).unwrap();
    assert_eq!(found, Roots::default());
}

#[test]
fn a_broken_ref_is_told_and_foreign_files_are_not() {
    let place = Place::repository();
    place.commit("one");
    place.file(".git/refs/heads/broken", "nonsense\n").file(".git/refs/heads/.DS_Store", "x");
    place.file(".git/refs/heads/empty", "").file(".git/refs/heads/trunk.lock", "");
    place.file(".git/packed-refs", "# pack-refs with: peeled\nzzz refs/heads/x\n");
    let found = roots(&place.discover("").unwrap()).unwrap();
    let unread: Vec<_> = found.unread.iter().map(|unread| String::from_utf8_lossy(&unread.name).into_owned()).collect();
    let expected = ["packed-refs", "refs/heads/broken", "refs/heads/empty"];
    assert_eq!(unread, expected.map(|name| place.at(".git").join(name).to_str().unwrap().to_owned()));
    assert_eq!(names(&found), ["HEAD", "refs/heads/trunk"]);
}

#[test]
fn what_is_under_way_is_a_root() {
    let place = Place::repository();
    place.commit_file("a", "1", "one");
    place.git("checkout -q -b side");
    place.commit_file("a", "2", "two");
    let side = place.git("rev-parse HEAD");
    place.git("checkout -q trunk");
    place.commit_file("a", "3", "three");
    assert!(!place.try_git("", "merge -q side").status.success());
    fs::remove_dir_all(place.at(".git/logs")).unwrap();
    place.git("update-ref -d refs/heads/side");
    let found = roots(&place.discover("").unwrap()).unwrap();
    assert!(found.unfinished.iter().any(|id| id.to_string() == side));
    assert_eq!(found.staged.len(), 3);
}

#[test]
fn heads_and_own_refs_of_all_working_trees_are_named_apart() {
    let place = Place::new();
    place.git("init -q -b trunk main");
    place.git_in("main", "commit -q --allow-empty -m zero");
    place.git_in("main", "worktree add -q -b other ../linked");
    place.git_in("linked", "update-ref refs/bisect/bad HEAD");
    let main = roots(&place.discover("main").unwrap()).unwrap();
    assert_eq!(
        names(&main),
        ["HEAD", "refs/heads/other", "refs/heads/trunk", "worktrees/linked/HEAD", "worktrees/linked/refs/bisect/bad"]
    );
    let linked = roots(&place.discover("linked").unwrap()).unwrap();
    assert_eq!(
        names(&linked),
        ["HEAD", "main-worktree/HEAD", "refs/bisect/bad", "refs/heads/other", "refs/heads/trunk"]
    );
}

#[test]
fn an_index_of_any_form_is_read_and_a_file_without_content_left_out() {
    let place = Place::repository();
    place.file("a", "1").file("b", "2").git("add a b");
    place.file("later", "x").git("add -N later");
    for setup in ["update-index --index-version 4", "update-index --split-index"] {
        place.git(setup);
        let found = roots(&place.discover("").unwrap()).unwrap();
        let paths: Vec<&[u8]> = found.staged.iter().map(|staged| &staged.path[..]).collect();
        assert!(paths.starts_with(&[b"a", b"b"]), "{setup}");
        assert_eq!(found.unread, []);
    }
    place.file(".git/index", "nonsense");
    let found = roots(&place.discover("").unwrap()).unwrap();
    assert_eq!((found.staged.len(), found.unread.len()), (0, 1));
}
