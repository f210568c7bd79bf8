//! 6.1: what `git log -p` does not show.

use std::fs;
use std::os::unix::fs::symlink;

use super::{assert_found, assert_tokens};
use crate::support::repo::{Repo, leak, word};

/// A repository with a file, and a branch `side` that has another.
fn forked() -> Repo {
    let repo = Repo::new();
    repo.commit("a", "one\n");
    repo.git(["checkout", "-q", "-b", "side"]);
    repo.commit("b", "one\n");
    repo.git(["checkout", "-q", "trunk"]);
    repo
}

/// Row: merge commits (evil merge).
#[test]
fn a_token_that_only_a_merge_brings_is_found() {
    let (repo, base) = (forked(), "HEAD^1");
    repo.commit("c", "one\n");
    repo.git(["merge", "-q", "--no-commit", "side"]);
    let token = repo.token();
    let merge = repo.commit("evil.env", leak(&token));
    let report = repo.report(["history"]);
    assert_found(&report, &[("evil.env", &token)]);
    assert_eq!(word(&report.findings()[0], "commit"), merge);
    for range in ["side..trunk", "HEAD^1..HEAD", "HEAD^2..HEAD"] {
        assert_found(&repo.report(["history", "--range", range]), &[("evil.env", &token)]);
    }
    assert_found(&repo.report(["history", "--range", &format!("{base}~1..{base}")]), &[]);
}

/// Row: merge commits (conflict resolution).
#[test]
fn a_token_in_the_resolution_of_a_conflict_is_found() {
    let repo = forked();
    let token = repo.token();
    repo.commit("b", "two\n");
    let mut merge = repo.command();
    assert!(!merge.args(["merge", "-q", "side"]).output().unwrap().status.success());
    let merge = repo.commit("b", leak(&token));
    let report = repo.report(["history"]);
    assert_found(&report, &[("b", &token)]);
    assert_eq!(report.findings()[0]["story"]["first"]["commit"], *merge);
    assert_found(&repo.report(["history", "--range", "HEAD^1..HEAD"]), &[("b", &token)]);
}

/// Row: merge commits, with more than two parents.
#[test]
fn a_token_that_only_a_merge_of_many_brings_is_found() {
    let repo = forked();
    repo.git(["checkout", "-q", "-b", "other"]);
    repo.commit("c", "one\n");
    repo.git(["checkout", "-q", "trunk"]);
    repo.commit("d", "one\n");
    repo.git(["merge", "-q", "side", "other"]);
    let token = repo.token();
    repo.file("a", leak(&token)).git(["commit", "-q", "-a", "--amend", "-m", "merge"]);
    assert_eq!(repo.git(["rev-list", "--parents", "-1", "HEAD"]).split(' ').count(), 4);
    let report = repo.report(["history"]);
    assert_found(&report, &[("a", &token)]);
    assert_eq!(word(&report.findings()[0], "commit"), repo.head());
}

/// Row: stash.
#[test]
fn every_part_of_every_stash_is_searched_and_none_that_is_dropped() {
    let repo = Repo::new();
    repo.commit("a", "one\n");
    let mut expected = Vec::new();
    for _ in 0..3 {
        let [index, working, untracked] = [(); 3].map(|()| repo.token());
        repo.file("a", leak(&index)).git(["add", "a"]);
        repo.file("a", leak(&working)).file("new", leak(&untracked)).git(["stash", "-q", "-u"]);
        expected.extend([("a", index), ("a", working), ("new", untracked)]);
    }
    let expect = |count: usize| expected[..count].iter().map(|(path, value)| (*path, &**value)).collect::<Vec<_>>();
    assert_found(&repo.report(["history"]), &expect(9));
    repo.git(["stash", "drop", "-q"]);
    assert_found(&repo.report(["history"]), &expect(6));
}

/// Row: amended, reset, rebased-away commits.
#[test]
fn commits_that_only_a_reflog_leads_to_are_searched() {
    let repo = Repo::new();
    repo.commit("a", "one\n");
    let [amended, reset, rebased] = [(); 3].map(|()| repo.token());
    repo.commit("amended", leak(&amended));
    repo.file("amended", "").git(["commit", "-q", "-a", "--amend", "-m", "amended"]);
    repo.commit("reset", leak(&reset));
    repo.git(["reset", "-q", "--hard", "HEAD~1"]);
    repo.git(["checkout", "-q", "-b", "topic", "HEAD~1"]);
    repo.commit("rebased", leak(&rebased));
    repo.commit("rebased", "");
    repo.git(["reset", "-q", "--soft", "HEAD~2"]);
    repo.git(["commit", "-q", "--allow-empty", "-m", "squashed"]);
    repo.git(["rebase", "-q", "trunk"]);
    let all = [("amended", &*amended), ("reset", &reset), ("rebased", &rebased)];
    assert_found(&repo.report(["history"]), &all);
    repo.git(["reflog", "expire", "--expire=all", "--all"]);
    fs::remove_file(repo.at(".git/ORIG_HEAD")).unwrap();
    assert_found(&repo.report(["history"]), &[]);
    let report = repo.report(["history", "--unreachable"]);
    assert_eq!(report.tokens().len(), 3, "{report}");
    assert!(report.findings().iter().all(|finding| finding["reach"] == "unreachable"), "{report}");
}

