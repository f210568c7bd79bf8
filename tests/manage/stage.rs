//! A proxy and a Space in one: what is sent to any host through it ends here, on loopback, and a test says what happens.
//!
//! The program finds it by `HTTPS_PROXY`, as anybody's proxy, and trusts it by `BAREWIRE_CA_FILE`; it needs no seam for it.

use std::io::{ErrorKind, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rcgen::{CertificateParams, Issuer, KeyPair, date_time_ymd};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use crate::support::Run;

/// The Space of the tests.
pub(crate) const HOST: &str = "acme.signalwire.com";

/// The project of the tests.
pub(crate) const PROJECT: &str = "5d6f7a80-9b1c-4d2e-8f30-a1b2c3d4e5f7";

/// A body that is longer is left unread, in bytes; whoever closes then resets the connection.
const UNREAD: usize = 500_000;

/// What the other side shows as its certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Show {
    /// A good one.
    Good,
    /// One whose time is over.
    Expired,
    /// One for another host.
    WrongName,
    /// One that nobody signed but itself.
    SelfSigned,
    /// None: it speaks HTTP without TLS.
    Plain,
    /// None: it goes away as soon as it is spoken to.
    Nothing,
    /// None: as a proxy it refuses to connect.
    NoProxy,
}

/// One request as it came.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    /// The method and the target: `GET /x`.
    pub(crate) line: String,
    /// The header lines.
    pub(crate) headers: Vec<String>,
    /// The body.
    pub(crate) body: Vec<u8>,
}

impl Seen {
    /// The value of a header; empty if there is none.
    pub(crate) fn header(&self, name: &str) -> &str {
        let value =
            |line: &'_ String| line.to_ascii_lowercase().starts_with(&format!("{}:", name.to_ascii_lowercase()));
        self.headers.iter().find(|line| value(line)).map_or("", |line| line[name.len() + 1..].trim())
    }
}

/// A secured connection to the program.
pub(crate) type Wire = StreamOwned<ServerConnection, TcpStream>;

/// What happens after a request; `false` ends the connection.
type Act = dyn Fn(&Seen, &mut Wire) -> bool + Send + Sync;

/// What was heard.
#[derive(Debug, Default)]
struct Heard {
    connects: Vec<String>,
    requests: Vec<Seen>,
}

/// A proxy and a Space in one.
pub(crate) struct Stage {
    port: u16,
    root: String,
    heard: Arc<Mutex<Heard>>,
}

impl Stage {
    /// One that answers each request by what `act` writes.
    pub(crate) fn new(show: Show, act: impl Fn(&Seen, &mut Wire) -> bool + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let (root, config) = certificates(show);
        let (heard, act): (Arc<Mutex<Heard>>, Arc<Act>) = (Arc::default(), Arc::new(act));
        let shared = Arc::clone(&heard);
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let (config, heard, act) = (Arc::clone(&config), Arc::clone(&shared), Arc::clone(&act));
                std::thread::spawn(move || drop(serve(stream, show, config, (&heard, &*act))));
            }
        });
        Self { port, root, heard }
    }

    /// One that answers by this, and closes.
    pub(crate) fn answering(answer: impl Into<Vec<u8>>) -> Self {
        let answer = answer.into();
        Self::new(Show::Good, move |_, wire| {
            drop(wire.write_all(&answer));
            false
        })
    }

    /// The program, to be run with it: it knows project, Space and token, and sends all through here.
    pub(crate) fn run(&self) -> Run {
        self.bare()
            .env("SIGNALWIRE_PROJECT_ID", PROJECT)
            .env("SIGNALWIRE_SPACE", "acme")
            .armed_env("SIGNALWIRE_API_TOKEN", "PT{same:token=hex:48}")
    }

    /// The same without credentials.
    pub(crate) fn bare(&self) -> Run {
        let run = Run::new().bytes("../ca.pem", self.root.as_bytes());
        let root = run.dir().join("../ca.pem");
        run.env("HTTPS_PROXY", self.proxy()).env("BAREWIRE_CA_FILE", root)
    }

    /// Its address as a proxy.
    pub(crate) fn proxy(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Where connections were asked for, each with all that was said to the proxy.
    pub(crate) fn connects(&self) -> Vec<String> {
        self.heard.lock().unwrap().connects.clone()
    }

    /// The requests that came.
    pub(crate) fn requests(&self) -> Vec<Seen> {
        self.heard.lock().unwrap().requests.clone()
    }

    /// The first lines of the requests that came.
    pub(crate) fn lines(&self) -> Vec<String> {
        self.requests().into_iter().map(|seen| seen.line).collect()
    }
}

