//! A repository made for one test, and all its objects as git and as barewire read them.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;

use barewire::git::odb::{Body, Catalog, Entries, Entry, Kept, Limits, Object, Store, Swept, TreeVisitor, Visitor};
use barewire::git::{Kind, ObjectFormat, ObjectId};
use tempfile::TempDir;

/// Objects by their names.
pub(super) type Objects = BTreeMap<ObjectId, (Kind, Vec<u8>)>;

/// No object of these tests is larger.
pub(super) const LIMITS: Limits = Limits { most: 64 << 20, stream: 1 << 20 };

/// A repository made for one test.
pub(super) struct Place {
    _temp: TempDir,
    pub(super) root: PathBuf,
    pub(super) format: ObjectFormat,
}

impl Place {
    pub(super) fn new(format: ObjectFormat) -> Self {
        let temp = TempDir::with_prefix("barewire-odb-").unwrap();
        let root = temp.path().canonicalize().unwrap();
        let place = Self { _temp: temp, root, format };
        let name = if format == ObjectFormat::Sha1 { "sha1" } else { "sha256" };
        place.git(&["init", "-q", "-b", "trunk", &format!("--object-format={name}"), "."]);
        place.git(&["config", "gc.auto", "0"]);
        place
    }

    /// Runs git, which must succeed.
    pub(super) fn git(&self, args: &[&str]) -> Vec<u8> {
        let output = self.command(args).output().unwrap();
        assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
        output.stdout
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new("git");
        command.current_dir(&self.root).env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_SYSTEM", "/dev/null");
        for name in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_PREFIX"] {
            command.env_remove(name);
        }
        command.args(["-c", "user.name=A", "-c", "user.email=a@example.com", "-c", "core.fsync=none"]).args(args);
        command
    }

    pub(super) fn objects(&self) -> PathBuf {
        self.root.join(".git/objects")
    }

    /// Files of the pack folder with this extension.
    pub(super) fn packs(&self, extension: &str) -> Vec<PathBuf> {
        let entries = fs::read_dir(self.objects().join("pack")).unwrap().map(|entry| entry.unwrap().path());
        let mut packs: Vec<PathBuf> =
            entries.filter(|path| path.extension().is_some_and(|other| other == extension)).collect();
        packs.sort();
        packs
    }

    /// Adds `count` commits that each change a few of many files a little.
    pub(super) fn grow(&self, count: usize, seed: u64) -> &Self {
        let mut random = Random(seed | 1);
        for commit in 0..count {
            for _ in 0..3 {
                let name = format!("d{}/e{}/f{}", random.below(3), random.below(4), random.below(6));
                let path = self.root.join(&name);
                fs::create_dir_all(path.parent().unwrap()).unwrap();
                let mut text = fs::read(&path).unwrap_or_default();
                let at = random.below(text.len() + 1);
                let line = format!("{seed} {commit} {} {}\n", random.next(), "x".repeat(random.below(60)));
                let end = (at + random.below(40)).min(text.len());
                text.splice(at..end, line.bytes());
                fs::write(path, text).unwrap();
            }
            self.git(&["add", "-A"]);
            self.git(&["commit", "-qm", &format!("commit {commit} of {seed}")]);
        }
        self.git(&["tag", "-am", "a tag", &format!("tag-{seed}")]);
        self
    }

    /// All objects as git reads them.
    pub(super) fn truth(&self) -> Objects {
        let output = self.git(&["cat-file", "--batch-all-objects", "--batch"]);
        let mut objects = Objects::new();
        let mut rest = &output[..];
        while !rest.is_empty() {
            let end = rest.iter().position(|&byte| byte == b'\n').unwrap();
            let line = std::str::from_utf8(&rest[..end]).unwrap();
            let [id, kind, size] = line.split(' ').collect::<Vec<_>>()[..] else { panic!("{line}") };
            let size: usize = size.parse().unwrap();
            let bytes = rest[end + 1..][..size].to_vec();
            objects.insert(ObjectId::from_hex(id.as_bytes()).unwrap(), (kind_of(kind), bytes));
            rest = &rest[end + 1 + size + 1..];
        }
        objects
    }

    pub(super) fn store(&self) -> Store {
        Store::open(&self.objects(), self.format, &[]).unwrap()
    }

    /// Asserts that every object is read as git reads it, in every way, and nothing else.
    pub(super) fn check(&self) {
        let truth = self.truth();
        assert!(truth.len() > 3);
        check(&self.store(), &truth);
    }
}

fn kind_of(name: &str) -> Kind {
    match name {
        "commit" => Kind::Commit,
        "tree" => Kind::Tree,
        "blob" => Kind::Blob,
        "tag" => Kind::Tag,
        other => panic!("{other}"),
    }
}

/// Asserts that a store has exactly the objects of `truth`.
pub(super) fn check(store: &Store, truth: &Objects) {
    for (id, (kind, bytes)) in truth {
        assert!(store.contains(id));
        let content = store.read(id, LIMITS.most).unwrap();
        assert_eq!((content.kind, &content.bytes), (*kind, bytes), "{id}");
    }
    for jobs in [1, 3] {
        let catalog = Catalog::new(store, jobs);
        assert_eq!(catalog.defects(), []);
        assert_eq!(catalog.len(), truth.len());
        for (id, (kind, bytes)) in truth {
            let object = catalog.find(id).unwrap();
            assert_eq!((catalog.id(object), catalog.kind(object)), (*id, Some(*kind)));
            assert_eq!(&catalog.read(object, LIMITS.most).unwrap().bytes, bytes);
        }
        for kind in [Kind::Commit, Kind::Tree, Kind::Blob, Kind::Tag] {
            assert_eq!(catalog.count(kind), truth.values().filter(|(other, _)| *other == kind).count() as u64);
        }
        let (found, swept) = contents(&catalog, jobs, LIMITS);
        assert_eq!(swept.unread, []);
        let expected: Objects = truth
            .iter()
            .filter(|(_, (kind, _))| *kind != Kind::Tree)
            .map(|(id, object)| (*id, object.clone()))
            .collect();
        assert!(found == expected, "{} of {}", found.len(), expected.len());
        assert_eq!(swept.objects, expected.len() as u64);
        assert_eq!(swept.bytes, expected.values().map(|(_, bytes)| bytes.len() as u64).sum::<u64>());
        check_trees(&catalog, jobs, truth);
    }
}

