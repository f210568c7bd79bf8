//! Decides how all repositories of a user are guarded: by one folder of hooks that core.hooksPath names.
//!
//! git then passes over the hooks of each repository. So the folder has every hook that git knows, and each runs the
//! repository's own.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::install::{Ground, edited, failed, program};
use super::script::Kind;
use super::slot::{self, Slot, Standing};
use super::stage::{ALL, Stage, USUAL};
use crate::cli::error::{Error, shown};
use crate::cli::{exit, output};
use crate::git::{hooks_configured_in, hooks_configured_on_condition};

/// The hooks that git looks for by name, besides those at which a gate can stand. `fsmonitor-watchman` is found by the
/// path that `core.fsmonitor` gives.
const OTHERS: [&str; 22] = [
    "applypatch-msg",
    "p4-changelist",
    "p4-post-changelist",
    "p4-pre-submit",
    "p4-prepare-changelist",
    "post-applypatch",
    "post-checkout",
    "post-commit",
    "post-index-change",
    "post-merge",
    "post-receive",
    "post-rewrite",
    "post-update",
    "pre-applypatch",
    "pre-auto-gc",
    "pre-rebase",
    "prepare-commit-msg",
    "proc-receive",
    "push-to-checkout",
    "reference-transaction",
    "sendemail-validate",
    "update",
];

/// Beside the hooks, a text that says what the folder is and what was made for it.
const RECORD: &str = "README.txt";

const ABOUT: &str = "\
These hooks guard all repositories of this user, because core.hooksPath of git names this folder.
`barewire hook install --global` wrote them; `barewire hook uninstall --global` takes them out.
Each runs the hook of its name that a repository has of its own.

What was made for them, and goes with them:
";

/// Before the path of something that was made.
const MADE: &str = "made: ";

/// The folder that holds them; `None` if there is no home. What was installed in another environment stays where it is.
pub(super) fn folder() -> Option<PathBuf> {
    let named = hooks_configured_in("--global").ok().flatten();
    named.filter(|named| is_record(&named.join(RECORD))).or_else(|| Some(config_home()?.join("barewire").join("hooks")))
}

/// Whether a file is a record that this program wrote.
fn is_record(path: &Path) -> bool {
    let begins = |text: Vec<u8>| text.starts_with(ABOUT.as_bytes());
    fs::metadata(path).is_ok_and(|metadata| metadata.is_file()) && fs::read(path).is_ok_and(begins)
}

#[expect(clippy::disallowed_methods, reason = "this is cli")]
fn config_home() -> Option<PathBuf> {
    let named = std::env::var_os("XDG_CONFIG_HOME").map(PathBuf::from).filter(|path| path.is_absolute());
    named.or_else(|| Some(home()?.join(".config")))
}

/// The home as git knows it, which asks nobody but the environment.
#[expect(clippy::disallowed_methods, reason = "this is cli")]
fn home() -> Option<PathBuf> {
    let named = if cfg!(unix) { std::env::var_os("HOME").map(PathBuf::from) } else { std::env::home_dir() };
    named.filter(|home| home.is_absolute())
}

/// The files that may hold the configuration of the user.
#[expect(clippy::disallowed_methods, reason = "this is cli")]
fn configurations() -> Vec<PathBuf> {
    if let Some(named) = std::env::var_os("GIT_CONFIG_GLOBAL") {
        return vec![named.into()];
    }
    let usual = home().map(|home| home.join(".gitconfig"));
    usual.into_iter().chain(config_home().map(|home| home.join("git").join("config"))).collect()
}

fn needed_folder() -> Result<PathBuf, Error> {
    folder().ok_or_else(|| Error::new("there is no home, so there is no place for hooks").help("set HOME"))
}

/// Refuses what git would put a file in the place of, `/dev/null` above all: it renames, and root may do that.
fn check_file() -> Result<(), Error> {
    let is_other = |file: &PathBuf| fs::metadata(file).is_ok_and(|metadata| !metadata.is_file());
    match configurations().into_iter().find(is_other) {
        None => Ok(()),
        Some(file) => {
            Err(Error::new(format_args!("the configuration of git would go to {}, which is not a file", shown(&file)))
                .help("have that path, or GIT_CONFIG_GLOBAL, lead to a file; nothing was done"))
        }
    }
}

