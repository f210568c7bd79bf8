//! Decides how git itself is asked where a repository is of a form that this program does not read.
//!
//! Only plumbing commands are run. The environment and the configuration of the user cannot change what they say, they
//! write nothing and fetch nothing, and nothing that the repository names is run.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader, Read as _, Write as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use super::error::GitError;
use super::paths::Tracked;
use super::repository::Repository;

/// Variables that would point git at another repository, or make it write or say something else.
const CLEARED: [&str; 43] = [
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_COMMON_DIR",
    "GIT_NAMESPACE",
    "GIT_PREFIX",
    "GIT_IMPLICIT_WORK_TREE",
    "GIT_INTERNAL_SUPER_PREFIX",
    "GIT_SHALLOW_FILE",
    "GIT_REPLACE_REF_BASE",
    "GIT_ATTR_SOURCE",
    "GIT_REF_PARANOIA",
    "GIT_DEFAULT_HASH",
    "GIT_DEFAULT_REF_FORMAT",
    "GIT_CEILING_DIRECTORIES",
    "GIT_CONFIG",
    "GIT_EXTERNAL_DIFF",
    "GIT_DIFF_OPTS",
    "GIT_LITERAL_PATHSPECS",
    "GIT_GLOB_PATHSPECS",
    "GIT_NOGLOB_PATHSPECS",
    "GIT_ICASE_PATHSPECS",
    "GIT_INDEX_VERSION",
    "GIT_FLUSH",
    "GIT_PROTOCOL",
    "GIT_REDIRECT_STDERR",
    "GIT_REDIRECT_STDOUT",
    "GIT_REDIRECT_STDIN",
    "GIT_TRACE",
    "GIT_TRACE_FSMONITOR",
    "GIT_TRACE_PACK_ACCESS",
    "GIT_TRACE_PACKET",
    "GIT_TRACE_PACKFILE",
    "GIT_TRACE_PERFORMANCE",
    "GIT_TRACE_REFS",
    "GIT_TRACE_SETUP",
    "GIT_TRACE_SHALLOW",
    "GIT_TRACE_CURL",
    "GIT_TRACE2",
    "GIT_TRACE2_EVENT",
    "GIT_TRACE2_PERF",
];

/// Variables that add to the configuration of the user.
const ADDED_CONFIGURATION: [&str; 2] = ["GIT_CONFIG_PARAMETERS", "GIT_CONFIG_COUNT"];

/// What is said to git in any case.
const FIXED: [(&str, &str); 9] = [
    ("LC_ALL", "C"),
    // Where git is too old for `GIT_NO_LAZY_FETCH`, a repository could name a command as the place that objects are
    // fetched from. No configuration wins over this list, and no protocol is on it.
    ("GIT_ALLOW_PROTOCOL", ""),
    ("GIT_OPTIONAL_LOCKS", "0"),
    ("GIT_NO_LAZY_FETCH", "1"),
    ("GIT_NO_REPLACE_OBJECTS", "1"),
    ("GIT_GRAFT_FILE", "/dev/null"),
    ("GIT_TERMINAL_PROMPT", "0"),
    ("GIT_PAGER", "cat"),
    ("GIT_ADVICE", "0"),
];

/// Configuration that wins over that of the user and of the repository.
const CONFIGURATION: [&str; 7] = [
    "core.fsmonitor=false",
    "core.hooksPath=/dev/null",
    "core.quotePath=false",
    "core.useReplaceRefs=false",
    "color.ui=false",
    "log.showSignature=false",
    "protocol.allow=never",
];

/// Settings under which git writes a plain index, to one place alone, and knows who commits.
const PLAIN: [&str; 5] =
    ["core.splitIndex=false", "core.sparseCheckout=false", "index.sparse=false", "user.name=barewire", "user.email=-"];