/// All contents that a sweep hands out.
pub(super) fn contents(catalog: &Catalog<'_>, jobs: usize, limits: Limits) -> (Objects, Swept) {
    let found = Mutex::new(Objects::new());
    let swept = catalog.contents(jobs, limits, &|| Box::new(Collector { catalog, found: &found }));
    (found.into_inner().unwrap(), swept)
}

struct Collector<'a> {
    catalog: &'a Catalog<'a>,
    found: &'a Mutex<Objects>,
}

impl Visitor for Collector<'_> {
    fn visit(&mut self, object: Object, kind: Kind, body: Body<'_>) {
        let mut bytes = Vec::new();
        match body {
            Body::Whole(whole) => bytes.extend_from_slice(whole),
            // What cannot be read is noted by the sweep.
            Body::Stream { input, .. } => drop(input.read_to_end(&mut bytes)),
        }
        let id = self.catalog.id(object);
        assert_eq!(self.found.lock().unwrap().insert(id, (kind, bytes)), None, "{id} is handed out once");
    }
}

/// What a sweep of trees says: the distinct entries, and which trees hold those that were kept.
#[derive(Debug, Default)]
pub(super) struct Seen {
    pub(super) entries: BTreeSet<(u32, Vec<u8>, Vec<u8>)>,
    pub(super) handed_out: u64,
    holders: BTreeMap<ObjectId, Vec<(u32, Vec<u8>, u32)>>,
}

/// Sweeps the trees, and keeps the entries that `mark` marks.
pub(super) fn trees(catalog: &Catalog<'_>, jobs: usize, mark: fn(&Entry<'_>) -> Option<u32>) -> (Seen, Swept) {
    let seen = Mutex::new(Seen::default());
    let swept = catalog.trees(jobs, &|| Box::new(Watcher { catalog, mark, seen: &seen }));
    (seen.into_inner().unwrap(), swept)
}

struct Watcher<'a> {
    catalog: &'a Catalog<'a>,
    mark: fn(&Entry<'_>) -> Option<u32>,
    seen: &'a Mutex<Seen>,
}

impl TreeVisitor for Watcher<'_> {
    fn entry(&mut self, entry: &Entry<'_>) -> Option<u32> {
        let mut seen = self.seen.lock().unwrap();
        seen.entries.insert((entry.mode, entry.name.to_vec(), entry.id.to_vec()));
        seen.handed_out += 1;
        (self.mark)(entry)
    }

    fn holder(&mut self, tree: Object, kept: &[Kept<'_>]) {
        let kept = kept.iter().map(|kept| (kept.mark, kept.name.to_vec(), kept.mode)).collect();
        let id = self.catalog.id(tree);
        assert_eq!(self.seen.lock().unwrap().holders.insert(id, kept), None, "{id} is a holder once");
    }
}

/// Keeps about a third of all entries.
fn third(entry: &Entry<'_>) -> Option<u32> {
    entry.id[3].is_multiple_of(3).then(|| u32::from(entry.id[3]))
}

/// Keeps all entries, as what their ids say.
fn every(entry: &Entry<'_>) -> Option<u32> {
    entry.id[..4].try_into().ok().map(u32::from_be_bytes)
}

/// Asserts that a sweep of the trees sees all entries, and names all holders of some and of all of them.
pub(super) fn check_trees(catalog: &Catalog<'_>, jobs: usize, truth: &Objects) {
    for mark in [third, every] {
        check_marked(catalog, jobs, truth, mark);
    }
}

fn check_marked(catalog: &Catalog<'_>, jobs: usize, truth: &Objects, mark: fn(&Entry<'_>) -> Option<u32>) {
    let (seen, swept) = trees(catalog, jobs, mark);
    assert_eq!(swept.unread, []);
    let mut expected = Seen::default();
    for (id, (kind, bytes)) in truth {
        if *kind != Kind::Tree {
            continue;
        }
        let mut kept = Vec::new();
        for entry in Entries::new(bytes, id.as_bytes().len()) {
            let entry = entry.unwrap();
            expected.entries.insert((entry.mode, entry.name.to_vec(), entry.id.to_vec()));
            expected.handed_out += 1;
            kept.extend(mark(&entry).map(|mark| (mark, entry.name.to_vec(), entry.mode)));
        }
        if !kept.is_empty() {
            expected.holders.insert(*id, kept);
        }
    }
    assert_eq!(seen.entries, expected.entries);
    assert_eq!(seen.holders, expected.holders);
    assert!(seen.handed_out <= expected.handed_out);
    assert_eq!(swept.objects, catalog.count(Kind::Tree));
}

/// Numbers that are the same in every run.
pub(super) struct Random(pub(super) u64);

impl Random {
    pub(super) fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    pub(super) fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next() % limit as u64).unwrap()
    }
}

/// Copies a folder.
pub(super) fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}
