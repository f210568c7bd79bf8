//! Decides whether a gate fires: its hook is run as git would run it, once with a canary and once without.
//!
//! Whether barewire refused, and not a hook of somebody else that runs before, is told by what was said.

use std::ffi::OsString;
use std::fs;
use std::io::{Read, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use super::canary;
use super::scratch_folder::ScratchFolder;
use super::script;
use super::slot::Slot;
use super::stage::Stage;
use crate::cli::git_environment;
use crate::git::{GitError, Hooks, Repository, Scratch};

/// A hook that takes longer is stopped.
const PATIENCE: Duration = Duration::from_secs(60);

/// How long what it said is waited for when it has ended: what it started may hold on to its output.
const LAST_WORDS: Duration = Duration::from_secs(2);

/// So much is kept of what a hook says.
const MOST_SAID: usize = 1 << 20;

/// What barewire says in one line of each refusal. Less could be the name of a folder.
const WORDS: [&str; 2] = ["barewire: ", "SignalWire"];

/// One of these is said as well.
const STOPS: [&str; 2] = [" stopped", " refused"];

/// Variables by which git tells a hook what it is about.
pub(super) const TOLD: [&str; 10] = [
    "GIT_DIR",
    "GIT_COMMON_DIR",
    "GIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_OBJECT_DIRECTORY",
    "GIT_ALTERNATE_OBJECT_DIRECTORIES",
    "GIT_QUARANTINE_PATH",
    "GIT_PREFIX",
    "GIT_PUSH_OPTION_COUNT",
    script::EARLIER,
];

/// What became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// The canary was refused, and what is clean passed.
    Fires,
    /// The canary passed.
    Open,
    /// The canary was refused, but not by barewire.
    NotByUs,
    /// What is clean was refused.
    AlwaysRefuses,
    /// It took too long.
    TooSlow,
    /// It could not be run.
    Unknown(String),
}

/// What was seen.
#[derive(Clone, Debug)]
pub(super) struct Proof {
    pub(super) verdict: Verdict,
    /// What the hook said in both runs, in this order.
    pub(super) said: String,
}

/// How a run of the hook ended.
enum End {
    Passed,
    Refused,
    TooSlow,
}

/// Whether a change holds the canary.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Cargo {
    Canary,
    Nothing,
}

/// What is done with hooks of other tools, which may well change the working tree and the repository, and expect to find
/// there what they put there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Others {
    /// They are run, with all that they do.
    Run,
    /// They are not.
    Skip,
}

/// What is tried.
#[derive(Clone, Copy, Debug)]
pub(super) struct Gate<'a> {
    pub(super) repository: &'a Repository,
    pub(super) hooks: &'a Hooks,
    pub(super) stage: Stage,
    pub(super) others: Others,
}

/// Runs a hook in the place where git looks for it.
pub(super) fn prove(gate: Gate<'_>) -> Proof {
    let mut said = String::new();
    let is_git_there =
        Command::new("git").arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok();
    if !is_git_there {
        let verdict = Verdict::Unknown("git is not on the PATH".to_owned());
        return Proof { verdict, said };
    }
    let verdict = run_both(gate, &mut said).unwrap_or_else(Verdict::Unknown);
    Proof { verdict, said }
}

fn run_both(gate: Gate<'_>, said: &mut String) -> Result<Verdict, String> {
    let mut run = |cargo| {
        let folder = ScratchFolder::new().map_err(|error| format!("no folder for a moment: {error}"))?;
        let trial = Trial { gate, folder: &folder };
        let (end, words) = trial.run(cargo)?;
        said.push_str(&words);
        Ok::<_, String>((end, words))
    };
    Ok(match run(Cargo::Canary)? {
        (End::TooSlow, _) => Verdict::TooSlow,
        (End::Passed, _) => Verdict::Open,
        (End::Refused, words) => match run(Cargo::Nothing)?.0 {
            End::TooSlow => Verdict::TooSlow,
            End::Refused => Verdict::AlwaysRefuses,
            End::Passed if words.lines().any(is_ours) => Verdict::Fires,
            End::Passed => Verdict::NotByUs,
        },
    })
}

