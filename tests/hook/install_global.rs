//! One folder of hooks for all repositories of a user.

use std::fs;

use super::ground::{Ground, things};

fn folder(ground: &Ground) -> std::path::PathBuf {
    ground.home().join(".config/barewire/hooks")
}

#[test]
fn every_repository_is_guarded_and_keeps_its_own_hooks() {
    let ground = Ground::new();
    for name in ["pre-commit", "post-commit", "post-checkout", "reference-transaction"] {
        ground.script(format!(".git/hooks/{name}"), &format!("#!/bin/sh\necho \"$@\" >>ran-{name}\n"));
    }
    ground.script(".git/hooks/pre-rebase", "#!/bin/sh\nexit 1\n");
    let said = ground.hooked(&["install", "--global"]);
    assert_eq!(said.lines().count(), 4, "{said}");
    ground.assert_guarded();
    assert_eq!(ground.read("ran-pre-commit").lines().count(), 2);
    assert_eq!(ground.read("ran-post-commit").lines().count(), 1);
    assert!(ground.read("ran-reference-transaction").contains("committed"));
    assert_eq!(ground.git(&["checkout", "-q", "-b", "other"]).code, 0);
    assert_eq!(ground.read("ran-post-checkout").split(' ').count(), 3);
    assert_ne!(ground.git(&["rebase", "-q", "-f", "trunk"]).code, 0, "their pre-rebase refuses");

    ground.git(&["worktree", "add", "-q", "../linked", "-b", "more"]);
    ground.assert_guarded_in("../linked");
    assert_eq!(fs::read_to_string(ground.repo.at("../linked/ran-pre-commit")).unwrap().lines().count(), 2);

    for args in
        [&["init", "-q", "../fresh"][..], &["clone", "-q", ".", "../cloned"], &["init", "-q", "--bare", "../bare"]]
    {
        let output = ground.git(args);
        assert!(output.code == 0 && !output.stderr.contains("fatal"), "{output}");
    }
    ground.assert_guarded_in("../fresh");
    ground.assert_guarded_in("../cloned");
}

#[test]
fn a_push_into_a_checked_out_branch_goes_on_as_without_hooks() {
    let ground = Ground::new();
    ground.hooked(&["install", "--global"]);
    let clone = ground.repo.beside("clone");
    assert_eq!(ground.git(&["clone", "-q", ".", clone.root().to_str().unwrap()]).code, 0);
    clone.git(["config", "receive.denyCurrentBranch", "updateInstead"]);
    fs::remove_file(folder(&ground).join("pre-push")).unwrap();
    let push = |text: &str| {
        ground.repo.commit("a.env", text);
        ground.git(&["push", "-q", clone.root().to_str().unwrap(), "trunk"])
    };
    let output = push("A=2\n");
    assert_eq!(output.code, 0, "{output}");
    assert_eq!(fs::read_to_string(clone.at("a.env")).unwrap(), "A=2\n");
    clone.file("a.env", "changed");
    assert_ne!(push("A=3\n").code, 0);
    assert_eq!(fs::read_to_string(clone.at("a.env")).unwrap(), "changed");
}

#[test]
fn all_of_it_comes_and_goes_without_a_trace() {
    for configuration in
        [None, Some("[user]\n\tname = A\n"), Some("[core]\n\tpager = cat\n[user]\n\tname = A\n"), Some("")]
    {
        let ground = Ground::new();
        if let Some(text) = configuration {
            fs::write(ground.home().join(".gitconfig"), text).unwrap();
        }
        let before = things(ground.home());
        ground.hooked(&["install", "--global"]);
        let installed = things(ground.home());
        ground.hooked(&["install", "--global"]);
        assert_eq!(things(ground.home()), installed, "{configuration:?}");
        ground.hooked(&["uninstall", "--global"]);
        assert_eq!(things(ground.home()), before, "{configuration:?}");
        assert!(ground.hooked(&["uninstall", "--global"]).contains("not installed"));
        assert_eq!(ground.commits_in("", &ground.repo.token()).code, 0);
    }
}

