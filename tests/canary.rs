//! Plants secrets and looks for them in all that the program says: there must be no trace of one.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

use barewire::detector::Detector;
use barewire::finding::{Event, Report, Sink};
use barewire::rule::RuleSet;
use barewire::scan::Scan;
use barewire::source::{Tree, TreeOptions};
use barewire::suppress::Suppressor;

use crate::support::template::Expander;
use crate::support::{Output, Run};

/// So many characters in a row give a secret away. A mask shows six at the most.
const TRACE: usize = 12;

/// What stands before a secret, the secret as a template, what stands after it, and the rule that finds it.
const PLANTS: [(&str, &str, &str, &str); 15] = [
    ("SIGNALWIRE_API_TOKEN=", "PT{hex:48}", "", "signalwire-api-token"),
    ("signalwire h = 'Authorization: Basic ", "{base64:{uuid}:PT{hex:48}}", "'", "signalwire-basic-auth"),
    ("curl https://{uuid}:", "PT{hex:48}", "@northwind.signalwire.com/api", "signalwire-url-credentials"),
    ("const signalwireToken = \"", "{alnum:50}", "\";", "signalwire-api-token-contextual"),
    ("SIGNALWIRE_SIGNING_KEY=", "PSK_{base58:24}", "", "signalwire-signing-key"),
    ("machine freeswitch.signalwire.com login signalwire password ", "pat_{base58:24}", "", "freeswitch-access-token"),
    ("signalwire sip_password = 'tR4", "{alnum:14}", "'", "signalwire-sip-password"),
    ("signalwire = 1; SW_SUBSCRIBER_PASSWORD=\"x7-", "{alnum:14}", "\"", "signalwire-subscriber-password"),
    ("SWML_BASIC_AUTH_PASSWORD: ", "{b64url:43}", "", "signalwire-swml-basic-auth"),
    ("agent = AgentBase(\"signalwire\", swaig_secret=\"", "{b64url:32}", "\")", "signalwire-swaig-secret"),
    ("SIGNALWIRE_CHAT_GATEWAY_SECRET=", "{b64url:32}", "", "signalwire-chat-gateway-secret"),
    (
        "room('",
        "{b64u:{\"typ\":\"VRT\",\"alg\":\"HS512\"}}.{b64u:{\"iat\":1622120123,\"sub\":\"{uuid}\"}}.{b64url:86}",
        "')",
        "signalwire-room-token",
    ),
    (
        "sat('",
        "{b64u:{\"alg\":\"dir\",\"enc\":\"A256GCM\",\"typ\":\"SAT\"}}..{b64url:16}.{b64url:240}.{b64url:22}",
        "')",
        "signalwire-subscriber-token",
    ),
    (
        "relay('",
        "{b64u:{\"alg\":\"HS512\",\"typ\":\"JWT\"}}.{b64u:{\"iss\":\"SignalWire JWT\",\"exp\":1622121023}}.{b64url:86}",
        "')",
        "signalwire-relay-jwt",
    ),
    ("conference('", "vpt_{hex:32}", "') // signalwire", "signalwire-conference-token"),
];

/// A folder with all secrets, each in a file of its own, and the secrets.
fn planted() -> (Run, Vec<String>) {
    let mut expander = Expander::default();
    let (mut run, mut secrets) = (Run::new(), Vec::new());
    for (number, (before, secret, after, _)) in PLANTS.iter().enumerate() {
        let secret = expander.expand_text(secret);
        let line = format!("{}{secret}{after}\n", expander.expand_text(before));
        run = run.bytes(format!("{number}.txt"), line.as_bytes());
        secrets.push(secret);
    }
    let wide = format!("PT{}", expander.expand_text("{hex:48}"));
    let bytes: Vec<u8> = format!("signalwire {wide}").encode_utf16().flat_map(u16::to_le_bytes).collect();
    secrets.push(wide);
    (run.bytes("wide.txt", &bytes), secrets)
}

/// Every run of characters that gives one of `secrets` away, as it is or in base64.
pub(crate) fn traces(secrets: &[String]) -> BTreeSet<Vec<u8>> {
    let mut forms = secrets.to_vec();
    for secret in secrets {
        for shift in 0..3 {
            let shifted = " ".repeat(shift) + secret;
            // The first and the last characters depend on what stands around the secret.
            forms.extend([STANDARD.encode(&shifted), URL_SAFE_NO_PAD.encode(&shifted)].map(|form| {
                let end = form.trim_end_matches('=').len() - 2;
                form[4..end].to_owned()
            }));
        }
    }
    forms.iter().flat_map(|form| form.as_bytes().windows(TRACE)).map(<[u8]>::to_vec).collect()
}

/// Fails if `said` gives a secret away.
pub(crate) fn assert_clean(what: &str, said: &str, traces: &BTreeSet<Vec<u8>>) {
    let trace = said.as_bytes().windows(TRACE).find(|run| traces.contains(*run));
    assert!(trace.is_none(), "{what} gives away {}:\n{said}", String::from_utf8_lossy(trace.unwrap()));
}