/// Runs plumbing commands of git in one repository.
pub(super) struct Git<'a> {
    repository: &'a Repository,
    /// Another folder than that of the repository, of one of its working trees.
    own_refs: Option<&'a Path>,
    /// Another index than that of the repository.
    index: Option<&'a Path>,
    /// Another folder of objects than that of the repository.
    objects: Option<&'a Path>,
}

impl<'a> Git<'a> {
    /// For commands in `repository`.
    pub(super) fn new(repository: &'a Repository) -> Self {
        Self { repository, own_refs: None, index: None, objects: None }
    }

    /// For commands in the working tree that keeps its own refs in `git_dir`.
    pub(super) fn at<'b>(&'b self, git_dir: &'b Path) -> Git<'b> {
        Git { repository: self.repository, own_refs: Some(git_dir), index: None, objects: None }
    }

    /// For commands that use the index at `path`.
    pub(super) fn index<'b>(&'b self, path: &'b Path) -> Git<'b> {
        Git { index: Some(path), ..*self }
    }

    /// The same for commands that keep new objects in the folder `path`, and write a plain index alone.
    pub(super) fn scratch<'b>(&'b self, path: &'b Path) -> Git<'b> {
        Git { objects: Some(path), ..*self }
    }

    /// What the command with these arguments answers when it is given `stdin`. That it fails is an error.
    pub(super) fn run<A: AsRef<OsStr>>(&self, args: &[A], stdin: &[u8]) -> Result<Vec<u8>, GitError> {
        let mut answer = Vec::new();
        self.answer(args, stdin, |mut output| output.read_to_end(&mut answer).map(drop))?;
        Ok(answer)
    }

    /// Hands each record of the answer, without the `end` that it ends with, to `record`.
    pub(super) fn records<A: AsRef<OsStr>>(
        &self,
        args: &[A],
        end: u8,
        mut record: impl FnMut(&[u8]),
    ) -> Result<(), GitError> {
        self.answer(args, &[], |mut output| {
            let mut bytes = Vec::new();
            while output.read_until(end, &mut bytes)? > 0 {
                record(bytes.strip_suffix(&[end]).unwrap_or(&bytes));
                bytes.clear();
            }
            Ok(())
        })
    }

    fn answer<A: AsRef<OsStr>>(
        &self,
        args: &[A],
        stdin: &[u8],
        read: impl FnOnce(BufReader<std::process::ChildStdout>) -> std::io::Result<()>,
    ) -> Result<(), GitError> {
        self.repository.check_harmless()?;
        let name = args.first().map(|arg| arg.as_ref().to_string_lossy().into_owned()).unwrap_or_default();
        let failed = |detail: String| GitError::Plumbing { command: name.clone(), detail };
        let mut command = self.command();
        command.args(args).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().map_err(|error| failed(not_started(&error)))?;
        let said = converse(&mut child, stdin, read);
        let status = child.wait().map_err(|error| failed(error.to_string()))?;
        let said = said.map_err(|error| failed(error.to_string()))?;
        if status.success() { Ok(()) } else { Err(failed(first_line(&said))) }
    }

    /// git, told which repository is meant.
    fn command(&self) -> Command {
        let repository = self.repository;
        let environment = repository.environment();
        let mut command = git();
        clear(&mut command, &ADDED_CONFIGURATION);
        let git_dir = self.own_refs.unwrap_or(repository.git_dir());
        command.arg("--git-dir").arg(git_dir).current_dir(repository.base());
        if let (Some(root), None) = (repository.work_tree(), self.own_refs) {
            command.arg("--work-tree").arg(root);
        }
        if environment.common_dir.is_some() {
            command.env("GIT_COMMON_DIR", repository.common_dir());
        }
        if let Some(index) = self.index {
            command.env("GIT_INDEX_FILE", index);
        } else if environment.index_file.is_some() && self.own_refs.is_none() {
            command.env("GIT_INDEX_FILE", repository.index_path());
        }
        if let Some(objects) = self.objects {
            command.args(PLAIN.iter().flat_map(|setting| ["-c", setting]));
            command.env("GIT_OBJECT_DIRECTORY", objects);
        } else if environment.object_directory.is_some() {
            command.env("GIT_OBJECT_DIRECTORY", repository.objects_dir());
        }
        if let Some(alternates) = &environment.alternates {
            command.env("GIT_ALTERNATE_OBJECT_DIRECTORIES", alternates);
        }
        command
    }
}