#[test]
fn one_stage_is_added_and_taken_out_by_itself() {
    let ground = Ground::new();
    ground.hooked(&["install", "--global", "--stage", "pre-commit"]);
    ground.hooked(&["install", "--global", "--stage", "commit-msg"]);
    let guards = |name: &str| fs::read_to_string(folder(&ground).join(name)).unwrap().contains("hook run");
    assert!(guards("pre-commit") && guards("commit-msg") && !guards("pre-push"));
    ground.hooked(&["uninstall", "--global", "--stage", "commit-msg"]);
    assert!(guards("pre-commit") && !guards("commit-msg"));
    ground.assert_guarded();
    ground.hooked(&["uninstall", "--global", "--stage", "pre-commit"]);
    assert!(!folder(&ground).exists());
}

#[test]
fn a_folder_that_is_named_already_is_left_alone() {
    let ground = Ground::new();
    let named = ground.repo.beside("named");
    ground.git(&["config", "--global", "core.hooksPath", named.root().to_str().unwrap()]);
    let before = things(ground.home());
    let output = ground.hook(["install", "--global"]);
    assert!(output.code == 2 && output.stderr.contains("core.hooksPath names"), "{output}");
    assert_eq!(things(ground.home()), before);
}

#[test]
fn a_hook_in_the_folder_that_is_not_ours_is_not_touched() {
    let ground = Ground::new();
    ground.hooked(&["install", "--global"]);
    let hook = folder(&ground).join("post-commit");
    fs::write(&hook, fs::read_to_string(&hook).unwrap() + "echo more\n").unwrap();
    for command in ["install", "uninstall"] {
        let output = ground.hook([command, "--global"]);
        assert!(output.code == 2 && output.stderr.contains("was changed after barewire wrote it"), "{output}");
    }
    fs::write(&hook, "#!/bin/sh\n# somebody else's\n").unwrap();
    let output = ground.hook(["install", "--global"]);
    assert!(output.code == 2 && output.stderr.contains("is not barewire's"), "{output}");
    ground.hooked(&["uninstall", "--global"]);
    assert_eq!(fs::read_to_string(&hook).unwrap(), "#!/bin/sh\n# somebody else's\n");
    assert_eq!(ground.git(&["config", "--global", "core.hooksPath"]).code, 1);
}

#[test]
fn a_push_into_a_branch_without_commits_checks_it_out() {
    let ground = Ground::new();
    ground.hooked(&["install", "--global"]);
    let fresh = ground.repo.beside("fresh");
    fresh.git(["init", "-q", "-b", "trunk"]);
    fresh.git(["config", "receive.denyCurrentBranch", "updateInstead"]);
    let push = || ground.git(&["push", "-q", fresh.root().to_str().unwrap(), "trunk"]);
    fresh.file("a.env", "in the way");
    assert_ne!(push().code, 0);
    assert_eq!(fs::read_to_string(fresh.at("a.env")).unwrap(), "in the way");
    fs::remove_file(fresh.at("a.env")).unwrap();
    let output = push();
    assert_eq!(output.code, 0, "{output}");
    assert_eq!(fs::read_to_string(fresh.at("a.env")).unwrap(), "A=1\n");
}

/// git renames a new configuration into the place of the old one, and root may do that to `/dev/null`.
#[test]
fn a_configuration_that_is_no_file_is_not_replaced() {
    use std::os::unix::fs::FileTypeExt as _;
    let ground = Ground::new();
    let socket = ground.home().join("socket");
    let _listener = std::os::unix::net::UnixListener::bind(&socket).unwrap();
    for command in ["install", "uninstall"] {
        let mut program = ground.repo.program(["hook", command, "--global"]);
        program.env("HOME", ground.home()).env("GIT_CONFIG_GLOBAL", &socket);
        let output = crate::support::repo::fed(&mut program, b"");
        assert!(output.code == 2 && output.stderr.contains("which is not a file"), "{output}");
    }
    assert!(fs::symlink_metadata(&socket).unwrap().file_type().is_socket());
    assert!(!folder(&ground).exists());
}