/// Row: dangling commits and blobs; staged, then unstaged.
#[test]
fn what_was_staged_and_unstaged_is_found_on_request() {
    let repo = Repo::new();
    repo.commit("a", "one\n");
    let token = repo.token();
    repo.file("a", leak(&token)).git(["add", "a"]);
    assert_found(&repo.report(["history"]), &[("a", &token)]);
    assert_eq!(repo.report(["history"]).findings()[0]["reach"], "index");
    repo.git(["reset", "-q", "--hard"]);
    assert_found(&repo.report(["history"]), &[]);
    let report = repo.report(["history", "--unreachable"]);
    assert_eq!(report.of_value(&token).len(), 1, "{report}");
    assert_eq!(report.findings()[0]["reach"], "unreachable");
    assert_eq!(report.code(), 1);
}

/// Row: rename and edit.
#[test]
fn a_token_that_comes_with_a_rename_is_found() {
    let repo = Repo::new();
    let old = repo.token();
    let text: Vec<_> = (0..60).map(|line| format!("line {line}\n")).collect();
    let text = text.concat();
    repo.commit("old", format!("{text}{}", leak(&old)));
    let token = repo.token();
    fs::remove_file(repo.at("old")).unwrap();
    repo.file("new", format!("{text}{}{}", leak(&old), leak(&token))).git(["add", "-A"]);
    assert!(repo.git(["diff", "--cached", "-M", "--raw"]).contains(" R0"));
    assert_found(&repo.report(["staged"]), &[("new", &token)]);
    repo.git(["commit", "-q", "-m", "rename"]);
    assert_found(&repo.report(["history"]), &[("old", &old), ("new", &old), ("new", &token)]);
    assert_found(&repo.report(["history", "--range", "HEAD~1..HEAD"]), &[("new", &token)]);
}

/// Row: rename and edit; a name alone brings nothing new.
#[test]
fn a_renamed_or_copied_file_brings_nothing_new() {
    let repo = Repo::new();
    let token = repo.token();
    repo.commit("old", leak(&token));
    repo.git(["mv", "old", "new"]);
    assert_found(&repo.report(["staged"]), &[]);
    repo.git(["commit", "-q", "-m", "rename"]);
    assert_found(&repo.report(["history", "--range", "HEAD~1..HEAD"]), &[]);
    fs::copy(repo.at("new"), repo.at("copy")).unwrap();
    repo.git(["add", "copy"]);
    assert_found(&repo.report(["staged"]), &[]);
    repo.git(["commit", "-q", "-m", "copy"]);
    assert_found(&repo.report(["history", "--range", "HEAD~1..HEAD"]), &[]);
}

/// Row: type change.
#[test]
fn a_token_that_comes_with_a_change_of_type_is_found() {
    let repo = Repo::new();
    repo.commit("target", "one\n");
    symlink("target", repo.at("file")).unwrap();
    repo.git(["add", "file"]);
    repo.git(["commit", "-q", "-m", "link"]);
    let [token, target] = [(); 2].map(|()| repo.token());
    fs::remove_file(repo.at("file")).unwrap();
    repo.file("file", leak(&token)).git(["add", "file"]);
    assert_found(&repo.report(["staged"]), &[("file", &token)]);
    repo.git(["commit", "-q", "-m", "file"]);
    assert_found(&repo.report(["history", "--range", "HEAD~1..HEAD"]), &[("file", &token)]);
    fs::remove_file(repo.at("file")).unwrap();
    symlink(&target, repo.at("file")).unwrap();
    repo.git(["add", "file"]);
    assert_found(&repo.report(["staged"]), &[("file", &target)]);
    repo.git(["commit", "-q", "-m", "link"]);
    assert_found(&repo.report(["history", "--range", "HEAD~1..HEAD"]), &[("file", &target)]);
    assert_found(&repo.report(["history"]), &[("file", &target), ("file", &token)]);
}

/// Row: root commit.
#[test]
fn a_token_in_a_root_commit_is_found() {
    let repo = Repo::new();
    repo.git(["config", "log.showRoot", "false"]);
    let [token, orphan] = [(); 2].map(|()| repo.token());
    repo.commit("a", leak(&token));
    repo.git(["checkout", "-q", "--orphan", "other"]);
    repo.git(["rm", "-q", "--cached", "a"]);
    repo.commit("b", leak(&orphan));
    assert_found(&repo.report(["history"]), &[("a", &token), ("b", &orphan)]);
    assert_found(&repo.report(["history", "--range", "trunk..other"]), &[("b", &orphan)]);
    assert_found(&repo.report(["history", "--range", "trunk"]), &[("a", &token)]);
}