/// Refuses if somebody else's folder is named already.
fn check(folder: &Path) -> Result<Option<PathBuf>, Error> {
    let configured = |file: &str| {
        hooks_configured_in(file)
            .map_err(|error| Error::new(error).help("git has to be on the PATH, since its configuration is changed"))
    };
    // Where the system has no configuration, git says so by an error.
    let of_system = hooks_configured_in("--system").unwrap_or_default();
    let of_user = configured("--global")?;
    let other = [("--global", &of_user), ("--system", &of_system)]
        .into_iter()
        .find_map(|(file, named)| Some((file, named.as_ref().filter(|named| *named != folder)?)));
    match other {
        None if of_user.is_none() => check_conditions(folder).map(|()| of_user),
        None => Ok(of_user),
        Some((file, named)) => Err(Error::new(format_args!(
            "core.hooksPath names {} already, in the configuration that `git config {file}` changes",
            shown(named)
        ))
        .help(format_args!(
            "add `barewire hook run pre-commit -- \"$@\"` to {}, or take core.hooksPath out; nothing was done",
            shown(&named.join("pre-commit"))
        ))),
    }
}

/// Refuses where some repositories have another folder. What is added comes last, so it would switch their hooks off.
fn check_conditions(folder: &Path) -> Result<(), Error> {
    let others = hooks_configured_on_condition().map_err(Error::new)?;
    match others.into_iter().find(|(_, named)| named != folder) {
        None => Ok(()),
        Some((file, named)) => Err(Error::new(format_args!(
            "core.hooksPath names {} for some repositories, in {}; their hooks would be switched off",
            shown(&named),
            shown(&file)
        ))
        .help(format_args!(
            "write `hooksPath = {}` below `[core]` above that `[includeIf]`, and run this again; nothing was done",
            shown(folder)
        ))),
    }
}

/// Writes the folder and has git look into it.
pub(super) fn install(stages: &[Stage]) -> Result<u8, Error> {
    check_file()?;
    let folder = needed_folder()?;
    let configured = check(&folder)?;
    let stages = if stages.is_empty() { &USUAL[..] } else { stages };
    let kinds = kinds(|stage| stages.contains(&stage) || is_guarded(&folder, stage));
    let program = program()?;
    let missing: Vec<PathBuf> = folder.ancestors().take_while(|outer| !outer.exists()).map(Path::to_owned).collect();
    let absent: Vec<PathBuf> = configurations().into_iter().filter(|file| !file.exists()).collect();
    fs::create_dir_all(&folder).map_err(|error| failed(&folder, &error))?;
    let ground = Ground::prepare(&folder)?;
    let done = write_all(&ground, &folder, &kinds, &program).and_then(|mut said| {
        record(&folder, missing.clone()).map_err(|error| failed(&folder, &error))?;
        if configured.is_none() {
            git_config(&["core.hooksPath".as_ref(), folder.as_os_str()])?;
            let _ = writeln!(said, "core.hooksPath: set to {}, for all your repositories", shown(&folder));
        }
        Ok(said)
    });
    let said = done.inspect_err(|_| {
        // What was there before may be in use, or what another install has named.
        let is_named = hooks_configured_in("--global").is_ok_and(|named| named.is_some_and(|named| named == folder));
        if missing.contains(&folder) && !is_named {
            // The first error is the one that matters.
            drop(clear(&folder, &kinds));
        }
        for made in &missing {
            drop(fs::remove_dir(made));
        }
    })?;
    let made = absent.into_iter().filter(|file| file.exists()).collect();
    record(&folder, made).map_err(|error| failed(&folder.join(RECORD), &error))?;
    output::print(&said)?;
    Ok(exit::CLEAN)
}

fn write_all(ground: &Ground<'_>, folder: &Path, kinds: &[Kind], program: &[u8]) -> Result<String, Error> {
    for slot in kinds.iter().map(|kind| Slot::new(folder, kind.name())) {
        // What ran first would be in the way of the hooks of the repositories.
        if matches!(slot.standing(), Ok(Standing::Foreign)) {
            return Err(Error::new(format_args!("{} is not barewire's; nothing was done", shown(&slot.path)))
                .help("move it away; a hook of one repository belongs into that"));
        }
    }
    ground.put(kinds, program, 0)
}

