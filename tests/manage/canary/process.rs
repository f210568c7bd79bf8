//! What others see of a command while it works: its arguments, its environment, its children, its limits.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::time::{Duration, Instant};

use super::field::Field;
use crate::canary::{assert_clean, traces};
use crate::emulator::fault::{Case, Fault};

/// Commands that hold a secret while they wait.
const LINES: [&str; 6] = [
    "api POST /api/fabric/subscribers/tokens --input body.json",
    "token create --name ci --scopes video --out out",
    "mint subscriber ann@example.org --password-file password",
    "mint refresh refresh.token",
    "project rotate-signing-key {sub} --yes",
    "verify --client-token-stdin < sat.token",
];

/// Runs `line` up to the moment in which the Space thinks, and looks at `/proc` there.
#[cfg(target_os = "linux")]
fn while_it_waits(line: &'static str) {
    let field = Field::new(line);
    field.emulator.fault(Case::always("/", Fault::Latency(Duration::from_secs(2))).times(1));
    let mut command = field.command(line);
    let given: BTreeSet<Vec<u8>> = std::env::vars_os()
        .chain(command.get_envs().filter_map(|(name, value)| Some((name.to_owned(), value?.to_owned()))))
        .map(|(name, value)| [name.as_encoded_bytes(), b"=", value.as_encoded_bytes()].concat())
        .collect();
    if let Some((_, file)) = line.split_once(" < ") {
        command.stdin(fs::File::open(field.run.dir().join(file)).unwrap());
    }
    let child = command.spawn().unwrap();
    let until = Instant::now() + Duration::from_secs(30);
    while field.emulator.requests().is_empty() {
        assert!(Instant::now() < until, "{line} asks nothing");
        std::thread::sleep(Duration::from_millis(10));
    }
    let at = std::path::PathBuf::from(format!("/proc/{}", child.id()));
    let arguments = String::from_utf8_lossy(&fs::read(at.join("cmdline")).unwrap()).into_owned();
    assert!(arguments.contains(line.split(' ').next().unwrap()), "{arguments}");
    assert_clean("the arguments", &arguments, &traces(&field.secrets()));
    let limits = fs::read_to_string(at.join("limits")).unwrap();
    let core = limits.lines().find(|line| line.starts_with("Max core file size")).unwrap();
    assert_eq!(core.split_whitespace().filter(|word| *word == "0").count(), 2, "{core}");
    // Who may not look into a process sees it as one of root, and cannot read its environment.
    assert_eq!(fs::metadata(&at).unwrap().uid(), 0, "it can be looked into");
    if let Ok(environment) = fs::read(at.join("environ")) {
        let held: Vec<_> = environment.split(|byte| *byte == 0).filter(|pair| !pair.is_empty()).collect();
        assert!(held.len() > 5 && held.iter().all(|pair| given.contains(*pair)), "more than was given");
    }
    let threads: Vec<_> = fs::read_dir(at.join("task")).unwrap().map(|thread| thread.unwrap().path()).collect();
    assert!(!threads.is_empty());
    for thread in threads {
        // A thread may have ended, and a kernel may not tell.
        let children = fs::read_to_string(thread.join("children")).unwrap_or_default();
        assert_eq!(children.trim(), "", "{line} starts a program");
    }
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{line}: {}", String::from_utf8_lossy(&output.stderr));
}

#[cfg(target_os = "linux")]
#[test]
fn the_system_shows_no_secret_of_a_command_that_waits() {
    std::thread::scope(|scope| {
        let threads = LINES.map(|line| scope.spawn(|| while_it_waits(line)));
        threads.map(|thread| thread.join().unwrap())
    });
}

#[test]
fn a_command_leaves_nothing_but_what_was_asked_for() {
    for line in [
        "token create --name ci --scopes video --out out",
        "mint subscriber ann@example.org --password-file password --out out",
        "project rotate-signing-key {sub} --yes --out out -f json",
    ] {
        let field = Field::new(line);
        let before = field.files();
        let said = field.say(line, &[]);
        assert_eq!(said.code, 0, "{line}: {said}");
        field.assert_clean(line, &said, &[]);
        let out = field.run.dir().join("out");
        let value = fs::read_to_string(&out).unwrap();
        assert!(value.ends_with('\n') && field.secrets().iter().any(|secret| *secret == value.trim_end()), "{line}");
        assert_eq!(fs::metadata(&out).unwrap().permissions().mode() & 0o7777, 0o600);
        let mut after = field.files();
        after.remove(&out);
        let ledger = field.home().join("state/barewire/ledger.json");
        let written = String::from_utf8(after[&ledger].clone()).unwrap();
        // What stood there before stays.
        let made: Vec<_> =
            field.secrets().into_iter().filter(|one| *one != field.planted["name in the ledger"]).collect();
        assert_clean("the ledger", &written, &traces(&made));
        let added: Vec<_> = after.keys().filter(|path| !before.contains_key(*path)).collect();
        assert!(added.iter().all(|path| path.starts_with(ledger.parent().unwrap())), "{line} leaves {added:?}");
        for path in added {
            assert_clean("a new file", &String::from_utf8_lossy(&after[path]), &traces(&field.secrets()));
        }
    }
}

#[test]
fn a_planted_trace_is_noticed() {
    let field = Field::new("verify");
    let clean = field.say("verify -v", &[]);
    for secret in field.secrets() {
        for (stdout, stderr) in [(&secret[3..15], ""), ("", &secret[secret.len() - 12..])] {
            let said = crate::support::Output {
                stdout: format!("{}{stdout}", clean.stdout),
                stderr: format!("{}{stderr}", clean.stderr),
                code: 0,
            };
            let noticed = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
                field.assert_clean("planted", &said, &[]);
            }));
            assert!(noticed.is_err(), "a trace is not noticed");
        }
    }
    field.assert_clean("clean", &clean, &[]);
}
