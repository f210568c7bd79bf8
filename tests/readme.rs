//! What the documents say, against what the program does.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::support::Run;

fn document(name: impl AsRef<Path>) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).unwrap()
}

/// The fenced blocks of a document: what stands after the fence, and what stands inside.
fn blocks(text: &str) -> Vec<(&str, &str)> {
    let fences: Vec<&str> = text.split("```").collect();
    fences.iter().skip(1).step_by(2).map(|block| block.split_once('\n').unwrap()).collect()
}

#[cfg(unix)]
#[test]
fn the_examples_of_the_readme_are_what_the_program_says() {
    use std::fmt::Write as _;
    use std::process::Command;

    let readme = document("README.md");
    let mut run = Run::new();
    let mut wrong = String::new();
    let program = "barewire() { \"$PROGRAM\" \"$@\"; }";
    for (kind, inside) in blocks(&readme) {
        if let Some(name) = kind.strip_prefix("sh ") {
            run = run.file(name, inside);
        } else if kind == "console" {
            let (command, expected) = inside.strip_prefix("$ ").and_then(|text| text.split_once('\n')).unwrap();
            let mut shell = Command::new("/bin/sh");
            shell.args(["-c", &format!("exec 2>&1; {program}; {command}")]).current_dir(run.dir());
            shell.env_clear().env("PROGRAM", env!("CARGO_BIN_EXE_barewire"));
            let said = run.tidy(&shell.output().unwrap().stdout).replace("[TIME]", "0.01 s");
            let said: String = said.lines().map(|line| line.trim_end().to_owned() + "\n").collect();
            if said.trim_end() != expected.trim_end() {
                write!(wrong, "$ {command}\n{said}").unwrap();
            }
        }
    }
    assert!(wrong.is_empty(), "the README should say:\n{wrong}");
}

/// The options that a text names.
fn options(text: &str) -> BTreeSet<String> {
    let option = regex::Regex::new(r"(?m)(?:^|[ `\[(,])(--[a-z][a-z-]+)").unwrap();
    option.captures_iter(text).map(|found| found[1].to_owned()).collect()
}

#[test]
fn the_readme_has_every_option_and_no_other() {
    let mut offered = BTreeSet::new();
    let hooks = ["hook run", "hook install", "hook uninstall", "hook status"];
    let others = ["scan", "history", "staged", "changes", "stdin", "rules list", "rules show"];
    let baselines = ["baseline create", "baseline prune", "baseline check"];
    for command in hooks.into_iter().chain(others).chain(baselines) {
        let output = Run::new().args(command.split(' ')).args(["--help"]).run();
        offered.extend(options(&output.stdout));
    }
    offered.remove("--help");
    let readme = document("README.md");
    let (_, tables) = readme.split_once("\n## Commands and options\n").unwrap();
    let (tables, _) = tables.split_once("\n## ").unwrap();
    assert_eq!(options(tables), offered);
}

/// The commands for credentials.
#[cfg(feature = "manage")]
const MANAGE: &str = "api, verify, scopes, inspect, token create, token update, token delete, token list, token adopt, \
    token forget, project list, project show, project create, project rename, project delete, \
    project rotate-signing-key, mint room, mint chat, mint pubsub, mint subscriber, mint guest, mint refresh";

#[cfg(feature = "manage")]
#[test]
fn the_page_on_credentials_has_every_option_and_no_other() {
    let help = |command: &str| Run::new().args(command.split(' ')).args(["--help"]).run().stdout;
    let mut offered: BTreeSet<_> = MANAGE.split(", ").flat_map(|command| options(&help(command))).collect();
    offered.remove("--help");
    let page = document("docs/credentials.md");
    let (_, section) = page.split_once("\n## Options\n").unwrap();
    assert_eq!(options(section), offered);
    let help = help("token create");
    let (_, codes) = help.split_once("Exit codes:\n").unwrap();
    let codes = regex::Regex::new(r"\n  ([a-z])").unwrap().replace_all(codes, " $1").into_owned();
    for line in codes.lines().filter(|line| !line.is_empty()) {
        let (code, meaning) = line.trim().split_once("  ").unwrap();
        assert!(section.contains(&format!("| {code} | {meaning} |")), "{line}");
    }
}

#[test]
fn the_readme_has_every_rule() {
    let readme = document("README.md");
    let list = Run::new().args(["rules", "list"]).run().stdout;
    for id in list.lines().skip(1).map(|line| line.split_whitespace().next().unwrap()) {
        assert!(readme.contains(&format!("`{id}`")), "{id}");
    }
}

#[test]
fn the_readme_has_the_exit_codes_of_the_help() {
    let readme = document("README.md").replace('`', "");
    let help = Run::new().args(["scan", "-h"]).run().stdout;
    let (_, codes) = help.split_once("Exit codes:\n").unwrap();
    for line in codes.lines().filter(|line| !line.is_empty()) {
        let (code, meaning) = line.trim().split_once("  ").unwrap();
        assert!(readme.contains(&format!("| {code} | {meaning} |")), "{line}");
    }
}

#[test]
fn the_first_commands_of_the_readme_scan_and_test() {
    let readme = document("README.md");
    let commands: Vec<_> = blocks(&readme).into_iter().take(2).collect();
    assert_eq!(commands, [("sh", "cargo run --release -- scan\n"), ("sh", "cargo test\n")]);
    assert!(document(".ci/run").lines().any(|line| line == "cargo test"));
}

#[test]
fn every_dependency_has_its_reason_and_its_use() {
    let manifest = document("Cargo.toml");
    let architecture = document("ARCHITECTURE.md");
    let (_, dependencies) = manifest.split_once("\n[dependencies]\n").unwrap();
    let (dependencies, _) = dependencies.split_once("\n\n").unwrap();
    for name in dependencies.lines().map(|line| line.split(' ').next().unwrap()) {
        assert!(architecture.contains(&format!("| `{name}` | ")), "{name} has no reason");
        assert!(
            is_used(Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &name.replace('-', "_")),
            "{name} has no use"
        );
    }
    assert!(architecture.lines().count() <= 150);
}

/// Whether a path below `folder` begins with `name`.
fn is_used(folder: PathBuf, name: &str) -> bool {
    std::fs::read_dir(folder).unwrap().any(|entry| {
        let path = entry.unwrap().path();
        if path.is_dir() { is_used(path, name) } else { document(path).contains(&format!("{name}::")) }
    })
}
