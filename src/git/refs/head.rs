//! Decides what `HEAD` of the working tree at hand is, without a look at all other refs.

use std::path::Path;

use super::files::{self, LONGEST_CHAIN, Value};
use crate::git::error::GitError;
use crate::git::id::ObjectId;
use crate::git::plumbing::Git;
use crate::git::repository::Repository;
use crate::git::settings::RefStorage;

/// What the names of refs begin with that each working tree has for itself.
const OWN: [&[u8]; 3] = [b"refs/bisect/", b"refs/worktree/", b"refs/rewritten/"];

impl Repository {
    /// The commit that `HEAD` points at; `None` before the first commit of its branch.
    pub fn head(&self) -> Result<Option<ObjectId>, GitError> {
        match self.ref_storage() {
            RefStorage::Files => of_files(self),
            RefStorage::Reftable => asked(self),
        }
    }
}

/// Refuses a `HEAD` that git would refuse: it names a ref or an object, and nothing else makes a repository.
pub(in crate::git) fn check_head(git_dir: &Path) -> Result<(), GitError> {
    let path = git_dir.join("HEAD");
    let is_head = match files::content(&path) {
        Ok(Some(text)) => match files::parse(&text) {
            Some(Value::Name(name)) => name.starts_with(b"refs/"),
            Some(Value::Id(_)) => true,
            None => false,
        },
        Ok(None) => true,
        Err(error) => return Err(GitError::Hidden { path, detail: error.to_string() }),
    };
    let detail = "it names neither a ref nor an object, so this is no repository that git would read".to_owned();
    if is_head { Ok(()) } else { Err(GitError::Hidden { path, detail }) }
}

fn of_files(repository: &Repository) -> Result<Option<ObjectId>, GitError> {
    let mut name = b"HEAD".to_vec();
    for _ in 0..=LONGEST_CHAIN {
        let is_own = !name.starts_with(b"refs/") || OWN.iter().any(|own| name.starts_with(own));
        let folder = if is_own { repository.git_dir() } else { repository.common_dir() };
        let path = folder.join(crate::git::work_tree::path_of(&name));
        let failed = |detail: String| GitError::Hidden { path: path.clone(), detail };
        // A branch may have the name of a folder that other branches are in, if it has no commits.
        let text = if path.is_dir() { Ok(None) } else { files::content(&path) };
        name = match text.map_err(|error| failed(error.to_string()))?.as_deref().map(files::parse) {
            Some(Some(Value::Id(id))) => return Ok(Some(id)),
            Some(Some(Value::Name(next))) => next,
            Some(None) => return Err(failed("it is no ref".to_owned())),
            None if name == b"HEAD" => return Err(failed("it is missing".to_owned())),
            None => return packed(&repository.common_dir().join("packed-refs"), &name),
        };
    }
    let path = repository.git_dir().join("HEAD");
    Err(GitError::Hidden { path, detail: "it leads from name to name without end".to_owned() })
}

/// What `packed-refs` says of a ref.
fn packed(path: &Path, name: &[u8]) -> Result<Option<ObjectId>, GitError> {
    let failed = |detail: String| GitError::Hidden { path: path.to_owned(), detail };
    if !path.exists() {
        return Ok(None);
    }
    let mut found = None;
    let read = files::lines(path, |line| {
        if let Some(id) = line.strip_suffix(name).and_then(|rest| rest.strip_suffix(b" ")) {
            found = Some(ObjectId::from_hex(id));
        }
    });
    read.map_err(|error| failed(error.to_string()))?;
    found.map(|id| id.ok_or_else(|| failed("it is damaged".to_owned()))).transpose()
}

/// What git says of it.
fn asked(repository: &Repository) -> Result<Option<ObjectId>, GitError> {
    let git = Git::new(repository);
    match git.run(&["rev-parse", "--verify", "--quiet", "HEAD^{commit}"], b"") {
        Ok(answer) => Ok(ObjectId::from_hex(answer.trim_ascii_end())),
        Err(error) => {
            // Before the first commit, there is a name and nothing that has it.
            let Ok(name) = git.run(&["symbolic-ref", "HEAD"], b"") else { return Err(error) };
            let name = String::from_utf8_lossy(name.trim_ascii_end()).into_owned();
            let refs = git.run(&["for-each-ref", "--format=%(refname)", &name], b"")?;
            if refs.is_empty() { Ok(None) } else { Err(error) }
        }
    }
}
