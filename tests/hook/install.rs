//! What `hook install` writes, and what `hook uninstall` leaves.

use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};

use super::ground::{Ground, PROGRAM, things};
use crate::support::repo::Repo;

#[test]
fn an_installed_hook_refuses_a_token_and_an_uninstalled_one_does_not() {
    let ground = Ground::new();
    let said = ground.hooked(&["install"]);
    for stage in ["pre-commit", "pre-merge-commit", "pre-push"] {
        assert!(said.contains(&format!("{stage}: installed at ")), "{said}");
        assert!(ground.repo.at(".git/hooks").join(stage).is_file());
    }
    assert_eq!(said.lines().count(), 3, "{said}");
    ground.assert_guarded();
    ground.hooked(&["uninstall"]);
    let output = ground.commits_in("", &ground.repo.token());
    assert_eq!(output.code, 0, "{output}");
}

#[test]
fn a_second_install_changes_nothing() {
    let ground = Ground::new();
    ground.script(".git/hooks/pre-commit", "#!/bin/sh\n");
    ground.hooked(&["install"]);
    let look = || {
        let times = |path| fs::symlink_metadata(path).map(|it| (it.mtime_nsec(), it.ctime_nsec(), it.ino())).unwrap();
        let things = things(&ground.repo.at(".git/hooks"));
        let times: Vec<_> = things.keys().map(times).collect();
        (things, times)
    };
    let before = look();
    let said = ground.hooked(&["install"]);
    assert_eq!(said.matches("installed already").count(), 3, "{said}");
    assert_eq!(look(), before);
}

#[test]
fn a_hook_of_an_older_barewire_is_renewed_and_one_that_was_changed_is_not() {
    let ground = Ground::new();
    let hook = ground.repo.at(".git/hooks/pre-commit");
    let rest = "# an older text\nstage=pre-commit\nexec barewire hook run pre-commit\n";
    let sum = &blake3::hash(format!("#!/bin/sh\n{rest}").as_bytes()).to_hex()[..16];
    let old = |sum: &str| format!("#!/bin/sh\n# barewire-hook: format 0, checksum {sum}\n{rest}");
    ground.script(".git/hooks/pre-commit", &old(sum));
    assert!(ground.hook(["status", "--stage", "pre-commit"]).stdout.contains("installed by another barewire"));
    ground.hooked(&["install", "--stage", "pre-commit"]);
    assert!(ground.read(".git/hooks/pre-commit").contains("\ninstalled="));
    assert!(!ground.repo.at(".git/hooks/pre-commit.before-barewire").exists());

    for text in [old("0123456789abcdef"), ground.read(".git/hooks/pre-commit") + "echo more\n"] {
        ground.script(".git/hooks/pre-commit", &text);
        for command in ["install", "uninstall"] {
            let output = ground.hook([command]);
            assert_eq!(output.code, 2, "{output}");
            assert!(output.stderr.contains("was changed after barewire wrote it"), "{output}");
            assert_eq!(fs::read_to_string(&hook).unwrap(), text);
        }
        assert!(!ground.repo.at(".git/hooks/pre-push").exists(), "all or nothing");
    }
}

#[test]
fn uninstall_without_install_does_nothing_and_twice_is_once() {
    let ground = Ground::new();
    ground.script(".git/hooks/pre-commit", "#!/bin/sh\nexit 0\n");
    let before = things(&ground.repo.at(".git"));
    assert!(ground.hooked(&["uninstall"]).contains("none of barewire's hooks"));
    ground.hooked(&["install"]);
    ground.hooked(&["uninstall"]);
    ground.hooked(&["uninstall"]);
    assert_eq!(things(&ground.repo.at(".git")), before);
}

