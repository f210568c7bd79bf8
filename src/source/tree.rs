//! Decides which files of the named files and folders are scanned, and in whose name.
//!
//! A file that is named is scanned whatever it is called and whoever ignores it. In a folder that is named, what git
//! ignores is left out, as are `.git` itself and what lies behind links. Ignore files count inside of a repository
//! from its root down, and elsewhere from the named folder down, so that nothing outside of either hides anything.
//!
//! A pattern of an ignore file that is malformed matches nothing, as in git: more is scanned, never less. So it is no
//! gap, and neither is an ignore file that cannot be read or is larger than a list ever is.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, FileType, Metadata};
use std::io::{self, ErrorKind};
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use ignore::Match;
use ignore::gitignore::{Gitignore, GitignoreBuilder};

use super::load::{self, Wanted};
use super::walk::{self, Entered, File, Folder, Found, Plan, Scope, Seen, Take, Tracking};
use super::window::{Buffer, Limits};
use super::{Listing, Loaded, Omitted, Source, SourceError};
use crate::blob::{Blob, Name, Origin};
use crate::git::{self, Tracked, WorkTree};

/// Whether what git ignores is left out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum IgnoreFiles {
    /// It is left out, unless it is tracked.
    #[default]
    Honoured,
    /// It is scanned, too.
    Disregarded,
}

/// What may be said about a scan of files and folders.
#[derive(Clone, Debug, Default)]
pub struct TreeOptions {
    /// Whether what git ignores is left out.
    pub ignore_files: IgnoreFiles,
    /// The list of ignored files that counts where the configuration of git names none. It need not exist.
    pub usual_list: Option<PathBuf>,
    /// Patterns in the manner of `.gitignore` of what is left out on request. They count from the named folder, and
    /// also from where the scan is started. They hold for named files, too.
    pub exclude: Vec<String>,
    /// How much of a file is read.
    pub limits: Limits,
}

/// A list of ignored files that is larger counts for nothing.
const LARGEST_LIST: u64 = 1 << 20;

/// The folder that stands before the files that were named, among those that were entered.
const NAMED: usize = 0;

/// Files and folders, as a source.
#[derive(Clone, Debug)]
pub struct Tree {
    paths: Vec<PathBuf>,
    options: TreeOptions,
}

impl Tree {
    /// The files and folders at `paths`, each as it was named.
    pub fn new(paths: Vec<PathBuf>, options: TreeOptions) -> Self {
        Self { paths, options }
    }
}

impl Source for Tree {
    fn list(&self, jobs: usize) -> Result<Box<dyn Listing + '_>, SourceError> {
        let exclusion = Exclusion::new(&self.options.exclude)?;
        let mut named = Named::default();
        self.paths.iter().try_for_each(|path| named.add(path))?;
        let mut found = Found::default();
        let mut seen = Seen::default();
        found.folders.insert(NAMED, Entered { path: PathBuf::new(), inside: PathBuf::new() });
        for (path, real) in named.files {
            if exclusion.covers_named(&path) {
                found.omitted.excluded += 1;
            } else {
                found.files.push(File { folder: NAMED, name: path.into_os_string() });
            }
            seen.files.insert(real);
        }
        // A folder inside of another comes first, since it was asked for by name. The other then passes over it.
        named.folders.sort_by_key(|(_, real)| std::cmp::Reverse(real.components().count()));
        for (at, (root, real)) in named.folders.iter().enumerate() {
            let (origin, folder) = self.root(root, real, &mut found.omitted);
            let usual_list = self.options.usual_list.as_deref();
            let plan =
                Plan { root, origin: &origin, scope: Scope::All, usual_list, exclusion: &exclusion, seen: &seen };
            let more = walk::walk(&plan, folder, jobs);
            if named.folders[at + 1..].iter().any(|(_, wider)| real.starts_with(wider)) {
                seen.folders.extend(more.folders.iter().map(|folder| origin.join(&folder.inside)));
            }
            found.add(more);
        }
        Ok(Box::new(Files { found, limits: &self.options.limits }))
    }
}

impl Tree {
    /// The named folder `path` as the first one to be entered, and the origin of the walk.
    fn root(&self, path: &Path, real: &Path, omitted: &mut Omitted) -> (PathBuf, Folder) {
        let folder = Folder {
            path: path.to_owned(),
            inside: PathBuf::new(),
            rules: None,
            tracking: Tracking::default(),
            take: Take::Unignored,
        };
        if self.options.ignore_files == IgnoreFiles::Disregarded {
            return (real.to_owned(), folder);
        }
        let usual_list = self.options.usual_list.as_deref();
        let Some(tree) = WorkTree::around(real) else {
            return (real.to_owned(), Folder { rules: Some(Rules::of_folder_alone(usual_list)), ..folder });
        };
        let origin = tree.root().to_owned();
        let inside = real.strip_prefix(&origin).unwrap_or(Path::new("")).to_owned();
        let mut rules = Rules::of_repository(None, &tree, Path::new(""), usual_list);
        let mut above: Vec<&Path> = inside.ancestors().skip(1).collect();
        above.reverse();
        for inside in above {
            rules = Rules::of_folder(&rules, &origin.join(inside), inside);
        }
        let tracking = Tracking::new(walk::tracked(&tree, &mut omitted.gaps), 0, &inside);
        (origin, Folder { inside, rules: Some(rules), tracking, ..folder })
    }
}