/// A hook for every name that git knows.
fn kinds(is_guarded: impl Fn(Stage) -> bool) -> Vec<Kind> {
    let guards = ALL.map(|stage| if is_guarded(stage) { Kind::GuardAll(stage) } else { Kind::Pass(stage.name()) });
    guards.into_iter().chain(OTHERS.map(Kind::Pass)).collect()
}

/// Whether a hook of ours is there that does more than to pass on.
fn is_guarded(folder: &Path, stage: Stage) -> bool {
    let slot = Slot::new(folder, stage.name());
    matches!(slot.standing(), Ok(Standing::Ours(_))) && slot.mentions("hook run")
}

/// Notes what was made, besides what is noted already.
fn record(folder: &Path, made: Vec<PathBuf>) -> std::io::Result<()> {
    let path = folder.join(RECORD);
    let before = recorded(folder);
    if path.exists() && made.iter().all(|one| before.contains(one)) {
        return Ok(());
    }
    let mut text = ABOUT.as_bytes().to_vec();
    for one in before.into_iter().chain(made) {
        text.extend([MADE.as_bytes(), one.as_os_str().as_encoded_bytes(), b"\n"].concat());
    }
    fs::write(path, text)
}

/// What was noted, innermost first.
fn recorded(folder: &Path) -> Vec<PathBuf> {
    let text = fs::read(folder.join(RECORD)).unwrap_or_default();
    let lines = text.split(|&byte| byte == b'\n').filter_map(|line| line.strip_prefix(MADE.as_bytes()));
    lines.map(crate::git::path_of).collect()
}

/// Takes the folder out, or some of its guards.
pub(super) fn uninstall(stages: &[Stage]) -> Result<u8, Error> {
    check_file()?;
    let folder = needed_folder()?;
    let alone = slot::alone(&folder);
    let left = |stage: Stage| !stages.is_empty() && !stages.contains(&stage) && is_guarded(&folder, stage);
    let names = kinds(left);
    for kind in &names {
        let slot = Slot::new(&folder, kind.name());
        if slot.standing().map_err(|error| failed(&slot.path, &error))? == Standing::Edited {
            return Err(edited(&slot.path));
        }
    }
    if !folder.is_dir() {
        output::print("barewire's hooks for all repositories are not installed\n")?;
    } else if ALL.into_iter().any(left) {
        drop(alone);
        let said = Ground::prepare(&folder)?.put(&names, &program()?, 0)?;
        output::print(&said)?;
    } else {
        remove(&folder, &names)?;
        output::print("taken out; core.hooksPath names barewire's folder no more\n")?;
    }
    Ok(exit::CLEAN)
}

fn remove(folder: &Path, names: &[Kind]) -> Result<(), Error> {
    let of_user = hooks_configured_in("--global").map_err(Error::new)?;
    if of_user.is_some_and(|named| named == folder) {
        git_config(&["--unset-all".as_ref(), "core.hooksPath".as_ref()])?;
    }
    let made = recorded(folder);
    clear(folder, names).map_err(|error| failed(folder, &error))?;
    for one in made {
        // What somebody else has put there in the meantime stays, and so does what holds it.
        let is_empty = fs::metadata(&one).is_ok_and(|metadata| metadata.is_file() && metadata.len() == 0);
        drop(if is_empty { fs::remove_file(&one) } else { fs::remove_dir(&one) });
    }
    Ok(())
}

/// Takes the hooks and the record out of the folder.
fn clear(folder: &Path, names: &[Kind]) -> std::io::Result<()> {
    for kind in names {
        let slot = Slot::new(folder, kind.name());
        if matches!(slot.standing(), Ok(Standing::Ours(_))) {
            fs::remove_file(&slot.path)?;
        }
        slot.sweep()?;
    }
    let record = folder.join(RECORD);
    if record.exists() { fs::remove_file(record) } else { Ok(()) }
}

/// Changes the configuration of the user, as only git knows how.
fn git_config(args: &[&std::ffi::OsStr]) -> Result<(), Error> {
    let mut command = Command::new("git");
    command.args(["config", "--global"]).args(args).stdin(Stdio::null());
    let output = command.output().map_err(|error| Error::new(format_args!("git config: {error}")))?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr).lines().next().unwrap_or("it failed").to_owned();
    Err(Error::new(format_args!("git config --global: {said}"))
        .help("mend it and run this again; until then all is as it was"))
}
