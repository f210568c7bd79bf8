//! 6.3: configuration and environment that break those who read what porcelain prints. None changes a byte of a report.

use std::fmt::Write as _;
use std::process::Command;

use crate::support::repo::{Repo, Report, leak};

/// What can be set in a configuration.
const SETTINGS: [(&str, &str); 31] = [
    ("color.ui", "always"),
    ("color.diff", "always"),
    ("log.showRoot", "false"),
    ("diff.noprefix", "true"),
    ("format.pretty", "oneline"),
    ("format.pretty", "format:%s"),
    ("log.date", "relative"),
    ("log.abbrevCommit", "true"),
    ("log.showSignature", "true"),
    ("log.follow", "true"),
    ("log.diffMerges", "first-parent"),
    ("log.excludeDecoration", "*"),
    ("core.abbrev", "4"),
    ("diff.orderFile", "/nowhere/at/all"),
    ("diff.mnemonicPrefix", "true"),
    ("diff.srcPrefix", "x/"),
    ("diff.dstPrefix", "y/"),
    ("diff.interHunkContext", "100"),
    ("diff.context", "0"),
    ("diff.renames", "copies"),
    ("diff.renameLimit", "1"),
    ("diff.relative", "true"),
    ("diff.ignoreSubmodules", "all"),
    ("diff.algorithm", "histogram"),
    ("diff.wsErrorHighlight", "all"),
    ("core.quotePath", "true"),
    ("core.quotePath", "false"),
    ("core.whitespace", "tab-in-indent"),
    ("status.showUntrackedFiles", "no"),
    ("status.relativePaths", "true"),
    ("core.excludesFile", "/nowhere/at/all"),
];

/// What can be set in the environment.
const ENVIRONMENT: [(&str, &str); 24] = [
    ("GIT_TRACE", "1"),
    ("GIT_TRACE", "2"),
    ("GIT_TRACE_SETUP", "1"),
    ("GIT_TRACE_PACKET", "1"),
    ("GIT_TRACE_PERFORMANCE", "1"),
    ("GIT_TRACE2", "1"),
    ("GIT_TRACE2_EVENT", "2"),
    ("GIT_CURL_VERBOSE", "1"),
    ("GIT_DIFF_OPTS", "--unified=0"),
    ("GIT_EXTERNAL_DIFF", "true"),
    ("GIT_PAGER", "true"),
    ("PAGER", "true"),
    ("GIT_PAGER_IN_USE", "1"),
    ("GIT_DEFAULT_HASH", "sha256"),
    ("GIT_OPTIONAL_LOCKS", "1"),
    ("GIT_LITERAL_PATHSPECS", "1"),
    ("GIT_GLOB_PATHSPECS", "1"),
    ("GIT_NOGLOB_PATHSPECS", "1"),
    ("GIT_ICASE_PATHSPECS", "1"),
    ("GIT_REFLOG_ACTION", "none"),
    ("GIT_PREFIX", "sub/"),
    ("LC_ALL", "de_DE.UTF-8"),
    ("LANGUAGE", "de"),
    ("TERM", "xterm-256color"),
];

/// All commands that read a repository.
const COMMANDS: [&[&str]; 5] =
    [&["history"], &["history", "--unreachable"], &["history", "--range", "HEAD~1..HEAD"], &["staged"], &["changes"]];

/// A repository in which each command finds something.
fn busy() -> Repo {
    let repo = Repo::new();
    let [root, second, staged, unstaged, untracked, stashed] = [(); 6].map(|()| repo.token());
    repo.commit("sub/deep/a.env", leak(&root));
    repo.commit("sub/ü b.env", leak(&second));
    repo.file("sub/deep/a.env", leak(&stashed)).git(["stash", "-q"]);
    repo.file("sub/staged.env", leak(&staged)).git(["add", "sub/staged.env"]);
    repo.file("sub/deep/a.env", leak(&unstaged)).file("untracked.env", leak(&untracked));
    repo
}