#[test]
fn a_folder_that_was_made_for_hooks_goes_with_the_last_of_them() {
    let ground = Ground::new();
    let folder = ground.repo.at(".git/hooks");
    fs::remove_dir_all(&folder).unwrap();
    ground.hooked(&["install"]);
    ground.hooked(&["install", "--stage", "commit-msg"]);
    ground.hooked(&["uninstall", "--stage", "pre-commit", "--stage", "pre-push", "--stage", "pre-merge-commit"]);
    assert!(folder.join("commit-msg").is_file());
    ground.hooked(&["uninstall"]);
    assert!(!folder.exists());

    fs::create_dir(&folder).unwrap();
    ground.hooked(&["install"]);
    ground.hooked(&["uninstall"]);
    assert!(folder.exists(), "it was there before");
}

#[test]
fn without_a_barewire_nothing_passes() {
    let ground = Ground::new();
    let copy = ground.repo.beside("a b'c\"d").root().join("barewire");
    // Were it written by this process, one that another test starts just then would keep it open, and so "busy".
    assert!(ground.repo.scrubbed("cp").arg(PROGRAM).arg(&copy).status().unwrap().success());
    fs::remove_file(ground.bin.join("barewire")).unwrap();
    let mut install = ground.repo.scrubbed(&copy);
    assert!(install.args(["hook", "install"]).status().unwrap().success());
    ground.assert_guarded();

    fs::remove_file(&copy).unwrap();
    let output = ground.commits_in("", "2");
    assert_eq!(output.code, 1, "{output}");
    for words in [
        "nothing was checked and nothing passes",
        "Install barewire, or take out the hook: remove .git/",
        "--no-verify",
    ] {
        assert!(output.stderr.contains(words), "{output}");
    }
    assert_eq!(output.stderr.lines().filter(|line| !line.starts_with("hint:")).count(), 3, "{output}");
    // The one on the PATH comes first, so that a new one is used at once.
    ground.script(ground.bin.join("barewire"), "#!/bin/sh\necho \"$@\" >&2\nexit 3\n");
    let output = ground.commits_in("", "3");
    assert!(output.code == 1 && output.stderr.contains("hook run pre-commit"), "{output}");
}

/// Were it run, a repository could switch its own check off.
#[test]
fn a_barewire_of_the_project_is_never_run() {
    let ground = Ground::new();
    ground.hooked(&["install", "--stage", "pre-commit"]);
    ground.script("barewire", "#!/bin/sh\necho ours >ran\n");
    ground.repo.file("b", ground.repo.token());
    ground.repo.git(["add", "b"]);
    for path in [".:/usr/bin:/bin", "/usr/bin:/bin:.", ":/usr/bin:/bin", "/usr/bin::/bin", "/usr/bin:/bin:"] {
        for shell in ["dash", "bash"] {
            let mut hook = ground.repo.scrubbed("env");
            hook.arg(shell).arg(".git/hooks/pre-commit").env("PATH", path).current_dir(ground.repo.root());
            let output = crate::support::repo::fed(&mut hook, b"");
            // Not every machine has all shells.
            assert!(output.code == 127 || output.stderr.contains("SignalWire API token"), "{shell} {path}: {output}");
            assert!(!ground.repo.at("ran").exists(), "{shell} {path}");
        }
    }
}

#[test]
fn what_a_killed_install_has_left_goes_with_the_hooks() {
    let ground = Ground::new();
    let before = things(&ground.repo.at(".git"));
    ground.hooked(&["install"]);
    let hooks = ground.repo.at(".git/hooks");
    let half = &ground.read(".git/hooks/pre-push")[..90];
    fs::write(hooks.join(".pre-push.0123456789abcdef.tmp"), half).unwrap();
    fs::write(hooks.join(".pre-commit.fedcba9876543210.tmp"), "").unwrap();
    ground.hooked(&["uninstall"]);
    assert_eq!(things(&ground.repo.at(".git")), before);

    // What only looks like it stays.
    fs::write(hooks.join(".pre-commit.0123456789abcdef.tmp"), "somebody else's").unwrap();
    fs::write(hooks.join(".pre-commit.swp.tmp"), "").unwrap();
    ground.hooked(&["uninstall"]);
    assert_eq!(things(&ground.repo.at(".git")).len(), before.len() + 2);
}

