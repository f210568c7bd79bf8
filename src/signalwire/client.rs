//! Decides how a request travels: by HTTPS alone, to the host that was meant, within bounds of time and size.
//!
//! No redirect is followed and no header is logged. The environment is not read: proxy and certificates are settings.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ureq::http::header::{
    ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, LOCATION, RETRY_AFTER,
};
use ureq::tls::{Certificate as Der, PemItem, RootCerts, TlsConfig, parse_pem};
use ureq::unversioned::transport::{Connector as _, DefaultConnector};
use ureq::{Agent, Body, Proxy, http};
use zeroize::Zeroizing;

use super::error::{Arrival, Error, Failure, Refusal};
use super::network::Network;
use super::request::{Auth, Method, Reading, Request};
use super::response::Response;
use super::wire::Close;
use super::{echo, fault, retry, wire};
use crate::secret::Secret;

/// More of a refusal is not read, in bytes.
const MOST_OF_REFUSAL: u64 = 64 << 10;

/// How a [`Client`] reaches hosts.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// How the name of a host becomes an address.
    pub network: Network,
    /// Files of root certificates in PEM form, which are trusted besides those of the system.
    pub roots: Vec<Vec<u8>>,
    /// What stands between this machine and all hosts.
    pub proxy: Option<ProxySettings>,
    /// How long things may take.
    pub timeouts: Timeouts,
}

/// A proxy, and the hosts that are reached without it.
#[derive(Clone, Debug)]
pub struct ProxySettings {
    /// Its URL, which can hold a password: `http://`, `https://`, `socks4://`, `socks5://`.
    pub url: Secret,
    /// Hosts, or endings of hosts, that are reached without it; `*` is all.
    pub except: Vec<String>,
}

/// How long things may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeouts {
    /// To find a host, connect it and secure the connection.
    pub connect: Duration,
    /// Between two pieces of an answer.
    pub read: Duration,
    /// For one request with its whole answer.
    pub total: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self { connect: Duration::from_secs(10), read: Duration::from_secs(20), total: Duration::from_secs(60) }
    }
}

/// Why there is no client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SettingsError {
    /// A file that was to hold root certificates holds none.
    NoCertificate,
    /// The URL of the proxy is none.
    Proxy,
}

impl fmt::Display for SettingsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoCertificate => "there is no certificate in PEM form in it",
            Self::Proxy => "the address of the proxy is not a URL such as http://proxy.example:3128",
        })
    }
}

impl std::error::Error for SettingsError {}

/// Is told of each request that was sent.
pub trait Watch: fmt::Debug + Send + Sync {
    /// One request has its answer, or has none.
    fn exchanged(&self, exchange: &Exchange<'_>);

    /// The request is sent once more after this time.
    fn waiting(&self, wait: Duration) {
        let _: Duration = wait;
    }
}

/// What may be told of a request: neither headers nor bodies, nor the query.
#[derive(Clone, Copy, Debug)]
pub struct Exchange<'a> {
    /// The method.
    pub method: Method,
    /// The host.
    pub host: &'a str,
    /// The path.
    pub path: &'a str,
    /// The status, or why there is none.
    pub outcome: Result<u16, &'a Failure>,
    /// How long it took.
    pub elapsed: Duration,
}

/// Sends requests. Threads may share it.
#[derive(Debug)]
pub struct Client {
    /// Keeps connections open.
    reader: Agent,
    /// Does not: a connection that the server has closed in the meantime would leave a write in doubt.
    writer: Agent,
    has_proxy: bool,
    except: Vec<String>,
    watch: Option<Arc<dyn Watch>>,
    roots: usize,
}

