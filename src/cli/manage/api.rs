//! `barewire api`: an authenticated request to any endpoint.

use std::io::Write as _;

use clap::builder::{PossibleValuesParser, TypedValueParser as _};

use super::access;
use super::access_args::{AccessArgs, VerboseArgs};
use super::answer;
use super::confirm::{ConsentArgs, Sending, confirm};
use super::dry_run;
use crate::cli::error::Error;
use crate::cli::exit;
use crate::signalwire::{Method, Network, Target};

/// What can be typed.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct ApiArgs {
    /// GET, POST, PUT, PATCH or DELETE
    #[arg(value_name = "METHOD", value_parser = method(), ignore_case = true)]
    method: Method,
    /// A path of the API with its query, such as /api/video/rooms
    #[arg(value_name = "PATH")]
    path: String,
    #[command(flatten)]
    access: AccessArgs,
    #[command(flatten)]
    talk: VerboseArgs,
    #[command(flatten)]
    consent: ConsentArgs,
}

fn method() -> impl clap::builder::TypedValueParser<Value = Method> {
    PossibleValuesParser::new(Method::ALL.map(Method::as_str)).map(|word| {
        let method = Method::ALL.into_iter().find(|method| method.as_str().eq_ignore_ascii_case(&word));
        method.unwrap_or(Method::Get)
    })
}

/// Runs the command.
pub(super) fn run(args: &ApiArgs, network: &Network) -> Result<u8, Error> {
    let target = Target::new(&args.path).map_err(Error::new)?;
    let access = access::access(&args.access)?;
    let client = access::client(&args.access.reach, args.talk.talk(), network)?;
    let request = access.request(args.method, target);
    if args.consent.sending() == Sending::Dry {
        return dry_run::print(&request);
    }
    if args.method == Method::Delete {
        confirm("send DELETE to", request.target.path(), args.consent.consent())?;
    }
    match client.send(&request) {
        Ok(response) => {
            let mut out = std::io::stdout().lock();
            out.write_all(response.body.expose()).map_err(Error::new)?;
            Ok(exit::CLEAN)
        }
        Err(error) => Ok(answer::fail(&error, args.method)),
    }
}
