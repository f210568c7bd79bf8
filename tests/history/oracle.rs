//! Answers the same questions as a scan of history, in the simplest way: every tree of every commit is looked at.
//!
//! It knows git's own list of commits, and shares no code with the program.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::process::Stdio;
use std::rc::Rc;

use aho_corasick::AhoCorasick;

use crate::support::repo::Repo;
use crate::support::repo::plant::{NONE, Place};

/// The places of values in a tree: path and number of the value, and the blob.
type Held = Rc<BTreeMap<(Vec<u8>, usize), String>>;

/// A commit, and what it holds.
struct Commit {
    id: String,
    parents: Vec<usize>,
    time: u64,
    held: Held,
}

/// All commits that something leads to, parents first, and where they hold the values.
pub(super) struct Oracle {
    /// Each value in three forms: as it is, and in UTF-16 of either order.
    values: AhoCorasick,
    objects: BTreeMap<String, (String, Vec<u8>)>,
    trees: BTreeMap<String, Held>,
    commits: Vec<Commit>,
    id_len: usize,
    head: Option<usize>,
    remotes: Vec<bool>,
    /// Branches, branches of remotes, and `HEAD` of every working tree, with their commits.
    tips: BTreeMap<String, usize>,
    /// What the index of every working tree holds.
    staged: BTreeSet<(Vec<u8>, usize)>,
    branches: Vec<(String, usize)>,
    /// For each commit, which of all commits come before it.
    before: Vec<Vec<bool>>,
    /// Stashes: merges that keep what they do not hold.
    stashes: BTreeSet<usize>,
}

impl Oracle {
    /// Looks at the whole of a repository; `values` are looked for in blobs.
    pub(super) fn new(repo: &Repo, values: &[String]) -> Self {
        let forms = |value: &String| {
            let utf16 = |bytes: fn(u16) -> [u8; 2]| value.encode_utf16().flat_map(bytes).collect::<Vec<u8>>();
            [value.clone().into_bytes(), utf16(u16::to_le_bytes), utf16(u16::to_be_bytes)]
        };
        let mut oracle = Self {
            values: AhoCorasick::new(values.iter().flat_map(forms)).unwrap(),
            objects: objects(repo),
            trees: BTreeMap::new(),
            commits: Vec::new(),
            id_len: if repo.git(["rev-parse", "--show-object-format"]) == "sha256" { 32 } else { 20 },
            head: None,
            remotes: Vec::new(),
            tips: BTreeMap::new(),
            staged: BTreeSet::new(),
            branches: Vec::new(),
            before: Vec::new(),
            stashes: BTreeSet::new(),
        };
        oracle.commits(repo);
        oracle.order();
        let remotes = repo.git(["rev-list", "--remotes"]);
        let remotes: BTreeSet<_> = remotes.lines().collect();
        oracle.remotes = oracle.commits.iter().map(|commit| remotes.contains(&*commit.id)).collect();
        oracle
    }

    fn commits(&mut self, repo: &Repo) {
        let list = repo.git([
            "rev-list",
            "--all",
            "--reflog",
            "HEAD",
            "--topo-order",
            "--reverse",
            "--parents",
            "--timestamp",
        ]);
        let mut numbers: BTreeMap<String, usize> = BTreeMap::new();
        for line in list.lines() {
            let mut words = line.split(' ');
            let time = words.next().unwrap().parse().unwrap();
            let id = words.next().unwrap().to_owned();
            let parents = words.map(|parent| numbers[parent]).collect();
            let (_, bytes) = &self.objects[&id];
            let tree = String::from_utf8_lossy(&bytes["tree ".len()..]).lines().next().unwrap().to_owned();
            let held = self.held(&tree);
            numbers.insert(id.clone(), self.commits.len());
            self.commits.push(Commit { id, parents, time, held });
        }
        let branches = repo.git(["for-each-ref", "--format=%(objectname) %(refname:lstrip=2)", "refs/heads"]);
        for line in branches.lines() {
            let (id, name) = line.split_once(' ').unwrap();
            self.branches.push((name.to_owned(), numbers[id]));
        }
        let stashes = repo.git(["stash", "list", "--format=%H"]);
        let stashes: Vec<_> = stashes.lines().map(|id| numbers[id]).collect();
        let indexes: Vec<_> = stashes.iter().map(|&stash| self.commits[stash].parents[1]).collect();
        self.stashes = stashes.into_iter().chain(indexes).collect();
        self.head = numbers.get(&repo.git(["rev-parse", "HEAD"])).copied();
        let tips = repo.git(["for-each-ref", "--format=%(refname) %(objectname)", "refs/heads", "refs/remotes"]);
        let tips = tips.lines().filter_map(|line| line.split_once(' '));
        self.tips = tips.map(|(name, id)| (name.to_owned(), numbers[id])).collect();
        self.working_trees(repo, &numbers);
    }

