//! Makes git repositories, and runs the real program on them. The same calls make the same repository, down to its ids:
//! names and dates are fixed, and no configuration but the repository's own has a say.

mod live;
pub(crate) mod pack;
pub(crate) mod plant;
mod script;
pub(crate) mod stream;
mod trunk;
pub(crate) mod truth;

use std::cell::{Cell, RefCell};
use std::ffi::OsStr;
use std::fmt;
use std::fs;
use std::io::{Read, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::rc::Rc;
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

pub(crate) use script::leak;

use super::template::Expander;
use super::{INHERITED, Output};

/// The first second of the time that passes in these repositories.
pub(crate) const EPOCH: u64 = 1_700_000_000;

/// Seconds between two commits.
pub(crate) const STEP: u64 = 60;

/// A program that runs longer hangs. None needs a tenth of it.
const PATIENCE: Duration = Duration::from_secs(240);

/// A repository in a folder of its own.
pub(crate) struct Repo {
    base: Rc<TempDir>,
    root: PathBuf,
    clock: Rc<Cell<u64>>,
    values: Rc<RefCell<Expander>>,
}

impl Repo {
    /// An empty repository whose branch is called `trunk`.
    pub(crate) fn new() -> Self {
        Self::init(&[])
    }

    /// As `git init` makes it with these options.
    pub(crate) fn init(options: &[&str]) -> Self {
        let repo = Self::folder();
        repo.git([&["init", "-q", "-b", "trunk"], options, &["."]].concat());
        repo
    }

    /// A folder without a repository.
    pub(crate) fn folder() -> Self {
        let base = TempDir::with_prefix("barewire-git-").unwrap();
        let root = base.path().canonicalize().unwrap().join("work");
        for folder in [&root, &base.path().join("home")] {
            fs::create_dir(folder).unwrap();
        }
        let clock = Rc::new(Cell::new(EPOCH));
        Self { base: Rc::new(base), root, clock, values: Rc::default() }
    }

    /// What lies in the folder `name` beside this repository: it shares the clock and never repeats a value.
    pub(crate) fn beside(&self, name: &str) -> Self {
        let root = self.root.parent().unwrap().join(name);
        fs::create_dir_all(&root).unwrap();
        Self { base: self.base.clone(), root, clock: self.clock.clone(), values: self.values.clone() }
    }

    /// A copy of the folder with all that is in it, beside it.
    pub(crate) fn copy(&self, name: &str) -> Self {
        let copy = self.beside(name);
        let from = self.root.join(".");
        assert!(Command::new("cp").arg("-a").arg(from).arg(&copy.root).status().unwrap().success());
        copy
    }

    /// The top of the working tree, or the bare repository itself.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// A path in the working tree.
    pub(crate) fn at(&self, name: impl AsRef<Path>) -> PathBuf {
        self.root.join(name)
    }

    /// The folder that holds the repository itself.
    pub(crate) fn git_dir(&self) -> PathBuf {
        let dir = self.at(".git");
        if dir.is_dir() { dir } else { self.root.clone() }
    }

    /// Writes a file of the working tree.
    pub(crate) fn file(&self, name: impl AsRef<Path>, bytes: impl AsRef<[u8]>) -> &Self {
        let path = self.at(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
        self
    }

    /// An API token that no other call gives.
    pub(crate) fn token(&self) -> String {
        self.values.borrow_mut().expand_text("PT{hex:48}")
    }

    /// A Project ID that no other call gives.
    pub(crate) fn project(&self) -> String {
        self.values.borrow_mut().expand_text("{uuid}")
    }

    /// Lets time pass up to `time`.
    pub(crate) fn advance(&self, time: u64) {
        self.clock.set(self.clock.get().max(time));
    }

    /// `git`, to be run at the top of this repository. Every call is a minute later than the one before.
    pub(crate) fn command(&self) -> Command {
        self.clock.set(self.clock.get() + STEP);
        let date = format!("{} +0000", self.clock.get());
        let mut command = self.scrubbed("git");
        command.args(["-c", "protocol.file.allow=always", "-c", "gc.auto=0", "-c", "maintenance.auto=false"]);
        command.env("GIT_NO_REPLACE_OBJECTS", "1").env("GIT_GRAFT_FILE", "/dev/null");
        for who in ["AUTHOR", "COMMITTER"] {
            command.env(format!("GIT_{who}_NAME"), "A").env(format!("GIT_{who}_EMAIL"), "a@example.com");
            command.env(format!("GIT_{who}_DATE"), &date);
        }
        command
    }

    /// A program that runs at the top of this repository, in an environment that says nothing.
    pub(crate) fn scrubbed(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        command.current_dir(&self.root).env_clear();
        let inherited = |name: &OsStr| INHERITED.iter().any(|known| name.eq_ignore_ascii_case(known));
        command.envs(std::env::vars_os().filter(|(name, _)| inherited(name)));
        command.env("HOME", self.base.path().join("home")).env("LC_ALL", "C");
        command.env("GIT_CONFIG_NOSYSTEM", "1").env("GIT_CONFIG_GLOBAL", "/dev/null");
        command.env("GIT_EDITOR", "true").env("GIT_TERMINAL_PROMPT", "0");
        command
    }

    /// Runs git and gives back what it printed, without the end of its last line.
    pub(crate) fn git<A: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = A>) -> String {
        let mut command = self.command();
        command.args(args);
        let output = command.output().unwrap();
        assert!(output.status.success(), "{command:?}\n{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).trim_end().to_owned()
    }

    /// Runs git with `input`.
    pub(crate) fn feed<A: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = A>, input: &[u8]) -> String {
        let mut command = self.command();
        command.args(args);
        let output = fed(&mut command, input);
        assert!(output.code == 0, "{command:?}\n{output}");
        output.stdout.trim_end().to_owned()
    }

    /// Writes a file and commits it; gives back the id of the commit.
    pub(crate) fn commit(&self, name: impl AsRef<Path>, bytes: impl AsRef<[u8]>) -> String {
        self.file(&name, bytes);
        self.git([OsStr::new("add"), OsStr::new("-f"), OsStr::new("--"), name.as_ref().as_os_str()]);
        self.git(["commit", "-q", "-m", "change"]);
        self.head()
    }

    /// The commit at HEAD.
    pub(crate) fn head(&self) -> String {
        self.git(["rev-parse", "HEAD"])
    }

    /// Puts `bytes` into the store alone.
    pub(crate) fn blob(&self, bytes: impl AsRef<[u8]>) -> String {
        self.feed(["hash-object", "-w", "--stdin"], bytes.as_ref())
    }

    /// Where a loose object lies.
    pub(crate) fn loose(&self, id: &str) -> PathBuf {
        self.git_dir().join("objects").join(&id[..2]).join(&id[2..])
    }

    /// The files of the folder of packs that end in `ending`.
    pub(crate) fn packs(&self, ending: &str) -> Vec<PathBuf> {
        let Ok(entries) = fs::read_dir(self.git_dir().join("objects/pack")) else { return Vec::new() };
        let mut paths: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
        paths.retain(|path| path.to_str().unwrap().ends_with(ending));
        paths.sort();
        paths
    }

    /// The program with these arguments, to be run at the top of this repository.
    pub(crate) fn program<A: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = A>) -> Command {
        let mut command = self.scrubbed(env!("CARGO_BIN_EXE_barewire"));
        command.args(args);
        command
    }

    /// Runs the program to its end.
    pub(crate) fn barewire<A: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = A>) -> Output {
        fed(&mut self.program(args), b"")
    }

    /// What the program reports as JSON, with whole secrets, for these arguments.
    pub(crate) fn report<A: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = A>) -> Report {
        let mut command = self.program(args);
        Report::of(&mut command)
    }
}

