//! A repository with a program on the PATH, and a look at all that lies in a folder.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::Output;
use crate::support::repo::{Repo, fed};

/// The program.
pub(super) const PROGRAM: &str = env!("CARGO_BIN_EXE_barewire");

/// A repository, and what its hooks find on the PATH.
pub(super) struct Ground {
    pub(super) repo: Repo,
    /// A folder of programs that comes first on the PATH.
    pub(super) bin: PathBuf,
    home: PathBuf,
}

impl Ground {
    /// A repository with one commit, and barewire on the PATH.
    pub(super) fn new() -> Self {
        let ground = Self::over(Repo::new());
        ground.repo.commit("a.env", "A=1\n");
        ground
    }

    pub(super) fn over(repo: Repo) -> Self {
        let bin = repo.beside("bin").root().to_owned();
        let home = repo.beside("home").root().to_owned();
        std::os::unix::fs::symlink(PROGRAM, bin.join("barewire")).unwrap();
        Self { repo, bin, home }
    }

    /// The folder of a user without configuration.
    pub(super) fn home(&self) -> &Path {
        &self.home
    }

    /// `command` with barewire on the PATH, at the top of the repository.
    fn run(&self, mut command: Command, folder: &str) -> Output {
        let mut path = self.bin.clone().into_os_string();
        path.push(":/usr/local/bin:/usr/bin:/bin");
        command.env("PATH", path).env_remove("GIT_CONFIG_GLOBAL").env("HOME", &self.home);
        command.current_dir(self.repo.at(folder));
        fed(&mut command, b"")
    }

    /// Runs `barewire hook`.
    pub(super) fn hook<A: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = A>) -> Output {
        self.hook_in("", args)
    }

    /// The same in a folder.
    pub(super) fn hook_in<A: AsRef<OsStr>>(&self, folder: &str, args: impl IntoIterator<Item = A>) -> Output {
        let args = [OsString::from("hook")].into_iter().chain(args.into_iter().map(|arg| arg.as_ref().to_owned()));
        self.run(self.repo.program(args), folder)
    }

    /// The same, which has to succeed.
    pub(super) fn hooked(&self, args: &[&str]) -> String {
        let output = self.hook(args);
        assert_eq!(output.code, 0, "{args:?}: {output}");
        output.stdout
    }

    /// Runs git in a folder, which may fail.
    pub(super) fn git_in(&self, folder: &str, args: &[&str]) -> Output {
        let mut command = self.repo.command();
        command.args(args);
        self.run(command, folder)
    }

    /// Runs git, which may fail.
    pub(super) fn git(&self, args: &[&str]) -> Output {
        self.git_in("", args)
    }

    /// Whether a commit of this line is made, with a folder to commit in.
    pub(super) fn commits_in(&self, folder: &str, line: &str) -> Output {
        fs::write(self.repo.at(folder).join("a.env"), format!("A={line}\n")).unwrap();
        self.git_in(folder, &["add", "a.env"]);
        self.git_in(folder, &["commit", "-qm", "a change"])
    }

    /// Fails unless a commit with a token is refused by barewire and one without is made.
    pub(super) fn assert_guarded_in(&self, folder: &str) {
        let output = self.commits_in(folder, &self.repo.token());
        assert!(
            output.code != 0 && output.stderr.contains("SignalWire") | output.stdout.contains("SignalWire"),
            "{output}"
        );
        let output = self.commits_in(folder, &self.repo.project()[..8]);
        assert_eq!(output.code, 0, "{output}");
    }

    /// The same at the top.
    pub(super) fn assert_guarded(&self) {
        self.assert_guarded_in("");
    }

    /// Writes a hook, or any other program.
    pub(super) fn script(&self, name: impl AsRef<Path>, text: &str) -> PathBuf {
        let path = self.repo.at(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        drop(fs::remove_file(&path));
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        path
    }

    /// A file at the top, as text; nothing if it is not there.
    pub(super) fn read(&self, name: impl AsRef<Path>) -> String {
        fs::read_to_string(self.repo.at(name)).unwrap_or_default()
    }
}

/// What is at a path: kind and permissions, then the content or where it leads.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Thing(u32, Vec<u8>);

/// Everything below a folder.
pub(super) fn things(folder: &Path) -> BTreeMap<PathBuf, Thing> {
    let mut things = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let metadata = fs::symlink_metadata(&path).unwrap();
            let content = if metadata.is_symlink() {
                fs::read_link(&path).unwrap().into_os_string().into_encoded_bytes()
            } else if metadata.is_dir() {
                folders.push(path.clone());
                Vec::new()
            } else {
                fs::read(&path).unwrap()
            };
            things.insert(path, Thing(metadata.mode(), content));
        }
    }
    things
}
