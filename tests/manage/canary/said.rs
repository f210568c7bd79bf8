//! What the commands say, each in each mode.

use serde_json::json;

use super::field::{Field, values};
use crate::canary::assert_clean;
use crate::emulator::fault::{Case, Fault};
use crate::emulator::http::Answer;
use crate::emulator::page;
use crate::support::Output;

/// A command: what is typed, and what it understands: `v` is `-v`, `j` is `-f json`, `d` is `--dry-run`. `s`: it shows
/// the new values of the answer once; `a`: it shows the answer. `n`: it asks nobody.
type Typed = (&'static str, &'static str);

const API: [Typed; 8] = [
    ("api GET /api/video/rooms", "vda"),
    ("api GET /api/projects -f name=x --paginate --slurp", "vda"),
    ("api POST /api/project/tokens -f name=ci -F permissions[]=video", "vda"),
    ("api POST /api/fabric/subscribers/tokens --input body.json", "vda"),
    ("api POST /api/fabric/subscribers/tokens -F password=@password -f reference=ann", "vda"),
    ("api GET /api/video/rooms --token-stdin < admin.token", "vda"),
    ("api GET /api/video/rooms --token-file admin.token", "vda"),
    ("api DELETE /api/project/tokens/{id} --yes", "vda"),
];

const TOKEN: [Typed; 10] = [
    ("token create --name ci --scopes video,management", "vjds"),
    ("token create --name ci --scopes video --subproject {sub}", "vjds"),
    ("token update {id} --name other --scopes chat", "vjd"),
    ("token update {id} --add-scopes chat --remove-scopes video", "vjd"),
    ("token update {id} --name other", "vjd"),
    ("token delete {id} --yes", "vd"),
    ("token list", "jn"),
    ("token adopt 7d3a52c0-1111-4222-8333-944444444444 --name x --scopes video", "n"),
    ("token adopt {id} --name x --scopes video", "n"),
    ("token forget {id}", "n"),
];

const MINT: [Typed; 7] = [
    ("mint room lobby --join-until +2h --user-name ann --permission room.self.audio_mute --meta {\"a\":1}", "vjds"),
    ("mint chat --ttl 1h --channel news=rw --member-id ann", "vjds"),
    ("mint pubsub --ttl 1h --channel news=rw", "vjds"),
    ("mint subscriber ann@example.org --password-file password", "vjds"),
    ("mint subscriber ann@example.org --password-file - < password", "vjds"),
    ("mint guest --address 7d3a52c0-1111-4222-8333-944444444444", "vjds"),
    ("mint refresh refresh.token", "vjds"),
];

const PROJECT: [Typed; 7] = [
    ("project list", "vj"),
    ("project show", "vj"),
    ("project show {sub}", "vj"),
    ("project create new", "vjds"),
    ("project rename {sub} other", "vjd"),
    ("project delete {sub} --yes", "vd"),
    ("project rotate-signing-key {sub} --yes", "vjds"),
];

const VERIFY: [Typed; 6] = [
    ("verify", "vj"),
    ("verify --scopes", "vj"),
    ("scopes", "vj"),
    ("verify --client-token-stdin < sat.token", "vj"),
    ("inspect < room.token", "jn"),
    ("inspect sat.token", "jn"),
];

/// How a command is run: more that is typed, a variable, what goes wrong.
struct Mode {
    name: &'static str,
    /// Only for commands that understand this.
    only: char,
    more: &'static str,
    env: (&'static str, &'static str),
    fault: Option<fn(&Field) -> Fault>,
}

const PLAIN: Mode = Mode { name: "plain", only: ' ', more: "", env: ("RUST_BACKTRACE", "full"), fault: None };

const MODES: [Mode; 13] = [
    PLAIN,
    Mode { name: "-vv", only: 'v', more: "-vv", ..PLAIN },
    Mode { name: "json", only: 'j', more: "-f json", ..PLAIN },
    Mode { name: "a dry run", only: 'd', more: "--dry-run", ..PLAIN },
    Mode { name: "colour", env: ("CLICOLOR_FORCE", "1"), ..PLAIN },
    Mode { name: "refused", more: "-v", only: 'v', fault: Some(|field| echo(field, 401)), ..PLAIN },
    Mode { name: "invalid", fault: Some(|field| echo(field, 422)), ..PLAIN },
    Mode { name: "an error of the server", fault: Some(|field| echo(field, 500)), ..PLAIN },
    Mode { name: "a page", fault: Some(|field| Fault::Instead(page(200, "text/html", &all(field)))), ..PLAIN },
    Mode { name: "odd", fault: Some(odd), ..PLAIN },
    Mode { name: "odd json", only: 'j', more: "-f json", fault: Some(odd), ..PLAIN },
    Mode { name: "silent", only: 'v', more: "-v", fault: Some(|_| Fault::Silent), ..PLAIN },
    Mode { name: "cut", fault: Some(|_| Fault::Cut), ..PLAIN },
];

/// All that the Space can know, in one text.
fn all(field: &Field) -> String {
    known(field).collect::<Vec<_>>().join(" ")
}

/// A shapeless password is known as one only to a request that sends it; then the Space may repeat it.
fn known(field: &Field) -> impl Iterator<Item = &str> {
    let sent = field.sends_password();
    field
        .planted
        .iter()
        .filter(move |(name, _)| **name != "proxy" && (sent || **name != "password"))
        .map(|(_, secret)| &**secret)
}