/// git, without anything from outside that could change what it says.
fn git() -> Command {
    let mut command = Command::new("git");
    clear(&mut command, &CLEARED);
    for (name, value) in FIXED {
        command.env(name, value);
    }
    for setting in CONFIGURATION {
        command.args(["-c", setting]);
    }
    command
}

fn clear(command: &mut Command, names: &[&str]) {
    for name in names {
        command.env_remove(name);
    }
}

/// Writes all of `stdin`, reads all of the answer, and gives back what was said besides.
fn converse(
    child: &mut Child,
    stdin: &[u8],
    read: impl FnOnce(BufReader<std::process::ChildStdout>) -> std::io::Result<()>,
) -> std::io::Result<Vec<u8>> {
    let (input, output, errors) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
    std::thread::scope(|scope| {
        // A command that reads no input closes it; what it then says tells more than the failure to write.
        scope.spawn(move || input.map(|mut input| input.write_all(stdin)));
        let said = scope.spawn(move || {
            let mut said = Vec::new();
            errors.map_or(Ok(0), |mut errors| errors.read_to_end(&mut said)).map(|_| said)
        });
        output.map_or(Ok(()), |output| read(BufReader::with_capacity(1 << 16, output)))?;
        said.join().unwrap_or_else(|_| Ok(Vec::new()))
    })
}

fn first_line(said: &[u8]) -> String {
    String::from_utf8_lossy(said).lines().next().unwrap_or("it failed").to_owned()
}

/// What a variable of the configuration is, and who says so.
pub(super) struct Configured {
    /// `system`, `global`, `local`, `worktree` or `command`.
    pub(super) scope: Vec<u8>,
    /// The value, as a path.
    pub(super) value: Vec<u8>,
}

/// What a variable of the configuration is, if anybody says so: as git itself, run in `folder`, would see it.
pub(super) fn configured(repository: &Repository, folder: &Path, key: &str) -> Result<Option<Configured>, GitError> {
    let mut command = Command::new("git");
    clear(&mut command, &CLEARED);
    command.envs(FIXED).arg("--git-dir").arg(repository.git_dir()).current_dir(folder);
    if repository.environment().common_dir.is_some() {
        command.env("GIT_COMMON_DIR", repository.common_dir());
    }
    command.args(["config", "--show-scope", "--type=path", "-z", "--get", key]);
    let Some(answer) = looked_up(&mut command)? else { return Ok(None) };
    let mut fields = answer.split(|&byte| byte == 0).map(<[u8]>::to_vec);
    Ok(fields.next().zip(fields.next()).map(|(scope, value)| Configured { scope, value }))
}

/// What `git config` with these arguments answers in the environment of the user, in no repository.
pub(super) fn as_user(args: &[&OsStr]) -> Result<Option<Vec<u8>>, GitError> {
    let mut command = Command::new("git");
    clear(&mut command, &CLEARED);
    // In the repository that one happens to be in, conditions of what is included may hold.
    looked_up(command.env("GIT_DIR", "/dev/null").args(args))
}

/// Why there is no answer of git.
fn not_started(error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::NotFound => "there is no git on the PATH, and this cannot be done without it".to_owned(),
        _ => error.to_string(),
    }
}

/// What `git config` answers; nothing if it knows of no value.
fn looked_up(command: &mut Command) -> Result<Option<Vec<u8>>, GitError> {
    let failed = |detail: String| GitError::Plumbing { command: "config".to_owned(), detail };
    let output = command.stdin(Stdio::null()).output().map_err(|error| failed(not_started(&error)))?;
    match output.status.code() {
        Some(0) => Ok(Some(output.stdout)),
        Some(1) => Ok(None),
        _ => Err(failed(first_line(&output.stderr))),
    }
}

