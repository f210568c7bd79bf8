//! `barewire hook install`: puts the gate in front of what is there, once.

use std::fmt::Write as _;
use std::fs;
use std::io::{self, ErrorKind};
use std::path::Path;

use super::global;
use super::install_args::InstallArgs;
use super::place;
use super::script::{self, Folder, Kind};
use super::slot::{self, Draft, Slot, Standing};
use super::stage::{ALL, Stage};
use crate::cli::error::{Error, shown};
use crate::cli::{exit, output};

/// Runs the command.
pub(super) fn run(args: &InstallArgs) -> Result<u8, Error> {
    if args.global {
        return global::install(&args.stages);
    }
    let repository = place::repository()?;
    let stages = if args.stages.is_empty() { place::usual(&repository) } else { &args.stages };
    let hooks = repository.hooks().map_err(|error| place::told(&error))?;
    place::check(&repository, &hooks, stages)?;
    let ground = Ground::prepare(hooks.folder())?;
    let program = program()?;
    let kinds: Vec<Kind> = stages.iter().copied().map(Kind::Guard).collect();
    let said = ground.put(&kinds, &program, hooks.mode()).inspect_err(|_| ground.give_up())?;
    output::print(&said)?;
    Ok(exit::CLEAN)
}

/// The path of this program, as bytes.
pub(super) fn program() -> Result<Vec<u8>, Error> {
    let path = std::env::current_exe()
        .map_err(|error| Error::new(format_args!("where this program lies cannot be told: {error}")))?;
    Ok(path.into_os_string().into_encoded_bytes())
}

/// What went wrong with a file of hooks.
pub(super) fn failed(path: &Path, error: &io::Error) -> Error {
    let told = Error::new(format_args!("{}: {error}", shown(path)));
    match error.kind() {
        ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => {
            told.help("make that folder writable for you, or run this as its owner")
        }
        _ => told,
    }
}

/// A folder that hooks are written into.
pub(super) struct Ground<'a> {
    path: &'a Path,
    origin: Folder,
    /// Whether this run made it.
    is_new: bool,
    /// While this is kept, nobody else changes it.
    _alone: Option<fs::File>,
}

/// What is to be done with one hook.
enum Step {
    /// It is as it should be.
    Keep,
    /// Another tool stands in front of it and calls it.
    Behind,
    /// It is written anew.
    Write(Draft),
    /// The same, and what is there is moved aside.
    Chain(Draft),
}

impl<'a> Ground<'a> {
    /// The folder at `path`, which is made if it is not there.
    pub(super) fn prepare(path: &'a Path) -> Result<Self, Error> {
        let is_new = !path.is_dir();
        if is_new {
            // Another install may have made it just now.
            fs::create_dir(path).or_else(|error| if path.is_dir() { Ok(()) } else { Err(failed(path, &error)) })?;
        }
        let alone = slot::alone(path);
        let is_made = |stage: &Stage| match Slot::new(path, stage.name()).standing() {
            Ok(Standing::Ours(seal)) => seal.folder == Folder::Made,
            _ => false,
        };
        let origin = if is_new || ALL.iter().any(is_made) { Folder::Made } else { Folder::Found };
        Ok(Self { path, origin, is_new, _alone: alone })
    }

    /// Takes the folder away again, if this run made it.
    pub(super) fn give_up(&self) {
        if self.is_new {
            // What was put there in the meantime stays.
            drop(fs::remove_dir(self.path));
        }
    }

    /// Puts all hooks in their places, or none if one of them cannot be written. Gives back what was done.
    pub(super) fn put(&self, kinds: &[Kind], program: &[u8], mode: u32) -> Result<String, Error> {
        let steps: Result<Vec<_>, Error> = kinds
            .iter()
            .map(|&kind| {
                let slot = Slot::new(self.path, kind.name());
                let script = script::write(kind, self.origin, program);
                let step = plan(&slot, &script, mode)?;
                Ok((kind, slot, step))
            })
            .collect();
        let mut said = String::new();
        for (kind, slot, step) in steps? {
            let line = carry_out(&slot, step)?;
            // To list all the hooks that only pass on would hide the few that do something.
            if !matches!(kind, Kind::Pass(_)) {
                let _ = writeln!(said, "{}: {line}", kind.name());
            }
        }
        Ok(said)
    }
}

fn plan(slot: &Slot, script: &[u8], mode: u32) -> Result<Step, Error> {
    let path = &slot.path;
    let draft = || Draft::program(path, script, mode).map_err(|error| failed(path, &error));
    match slot.standing().map_err(|error| failed(path, &error))? {
        Standing::Ours(_) if slot.holds(script) => Ok(Step::Keep),
        Standing::Ours(_) => Ok(Step::Write(draft()?)),
        _ if slot.is_behind_another() => Ok(Step::Behind),
        Standing::Foreign if slot.repeats_aside() => Ok(Step::Chain(draft()?)),
        Standing::Absent | Standing::Foreign if slot.has_aside() => {
            Err(Error::new(format_args!("{} is in the way; an earlier install kept a hook there", shown(&slot.aside)))
                .help(format_args!("look at it, then move it back to {} or take it away", shown(path))))
        }
        Standing::Absent => Ok(Step::Write(draft()?)),
        Standing::Foreign => Ok(Step::Chain(draft()?)),
        Standing::Edited => Err(edited(path)),
        Standing::Other => Err(Error::new(format_args!("{} is not a file", shown(path))).help("take it away first")),
    }
}

/// The error that somebody changed a hook of ours.
pub(super) fn edited(path: &Path) -> Error {
    Error::new(format_args!("{} was changed after barewire wrote it; nothing was done", shown(path)))
        .help("save what was added to it elsewhere and remove the file; then run this again")
}

fn carry_out(slot: &Slot, step: Step) -> Result<String, Error> {
    let name = shown(&slot.path);
    match step {
        Step::Keep => Ok(format!("installed already, at {name}")),
        Step::Behind => Ok(format!(
            "left as it is: another tool moved barewire's hook to {} and calls it from {name}; \
             `barewire hook status --run-others` shows whether it does",
            shown(&slot.legacy)
        )),
        Step::Write(draft) => {
            slot.fill(draft).map_err(|error| failed(&slot.path, &error))?;
            Ok(format!("installed at {name}"))
        }
        Step::Chain(draft) => {
            let note = if slot.mentions("lefthook") {
                "; lefthook may put its own back: a `run: barewire hook run NAME` in lefthook.yml lasts"
            } else {
                ""
            };
            slot.fill(draft).map_err(|error| failed(&slot.path, &error))?;
            Ok(format!(
                "installed at {name}; the hook that was there is now {} and runs first{note}",
                shown(&slot.aside)
            ))
        }
    }
}