/// A refusal that repeats all secrets, in each of its parts.
fn echo(field: &Field, status: u16) -> Fault {
    let all = all(field);
    let error = |text: &str| json!({"type": text, "code": text, "message": text, "attribute": text, "url": text});
    let mut errors: Vec<_> = known(field).map(error).collect();
    errors.push(error(&all));
    let mut answer = Answer::json(status, &json!({"errors": errors, "error": all, "message": all, "code": all}));
    answer.headers.extend([("retry-after", "0".to_owned()), ("x-request-id", all)]);
    Fault::Instead(answer)
}

/// An answer of success with a secret wherever a text is expected.
fn odd(field: &Field) -> Fault {
    let name = &field.planted["name"];
    let id = "7d3a52c0-1111-4222-8333-944444444444";
    let one = json!({"id": id, "name": name, "permissions": [name, "video"], "created_at": name, "updated_at": name,
        "region_preference": name, "parent_project_id": name, "token": field.planted["new"], "subscriber_id": name,
        "signing_key": field.planted["new"], "refresh_token": field.planted["refresh token"]});
    let mut answer = one.clone();
    answer["data"] = json!([one]);
    answer["links"] = json!({"next": null, "self": name});
    Fault::Instead(Answer::json(200, &answer))
}

/// What `said` may hold on standard output.
fn shown(field: &Field, takes: &str, mode: &Mode) -> Vec<String> {
    if mode.more == "--dry-run" || !takes.contains('s') {
        return Vec::new();
    }
    if mode.name.starts_with("odd") {
        return vec![field.planted["new"].clone(), field.planted["refresh token"].clone()];
    }
    field.emulator.requests().iter().flat_map(values).collect()
}

/// Runs a command in a mode, and looks at what it said.
fn look((line, takes): Typed, mode: &Mode) -> Output {
    let field = Field::new(line);
    let what = format!("{line} ({})", mode.name);
    if let Some(fault) = mode.fault {
        let fault = fault(&field);
        // What ends early is asked for again after a while.
        let times = matches!(fault, Fault::Silent | Fault::Cut).then_some(1);
        field.emulator.fault(Case { times, ..Case::always("/", fault) });
    }
    let (typed, input) = line.split_once(" < ").unwrap_or((line, ""));
    let typed =
        format!("{typed} {}{}", mode.more, if input.is_empty() { String::new() } else { format!(" < {input}") });
    let before = field.files();
    let said = field.say(&typed, &[mode.env]);
    assert!(said.code != 2 && said.code <= 3, "{what} was not carried out: {said}");
    assert_eq!(field.emulator.requests().is_empty(), takes.contains('n') || mode.more == "--dry-run", "{what}: {said}");
    // The answer is what was asked for, as often as it repeats itself.
    let is_answer = takes.contains('a') && mode.more != "--dry-run";
    let mut stdout = if is_answer { String::new() } else { said.stdout.clone() };
    for value in shown(&field, takes, mode) {
        stdout = stdout.replacen(&value, "", 1);
    }
    let traces = field.traces();
    assert_clean(&format!("{what}: standard output"), &stdout, &traces);
    assert_clean(&format!("{what}: standard error"), &said.stderr, &traces);
    for (path, content) in field.files() {
        // The names in the ledger are those that were given; another test looks at it.
        if before.get(&path) != Some(&content) && !path.ends_with("ledger.json") {
            assert_clean(&path.display().to_string(), &String::from_utf8_lossy(&content), &traces);
        }
    }
    said
}

fn look_all(commands: &[Typed]) {
    for command in commands {
        for mode in &MODES {
            let asks = !command.1.contains('n') || mode.fault.is_none();
            if asks && (mode.only == ' ' || command.1.contains(mode.only)) {
                look(*command, mode);
            }
        }
    }
}

#[test]
fn api_gives_no_secret_away_but_its_answer() {
    look_all(&API);
}

#[test]
fn the_commands_for_tokens_give_no_secret_away() {
    look_all(&TOKEN);
}

#[test]
fn mint_gives_no_secret_away_but_the_new_token() {
    look_all(&MINT);
}

#[test]
fn the_commands_for_projects_give_no_secret_away() {
    look_all(&PROJECT);
}

const SCAN: [Typed; 6] = [
    ("scan --verify --scopes .", "vj"),
    ("history --verify --scopes", "vj"),
    ("history --verify --only-live -f sarif", "v"),
    ("scan --verify --scopes -f sarif .", "v"),
    ("verify report.json", "vj"),
    ("api GET /api/video/rooms --env-file .env", "vda"),
];

#[test]
fn a_scan_that_asks_gives_no_secret_away() {
    look_all(&SCAN);
}

#[test]
fn an_argument_that_is_a_secret_is_not_repeated() {
    let field = Field::new("verify");
    for name in ["token", "name", "subscriber token", "room token", "key"] {
        let secret = &field.planted[name];
        for line in [
            "api GET {}",
            "api GET /x?a={}",
            "api {} /x",
            "token delete {} --yes",
            "token forget {}",
            "token {}",
            "token create --name {} --scopes video",
            "token create --name x --scopes {}",
            "project rename {} x",
            "project create {}",
            "mint refresh {}",
            "mint room {}",
            "mint room x --permission {}",
            "inspect {}",
            "{}",
            "verify {}",
            "verify --token-file {}",
            "verify --project {}",
            "verify --space {}",
            "verify --allow-host {}",
            "verify --{}",
            "scopes --env-file {}",
            "api POST /x -f token={} --dry-run",
            "mint chat --ttl {}",
        ] {
            let said = field.say(&format!("{} -v", line.replace("{}", secret)), &[("RUST_BACKTRACE", "full")]);
            assert_ne!(said.code, 0, "{line}: {said}");
            field.assert_clean(line, &said, &[]);
        }
    }
    assert!(field.emulator.requests().is_empty());
}

#[test]
fn verify_scopes_and_inspect_give_no_secret_away() {
    look_all(&VERIFY);
}
