//! Decides what refs bring that are sent from one repository to another: the commits that the other side lacks, and the
//! tags, files and folders that refs point at without a commit.
//!
//! What the other side has is known from the ids that it told, and from refs that were seen there. What is not known to
//! be there is looked at.

use std::collections::BTreeSet;
use std::ffi::{OsStr, OsString};

use super::super::error::{GitError, Unselected};
use super::super::id::{Kind, ObjectId};
use super::super::odb::Store;
use super::super::plumbing::Git;
use super::super::repository::Repository;
use super::asked::not_understood;
use super::folder::{self, What};
use super::range::{Range, select};
use super::raw;

/// Bytes of the largest commit or tag that is read.
const LARGEST: u64 = 16 << 20;

/// How many tags may point at each other.
const LONGEST_CHAIN: usize = 64;

/// A ref that is to point at something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arrival {
    /// What the ref is called where it goes to.
    pub name: Vec<u8>,
    /// What it is to point at.
    pub id: ObjectId,
}

/// What is known to be where the refs go to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Present {
    /// All that the refs of this very repository lead to, since it is the one that receives.
    Here,
    /// What was seen at the remotes of these names.
    At(Vec<String>),
    /// The same; but only some of the refs are known that are sent there. What other branches have that no remote has may
    /// be sent, too.
    Partly(Vec<String>),
}

/// What refs bring.
#[derive(Clone, Debug, Default)]
pub struct Outgoing {
    /// The commits.
    pub range: Range,
    /// Tags and files that are no part of a commit: their ids, what they are, and what to call them.
    pub loose: Vec<(ObjectId, Kind, Vec<u8>)>,
}

/// What `arrivals` bring to a place that has `known`, and what `present` says.
pub fn outgoing(
    repository: &Repository,
    store: &Store,
    arrivals: &[Arrival],
    (present, known): (&Present, &[ObjectId]),
) -> Result<Outgoing, GitError> {
    let foreign = known.iter().chain(arrivals.iter().map(|arrival| &arrival.id));
    let mut foreign = foreign.filter(|id| id.as_bytes().len() != repository.format().id_len());
    if let Some(id) = foreign.next() {
        return Err(unknown(&id.to_string(), "no object of this repository has an id of this length"));
    }
    let mut follow = Follow { store, commits: BTreeSet::new(), outgoing: Outgoing::default() };
    let mut unread = Vec::new();
    for arrival in arrivals {
        match follow.arrival(arrival) {
            End::Commit => {}
            End::Tree(tree) => follow.tree(repository, &tree, &arrival.name)?,
            End::Unread(id) => unread.push((arrival.name.clone(), id)),
        }
    }
    let Follow { commits, mut outgoing, .. } = follow;
    let mut wanted = Vec::new();
    if !commits.is_empty() {
        let known = known.iter().filter_map(|id| commit_of(store, *id));
        wanted.push((options(present), lines("", commits.iter().copied()) + &lines("^", known)));
    }
    if matches!(present, Present::Partly(_)) {
        let options = ["--branches", "--not", "--remotes", "--not", "--stdin"].map(OsString::from);
        // What the refs themselves lead to is listed before, so parents still come first.
        wanted.push((options.to_vec(), lines("^", commits.iter().copied())));
    }
    outgoing.range = select(repository, store, &wanted)?;
    outgoing.range.changes.unread.extend(unread);
    Ok(outgoing)
}

/// Ids, each on a line after `sign`.
fn lines(sign: &str, ids: impl Iterator<Item = ObjectId>) -> String {
    ids.fold(String::new(), |lines, id| lines + sign + &id.to_string() + "\n")
}

/// The arguments that leave out what is present, before the ids that come from standard input.
fn options(present: &Present) -> Vec<OsString> {
    let mut options = Vec::new();
    match present {
        Present::Here => options.push("--all".into()),
        Present::At(remotes) | Present::Partly(remotes) => {
            options.extend(remotes.iter().map(|name| format!("--remotes={name}").into()));
        }
    }
    if !options.is_empty() {
        // In some versions of git the sense goes on to what comes from standard input, in others it does not.
        options.insert(0, "--not".into());
        options.push("--not".into());
    }
    options.push("--stdin".into());
    options
}

/// The object that a revision stands for.
pub fn resolve(repository: &Repository, revision: &OsStr) -> Result<ObjectId, GitError> {
    if let Some(id) = ObjectId::from_hex(revision.as_encoded_bytes()) {
        return Ok(id);
    }
    let args = ["rev-parse", "--verify", "--quiet", "--end-of-options"].map(OsStr::new);
    let answer = Git::new(repository).run(&[&args[..], &[revision]].concat(), b"");
    let id = answer.ok().and_then(|answer| ObjectId::from_hex(answer.trim_ascii()));
    id.ok_or_else(|| unknown(&revision.to_string_lossy(), "git knows nothing of this name"))
}

