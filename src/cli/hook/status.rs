//! `barewire hook status`: where the gate stands, and whether it was seen to fire.

use std::path::Path;
use std::process::{Command, Stdio};

use super::install::{failed, program};
use super::install_args::StatusArgs;
use super::proof::{self, Gate, Others, Verdict};
use super::scratch_folder::ScratchFolder;
use super::script::{self, Kind};
use super::slot::{self, Slot, Standing};
use super::stage::{ALL, Stage, USUAL};
use super::{global, place};
use crate::cli::error::{self, Error, shown};
use crate::cli::{exit, output};
use crate::git::{Environment, Hooks, Repository};

/// Runs the command.
pub(super) fn run(args: &StatusArgs) -> Result<u8, Error> {
    // It has to live as long as the repository in it is looked at.
    let scratch = if args.global { Some(empty_repository()?) } else { None };
    let repository = match &scratch {
        None => place::repository()?,
        Some(folder) => {
            Repository::discover(folder.path(), &Environment::default()).map_err(|error| place::told(&error))?
        }
    };
    let hooks = repository.hooks().map_err(|error| place::told(&error))?;
    if args.global && global::folder().is_none_or(|own| own != hooks.folder()) {
        output::print("core.hooksPath of your git configuration does not name barewire's folder\n")?;
        return Ok(exit::INCOMPLETE);
    }
    if hooks.folder() == Path::new("") {
        output::print("core.hooksPath is set to nothing, so git finds no hooks\n")?;
        return Ok(exit::INCOMPLETE);
    }
    let others = if args.run_others { Others::Run } else { Others::Skip };
    let view = View { repository: &repository, hooks: &hooks, program: program()?, others };
    let usual = if args.global { &USUAL[..] } else { place::usual(&repository) };
    let is_meant = |stage: &Stage| match &args.stages[..] {
        [] => usual.contains(stage) || view.is_ours(*stage),
        stages => stages.contains(stage),
    };
    let mut code = exit::CLEAN;
    for stage in ALL.into_iter().filter(is_meant) {
        let look = view.look(stage)?;
        if !look.is_closed {
            code = exit::INCOMPLETE;
        }
        if args.verbose {
            error::tell(&look.said);
        }
        output::print(&format!("{}: {}\n", stage.name(), look.words))?;
    }
    Ok(code)
}

/// A repository without commits, in a folder for a moment.
fn empty_repository() -> Result<ScratchFolder, Error> {
    let folder = ScratchFolder::new().map_err(|error| Error::new(format_args!("no folder for a moment: {error}")))?;
    let mut command = Command::new("git");
    command.args(["init", "-q", "--template="]).arg(folder.path());
    for name in proof::TOLD {
        command.env_remove(name);
    }
    let done = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).status();
    match done {
        Ok(status) if status.success() => Ok(folder),
        _ => Err(Error::new("git could not make an empty repository").help("git has to be on the PATH")),
    }
}

/// What is looked at.
struct View<'a> {
    repository: &'a Repository,
    hooks: &'a Hooks,
    program: Vec<u8>,
    others: Others,
}

/// What was seen at one stage.
struct Look {
    is_closed: bool,
    words: String,
    said: String,
}

/// A hook that may fire.
struct Found {
    words: String,
    owner: Owner,
}

/// Who knows what a hook does.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Owner {
    Barewire,
    Other,
}

impl View<'_> {
    fn is_ours(&self, stage: Stage) -> bool {
        let slot = Slot::new(self.hooks.folder(), stage.name());
        let ours = matches!(slot.standing(), Ok(Standing::Ours(_) | Standing::Edited)) && slot.mentions("hook run");
        ours || slot.is_behind_another()
    }

    fn look(&self, stage: Stage) -> Result<Look, Error> {
        let slot = Slot::new(self.hooks.folder(), stage.name());
        let name = shown(&slot.path);
        let open = |words: String| Ok(Look { is_closed: false, words, said: String::new() });
        let Some(Found { words, owner }) = self.find(&slot, stage)? else {
            let left = if slot.has_aside() { format!("; {} is left over", shown(&slot.aside)) } else { String::new() };
            return open(format!("not installed at {name}{left}"));
        };
        if !proof::is_run(&slot.path) {
            return open(format!("{words}, does not fire: git passes over {name}, since it may not be run"));
        }
        if owner == Owner::Other && self.others == Others::Skip {
            return open(format!("{words}, not proved: it is run with --run-others alone ({name})"));
        }
        let gate = Gate { repository: self.repository, hooks: self.hooks, stage, others: self.others };
        let proof = proof::prove(gate);
        let words = format!("{words}, {} ({name})", told(&proof.verdict));
        Ok(Look { is_closed: proof.verdict == Verdict::Fires, words, said: proof.said })
    }

    /// The hook that is there; nothing if none is that could fire.
    fn find(&self, slot: &Slot, stage: Stage) -> Result<Option<Found>, Error> {
        let of_other = |words: String| Ok(Some(Found { words, owner: Owner::Other }));
        let words = match slot.standing().map_err(|error| failed(&slot.path, &error))? {
            Standing::Absent | Standing::Other => return Ok(None),
            _ if slot.is_behind_another() => {
                return of_other(format!("installed behind another tool's, as {}", shown(&slot.legacy)));
            }
            Standing::Foreign => return of_other("a hook that is not barewire's".to_owned()),
            Standing::Ours(_) if !slot.mentions("hook run") => {
                let own = self.repository.common_dir().join("hooks").join(stage.name());
                return match slot::standing(&own).map_err(|error| failed(&own, &error))? {
                    Standing::Absent => Ok(None),
                    _ => of_other(format!("passed on to {}", shown(&own))),
                };
            }
            Standing::Edited => "installed and changed by hand",
            Standing::Ours(seal) => {
                let kinds = [Kind::Guard(stage), Kind::GuardAll(stage)];
                let is_new = kinds.iter().any(|&kind| slot.holds(&script::write(kind, seal.folder, &self.program)));
                if is_new { "installed" } else { "installed by another barewire (`hook install` renews it)" }
            }
        };
        let chained = if slot.has_aside() { format!(" after {}", name_of(&slot.aside)) } else { String::new() };
        Ok(Some(Found { words: words.to_owned() + &chained, owner: Owner::Barewire }))
    }
}

fn name_of(path: &Path) -> String {
    shown(Path::new(path.file_name().unwrap_or_default()))
}

fn told(verdict: &Verdict) -> String {
    match verdict {
        Verdict::Fires => "fires".to_owned(),
        Verdict::Open => "does not fire: a token that was planted got through".to_owned(),
        Verdict::NotByUs => "not proved: a planted token was refused, but not by barewire".to_owned(),
        Verdict::AlwaysRefuses => "not proved: it refuses everything, even a change without a token".to_owned(),
        Verdict::TooSlow => "not proved: it was stopped after 60 s".to_owned(),
        Verdict::Unknown(why) => format!("not proved: {why}"),
    }
}
