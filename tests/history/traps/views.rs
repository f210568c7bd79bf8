//! 6.5: which history is looked at.

use std::fs;

use super::{assert_found, assert_tokens};
use crate::history::forms;
use crate::support::repo::{Repo, leak, word};

/// A repository whose first commit holds a token that the second takes away, and a third that is harmless.
fn three() -> (Repo, String) {
    let repo = Repo::new();
    let token = repo.token();
    repo.commit("a.env", leak(&token));
    repo.commit("a.env", "gone\n");
    repo.commit("b", "one\n");
    (repo, token)
}

/// Row: replace refs hide blobs, and commits, from every porcelain command.
#[test]
fn what_is_replaced_is_searched() {
    let (repo, token) = three();
    let first = repo.git(["rev-parse", "HEAD~2"]);
    let blob = repo.git(["rev-parse", "HEAD~2:a.env"]);
    repo.git(["replace", &blob, &repo.blob("harmless\n")]);
    assert_found(&repo.report(["history"]), &[("a.env", &token)]);
    repo.git(["replace", "-d", &blob]);
    let tree = repo.git(["rev-parse", "HEAD^{tree}"]);
    repo.git(["replace", &first, &repo.git(["commit-tree", "-m", "harmless", &tree])]);
    let report = repo.report(["history"]);
    assert_found(&report, &[("a.env", &token)]);
    assert_eq!(word(&report.findings()[0], "commit"), first);
    let removed = repo.git(["rev-parse", "HEAD~1"]);
    assert_eq!(report.findings()[0]["story"]["removed"]["commit"], *removed);
    assert_found(&repo.report(["history", "--range", "HEAD"]), &[("a.env", &token)]);
}

/// Row: grafts cut history.
#[test]
fn what_a_graft_cuts_off_is_searched() {
    let (repo, token) = three();
    let usual = repo.report(["history"]).output.stdout;
    repo.file(".git/info/grafts", format!("{}\n", repo.head()));
    let report = repo.report(["history"]);
    assert_found(&report, &[("a.env", &token)]);
    assert_eq!(report.output.stdout, usual);
    assert_found(&repo.report(["history", "--range", "HEAD"]), &[("a.env", &token)]);
}

/// Row: shallow clones.
#[test]
fn a_shallow_clone_is_incomplete_and_says_what_to_fetch() {
    let (repo, token) = three();
    let kept = repo.token();
    repo.commit("kept.env", leak(&kept));
    repo.commit("b", "two\n");
    let url = format!("file://{}", repo.root().display());
    for (depth, expected) in [(1, &[("kept.env", &*kept)][..]), (50, &[("kept.env", &*kept), ("a.env", &*token)])] {
        let clone = repo.beside(&format!("shallow-{depth}"));
        clone.git(["clone", "-q", "--depth", &depth.to_string(), &url, "."]);
        let report = clone.report(["history"]);
        assert_tokens(&report, expected);
        assert_eq!((report.is_complete(), report.covered("shallow")), (depth == 50, u64::from(depth == 1)), "{report}");
        let said = report.output.stderr.contains("git fetch --unshallow");
        assert_eq!(said, depth == 1, "{report}");
    }
    // Where nothing is found in what is there, that is not the end of it.
    repo.commit("kept.env", "gone\n");
    let clone = repo.beside("shallow-clean");
    clone.git(["clone", "-q", "--depth", "1", &url, "."]);
    let report = clone.report(["history"]);
    assert_tokens(&report, &[]);
    assert_eq!((report.code(), report.is_complete()), (3, false), "{report}");
}

