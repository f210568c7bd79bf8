//! A folder made for one test, and what a scan of it loads.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use barewire::blob::{Blob, Name};
use barewire::source::{Buffer, GapKind, Listing, Loaded, Omitted, Source as _, Tree, TreeOptions};
use tempfile::TempDir;

/// A folder made for one test.
pub(super) struct Place {
    _temp: TempDir,
    pub(super) root: PathBuf,
}

impl Place {
    pub(super) fn new() -> Self {
        let temp = TempDir::with_prefix("barewire-tree-").unwrap();
        let root = temp.path().canonicalize().unwrap();
        Self { _temp: temp, root }
    }

    pub(super) fn repository() -> Self {
        let place = Self::new();
        place.git(["init", "-q", "-b", "trunk", "."]);
        place
    }

    pub(super) fn at(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }

    pub(super) fn file(&self, name: impl AsRef<Path>, text: &str) -> &Self {
        let path = self.root.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
        self
    }

    pub(super) fn git<const N: usize>(&self, args: [&str; N]) -> &Self {
        self.git_in("", args)
    }

    pub(super) fn git_in<const N: usize>(&self, folder: &str, args: [&str; N]) -> &Self {
        let output = git(&self.root.join(folder)).args(args).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        self
    }

    pub(super) fn scan(&self) -> Scanned {
        self.scan_as(&[""], TreeOptions::default())
    }

    pub(super) fn scan_as(&self, names: &[&str], options: TreeOptions) -> Scanned {
        let tree = Tree::new(names.iter().map(|name| self.root.join(name)).collect(), options);
        let listing = tree.list(2).unwrap();
        self.load(&*listing)
    }

    pub(super) fn load(&self, listing: &dyn Listing) -> Scanned {
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

    pub(super) fn short(&self, name: &Name) -> String {
        let text = name.to_text();
        text.strip_prefix(&format!("{}/", self.root.display())).unwrap_or(&text).to_owned()
    }

    pub(super) fn tidy(&self, omitted: &Omitted) -> Omitted {
        let mut omitted = omitted.clone();
        for gap in &mut omitted.gaps {
            gap.name = Name::new(self.short(&gap.name));
        }
        omitted.gaps.sort();
        omitted
    }

    pub(super) fn refusal(&self, name: &str) -> String {
        let tree = Tree::new(vec![self.at(name)], TreeOptions::default());
        let Err(error) = tree.list(1) else { panic!("it was listed") };
        error.to_string().replace(&format!("{}/", self.root.display()), "")
    }
}

pub(super) fn git(folder: &Path) -> Command {
    let mut command = Command::new("git");
    command.current_dir(folder).env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_SYSTEM", "/dev/null");
    for name in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_PREFIX"] {
        command.env_remove(name);
    }
    command.args(["-c", "user.name=A", "-c", "user.email=a@example.com", "-c", "protocol.file.allow=always"]);
    command
}

pub(super) struct Scanned {
    pub(super) texts: BTreeMap<String, String>,
    pub(super) omitted: Omitted,
    pub(super) gaps: Vec<(String, GapKind, String)>,
    pub(super) bytes: u64,
}

impl Scanned {
    pub(super) fn names(&self) -> Vec<&str> {
        self.texts.keys().map(String::as_str).collect()
    }

    /// The names of the files that were scanned, if nothing went wrong.
    pub(super) fn sound_names(&self) -> Vec<&str> {
        assert_eq!(self.omitted.gaps, []);
        assert_eq!(self.gaps, []);
        self.names()
    }
}
