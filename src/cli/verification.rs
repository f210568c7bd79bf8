//! What can be typed to have what was found verified, and how a scan comes to it.

use clap::{ArgMatches, Args, Command, FromArgMatches};

use super::Network;
use super::args::TalkArgs;
use super::error::Error;
use super::manage::{Depth, ReachArgs, Reviewer, Selection, Talk, Wanted};
use super::progress::Progress;
use crate::finding::Report;

/// What each command that scans understands, but for hooks: those never open a connection.
#[derive(Debug, Default, clap::Args)]
#[command(next_help_heading = "Verification")]
pub(super) struct VerificationArgs {
    /// Ask SignalWire which of the credentials that are found are alive; each is sent to its own Space alone
    #[arg(long)]
    verify: bool,
    /// Ask which scopes API tokens have, too
    #[arg(long, requires = "verify")]
    scopes: bool,
    /// Leave out what is known to be dead
    #[arg(long, requires = "verify")]
    only_live: bool,
    #[command(flatten)]
    reach: Reach,
}

/// How hosts are reached; only where they are asked at all.
#[derive(Debug, Default)]
struct Reach(ReachArgs);

impl Args for Reach {
    fn augment_args(command: Command) -> Command {
        let command = ReachArgs::augment_args(command);
        ["ca_file", "allow_host", "timeout"]
            .into_iter()
            .fold(command, |command, name| command.mut_arg(name, |arg| arg.requires("verify")))
    }

    fn augment_args_for_update(command: Command) -> Command {
        Self::augment_args(command)
    }
}

impl FromArgMatches for Reach {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        ReachArgs::from_arg_matches(matches).map(Self)
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        self.0.update_from_arg_matches(matches)
    }
}

/// Asks for what a scan has found.
#[derive(Debug)]
pub(super) struct Review(Reviewer);

impl VerificationArgs {
    /// What asks, if that was asked for, and tells as much of it as `talk` says.
    pub(super) fn review(&self, talk: &TalkArgs, network: &Network) -> Result<Option<Review>, Error> {
        if !self.verify {
            return Ok(None);
        }
        let talk = if talk.verbose { Talk::Verbose } else { Talk::Usual };
        let wanted = Wanted {
            depth: if self.scopes { Depth::Scopes } else { Depth::Life },
            selection: if self.only_live { Selection::OnlyLive } else { Selection::All },
        };
        Reviewer::new(&self.reach.0, talk, (wanted, network)).map(|reviewer| Some(Review(reviewer)))
    }
}

impl Review {
    /// Asks for each credential of a report, and writes the answers into it.
    pub(super) fn apply(&self, report: &mut Report, progress: Progress) {
        self.0.apply(report, progress);
    }
}
