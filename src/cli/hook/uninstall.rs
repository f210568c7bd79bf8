//! `barewire hook uninstall`: puts back what was there, and removes nothing that was changed since.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use super::install::{edited, failed};
use super::install_args::UninstallArgs;
use super::script::{Folder, Seal};
use super::slot::{self, Slot, Standing};
use super::stage::ALL;
use super::{global, place};
use crate::cli::error::{Error, shown};
use crate::cli::{exit, output};
use crate::git::HooksSetBy;

/// Runs the command.
pub(super) fn run(args: &UninstallArgs) -> Result<u8, Error> {
    if args.global {
        return global::uninstall(&args.stages);
    }
    let repository = place::repository()?;
    let hooks = repository.hooks().map_err(|error| place::told(&error))?;
    // Hooks that were put there before core.hooksPath was set are ours as well.
    let mut folders = vec![repository.common_dir().join("hooks")];
    let own = matches!(hooks.set_by(), HooksSetBy::Nobody | HooksSetBy::Repository);
    // One folder by two names would be emptied twice, the second time of what came back.
    let is_other = hooks.folder().canonicalize().ok() != folders[0].canonicalize().ok();
    if own && is_other && hooks.folder() != Path::new("") {
        folders.push(hooks.folder().to_owned());
    }
    let stages = if args.stages.is_empty() { &ALL[..] } else { &args.stages };
    let alone: Vec<_> = folders.iter().map(|folder| slot::alone(folder)).collect();
    let mut moves = Vec::new();
    for (folder, stage) in folders.iter().flat_map(|folder| stages.iter().map(move |stage| (folder, stage))) {
        let slot = Slot::new(folder, stage.name());
        let step = plan(&slot)?;
        moves.extend(step.map(|step| (stage, slot, step)));
    }
    let mut said = String::new();
    for folder in folders.iter().filter(|folder| folder.is_dir()) {
        for slot in stages.iter().map(|stage| Slot::new(folder, stage.name())) {
            slot.sweep().map_err(|error| failed(folder, &error))?;
        }
    }
    for (stage, slot, step) in moves {
        let _ = writeln!(said, "{}: {}", stage.name(), carry_out(&slot, step)?);
    }
    drop(alone);
    if said.is_empty() {
        said.push_str("none of barewire's hooks is installed here\n");
    }
    output::print(&said)?;
    Ok(exit::CLEAN)
}

/// What is to be done with one hook.
enum Step {
    /// Ours is taken out, and what is kept beside comes back.
    Empty(Seal),
    /// Ours was moved by another tool and is taken out there.
    Legacy(Seal),
    /// Ours is gone already; what is kept beside comes back.
    Return,
    /// Another tool has put back what is kept beside.
    Forget,
    /// Somebody has put something else there; which of the two is meant, only they know.
    Leave,
}

fn plan(slot: &Slot) -> Result<Option<Step>, Error> {
    let look = |path: &PathBuf| slot::standing(path).map_err(|error| failed(path, &error));
    Ok(match look(&slot.path)? {
        Standing::Ours(seal) => Some(Step::Empty(seal)),
        Standing::Edited => return Err(edited(&slot.path)),
        Standing::Absent if slot.has_aside() => Some(Step::Return),
        Standing::Foreign => match look(&slot.legacy)? {
            Standing::Ours(seal) => Some(Step::Legacy(seal)),
            Standing::Edited => return Err(edited(&slot.legacy)),
            _ if slot.repeats_aside() => Some(Step::Forget),
            _ => slot.has_aside().then_some(Step::Leave),
        },
        Standing::Absent | Standing::Other => None,
    })
}

fn carry_out(slot: &Slot, step: Step) -> Result<String, Error> {
    let name = shown(&slot.path);
    let had_aside = slot.has_aside();
    let (done, seal) = match &step {
        Step::Empty(seal) => (slot.empty(), Some(seal)),
        Step::Legacy(seal) => (slot.empty_legacy(), Some(seal)),
        Step::Return => (slot.empty(), None),
        Step::Forget => (fs::remove_file(&slot.aside), None),
        Step::Leave => (Ok(()), None),
    };
    done.map_err(|error| failed(&slot.path, &error))?;
    if seal.is_some_and(|seal| seal.folder == Folder::Made) {
        // It fails, as it should, while something is in there.
        drop(slot.path.parent().map(fs::remove_dir));
    }
    Ok(match (step, had_aside) {
        (Step::Legacy(_), _) => format!("taken out of {}", shown(&slot.legacy)),
        (Step::Forget, _) => format!("taken out already; the hook that was there before is at {name}"),
        (Step::Leave, _) => format!(
            "taken out already, and {name} is another hook; the one that was there before is still {}",
            shown(&slot.aside)
        ),
        (_, true) => format!("taken out; the hook that was there before is back at {name}"),
        (_, false) => format!("taken out of {name}"),
    })
}
