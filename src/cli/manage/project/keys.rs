//! `barewire project create` and `rotate-signing-key`: what shows a signing key, once.

use super::super::caller::Caller;
use super::super::confirm::{Sending, confirm};
use super::super::outlet::Outlet;
use super::super::{dry_run, present};
use super::{CreateArgs, RotateArgs};
use crate::cli::error::{self, Error};
use crate::cli::exit;
use crate::signalwire::project::{self, KeyedProject};
use crate::signalwire::{Arrival, Network, Request, fate};

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
    Ok(show(&caller, &request, outlet, ("made", lost)))
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
    Ok(show(&caller, &request, outlet, ("replaced the signing key of", lost)))
}

/// Sends the request, and shows the key in its answer; returns the exit code.
fn show(caller: &Caller, request: &Request, outlet: Outlet, (done, lost): (&str, &str)) -> u8 {
    let answer = match caller.send(request).and_then(|response| KeyedProject::read(&response)) {
        Ok(answer) => answer,
        Err(error) => {
            outlet.discard();
            let code = caller.explain(request, &error);
            if fate(&error) != Arrival::Never {
                error::tell(&format!("note: {lost}\n"));
            }
            return code;
        }
    };
    let (name, id) = (present::safe(&answer.project.name), present::safe(&answer.project.id));
    let useless = |why: &str| {
        Error::new(format_args!("{why}; nobody has the signing key of the project {id}"))
            .help(format_args!("Replace it: barewire project rotate-signing-key {id}"))
            .print();
        exit::INCOMPLETE
    };
    let Some(key) = &answer.signing_key else {
        outlet.discard();
        return useless("the answer lacks the signing key");
    };
    error::tell(&format!("{done} the project {name}, id {id}\n"));
    if let Some(words) = outlet.words() {
        error::tell(&words);
    }
    let record = match serde_json::to_value(&answer.project) {
        Ok(serde_json::Value::Object(record)) => record,
        _ => serde_json::Map::new(),
    };
    match outlet.deliver(key, "signing_key", record) {
        Ok(()) => exit::CLEAN,
        Err(error) => useless(&error.to_string()),
    }
}
