//! What a range of commits brings.

use super::place::{Place, Scanned};

fn range(place: &Place, revisions: &str) -> Scanned {
    place.run("", &["history", "--range", revisions])
}

/// A repository with three commits, the last two of which brought a token and took it away.
fn sample() -> Place {
    let place = Place::repository();
    place.commit("a.env", "A=PT{same:old=hex:48}\n");
    place.commit("b.env", "B=PT{hex:48}\n").commit("b.env", "B=1\n");
    place
}

#[test]
fn a_secret_that_came_and_went_is_found_with_its_commit() {
    let place = sample();
    let scanned = range(&place, "HEAD~2..HEAD");
    assert_eq!(scanned.sound(), ["b.env:1 blob"]);
    assert_eq!(scanned.report["findings"][0]["commit"], place.git(&["rev-parse", "HEAD~1"]));
    assert_eq!(range(&place, "HEAD~1..HEAD").sound(), [""; 0]);
    assert_eq!(range(&place, "HEAD").sound(), ["a.env:1 blob", "b.env:1 blob"], "with the first commit");
    assert_eq!(range(&place, "HEAD..HEAD").sound(), [""; 0]);
}

#[test]
fn a_secret_in_many_versions_is_found_where_it_came_first() {
    let place = Place::repository();
    place.commit("a.env", "A=1\n").commit("a.env", "A=PT{same:new=hex:48}\n");
    for version in 0..5 {
        place.commit("a.env", &format!("# {version}\nA=PT{{same:new}}\n"));
    }
    let scanned = range(&place, "HEAD~6..");
    assert_eq!(scanned.sound(), ["a.env:1 blob"]);
    assert_eq!(scanned.report["findings"][0]["commit"], place.git(&["rev-parse", "HEAD~5"]));
}

#[test]
fn an_old_secret_is_not_brought_by_whoever_edits_moves_or_restores_it() {
    let place = sample();
    place.commit("a.env", "# it\nA=PT{same:old}\n");
    place.git(&["mv", "a.env", "c.env"]);
    place.commit("c.env", "# moved\nA=PT{same:old}\n");
    place.commit("d.env", "# moved\nA=PT{same:old}\n");
    place.git(&["rm", "-q", "c.env", "d.env"]);
    place.git(&["commit", "-qm", "gone"]);
    place.git(&["revert", "--no-edit", "HEAD"]);
    assert_eq!(range(&place, "HEAD~5..").sound(), [""; 0]);
}

#[test]
fn an_exact_copy_of_an_old_file_is_not_new() {
    let place = sample();
    place.commit("deep/er/copy.env", "A=PT{same:old}\n");
    assert_eq!(range(&place, "HEAD~1..").sound(), [""; 0]);
}

#[test]
fn what_only_a_merge_brought_is_found() {
    let place = sample();
    place.git(&["checkout", "-q", "-b", "side", "HEAD~2"]);
    place.commit("side.env", "S=PT{same:side=hex:48}\n").git(&["checkout", "-q", "trunk"]);
    place.git(&["merge", "-q", "--no-commit", "--no-ff", "side"]);
    place.commit("evil.env", "E=PT{hex:48}\n");
    assert_eq!(range(&place, "HEAD~1..HEAD").sound(), ["evil.env:1 blob", "side.env:1 blob"]);
    assert_eq!(range(&place, "HEAD --not HEAD^1 HEAD^2").sound(), ["evil.env:1 blob"], "the merge alone");
}

#[test]
fn a_resolution_that_takes_one_side_brings_nothing() {
    let place = sample();
    place.git(&["checkout", "-q", "-b", "side", "HEAD~2"]);
    place.commit("a.env", "A=PT{hex:48}\n").git(&["checkout", "-q", "trunk"]);
    place.commit("a.env", "A=2\n");
    assert!(!place.try_git("", &["merge", "-q", "side"]).status.success());
    place.git(&["checkout", "--theirs", "a.env"]);
    place.git(&["commit", "-qam", "taken"]);
    assert_eq!(range(&place, "HEAD --not HEAD^1 HEAD^2").sound(), [""; 0]);
    assert_eq!(range(&place, "HEAD^1..HEAD").sound(), ["a.env:1 blob"]);
}

#[test]
fn revisions_are_understood_as_git_does() {
    let place = sample();
    place.git(&["branch", "side", "HEAD~2"]);
    place.git(&["checkout", "-q", "side"]);
    place.commit("side.env", "S=PT{hex:48}\n");
    assert_eq!(range(&place, "trunk...side").sound(), ["b.env:1 blob", "side.env:1 blob"]);
    assert_eq!(range(&place, "trunk..side").sound(), ["side.env:1 blob"]);
    assert_eq!(range(&place, "side ^trunk").sound(), ["side.env:1 blob"]);
    assert_eq!(range(&place, "--branches --not trunk").sound(), ["side.env:1 blob"]);
    assert_eq!(range(&place, "--all").sound().len(), 3);
    assert_eq!(range(&place, "--glob=heads/s*").sound().len(), 2);
}

