//! SignalWire's own page on API credentials, step by step, as a person would type it.

use std::fmt::Write as _;

use regex::Regex;
use serde_json::Value;

use crate::emulator::{Emulator, HOST};
use crate::support::Run;

/// One desk with a folder, at which commands are typed one after the other.
struct Session {
    emulator: Emulator,
    run: Run,
    transcript: String,
}

impl Session {
    fn new() -> Self {
        let emulator = Emulator::start();
        let project = emulator.project();
        let boss = emulator.token(&project, &["management"]);
        emulator.world().rooms = vec!["lobby".to_owned()];
        let run = Run::new()
            .through(&emulator)
            .env("SIGNALWIRE_PROJECT_ID", &project)
            .env("SIGNALWIRE_API_TOKEN", &boss.value)
            .env("SIGNALWIRE_SPACE", HOST);
        Self { emulator, run, transcript: String::new() }
    }

    /// Types a command; gives what it printed, and writes down all that a person sees.
    fn type_in(&mut self, line: &str) -> String {
        let (words, input) = match line.split_once(" < ") {
            Some((words, file)) => (words, std::fs::read(self.run.dir().join(file)).unwrap()),
            None => (line, Vec::new()),
        };
        let (words, out) = match words.split_once(" > ") {
            Some((words, file)) => (words, Some(file)),
            None => (words, None),
        };
        let mut command = self.run.command();
        command.args(words.split_whitespace()).stdin(std::process::Stdio::piped());
        command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped());
        let mut child = command.spawn().unwrap();
        drop(std::io::Write::write_all(&mut child.stdin.take().unwrap(), &input));
        let output = child.wait_with_output().unwrap();
        let printed = String::from_utf8(output.stdout).unwrap();
        let mut shown = printed.clone();
        if let Some(file) = out {
            let path = self.run.dir().join(file);
            std::fs::write(&path, &printed).unwrap();
            #[cfg(unix)]
            std::fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
            shown.clear();
        }
        writeln!(self.transcript, "$ barewire {line}\n{shown}{}", String::from_utf8_lossy(&output.stderr)).unwrap();
        writeln!(self.transcript, "[{}]\n", output.status.code().unwrap()).unwrap();
        printed
    }

    /// The transcript without what differs from run to run.
    fn told(&self) -> String {
        let mut told = self.transcript.clone();
        for (pattern, stand_in) in [
            (r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "[UUID]"),
            (r"PT[0-9a-f]{4}\*+[0-9a-f]{4}", "[MASKED]"),
            (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z(, (in [0-9a-z ]+|[0-9a-z ]+ ago))?", "[TIME]"),
            (r"bw1:[0-9a-f]+", "[FINGERPRINT]"),
            (r"\d{4}-\d\d-\d\d ", "[DAY] "),
            (r"/\S+/ledger\.json", "[LEDGER]"),
        ] {
            told = Regex::new(pattern).unwrap().replace_all(&told, stand_in).into_owned();
        }
        told
    }
}

#[test]
fn the_page_on_api_credentials_works_step_by_step() {
    let mut desk = Session::new();
    desk.type_in("token create --name ci --scopes chat,pubsub --out ci.token");
    let before = desk.transcript.clone();
    let ledger: Value = serde_json::from_str(&desk.type_in("token list -f json")).unwrap();
    let id = ledger["tokens"][0]["id"].as_str().unwrap().to_owned();
    desk.transcript = before;
    desk.type_in("token list");
    desk.type_in("api GET /api/video/rooms --token-file ci.token");
    desk.type_in("verify --token-file ci.token");
    desk.type_in(&format!("token update {id} --add-scopes video"));
    let rooms = desk.type_in("api GET /api/video/rooms --token-file ci.token");
    assert_eq!(serde_json::from_str::<Value>(&rooms).unwrap()["data"][0]["name"], "lobby");
    desk.type_in("mint room lobby --user-name ann --permission room.self.audio_mute --join-until +2h --token-file ci.token > room");
    desk.type_in("inspect < room");
    desk.type_in("mint chat --ttl 1h --channel news=rw --member-id ann --token-file ci.token > chat");
    desk.type_in("inspect < chat");
    desk.type_in("mint subscriber ann@example.org --token-file ci.token > sat");
    desk.type_in("inspect < sat");
    desk.type_in(&format!("token delete {id} --yes"));
    desk.type_in("verify --token-file ci.token");
    desk.type_in("token list");
    // The rooms have random ids and come in the order of the server's JSON; they were looked at above.
    let told = Regex::new(r#"(?s)\n\{"data".*?\}\}\n?|\n\{\n  "data".*?\n\}\n"#).unwrap();
    let told = told.replace_all(&desk.told(), "\n[ROOMS]\n").into_owned();
    insta::assert_snapshot!(told);
    let kinds = ["room", "chat", "sat"].map(|file| std::fs::read_to_string(desk.run.dir().join(file)).unwrap());
    assert!(kinds.iter().all(|token| token.lines().count() == 1 && token.starts_with("eyJ")));
    assert_eq!(crate::conformance::exchange::complaints(&desk.emulator.requests()), [""; 0]);
}
