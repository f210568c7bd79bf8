//! Decides to which host a credential may be sent: a Space, or a host that the user listed.

use std::collections::BTreeSet;
use std::fmt;

use crate::space;

/// Where the Spaces of customers are.
const DOMAIN: &str = ".signalwire.com";

/// A host that credentials may be sent to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Space(Box<str>);

/// The hosts that the user listed besides Spaces; a staging host or one of their own.
#[derive(Clone, Debug, Default)]
pub struct Hosts(BTreeSet<Box<str>>);

/// Why a text is no Space. None of it shows more of the text than the host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SpaceError {
    /// There is nothing.
    Empty,
    /// The URL is not one of HTTPS.
    Plain,
    /// The URL holds a user name or a password.
    UserInfo,
    /// The host has a port.
    Port,
    /// This is not the name of a host.
    Malformed,
    /// This host is of SignalWire, but no Space.
    Service(String),
    /// This host is not of SignalWire, and not listed.
    Foreign(String),
}

impl Hosts {
    /// Lists a host. It is taken as it is: no subdomain is meant with it.
    ///
    /// # Errors
    /// It is not the name of a host.
    pub fn list(&mut self, host: &str) -> Result<(), SpaceError> {
        let host = host.trim_end_matches('.').to_ascii_lowercase();
        if host.is_empty() {
            return Err(SpaceError::Empty);
        }
        if host.contains(':') {
            return Err(SpaceError::Port);
        }
        if !is_host(&host) || !host.contains('.') {
            return Err(SpaceError::Malformed);
        }
        self.0.insert(host.into());
        Ok(())
    }

    fn holds(&self, host: &str) -> bool {
        self.0.contains(host)
    }
}

impl Space {
    /// The Space that `text` means: a name (`acme`), a host (`acme.signalwire.com`), a URL of HTTPS with any path, or a
    /// host among `listed`, bare or in such a URL.
    pub fn parse(text: &str, listed: &Hosts) -> Result<Self, SpaceError> {
        let text = text.trim();
        let host = host_of(text)?.trim_end_matches('.').to_ascii_lowercase();
        if host.is_empty() {
            return Err(SpaceError::Empty);
        }
        // A value in the wrong place must not be repeated in an error.
        if !is_host(&host) || host.split('.').any(space::is_secret) {
            return Err(SpaceError::Malformed);
        }
        if listed.holds(&host) {
            return Ok(Self(host.into()));
        }
        let label = host.strip_suffix(DOMAIN).unwrap_or(&host);
        if host == DOMAIN[1..] || (host.ends_with(DOMAIN) && label.contains('.')) {
            return Err(SpaceError::Service(host));
        }
        if label.contains('.') {
            return Err(SpaceError::Foreign(host));
        }
        match space::name(label) {
            Some(name) => Ok(Self(format!("{name}{DOMAIN}").into())),
            None => Err(SpaceError::Service(format!("{label}{DOMAIN}"))),
        }
    }

    /// The host, lower-case.
    pub fn host(&self) -> &str {
        &self.0
    }

    /// What people call it: the name of a Space, or the host of another.
    pub fn name(&self) -> &str {
        self.0.strip_suffix(DOMAIN).filter(|name| !name.contains('.')).unwrap_or(&self.0)
    }
}

/// The host in a text that is one, or a URL.
fn host_of(text: &str) -> Result<&str, SpaceError> {
    let rest = match text.split_once("://") {
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("https") => rest,
        Some(_) => return Err(SpaceError::Plain),
        None => text,
    };
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    if host.contains('@') {
        return Err(SpaceError::UserInfo);
    }
    match host.split_once(':') {
        Some((host, "443")) => Ok(host),
        Some(_) => Err(SpaceError::Port),
        None => Ok(host),
    }
}

fn is_host(text: &str) -> bool {
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    text.len() <= 253 && text.split('.').all(is_label)
}