    /// What the working trees have for themselves.
    fn working_trees(&mut self, repo: &Repo, numbers: &BTreeMap<String, usize>) {
        let list = repo.git(["worktree", "list", "--porcelain"]);
        let values = |name: &'static str| list.lines().filter_map(move |line| line.strip_prefix(name));
        for (at, (folder, id)) in values("worktree ").zip(values("HEAD ")).enumerate() {
            let name = folder.rsplit('/').next().unwrap();
            let name = if at == 0 { "HEAD".to_owned() } else { format!("worktrees/{name}/HEAD") };
            self.tips.extend(numbers.get(id).map(|&commit| (name, commit)));
            let output = repo.command().args(["-C", folder, "ls-files", "--stage", "-z"]).output().unwrap();
            for entry in output.stdout.split(|&byte| byte == 0).filter(|entry| !entry.is_empty()) {
                let tab = entry.iter().position(|&byte| byte == b'\t').unwrap();
                let id = String::from_utf8_lossy(&entry[..tab]).split(' ').nth(1).unwrap().to_owned();
                let values = self.values_of(&id).into_iter();
                self.staged.extend(values.map(|value| (entry[tab + 1..].to_vec(), value)));
            }
        }
    }

    /// What a tree holds, by paths in it.
    fn held(&mut self, tree: &str) -> Held {
        if let Some(held) = self.trees.get(tree) {
            return held.clone();
        }
        let mut held = BTreeMap::new();
        let (_, bytes) = self.objects[tree].clone();
        let mut rest = &*bytes;
        while let Some(space) = rest.iter().position(|&byte| byte == b' ') {
            let nul = rest.iter().position(|&byte| byte == 0).unwrap();
            let (mode, name) = (&rest[..space], &rest[space + 1..nul]);
            let id = hex(&rest[nul + 1..nul + 1 + self.id_len]);
            rest = &rest[nul + 1 + self.id_len..];
            match mode {
                b"160000" => {}
                b"40000" => {
                    let below = |(path, value): &(Vec<u8>, usize)| ([name, b"/", path].concat(), *value);
                    held.extend(self.held(&id).iter().map(|(key, blob)| (below(key), blob.clone())));
                }
                _ => held.extend(self.values_of(&id).into_iter().map(|value| ((name.to_vec(), value), id.clone()))),
            }
        }
        let held = Rc::new(held);
        self.trees.insert(tree.to_owned(), held.clone());
        held
    }

    fn values_of(&self, blob: &str) -> BTreeSet<usize> {
        let Some((_, bytes)) = self.objects.get(blob) else { return BTreeSet::new() };
        self.values.find_iter(bytes).map(|found| found.pattern().as_usize() / 3).collect()
    }

    /// What a scan has to report of a value at the paths of commits.
    pub(super) fn places(&self, value: usize) -> Vec<Place> {
        let all = self.commits.iter().flat_map(|commit| commit.held.keys());
        let paths: BTreeSet<_> = all.filter(|(_, held)| *held == value).map(|(path, _)| path).collect();
        paths.into_iter().map(|path| self.place(&(path.clone(), value))).collect()
    }

