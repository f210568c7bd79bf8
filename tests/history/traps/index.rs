//! 6.6: what an index can hold, and what `staged` makes of it. And what it never does: report what is not new, or write.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use super::{assert_found, assert_tokens};
use crate::support::repo::{Repo, leak, word};

fn origin_of(report: &crate::support::repo::Report, value: &str) -> String {
    let found = report.of_value(value);
    assert_eq!(found.len(), 1, "{report}");
    word(found[0], "origin").to_owned()
}

/// Row: intent-to-add.
#[test]
fn what_is_only_meant_to_be_added_is_not_staged() {
    let repo = Repo::new();
    repo.commit("a", "one\n");
    let token = repo.token();
    repo.file("later.env", leak(&token)).git(["add", "-N", "later.env"]);
    assert_found(&repo.report(["staged"]), &[]);
    assert_found(&repo.report(["history"]), &[]);
    let report = repo.report(["changes"]);
    assert_found(&report, &[("later.env", &token)]);
    assert!(matches!(&*origin_of(&report, &token), "unstaged" | "untracked"), "{report}");
}

/// Row: conflict stages 1 to 3.
#[test]
fn a_conflict_can_be_looked_at_before_and_after_it_is_resolved() {
    let repo = Repo::new();
    let [ours, theirs, typed] = [(); 3].map(|()| repo.token());
    repo.commit("a", "one\n");
    repo.git(["checkout", "-q", "-b", "side"]);
    repo.commit("a", leak(&theirs));
    repo.git(["checkout", "-q", "trunk"]);
    repo.commit("a", leak(&ours));
    assert!(!repo.command().args(["merge", "-q", "side"]).output().unwrap().status.success());
    assert!(repo.git(["ls-files", "--unmerged"]).lines().count() == 3);
    let report = repo.report(["staged"]);
    assert!(matches!(report.code(), 0 | 1 | 3), "{report}");
    assert_found(&repo.report(["history"]), &[("a", &ours), ("a", &theirs)]);
    // What is theirs is new here, and is about to be merged; what is ours is not.
    assert!(repo.report(["changes"]).of_value(&ours).is_empty());
    repo.file("a", leak(&typed)).git(["add", "a"]);
    assert_found(&repo.report(["staged"]), &[("a", &typed)]);
}

/// During a rebase and a cherry-pick that stopped.
#[test]
fn staged_works_during_a_rebase_and_a_cherry_pick() {
    for operation in ["rebase", "cherry-pick"] {
        let repo = Repo::new();
        repo.commit("a", "one\n");
        repo.git(["checkout", "-q", "-b", "side"]);
        repo.commit("a", "two\n");
        repo.git(["checkout", "-q", "-b", "topic", "trunk"]);
        repo.commit("a", "three\n");
        assert!(!repo.command().args([operation, "side"]).output().unwrap().status.success(), "{operation}");
        let token = repo.token();
        repo.file("a", leak(&token)).git(["add", "a"]);
        assert_found(&repo.report(["staged"]), &[("a", &token)]);
        assert_found(&repo.report(["history"]), &[("a", &token)]);
    }
}

/// Row: `skip-worktree` and `assume-unchanged`. The entry still goes into the commit.
#[test]
fn an_entry_is_searched_whose_file_is_not_looked_at() {
    for flag in ["--skip-worktree", "--assume-unchanged"] {
        let repo = Repo::new();
        repo.commit("a", "one\n");
        let token = repo.token();
        repo.file("a", leak(&token)).git(["add", "a"]);
        repo.git(["update-index", flag, "a"]);
        fs::remove_file(repo.at("a")).unwrap();
        assert_found(&repo.report(["staged"]), &[("a", &token)]);
        assert_tokens(&repo.report(["changes"]), &[("a", &token)]);
        assert_found(&repo.report(["history"]), &[("a", &token)]);
    }
}

/// Rows: sparse index, split index, version 4, extensions of fsmonitor and of the cache of untracked files.
#[test]
fn every_form_of_index_can_be_committed_from() {
    let forms: [(&str, &[&[&str]]); 8] = [
        ("version 2", &[&["update-index", "--index-version", "2"]]),
        ("version 3", &[&["update-index", "--skip-worktree", "in/old.env"]]),
        ("version 4", &[&["update-index", "--index-version", "4"]]),
        ("split", &[&["update-index", "--split-index"]]),
        ("untracked cache", &[&["update-index", "--force-untracked-cache"], &["status"]]),
        (
            "fsmonitor",
            &[
                &["config", "core.fsmonitor", "true"],
                &["config", "core.fsmonitor", "/bin/false"],
                &["update-index", "--fsmonitor"],
            ],
        ),
        ("sparse", &[&["sparse-checkout", "set", "--cone", "--sparse-index", "in"]]),
        ("many threads", &[&["config", "index.threads", "4"], &["config", "index.recordOffsetTable", "true"]]),
    ];
    for (what, setup) in forms {
        let repo = Repo::new();
        let [old, far, token] = [(); 3].map(|()| repo.token());
        repo.commit("in/old.env", leak(&old));
        repo.commit("out/far/old.env", leak(&far));
        for args in setup {
            repo.git(*args);
        }
        repo.file("in/new.env", leak(&token)).git(["add", "in/new.env"]);
        // Git itself gives a shared index the time at which it was last read.
        let image = || {
            let mut image = image(&repo.git_dir());
            image.retain(|path, _| what != "split" || !path.to_str().unwrap().contains("/sharedindex."));
            image
        };
        let before = image();
        assert_found(&repo.report(["staged"]), &[("in/new.env", &token)]);
        assert_tokens(&repo.report(["changes"]), &[("in/new.env", &token)]);
        let all = [("in/old.env", &*old), ("out/far/old.env", &*far), ("in/new.env", &*token)];
        assert_found(&repo.report(["history"]), &all);
        assert_unchanged(&before, &image(), what);
    }
}

