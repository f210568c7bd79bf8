//! A proxy on loopback that leads every `CONNECT` to the emulator.

use std::io;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use super::http::Incoming;

/// A running proxy.
#[derive(Debug)]
pub(crate) struct Proxy {
    address: SocketAddr,
    seen: Arc<Mutex<Vec<Incoming>>>,
}

impl Proxy {
    /// Leads to `emulator`.
    pub(crate) fn start(emulator: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let seen = Arc::new(Mutex::new(Vec::new()));
        let theirs = Arc::clone(&seen);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let seen = Arc::clone(&theirs);
                std::thread::spawn(move || tunnel(stream, emulator, &seen));
            }
        });
        Self { address, seen }
    }

    /// Its URL.
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// What it was asked for.
    pub(crate) fn seen(&self) -> Vec<Incoming> {
        self.seen.lock().unwrap().clone()
    }
}

fn tunnel(mut stream: TcpStream, emulator: SocketAddr, seen: &Mutex<Vec<Incoming>>) -> io::Result<()> {
    use std::io::Write as _;
    let Some(incoming) = Incoming::read(&mut stream)? else { return Ok(()) };
    let is_connect = incoming.method == "CONNECT";
    seen.lock().unwrap().push(incoming);
    if !is_connect {
        return stream.write_all(b"HTTP/1.1 405 No\r\ncontent-length: 0\r\n\r\n");
    }
    let mut there = TcpStream::connect(emulator)?;
    stream.write_all(b"HTTP/1.1 200 Connected\r\n\r\n")?;
    let (mut from, mut to) = (stream.try_clone()?, there.try_clone()?);
    std::thread::spawn(move || drop(io::copy(&mut from, &mut to).and_then(|_| to.shutdown(std::net::Shutdown::Write))));
    io::copy(&mut there, &mut stream)?;
    stream.shutdown(std::net::Shutdown::Both)
}
