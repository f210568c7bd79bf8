//! A repository with hooks in it, and what they say.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Output, Stdio};

use crate::changes::place::{PROGRAM, Place};

/// Writes the hook `name` into `folder`. It runs the program with `words` of a shell in its place.
pub(super) fn install(folder: &Path, name: &str, words: &str) {
    fs::create_dir_all(folder).unwrap();
    let path = folder.join(name);
    fs::write(&path, format!("#!/bin/sh\nexec '{PROGRAM}' hook run {words}\n")).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
}

/// Runs `hook run` with these arguments, variables and standard input.
pub(super) fn run(place: &Place, folder: &str, args: &[&str], variables: &[(&str, &str)], input: &str) -> Output {
    let mut command = place.clean(PROGRAM, folder);
    command.args(["hook", "run"]).args(args).envs(variables.iter().copied());
    let streams = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = streams.spawn().unwrap();
    // A program that reads nothing closes its input.
    drop(child.stdin.take().unwrap().write_all(input.as_bytes()));
    child.wait_with_output().unwrap()
}

/// All that was said.
pub(super) fn said(output: &Output) -> String {
    [&output.stdout[..], &output.stderr].map(String::from_utf8_lossy).concat()
}

/// What the program said, without what git said after it.
pub(super) fn message(output: &Output) -> String {
    let said = said(output);
    let lines = said.lines().map(|line| line.trim_start_matches("remote: ").trim_end());
    let lines = lines.skip_while(|line| !line.starts_with("barewire:"));
    let is_of_git = |line: &&str| line.starts_with("error: failed") || line.starts_with("To ");
    lines
        .take_while(|line| !is_of_git(line))
        .filter(|line| !line.is_empty())
        .map(|line| line.to_owned() + "\n")
        .collect()
}

/// Fails unless the program stopped it in at most ten lines that name `place`, say how to go on and show no secret.
#[track_caller]
pub(super) fn assert_stopped(output: &Output, place: &str) {
    let message = message(output);
    assert!(!output.status.success(), "{}", said(output));
    assert!(message.lines().count() <= 10, "{message}");
    for wanted in [place, "stopped", "take it out: ", "allow it: ", "barewire:allow: REASON"] {
        let wanted = if message.contains("push refused") && wanted == "stopped" { "refused" } else { wanted };
        assert!(message.contains(wanted), "{wanted}: {}", said(output));
    }
    let whole = regex::Regex::new("PT[0-9a-f]{20}").unwrap();
    assert!(!whole.is_match(&said(output)), "{message}");
}

/// Fails unless it went through, and the program said nothing.
#[track_caller]
pub(super) fn assert_silent(output: &Output) {
    assert!(output.status.success() && !said(output).contains("barewire"), "{}", said(output));
}
