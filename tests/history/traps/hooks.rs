//! 6.7: what git passes to a hook. Real hooks, that call the real program.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Output;

use super::{assert_found, assert_tokens};
use crate::support::repo::{Repo, Report, leak};

/// Where the hook leaves the report, and its variables.
struct Hook {
    report: PathBuf,
}

impl Hook {
    /// A hook that runs the program with `args`, words of a shell, and fails as it does.
    fn install(repo: &Repo, hooks: &Path, name: &str, args: &str) -> Self {
        let report = repo.at("../hook-report.json");
        let program = env!("CARGO_BIN_EXE_barewire");
        let [json, err, code] =
            ["json", "err", "code"].map(|ending| report.with_extension(ending).display().to_string());
        let run = format!("'{program}' {args} --show-secrets -f json >'{json}' 2>'{err}'");
        fs::create_dir_all(hooks).unwrap();
        let hook = hooks.join(name);
        fs::write(&hook, format!("#!/bin/sh\n{run}\ncode=$?\necho $code >'{code}'\nexit $code\n")).unwrap();
        fs::set_permissions(&hook, fs::Permissions::from_mode(0o755)).unwrap();
        Self { report }
    }

    /// `staged` before each commit of `repo`.
    fn before_commits(repo: &Repo) -> Self {
        let hooks = repo.git_dir().join("hooks");
        Self::install(repo, &hooks, "pre-merge-commit", "staged");
        Self::install(repo, &hooks, "pre-commit", "staged")
    }

    /// What was reported since the last call.
    fn take(&self) -> Report {
        let read = |path: &Path| fs::read_to_string(path).unwrap_or_else(|error| panic!("no hook has run: {error}"));
        let [report, error, code] = ["json", "err", "code"].map(|ending| self.report.with_extension(ending));
        let output = crate::support::Output {
            stdout: read(&report),
            stderr: read(&error),
            code: read(&code).trim().parse().unwrap(),
        };
        for path in [report, error, code] {
            fs::remove_file(path).unwrap();
        }
        Report::read(output, "in a hook")
    }
}

/// Runs git, which may fail.
fn attempt(repo: &Repo, args: &[&str]) -> Output {
    repo.command().args(args).output().unwrap()
}

