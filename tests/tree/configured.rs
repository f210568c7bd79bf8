//! The list of ignored files that a user keeps outside of repositories: found wherever git finds it.

use std::process::Command;

use crate::support::Run;

/// What stands in a file of the home folder, or is configured in the repository.
struct Setup {
    name: &'static str,
    init: &'static str,
    home: &'static [(&'static str, &'static str)],
    local: Option<(&'static str, &'static str)>,
    variable: Option<(&'static str, &'static str)>,
}

const PLAIN: Setup = Setup { name: "", init: "--object-format=sha1", home: &[], local: None, variable: None };

const SETUPS: [Setup; 7] = [
    Setup { name: "usual place", home: &[(".config/git/ignore", "a\n")], ..PLAIN },
    Setup {
        name: "usual place elsewhere",
        home: &[(".config/git/ignore", "b\n"), ("else/git/ignore", "a\n")],
        variable: Some(("XDG_CONFIG_HOME", "else")),
        ..PLAIN
    },
    Setup {
        name: "named by the user",
        home: &[(".gitconfig", "[core]\n\texcludesFile = ~/list # mine\n"), ("list", "a\n")],
        ..PLAIN
    },
    Setup {
        name: "named in what is included",
        home: &[
            (".gitconfig", "[core]\nexcludesFile=~/other\n[include]\npath=more\n"),
            ("more", "[core] excludesFile = \"~/my list\"\n"),
            ("my list", "a\n"),
        ],
        ..PLAIN
    },
    Setup {
        name: "named in what is included on a condition that holds",
        home: &[
            (".gitconfig", "[includeIf \"gitdir:**/work/\"]\npath=more\n[includeIf \"gitdir:**/play/\"]\npath=less\n"),
            ("more", "[core]\nexcludesFile = ~/list\n"),
            ("less", "[core]\nexcludesFile = ~/other\n"),
            ("list", "a\n"),
            ("other", "b\n"),
        ],
        ..PLAIN
    },
    Setup {
        name: "named by the repository",
        home: &[(".gitconfig", "[core]\nexcludesFile = ~/other\n"), ("list", "a\n"), ("other", "b\n")],
        local: Some(("core.excludesFile", "~/list")),
        ..PLAIN
    },
    Setup {
        name: "named by the user for a repository of another form",
        init: "--object-format=sha256",
        home: &[(".gitconfig", "[core]\nexcludesFile = ~/list\n"), ("list", "a\n")],
        ..PLAIN
    },
];

/// Runs git in the folder and with the environment of `run`.
fn git(run: &Run, args: &[&str]) -> String {
    let mut command = Command::new("git");
    let like = run.command();
    command.args(args).current_dir(run.dir()).env_clear();
    command.envs(like.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn the_users_list_is_found_where_git_finds_it() {
    for setup in SETUPS {
        let mut run = Run::new().file("a", "PT{hex:48}\n").file("b", "PT{hex:48}\n");
        for (name, text) in setup.home {
            run = run.bytes(format!("../home/{name}"), text.as_bytes());
        }
        if let Some((name, folder)) = setup.variable {
            let folder = run.dir().join("../home").join(folder);
            run = run.env(name, folder);
        }
        git(&run, &["init", "-q", setup.init, "."]);
        if let Some((name, value)) = setup.local {
            git(&run, &["config", name, value]);
        }
        assert_eq!(git(&run, &["ls-files", "--others", "--exclude-standard"]), "b\n", "{}", setup.name);
        let output = run.args(["scan", "-q", "--format", "json"]).run();
        let report: serde_json::Value = serde_json::from_str(&output.stdout).unwrap();
        let paths: Vec<_> = report["findings"].as_array().unwrap().iter().map(|finding| &finding["path"]).collect();
        assert_eq!(paths, ["b"], "{}", setup.name);
    }
}

#[test]
fn the_users_list_counts_outside_of_a_repository_too() {
    let run = Run::new().file("a", "PT{hex:48}\n").bytes("../home/list", b"a\n");
    let run = run.bytes("../home/.gitconfig", b"[core]\nexcludesFile = ~/list\n").args(["scan", "-q"]);
    assert_eq!(run.run().code, 0);
}
