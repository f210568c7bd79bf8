//! Files and folders: names, links, pipes, limits, and what goes wrong.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

use barewire::blob::Blob;
use barewire::detector::Detector;
use barewire::finding::{Event, Report, Sink};
use barewire::rule::RuleSet;
use barewire::scan::Scan;
use barewire::source::{Buffer, GapKind, Limits, Source as _, SourceError, Tree, TreeOptions};
use barewire::suppress::Suppressor;

use super::place::Place;

#[test]
fn hidden_files_are_scanned_and_git_folders_are_not() {
    let place = Place::new();
    place.file(".env", "").file(".config/a", "").file("x/.git/config", "").file("y/.git", "nonsense").file("y/a", "");
    assert_eq!(place.scan().sound_names(), [".config/a", ".env", "y/a"]);
}

#[test]
fn a_named_file_is_always_scanned() {
    let place = Place::repository();
    place.file(".gitignore", "*\n").file("ignored", "1").file(".git/inside", "2");
    let scanned = place.scan_as(&["ignored", ".git/inside"], TreeOptions::default());
    assert_eq!(scanned.sound_names(), [".git/inside", "ignored"]);
    assert_eq!(place.scan_as(&["", "ignored"], TreeOptions::default()).sound_names(), ["ignored"]);
}

#[test]
fn what_is_named_twice_is_scanned_once() {
    let place = Place::new();
    place.file("a/b/c", "1").file("a/d", "2").file("e", "3");
    symlink("a", place.at("link")).unwrap();
    let names = ["", "a", "a/b", "a/b/c", "a/../a/d", "./e", "a", "link/"];
    let scanned = place.scan_as(&names, TreeOptions::default());
    assert_eq!(scanned.texts.values().collect::<Vec<_>>(), ["2", "1", "3"]);
    assert_eq!(scanned.omitted.links, 1);
}

#[test]
fn names_are_as_typed_from_here() {
    let names = |path: &str| {
        let tree = Tree::new(vec![path.into()], TreeOptions::default());
        let listing = tree.list(1).unwrap();
        let mut names: Vec<String> = (0..listing.len()).map(|item| listing.name(item).to_text()).collect();
        names.sort();
        names
    };
    for path in ["src/source", "./src/source/", "src/./source"] {
        assert!(names(path).contains(&"src/source/mod.rs".to_owned()), "{path}");
    }
    assert!(names(".").contains(&"src/source/mod.rs".to_owned()));
    assert!(names("src/../src/source").contains(&"src/../src/source/mod.rs".to_owned()));
    assert_eq!(names("./Cargo.toml"), ["Cargo.toml"]);
}

#[test]
fn links_are_counted_and_not_followed() {
    let place = Place::new();
    place.file("a/b", "1");
    symlink("..", place.at("a/loop")).unwrap();
    symlink("a", place.at("folder")).unwrap();
    symlink("a/b", place.at("file")).unwrap();
    symlink("nowhere", place.at("dangling")).unwrap();
    let scanned = place.scan();
    assert_eq!(scanned.sound_names(), ["a/b"]);
    assert_eq!(scanned.omitted.links, 4);
}

#[test]
fn a_named_link_is_followed() {
    let place = Place::new();
    place.file("a/b", "1");
    symlink("a", place.at("folder")).unwrap();
    symlink("a/b", place.at("file")).unwrap();
    assert_eq!(place.scan_as(&["folder"], TreeOptions::default()).sound_names(), ["folder/b"]);
    assert_eq!(place.scan_as(&["file"], TreeOptions::default()).sound_names(), ["file"]);
}

#[test]
fn a_named_path_that_is_not_there_stops_everything() {
    let place = Place::new();
    place.file("a", "");
    symlink("far/away", place.at("dangling")).unwrap();
    symlink("loop", place.at("loop")).unwrap();
    assert_eq!(place.refusal("b"), "b does not exist");
    assert_eq!(place.refusal("a/b"), "a/b does not exist");
    assert_eq!(place.refusal("dangling"), "dangling is a link to far/away, which does not exist");
    assert!(place.refusal("loop").starts_with("loop: "));
}

