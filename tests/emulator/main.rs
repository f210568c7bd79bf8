//! A SignalWire to try barewire on, without an account: `cargo run --example emulator`.
//!
//! It serves the API on loopback until it is ended, and makes a folder with credentials and a `barewire` that is led
//! there. `--as-barewire ADDRESS ARGUMENT...` is that barewire: the same program, but every host is at that address.

#![allow(dead_code, reason = "tests use more of the emulator than this program")]
#![allow(clippy::unwrap_used, clippy::print_stdout, clippy::panic, reason = "this is a tool for tests")]

#[path = "mod.rs"]
mod emulator;

use std::ffi::OsString;
use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::Arc;

use barewire::signalwire::{Lookup, Network, NoName};

use emulator::world::{EmptyPatch, GuestAuth, Lookup as Number, MissingScope, Modes, SCOPES, SelfDelete};
use emulator::{Emulator, Face, Leaf};

/// Leads every host to one address; the Space `nowhere` does not exist, and at `closed` nobody listens.
#[derive(Debug)]
struct OnePlace(SocketAddr);

impl Lookup for OnePlace {
    fn address(&self, host: &str, _port: u16) -> Result<SocketAddr, NoName> {
        match host {
            "nowhere.signalwire.com" => Err(NoName),
            "closed.signalwire.com" => Ok(SocketAddr::from(([127, 0, 0, 1], 1))),
            _ => Ok(self.0),
        }
    }
}

const HELP: &str = "\
An emulator of SignalWire's API on loopback, to try barewire on.

Usage: cargo run --example emulator [-- SWITCH...]

Switches, for what the documentation says in two ways:
  --forbidden         a missing scope answers 403, not 401
  --refuse-empty      a change of nothing is refused
  --keep-self         a token cannot delete itself
  --guest-by-bearer   a guest token is asked for with a subscriber's token
  --lookup-404        the lookup of a number answers 404
  --slow-delete N     a deleted token does N requests more";

fn main() -> ExitCode {
    let args: Vec<OsString> = std::env::args_os().skip(1).collect();
    if args.first().is_some_and(|word| word == "--as-barewire") {
        let address = args.get(1).and_then(|word| word.to_str()?.parse().ok());
        let Some(address) = address else { panic!("--as-barewire ADDRESS ARGUMENT...") };
        let args: Vec<OsString> = std::iter::once("barewire".into()).chain(args.into_iter().skip(2)).collect();
        return barewire::cli::main_with(&args, &Network::of(Arc::new(OnePlace(address))));
    }
    if let Some(modes) = modes(&args) {
        return serve(modes);
    }
    println!("{HELP}");
    ExitCode::from(2)
}

fn modes(args: &[OsString]) -> Option<Modes> {
    let mut modes = Modes::default();
    let mut words = args.iter().map(|word| word.to_str().unwrap_or_default());
    while let Some(word) = words.next() {
        match word {
            "--forbidden" => modes.missing_scope = MissingScope::Forbidden,
            "--refuse-empty" => modes.empty_patch = EmptyPatch::Refused,
            "--keep-self" => modes.self_delete = SelfDelete::Refused,
            "--guest-by-bearer" => modes.guest_auth = GuestAuth::Bearer,
            "--lookup-404" => modes.lookup = Number::NotFound,
            "--slow-delete" => modes.slow_delete = words.next()?.parse().ok()?,
            _ => return None,
        }
    }
    Some(modes)
}

/// Serves until the program is ended.
fn serve(modes: Modes) -> ExitCode {
    let emulator = Emulator::with(modes, Leaf::Good, Face::Tls);
    // A scan takes the Space acme for an example.
    let project = emulator.world().add_project("northwind.signalwire.com", "main", None);
    let [all, narrow] = [&SCOPES[..], &["video"]].map(|scopes| emulator.token(&project, scopes));
    emulator.world().rooms = vec!["lobby".to_owned(), "standup".to_owned()];
    let folder = tempfile::Builder::new().prefix("barewire-try-").tempdir().unwrap();
    let write = |name: &str, mode: u32, text: String| {
        use std::io::Write as _;
        let mut options = std::fs::OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, mode);
        options.open(folder.path().join(name)).unwrap().write_all(text.as_bytes()).unwrap();
    };
    for (name, token) in [(".env", &all), ("narrow.env", &narrow)] {
        let lines = format!("SIGNALWIRE_PROJECT_ID={project}\nSIGNALWIRE_API_TOKEN={}\n", token.value);
        write(name, 0o600, format!("{lines}SIGNALWIRE_SPACE=northwind.signalwire.com\n"));
    }
    let (program, ca) = (std::env::current_exe().unwrap(), emulator.ca_file());
    let run = format!("exec '{}' --as-barewire {} \"$@\"", program.display(), emulator.address());
    write(
        "barewire",
        0o700,
        format!(
            "#!/bin/sh\nBAREWIRE_CA_FILE='{}' XDG_STATE_HOME='{}/state'\nexport BAREWIRE_CA_FILE XDG_STATE_HOME\n{run}\n",
            ca.display(),
            folder.path().display()
        ),
    );
    println!("The emulator is the Space northwind, until you end it with Ctrl-C. In another terminal:\n");
    println!("  cd {}", folder.path().display());
    for command in [
        "verify --env-file .env",
        "scopes --env-file narrow.env",
        "api GET /api/video/rooms --env-file .env",
        "token create --name ci --scopes video,chat --env-file .env",
        "scan --verify --scopes .",
    ] {
        println!("  ./barewire {command}");
    }
    loop {
        std::thread::park();
    }
}
