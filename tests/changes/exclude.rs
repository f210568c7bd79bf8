//! What `--exclude` leaves out of what is new.

use std::fs;

use super::place::{Place, Scanned};

const TOKEN: &str = "A=PT{hex:48}\n";

fn excluded(scanned: &Scanned) -> u64 {
    scanned.report["coverage"]["excluded"].as_u64().unwrap()
}

/// Asserts what is reported, and how much was left out.
fn assert_left(scanned: &Scanned, left: &[&str], count: u64) {
    assert_eq!(scanned.sound(), left);
    assert_eq!(excluded(scanned), count, "{scanned:?}");
}

/// A command, with patterns of what to leave out.
fn run(place: &Place, args: &[&str], patterns: &[&str]) -> Scanned {
    let patterns = patterns.iter().flat_map(|pattern| ["--exclude", *pattern]);
    place.run("", &args.iter().copied().chain(patterns).collect::<Vec<_>>())
}

#[test]
fn what_is_staged_at_an_excluded_path_is_not_judged() {
    let place = Place::repository();
    place.commit("top", "");
    for name in ["a.js", "vendor/b", "vendor/deep/c.js", "lib/vendor/d"] {
        place.file(name, TOKEN).git(&["add", "."]);
    }
    for (patterns, left, count) in [
        (&["vendor"][..], &["a.js:1 index"][..], 2),
        (&["/vendor/"], &["a.js:1 index", "lib/vendor/d:1 index"], 1),
        (&["./vendor"], &["a.js:1 index", "lib/vendor/d:1 index"], 1),
        (&["*.js"], &["lib/vendor/d:1 index", "vendor/b:1 index"], 2),
        (&["vendor/b/"], &["a.js:1 index", "lib/vendor/d:1 index", "vendor/b:1 index", "vendor/deep/c.js:1 index"], 0),
        (&["*.js", "vendor"], &[], 3),
    ] {
        let scanned = run(&place, &["staged"], patterns);
        assert_left(&scanned, left, count);
    }
    assert_eq!(place.run("lib", &["staged", "--exclude", "/vendor"]).sound().len(), 2, "from a folder inside");
}

#[test]
fn the_name_of_an_excluded_file_is_not_judged() {
    let place = Place::repository();
    place.file(place.text("x/f-PT{hex:48}"), "").git(&["add", "."]);
    assert_eq!(place.staged().len(), 1);
    assert_eq!(run(&place, &["staged"], &["f-*"]).sound(), [""; 0]);
}

#[test]
fn what_is_pending_at_an_excluded_path_is_not_judged() {
    let place = Place::repository();
    place.file(".gitignore", "*.log\n").file("vendor/same", TOKEN).file("gone/a", "A=1\n");
    place.file("vendor/edited", "A=1\n").commit("edited", "A=1\n");
    place.file("vendor/staged", TOKEN).git(&["add", "."]);
    place.file("vendor/edited", TOKEN).file("edited", TOKEN).file("new", TOKEN).file("new.log", TOKEN);
    place.file("vendor/new", TOKEN).file("other/vendor/new", TOKEN).file("gone/b", TOKEN).git(&["add", "gone"]);
    fs::remove_dir_all(place.at("gone")).unwrap();
    let all = run(&place, &["changes"], &[]);
    assert_eq!((all.sound().len(), excluded(&all)), (7, 0));
    let scanned = run(&place, &["changes"], &["vendor"]);
    assert_eq!(scanned.sound(), ["edited:1 unstaged", "gone/b:1 index", "new:1 untracked"]);
    assert_eq!(excluded(&scanned), 2, "each folder once");
    let scanned = run(&place, &["changes"], &["/vendor", "gone", "new"]);
    assert_left(&scanned, &["edited:1 unstaged"], 4);
    let scanned = run(&place, &["changes"], &["edited", "new", "staged"]);
    assert_left(&scanned, &["gone/b:1 index"], 6);
}

#[test]
fn a_pattern_counts_from_the_root_and_not_from_what_leads_there() {
    let place = Place::repository();
    place.file("a", TOKEN);
    assert_eq!(run(&place, &["changes"], &["work", "**/work/a"]).sound(), ["a:1 untracked"]);
}

#[test]
fn what_a_range_brings_at_an_excluded_path_is_not_judged() {
    let place = Place::repository();
    place.commit("top", "");
    place.commit("vendor/a", "A=PT{same:one=hex:48}\n");
    place.commit("b", "A=PT{hex:48}\n");
    let range = &["history", "--range", "HEAD~2.."];
    let scanned = run(&place, range, &["vendor"]);
    assert_left(&scanned, &["b:1 blob"], 1);
    place.file("c", "# the same\nA=PT{same:one}\n").git(&["add", "."]);
    place.git(&["commit", "-qm", &place.text("PT{hex:48}")]);
    let secrets = run(&place, &["history", "--range", "HEAD~3.."], &["vendor", "commit*"]).sound();
    assert_eq!((secrets.len(), &*secrets[0]), (3, "b:1 blob"), "{secrets:?}");
    assert_eq!(secrets[1], "c:2 blob", "what an excluded file brought before is new elsewhere");
    assert!(secrets[2].ends_with(" message"), "a message is no file");
}

#[test]
fn what_an_excluded_file_held_is_old() {
    let place = Place::repository();
    place.commit("vendor/a", "A=PT{same:old=hex:48}\n");
    place.git(&["mv", "vendor/a", "b"]);
    assert_eq!(run(&place, &["staged"], &["vendor"]).sound(), [""; 0], "moved");
    place.file("b", "# it\nA=PT{same:old}\n").git(&["add", "."]);
    assert_eq!(run(&place, &["staged"], &["vendor"]).sound(), [""; 0], "moved and edited");
    assert_eq!(run(&place, &["changes"], &["vendor"]).sound(), [""; 0], "moved and edited");
    place.git(&["commit", "-qm", "one"]);
    assert_eq!(run(&place, &["history", "--range", "HEAD~1.."], &["vendor"]).sound(), [""; 0], "moved and edited");
}
