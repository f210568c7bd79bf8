//! Pipes and devices in the place of files: nobody waits for what never comes.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

use crate::support::repo::Repo;

const COMMANDS: [&[&str]; 5] =
    [&["history"], &["history", "--range", "HEAD~1.."], &["staged"], &["changes"], &["scan"]];

fn sound() -> Repo {
    let repo = Repo::new();
    repo.commit("a", "1\n");
    repo.commit("a", "2\n");
    repo.git(["repack", "-q", "-a", "-d"]);
    repo.commit("a", "3\n");
    repo.file("b", "4\n").git(["add", "b"]);
    repo
}

fn pipe(path: &Path) {
    drop(fs::remove_file(path));
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
}

/// Runs everything; no run may take long or end in nothing. What cannot be done at all names what is in the way.
fn assert_ends(repo: &Repo, name: &str, what: &str) {
    for args in COMMANDS {
        let output = repo.barewire(args);
        assert!(matches!(output.code, 0 | 2 | 3), "{what} {args:?}: {output}");
        assert!(output.code == 0 || output.stderr.contains(name), "{what} {args:?}: {output}");
    }
    // git reads all of it.
    assert_ne!(repo.barewire(COMMANDS[1]).code, 0, "{what}");
}

#[test]
fn a_pipe_in_the_place_of_any_file_of_a_repository_keeps_nobody_waiting() {
    for name in [
        "shallow",
        "info/grafts",
        "commondir",
        "gitdir",
        "HEAD",
        "packed-refs",
        "config",
        "index",
        "refs/heads/pipe",
        "objects/info/alternates",
        "objects/info/commit-graph",
        "objects/pack/multi-pack-index",
        "worktrees/x/HEAD",
    ] {
        let repo = sound();
        pipe(&repo.at(".git").join(name));
        assert_ends(&repo, name, name);
    }
    let repo = sound();
    let id = repo.git(["rev-parse", "HEAD^{tree}"]);
    pipe(&repo.loose(&id));
    assert_ends(&repo, &id[2..], "a tree");
}

#[test]
fn a_pipe_in_the_place_of_a_repository_is_an_error() {
    let repo = sound();
    fs::rename(repo.at(".git"), repo.at("away")).unwrap();
    pipe(&repo.at(".git"));
    for args in &COMMANDS[..4] {
        let output = repo.barewire(*args);
        assert!(output.code == 2 && output.stderr.contains("/.git: it is a pipe"), "{output}");
    }
    assert_eq!(repo.barewire(["scan"]).code, 0);
}

#[test]
fn what_a_configuration_includes_keeps_nobody_waiting() {
    let nested = |repo: &Repo| repo.at("").ancestors().nth(1).unwrap().to_owned();
    for (key, value) in [
        ("include.path", "../pipe"),
        ("include.path", "[ROOT]/pipe"),
        ("include.path", "../link"),
        ("include.path", "../chain"),
        ("include.path", "~/[NAME]/pipe"),
        ("include.path", "~root/../[ROOT]/pipe"),
        ("include.path", "/dev/zero"),
        ("includeIf.gitdir:/.path", "../pipe"),
        ("includeIf.gitdir:**.path", "../pipe"),
    ] {
        let repo = sound();
        let name = repo.root().file_name().unwrap().to_str().unwrap().to_owned();
        let value = value.replace("[ROOT]", repo.root().to_str().unwrap()).replace("[NAME]", &name);
        repo.git(["config", key, &value]);
        repo.file("chain", "[include]\npath = pipe\n");
        symlink("pipe", repo.at("link")).unwrap();
        pipe(&repo.at("pipe"));
        for args in COMMANDS {
            let mut command = repo.program(args);
            let output = crate::support::repo::fed(command.env("HOME", nested(&repo)), b"");
            let is_range = args.len() > 1;
            assert_eq!(output.code, if is_range { 2 } else { 0 }, "{key} {value} {args:?}: {output}");
        }
    }
    let repo = sound();
    repo.git(["config", "include.path", "../more"]);
    repo.file("more", "[core]\nx = y\n").git(["config", "--add", "include.path", "~/none"]);
    assert_eq!(repo.barewire(COMMANDS[1]).code, 0, "what is a file, or is not there, does no harm");
    repo.file("more", "[include]\npath = more\npath = more\n");
    assert_eq!(repo.barewire(COMMANDS[1]).code, 2, "what never ends");
}

#[test]
fn sockets_and_what_is_empty_do_no_harm() {
    let repo = sound();
    let socket = repo.at(".git/fsmonitor--daemon.ipc");
    let listener = std::os::unix::net::UnixListener::bind(&socket);
    symlink("/dev/null", repo.at(".git/info/attributes")).unwrap();
    for args in COMMANDS {
        assert_eq!(repo.barewire(args).code, 0, "{args:?}");
    }
    drop(listener);
}