fn said(output: &Output) -> String {
    format!("{}\n{}", output.stdout, output.stderr)
}

#[test]
fn every_planted_secret_is_found() {
    let (run, secrets) = planted();
    let output = run.args(["scan", "-f", "json", "--show-secrets"]).run();
    assert_eq!(output.code, 1, "{output}");
    let report: serde_json::Value = serde_json::from_str(&output.stdout).unwrap();
    let found: Vec<_> = report["findings"].as_array().unwrap().iter().collect();
    for (number, (.., rule)) in PLANTS.iter().enumerate() {
        let path = format!("{number}.txt");
        let place = |finding: &&&serde_json::Value| finding["path"] == *path && finding["rule"] == *rule;
        let finding = found.iter().find(place).unwrap_or_else(|| panic!("{rule} is not found: {output}"));
        assert!(finding["secret"].as_str().unwrap().contains(&secrets[number]), "{finding}");
    }
    assert!(found.iter().any(|finding| finding["path"] == "wide.txt" && finding["secret"] == *secrets[PLANTS.len()]));
}

#[test]
fn no_output_holds_a_secret() {
    for args in ["", "-v", "-f json", "-f json -v", "-q", "--fail-on info --no-inline-allow -v", "-j 1"] {
        let (run, secrets) = planted();
        let output = run.args(["scan"]).args(args.split_whitespace()).env("RUST_BACKTRACE", "full").run();
        assert_eq!(output.code, 1, "{output}");
        assert_clean(args, &said(&output), &traces(&secrets));
    }
}

#[test]
fn a_baseline_and_what_it_forgives_hold_no_secret() {
    let (run, secrets) = planted();
    let run = run.args(["baseline", "create"]);
    let traces = traces(&secrets);
    assert_clean("create", &said(&run.run()), &traces);
    let baseline = std::fs::read_to_string(run.dir().join(".barewire-baseline.json")).unwrap();
    assert!(baseline.lines().count() > PLANTS.len(), "{baseline}");
    assert_clean("the baseline", &baseline, &traces);
    for args in ["--show-suppressed -v", "--show-suppressed -f json"] {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_barewire"));
        command.arg("scan").args(args.split(' ')).current_dir(run.dir()).env_clear();
        let output = command.output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{output:?}");
        assert!(output.stdout.len() > 1_000);
        for said in [&output.stdout, &output.stderr] {
            assert_clean(args, &String::from_utf8_lossy(said), &traces);
        }
    }
}

#[test]
fn coloured_output_holds_no_secret() {
    let (run, secrets) = planted();
    let output = run.args(["scan", "-v"]).env("CLICOLOR_FORCE", "1").run();
    assert!(output.stdout.contains('\x1b'), "{output}");
    assert_clean("colour", &said(&output), &traces(&secrets));
}

#[test]
fn report_files_hold_no_secret() {
    let (run, secrets) = planted();
    let run = run.args(["scan", "-v", "-o", "r.json", "-o", "r.txt"]);
    assert_eq!(run.run().code, 1);
    for name in ["r.json", "r.txt"] {
        let report = std::fs::read_to_string(run.dir().join(name)).unwrap();
        assert!(report.len() > 1_000, "{report}");
        assert_clean(name, &report, &traces(&secrets));
    }
}

#[test]
fn what_a_hook_says_holds_no_secret() {
    let (run, secrets) = planted();
    let init = std::process::Command::new("git").args(["init", "-q"]).arg(run.dir()).status().unwrap();
    assert!(init.success());
    let traces = traces(&secrets);
    for name in (0..PLANTS.len()).map(|number| format!("{number}.txt")).chain(["wide.txt".to_owned()]) {
        for args in ["", "-v", "-f json"] {
            let mut command = run.command();
            let output =
                command.args(["hook", "run"]).args(args.split_whitespace()).args(["--", &name]).output().unwrap();
            let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
            assert_eq!(output.status.code(), Some(1), "{said}");
            assert!(said.contains("allow it: "), "{said}");
            assert_clean(&name, &said, &traces);
        }
    }
}