#[test]
fn a_pipe_in_a_folder_is_counted_and_a_named_one_is_read() {
    let place = Place::new();
    assert!(Command::new("mkfifo").arg(place.at("pipe")).status().unwrap().success());
    let listener = std::os::unix::net::UnixListener::bind(place.at("socket")).unwrap();
    let scanned = place.scan();
    assert_eq!(scanned.sound_names(), Vec::<&str>::new());
    assert_eq!(scanned.omitted.special, 2);
    assert!(place.refusal("socket").contains("no content"));
    drop(listener);

    let pipe = place.at("pipe");
    let writer = std::thread::spawn(move || fs::write(pipe, "through the pipe").unwrap());
    let scanned = place.scan_as(&["pipe"], TreeOptions::default());
    writer.join().unwrap();
    assert_eq!(scanned.sound_names(), ["pipe"]);
    assert_eq!(scanned.texts["pipe"], "through the pipe");
}

#[test]
fn an_excluded_folder_hides_all_that_is_below_it() {
    let place = Place::repository();
    place.file("a/vendor/x", "").file("a/b.min.js", "").file("docs/a/b", "").file("docs/c", "").file("x/docs/d", "");
    place.git(["add", "."]);
    let exclude = ["vendor", "*.min.js", "/docs/a"].map(str::to_owned).to_vec();
    let scanned = place.scan_as(&[""], TreeOptions { exclude, ..TreeOptions::default() });
    assert_eq!(scanned.sound_names(), ["docs/c", "x/docs/d"]);
    assert_eq!(scanned.omitted.excluded, 3);
}

#[test]
fn exclusion_holds_for_named_files_too() {
    let place = Place::new();
    place.file("a/b.js", "").file("a/c", "");
    let options = || TreeOptions { exclude: vec!["*.js".to_owned()], ..TreeOptions::default() };
    let scanned = place.scan_as(&["a/b.js", "a/c"], options());
    assert_eq!(scanned.sound_names(), ["a/c"]);
    assert_eq!(scanned.omitted.excluded, 1);
}

#[test]
fn a_malformed_exclusion_is_refused() {
    let options = TreeOptions { exclude: vec!["a[".to_owned()], ..TreeOptions::default() };
    let tree = Tree::new(vec![".".into()], options);
    assert!(matches!(tree.list(1), Err(SourceError::Pattern { pattern, .. }) if pattern == "a["));
}

#[test]
fn what_vanishes_or_is_replaced_after_the_listing_is_a_gap() {
    let place = Place::new();
    place.file("gone", "1").file("folder/gone", "2").file("turned", "3").file("stays", "4");
    place.file("link", "5").file("pipe", "6").file("fed", "7").file("secret/x", "out of bounds");
    let exclude = vec!["secret".to_owned()];
    let tree = Tree::new(vec![place.root.clone()], TreeOptions { exclude, ..TreeOptions::default() });
    let listing = tree.list(1).unwrap();
    fs::remove_file(place.at("gone")).unwrap();
    fs::remove_dir_all(place.at("folder")).unwrap();
    place.file("folder", "");
    fs::remove_file(place.at("turned")).unwrap();
    fs::create_dir(place.at("turned")).unwrap();
    fs::remove_file(place.at("link")).unwrap();
    symlink("secret/x", place.at("link")).unwrap();
    for pipe in ["pipe", "fed"] {
        fs::remove_file(place.at(pipe)).unwrap();
        assert!(Command::new("mkfifo").arg(place.at(pipe)).status().unwrap().success());
    }
    // Opened for both ways, a pipe has a writer that writes nothing.
    let writer = fs::OpenOptions::new().read(true).write(true).open(place.at("fed")).unwrap();
    let scanned = place.load(&*listing);
    drop(writer);
    let mut gaps: Vec<_> = scanned.gaps.iter().map(|(name, kind, _)| (name.as_str(), *kind)).collect();
    gaps.sort();
    let vanished = ["folder/gone", "gone"].map(|name| (name, GapKind::Vanished));
    let replaced = ["fed", "link", "pipe", "turned"].map(|name| (name, GapKind::Changed));
    let mut expected = [&vanished[..], &replaced].concat();
    expected.sort();
    assert_eq!(gaps, expected);
    assert_eq!(scanned.texts.values().map(String::as_str).collect::<String>(), "4");
}

#[test]
#[cfg(target_os = "linux")]
fn a_file_that_cannot_be_read_is_a_gap() {
    let scanned = Place::new().scan_as(&["/proc/self/mem"], TreeOptions::default());
    assert_eq!(scanned.gaps[0].1, GapKind::Unreadable);
    assert!(Place::new().scan_as(&["/proc/self/cmdline"], TreeOptions::default()).bytes > 0);
}

