//! Writes the commits of a repository as one stream that `git fast-import` reads.

use std::fs;

use super::{EPOCH, Repo, STEP};

/// An object of a stream, before it has an id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Mark(usize);

/// What a commit does to one path.
#[derive(Clone, Debug)]
pub(crate) enum Change {
    /// Gives the path this mode and content.
    Write(String, &'static str, Vec<u8>),
    /// Takes the path, or the folder, away.
    Delete(String),
    /// Moves a path.
    Rename(String, String),
    /// Copies a path.
    Copy(String, String),
}

impl Change {
    /// An ordinary file.
    pub(crate) fn file(path: impl Into<String>, bytes: impl Into<Vec<u8>>) -> Self {
        Self::Write(path.into(), "100644", bytes.into())
    }
}

/// A commit to be made.
#[derive(Clone, Debug)]
pub(crate) struct Commit<'a> {
    pub(crate) branch: &'a str,
    pub(crate) parents: &'a [Mark],
    pub(crate) changes: &'a [Change],
    pub(crate) message: &'a str,
    pub(crate) author: &'a str,
    pub(crate) committer: &'a str,
    /// Seconds by which the clock of whoever commits is slow.
    pub(crate) slow: u64,
}

impl Default for Commit<'_> {
    fn default() -> Self {
        Self { branch: "trunk", parents: &[], changes: &[], message: "change", author: "A", committer: "C", slow: 0 }
    }
}

/// Commits and refs, in the language of `git fast-import`.
pub(crate) struct Stream {
    bytes: Vec<u8>,
    marks: usize,
    time: u64,
}

impl Stream {
    pub(crate) fn new() -> Self {
        Self { bytes: b"feature done\n".to_vec(), marks: 0, time: EPOCH }
    }

    /// Adds a commit.
    pub(crate) fn commit(&mut self, commit: &Commit<'_>) -> Mark {
        self.time += STEP;
        let time = self.time - commit.slow;
        self.line(&format!("commit refs/heads/{}", commit.branch));
        let mark = self.mark();
        self.line(&format!("author {} <a@example.com> {time} +0000", commit.author));
        self.line(&format!("committer {} <c@example.com> {time} +0000", commit.committer));
        self.data(commit.message.as_bytes());
        for (parent, word) in commit.parents.iter().zip(["from"].into_iter().chain(std::iter::repeat("merge"))) {
            self.line(&format!("{word} :{}", parent.0));
        }
        for change in commit.changes {
            self.change(change);
        }
        self.line("");
        mark
    }

    /// Adds a ref.
    pub(crate) fn reference(&mut self, name: &str, at: Mark) {
        self.line(&format!("reset {name}\nfrom :{}\n", at.0));
    }

    /// Adds an annotated tag.
    pub(crate) fn tag(&mut self, name: &str, at: Mark, message: &str) {
        self.line(&format!("tag {name}\nfrom :{}\ntagger T <t@example.com> {} +0000", at.0, self.time));
        self.data(message.as_bytes());
    }

    /// Lets git read it all, and gives back the ids.
    pub(crate) fn run(mut self, repo: &Repo) -> Ids {
        self.line("done");
        let marks = repo.git_dir().join("marks");
        repo.feed(["fast-import", "--quiet", &format!("--export-marks={}", marks.display())], &self.bytes);
        let mut ids = vec![String::new(); self.marks + 1];
        for line in fs::read_to_string(&marks).unwrap().lines() {
            let (mark, id) = line[1..].split_once(' ').unwrap();
            id.clone_into(&mut ids[mark.parse::<usize>().unwrap()]);
        }
        fs::remove_file(marks).unwrap();
        repo.advance(self.time);
        Ids(ids)
    }

    fn line(&mut self, line: &str) {
        self.bytes.extend_from_slice(line.as_bytes());
        self.bytes.push(b'\n');
    }

    fn mark(&mut self) -> Mark {
        self.marks += 1;
        self.line(&format!("mark :{}", self.marks));
        Mark(self.marks)
    }

    fn data(&mut self, bytes: &[u8]) {
        self.line(&format!("data {}", bytes.len()));
        self.bytes.extend_from_slice(bytes);
        self.bytes.push(b'\n');
    }

    fn change(&mut self, change: &Change) {
        match change {
            Change::Write(path, mode, bytes) => {
                self.line(&format!("M {mode} inline {}", quoted(path)));
                self.data(bytes);
            }
            Change::Delete(path) => self.line(&format!("D {}", quoted(path))),
            Change::Rename(from, to) => self.line(&format!("R {} {}", quoted(from), quoted(to))),
            Change::Copy(from, to) => self.line(&format!("C {} {}", quoted(from), quoted(to))),
        }
    }
}

/// A path in quotes, where some characters have another meaning.
fn quoted(path: &str) -> String {
    format!("\"{}\"", path.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n"))
}

/// The ids of all objects of a stream.
pub(crate) struct Ids(Vec<String>);

impl Ids {
    /// The id of one of them.
    pub(crate) fn of(&self, mark: Mark) -> &str {
        &self.0[mark.0]
    }
}