impl Client {
    /// A client that has not connected anything yet.
    ///
    /// # Errors
    /// A setting is not sound.
    pub fn new(settings: &Settings) -> Result<Self, SettingsError> {
        let mut roots: Vec<Der<'static>> =
            rustls_native_certs::load_native_certs().certs.iter().map(|der| Der::from_der(der).to_owned()).collect();
        for pem in &settings.roots {
            let found: Vec<_> = parse_pem(pem)
                .filter_map(|item| match item {
                    Ok(PemItem::Certificate(der)) => Some(der),
                    _ => None,
                })
                .collect();
            if found.is_empty() {
                return Err(SettingsError::NoCertificate);
            }
            roots.extend(found);
        }
        let proxy = match &settings.proxy {
            None => None,
            Some(proxy) => {
                let url = std::str::from_utf8(proxy.url.expose()).map_err(|_| SettingsError::Proxy)?;
                let proxy = Proxy::new(url).map_err(|_| SettingsError::Proxy)?;
                Some(proxy).filter(has_address).ok_or(SettingsError::Proxy).map(Some)?
            }
        };
        let except = settings.proxy.iter().flat_map(|proxy| proxy.except.clone()).collect();
        let count = roots.len();
        let tls = TlsConfig::builder()
            .root_certs(RootCerts::Specific(Arc::new(roots)))
            .unversioned_rustls_crypto_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .build();
        let agent = |idle| agent(settings, (&tls, proxy.as_ref()), idle);
        let has_proxy = proxy.is_some();
        Ok(Self { reader: agent(8), writer: agent(0), has_proxy, except, watch: None, roots: count })
    }

    /// The same, that tells `watch` of each request.
    #[must_use]
    pub fn watched(self, watch: Arc<dyn Watch>) -> Self {
        Self { watch: Some(watch), ..self }
    }

    /// Sends a request, and sends it again where that is safe and can help.
    ///
    /// # Errors
    /// There is no answer, or it says no.
    pub fn send(&self, request: &Request) -> Result<Response, Error> {
        let mut tries = 0;
        loop {
            tries += 1;
            let error = match self.once(request) {
                Ok(response) => return Ok(response),
                Err(error) => error,
            };
            let Some(wait) = retry::after(request.method, tries, &error) else { return Err(error) };
            self.announce(wait);
            std::thread::sleep(wait);
        }
    }

    /// Tells who watches that a request is sent once more after `wait`.
    pub(super) fn announce(&self, wait: Duration) {
        if let Some(watch) = &self.watch {
            watch.waiting(wait);
        }
    }

    /// Sends a request once.
    ///
    /// # Errors
    /// There is no answer, or it says no.
    pub(super) fn once(&self, request: &Request) -> Result<Response, Error> {
        if self.roots == 0 {
            return Err(Error::never(Failure::NoRoots));
        }
        let started = Instant::now();
        wire::begin(request.space.host());
        let answer = self.run(request).map_err(|error| {
            let error = fault::before_answer(&error, wire::fate());
            if self.is_proxied(request.space.host()) { fault::through_proxy(error) } else { error }
        });
        if let Some(watch) = &self.watch {
            let outcome = match &answer {
                Ok(response) => Ok(response.status().as_u16()),
                Err(Error::Failure { failure, .. }) => Err(failure),
                Err(Error::Refusal(refusal)) => Ok(refusal.status),
            };
            let (host, path) = (request.space.host(), request.target.path());
            watch.exchanged(&Exchange { method: request.method, host, path, outcome, elapsed: started.elapsed() });
        }
        let mut received = receive(answer?, request.reading);
        if let Err(Error::Refusal(refusal)) = &mut received {
            echo::hide(refusal, request);
        }
        received
    }

    fn is_proxied(&self, host: &str) -> bool {
        self.has_proxy && !self.except.iter().any(|pattern| is_excepted(host, pattern))
    }

    fn run(&self, request: &Request) -> Result<http::Response<Body>, ureq::Error> {
        let agent = if request.method.is_safe() { &self.reader } else { &self.writer };
        let host = request.space.host();
        let mut builder = http::Request::builder()
            .method(request.method.as_str())
            .uri(format!("https://{host}{}", request.target.as_str()))
            .header(ACCEPT, "application/json");
        if let Some(value) = authorization(&request.auth)? {
            builder = builder.header(AUTHORIZATION, value);
        }
        if let Some(kind) = request.payload.media_type() {
            builder = builder.header(CONTENT_TYPE, kind);
        }
        let route = if self.is_proxied(host) { Route::Usual } else { Route::Direct };
        match request.method {
            Method::Get | Method::Head | Method::Delete => run(agent, builder.body(())?, route),
            Method::Post | Method::Put | Method::Patch => run(agent, builder.body(request.payload.bytes())?, route),
        }
    }
}