/// The files and links of a working tree that are not in `tracked` and that nothing ignores.
pub(super) fn untracked(
    tree: &WorkTree,
    tracked: Tracked,
    (usual_list, exclusion): (Option<&Path>, &Exclusion),
    jobs: usize,
) -> Found {
    let root = tree.root();
    let seen = Seen::default();
    let plan = Plan { root, origin: root, scope: Scope::Untracked, usual_list, exclusion, seen: &seen };
    let folder = Folder {
        path: root.to_owned(),
        inside: PathBuf::new(),
        rules: Some(Rules::of_repository(None, tree, Path::new(""), usual_list)),
        tracking: Tracking::new(tracked, 0, Path::new("")),
        take: Take::Unignored,
    };
    walk::walk(&plan, folder, jobs)
}

/// What was named, each once: as it is opened, and as it really is.
#[derive(Default)]
struct Named {
    files: Vec<(PathBuf, PathBuf)>,
    folders: Vec<(PathBuf, PathBuf)>,
    seen: BTreeSet<PathBuf>,
    /// The real paths of folders that were looked up.
    known: BTreeMap<PathBuf, PathBuf>,
}

impl Named {
    fn add(&mut self, named: &Path) -> Result<(), SourceError> {
        let path: PathBuf = named.components().filter(|part| *part != Component::CurDir).collect();
        let metadata = fs::metadata(or_here(&path)).map_err(|error| match error.kind() {
            ErrorKind::NotFound | ErrorKind::NotADirectory => absent(named),
            _ => SourceError::Unreadable { path: named.to_owned(), error },
        })?;
        if metadata.is_dir() {
            let real = fs::canonicalize(or_here(&path))
                .map_err(|error| SourceError::Unreadable { path: named.to_owned(), error })?;
            if self.seen.insert(real.clone()) {
                self.folders.push((path, real));
            }
        } else if metadata.is_file() || is_stream(metadata.file_type()) {
            let real = self.real(&path);
            if self.seen.insert(real.clone()) {
                self.files.push((path, real));
            }
        } else {
            return Err(SourceError::NoContent { path: named.to_owned() });
        }
        Ok(())
    }

    /// The real path of a file; that of its folder is looked up once. What has none stands for itself, like a pipe.
    fn real(&mut self, path: &Path) -> PathBuf {
        let is_link = fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_symlink());
        let (Some(folder), Some(name), false) = (path.parent(), path.file_name(), is_link) else {
            return fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        };
        if let Some(real) = self.known.get(folder) {
            return real.join(name);
        }
        let real = fs::canonicalize(or_here(folder)).unwrap_or_else(|_| folder.to_owned());
        let joined = real.join(name);
        self.known.insert(folder.to_owned(), real);
        joined
    }
}

fn or_here(path: &Path) -> &Path {
    if path.as_os_str().is_empty() { Path::new(".") } else { path }
}

/// What to say of a named path that is not there.
fn absent(path: &Path) -> SourceError {
    match fs::read_link(path) {
        Ok(target) => SourceError::Dangling { path: path.to_owned(), target },
        Err(_) => SourceError::Missing { path: path.to_owned() },
    }
}

/// Whether something that is no file can be read like one: a pipe, or a device such as a terminal.
#[cfg(unix)]
fn is_stream(kind: FileType) -> bool {
    use std::os::unix::fs::FileTypeExt as _;
    kind.is_fifo() || kind.is_char_device()
}

#[cfg(not(unix))]
fn is_stream(_kind: FileType) -> bool {
    true
}

/// The files that were found.
struct Files<'a> {
    found: Found,
    limits: &'a Limits,
}

impl Listing for Files<'_> {
    fn len(&self) -> usize {
        self.found.files.len()
    }

    fn omitted(&self) -> &Omitted {
        &self.found.omitted
    }

    fn name(&self, item: usize) -> Name {
        let file = &self.found.files[item];
        Name::from_path(&self.found.folders[file.folder].path.join(&file.name))
    }

    fn load(&self, item: usize, buffer: &mut Buffer, visit: &mut dyn FnMut(&Blob<'_>)) -> Loaded {
        let file = &self.found.files[item];
        let mut path = std::mem::take(&mut buffer.path);
        path.as_mut_os_string().clear();
        path.push(&self.found.folders[file.folder].path);
        path.push(&file.name);
        let wanted = if file.folder == NAMED { Wanted::Named(&path) } else { Wanted::Found(&path) };
        let loaded = load::load(wanted, (&Name::from_path(&path), Origin::Tree), self.limits, buffer, visit);
        buffer.path = path;
        loaded
    }
}

