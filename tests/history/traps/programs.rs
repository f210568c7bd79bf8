//! 6.2 and 6.8: what a repository names as a program is never run.

use std::fmt::Write as _;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::process::Command;

use crate::support::repo::{Repo, Report, leak};

/// Settings that name a program.
const SETTINGS: [&str; 27] = [
    "core.fsmonitor",
    "core.sshCommand",
    "core.gitProxy",
    "core.askPass",
    "core.editor",
    "core.pager",
    "core.alternateRefsCommand",
    "diff.external",
    "diff.x.command",
    "diff.x.textconv",
    "diff.tool",
    "filter.x.clean",
    "filter.x.smudge",
    "filter.x.process",
    "merge.x.driver",
    "gpg.program",
    "gpg.ssh.program",
    "credential.helper",
    "sequence.editor",
    "interactive.diffFilter",
    "pager.diff",
    "pager.log",
    "pager.rev-list",
    "pager.cat-file",
    "trailer.x.command",
    "uploadpack.packObjectsHook",
    "remote.origin.vcs",
];

/// What git itself runs as an alias, if it could.
const ALIASES: [&str; 6] = ["rev-list", "cat-file", "diff-index", "ls-files", "for-each-ref", "config"];

/// All that the environment can name as a program.
const VARIABLES: [&str; 8] = [
    "GIT_EXTERNAL_DIFF",
    "GIT_PAGER",
    "PAGER",
    "GIT_SSH",
    "GIT_SSH_COMMAND",
    "GIT_ASKPASS",
    "GIT_EDITOR",
    "GIT_PROXY_COMMAND",
];

/// A repository that would leave a mark if anything that it names ran.
fn armed(options: &[&str]) -> Repo {
    let repo = Repo::init(options);
    repo.commit(".gitattributes", "* diff=x filter=x merge=x\n");
    repo.commit("a.env", leak(&repo.token()));
    repo.git(["update-ref", "refs/remotes/origin/trunk", "HEAD"]);
    repo.commit("b.env", leak(&repo.token()));
    repo.file("c.env", leak(&repo.token())).git(["add", "c.env"]);
    repo.file("a.env", leak(&repo.token())).file("d.env", leak(&repo.token()));
    let trap = repo.at("../trap");
    fs::write(&trap, format!("#!/bin/sh\necho \"$0 $@\" >>'{}'\ncat\n", repo.at("../marker").display())).unwrap();
    fs::set_permissions(&trap, fs::Permissions::from_mode(0o755)).unwrap();
    let hooks = repo.git_dir().join("hooks");
    fs::create_dir_all(&hooks).unwrap();
    for hook in ["post-index-change", "fsmonitor-watchman", "reference-transaction", "post-checkout", "pre-auto-gc"] {
        fs::copy(&trap, hooks.join(hook)).unwrap();
    }
    let trap = trap.to_str().unwrap();
    let mut config = fs::read_to_string(repo.at(".git/config")).unwrap();
    for name in SETTINGS {
        let (section, key) = name.rsplit_once('.').unwrap();
        let section = section.split_once('.').map_or(section.to_owned(), |(one, two)| format!("{one} \"{two}\""));
        writeln!(config, "[{section}]\n\t{key} = {trap}").unwrap();
    }
    for alias in ALIASES {
        writeln!(config, "[alias]\n\t{alias} = !{trap}").unwrap();
    }
    config.push_str("[core]\n\thooksPath = .git/hooks\n[filter \"x\"]\n\trequired = true\n");
    let remote = format!("url = ext::{trap}\n\tpromisor = true\n\tuploadpack = {trap}");
    writeln!(config, "[remote \"origin\"]\n\t{remote}").unwrap();
    fs::write(repo.at(".git/config"), config).unwrap();
    repo
}

fn assert_not_sprung(repo: &Repo, what: &str) {
    let marker = fs::read_to_string(repo.at("../marker")).unwrap_or_default();
    assert_eq!(marker, "", "{what}: a program of the repository was run");
}

/// Rows: textconv, `diff.external`, `GIT_EXTERNAL_DIFF`, `core.fsmonitor`, `core.sshCommand`, filters, hooks, pagers.
#[test]
fn no_program_that_a_repository_names_is_run() {
    for options in [&[][..], &["--object-format=sha256"], &["--ref-format=reftable"]] {
        let repo = armed(options);
        for (args, count) in [
            (&["history"][..], 3),
            (&["history", "--unreachable"], 3),
            (&["history", "--range", "HEAD~1..HEAD"], 1),
            (&["history", "--range", "HEAD --not --remotes"], 1),
            (&["staged"], 1),
            (&["changes"], 3),
            (&["scan"], 4),
        ] {
            let mut command = repo.program(args);
            for name in VARIABLES {
                command.env(name, repo.at("../trap"));
            }
            let report = Report::of(&mut command);
            assert_not_sprung(&repo, &format!("{options:?} {args:?}"));
            assert_eq!(report.tokens().len(), count, "{args:?}: {report}");
        }
    }
}

/// Row: never a lazy fetch from a promisor remote, whatever program or address it has.
#[test]
fn what_is_missing_is_not_fetched() {
    let repo = armed(&[]);
    let blob = repo.at(".git/objects");
    let id = Command::new("git").arg("-C").arg(repo.root()).args(["rev-parse", "HEAD:b.env"]).output().unwrap();
    let id = String::from_utf8(id.stdout).unwrap();
    fs::remove_file(blob.join(&id[..2]).join(id[2..].trim())).unwrap();
    for args in [&["history"][..], &["history", "--range", "HEAD~1..HEAD"], &["staged"], &["changes"]] {
        let mut command = repo.program(args);
        let report = Report::of(&mut command);
        assert_not_sprung(&repo, &format!("{args:?}"));
        // A file may be as young as the index, and then it is compared with what is missing.
        let may = if args == ["changes"] { report.is_complete() } else { args == ["staged"] };
        assert_eq!(report.is_complete(), may, "{args:?}: {report}");
    }
}

/// The traps work: git itself runs what the repository names.
#[test]
fn the_traps_are_sprung_by_git_itself() {
    let repo = armed(&[]);
    drop(repo.command().args(["diff"]).output().unwrap());
    let marker = fs::read_to_string(repo.at("../marker")).unwrap_or_default();
    assert!(!marker.is_empty());
}
