//! Decides how a change is made up that is in no repository: an index and objects in a folder of their own, on top of
//! what a repository holds. Nothing is written into the repository.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::error::GitError;
use super::plumbing::Git;
use super::repository::Repository;

/// A made-up change to a repository.
#[derive(Debug)]
pub struct Scratch<'a> {
    repository: &'a Repository,
    index: PathBuf,
    objects: PathBuf,
    head: Option<String>,
}

impl<'a> Scratch<'a> {
    /// A change that changes nothing yet, kept in `folder`, which has to be empty.
    ///
    /// # Errors
    /// The folder cannot be written to, or git cannot be run.
    pub fn new(repository: &'a Repository, folder: &Path) -> Result<Self, GitError> {
        let objects = folder.join("objects");
        lend(repository, &objects)
            .map_err(|error| GitError::Store { path: objects.clone(), detail: error.to_string() })?;
        let mut scratch = Self { repository, index: folder.join("index"), objects, head: None };
        // A branch without commits has no such commit.
        scratch.head = scratch.run(&["rev-parse", "-q", "--verify", "HEAD^{commit}"], b"").ok();
        match scratch.head.clone() {
            Some(head) => scratch.run(&["read-tree", &head], b"")?,
            None => scratch.run(&["read-tree", "--empty"], b"")?,
        };
        Ok(scratch)
    }

    /// Stages a file at the top.
    pub fn stage(&self, name: &str, content: &[u8]) -> Result<(), GitError> {
        let id = self.run(&["hash-object", "-w", "--stdin", "--no-filters"], content)?;
        self.run(&["update-index", "--add", "--cacheinfo", &format!("100644,{id},{name}")], b"").map(drop)
    }

    /// Commits what is staged, on top of `HEAD`; no ref leads to it. Gives back the id.
    pub fn commit(&self) -> Result<String, GitError> {
        let tree = self.run(&["write-tree", "--missing-ok"], b"")?;
        match &self.head {
            Some(head) => self.run(&["commit-tree", &tree, "-p", head], b"a change\n"),
            None => self.run(&["commit-tree", &tree], b"a change\n"),
        }
    }

    /// The index.
    pub fn index(&self) -> &Path {
        &self.index
    }

    /// The folder of objects, which borrows from the repository's.
    pub fn objects(&self) -> &Path {
        &self.objects
    }

    /// The commit that it is on top of; `None` if there is none yet.
    pub fn head(&self) -> Option<&str> {
        self.head.as_deref()
    }

    fn run(&self, args: &[&str], stdin: &[u8]) -> Result<String, GitError> {
        let git = Git::new(self.repository);
        let git = git.index(&self.index);
        let answer = git.scratch(&self.objects).run(args, stdin)?;
        Ok(String::from_utf8_lossy(&answer).trim_end().to_owned())
    }
}

/// Makes a folder of objects that borrows from those of the repository.
fn lend(repository: &Repository, objects: &Path) -> io::Result<()> {
    let mut list = Vec::new();
    for folder in [repository.objects_dir()].into_iter().chain(repository.alternates().iter().map(PathBuf::as_path)) {
        // git takes a line that begins with a quotation mark as one written in C.
        let folder = std::path::absolute(folder)?;
        if folder.as_os_str().as_encoded_bytes().contains(&b'\n') {
            return Err(io::Error::other("the name of the repository's folder has more than one line"));
        }
        list.extend_from_slice(folder.as_os_str().as_encoded_bytes());
        list.push(b'\n');
    }
    fs::create_dir_all(objects.join("info"))?;
    fs::write(objects.join("info").join("alternates"), list)
}
