//! An emulator of SignalWire's API: a TLS server on loopback, with a root certificate of its own, that implements the
//! documented endpoints, their errors, both answers wherever the documentation says two things, and faults.

mod certificates;
mod errors;
pub(crate) mod fault;
pub(crate) mod http;
mod mint;
mod projects;
pub(crate) mod proxy;
mod routes;
#[cfg(test)]
mod tests;
mod tokens;
pub(crate) mod world;

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use rustls::{ServerConfig, ServerConnection, StreamOwned};
use tempfile::TempDir;

pub(crate) use certificates::Leaf;
use fault::{After, Case};
use http::{Answer, Incoming};
use world::{Modes, Token, World};

/// The Space of the first project.
pub(crate) const HOST: &str = "acme.signalwire.com";

/// A request, as far as a test may look at it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Captured {
    /// The name that TLS asked for.
    pub(crate) server_name: String,
    pub(crate) host: String,
    pub(crate) method: String,
    /// Path and query.
    pub(crate) target: String,
    /// `Basic`, `Bearer` or nothing.
    pub(crate) auth: String,
    /// Names of headers, lower-case.
    pub(crate) headers: Vec<String>,
    pub(crate) body: Vec<u8>,
    /// The status that it was answered with, if it was, and the body of that.
    pub(crate) status: Option<u16>,
    pub(crate) answer: Vec<u8>,
}

impl Captured {
    /// Method, path and query in one line.
    pub(crate) fn line(&self) -> String {
        format!("{} https://{}{}", self.method, self.host, self.target)
    }
}

/// How connections are met.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Face {
    /// By TLS.
    #[default]
    Tls,
    /// By HTTP without TLS.
    Plain,
}

/// What is shared by all connections.
#[derive(Debug)]
struct Shared {
    world: Mutex<World>,
    captured: Mutex<Vec<Captured>>,
    cases: Mutex<Vec<Case>>,
    failed_handshakes: Mutex<u32>,
}

/// A running emulator. It ends with the program that started it.
#[derive(Debug)]
pub(crate) struct Emulator {
    folder: TempDir,
    address: SocketAddr,
    shared: Arc<Shared>,
}

impl Emulator {
    /// With one Space, `acme`, and nothing in it.
    pub(crate) fn start() -> Self {
        Self::with(Modes::default(), Leaf::Good, Face::Tls)
    }

    /// The same, with these answers.
    pub(crate) fn with(modes: Modes, leaf: Leaf, face: Face) -> Self {
        let (root, config) = certificates::make(leaf);
        let folder = TempDir::with_prefix("emulator-").unwrap();
        std::fs::write(folder.path().join("ca.pem"), root).unwrap();
        let mut world = World { modes, ..World::default() };
        world.spaces.insert(HOST.to_owned());
        let shared = Arc::new(Shared {
            world: Mutex::new(world),
            captured: Mutex::default(),
            cases: Mutex::default(),
            failed_handshakes: Mutex::default(),
        });
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let theirs = Arc::clone(&shared);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (shared, config) = (Arc::clone(&theirs), Arc::clone(&config));
                std::thread::spawn(move || serve(stream, face, config, &shared));
            }
        });
        Self { folder, address, shared }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// The root certificate, in PEM form.
    pub(crate) fn ca_file(&self) -> PathBuf {
        self.folder.path().join("ca.pem")
    }

    /// All that it knows.
    pub(crate) fn world(&self) -> MutexGuard<'_, World> {
        self.shared.world.lock().unwrap()
    }

    /// A new project of the first Space.
    pub(crate) fn project(&self) -> String {
        self.world().add_project(HOST, "main", None)
    }

    /// A new token of a project.
    pub(crate) fn token(&self, project: &str, scopes: &[&str]) -> Token {
        self.world().add_token(project, "made by hand", scopes)
    }

    /// Deletes a token, at once.
    pub(crate) fn delete(&self, token: &Token) {
        let mut world = self.world();
        world.tokens.iter_mut().find(|known| known.id == token.id).unwrap().deleted = Some(0);
    }

    /// Something goes wrong from now on. The first case that a request meets counts.
    pub(crate) fn fault(&self, case: Case) {
        self.shared.cases.lock().unwrap().push(case);
    }

    /// All requests up to now, in order.
    pub(crate) fn requests(&self) -> Vec<Captured> {
        self.shared.captured.lock().unwrap().clone()
    }

    /// How many connections ended before they were secured.
    pub(crate) fn failed_handshakes(&self) -> u32 {
        *self.shared.failed_handshakes.lock().unwrap()
    }
}

fn serve(stream: TcpStream, face: Face, config: Arc<ServerConfig>, shared: &Shared) {
    // What a client does not say in this time it will not say.
    drop(stream.set_read_timeout(Some(Duration::from_secs(60))));
    drop(stream.set_nodelay(true));
    let mut stream = stream;
    if face == Face::Plain {
        drop(converse(&mut stream, "", shared));
        return;
    }
    let Ok(mut connection) = ServerConnection::new(config) else { return };
    if connection.complete_io(&mut stream).is_err() || connection.is_handshaking() {
        *shared.failed_handshakes.lock().unwrap() += 1;
        return;
    }
    let name = connection.server_name().unwrap_or_default().to_owned();
    let mut stream = StreamOwned::new(connection, stream);
    // A connection that a fault ends has no farewell, as when a machine goes away.
    if matches!(converse(&mut stream, &name, shared), Ok(After::Open)) {
        stream.conn.send_close_notify();
        drop(stream.flush());
    }
}

fn converse(stream: &mut (impl Read + Write), server_name: &str, shared: &Shared) -> io::Result<After> {
    while let Some(incoming) = Incoming::read(stream)? {
        let at = capture(&incoming, server_name, shared);
        let fault = {
            let mut cases = shared.cases.lock().unwrap();
            let case = cases.iter_mut().find(|case| case.meets(&incoming));
            case.map(|case| {
                case.times = case.times.map(|times| times - 1);
                case.fault.clone()
            })
        };
        let answer = || {
            let answer = routes::answer(&mut shared.world.lock().unwrap(), &incoming);
            let mut captured = shared.captured.lock().unwrap();
            captured[at].status = Some(answer.status);
            captured[at].answer.clone_from(&answer.body);
            answer
        };
        if fault::write(fault.as_ref(), answer, stream)? == After::Closed {
            return Ok(After::Closed);
        }
    }
    Ok(After::Open)
}

fn capture(incoming: &Incoming, server_name: &str, shared: &Shared) -> usize {
    let auth = incoming.headers.get("authorization").and_then(|value| value.split(' ').next()).unwrap_or_default();
    let mut captured = shared.captured.lock().unwrap();
    captured.push(Captured {
        server_name: server_name.to_owned(),
        host: incoming.host().to_owned(),
        method: incoming.method.clone(),
        target: incoming.target.clone(),
        auth: auth.to_owned(),
        headers: incoming.headers.keys().cloned().collect(),
        body: incoming.body.clone(),
        status: None,
        answer: Vec::new(),
    });
    captured.len() - 1
}

/// An answer of a test's own, for [`fault::Fault::Instead`].
pub(crate) fn page(status: u16, media_type: &'static str, body: &str) -> Answer {
    Answer::text(status, media_type, body)
}
