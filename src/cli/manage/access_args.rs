//! What can be typed to say who asks SignalWire, and how it is reached.

use std::path::PathBuf;
use std::time::Duration;

use clap::ValueHint;

/// What each command that speaks to SignalWire understands.
#[derive(Debug, Default, clap::Args)]
#[command(next_help_heading = "Access")]
pub(in crate::cli) struct AccessArgs {
    /// The Project ID [default: by the environment]
    #[arg(long, value_name = "UUID")]
    pub(in crate::cli) project: Option<String>,
    /// The Space: acme, acme.signalwire.com or its URL [default: by the environment]
    #[arg(long, value_name = "SPACE")]
    pub(in crate::cli) space: Option<String>,
    /// Read the API token from standard input
    #[arg(long, conflicts_with = "token_file")]
    pub(in crate::cli) token_stdin: bool,
    /// Read the API token from a file that nobody else can read
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(in crate::cli) token_file: Option<PathBuf>,
    /// Read from a .env file what neither options nor the environment say
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(in crate::cli) env_file: Option<PathBuf>,
    #[command(flatten)]
    pub(in crate::cli) reach: ReachArgs,
}

/// How much is told of the work.
#[derive(Debug, Default, clap::Args)]
pub(in crate::cli) struct VerboseArgs {
    /// Say which requests are sent, and where credentials come from
    #[arg(short, long, overrides_with = "verbose")]
    verbose: bool,
}

/// How much is told of the work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::cli) enum Talk {
    /// Errors alone.
    Usual,
    /// Each request, and where credentials came from.
    Verbose,
}

impl VerboseArgs {
    /// What was asked for.
    pub(in crate::cli) fn talk(&self) -> Talk {
        if self.verbose { Talk::Verbose } else { Talk::Usual }
    }
}

/// How hosts are reached.
#[derive(Debug, Default, clap::Args)]
#[command(next_help_heading = "Network")]
pub(in crate::cli) struct ReachArgs {
    /// Trust the root certificates of this PEM file, too; also by the variable `BAREWIRE_CA_FILE`
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(in crate::cli) ca_file: Option<PathBuf>,
    /// Let credentials be sent to this host, too, which is no Space of SignalWire; can be repeated
    #[arg(long, value_name = "HOST")]
    pub(in crate::cli) allow_host: Vec<String>,
    /// The longest that one request may take, in seconds
    #[arg(long, value_name = "SECONDS", default_value = "60", value_parser = seconds)]
    pub(in crate::cli) timeout: Option<Duration>,
}

fn seconds(text: &str) -> Result<Duration, &'static str> {
    let seconds: f64 = text.parse().map_err(|_| "a time is a number of seconds, such as 10")?;
    if !(0.001..=3_600.0).contains(&seconds) {
        return Err("a time is between 0.001 and 3600 seconds");
    }
    Ok(Duration::from_secs_f64(seconds))
}