#[test]
fn what_was_pushed_can_be_left_out() {
    let place = sample();
    place.git(&["clone", "-q", ".", "clone"]);
    place.file("clone/c.env", "C=PT{hex:48}\n").git_in("clone", &["add", "."]);
    place.git_in("clone", &["commit", "-qm", "one"]);
    let scanned = place.run("clone", &["history", "--range", "HEAD --not --remotes"]);
    assert_eq!(scanned.sound(), ["c.env:1 blob"]);
    assert_eq!(place.run("", &["history", "clone", "--range", "HEAD --not --remotes"]).sound(), ["c.env:1 blob"]);
}

#[test]
fn messages_and_people_are_content() {
    let place = sample();
    let (subject, name) = (place.text("use PT{hex:48}"), place.text("PT{hex:48}"));
    place.git(&["commit", "-q", "--allow-empty", "-m", &subject]);
    place.git(&["commit", "-q", "--allow-empty", "-m", "x", "--author", &format!("{name} <a@example.com>")]);
    let scanned = range(&place, "HEAD~2..");
    let findings = scanned.report["findings"].as_array().unwrap();
    assert_eq!(findings.len(), 2, "{scanned:?}");
    assert!(findings.iter().all(|finding| finding["origin"] == "message"), "{scanned:?}");
}

#[test]
fn a_range_that_a_shallow_clone_cuts_off_is_incomplete() {
    let place = sample();
    let url = format!("file://{}", place.root.display());
    place.git(&["clone", "-q", "--depth", "2", &url, "clone"]);
    let scanned = place.run("clone", &["history", "--range", "HEAD"]);
    assert_eq!((scanned.code, scanned.problems()), (1, vec!["shallow"]), "{scanned:?}");
    assert!(scanned.stderr.contains("git fetch --unshallow"), "{}", scanned.stderr);
    let sound = place.run("clone", &["history", "--range", "HEAD~1..HEAD"]);
    assert_eq!(sound.sound(), [""; 0], "above the cut all is known");
    let base = place.git(&["rev-parse", "HEAD~2"]);
    let scanned = place.run("clone", &["history", "--range", &format!("{base}..HEAD")]);
    assert_eq!((scanned.code, scanned.problems()), (3, vec!["shallow"]), "{scanned:?}");
    assert!(scanned.stderr.contains(&format!("git fetch origin {base}")), "{}", scanned.stderr);
}

#[test]
fn what_a_partial_clone_lacks_is_a_problem_and_is_not_fetched() {
    let place = sample();
    place.git(&["config", "uploadpack.allowFilter", "true"]);
    let url = format!("file://{}", place.root.display());
    place.git(&["clone", "-q", "--filter=blob:none", "--no-checkout", &url, "clone"]);
    let scanned = place.run("clone", &["history", "--range", "HEAD~1..HEAD"]);
    assert_eq!((scanned.code, scanned.problems()), (3, vec!["missing"]), "{scanned:?}");
    assert_eq!(place.run("clone", &["history", "--range", "HEAD~1..HEAD"]).code, 3, "nothing was fetched");
}

#[test]
fn what_names_no_commits_is_refused() {
    let place = sample();
    let refused = |revisions: &str, words: &str| {
        let scanned = range(&place, revisions);
        assert_eq!((scanned.code, scanned.report.is_null()), (2, true), "{scanned:?}");
        assert!(scanned.stderr.contains(words) && scanned.stderr.contains("\nhelp: "), "{}", scanned.stderr);
    };
    let blob = place.git(&["rev-parse", "HEAD:a.env"]);
    place.git(&["tag", "-a", "-m", "x", "folder", "HEAD^{tree}"]);
    place.git(&["tag", "-a", "-m", "x", "tagged", "folder"]);
    refused("nowhere..HEAD", "`nowhere..HEAD` selects no commits: bad revision");
    refused("nowhere..HEAD", "git fetch origin nowhere");
    refused("origin/nowhere..", "git fetch origin nowhere`");
    refused("HEAD..nowhere~2", "git fetch origin nowhere`");
    refused(&format!("HEAD {}..HEAD", "1".repeat(40)), &format!("git fetch origin {}", "1".repeat(40)));
    refused(&format!("{}..HEAD", "0".repeat(40)), "--not --remotes");
    refused("--since=yesterday HEAD", "`--since=yesterday` does not name revisions");
    refused("--output=x HEAD", "`--output=x` does not name revisions");
    refused("--stdin", "`--stdin` does not name revisions");
    for (revisions, argument, words) in [
        ("HEAD:a.env", "HEAD:a.env", "leads to a blob"),
        ("HEAD HEAD:a.env", "HEAD:a.env", "leads to a blob"),
        (&blob, &blob, "leads to a blob"),
        ("--all HEAD^{tree}", "HEAD^{tree}", "leads to a tree"),
        ("HEAD --not HEAD^{tree}", "HEAD^{tree}", "leads to a tree"),
        ("folder..HEAD", "folder..HEAD", "leads to a tree"),
        ("tagged", "tagged", "leads to a tree"),
        ("HEAD...tagged", "HEAD...tagged", "a tree, not a commit"),
        ("^HEAD", "^HEAD", "only leaves commits out"),
        ("--not HEAD --all", "--not HEAD --all", "only leaves commits out"),
        ("", "", "it is empty"),
        (" ", "", "it is empty"),
        ("HEAD~9..HEAD", "HEAD~9..HEAD", "bad revision"),
        ("HEAD:nothing", "HEAD:nothing", "bad revision"),
        ("@{u}..", "@{u}..", "no upstream configured"),
        ("HEAD@{99}", "HEAD@{99}", "entries"),
    ] {
        refused(revisions, &format!("`{argument}` selects no commits: "));
        refused(revisions, words);
        refused(revisions, "help: name commits as `git rev-list` takes them: A..B");
    }
}

