//! `barewire token forget`: takes a token out of the record. Nothing is sent.

use super::super::{caller, record};
use crate::cli::error::{self, Error, shown};
use crate::cli::exit;
use crate::keep::State;
use crate::signalwire::token::TokenId;

/// What can be typed.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct ForgetArgs {
    /// The id of the token, or that of an attempt to make one
    #[arg(value_name = "ID", value_parser = caller::token_id)]
    id: TokenId,
}

/// Runs the command.
pub(super) fn run(args: &ForgetArgs) -> Result<u8, Error> {
    let ledger = record::ledger()?;
    let id = &args.id;
    let failed = |error| record::failed(&error);
    let is_known = ledger.read().map_err(failed)?.find(id).is_some();
    let known = if is_known { ledger.change(|entries| entries.forget(id)).map_err(failed)? } else { None };
    let Some(entry) = known else {
        return Err(Error::new(format_args!("the ledger has no token {id}"))
            .help(format_args!("It is {}; `barewire token list` shows what is in it.", shown(&ledger.path()))));
    };
    let after = match entry.state {
        State::Live | State::Unsure => "; the token itself stays as it is",
        State::Pending | State::Deleted => "",
    };
    error::tell(&format!("the ledger has forgotten {id}{after}\n"));
    Ok(exit::CLEAN)
}