/// Asks git what the index of the working tree at `root` tracks.
pub(super) fn tracked(root: &Path) -> Result<Tracked, GitError> {
    let failed = |detail: String| GitError::Plumbing { command: "ls-files".to_owned(), detail };
    let mut command = git();
    clear(&mut command, &ADDED_CONFIGURATION);
    command.arg("-C").arg(root).args(["ls-files", "-z", "--stage"]).stdin(Stdio::null());
    let output = command.output().map_err(|error| failed(not_started(&error)))?;
    if !output.status.success() {
        if is_about_owner(&output.stderr) {
            return Err(GitError::NotOwned { root: root.to_owned() });
        }
        return Err(failed(first_line(&output.stderr)));
    }
    parse(&output.stdout).ok_or_else(|| failed("its answer was not understood".to_owned()))
}

/// Whether git refuses to read the repository found at `place` because of its owner. What the environment adds to the
/// configuration counts, since it is a usual way to allow it.
pub(super) fn refuses_owner(place: &Path) -> Result<bool, GitError> {
    let mut command = git();
    command.arg("-C").arg(place).args(["rev-parse", "--git-dir"]).stdin(Stdio::null());
    let output = command
        .output()
        .map_err(|error| GitError::Plumbing { command: "rev-parse".to_owned(), detail: not_started(&error) })?;
    Ok(!output.status.success() && is_about_owner(&output.stderr))
}

fn is_about_owner(said: &[u8]) -> bool {
    String::from_utf8_lossy(said).contains("dubious ownership")
}

/// Reads lines of the form `mode id stage<tab>path`, each ended by a NUL.
fn parse(bytes: &[u8]) -> Option<Tracked> {
    let mut tracked = Tracked::default();
    for line in bytes.split(|&byte| byte == 0).filter(|line| !line.is_empty()) {
        let tab = memchr::memchr(b'\t', line)?;
        let mode = std::str::from_utf8(line.get(..6)?).ok()?;
        tracked.push(u32::from_str_radix(mode, 8).ok()?, &line[tab + 1..]);
    }
    Some(tracked.settle())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A git that does not know of `GIT_NO_LAZY_FETCH` fetches what is missing.
    #[cfg(unix)]
    #[test]
    fn nothing_is_fetched_by_a_command_that_the_repository_names() {
        let folder = tempfile::tempdir().unwrap();
        let run = |args: &[&str]| {
            let mut command = git();
            let command = command.env_remove("GIT_NO_LAZY_FETCH").env("GIT_CEILING_DIRECTORIES", folder.path());
            command.current_dir(folder.path()).args(args).output().unwrap().status.success()
        };
        assert!(run(&["init", "-q"]));
        for (name, value) in [
            ("core.repositoryFormatVersion", "1"),
            ("extensions.partialClone", "origin"),
            ("remote.origin.promisor", "true"),
            ("remote.origin.url", "ext::sh -c touch% fetched"),
            ("protocol.ext.allow", "always"),
        ] {
            assert!(run(&["config", name, value]));
        }
        assert!(!run(&["cat-file", "-p", &"1".repeat(40)]));
        assert!(!folder.path().join("fetched").exists());
    }

    #[test]
    fn only_files_and_submodules_are_taken_from_a_listing() {
        let listing = ["100644 1 0\ta b", "100755 2 0\tc\td", "120000 3 0\tlink", "160000 4 0\tsub", "100644 5 1\tx"];
        let listing = listing.map(|line| format!("{line}\0")).concat() + "100644 6 2\tx\0";
        let tracked = parse(listing.as_bytes()).unwrap();
        assert_eq!(tracked.files, [&b"a b"[..], b"c\td", b"x"].into_iter().collect());
        assert_eq!(tracked.modules, [&b"sub"[..]].into_iter().collect());
        assert_eq!(parse(b"nonsense\0"), None);
    }
}
