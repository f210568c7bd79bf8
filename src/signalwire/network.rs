//! Decides how the name of a host becomes an address. The program asks the system; a test can answer by itself.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::NextTimeout;

/// Something that knows where hosts are.
pub trait Lookup: fmt::Debug + Send + Sync {
    /// Where `host` is.
    ///
    /// # Errors
    /// There is no such host.
    fn address(&self, host: &str, port: u16) -> Result<SocketAddr, NoName>;
}

/// There is no host of this name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoName;

/// How names become addresses: by the system, unless the code that starts the program says otherwise. No option, variable
/// or file can.
#[derive(Clone, Debug, Default)]
pub struct Network(Option<Arc<dyn Lookup>>);

impl Network {
    /// Names are looked up by `lookup` alone. Addresses are taken as they are.
    pub fn of(lookup: Arc<dyn Lookup>) -> Self {
        Self(Some(lookup))
    }
}

impl Resolver for Network {
    fn resolve(&self, uri: &Uri, config: &Config, timeout: NextTimeout) -> Result<ResolvedSocketAddrs, ureq::Error> {
        let Some(lookup) = &self.0 else { return DefaultResolver::default().resolve(uri, config, timeout) };
        let host = uri.host().unwrap_or_default();
        let port = uri.port_u16().unwrap_or(if uri.scheme_str() == Some("http") { 80 } else { 443 });
        let address = match host.trim_matches(['[', ']']).parse::<IpAddr>() {
            Ok(address) => SocketAddr::new(address, port),
            Err(_) => lookup.address(host, port).map_err(|NoName| ureq::Error::HostNotFound)?,
        };
        let mut addresses = self.empty();
        addresses.push(address);
        Ok(addresses)
    }
}
