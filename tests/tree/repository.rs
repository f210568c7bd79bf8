//! Repositories: what is tracked, what is ignored, and every form of index.

use std::fs;
use std::path::Path;

use barewire::source::{GapKind, IgnoreFiles, TreeOptions};

use super::place::{Place, git};

#[test]
fn a_tracked_file_is_scanned_even_if_it_is_ignored() {
    let place = Place::repository();
    place.file(".gitignore", "/*\n").file("tracked", "").file("deep/er/tracked", "").file("deep/untracked", "");
    place.git(["add", "-f", "tracked", "deep/er/tracked"]).file("untracked", "").file("deep/er/too", "");
    assert_eq!(place.scan().sound_names(), ["deep/er/tracked", "tracked"]);
}

#[test]
fn an_ignore_file_of_search_tools_hides_what_is_untracked_alone() {
    let place = Place::repository();
    place.file(".ignore", "*.env\nfolder/\n").file("tracked.env", "").file("folder/tracked", "").file("a", "");
    place.git(["add", "."]).file("untracked.env", "").file("folder/untracked", "").file("b", "");
    assert_eq!(place.scan().sound_names(), [".ignore", "a", "b", "folder/tracked", "tracked.env"]);
}

#[test]
fn an_untracked_file_is_scanned_unless_it_is_ignored() {
    let place = Place::repository();
    place.file(".gitignore", "*.log\n!keep.log\nbuild/\n").file("a.log", "").file("keep.log", "").file("b", "");
    place.file("build/x", "").file("sub/.gitignore", "/only\n").file("sub/only", "").file("sub/x/only", "");
    assert_eq!(place.scan().sound_names(), [".gitignore", "b", "keep.log", "sub/.gitignore", "sub/x/only"]);
}

#[test]
fn ignore_files_count_outside_of_a_repository_too() {
    let place = Place::new();
    place.file(".gitignore", "a\n").file(".ignore", "b\n!c\n").file("sub/.gitignore", "c\nd\n");
    place.file("a", "").file("b", "").file("sub/b", "").file("sub/c", "").file("sub/d", "").file("sub/e", "");
    assert_eq!(place.scan().sound_names(), [".gitignore", ".ignore", "sub/.gitignore", "sub/c", "sub/e"]);
}

#[test]
fn the_list_of_the_repository_and_those_above_the_named_folder_count() {
    let place = Place::repository();
    place.file(".git/info/exclude", "excluded\n").file(".gitignore", "/sub/deep/ignored\n*.tmp\n");
    place.file("sub/deep/excluded", "").file("sub/deep/ignored", "").file("sub/deep/a.tmp", "").file("sub/deep/b", "");
    assert_eq!(place.scan_as(&["sub/deep"], TreeOptions::default()).sound_names(), ["sub/deep/b"]);
}

#[test]
fn nothing_is_ignored_on_request() {
    let place = Place::repository();
    place.file(".gitignore", "/*\n").file("a", "").file(".git/b", "");
    let options = TreeOptions { ignore_files: IgnoreFiles::Disregarded, ..TreeOptions::default() };
    assert_eq!(place.scan_as(&[""], options).sound_names(), [".gitignore", "a"]);
}

#[test]
fn a_nested_repository_has_its_own_index_and_rules() {
    let place = Place::repository();
    place.file(".gitignore", "*.key\n").file("in/.gitignore", "*.env\n").file("in/a.env", "").file("in/b.env", "");
    place.file("in/c.key", "").file("d.key", "").git_in("in", ["init", "-q"]).git_in("in", ["add", "-f", "a.env"]);
    assert_eq!(place.scan().sound_names(), [".gitignore", "in/.gitignore", "in/a.env", "in/c.key"]);
}

#[test]
fn a_submodule_is_scanned_even_if_its_folder_is_ignored() {
    let other = Place::repository();
    other.file("a.env", "").file("b", "").git(["add", "."]).git(["commit", "-qm", "one"]);
    let place = Place::repository();
    place.git(["submodule", "--quiet", "add", other.root.to_str().unwrap(), "vendor/sub"]);
    place.file(".gitignore", "vendor\n").file("vendor/sub/.gitignore", "*.env\n").file("vendor/x", "");
    let names = [".gitignore", ".gitmodules", "vendor/sub/.gitignore", "vendor/sub/a.env", "vendor/sub/b"];
    assert_eq!(place.scan().sound_names(), names);
}