#[test]
fn a_folder_that_cannot_be_read_is_a_gap() {
    let place = Place::new();
    place.file("a", "");
    let name = "x".repeat(200);
    let script = format!(
        "for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22; do mkdir {name} && cd -P {name}; done; touch b"
    );
    assert!(Command::new("sh").arg("-c").arg(script).current_dir(&place.root).status().unwrap().success());
    let scanned = place.scan();
    assert_eq!(scanned.names(), ["a"]);
    assert_eq!(scanned.omitted.gaps.len(), 1);
    assert_eq!(scanned.omitted.gaps[0].kind, GapKind::Unreadable);
}

#[test]
fn a_file_that_changes_while_it_is_read_is_a_gap() {
    let place = Place::new();
    place.file("grows", &"x".repeat(5_000));
    let limits = Limits { window: 1_000, overlap: 10, ..Limits::default() };
    let tree = Tree::new(vec![place.root.clone()], TreeOptions { limits, ..TreeOptions::default() });
    let listing = tree.list(1).unwrap();
    let mut grown = false;
    let loaded = listing.load(0, &mut Buffer::default(), &mut |_: &Blob<'_>| {
        if !std::mem::replace(&mut grown, true) {
            place.file("grows", &"x".repeat(5_001));
        }
    });
    let gap = loaded.gap.unwrap();
    assert_eq!(gap.kind, GapKind::Changed);
    assert_eq!(gap.detail, "its size went from 5000 to 5001 bytes while it was read");
}

#[test]
fn names_need_not_be_text() {
    let place = Place::repository();
    let odd = OsStr::from_bytes(b"not\xffutf8");
    place.file(".gitignore", "*\n").file(Path::new(odd), "1").file("two\nlines \"q\"", "2").git(["add", "-f", "."]);
    assert_eq!(place.scan().sound_names(), [".gitignore", "not\\xFFutf8", "two\nlines \"q\""]);
}

#[test]
fn a_huge_file_costs_no_more_than_the_limit() {
    let place = Place::new();
    fs::File::create(place.at("huge")).unwrap().set_len(5_000_000_000).unwrap();
    let scanned = place.scan_as(&["huge"], TreeOptions::default());
    assert_eq!(scanned.bytes, 100_000_000);
    let (_, kind, detail) = &scanned.gaps[0];
    assert_eq!((*kind, detail.as_str()), (GapKind::Oversize, "100000000 of 5000000000 bytes were scanned"));
}

#[test]
fn a_file_of_exactly_the_limit_is_scanned_whole() {
    let place = Place::new();
    place.file("a", "12345678").file("b", "123456789");
    let limits = Limits { size: 8, ..Limits::default() };
    let scanned = place.scan_as(&[""], TreeOptions { limits, ..TreeOptions::default() });
    assert_eq!(scanned.texts.values().collect::<Vec<_>>(), ["12345678", "12345678"]);
    let gap = ("b".to_owned(), GapKind::Oversize, "8 of 9 bytes were scanned".to_owned());
    assert_eq!(scanned.gaps, [gap]);
}

struct Quiet;

impl Sink for Quiet {
    fn receive(&mut self, _event: &Event<'_>) -> std::io::Result<()> {
        Ok(())
    }
}

fn report(place: &Place, jobs: usize) -> Report {
    let detector = Detector::new(RuleSet::builtin().unwrap());
    let scan = Scan { detector: &detector, suppressor: &Suppressor::default(), now: 0, jobs };
    let limits = Limits { size: 1_000, ..Limits::default() };
    let tree = Tree::new(vec![place.root.clone()], TreeOptions { limits, ..TreeOptions::default() });
    scan.run(&tree, "x".to_owned(), &mut Quiet).unwrap().report
}

#[test]
fn the_coverage_does_not_depend_on_the_number_of_threads() {
    let place = Place::repository();
    for folder in 0..40 {
        for file in 0..10 {
            let size = if file == folder % 10 { 1_001 } else { folder };
            place.file(format!("{folder}/{}/{file}", folder % 3), &"x".repeat(size));
        }
        symlink("nowhere", place.at(&format!("{folder}/link"))).unwrap();
    }
    place.file(".gitignore", "9\n").git(["add", "1", "2"]);
    let one = report(&place, 1).coverage;
    assert_eq!(one.problems.len(), 36);
    assert_eq!((one.files, one.links), (316, 39));
    for _ in 0..5 {
        assert_eq!(report(&place, 4).coverage, one);
    }
}

#[test]
fn an_empty_folder_is_scanned_and_holds_no_file() {
    let coverage = report(&Place::new(), 4).coverage;
    assert_eq!(coverage.files, 0);
    assert!(coverage.is_complete());
}