    fn place(&self, key: &(Vec<u8>, usize)) -> Place {
        let holds = |at: usize| self.commits[at].held.contains_key(key);
        let all = || 0..self.commits.len();
        let brings = |&at: &usize| holds(at) && !self.commits[at].parents.iter().any(|&parent| holds(parent));
        let brought: Vec<_> = all().filter(brings).collect();
        let is_first = |at: &usize| !brought.iter().any(|&other| self.before[*at][other]);
        let first = brought.iter().copied().filter(is_first).min_by_key(|&at| self.age(at)).unwrap();
        let in_head = self.head.is_some_and(holds);
        let held_by: Vec<_> = self.tips.iter().filter(|(_, tip)| holds(**tip)).map(|(name, _)| &**name).collect();
        let is_left = in_head || !held_by.is_empty() || self.staged.contains(key);
        let removed = self.removed(&holds, &brought).filter(|_| !is_left);
        let holding: Vec<_> = all().filter(|&at| holds(at)).collect();
        let last = holding.iter().copied().max_by_key(|&at| self.age(at)).unwrap();
        let has = |(_, tip): &&(String, usize)| holding.iter().any(|at| at == tip || self.before[*tip][*at]);
        let mut branches: Vec<_> = self.branches.iter().filter(has).map(|(name, _)| &**name).collect();
        branches.sort_unstable();
        let versions: BTreeSet<_> = self.commits.iter().filter_map(|commit| commit.held.get(key)).collect();
        let id = |at: usize| self.commits[at].id.clone();
        let path = String::from_utf8(key.0.clone()).unwrap();
        Place {
            removed: removed.map_or(NONE.to_owned(), id),
            in_head: in_head.to_string(),
            pushed: all().any(|at| holds(at) && self.remotes[at]).to_string(),
            versions: versions.len().to_string(),
            last: id(last),
            branches: branches.join(" "),
            held_by: held_by.join(" "),
            ..Place::new(&path, &id(first))
        }
    }

    /// The last commit that takes away what was brought by the commits `brought`. If only some parents of a merge hold it,
    /// the merge does so only if none of its kind did since it was brought.
    fn removed(&self, holds: &dyn Fn(usize) -> bool, brought: &[usize]) -> Option<usize> {
        let lacks = |at: &usize| !holds(*at) && self.commits[*at].parents.iter().any(|&parent| holds(parent));
        let mut takers: Vec<_> = (0..self.commits.len()).filter(lacks).collect();
        takers.retain(|at| !self.stashes.contains(at));
        takers.sort_by_key(|&at| self.age(at));
        let mut removed: Option<usize> = None;
        for at in takers {
            let since = |other: &&usize| removed.is_none_or(|removed| self.age(removed) < self.age(**other));
            let came = brought.iter().filter(since).any(|&other| self.age(other) < self.age(at));
            if came || self.commits[at].parents.iter().all(|&parent| holds(parent)) {
                removed = Some(at);
            }
        }
        removed
    }

    /// Order in time.
    fn age(&self, at: usize) -> (u64, &str) {
        (self.commits[at].time, &self.commits[at].id)
    }

    fn order(&mut self) {
        for commit in &self.commits {
            let mut before = vec![false; self.commits.len()];
            for &parent in &commit.parents {
                before[parent] = true;
                before.iter_mut().zip(&self.before[parent]).for_each(|(own, other)| *own |= other);
            }
            self.before.push(before);
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").unwrap();
        text
    })
}

/// Every object of a repository: its kind and its bytes.
fn objects(repo: &Repo) -> BTreeMap<String, (String, Vec<u8>)> {
    let mut command = repo.command();
    command.args(["cat-file", "--batch-all-objects", "--batch", "--unordered", "--buffer"]);
    let output = command.stdin(Stdio::null()).output().unwrap();
    let mut rest = &*output.stdout;
    let mut objects = BTreeMap::new();
    while let Some(end) = rest.iter().position(|&byte| byte == b'\n') {
        let head = std::str::from_utf8(&rest[..end]).unwrap();
        let [id, kind, size] = head.split(' ').collect::<Vec<_>>()[..] else { panic!("{head}") };
        let size: usize = size.parse().unwrap();
        let bytes = rest[end + 1..end + 1 + size].to_vec();
        objects.insert(id.to_owned(), (kind.to_owned(), bytes));
        rest = &rest[end + 1 + size + 1..];
    }
    objects
}