#[test]
fn a_linked_working_tree_has_its_own_index() {
    let place = Place::repository();
    place.file("main/a", "").git(["add", "."]).git(["commit", "-qm", "one"]);
    place.git(["worktree", "add", "-q", "linked"]).file("linked/.gitignore", "*\n");
    place.file("linked/b", "").git_in("linked", ["add", "-f", "b"]).file("linked/c", "");
    let scanned = place.scan_as(&["linked"], TreeOptions::default());
    assert_eq!(scanned.sound_names(), ["linked/b", "linked/main/a"]);
}

#[test]
fn a_working_tree_without_its_repository_is_a_gap() {
    let place = Place::new();
    place.file("a", "").file(".git", "gitdir: /nowhere/at/all\n").file(".gitignore", "b\n").file("b", "");
    let scanned = place.scan();
    assert_eq!(scanned.names(), [".gitignore", "a"]);
    let gap = &scanned.omitted.gaps[0];
    assert_eq!(gap.kind, GapKind::Unreadable);
    assert!(gap.detail.contains("its repository /nowhere/at/all is not there"), "{}", gap.detail);
}

/// Fails unless a scan of `place` says that what is tracked in `inside` is not known.
#[cfg(unix)]
fn assert_hidden(place: &Place, inside: &str) {
    let scanned = place.scan();
    assert!(!scanned.names().iter().any(|name| name.ends_with('a')), "{:?}", scanned.names());
    let [gap] = &*scanned.omitted.gaps else { panic!("{:?}", scanned.omitted.gaps) };
    assert_eq!(gap.kind, GapKind::Unreadable);
    let words = format!("tracked and ignored may have been missed: {}: ", place.at(inside).join(".git").display());
    assert!(gap.detail.contains(&words), "{}", gap.detail);
}

#[cfg(unix)]
#[test]
fn a_repository_that_cannot_be_looked_at_is_a_gap() {
    use std::os::unix::fs::{PermissionsExt as _, symlink};
    for folder in ["", "in"] {
        for name in [".git", ".git/objects", ".git/commondir"] {
            let place = Place::new();
            place
                .file(Path::new(folder).join(".gitignore"), "a\n")
                .file(Path::new(folder).join("a"), "")
                .git_in(folder, ["init", "-q", "."]);
            let path = place.at(folder).join(name);
            if path.is_dir() {
                fs::remove_dir_all(&path).unwrap();
            }
            // A link to itself leads nowhere, and nobody can say where.
            symlink(&path, &path).unwrap();
            assert_hidden(&place, folder);
        }
    }
    let place = Place::repository();
    place.file(".gitignore", "a\n").file("a", "").git(["add", "-f", "a"]);
    let allow = |mode| fs::set_permissions(place.at(".git"), fs::Permissions::from_mode(mode)).unwrap();
    allow(0o000);
    // To root, nothing is forbidden.
    let is_forbidden = fs::read_dir(place.at(".git")).is_err();
    if is_forbidden {
        assert_hidden(&place, "");
    }
    allow(0o700);
}

#[test]
fn an_index_that_is_too_large_is_a_gap() {
    let place = Place::repository();
    place.file("a", "");
    fs::File::create(place.at(".git/index")).unwrap().set_len((1 << 30) + 1).unwrap();
    let scanned = place.scan();
    assert_eq!(scanned.names(), ["a"]);
    assert!(scanned.omitted.gaps[0].detail.ends_with("it is larger than 1 GiB"), "{:?}", scanned.omitted.gaps);
}

#[test]
fn a_list_of_ignored_files_that_is_huge_hides_nothing() {
    let place = Place::repository();
    place.file("a", "").file(".gitignore", &format!("{}a\n", "#\n".repeat(1 << 19)));
    assert_eq!(place.scan().sound_names(), [".gitignore", "a"]);
}

#[test]
fn a_damaged_index_is_a_gap() {
    let place = Place::repository();
    place.file("a", "").git(["add", "."]).file(".git/index", "DIRC, not");
    let scanned = place.scan();
    assert_eq!(scanned.names(), ["a"]);
    assert!(scanned.omitted.gaps[0].detail.contains("tracked and ignored may have been missed"));
}

#[test]
fn every_form_of_index_is_read() {
    for (form, setup) in [
        ("2", ["update-index", "--index-version", "2"]),
        ("4", ["update-index", "--index-version", "4"]),
        ("split", ["update-index", "--split-index", "--refresh"]),
        ("untracked cache", ["update-index", "--force-untracked-cache", "--refresh"]),
        ("intent to add", ["add", "-fN", "later"]),
        ("skip-worktree", ["update-index", "--skip-worktree", "gone"]),
    ] {
        let place = Place::repository();
        place.file(".gitignore", "*\n").file("a/b/c", "").file("a/b/cd", "").file("a/bc", "").file("gone", "");
        place.git(["add", "-f", "a", "gone"]).file("later", "").git(setup).file("a/x", "");
        fs::remove_file(place.at("gone")).unwrap();
        let mut names = vec!["a/b/c", "a/b/cd", "a/bc"];
        names.extend((form == "intent to add").then_some("later"));
        assert_eq!(place.scan().sound_names(), names, "{form}");
    }
}