/// An answer with its length.
pub(crate) fn answer(status: &str, headers: &str, body: &str) -> String {
    format!("HTTP/1.1 {status}\r\n{headers}Content-Length: {}\r\n\r\n{body}", body.len())
}

/// The root in PEM form, and what the server needs.
fn certificates(show: Show) -> (String, Arc<ServerConfig>) {
    let ca_key = KeyPair::generate().unwrap();
    let mut ca = CertificateParams::new(Vec::new()).unwrap();
    ca.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    ca.distinguished_name.push(rcgen::DnType::CommonName, "a root of the tests");
    let root = ca.self_signed(&ca_key).unwrap().pem();
    let name = if show == Show::WrongName { "beta.signalwire.com" } else { HOST };
    let mut leaf = CertificateParams::new(vec![name.to_owned()]).unwrap();
    if show == Show::Expired {
        (leaf.not_before, leaf.not_after) = (date_time_ymd(2020, 1, 1), date_time_ymd(2021, 1, 1));
    }
    let key = KeyPair::generate().unwrap();
    let certificate = match show {
        Show::SelfSigned => leaf.self_signed(&key).unwrap(),
        _ => leaf.signed_by(&key, &Issuer::new(ca, ca_key)).unwrap(),
    };
    let chain = vec![CertificateDer::from(certificate.der().to_vec())];
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    (root, Arc::new(config.with_no_client_auth().with_single_cert(chain, key).unwrap()))
}

/// Serves one connection.
fn serve(
    mut stream: TcpStream,
    show: Show,
    config: Arc<ServerConfig>,
    (heard, act): (&Mutex<Heard>, &Act),
) -> std::io::Result<()> {
    stream.set_read_timeout(Some(Duration::from_secs(20)))?;
    let asked = head(&mut stream)?;
    heard.lock().unwrap().connects.push(asked);
    if show == Show::NoProxy {
        return stream.write_all(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n");
    }
    stream.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n")?;
    match show {
        Show::Plain => {
            // The first byte of TLS is answered as HTTP does it.
            stream.read_exact(&mut [0])?;
            return stream.write_all(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
        }
        Show::Nothing => return stream.read_exact(&mut [0]),
        _ => {}
    }
    let mut wire = StreamOwned::new(ServerConnection::new(config).unwrap(), stream);
    while let Ok(seen) = request(&mut wire) {
        heard.lock().unwrap().requests.push(seen.clone());
        if !act(&seen, &mut wire) {
            wire.conn.send_close_notify();
            drop(wire.flush());
            break;
        }
    }
    Ok(())
}

/// All to the end of the headers.
fn head(stream: &mut impl Read) -> std::io::Result<String> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte)?;
        head.push(byte[0]);
    }
    String::from_utf8(head).map_err(|error| std::io::Error::new(ErrorKind::InvalidData, error))
}

fn request(wire: &mut Wire) -> std::io::Result<Seen> {
    let head = head(wire)?;
    let mut lines = head.lines().map(str::to_owned);
    let line = lines.next().unwrap_or_default().trim_end_matches(" HTTP/1.1").to_owned();
    let mut seen = Seen { line, headers: lines.filter(|line| !line.is_empty()).collect(), body: Vec::new() };
    let length = seen.header("content-length").parse().unwrap_or(0);
    seen.body = vec![0; if length > UNREAD { 0 } else { length }];
    wire.read_exact(&mut seen.body)?;
    Ok(seen)
}