#[test]
fn no_format_holds_a_secret_and_some_never_do() {
    let formats = ["sarif", "github", "github-summary", "gitlab", "junit", "csv", "jsonl", "json", "text"];
    let (run, secrets) = planted();
    let wanted = formats.iter().flat_map(|format| ["-o".to_owned(), format!("{format}:{format}.masked")]);
    let run = run.args(["scan", "-v", "--exclude", "*.masked", "--exclude", "*.whole"]).args(wanted);
    assert_eq!(run.run().code, 1);
    let asked = formats.iter().flat_map(|format| ["-o".to_owned(), format!("{format}:{format}.whole")]);
    assert_eq!(run.command().args(asked).arg("--show-secrets").output().unwrap().status.code(), Some(1));
    let traces = traces(&secrets);
    for (number, format) in formats.iter().enumerate() {
        let whole = std::fs::read_to_string(run.dir().join(format!("{format}.whole"))).unwrap();
        assert!(whole.len() > 1_000, "{format}: {whole}");
        if number < 5 {
            assert_clean(format, &whole, &traces);
            // Not even the part of a value that a mask shows.
            assert!(!whole.contains("PSK_") && !secrets.iter().any(|secret| whole.contains(&secret[..6])), "{whole}");
        } else {
            assert!(whole.contains(&secrets[0]), "{format}: {whole}");
        }
    }
    let (run, secrets) = planted();
    for format in formats {
        let output = run.command().args(["scan", "-v", "-f", format]).output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        assert_eq!(output.status.code(), Some(1), "{said}");
        assert_clean(format, &said, &self::traces(&secrets));
    }
}

#[test]
fn a_stream_of_secrets_on_one_line_leaves_no_trace() {
    let (run, secrets) = planted();
    let mut line = String::new();
    for number in 0..PLANTS.len() {
        line += std::fs::read_to_string(run.dir().join(format!("{number}.txt"))).unwrap().trim_end();
        line += " ; ";
    }
    for args in ["-v", "-f json"] {
        let output = Run::new().stdin(&line).args(["stdin"]).args(args.split_whitespace()).run();
        assert_eq!(output.code, 1, "{output}");
        assert_clean(args, &said(&output), &traces(&secrets));
    }
}

#[test]
fn a_token_beside_an_identifier_is_hidden_even_if_no_rule_looks_for_it() {
    let mut expander = Expander::default();
    let token = expander.expand_text("PT{hex:48}");
    let traces = traces(std::slice::from_ref(&token));
    let mut run = Run::new().args(["scan", "-v", "--fail-on", "info", "--rule", "signalwire-space-url"]);
    for distance in 0..120 {
        let blank = ".".repeat(distance);
        let line = format!("{token}{blank} https://north-{distance}.signalwire.com {blank}{token}\n");
        run = run.bytes(distance.to_string(), line.as_bytes());
    }
    let output = run.run();
    assert_eq!(output.stdout.matches("SignalWire Space").count(), 120, "{output}");
    assert_clean("a line", &said(&output), &traces);
}

#[test]
fn a_token_that_is_the_name_of_another_is_hidden() {
    let mut expander = Expander::default();
    let secrets = ["PT{hex:48}", "PT{hex:48}"].map(|secret| expander.expand_text(secret));
    let [name, value] = &secrets;
    let project = expander.expand_text("{uuid}");
    let text = format!("signalwire = {{\"{name}\": \"{value}\"}}\nproject_{name} = \"{project}\"\n{name}={value}\n");
    for args in ["-v", "-f json"] {
        let output = Run::new().bytes("a", text.as_bytes()).args(["scan"]).args(args.split_whitespace()).run();
        assert_eq!(output.code, 1, "{output}");
        assert_clean(args, &said(&output), &traces(&secrets));
    }
}

/// Keeps what the debug form of a result says.
struct Debugged(String);

impl Sink for Debugged {
    fn receive(&mut self, event: &Event<'_>) -> std::io::Result<()> {
        write!(self.0, "{event:?}").unwrap();
        if let Event::Finished(report) = event {
            let Report { findings, credentials, suppressed, coverage, .. } = report;
            write!(self.0, "{findings:#?} {credentials:#?} {suppressed:#?} {coverage:#?}").unwrap();
        }
        Ok(())
    }
}

#[test]
fn debug_output_holds_no_secret() {
    let (run, secrets) = planted();
    let detector = Detector::new(RuleSet::builtin().unwrap());
    let scan = Scan { detector: &detector, suppressor: &Suppressor::default(), now: 0, jobs: 2 };
    let tree = Tree::new(vec![run.dir()], TreeOptions::default());
    let mut debugged = Debugged(String::new());
    let scanned = scan.run(&tree, ".".to_owned(), &mut debugged).unwrap();
    assert!(scanned.report.findings.len() > PLANTS.len());
    let said = format!("{}{scanned:?}{scan:?}{tree:?}", debugged.0);
    assert_clean("the debug form", &said, &traces(&secrets));
    // Bytes are numbers in a debug form.
    let numbers = |secret: &String| format!("{:?}", &secret.as_bytes()[..TRACE]).replace(['[', ']'], "");
    assert!(!secrets.iter().any(|secret| said.contains(&numbers(secret))), "{said}");
}

#[test]
fn secrets_are_written_out_on_request() {
    let run = Run::new().file("a", "SIGNALWIRE_TOKEN=PT{same:hex=hex:48}").args(["scan", "-f", "json"]);
    let run = run.args(["--show-secrets"]);
    let report: serde_json::Value = serde_json::from_str(&run.run().stdout).unwrap();
    assert_eq!(report["findings"][0]["secret"], format!("PT{}", run.kept("hex")));
}