/// The way of a request.
#[derive(Clone, Copy, Debug)]
enum Route {
    /// Through the proxy.
    Usual,
    /// Past the proxy.
    Direct,
}

/// Sends one request.
fn run(
    agent: &Agent,
    request: http::Request<impl ureq::AsSendBody>,
    route: Route,
) -> Result<http::Response<Body>, ureq::Error> {
    match route {
        Route::Usual => agent.run(request),
        Route::Direct => agent.run(agent.configure_request(request).proxy(None).build()),
    }
}

fn agent(settings: &Settings, (tls, proxy): (&TlsConfig, Option<&Proxy>), idle: usize) -> Agent {
    let Timeouts { connect, read, total } = settings.timeouts;
    let config = Agent::config_builder()
        .https_only(true)
        .http_status_as_error(false)
        .max_redirects(0)
        .max_redirects_will_error(false)
        .tls_config(tls.clone())
        .proxy(proxy.cloned())
        .user_agent(concat!("barewire/", env!("CARGO_PKG_VERSION")))
        .timeout_connect(Some(connect.min(total)))
        .timeout_recv_response(Some(read.min(total)))
        .timeout_per_read(Some(read.min(total)))
        .timeout_global(Some(total))
        .max_idle_connections(idle)
        .max_idle_connections_per_host(idle)
        .build();
    Agent::with_parts(config, DefaultConnector::default().chain(wire::Tap), settings.network.clone())
}

/// The header that says who asks.
fn authorization(auth: &Auth) -> Result<Option<HeaderValue>, ureq::Error> {
    let value = match auth {
        Auth::Anonymous => return Ok(None),
        Auth::Basic { project, token } => {
            let pair = Zeroizing::new([project.as_bytes(), b":", token.expose()].concat());
            let encoded = Zeroizing::new(STANDARD.encode(&*pair));
            Zeroizing::new(["Basic ", &encoded].concat().into_bytes())
        }
        Auth::Bearer(token) => Zeroizing::new([b"Bearer ", token.expose()].concat()),
    };
    let mut header = HeaderValue::from_bytes(&value).map_err(http::Error::from)?;
    header.set_sensitive(true);
    Ok(Some(header))
}

/// Whether the proxy has a host, and a port that is a number if it has one. The library takes more.
fn has_address(proxy: &Proxy) -> bool {
    let Some(authority) = proxy.uri().authority() else { return false };
    let place = authority.as_str().rsplit('@').next().unwrap_or_default();
    !authority.host().is_empty() && (place == authority.host() || authority.port_u16().is_some())
}

/// Whether `pattern` of a list like that of `NO_PROXY` means `host`: itself, or all below it.
fn is_excepted(host: &str, pattern: &str) -> bool {
    let pattern = pattern.trim().trim_start_matches("*.").trim_start_matches('.').to_ascii_lowercase();
    // All requests go to this port.
    let pattern = pattern.strip_suffix(":443").unwrap_or(&pattern).trim_end_matches('.');
    let below = || host.strip_suffix(pattern).is_some_and(|rest| rest.ends_with('.'));
    pattern == "*" || (!pattern.is_empty() && (host == pattern || below()))
}

/// Reads what there is to read of an answer.
fn receive(answer: http::Response<Body>, reading: Reading) -> Result<Response, Error> {
    let status = answer.status().as_u16();
    let headers = answer.headers().clone();
    let mut body = answer.into_body();
    if !(200..300).contains(&status) {
        let text = match reading {
            Reading::Status => Zeroizing::new(Vec::new()),
            // What the server complains of is of use, but not needed.
            Reading::Refusal | Reading::UpTo(_) => read(&mut body, MOST_OF_REFUSAL).unwrap_or_default(),
        };
        return Err(Error::Refusal(Box::new(refusal(status, &headers, &text))));
    }
    let body = match reading {
        Reading::Status | Reading::Refusal => Zeroizing::default(),
        Reading::UpTo(limit) => {
            read(&mut body, limit).map_err(|failure| Error::Failure { failure, arrival: Arrival::Done })?
        }
    };
    Ok(Response { status, media_type: media_type(&headers), body: Secret::new(&*body) })
}

