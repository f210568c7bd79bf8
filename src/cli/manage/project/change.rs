//! `barewire project rename` and `delete`.

use super::super::caller::Caller;
use super::super::confirm::{Sending, confirm};
use super::super::{dry_run, present};
use super::{DeleteArgs, RenameArgs, read};
use crate::cli::error::{self, Error};
use crate::cli::exit;
use crate::signalwire::Network;
use crate::signalwire::project::{self, Project};

/// Gives a project another name.
pub(super) fn rename(args: &RenameArgs, network: &Network) -> Result<u8, Error> {
    let caller = Caller::new(&args.call, network)?;
    let request = project::rename(&caller.access, &args.id, &args.name);
    if args.dry_run {
        return dry_run::print(&request);
    }
    match caller.send(&request).and_then(|response| Project::read(&response)) {
        Ok(project) => {
            error::tell(&format!("renamed the project {}\n", args.id));
            Ok(present::shown(read::print(&project, args.shape.format)))
        }
        Err(error) => Ok(caller.explain(&request, &error)),
    }
}

/// Deletes a subproject.
pub(super) fn delete(args: &DeleteArgs, network: &Network) -> Result<u8, Error> {
    let caller = Caller::new(&args.call, network)?;
    let request = project::delete(&caller.access, &args.id);
    if args.consent.sending() == Sending::Dry {
        return dry_run::print(&request);
    }
    confirm("delete the project", args.id.as_str(), args.consent.consent())?;
    match caller.send(&request) {
        Ok(_) => {
            error::tell(&format!("deleted the project {}\n", args.id));
            Ok(exit::CLEAN)
        }
        Err(error) => Ok(caller.explain(&request, &error)),
    }
}
