//! A program that opens no connection verifies nothing.

use super::Network;
use super::args::TalkArgs;
use super::error::Error;
use super::progress::Progress;
use crate::finding::Report;

/// Nothing can be typed.
#[derive(Debug, Default, clap::Args)]
pub(super) struct VerificationArgs {}

/// There is none.
#[derive(Debug)]
pub(super) enum Review {}

impl VerificationArgs {
    /// Nothing asks.
    #[expect(clippy::unnecessary_wraps, reason = "where there is something to ask by, it can be set up wrongly")]
    #[expect(clippy::unused_self, reason = "as above")]
    pub(super) fn review(&self, _talk: &TalkArgs, _network: &Network) -> Result<Option<Review>, Error> {
        Ok(None)
    }
}

impl Review {
    /// There is none that could.
    pub(super) fn apply(&self, _report: &mut Report, _progress: Progress) {
        match *self {}
    }
}
