//! A person's machine and a Space, with a secret in every place where one can lie.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::canary::{assert_clean, traces};
use crate::emulator::proxy::Proxy;
use crate::emulator::world::{Minted, SCOPES, Token};
use crate::emulator::{Captured, Emulator};
use crate::support::template::Expander;
use crate::support::{Output, Run};

/// The Space. `acme` stands in so many documents that a scan takes it for an example.
pub(super) const SPACE: &str = "northwind.signalwire.com";

/// A token of a subscriber, as a template.
const SAT: &str = "{b64u:{\"alg\":\"dir\",\"enc\":\"A256GCM\",\"typ\":\"SAT\"}}..{b64url:16}.{b64url:240}.{b64url:22}";

/// The header and the claims of a token for a room, as a template.
const ROOM: &str = "{b64u:{\"typ\":\"VRT\",\"alg\":\"HS512\"}}.{b64u:{\"iat\":1622120123,\"sub\":\"x\"}}.{b64url:86}";

/// All of it.
pub(super) struct Field {
    pub(super) emulator: Emulator,
    pub(super) admin: Token,
    pub(super) planted: BTreeMap<&'static str, String>,
    pub(super) proxy: Proxy,
    project: String,
    sub: String,
    other: Token,
    pub(super) run: Run,
    line: &'static str,
}

impl Field {
    /// One where `line` will be typed.
    pub(super) fn new(line: &'static str) -> Self {
        let emulator = Emulator::start();
        let planted = planted();
        let proxy = Proxy::start(emulator.address());
        let (project, sub, admin, other) = {
            let mut world = emulator.world();
            // The names hold a token, and what a terminal would obey.
            let hostile = format!("{}\u{1b}[2J {}", planted["name"], planted["name"]);
            let project = world.add_project(SPACE, &hostile, None);
            let sub = world.add_project(SPACE, &hostile, Some(&project));
            for (id, key) in [(&project, "key"), (&sub, "key of the subproject")] {
                world.projects.get_mut(id).unwrap().signing_key.clone_from(&planted[key]);
            }
            let mut token = |value: &str, scopes: &[&str]| {
                let token = Token { value: planted[value].clone(), ..world.add_token(&project, &hostile, scopes) };
                world.tokens.last_mut().unwrap().value.clone_from(&token.value);
                token
            };
            let (admin, other) = (token("token", &SCOPES), token("other token", &["video"]));
            world.minted.insert(planted["refresh token"].clone(), Minted::Refresh);
            world.minted.insert(planted["subscriber token"].clone(), Minted::Subscriber(i64::MAX));
            world.rooms = vec!["lobby".to_owned()];
            (project, sub, admin, other)
        };
        let run = Run::new();
        let field = Self { emulator, admin, planted, proxy, project, sub, other, run, line };
        field.furnish();
        field
    }

    /// Makes the files that commands read, and the ledger.
    fn furnish(&self) {
        for folder in ["state", "config", "tmp", "home", "state/barewire"] {
            std::fs::DirBuilder::new().recursive(true).mode(0o700).create(self.home().join(folder)).unwrap();
        }
        let planted = &self.planted;
        let dotenv = [("PROJECT_ID", &*self.project), ("SPACE", SPACE), ("API_TOKEN", &planted["token of a file"])];
        let dotenv = dotenv.map(|(name, value)| format!("SIGNALWIRE_{name}={value}\n")).concat();
        let body = json!({"reference": "ann", "password": planted["password"]}).to_string();
        for (name, text) in [
            (".env", &dotenv),
            ("admin.token", &planted["token"]),
            ("password", &planted["password"]),
            ("refresh.token", &planted["refresh token"]),
            ("room.token", &planted["room token"]),
            ("sat.token", &planted["subscriber token"]),
            ("body.json", &body),
        ] {
            private(&self.run.dir().join(name), text);
        }
        if self.line.contains("report.json") {
            let report = self.say("scan -f json .", &[]);
            assert_eq!(report.code, 1, "{report}");
            private(&self.run.dir().join("report.json"), &report.stdout);
        }
        private(&self.home().join("state/barewire/ledger.json"), &self.ledger());
        if self.line.starts_with("history") {
            self.commit(".env");
        }
    }

    /// Makes a repository with one commit, which holds `file`.
    fn commit(&self, file: &str) {
        let who = ["-c", "user.name=ann", "-c", "user.email=ann@example.org", "-c", "commit.gpgSign=false"];
        for args in [&["init", "-q"][..], &["add", "-f", file], &["commit", "-q", "-m", "first", "--no-verify"]] {
            let mut git = Command::new("git");
            git.current_dir(self.run.dir()).args(who).args(args);
            git.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_NOSYSTEM", "1");
            assert!(git.status().unwrap().success(), "{args:?}");
        }
    }

    fn ledger(&self) -> String {
        let entry = |id: &str, name: &str| json!({"id": id, "name": name, "scopes": ["video"], "space": SPACE, "project": self.project, "state": "live"});
        let name = format!("{}\u{1b}[2J", self.planted["name in the ledger"]);
        json!({"version": 1, "tokens": [entry(&self.other.id, &name)]}).to_string()
    }