/// What is added to a configuration comes after what it includes, and wins.
#[test]
fn hooks_of_some_repositories_are_not_switched_off() {
    let ground = Ground::new();
    let theirs = ground.repo.beside("theirs");
    ground.script(theirs.at("pre-commit"), "#!/bin/sh\necho ran >>ran\n");
    let condition = format!("[includeIf \"gitdir:{}/\"]\n\tpath = more\n", ground.repo.root().display());
    fs::write(ground.home().join("more"), format!("[core]\n\thooksPath = {}\n", theirs.root().display())).unwrap();
    fs::write(ground.home().join(".gitconfig"), &condition).unwrap();
    let before = things(ground.home());
    // Whether the condition holds there or not.
    for place in ["", "../theirs"] {
        let output = ground.hook_in(place, ["install", "--global"]);
        assert_eq!(output.code, 2, "{output}");
        assert_eq!(things(ground.home()), before);
    }
    let output = ground.hook_in("../theirs", ["install", "--global"]);
    assert!(output.stderr.contains("for some repositories, in "), "{output}");
    let line = output.stderr.split('`').nth(1).unwrap();
    fs::write(ground.home().join(".gitconfig"), format!("[core]\n{line}\n{condition}")).unwrap();
    assert_eq!(ground.hook_in("../theirs", ["install", "--global"]).code, 0);
    assert_eq!(ground.commits_in("", "2").code, 0);
    assert_eq!(ground.read("ran"), "ran\n");
    fs::create_dir(ground.repo.at("../elsewhere")).unwrap();
    ground.git_in("../elsewhere", &["init", "-q"]);
    ground.assert_guarded_in("../elsewhere");
    // In a repository of which the condition speaks, ours is still what all others have.
    assert_eq!(ground.hook(["install", "--global"]).code, 0);
    ground.hooked(&["uninstall", "--global"]);
    assert!(!folder(&ground).exists());
    assert_eq!(ground.git_in("../elsewhere", &["config", "core.hooksPath"]).code, 1);
}

#[test]
fn an_install_that_fails_leaves_nothing() {
    let ground = Ground::new();
    fs::write(ground.home().join(".gitconfig"), "[user]\n\tname = A\n").unwrap();
    fs::write(ground.home().join(".gitconfig.lock"), "").unwrap();
    let before = things(ground.home());
    let output = ground.hook(["install", "--global"]);
    assert!(output.code == 2 && output.stderr.contains("could not lock config file"), "{output}");
    assert_eq!(things(ground.home()), before);
}

#[test]
fn hooks_that_were_installed_in_another_environment_are_found() {
    let ground = Ground::new();
    let config = ground.repo.beside("con fig");
    let before = things(ground.home());
    let mut install = ground.repo.program(["hook", "install", "--global"]);
    install.env_remove("GIT_CONFIG_GLOBAL").env("HOME", ground.home()).env("XDG_CONFIG_HOME", config.root());
    assert!(install.status().unwrap().success());
    assert!(config.at("barewire/hooks/pre-commit").is_file());
    ground.assert_guarded();
    assert_eq!(ground.hook(["status", "--global"]).code, 0);
    ground.hooked(&["install", "--global"]);
    assert!(!folder(&ground).exists());
    ground.hooked(&["uninstall", "--global"]);
    assert_eq!(things(ground.home()), before);
    assert!(things(config.root()).is_empty());
}

#[test]
fn one_repository_is_guarded_with_all_others() {
    let ground = Ground::new();
    ground.hooked(&["install", "--global"]);
    let output = ground.hook(["install"]);
    assert!(output.code == 2 && output.stderr.contains("are barewire's already"), "{output}");
    ground.script(".git/hooks/pre-commit", "#!/bin/sh\necho ran >>ran\n");
    let said = ground.hook(["status", "--stage", "pre-commit"]);
    assert!(said.code == 0 && said.stdout.contains(", fires"), "{said}");
    assert!(!ground.repo.at("ran").exists(), "hooks of others are not run");
    let said = ground.hook(["status", "--global", "--stage", "pre-commit"]);
    assert!(said.code == 0 && said.stdout.contains("pre-commit: installed, fires"), "{said}");
    ground.hooked(&["uninstall", "--global"]);
    assert_eq!(ground.hook(["status", "--global"]).code, 3);
}