#[test]
fn a_range_may_have_no_commits() {
    let place = sample();
    place.git(&["tag", "-a", "-m", "x", "folder", "HEAD^{tree}"]);
    place.git(&["tag", "-a", "-m", "x", "tagged", "HEAD"]);
    for revisions in [
        "HEAD..HEAD",
        "HEAD ^HEAD",
        "HEAD~1 --not HEAD",
        "--glob=none*",
        "--not HEAD --not --branches --not --branches",
    ] {
        let scanned = range(&place, revisions);
        assert_eq!((scanned.sound(), &scanned.report["coverage"]["commits"]), (vec![], &serde_json::json!(0)));
        assert!(scanned.stderr.contains(" in 0 commits scanned"), "{}", scanned.stderr);
    }
    assert_eq!(range(&place, "--tags --not tagged").sound(), [""; 0], "tags of other things");
    assert_eq!(range(&place, "HEAD~1..tagged").report["coverage"]["commits"], 1);
    let empty = Place::repository();
    assert_eq!(range(&empty, "--all").sound(), [""; 0]);
    let scanned = range(&empty, "HEAD");
    assert!(scanned.code == 2 && !scanned.stderr.contains("fetch"), "{scanned:?}");
}

#[test]
fn a_clone_without_trees_is_incomplete_and_fetches_nothing() {
    let place = sample();
    place.git(&["config", "uploadpack.allowFilter", "true"]);
    place.commit("b/c.env", "A=PT{hex:48}\n").commit("b/d.env", "A=1\n");
    let url = format!("file://{}", place.root.display());
    place.git(&["clone", "-q", "--filter=tree:0", &url, "clone"]);
    // The checkout has fetched the newest tree alone.
    let pack = place.at("clone/.git/objects/pack");
    let packs = || std::fs::read_dir(&pack).unwrap().count();
    let before = packs();
    let incomplete = |args: &[&str], kinds: &[&str]| {
        let scanned = place.run("clone", args);
        assert_eq!((scanned.code, scanned.problems()), (3, kinds.to_vec()), "{args:?} {scanned:?}");
        assert!(scanned.stderr.contains("git fetch --refetch --filter=blob:limit=1g"), "{}", scanned.stderr);
    };
    incomplete(&["history", "--range", "HEAD~1..HEAD"], &["missing"]);
    incomplete(&["history", "--range", "HEAD"], &["missing"; 5]);
    assert_eq!(place.run("clone", &["staged"]).sound(), [""; 0], "the tree of HEAD is there");
    place.git_in("clone", &["update-ref", "HEAD", "HEAD~1"]);
    incomplete(&["staged"], &["missing"]);
    place.file("clone/new.env", "A=PT{hex:48}\n");
    let scanned = place.run("clone", &["changes"]);
    assert_eq!((scanned.secrets(), scanned.code), (vec!["new.env:1 untracked".to_owned()], 1), "{scanned:?}");
    place.git_in("clone", &["update-ref", "HEAD", "HEAD~1"]);
    assert_eq!(packs(), before);
}

#[test]
fn a_range_writes_nothing() {
    let place = sample();
    let before = place.state();
    assert_eq!(range(&place, "HEAD").sound().len(), 2);
    assert!(place.state() == before);
}

#[test]
fn without_git_on_the_path_a_range_is_an_error_that_says_so() {
    let place = sample();
    let scanned = place.run_with("", &["history", "--range", "HEAD~1..HEAD"], &[("PATH", "/nowhere")]);
    assert_eq!(scanned.code, 2);
    assert!(scanned.stderr.contains("there is no git on the PATH"), "{}", scanned.stderr);
    assert_eq!(place.run_with("", &["staged"], &[("PATH", "/nowhere")]).code, 0, "the index is read without it");
}