/// Runs a program that reads `input`. It is killed when it takes too long.
pub(crate) fn fed(command: &mut Command, input: &[u8]) -> Output {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_owned();
    let writer = std::thread::spawn(move || drop(stdin.write_all(&input)));
    let stdout = drained(child.stdout.take().unwrap());
    let stderr = drained(child.stderr.take().unwrap());
    let status = awaited(&mut child).unwrap_or_else(|| panic!("it does not end: {command:?}"));
    writer.join().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    let (stdout, stderr) = (text(stdout.join().unwrap()), text(stderr.join().unwrap()));
    let code = status.code().unwrap_or_else(|| panic!("{status}: {command:?}\n{stderr}"));
    Output { stdout, stderr, code }
}

fn drained(mut from: impl Read + Send + 'static) -> std::thread::JoinHandle<Vec<u8>> {
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        from.read_to_end(&mut bytes).unwrap();
        bytes
    })
}

/// How a program ended that this test started; nothing if it had to be killed for taking too long.
fn awaited(child: &mut Child) -> Option<ExitStatus> {
    let start = Instant::now();
    let mut pause = Duration::from_micros(500);
    loop {
        if let Some(status) = child.try_wait().unwrap() {
            return Some(status);
        }
        if start.elapsed() > PATIENCE {
            child.kill().unwrap();
            child.wait().unwrap();
            return None;
        }
        std::thread::sleep(pause);
        pause = (pause * 2).min(Duration::from_millis(20));
    }
}

