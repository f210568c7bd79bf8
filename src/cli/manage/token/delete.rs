//! `barewire token delete`: deletes a token, whatever the ledger says of it.

use super::super::caller::{self, CallArgs, Caller};
use super::super::confirm::{ConsentArgs, Sending, confirm};
use super::super::{dry_run, record};
use super::trail::Trail;
use crate::cli::error::{self, Error};
use crate::keep::{Entry, State};
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
    let mut trail = Trail::of(id)?;
    let known = trail.known_or_warn("the ledger will not know that this token was deleted");
    let mut what = "delete the API token".to_owned();
    if let Some(entry) = known {
        record::warn_of_other_space(entry, &caller.access.space);
        what = format!("delete the API token {}", entry.name);
    }
    if known.and_then(|entry| entry.fingerprint.clone()) == Some(record::fingerprint(&caller.access.token)) {
        error::tell("warning: this is the token that you use now; it can do nothing any more after this\n");
    }
    if args.consent.sending() == Sending::Dry {
        return dry_run::print(&request);
    }
    confirm(&what, id.as_str(), args.consent.consent())?;
    trail.doubt();
    match caller.send(&request) {
        Ok(_) => Ok(gone(trail, id)),
        Err(error) => {
            if fate(&error) == Arrival::Never {
                trail.restore();
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
fn gone(trail: Trail, id: &TokenId) -> u8 {
    error::tell(&format!("deleted the API token {id}; it can take a moment until every server refuses it\n"));
    let now = record::now();
    let dated = |entry: &Entry| Entry { deleted: Some(now.clone()), ..entry.clone() };
    trail.settle("deleted", State::Deleted, |entry| entry.map(dated)).1
}
