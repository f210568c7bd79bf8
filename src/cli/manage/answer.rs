//! Decides how an error of SignalWire is told, and which exit code it is worth.

use crate::cli::error::Error;
use crate::cli::exit;
use crate::signalwire::{Arrival, Error as ApiError, Method};

/// What the exit codes of these commands mean.
pub(super) const HELP: &str = "\
Exit codes:
  0  done
  1  SignalWire refused
  2  usage or configuration error; nothing was sent
  3  no certain answer: no connection, too slow, an error of the server";

/// Tells an error of SignalWire to a request by `method`; returns the exit code.
pub(super) fn fail(error: &ApiError, method: Method) -> u8 {
    let mut told = Error::new(error);
    let doubt = match error {
        ApiError::Failure { arrival: Arrival::Perhaps, .. } if !method.is_safe() => Some(
            "It may have been carried out all the same. It was not sent again; see in the Dashboard before you do.",
        ),
        ApiError::Failure { arrival: Arrival::Done, .. } if !method.is_safe() => {
            Some("It was carried out; only the answer is lost.")
        }
        _ => None,
    };
    if let Some(help) = doubt.or_else(|| error.remedy()) {
        told = told.help(help);
    }
    told.print();
    code(error)
}

/// The exit code that an error is worth.
pub(super) fn code(error: &ApiError) -> u8 {
    match error.refusal() {
        Some(refusal) if refusal.status < 500 && refusal.status != 429 => exit::LEAKS,
        _ => exit::INCOMPLETE,
    }
}