/// What the program reported as JSON, and how it ended.
pub(crate) struct Report {
    /// The document.
    pub(crate) json: Value,
    /// What was said.
    pub(crate) output: Output,
}

impl Report {
    /// Runs a prepared program, which is told to report as JSON with whole secrets.
    pub(crate) fn of(command: &mut Command) -> Self {
        command.args(["--show-secrets", "-f", "json"]);
        Self::read(fed(command, b""), &format!("{command:?}"))
    }

    /// Takes what `command` said for a report.
    pub(crate) fn read(output: Output, command: &str) -> Self {
        assert_sound(&output);
        let json = serde_json::from_str(&output.stdout).unwrap_or_else(|error| panic!("{error}: {command}\n{output}"));
        Self { json, output }
    }

    /// The exit code.
    pub(crate) fn code(&self) -> i32 {
        self.output.code
    }

    /// The findings.
    pub(crate) fn findings(&self) -> &[Value] {
        self.json["findings"].as_array().unwrap()
    }

    /// The findings of API tokens as `path value`, sorted.
    pub(crate) fn tokens(&self) -> Vec<String> {
        let tokens = self.findings().iter().filter(|finding| finding["part"] == "token");
        let mut lines: Vec<_> =
            tokens.map(|finding| format!("{} {}", word(finding, "path"), word(finding, "secret"))).collect();
        lines.sort();
        lines
    }

    /// The findings of one value.
    pub(crate) fn of_value(&self, value: &str) -> Vec<&Value> {
        self.findings().iter().filter(|finding| finding["secret"] == value).collect()
    }

    /// Whether all was scanned.
    pub(crate) fn is_complete(&self) -> bool {
        self.json["complete"] == true
    }

    /// A number of the coverage of git.
    pub(crate) fn covered(&self, name: &str) -> u64 {
        let number = &self.json["coverage"]["git"][name];
        // Some are lists of what was met, some are how often it was met.
        number.as_u64().or_else(|| Some(number.as_array()?.len() as u64)).unwrap_or_else(|| panic!("{name}: {number}"))
    }

    /// The problems, each as one line.
    pub(crate) fn problems(&self) -> Vec<String> {
        let problems = self.json["coverage"]["problems"].as_array().unwrap().iter();
        problems.map(|one| format!("{}: {}: {}", word(one, "kind"), word(one, "path"), word(one, "detail"))).collect()
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.output)
    }
}

/// A text of an object; empty if it is not there.
pub(crate) fn word<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap_or_default()
}

/// Fails if the program says that it is broken itself.
pub(crate) fn assert_sound(output: &Output) {
    for words in ["internal error", "panicked", "barewire failed", "RUST_BACKTRACE", "overflow"] {
        assert!(!output.stderr.contains(words) && !output.stdout.contains(words), "{words}: {output}");
    }
}
