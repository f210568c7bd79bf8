//! A folder made for one test, in which git runs without anybody's configuration.

use std::cell::Cell;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use barewire::git::{Environment, GitError, Repository};
use tempfile::TempDir;

/// A folder made for one test.
pub(super) struct Place {
    _temp: TempDir,
    pub(super) root: PathBuf,
    /// Seconds since 1970 of the last commit.
    pub(super) clock: Cell<i64>,
}

impl Place {
    /// An empty folder.
    pub(super) fn new() -> Self {
        let temp = TempDir::with_prefix("barewire-git-").unwrap();
        let root = temp.path().canonicalize().unwrap();
        Self { _temp: temp, root, clock: Cell::new(1_700_000_000) }
    }

    /// A repository without commits, on the branch `trunk`.
    pub(super) fn repository() -> Self {
        let place = Self::new();
        place.git("init -q -b trunk .");
        place
    }

    pub(super) fn at(&self, name: impl AsRef<Path>) -> PathBuf {
        self.root.join(name)
    }

    /// Writes a file.
    pub(super) fn file(&self, name: impl AsRef<Path>, text: &str) -> &Self {
        let path = self.at(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
        self
    }

    /// Runs git, with arguments that hold no space. It has to succeed.
    pub(super) fn git(&self, args: &str) -> String {
        self.git_in("", args)
    }

    /// Runs git in a folder of this one.
    pub(super) fn git_in(&self, folder: &str, args: &str) -> String {
        let output = self.try_git(folder, args);
        assert!(output.status.success(), "git {args}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).trim_end().to_owned()
    }

    /// Runs git, which may fail. The clock goes on by a second.
    pub(super) fn try_git(&self, folder: &str, args: &str) -> Output {
        self.command(folder).args(args.split(' ')).output().unwrap()
    }

    /// Runs git with something to read.
    pub(super) fn feed(&self, args: &str, input: &[u8]) -> String {
        let mut command = self.command("");
        let mut child = command.args(args.split(' ')).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(input).unwrap();
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "git {args}");
        String::from_utf8_lossy(&output.stdout).trim_end().to_owned()
    }

    /// Adds all files and commits them, with a message of one word.
    pub(super) fn commit(&self, message: &str) -> &Self {
        self.git("add -A");
        self.git(&format!("commit -q --allow-empty -m {message}"));
        self
    }

    /// Writes one file, and commits it.
    pub(super) fn commit_file(&self, name: &str, text: &str, message: &str) -> &Self {
        self.file(name, text).commit(message)
    }

    fn command(&self, folder: &str) -> Command {
        self.clock.set(self.clock.get() + 1);
        let date = format!("@{} +0000", self.clock.get());
        let mut command = Command::new("git");
        // These tests may run in a hook, which has variables from git.
        let path = std::env::vars_os().find(|(name, _)| name == "PATH").unwrap().1;
        command.current_dir(self.at(folder)).env_clear().env("PATH", path);
        command.env("GIT_NO_REPLACE_OBJECTS", "1").env("GIT_AUTHOR_DATE", &date).env("GIT_COMMITTER_DATE", &date);
        command.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_SYSTEM", "/dev/null");
        command.args(["-c", "user.name=A", "-c", "user.email=a@example.com", "-c", "protocol.file.allow=always"]);
        command
    }

    /// The repository that a folder of this one lies in.
    pub(super) fn discover(&self, folder: &str) -> Result<Repository, GitError> {
        Repository::discover(&self.at(folder), &Environment::default())
    }
}
