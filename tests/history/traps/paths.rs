//! 6.4: paths.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;

use super::assert_found;
use crate::support::repo::{Repo, leak};

/// Rows: quoted, non-ASCII, newline and tab names; `:` in names; what a pathspec would take for magic.
const NAMES: [&str; 14] = [
    "with space.env",
    "tab\there.env",
    "line\nbreak.env",
    "\"quoted\".env",
    "back\\slash.env",
    "grüße/日本.env",
    "e\u{301}.env",
    "a:b:1.env",
    ":(exclude)x.env",
    "*.env",
    "[a].env",
    "-rf",
    " => {old => new}.env",
    "a/b/c/d/e/f/g/h/i/j/k/l/m/n/o/p.env",
];

#[test]
fn every_name_is_reported_as_it_is() {
    let repo = Repo::new();
    repo.commit("first", "one\n");
    let mut expected = Vec::new();
    for name in NAMES {
        let token = repo.token();
        repo.file(name, leak(&token));
        expected.push((name, token));
    }
    let expected: Vec<_> = expected.iter().map(|(name, token)| (*name, &**token)).collect();
    assert_found(&repo.report(["changes"]), &expected);
    repo.git(["add", "-A"]);
    assert_found(&repo.report(["staged"]), &expected);
    repo.git(["commit", "-q", "-m", "change"]);
    assert_found(&repo.report(["history"]), &expected);
    assert_found(&repo.report(["history", "--range", "HEAD~1..HEAD"]), &expected);
}

/// Row: names that are not UTF-8 are bytes.
#[test]
fn a_name_that_is_no_text_is_shown_by_its_bytes() {
    let repo = Repo::new();
    repo.commit("first", "one\n");
    let token = repo.token();
    let name = OsStr::from_bytes(b"f\xff/b\xe9.env");
    repo.file(name, leak(&token)).git([OsStr::new("add"), name]);
    let expected = [(r"f\xFF/b\xE9.env", &*token)];
    assert_found(&repo.report(["staged"]), &expected);
    repo.git(["commit", "-q", "-m", "change"]);
    assert_found(&repo.report(["history"]), &expected);
    assert_found(&repo.report(["history", "--range", "HEAD~1..HEAD"]), &expected);
}

/// Row: a hook that is run from a subfolder misses nothing.
#[test]
fn from_a_subfolder_all_of_the_repository_is_searched() {
    let repo = Repo::new();
    let [old, staged, untracked] = [(); 3].map(|()| repo.token());
    repo.commit("old.env", leak(&old));
    repo.commit("sub/deep/a", "one\n");
    repo.file("staged.env", leak(&staged)).git(["add", "staged.env"]);
    repo.file("untracked.env", leak(&untracked));
    for folder in ["work/sub", "work/sub/deep"] {
        let inside = repo.beside(folder);
        assert_found(&inside.report(["history"]), &[("old.env", &old), ("staged.env", &staged)]);
        assert_found(&inside.report(["staged"]), &[("staged.env", &staged)]);
        let changes = inside.report(["changes"]);
        assert_found(&changes, &[("staged.env", &staged), ("untracked.env", &untracked)]);
        assert_found(&inside.report(["history", "--range", "HEAD"]), &[("old.env", &old)]);
    }
}

/// A repository can be named from anywhere.
#[test]
fn a_repository_is_found_by_any_of_its_folders() {
    let repo = Repo::new();
    let token = repo.token();
    repo.commit("sub/old.env", leak(&token));
    let top = repo.beside(".");
    for place in ["work", "work/", "work/sub", "work/.git", "./work/sub/.."] {
        assert_found(&top.report(["history", place]), &[("sub/old.env", &token)]);
    }
    assert_eq!(top.barewire(["history", "work/.git/nothing"]).code, 2);
    assert_eq!(top.barewire(["history", "home"]).code, 2);
}

/// Row: case-insensitive file systems and `core.precomposeUnicode`. The name is that of the index.
#[test]
fn settings_for_other_file_systems_change_no_name() {
    let repo = Repo::new();
    repo.commit("first", "one\n");
    repo.git(["config", "core.ignoreCase", "true"]);
    repo.git(["config", "core.precomposeUnicode", "true"]);
    repo.git(["config", "core.protectHFS", "true"]);
    let [upper, lower, apart] = [(); 3].map(|()| repo.token());
    let expected = [("README.env", &*upper), ("readme.env", &*lower), ("e\u{301}.env", &*apart)];
    for (name, token) in expected {
        let blob = repo.blob(leak(token));
        repo.git(["update-index", "--add", "--cacheinfo", &format!("100644,{blob},{name}")]);
    }
    assert_found(&repo.report(["staged"]), &expected);
    repo.git(["commit", "-q", "-m", "change"]);
    assert_found(&repo.report(["history"]), &expected);
}
