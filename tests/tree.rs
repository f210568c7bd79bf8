//! What of a folder is scanned, and what is said of the rest. On real files and repositories.
#![cfg(unix)]

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

use barewire::blob::{Blob, Name};
use barewire::detector::Detector;
use barewire::finding::{Event, Report, Sink};
use barewire::rule::RuleSet;
use barewire::scan::Scan;
use barewire::source::{
    Buffer, GapKind, IgnoreFiles, Limits, Listing, Loaded, Omitted, Source as _, SourceError, Tree, TreeOptions,
};
use barewire::suppress::Suppressor;
use tempfile::TempDir;

/// A folder made for one test.
struct Place {
    _temp: TempDir,
    root: PathBuf,
}

impl Place {
    fn new() -> Self {
        let temp = TempDir::with_prefix("barewire-tree-").unwrap();
        let root = temp.path().canonicalize().unwrap();
        Self { _temp: temp, root }
    }

    fn repository() -> Self {
        let place = Self::new();
        place.git(["init", "-q", "-b", "trunk", "."]);
        place
    }

    fn at(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }

    fn file(&self, name: impl AsRef<Path>, text: &str) -> &Self {
        let path = self.root.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
        self
    }

    fn git<const N: usize>(&self, args: [&str; N]) -> &Self {
        self.git_in("", args)
    }

    fn git_in<const N: usize>(&self, folder: &str, args: [&str; N]) -> &Self {
        let output = git(&self.root.join(folder)).args(args).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        self
    }

    fn scan(&self) -> Scanned {
        self.scan_as(&[""], TreeOptions::default())
    }

    fn scan_as(&self, names: &[&str], options: TreeOptions) -> Scanned {
        let tree = Tree::new(names.iter().map(|name| self.root.join(name)).collect(), options);
        let listing = tree.list(2).unwrap();
        self.load(&*listing)
    }

    fn load(&self, listing: &dyn Listing) -> Scanned {
        let mut scanned =
            Scanned { texts: BTreeMap::new(), omitted: self.tidy(listing.omitted()), gaps: Vec::new(), bytes: 0 };
        let mut buffer = Buffer::default();
        for item in 0..listing.len() {
            let mut text = Vec::new();
            let Loaded { bytes, gap } = listing.load(item, &mut buffer, &mut |blob: &Blob<'_>| {
                text.extend_from_slice(&blob.bytes[blob.frame.owned.clone()]);
            });
            scanned.bytes += bytes;
            let name = self.short(&listing.name(item));
            scanned.gaps.extend(gap.map(|gap| (self.short(&gap.name), gap.kind, gap.detail)));
            let text = String::from_utf8_lossy(&text).into_owned();
            assert_eq!(scanned.texts.insert(name, text), None, "each file is listed once");
        }
        scanned
    }

    fn short(&self, name: &Name) -> String {
        let text = name.to_text();
        text.strip_prefix(&format!("{}/", self.root.display())).unwrap_or(&text).to_owned()
    }

    fn tidy(&self, omitted: &Omitted) -> Omitted {
        let mut omitted = omitted.clone();
        for gap in &mut omitted.gaps {
            gap.name = Name::new(self.short(&gap.name));
        }
        omitted.gaps.sort();
        omitted
    }

    fn refusal(&self, name: &str) -> String {
        let tree = Tree::new(vec![self.at(name)], TreeOptions::default());
        let Err(error) = tree.list(1) else { panic!("it was listed") };
        error.to_string().replace(&format!("{}/", self.root.display()), "")
    }
}

fn git(folder: &Path) -> Command {
    let mut command = Command::new("git");
    command.current_dir(folder).env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_SYSTEM", "/dev/null");
    for name in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_PREFIX"] {
        command.env_remove(name);
    }
    command.args(["-c", "user.name=A", "-c", "user.email=a@example.com", "-c", "protocol.file.allow=always"]);
    command
}

struct Scanned {
    texts: BTreeMap<String, String>,
    omitted: Omitted,
    gaps: Vec<(String, GapKind, String)>,
    bytes: u64,
}

impl Scanned {
    fn names(&self) -> Vec<&str> {
        self.texts.keys().map(String::as_str).collect()
    }

    /// The names of the files that were scanned, if nothing went wrong.
    fn sound_names(&self) -> Vec<&str> {
        assert_eq!(self.omitted.gaps, []);
        assert_eq!(self.gaps, []);
        self.names()
    }
}

#[test]
fn a_tracked_file_is_scanned_even_if_it_is_ignored() {
    let place = Place::repository();
    place.file(".gitignore", "/*\n").file("tracked", "").file("deep/er/tracked", "").file("deep/untracked", "");
    place.git(["add", "-f", "tracked", "deep/er/tracked"]).file("untracked", "").file("deep/er/too", "");
    assert_eq!(place.scan().sound_names(), ["deep/er/tracked", "tracked"]);
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
fn hidden_files_are_scanned_and_git_folders_are_not() {
    let place = Place::new();
    place.file(".env", "").file(".config/a", "").file("x/.git/config", "").file("y/.git", "nonsense").file("y/a", "");
    assert_eq!(place.scan().sound_names(), [".config/a", ".env", "y/a"]);
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
fn what_vanishes_or_turns_unreadable_after_the_listing_is_a_gap() {
    let place = Place::new();
    place.file("gone", "1").file("folder/gone", "2").file("turned", "3").file("stays", "4");
    let tree = Tree::new(vec![place.root.clone()], TreeOptions::default());
    let listing = tree.list(1).unwrap();
    fs::remove_file(place.at("gone")).unwrap();
    fs::remove_dir_all(place.at("folder")).unwrap();
    place.file("folder", "");
    fs::remove_file(place.at("turned")).unwrap();
    fs::create_dir(place.at("turned")).unwrap();
    let mut gaps: Vec<_> = place.load(&*listing).gaps.into_iter().map(|(name, kind, _)| (name, kind)).collect();
    gaps.sort();
    let expected = [("folder/gone", GapKind::Vanished), ("gone", GapKind::Vanished), ("turned", GapKind::Unreadable)];
    assert_eq!(gaps, expected.map(|(name, kind)| (name.to_owned(), kind)));
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