fn media_type(headers: &HeaderMap) -> Option<Box<str>> {
    let kind = text(headers, &CONTENT_TYPE)?;
    Some(kind.split(';').next().unwrap_or_default().trim().to_ascii_lowercase().into())
}

/// A body that is at most `limit` bytes long.
fn read(body: &mut Body, limit: u64) -> Result<Zeroizing<Vec<u8>>, Failure> {
    if body.content_length().is_some_and(|length| length > limit) {
        return Err(Failure::TooLarge(limit));
    }
    let read = body.with_config().limit(limit.saturating_add(1)).read_to_vec();
    match read {
        Ok(bytes) if bytes.len() as u64 > limit => Err(Failure::TooLarge(limit)),
        // The library takes the end of the connection for the end of an answer that has no length.
        Ok(_) if wire::close() == Close::Cut => Err(Failure::Closed),
        Ok(bytes) => Ok(Zeroizing::new(bytes)),
        Err(ureq::Error::BodyExceedsLimit(_)) => Err(Failure::TooLarge(limit)),
        Err(error) => Err(fault::within_answer(&error)),
    }
}

fn refusal(status: u16, headers: &HeaderMap, body: &[u8]) -> Refusal {
    let retry_after = text(headers, &RETRY_AFTER).and_then(|header| retry::asked(header, SystemTime::now()));
    let redirect = text(headers, &LOCATION)
        .filter(|_| (300..400).contains(&status))
        .and_then(|location| location.parse::<http::Uri>().ok())
        .map(|location| match (location.scheme_str(), location.host()) {
            (Some(scheme), Some(host)) => format!("{scheme}://{host}"),
            _ => "another path".to_owned(),
        });
    Refusal { retry_after, redirect, media_type: media_type(headers), ..Refusal::new(status, body) }
}

fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_can_be_excepted_from_the_proxy() {
        let host = "acme.signalwire.com";
        for pattern in [
            "*",
            "acme.signalwire.com",
            ".signalwire.com",
            "signalwire.com",
            "*.SignalWire.com",
            " .com",
            "acme.signalwire.com:443",
            "signalwire.com.",
        ] {
            assert!(is_excepted(host, pattern), "{pattern}");
        }
        for pattern in ["", "wire.com", "beta.signalwire.com", "acme", "example.org"] {
            assert!(!is_excepted(host, pattern), "{pattern}");
        }
    }

    #[test]
    fn a_header_does_not_show_the_token() {
        let token = Secret::new("sesame-sesame");
        let header = authorization(&Auth::Basic { project: "me".into(), token }).unwrap().unwrap();
        assert_eq!(header.as_bytes(), b"Basic bWU6c2VzYW1lLXNlc2FtZQ==");
        assert_eq!(format!("{header:?}"), "Sensitive");
    }

    #[test]
    fn settings_that_are_not_sound_are_refused() {
        for url in
            ["::", "", "http://", "http://:80", "http://me:x@:80", "http://proxy.example:x", "ftp://proxy.example"]
        {
            let proxy = ProxySettings { url: Secret::new(url), except: Vec::new() };
            let settings = Settings { proxy: Some(proxy), ..Settings::default() };
            assert_eq!(Client::new(&settings).unwrap_err(), SettingsError::Proxy, "{url}");
        }
        for url in ["proxy.example:3128", "http://me:x@proxy.example", "socks5://127.0.0.1:1080", "http://[::1]:80"] {
            let proxy = ProxySettings { url: Secret::new(url), except: Vec::new() };
            assert!(Client::new(&Settings { proxy: Some(proxy), ..Settings::default() }).is_ok(), "{url}");
        }
        let settings = Settings { roots: vec![b"nothing".to_vec()], ..Settings::default() };
        assert_eq!(Client::new(&settings).unwrap_err(), SettingsError::NoCertificate);
    }
}