/// Fails unless the command is refused by its hook, and what is found is this.
fn assert_refused(repo: &Repo, hook: &Hook, args: &[&str], expected: &[(&str, &str)]) {
    let output = attempt(repo, args);
    assert!(!output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    assert_found(&hook.take(), expected);
}

fn assert_accepted(repo: &Repo, hook: &Hook, args: &[&str]) {
    let output = attempt(repo, args);
    assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    assert_found(&hook.take(), &[]);
}

/// A repository with two committed files and hooks.
fn guarded() -> (Repo, Hook) {
    let repo = Repo::new();
    repo.commit("a.env", "one\n");
    repo.commit("sub/b.env", "one\n");
    let hook = Hook::before_commits(&repo);
    (repo, hook)
}

/// Row: pre-commit, plain, and from a subfolder.
#[test]
fn a_plain_commit_is_guarded_from_any_folder() {
    let (repo, hook) = guarded();
    let token = repo.token();
    for folder in ["work", "work/sub"] {
        let inside = repo.beside(folder);
        repo.file("a.env", leak(&token)).git(["add", "a.env"]);
        assert_refused(&inside, &hook, &["commit", "-q", "-m", "change"], &[("a.env", &token)]);
        repo.file("a.env", format!("{folder}\n")).git(["add", "a.env"]);
        repo.file("a.env", leak(&token));
        assert_accepted(&inside, &hook, &["commit", "-q", "-m", "change"]);
        repo.git(["checkout", "-q", "a.env"]);
    }
}

/// Row: `git commit -a`, `-i`.
#[test]
fn a_commit_of_all_is_guarded() {
    let (repo, hook) = guarded();
    let [token, other] = [(); 2].map(|()| repo.token());
    repo.file("a.env", leak(&token));
    assert_refused(&repo, &hook, &["commit", "-q", "-a", "-m", "change"], &[("a.env", &token)]);
    assert_refused(&repo.beside("work/sub"), &hook, &["commit", "-q", "-a", "-m", "change"], &[("a.env", &token)]);
    repo.file("sub/b.env", leak(&other)).git(["add", "sub/b.env"]);
    let both = [("a.env", &*token), ("sub/b.env", &*other)];
    assert_refused(&repo, &hook, &["commit", "-q", "-m", "change", "-i", "a.env"], &both);
    repo.file("a.env", "two\n").file("sub/b.env", "two\n");
    assert_accepted(&repo, &hook, &["commit", "-q", "-a", "-m", "change"]);
}

/// Row: `git commit -- path`, `-o`. What is staged beside is no part of the commit.
#[test]
fn a_commit_of_paths_is_guarded_and_no_more_than_that() {
    for only in ["--", "-o"] {
        let (repo, hook) = guarded();
        let [token, beside] = [(); 2].map(|()| repo.token());
        repo.file("sub/b.env", leak(&beside)).git(["add", "sub/b.env"]);
        repo.file("a.env", leak(&token));
        assert_refused(&repo, &hook, &["commit", "-q", "-m", "change", only, "a.env"], &[("a.env", &token)]);
        repo.file("a.env", "two\n");
        assert_accepted(&repo, &hook, &["commit", "-q", "-m", "change", only, "a.env"]);
        assert_refused(&repo, &hook, &["commit", "-q", "-m", "change"], &[("sub/b.env", &beside)]);
    }
}

/// A commit that is amended brings what its new form brings.
#[test]
fn an_amended_commit_is_guarded() {
    let (repo, hook) = guarded();
    let token = repo.token();
    repo.file("a.env", leak(&token)).git(["add", "a.env"]);
    assert_refused(&repo, &hook, &["commit", "-q", "--amend", "-m", "change"], &[("a.env", &token)]);
    repo.file("a.env", "two\n");
    assert_accepted(&repo, &hook, &["commit", "-q", "--amend", "-a", "-m", "change"]);
}

/// Row: linked worktree.
#[test]
fn a_commit_in_a_linked_working_tree_is_guarded() {
    let (repo, hook) = guarded();
    let [token, here] = [(); 2].map(|()| repo.token());
    repo.git(["worktree", "add", "-q", "-b", "linked", "../linked"]);
    let linked = repo.beside("linked");
    repo.file("a.env", leak(&here)).git(["add", "a.env"]);
    linked.file("a.env", leak(&token)).git(["add", "a.env"]);
    assert_refused(&linked, &hook, &["commit", "-q", "-m", "change"], &[("a.env", &token)]);
    assert_refused(&linked.beside("linked/sub"), &hook, &["commit", "-q", "-a", "-m", "change"], &[("a.env", &token)]);
    linked.file("a.env", "two\n");
    assert_accepted(&linked, &hook, &["commit", "-q", "-a", "-m", "change"]);
    assert_refused(&repo, &hook, &["commit", "-q", "-m", "change"], &[("a.env", &here)]);
}

/// A variable that names another index, as scripts use it.
#[test]
fn the_index_that_a_variable_names_is_the_one() {
    let (repo, hook) = guarded();
    let token = repo.token();
    let commit = |path: &str| {
        let mut command = repo.command();
        command.env("GIT_INDEX_FILE", path).args(["commit", "-q", "-m", "change"]);
        command.output().unwrap().status.success()
    };
    fs::copy(repo.at(".git/index"), repo.at(".git/other")).unwrap();
    let blob = repo.blob(leak(&token));
    let mut update = repo.command();
    update.env("GIT_INDEX_FILE", ".git/other").args(["update-index", "--cacheinfo", &format!("100644,{blob},a.env")]);
    assert!(update.status().unwrap().success());
    assert!(!commit(".git/other"));
    assert_found(&hook.take(), &[("a.env", &token)]);
    assert_found(&repo.report(["staged"]), &[]);
    let mut command = repo.beside("work/sub").program(["staged"]);
    command.env("GIT_INDEX_FILE", repo.at(".git/other"));
    assert_found(&Report::of(&mut command), &[("a.env", &token)]);
}

/// Row: `git merge` (clean), which runs pre-merge-commit.
#[test]
fn a_merge_is_guarded() {
    let (repo, hook) = guarded();
    let token = repo.token();
    repo.git(["checkout", "-q", "-b", "side"]);
    repo.file("side.env", leak(&token)).git(["add", "side.env"]);
    repo.git(["commit", "-q", "--no-verify", "-m", "side"]);
    repo.git(["checkout", "-q", "trunk"]);
    repo.file("c", "one\n").git(["add", "c"]);
    assert_accepted(&repo, &hook, &["commit", "-q", "-m", "change"]);
    assert_refused(&repo, &hook, &["merge", "-q", "side"], &[("side.env", &token)]);
}

/// Row: with conflicts: pre-commit at `git commit`, `MERGE_HEAD` present.
#[test]
fn the_end_of_a_conflict_is_guarded() {
    let (repo, hook) = guarded();
    let token = repo.token();
    repo.git(["checkout", "-q", "-b", "side"]);
    repo.file("a.env", "two\n").git(["commit", "-q", "-a", "-m", "side"]);
    repo.git(["checkout", "-q", "trunk"]);
    repo.file("a.env", "three\n").git(["commit", "-q", "-a", "-m", "trunk"]);
    assert!(!attempt(&repo, &["merge", "-q", "side"]).status.success());
    hook.take();
    repo.file("a.env", leak(&token)).git(["add", "a.env"]);
    assert!(repo.at(".git/MERGE_HEAD").is_file());
    assert_refused(&repo, &hook, &["commit", "-q", "-m", "merge"], &[("a.env", &token)]);
    repo.file("a.env", "four\n").git(["add", "a.env"]);
    assert_accepted(&repo, &hook, &["commit", "-q", "-m", "merge"]);
}

/// Row: `git am`.
#[test]
fn a_patch_that_is_applied_is_guarded() {
    let (repo, hook) = guarded();
    let token = repo.token();
    repo.git(["checkout", "-q", "-b", "side"]);
    repo.file("a.env", leak(&token)).git(["commit", "-q", "--no-verify", "-a", "-m", "side"]);
    let patch = repo.git(["format-patch", "--stdout", "-1"]);
    repo.file("../patch", format!("{patch}\n")).git(["checkout", "-q", "trunk"]);
    let applied = Hook::install(&repo, &repo.at(".git/hooks"), "pre-applypatch", "staged");
    assert_refused(&repo, &applied, &["am", "-q", "../patch"], &[("a.env", &token)]);
    drop(hook);
}

/// Row: pre-push: one line for each ref.
#[test]
fn a_push_is_guarded() {
    let (repo, _) = guarded();
    let far = repo.beside("far.git");
    far.git(["init", "-q", "--bare", "."]);
    repo.git(["remote", "add", "origin", "../far.git"]);
    repo.git(["push", "-q", "origin", "trunk"]);
    let program = "history --range \"$(cut -d' ' -f2) --not --remotes=origin\"";
    let hook = Hook::install(&repo, &repo.at(".git/hooks"), "pre-push", program);
    let token = repo.token();
    fs::remove_file(repo.at(".git/hooks/pre-commit")).unwrap();
    repo.commit("new.env", leak(&token));
    repo.commit("new.env", "gone\n");
    assert_refused(&repo, &hook, &["push", "-q", "origin", "trunk"], &[("new.env", &token)]);
    repo.git(["reset", "-q", "--hard", "HEAD~2"]);
    repo.commit("new.env", "two\n");
    assert_accepted(&repo, &hook, &["push", "-q", "origin", "trunk"]);
}

/// A bare repository, and a clone of it that has commits to push: a token, and its end.
fn received() -> (Repo, Repo, String) {
    let repo = Repo::new();
    repo.commit("a.env", "one\n");
    let far = repo.beside("far.git");
    repo.beside(".").git(["clone", "-q", "--bare", "work", "far.git"]);
    let token = repo.token();
    repo.commit("new.env", leak(&token));
    repo.commit("new.env", "gone\n");
    (repo, far, token)
}

/// Row: pre-receive: the new objects lie in quarantine.
#[test]
fn what_is_received_is_guarded_in_its_quarantine() {
    // With and without a limit from which on a push is kept as a pack.
    for limit in ["1", "100"] {
        let (repo, far, token) = received();
        far.git(["config", "receive.unpackLimit", limit]);
        let range = "history --range \"$(cut -d' ' -f2) --not --all\"";
        let hook = Hook::install(&repo, &far.at("hooks"), "pre-receive", range);
        let push = ["push", "-q", "../far.git", "trunk"];
        assert_refused(&repo, &hook, &push, &[("new.env", &token)]);
        let before = far.git(["count-objects", "-v"]);
        assert_found(&far.report(["history", "--unreachable"]), &[]);
        repo.git(["reset", "-q", "--hard", "HEAD~2"]);
        repo.commit("new.env", "two\n");
        assert_accepted(&repo, &hook, &push);
        assert_ne!(far.git(["count-objects", "-v"]), before);
    }
}

/// Row: pre-receive, where all of the repository is looked at: there is no ref yet that leads to what is received.
#[test]
fn a_history_can_be_looked_at_while_something_is_received() {
    let (repo, far, token) = received();
    let hook = Hook::install(&repo, &far.at("hooks"), "pre-receive", "history");
    assert_accepted(&repo, &hook, &["push", "-q", "../far.git", "trunk~2:refs/heads/old"]);
    let hook = Hook::install(&repo, &far.at("hooks"), "pre-receive", "history --unreachable");
    assert!(!attempt(&repo, &["push", "-q", "../far.git", "trunk"]).status.success());
    let report = hook.take();
    assert_eq!(report.of_value(&token).len(), 1, "{report}");
    assert_eq!(report.findings()[0]["reach"], "unreachable", "{report}");
}

/// Row: update: for each ref.
#[test]
fn a_ref_that_is_updated_is_guarded() {
    let (repo, far, token) = received();
    let hook = Hook::install(&repo, &far.at("hooks"), "update", "history --range \"$3 --not --all\"");
    assert_refused(&repo, &hook, &["push", "-q", "../far.git", "trunk"], &[("new.env", &token)]);
}

/// Another repository is not mistaken for the one whose hook runs, and its index is left alone.
#[test]
fn another_repository_can_be_looked_at_from_a_hook() {
    let (repo, _) = guarded();
    let other = repo.beside("other");
    other.git(["init", "-q", "-b", "trunk", "."]);
    let [token, staged] = [(); 2].map(|()| repo.token());
    other.commit("other.env", leak(&token));
    let index = fs::read(other.at(".git/index")).unwrap();
    let hook =
        Hook::install(&repo, &repo.at(".git/hooks"), "pre-commit", &format!("history '{}'", other.root().display()));
    repo.file("a.env", leak(&staged));
    for (inside, folder) in [(&repo, "work"), (&repo, "linked")] {
        if folder == "linked" {
            inside.git(["worktree", "add", "-q", "-b", "linked", "../linked"]);
        }
        let inside = repo.beside(folder);
        inside.file("a.env", leak(&staged));
        assert!(!attempt(&inside, &["commit", "-q", "-a", "-m", "change"]).status.success());
        assert_tokens(&hook.take(), &[("other.env", &token)]);
        assert!(fs::read(other.at(".git/index")).unwrap() == index);
    }
}
