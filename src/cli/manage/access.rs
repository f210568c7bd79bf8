//! Decides who asks SignalWire: where Project ID, Space and token come from, and how a host is reached.

use std::path::Path;
use std::sync::Arc;

use super::access_args::{AccessArgs, ReachArgs, Talk};
use super::environment::{self, Part};
use super::secret_file::{self, Privacy};
use super::source::{self, EnvFile, Environment, Found, Place, Typed};
use super::watch::Teller;
use super::{shape, user_config};
use crate::cli::error::{self, Error, shown};
use crate::secret::Secret;
use crate::signalwire::{
    Access, Client, Hosts, Network, ProjectId, ProxySettings, Settings, SettingsError, Space, Timeouts,
};

/// Who asks: by options, then by the environment, then by a file that was named.
///
/// # Errors
/// A part is missing, or cannot be what it is given as. Nothing was sent then.
pub(super) fn access(args: &AccessArgs, talk: Talk) -> Result<Access, Error> {
    with_places(args, talk, |find| {
        let (space, project) = home(args, find)?;
        let token = find(Part::Token)?;
        Ok(Access { space, project, token: shape::token(&token.value, &token.source.to_string())? })
    })
}

/// Where something belongs: Space and project, found like those of who asks.
///
/// # Errors
/// A part is missing, or cannot be what it is given as.
pub(super) fn belongs(args: &AccessArgs, talk: Talk) -> Result<(Space, ProjectId), Error> {
    with_places(args, talk, |find| home(args, find))
}

/// The Space that is asked, found like that of who asks.
///
/// # Errors
/// There is none, or it cannot be one.
pub(super) fn place(args: &AccessArgs, talk: Talk) -> Result<Space, Error> {
    let hosts = hosts(&args.reach)?;
    with_places(args, talk, |find| space(&find(Part::Space)?, &hosts))
}

/// The token that was given by an option, and not by the environment; `None` if none was.
///
/// # Errors
/// It cannot be read, or is none.
pub(super) fn given_token(args: &AccessArgs) -> Result<Option<Secret>, Error> {
    if !args.token_stdin && args.token_file.is_none() {
        return Ok(None);
    }
    let token = source::resolve(Part::Token, &[&Typed(args)])?;
    shape::token(&token.value, &token.source.to_string()).map(Some)
}

/// Finds one part of a credential.
type Find<'a> = &'a dyn Fn(Part) -> Result<Found, Error>;

fn with_places<T>(args: &AccessArgs, talk: Talk, work: impl FnOnce(Find<'_>) -> Result<T, Error>) -> Result<T, Error> {
    let typed = Typed(args);
    let file = args.env_file.as_deref().map(EnvFile::read).transpose()?;
    let mut places: Vec<&dyn Place> = vec![&typed, &Environment];
    places.extend(file.as_ref().map(|file| file as &dyn Place));
    work(&|part| -> Result<Found, Error> {
        let found = source::resolve(part, &places)?;
        if talk == Talk::Verbose {
            error::tell(&format!("{}: from {}\n", part.what(), found.source));
        }
        Ok(found)
    })
}

fn home(args: &AccessArgs, find: Find<'_>) -> Result<(Space, ProjectId), Error> {
    let hosts = hosts(&args.reach)?;
    Ok((space(&find(Part::Space)?, &hosts)?, project(&find(Part::Project)?)?))
}

fn space(found: &Found, hosts: &Hosts) -> Result<Space, Error> {
    let Found { value, source, .. } = found;
    let space = Space::parse(&text(value), hosts)
        .map_err(|error| Error::new(format_args!("{source}: {error}; nothing was sent")).help(error.remedy()))?;
    if shape::is_placeholder_space(space.name()) {
        let why = format!("{source} holds a placeholder, {}, and no Space; nothing was sent", space.name());
        return Err(Error::new(why).help("Give the name of your own Space, such as acme for acme.signalwire.com."));
    }
    Ok(space)
}

fn project(found: &Found) -> Result<ProjectId, Error> {
    let Found { value, source, .. } = found;
    ProjectId::parse(text(value).trim()).ok_or_else(|| {
        let why = if shape::is_placeholder(value.expose()) { "a placeholder" } else { "something that is not a UUID" };
        Error::new(format_args!("{source} holds no Project ID, but {why}; nothing was sent"))
            .help("A Project ID is a UUID; the Dashboard shows it under API Credentials.")
    })
}

/// What is not UTF-8 is no Space and no Project ID, and will be refused as it is.
fn text(value: &Secret) -> std::borrow::Cow<'_, str> {
    String::from_utf8_lossy(value.expose())
}

/// The hosts that may be reached besides Spaces: those of the user's own configuration, and those of `--allow-host`.
///
/// # Errors
/// One of them is not the name of a host, or the configuration is not sound.
pub(super) fn hosts(args: &ReachArgs) -> Result<Hosts, Error> {
    let mut hosts = Hosts::default();
    user_config::list(&mut hosts)?;
    for host in &args.allow_host {
        hosts.list(host).map_err(|_| {
            Error::new("--allow-host takes the name of a host, such as voice.example.org, without scheme, port or path")
        })?;
    }
    Ok(hosts)
}

/// What sends requests.
///
/// # Errors
/// A setting is not sound. Nothing was sent then.
pub(super) fn client(args: &ReachArgs, talk: Talk, network: &Network) -> Result<Client, Error> {
    let proxy = proxy(talk);
    let mut settings = Settings { network: network.clone(), ..Settings::default() };
    settings.proxy = proxy.as_ref().map(|(_, proxy)| proxy.clone());
    if let Some(total) = args.timeout {
        // Whoever gives it more time gives it to each step.
        settings.timeouts = Timeouts { connect: total, read: total, total };
    }
    let file = args.ca_file.clone().or_else(|| environment::path("BAREWIRE_CA_FILE"));
    if let Some(path) = &file {
        settings.roots.push(secret_file::read(path, Privacy::Any)?.expose().to_vec());
    }
    let client = Client::new(&settings).map_err(|error| match (&error, &file, &proxy) {
        (SettingsError::NoCertificate, Some(path), _) => ca_error(path, &error),
        (SettingsError::Proxy, _, Some((name, _))) => Error::new(format_args!("{name}: {error}; nothing was sent")),
        _ => Error::new(error),
    })?;
    Ok(match talk {
        Talk::Usual => client,
        Talk::Verbose => client.watched(Arc::new(Teller)),
    })
}

fn ca_error(path: &Path, error: &SettingsError) -> Error {
    Error::new(format_args!("{}: {error}; nothing was sent", shown(path)))
        .help("A certificate in PEM form stands between `-----BEGIN CERTIFICATE-----` and `-----END CERTIFICATE-----`.")
}

/// The proxy for HTTPS, as curl finds it, and the variable that names it.
fn proxy(talk: Talk) -> Option<(&'static str, ProxySettings)> {
    let first =
        |names: &[&'static str]| names.iter().find_map(|name| environment::variable(name).map(|value| (*name, value)));
    let (name, url) = first(&["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"])?;
    let except = first(&["no_proxy", "NO_PROXY"]).map(|(_, list)| text(&list).into_owned()).unwrap_or_default();
    if talk == Talk::Verbose {
        error::tell(&format!("proxy: from the variable {name}\n"));
    }
    let except = except.split([',', ' ']).map(str::trim).filter(|host| !host.is_empty()).map(str::to_owned).collect();
    Some((name, ProxySettings { url, except }))
}