/// Whether a path is that of a folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum What {
    /// It is not.
    File,
    /// It is.
    Folder,
}

/// What is left out on request.
#[derive(Debug)]
pub(super) struct Exclusion(Gitignore);

impl Exclusion {
    /// What `patterns` leave out, in the manner of `.gitignore`.
    pub(super) fn new(patterns: &[String]) -> Result<Self, SourceError> {
        let mut builder = GitignoreBuilder::new("");
        let malformed = |pattern: &str, error: &ignore::Error| SourceError::Pattern {
            pattern: pattern.to_owned(),
            detail: error.to_string(),
        };
        builder.allow_unclosed_class(false);
        for pattern in patterns {
            builder.add_line(None, &as_line(pattern)).map_err(|error| malformed(pattern, &error))?;
        }
        builder.build().map(Self).map_err(|error| malformed(&patterns.join(" "), &error))
    }

    /// Whether nothing is left out.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether the file that was named as `path` is left out: itself, or a folder on the way to it from here.
    fn covers_named(&self, path: &Path) -> bool {
        if self.is_empty() {
            return false;
        }
        let here = if path.is_absolute() { fs::canonicalize(".").ok() } else { None };
        let from_here = here.and_then(|here| path.strip_prefix(here).ok());
        // Of a path that leads elsewhere, folders say nothing: they were not chosen.
        let mut folders =
            from_here.or(path.is_relative().then_some(path)).into_iter().flat_map(Path::ancestors).skip(1);
        let file = from_here.unwrap_or(path);
        self.covers(file, file, What::File) || folders.any(|folder| self.covers(folder, folder, What::Folder))
    }

    /// What leaves out `path`, counted from the root of a repository: the outermost folder on the way to it, or itself.
    pub(super) fn covering(&self, path: &[u8], what: What) -> Option<PathBuf> {
        if self.is_empty() {
            return None;
        }
        let path = git::path_of(path);
        let folders: Vec<&Path> = path.ancestors().skip(1).filter(|path| !path.as_os_str().is_empty()).collect();
        let covering = folders.into_iter().rev().find(|folder| self.covers(folder, folder, What::Folder));
        covering.or_else(|| self.covers(&path, &path, what).then_some(&*path)).map(Path::to_owned)
    }

    /// Whether `path`, which is `inside` the named folder, is left out.
    pub(super) fn covers(&self, path: &Path, inside: &Path, what: What) -> bool {
        let covers = |path: &Path| self.0.matched(path, what == What::Folder).is_ignore();
        covers(inside) || path != inside && covers(path)
    }
}

/// What was typed, as a line of an ignore file: `./` is here, and `#` begins no comment.
fn as_line(pattern: &str) -> String {
    match pattern.strip_prefix("./") {
        Some(rest) => format!("/{rest}"),
        None if pattern.starts_with('#') => format!("\\{pattern}"),
        None => pattern.to_owned(),
    }
}

/// What the ignore files from the origin of a walk down to a folder say.
#[derive(Debug)]
pub(super) struct Rules {
    parent: Option<Arc<Rules>>,
    ignore: Gitignore,
    gitignore: Gitignore,
    /// Where a repository begins: its own list, and that of the user. `.gitignore` files above it do not count.
    repository: Option<[Gitignore; 2]>,
    is_empty: bool,
}

impl Rules {
    /// The rules of a folder outside of any repository, before its own ignore files are read.
    pub(super) fn of_folder_alone(usual_list: Option<&Path>) -> Arc<Self> {
        let users = git::configured_list().or_else(|| usual_list.map(Path::to_owned));
        let lists = [Gitignore::empty(), compile(&users.map(|path| read(&path)).unwrap_or_default(), Path::new(""))];
        Self::new(None, [Gitignore::empty(), Gitignore::empty()], Some(lists))
    }

    /// The rules at the root of a repository, before its own ignore files are read.
    pub(super) fn of_repository(
        parent: Option<&Arc<Self>>,
        tree: &WorkTree,
        inside: &Path,
        usual_list: Option<&Path>,
    ) -> Arc<Self> {
        let users = tree.configured_list().or_else(|| usual_list.map(Path::to_owned));
        let lists = [Some(tree.exclude_file()), users];
        let lists = lists.map(|path| compile(&path.map(|path| read(&path)).unwrap_or_default(), inside));
        Self::new(parent, [Gitignore::empty(), Gitignore::empty()], Some(lists))
    }