/// Whether a line that a hook said is one of barewire that stops something.
fn is_ours(line: &str) -> bool {
    let [name, found] = WORDS;
    let said = line.split_once(name).map_or("", |(_, said)| said);
    STOPS.iter().any(|stop| said.contains(stop)) && said.contains(found)
}

/// One run of a hook.
struct Trial<'a> {
    gate: Gate<'a>,
    folder: &'a ScratchFolder,
}

impl Trial<'_> {
    fn run(&self, cargo: Cargo) -> Result<(End, String), String> {
        let failed = |error: GitError| format!("no change could be made up: {error}");
        let scratch = Scratch::new(self.gate.repository, self.folder.path()).map_err(failed)?;
        let line =
            if cargo == Cargo::Canary { canary::line().map_err(|_| "no canary".to_owned())? } else { String::new() };
        if cargo == Cargo::Canary && self.gate.stage != Stage::CommitMsg {
            scratch.stage(&format!("canary-{}.txt", canary::digits(8)), line.as_bytes()).map_err(failed)?;
        }
        let mut command = self.command(&scratch);
        let mut stdin = String::new();
        match self.gate.stage {
            Stage::PreCommit | Stage::PreMergeCommit => {}
            Stage::CommitMsg => {
                let path = self.folder.path().join("COMMIT_EDITMSG");
                fs::write(&path, format!("a change\n\n{line}")).map_err(|error| error.to_string())?;
                command.arg(path);
            }
            Stage::PrePush => {
                // As if to a folder: a hook of somebody else has no server to ask.
                let remote = self.folder.path().join("remote");
                command.arg(&remote).arg(&remote);
                let commit = scratch.commit().map_err(failed)?;
                let there = scratch.head().map_or_else(|| zeros(&commit), str::to_owned);
                stdin = format!("refs/heads/canary {commit} refs/heads/canary {there}\n");
            }
            Stage::PreReceive => {
                let commit = scratch.commit().map_err(failed)?;
                stdin = format!("{} {commit} refs/heads/canary\n", zeros(&commit));
            }
        }
        converse(&mut command, stdin.into_bytes(), self.folder).map_err(|error| format!("it could not be run: {error}"))
    }

    /// The hook in the environment that git gives it.
    fn command(&self, scratch: &Scratch<'_>) -> Command {
        let Gate { repository, hooks, stage, others } = self.gate;
        let mut command = program(&hooks.folder().join(stage.name()));
        for name in TOLD {
            command.env_remove(name);
        }
        if let (Others::Skip, Some(earlier)) = (others, self.earlier()) {
            command.env(script::EARLIER, earlier);
        }
        command.env("GIT_OBJECT_DIRECTORY", scratch.objects());
        if stage == Stage::PreReceive {
            command.current_dir(repository.git_dir()).env("GIT_DIR", ".");
            command.env("GIT_QUARANTINE_PATH", scratch.objects());
            command.env("GIT_ALTERNATE_OBJECT_DIRECTORIES", listed(repository.objects_dir()));
            return command;
        }
        command.current_dir(hooks.runs_in());
        command.env("GIT_INDEX_FILE", scratch.index()).env("GIT_PREFIX", "").env("GIT_EDITOR", ":");
        let named = git_environment::read();
        let dot_git = hooks.runs_in().join(".git");
        if named.git_dir.is_some() || dot_git.is_file() || !dot_git.exists() {
            command.env("GIT_DIR", repository.git_dir());
        }
        if let (Some(_), Some(root)) = (&named.work_tree, repository.work_tree()) {
            command.env("GIT_WORK_TREE", root);
        }
        command
    }
}

impl Trial<'_> {
    /// The hook that ours would run first, as ours calls it.
    fn earlier(&self) -> Option<PathBuf> {
        let Gate { repository, hooks, stage, .. } = self.gate;
        let slot = Slot::new(&hooks.folder().canonicalize().ok()?, stage.name());
        if slot.has_aside() {
            return Some(slot.aside);
        }
        Some(repository.common_dir().canonicalize().ok()?.join("hooks").join(stage.name()))
    }
}

