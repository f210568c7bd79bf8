//! That `hook status` tells a gate that fires from one that does not.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use super::ground::{Ground, things};
use crate::support::Output;
use crate::support::repo::Repo;

const HOOK: &str = ".git/hooks/pre-commit";

fn status(ground: &Ground) -> Output {
    ground.hook(["status", "--stage", "pre-commit"])
}

#[track_caller]
fn assert_open(ground: &Ground, words: &str) {
    let output = status(ground);
    assert!(output.code == 3 && output.stdout.contains(words), "{words:?} is not said: {output}");
}

#[test]
fn a_gate_that_fires_is_seen_and_nothing_is_written() {
    let ground = Ground::new();
    ground.hooked(&["install"]);
    // What is staged and not committed has no say.
    ground.repo.file("a.env", format!("A={}\n", ground.repo.token()));
    ground.repo.git(["add", "."]);
    let before = things(ground.repo.root());
    let temp = ground.repo.beside("temp");
    let mut command = ground.repo.program(["hook", "status"]);
    command.env("PATH", format!("{}:/usr/bin:/bin", ground.bin.display())).env("TMPDIR", temp.root());
    let output = crate::support::repo::fed(&mut command, b"");
    assert_eq!(output.code, 0, "{output}");
    for stage in ["pre-commit", "pre-merge-commit", "pre-push"] {
        assert!(output.stdout.contains(&format!("{stage}: installed, fires (")), "{output}");
    }
    assert_eq!(output.stdout.lines().count(), 3, "{output}");
    assert!(output.stderr.is_empty(), "{output}");
    assert_eq!(things(ground.repo.root()), before);
    assert!(things(temp.root()).is_empty(), "nothing is left");
}

#[test]
fn every_stage_is_proved_in_a_repository_with_and_without_commits() {
    for ground in [Ground::new(), Ground::over(Repo::new()), Ground::over(Repo::init(&["--object-format=sha256"]))] {
        let stages =
            ["--stage", "pre-commit", "--stage", "commit-msg", "--stage", "pre-push", "--stage", "pre-receive"];
        ground.hooked(&[&["install"], &stages[..]].concat());
        let said = ground.hooked(&[&["status"], &stages[..]].concat());
        assert_eq!(said.matches(": installed, fires (").count(), 4, "{said}");
        ground.script(ground.bin.join("barewire"), "#!/bin/sh\nexit 0\n");
        let output = ground.hook([&["status"], &stages[..]].concat());
        assert_eq!(output.stdout.matches("a token that was planted got through").count(), 4, "{output}");
    }
    let ground = Ground::over(Repo::init(&["--bare"]));
    ground.hooked(&["install"]);
    assert!(ground.hooked(&["status"]).starts_with("pre-receive: installed, fires ("));
}

#[test]
fn a_gate_that_does_not_fire_is_told_by_how_it_fails() {
    let ground = Ground::new();
    assert_open(&ground, "pre-commit: not installed at ");
    ground.hooked(&["install", "--stage", "pre-commit"]);
    let path = ground.repo.at(HOOK);
    let ours = ground.read(HOOK);
    assert_eq!(status(&ground).code, 0);

    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    assert_open(&ground, "installed, does not fire: git passes over ");
    assert_eq!(ground.commits_in("", &ground.repo.token()).code, 0, "as it says");

    ground.script(HOOK, &ours.replace("stage=pre-commit\n", "stage=pre-commit\nexit 0\n"));
    assert_open(&ground, "installed and changed by hand, does not fire: a token that was planted got through");
    ground.script(HOOK, &ours.replace("stage=pre-commit\n", "stage=pre-commit\nexit 1\n"));
    assert_open(&ground, "installed and changed by hand, not proved: it refuses everything");
    ground.script(HOOK, "#!/nowhere/sh\n");
    assert_open(&ground, "a hook that is not barewire's, not proved: it is run with --run-others alone");
    let output = ground.hook(["status", "--stage", "pre-commit", "--run-others"]);
    assert!(output.code == 3 && output.stdout.contains("not proved: it could not be run"), "{output}");
    ground.script(HOOK, &ours);
    ground.script(ground.bin.join("barewire"), "#!/bin/sh\nexit 1\n");
    assert_open(&ground, "installed, not proved: it refuses everything");
}

