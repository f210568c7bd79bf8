//! A project with a management token, an emulator, and a ledger that lasts from command to command.

use std::path::PathBuf;

use serde_json::Value;
use tempfile::TempDir;

use crate::emulator::Emulator;
use crate::emulator::fault::{Case, Fault};
use crate::emulator::http::Answer;
use crate::emulator::world::Token;
use crate::support::{Output, Run};

/// An id that no token has.
pub(crate) const NOBODY: &str = "7d3a52c0-1111-4222-8333-944444444444";

/// All that a person has at hand.
pub(crate) struct Desk {
    pub(crate) emulator: Emulator,
    pub(crate) project: String,
    pub(crate) admin: Token,
    state: TempDir,
}

impl Desk {
    /// A new project in the Space acme.
    pub(crate) fn new() -> Self {
        let emulator = Emulator::start();
        let project = emulator.project();
        let admin = emulator.token(&project, &["management"]);
        Self { emulator, project, admin, state: TempDir::with_prefix("barewire-state-").unwrap() }
    }

    /// A command with the credentials of the project.
    pub(crate) fn run(&self, args: &[&str]) -> Run {
        self.as_token(&self.admin.value, args)
    }

    /// A command with another token.
    pub(crate) fn as_token(&self, token: &str, args: &[&str]) -> Run {
        self.offline(args)
            .through(&self.emulator)
            .env("SIGNALWIRE_PROJECT_ID", &self.project)
            .env("SIGNALWIRE_SPACE", "acme")
            .env("SIGNALWIRE_API_TOKEN", token)
    }

    /// A command without credentials.
    pub(crate) fn offline(&self, args: &[&str]) -> Run {
        Run::new().args(args.iter().copied()).env("XDG_STATE_HOME", self.state.path())
    }

    /// What a command says.
    pub(crate) fn say(&self, args: &[&str]) -> Output {
        self.run(args).run()
    }

    /// What a command says that succeeds.
    pub(crate) fn done(&self, args: &[&str]) -> Output {
        let output = self.say(args);
        assert_eq!(output.code, 0, "{output}");
        output
    }

    /// The value of a token that the command makes, and its id.
    pub(crate) fn create(&self, name: &str, scopes: &str) -> (String, String) {
        let value = self.done(&["token", "create", "--name", name, "--scopes", scopes]).stdout.trim().to_owned();
        (value, self.entry(name)["id"].as_str().unwrap().to_owned())
    }

    /// Where the ledger is.
    pub(crate) fn ledger(&self) -> PathBuf {
        self.state.path().join("barewire/ledger.json")
    }

    /// The entries of the ledger.
    pub(crate) fn entries(&self) -> Vec<Value> {
        let Ok(text) = std::fs::read_to_string(self.ledger()) else { return Vec::new() };
        serde_json::from_str::<Value>(&text).unwrap()["tokens"].as_array().unwrap().clone()
    }

    /// The only entry with this name.
    pub(crate) fn entry(&self, name: &str) -> Value {
        let mut found = self.entries().into_iter().filter(|entry| entry["name"] == name);
        let entry = found.next().unwrap_or_else(|| panic!("{name} is not in the ledger"));
        assert!(found.next().is_none(), "{name} is in the ledger twice");
        entry
    }

    /// The requests up to now, each as its method and path.
    pub(crate) fn requests(&self) -> Vec<String> {
        self.emulator.requests().iter().map(|seen| format!("{} {}", seen.method, seen.target)).collect()
    }

    /// Requests with this method go wrong like this from now on.
    pub(crate) fn fault(&self, method: &'static str, fault: Fault) {
        self.emulator.fault(Case { method: Some(method), path: "/api/project", times: None, fault });
    }

    /// Requests with this method get this answer from now on, and nothing is done.
    pub(crate) fn answer(&self, method: &'static str, status: u16, body: &Value) {
        self.fault(method, Fault::Instead(Answer::json(status, body)));
    }
}