/// An id of zeros that is as long as another.
fn zeros(id: &str) -> String {
    "0".repeat(id.len())
}

/// A list of one folder. What a list would take apart is quoted.
fn listed(folder: &Path) -> OsString {
    match folder.to_str() {
        Some(text) if text.contains([':', '"', '\\']) && cfg!(unix) => {
            format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"")).into()
        }
        _ => folder.as_os_str().to_owned(),
    }
}

#[cfg(unix)]
fn program(path: &Path) -> Command {
    use std::os::unix::process::CommandExt as _;
    let mut command = Command::new(path);
    // What it starts is stopped with it.
    command.process_group(0);
    command
}

/// Without permissions to run, hooks are scripts.
#[cfg(not(unix))]
fn program(path: &Path) -> Command {
    let mut command = Command::new("sh");
    command.arg(path);
    command
}

/// Runs a hook to its end, and gives back what it said.
fn converse(command: &mut Command, stdin: Vec<u8>, folder: &ScratchFolder) -> std::io::Result<(End, String)> {
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    folder.runs(child.id());
    if let Some(mut input) = child.stdin.take() {
        // A hook that reads nothing closes it; that is its right.
        std::thread::spawn(move || drop(input.write_all(&stdin)));
    }
    let outputs = [child.stdout.take().map(gathered), child.stderr.take().map(gathered)];
    let ended = awaited(&mut child);
    folder.rests();
    let ended = ended?;
    let deadline = Instant::now() + LAST_WORDS;
    let said = outputs.into_iter().flatten().map(|output| words(&output, deadline)).collect();
    Ok(match ended {
        None => (End::TooSlow, said),
        Some(status) if status.success() => (End::Passed, said),
        Some(_) => (End::Refused, said),
    })
}

/// Reads all of a stream.
fn gathered(mut stream: impl Read + Send + 'static) -> Receiver<Vec<u8>> {
    let (sender, receiver) = channel();
    std::thread::spawn(move || {
        let mut buffer = [0; 4096];
        while let Ok(read @ 1..) = stream.read(&mut buffer) {
            // Who does not listen any more has heard enough; the hook must still not wait.
            drop(sender.send(buffer[..read].to_vec()));
        }
    });
    receiver
}

/// The beginning of what was read by a time.
fn words(output: &Receiver<Vec<u8>>, deadline: Instant) -> String {
    let mut bytes = Vec::new();
    while let Ok(more) = output.recv_timeout(deadline.saturating_duration_since(Instant::now())) {
        if bytes.len() < MOST_SAID {
            bytes.extend(more);
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// How it ended; nothing if it was stopped.
fn awaited(child: &mut Child) -> std::io::Result<Option<ExitStatus>> {
    let start = Instant::now();
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        if start.elapsed() > PATIENCE {
            return stop(child).map(|()| None);
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Stops it with all that it has started. First as a user would: some tools put back then what they had put away.
#[cfg(unix)]
fn stop(child: &mut Child) -> std::io::Result<()> {
    use rustix::process::{Pid, Signal, kill_process_group};
    if let Some(group) = Pid::from_raw(i32::try_from(child.id()).unwrap_or(0)) {
        kill_process_group(group, Signal::INT)?;
        std::thread::sleep(LAST_WORDS);
        // Where all has ended, there is nothing to stop.
        kill_process_group(group, Signal::KILL).unwrap_or_default();
    }
    child.wait().map(drop)
}

#[cfg(not(unix))]
fn stop(child: &mut Child) -> std::io::Result<()> {
    child.kill().and_then(|()| child.wait()).map(drop)
}

/// Whether git runs the file at `path`; it passes over one that it may not run.
pub(super) fn is_run(path: &Path) -> bool {
    #[cfg(unix)]
    let may = rustix::fs::access(path, rustix::fs::Access::EXEC_OK).is_ok();
    #[cfg(not(unix))]
    let may = true;
    may && fs::metadata(path).is_ok_and(|metadata| metadata.is_file())
}
