//! `barewire project create` and `rotate-signing-key`: what shows a signing key, once.

use super::super::caller::Caller;
use super::super::confirm::{Sending, confirm};
use super::super::outlet::Outlet;
use super::super::{dry_run, present};
use super::{CreateArgs, RotateArgs};
use crate::cli::error::{self, Error};
use crate::cli::exit;
use crate::signalwire::project::{self, KeyedProject};
use crate::signalwire::{Arrival, Network, ProjectId, Request, fate};

/// Makes a subproject.
pub(super) fn create(args: &CreateArgs, network: &Network) -> Result<u8, Error> {
    let caller = Caller::new(&args.call, network)?;
    let request = project::create(&caller.access, &args.name, &args.restrictions());
    if args.dry_run {
        return dry_run::print(&request);
    }
    let outlet = Outlet::open(&args.outlet)?;
    let lost = "see with `barewire project list` whether it was made; if so, `barewire project rotate-signing-key ID` gives \
                it a key that you know";
    Ok(show(&caller, &request, outlet, &Doing { done: "made", lost, project: None }))
}

/// Replaces a signing key.
pub(super) fn rotate(args: &RotateArgs, network: &Network) -> Result<u8, Error> {
    let caller = Caller::new(&args.call, network)?;
    let request = project::rotate_signing_key(&caller.access, &args.id);
    if args.consent.sending() == Sending::Dry {
        return dry_run::print(&request);
    }
    confirm("replace the signing key of the project", args.id.as_str(), args.consent.consent())?;
    let outlet = Outlet::open(&args.outlet)?;
    let lost = "the key may be a new one that nobody has; replace it once more, with this command";
    Ok(show(&caller, &request, outlet, &Doing { done: "replaced the signing key of", lost, project: Some(&args.id) }))
}

/// What is done to a project.
struct Doing<'a> {
    /// What it is called when it is done.
    done: &'a str,
    /// What to do if the answer is lost.
    lost: &'a str,
    /// The project, if it was there before.
    project: Option<&'a ProjectId>,
}

/// Sends the request, and shows the key in its answer; returns the exit code.
fn show(caller: &Caller, request: &Request, outlet: Outlet, doing: &Doing<'_>) -> u8 {
    let answer = match caller.send(request).and_then(|response| KeyedProject::read(&response)) {
        Ok(answer) => answer,
        Err(error) => {
            outlet.discard();
            let code = caller.explain(request, &error);
            if fate(&error) != Arrival::Never {
                error::tell(&format!("note: {}\n", doing.lost));
            }
            return code;
        }
    };
    let id = doing.project.map_or(&*answer.project.id, ProjectId::as_str);
    let id = Some(present::safe(id)).filter(|id| !id.is_empty());
    let useless = |why: &str| {
        let id = id.as_deref().unwrap_or("ID");
        let how = format!("barewire project rotate-signing-key {id}; `barewire project list` shows all ids");
        Error::new(format_args!("{why}; nobody has the signing key of the project"))
            .help(format_args!("Replace it: {how}"))
            .print();
        exit::INCOMPLETE
    };
    let Some(key) = &answer.signing_key else {
        outlet.discard();
        return useless("the answer lacks the signing key");
    };
    let name = Some(present::safe(&answer.project.name)).filter(|name| !name.is_empty());
    let named: Vec<_> = name.into_iter().chain(id.as_ref().map(|id| format!("id {id}"))).collect();
    error::tell(&format!("{} the project {}\n", doing.done, named.join(", ")));
    let record = match serde_json::to_value(&answer.project) {
        Ok(serde_json::Value::Object(record)) => record,
        _ => serde_json::Map::new(),
    };
    match outlet.deliver(key, "signing_key", record) {
        Ok(()) => exit::CLEAN,
        Err(error) => useless(&error.to_string()),
    }
}