    /// Whether the command sends the password of a subscriber.
    pub(super) fn sends_password(&self) -> bool {
        self.line.contains("password") || self.line.contains("body.json")
    }

    /// The folder above all that a command may write.
    pub(super) fn home(&self) -> PathBuf {
        self.run.dir().parent().unwrap().to_owned()
    }

    /// The shipped program, which reaches the Space through a proxy that wants a password. `line` is what is typed.
    pub(super) fn command(&self, line: &str) -> Command {
        let mut command = self.run.command();
        let words = line.split(" < ").next().unwrap().split_whitespace();
        command.args(words.map(|word| {
            let ids = [("{id}", &self.other.id), ("{project}", &self.project), ("{sub}", &self.sub)];
            ids.iter().fold(word.to_owned(), |word, (name, id)| word.replace(name, id))
        }));
        let address = self.proxy.url().replace("http://", "");
        command.env("HTTPS_PROXY", format!("http://user:{}@{address}", self.planted["proxy"]));
        command.env("BAREWIRE_CA_FILE", self.emulator.ca_file());
        for (name, folder) in [("STATE", "state"), ("CONFIG", "config"), ("CACHE", "cache"), ("DATA", "data")] {
            command.env(format!("XDG_{name}_HOME"), self.home().join(folder));
        }
        command.env("TMPDIR", self.home().join("tmp"));
        command.env("SIGNALWIRE_PROJECT_ID", &self.project).env("SIGNALWIRE_SPACE", SPACE);
        command.env("SIGNALWIRE_API_TOKEN", &self.admin.value);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// What a command says. ` < FILE` is its input.
    pub(super) fn say(&self, line: &str, env: &[(&str, &str)]) -> Output {
        let mut command = self.command(line);
        let input = line.split_once(" < ").map(|(_, file)| std::fs::read(self.run.dir().join(file)).unwrap());
        let mut child = command.envs(env.iter().copied()).spawn().unwrap();
        drop(child.stdin.take().unwrap().write_all(&input.unwrap_or_default()));
        let output = child.wait_with_output().unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let code = output.status.code().unwrap();
        Output { stdout: text(&output.stdout), stderr: text(&output.stderr), code }
    }

    /// Every secret: those that were planted, and those that the Space has made.
    pub(super) fn secrets(&self) -> Vec<String> {
        let mut secrets: Vec<String> = self.planted.values().cloned().collect();
        let world = self.emulator.world();
        secrets.extend(world.tokens.iter().map(|token| token.value.clone()));
        secrets.extend(world.projects.values().map(|project| project.signing_key.clone()));
        drop(world);
        secrets.extend(self.emulator.requests().iter().flat_map(values));
        secrets
    }

    /// All that gives a secret away.
    pub(super) fn traces(&self) -> BTreeSet<Vec<u8>> {
        traces(&self.secrets())
    }

    /// Fails if what a command said gives a secret away. `shown` may be on standard output, each once.
    pub(super) fn assert_clean(&self, what: &str, said: &Output, shown: &[String]) {
        let stdout = shown.iter().fold(said.stdout.clone(), |text, value| text.replacen(value, "", 1));
        assert_clean(what, &format!("{stdout}\n{}", said.stderr), &self.traces());
    }

    /// All files, as they are.
    pub(super) fn files(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        let mut found = BTreeMap::new();
        let mut folders = vec![self.home()];
        while let Some(folder) = folders.pop() {
            let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
            let (below, files): (Vec<_>, Vec<_>) = entries.partition(|path| path.is_dir());
            folders.extend(below);
            found.extend(files.into_iter().map(|path| (path.clone(), std::fs::read(path).unwrap())));
        }
        found
    }
}

/// The secrets in an answer.
pub(super) fn values(seen: &Captured) -> Vec<String> {
    let Ok(answer) = serde_json::from_slice::<Value>(&seen.answer) else { return Vec::new() };
    let names = ["token", "refresh_token", "signing_key", "jwt_token"];
    names.iter().filter_map(|name| answer[name].as_str().map(str::to_owned)).collect()
}

fn planted() -> BTreeMap<&'static str, String> {
    let mut expander = Expander::default();
    let api = "PT{hex:48}";
    [
        ("token", api),
        ("other token", api),
        ("token of a file", api),
        ("name", api),
        ("name in the ledger", api),
        ("new", api),
        ("key", "PSK_{base58:24}"),
        ("key of the subproject", "PSK_{base58:24}"),
        ("password", "x7-{alnum:14}"),
        ("proxy", "tR4{alnum:21}"),
        ("room token", ROOM),
        ("subscriber token", SAT),
        ("refresh token", &SAT.replace("SAT", "Refresh")),
    ]
    .into_iter()
    .map(|(name, template)| (name, expander.expand_text(template)))
    .collect()
}

/// A file that nobody else can read.
fn private(path: &Path, text: &str) {
    let mut file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path).unwrap();
    file.write_all(text.as_bytes()).unwrap();
}
