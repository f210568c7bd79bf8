//! `barewire token delete`: deletes a token, whatever the ledger says of it.

use super::super::caller::{self, CallArgs, Caller};
use super::super::confirm::{ConsentArgs, Sending, confirm};
use super::super::{dry_run, record};
use super::update::{doubt, restore};
use crate::cli::error::{self, Error};
use crate::cli::exit;
use crate::keep::{Ledger, State};
use crate::signalwire::token::{self, TokenId};
use crate::signalwire::{Arrival, Error as ApiError, Network, fate};

/// What can be typed.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct DeleteArgs {
    /// The id of the token
    #[arg(value_name = "ID", value_parser = caller::token_id)]
    id: TokenId,
    #[command(flatten)]
    consent: ConsentArgs,
    #[command(flatten)]
    call: CallArgs,
}

/// Runs the command.
pub(super) fn run(args: &DeleteArgs, network: &Network) -> Result<u8, Error> {
    let id = &args.id;
    let caller = Caller::new(&args.call, network)?;
    let request = token::delete(&caller.access, id);
    let ledger = record::ledger()?;
    // A token that has leaked has to go, whatever has become of the ledger.
    let known = ledger.read().map(|entries| entries.find(id).cloned());
    let known = known.unwrap_or_else(|error| {
        record::warn(&error, "the ledger will not know that this token was deleted");
        None
    });
    let mut what = "delete the API token".to_owned();
    if let Some(entry) = &known {
        record::warn_of_other_space(entry, &caller.access.space);
        what = format!("delete the API token {}", entry.name);
    }
    let print = known.as_ref().and_then(|entry| entry.fingerprint.clone());
    if print == Some(record::fingerprint(&caller.access.token)) {
        error::tell("warning: this is the token that you use now; it can do nothing any more after this\n");
    }
    if args.consent.sending() == Sending::Dry {
        return dry_run::print(&request);
    }
    confirm(&what, id.as_str(), args.consent.consent())?;
    doubt(&ledger, id);
    match caller.send(&request) {
        Ok(_) => Ok(gone(&ledger, id)),
        Err(error) => {
            if fate(&error) == Arrival::Never {
                restore(&ledger, known);
            }
            let code = caller.explain(&request, &error);
            tell_absent(&error, id);
            Ok(code)
        }
    }
}

/// Says what a 404 can mean for a token.
pub(super) fn tell_absent(error: &ApiError, id: &TokenId) {
    if error.refusal().is_some_and(|refusal| refusal.status == 404) {
        error::tell(&format!(
            "note: it is gone already, or belongs to another project or Space. If it is gone: barewire token forget {id}\n"
        ));
    }
}

/// Writes down that the token is gone; returns the exit code.
fn gone(ledger: &Ledger, id: &TokenId) -> u8 {
    error::tell(&format!("deleted the API token {id}; it can take a moment until every server refuses it\n"));
    let now = record::now();
    let is_known = ledger.read().map(|entries| entries.find(id).is_some());
    let kept = match is_known {
        Ok(false) => Ok(()),
        _ => ledger.change(|entries| {
            entries.amend(id, |entry| (entry.state, entry.deleted) = (State::Deleted, Some(now)));
        }),
    };
    match kept {
        Ok(()) => exit::CLEAN,
        Err(error) => {
            record::warn(&error, "the token was deleted, but the ledger does not know of it");
            exit::INCOMPLETE
        }
    }
}
