//! 6.8: repositories of somebody else.

use std::path::Path;
use std::process::Command;

use super::{assert_found, assert_tokens};
use crate::support::repo::{Repo, Report, leak};

/// Gives everything in `folder` to another user; only root can.
fn give_away(folder: &Path) -> bool {
    Command::new("chown").args(["-R", "12345"]).arg(folder).output().unwrap().status.success()
}

/// Row: `safe.directory`: an error with the remedy, never "no leaks".
#[test]
fn a_repository_of_somebody_else_is_refused_with_the_remedy() {
    for options in [&[][..], &["--object-format=sha256"], &["--ref-format=reftable"], &["--bare"]] {
        let repo = Repo::init(options);
        if !give_away(repo.root()) {
            return;
        }
        for args in [&["history"][..], &["history", "--range", "HEAD"], &["staged"], &["changes"]] {
            let output = repo.barewire(args);
            assert_eq!((output.code, &*output.stdout), (2, ""), "{args:?}: {output}");
            if args[0] == "history" || options != ["--bare"] {
                let remedy = format!("git config --global --add safe.directory {}", repo.root().display());
                assert!(output.stderr.contains(&remedy), "{args:?}: {output}");
            }
        }
    }
}

/// Row: `safe.directory`, once it is set.
#[test]
fn a_repository_of_somebody_else_is_read_once_it_is_allowed() {
    let repo = Repo::new();
    let token = repo.token();
    repo.commit("a.env", leak(&token));
    if !give_away(repo.root()) {
        return;
    }
    for allowed in [repo.root().to_str().unwrap(), "*", &format!("{}/*", repo.root().parent().unwrap().display())] {
        repo.file("../gitconfig", format!("[safe]\n\tdirectory = {allowed}\n"));
        let mut command = repo.program(["history"]);
        command.env("GIT_CONFIG_GLOBAL", repo.at("../gitconfig"));
        assert_found(&Report::of(&mut command), &[("a.env", &token)]);
    }
    // A repository cannot allow itself.
    repo.file(".git/config", "[core]\n\trepositoryFormatVersion = 0\n[safe]\n\tdirectory = *\n");
    give_away(repo.root());
    assert_eq!(repo.barewire(["history"]).code, 2);
}

/// Row: containers and CI, where the checkout belongs to somebody else and root is asked to look through `sudo`.
#[test]
fn a_repository_of_whom_sudo_was_called_by_is_read() {
    let repo = Repo::new();
    let token = repo.token();
    repo.commit("a.env", leak(&token));
    if !give_away(repo.root()) {
        return;
    }
    let mut command = repo.program(["history"]);
    command.env("SUDO_UID", "12345");
    // Git allows it; to refuse is no mistake as long as it is said.
    let output = crate::support::repo::fed(command.args(["--show-secrets", "-f", "json"]), b"");
    if output.code == 2 {
        assert!(output.stderr.contains("safe.directory"), "{output}");
    } else {
        assert_tokens(&Report::read(output, "with sudo"), &[("a.env", &token)]);
    }
}