/// The names of the remotes that `name` and `url` mean, as git hands them to a hook. Where there is none, nothing is
/// known of the place.
pub fn remotes(repository: &Repository, name: &str, url: &str) -> Vec<String> {
    // What would be a pattern to git is not taken for a name; then more is looked at, not less.
    let is_plain = |name: &str| !name.is_empty() && !name.contains(['*', '?', '[', '\\']);
    let mut names = BTreeSet::new();
    names.extend(Some(name).filter(|name| is_plain(name)).map(str::to_owned));
    let answer = Git::new(repository).run(&["config", "-z", "--get-regexp", r"^remote\..*\.(push)?url$"], b"");
    let mut all = BTreeSet::new();
    for entry in answer.unwrap_or_default().split(|&byte| byte == 0) {
        let entry = String::from_utf8_lossy(entry);
        let Some((key, value)) = entry.split_once('\n') else { continue };
        let remote = key.strip_prefix("remote.").and_then(|key| key.rsplit_once('.')).map(|(name, _)| name);
        all.extend(remote.map(str::to_owned));
        // It was named by its address, which a remote may have.
        names.extend(remote.filter(|remote| name == url && value == url && is_plain(remote)).map(str::to_owned));
    }
    // The tracking branches of `a/b` may be those of a branch `b/c` of `a`.
    let is_within = |one: &str, other: &str| one.strip_prefix(other).is_some_and(|rest| rest.starts_with('/'));
    names.retain(|name| !all.iter().any(|other| is_within(name, other) || is_within(other, name)));
    names.into_iter().collect()
}

/// Those of `remotes` whose tracking branches may be believed by a place that says that it has none of the refs `absent`.
/// Where one of these is remembered, the branch was deleted there, or the place is another one, that may have nothing.
pub fn believed(
    repository: &Repository,
    mut remotes: Vec<String>,
    absent: &[Vec<u8>],
) -> Result<Vec<String>, GitError> {
    if remotes.is_empty() || absent.is_empty() {
        return Ok(remotes);
    }
    let answer = Git::new(repository).run(&["for-each-ref", "--format=%(refname)", "refs/remotes/"], b"")?;
    let seen: BTreeSet<&[u8]> = answer.split(|&byte| byte == b'\n').collect();
    let branches: Vec<&[u8]> = absent.iter().filter_map(|name| name.strip_prefix(b"refs/heads/")).collect();
    let is_seen = |remote: &str, branch: &[u8]| {
        let name = [b"refs/remotes/", remote.as_bytes(), b"/", branch].concat();
        seen.contains(&*name)
    };
    remotes.retain(|remote| !branches.iter().any(|branch| is_seen(remote, branch)));
    Ok(remotes)
}

fn unknown(revision: &str, detail: &str) -> GitError {
    GitError::Revisions { revisions: revision.to_owned(), detail: detail.to_owned(), why: Unselected::Form }
}

/// The commit that an id leads to, if it is here.
fn commit_of(store: &Store, id: ObjectId) -> Option<ObjectId> {
    if id.is_null() {
        return None;
    }
    let mut follow = Follow { store, commits: BTreeSet::new(), outgoing: Outgoing::default() };
    follow.arrival(&Arrival { name: Vec::new(), id });
    follow.commits.pop_first()
}

/// Where a ref leads.
enum End {
    /// To a commit, or to a file.
    Commit,
    Tree(ObjectId),
    /// To something that is not there or cannot be read.
    Unread(ObjectId),
}

/// A way from refs to what they bring.
struct Follow<'a> {
    store: &'a Store,
    commits: BTreeSet<ObjectId>,
    outgoing: Outgoing,
}

impl Follow<'_> {
    /// Follows a ref through tags.
    fn arrival(&mut self, arrival: &Arrival) -> End {
        let mut id = arrival.id;
        for _ in 0..LONGEST_CHAIN {
            let Ok(content) = self.store.read(&id, LARGEST) else { return End::Unread(id) };
            match content.kind {
                Kind::Commit => {
                    self.commits.insert(id);
                    return End::Commit;
                }
                Kind::Tree => return End::Tree(id),
                Kind::Blob => {
                    self.outgoing.loose.push((id, Kind::Blob, arrival.name.clone()));
                    return End::Commit;
                }
                Kind::Tag => self.outgoing.loose.push((id, Kind::Tag, arrival.name.clone())),
            }
            let target =
                content.bytes.strip_prefix(b"object ").and_then(|rest| rest.split(|&byte| byte == b'\n').next());
            let Some(target) = target.and_then(ObjectId::from_hex) else { return End::Unread(id) };
            id = target;
        }
        End::Unread(id)
    }

    /// Takes all files below a tree that is no part of a commit.
    fn tree(&mut self, repository: &Repository, tree: &ObjectId, name: &[u8]) -> Result<(), GitError> {
        let answer = Git::new(repository).run(&["ls-tree", "-r", "-z", &tree.to_string()], b"")?;
        for (mode, id, path) in raw::tree(&answer).ok_or_else(|| not_understood("ls-tree"))? {
            if folder::what(mode) == What::Blob {
                self.outgoing.loose.push((id, Kind::Blob, [name, b"/", path].concat()));
            }
        }
        Ok(())
    }
}