    /// The rules of the folder at `path`, which is `inside` the origin of the walk.
    pub(super) fn of_folder(parent: &Arc<Self>, path: &Path, inside: &Path) -> Arc<Self> {
        let own = [".ignore", ".gitignore"].map(|name| compile(&read_own(&path.join(name)), inside));
        if own.iter().all(Gitignore::is_empty) { parent.clone() } else { Self::new(Some(parent), own, None) }
    }

    fn new(
        parent: Option<&Arc<Self>>,
        [ignore, gitignore]: [Gitignore; 2],
        repository: Option<[Gitignore; 2]>,
    ) -> Arc<Self> {
        let own_are_empty = repository.iter().flatten().chain([&ignore, &gitignore]).all(Gitignore::is_empty);
        let is_empty = own_are_empty && parent.is_none_or(|parent| parent.is_empty);
        Arc::new(Self { parent: parent.cloned(), ignore, gitignore, repository, is_empty })
    }

    /// Whether there is no rule at all.
    pub(super) fn is_empty(&self) -> bool {
        self.is_empty
    }

    /// Whether `path`, counted from the origin of the walk, is ignored. The innermost file that speaks of it decides;
    /// any `.ignore` comes before any `.gitignore`, and those before the lists of the repository and the user.
    pub(super) fn ignore(&self, path: &Path, what: What) -> bool {
        let decide = |list: &Gitignore| match list.matched(path, what == What::Folder) {
            Match::None => None,
            Match::Ignore(_) => Some(true),
            Match::Whitelist(_) => Some(false),
        };
        let innermost_first = || std::iter::successors(Some(self), |rules| rules.parent.as_deref());
        if let Some(ignored) = innermost_first().find_map(|rules| decide(&rules.ignore)) {
            return ignored;
        }
        for rules in innermost_first() {
            if let Some(ignored) = decide(&rules.gitignore) {
                return ignored;
            }
            if let Some(lists) = &rules.repository {
                return lists.iter().find_map(decide).unwrap_or(false);
            }
        }
        false
    }
}

/// The content of an ignore file. Like git, this does not follow a link.
fn read_own(path: &Path) -> Vec<u8> {
    read_if(path, fs::symlink_metadata(path))
}

/// The content of a list of ignored files that lies elsewhere.
fn read(path: &Path) -> Vec<u8> {
    read_if(path, fs::metadata(path))
}

/// The content of what is a file of reasonable size. To open a pipe could be to wait for ever; and of a huge list, no
/// part counts, since a later line can take an earlier one back.
fn read_if(path: &Path, metadata: io::Result<Metadata>) -> Vec<u8> {
    let is_small = metadata.is_ok_and(|metadata| metadata.is_file() && metadata.len() <= LARGEST_LIST);
    if is_small { fs::read(path).unwrap_or_default() } else { Vec::new() }
}

fn compile(text: &[u8], inside: &Path) -> Gitignore {
    let mut builder = GitignoreBuilder::new(inside);
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
    for line in text.split(|&byte| byte == b'\n') {
        // A malformed pattern matches nothing.
        builder.add_line(None, &without_braces(&String::from_utf8_lossy(line))).ok();
    }
    builder.build().unwrap_or_else(|_| Gitignore::empty())
}

/// Makes braces literal, as they are in git; the matcher would take them for alternatives and ignore too much.
fn without_braces(line: &str) -> String {
    let mut literal = String::with_capacity(line.len());
    let (mut escaped, mut in_class) = (false, false);
    for letter in line.chars() {
        match letter {
            '{' | '}' if !escaped && !in_class => literal.extend(['\\', letter]),
            _ => literal.push(letter),
        }
        in_class = !escaped && (letter == '[' || in_class && letter != ']');
        escaped = letter == '\\' && !escaped;
    }
    literal
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ignored(list: &str, path: &str) -> bool {
        compile(list.as_bytes(), Path::new("")).matched(path, false).is_ignore()
    }

    #[test]
    fn braces_of_an_ignore_file_are_literal() {
        assert!(!ignored("*.{env,bak}", "a.env"));
        assert!(ignored("*.{env,bak}", "x.{env,bak}"));
        assert!(ignored("[{]x", "{x"));
        assert!(ignored("\\{x", "{x"));
    }

    #[test]
    fn a_malformed_line_does_not_spoil_the_others() {
        assert!(ignored("a[b-\\\n[z-a]\nsecret\r\n\u{feff}x\n", "secret"));
        assert!(ignored("\u{feff}secret\n", "secret"));
    }

    #[test]
    fn a_list_counts_from_its_folder() {
        let list = compile(b"/b/c\n", Path::new("a"));
        assert!(list.matched("a/b/c", false).is_ignore());
        assert!(!list.matched("a/x/b/c", false).is_ignore());
    }
}
