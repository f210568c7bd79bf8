//! Decides what `-v` says of each request: method, path, status and time.

use std::time::Duration;

use crate::cli::error;
use crate::signalwire::{Exchange, Watch};

/// Tells standard error of each request.
#[derive(Debug)]
pub(super) struct Teller;

impl Watch for Teller {
    fn exchanged(&self, exchange: &Exchange<'_>) {
        let Exchange { method, host, path, outcome, elapsed } = exchange;
        let outcome = match outcome {
            Ok(status) => status.to_string(),
            Err(failure) => failure.to_string(),
        };
        error::tell(&format!("{method} {host}{path} -> {outcome} ({} ms)\n", elapsed.as_millis()));
    }

    fn waiting(&self, wait: Duration) {
        error::tell(&format!("the same once more, in {} ms\n", wait.as_millis()));
    }
}
