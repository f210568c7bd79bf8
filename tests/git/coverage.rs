//! How much a history is, and what of it is not there.

use std::fs;

use barewire::git::{Coverage, Referrer};

use super::place::Place;
use super::telling::tell;

fn coverage(place: &Place, folder: &str) -> Coverage {
    tell(place, folder, "nothing").coverage
}

/// Removes a loose object.
fn lose(place: &Place, id: &str) {
    fs::remove_file(place.at(format!(".git/objects/{}/{}", &id[..2], &id[2..]))).unwrap();
}

#[test]
fn everything_is_counted() {
    let place = Place::repository();
    place.file("pointer", "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n");
    place.commit_file("a", "1", "one");
    place.git("tag -a -m x v1");
    place.git("update-index --add --cacheinfo 160000,1234567890123456789012345678901234567890,sub");
    place.git("commit -q -m two");
    let coverage = coverage(&place, "");
    assert_eq!((coverage.refs, coverage.commits, coverage.trees, coverage.blobs, coverage.tags), (3, 2, 2, 2, 1));
    assert_eq!((coverage.lfs_pointers, coverage.submodules), (1, 1));
    assert_eq!((coverage.missing_count, coverage.missing, coverage.unread), (0, vec![], vec![]));
}

#[test]
fn empty_trees_and_files_are_never_missing() {
    let place = Place::repository();
    place.git("commit -q --allow-empty -m zero");
    place.commit_file("empty", "", "one");
    let empty = place.git("rev-parse HEAD:empty");
    lose(&place, &empty);
    assert_eq!(coverage(&place, "").missing_count, 0);
}

#[test]
fn a_missing_blob_is_named_with_its_path() {
    let place = Place::repository();
    place.commit_file("d/e/a", "1", "one").commit_file("b", "2", "two");
    let blob = place.git("rev-parse HEAD:d/e/a");
    let tree = place.git("rev-parse HEAD:d/e");
    lose(&place, &blob);
    let found = coverage(&place, "");
    assert_eq!(found.missing_count, 1);
    assert_eq!((found.missing[0].id.to_string(), &found.missing[0].path[..]), (blob, &b"d/e/a"[..]));
    assert!(
        matches!(&found.missing[0].referrer, Referrer::Tree(id) if id.to_string() == tree)
            || found.missing[0].referrer == Referrer::Index
    );
}

#[test]
fn a_missing_tree_is_named_by_who_needs_it() {
    let place = Place::repository();
    place.commit_file("d/a", "1", "one").commit_file("b", "2", "two");
    let (inner, outer) = (place.git("rev-parse HEAD:d"), place.git("rev-parse HEAD~1^{tree}"));
    lose(&place, &inner);
    lose(&place, &outer);
    let found = coverage(&place, "");
    let missing: Vec<_> = found.missing.iter().map(|missing| (missing.id.to_string(), missing.path.clone())).collect();
    let mut expected = vec![(inner, b"d".to_vec()), (outer, Vec::new())];
    expected.sort();
    assert_eq!(missing, expected);
}

#[test]
fn a_missing_commit_is_missed_by_refs_and_by_its_children() {
    let place = Place::repository();
    place.commit("one").commit("two");
    let (one, two) = (place.git("rev-parse HEAD~1"), place.git("rev-parse HEAD"));
    fs::remove_dir_all(place.at(".git/logs")).unwrap();
    lose(&place, &one);
    let found = coverage(&place, "");
    assert_eq!((found.missing_count, found.missing[0].id.to_string()), (1, one));
    assert!(matches!(&found.missing[0].referrer, Referrer::Commit(id) if id.to_string() == two));
    lose(&place, &two);
    assert_eq!(coverage(&place, "").missing[0].referrer, Referrer::Reference(b"HEAD".to_vec()));
}

#[test]
fn what_only_unreachable_trees_need_is_not_missed() {
    let place = Place::repository();
    place.commit("one").commit_file("a", "1", "two");
    let blob = place.git("rev-parse HEAD:a");
    place.git("reset -q --hard HEAD~1");
    lose(&place, &blob);
    assert_eq!(coverage(&place, "").missing_count, 1);
    place.git("reflog expire --expire=now --all");
    fs::remove_file(place.at(".git/ORIG_HEAD")).unwrap();
    assert_eq!(coverage(&place, "").missing_count, 0);
}

#[test]
fn a_shallow_clone_ends_at_its_boundary_and_misses_nothing() {
    let place = Place::new();
    place.git("init -q -b trunk main");
    for message in ["one", "two", "three"] {
        place.file("main/a", message).file("main/s", "secret").git_in("main", "add .");
        place.git_in("main", &format!("commit -q -m {message}"));
    }
    let url = format!("clone -q --depth 2 file://{}/main shallow", place.root.display());
    place.git(&url);
    let telling = tell(&place, "shallow", "secret");
    assert_eq!(telling.words[1], "s: two..three, in head, on trunk, at origin/trunk");
    let found = telling.coverage;
    assert_eq!(found.missing_count, 0);
    assert_eq!(found.shallow.len(), 1);
    assert_eq!(found.shallow[0].to_string(), place.git_in("main", "rev-parse HEAD~1"));
}

#[test]
fn a_partial_clone_misses_what_was_not_fetched_and_fetches_nothing() {
    let place = Place::new();
    place.git("init -q -b trunk main");
    place.git_in("main", "config uploadpack.allowFilter true");
    place.file("main/a", "1").git_in("main", "add .");
    place.git_in("main", "commit -q -m one");
    place.git(&format!("clone -q --no-checkout --filter=blob:none file://{}/main partial", place.root.display()));
    let found = coverage(&place, "partial");
    assert_eq!((found.missing_count, &found.missing[0].path[..]), (1, &b"a"[..]));
    assert_eq!(found.blobs, 0);
}

#[test]
fn a_commit_without_a_tree_is_told_if_a_root_leads_to_it() {
    let place = Place::repository();
    place.commit("one");
    let id = place.feed("hash-object -t commit -w --literally --stdin", b"no tree\n\nmessage\n");
    assert_eq!(coverage(&place, "").unread, []);
    place.file(".git/refs/tags/odd", &format!("{id}\n"));
    assert_eq!(coverage(&place, "").unread[0].name, format!("commit {id}").into_bytes());
}