impl fmt::Display for Space {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for SpaceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("the Space is empty"),
            Self::Plain => f.write_str("a Space is reached by HTTPS only"),
            Self::UserInfo => f.write_str("the URL of a Space holds no user name and no password"),
            Self::Port => f.write_str("a Space has no port"),
            Self::Malformed => f.write_str("this is not the name of a Space, nor of a host"),
            Self::Service(host) => write!(f, "{host} is not a Space"),
            Self::Foreign(host) => write!(f, "{host} is not a host of SignalWire"),
        }
    }
}

impl std::error::Error for SpaceError {}

impl SpaceError {
    /// What to do about it.
    pub fn remedy(&self) -> &'static str {
        match self {
            Self::Foreign(_) => {
                "Give the Space as acme or acme.signalwire.com. If this host is yours, allow it with --allow-host HOST, or \
                 list it under `hosts` in barewire's own config.toml."
            }
            _ => "Give the Space as acme, acme.signalwire.com or https://acme.signalwire.com; the Dashboard shows it.",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<String, SpaceError> {
        let mut listed = Hosts::default();
        listed.list("Voice.Example.org").unwrap();
        listed.list("acme.swire.io").unwrap();
        Space::parse(text, &listed).map(|space| space.host().to_owned())
    }

    #[test]
    fn each_way_to_write_a_space_leads_to_its_host() {
        for text in [
            "acme",
            "ACME",
            "acme.signalwire.com",
            "acme.signalwire.com.",
            "https://acme.signalwire.com",
            "HTTPS://acme.signalwire.com:443/api/video?x#y",
            " acme ",
        ] {
            assert_eq!(parse(text).as_deref(), Ok("acme.signalwire.com"), "{text}");
        }
        assert_eq!(parse("voice.example.org").as_deref(), Ok("voice.example.org"));
        assert_eq!(parse("https://acme.swire.io/").as_deref(), Ok("acme.swire.io"));
    }

    #[test]
    fn anything_else_is_refused() {
        for (text, error) in [
            ("", SpaceError::Empty),
            ("https://", SpaceError::Empty),
            ("http://acme.signalwire.com", SpaceError::Plain),
            ("ftp://acme.signalwire.com", SpaceError::Plain),
            ("https://me:sesame@acme.signalwire.com", SpaceError::UserInfo),
            ("acme@evil.example", SpaceError::UserInfo),
            ("acme.signalwire.com:8443", SpaceError::Port),
            ("acme_corp", SpaceError::Malformed),
            ("acme signalwire.com", SpaceError::Malformed),
            ("-acme", SpaceError::Malformed),
            (&format!("PT{}", "0a1b2c3d".repeat(6)), SpaceError::Malformed),
            ("5b0f3a0e-9c57-4f6d-8a61-d42e17c9b3f8.signalwire.com", SpaceError::Malformed),
            ("signalwire.com", SpaceError::Service("signalwire.com".to_owned())),
            ("docs", SpaceError::Service("docs.signalwire.com".to_owned())),
            ("acme.sip.signalwire.com", SpaceError::Service("acme.sip.signalwire.com".to_owned())),
            ("evil.example", SpaceError::Foreign("evil.example".to_owned())),
            ("x.voice.example.org", SpaceError::Foreign("x.voice.example.org".to_owned())),
            ("acme.signalwire.com.evil.example", SpaceError::Foreign("acme.signalwire.com.evil.example".to_owned())),
            ("beta.swire.io", SpaceError::Foreign("beta.swire.io".to_owned())),
        ] {
            assert_eq!(parse(text), Err(error), "{text}");
        }
    }

    #[test]
    fn only_the_name_of_a_host_can_be_listed() {
        for text in ["", "localhost", "a b.example", "evil.example/x", "evil.example:443", "*.example.org"] {
            assert!(Hosts::default().list(text).is_err(), "{text}");
        }
    }
}