/// Row: commit message, tag message, author, branch and file names. Each is a source of its own.
#[test]
fn what_commits_tags_refs_and_files_are_called_is_searched() {
    let repo = Repo::new();
    repo.commit("a", "one\n");
    let [message, tag, author, branch, name] = [(); 5].map(|()| repo.token());
    repo.git(["commit", "-q", "--allow-empty", "-m", &leak(&message)]);
    repo.git(["tag", "-a", "-m", &leak(&tag), "v1"]);
    let author_is = format!("A {author} <a@example.com>");
    repo.git(["commit", "-q", "--allow-empty", "-m", "change", "--author", &author_is]);
    repo.git(["branch", &format!("wip-{branch}")]);
    repo.commit(format!("{name}.txt"), "one\n");
    let report = repo.report(["history"]);
    assert_eq!(report.findings().len(), 5, "{report}");
    for (value, origin) in
        [(&message, "message"), (&tag, "tag"), (&author, "message"), (&branch, "ref"), (&name, "name")]
    {
        let found = report.of_value(value);
        assert_eq!(found.len(), 1, "{origin}: {report}");
        assert_eq!(word(found[0], "origin"), origin, "{report}");
    }
    // The name of a file is masked wherever it is written.
    let output = repo.barewire(["history", "-f", "json"]);
    for value in [message, tag, author, branch, name] {
        assert!(!format!("{output}").contains(&value[..14]), "{output}");
    }
}

/// Row: notes.
#[test]
fn a_note_is_searched_and_named_by_what_it_is_for() {
    let repo = Repo::new();
    let noted = repo.commit("a", "one\n");
    let [token, other] = [(); 2].map(|()| repo.token());
    repo.git(["notes", "add", "-m", &leak(&token)]);
    repo.git(["notes", "--ref", "review", "add", "-m", &leak(&other)]);
    assert_found(&repo.report(["history"]), &[(&noted, &token), (&noted, &other)]);
}

/// Row: side branches with a base.
#[test]
fn a_range_has_the_commits_of_a_side_branch_that_are_older_than_its_base() {
    let repo = forked();
    let token = repo.token();
    repo.git(["checkout", "-q", "side"]);
    repo.commit("old", leak(&token));
    repo.commit("old", "gone\n");
    repo.git(["checkout", "-q", "trunk"]);
    for text in ["1\n", "2\n", "3\n"] {
        repo.commit("c", text);
    }
    let base = repo.head();
    repo.git(["merge", "-q", "side"]);
    let report = repo.report(["history", "--range", &format!("{base}..HEAD")]);
    assert_found(&report, &[("old", &token)]);
    assert_found(&repo.report(["history", "--range", &format!("{base}~1..{base}")]), &[]);
}

/// Every way in which a range can be written.
#[test]
fn a_range_is_what_git_rev_list_takes() {
    let repo = forked();
    let [trunk, side, both] = [(); 3].map(|()| repo.token());
    repo.commit("t", leak(&trunk));
    repo.git(["update-ref", "refs/remotes/origin/trunk", "HEAD~1"]);
    repo.git(["checkout", "-q", "side"]);
    repo.commit("s", leak(&side));
    assert_found(&repo.report(["history", "--range", "trunk..side"]), &[("s", &side)]);
    assert_found(&repo.report(["history", "--range", "trunk...side"]), &[("s", &side), ("t", &trunk)]);
    assert_found(&repo.report(["history", "--range", "side --not --remotes"]), &[("s", &side)]);
    assert_found(&repo.report(["history", "--range", "trunk side --not --remotes"]), &[("s", &side), ("t", &trunk)]);
    repo.commit("s", format!("{}{}", leak(&side), leak(&both)));
    assert_found(&repo.report(["history", "--range", "HEAD~1..HEAD"]), &[("s", &both)]);
    assert_found(&repo.report(["history", "--range", "HEAD^!"]), &[("s", &both)]);
    let output = repo.barewire(["history", "--range", "nowhere..HEAD"]);
    assert!(matches!(output.code, 2 | 3), "{output}");
    assert!(output.stderr.contains("nowhere"), "{output}");
}

/// What is added and taken away within a range is pushed with it.
#[test]
fn a_range_has_what_its_end_no_longer_has() {
    let repo = Repo::new();
    repo.commit("a", "one\n");
    let token = repo.token();
    let first = repo.commit("b", leak(&token));
    repo.commit("b", "gone\n");
    let report = repo.report(["history", "--range", "HEAD~2..HEAD"]);
    assert_tokens(&report, &[("b", &token)]);
    assert_eq!(word(&report.findings()[0], "commit"), first);
}