#[test]
fn a_hook_of_somebody_else_is_run_on_demand_alone() {
    let ground = Ground::new();
    ground.script(HOOK, "#!/bin/sh\necho ran >>ran\n! git diff --cached --name-only | grep -q canary\n");
    ground.hooked(&["install", "--stage", "pre-commit"]);
    let output = status(&ground);
    assert!(
        output.code == 0 && output.stdout.contains("installed after pre-commit.before-barewire, fires"),
        "{output}"
    );
    assert!(!ground.repo.at("ran").exists());
    // What is refused by somebody else proves nothing.
    let output = ground.hook(["status", "--stage", "pre-commit", "--run-others"]);
    assert_eq!(output.code, 3, "{output}");
    assert!(output.stdout.contains("not proved: a planted token was refused, but not by barewire"), "{output}");
    assert_eq!(ground.read("ran").lines().count(), 2);
}

/// A terminal interrupts the program alone: the hook is in a process group of its own.
#[test]
fn an_interrupted_proof_ends_the_hook_and_leaves_nothing() {
    let ground = Ground::new();
    ground.script(HOOK, "#!/bin/sh\necho $$ >started.new\nmv started.new started\nsleep 100\n");
    let temp = ground.repo.beside("temp");
    let mut command = ground.repo.program(["hook", "status", "--stage", "pre-commit", "--run-others"]);
    let mut program = command.env("TMPDIR", temp.root()).spawn().unwrap();
    let wait_for = |what: &str, is_so: &dyn Fn() -> bool| {
        let start = std::time::Instant::now();
        while !is_so() {
            assert!(start.elapsed().as_secs() < 30, "{what}");
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
    };
    wait_for("the hook runs", &|| ground.repo.at("started").exists());
    assert!(!things(temp.root()).is_empty());
    let interrupt = ground.repo.scrubbed("kill").args(["-INT", &program.id().to_string()]).status();
    assert!(interrupt.unwrap().success() && !program.wait().unwrap().success());
    wait_for("the folder is gone", &|| fs::read_dir(temp.root()).unwrap().count() == 0);
    let hook = Path::new("/proc").join(ground.read("started").trim());
    wait_for("the hook is gone", &|| !hook.join("cwd").exists());
}

/// A project may be called SignalWire, and many hooks say where they are.
#[test]
fn the_name_of_a_folder_is_no_word_of_barewire() {
    let ground = Ground::new();
    for words in ["/home/a/SignalWire/barewire/x: lint failed", "barewire: SignalWire: lint failed"] {
        ground.script(
            HOOK,
            &format!("#!/bin/sh\n! git diff --cached --name-only | grep -q canary || {{ echo '{words}'; exit 1; }}\n"),
        );
        let output = ground.hook(["status", "--stage", "pre-commit", "--run-others"]);
        assert!(output.code == 3 && output.stdout.contains("refused, but not by barewire"), "{output}");
    }
}

#[test]
fn what_a_hook_says_is_shown_on_demand_and_never_whole() {
    let ground = Ground::new();
    ground.script(HOOK, "#!/bin/sh\ngit diff --cached >&2\necho \"of theirs\"\n");
    ground.hooked(&["install", "--stage", "pre-commit"]);
    assert_eq!(ground.hook(["status", "--stage", "pre-commit", "--run-others"]).stderr, "");
    let output = ground.hook(["status", "--stage", "pre-commit", "--run-others", "-v"]);
    assert_eq!(output.code, 0, "{output}");
    assert!(output.stderr.contains("of theirs") && output.stderr.contains("SignalWire API token"), "{output}");
    let whole = regex::Regex::new("PT[0-9a-f]{48}").unwrap();
    assert!(!whole.is_match(&output.to_string()), "{output}");
}

#[test]
fn what_else_is_installed_is_looked_at_too() {
    let ground = Ground::new();
    ground.hooked(&["install"]);
    ground.hooked(&["install", "--stage", "commit-msg"]);
    assert_eq!(ground.hooked(&["status"]).lines().count(), 4);
    ground.hooked(&["uninstall", "--stage", "pre-push"]);
    let output = ground.hook(["status"]);
    assert!(output.code == 3 && output.stdout.contains("pre-push: not installed at "), "{output}");
}
