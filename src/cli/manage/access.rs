//! Decides who asks SignalWire: where Project ID, Space and token come from, in which order.

use std::path::Path;
use std::sync::Arc;

use super::access_args::{AccessArgs, ReachArgs, Talk};
use super::environment::{self, PROJECT, SPACE, TOKEN};
use super::watch::Teller;
use crate::cli::error::{Error, shown};
use crate::secret::Secret;
use crate::signalwire::{Access, Client, Hosts, Network, ProjectId, Settings, Space, Timeouts};

/// Who asks, by options and environment.
pub(super) fn access(args: &AccessArgs) -> Result<Access, Error> {
    let space = space(args)?;
    let project = match &args.project {
        Some(project) => project.clone(),
        None => text(PROJECT, "Project ID", "--project")?,
    };
    let project = ProjectId::parse(&project).ok_or_else(|| Error::new("the Project ID is not a UUID"))?;
    Ok(Access { space, project, token: token()? })
}

/// The Space that is asked, by options and environment.
pub(super) fn space(args: &AccessArgs) -> Result<Space, Error> {
    let hosts = hosts(&args.reach)?;
    let space = match &args.space {
        Some(space) => space.clone(),
        None => text(SPACE, "Space", "--space")?,
    };
    Space::parse(&space, &hosts).map_err(|error| Error::new(&error).help(error.remedy()))
}

/// The hosts that may be reached besides Spaces.
pub(super) fn hosts(args: &ReachArgs) -> Result<Hosts, Error> {
    let mut hosts = Hosts::default();
    for host in &args.allow_host {
        hosts.list(host).map_err(|error| Error::new(format_args!("--allow-host: {error}")))?;
    }
    Ok(hosts)
}

/// What sends requests.
pub(super) fn client(args: &ReachArgs, talk: Talk, network: &Network) -> Result<Client, Error> {
    let mut settings = Settings { network: network.clone(), ..Settings::default() };
    if let Some(total) = args.timeout {
        settings.timeouts = Timeouts { total, ..settings.timeouts };
    }
    let file = args.ca_file.clone().or_else(ca_file);
    if let Some(path) = &file {
        settings.roots.push(read(path)?);
    }
    let client = Client::new(&settings).map_err(|error| match &file {
        Some(path) => Error::new(format_args!("{}: {error}", shown(path))),
        None => Error::new(error),
    })?;
    Ok(match talk {
        Talk::Usual => client,
        Talk::Verbose => client.watched(Arc::new(Teller)),
    })
}

fn read(path: &Path) -> Result<Vec<u8>, Error> {
    std::fs::read(path).map_err(|error| Error::new(format_args!("{}: {error}", shown(path))))
}

#[expect(clippy::disallowed_methods, reason = "this is cli")]
fn ca_file() -> Option<std::path::PathBuf> {
    std::env::var_os("BAREWIRE_CA_FILE").filter(|value| !value.is_empty()).map(Into::into)
}

fn token() -> Result<Secret, Error> {
    environment::first(TOKEN).map(|(_, token)| token).ok_or_else(|| missing(TOKEN, "API token", "--token-file"))
}

fn text(names: &'static [&'static str], what: &str, option: &str) -> Result<String, Error> {
    let (name, value) = environment::first(names).ok_or_else(|| missing(names, what, option))?;
    String::from_utf8(value.expose().to_vec()).map_err(|_| Error::new(format_args!("{name} is not UTF-8")))
}

fn missing(names: &[&str], what: &str, option: &str) -> Error {
    Error::new(format_args!("there is no {what}")).help(format_args!("Set {}, or give {option}.", names[0]))
}