/// Row: sparse index, with something new where nothing is checked out.
#[test]
fn what_is_staged_outside_of_a_sparse_checkout_is_found() {
    let repo = Repo::new();
    repo.commit("in/a", "one\n");
    repo.commit("out/b", "one\n");
    repo.git(["sparse-checkout", "set", "--cone", "--sparse-index", "in"]);
    let token = repo.token();
    repo.file("out/new.env", leak(&token)).git(["add", "--sparse", "out/new.env"]);
    assert_found(&repo.report(["staged"]), &[("out/new.env", &token)]);
    assert_found(&repo.report(["history"]), &[("out/new.env", &token)]);
}

/// Row: initial commit.
#[test]
fn before_the_first_commit_all_that_is_staged_is_new() {
    for options in [&[][..], &["--object-format=sha256"], &["--ref-format=reftable"]] {
        let repo = Repo::init(options);
        assert_found(&repo.report(["staged"]), &[]);
        assert_found(&repo.report(["changes"]), &[]);
        let [staged, untracked] = [(); 2].map(|()| repo.token());
        repo.file("a.env", leak(&staged)).file("b.env", leak(&untracked)).git(["add", "a.env"]);
        assert_found(&repo.report(["staged"]), &[("a.env", &staged)]);
        let changes = repo.report(["changes"]);
        assert_found(&changes, &[("a.env", &staged), ("b.env", &untracked)]);
        assert_eq!(
            (origin_of(&changes, &staged), origin_of(&changes, &untracked)),
            ("index".into(), "untracked".into())
        );
        assert_found(&repo.report(["history"]), &[("a.env", &staged)]);
    }
}

/// Row: partially staged files. HEAD, the index and the file are three versions.
#[test]
fn of_a_file_that_is_staged_in_part_the_right_version_is_searched() {
    let repo = Repo::new();
    let [head, index, file] = [(); 3].map(|()| repo.token());
    repo.commit("a.env", leak(&head));
    repo.file("a.env", leak(&index)).git(["add", "a.env"]);
    repo.file("a.env", leak(&file));
    let report = repo.report(["staged"]);
    assert_found(&report, &[("a.env", &index)]);
    assert_eq!(origin_of(&report, &index), "index");
    let report = repo.report(["changes"]);
    assert_found(&report, &[("a.env", &index), ("a.env", &file)]);
    assert_eq!((origin_of(&report, &index), origin_of(&report, &file)), ("index".into(), "unstaged".into()));
    assert_found(&repo.report(["history"]), &[("a.env", &head), ("a.env", &index)]);
}

#[test]
fn an_old_secret_in_an_edited_file_does_not_block() {
    let repo = Repo::new();
    let [old, new] = [(); 2].map(|()| repo.token());
    repo.commit("a.env", format!("{}b\n", leak(&old)));
    repo.file("a.env", format!("{}b\nc\n", leak(&old))).git(["add", "a.env"]);
    assert_found(&repo.report(["staged"]), &[]);
    repo.file("a.env", format!("b\nc\nd\n{}", leak(&old))).git(["add", "a.env"]);
    assert_found(&repo.report(["staged"]), &[]);
    repo.file("a.env", format!("{}b\n{}", leak(&old), leak(&new))).git(["add", "a.env"]);
    assert_found(&repo.report(["staged"]), &[("a.env", &new)]);
    // It was a line of the same file; now it stands in another, and not in this one.
    repo.git(["reset", "-q", "--hard"]);
    repo.file("a.env", "b\n").file("c.env", leak(&old)).git(["add", "-A"]);
    assert_found(&repo.report(["staged"]), &[]);
}

/// All files below a folder, with their content and time.
fn image(folder: &Path) -> BTreeMap<PathBuf, (Vec<u8>, std::time::SystemTime)> {
    let mut image = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let metadata = fs::symlink_metadata(&path).unwrap();
            if metadata.is_dir() {
                folders.push(path.clone());
            }
            let content = if metadata.is_file() { fs::read(&path).unwrap() } else { Vec::new() };
            image.insert(path, (content, metadata.modified().unwrap()));
        }
    }
    image
}

fn assert_unchanged<T: PartialEq>(before: &BTreeMap<PathBuf, T>, after: &BTreeMap<PathBuf, T>, what: &str) {
    let differs = |path: &&PathBuf| before.get(*path) != after.get(*path);
    let changed: Vec<_> = before.keys().chain(after.keys()).filter(differs).collect();
    assert!(changed.is_empty(), "{what}: {changed:?}");
}

#[test]
fn nothing_is_written_into_a_repository() {
    let repo = Repo::new();
    repo.commit("a.env", "one\n");
    repo.commit("b/c.env", "one\n");
    let [staged, unstaged] = [(); 2].map(|()| repo.token());
    repo.file("a.env", leak(&staged)).git(["add", "a.env"]);
    repo.file("a.env", leak(&unstaged)).file("new", "two\n");
    // The file is as it was, but its time is not: git would refresh the index.
    let later = fs::metadata(repo.at("b/c.env")).unwrap().modified().unwrap() + std::time::Duration::from_secs(9);
    fs::File::options().write(true).open(repo.at("b/c.env")).unwrap().set_modified(later).unwrap();
    let before = image(&repo.git_dir());
    for args in [
        &["staged"][..],
        &["changes"],
        &["history"],
        &["history", "--unreachable"],
        &["history", "--no-story"],
        &["history", "--range", "HEAD"],
    ] {
        assert_eq!(repo.report(args).code(), i32::from(!args.contains(&"--range")));
        assert_unchanged(&before, &image(&repo.git_dir()), &format!("{args:?}"));
    }
}