/// What all commands say under one setting.
fn said(repo: &Repo, set: &dyn Fn(&mut Command) -> &mut Command) -> Vec<String> {
    let said = |args: &&[&str]| {
        let mut command = repo.program(*args);
        set(&mut command);
        let Report { output, .. } = Report::of(&mut command);
        format!("{args:?} {}\n{}", output.code, output.stdout)
    };
    COMMANDS.iter().map(said).collect()
}

fn assert_said(have: &[String], want: &[String], what: &str) {
    for (have, want) in have.iter().zip(want) {
        assert!(have == want, "{what} changes what is said; with it:\n{have}\nwithout it:\n{want}");
    }
}

/// What is said without any setting; each command has to find something.
fn usual(repo: &Repo) -> Vec<String> {
    let usual = said(repo, &|command| command);
    for (text, count) in usual.iter().zip([4, 4, 1, 1, 3]) {
        assert_eq!(text.matches("\"rule\": \"signalwire-api-token\"").count(), count, "{text}");
    }
    usual
}

/// Rows: every setting of 6.3, in the configuration of the repository.
#[test]
fn no_setting_of_a_repository_changes_a_report() {
    let repo = busy();
    let usual = usual(&repo);
    for (name, value) in SETTINGS {
        repo.git(["config", name, value]);
        assert_said(&said(&repo, &|command| command), &usual, &format!("{name}={value}"));
        repo.git(["config", "--unset", name]);
    }
}

/// Rows: every setting of 6.3, as a user has it, and as it is passed on by a git that runs a hook.
#[test]
fn no_setting_of_a_user_changes_a_report() {
    let repo = busy();
    let usual = usual(&repo);
    let mut all = String::new();
    for (name, value) in SETTINGS {
        let (section, key) = name.split_once('.').unwrap();
        writeln!(all, "[{section}]\n\t{key} = {value}").unwrap();
    }
    repo.file("../gitconfig", all);
    let path = repo.at("../gitconfig");
    assert_said(&said(&repo, &|command| command.env("GIT_CONFIG_GLOBAL", &path)), &usual, "GIT_CONFIG_GLOBAL");
    assert_said(
        &said(&repo, &|command| command.env("GIT_CONFIG_SYSTEM", &path).env_remove("GIT_CONFIG_NOSYSTEM")),
        &usual,
        "GIT_CONFIG_SYSTEM",
    );
    let count = SETTINGS.len().to_string();
    let counted = said(&repo, &|command| {
        command.env("GIT_CONFIG_COUNT", &count);
        for (number, (name, value)) in SETTINGS.iter().enumerate() {
            command.env(format!("GIT_CONFIG_KEY_{number}"), name).env(format!("GIT_CONFIG_VALUE_{number}"), value);
        }
        command
    });
    assert_said(&counted, &usual, "GIT_CONFIG_COUNT");
    let parameters: Vec<_> = SETTINGS.iter().map(|(name, value)| format!("'{name}'='{value}'")).collect();
    let parameters = said(&repo, &|command| command.env("GIT_CONFIG_PARAMETERS", parameters.join(" ")));
    assert_said(&parameters, &usual, "GIT_CONFIG_PARAMETERS");
}

/// Rows: what is set in the environment, such as `GIT_TRACE=1`.
#[test]
fn nothing_in_the_environment_changes_a_report() {
    let repo = busy();
    let usual = usual(&repo);
    for (name, value) in ENVIRONMENT {
        assert_said(&said(&repo, &|command| command.env(name, value)), &usual, &format!("{name}={value}"));
    }
}

/// Row: trace and hints on standard error. With all of it at once, a leak is still a leak.
#[test]
fn a_trace_does_not_end_a_scan() {
    let repo = busy();
    let usual = usual(&repo);
    let all = said(&repo, &|command| command.envs(ENVIRONMENT));
    assert_said(&all, &usual, "the whole environment");
}