#[test]
fn repositories_with_other_ids_and_refs_are_read() {
    for option in ["--object-format=sha256", "--ref-format=reftable"] {
        let place = Place::new();
        if !git(&place.root).args(["init", "-q", option]).output().unwrap().status.success() {
            continue;
        }
        place.file(".gitignore", "*\n").file("a", "").file("longer/name", "").file("b", "");
        place.git(["add", "-f", "a", "longer/name"]);
        assert_eq!(place.scan().sound_names(), ["a", "longer/name"], "{option}");
    }
}

#[test]
fn a_conflict_is_one_file() {
    let place = Place::repository();
    place.file("a", "1").git(["add", "."]).git(["commit", "-qm", "one"]).git(["branch", "other"]);
    place.file("a", "2").git(["commit", "-qam", "two"]).git(["checkout", "-q", "other"]);
    place.file("a", "3").git(["commit", "-qam", "three"]);
    assert!(!git(&place.root).args(["merge", "-q", "trunk"]).output().unwrap().status.success());
    place.file(".git/info/exclude", "a\n");
    assert_eq!(place.scan().sound_names(), ["a"]);
}

#[test]
fn scanning_leaves_the_index_as_it_is() {
    let place = Place::repository();
    place.file("a", "").git(["add", "."]).git(["update-index", "--split-index"]);
    let state = || {
        let mut files: Vec<_> = fs::read_dir(place.at(".git")).unwrap().map(|entry| entry.unwrap().path()).collect();
        files.sort();
        let modified = fs::metadata(place.at(".git/index")).unwrap().modified().unwrap();
        (files, fs::read(place.at(".git/index")).unwrap(), modified)
    };
    let before = state();
    place.file("a", "changed");
    assert_eq!(place.scan().sound_names(), ["a"]);
    assert_eq!(state(), before);
}

#[test]
fn a_pipe_in_the_place_of_a_file_of_git_keeps_nobody_waiting() {
    let pipe = |place: &Place, name: &str| {
        assert!(std::process::Command::new("mkfifo").arg(place.at(name)).status().unwrap().success());
    };
    let place = Place::new();
    place.file("a", "");
    pipe(&place, ".git");
    assert_eq!(place.scan().sound_names(), ["a"]);
    for (name, gaps) in
        [(".git/info/exclude", 0), (".git/commondir", 0), (".git/config", 0), (".git/index", 1), ("list", 0)]
    {
        let place = Place::repository();
        place.file("a", "").git(["config", "core.excludesFile", place.at("list").to_str().unwrap()]);
        drop(fs::remove_file(place.at(name)));
        pipe(&place, name);
        let scanned = place.scan();
        assert_eq!((scanned.names(), scanned.omitted.gaps.len()), (vec!["a"], gaps), "{name}");
    }
}

/// Gives everything in `folder` to another user; only root can.
fn give_away(folder: &Path) -> bool {
    std::process::Command::new("chown").args(["-R", "12345"]).arg(folder).output().unwrap().status.success()
}

#[test]
fn a_repository_of_somebody_else_is_read() {
    let place = Place::repository();
    place.file(".gitignore", "*\n").file("a", "").git(["add", "-f", "a"]);
    if give_away(&place.root) {
        assert_eq!(place.scan().sound_names(), ["a"]);
    }
}

#[test]
fn an_index_that_git_refuses_to_read_is_a_gap_that_says_how_to_allow_it() {
    let place = Place::repository();
    place.file("a", "").git(["add", "a"]).git(["update-index", "--split-index"]);
    // Without the other part of the index, git is asked.
    let entries = fs::read_dir(place.at(".git")).unwrap().map(|entry| entry.unwrap().path());
    let shared = entries.filter(|path| path.to_str().unwrap().contains("/sharedindex."));
    shared.for_each(|path| fs::remove_file(path).unwrap());
    if give_away(&place.root) {
        let scanned = place.scan();
        assert_eq!(scanned.names(), ["a"]);
        let detail = &scanned.omitted.gaps[0].detail;
        assert!(detail.contains("git config --global --add safe.directory"), "{detail}");
    }
}