#[test]
fn what_can_be_said_of_the_place_is_an_error() {
    let folder = Ground::over(Repo::folder());
    for command in ["install", "uninstall", "status"] {
        let output = folder.hook([command]);
        assert!(output.code == 2 && output.stderr.contains("is in no git repository"), "{output}");
    }
    let ground = Ground::new();
    let hooks = ground.repo.at(".git/hooks");
    fs::remove_dir_all(&hooks).unwrap();
    fs::write(&hooks, "a file").unwrap();
    let output = ground.hook(["install"]);
    assert!(output.code == 2 && output.stderr.contains("which is no folder"), "{output}");
    fs::remove_file(&hooks).unwrap();
    fs::create_dir_all(hooks.join("pre-push")).unwrap();
    let output = ground.hook(["install"]);
    assert!(output.code == 2 && output.stderr.contains("pre-push is not a file"), "{output}");
    assert_eq!(fs::read_dir(&hooks).unwrap().count(), 1, "all or nothing");
    assert!(ground.hook(["install", "--stage", "post-commit"]).code == 2);
}

/// Root may write everywhere, so the folder of a file system that cannot be written to stands in: `/proc`.
#[test]
fn a_folder_that_cannot_be_written_to_is_an_error_and_nothing_changes() {
    let ground = Ground::new();
    ground.repo.git(["config", "core.hooksPath", "/proc/self"]);
    let output = ground.hook(["install"]);
    assert_eq!(output.code, 2, "{output}");
    assert!(output.stderr.starts_with("error: /proc/self/pre-commit: "), "{output}");

    ground.repo.git(["config", "--unset", "core.hooksPath"]);
    let hooks = ground.repo.at(".git/hooks");
    ground.script(".git/hooks/pre-commit", "#!/bin/sh\n");
    fs::set_permissions(&hooks, fs::Permissions::from_mode(0o555)).unwrap();
    let before = things(&hooks);
    let output = ground.hook(["install"]);
    if output.code != 0 {
        assert_eq!(output.code, 2, "{output}");
        assert!(output.stderr.contains("make that folder writable for you"), "{output}");
        assert_eq!(things(&hooks), before);
    }
    fs::set_permissions(&hooks, fs::Permissions::from_mode(0o755)).unwrap();
}

#[test]
fn who_shares_a_repository_may_run_its_hooks() {
    let ground = Ground::new();
    let mode = |name: &str| fs::metadata(ground.repo.at(".git/hooks").join(name)).unwrap().mode() & 0o777;
    let install = |stage: &str| {
        let mut shell = ground.repo.scrubbed("/bin/sh");
        shell.args(["-c", "umask 077; exec \"$0\" hook install --stage $1", PROGRAM, stage]);
        assert!(shell.status().unwrap().success());
        mode(stage)
    };
    assert_eq!(install("pre-commit"), 0o700);
    ground.repo.git(["config", "core.sharedRepository", "group"]);
    assert_eq!(install("pre-push"), 0o750);
    ground.repo.git(["config", "core.sharedRepository", "0664"]);
    assert_eq!(install("commit-msg"), 0o755);
}

#[test]
fn without_git_hooks_are_installed_where_the_configuration_says() {
    let ground = Ground::new();
    let install = |stage: &str| {
        let mut command = ground.repo.program(["hook", "install", "--stage", stage]);
        let output = command.env("PATH", "/nonexistent").output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    };
    install("pre-commit");
    assert!(ground.repo.at(".git/hooks/pre-commit").is_file());
    let named = ground.repo.beside("named");
    ground.repo.git(["config", "core.hooksPath", named.root().to_str().unwrap()]);
    install("pre-push");
    assert!(named.at("pre-push").is_file());
    let mut command = ground.repo.program(["hook", "status", "--stage", "pre-push"]);
    let output = command.env("PATH", "/nonexistent").output().unwrap();
    assert_eq!(output.status.code(), Some(3));
    assert!(String::from_utf8_lossy(&output.stdout).contains("not proved: git is not on the PATH"));
}