/// Row: shallow clones, of which a range is asked for.
#[test]
fn a_range_whose_base_is_missing_is_incomplete() {
    let (repo, _) = three();
    let base = repo.head();
    let token = repo.token();
    repo.commit("new.env", leak(&token));
    repo.commit("new.env", "gone\n");
    let url = format!("file://{}", repo.root().display());
    let clone = repo.beside("shallow");
    clone.git(["clone", "-q", "--depth", "1", &url, "."]);
    let mut wrong = Vec::new();
    for range in ["HEAD~1..HEAD".to_owned(), format!("{base}..HEAD"), "HEAD".to_owned()] {
        let output = clone.barewire(["history", "--range", &range, "-f", "json"]);
        if output.code != 3 || !output.stdout.contains("\"complete\": false") || !output.stderr.contains("git fetch") {
            wrong.push(format!("{range}: {output}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.concat());
}

/// Row: partial clones.
#[test]
fn a_partial_clone_in_which_nothing_is_found_is_not_clean() {
    let (repo, _) = three();
    repo.git(["config", "uploadpack.allowFilter", "true"]);
    let url = format!("file://{}", repo.root().display());
    let clone = repo.beside("partial");
    clone.git(["clone", "-q", "--filter=blob:none", "--no-checkout", &url, "."]);
    let before = clone.git(["count-objects", "-v"]);
    fs::rename(repo.root(), repo.root().with_file_name("away")).unwrap();
    for args in [&["history"][..], &["history", "--range", "HEAD~1..HEAD"]] {
        let report = clone.report(args);
        assert_tokens(&report, &[]);
        assert_eq!((report.code(), report.is_complete()), (3, false), "{report}");
        assert!(!report.problems().is_empty(), "{report}");
    }
    assert!(clone.report(["history"]).covered("missing") >= 3);
    fs::rename(repo.root().with_file_name("away"), repo.root()).unwrap();
    assert_eq!(clone.report(["history"]).code(), 3);
    assert_eq!(clone.git(["count-objects", "-v"]), before, "something was fetched");
}

/// Row: partial clones, without trees.
#[test]
fn a_partial_clone_without_trees_is_not_clean() {
    let (repo, _) = three();
    repo.git(["config", "uploadpack.allowFilter", "true"]);
    let url = format!("file://{}", repo.root().display());
    let clone = repo.beside("partial");
    clone.git(["clone", "-q", "--filter=tree:0", "--bare", &url, "."]);
    fs::rename(repo.root(), repo.root().with_file_name("away")).unwrap();
    let report = clone.report(["history"]);
    assert_eq!((report.code(), report.is_complete()), (3, false), "{report}");
    assert!(report.covered("missing") >= 3, "{report}");
}

/// Row: single-branch clones. What was not fetched is not there.
#[test]
fn a_clone_of_one_branch_has_that_branch() {
    let (repo, token) = three();
    let other = repo.token();
    repo.git(["checkout", "-q", "-b", "other"]);
    repo.commit("other.env", leak(&other));
    repo.git(["checkout", "-q", "trunk"]);
    let url = format!("file://{}", repo.root().display());
    let clone = repo.beside("single");
    clone.git(["clone", "-q", "--single-branch", &url, "."]);
    let report = clone.report(["history"]);
    assert_found(&report, &[("a.env", &token)]);
    assert_eq!(report.findings()[0]["story"]["pushed"], true);
}

/// Row: alternates, one of which leads back.
#[test]
fn objects_of_alternates_are_searched() {
    let (repo, token) = three();
    let top = repo.beside(".");
    top.git(["clone", "-q", "--shared", "work", "shared"]);
    let shared = repo.beside("shared");
    let own = repo.token();
    shared.commit("own.env", leak(&own));
    assert_found(&shared.report(["history"]), &[("a.env", &token), ("own.env", &own)]);
    let objects = |name: &str| repo.beside(name).at(".git/objects").display().to_string();
    repo.file(".git/objects/info/alternates", format!("{}\n", objects("shared")));
    assert_found(&shared.report(["history"]), &[("a.env", &token), ("own.env", &own)]);
    // Git knows them by a variable, too.
    fs::remove_file(shared.at(".git/objects/info/alternates")).unwrap();
    let mut command = shared.program(["history"]);
    command.env("GIT_ALTERNATE_OBJECT_DIRECTORIES", objects("work"));
    let report = crate::support::repo::Report::of(&mut command);
    assert_found(&report, &[("a.env", &token), ("own.env", &own)]);
    let report = shared.report(["history"]);
    assert_eq!((report.code(), report.is_complete()), (1, false), "{report}");
}

/// Row: bare repositories.
#[test]
fn a_bare_repository_has_a_history_and_nothing_staged() {
    let (repo, token) = three();
    repo.beside(".").git(["clone", "-q", "--bare", "work", "bare.git"]);
    let bare = repo.beside("bare.git");
    assert_found(&bare.report(["history"]), &[("a.env", &token)]);
    assert_found(&bare.beside("bare.git/refs").report(["history"]), &[("a.env", &token)]);
    let outputs = ["staged", "changes"].map(|command| bare.barewire([command]));
    assert!(outputs.iter().all(|output| output.code == 2 && output.stdout.is_empty()), "{outputs:?}");
}

/// Row: other working trees' HEADs, and their indexes.
#[test]
fn what_other_working_trees_hold_is_searched_from_each() {
    let (repo, token) = three();
    repo.git(["worktree", "add", "-q", "--detach", "../linked"]);
    let linked = repo.beside("linked");
    let [detached, staged] = [(); 2].map(|()| repo.token());
    linked.commit("detached.env", leak(&detached));
    linked.file("staged.env", leak(&staged)).git(["add", "staged.env"]);
    let all = [("a.env", &*token), ("detached.env", &*detached), ("staged.env", &*staged)];
    assert_found(&repo.report(["history"]), &all);
    let report = linked.report(["history"]);
    assert_found(&report, &all);
    assert_eq!(report.of_value(&detached)[0]["story"]["in_head"], true, "{report}");
    assert_found(&linked.report(["staged"]), &[("staged.env", &staged)]);
    assert_found(&repo.report(["staged"]), &[]);
}

/// Rows: loose, packed, multi-pack-index, commit-graph.
#[test]
fn it_does_not_matter_how_objects_are_stored() {
    for (what, form) in forms::ALL.into_iter().filter(|(what, _)| !what.contains("many") && !what.contains("twice")) {
        let (repo, token) = three();
        form(&repo);
        let report = repo.report(["history"]);
        assert_found(&report, &[("a.env", &token)]);
        assert_eq!(word(&report.findings()[0], "commit"), repo.git(["rev-parse", "HEAD~2"]), "{what}");
    }
}

/// Rows: SHA-256 repositories; reftable; and both.
#[test]
fn repositories_with_other_ids_and_refs_are_read_by_every_command() {
    for options in [
        &["--object-format=sha256"][..],
        &["--ref-format=reftable"],
        &["--object-format=sha256", "--ref-format=reftable"],
    ] {
        let repo = Repo::init(options);
        let [gone, staged, side, stashed] = [(); 4].map(|()| repo.token());
        repo.commit("a.env", leak(&gone));
        repo.commit("a.env", "gone\n");
        repo.git(["checkout", "-q", "-b", "side"]);
        repo.commit("side.env", leak(&side));
        repo.git(["checkout", "-q", "trunk"]);
        repo.file("a.env", leak(&stashed)).git(["stash", "-q"]);
        repo.file("staged.env", leak(&staged)).git(["add", "staged.env"]);
        let all = [("a.env", &*gone), ("side.env", &*side), ("a.env", &*stashed), ("staged.env", &*staged)];
        let report = repo.report(["history"]);
        assert_found(&report, &all);
        assert_eq!(word(report.of_value(&gone)[0], "commit"), repo.git(["rev-parse", "HEAD~1"]), "{options:?}");
        assert_found(&repo.report(["staged"]), &[("staged.env", &staged)]);
        assert_found(&repo.report(["changes"]), &[("staged.env", &staged)]);
        assert_found(&repo.report(["history", "--range", "trunk..side"]), &[("side.env", &side)]);
    }
}

/// Row: a format of refs or of a repository that is not known is an error, never "0 refs".
#[test]
fn a_repository_of_an_unknown_format_is_refused() {
    for settings in [
        &[("core.repositoryFormatVersion", "99")][..],
        &[("core.repositoryFormatVersion", "1"), ("extensions.unheardOf", "true")],
        &[("core.repositoryFormatVersion", "1"), ("extensions.refStorage", "unheardof")],
        &[("core.repositoryFormatVersion", "1"), ("extensions.objectFormat", "sha999")],
    ] {
        let (repo, _) = three();
        for (name, value) in settings {
            let name = name.replace('.', "]\n");
            let text = fs::read_to_string(repo.at(".git/config")).unwrap();
            fs::write(repo.at(".git/config"), format!("{text}[{name} = {value}\n")).unwrap();
        }
        let output = repo.barewire(["history"]);
        assert_eq!((output.code, &*output.stdout), (2, ""), "{settings:?}: {output}");
        assert!(output.stderr.starts_with("error: "), "{settings:?}: {output}");
    }
}

/// Not a repository, and an empty one.
#[test]
fn what_is_no_repository_is_an_error_and_an_empty_one_is_clean() {
    for command in [&["history"][..], &["history", "--range", "A..B"], &["staged"], &["changes"]] {
        let output = Repo::folder().barewire(command);
        assert_eq!((output.code, &*output.stdout), (2, ""), "{output}");
        assert!(output.stderr.starts_with("error: ") && output.stderr.contains("repository"), "{output}");
    }
    for options in [&[][..], &["--object-format=sha256"], &["--ref-format=reftable"], &["--bare"]] {
        let report = Repo::init(options).report(["history"]);
        assert_found(&report, &[]);
    }
}
